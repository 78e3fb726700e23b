//! Stores the products of the shop in memory, behind the [`ProductRepository`] trait.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

const MAX_NAME: usize = 80;

/// Something that the shop sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Identifies the product; chosen by the caller.
    pub id: u64,
    /// What kind of product it is; not blank.
    pub category: String,
    /// Is not blank and has at most 80 characters.
    pub name: String,
    /// At least 1.
    pub price_cents: u64,
}

impl Product {
    /// Checks `category`, `name` and `price_cents`, in this order, and reports the first invalid
    /// field.
    pub fn validate(&self) -> Result<(), ProductError> {
        if self.category.trim().is_empty() {
            return Err(ProductError::Invalid {
                field: "category",
                reason: "must not be blank",
            });
        }
        if self.name.trim().is_empty() {
            return Err(ProductError::Invalid {
                field: "name",
                reason: "must not be blank",
            });
        }
        if self.name.chars().count() > MAX_NAME {
            return Err(ProductError::Invalid {
                field: "name",
                reason: "must have at most 80 characters",
            });
        }
        if self.price_cents < 1 {
            return Err(ProductError::Invalid {
                field: "price_cents",
                reason: "must be at least 1",
            });
        }
        Ok(())
    }
}

/// Why a call to a [`ProductRepository`] was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductError {
    /// No product has this id.
    NotFound(u64),
    /// Another product already has this id.
    AlreadyExists(u64),
    /// A field of the product is invalid.
    Invalid {
        /// The name of the field.
        field: &'static str,
        /// What the field must satisfy.
        reason: &'static str,
    },
}

impl fmt::Display for ProductError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProductError::NotFound(id) => write!(f, "product {id} was not found"),
            ProductError::AlreadyExists(id) => write!(f, "product {id} already exists"),
            ProductError::Invalid { field, reason } => write!(f, "product {field} {reason}"),
        }
    }
}

impl Error for ProductError {}

/// Creates, reads, updates and deletes products.
pub trait ProductRepository {
    /// Adds a valid product; refuses an id that is taken.
    fn create(&mut self, product: Product) -> Result<(), ProductError>;

    /// Returns the product with this id; refuses an unknown id.
    fn get(&self, id: u64) -> Result<Product, ProductError>;

    /// Returns all products, ordered by id.
    fn list(&self) -> Vec<Product>;

    /// Returns the products of this category, ordered by id.
    fn list_by_category(&self, category: &str) -> Vec<Product>;

    /// Replaces the product with the same id by this valid product; refuses an unknown id.
    fn update(&mut self, product: Product) -> Result<(), ProductError>;

    /// Removes the product with this id; refuses an unknown id.
    fn delete(&mut self, id: u64) -> Result<(), ProductError>;

    /// Runs `work` and keeps its changes, or none of them when it returns an error.
    fn transaction<F>(&mut self, work: F) -> Result<(), ProductError>
    where
        Self: Sized,
        F: FnOnce(&mut Self) -> Result<(), ProductError>;
}

/// A [`ProductRepository`] that keeps its products in memory.
#[derive(Debug, Clone, Default)]
pub struct InMemoryProductRepository {
    products: BTreeMap<u64, Product>,
}

impl InMemoryProductRepository {
    /// Creates an empty repository.
    pub fn new() -> Self {
        Self::default()
    }
}

impl ProductRepository for InMemoryProductRepository {
    fn create(&mut self, product: Product) -> Result<(), ProductError> {
        product.validate()?;
        if self.products.contains_key(&product.id) {
            return Err(ProductError::AlreadyExists(product.id));
        }
        self.products.insert(product.id, product);
        Ok(())
    }

    fn get(&self, id: u64) -> Result<Product, ProductError> {
        match self.products.get(&id) {
            Some(product) => Ok(product.clone()),
            None => Err(ProductError::NotFound(id)),
        }
    }

    fn list(&self) -> Vec<Product> {
        self.products.values().cloned().collect()
    }

    fn list_by_category(&self, category: &str) -> Vec<Product> {
        let mut products = self.list();
        products.retain(|product| product.category == category);
        products
    }

    fn update(&mut self, product: Product) -> Result<(), ProductError> {
        product.validate()?;
        self.get(product.id)?;
        self.products.insert(product.id, product);
        Ok(())
    }

    fn delete(&mut self, id: u64) -> Result<(), ProductError> {
        self.get(id)?;
        self.products.remove(&id);
        Ok(())
    }

    fn transaction<F>(&mut self, work: F) -> Result<(), ProductError>
    where
        F: FnOnce(&mut Self) -> Result<(), ProductError>,
    {
        let mut draft = self.clone();
        work(&mut draft)?;
        *self = draft;
        Ok(())
    }
}
