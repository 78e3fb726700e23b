//! The suite: what is asked of the generated tests, before and after they run.

use std::collections::{BTreeMap, BTreeSet};

use super::Outcome;
use crate::language::report::Result as TestResult;
use crate::language::test_cases::{Category, TestCase};

/// How the evidence names a kind of test that is missing; the tag follows, and a backtick.
pub const UNTAGGED: &str = "no test is tagged `";

/// Judges tests by their text: there are some, each can fail, and together they show every category.
pub fn judge_quality(files: &[(&str, Vec<TestCase>)]) -> Outcome {
    let mut problems = Vec::new();
    let mut categories = BTreeSet::new();
    let mut count = 0;
    for (path, cases) in files {
        if cases.is_empty() {
            problems.push(format!("{path}: there is no test in this file"));
        }
        for case in cases {
            count += 1;
            categories.extend(case.categories.iter().copied());
            if let Some(reason) = case.vacuous {
                problems.push(format!("{path}:{}: the test `{}` proves nothing: {reason}", case.line, case.name));
            }
        }
    }
    if count > 0 {
        for category in Category::ALL {
            if !categories.contains(&category) {
                problems.push(format!(
                    "{UNTAGGED}{0}:`; put a comment that starts with `{0}:` directly above each test of that kind, and write one if there is none",
                    category.tag()
                ));
            }
        }
    }
    if problems.is_empty() {
        Outcome::Passed { detail: format!("{count} tests: happy path, error and edge case are there, none is vacuous") }
    } else {
        Outcome::Failed { evidence: problems.join("\n") }
    }
}

/// Refuses tests that define themselves what they are to test: a path, a line and a name for each.
pub fn refuse_copies(outcome: Outcome, copies: &[(&str, usize, String)]) -> Outcome {
    if copies.is_empty() {
        return outcome;
    }
    let lines = copies.iter().map(|(path, line, name)| {
        format!("{path}:{line}: the tests define `{name}` themselves, so they test a copy; use the one of the code")
    });
    let own = if let Outcome::Failed { evidence } = outcome { Some(evidence) } else { None };
    Outcome::Failed { evidence: own.into_iter().chain(lines).collect::<Vec<_>>().join("\n") }
}

/// Refuses tests that have nothing of the code in them, and those that do something to their runner.
pub fn refuse_strangers(
    outcome: Outcome,
    detached: &[(&str, usize, String)],
    tampering: &[(&str, usize, &'static str)],
) -> Outcome {
    let apart = detached.iter().map(|(path, line, name)| {
        format!("{path}:{line}: the test `{name}` proves nothing: nothing of the code is in it")
    });
    let tampered = tampering.iter().map(|(path, line, reason)| format!("{path}:{line}: {reason}"));
    let lines: Vec<String> = apart.chain(tampered).collect();
    if lines.is_empty() {
        return outcome;
    }
    let own = if let Outcome::Failed { evidence } = outcome { Some(evidence) } else { None };
    Outcome::Failed { evidence: own.into_iter().chain(lines).collect::<Vec<_>>().join("\n") }
}

/// One run of the generated tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Whether the command ended with code 0.
    pub success: bool,
    /// Names and results, as the runner printed them.
    pub results: BTreeMap<String, TestResult>,
    /// The condensed output.
    pub output: String,
}

/// Judges the runs of the generated tests: every test that syntax finds, by its name, was run and passed, every time.
pub fn judge_runs(names: &[String], wanted_runs: u32, runs: &[Run]) -> Outcome {
    let Some(first) = runs.first() else {
        return Outcome::Unproven { reason: "the generated tests were not run".to_owned() };
    };
    let passed = |run: &Run| run.results.values().filter(|result| **result == TestResult::Passed).count();
    let failing: Vec<&Run> = runs.iter().filter(|run| !run.success).collect();
    if let Some(failed) = failing.first() {
        if failing.len() < runs.len() && passed(first) > 0 {
            let names = flaky(runs);
            let evidence = format!(
                "the tests are flaky: {} of {} runs failed{}\n\n{}",
                failing.len(),
                runs.len(),
                if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) },
                failed.output
            );
            return Outcome::Failed { evidence };
        }
        return Outcome::Failed { evidence: failed.output.clone() };
    }
    // A command that ends well although its tests did not has been made to.
    let hidden = runs.iter().find(|run| run.results.values().any(|result| *result == TestResult::Failed));
    if let Some(run) = hidden {
        let failed = run.results.iter().filter(|(_, result)| **result == TestResult::Failed);
        let names: Vec<&str> = failed.map(|(name, _)| name.as_str()).collect();
        let evidence = format!(
            "the test command ended as if all had passed, and these tests failed: {}\n\n{}",
            names.join(", "),
            run.output
        );
        return Outcome::Failed { evidence };
    }
    let skipped: Vec<&str> = first
        .results
        .iter()
        .filter(|(_, result)| **result == TestResult::Skipped)
        .map(|(name, _)| name.as_str())
        .collect();
    if !skipped.is_empty() {
        return Outcome::Failed { evidence: format!("these tests are skipped: {}", skipped.join(", ")) };
    }
    let found = runs.iter().map(passed).min().unwrap_or_default();
    if found == 0 {
        let evidence = format!("the test command ran no test of the generated files\n\n{}", first.output);
        return Outcome::Failed { evidence };
    }
    let expected = names.len();
    let missing: Vec<&str> =
        names.iter().filter(|name| !runs.iter().all(|run| ran(run, name))).map(String::as_str).collect();
    if let Some(one) = missing.first().filter(|_| found >= expected) {
        let evidence = format!("the test `{one}` stands in the files and did not run\n\n{}", first.output);
        return Outcome::Failed { evidence };
    }
    if found < expected {
        let evidence = format!("the files have {expected} tests, and only {found} of them ran\n\n{}", first.output);
        return Outcome::Failed { evidence };
    }
    if u32::try_from(runs.len()).unwrap_or(u32::MAX) < wanted_runs {
        return Outcome::Unproven { reason: format!("{} of {wanted_runs} runs were made", runs.len()) };
    }
    Outcome::Passed { detail: format!("{found} tests passed in each of {} runs", runs.len()) }
}

