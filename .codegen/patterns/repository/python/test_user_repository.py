from dataclasses import replace

import pytest

from shop.user_repository import (
    InMemoryUserRepository,
    InvalidUserError,
    User,
    UserExistsError,
    UserLockedError,
    UserNotFoundError,
)


def make_user(user_id: int) -> User:
    """Return a valid user with this id."""
    return User(
        id=user_id,
        email=f"user{user_id}@example.com",
        name=f"User {user_id}",
        age=30,
    )


def repository_with(*user_ids: int) -> InMemoryUserRepository:
    """Return a repository that holds a valid user for each of these ids."""
    repository = InMemoryUserRepository()
    for user_id in user_ids:
        repository.create(make_user(user_id))
    return repository


# happy path: a created user can be read back.
def test_create_then_get_returns_the_user() -> None:
    repository = InMemoryUserRepository()
    repository.create(make_user(1))
    assert repository.get(1) == make_user(1)


# error: an id that is taken is refused, and the first user stays.
def test_create_refuses_a_taken_id() -> None:
    repository = repository_with(1)
    with pytest.raises(UserExistsError, match="1"):
        repository.create(replace(make_user(1), name="Second"))
    assert repository.list_all() == [make_user(1)]


# error: create and update refuse an invalid field and change nothing: an email without
# @, a blank name, a name longer than 50 characters, an age outside 0 to 150.
@pytest.mark.parametrize(
    ("field", "invalid"),
    [
        ("email", replace(make_user(1), email="ada")),
        ("name", replace(make_user(1), name="  ")),
        ("name", replace(make_user(1), name="x" * 51)),
        ("age", replace(make_user(1), age=-1)),
        ("age", replace(make_user(1), age=151)),
    ],
)
def test_invalid_fields_are_refused(field: str, invalid: User) -> None:
    repository = repository_with(1)
    with pytest.raises(InvalidUserError, match=field):
        repository.create(invalid)
    with pytest.raises(InvalidUserError, match=field):
        repository.update(invalid)
    assert repository.list_all() == [make_user(1)]


# edge case: the longest valid name, 50 characters, is accepted.
def test_longest_name_is_accepted() -> None:
    repository = InMemoryUserRepository()
    repository.create(replace(make_user(1), name="x" * 50))
    assert repository.get(1).name == "x" * 50


# edge case: the lowest and the highest valid age, 0 and 150, are accepted.
@pytest.mark.parametrize("age", [0, 150])
def test_age_limits_are_accepted(age: int) -> None:
    repository = InMemoryUserRepository()
    repository.create(replace(make_user(1), age=age))
    assert repository.get(1).age == age


# happy path: the list is ordered by id, whatever the order of creation.
def test_list_is_ordered_by_id() -> None:
    repository = repository_with(3, 1, 2)
    assert repository.list_all() == [make_user(1), make_user(2), make_user(3)]


# edge case: a new repository is empty.
def test_new_repository_is_empty() -> None:
    assert InMemoryUserRepository().list_all() == []
    assert InMemoryUserRepository().list_by_name("Grace") == []


# happy path: the users of a name come with the youngest first, those of the same age by
# id, and no others.
def test_list_by_name_gives_the_youngest_first() -> None:
    repository = repository_with(9)
    for user_id, age in [(1, 50), (3, 20), (2, 20)]:
        repository.create(replace(make_user(user_id), name="Grace", age=age))
    found = repository.list_by_name("Grace")
    assert [user.id for user in found] == [2, 3, 1]


# happy path: an update replaces every field of that user and of no other.
def test_update_replaces_the_user() -> None:
    repository = repository_with(1, 2)
    changed = User(id=1, email="ada@example.com", name="Ada", age=36)
    repository.update(changed)
    assert repository.list_all() == [changed, make_user(2)]


# happy path: an update locks a user.
def test_update_locks_the_user() -> None:
    repository = repository_with(1)
    repository.update(replace(make_user(1), locked=True))
    assert repository.get(1).locked


# error: get, update and delete refuse an unknown id.
def test_unknown_ids_are_refused() -> None:
    repository = repository_with(1)
    with pytest.raises(UserNotFoundError, match="9"):
        repository.get(9)
    with pytest.raises(UserNotFoundError, match="9"):
        repository.update(make_user(9))
    with pytest.raises(UserNotFoundError, match="9"):
        repository.delete(9)
    assert repository.list_all() == [make_user(1)]


# happy path: a deleted user is gone, the others stay.
def test_delete_removes_the_user() -> None:
    repository = repository_with(1, 2)
    repository.delete(1)
    assert repository.list_all() == [make_user(2)]


# edge case: an id can be used again after its user was deleted.
def test_deleted_id_can_be_used_again() -> None:
    repository = repository_with(1)
    repository.delete(1)
    repository.create(make_user(1))
    assert repository.get(1) == make_user(1)


# error: update and delete refuse a user that is stored as locked.
def test_locked_user_stays_as_it_is() -> None:
    repository = InMemoryUserRepository()
    locked = replace(make_user(1), locked=True)
    repository.create(locked)
    with pytest.raises(UserLockedError, match="1"):
        repository.update(make_user(1))
    with pytest.raises(UserLockedError, match="1"):
        repository.delete(1)
    assert repository.list_all() == [locked]


# happy path: a transaction that succeeds keeps all its changes.
def test_transaction_keeps_all_changes() -> None:
    repository = repository_with(1)
    with repository.transaction() as tx:
        tx.create(make_user(2))
        tx.delete(1)
    assert repository.list_all() == [make_user(2)]


# edge case: a transaction sees its own changes.
def test_transaction_sees_its_own_changes() -> None:
    repository = InMemoryUserRepository()
    with repository.transaction() as tx:
        tx.create(make_user(1))
        assert tx.list_all() == [make_user(1)]
    assert repository.list_all() == [make_user(1)]


# error: a transaction that fails keeps none of its changes.
def test_transaction_rolls_back_on_error() -> None:
    repository = repository_with(1)
    with pytest.raises(UserNotFoundError), repository.transaction() as tx:
        tx.create(make_user(2))
        tx.delete(1)
        tx.delete(9)
    assert repository.list_all() == [make_user(1)]
