"""The parcel as JSON: its wire form, its validation and its conversion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_RECIPIENT: Final = 60
MAX_WEIGHT_GRAMS: Final = 30000
DELIVERIES: Final = ("door", "shop", "locker")
KEYS: Final = frozenset(
    {"id", "recipient", "weightGrams", "zone", "delivery", "lockerCode"}
)


class ParcelDtoError(ValueError):
    """Says which field of a parcel was refused and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ParcelDto:
    """A parcel as it travels: one field per JSON key.

    Raises ParcelDtoError for the first field whose value is outside its limits.
    """

    id: int  # at least 1
    recipient: str  # 1 to 60 characters, not only spaces
    weight_grams: int  # from 1 to 30000
    zone: str  # exactly two capital letters A to Z
    delivery: str  # door, shop or locker
    locker_code: str | None = None  # exactly six digits for a locker

    def __post_init__(self) -> None:
        if self.id < 1:
            raise ParcelDtoError("id", "must be at least 1")
        if not self.recipient.strip():
            raise ParcelDtoError("recipient", "must not be blank")
        if len(self.recipient) > MAX_RECIPIENT:
            raise ParcelDtoError(
                "recipient", f"must have at most {MAX_RECIPIENT} characters"
            )
        if self.weight_grams < 1 or self.weight_grams > MAX_WEIGHT_GRAMS:
            raise ParcelDtoError("weightGrams", f"must be from 1 to {MAX_WEIGHT_GRAMS}")
        if not re.fullmatch(r"[A-Z]{2}", self.zone):
            raise ParcelDtoError("zone", "must be two capital letters")
        if self.delivery not in DELIVERIES:
            raise ParcelDtoError("delivery", "must be door, shop or locker")
        if self.delivery == "locker":
            code = self.locker_code
            if code is None or not re.fullmatch(r"[0-9]{6}", code):
                raise ParcelDtoError("lockerCode", "must be six digits")
        elif self.locker_code is not None:
            raise ParcelDtoError("lockerCode", "must be None without a locker")

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "ParcelDto":
        """Return the parcel that a decoded JSON object describes."""
        unknown = data.keys() - KEYS
        if unknown:
            raise ParcelDtoError(min(unknown), "is not a known key")
        return cls(
            id=_read_int(data, "id"),
            recipient=_read_text(data, "recipient"),
            weight_grams=_read_int(data, "weightGrams"),
            zone=_read_text(data, "zone"),
            delivery=_read_text(data, "delivery"),
            locker_code=_read_optional_text(data, "lockerCode"),
        )

    def to_dict(self) -> dict[str, object]:
        """Return the parcel as an object ready to be encoded as JSON."""
        return {
            "id": self.id,
            "recipient": self.recipient,
            "weightGrams": self.weight_grams,
            "zone": self.zone,
            "delivery": self.delivery,
            "lockerCode": self.locker_code,
        }


def _read_int(data: Mapping[str, object], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ParcelDtoError(key, "must be a whole number")
    return value


def _read_text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise ParcelDtoError(key, "must be a text")
    return value


def _read_optional_text(data: Mapping[str, object], key: str) -> str | None:
    if data.get(key) is None:
        return None
    return _read_text(data, key)
