//! Values that a spec lists for a key: `method (card, transfer or cash)`.

use crate::text::places_of;

/// Letters between quotation marks of any kind, in their order.
fn quoted(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let Some((mark, inner)) = rest.get(at..at + 1).zip(rest.get(at + 1..)) else { break };
        let Some((inside, after)) = inner.split_once(mark) else { break };
        found.push(inside);
        rest = after;
    }
    found
}

/// Whether a row gives a key, and nothing else between quotation marks but one of the values that a description lists for it.
pub(super) fn gives_listed(description: &str, row: &str) -> bool {
    let [key, value] = quoted(row)[..] else { return false };
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    !key.is_empty()
        && key.chars().all(is_part)
        && places_of(description, key).any(|at| {
            let after = description.get(at + key.len()..).unwrap_or_default().trim_start();
            let inside = after.strip_prefix('(').and_then(|rest| rest.split_once(')'));
            inside.is_some_and(|(inside, _)| list(inside).contains(&value))
        })
}

/// The words of a list: `card, transfer or cash`. None for what is more than a list of words, or for less than two of them.
fn list(text: &str) -> Vec<&str> {
    let parts = text.split(',').flat_map(|part| part.split(" or ")).flat_map(|part| part.split(" and "));
    let words: Vec<&str> =
        parts.map(|part| part.trim().trim_matches(['"', '\'', '`'])).filter(|part| !part.is_empty()).collect();
    let is_word = |word: &&str| word.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'));
    if words.len() > 1 && words.iter().all(is_word) { words } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_what_the_spec_lists() {
        let said = "JSON keys: id (whole number, at least 1), currency (exactly three capital letters), method (card,\n  \
                    transfer or cash), kind (`plain` or `tagged`). The method (fast) is good.";
        for row in [
            "[\"method\", \"cash\"],",
            "{\"method\", \"card\"},",
            "(\"method\", json!(\"transfer\")),",
            "('kind', 'tagged'),",
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