/// Whether a test is among those that a run says passed. Runners add what a test stands in and what it was given, and write
/// titles in their own way.
fn ran(run: &Run, name: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|letter| letter.is_alphanumeric() || *letter == '_').collect::<String>();
    // What is filled in when it runs.
    let name = plain(name.split(['$', '%']).next().unwrap_or(name));
    run.results.iter().any(|(ran, result)| *result == TestResult::Passed && plain(ran).contains(&name))
}

/// Tests that passed in one run and failed in another.
fn flaky(runs: &[Run]) -> Vec<&str> {
    let mut seen: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for run in runs {
        for (name, result) in &run.results {
            seen.entry(name).or_default().insert(*result == TestResult::Passed);
        }
    }
    seen.into_iter().filter(|(_, results)| results.len() > 1).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, test_cases::find};

    fn run(success: bool, results: &[(&str, TestResult)]) -> Run {
        let results = results.iter().map(|(name, result)| ((*name).to_owned(), *result)).collect();
        Run { success, results, output: "output".to_owned() }
    }

    #[test]
    fn runs_are_judged_by_what_ran() {
        let good = run(true, &[("a", TestResult::Passed), ("b", TestResult::Passed)]);
        let bad = run(false, &[("a", TestResult::Passed), ("b", TestResult::Failed)]);
        let skipped = run(true, &[("a", TestResult::Passed), ("a/one", TestResult::Passed), ("c", TestResult::Passed)]);
        let green = run(true, &[("a", TestResult::Passed), ("b", TestResult::Failed), ("b/one", TestResult::Passed)]);
        for (expected, runs, status, part) in [
            (2, vec![skipped], "failed", "the test `b` stands in the files and did not run"),
            (2, vec![green], "failed", "ended as if all had passed, and these tests failed: b"),
            (2, vec![good.clone(), good.clone()], "passed", "2 tests passed in each of 2 runs"),
            (2, vec![bad.clone(), bad.clone()], "failed", "output"),
            (2, vec![good.clone(), bad.clone()], "failed", "flaky: 1 of 2 runs failed (b)"),
            (3, vec![good.clone(), good.clone()], "failed", "only 2 of them ran"),
            (1, vec![run(true, &[]), run(true, &[])], "failed", "ran no test"),
            (1, vec![run(true, &[("a", TestResult::Skipped)])], "failed", "skipped: a"),
            (2, vec![good], "unproven", "1 of 2 runs"),
            (1, vec![], "unproven", "not run"),
        ] {
            let names: Vec<String> = ["a", "b", "c"].iter().take(expected).map(|name| (*name).to_owned()).collect();
            let outcome = judge_runs(&names, 2, &runs);
            assert_eq!(outcome.id(), status, "{outcome:?}");
            assert!(outcome.detail().contains(part), "{outcome:?}");
        }
    }

    #[test]
    fn a_missing_category_is_named() {
        let cases = find(
            Language::Rust,
            "// happy path: x\n#[test]\nfn a() { assert!(b()); }\n// error: y\n#[test]\nfn c() { assert!(b().is_err()); }\n",
        );
        let outcome = judge_quality(&[("tests/a.rs", cases)]);
        assert!(outcome.detail().contains("no test is tagged `edge case:`"), "{outcome:?}");
        assert!(judge_quality(&[("tests/a.rs", Vec::new())]).detail().contains("no test in this file"));
    }
}
