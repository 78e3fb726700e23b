//! Texts that were meant to be too long, or as long as they may be, and are not: `"Ada12345678901234567890"` where 80 characters are allowed.
//!
//! Such a text shows by what fills it, digits that count round and round, or one letter many times; or it says so: `"Title too long"`.

use std::sync::LazyLock;

use regex::Regex;

use super::Slip;
use crate::app::lengths::greatest;
use crate::language::Language;

/// Letters of the shortest text that was meant to be long, and of the shortest limit that is one for such texts.
const LEAST: usize = 12;
/// Letters of the longest round that fills a text: ten digits.
const ROUND: usize = 10;
/// Letters that are written out.
const LONGEST: usize = 200;
/// The letter that fills the text as it is meant.
const FILLING: &str = "x";

/// A text in quotation marks on one line.
static TEXT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'"#).ok());

/// Texts of a test that are filled, with a length that is no limit of the spec and not one more; each as long as that, the longer first.
pub(super) fn slips(language: Language, test: &str, description: &str) -> Vec<Slip> {
    let Some(texts) = TEXT.as_ref() else { return Vec::new() };
    let mut limits = greatest(description);
    limits.retain(|limit| *limit >= LEAST);
    let mut found = Vec::new();
    for captured in texts.captures_iter(test) {
        let Some(whole) = captured.get(0) else { continue };
        let Some(inner) = captured.get(1).or_else(|| captured.get(2)) else { continue };
        let letters: Vec<char> = inner.as_str().chars().collect();
        let says_so = inner.as_str().to_lowercase().contains("too long").then_some((0, letters.len()));
        let Some((start, end)) = filling(&letters).or(says_so) else { continue };
        let kept = letters.len() - (end - start);
        for length in limits.iter().flat_map(|limit| [limit + 1, *limit]) {
            let is_meant = limits.iter().any(|limit| letters.len() == *limit || letters.len() == limit + 1);
            let Some(more) = length.checked_sub(kept).filter(|more| *more > 0 && !is_meant) else { continue };
            let (head, tail) = (letters.iter().take(start).collect(), letters.iter().skip(end).collect());
            let Some(meant) = filled(language, head, more, tail) else { continue };
            let (Some(before), Some(after)) = (test.get(..whole.start()), test.get(whole.end()..)) else { continue };
            let mended = format!("{before}{meant}{after}");
            found.push(Slip { was: whole.as_str().to_owned(), meant, mended });
        }
    }
    found
}

/// A text that is filled up. In Python and TypeScript the way their people write it where it is long; None where there is no short one.
fn filled(language: Language, head: String, more: usize, tail: String) -> Option<String> {
    let filling = match language {
        Language::Python => format!("\"{FILLING}\" * {more}"),
        Language::TypeScript if more > LONGEST => format!("\"{FILLING}\".repeat({more})"),
        _ if more > LONGEST => return None,
        _ => return Some(format!("\"{head}{}{tail}\"", FILLING.repeat(more))),
    };
    let quoted = |text: String| if text.is_empty() { None } else { Some(format!("\"{text}\"")) };
    let parts = [quoted(head), Some(filling), quoted(tail)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" + "))
}

/// Where the letters are that fill a text: the longest part in which each letter is that of a round before.
fn filling(letters: &[char]) -> Option<(usize, usize)> {
    let mut longest: Option<(usize, usize)> = None;
    for period in 1..=ROUND {
        let mut run = 0;
        for at in period..=letters.len() {
            if letters.get(at).is_some_and(|letter| letters.get(at - period) == Some(letter)) {
                run += 1;
                continue;
            }
            let start = at - run - period;
            let is_long = at - start >= LEAST && run > period / 2;
            if is_long && longest.is_none_or(|(from, to)| at - start > to - from) {
                longest = Some((start, at));
            }
            run = 0;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "A customer has at most 80 characters, a code 3 to 5 letters.";

    fn meant(language: Language, test: &str) -> Vec<String> {
        slips(language, test, SAID).into_iter().map(|slip| slip.meant).collect()
    }

    #[test]
    fn a_text_that_is_filled_gets_the_length_that_was_meant() {
        let test = "    (\"customer\", order(customer=\"Ada12345678901234567890\")),\n";
        assert_eq!(meant(Language::Python, test), ["\"Ada\" + \"x\" * 78", "\"Ada\" + \"x\" * 77"]);
        let mended = slips(Language::Python, test, SAID).remove(0).mended;
        assert_eq!(mended, "    (\"customer\", order(customer=\"Ada\" + \"x\" * 78)),\n");
        let letters = format!("check(\"{}@b.c\")", "a".repeat(30));
        assert_eq!(
            meant(Language::Go, &letters),
            [format!("\"{}@b.c\"", "x".repeat(77)), format!("\"{}@b.c\"", "x".repeat(76))]
        );
    }

    #[test]
    fn a_text_that_says_that_it_is_too_long_becomes_so() {
        let said = "A title has at most 100 characters, a body at most 5000 characters.";
        let of = |language, test: &str| -> Vec<String> {
            slips(language, test, said).into_iter().map(|slip| slip.meant).collect()
        };
        let python = ["\"x\" * 101", "\"x\" * 100", "\"x\" * 5001", "\"x\" * 5000"];
        assert_eq!(of(Language::Python, "note(title=\"Title too long\")"), python);
        let written = [101, 100].map(|length| format!("\"{}\"", "x".repeat(length)));
        let script = [&written[0], &written[1], "\"x\".repeat(5001)", "\"x\".repeat(5000)"];
        assert_eq!(of(Language::TypeScript, "note({ title: 'Too long a title' })"), script);
        assert_eq!(of(Language::Go, "Note{Title: \"Title too long\"}"), written);
    }

    #[test]
    fn what_has_a_length_of_the_spec_or_says_something_stays() {
        for test in [
            format!("check(\"{}\")", "a".repeat(80)),
            format!("check(\"{}\")", "1234567890".repeat(8) + "1"),
            "check(\"an order is already paid\", \"1234567890\", 'aaaaaaaa')".to_owned(),
        ] {
            assert_eq!(meant(Language::Python, &test), Vec::<String>::new(), "{test}");
        }
        assert_eq!(slips(Language::Python, "check(\"aaaaaaaaaaaaaaaaaaaa\")", "No limit."), []);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(test in "\\PC{0,60}", filled in "[a-c\"']{0,40}") {
            let _ = slips(Language::Rust, &format!("{test}{filled}"), SAID);
        }
    }
}
