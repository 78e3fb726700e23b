//! Quotation marks inside of a text between quotation marks: `"tier is not "gold""`.

use super::Language;
use super::cut::with_line;
use super::syntax;

/// Most marks of a line that is looked at, and most of them inside of one text: each pair with no more between them is tried.
const MOST_MARKS: usize = 40;
const MOST_INSIDE: usize = 8;

/// The text with the marks inside of one text between marks escaped at `line`, from 1, where they quote words in it. None where that does
/// not leave fewer syntax errors. Of several ways, the one that leaves the fewest, then the one that escapes the fewest marks.
pub fn with_escaped_quotes(language: Language, text: &str, line: usize) -> Option<String> {
    let own = text.lines().nth(line.checked_sub(1)?)?;
    let escaped = |at: usize| own.get(..at).is_some_and(|before| before.ends_with('\\'));
    let marks: Vec<usize> = own.match_indices('"').map(|(at, _)| at).filter(|at| !escaped(*at)).collect();
    if marks.len() > MOST_MARKS {
        return None;
    }
    let before = syntax::errors(language, text).len();
    if before == 0 {
        return None;
    }
    let lasts = |first: usize| (first + 2..marks.len()).take(MOST_INSIDE);
    let pairs = (0..marks.len()).flat_map(|first| lasts(first).map(move |last| (first, last)));
    let tried = pairs.filter_map(|(first, last)| {
        let inside = marks.get(first + 1..last)?;
        if !quotes_words(own, marks.get(first..=last)?) {
            return None;
        }
        let mut with = own.to_owned();
        for at in inside.iter().rev() {
            with.insert(*at, '\\');
        }
        let with = with_line(text, line, &with);
        Some((syntax::errors(language, &with).len(), inside.len(), with))
    });
    let best = tried.filter(|(errors, ..)| *errors < before).min_by_key(|(errors, escaped, _)| (*errors, *escaped));
    best.map(|(.., with)| with)
}

/// Whether the marks between the first and the last quote words in prose: `gold` in `the tier "gold" is`. What stands between two texts of
/// code, such as a comma or an operator, does not.
fn quotes_words(line: &str, marks: &[usize]) -> bool {
    let mut parts = marks.windows(2).filter_map(|pair| line.get(pair[0] + 1..pair[1])).enumerate();
    parts.all(|(number, part)| {
        let is_word = |letter: char| letter.is_alphanumeric();
        let is_quoted = number % 2 == 1;
        let is_prose =
            |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '\'' | '-' | '.' | '@' | '_' | ':');
        if is_quoted { part.starts_with(is_word) && part.ends_with(is_word) } else { part.chars().all(is_prose) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_inside_of_a_text_are_escaped() {
        let go =
            "package a\n\nvar all = []row{\n\t{\"tier\", \"PUT\", \"tier is not \"gold\" or \"standard\"\", 422},\n}\n";
        let with = go.replace("not \"gold\" or \"standard\"\"", "not \\\"gold\\\" or \\\"standard\\\"\"");
        assert_eq!(with_escaped_quotes(Language::Go, go, 4), Some(with));
        // One mark ends the text inside and the text around it.
        let go = "package a\n\nvar all = []row{\n\t{\"tier not \"gold\" or \"silver\", \"PUT\", `{\"tier\":\"x\",\"name\":\"y\"}`, 422},\n}\n";
        let with = go.replace("not \"gold\" or \"silver\"", "not \\\"gold\\\" or \\\"silver\"");
        assert_eq!(with_escaped_quotes(Language::Go, go, 4), Some(with));
        let python = "a = [\n    (\"x\", \"the tier \"gold\" is not known\"),\n]\n";
        let with = python.replace("tier \"gold\" is", "tier \\\"gold\\\" is");
        assert_eq!(with_escaped_quotes(Language::Python, python, 2), Some(with));
    }

    #[test]
    fn what_escaping_does_not_mend_is_left() {
        for code in [
            "var all = []string{\"gold\" \"silver\"}",
            "var a = errors.New(\"order \" + id \" not found\")",
            "var all = []string{\"a, \"b\", \"c\"}",
        ] {
            let text = format!("package a\n\n{code}\n");
            assert_eq!(with_escaped_quotes(Language::Go, &text, 3), None, "{code}");
        }
        for (text, line) in [
            ("a = (\"b\", \"c\"\n", 1),
            ("a = \"b\" \"c\"\n", 1),
            ("a = \"b\n", 1),
            ("a = 1\n", 1),
            ("", 1),
            ("a\n", 0),
        ] {
            assert_eq!(with_escaped_quotes(Language::Python, text, line), None, "{text}");
        }
    }
}
