//! Code inside of a text, where its value was meant: `r#"{"name": "ä".repeat(61)}"#`, which is no JSON.

use std::sync::LazyLock;

use regex::Regex;

use super::Slip;
use crate::language::Language;

/// A JSON object on one line in the marks that a text with quotation marks has: in Rust, and in Python and TypeScript.
static RAW: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r##"r#"(\{[^\n]*?\})"#"##).ok());
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"'(\{[^'\n]*\})'|`(\{[^`\n]*\})`").ok());
/// A text that is repeated.
static REPEATED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#""\.repeat\(\d+\)|" \* \d+\b"#).ok());

/// A test with the objects that have code in them written as values of the language, which become their text. None where there are none, or the
/// language has no such values.
pub(super) fn slip(language: Language, test: &str) -> Option<Slip> {
    let (texts, write): (_, fn(&str) -> String) = match language {
        Language::Rust => (&RAW, |object| format!("&json!({object}).to_string()")),
        Language::Python => (&QUOTED, |object| format!("json.dumps({object})")),
        Language::TypeScript => (&QUOTED, |object| format!("JSON.stringify({object})")),
        Language::Go | Language::Java => return None,
    };
    let (texts, repeated) = (texts.as_ref()?, REPEATED.as_ref()?);
    let (mut mended, mut end, mut first) = (String::new(), 0, None);
    for found in texts.captures_iter(test) {
        let Some(object) = found.get(1).or_else(|| found.get(2)).filter(|object| repeated.is_match(object.as_str()))
        else {
            continue;
        };
        let (whole, meant) = (found.get(0)?, write(object.as_str()));
        mended.push_str(test.get(end..whole.start())?);
        mended.push_str(&meant);
        end = whole.end();
        first.get_or_insert((whole.as_str().to_owned(), meant));
    }
    mended.push_str(test.get(end..)?);
    first.map(|(was, meant)| Slip { was, meant, mended })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_a_text_becomes_a_value() {
        let rust = "let a = r#\"{\"name\": \"ä\".repeat(61)}\"#;\nlet b = r#\"{\"name\": \"b\"}\"#;\nf(r#\"{\"mail\": \"a@b\".repeat(99)}\"#);\n";
        let expected = "let a = &json!({\"name\": \"ä\".repeat(61)}).to_string();\nlet b = r#\"{\"name\": \"b\"}\"#;\nf(&json!({\"mail\": \"a@b\".repeat(99)}).to_string());\n";
        assert_eq!(slip(Language::Rust, rust).unwrap().mended, expected);
        let python = "body = '{\"name\": \"a\" * 61}'\n";
        assert_eq!(slip(Language::Python, python).unwrap().mended, "body = json.dumps({\"name\": \"a\" * 61})\n");
        let script = "post(`{\"name\": \"a\".repeat(61)}`);\n";
        assert_eq!(
            slip(Language::TypeScript, script).unwrap().mended,
            "post(JSON.stringify({\"name\": \"a\".repeat(61)}));\n"
        );
    }

    #[test]
    fn what_is_json_stays() {
        for (language, test) in [
            (Language::Rust, "let a = r#\"{\"name\": \"repeat(61)\"}\"#;"),
            (Language::Rust, "let a = json!({\"name\": \"ä\".repeat(61)});"),
            (Language::Python, "body = json.dumps({\"name\": \"a\" * 61})"),
            (Language::Go, "body := `{\"name\": \"a\".repeat(61)}`"),
        ] {
            assert_eq!(slip(language, test), None, "{test}");
        }
    }
}
