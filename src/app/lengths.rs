//! Lengths that a spec says: "at most 60 characters", "from 3 to 60 characters", "an 80-character name".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::named::literals;
use crate::relevance::words;
use crate::text::sentences;

static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:(?P<low>[0-9][0-9_]*)\s+(?:to|and)\s+)?(?P<high>[0-9][0-9_]*)[-\s]+(?P<unit>characters?|chars?|code points|letters?|digits?)\b",
    )
    .ok()
});
/// The least length that is compared with nothing but texts: lists have two or three parts.
const LEAST: u64 = 10;
/// Names of texts that say nothing of what they are.
const ANY_TEXT: [&str; 6] = ["text", "value", "string", "message", "input", "field"];

/// A length, or the ends of a range of lengths.
struct Length {
    low: Option<u64>,
    high: u64,
    /// Whether it is one of a text of any characters.
    is_in_characters: bool,
}

/// The lengths that a text says.
fn lengths(text: &str) -> Vec<Length> {
    let Some(said) = SAID.as_ref() else { return Vec::new() };
    let found = said.captures_iter(text).filter_map(|found| {
        let before = text.get(..found.get(0)?.start())?;
        let number = |of: &str| found.name(of)?.as_str().replace('_', "").parse().ok();
        let is_in_characters = found["unit"].starts_with('c');
        (!is_group(before)).then_some(Length { low: number("low"), high: number("high")?, is_in_characters })
    });
    found.collect()
}

/// The greatest lengths that a description says, in characters, letters or digits.
pub(super) fn greatest(description: &str) -> BTreeSet<usize> {
    lengths(description).into_iter().filter_map(|length| length.high.try_into().ok()).collect()
}

/// Whether a description says of something that it has so many characters, and says nothing else with that number.
pub(super) fn is_in_characters(description: &str, of: &str, number: u64) -> bool {
    let of: BTreeSet<String> = words(of).collect();
    let times_in = |sentence: &str| {
        let said = lengths(sentence).into_iter().filter(|length| length.is_in_characters);
        said.flat_map(|length| [length.low, Some(length.high)]).filter(|said| *said == Some(number)).count()
    };
    let in_characters: usize = sentences(description).map(times_in).sum();
    let in_all = literals(description).filter(|literal| literal.parse() == Ok(number)).count();
    let is_of = |sentence: &str| times_in(sentence) > 0 && words(sentence).any(|word| of.contains(&word));
    let is_any = of.iter().any(|word| ANY_TEXT.contains(&word.as_str()));
    number >= LEAST && in_characters > 0 && in_characters == in_all && (is_any || sentences(description).any(is_of))
}

/// Whether a description says that characters are code points.
pub(super) fn says_code_points(description: &str) -> bool {
    let description = description.to_lowercase();
    let words: Vec<&str> = description.split_whitespace().collect();
    let says = |three: &[&str]| {
        matches!(three, [before, first, second]
            if first.trim_start_matches('(') == "code" && second.starts_with("point") && *before != "not")
    };
    says(&[&["."], words.get(..2).unwrap_or_default()].concat()) || words.windows(3).any(says)
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
        assert_eq!(greatest("An 80-character name, 3 to 11 letters, 1,500 digits."), BTreeSet::from([11, 80]));
    }

    #[test]
    fn characters_are_code_points_where_that_is_said() {
        for said in
            ["At most 60 characters (code points).", "They are counted as code\npoints.", "Code points are counted."]
        {
            assert!(says_code_points(said), "{said}");
        }
        for said in
            ["At most 60 characters.", "All errors have a `code`. Points count.", "UTF-16 units, not code points."]
        {
            assert!(!says_code_points(said), "{said}");
        }
    }
}
