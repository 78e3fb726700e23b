//! The places that evidence points at: items of the files that a gate refused.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::app::prove::FileSet;
use crate::app::setback::Setback;
use crate::gate::suite::UNTAGGED;
use crate::gate::{Gate, findings};
use crate::language::outline::{self, Item};
use crate::language::{Language, report};
use crate::path::RepoPath;
use crate::text::has_word;

/// Most bytes of what was said about one item.
const MOST_EVIDENCE: usize = 1600;

/// An item that the evidence points at.
pub(super) struct Place {
    /// Its file.
    pub(super) path: RepoPath,
    /// The item.
    pub(super) item: Item,
    /// The lines that are named, from 1; none where only its name is.
    pub(super) lines: Vec<usize>,
    /// The test that speaks against it, where that is not the evidence's own word.
    pub(super) witness: Option<Witness>,
}

/// A test that speaks against a function of the code.
pub(super) struct Witness {
    /// The test and what became of it.
    pub(super) said: String,
    /// The name of the test; empty where the spec itself speaks.
    pub(super) test: String,
    /// Whether the failure or a call in the test points at the function, and not its words alone.
    pub(super) pointed: bool,
    /// Whether the function is to be written anew, without what it did in view.
    pub(super) anew: bool,
    /// How many answers there were that the next one should differ from.
    pub(super) warmth: u32,
}

/// How far the gates got: a later gate is better, then fewer places that it points at and, of tests, fewer cases that fail: of a table, each
/// row is one.
pub(super) fn reach(setback: &Setback, language: Language) -> (Option<Gate>, Reverse<usize>) {
    let places = places(setback, language);
    let named: usize = places.iter().map(|place| place.lines.len().max(1)).sum();
    let is_run = setback.refused_by == Some(Gate::GeneratedTests);
    let cases: BTreeSet<&str> =
        setback.evidence.lines().filter(|line| is_run && says_failed(line)).map(str::trim).collect();
    (setback.refused_by, Reverse(named + cases.len() + setback.evidence.matches(UNTAGGED).count()))
}

/// The items that the evidence points at, by line or as a test that failed.
pub(super) fn places(setback: &Setback, language: Language) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    for (path, text) in &setback.files {
        let lines = findings::lines_of(&setback.evidence, path.as_str());
        let items = outline::items_at(language, text, &lines).into_iter();
        found.extend(items.map(|(item, lines)| Place { path: path.clone(), item, lines, witness: None }));
        let failed: Vec<&str> = setback.evidence.lines().filter(|line| says_failed(line)).collect();
        for item in outline::all_items(language, text) {
            let known = found.iter().any(|place| place.path == *path && place.item.whole == item.whole);
            let named = item.kind == outline::Kind::Function && failed.iter().any(|line| has_word(line, &item.name));
            if named && !known && setback.refused_by == Some(Gate::GeneratedTests) {
                found.push(Place { path: path.clone(), item, lines: Vec::new(), witness: None });
            }
        }
    }
    // As they stand in the files, so that those who change the last one first keep the places of the others.
    found.sort_by(|left, right| (&left.path, left.item.whole.start).cmp(&(&right.path, right.item.whole.start)));
    found
}

/// The function that one more test can be written for, when a kind of test is missing: the longest.
pub(super) fn untested(setback: &Setback, language: Language, code: &FileSet) -> Option<Place> {
    let functions = code.iter().flat_map(|(path, text)| {
        let items = outline::all_items(language, text).into_iter();
        items.filter(|item| item.kind == outline::Kind::Function).map(move |item| (path, item))
    });
    let (path, item) = functions.max_by_key(|(_, item)| item.whole.len())?;
    (setback.refused_by == Some(Gate::TestQuality)).then(|| Place {
        path: path.clone(),
        item,
        lines: Vec::new(),
        witness: None,
    })
}

