//! The product as JSON: its wire form, its validation and its conversion.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

const MAX_SKU: usize = 12;
const MAX_NAME: usize = 80;
const MAX_PRICE_CENTS: u64 = 1_000_000;
const MAX_DESCRIPTION: usize = 500;

/// A product as it travels: one field per JSON key, not yet validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProductDto {
    /// Number of the product, at least 1.
    pub id: u64,
    /// Stock keeping unit, 1 to 12 capital letters, digits or dashes.
    pub sku: String,
    /// Name shown to customers, 1 to 80 characters.
    pub name: String,
    /// Price in cents, from 1 to 1,000,000.
    pub price_cents: u64,
    /// One of `food`, `drink` and `other`.
    pub category: String,
    /// At most 500 characters; `None` is `null` or a missing key.
    pub description: Option<String>,
}

/// What kind of product it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Something to eat.
    Food,
    /// Something to drink.
    Drink,
    /// Anything else.
    Other,
}

/// A product whose values are all validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Number of the product.
    pub id: u64,
    /// Stock keeping unit.
    pub sku: String,
    /// Name shown to customers.
    pub name: String,
    /// Price in cents.
    pub price_cents: u64,
    /// What kind of product it is.
    pub category: Category,
    /// What customers read about it, if anything.
    pub description: Option<String>,
}

/// Why a product was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductDtoError {
    /// The text is not the JSON form of a product; the message says why.
    Malformed(String),
    /// The value of a field is not allowed.
    Invalid {
        /// JSON key of the field.
        field: &'static str,
        /// What the value must be.
        reason: String,
    },
}

impl fmt::Display for ProductDtoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProductDtoError::Malformed(message) => write!(f, "malformed product: {message}"),
            ProductDtoError::Invalid { field, reason } => write!(f, "{field} {reason}"),
        }
    }
}

impl Error for ProductDtoError {}

/// Parses the JSON form of a product and validates it.
pub fn parse_product(json: &str) -> Result<Product, ProductDtoError> {
    let dto: ProductDto = serde_json::from_str(json)
        .map_err(|error| ProductDtoError::Malformed(error.to_string()))?;
    Product::try_from(dto)
}

impl TryFrom<ProductDto> for Product {
    type Error = ProductDtoError;

    /// Validates the fields in their order; the first one refused is reported.
    fn try_from(dto: ProductDto) -> Result<Self, Self::Error> {
        if dto.id == 0 {
            return Err(invalid("id", "must be at least 1"));
        }
        if !is_sku(&dto.sku) {
            return Err(invalid("sku", "must be 1 to 12 capitals, digits or dashes"));
        }
        if dto.name.trim().is_empty() || dto.name.chars().count() > MAX_NAME {
            return Err(invalid("name", "must be 1 to 80 characters"));
        }
        if dto.price_cents < 1 || dto.price_cents > MAX_PRICE_CENTS {
            return Err(invalid("priceCents", "must be from 1 to 1000000"));
        }
        let category = match dto.category.as_str() {
            "food" => Category::Food,
            "drink" => Category::Drink,
            "other" => Category::Other,
            _ => return Err(invalid("category", "must be food, drink or other")),
        };
        if let Some(description) = &dto.description {
            if description.chars().count() > MAX_DESCRIPTION {
                return Err(invalid("description", "must have at most 500 characters"));
            }
        }
        Ok(Product {
            id: dto.id,
            sku: dto.sku,
            name: dto.name,
            price_cents: dto.price_cents,
            category,
            description: dto.description,
        })
    }
}

impl From<Product> for ProductDto {
    fn from(product: Product) -> Self {
        let category = match product.category {
            Category::Food => "food",
            Category::Drink => "drink",
            Category::Other => "other",
        };
        ProductDto {
            id: product.id,
            sku: product.sku,
            name: product.name,
            price_cents: product.price_cents,
            category: category.to_string(),
            description: product.description,
        }
    }
}

fn is_sku(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= MAX_SKU && text.chars().all(allowed)
}

fn invalid(field: &'static str, reason: &str) -> ProductDtoError {
    ProductDtoError::Invalid {
        field,
        reason: reason.to_string(),
    }
}
