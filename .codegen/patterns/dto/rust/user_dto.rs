//! The user resource as JSON: its wire form, its validation and its conversion.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

const MAX_DISPLAY_NAME: usize = 50;
const MAX_EMAIL: usize = 254;
const MAX_TAGS: usize = 10;
const MAX_AGE: u32 = 150;

/// A user as it travels: one field per JSON key, not yet validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserDto {
    /// Number of the user, at least 1.
    pub id: u64,
    /// Name shown to others, 1 to 50 characters.
    pub display_name: String,
    /// Mail address, at most 254 characters.
    pub email: String,
    /// One of `admin`, `editor` and `viewer`.
    pub role: String,
    /// At most 10 labels, none of them blank.
    pub tags: Vec<String>,
    /// Age in years, at most 150; `None` is `null` or a missing key.
    pub age: Option<u32>,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May change everything.
    Admin,
    /// May change content.
    Editor,
    /// May only read.
    Viewer,
}

/// A user whose values are all validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Number of the user.
    pub id: u64,
    /// Name shown to others.
    pub display_name: String,
    /// Mail address.
    pub email: String,
    /// What the user may do.
    pub role: Role,
    /// Labels in the order given.
    pub tags: Vec<String>,
    /// Age in years, if known.
    pub age: Option<u32>,
}

/// Why a user was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserDtoError {
    /// The text is not the JSON form of a user; the message says why.
    Malformed(String),
    /// The value of a field is not allowed.
    Invalid {
        /// JSON key of the field.
        field: &'static str,
        /// What the value must be.
        reason: String,
    },
}

impl fmt::Display for UserDtoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UserDtoError::Malformed(message) => write!(f, "malformed user: {message}"),
            UserDtoError::Invalid { field, reason } => write!(f, "{field} {reason}"),
        }
    }
}

impl Error for UserDtoError {}

/// Parses the JSON form of a user and validates it.
pub fn parse_user(json: &str) -> Result<User, UserDtoError> {
    let dto: UserDto =
        serde_json::from_str(json).map_err(|error| UserDtoError::Malformed(error.to_string()))?;
    User::try_from(dto)
}

impl TryFrom<UserDto> for User {
    type Error = UserDtoError;

    /// Validates the fields in their order; the first one refused is reported.
    fn try_from(dto: UserDto) -> Result<Self, Self::Error> {
        if dto.id == 0 {
            return Err(invalid("id", "must be at least 1"));
        }
        if dto.display_name.trim().is_empty() {
            return Err(invalid("displayName", "must not be blank"));
        }
        if dto.display_name.chars().count() > MAX_DISPLAY_NAME {
            return Err(too_long("displayName", MAX_DISPLAY_NAME));
        }
        if !is_email(&dto.email) {
            return Err(invalid("email", "must be a mail address"));
        }
        if dto.email.chars().count() > MAX_EMAIL {
            return Err(too_long("email", MAX_EMAIL));
        }
        let role = match dto.role.as_str() {
            "admin" => Role::Admin,
            "editor" => Role::Editor,
            "viewer" => Role::Viewer,
            _ => return Err(invalid("role", "must be admin, editor or viewer")),
        };
        if dto.tags.len() > MAX_TAGS {
            return Err(invalid("tags", "has too many entries"));
        }
        if dto.tags.iter().any(|tag| tag.trim().is_empty()) {
            return Err(invalid("tags", "must not have a blank entry"));
        }
        if dto.age.is_some_and(|age| age > MAX_AGE) {
            return Err(invalid("age", "is too large"));
        }
        Ok(User {
            id: dto.id,
            display_name: dto.display_name,
            email: dto.email,
            role,
            tags: dto.tags,
            age: dto.age,
        })
    }
}

impl From<User> for UserDto {
    fn from(user: User) -> Self {
        let role = match user.role {
            Role::Admin => "admin",
            Role::Editor => "editor",
            Role::Viewer => "viewer",
        };
        UserDto {
            id: user.id,
            display_name: user.display_name,
            email: user.email,
            role: role.to_string(),
            tags: user.tags,
            age: user.age,
        }
    }
}

fn is_email(text: &str) -> bool {
    match text.split_once('@') {
        Some((name, domain)) => !name.is_empty() && !domain.is_empty(),
        None => false,
    }
}

fn invalid(field: &'static str, reason: &str) -> UserDtoError {
    UserDtoError::Invalid {
        field,
        reason: reason.to_string(),
    }
}

fn too_long(field: &'static str, max: usize) -> UserDtoError {
    invalid(field, &format!("must have at most {max} characters"))
}
