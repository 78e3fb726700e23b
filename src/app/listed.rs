//! Words that a spec lists, and the key that it lists them for: `method (card, transfer or cash)`, `the tier is "standard" or "gold"`.

use std::sync::LazyLock;

use regex::Regex;

/// A list of words in backticks or quotation marks, or one in parentheses.
static LISTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (word, between) = (r#"[`"][\w-]+[`"]"#, r"(?:,\s+(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+)");
    Regex::new(&format!(r"(?:{word}{between})+{word}|\([\w-]+(?:,\s+[\w-]+)*,?\s+(?:or|and)\s+[\w-]+\)")).ok()
});

/// A list of a description.
struct List<'d> {
    /// What stands before it.
    before: &'d str,
    words: Vec<&'d str>,
}

fn find(description: &str) -> Vec<List<'_>> {
    let Some(lists) = LISTS.as_ref() else { return Vec::new() };
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let list = |found: regex::Match<'_>| List {
        before: description.get(..found.start()).unwrap_or_default(),
        words: description
            .get(found.range())
            .unwrap_or_default()
            .split(|letter: char| !is_part(letter))
            .filter(|word| !matches!(*word, "" | "and" | "or"))
            .collect(),
    };
    lists.find_iter(description).map(list).collect()
}

/// The lists of a description, each with at least two words.
pub(super) fn lists(description: &str) -> Vec<Vec<String>> {
    find(description).into_iter().map(|list| list.words.into_iter().map(str::to_owned).collect()).collect()
}

/// Whether a row gives a key, and nothing else between quotation marks but one of the values that a description lists for it.
pub(super) fn gives_listed(description: &str, row: &str) -> bool {
    let [key, value] = quoted(row)[..] else { return false };
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let is_of_key = |before: &str| {
        let before = before.trim_end_matches(['(', ' ', '\n']);
        let before = before.strip_suffix(" is").unwrap_or(before).trim_end();
        before.strip_suffix(key).is_some_and(|before| !before.ends_with(is_part))
    };
    !key.is_empty()
        && key.chars().all(is_part)
        && find(description).iter().any(|list| is_of_key(list.before) && list.words.contains(&value))
}

/// Letters between quotation marks of any kind, in their order.
pub(super) fn quoted(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let Some((mark, inner)) = rest.get(at..at + 1).zip(rest.get(at + 1..)) else { break };
        let Some((inside, after)) = inner.split_once(mark) else { break };
        found.push(inside);
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_what_the_spec_lists() {
        let said = "JSON keys: id (whole number, at least 1), currency (exactly three capital letters), method (card,\n  \
                    transfer or cash), kind (`plain` or `tagged`). The method (fast) is good. The tier is \"standard\" or\n\"gold\".";
        for row in [
            "[\"method\", \"cash\"],",
            "{\"method\", \"card\"},",
            "(\"method\", json!(\"transfer\")),",
            "('kind', 'tagged'),",
            "(\"tier\", \"gold\"),",
        ] {
            assert!(gives_listed(said, row), "{row}");
        }
        for row in [
            "[\"method\", \"Cash\"],",
            "[\"method\", \"cash\", \"1234\"],",
            "[\"method\", 7],",
            "[\"method\", \"fast\"],",
            "[\"id\", \"whole number\"],",
            "[\"currency\", \"letters\"],",
            "[\"other\", \"cash\"],",
            "[\"method\", \"cash],",
        ] {
            assert!(!gives_listed(said, row), "{row}");
        }
    }
}
