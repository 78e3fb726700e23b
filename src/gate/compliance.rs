//! The rules of a pattern as a gate: what breaks one, with its place in the files.

use super::Outcome;
use crate::pattern::Severity;
use crate::pattern::check::{RuleResult, Status};
use crate::text::count;

/// Judges results of rules over files (path and text) that were judged as one text, joined by line ends.
pub fn judge_compliance(rules: &[RuleResult], files: &[(&str, &str)]) -> Outcome {
    let mut broken = Vec::new();
    let (mut passed, mut unverified) = (0, 0);
    for rule in rules {
        match &rule.status {
            Status::Passed { .. } => passed += 1,
            Status::Unverified => unverified += 1,
            Status::Failed { evidence, missing } if rule.severity == Severity::Error => {
                let said = format!("the rule “{}” is broken", rule.text);
                broken.extend(evidence.iter().map(|place| match home(files, place.line) {
                    Some((path, line)) => format!("{path}:{line}: {said} by `{}`", place.text),
                    None => format!("- {said} by `{}`", place.text),
                }));
                let sought = missing.iter().filter(|words| !words.is_empty());
                let sought: String = sought.map(|words| format!("\n  nothing in the code matches `{words}`")).collect();
                if evidence.is_empty() || !sought.is_empty() {
                    broken.push(format!("- {said}{sought}"));
                }
            }
            Status::NotApplicable | Status::Failed { .. } => {}
        }
    }
    if broken.is_empty() {
        Outcome::Passed { detail: format!("{} kept, {unverified} unverified", count(passed, "rule", "rules")) }
    } else {
        Outcome::Failed { evidence: format!("the code does not keep the rules of its pattern:\n{}", broken.join("\n")) }
    }
}

/// The file of a line of the joined text, and the line in it.
fn home<'f>(files: &[(&'f str, &str)], line: usize) -> Option<(&'f str, usize)> {
    let mut before = 0;
    for (path, text) in files {
        let lines = text.split('\n').count();
        if line <= before + lines {
            return Some((path, line - before));
        }
        before += lines;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::check::Evidence;

    fn broken(line: usize, missing: &[&str]) -> RuleResult {
        let evidence = if line == 0 { Vec::new() } else { vec![Evidence { line, text: "eval(x)".into() }] };
        let missing = missing.iter().map(|words| (*words).to_owned()).collect();
        let status = Status::Failed { evidence, missing };
        RuleResult { rule: "no-eval".into(), text: "No eval".into(), severity: Severity::Error, status }
    }

    #[test]
    fn what_breaks_a_rule_is_named_with_the_line_of_its_own_file() {
        let files = [("a.py", "one\ntwo\n"), ("b.py", "eval(x)\n")];
        // Joined, the second file begins at line 4.
        for (line, place) in [(1, "a.py:1: "), (4, "b.py:1: ")] {
            let outcome = judge_compliance(&[broken(line, &[])], &files);
            let said = outcome.detail();
            assert!(said.ends_with(&format!("\n{place}the rule “No eval” is broken by `eval(x)`")), "{said}");
        }
        let outcome = judge_compliance(&[broken(0, &["a docstring"])], &files);
        assert!(outcome.detail().contains("nothing in the code matches `a docstring`"), "{}", outcome.detail());
    }
}