/// Whether a line of a test runner says that a test failed.
fn says_failed(line: &str) -> bool {
    let line = line.trim_start();
    ["FAILED", "--- FAIL", "not ok", "✖", "✗", "× ", "● "].iter().any(|mark| line.starts_with(mark))
        || line.ends_with("... FAILED")
}

impl Setback {
    /// Whether single items may be what is wrong.
    pub(super) fn is_mendable(&self) -> bool {
        let gates = [
            Gate::Syntax,
            Gate::Format,
            Gate::Compliance,
            Gate::TestQuality,
            Gate::Build,
            Gate::Lint,
            Gate::ExistingTests,
            Gate::GeneratedTests,
            Gate::Coverage,
            Gate::Mutation,
        ];
        !self.files.is_empty() && self.refused_by.is_some_and(|gate| gates.contains(&gate))
    }

    /// Whether there are files that no parser accepts.
    pub(super) fn is_unparsed(&self) -> bool {
        matches!(self.refused_by, Some(Gate::Syntax | Gate::Format))
    }

    /// The tag of the first kind of test that is missing: `error:`.
    pub(super) fn missing_tag(&self) -> Option<&str> {
        let (_, rest) = self.evidence.split_once(UNTAGGED)?;
        rest.split_once('`').map(|(tag, _)| tag)
    }

    /// What was said about a place: each finding with its line of the text, else the blocks of output that name it, else
    /// everything.
    pub(super) fn said_about(&self, place: &Place) -> String {
        if let Some(witness) = &place.witness {
            return head(&witness.said);
        }
        let text = self.files.get(&place.path).map_or("", String::as_str);
        let at = |line: usize| text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
        let mut said = String::new();
        // `tests/test_a.py:12: in test_b` of a failing test has the form of a finding, and says nothing.
        let is_run = matches!(self.refused_by, Some(Gate::GeneratedTests | Gate::ExistingTests));
        let found = if is_run { Vec::new() } else { findings::read(&self.evidence, "") };
        for finding in found.iter().filter(|finding| finding.file == place.path.as_str()) {
            let lines = findings::lines_of(&finding.line, place.path.as_str());
            if let Some(line) = lines.first().filter(|line| place.lines.contains(line)) {
                said.push_str(&format!("`{}`: {}\n", at(*line), finding.message));
            }
        }
        if said.is_empty() {
            let about = |block: &&str| {
                let lines = findings::lines_of(block, place.path.as_str());
                lines.iter().any(|line| place.lines.contains(line)) || has_word(block, &place.item.name)
            };
            said = report::blocks(&self.evidence).into_iter().filter(about).collect::<Vec<_>>().join("\n\n");
            for line in &place.lines {
                said.push_str(&format!("\nLine {line} is `{}`", at(*line)));
            }
        }
        if said.trim().is_empty() { head(&self.evidence) } else { head(&said) }
    }
}

fn head(text: &str) -> String {
    let end = (0..=MOST_EVIDENCE.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default().trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn a_row_more_that_fails_is_a_step_back() {
        let path = RepoPath::parse("tests/test_a.py").unwrap();
        let text = "@pytest.mark.parametrize(\"n\", [1, 2])\ndef test_a(n: int) -> None:\n    assert f(n) == n\n";
        let failed = |rows: &[usize]| {
            let rows: String =
                rows.iter().map(|row| format!("FAILED tests/test_a.py::test_a[{row}] - assert 0\n")).collect();
            Setback {
                answer: String::new(),
                gate: String::new(),
                refused_by: Some(Gate::GeneratedTests),
                evidence: format!("tests/test_a.py:3: in test_a\n{rows}"),
                kind: Kind::Gate,
                files: FileSet::from([(path.clone(), text.to_owned())]),
                hopeless: false,
                reminder: None,
            }
        };
        let far = |rows: &[usize]| reach(&failed(rows), Language::Python);
        assert!(far(&[1]) > far(&[1, 2]));
        assert_eq!(far(&[1]), far(&[2]));
    }
}
