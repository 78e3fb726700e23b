//! Lengths that a spec says in characters: "at most 60 characters", "from 3 to 60 characters".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::named::literals;
use crate::relevance::words;
use crate::text::sentences;

static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:([0-9][0-9_]*)\s+(?:to|and)\s+)?([0-9][0-9_]*)\s+(?:characters|code points)\b").ok()
});
/// The least length that is compared with nothing but texts: lists have two or three parts.
const LEAST: u64 = 10;
/// Names of texts that say nothing of what they are.
const ANY_TEXT: [&str; 6] = ["text", "value", "string", "message", "input", "field"];

/// Whether a description says of something that has so many characters, and says nothing else with that number.
pub(super) fn is_in_characters(description: &str, of: &str, number: u64) -> bool {
    let Some(said) = SAID.as_ref() else { return false };
    let of: BTreeSet<String> = words(of).collect();
    let lengths = |sentence: &str| -> Vec<u64> {
        let found = said.captures_iter(sentence).filter(|found| {
            let at = found.get(0).map_or(0, |whole| whole.start());
            !is_group(sentence.get(..at).unwrap_or_default())
        });
        let parts =
            found.flat_map(|found| [found.get(1), found.get(2)].map(|part| part.map(|part| part.as_str().to_owned())));
        parts.flatten().filter_map(|part| part.replace('_', "").parse().ok()).collect()
    };
    let times = |numbers: Vec<u64>| numbers.into_iter().filter(|other| *other == number).count();
    let in_all: usize = sentences(description).map(|sentence| times(lengths(sentence))).sum();
    let all = times(literals(description).filter_map(|literal| literal.parse().ok()).collect());
    let is_of = |sentence: &str| lengths(sentence).contains(&number) && words(sentence).any(|word| of.contains(&word));
    let is_any = of.iter().any(|word| ANY_TEXT.contains(&word.as_str()));
    number >= LEAST && in_all > 0 && in_all == all && (is_any || sentences(description).any(is_of))
}

/// Whether a number goes on that began in this text: `1,` before `000`.
fn is_group(before: &str) -> bool {
    let before = before.strip_suffix([',', '.', ' ']).unwrap_or_default();
    before.ends_with(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_from_other_numbers() {
        let description = "A name has 13 to 60 characters, an email at most 1_000\ncharacters, a code 12 characters. There are at most 12 codes and 9 tags, and a note has 1,500 characters, a sender 3 to 11 characters.";
        for (of, number) in [("user.Name", 13), ("self.name", 60), ("email", 1000), ("value", 60), ("sender", 11)] {
            assert!(is_in_characters(description, of, number), "{of} {number}");
        }
        for (of, number) in [("code", 12), ("tags", 60), ("note", 500), ("note", 1500), ("sender", 3), ("name", 61)] {
            assert!(!is_in_characters(description, of, number), "{of} {number}");
        }
    }
}
