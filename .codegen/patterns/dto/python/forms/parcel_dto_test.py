import json
from dataclasses import FrozenInstanceError

import pytest

from shop.parcel_dto import ParcelDto, ParcelDtoError


def valid_parcel() -> dict[str, object]:
    """Return a valid parcel that goes to a locker."""
    return {
        "id": 7,
        "recipient": "Ada Lovelace",
        "weightGrams": 1200,
        "zone": "NW",
        "delivery": "locker",
        "lockerCode": "004711",
    }


def parcel_to_door() -> dict[str, object]:
    """Return a valid parcel that needs no code."""
    return valid_parcel() | {"delivery": "door", "lockerCode": None}


# happy path: a complete dictionary becomes a parcel.
def test_from_dict_reads_every_field() -> None:
    assert ParcelDto.from_dict(valid_parcel()) == ParcelDto(
        id=7,
        recipient="Ada Lovelace",
        weight_grams=1200,
        zone="NW",
        delivery="locker",
        locker_code="004711",
    )


# happy path: a parcel is written with the JSON keys.
@pytest.mark.parametrize("data", [valid_parcel(), parcel_to_door()])
def test_to_dict_writes_every_key(data: dict[str, object]) -> None:
    assert ParcelDto.from_dict(data).to_dict() == data


# happy path: a parcel for a door or a shop, without a code, stays equal through JSON.
@pytest.mark.parametrize("delivery", ["door", "shop"])
def test_round_trip_keeps_the_parcel(delivery: str) -> None:
    parcel = ParcelDto(1, "Ada", 1, "SE", delivery)
    text = json.dumps(parcel.to_dict())
    assert ParcelDto.from_dict(json.loads(text)) == parcel


# error: an unknown key is refused by name.
def test_unknown_key_is_refused() -> None:
    data = valid_parcel() | {"zoo": "eu", "isGift": True}
    with pytest.raises(ParcelDtoError) as caught:
        ParcelDto.from_dict(data)
    assert caught.value.field == "isGift"


# error: each required key that is missing is refused by name.
@pytest.mark.parametrize("key", ["id", "recipient", "weightGrams", "zone", "delivery"])
def test_missing_key_is_refused(key: str) -> None:
    data = valid_parcel()
    del data[key]
    with pytest.raises(ParcelDtoError) as caught:
        ParcelDto.from_dict(data)
    assert caught.value.field == key


# error: a value of the wrong type is refused: id and weightGrams are whole numbers, all
# others are texts.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "7"),
        ("id", True),
        ("recipient", 7),
        ("weightGrams", 1.5),
        ("zone", None),
        ("delivery", ["door"]),
        ("lockerCode", 4711),
    ],
)
def test_wrong_type_is_refused(key: str, value: object) -> None:
    with pytest.raises(ParcelDtoError) as caught:
        ParcelDto.from_dict(valid_parcel() | {key: value})
    assert caught.value.field == key


# error: a value outside its limits is refused: id at least 1, recipient 1 to 60
# characters, weightGrams 1 to 30000, zone two capital letters, delivery door, shop or
# locker, lockerCode six digits.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 0),
        ("recipient", "   "),
        ("recipient", "x" * 61),
        ("weightGrams", 0),
        ("weightGrams", 30001),
        ("zone", "N"),
        ("zone", "NWE"),
        ("zone", "nw"),
        ("delivery", "drone"),
        ("lockerCode", "00471"),
        ("lockerCode", "0047111"),
        ("lockerCode", "00471x"),
    ],
)
def test_value_outside_limits_is_refused(key: str, value: object) -> None:
    with pytest.raises(ParcelDtoError) as caught:
        ParcelDto.from_dict(valid_parcel() | {key: value})
    assert caught.value.field == key
    assert caught.value.reason


# error: a locker needs a code.
def test_locker_without_code_is_refused() -> None:
    data = valid_parcel()
    del data["lockerCode"]
    with pytest.raises(ParcelDtoError) as caught:
        ParcelDto.from_dict(data)
    assert caught.value.field == "lockerCode"


# error: a door and a shop must not have a code.
@pytest.mark.parametrize("delivery", ["door", "shop"])
def test_code_without_locker_is_refused(delivery: str) -> None:
    with pytest.raises(ParcelDtoError) as caught:
        ParcelDto.from_dict(valid_parcel() | {"delivery": delivery})
    assert caught.value.field == "lockerCode"


# error: a parcel that is created directly is held to the same limits.
def test_direct_creation_is_validated() -> None:
    with pytest.raises(ParcelDtoError) as caught:
        ParcelDto(0, "Ada", 1, "NW", "door")
    assert caught.value.field == "id"


# error: a parcel cannot be changed.
def test_parcel_is_frozen() -> None:
    parcel = ParcelDto.from_dict(valid_parcel())
    with pytest.raises(FrozenInstanceError):
        parcel.id = 8  # type: ignore[misc]
    assert parcel.id == 7


# edge case: values at the limits are accepted: id 1, recipient 60 characters,
# weightGrams 1 and 30000.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 1),
        ("recipient", "é" * 60),
        ("weightGrams", 1),
        ("weightGrams", 30000),
        ("zone", "AZ"),
        ("lockerCode", "000000"),
        ("lockerCode", "999999"),
    ],
)
def test_value_at_limit_is_accepted(key: str, value: object) -> None:
    parcel = ParcelDto.from_dict(valid_parcel() | {key: value})
    assert parcel.to_dict()[key] == value


# edge case: a code that is left out is None, and is written as None.
def test_code_may_be_left_out() -> None:
    data = parcel_to_door()
    del data["lockerCode"]
    assert ParcelDto.from_dict(data).locker_code is None
    assert ParcelDto.from_dict(data).to_dict() == parcel_to_door()
