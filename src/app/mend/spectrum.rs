//! Spectrum-based fault localization: a function that the failing tests reach and the others do not is likely the wrong one.
//!
//! Ranks by the Ochiai coefficient, which Abreu, Zoeteweij and van Gemund found to tell most ("On the Accuracy of Spectrum-based
//! Fault Localization", 2007). What a test reaches is read from its text: which functions it calls by name, and what these call. Tests that
//! never name a function, such as those that send requests to a handler, tell nothing here.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Mending;
use super::places::Place;
use super::suspects::{Function, Seen};
use crate::language::outline::{Kind, all_items};
use crate::language::test_cases;
use crate::text::{indentation, places_of};

impl Mending<'_> {
    /// The next helper of the tests that is more suspicious than every function of the code, and that several failing tests reach: what
    /// they have in common is made wrong.
    pub(super) fn suspected_helper(&mut self) -> Option<Place> {
        let (helper, test, said) = self.likely_helper()?;
        Some(self.progress.speaks_against_helper(helper, test, said))
    }

    /// The helpers of the tests that some test reaches and through which every test fails that does.
    pub(super) fn helpers_that_fail(&self) -> Vec<Place> {
        let functions = self.functions();
        let spectrum = self.spectrum(&functions);
        let is_reached = |at: usize| spectrum.failing.iter().any(|(reached, _)| reached.contains(&at));
        let helpers = (functions.len()..).zip(&spectrum.helpers);
        let fail = helpers.filter(|(at, (_, text, _))| !asserts(text) && is_reached(*at) && !spectrum.is_passed(*at));
        let place = |(_, (path, _, item)): (usize, &Seen<'_>)| Place {
            path: (*path).clone(),
            item: item.clone(),
            lines: Vec::new(),
            witness: None,
        };
        fail.map(place).collect()
    }

    /// Such a helper, with the name of a test that fails by it and what was said of that.
    pub(super) fn likely_helper(&self) -> Option<(Function, String, String)> {
        let functions = self.functions();
        let spectrum = self.spectrum(&functions);
        let of_code = (0..functions.len()).map(|at| spectrum.suspicion(at)).fold(0.0, f64::max);
        let makers = (functions.len()..).zip(&spectrum.helpers).filter(|(_, (_, text, _))| !asserts(text));
        let helpers = makers.filter_map(|(at, (path, text, item))| {
            let mut tests = spectrum.failing.iter().filter(|(reached, _)| reached.contains(&at)).map(|(_, test)| test);
            let (first, _another) = (tests.next()?, tests.next()?);
            Some((spectrum.suspicion(at), first, ((*path).clone(), (*text).to_owned(), item.clone())))
        });
        let likely = helpers
            .filter(|(suspicion, test, helper)| *suspicion > of_code && self.progress.may_ask_helper(test, helper));
        let (_, test, helper) = likely.max_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
        Some((helper, test.item.name.clone(), self.said_with_text(test)))
    }

    /// What the tests reach.
    pub(super) fn spectrum<'s>(&'s self, functions: &[Seen<'s>]) -> Spectrum<'s> {
        let language = self.language();
        let blamed = self.blamed_tests();
        let (mut helpers, mut passing) = (Vec::new(), Vec::new());
        let texts = |path| self.standing.setback.files.get_key_value(path).map(|(path, text)| (path, text.as_str()));
        for (path, text) in self.producer.task.tests.iter().filter_map(texts) {
            let cases = test_cases::find(language, text);
            for item in all_items(language, text).into_iter().filter(|item| item.kind == Kind::Function) {
                let own = text.get(item.whole.clone()).unwrap_or_default();
                if blamed.iter().any(|place| place.path == *path && place.item.whole == item.whole) {
                    continue;
                }
                if cases.iter().any(|case| case.name == item.name) {
                    passing.push(own);
                } else {
                    helpers.push((path, own, item));
                }
            }
        }
        let nodes = functions.iter().chain(&helpers).map(|(_, own, item)| Node { name: item.name.clone(), text: own });
        let calls = Calls::among(nodes.collect());
        let passing = passing.into_iter().map(|text| calls.reached(text)).collect();
        let of_test = |test: &Place| calls.reached(until_failure(self.standing.text(&test.path), test));
        let failing = blamed.into_iter().map(|test| (of_test(&test), test)).collect();
        Spectrum { helpers, failing, passing }
    }
}

/// What the tests reach of the functions of the code and, by the numbers after these, of their own helpers.
pub(super) struct Spectrum<'s> {
    helpers: Vec<Seen<'s>>,
    failing: Vec<(BTreeSet<usize>, Place)>,
    passing: Vec<BTreeSet<usize>>,
}

impl Spectrum<'_> {
    /// How suspicious each of the `number` functions of the code is, where this failing test reaches it before it fails.
    pub(super) fn suspicions(&self, number: usize, test: &Place) -> Vec<f64> {
        let is_same = |known: &Place| known.path == test.path && known.item.whole == test.item.whole;
        let own = self.failing.iter().find(|(_, known)| is_same(known)).map(|(reached, _)| reached);
        let is_reached = |at: &usize| own.is_some_and(|reached| reached.contains(at));
        (0..number).map(|at| if is_reached(&at) { self.suspicion(at) } else { 0.0 }).collect()
    }

    /// Whether a test that reaches it passes.
    fn is_passed(&self, at: usize) -> bool {
        self.passing.iter().any(|reached| reached.contains(&at))
    }

    fn suspicion(&self, at: usize) -> f64 {
        let failed = self.failing.iter().filter(|(reached, _)| reached.contains(&at)).count();
        let passed = self.passing.iter().filter(|reached| reached.contains(&at)).count();
        ochiai((failed, self.failing.len()), (passed, self.passing.len()))
    }
}

