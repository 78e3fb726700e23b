//! Conversions that tests leave out: a value that has to be of another type, where the code says how it becomes one.
//!
//! Code that comes and goes as JSON has a type for that form and one for the rest. A small model writes the second where the first is meant, and
//! writes it again when it is shown what the compiler says.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::super::prove::FileSet;
use super::Mending;
use crate::language::Language;
use crate::language::outline::all_items;
use crate::text::has_word;

/// A value of a type that lacks a trait, with its place, as the compiler of Rust says it.
static LACKS_TRAIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"the trait bound `&?(?P<own>\w+): (?:\w+::)*(?P<trait>\w+)` is not satisfied\n\s*--> (?P<path>[^:\n]+):(?P<line>\d+):(?P<column>\d+)").ok()
});

/// A JSON value where its text is meant, with its place. What stands between the place and what is said of it is the line itself.
static IS_NO_TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"mismatched types\n\s*--> (?P<path>[^:\n]+):(?P<line>\d+):(?P<column>\d+)\n(?:\s*[\d|][^\n]*\n){0,5}?[^\n]*expected `&str`, found `&Value`").ok()
});

/// A borrowed text where an owned one may be meant, with its place.
static IS_BORROWED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"mismatched types\n\s*--> (?P<path>[^:\n]+):(?P<line>\d+):(?P<column>\d+)\n(?:\s*[\d|][^\n]*\n){0,5}?[^\n]*expected `Option<String>`, found `Option<&str>`").ok()
});

/// A text that may be there, as it is written.
static OPTIONAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^Some\((?P<value>"(?:[^"\\]|\\.)*")\)"#).ok());

/// A value, or a reference to one, as it is written: `&payment`, `self.total`.
static VALUE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?P<by>&?)(?P<value>[a-z_]\w*(?:\.\w+)*)\b").ok());

/// How a value becomes one of another type.
enum Conversion {
    /// By the `From` of a type, from a value.
    Into(String),
    /// By the `From` of a type, from a reference.
    IntoFromReference(String),
    /// By `to_string`.
    IntoText,
    /// By `to_string` of what may be there.
    IntoOptionalText,
}

impl Conversion {
    fn of(&self, value: &str) -> String {
        match self {
            Self::Into(to) => format!("{to}::from({value}.clone())"),
            Self::IntoFromReference(to) => format!("{to}::from(&{value})"),
            Self::IntoText => format!("{value}.to_string()"),
            Self::IntoOptionalText => format!("Some({value}.to_string())"),
        }
    }

    /// What is converted, as it is written.
    fn converts(&self) -> Option<&'static Regex> {
        if matches!(self, Self::IntoOptionalText) { OPTIONAL.as_ref() } else { VALUE.as_ref() }
    }
}

impl Mending<'_> {
    /// Converts in the tests what is of another type than what is meant: into the type of the code that has the trait which is asked for, into the
    /// text of a JSON value, or into a text of its own. Says what.
    pub(super) fn convert(&self, files: &mut FileSet) -> Vec<String> {
        let evidence = &self.standing.setback.evidence;
        let mut done = Vec::new();
        if self.language() != Language::Rust {
            return done;
        }
        let asked = |found: &Captures<'_>| {
            let (own, derived) = found.name("own").zip(found.name("trait"))?;
            self.standing.code.values().find_map(|code| conversion(code, own.as_str(), derived.as_str()))
        };
        let all = |pattern: &'static LazyLock<Option<Regex>>| {
            pattern.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(evidence))
        };
        let found = (all(&LACKS_TRAIT).filter_map(|found| Some((asked(&found)?, found))))
            .chain(all(&IS_NO_TEXT).map(|found| (Conversion::IntoText, found)))
            .chain(all(&IS_BORROWED).map(|found| (Conversion::IntoOptionalText, found)));
        for (conversion, found) in found {
            let path = self.producer.task.tests.iter().find(|path| path.as_str() == &found["path"]);
            let Some(text) = path.and_then(|path| files.get_mut(path)) else { continue };
            let (Ok(line), Ok(column)) = (found["line"].parse(), found["column"].parse()) else { continue };
            if let Some((with, now)) = converted(text, line, column, &conversion) {
                *text = with;
                done.push(format!("wrote `{now}` in line {line}, as the compiler asks for another type"));
            }
        }
        done
    }
}

