//! Tests of the product repository.

use shop::product_repository::{
    InMemoryProductRepository, Product, ProductError, ProductRepository,
};

/// A valid product with this id.
fn product(id: u64) -> Product {
    Product {
        id,
        category: "tea".to_string(),
        name: format!("Product {id}"),
        price_cents: 350,
    }
}

/// A repository that holds a valid product for each of these ids.
fn repository_with(ids: &[u64]) -> InMemoryProductRepository {
    let mut repository = InMemoryProductRepository::new();
    for id in ids {
        repository.create(product(*id)).unwrap();
    }
    repository
}

// happy path: a created product can be read back.
#[test]
fn create_then_get_returns_the_product() {
    let mut repository = InMemoryProductRepository::new();
    assert_eq!(repository.create(product(1)), Ok(()));
    assert_eq!(repository.get(1), Ok(product(1)));
}

// happy path: the list is ordered by id, whatever the order of creation.
#[test]
fn list_is_ordered_by_id() {
    let repository = repository_with(&[3, 1, 2]);
    assert_eq!(repository.list(), vec![product(1), product(2), product(3)]);
}

// happy path: the list of a category holds its products only.
#[test]
fn list_by_category_holds_its_products_only() {
    let mut repository = repository_with(&[3, 1]);
    let mut coffee = product(2);
    coffee.category = "coffee".to_string();
    repository.create(coffee).unwrap();
    assert_eq!(
        repository.list_by_category("tea"),
        vec![product(1), product(3)]
    );
}

// happy path: an update replaces every field of that product and of no other.
#[test]
fn update_replaces_the_product() {
    let mut repository = repository_with(&[1, 2]);
    let changed = Product {
        id: 1,
        category: "coffee".to_string(),
        name: "Espresso".to_string(),
        price_cents: 900,
    };
    assert_eq!(repository.update(changed.clone()), Ok(()));
    assert_eq!(repository.list(), vec![changed, product(2)]);
}

// happy path: a deleted product is gone, the others stay.
#[test]
fn delete_removes_the_product() {
    let mut repository = repository_with(&[1, 2]);
    assert_eq!(repository.delete(1), Ok(()));
    assert_eq!(repository.list(), vec![product(2)]);
}

// happy path: a transaction that succeeds keeps all its changes.
#[test]
fn transaction_keeps_its_changes() {
    let mut repository = repository_with(&[1]);
    let result = repository.transaction(|tx| {
        tx.create(product(2))?;
        tx.delete(1)
    });
    assert_eq!(result, Ok(()));
    assert_eq!(repository.list(), vec![product(2)]);
}

// error: an unknown id is refused.
#[test]
fn unknown_id_is_refused() {
    let mut repository = repository_with(&[1]);
    assert_eq!(repository.get(7), Err(ProductError::NotFound(7)));
    assert_eq!(
        repository.update(product(7)),
        Err(ProductError::NotFound(7))
    );
    assert_eq!(repository.delete(7), Err(ProductError::NotFound(7)));
    assert_eq!(repository.list(), vec![product(1)]);
}

// error: an id that is taken is refused.
#[test]
fn taken_id_is_refused() {
    let mut repository = repository_with(&[1]);
    let mut other = product(1);
    other.name = "Other".to_string();
    assert_eq!(
        repository.create(other),
        Err(ProductError::AlreadyExists(1))
    );
    assert_eq!(repository.get(1), Ok(product(1)));
}

// error: an invalid product is refused, and the error names the field.
#[test]
fn invalid_product_is_refused() {
    let cases = [
        ("", "Tea", 350, "category"),
        ("tea", " ", 350, "name"),
        ("tea", "Tea", 0, "price_cents"),
        (" ", "", 0, "category"),
    ];
    for (category, name, price_cents, expected) in cases {
        let mut repository = repository_with(&[1]);
        let invalid = Product {
            id: 1,
            category: category.to_string(),
            name: name.to_string(),
            price_cents,
        };
        let result = repository.update(invalid);
        assert!(matches!(result, Err(ProductError::Invalid { field, .. }) if field == expected));
        assert_eq!(repository.list(), vec![product(1)]);
    }
}

// error: a transaction that fails keeps none of its changes.
#[test]
fn failed_transaction_keeps_nothing() {
    let mut repository = repository_with(&[1]);
    let result = repository.transaction(|tx| {
        tx.create(product(2))?;
        tx.delete(7)
    });
    assert_eq!(result, Err(ProductError::NotFound(7)));
    assert_eq!(repository.list(), vec![product(1)]);
}

// edge case: a name of 80 characters is accepted, one of 81 is not.
#[test]
fn name_length_is_limited() {
    let mut repository = InMemoryProductRepository::new();
    let mut longest = product(1);
    longest.name = "ä".repeat(80);
    assert_eq!(repository.create(longest), Ok(()));
    let mut too_long = product(2);
    too_long.name = "ä".repeat(81);
    assert!(repository.create(too_long).is_err());
}

// edge case: lists without products are empty.
#[test]
fn empty_lists() {
    let repository = InMemoryProductRepository::new();
    assert_eq!(repository.list(), vec![]);
    assert_eq!(repository.list_by_category("tea"), vec![]);
}

// edge case: after a delete the id can be used again.
#[test]
fn deleted_id_can_be_used_again() {
    let mut repository = repository_with(&[1]);
    repository.delete(1).unwrap();
    assert_eq!(repository.create(product(1)), Ok(()));
}
