//! Coverage: which lines of the generated code its generated tests ran, read from whatever report a tool writes.
//!
//! - [`read`] tells the form of a report by its content: lcov, Cobertura, JaCoCo, a Go cover profile, Istanbul JSON, coverage.py JSON.
//! - [`judge`] holds the generated files to a threshold. Lines without code count nowhere; a file that the report does not
//!   know is not covered; a comment that hides code from the measurement is refused.

mod forms;

use std::collections::BTreeMap;

use super::Outcome;
use crate::language::coverage::compiled_path;
use crate::language::detect::{Project, RunnerKind, Stage};
use crate::language::syntax;
use crate::path::RepoPath;

pub use forms::read;

/// What is known of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Lines that can run, and whether they did.
    pub lines: BTreeMap<usize, bool>,
    /// Statements that ran and statements that can, where the tool counts those.
    pub statements: Option<(u64, u64)>,
}

impl FileCoverage {
    /// Counts a line; one that ran once ran.
    fn add(&mut self, line: usize, ran: bool) {
        *self.lines.entry(line).or_default() |= ran;
    }

    /// What ran and what can run.
    fn counts(&self) -> (u64, u64) {
        self.statements.unwrap_or_else(|| {
            let ran = self.lines.values().filter(|ran| **ran).count();
            (ran as u64, self.lines.len() as u64)
        })
    }
}

/// A whole report: files as the tool names them.
pub type Report = BTreeMap<String, FileCoverage>;

/// A generated file: the name under which reports may know it, and its text as measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The file that ran, from the project's folder; what a compiler wrote for the generated one, in some languages.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Lines that hold code, by syntax.
    pub code: Vec<usize>,
}

/// A generated file as it is measured: TypeScript that a compiler translates is measured as what the compiler wrote.
pub fn measured(
    project: &Project,
    path: &RepoPath,
    text: &str,
    read: &dyn Fn(&RepoPath) -> Option<String>,
) -> Measured {
    let own = project.commands.contains_key(&Stage::Coverage);
    let compiled = compiled_path(project, path).filter(|_| !own);
    let compiled = compiled.and_then(|script| Some((project.inside(&script).to_owned(), read(&script)?)));
    let (path, text) = compiled.unwrap_or_else(|| (project.inside(path).to_owned(), text.to_owned()));
    let code = syntax::code_lines(project.language, &text);
    Measured { path, text, code }
}

/// Whether lines of the report are lines of the generated file.
pub fn lines_are_those_of_the_source(project: &Project) -> bool {
    let compiled = matches!(project.runner.as_ref().map(|runner| &runner.kind), Some(RunnerKind::NodeCompiled(_)));
    !compiled || project.commands.contains_key(&Stage::Coverage)
}

/// What a report says of one generated file, with lines that hold no code taken out.
pub fn of_file(report: &Report, file: &Measured) -> Option<FileCoverage> {
    let found = report.iter().filter(|(name, _)| is_same(name, &file.path)).max_by_key(|(name, _)| {
        // Of several files that end alike, the one with the shortest way to the end.
        std::cmp::Reverse(name.len())
    });
    let mut coverage = found?.1.clone();
    coverage.lines.retain(|line, _| file.code.contains(line));
    Some(coverage)
}

/// Whether a report's name is a path from the project's folder, with anything in front.
fn is_same(name: &str, path: &str) -> bool {
    let name = name.trim_start_matches("./");
    let ends = |whole: &str, end: &str| whole.strip_suffix(end).is_some_and(|before| before.ends_with('/'));
    // JaCoCo knows the package of a file and not where its folder stands.
    name == path || ends(name, path) || (name.ends_with(".java") && ends(path, name))
}

/// Holds files to a threshold.
pub fn judge(report: &Report, files: &[Measured], threshold: u8) -> Outcome {
    if report.is_empty() {
        return Outcome::Unproven { reason: "the coverage report has no file in it".to_owned() };
    }
    let (mut ran, mut all) = (0, 0);
    let mut gaps = Vec::new();
    for file in files {
        if let Some(coverage) = of_file(report, file) {
            let (some, total) = coverage.counts();
            ran += some;
            all += total;
            gaps.extend(uncovered(file, &coverage));
        } else {
            // Types alone need not run; code that does not show up never did.
            all += file.code.len() as u64;
            gaps.push(format!("{}: no test ran any of it", file.path));
        }
    }
    if all == 0 {
        return Outcome::NotApplicable { reason: "there is no line that can run".to_owned() };
    }
    // Rounded down, so that 79.9 % is not 80 %.
    let percent = ran * 100 / all;
    if percent >= u64::from(threshold) {
        return Outcome::Passed { detail: format!("{percent} % of the generated code ran ({threshold} % asked for)") };
    }
    let evidence = format!(
        "the tests run {percent} % of the generated code, and {threshold} % is asked for. These lines never ran; test what they are for:\n{}",
        gaps.join("\n")
    );
    Outcome::Failed { evidence }
}

