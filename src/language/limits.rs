//! Limits: numbers that have a name such as `MAX_ORDER_ID`. Small models make limits up for fields that have none, or leave those of an example
//! behind, which compilers and linters say nothing of.

use std::sync::LazyLock;

use regex::Regex;

use super::Language;
use super::cut::cut_out;
use crate::name;
use crate::text::{has_word, places_of};

/// The start of a line that gives a number a name and does nothing else, language by language: `MAX_ID: Final = 1000000`, `maxID = 1_000_000` in
/// a group of Go, `export const MAX_ID = 1000000;`, `const MAX_ID: u64 = 1000000;`, `private static final int MAX_ID = 1000000;`.
fn declared(language: Language) -> Option<&'static Regex> {
    static PYTHON: LazyLock<Option<Regex>> = LazyLock::new(|| line(r"(?P<name>[A-Z_][A-Z0-9_]*)(?:: ?[\w\[\], .]+)?"));
    static GO: LazyLock<Option<Regex>> =
        LazyLock::new(|| line(r"(?:\t|const )(?P<name>(?P<seen>[A-Z])?\w+)(?: +\w+)?"));
    static CONST: LazyLock<Option<Regex>> =
        LazyLock::new(|| line(r"(?P<seen>export |pub |pub\(\w+\) )?const (?P<name>\w+)(?:: ?\w+)?"));
    static JAVA: LazyLock<Option<Regex>> =
        LazyLock::new(|| line(r"\s*(?P<seen>public )?(?:private )?static final \w+ (?P<name>\w+)"));
    match language {
        Language::Python => PYTHON.as_ref(),
        Language::Go => GO.as_ref(),
        Language::TypeScript | Language::Rust => CONST.as_ref(),
        Language::Java => JAVA.as_ref(),
    }
}

fn line(start: &str) -> Option<Regex> {
    Regex::new(&format!(r"^{start}\s*= (?P<number>[0-9][0-9_]*)(?:[a-zA-Z]\w*)?;?$")).ok()
}

/// Words in the name of a limit.
const WORDS: [&str; 10] =
    ["max", "maximum", "min", "minimum", "limit", "most", "least", "longest", "shortest", "largest"];

/// A number with the name of a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The name.
    pub name: String,
    /// The number in plain digits.
    pub number: String,
    /// The line that declares it, from 1.
    line: usize,
    /// Whether other files may use it, as its declaration says.
    is_seen: bool,
}

/// The limits that a text declares, each in a line of its own.
pub fn limits(language: Language, text: &str) -> Vec<Limit> {
    let Some(declared) = declared(language) else { return Vec::new() };
    let limit = |(line, number): (&str, usize)| {
        let found = declared.captures(line)?;
        let name = found["name"].to_owned();
        let is_limit = name::snake(&name).split('_').any(|word| WORDS.contains(&word));
        is_limit.then(|| Limit {
            name,
            number: found["number"].replace('_', ""),
            line: number,
            is_seen: found.name("seen").is_some(),
        })
    };
    text.lines().zip(1..).filter_map(limit).collect()
}

/// The text without those of its limits that nothing uses, in it and in the other texts of the code, and the names of these. One that others
/// may use stays.
pub fn without_unused(text: &str, limits: &[Limit], others: &[&str]) -> (String, Vec<String>) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut left, mut names) = (text.to_owned(), Vec::new());
    // The last first, so that the lines of the others stay where they are.
    for Limit { name, line, is_seen, .. } in limits.iter().rev() {
        let is_used = places_of(text, name).count() > 1 || others.iter().any(|other| has_word(other, name));
        if is_used || *is_seen {
            continue;
        }
        names.insert(0, name.clone());
        // Its comment goes with it, where no other line follows that it may be about.
        let next = lines.get(*line).map_or("", |next| next.trim());
        let is_alone = next.is_empty() || next == ")" || is_comment(next);
        let above = lines.get(..line - 1).unwrap_or_default();
        let comments = above.iter().rev().take_while(|line| is_alone && is_comment(line)).count();
        let start: usize = above.iter().take(above.len() - comments).map(|line| line.len()).sum();
        let length: usize = lines.iter().skip(above.len() - comments).take(comments + 1).map(|line| line.len()).sum();
        let end =
            if left.get(..start + length).is_some_and(|whole| whole.ends_with('\n')) { length - 1 } else { length };
        left = cut_out(&left, &(start..start + end));
    }
    (left, names)
}

fn is_comment(line: &str) -> bool {
    ["#", "//", "/**"].iter().any(|mark| line.trim_start().starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(language: Language, text: &str) -> String {
        let limits: Vec<Limit> = limits(language, text).into_iter().filter(|limit| limit.number == "1000000").collect();
        without_unused(text, &limits, &["import { MAX_SHARED } from \"./a.js\";"]).0
    }

    #[test]
    fn a_limit_that_nothing_uses_goes() {
        for (language, line) in [
            (Language::Python, "MAX_ID: Final = 1000000\n"),
            (Language::Python, "# The highest.\n_MAX_ID = 1_000_000\n"),
            (Language::TypeScript, "/** The highest. */\nconst MAX_ID = 1000000;\n"),
            (Language::TypeScript, "const longestName: number = 1_000_000;\n"),
            (Language::Rust, "const MAX_ID: u64 = 1_000_000u64;\n"),
            (Language::Go, "const maxID int = 1000000\n"),
            (Language::Java, "    private static final int MAX_ID = 1000000;\n"),
        ] {
            assert_eq!(without(language, &format!("a b\n\n{line}\nc d\n")), "a b\n\nc d\n", "{line}");
        }
        let group = "const (\n\t// The limits.\n\tmaxID    = 1000000\n\tmaxTotal = 5\n)\nuse(maxTotal)\n";
        let mended = group.replace("\tmaxID    = 1000000\n", "");
        assert_eq!(without(Language::Go, group), mended, "the comment is for both");
    }

    #[test]
    fn what_is_used_seen_or_no_limit_stays() {
        for (language, text) in [
            (Language::Python, "MAX_ID = 1000000\nprint(MAX_ID)\n"),
            (Language::Python, "MAX_ID = 10\n"),
            (Language::Python, "MICROSECONDS = 1000000\n"),
            (Language::Python, "    MAX_ID = 1000000\n"),
            (Language::Python, "MAX_ID = 1000000 * COUNT\n"),
            (Language::TypeScript, "const MAX_SHARED = 1000000;\n"),
            (Language::TypeScript, "export const MAX_ID = 1000000;\n"),
            (Language::Rust, "pub const MAX_ID: u64 = 1000000;\n"),
            (Language::Go, "const MaxID = 1000000\n"),
            (Language::Go, "\tmaxID := 1000000\n"),
            (Language::Java, "    public static final int MAX_ID = 1000000;\n"),
        ] {
            assert_eq!(without(language, text), text, "{language}");
        }
        let found = limits(Language::Rust, "pub(crate) const MOST_IDS: u64 = 1_000;\nconst OTHER: u8 = 3;\n");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].number.as_str(), found[0].is_seen), ("MOST_IDS", "1000", true));
    }
}
