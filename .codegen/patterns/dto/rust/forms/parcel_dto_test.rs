use example::parcel_dto::{parse_parcel, Delivery, Parcel, ParcelDto, ParcelDtoError};
use serde_json::{json, Value};

/// The JSON form of a valid parcel that goes to a locker.
fn valid() -> Value {
    json!({
        "id": 7,
        "recipient": "Ada Lovelace",
        "weightGrams": 1200,
        "zone": "NW",
        "delivery": "locker",
        "lockerCode": "004711"
    })
}

/// The JSON form of a valid parcel that needs no code.
fn to_door() -> Value {
    let mut parcel = valid();
    parcel["delivery"] = json!("door");
    parcel["lockerCode"] = json!(null);
    parcel
}

/// Parses a valid parcel in which one key has another value.
fn parse_with(key: &str, value: Value) -> Result<Parcel, ParcelDtoError> {
    let mut parcel = valid();
    parcel[key] = value;
    parse_parcel(&parcel.to_string())
}

/// Parses a valid parcel in which one key is missing.
fn parse_without(key: &str) -> Result<Parcel, ParcelDtoError> {
    let mut parcel = valid();
    parcel.as_object_mut().unwrap().remove(key);
    parse_parcel(&parcel.to_string())
}

// happy path: a complete parcel is parsed into its domain form.
#[test]
fn parses_a_complete_parcel() {
    let parcel = parse_parcel(&valid().to_string()).unwrap();
    assert_eq!(parcel.id, 7);
    assert_eq!(parcel.recipient, "Ada Lovelace");
    assert_eq!(parcel.weight_grams, 1200);
    assert_eq!(parcel.zone, "NW");
    assert_eq!(parcel.delivery, Delivery::Locker);
    assert_eq!(parcel.locker_code, Some("004711".to_string()));
}

// happy path: a parcel that is converted to JSON and parsed again stays equal.
#[test]
fn survives_a_round_trip() {
    for json in [valid(), to_door()] {
        let parcel = parse_parcel(&json.to_string()).unwrap();
        let written = serde_json::to_string(&ParcelDto::from(parcel.clone())).unwrap();
        assert_eq!(parse_parcel(&written), Ok(parcel));
    }
}

// happy path: the JSON form has the keys in camel case.
#[test]
fn writes_camel_case_keys() {
    for json in [valid(), to_door()] {
        let parcel = parse_parcel(&json.to_string()).unwrap();
        let written = serde_json::to_value(ParcelDto::from(parcel)).unwrap();
        assert_eq!(written, json);
    }
}

// error: text that is not JSON is malformed.
#[test]
fn refuses_text_that_is_not_json() {
    for text in ["", "parcel", "{\"id\": 7", "[]"] {
        let result = parse_parcel(text);
        assert!(
            matches!(result, Err(ParcelDtoError::Malformed(_))),
            "{text:?} gave {result:?}"
        );
    }
}

// error: an unknown key is malformed and named in the message.
#[test]
fn refuses_an_unknown_key() {
    match parse_with("isGift", json!(true)) {
        Err(ParcelDtoError::Malformed(message)) => assert!(message.contains("isGift")),
        other => panic!("expected a malformed parcel, got {other:?}"),
    }
}

// error: each required key that is missing is malformed and named in the message.
#[test]
fn refuses_a_missing_key() {
    for key in ["id", "recipient", "weightGrams", "zone", "delivery"] {
        match parse_without(key) {
            Err(ParcelDtoError::Malformed(message)) => assert!(message.contains(key)),
            other => panic!("expected a malformed parcel without {key}, got {other:?}"),
        }
    }
}

// error: a value of the wrong type is malformed: id and weightGrams are whole numbers, all others
// are texts.
#[test]
fn refuses_a_wrong_type() {
    let cases = [
        ("id", json!("7")),
        ("id", json!(-1)),
        ("recipient", json!(7)),
        ("weightGrams", json!(1.5)),
        ("zone", json!(null)),
        ("delivery", json!(["door"])),
        ("lockerCode", json!(4711)),
    ];
    for (key, value) in cases {
        let result = parse_with(key, value.clone());
        assert!(
            matches!(result, Err(ParcelDtoError::Malformed(_))),
            "{key} = {value} gave {result:?}"
        );
    }
}

// error: a value outside its limits is invalid: id at least 1, recipient 1 to 60 characters,
// weightGrams 1 to 30000, zone two capital letters, delivery door, shop or locker, lockerCode six
// digits.
#[test]
fn refuses_a_value_outside_its_limits() {
    let cases = [
        ("id", json!(0)),
        ("recipient", json!("   ")),
        ("recipient", json!("x".repeat(61))),
        ("weightGrams", json!(0)),
        ("weightGrams", json!(30001)),
        ("zone", json!("N")),
        ("zone", json!("NWE")),
        ("zone", json!("nw")),
        ("delivery", json!("drone")),
        ("lockerCode", json!("00471")),
        ("lockerCode", json!("0047111")),
        ("lockerCode", json!("00471x")),
    ];
    for (key, value) in cases {
        match parse_with(key, value.clone()) {
            Err(ParcelDtoError::Invalid { field, .. }) => assert_eq!(field, key),
            other => panic!("expected {key} = {value} to be invalid, got {other:?}"),
        }
    }
}

// error: a locker needs a code.
#[test]
fn refuses_a_locker_without_code() {
    for result in [
        parse_without("lockerCode"),
        parse_with("lockerCode", json!(null)),
    ] {
        match result {
            Err(ParcelDtoError::Invalid { field, .. }) => assert_eq!(field, "lockerCode"),
            other => panic!("expected an invalid parcel, got {other:?}"),
        }
    }
}

// error: a door and a shop must not have a code.
#[test]
fn refuses_a_code_without_locker() {
    for delivery in ["door", "shop"] {
        match parse_with("delivery", json!(delivery)) {
            Err(ParcelDtoError::Invalid { field, .. }) => assert_eq!(field, "lockerCode"),
            other => panic!("expected an invalid parcel, got {other:?}"),
        }
    }
}

// edge case: values at the limits are accepted: id 1, recipient 60 characters, weightGrams 1 and
// 30000.
#[test]
fn accepts_values_at_the_limits() {
    let cases = [
        ("id", json!(1)),
        ("recipient", json!("é".repeat(60))),
        ("weightGrams", json!(1)),
        ("weightGrams", json!(30000)),
        ("zone", json!("AZ")),
        ("lockerCode", json!("000000")),
        ("lockerCode", json!("999999")),
    ];
    for (key, value) in cases {
        let result = parse_with(key, value.clone());
        assert!(result.is_ok(), "{key} = {value} gave {result:?}");
    }
}

// edge case: a code that is left out is unknown.
#[test]
fn accepts_a_parcel_without_code() {
    let mut parcel = to_door();
    parcel.as_object_mut().unwrap().remove("lockerCode");
    let parsed = parse_parcel(&parcel.to_string()).unwrap();
    assert_eq!(parsed.locker_code, None);
}
