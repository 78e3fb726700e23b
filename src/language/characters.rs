//! Texts that are as long as they have bytes: `len(name) > 60` in Go and `name.len() > 60` in Rust refuse 31 letters of Greek.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Language;
use super::import_edit::with_import;
use super::limits::limits;

static GO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\blen\((?P<text>[\w.]+)\)(?P<rest> (?:[<>]=?|[=!]=) (?P<limit>\w+))").ok());
static RUST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?P<text>(?:\w+(?:\(\))?\.)*\w+(?:\(\))?)\.len\(\)(?P<rest> (?:[<>]=?|[=!]=) (?P<limit>\w+))").ok()
});

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
        Language::Python | Language::TypeScript | Language::Java => return None,
    };
    let named = limits(language, text);
    let is_meant = |measured: &str, limit: &str| {
        let number = named.iter().find(|known| known.name == limit).map_or(limit, |known| known.number.as_str());
        let measured = measured.split('.').rfind(|part| !part.ends_with(')')).unwrap_or(measured);
        number.replace('_', "").parse().is_ok_and(|number| is_in_characters(measured, number))
    };
    let mut done = Vec::new();
    let counted = compared.replace_all(text, |found: &Captures<'_>| {
        if !is_meant(&found["text"], &found["limit"]) {
            return found[0].to_owned();
        }
        let now = match language {
            Language::Go => format!("utf8.RuneCountInString({}){}", &found["text"], &found["rest"]),
            _ => format!("{}.chars().count(){}", &found["text"], &found["rest"]),
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
        assert_eq!(counted(Language::Python, "if len(a) > 60:\n"), None);
    }
}
