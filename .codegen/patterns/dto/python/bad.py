"""The user resource as JSON, with errors that do not say which field they are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_DISPLAY_NAME: Final = 50
KEYS: Final = frozenset({"id", "displayName"})


@dataclass(frozen=True, slots=True)
class UserDto:
    """A user as it travels: one field per JSON key."""

    id: int
    display_name: str

    def __post_init__(self) -> None:
        if self.id < 1:
            raise ValueError("the id must be at least 1")
        if not self.display_name.strip():
            raise ValueError("the name must not be blank")
        if len(self.display_name) > MAX_DISPLAY_NAME:
            raise ValueError("the name has too many characters")

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "UserDto":
        """Return the user that a decoded JSON object describes."""
        unknown = data.keys() - KEYS
        if unknown:
            raise ValueError("unknown keys")
        user_id = data.get("id")
        display_name = data.get("displayName")
        if not isinstance(user_id, int) or isinstance(user_id, bool):
            raise TypeError("the id must be a whole number")
        if not isinstance(display_name, str):
            raise TypeError("the name must be a text")
        return cls(id=user_id, display_name=display_name)

    def to_dict(self) -> dict[str, object]:
        """Return the user as an object ready to be encoded as JSON."""
        return {"id": self.id, "displayName": self.display_name}
