//! Leaks: type names of an example in an answer that means its own.
//!
//! A model that imitates an example sometimes writes one of its names: `impl UserRepository for InMemoryNoteRepository`.
//! Where the answer itself uses the same name with the spec's word in it, the leaked one is replaced. The gates judge the
//! result like any other.

use std::collections::BTreeSet;

use crate::name::pascal;

/// Replaces leaked type names. `example` and `own` are the names of the two specs; nothing is done when `spec`, the text of the
/// own spec, speaks of the example's thing itself. Returns the text and the names that were replaced.
pub fn replace_leaks(text: &str, example: &str, own: &str, spec: &str) -> (String, Vec<String>) {
    let (example, own) = (pascal(example), pascal(own));
    let spoken_of = spec.to_lowercase().contains(&example.to_lowercase());
    if example.is_empty() || own.is_empty() || example == own || spoken_of {
        return (text.to_owned(), Vec::new());
    }
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words: BTreeSet<&str> = text.split(|letter: char| !is_part(letter)).filter(|word| !word.is_empty()).collect();
    let leaked: Vec<(&str, String)> = words
        .iter()
        .filter(|word| word.contains(&example))
        .map(|word| (*word, word.replace(&example, &own)))
        .filter(|(_, meant)| words.contains(meant.as_str()))
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars().chain(['\n']) {
        if is_part(letter) {
            word.push(letter);
            continue;
        }
        match leaked.iter().find(|(wrong, _)| *wrong == word) {
            Some((_, meant)) => out.push_str(meant),
            None => out.push_str(&word),
        }
        word.clear();
        out.push(letter);
    }
    out.pop();
    (out, leaked.into_iter().map(|(wrong, meant)| format!("{wrong} → {meant}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaked_type_name_becomes_the_one_that_is_meant() {
        let text = "pub trait NoteRepository {}\nimpl UserRepository for InMemoryNoteRepository {}\n";
        let (fixed, names) = replace_leaks(text, "User", "Note", "Stores notes.");
        assert_eq!(fixed, "pub trait NoteRepository {}\nimpl NoteRepository for InMemoryNoteRepository {}\n");
        assert_eq!(names, ["UserRepository → NoteRepository"]);
    }

    #[test]
    fn what_the_spec_speaks_of_or_the_answer_has_no_twin_of_stays() {
        let text = "struct Note { author: User }\nstruct UserError;\n";
        assert_eq!(replace_leaks(text, "User", "Note", "Notes of a user.").0, text);
        let text = "struct Note;\nstruct UserAgent;\n";
        assert_eq!(replace_leaks(text, "User", "Note", "Stores notes.").0, text);
    }
}
