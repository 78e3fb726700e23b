//! Leaks: type names of an example in an answer that means its own.
//!
//! A model that imitates an example sometimes writes one of its names: `impl UserRepository for InMemoryNoteRepository`.
//! Where the answer itself uses the same name with the spec's word in it, or declares it as the example does, the leaked one is
//! replaced. The gates judge the result like any other.

use std::collections::BTreeSet;

use crate::name::{kebab, pascal, snake};

/// Replaces leaked type names. `example` and `own` are the names of the two specs; nothing is done when `spec`, the text of the
/// own spec, speaks of the example's thing itself. `copied` are names that the text declares as the example does. Returns the text and
/// the names that were replaced.
pub fn replace_leaks(
    text: &str,
    [example, own]: [&str; 2],
    spec: &str,
    copied: &BTreeSet<String>,
) -> (String, Vec<String>) {
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
        .filter(|(word, meant)| words.contains(meant.as_str()) || copied.contains(*word))
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

/// Replaces the way by which tests of an example reach its code by the one of their own. `example` and `own` are the lines that
/// import the code, as the prompt says them; nothing is done when the text has its own way already. Returns the text and what
/// was replaced.
pub fn replace_import(text: &str, [example, own]: [&str; 2], names: [&str; 2]) -> Option<(String, String)> {
    let (wrong, right) = (target(example)?, target(own)?);
    if wrong == right || text.contains(right) {
        return None;
    }
    // The name of its own in the place of the example's.
    let renamed = wrong.replace(&snake(names[0]), &snake(names[1])).replace(&kebab(names[0]), &kebab(names[1]));
    let found = [wrong, renamed.as_str()].into_iter().find(|wrong| *wrong != right && text.contains(wrong))?;
    Some((text.replace(found, right), format!("{found} → {right}")))
}

/// What a line imports from: `use a::b::{…};`, `from a.b import …`, `import { … } from "a";`.
fn target(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("use ") {
        return rest.strip_suffix("::{…};");
    }
    if let Some(rest) = line.strip_prefix("from ") {
        return rest.strip_suffix(" import …");
    }
    let (_, rest) = line.split_once(" from \"")?;
    rest.split_once('"').map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaked_type_name_becomes_the_one_that_is_meant() {
        let text = "pub trait NoteRepository {}\nimpl UserRepository for InMemoryNoteRepository {}\n";
        let (fixed, names) = replace_leaks(text, ["User", "Note"], "Stores notes.", &BTreeSet::new());
        assert_eq!(fixed, "pub trait NoteRepository {}\nimpl NoteRepository for InMemoryNoteRepository {}\n");
        assert_eq!(names, ["UserRepository → NoteRepository"]);
    }

    #[test]
    fn a_type_that_is_declared_as_in_the_example_gets_its_own_name() {
        let text = "class UserService(Protocol): ...\nclass UserAgent: ...\ndef run(service: UserService): ...\n";
        let copied = BTreeSet::from(["UserService".to_owned()]);
        let (fixed, names) = replace_leaks(text, ["User", "Note"], "Serves notes.", &copied);
        assert_eq!(fixed, text.replace("UserService", "NoteService"));
        assert_eq!(names, ["UserService → NoteService"]);
    }

    #[test]
    fn the_example_s_way_to_its_code_becomes_the_one_of_the_tests() {
        for (example, own, text, result) in [
            (
                "use example::user::{…};",
                "use shop::stock::item::{…};",
                "use example::user::User;\n",
                "use shop::stock::item::User;\n",
            ),
            (
                "use example::user::{…};",
                "use shop::item::{…};",
                "use example::item::{Item, X};\n",
                "use shop::item::{Item, X};\n",
            ),
            (
                "from example.user import …",
                "from shop.item import …",
                "from example.item import Item\n",
                "from shop.item import Item\n",
            ),
            (
                "import { … } from \"../src/user.js\";",
                "import { … } from \"../lib/item.js\";",
                "import { Item } from \"../src/user.js\";\n",
                "import { Item } from \"../lib/item.js\";\n",
            ),
        ] {
            let replaced = replace_import(text, [example, own], ["User", "Item"]).map(|(text, _)| text);
            assert_eq!(replaced.as_deref(), Some(result));
            assert_eq!(replace_import(result, [example, own], ["User", "Item"]), None);
        }
        let same = ["package a, as the code: nothing to import"; 2];
        assert_eq!(replace_import("package b\n", same, ["User", "Item"]), None);
    }

    #[test]
    fn what_the_spec_speaks_of_or_the_answer_has_no_twin_of_stays() {
        let text = "struct Note { author: User }\nstruct UserError;\n";
        assert_eq!(
            replace_leaks(text, ["User", "Note"], "Notes of a user.", &BTreeSet::from(["UserError".to_owned()])).0,
            text
        );
        let text = "struct Note;\nstruct UserAgent;\n";
        assert_eq!(replace_leaks(text, ["User", "Note"], "Stores notes.", &BTreeSet::new()).0, text);
    }
}
