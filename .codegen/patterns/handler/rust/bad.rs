//! Serves the user resource over HTTP, read-only.

use http::header::{ALLOW, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

/// A user as clients see it.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    pub id: u64,
    pub name: String,
}

/// Why the service could not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceError {
    /// No user has the id.
    NotFound,
    /// Anything else; the service has logged the cause.
    Internal,
}

/// What the handler needs from the application.
pub trait UserService {
    /// Returns the user with `id`.
    fn get(&self, id: u64) -> Result<User, ServiceError>;
}

/// Serves `/users/{id}`.
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
        if request.method() != Method::GET {
            return Response::builder()
                .status(StatusCode::METHOD_NOT_ALLOWED)
                .header(CONTENT_TYPE, "application/json")
                .header(ALLOW, "GET")
                .body(error_body("method not allowed"))
                .unwrap();
        }
        let path = request.uri().path();
        let id = path.strip_prefix("/users/").unwrap().parse().unwrap();
        match self.service.get(id) {
            Ok(user) => respond(StatusCode::OK, serde_json::to_vec(&user).unwrap()),
            Err(ServiceError::NotFound) => {
                respond(StatusCode::NOT_FOUND, error_body("user not found"))
            }
            Err(ServiceError::Internal) => respond(
                StatusCode::INTERNAL_SERVER_ERROR,
                error_body("internal error"),
            ),
        }
    }
}

fn error_body(message: &str) -> Vec<u8> {
    json!({ "error": message }).to_string().into_bytes()
}

fn respond(status: StatusCode, body: Vec<u8>) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(body)
        .unwrap()
}