/// Most stretches of a file that are shown.
const STRETCHES: usize = 12;

/// The lines that did not run, in stretches with their text.
fn uncovered(file: &Measured, coverage: &FileCoverage) -> Vec<String> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for (&line, _) in coverage.lines.iter().filter(|(_, ran)| !**ran) {
        match stretches.last_mut() {
            Some((_, end)) if *end + 1 == line => *end = line,
            _ => stretches.push((line, line)),
        }
    }
    let texts: Vec<&str> = file.text.lines().collect();
    let hidden = stretches.len().saturating_sub(STRETCHES);
    let mut shown: Vec<String> = Vec::new();
    for (start, end) in stretches.into_iter().take(STRETCHES) {
        shown.push(format!("{}:{start}:", file.path));
        let lines = texts.get(start - 1..end.min(texts.len())).unwrap_or_default();
        shown.extend(lines.iter().take(6).map(|line| format!("    {line}")));
        if lines.len() > 6 {
            shown.push(format!("    … {} more lines", lines.len() - 6));
        }
    }
    if hidden > 0 {
        shown.push(format!("{}: {hidden} more stretches", file.path));
    }
    shown
}

/// Words in code and comments that take code out of a measurement.
const HIDING: [&str; 11] = [
    "pragma: no cover",
    "pragma: no branch",
    "istanbul ignore",
    "c8 ignore",
    "v8 ignore",
    "node:coverage",
    "coverage(off)",
    "cfg(not(coverage",
    "cfg(not(tarpaulin",
    "LCOV_EXCL",
    "no_coverage",
];

/// The places where generated code hides from the measurement, which would make the figure a lie.
pub fn hiding(path: &str, text: &str) -> Vec<String> {
    let numbered = text.lines().enumerate();
    let found = numbered.filter(|(_, line)| HIDING.iter().any(|word| line.contains(word)));
    found.map(|(index, line)| format!("{path}:{}: {}", index + 1, line.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: usize) -> Measured {
        let text: String = (1..=lines).map(|line| format!("line {line}\n")).collect();
        Measured { path: "src/a.rs".to_owned(), text, code: (1..=lines).collect() }
    }

    fn report(name: &str, ran: usize, all: usize) -> Report {
        let mut file = FileCoverage::default();
        (1..=all).for_each(|line| file.add(line, line <= ran));
        BTreeMap::from([(name.to_owned(), file)])
    }

    #[test]
    fn seventy_nine_is_not_enough_for_eighty_and_eighty_is() {
        let low = judge(&report("/w/src/a.rs", 79, 100), &[file(100)], 80);
        assert_eq!(low.id(), "failed");
        assert!(low.detail().contains("79 %") && low.detail().contains("src/a.rs:80:\n    line 80"), "{low:?}");
        assert_eq!(judge(&report("/w/src/a.rs", 80, 100), &[file(100)], 80).id(), "passed");
        // 79.99… is not 80.
        assert_eq!(judge(&report("src/a.rs", 799, 1000), &[file(1000)], 80).id(), "failed");
    }

    #[test]
    fn a_file_that_the_report_does_not_know_is_not_covered_and_an_empty_report_shows_nothing() {
        assert_eq!(judge(&report("src/ba.rs", 10, 10), &[file(10)], 1).id(), "failed");
        assert_eq!(judge(&Report::new(), &[file(10)], 0).id(), "unproven");
    }

    #[test]
    fn lines_without_code_count_nowhere() {
        let mut sparse = file(10);
        sparse.code = vec![9, 10];
        let outcome = judge(&report("src/a.rs", 9, 10), &[sparse], 51);
        assert!(outcome.detail().contains("50 %"), "{outcome:?}");
    }

    #[test]
    fn what_hides_from_the_measurement_is_named_with_its_line() {
        assert_eq!(hiding("a.py", "x = 1\nif y:  # pragma: no cover\n    z\n"), ["a.py:2: if y:  # pragma: no cover"]);
        assert_eq!(hiding("a.py", "cover = 1\n"), Vec::<String>::new());
    }
}
