//! A node: one YAML value and the bytes it was read from.

use std::ops::Range;

use serde_json::{Map, Number};

/// One YAML value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its byte range in the file.
    pub span: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// The kinds of YAML values that we tell apart. Scalars keep their text: `1.10` stays `1.10` and `no` stays `no`.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An empty value, `~` or `null`.
    Null,
    /// A scalar; `plain` when it was written without quotes.
    Scalar {
        /// Its text after unquoting.
        text: String,
        /// Whether it stood without quotes, so that it may be a number or a truth value.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The kind in words, for error messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar { .. } => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The value under a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value as JSON, plain scalars read by YAML's core schema. Used to hand a part of a file to another library.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Scalar { text, plain: false } => serde_json::Value::String(text.clone()),
            Value::Scalar { text, plain: true } => plain_to_json(text),
            Value::List(items) => serde_json::Value::Array(items.iter().map(Self::to_json).collect()),
            Value::Map(entries) => {
                let pairs = entries.iter().filter_map(|(key, value)| Some((key.text()?.to_owned(), value.to_json())));
                serde_json::Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }
}

fn plain_to_json(text: &str) -> serde_json::Value {
    match text {
        "true" => return serde_json::Value::Bool(true),
        "false" => return serde_json::Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>() {
        return serde_json::Value::Number(number.into());
    }
    match text.parse::<f64>().ok().and_then(Number::from_f64) {
        Some(number) if text.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
            serde_json::Value::Number(number)
        }
        _ => serde_json::Value::String(text.to_owned()),
    }
}
