"""The user resource as JSON: its wire form, its validation and its conversion."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

MAX_DISPLAY_NAME: Final = 50
MAX_EMAIL: Final = 254
MAX_TAGS: Final = 10
MAX_AGE: Final = 150
KEYS: Final = frozenset({"id", "displayName", "email", "role", "tags", "age"})


class UserDtoError(ValueError):
    """Says which field of a user was refused and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class Role(Enum):
    """What a user may do."""

    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class UserDto:
    """A user as it travels: one field per JSON key.

    Raises UserDtoError for the first field whose value is outside its limits.
    """

    id: int
    display_name: str
    email: str
    role: Role
    tags: tuple[str, ...]
    age: int | None = None

    def __post_init__(self) -> None:
        if self.id < 1:
            raise UserDtoError("id", "must be at least 1")
        if not self.display_name.strip():
            raise UserDtoError("displayName", "must not be blank")
        if len(self.display_name) > MAX_DISPLAY_NAME:
            raise UserDtoError(
                "displayName", f"must have at most {MAX_DISPLAY_NAME} characters"
            )
        name, _, domain = self.email.partition("@")
        if not name or not domain:
            raise UserDtoError("email", "must be a mail address")
        if len(self.email) > MAX_EMAIL:
            raise UserDtoError("email", f"must have at most {MAX_EMAIL} characters")
        if len(self.tags) > MAX_TAGS:
            raise UserDtoError("tags", f"must have at most {MAX_TAGS} entries")
        if any(not tag.strip() for tag in self.tags):
            raise UserDtoError("tags", "must not have a blank entry")
        if self.age is not None and not 0 <= self.age <= MAX_AGE:
            raise UserDtoError("age", f"must be from 0 to {MAX_AGE}")

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "UserDto":
        """Return the user that a decoded JSON object describes."""
        unknown = data.keys() - KEYS
        if unknown:
            raise UserDtoError(min(unknown), "is not a known key")
        return cls(
            id=_read_int(data, "id"),
            display_name=_read_text(data, "displayName"),
            email=_read_text(data, "email"),
            role=_read_role(data, "role"),
            tags=_read_texts(data, "tags"),
            age=_read_optional_int(data, "age"),
        )

    def to_dict(self) -> dict[str, object]:
        """Return the user as an object ready to be encoded as JSON."""
        return {
            "id": self.id,
            "displayName": self.display_name,
            "email": self.email,
            "role": self.role.value,
            "tags": list(self.tags),
            "age": self.age,
        }


def _read_int(data: Mapping[str, object], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UserDtoError(key, "must be a whole number")
    return value


def _read_optional_int(data: Mapping[str, object], key: str) -> int | None:
    if data.get(key) is None:
        return None
    return _read_int(data, key)


def _read_text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise UserDtoError(key, "must be a text")
    return value


def _read_role(data: Mapping[str, object], key: str) -> Role:
    text = _read_text(data, key)
    try:
        return Role(text)
    except ValueError as error:
        raise UserDtoError(key, "must be admin, editor or viewer") from error


def _read_texts(data: Mapping[str, object], key: str) -> tuple[str, ...]:
    values = data.get(key)
    if not isinstance(values, list):
        raise UserDtoError(key, "must be a list")
    for value in values:
        if not isinstance(value, str):
            raise UserDtoError(key, "must be a list of texts")
    return tuple(values)
