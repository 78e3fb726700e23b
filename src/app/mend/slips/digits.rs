//! Numbers with zeros too few or too many: `100001` where the spec's limit is 1000000.
//!
//! Small models copy long numbers badly, and a row just beyond the limit is then a row within it.

use std::collections::BTreeSet;

use super::Slip;
use crate::text::{names_in, with_word};

/// Digits of the shortest number in which a zero is easily lost.
const LEAST_DIGITS: usize = 4;

/// Most zeros that are lost at once.
const MOST_LOST: usize = 2;

/// Numbers of a test that are no number of the spec and next to none, and that with a zero or two more or less would be one; each with that.
pub(super) fn slips(test: &str, description: &str) -> Vec<Slip> {
    let digits = |text: &str| -> Option<u64> {
        let plain = text.replace('_', "");
        (plain.len() >= LEAST_DIGITS && plain.chars().all(|letter| letter.is_ascii_digit()))
            .then(|| plain.parse().ok())?
    };
    let said: BTreeSet<u64> = names_in(description).filter_map(digits).collect();
    let near: BTreeSet<u64> =
        said.iter().flat_map(|number| [number.saturating_sub(1), *number, number.saturating_add(1)]).collect();
    let mut found: Vec<Slip> = Vec::new();
    for word in names_in(test) {
        let Some(number) = digits(word).filter(|number| !near.contains(number)) else { continue };
        let is_known = found.iter().any(|known| known.was == word);
        let meant = near.iter().find(|meant| are_zeros_apart(&meant.to_string(), &number.to_string()));
        if let Some(meant) = meant.filter(|_| !is_known) {
            let meant = meant.to_string();
            found.push(Slip { mended: with_word(test, word, &meant), was: word.to_owned(), meant });
        }
    }
    found
}

/// Whether one number is the other with more zeros in one place.
fn are_zeros_apart(one: &str, other: &str) -> bool {
    let (long, short) = if one.len() > other.len() { (one, other) } else { (other, one) };
    let lost = long.len() - short.len();
    let zeros = "0".repeat(lost);
    let without =
        |at: usize| format!("{}{}", long.get(..at).unwrap_or_default(), long.get(at + lost..).unwrap_or_default());
    (1..=MOST_LOST).contains(&lost) && long.match_indices(&zeros).any(|(at, _)| without(at) == short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_a_zero_too_few_is_written_as_the_spec_has_it() {
        let said = "The total is from 1 to 1000000, and a code has 5000 characters.";
        let found = |test: &str| -> Vec<(String, String)> {
            slips(test, said).into_iter().map(|slip| (slip.was, slip.meant)).collect()
        };
        let pair = |number: &str, meant: &str| vec![(number.to_owned(), meant.to_owned())];
        assert_eq!(found("order(1, total=100001)"), pair("100001", "1000001"));
        assert_eq!(found("order(1, total=10_000_001)"), pair("10_000_001", "1000001"));
        assert_eq!(found("order(1, total=10001)"), pair("10001", "1000001"));
        assert_eq!(found("order(1, total=1001)"), []);
        assert_eq!(found("code(50000), code(50000)"), pair("50000", "5000"));
        assert_eq!(found("order(1000000), order(1000001), order(999999), order(5001), order(20000), order(10)"), []);
    }
}
