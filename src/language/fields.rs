//! Fields of a type: their names, and what sort of value each has.

use std::sync::LazyLock;

use regex::Regex;

use super::Language;
use super::outline::{Kind, all_items};

/// What sort of value a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
    /// Something else.
    Other,
}

/// `pub name: String,`, `name: str`, `readonly name?: string;`.
static TYPED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:pub |public |readonly )*(?P<name>\w+)\??:\s*(?P<type>[^=,;]+)").ok());
/// `Name string`.
static GO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s+(?P<name>\w+)\s+(?P<type>[\w.\[\]*]+)\s*(?:`[^`]*`)?\s*(?://.*)?$").ok());
/// `private final String name;`, and each of a record in a line of its own.
static JAVA: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:private |public |final )*(?P<type>[\w.<>]+)\s+(?P<name>\w+)\s*[,;)]").ok());

/// The fields of the first type of a name that has any, in their order.
pub fn fields(language: Language, text: &str, of: &str) -> Vec<(String, Sort)> {
    let field = match language {
        Language::Go => GO.as_ref(),
        Language::Java => JAVA.as_ref(),
        Language::Rust | Language::Python | Language::TypeScript => TYPED.as_ref(),
    };
    let Some(field) = field else { return Vec::new() };
    let of_item = |own: &str| -> Vec<(String, Sort)> {
        let lines = own.lines().skip_while(|line| !line.contains(of)).skip(1);
        // Behind the first method there are locals and arguments.
        let is_method = |line: &str| match language {
            Language::Rust => line.contains("fn "),
            Language::Python => line.contains("def "),
            Language::Go => line.contains("func"),
            Language::TypeScript | Language::Java => line.contains('('),
        };
        let lines = lines.take_while(|line| !is_method(line));
        lines
            .filter_map(|line| field.captures(line))
            .map(|found| (found["name"].to_owned(), sort(&found["type"])))
            .collect()
    };
    let items = all_items(language, text).into_iter().filter(|item| item.name == of && item.kind != Kind::Function);
    let found = items.map(|item| of_item(text.get(item.whole).unwrap_or_default()));
    found.into_iter().find(|fields| !fields.is_empty()).unwrap_or_default()
}

fn sort(of: &str) -> Sort {
    let bare = of.split('|').next().unwrap_or_default().trim().trim_start_matches("&'static ");
    match bare.trim_start_matches('&').to_lowercase().as_str() {
        "str" | "string" => Sort::Text,
        "bool" | "boolean" => Sort::Flag,
        "int" | "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "u8"
        | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "integer" | "long" | "number" | "bigint"
        | "float" | "float32" | "float64" | "f32" | "f64" | "double" | "decimal" => Sort::Number,
        _ => Sort::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_a_name_and_a_sort() {
        for (language, text) in [
            (
                Language::Rust,
                "/// A thing: id.\n#[derive(Debug)]\npub struct Thing {\n    /// The id: a number.\n    pub id: u64,\n    pub name: String,\n    paid: bool,\n    tags: Vec<String>,\n}\n\nimpl Thing {\n    fn check(&self) { let a: u8 = 1; }\n}\n",
            ),
            (
                Language::Python,
                "@dataclass\nclass Thing:\n    \"\"\"A thing.\"\"\"\n\n    id: int\n    name: str = \"\"\n    paid: bool = False\n    tags: list[str]\n\n    def check(self) -> None:\n        total: int = 1\n",
            ),
            (
                Language::TypeScript,
                "export interface Thing {\n  /** The id. */\n  readonly id: number;\n  name?: string;\n  paid: boolean;\n  tags: string[];\n}\n",
            ),
            (
                Language::Go,
                "package a\n\n// Thing is one.\ntype Thing struct {\n\t// ID is one.\n\tID   int64\n\tName string `json:\"name\"`\n\tPaid bool\n\tTags []string\n}\n",
            ),
        ] {
            let found = fields(language, text, "Thing");
            let names: Vec<String> = found.iter().map(|(name, _)| name.to_lowercase()).collect();
            assert_eq!(names, ["id", "name", "paid", "tags"], "{language}");
            let sorts: Vec<Sort> = found.iter().map(|(_, sort)| *sort).collect();
            assert_eq!(sorts, [Sort::Number, Sort::Text, Sort::Flag, Sort::Other], "{language}");
            assert!(fields(language, text, "Other").is_empty(), "{language}");
        }
    }
}
