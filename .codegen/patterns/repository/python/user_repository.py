"""Stores users in memory, behind the UserRepository protocol."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol


class UserError(Exception):
    """The base of every error that a user repository raises."""


class UserNotFoundError(UserError):
    """No user has this id."""

    def __init__(self, user_id: int) -> None:
        super().__init__(f"user {user_id} was not found")
        self.user_id = user_id


class UserExistsError(UserError):
    """Another user already has this id."""

    def __init__(self, user_id: int) -> None:
        super().__init__(f"user {user_id} already exists")
        self.user_id = user_id


class UserLockedError(UserError):
    """The stored user with this id is locked."""

    def __init__(self, user_id: int) -> None:
        super().__init__(f"user {user_id} is locked")
        self.user_id = user_id


class InvalidUserError(UserError):
    """A field is invalid: "email", "name" or "age"."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"user {field} {reason}")
        self.field = field


@dataclass(frozen=True)
class User:
    """A person with an account; the id is chosen by the caller."""

    id: int
    email: str
    name: str
    age: int
    locked: bool = False

    def validate(self) -> None:
        """Check email, name and age, in this order.

        Raises InvalidUserError for the first invalid field.
        """
        if "@" not in self.email:
            raise InvalidUserError("email", "must contain an @")
        if not self.name.strip():
            raise InvalidUserError("name", "must not be blank")
        if len(self.name) > 50:
            raise InvalidUserError("name", "must have at most 50 characters")
        if not 0 <= self.age <= 150:
            raise InvalidUserError("age", "must be from 0 to 150")


class UserRepository(Protocol):
    """Creates, reads, updates and deletes users."""

    def create(self, user: User) -> None:
        """Add a valid user. Raises UserExistsError when the id is taken."""

    def get(self, user_id: int) -> User:
        """Return the user with this id. Raises UserNotFoundError."""

    def list_all(self) -> list[User]:
        """Return all users, ordered by id."""

    def list_by_name(self, name: str) -> list[User]:
        """Return the users of exactly this name, the youngest first."""

    def update(self, user: User) -> None:
        """Replace the user with the same id.

        Raises UserNotFoundError, and UserLockedError when it is stored as locked.
        """

    def delete(self, user_id: int) -> None:
        """Remove the user with this id.

        Raises UserNotFoundError, and UserLockedError when it is locked.
        """

    def transaction(self) -> AbstractContextManager["UserRepository"]:
        """Keep all changes of a with block, or none when it raises."""


class InMemoryUserRepository(UserRepository):
    """A UserRepository that keeps its users in memory."""

    def __init__(self) -> None:
        self._users: dict[int, User] = {}

    def create(self, user: User) -> None:
        user.validate()
        if user.id in self._users:
            raise UserExistsError(user.id)
        self._users[user.id] = user

    def get(self, user_id: int) -> User:
        if user_id not in self._users:
            raise UserNotFoundError(user_id)
        return self._users[user_id]

    def list_all(self) -> list[User]:
        return [self._users[user_id] for user_id in sorted(self._users)]

    def list_by_name(self, name: str) -> list[User]:
        found = [user for user in self._users.values() if user.name == name]
        return sorted(found, key=lambda user: (user.age, user.id))

    def update(self, user: User) -> None:
        user.validate()
        stored = self.get(user.id)
        if stored.locked:
            raise UserLockedError(user.id)
        self._users[user.id] = user

    def delete(self, user_id: int) -> None:
        stored = self.get(user_id)
        if stored.locked:
            raise UserLockedError(user_id)
        del self._users[user_id]

    @contextmanager
    def transaction(self) -> Iterator[UserRepository]:
        draft = InMemoryUserRepository()
        draft._users = self._users.copy()
        yield draft
        self._users = draft._users
