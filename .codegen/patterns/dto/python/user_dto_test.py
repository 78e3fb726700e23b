import json
from dataclasses import FrozenInstanceError

import pytest

from shop.user_dto import Role, UserDto, UserDtoError


def valid_user() -> dict[str, object]:
    return {
        "id": 7,
        "displayName": "Ada Lovelace",
        "email": "ada@example.com",
        "role": "editor",
        "tags": ["math", "poetry"],
        "age": 36,
    }


# happy path: a complete dictionary becomes a user.
def test_from_dict_reads_every_field() -> None:
    assert UserDto.from_dict(valid_user()) == UserDto(
        id=7,
        display_name="Ada Lovelace",
        email="ada@example.com",
        role=Role.EDITOR,
        tags=("math", "poetry"),
        age=36,
    )


# happy path: a user is written with the JSON keys.
def test_to_dict_writes_every_key() -> None:
    assert UserDto.from_dict(valid_user()).to_dict() == valid_user()


# happy path: a user that goes through JSON and back stays equal.
@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.VIEWER])
def test_round_trip_keeps_the_user(role: Role) -> None:
    user = UserDto(1, "Ada", "ada@example.com", role, ())
    text = json.dumps(user.to_dict())
    assert UserDto.from_dict(json.loads(text)) == user


# error: an unknown key is refused by name.
def test_unknown_key_is_refused() -> None:
    data = valid_user() | {"zone": "eu", "isRoot": True}
    with pytest.raises(UserDtoError) as caught:
        UserDto.from_dict(data)
    assert caught.value.field == "isRoot"


# error: each required key that is missing is refused by name.
@pytest.mark.parametrize("key", ["id", "displayName", "email", "role", "tags"])
def test_missing_key_is_refused(key: str) -> None:
    data = valid_user()
    del data[key]
    with pytest.raises(UserDtoError) as caught:
        UserDto.from_dict(data)
    assert caught.value.field == key


# error: a value of the wrong type is refused and its field is named.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "7"),
        ("id", 1.5),
        ("id", True),
        ("displayName", 7),
        ("email", None),
        ("role", ["admin"]),
        ("tags", "math"),
        ("tags", ["math", 1]),
        ("age", "36"),
    ],
)
def test_wrong_type_is_refused(key: str, value: object) -> None:
    with pytest.raises(UserDtoError) as caught:
        UserDto.from_dict(valid_user() | {key: value})
    assert caught.value.field == key


# error: a value outside its limits is refused and its field is named.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 0),
        ("displayName", ""),
        ("displayName", "   "),
        ("displayName", "x" * 51),
        ("email", "ada.example.com"),
        ("email", "@example.com"),
        ("email", "ada@"),
        ("email", "a@" + "x" * 253),
        ("role", "owner"),
        ("tags", ["tag"] * 11),
        ("tags", ["math", " "]),
        ("age", -1),
        ("age", 151),
    ],
)
def test_value_outside_limits_is_refused(key: str, value: object) -> None:
    with pytest.raises(UserDtoError) as caught:
        UserDto.from_dict(valid_user() | {key: value})
    assert caught.value.field == key
    assert caught.value.reason


# error: a user that is created directly is held to the same limits.
def test_direct_creation_is_validated() -> None:
    with pytest.raises(UserDtoError) as caught:
        UserDto(0, "Ada", "ada@example.com", Role.ADMIN, ())
    assert caught.value.field == "id"


# error: a user cannot be changed.
def test_user_is_frozen() -> None:
    user = UserDto.from_dict(valid_user())
    with pytest.raises(FrozenInstanceError):
        user.id = 8  # type: ignore[misc]
    assert user.id == 7


# edge case: values at the limits are accepted.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 1),
        ("displayName", "é" * 50),
        ("email", "a@" + "x" * 252),
        ("tags", []),
        ("tags", ["tag"] * 10),
        ("age", 0),
        ("age", 150),
    ],
)
def test_value_at_limit_is_accepted(key: str, value: object) -> None:
    user = UserDto.from_dict(valid_user() | {key: value})
    assert user.to_dict()[key] == value


# edge case: an age that is None or left out is unknown, and is written as None.
def test_age_may_be_left_out() -> None:
    data = valid_user()
    del data["age"]
    assert UserDto.from_dict(data).age is None
    assert UserDto.from_dict(data | {"age": None}).to_dict()["age"] is None
