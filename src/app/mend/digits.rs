//! Numbers of tests with a zero too few or too many: `100001` where the spec's limit is 1000000.
//!
//! Small models copy long numbers badly, and a row just beyond the limit is then a row within it. Such a number in a failing test is tried as
//! it must have been meant. That costs no call; it stands where more tests pass, and the proposal says so.

use std::collections::BTreeSet;

use super::doubts::names_in;
use super::{Judged, Mending};
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::text::with_word;

/// Digits of the shortest number in which a zero is easily lost.
const LEAST_DIGITS: usize = 4;
/// Numbers that are tried in one attempt.
const MOST_NUMBERS: usize = 8;

impl Mending<'_> {
    /// Writes numbers of failing tests as they stand in the spec, or next to it. The files, when that was all.
    pub(super) async fn correct_digits(&mut self) -> Result<Option<FileSet>, Failure> {
        let description = self.producer.task.spec.description.clone();
        // Where most fail, it is not for a number.
        'better: while self.standing.setback.refused_by == Some(Gate::GeneratedTests) && !self.most_fail() {
            for test in self.blamed_tests() {
                let own = self.standing.text_of(&test).to_owned();
                for (number, meant) in misspelt(&own, &description) {
                    let written = with_word(&own, &number, &meant);
                    if self.progress.spelt.len() >= MOST_NUMBERS || !self.progress.spelt.insert(written.clone()) {
                        continue;
                    }
                    let judged = self.judge_rewritten(&test, &written).await?;
                    if matches!(judged, Judged::Passed(_) | Judged::Better) {
                        let name = &test.item.name;
                        self.tell_reviewers(format!(
                            "mended by rule: `{number}` in the test `{name}` became `{meant}`, as the spec has it"
                        ));
                    }
                    match judged {
                        Judged::Passed(files) => return Ok(Some(files)),
                        Judged::Better => continue 'better,
                        Judged::Even | Judged::Worse => {}
                    }
                }
            }
            break;
        }
        Ok(None)
    }
}

/// Numbers of a test that are no number of the spec and next to none, and that with one zero more or less would be one; each with that.
fn misspelt(test: &str, description: &str) -> Vec<(String, String)> {
    let digits = |text: &str| -> Option<u64> {
        let plain = text.replace('_', "");
        (plain.len() >= LEAST_DIGITS && plain.chars().all(|letter| letter.is_ascii_digit()))
            .then(|| plain.parse().ok())?
    };
    let said: BTreeSet<u64> = names_in(description).filter_map(digits).collect();
    let near: BTreeSet<u64> =
        said.iter().flat_map(|number| [number.saturating_sub(1), *number, number.saturating_add(1)]).collect();
    let mut found = Vec::new();
    for word in names_in(test) {
        let Some(number) = digits(word).filter(|number| !near.contains(number)) else { continue };
        let is_known = found.iter().any(|(known, _): &(String, String)| known == word);
        let meant = near.iter().find(|meant| is_a_zero_apart(&meant.to_string(), &number.to_string()));
        if let Some(meant) = meant.filter(|_| !is_known) {
            found.push((word.to_owned(), meant.to_string()));
        }
    }
    found
}

/// Whether one number is the other with one zero more.
fn is_a_zero_apart(one: &str, other: &str) -> bool {
    let (long, short) = if one.len() > other.len() { (one, other) } else { (other, one) };
    let without =
        |at: usize| format!("{}{}", long.get(..at).unwrap_or_default(), long.get(at + 1..).unwrap_or_default());
    long.len() == short.len() + 1 && long.match_indices('0').any(|(at, _)| without(at) == short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_a_zero_too_few_is_written_as_the_spec_has_it() {
        let said = "The total is from 1 to 1000000, and a code has 5000 characters.";
        let found = |test: &str| misspelt(test, said);
        let pair = |number: &str, meant: &str| vec![(number.to_owned(), meant.to_owned())];
        assert_eq!(found("order(1, total=100001)"), pair("100001", "1000001"));
        assert_eq!(found("order(1, total=10_000_001)"), pair("10_000_001", "1000001"));
        assert_eq!(found("code(50000), code(50000)"), pair("50000", "5000"));
        assert_eq!(found("order(1000000), order(1000001), order(999999), order(5001), order(20000), order(10)"), []);
    }
}
