//! Compliance: which rules of a pattern a file keeps, with the line that shows it.
//!
//! A rule is judged on the syntax tree, so comments and strings cannot satisfy it, and suppression comments mean nothing.

use ast_grep_config::{DeserializeEnv, Rule as SyntaxRule, SerializableRule};
use ast_grep_core::tree_sitter::LanguageExt;
use ast_grep_language::SupportLang;

use super::{Check, Pattern, Severity};
use crate::language::Language;

/// Where and what in a file shows a result.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Evidence {
    /// Line, from 1.
    pub line: usize,
    /// The first line of the code there.
    pub text: String,
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Status {
    /// Kept.
    Passed {
        /// What shows it; empty when only the absence of something was asked.
        evidence: Vec<Evidence>,
    },
    /// Broken.
    Failed {
        /// What shows it; empty when something is missing.
        evidence: Vec<Evidence>,
        /// What the code was searched for in vain, as the check says it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        missing: Vec<String>,
    },
    /// Not a rule of this language.
    NotApplicable,
    /// No check decides it.
    Unverified,
}

/// One rule's result.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RuleResult {
    /// The rule.
    pub rule: String,
    /// What it says; empty where it does not apply.
    pub text: String,
    /// What breaking it does.
    #[serde(serialize_with = "severity_id")]
    pub severity: Severity,
    /// What became of it.
    #[serde(flatten)]
    pub status: Status,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn severity_id<S: serde::Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.id())
}

/// Compiles one ast-grep rule object.
pub(super) fn compile(language: Language, rule: &serde_json::Value) -> Result<SyntaxRule, String> {
    let known = serde_json::from_value::<SerializableRule>(rule.clone()).map_err(|error| error.to_string())?;
    DeserializeEnv::<SupportLang>::new(language.grammar()).deserialize_rule(known).map_err(|error| with_causes(&error))
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// Judges one file by every rule of a pattern.
pub fn judge(pattern: &Pattern, language: Language, code: &str) -> Vec<RuleResult> {
    let root = language.grammar().ast_grep(code);
    let results = pattern.rules.iter().map(|rule| {
        let rule = &rule.value;
        let status = match (rule.texts.get(&language), rule.checks.get(&language)) {
            (None, _) => Status::NotApplicable,
            (Some(_), None) => Status::Unverified,
            (Some(_), Some(check)) => judge_check(language, check, &root.root()),
        };
        RuleResult {
            rule: rule.id.clone(),
            text: rule.texts.get(&language).cloned().unwrap_or_default(),
            severity: rule.severity,
            status,
        }
    });
    results.collect()
}

type SyntaxNode<'r> = ast_grep_core::Node<'r, ast_grep_core::tree_sitter::StrDoc<SupportLang>>;

fn judge_check(language: Language, check: &Check, root: &SyntaxNode<'_>) -> Status {
    let (mut shown, mut missing) = (Vec::new(), Vec::new());
    for rule in &check.require {
        // A rule that does not compile was refused when the pattern was read.
        let Ok(matcher) = compile(language, rule) else { return Status::Unverified };
        match root.find(&matcher) {
            Some(found) => shown.push(evidence(found.get_node())),
            None => missing.push(sought(rule)),
        }
    }
    if !missing.is_empty() {
        return Status::Failed { evidence: Vec::new(), missing };
    }
    let mut broken = Vec::new();
    for rule in &check.forbid {
        let Ok(matcher) = compile(language, rule) else { return Status::Unverified };
        broken.extend(root.find_all(&matcher).take(5).map(|found| evidence(found.get_node())));
    }
    if broken.is_empty() { Status::Passed { evidence: shown } } else { Status::Failed { evidence: broken, missing } }
}

/// What a rule looks for, in the words that it has itself: its patterns and expressions.
fn sought(rule: &serde_json::Value) -> String {
    let mut words = Vec::new();
    let mut open = vec![rule];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(entries) => {
                for (key, inner) in entries {
                    match inner.as_str() {
                        Some(text) if key == "pattern" || key == "regex" => words.push(text.to_owned()),
                        _ if key == "not" => {}
                        _ => open.push(inner),
                    }
                }
            }
            serde_json::Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    words.truncate(3);
    words.join(" with ")
}

fn evidence(node: &SyntaxNode<'_>) -> Evidence {
    let text = node.text();
    Evidence { line: node.start_pos().line() + 1, text: text.lines().next().unwrap_or_default().trim().to_owned() }
}
