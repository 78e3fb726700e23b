use example::user_handler::{ServiceError, User, UserHandler, UserInput, UserService};
use http::{Request, Response};
use serde_json::{json, Value};

/// Knows the user with id 1, fails for id 500, and treats `taken@example.com`
/// as the email of another user.
struct StubService {
    users: Vec<User>,
}

fn ada() -> User {
    User {
        id: 1,
        name: "Ada".to_string(),
        email: "ada@example.com".to_string(),
        role: "admin".to_string(),
    }
}

impl UserService for StubService {
    fn list(&self) -> Result<Vec<User>, ServiceError> {
        Ok(self.users.clone())
    }

    fn create(&self, input: UserInput) -> Result<User, ServiceError> {
        if input.email == "taken@example.com" {
            return Err(ServiceError::EmailTaken);
        }
        Ok(User {
            id: 2,
            name: input.name,
            email: input.email,
            role: input.role,
        })
    }

    fn get(&self, id: u64) -> Result<User, ServiceError> {
        match id {
            1 => Ok(ada()),
            500 => Err(ServiceError::Internal),
            _ => Err(ServiceError::NotFound),
        }
    }

    fn update(&self, id: u64, input: UserInput) -> Result<User, ServiceError> {
        self.get(id)?;
        Ok(User {
            id,
            name: input.name,
            email: input.email,
            role: input.role,
        })
    }

    fn delete(&self, id: u64) -> Result<(), ServiceError> {
        self.get(id)?;
        Ok(())
    }
}

fn send(method: &str, path: &str, body: &str) -> Response<Vec<u8>> {
    let handler = UserHandler::new(Box::new(StubService { users: vec![ada()] }));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(body.as_bytes().to_vec())
        .unwrap();
    handler.handle(&request)
}

fn body_json(response: &Response<Vec<u8>>) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(response.body()).unwrap()
}

fn assert_error(response: &Response<Vec<u8>>, status: u16) {
    assert_eq!(response.status(), status);
    assert!(body_json(response)["error"].is_string());
}

// happy path: all users are listed.
#[test]
fn lists_users() {
    let response = send("GET", "/users", "");
    assert_eq!(response.status(), 200);
    let expected = json!([{"id": 1, "name": "Ada", "email": "ada@example.com", "role": "admin"}]);
    assert_eq!(body_json(&response), expected);
}

// happy path: a user is created.
#[test]
fn creates_user() {
    let body = r#"{"name": "Bob", "email": "bob@example.com", "role": "admin"}"#;
    let response = send("POST", "/users", body);
    assert_eq!(response.status(), 201);
    let expected = json!({"id": 2, "name": "Bob", "email": "bob@example.com", "role": "admin"});
    assert_eq!(body_json(&response), expected);
}

// happy path: a user is read.
#[test]
fn gets_user() {
    let response = send("GET", "/users/1", "");
    assert_eq!(response.status(), 200);
    let expected = json!({"id": 1, "name": "Ada", "email": "ada@example.com", "role": "admin"});
    assert_eq!(body_json(&response), expected);
}

// happy path: a user is updated.
#[test]
fn updates_user() {
    let body = r#"{"name": "Eve", "email": "eve@example.com", "role": "member"}"#;
    let response = send("PUT", "/users/1", body);
    assert_eq!(response.status(), 200);
    let expected = json!({"id": 1, "name": "Eve", "email": "eve@example.com", "role": "member"});
    assert_eq!(body_json(&response), expected);
}

// happy path: a deleted user is answered without a body.
#[test]
fn deletes_user() {
    let response = send("DELETE", "/users/1", "");
    assert_eq!(response.status(), 204);
    assert!(response.body().is_empty());
}

// error: a body that is not JSON or lacks a field is refused.
#[test]
fn refuses_malformed_bodies() {
    for body in ["", r#"{"name":"#, "[]", r#"{"name": "Ada"}"#] {
        assert_error(&send("POST", "/users", body), 400);
        assert_error(&send("PUT", "/users/1", body), 400);
    }
}

// error: invalid fields are refused: a name that is no string, blank or above 100 characters, an
// email without @, another role.
#[test]
fn refuses_invalid_fields() {
    let blank_name = r#"{"name": "  ", "email": "ada@example.com"}"#;
    assert_error(&send("POST", "/users", blank_name), 422);
    let bad_email = r#"{"name": "Ada", "email": "ada"}"#;
    assert_error(&send("PUT", "/users/1", bad_email), 422);
    let other_role = r#"{"name": "Ada", "email": "ada@example.com", "role": "owner"}"#;
    assert_error(&send("POST", "/users", other_role), 422);
}

// error: the errors of the service have their status.
#[test]
fn maps_service_errors() {
    let valid = r#"{"name": "Ada", "email": "ada@example.com"}"#;
    let taken = r#"{"name": "Ada", "email": "taken@example.com"}"#;
    assert_error(&send("GET", "/users/9", ""), 404);
    assert_error(&send("PUT", "/users/9", valid), 404);
    assert_error(&send("DELETE", "/users/9", ""), 404);
    assert_error(&send("POST", "/users", taken), 409);
    assert_error(&send("GET", "/users/500", ""), 500);
}

// error: an unknown path is not found.
#[test]
fn refuses_unknown_paths() {
    for path in ["/other", "/users/", "/users/abc", "/users/1/2"] {
        assert_error(&send("GET", path, ""), 404);
    }
}

// error: an unknown method is refused and the allowed ones are named.
#[test]
fn refuses_unknown_methods() {
    let collection = send("DELETE", "/users", "");
    assert_error(&collection, 405);
    assert_eq!(collection.headers()["allow"], "GET, POST");
    let item = send("POST", "/users/1", "");
    assert_error(&item, 405);
    assert_eq!(item.headers()["allow"], "GET, PUT, DELETE");
}

// edge case: an empty list is an empty array.
#[test]
fn lists_no_users() {
    let handler = UserHandler::new(Box::new(StubService { users: vec![] }));
    let request = Request::builder().uri("/users").body(vec![]).unwrap();
    let response = handler.handle(&request);
    assert_eq!(body_json(&response), json!([]));
}

// edge case: a name of 100 characters is accepted, one of 101 is not.
#[test]
fn limits_name_length() {
    for (length, status) in [(100, 201), (101, 422)] {
        let body = json!({"name": "ä".repeat(length), "email": "ada@example.com"});
        let response = send("POST", "/users", &body.to_string());
        assert_eq!(response.status(), status);
    }
}

// edge case: a role that is left out is member.
#[test]
fn gives_role_member_when_left_out() {
    let body = r#"{"name": "Bob", "email": "bob@example.com"}"#;
    let response = send("POST", "/users", body);
    assert_eq!(body_json(&response)["role"], "member");
}

// edge case: spaces around the fields are removed.
#[test]
fn trims_fields() {
    let body = r#"{"name": " Bob ", "email": " bob@example.com ", "role": "admin"}"#;
    let response = send("POST", "/users", body);
    let expected = json!({"id": 2, "name": "Bob", "email": "bob@example.com", "role": "admin"});
    assert_eq!(body_json(&response), expected);
}
