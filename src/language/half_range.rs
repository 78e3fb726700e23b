//! Ranges that are refused in part: `not n >= 1 and n <= 9`, which refuses no number above 9.
//!
//! `not` belongs to the first comparison alone, so the second one changes nothing. Who writes both means the whole range.

use std::sync::LazyLock;

use regex::Regex;

use super::Language;

static HALF: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bnot ([\w.]+) (>=?) ([\w.]+) and ([\w.]+) (<=?) ([\w.]+)").ok());

/// The text of Python with each range that is refused in part refused as a whole, and how these read now. None where there is none.
pub fn with_whole_ranges(language: Language, text: &str) -> Option<(String, Vec<String>)> {
    if language != Language::Python {
        return None;
    }
    let mut done = Vec::new();
    let whole = HALF.as_ref()?.replace_all(text, |found: &regex::Captures<'_>| {
        let part = |number: usize| found.get(number).map_or("", |part| part.as_str());
        if part(1) != part(4) {
            return part(0).to_owned();
        }
        let range = format!("not {} {} {} {} {}", part(3), part(2).replace('>', "<"), part(1), part(5), part(6));
        done.push(format!("`{}` is `{range}`", part(0)));
        range
    });
    let whole = whole.into_owned();
    (!done.is_empty()).then_some((whole, done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_refused_as_a_whole() {
        let text =
            "if not self.cents >= 1 and self.cents <= MOST:\n    raise Refused()\nif not a > 0 and b < 9:\n    pass\n";
        let (whole, done) = with_whole_ranges(Language::Python, text).unwrap();
        assert_eq!(whole, text.replace("not self.cents >= 1 and self.cents <= MOST", "not 1 <= self.cents <= MOST"));
        assert_eq!(done, ["`not self.cents >= 1 and self.cents <= MOST` is `not 1 <= self.cents <= MOST`"]);
        assert_eq!(with_whole_ranges(Language::Python, "if not 1 <= a <= 9:\n"), None);
        assert_eq!(with_whole_ranges(Language::Rust, text), None);
    }
}
