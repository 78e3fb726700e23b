//! What a spec allows: a row of a table of errors that gives nothing else asks for what nobody said.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::lengths::gives_text_of_length;
use super::listed::{gives_listed, quoted};
use super::ranges::gives_ranged;
use crate::relevance::words;

/// What any value will do for: `the console takes any sender`, `a "gold" tier accepts every code`.
static ANY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(?P<kind>\w+)["`]?\s+(?:takes|accepts|allows)\s+(?:any|every)\s+(?P<value>\w+)\s*(?:[.,;)]|$)"#)
        .ok()
});

/// Whether a row of errors gives what a description allows, and nothing else that could be wrong.
pub(super) fn is_allowed(description: &str, row: &str) -> bool {
    gives_listed(description, row)
        || gives_ranged(description, row)
        || gives_text_of_length(description, row)
        || gives_any(description, row)
}

/// Whether a row is about a kind that takes any value, and gives it one.
fn gives_any(description: &str, row: &str) -> bool {
    let Some(any) = ANY.as_ref() else { return false };
    let about: BTreeSet<String> = words(row).collect();
    any.captures_iter(description).any(|said| {
        let kind: BTreeSet<String> = words(&said["kind"]).collect();
        let is_kind = |text: &&str| words(text).collect::<BTreeSet<_>>() == kind;
        let quoted = quoted(row);
        // The kind comes before the value, in quotation marks or not.
        let values = quoted.iter().skip(usize::from(quoted.first().is_some_and(is_kind)));
        !kind.is_empty() && kind.is_subset(&about) && values.count() == 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_takes_any_value_refuses_none() {
        let said = "For sms it must have 3 to 11 characters; the console takes any sender. A name takes any letter of the\nalphabet.";
        for row in [
            "{ kind: \"console\", sender: \"\" },",
            "(NotifierKind::Console, \"a\"),",
            "{KindConsole, \"\"},",
            "(\"console\", \"  \"),",
        ] {
            assert!(is_allowed(said, row), "{row}");
        }
        for row in [
            "{ kind: \"email\", sender: \"\" },",
            "{ kind: \"console\", sender: \"\", text: \"\" },",
            "{ kind: \"console\", maxLength: 0 },",
            "(\"name\", \"1\"),",
            "{ kind: \"sms\", sender: \"console\" },",
        ] {
            assert!(!is_allowed(said, row), "{row}");
        }
    }
}
