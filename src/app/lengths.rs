//! Lengths that a spec says: "at most 60 characters", "from 3 to 60 characters", "an 80-character name".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::listed::quoted;
use super::named::literals;
use super::ranges::is_bound;
use crate::name;
use crate::relevance::words;
use crate::text::sentences;

static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:(?P<low>[0-9][0-9_]*)\s+(?:to|and)\s+)?(?P<high>[0-9][0-9_]*)[-\s]+(?P<unit>characters?|chars?|code points|letters?|digits?)\b",
    )
    .ok()
});
/// How long a text is to be, and of what: `a name has 3 to 60 characters`, `for sms it must have 3 to 11 characters`, `3 to 11 characters for sms`.
static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:\bfor\s+["`]?(?P<kind>\w+)["`]?,?\s+(?:it|the\s+\w+)|\b(?P<name>\w+))\s+(?:(?:(?:must\s+)?(?:be|have|has|is)|of)\s+)?\(?(?:from\s+)?(?P<low>[0-9]+)\s+to\s+(?P<high>[0-9]+)\s+characters(?:\s+long)?(?:\s+for\s+["`]?(?P<only>\w+))?"#,
    )
    .ok()
});
/// A name and the text that it is given.
static GIVEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\b(?P<name>\w+)["'`]?\s*[:=,]\s*["'`](?P<text>\w+)["'`]"#).ok());
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
    let words: Vec<&str> = description.split_whitespace().collect();
    let says = |pair: &[&str]| matches!(pair, [first, second] if first.trim_matches('(') == "code" && second.starts_with("point"));
    words.windows(2).any(says)
}

/// Whether a row gives one text of letters and digits that is as long as a description asks of what it is given to, or of the kind that the row
/// is about, and nothing else between quotation marks but that name or kind.
pub(super) fn gives_text_of_length(description: &str, row: &str) -> bool {
    let (Some(asked), Some(given)) = (ASKED.as_ref(), GIVEN.as_ref()) else { return false };
    let about: BTreeSet<String> = words(row).collect();
    let quoted: Vec<&str> = quoted(row);
    let has = |range: &Captures<'_>| {
        let kind = range.name("only").or(range.name("kind")).map(|kind| kind.as_str());
        let of = kind.or(range.name("name").map(|name| name.as_str())).map(name::snake).unwrap_or_default();
        let mut texts = quoted.iter().filter(|text| name::snake(text) != of);
        let (Some(text), None) = (texts.next(), texts.next()) else { return false };
        let is_given =
            || given.captures_iter(row).any(|given| given["text"] == **text && name::snake(&given["name"]) == of);
        let place = range.get(0).map_or(0..0, |whole| whole.range());
        let is_meant = match kind {
            Some(kind) => words(kind).all(|word| about.contains(&word)),
            None => is_given() && !is_bound(description, &place),
        };
        let end = |of: &str| range[of].parse::<usize>().ok();
        let fits = |(low, high): (usize, usize)| (low..=high).contains(&text.chars().count());
        is_meant && text.chars().all(char::is_alphanumeric) && end("low").zip(end("high")).is_some_and(fits)
    };
    asked.captures_iter(description).any(|range| has(&range))
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
    fn a_row_gives_a_text_of_the_length_that_is_asked() {
        let after = "A sender without \"@\" for email, or without 3 to 11 characters for sms, is refused. A name has from 2 to 5\ncharacters. A nick must have 3 to 9 characters and no digits.";
        let before =
            "For email it must contain an \"@\", for sms it must have 3 to 11 characters, otherwise it is refused.";
        for (said, row) in [
            (after, "{ kind: \"sms\", sender: \"123\" },"),
            (after, "(\"sms\", \"12345678901\"),"),
            (before, "{KindSMS, \"abc\"},"),
            (before, "(NotifierKind::Sms, \"123\"),"),
            (after, "(\"name\", order(1, name=\"Al\")),"),
            (after, "{ field: \"name\", order: { ...makeOrder(1), name: \"Alice\" } },"),
            (after, "{\"name\": \"Alice\"},"),
        ] {
            assert!(gives_text_of_length(said, row), "{row}");
        }
        for (said, row) in [
            (after, "{ kind: \"sms\", sender: \"12\" },"),
            (after, "{ kind: \"sms\", sender: \"   \" },"),
            (after, "{ kind: \"sms\", sender: \"123\", code: \"abc\" },"),
            (after, "{ kind: \"email\", sender: \"john\" },"),
            (after, "{ kind, sender: \"123\" },"),
            (after, "(\"name\", order(1, name=\"A\")),"),
            (after, "(\"name\", order(1, email=\"Ali\")),"),
            (after, "(\"nick\", order(1, nick=\"Ali4\")),"),
            (before, "{KindEmail, \"abc\"},"),
        ] {
            assert!(!gives_text_of_length(said, row), "{row}");
        }
    }
}
