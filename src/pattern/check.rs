//! Compliance: which rules of a pattern a file keeps, with the line that shows it.
//!
//! A rule is judged on the syntax tree, so comments and strings cannot satisfy it, and suppression comments mean nothing.

use ast_grep_config::{DeserializeEnv, Rule as SyntaxRule, SerializableRule};
use ast_grep_core::matcher::{Matcher, MatcherExt};
use ast_grep_core::tree_sitter::LanguageExt;
use ast_grep_language::SupportLang;

use super::{Pattern, Severity};
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
    Judge::new(pattern, language).judge(code)
}

type SyntaxNode<'r> = ast_grep_core::Node<'r, ast_grep_core::tree_sitter::StrDoc<SupportLang>>;

/// Most places that are shown for one broken check.
const PLACES: usize = 5;

/// The rules of a pattern in one language, compiled once for any number of files.
pub struct Judge<'p> {
    pattern: &'p Pattern,
    language: Language,
    searches: Vec<Search<'p>>,
    /// Searches that can match a kind of node, by the number of the kind.
    by_kind: Vec<Vec<usize>>,
    /// Searches that may match any node.
    of_any_kind: Vec<usize>,
    /// Rules with a check that does not compile, by index: nothing decides them.
    undecided: Vec<usize>,
}

/// One thing that is looked for.
struct Search<'p> {
    rule: usize,
    wanted: bool,
    source: &'p serde_json::Value,
    matcher: SyntaxRule,
}

impl<'p> Judge<'p> {
    /// Compiles the checks of a pattern in a language.
    pub fn new(pattern: &'p Pattern, language: Language) -> Self {
        let mut judge = Self {
            pattern,
            language,
            searches: Vec::new(),
            by_kind: Vec::new(),
            of_any_kind: Vec::new(),
            undecided: Vec::new(),
        };
        for (index, rule) in pattern.rules.iter().enumerate() {
            let Some(check) = rule.value.checks.get(&language) else { continue };
            let wanted = check.require.iter().map(|source| (true, source));
            for (wanted, source) in wanted.chain(check.forbid.iter().map(|source| (false, source))) {
                match compile(language, source) {
                    Ok(matcher) => judge.add(Search { rule: index, wanted, source, matcher }),
                    // A rule that does not compile was refused when the pattern was read.
                    Err(_) => judge.undecided.push(index),
                }
            }
        }
        judge
    }

    fn add(&mut self, search: Search<'p>) {
        let number = self.searches.len();
        match search.matcher.potential_kinds() {
            None => self.of_any_kind.push(number),
            Some(kinds) => {
                for kind in &kinds {
                    if self.by_kind.len() <= kind {
                        self.by_kind.resize_with(kind + 1, Vec::new);
                    }
                    if let Some(searches) = self.by_kind.get_mut(kind) {
                        searches.push(number);
                    }
                }
            }
        }
        self.searches.push(search);
    }

    /// Judges one file. Its tree is walked once for all rules.
    pub fn judge(&self, code: &str) -> Vec<RuleResult> {
        self.judge_tree(&self.language.grammar().ast_grep(code).root())
    }

    /// Judges one file, unless it is not in the grammar.
    pub fn judge_whole(&self, code: &str) -> Option<Vec<RuleResult>> {
        let root = self.language.grammar().ast_grep(code);
        let root = root.root();
        (!root.get_inner_node().has_error()).then(|| self.judge_tree(&root))
    }

    fn judge_tree(&self, root: &SyntaxNode<'_>) -> Vec<RuleResult> {
        let found = self.search(root);
        let results = self.pattern.rules.iter().enumerate().map(|(index, rule)| {
            let rule = &rule.value;
            let status = match (rule.texts.get(&self.language), rule.checks.get(&self.language)) {
                (None, _) => Status::NotApplicable,
                (Some(_), None) => Status::Unverified,
                (Some(_), Some(_)) if self.undecided.contains(&index) => Status::Unverified,
                (Some(_), Some(_)) => self.status(index, &found),
            };
            RuleResult {
                rule: rule.id.clone(),
                text: rule.texts.get(&self.language).cloned().unwrap_or_default(),
                severity: rule.severity,
                status,
            }
        });
        results.collect()
    }

    /// The places that each search found: one of what is wanted, some of what is forbidden.
    fn search(&self, root: &SyntaxNode<'_>) -> Vec<Vec<Evidence>> {
        let mut found: Vec<Vec<Evidence>> = self.searches.iter().map(|_| Vec::new()).collect();
        for node in root.dfs() {
            let of_kind = self.by_kind.get(usize::from(node.kind_id())).map(Vec::as_slice).unwrap_or_default();
            for &number in of_kind.iter().chain(&self.of_any_kind) {
                let (Some(search), Some(places)) = (self.searches.get(number), found.get_mut(number)) else { continue };
                let enough = if search.wanted { 1 } else { PLACES };
                if places.len() < enough
                    && let Some(matched) = search.matcher.match_node(node.clone())
                {
                    places.push(evidence(matched.get_node()));
                }
            }
        }
        found
    }

    fn status(&self, rule: usize, found: &[Vec<Evidence>]) -> Status {
        let (mut shown, mut missing, mut broken) = (Vec::new(), Vec::new(), Vec::new());
        for (search, places) in self.searches.iter().zip(found).filter(|(search, _)| search.rule == rule) {
            match (search.wanted, places.as_slice()) {
                (true, []) => missing.push(sought(search.source)),
                (true, places) => shown.extend_from_slice(places),
                (false, places) => broken.extend_from_slice(places),
            }
        }
        if missing.is_empty() && broken.is_empty() {
            Status::Passed { evidence: shown }
        } else {
            Status::Failed { evidence: broken, missing }
        }
    }
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
