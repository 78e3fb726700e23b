"""The product as JSON: its wire form, its validation and its conversion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

MAX_NAME: Final = 80
MAX_PRICE_CENTS: Final = 1_000_000
MAX_DESCRIPTION: Final = 500
SKU: Final = re.compile(r"[A-Z0-9-]{1,12}")
KEYS: Final = frozenset({"id", "sku", "name", "priceCents", "category", "description"})


class ProductDtoError(ValueError):
    """Says which field of a product was refused and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class Category(Enum):
    """What kind of product it is."""

    FOOD = "food"
    DRINK = "drink"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProductDto:
    """A product as it travels: one field per JSON key.

    Raises ProductDtoError for the first field whose value is outside its limits.
    """

    id: int
    sku: str
    name: str
    price_cents: int
    category: Category
    description: str | None = None

    def __post_init__(self) -> None:
        if self.id < 1:
            raise ProductDtoError("id", "must be at least 1")
        if not SKU.fullmatch(self.sku):
            raise ProductDtoError("sku", "must be 1 to 12 capitals, digits or dashes")
        if not self.name.strip() or len(self.name) > MAX_NAME:
            raise ProductDtoError("name", f"must be 1 to {MAX_NAME} characters")
        if not 1 <= self.price_cents <= MAX_PRICE_CENTS:
            raise ProductDtoError("priceCents", f"must be from 1 to {MAX_PRICE_CENTS}")
        if self.description is not None and len(self.description) > MAX_DESCRIPTION:
            raise ProductDtoError(
                "description", f"must have at most {MAX_DESCRIPTION} characters"
            )

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "ProductDto":
        """Return the product that a decoded JSON object describes."""
        unknown = data.keys() - KEYS
        if unknown:
            raise ProductDtoError(min(unknown), "is not a known key")
        return cls(
            id=_read_int(data, "id"),
            sku=_read_text(data, "sku"),
            name=_read_text(data, "name"),
            price_cents=_read_int(data, "priceCents"),
            category=_read_category(data, "category"),
            description=_read_optional_text(data, "description"),
        )

    def to_dict(self) -> dict[str, object]:
        """Return the product as an object ready to be encoded as JSON."""
        return {
            "id": self.id,
            "sku": self.sku,
            "name": self.name,
            "priceCents": self.price_cents,
            "category": self.category.value,
            "description": self.description,
        }


def _read_int(data: Mapping[str, object], key: str) -> int:
    """Return the whole number under this key."""
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ProductDtoError(key, "must be a whole number")
    return value


def _read_text(data: Mapping[str, object], key: str) -> str:
    """Return the text under this key."""
    value = data.get(key)
    if not isinstance(value, str):
        raise ProductDtoError(key, "must be a text")
    return value


def _read_optional_text(data: Mapping[str, object], key: str) -> str | None:
    """Return the text under this key, or None when there is none."""
    if data.get(key) is None:
        return None
    return _read_text(data, key)


def _read_category(data: Mapping[str, object], key: str) -> Category:
    """Return the category under this key."""
    text = _read_text(data, key)
    try:
        return Category(text)
    except ValueError as error:
        raise ProductDtoError(key, "must be food, drink or other") from error
