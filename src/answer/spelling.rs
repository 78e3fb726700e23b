//! Spelling: words of the spec that an answer spells in its own way.
//!
//! A small model that writes `cardLast4` a few times writes `"cardLast_4"` once, most often where the key belongs to a name of two
//! styles. Where the text has both, and the spec only the one, the spec's is meant. The gates judge the result like any other.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::text::has_word;

static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("[\"'`]([A-Za-z][A-Za-z0-9_-]*)[\"'`]").ok());

/// Spells words between quotation marks as the spec spells them, where they differ in capitals, `_` and `-` alone: words of several
/// parts (`cardLast4`) that the text also spells so, in the place of those that are no names of the code and not in the spec. Returns the
/// text and what was replaced.
pub fn spelled_as_said(text: &str, spec: &str) -> (String, Vec<String>) {
    let said: BTreeSet<&str> =
        spec.split(|letter: char| !letter.is_alphanumeric()).filter(|word| is_of_several_parts(word)).collect();
    let quoted = || QUOTED.iter().flat_map(|pattern| pattern.captures_iter(text)).filter_map(|found| found.get(1));
    let known: BTreeSet<&str> = quoted().map(|word| word.as_str()).filter(|word| said.contains(word)).collect();
    let meant = |word: &str| {
        let mut alike = known.iter().filter(|other| plain(other) == plain(word));
        alike.next().filter(|_| alike.next().is_none()).copied()
    };
    let outside = QUOTED.as_ref().map_or_else(|| text.into(), |pattern| pattern.replace_all(text, "\"\""));
    let mut out = text.to_owned();
    let mut done = Vec::new();
    let wrong: Vec<_> =
        quoted().filter(|word| !has_word(spec, word.as_str()) && !has_word(&outside, word.as_str())).collect();
    for word in wrong.into_iter().rev() {
        if let Some(meant) = meant(word.as_str()) {
            out.replace_range(word.range(), meant);
            done.insert(0, format!("{} → {meant}", word.as_str()));
        }
    }
    done.dedup();
    (out, done)
}

/// Whether a word begins small and has a capital letter further on: a key in camel case.
fn is_of_several_parts(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.contains(|letter: char| letter.is_ascii_uppercase())
}

fn plain(word: &str) -> String {
    word.replace(['_', '-'], "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_spelled_in_two_ways_is_spelled_as_the_spec_does() {
        let spec = "JSON keys: id, orderId, cardLast4 (exactly four digits).";
        let text = "KEYS = {\"id\", \"orderId\", \"cardLast4\"}\nout = {\"orderId\": self.order_id, \"cardLast_4\": self.card_last_4}\n";
        let (spelled, done) = spelled_as_said(text, spec);
        assert_eq!(spelled, text.replace("cardLast_4", "cardLast4"));
        assert_eq!(done, ["cardLast_4 → cardLast4"]);
        let names = "KEYS = {\"orderId\"}\nslots = (\"order_id\",)\norder_id = 1\n";
        assert_eq!(spelled_as_said(names, spec).1, [""; 0], "a name of the code");
        assert_eq!(spelled_as_said("a = \"order_id\"\n", spec).1, [""; 0], "nothing is spelled as the spec does");
        assert_eq!(spelled_as_said(text, "Keys: id, cardLast4, cardLast_4.").1, [""; 0], "the spec has both");
    }
}
