use example::user_repository::{InMemoryUserRepository, User, UserError, UserRepository};

/// A valid user with this id.
fn user(id: u64) -> User {
    User {
        id,
        email: format!("user{id}@example.com"),
        name: format!("User {id}"),
        age: 30,
        locked: false,
    }
}

/// A repository that holds a valid user for each of these ids.
fn repository_with(ids: &[u64]) -> InMemoryUserRepository {
    let mut repository = InMemoryUserRepository::new();
    for id in ids {
        repository.create(user(*id)).unwrap();
    }
    repository
}

// happy path: a created user can be read back.
#[test]
fn create_then_get_returns_the_user() {
    let mut repository = InMemoryUserRepository::new();
    assert_eq!(repository.create(user(1)), Ok(()));
    assert_eq!(repository.get(1), Ok(user(1)));
}

// error: an id that is taken is refused, and the first user stays.
#[test]
fn create_refuses_a_taken_id() {
    let mut repository = repository_with(&[1]);
    let mut second = user(1);
    second.name = "Second".to_string();
    assert_eq!(repository.create(second), Err(UserError::AlreadyExists(1)));
    assert_eq!(repository.get(1), Ok(user(1)));
}

// error: create and update refuse an invalid field and change nothing: an email without @, a blank
// name, a name longer than 50 characters, an age outside 0 to 150.
#[test]
fn invalid_fields_are_refused() {
    let mut bad_email = user(1);
    bad_email.email = "ada".to_string();
    let mut bad_name = user(1);
    bad_name.name = "  ".to_string();
    let mut long_name = user(1);
    long_name.name = "x".repeat(51);
    let mut bad_age = user(1);
    bad_age.age = 151;
    for (expected, invalid) in [
        ("email", bad_email),
        ("name", bad_name),
        ("name", long_name),
        ("age", bad_age),
    ] {
        let mut repository = repository_with(&[1]);
        let created = repository.create(invalid.clone());
        assert!(matches!(created, Err(UserError::Invalid { field, .. }) if field == expected));
        let updated = repository.update(invalid);
        assert!(matches!(updated, Err(UserError::Invalid { field, .. }) if field == expected));
        assert_eq!(repository.list(), vec![user(1)]);
    }
}

// edge case: the longest valid name, 50 characters, is accepted.
#[test]
fn longest_name_is_accepted() {
    let mut repository = InMemoryUserRepository::new();
    let mut valid = user(1);
    valid.name = "x".repeat(50);
    assert_eq!(repository.create(valid.clone()), Ok(()));
    assert_eq!(repository.get(1), Ok(valid));
}

// edge case: the lowest and the highest valid age, 0 and 150, are accepted.
#[test]
fn age_limits_are_accepted() {
    for age in [0, 150] {
        let mut repository = InMemoryUserRepository::new();
        let mut valid = user(1);
        valid.age = age;
        assert_eq!(repository.create(valid.clone()), Ok(()));
        assert_eq!(repository.get(1), Ok(valid));
    }
}

// happy path: the list is ordered by id, whatever the order of creation.
#[test]
fn list_is_ordered_by_id() {
    let repository = repository_with(&[3, 1, 2]);
    assert_eq!(repository.list(), vec![user(1), user(2), user(3)]);
}

// edge case: a new repository is empty.
#[test]
fn new_repository_is_empty() {
    assert_eq!(InMemoryUserRepository::new().list(), vec![]);
    assert_eq!(InMemoryUserRepository::new().list_by_name("Grace"), vec![]);
}

// happy path: the users of a name come with the youngest first, those of the same age by id.
#[test]
fn list_by_name_gives_the_youngest_first() {
    let mut repository = repository_with(&[9]);
    for (id, age) in [(1, 50), (3, 20), (2, 20)] {
        let mut namesake = user(id);
        namesake.name = "Grace".to_string();
        namesake.age = age;
        repository.create(namesake).unwrap();
    }
    let found = repository.list_by_name("Grace");
    let ids: Vec<u64> = found.iter().map(|user| user.id).collect();
    assert_eq!(ids, [2, 3, 1]);
}

// happy path: an update replaces every field of that user and of no other.
#[test]
fn update_replaces_the_user() {
    let mut repository = repository_with(&[1, 2]);
    let changed = User {
        id: 1,
        email: "ada@example.com".to_string(),
        name: "Ada".to_string(),
        age: 36,
        locked: false,
    };
    assert_eq!(repository.update(changed.clone()), Ok(()));
    assert_eq!(repository.list(), vec![changed, user(2)]);
}

// error: get, update and delete refuse an unknown id.
#[test]
fn unknown_ids_are_refused() {
    let mut repository = repository_with(&[1]);
    assert_eq!(repository.get(9), Err(UserError::NotFound(9)));
    assert_eq!(repository.update(user(9)), Err(UserError::NotFound(9)));
    assert_eq!(repository.delete(9), Err(UserError::NotFound(9)));
    assert_eq!(repository.list(), vec![user(1)]);
}

// happy path: a deleted user is gone, the others stay.
#[test]
fn delete_removes_the_user() {
    let mut repository = repository_with(&[1, 2]);
    assert_eq!(repository.delete(1), Ok(()));
    assert_eq!(repository.list(), vec![user(2)]);
}

// edge case: an id can be used again after its user was deleted.
#[test]
fn deleted_id_can_be_used_again() {
    let mut repository = repository_with(&[1]);
    assert_eq!(repository.delete(1), Ok(()));
    assert_eq!(repository.create(user(1)), Ok(()));
}

// error: update and delete refuse a user that is stored as locked.
#[test]
fn locked_user_stays_as_it_is() {
    let mut repository = repository_with(&[1]);
    let mut locked = user(1);
    locked.locked = true;
    assert_eq!(repository.update(locked.clone()), Ok(()));
    assert_eq!(repository.update(user(1)), Err(UserError::Locked(1)));
    assert_eq!(repository.delete(1), Err(UserError::Locked(1)));
    assert_eq!(repository.list(), vec![locked]);
}

// happy path: a transaction that succeeds keeps all its changes.
#[test]
fn transaction_keeps_all_changes() {
    let mut repository = repository_with(&[1]);
    let result = repository.transaction(|tx| {
        tx.create(user(2))?;
        tx.delete(1)
    });
    assert_eq!(result, Ok(()));
    assert_eq!(repository.list(), vec![user(2)]);
}

// edge case: a transaction sees its own changes.
#[test]
fn transaction_sees_its_own_changes() {
    let mut repository = InMemoryUserRepository::new();
    let result = repository.transaction(|tx| {
        tx.create(user(1))?;
        assert_eq!(tx.get(1), Ok(user(1)));
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

// error: a transaction that fails keeps none of its changes.
#[test]
fn transaction_rolls_back_on_error() {
    let mut repository = repository_with(&[1]);
    let result = repository.transaction(|tx| {
        tx.create(user(2))?;
        tx.delete(1)?;
        tx.delete(9)
    });
    assert_eq!(result, Err(UserError::NotFound(9)));
    assert_eq!(repository.list(), vec![user(1)]);
}

// error: every message names the id or the field.
#[test]
fn messages_name_the_cause() {
    let mut repository = repository_with(&[1]);
    let missing = repository.get(9).unwrap_err();
    assert!(missing.to_string().contains('9'));
    let taken = repository.create(user(1)).unwrap_err();
    assert!(taken.to_string().contains('1'));
    let mut bad_age = user(2);
    bad_age.age = 151;
    let invalid = repository.create(bad_age).unwrap_err();
    assert!(invalid.to_string().contains("age"));
}
