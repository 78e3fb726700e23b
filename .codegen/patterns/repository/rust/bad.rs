//! Stores users in memory; every error is a bare string that a caller cannot tell apart.

use std::collections::BTreeMap;

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifies the user.
    pub id: u64,
    /// Is not blank.
    pub name: String,
}

impl User {
    /// Checks the name.
    pub fn validate(&self) -> Result<(), String> {
        if self.name.trim().is_empty() {
            return Err("name must not be blank".to_string());
        }
        Ok(())
    }
}

/// Creates, reads, updates and deletes users.
pub trait UserRepository {
    /// Adds a user.
    fn create(&mut self, user: User) -> Result<(), String>;

    /// Returns the user with this id.
    fn get(&self, id: u64) -> Result<User, String>;

    /// Returns all users, ordered by id.
    fn list(&self) -> Vec<User>;

    /// Replaces a user.
    fn update(&mut self, user: User) -> Result<(), String>;

    /// Removes the user with this id.
    fn delete(&mut self, id: u64) -> Result<(), String>;

    /// Runs `work` and keeps its changes, or none of them when it returns an error.
    fn transaction<F>(&mut self, work: F) -> Result<(), String>
    where
        Self: Sized,
        F: FnOnce(&mut Self) -> Result<(), String>;
}

/// A [`UserRepository`] that keeps its users in memory.
#[derive(Debug, Clone, Default)]
pub struct InMemoryUserRepository {
    users: BTreeMap<u64, User>,
}

impl UserRepository for InMemoryUserRepository {
    fn create(&mut self, user: User) -> Result<(), String> {
        user.validate()?;
        if self.users.contains_key(&user.id) {
            return Err(format!("user {} already exists", user.id));
        }
        self.users.insert(user.id, user);
        Ok(())
    }

    fn get(&self, id: u64) -> Result<User, String> {
        match self.users.get(&id) {
            Some(user) => Ok(user.clone()),
            None => Err(format!("user {id} was not found")),
        }
    }

    fn list(&self) -> Vec<User> {
        self.users.values().cloned().collect()
    }

    fn update(&mut self, user: User) -> Result<(), String> {
        user.validate()?;
        if !self.users.contains_key(&user.id) {
            return Err(format!("user {} was not found", user.id));
        }
        self.users.insert(user.id, user);
        Ok(())
    }

    fn delete(&mut self, id: u64) -> Result<(), String> {
        match self.users.remove(&id) {
            Some(_) => Ok(()),
            None => Err(format!("user {id} was not found")),
        }
    }

    fn transaction<F>(&mut self, work: F) -> Result<(), String>
    where
        F: FnOnce(&mut Self) -> Result<(), String>,
    {
        let mut draft = self.clone();
        work(&mut draft)?;
        *self = draft;
        Ok(())
    }
}
