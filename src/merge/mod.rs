//! A merge of three texts: the generated one of before (`base`), the file as it stands (`ours`), and the new generation
//! (`theirs`).
//!
//! No edit by hand is ever lost: each line that `ours` added is in the result or inside a conflict. Lines decide first; where they
//! conflict, the syntax tree may know that one side only moved or formatted code.

mod likeness;
mod lines;
mod syntax;

use std::collections::BTreeMap;

pub use likeness::{SAME, likeness};
pub use lines::{LABELS, has_markers, merge_lines};

use crate::language::Language;

/// What a merge came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text, with markers in the style of diff3 around conflicts.
    pub text: String,
    /// How many conflicts it has.
    pub conflicts: usize,
}

/// Merges by lines, and where that conflicts, by the items of the syntax tree.
pub fn merge(language: Option<Language>, base: &str, ours: &str, theirs: &str) -> Merged {
    let merged = merge_lines(base, ours, theirs);
    if merged.conflicts == 0 {
        return merged;
    }
    let relieved = language.and_then(|language| syntax::merge_items(language, base, ours, theirs));
    relieved.map_or(merged, |text| Merged { text, conflicts: 0 })
}

/// The generated text beneath a merged one: with the edits by hand taken out again, as the base of the next merge. Where that
/// cannot be told apart, the text generated before stands in, so that what a hand wrote is never taken for generated.
pub fn without_edits(language: Option<Language>, base: &str, ours: &str, merged: &str) -> String {
    let back = merge(language, ours, base, merged);
    if back.conflicts == 0 { back.text } else { lines::without_edits(base, ours, merged) }
}

/// Lines that `ours` added to `base` and that a result does not have as often. White space does not count: a formatter may
/// have changed it.
pub fn lost_edits(base: &str, ours: &str, result: &str) -> Vec<String> {
    let mut there: BTreeMap<String, usize> = BTreeMap::new();
    for line in result.lines() {
        *there.entry(squeezed(line)).or_default() += 1;
    }
    let mut lost = Vec::new();
    for added in lines::added_lines(base, ours) {
        let line = squeezed(&added);
        if line.is_empty() {
            continue;
        }
        match there.get_mut(&line).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => lost.push(added.trim_end().to_owned()),
        }
    }
    lost
}

