//! Tests of the money type.

use shop::money::{InvalidMoney, Money};

// happy path: an amount is shown with two digits after the point.
#[test]
fn shows_two_digits_after_the_point() {
    assert_eq!(Money::from_cents(1250).to_string(), "12.50");
    assert_eq!(Money::from_cents(5).to_string(), "0.05");
}

// happy path: what is shown can be parsed again.
#[test]
fn parses_what_it_shows() {
    let amount = Money::from_cents(1999);
    assert_eq!(amount.to_string().parse(), Ok(amount));
}

// error: text that is not an amount is refused.
#[test]
fn refuses_text_that_is_not_an_amount() {
    for text in ["", "12", "12.5", "12.500", "-1.00", ".50", "a.00"] {
        let result: Result<Money, InvalidMoney> = text.parse();
        assert_eq!(result, Err(InvalidMoney(text.to_string())));
    }
}

// edge case: sums and products that are too large are `None`.
#[test]
fn detects_overflow() {
    let largest = Money::from_cents(u64::MAX);
    assert_eq!(largest.checked_add(Money::from_cents(1)), None);
    assert_eq!(largest.checked_mul(2), None);
    assert_eq!(
        Money::from_cents(250).checked_mul(3),
        Some(Money::from_cents(750))
    );
}
