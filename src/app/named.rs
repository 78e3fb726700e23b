//! What a spec names: calls between backticks, such as `send(recipient, text)`, that the code has to offer under that name.

use super::prove::FileSet;
use crate::text::has_word;

/// The calls that a description names and that no file has as words, each once.
pub(super) fn left_out<'a>(description: &'a str, files: &FileSet) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    // Text between backticks is every second part.
    for call in description.split('`').skip(1).step_by(2) {
        let stands = |name: &&str| files.values().any(|text| has_word(text, name));
        if !found.contains(&call) && !names_of_call(call).iter().all(stands) {
            found.push(call);
        }
    }
    found
}

/// The names of `module::name(…)` or `name(…).other(…)`; none for text that is no call.
fn names_of_call(text: &str) -> Vec<&str> {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut names, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => {
                let name = text.get(from..at).unwrap_or_default();
                if depth == 0 && name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
                    names.push(name);
                } else if depth == 0 {
                    return Vec::new();
                }
                depth += 1;
            }
            ')' if depth > 0 => {
                depth -= 1;
                from = at + 1;
            }
            ':' | '.' if depth == 0 => from = at + 1,
            _ if depth == 0 && !part(letter) => return Vec::new(),
            _ => {}
        }
    }
    if depth == 0 && text.ends_with(')') { names } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::RepoPath;

    #[test]
    fn calls_are_looked_for_and_other_words_are_not() {
        let description = "`create_notifier(config)` builds `email`. `sent()` gives lines `to r: t (all)`, `sent()` again. \
                           `NotifierConfig::new(kind)`, `shop.total()`, `Till().add(Money(1))` and `f(`.";
        let path = RepoPath::parse("a.py").unwrap();
        let with = |text: &str| FileSet::from([(path.clone(), text.to_owned())]);
        assert_eq!(
            left_out(description, &with("")),
            ["create_notifier(config)", "sent()", "NotifierConfig::new(kind)", "shop.total()", "Till().add(Money(1))"]
        );
        let whole = "def create_notifier(c): ...\ndef sent(self): ...\nfn new()\ntotal\nTill add\n";
        assert_eq!(left_out(description, &with(whole)), Vec::<&str>::new());
        assert_eq!(left_out(description, &with(&whole.replace("sent", "was_sent"))), ["sent()"]);
    }
}
