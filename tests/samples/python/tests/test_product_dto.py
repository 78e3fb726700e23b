"""Tests of the product as JSON."""

import json
from dataclasses import FrozenInstanceError

import pytest

from shop.product_dto import Category, ProductDto, ProductDtoError


def product_with(**changes: object) -> dict[str, object]:
    """Return a valid product as a JSON object, with some keys replaced."""
    product: dict[str, object] = {
        "id": 7,
        "sku": "TEA-1",
        "name": "Tea",
        "priceCents": 350,
        "category": "drink",
        "description": "Green.",
    }
    return product | changes


# happy path: a valid product is read with all its fields.
def test_reads_a_valid_product() -> None:
    expected = ProductDto(7, "TEA-1", "Tea", 350, Category.DRINK, "Green.")
    assert ProductDto.from_dict(product_with()) == expected


# happy path: a product that is converted to a dictionary and back stays equal.
@pytest.mark.parametrize("category", ["food", "drink", "other"])
def test_survives_a_round_trip(category: str) -> None:
    product = ProductDto.from_dict(product_with(category=category))
    text = json.dumps(product.to_dict())
    assert ProductDto.from_dict(json.loads(text)) == product


# error: a value of the wrong type is refused by its key.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "7"),
        ("id", True),
        ("sku", 1),
        ("name", None),
        ("priceCents", 3.5),
        ("category", []),
        ("description", 1),
    ],
)
def test_refuses_wrong_types(key: str, value: object) -> None:
    with pytest.raises(ProductDtoError) as error:
        ProductDto.from_dict(product_with(**{key: value}))
    assert error.value.field == key


# error: a value outside its limits is refused by its key.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 0),
        ("sku", ""),
        ("sku", "tea-1"),
        ("sku", "A" * 13),
        ("name", "  "),
        ("name", "x" * 81),
        ("priceCents", 0),
        ("priceCents", 1_000_001),
        ("category", "Food"),
        ("description", "x" * 501),
    ],
)
def test_refuses_values_outside_their_limits(key: str, value: object) -> None:
    with pytest.raises(ProductDtoError) as error:
        ProductDto.from_dict(product_with(**{key: value}))
    assert error.value.field == key


# error: a missing key is refused, an unknown one even before that.
def test_refuses_missing_and_unknown_keys() -> None:
    with pytest.raises(ProductDtoError) as error:
        ProductDto.from_dict({"id": 7, "sku": "TEA-1"})
    assert error.value.field == "name"
    with pytest.raises(ProductDtoError) as error:
        ProductDto.from_dict({"id": 7, "weight": 1, "colour": "red"})
    assert error.value.field == "colour"


# error: a product that is created directly is held to the same limits.
def test_refuses_an_invalid_direct_creation() -> None:
    with pytest.raises(ProductDtoError, match="sku"):
        ProductDto(7, "tea", "", 0, Category.FOOD)


# error: a product cannot be changed.
def test_refuses_changes() -> None:
    product = ProductDto.from_dict(product_with())
    with pytest.raises(FrozenInstanceError):
        product.name = "Other"  # type: ignore[misc]


# edge case: the limits themselves are allowed.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 1),
        ("sku", "A" * 12),
        ("name", "ä" * 80),
        ("priceCents", 1_000_000),
        ("description", "ä" * 500),
    ],
)
def test_accepts_the_limits(key: str, value: object) -> None:
    product = ProductDto.from_dict(product_with(**{key: value}))
    assert product.to_dict()[key] == value


# edge case: only the description may be left out or be None.
def test_accepts_a_missing_description() -> None:
    data = product_with()
    del data["description"]
    assert ProductDto.from_dict(data).to_dict()["description"] is None
    assert ProductDto.from_dict(product_with(description=None)).description is None