/// A function of the code or of the tests.
struct Node<'t> {
    /// Its name.
    name: String,
    /// Its text.
    text: &'t str,
}

/// Which functions call which, by name.
struct Calls<'t> {
    nodes: Vec<Node<'t>>,
    callees: Vec<Vec<usize>>,
}

impl<'t> Calls<'t> {
    /// The calls among these functions.
    fn among(nodes: Vec<Node<'t>>) -> Self {
        let mut calls = Self { nodes, callees: Vec::new() };
        calls.callees = calls.nodes.iter().map(|node| calls.from(node.text)).collect();
        calls
    }

    fn from(&self, text: &str) -> Vec<usize> {
        self.nodes.iter().enumerate().filter(|(_, node)| calls(text, &node.name)).map(|(at, _)| at).collect()
    }

    /// The functions that a text calls, and those that these call, by their places.
    fn reached(&self, text: &str) -> BTreeSet<usize> {
        let mut open = self.from(text);
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                open.extend(self.callees.get(at).into_iter().flatten());
            }
        }
        seen
    }
}

/// How suspicious a function is, from 0 to 1, that so many of the failing tests reach and so many of the passing ones. Zero where the tests
/// that reach it fail no more often than all of them.
fn ochiai((failed, failing): (usize, usize), (passed, passing): (usize, usize)) -> f64 {
    if failed * (failing + passing) <= failing * (failed + passed) {
        return 0.0;
    }
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    number(failed) / (number(failing) * number(failed + passed)).sqrt()
}

/// The text of a test up to the last statement that its failure names: what comes after had mostly not run.
fn until_failure<'t>(text: &'t str, test: &Place) -> &'t str {
    let ends = test.lines.iter().map(|line| statement_at(text, *line).end);
    let end = ends.max().unwrap_or(test.item.whole.end).min(test.item.whole.end);
    text.get(test.item.whole.start..end).unwrap_or_default()
}

/// A line, from 1, with the deeper ones that follow: a call that goes over several, the block of a `with`.
pub(super) fn statement_at(text: &str, line: usize) -> Range<usize> {
    let mut lines = text.split_inclusive('\n');
    let start: usize = lines.by_ref().take(line.saturating_sub(1)).map(str::len).sum();
    let Some(first) = lines.next() else { return start..start };
    let deeper = lines.take_while(|next| next.trim().is_empty() || indentation(next) > indentation(first));
    start..start + first.len() + deeper.map(str::len).sum::<usize>()
}

/// Whether a helper judges, and not only makes data: drawn anew it might judge less.
fn asserts(text: &str) -> bool {
    ["assert", "expect", "require", "raises", "throws", "fail", "Error(", "Fatal"]
        .iter()
        .any(|word| text.contains(word))
}

/// Whether a text calls a function of this name.
pub(super) fn calls(text: &str, name: &str) -> bool {
    places_of(text, name).any(|at| text.get(at + name.len()..).is_some_and(|rest| rest.starts_with('(')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_goes_on_while_lines_are_deeper() {
        let text = "fn a() {\n    assert_eq!(\n        b(1),\n\n        c(2)\n    );\n    d(3);\n}\n";
        let at = |line| text.get(statement_at(text, line)).unwrap();
        assert_eq!(at(2), "    assert_eq!(\n        b(1),\n\n        c(2)\n");
        assert_eq!(at(7), "    d(3);\n");
        assert_eq!((at(8), at(9)), ("}\n", ""));
        assert_eq!(at(0), at(1), "no line is the first one");
    }

    #[test]
    fn a_call_is_a_whole_name_with_a_parenthesis() {
        assert!(calls("let a = repository.create(order);", "create"));
        assert!(!calls("recreate(order)", "create"));
        assert!(!calls("create_all(order)", "create"));
        assert!(!calls("fn create;", "create"));
    }

    #[test]
    fn what_a_test_reaches_are_the_functions_it_calls_and_those_that_these_call() {
        let node = |name: &str, text| Node { name: name.to_owned(), text };
        let calls = Calls::among(vec![
            node("list", "fn list() {}"),
            node("create", "fn create() { validate() }"),
            node("validate", "fn validate() { create() }"),
            node("filled", "fn filled() { create(1) }"),
        ]);
        let reached = |text| calls.reached(text).into_iter().collect::<Vec<_>>();
        assert_eq!(reached("filled(); a.list()"), [0, 1, 2, 3]);
        assert_eq!(reached("validate()"), [1, 2]);
        assert_eq!(reached("lists()"), Vec::<usize>::new());
    }

    #[test]
    fn what_only_failing_tests_reach_is_most_suspicious() {
        assert!((ochiai((2, 2), (0, 8)) - 1.0).abs() < f64::EPSILON);
        assert!(ochiai((2, 2), (0, 8)) > ochiai((1, 2), (0, 8)));
        assert!(ochiai((1, 2), (0, 8)) > ochiai((1, 2), (3, 8)));
        // Two of ten fail, and of those that reach it as many.
        assert!(!(ochiai((1, 2), (4, 8)) > 0.0 || ochiai((2, 2), (8, 8)) > 0.0 || ochiai((0, 2), (1, 8)) > 0.0));
        assert!(!(ochiai((2, 2), (0, 0)) > 0.0 || ochiai((0, 0), (3, 8)) > 0.0), "everything failed, nothing did");
    }
}
