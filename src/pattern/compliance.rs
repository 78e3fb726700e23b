//! A compliance report: how a set of files keeps the rules of one pattern, rule by rule, with the places that show it.
//!
//! A rule that no check decides is listed as unverified and counts nowhere: the rate is rules kept ÷ rules judged, over all
//! files; where none was judged, nothing is shown, and that is not compliance either. A file that cannot be judged, because
//! it is no text or not in the grammar, keeps nothing and breaks nothing; it is listed with its problem, and the whole is not
//! compliant.

use std::collections::BTreeMap;

use serde::Serialize;

use super::check::{Evidence, Judge, RuleResult, Status};
use super::{Pattern, Severity};
use crate::language::{Language, syntax};
use crate::path::RepoPath;

/// One judged file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file.
    pub path: RepoPath,
    /// Its language.
    #[serde(serialize_with = "language_id")]
    pub language: Language,
    /// Why it could not be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Every rule of the pattern.
    pub rules: Vec<RuleResult>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn language_id<S: serde::Serializer>(language: &Language, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(language.id())
}

/// Judges the text of one file; what is not in the grammar is said and not judged.
pub fn judge_file(judge: &Judge<'_>, path: RepoPath, language: Language, bytes: Vec<u8>) -> FileReport {
    let report = |problem, rules| FileReport { path, language, problem, rules };
    let Ok(text) = String::from_utf8(bytes) else {
        return report(Some("it is not UTF-8 text".to_owned()), Vec::new());
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if let Some(rules) = judge.judge_whole(text) {
        return report(None, rules);
    }
    let first = syntax::errors(language, text).into_iter().next();
    let place = first.map_or_else(
        || "it is not in the grammar".to_owned(),
        |error| format!("line {}, column {}: {}", error.line, error.column, error.message),
    );
    report(Some(place), Vec::new())
}

/// A place that shows a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub file: RepoPath,
    /// The line and what stands there; left out when something is missing from the whole file.
    #[serde(flatten)]
    pub evidence: Option<Evidence>,
    /// What the file was searched for in vain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// One rule over all files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// The rule.
    pub rule: String,
    /// What breaking it does.
    pub severity: &'static str,
    /// What it says, by language.
    pub text: BTreeMap<&'static str, String>,
    /// `failed` when any file breaks it, else `passed` when any keeps it, else `unverified` or `not-applicable`.
    pub status: &'static str,
    /// Files that keep it.
    pub passed: usize,
    /// Files that break it.
    pub failed: usize,
    /// Files for which no check decides it.
    pub unverified: usize,
    /// Files in whose language it is no rule.
    pub not_applicable: usize,
    /// Where it is broken; where it is kept when nothing breaks it.
    pub evidence: Vec<Place>,
}

/// All of it in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Totals {
    /// Files that were judged.
    pub files: usize,
    /// Files that could not be judged.
    pub not_judged: usize,
    /// Rules kept, over all files.
    pub passed: usize,
    /// Rules of severity `error` broken, over all files.
    pub errors: usize,
    /// Rules of severity `warn` broken, over all files.
    pub warnings: usize,
    /// Rules that no check decides, over all files. They count nowhere else.
    pub unverified: usize,
    /// Rules kept ÷ rules judged; nothing when none was judged.
    pub rate: Option<f64>,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The pattern, `name@version`.
    pub pattern: String,
    /// The revision whose files were judged; nothing for the working tree.
    pub revision: Option<String>,
    /// Whether every file was judged, by one rule at least, and no rule of severity `error` is broken.
    pub compliant: bool,
    /// Numbers.
    pub totals: Totals,
    /// By rule, in the order of the pattern.
    pub rules: Vec<RuleReport>,
    /// By file, in the order of paths.
    pub files: Vec<FileReport>,
}

impl Report {
    /// Sums up judged files.
    pub fn new(pattern: &Pattern, revision: Option<String>, mut files: Vec<FileReport>) -> Self {
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let rules: Vec<RuleReport> =
            pattern.rules.iter().enumerate().map(|(index, rule)| sum_up(&rule.value, index, &files)).collect();
        let not_judged = files.iter().filter(|file| file.problem.is_some()).count();
        let broken = |severity: Severity| -> usize {
            rules.iter().filter(|rule| rule.severity == severity.id()).map(|rule| rule.failed).sum()
        };
        let passed: usize = rules.iter().map(|rule| rule.passed).sum();
        let (errors, warnings) = (broken(Severity::Error), broken(Severity::Warn));
        let judged = passed + errors + warnings;
        #[expect(clippy::cast_precision_loss, reason = "counts of rules are small")]
        let rate = (judged > 0).then(|| passed as f64 / judged as f64);
        let totals = Totals {
            files: files.len() - not_judged,
            not_judged,
            passed,
            errors,
            warnings,
            unverified: rules.iter().map(|rule| rule.unverified).sum(),
            rate,
        };
        let compliant = errors == 0 && not_judged == 0 && judged > 0;
        Self { pattern: pattern.reference(), revision, compliant, totals, rules, files }
    }
}

fn sum_up(rule: &super::Rule, index: usize, files: &[FileReport]) -> RuleReport {
    let text = rule.texts.iter().map(|(language, text)| (language.id(), text.clone())).collect();
    let mut report = RuleReport {
        rule: rule.id.clone(),
        severity: rule.severity.id(),
        text,
        status: "not-applicable",
        passed: 0,
        failed: 0,
        unverified: 0,
        not_applicable: 0,
        evidence: Vec::new(),
    };
    let (mut kept, mut broken) = (Vec::new(), Vec::new());
    for file in files {
        let Some(result) = file.rules.get(index) else { continue };
        let at = |evidence: &Evidence| Place {
            file: file.path.clone(),
            evidence: Some(evidence.clone()),
            missing: Vec::new(),
        };
        match &result.status {
            Status::Passed { evidence } => {
                report.passed += 1;
                kept.extend(evidence.iter().map(at));
            }
            Status::Failed { evidence, missing } => {
                report.failed += 1;
                broken.extend(evidence.iter().map(at));
                if !missing.is_empty() {
                    broken.push(Place { file: file.path.clone(), evidence: None, missing: missing.clone() });
                }
            }
            Status::Unverified => report.unverified += 1,
            Status::NotApplicable => report.not_applicable += 1,
        }
    }
    (report.status, report.evidence) = if report.failed > 0 {
        ("failed", broken)
    } else if report.passed > 0 {
        ("passed", kept)
    } else if report.unverified > 0 {
        ("unverified", Vec::new())
    } else {
        ("not-applicable", Vec::new())
    };
    report
}