/// How code makes of one type another that derives a trait.
fn conversion(code: &str, own: &str, derived: &str) -> Option<Conversion> {
    let implements = Regex::new(&format!(r"(?m)^impl From<(?P<by>&?){own}> for (?P<to>\w+)\b")).ok()?;
    let items = all_items(Language::Rust, code);
    let derives = |name: &str| {
        let declared = items.iter().filter(|item| item.name == name && !item.key.starts_with("impl"));
        let mut texts = declared.filter_map(|item| code.get(item.whole.clone()));
        texts.any(|text| text.lines().any(|line| line.trim_start().starts_with("#[derive(") && has_word(line, derived)))
    };
    let mut all = implements.captures_iter(code);
    let found = all.find(|found| derives(&found["to"]))?;
    let to = found["to"].to_owned();
    Some(if found["by"].is_empty() { Conversion::Into(to) } else { Conversion::IntoFromReference(to) })
}

/// A text with the value at a place converted, and that value. None where no name of a value stands there. Lines and columns count from 1,
/// columns in characters.
fn converted(text: &str, line: usize, column: usize, conversion: &Conversion) -> Option<(String, String)> {
    let start = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum::<usize>();
    let rest = text.get(start..)?;
    let at = start + rest.char_indices().nth(column.checked_sub(1)?)?.0;
    let found = conversion.converts()?.captures(text.get(at..)?)?;
    let by = found.name("by").map_or("", |by| by.as_str());
    let now = format!("{by}{}", conversion.of(&found["value"]));
    let (before, after) = (text.get(..at)?, text.get(at + found[0].len()..)?);
    // What is called, or has more behind it, is not the whole value.
    let is_whole = after.starts_with([')', ',', ';', ' ', '\n']);
    is_whole.then(|| (format!("{before}{now}{after}"), now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "#[derive(Debug, Clone, Serialize)]\n#[serde(deny_unknown_fields)]\npub struct OrderDto {\n    id: u64,\n}\n\n#[derive(Debug, Clone)]\npub struct Order {\n    id: u64,\n}\n\nimpl From<Order> for OrderDto {\n    fn from(order: Order) -> Self {\n        Self { id: order.id }\n    }\n}\n";

    #[test]
    fn a_value_becomes_what_the_code_makes_of_it() {
        let by_value = conversion(CODE, "Order", "Serialize").unwrap();
        let test = "#[test]\nfn a() {\n    let text = to_string(&order).unwrap();\n}\n";
        let expected = test.replace("&order", "&OrderDto::from(order.clone())");
        assert_eq!(converted(test, 3, 26, &by_value).unwrap().0, expected);
        let by_reference = conversion(&CODE.replace("From<Order>", "From<&Order>"), "Order", "Serialize").unwrap();
        let (_, now) = converted("é; to_value(self.order)", 1, 13, &by_reference).unwrap();
        assert_eq!(now, "OrderDto::from(&self.order)");
        let said = "error[E0308]: mismatched types\n  --> tests/a.rs:1:7\n   |\n 1 | parse(&value)\n   | ----- ^^^^^^ expected `&str`, found `&Value`\n";
        assert!(IS_NO_TEXT.as_ref().unwrap().is_match(said));
        assert_eq!(converted("parse(&value)", 1, 7, &Conversion::IntoText).unwrap().0, "parse(&value.to_string())");
        let said = "error[E0308]: mismatched types\n  --> tests/a.rs:1:15\n   |\n 1 | assert_eq!(a, Some(\"1\"))\n   |               ^^^^^^^^^ expected `Option<String>`, found `Option<&str>`\n";
        assert!(IS_BORROWED.as_ref().unwrap().is_match(said));
        let (now, _) = converted("assert_eq!(a, Some(\"1\"))", 1, 15, &Conversion::IntoOptionalText).unwrap();
        assert_eq!(now, "assert_eq!(a, Some(\"1\".to_string()))");
        assert!(converted("assert_eq!(a, b)", 1, 15, &Conversion::IntoOptionalText).is_none());
    }

    #[test]
    fn what_the_code_does_not_convert_stays() {
        assert!(conversion(CODE, "Order", "Deserialize").is_none(), "the other type has not got it either");
        assert!(conversion(CODE, "Payment", "Serialize").is_none());
        let conversion = conversion(CODE, "Order", "Serialize").unwrap();
        for (test, line, column) in [
            ("to_string(&\"text\")\n", 1, 11),
            ("to_string(&order())", 1, 11),
            ("a\n", 7, 1),
            ("a", 1, 90),
            ("a", 0, 0),
            ("", 1, 1),
        ] {
            assert!(converted(test, line, column, &conversion).is_none(), "{test}");
        }
    }
}
