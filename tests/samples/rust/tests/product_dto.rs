//! Tests of the product as JSON.

use serde_json::{json, Value};
use shop::product_dto::{parse_product, Category, Product, ProductDto, ProductDtoError};

/// The JSON form of a valid product, with one key replaced.
fn product_with(key: &str, value: Value) -> String {
    let mut product = json!({
        "id": 7,
        "sku": "TEA-1",
        "name": "Tea",
        "priceCents": 350,
        "category": "drink",
        "description": "Green."
    });
    product[key] = value;
    product.to_string()
}

/// The field that is refused when one key of a valid product is replaced.
fn refused_field(key: &str, value: Value) -> String {
    match parse_product(&product_with(key, value)) {
        Err(ProductDtoError::Invalid { field, .. }) => field.to_string(),
        other => panic!("expected an invalid field, got {other:?}"),
    }
}

// happy path: a valid product is parsed with all its fields.
#[test]
fn parses_a_valid_product() {
    let expected = Product {
        id: 7,
        sku: "TEA-1".to_string(),
        name: "Tea".to_string(),
        price_cents: 350,
        category: Category::Drink,
        description: Some("Green.".to_string()),
    };
    assert_eq!(parse_product(&product_with("id", json!(7))), Ok(expected));
}

// happy path: a product that is converted to JSON and parsed again stays equal.
#[test]
fn survives_a_round_trip() {
    for category in ["food", "drink", "other"] {
        let text = product_with("category", json!(category));
        let product = parse_product(&text).unwrap();
        let json = serde_json::to_string(&ProductDto::from(product.clone())).unwrap();
        assert_eq!(parse_product(&json), Ok(product));
    }
}

// error: text that is not JSON and values of the wrong type are malformed.
#[test]
fn refuses_malformed_text() {
    let cases = [
        "not json".to_string(),
        "[]".to_string(),
        product_with("id", json!("7")),
        product_with("priceCents", json!(-1)),
        product_with("name", Value::Null),
    ];
    for text in cases {
        let result = parse_product(&text);
        assert!(matches!(result, Err(ProductDtoError::Malformed(_))));
    }
}

// error: an unknown key and a missing key are malformed, and the message names them.
#[test]
fn refuses_unknown_and_missing_keys() {
    let unknown = parse_product(&product_with("colour", json!("red")));
    assert!(unknown.unwrap_err().to_string().contains("colour"));
    let missing = parse_product(r#"{"id": 7, "sku": "TEA-1"}"#);
    assert!(missing.unwrap_err().to_string().contains("name"));
}

// error: a value outside its limits is refused by its key.
#[test]
fn refuses_values_outside_their_limits() {
    let cases = [
        ("id", json!(0)),
        ("sku", json!("")),
        ("sku", json!("tea-1")),
        ("sku", json!("A".repeat(13))),
        ("name", json!("  ")),
        ("name", json!("x".repeat(81))),
        ("priceCents", json!(0)),
        ("priceCents", json!(1_000_001)),
        ("category", json!("Food")),
        ("description", json!("x".repeat(501))),
    ];
    for (key, value) in cases {
        assert_eq!(refused_field(key, value), key);
    }
}

// error: of several refused values the first in the order of the fields is reported.
#[test]
fn reports_the_first_refused_field() {
    let text = r#"{"category": "x", "priceCents": 0, "name": "", "sku": "T", "id": 1}"#;
    let result = parse_product(text);
    assert!(matches!(
        result,
        Err(ProductDtoError::Invalid { field: "name", .. })
    ));
}

// edge case: the limits themselves are allowed, counted in characters.
#[test]
fn accepts_the_limits() {
    let cases = [
        ("id", json!(1)),
        ("sku", json!("A".repeat(12))),
        ("name", json!("ä".repeat(80))),
        ("priceCents", json!(1_000_000)),
        ("description", json!("ä".repeat(500))),
    ];
    for (key, value) in cases {
        assert!(parse_product(&product_with(key, value)).is_ok(), "{key}");
    }
}

// edge case: only the description may be left out or be null.
#[test]
fn accepts_a_missing_description() {
    let text = r#"{"id": 1, "sku": "T", "name": "Tea", "priceCents": 1, "category": "food"}"#;
    assert_eq!(parse_product(text).unwrap().description, None);
    let text = product_with("description", Value::Null);
    assert_eq!(parse_product(&text).unwrap().description, None);
}
