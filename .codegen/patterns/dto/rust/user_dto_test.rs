use example::user_dto::{parse_user, Role, User, UserDto, UserDtoError};
use serde_json::{json, Value};

/// The JSON form of a valid user.
fn valid() -> Value {
    json!({
        "id": 7,
        "displayName": "Ada Lovelace",
        "email": "ada@example.com",
        "role": "editor",
        "tags": ["math", "poetry"],
        "age": 36
    })
}

/// Parses a valid user in which one key has another value.
fn parse_with(key: &str, value: Value) -> Result<User, UserDtoError> {
    let mut user = valid();
    user[key] = value;
    parse_user(&user.to_string())
}

/// Parses a valid user in which one key is missing.
fn parse_without(key: &str) -> Result<User, UserDtoError> {
    let mut user = valid();
    user.as_object_mut().unwrap().remove(key);
    parse_user(&user.to_string())
}

// happy path: a complete user is parsed into its domain form.
#[test]
fn parses_a_complete_user() {
    let user = parse_user(&valid().to_string()).unwrap();
    assert_eq!(user.id, 7);
    assert_eq!(user.display_name, "Ada Lovelace");
    assert_eq!(user.email, "ada@example.com");
    assert_eq!(user.role, Role::Editor);
    assert_eq!(user.tags, vec!["math".to_string(), "poetry".to_string()]);
    assert_eq!(user.age, Some(36));
}

// happy path: a user that is converted to JSON and parsed again stays equal.
#[test]
fn survives_a_round_trip() {
    for role in ["admin", "editor", "viewer"] {
        let user = parse_with("role", json!(role)).unwrap();
        let json = serde_json::to_string(&UserDto::from(user.clone())).unwrap();
        assert_eq!(parse_user(&json), Ok(user));
    }
}

// happy path: the JSON form has the keys in camel case.
#[test]
fn writes_camel_case_keys() {
    let user = parse_user(&valid().to_string()).unwrap();
    let written = serde_json::to_value(UserDto::from(user)).unwrap();
    assert_eq!(written, valid());
}

// error: text that is not JSON is malformed.
#[test]
fn refuses_text_that_is_not_json() {
    for text in ["", "user", "{\"id\": 7", "[]"] {
        let result = parse_user(text);
        assert!(
            matches!(result, Err(UserDtoError::Malformed(_))),
            "{text:?} gave {result:?}"
        );
    }
}

// error: an unknown key is malformed and named in the message.
#[test]
fn refuses_an_unknown_key() {
    match parse_with("isRoot", json!(true)) {
        Err(UserDtoError::Malformed(message)) => assert!(message.contains("isRoot")),
        other => panic!("expected a malformed user, got {other:?}"),
    }
}

// error: each required key that is missing is malformed and named in the message.
#[test]
fn refuses_a_missing_key() {
    for key in ["id", "displayName", "email", "role", "tags"] {
        match parse_without(key) {
            Err(UserDtoError::Malformed(message)) => assert!(message.contains(key)),
            other => panic!("expected a malformed user without {key}, got {other:?}"),
        }
    }
}

// error: a value of the wrong type is malformed.
#[test]
fn refuses_a_wrong_type() {
    let cases = [
        ("id", json!("7")),
        ("id", json!(-1)),
        ("id", json!(1.5)),
        ("displayName", json!(7)),
        ("email", json!(null)),
        ("role", json!(["admin"])),
        ("tags", json!("math")),
        ("tags", json!([1])),
        ("age", json!("36")),
        ("age", json!(-1)),
    ];
    for (key, value) in cases {
        let result = parse_with(key, value.clone());
        assert!(
            matches!(result, Err(UserDtoError::Malformed(_))),
            "{key} = {value} gave {result:?}"
        );
    }
}

// error: a value outside its limits is invalid and its field is named.
#[test]
fn refuses_a_value_outside_its_limits() {
    let cases = [
        ("id", json!(0)),
        ("displayName", json!("")),
        ("displayName", json!("   ")),
        ("displayName", json!("x".repeat(51))),
        ("email", json!("ada.example.com")),
        ("email", json!("@example.com")),
        ("email", json!("ada@")),
        ("email", json!(format!("a@{}", "x".repeat(253)))),
        ("role", json!("owner")),
        ("role", json!("Admin")),
        ("tags", json!(vec!["tag"; 11])),
        ("tags", json!(["math", " "])),
        ("age", json!(151)),
    ];
    for (key, value) in cases {
        match parse_with(key, value.clone()) {
            Err(UserDtoError::Invalid { field, .. }) => assert_eq!(field, key),
            other => panic!("expected {key} = {value} to be invalid, got {other:?}"),
        }
    }
}

// edge case: the values at the limits are accepted, characters counted, not bytes.
#[test]
fn accepts_values_at_the_limits() {
    let cases = [
        ("id", json!(1)),
        ("displayName", json!("é".repeat(50))),
        ("email", json!(format!("a@{}", "x".repeat(252)))),
        ("tags", json!([])),
        ("tags", json!(vec!["tag"; 10])),
        ("age", json!(0)),
        ("age", json!(150)),
    ];
    for (key, value) in cases {
        let result = parse_with(key, value.clone());
        assert!(result.is_ok(), "{key} = {value} gave {result:?}");
    }
}

// edge case: an age that is null or left out is unknown.
#[test]
fn accepts_a_user_without_age() {
    assert_eq!(parse_with("age", json!(null)).unwrap().age, None);
    assert_eq!(parse_without("age").unwrap().age, None);
}
