//! Stores users in memory, behind the [`UserRepository`] trait.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifies the user; chosen by the caller.
    pub id: u64,
    /// Contains an `@`.
    pub email: String,
    /// Is not blank, and has at most 50 characters.
    pub name: String,
    /// In years, at most 150.
    pub age: u32,
    /// Stays as it is once it is stored.
    pub locked: bool,
}

impl User {
    /// Checks `email`, `name` and `age`, in this order, and reports the first invalid field.
    pub fn validate(&self) -> Result<(), UserError> {
        if !self.email.contains('@') {
            return Err(UserError::Invalid {
                field: "email",
                reason: "must contain an @",
            });
        }
        if self.name.trim().is_empty() {
            return Err(UserError::Invalid {
                field: "name",
                reason: "must not be blank",
            });
        }
        if self.name.chars().count() > 50 {
            return Err(UserError::Invalid {
                field: "name",
                reason: "must have at most 50 characters",
            });
        }
        if self.age > 150 {
            return Err(UserError::Invalid {
                field: "age",
                reason: "must be at most 150",
            });
        }
        Ok(())
    }
}

/// Why a call to a [`UserRepository`] was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserError {
    /// No user has this id.
    NotFound(u64),
    /// Another user already has this id.
    AlreadyExists(u64),
    /// The stored user with this id is locked.
    Locked(u64),
    /// A field of the user is invalid.
    Invalid {
        /// The name of the field.
        field: &'static str,
        /// What the field must satisfy.
        reason: &'static str,
    },
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UserError::NotFound(id) => write!(f, "user {id} was not found"),
            UserError::AlreadyExists(id) => write!(f, "user {id} already exists"),
            UserError::Locked(id) => write!(f, "user {id} is locked"),
            UserError::Invalid { field, reason } => write!(f, "user {field} {reason}"),
        }
    }
}

impl Error for UserError {}

/// Creates, reads, updates and deletes users.
pub trait UserRepository {
    /// Adds a valid user; refuses an id that is taken.
    fn create(&mut self, user: User) -> Result<(), UserError>;

    /// Returns the user with this id; refuses an unknown id.
    fn get(&self, id: u64) -> Result<User, UserError>;

    /// Returns all users, ordered by id.
    fn list(&self) -> Vec<User>;

    /// Returns the users of exactly this name, the youngest first.
    fn list_by_name(&self, name: &str) -> Vec<User>;

    /// Replaces the user with the same id by this valid user; refuses an unknown id and a user
    /// that is stored as locked.
    fn update(&mut self, user: User) -> Result<(), UserError>;

    /// Removes the user with this id; refuses an unknown id and a locked user.
    fn delete(&mut self, id: u64) -> Result<(), UserError>;

    /// Runs `work` and keeps its changes, or none of them when it returns an error.
    fn transaction<F>(&mut self, work: F) -> Result<(), UserError>
    where
        Self: Sized,
        F: FnOnce(&mut Self) -> Result<(), UserError>;
}

/// A [`UserRepository`] that keeps its users in memory.
#[derive(Debug, Clone, Default)]
pub struct InMemoryUserRepository {
    users: BTreeMap<u64, User>,
}

impl InMemoryUserRepository {
    /// Creates an empty repository.
    pub fn new() -> Self {
        Self::default()
    }
}

impl UserRepository for InMemoryUserRepository {
    fn create(&mut self, user: User) -> Result<(), UserError> {
        user.validate()?;
        if self.users.contains_key(&user.id) {
            return Err(UserError::AlreadyExists(user.id));
        }
        self.users.insert(user.id, user);
        Ok(())
    }

    fn get(&self, id: u64) -> Result<User, UserError> {
        match self.users.get(&id) {
            Some(user) => Ok(user.clone()),
            None => Err(UserError::NotFound(id)),
        }
    }

    fn list(&self) -> Vec<User> {
        self.users.values().cloned().collect()
    }

    fn list_by_name(&self, name: &str) -> Vec<User> {
        let mut found = self.list();
        found.retain(|user| user.name == name);
        found.sort_by_key(|user| (user.age, user.id));
        found
    }

    fn update(&mut self, user: User) -> Result<(), UserError> {
        user.validate()?;
        let stored = self.get(user.id)?;
        if stored.locked {
            return Err(UserError::Locked(user.id));
        }
        self.users.insert(user.id, user);
        Ok(())
    }

    fn delete(&mut self, id: u64) -> Result<(), UserError> {
        let stored = self.get(id)?;
        if stored.locked {
            return Err(UserError::Locked(id));
        }
        self.users.remove(&id);
        Ok(())
    }

    fn transaction<F>(&mut self, work: F) -> Result<(), UserError>
    where
        F: FnOnce(&mut Self) -> Result<(), UserError>,
    {
        let mut draft = self.clone();
        work(&mut draft)?;
        *self = draft;
        Ok(())
    }
}
