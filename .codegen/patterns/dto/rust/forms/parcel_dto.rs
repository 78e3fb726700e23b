//! The parcel as JSON: its wire form, its validation and its conversion.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

const MAX_RECIPIENT: usize = 60;
const MAX_WEIGHT_GRAMS: u64 = 30000;

/// A parcel as it travels: one field per JSON key, not yet validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParcelDto {
    /// Number of the parcel, at least 1.
    pub id: u64,
    /// Who gets the parcel, 1 to 60 characters.
    pub recipient: String,
    /// The weight, from 1 to 30000.
    pub weight_grams: u64,
    /// Two capital letters.
    pub zone: String,
    /// One of `door`, `shop` and `locker`.
    pub delivery: String,
    /// Six digits for a locker; `None` is `null` or a missing key.
    pub locker_code: Option<String>,
}

/// Where a parcel is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// At the door.
    Door,
    /// In a shop.
    Shop,
    /// In a locker, which has a code.
    Locker,
}

/// A parcel whose values are all validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Number of the parcel.
    pub id: u64,
    /// Who gets the parcel.
    pub recipient: String,
    /// The weight.
    pub weight_grams: u64,
    /// Two capital letters.
    pub zone: String,
    /// Where the parcel is left.
    pub delivery: Delivery,
    /// The code of the locker.
    pub locker_code: Option<String>,
}

/// Why a parcel was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParcelDtoError {
    /// The text is not the JSON form of a parcel; the message says why.
    Malformed(String),
    /// The value of a field is not allowed.
    Invalid {
        /// JSON key of the field.
        field: &'static str,
        /// What the value must be.
        reason: String,
    },
}

impl fmt::Display for ParcelDtoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParcelDtoError::Malformed(message) => write!(f, "malformed parcel: {message}"),
            ParcelDtoError::Invalid { field, reason } => write!(f, "{field} {reason}"),
        }
    }
}

impl Error for ParcelDtoError {}

/// Parses the JSON form of a parcel and validates it.
pub fn parse_parcel(json: &str) -> Result<Parcel, ParcelDtoError> {
    let dto: ParcelDto =
        serde_json::from_str(json).map_err(|error| ParcelDtoError::Malformed(error.to_string()))?;
    Parcel::try_from(dto)
}

impl TryFrom<ParcelDto> for Parcel {
    type Error = ParcelDtoError;

    /// Validates the fields in their order; the first one refused is reported.
    fn try_from(dto: ParcelDto) -> Result<Self, Self::Error> {
        if dto.id < 1 {
            return Err(invalid("id", "must be at least 1"));
        }
        if dto.recipient.trim().is_empty() {
            return Err(invalid("recipient", "must not be blank"));
        }
        if dto.recipient.chars().count() > MAX_RECIPIENT {
            return Err(invalid("recipient", "must have at most 60 characters"));
        }
        if dto.weight_grams < 1 || dto.weight_grams > MAX_WEIGHT_GRAMS {
            return Err(invalid("weightGrams", "must be from 1 to 30000"));
        }
        if dto.zone.len() != 2 || !dto.zone.chars().all(|c| c.is_ascii_uppercase()) {
            return Err(invalid("zone", "must be two capital letters"));
        }
        let delivery = match dto.delivery.as_str() {
            "door" => Delivery::Door,
            "shop" => Delivery::Shop,
            "locker" => Delivery::Locker,
            _ => return Err(invalid("delivery", "must be door, shop or locker")),
        };
        match (delivery, &dto.locker_code) {
            (Delivery::Locker, Some(code)) if is_locker_code(code) => {}
            (Delivery::Locker, _) => return Err(invalid("lockerCode", "must be six digits")),
            (_, Some(_)) => return Err(invalid("lockerCode", "must be null without a locker")),
            (_, None) => {}
        }
        Ok(Parcel {
            id: dto.id,
            recipient: dto.recipient,
            weight_grams: dto.weight_grams,
            zone: dto.zone,
            delivery,
            locker_code: dto.locker_code,
        })
    }
}

impl From<Parcel> for ParcelDto {
    fn from(parcel: Parcel) -> Self {
        let delivery = match parcel.delivery {
            Delivery::Door => "door",
            Delivery::Shop => "shop",
            Delivery::Locker => "locker",
        };
        ParcelDto {
            id: parcel.id,
            recipient: parcel.recipient,
            weight_grams: parcel.weight_grams,
            zone: parcel.zone,
            delivery: delivery.to_string(),
            locker_code: parcel.locker_code,
        }
    }
}

fn is_locker_code(text: &str) -> bool {
    text.len() == 6 && text.chars().all(|c| c.is_ascii_digit())
}

fn invalid(field: &'static str, reason: &str) -> ParcelDtoError {
    ParcelDtoError::Invalid {
        field,
        reason: reason.to_string(),
    }
}
