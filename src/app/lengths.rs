//! Lengths that a spec says in characters: "at most 60 characters", "from 3 to 60 characters".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::named::literals;

static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:([0-9][0-9_]*)\s+(?:to|and)\s+)?([0-9][0-9_]*)\s+(?:characters|code points)\b").ok()
});

/// The numbers that a description says nothing but lengths in characters with.
pub(super) fn in_characters(description: &str) -> BTreeSet<u64> {
    let Some(said) = SAID.as_ref() else { return BTreeSet::new() };
    let parts = said.captures_iter(description).flat_map(|found| [found.get(1), found.get(2)]).flatten();
    let lengths: Vec<String> = parts.map(|part| part.as_str().replace('_', "")).collect();
    let times = |number: &str| {
        let of_lengths = lengths.iter().filter(|length| *length == number).count();
        (of_lengths, literals(description).filter(|literal| literal == number).count())
    };
    let is_always = |length: &&String| {
        let (of_lengths, all) = times(length);
        of_lengths == all
    };
    lengths.iter().filter(is_always).filter_map(|length| length.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_from_other_numbers() {
        let description = "A name has 3 to 60 characters, an email at most 1_000\ncharacters, a code 12 characters. There are at most 12 codes and 9 tags.";
        assert_eq!(in_characters(description), BTreeSet::from([3, 60, 1000]));
        assert_eq!(in_characters("A name has characters."), BTreeSet::new());
    }
}
