//! Texts that are as long as they have bytes or UTF-16 code units: `len(name) > 60` in Go and `name.len() > 60` in Rust refuse 31 letters of Greek,
//! `name.length > 60` in TypeScript and `name.length() > 60` in Java 31 emoji.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Language;
use super::import_edit::with_import;
use super::limits::limits;

/// A comparison of a length, behind what measures it.
const COMPARED: &str = r"(?P<rest> (?:[<>]=?|[=!]==?) (?P<limit>\w+))";
static GO: LazyLock<Option<Regex>> = LazyLock::new(|| compared(r"\blen\((?P<text>[\w.]+)\)"));
static RUST: LazyLock<Option<Regex>> =
    LazyLock::new(|| compared(r"\b(?P<text>(?:\w+(?:\(\))?\.)*\w+(?:\(\))?)\.len\(\)"));
static TYPESCRIPT: LazyLock<Option<Regex>> =
    LazyLock::new(|| compared(r"\b(?P<text>(?:\w+(?:\(\))?\.)*\w+(?:\(\))?)\.length"));
static JAVA: LazyLock<Option<Regex>> =
    LazyLock::new(|| compared(r"\b(?P<text>(?:\w+(?:\(\))?\.)*\w+(?:\(\))?)\.length\(\)"));

fn compared(measured: &str) -> Option<Regex> {
    Regex::new(&format!("{measured}{COMPARED}")).ok()
}

/// Whether the length of a text is that in UTF-16 code units, in which most characters are one.
pub fn counts_code_units(language: Language) -> bool {
    matches!(language, Language::TypeScript | Language::Java)
}

/// The text with lengths counted in characters (code points) where what is measured, with what it is compared with, is said in them; and how these
/// comparisons read now. None where there is none.
pub fn counted_in_characters(
    language: Language,
    text: &str,
    is_in_characters: impl Fn(&str, u64) -> bool,
) -> Option<(String, Vec<String>)> {
    let compared = match language {
        Language::Go => GO.as_ref()?,
        Language::Rust => RUST.as_ref()?,
        Language::TypeScript => TYPESCRIPT.as_ref()?,
        Language::Java => JAVA.as_ref()?,
        Language::Python => return None,
    };
    let named = limits(language, text);
    let number = |limit: &str| -> Option<u64> {
        let number = named.iter().find(|known| known.name == limit).map_or(limit, |known| known.number.as_str());
        number.replace('_', "").parse().ok()
    };
    let is_meant = |found: &Captures<'_>| {
        let measured = found["text"].split('.').rfind(|part| !part.ends_with(')')).unwrap_or(&found["text"]);
        number(&found["limit"]).is_some_and(|number| is_in_characters(measured, number))
    };
    let texts: BTreeSet<&str> = compared
        .captures_iter(text)
        .filter(is_meant)
        .filter_map(|found| found.name("text").map(|text| text.as_str()))
        .collect();
    let mut done = Vec::new();
    let counted = compared.replace_all(text, |found: &Captures<'_>| {
        let (measured, rest) = (&found["text"], &found["rest"]);
        // A short text is told from a list by what else it is compared with; one that is compared with another length stays, and an empty one is as
        // short in every unit.
        let is_empty =
            |number: u64| number == 0 || number == 1 && [" < ", " >= "].iter().any(|mark| rest.starts_with(mark));
        let begins = found.get(0).map_or(0, |whole| whole.start());
        let is_part =
            language == Language::TypeScript && text.get(..begins).is_some_and(|before| before.ends_with('.'));
        if !texts.contains(measured) || is_part || number(&found["limit"]).is_none_or(is_empty) {
            return found[0].to_owned();
        }
        let now = match language {
            Language::Go => format!("utf8.RuneCountInString({measured}){rest}"),
            Language::TypeScript => format!("[...{measured}].length{rest}"),
            Language::Java => format!("{measured}.codePoints().count(){rest}"),
            Language::Rust | Language::Python => format!("{measured}.chars().count(){rest}"),
        };
        done.push(format!("`{now}`"));
        now
    });
    if done.is_empty() {
        return None;
    }
    let counted = counted.into_owned();
    let imported = (language == Language::Go).then(|| with_import(language, &counted, "import \"unicode/utf8\""));
    Some((imported.flatten().unwrap_or(counted), done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_it_has_characters() {
        let counted = |language, text: &str| {
            let is_text = |of: &str, number: u64| !of.to_lowercase().contains("tags") && [60, 100].contains(&number);
            counted_in_characters(language, text, is_text).map(|(text, _)| text)
        };
        let go = "package a\n\nimport (\n\t\"strings\"\n)\n\nconst maxName = 60\n\nfunc f(a A) bool {\n\treturn len(a.Name) > maxName || len(a.Tags) > 60 || len(mail) >= 100\n}\n";
        let right = go
            .replace("len(a.Name)", "utf8.RuneCountInString(a.Name)")
            .replace("len(mail)", "utf8.RuneCountInString(mail)")
            .replace("(\n\t\"strings\"", "(\n\t\"unicode/utf8\"\n\t\"strings\"");
        assert_eq!(counted(Language::Go, go), Some(right.clone()));
        assert_eq!(counted(Language::Go, &right), None);
        let rust = "const MAX_NAME: usize = 6_0;\nfn f(a: &A) -> bool { a.name.trim().len() > MAX_NAME || a.tags.len() > 60 || mail.len() != 100 }\n";
        let right =
            rust.replace("trim().len()", "trim().chars().count()").replace("mail.len()", "mail.chars().count()");
        assert_eq!(counted(Language::Rust, rust), Some(right));
        let script = "const MAX_NAME = 60;\nif (a.name.trim().length < 3 || a.name.trim().length > MAX_NAME || a.tags.length > 60 || mail.length === 0 || mail.length >= 100) {\n";
        let right = script
            .replace("a.name.trim().length", "[...a.name.trim()].length")
            .replace("mail.length >", "[...mail].length >");
        assert_eq!(counted(Language::TypeScript, script), Some(right.clone()));
        assert_eq!(counted(Language::TypeScript, &right), None);
        let part = "if (user?.name.length > 60 || rows[0].name.length > 60 || name.length > 60) {\n";
        let right = part.replace("|| name.length", "|| [...name].length");
        assert_eq!(counted(Language::TypeScript, part), Some(right));
        let pairs = "package a\n\nimport \"unicode/utf8\"\n\nfunc f() {\n\tif len(name) > 60 || len(name) != len(strings.TrimSpace(name)) || len(name) > i || len(name) < 1 || len(name) <= 1 {\n";
        let right = pairs
            .replace("len(name) > 60", "utf8.RuneCountInString(name) > 60")
            .replace("len(name) <= 1", "utf8.RuneCountInString(name) <= 1");
        assert_eq!(counted(Language::Go, pairs), Some(right));
        let java = "return name().length() > 60 || mail.length() > 100;\n";
        let right = java.replace("length()", "codePoints().count()");
        assert_eq!(counted(Language::Java, java), Some(right.clone()));
        assert_eq!(counted(Language::Java, &right), None);
        assert_eq!(counted(Language::Python, "if len(a) > 60:\n"), None);
    }
}
