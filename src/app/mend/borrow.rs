//! Borrowing: what an answer skipped of the example, taken over under the names of its own spec.
//!
//! A small model that copies an example in its head sometimes jumps over a whole class of it, or ends before the functions that its
//! class calls, and does so again when it is asked again. What these do is the shape of the pattern; the gates and the tests judge it
//! like what the model wrote.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::super::prove::FileSet;
use super::{Judged, Mending};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::gate::undeclared::undeclared;
use crate::language::Language;
use crate::language::outline::{Item, Kind, outline};
use crate::language::splice::lifted;
use crate::port::Role;
use crate::text::{has_word, with_word};

impl Mending<'_> {
    /// Takes over what the example has and the code lacks: whole classes where the rules of the pattern miss them, and functions and
    /// types that the code uses and nobody declares. The files, when that was all.
    pub(super) async fn borrow(&mut self) -> Result<Option<FileSet>, Failure> {
        let setback = &self.standing.setback;
        if self.case.call.role != Role::Code {
            return Ok(None);
        }
        let (Some(example), [path]) = (self.case.questions.example_in_own_names(), &self.producer.task.code[..]) else {
            return Ok(None);
        };
        let (language, path) = (self.language(), path.clone());
        let text = setback.files.get(&path).map_or("", String::as_str);
        let own = without_leaked(language, text, &example, |name| self.case.questions.in_own_names(name));
        let taken = match setback.refused_by {
            Some(Gate::Compliance) => with_skipped(language, &own, &example),
            Some(Gate::Build | Gate::Lint) => {
                let missing =
                    undeclared(language, path.as_str(), &setback.evidence).into_iter().map(|missing| missing.name);
                with_declared(language, &own, &example, &missing.collect())
            }
            _ => None,
        };
        let Some((text, names)) = taken.filter(|(text, _)| self.progress.borrowed.insert(text.clone())) else {
            return Ok(None);
        };
        let mut files = setback.files.clone();
        files.insert(path, text);
        let files = self.producer.without_leaks(files);
        let answer = setback.answer.clone();
        let judged = self.judge_from(Ordering::Greater, self.case.call, files, &answer).await?;
        if !matches!(judged, Judged::Even | Judged::Worse) {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("taken over from the example, under names of its own: {}", names.join(", "));
            self.note(message.clone());
            self.produced.notes.push(message);
        }
        match judged {
            Judged::Passed(files) => Ok(Some(files)),
            _ => self.fix_by_rule(self.case.call).await,
        }
    }
}

/// A text in which what it declares under a name of the example has the name that the example has for it in the spec's own names.
fn without_leaked(language: Language, text: &str, example: &str, renamed: impl Fn(&str) -> String) -> String {
    let (own, theirs) = (outline(language, text), outline(language, example));
    let has = |items: &[Item], name: &str| items.iter().any(|item| item.name == name);
    let mut clean = text.to_owned();
    for name in own.iter().map(|item| item.name.as_str()) {
        let meant = renamed(name);
        if meant != name && has(&theirs, &meant) && !has(&own, &meant) {
            clean = with_word(&clean, name, &meant);
        }
    }
    clean
}

/// A text with the containers that the example has and it lacks, what these use, and their names. None when it lacks none.
fn with_skipped(language: Language, text: &str, example: &str) -> Option<(String, Vec<String>)> {
    let theirs = outline(language, example);
    let own = keys(language, text);
    // The tests that an example of Rust has beside its code are none of it.
    let holds_code = |item: &Item| {
        let has_function = item.members.iter().any(|member| member.kind == Kind::Function);
        item.kind == Kind::Container && item.name != "tests" && has_function
    };
    let skipped = theirs.iter().filter(|item| holds_code(item) && !own.contains(&item.key)).collect();
    let skipped = with_used(&theirs, skipped, example, &own);
    with_items(language, text, example, &theirs, &skipped)
}

/// A text with the functions and types of these names as the example has them, what they use, and their names. None where that
/// is nothing, or brings along what is no function and no type: constants are what the example's own spec says.
fn with_declared(
    language: Language,
    text: &str,
    example: &str,
    missing: &BTreeSet<String>,
) -> Option<(String, Vec<String>)> {
    let theirs = outline(language, example);
    let own = keys(language, text);
    let is_code = |item: &Item| matches!(item.kind, Kind::Function | Kind::Container) || item.key.starts_with("type ");
    let is_missing = |item: &&Item| is_code(item) && missing.contains(&item.name) && !own.contains(&item.key);
    // Each comes with its own: what one of them cannot come without stays away with it.
    let mut all: Vec<&Item> = Vec::new();
    for item in theirs.iter().filter(is_missing) {
        let with = with_used(&theirs, vec![item], example, &own);
        if with.iter().all(|item| is_code(item)) {
            all.extend(with.into_iter().filter(|item| !all.contains(item)).collect::<Vec<_>>());
        }
    }
    with_items(language, text, example, &theirs, &all)
}

