//! An amount of money in whole cents.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// An amount of money in whole cents, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Money {
    cents: u64,
}

/// The text is not an amount such as `12.50`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidMoney(pub String);

impl fmt::Display for InvalidMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an amount such as 12.50", self.0)
    }
}

impl Error for InvalidMoney {}

impl Money {
    /// Returns the amount of this many cents.
    pub fn from_cents(cents: u64) -> Self {
        Self { cents }
    }

    /// Returns the amount in cents.
    pub fn cents(self) -> u64 {
        self.cents
    }

    /// Adds two amounts; `None` when the sum is too large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.cents.checked_add(other.cents).map(Self::from_cents)
    }

    /// Multiplies the amount by a quantity; `None` when the product is too large.
    pub fn checked_mul(self, quantity: u64) -> Option<Self> {
        self.cents.checked_mul(quantity).map(Self::from_cents)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

impl FromStr for Money {
    type Err = InvalidMoney;

    /// Parses whole units, a point and exactly two digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidMoney(text.to_string());
        let (units, cents) = text.split_once('.').ok_or_else(invalid)?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(units) || !digits(cents) || cents.len() != 2 {
            return Err(invalid());
        }
        let units: u64 = units.parse().map_err(|_| invalid())?;
        let cents: u64 = cents.parse().map_err(|_| invalid())?;
        let total = units
            .checked_mul(100)
            .and_then(|all| all.checked_add(cents));
        total.map(Self::from_cents).ok_or_else(invalid)
    }
}
