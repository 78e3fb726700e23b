//! Forms of texts that a spec shows: `email from s to r: t`, `[{level}] {text}`.
//!
//! Between backticks, a letter that stands alone and a word in braces or angle brackets stand for what is filled in. What the code gives
//! and a test expects can be held against them without asking anyone.

use regex::Regex;

/// Letters beside what is filled in that make a text a form.
const LEAST: usize = 3;

/// Whether a text has a form that a description shows.
pub(super) fn has_form(description: &str, text: &str) -> bool {
    description.split('`').skip(1).step_by(2).filter_map(form).any(|form| form.is_match(text))
}

/// Whether two texts have one form and differ in one place of it, where the first repeats what it has in another place, and the second has what
/// stands between quotation marks in a test: `sms from 12 to 12: t`, where the test sends to `"ann"`.
pub(super) fn repeats_itself(description: &str, test: &str, text: &str, other: &str) -> bool {
    let places = |form: &Regex, text: &str| -> Option<Vec<String>> {
        let found = form.captures(text)?;
        Some(found.iter().skip(1).flatten().map(|part| part.as_str().to_owned()).collect())
    };
    let differs = |form: Regex| {
        let (own, theirs) = (places(&form, text)?, places(&form, other)?);
        let mut apart = own.iter().zip(&theirs).filter(|(own, theirs)| own != theirs);
        let (Some((own_part, part)), None) = (apart.next(), apart.next()) else { return None };
        let repeated = own.iter().filter(|known| *known == own_part).count() > 1;
        let given = ['"', '\'', '`'].iter().any(|mark| test.contains(&format!("{mark}{part}{mark}")));
        (repeated && given && !theirs.is_empty()).then_some(())
    };
    description.split('`').skip(1).step_by(2).filter_map(form).find_map(differs).is_some()
}

/// What a text between backticks stands for. None where nothing is filled in, or nothing else is said.
fn form(shown: &str) -> Option<Regex> {
    let mut pattern = String::from("(?s)^");
    let (mut rest, mut filled, mut said) = (shown, 0, 0);
    let mut before = ' ';
    while let Some(letter) = rest.chars().next() {
        let after = rest.chars().nth(1).unwrap_or(' ');
        let closed = |open: char, close: char| {
            let inner = rest.strip_prefix(open)?.split_once(close)?.0;
            let is_name = !inner.is_empty() && inner.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
            is_name.then_some(inner.len() + 2)
        };
        let is_alone = letter.is_ascii_lowercase() && !before.is_alphanumeric() && !after.is_alphanumeric();
        let placeholder = closed('{', '}').or_else(|| closed('<', '>')).or(is_alone.then_some(1));
        let length = placeholder.unwrap_or(letter.len_utf8());
        if placeholder.is_some() {
            pattern.push_str("(.*)");
            filled += 1;
        } else {
            pattern.push_str(&regex::escape(&letter.to_string()));
            said += usize::from(letter.is_alphanumeric());
        }
        before = if placeholder.is_some() { 'x' } else { letter };
        rest = rest.get(length..)?;
    }
    (filled > 0 && said >= LEAST).then(|| Regex::new(&(pattern + "$")).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_repeats_itself_is_told_from_one_that_has_what_the_test_gives() {
        let spec = "It is `email from s to r: t` for email and `sms from s to r: t` for sms.";
        let test = "send(notifier, \"ann\", \"hi\")";
        let held = |text: &str, other: &str| repeats_itself(spec, test, text, other);
        assert!(held("sms from 12 to 12: hi", "sms from 12 to ann: hi"));
        assert!(!held("sms from 12 to ann: hi", "sms from 12 to 12: hi"), "the other way round");
        assert!(!held("sms from 12 to 12: hi", "sms from 12 to bob: hi"), "nothing in the test says bob");
        assert!(!held("sms from 12 to bob: hi", "sms from 12 to ann: hi"), "nothing is repeated");
        assert!(!held("sms from 12 to 12: hi", "email from 12 to ann: hi"), "another form");
    }

    #[test]
    fn a_text_is_held_against_the_forms_of_the_spec() {
        let spec =
            "It is `email from s to r: t` for email, `sms from s to r: t` for sms and `to r: t` for the console.";
        assert!(!has_form(spec, "from a@b.c to d: hello"));
        assert!(has_form(spec, "email from a@b.c to d: hello") && has_form(spec, "sms from 123 to d: "));
        assert!(!has_form(spec, "mail to d"));
        let braces =
            "A line is `[{level}] {text}: done`, a tag `<tag>-old`; `send(recipient, text)` and `kind` are names.";
        assert!(has_form(braces, "[info] a: done") && has_form(braces, "x-old"));
        assert!(!has_form(braces, "kind") && !has_form(braces, "info a done"));
        assert!(!has_form("Either `a: b` or `p` is shown.", "x: y"), "nothing but what is filled in");
    }
}