fn keys(language: Language, text: &str) -> BTreeSet<String> {
    outline(language, text).into_iter().map(|item| item.key).collect()
}

/// Items of the example with what they use of it and nobody declares.
fn with_used<'i>(theirs: &'i [Item], mut items: Vec<&'i Item>, example: &str, own: &BTreeSet<String>) -> Vec<&'i Item> {
    loop {
        let used = |item: &&Item| {
            let by = |other: &&Item| has_word(example.get(other.whole.clone()).unwrap_or_default(), &item.name);
            item.kind != Kind::Import && !own.contains(&item.key) && !items.contains(item) && items.iter().any(by)
        };
        let more: Vec<&Item> = theirs.iter().filter(used).collect();
        if more.is_empty() {
            return items;
        }
        items.extend(more);
    }
}

/// A text with these items of the example, each in its place, and their names. None where there are none.
fn with_items(
    language: Language,
    text: &str,
    example: &str,
    theirs: &[Item],
    wanted: &[&Item],
) -> Option<(String, Vec<String>)> {
    if wanted.is_empty() {
        return None;
    }
    let gap = if language == Language::Python { "\n\n\n" } else { "\n\n" };
    let mut whole = text.trim_end().to_owned() + "\n";
    for (place, item) in theirs.iter().enumerate().filter(|(_, item)| wanted.contains(item)) {
        let standing = outline(language, &whole);
        let stands = |other: &&Item| standing.iter().find(|known| known.key == other.key && known.kind != Kind::Import);
        let before = theirs.get(..place).unwrap_or_default().iter().rev().find_map(|other| stands(&other));
        let after = theirs.get(place..).unwrap_or_default().iter().find_map(|other| stands(&other));
        // Behind what it follows in the example, else before what follows it.
        let end = before.map(|item| item.whole.end).or_else(|| after.map(|item| item.whole.start));
        let end = end.unwrap_or(whole.len());
        let (head, tail) = whole.split_at_checked(end)?;
        whole = format!(
            "{}{gap}{}{gap}{}",
            head.trim_end(),
            lifted(example, &item.whole).trim_end(),
            tail.trim_start_matches('\n')
        );
    }
    Some((whole.trim_end().to_owned() + "\n", wanted.iter().map(|item| item.name.clone()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_was_skipped_comes_with_what_it_uses_in_its_place() {
        let example = "import os\n\nMOST = 1\n\n\nclass A:\n    def a(self):\n        return 1\n\n\nclass B:\n    def b(self):\n        return other(MOST)\n\n\ndef other(n):\n    return n\n\n\ndef last():\n    return 2\n";
        let text = "import os\n\n\nclass A:\n    def a(self):\n        return 3\n\n\ndef last():\n    return 4\n";
        let (whole, names) = with_skipped(Language::Python, text, example).unwrap();
        assert_eq!(names, ["B", "MOST", "other"]);
        let order: Vec<usize> =
            ["MOST = 1", "class A", "class B", "return other(MOST)", "def other", "def last", "return 4"]
                .map(|part| whole.find(part).unwrap())
                .to_vec();
        assert!(order.is_sorted(), "{whole}");
        assert!(whole.contains("return 3") && !whole.contains("return 1"), "{whole}");
        assert_eq!(with_skipped(Language::Python, &whole, example), None);
    }

    #[test]
    fn what_is_called_and_declared_nowhere_comes_as_the_example_has_it() {
        let example = "MOST = 9\n\n\nclass A:\n    def a(self):\n        return read(1)\n\n\ndef read(n):\n    return check(n)\n\n\ndef check(n):\n    return n\n\n\ndef limit(n):\n    return n < MOST\n";
        let text = "class A:\n    def a(self):\n        return read(limit(2))\n";
        let missing = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (whole, names) = with_declared(Language::Python, text, example, &missing(&["read", "limit"])).unwrap();
        assert_eq!(names, ["read", "check"], "a limit is the example's own");
        assert!(
            whole.ends_with("\n\n\ndef read(n):\n    return check(n)\n\n\ndef check(n):\n    return n\n"),
            "{whole}"
        );
        assert_eq!(with_declared(Language::Python, text, example, &missing(&["MOST", "other"])), None);
    }

    #[test]
    fn what_is_declared_under_a_name_of_the_example_gets_its_own() {
        let example = "class OrderService:\n    pass\n\n\nclass Order:\n    pass\n";
        let text = "class UserService:\n    pass\n\n\nclass UserKind:\n    a = UserService()\n";
        let renamed = |name: &str| name.replace("User", "Order");
        assert_eq!(
            without_leaked(Language::Python, text, example, renamed),
            text.replace("UserService", "OrderService"),
            "the example has no OrderKind"
        );
    }
}