fn squeezed(line: &str) -> String {
    line.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const PYTHON: &str = "import a\n\n\ndef one() -> int:\n    return 1\n\n\nclass Store:\n    def get(self) -> int:\n        return 1\n\n    def put(self) -> int:\n        return 2\n\n\ndef last() -> int:\n    return 9\n";

    /// One edit of a list of lines: remove, put in, replace, move.
    #[derive(Debug, Clone)]
    enum Edit {
        Remove(usize),
        Insert(usize, u16),
        Replace(usize, u16),
        Move(usize, usize),
    }

    fn edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            (0_usize..40).prop_map(Edit::Remove),
            (0_usize..40, 0_u16..200).prop_map(|(at, text)| Edit::Insert(at, text)),
            (0_usize..40, 0_u16..200).prop_map(|(at, text)| Edit::Replace(at, text)),
            (0_usize..40, 0_usize..40).prop_map(|(from, to)| Edit::Move(from, to)),
        ]
    }

    /// Does the edits; new lines say whose they are, some the same on both sides.
    fn edited(base: &[String], edits: &[Edit], who: &str) -> Vec<String> {
        let mut lines = base.to_vec();
        let text = |number: &u16| match number % 5 {
            0 => format!("both {}", number % 20),
            1 => "}".to_owned(),
            _ => format!("{who} {number}"),
        };
        for edit in edits {
            let len = lines.len();
            match edit {
                Edit::Remove(at) if len > 0 => drop(lines.remove(at % len)),
                Edit::Insert(at, number) => lines.insert(at % (len + 1), text(number)),
                Edit::Replace(at, number) if len > 0 => lines[at % len] = text(number),
                Edit::Move(from, to) if len > 0 => {
                    let line = lines.remove(from % len);
                    lines.insert(to % len, line);
                }
                _ => {}
            }
        }
        lines
    }

    fn joined(lines: &[String], end: bool) -> String {
        let text = lines.join("\n");
        if end && !text.is_empty() { text + "\n" } else { text }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

        #[test]
        fn every_line_edited_by_hand_is_in_the_result_or_inside_a_conflict(
            base in vec(0_u8..12, 0..25), by_hand in vec(edit(), 0..8), generated in vec(edit(), 0..8), ends in any::<[bool; 3]>()
        ) {
            let base: Vec<String> = base.iter().map(|number| if *number < 3 { String::new() } else { format!("line {number}") }).collect();
            let (ours, theirs) = (edited(&base, &by_hand, "hand"), edited(&base, &generated, "model"));
            let (base, ours, theirs) = (joined(&base, ends[0]), joined(&ours, ends[1]), joined(&theirs, ends[2]));
            let merged = merge_lines(&base, &ours, &theirs);
            // A line that only a hand can have written stands in the result at least as often as in the file.
            for line in ours.lines().filter(|line| line.starts_with("hand ")) {
                let count = |text: &str| text.lines().filter(|other| *other == line).count();
                prop_assert!(count(&merged.text) >= count(&ours), "{line:?} is lost in:\n{}", merged.text);
            }
            prop_assert_eq!(lost_edits(&base, &ours, &merged.text), Vec::<String>::new());
            // Nor is a new generated line.
            for line in theirs.lines().filter(|line| line.starts_with("model ")) {
                prop_assert!(merged.text.lines().any(|other| other == line));
            }
            prop_assert_eq!(merged.conflicts > 0, has_markers(&merged.text));
            // Where nobody edited by hand, the new generation is the result, and the other way round.
            prop_assert_eq!(merge_lines(&base, &base, &theirs).text, theirs.clone());
            prop_assert_eq!(merge_lines(&base, &ours, &base).text, ours.clone());
            // What is kept as generated holds no line of a hand: the next merge sees them as edits again.
            if merged.conflicts == 0 {
                let beneath = without_edits(None, &base, &ours, &merged.text);
                prop_assert!(!beneath.lines().any(|line| line.starts_with("hand ")), "{beneath}");
                let again = merge_lines(&beneath, &merged.text, &theirs);
                for line in ours.lines().filter(|line| line.starts_with("hand ")) {
                    prop_assert!(again.text.lines().any(|other| other == line), "{line:?} is lost later in:\n{}", again.text);
                }
            }
        }

        #[test]
        fn relief_by_syntax_loses_no_line_either(edits in vec(edit(), 1..5), number in 0_u16..50, which in 0_usize..3) {
            let lines: Vec<String> = PYTHON.lines().map(str::to_owned).collect();
            let hand: Vec<Edit> = edits.into_iter().filter(|edit| !matches!(edit, Edit::Replace(..))).collect();
            let ours = joined(&edited(&lines, &hand, "# hand"), true);
            let old = ["return 1", "return 2", "return 9"][which];
            let theirs = PYTHON.replacen(old, &format!("return {number} + {number}"), 1);
            let merged = merge(Some(Language::Python), PYTHON, &ours, &theirs);
            for line in ours.lines().filter(|line| line.starts_with("# hand")) {
                prop_assert!(merged.text.lines().any(|other| other == line), "{line:?} is lost in:\n{}", merged.text);
            }
        }
    }

    #[test]
    fn a_line_that_is_lost_is_found() {
        assert_eq!(lost_edits("a\nb\n", "a\nmine\nb\n", "a\nb\n"), ["mine"]);
        assert_eq!(lost_edits("a\n", "a\nx\nx\n", "a\nx\n"), ["x"]);
        assert_eq!(lost_edits("a\n", "a\n  x\n", "a\nx\n"), Vec::<String>::new());
    }

    #[test]
    fn code_that_was_only_moved_takes_the_change_along() {
        let moved = "import a\n\n\nclass Store:\n    def put(self) -> int:\n        return 2\n\n    def get(self) -> int:\n        return 1\n\n\ndef last() -> int:\n    return 9\n\n\ndef one() -> int:\n    return 1\n";
        let theirs = PYTHON
            .replace("return 2", "return 22")
            .replace("def one() -> int:\n    return 1", "def one() -> int:\n    return 11");
        assert!(merge_lines(PYTHON, moved, &theirs).conflicts > 0);
        let merged = merge(Some(Language::Python), PYTHON, moved, &theirs);
        assert_eq!(merged.conflicts, 0, "{}", merged.text);
        let expected = moved
            .replace("return 2", "return 22")
            .replace("def one() -> int:\n    return 1", "def one() -> int:\n    return 11");
        assert_eq!(
            merged.text.replace("\n\n", "\n").replace("\n\n", "\n"),
            expected.replace("\n\n", "\n").replace("\n\n", "\n")
        );
    }

    #[test]
    fn code_that_was_only_formatted_does_not_conflict() {
        for (language, base, ours, theirs, result) in [
            (
                Language::Rust,
                "fn a() {\n    b(1, 2);\n}\n\nfn c() {}\n",
                "fn a() {\n    b(\n        1, 2);\n}\n\nfn c() {}\n",
                "fn a() {\n    b(1, 2, 3);\n}\n\nfn c() {}\n",
                "fn a() {\n    b(1, 2, 3);\n}\n\nfn c() {}\n",
            ),
            (
                Language::Go,
                "package a\n\nfunc A() { b(1) }\n",
                "package a\n\nfunc A() {\n\tb(1)\n}\n",
                "package a\n\nfunc A() { b(2) }\n",
                "package a\n\nfunc A() { b(2) }\n",
            ),
            (
                Language::TypeScript,
                "export class A {\n  b(): number { return 1; }\n  c(): number { return 2; }\n}\n",
                "export class A {\n  c(): number { return 2; }\n  b(): number { return 1; }\n}\n",
                "export class A {\n  b(): number { return 11; }\n  c(): number { return 2; }\n}\n",
                "export class A {\n  c(): number { return 2; }\n  b(): number { return 11; }\n}\n",
            ),
        ] {
            assert!(merge_lines(base, ours, theirs).conflicts > 0, "{language}");
            assert_eq!(merge(Some(language), base, ours, theirs), Merged { text: result.to_owned(), conflicts: 0 });
        }
        // Where white space means something, it is no format: this takes a statement out of a loop.
        let base = "def a() -> None:\n    for b in c:\n        d()\n        e()\n";
        let ours = "def a() -> None:\n    for b in c:\n        d()\n    e()\n";
        let theirs = "def a() -> None:\n    for b in c:\n        d()\n        e(1)\n";
        assert_eq!(merge(Some(Language::Python), base, ours, theirs).conflicts, 1);
    }

    #[test]
    fn both_sides_of_a_conflict_and_what_was_there_are_shown() {
        let merged = merge(None, "a\nb\nc\n", "a\nmine\nc\n", "a\nnew\nc\n");
        assert_eq!(merged.conflicts, 1);
        assert_eq!(
            merged.text,
            "a\n<<<<<<< as it stands\nmine\n||||||| generated before\nb\n=======\nnew\n>>>>>>> generated now\nc\n"
        );
    }
}
