//! Serves the user resource over HTTP.

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

const COLLECTION_PATH: &str = "/users";
const ITEM_PREFIX: &str = "/users/";
const MAX_NAME_LENGTH: usize = 100;
const DEFAULT_ROLE: &str = "member";
const ROLES: [&str; 2] = [DEFAULT_ROLE, "admin"];

/// A user as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: u64,
    pub name: String,
    pub email: String,
    pub role: String,
}

/// The fields a client sends to create or update a user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserInput {
    pub name: String,
    pub email: String,
    #[serde(default = "default_role")]
    pub role: String,
}

fn default_role() -> String {
    DEFAULT_ROLE.to_string()
}

/// Why the service could not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceError {
    /// No user has the id.
    NotFound,
    /// Another user has the email.
    EmailTaken,
    /// Anything else; the service has logged the cause.
    Internal,
}

/// What the handler needs from the application.
pub trait UserService {
    /// Returns all users.
    fn list(&self) -> Result<Vec<User>, ServiceError>;
    /// Creates a user with a new id.
    fn create(&self, input: UserInput) -> Result<User, ServiceError>;
    /// Returns the user with `id`.
    fn get(&self, id: u64) -> Result<User, ServiceError>;
    /// Replaces the fields of the user with `id`.
    fn update(&self, id: u64, input: UserInput) -> Result<User, ServiceError>;
    /// Removes the user with `id`.
    fn delete(&self, id: u64) -> Result<(), ServiceError>;
}

/// An error answer: its status and the message in its body.
struct ApiError {
    status: StatusCode,
    message: &'static str,
}

impl ApiError {
    fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message }
    }

    fn into_response(self) -> Response<Vec<u8>> {
        let body = json!({ "error": self.message }).to_string();
        json_response(self.status, body.into_bytes())
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NotFound => Self::new(StatusCode::NOT_FOUND, "user not found"),
            ServiceError::EmailTaken => Self::new(StatusCode::CONFLICT, "email already taken"),
            ServiceError::Internal => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
            }
        }
    }
}

/// Serves `/users` and `/users/{id}`.
pub struct UserHandler {
    service: Box<dyn UserService>,
}

impl UserHandler {
    /// Creates a handler that works through `service`.
    pub fn new(service: Box<dyn UserService>) -> Self {
        Self { service }
    }

    /// Answers one request; errors are answers too.
    pub fn handle(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let path = request.uri().path();
        let result = if path == COLLECTION_PATH {
            self.handle_collection(request)
        } else if let Some(id) = parse_id(path) {
            self.handle_item(request, id)
        } else {
            Err(ApiError::new(StatusCode::NOT_FOUND, "not found"))
        };
        result.unwrap_or_else(ApiError::into_response)
    }

    fn handle_collection(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ApiError> {
        match *request.method() {
            Method::GET => {
                let users = self.service.list()?;
                to_json(StatusCode::OK, &users)
            }
            Method::POST => {
                let input = parse_input(request.body())?;
                let user = self.service.create(input)?;
                to_json(StatusCode::CREATED, &user)
            }
            _ => Ok(method_not_allowed("GET, POST")),
        }
    }

    fn handle_item(
        &self,
        request: &Request<Vec<u8>>,
        id: u64,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        match *request.method() {
            Method::GET => {
                let user = self.service.get(id)?;
                to_json(StatusCode::OK, &user)
            }
            Method::PUT => {
                let input = parse_input(request.body())?;
                let user = self.service.update(id, input)?;
                to_json(StatusCode::OK, &user)
            }
            Method::DELETE => {
                self.service.delete(id)?;
                let mut response = Response::new(Vec::new());
                *response.status_mut() = StatusCode::NO_CONTENT;
                Ok(response)
            }
            _ => Ok(method_not_allowed("GET, PUT, DELETE")),
        }
    }
}

/// Returns the id in a path of the form `/users/{id}`.
fn parse_id(path: &str) -> Option<u64> {
    path.strip_prefix(ITEM_PREFIX)?.parse().ok()
}

/// Decodes, trims and validates the fields in a request body.
fn parse_input(body: &[u8]) -> Result<UserInput, ApiError> {
    let input: UserInput = serde_json::from_slice(body).map_err(|_| {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "body must be JSON with name and email",
        )
    })?;
    let name = input.name.trim().to_string();
    let email = input.email.trim().to_string();
    if name.is_empty() {
        return Err(invalid("name must not be blank"));
    }
    if name.chars().count() > MAX_NAME_LENGTH {
        return Err(invalid("name must not exceed 100 characters"));
    }
    if !email.contains('@') {
        return Err(invalid("email must contain @"));
    }
    if !ROLES.contains(&input.role.as_str()) {
        return Err(invalid("role must be member or admin"));
    }
    Ok(UserInput {
        name,
        email,
        role: input.role,
    })
}

fn invalid(message: &'static str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, message)
}

fn method_not_allowed(allow: &'static str) -> Response<Vec<u8>> {
    let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    let mut response = error.into_response();
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(allow));
    response
}

fn to_json<T: Serialize>(status: StatusCode, value: &T) -> Result<Response<Vec<u8>>, ApiError> {
    let body = serde_json::to_vec(value).map_err(|_| ServiceError::Internal)?;
    Ok(json_response(status, body))
}

fn json_response(status: StatusCode, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
