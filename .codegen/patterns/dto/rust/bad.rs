//! The user resource as JSON, read leniently: a misspelt key is dropped in silence.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

const MAX_DISPLAY_NAME: usize = 50;

/// A user as it travels: one field per JSON key, not yet validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserDto {
    /// Number of the user, at least 1.
    pub id: u64,
    /// Name shown to others, 1 to 50 characters.
    pub display_name: String,
}

/// A user whose values are all validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Number of the user.
    pub id: u64,
    /// Name shown to others.
    pub display_name: String,
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

    fn try_from(dto: UserDto) -> Result<Self, Self::Error> {
        if dto.id == 0 {
            return Err(invalid("id", "must be at least 1"));
        }
        if dto.display_name.chars().count() > MAX_DISPLAY_NAME {
            return Err(invalid("displayName", "has too many characters"));
        }
        Ok(User {
            id: dto.id,
            display_name: dto.display_name,
        })
    }
}

impl From<User> for UserDto {
    fn from(user: User) -> Self {
        UserDto {
            id: user.id,
            display_name: user.display_name,
        }
    }
}

fn invalid(field: &'static str, reason: &str) -> UserDtoError {
    UserDtoError::Invalid {
        field,
        reason: reason.to_string(),
    }
}
