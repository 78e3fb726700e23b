//! A proposal: the commit and the text that a reviewer sees.

use std::fmt::Write as _;

use crate::call::Usage;
use crate::change::FileChange;
use crate::gate::{Outcome, Verdict};
use crate::pattern::check::{RuleResult, Status};
use crate::spec::SpecId;

/// Most characters of a body; GitHub takes 65,536.
const MOST: usize = 58_000;

/// What a proposal says.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The spec.
    pub spec: SpecId,
    /// The spec's name.
    pub name: String,
    /// The pattern, `name@version`.
    pub pattern: String,
    /// The prompt, `name@version`.
    pub prompt: String,
    /// The model.
    pub model: String,
    /// Digest of the spec.
    pub digest: String,
    /// What was asked.
    pub description: String,
    /// The files.
    pub changes: Vec<FileChange>,
    /// The gates.
    pub verdict: Verdict,
    /// The rules.
    pub rules: Vec<RuleResult>,
    /// Model calls for the code and for the tests.
    pub attempts: (u32, u32),
    /// Tokens.
    pub usage: Usage,
    /// US dollars, where prices are known.
    pub cost: Option<f64>,
    /// What the bot did beside the files of the spec.
    pub wiring: Vec<String>,
    /// Whether a gate failed and this only shows what was made.
    pub draft: bool,
}

impl Proposal {
    /// The title of the pull request and subject of the commit.
    pub fn title(&self) -> String {
        let pattern = self.pattern.split('@').next().unwrap_or(&self.pattern);
        let failed = if self.draft { "FAILED: " } else { "" };
        format!("{failed}codegen: {} {pattern} ({})", self.name, self.spec)
    }

    /// The commit message: subject, a sentence, trailers.
    pub fn commit_message(&self) -> String {
        let (model, digest) = (&self.model, self.digest.get(..16).unwrap_or(&self.digest));
        format!(
            "{}\n\nGenerated from {}{}.\n\nCodegen-Spec: {}\nCodegen-Spec-Digest: {digest}\nCodegen-Pattern: {}\nCodegen-Prompt: {}\nCodegen-Model: {model}\n",
            self.title(),
            self.spec,
            if self.draft { "; a gate failed" } else { " and proven by the repository's own commands" },
            self.spec,
            self.pattern,
            self.prompt
        )
    }

    /// The text of the pull request, in Markdown. When it is too long, gate details go first, then the description.
    pub fn body(&self) -> String {
        let full = self.render(true, true);
        if full.chars().count() <= MOST {
            return full;
        }
        let shorter = self.render(false, true);
        if shorter.chars().count() <= MOST {
            return shorter;
        }
        let short = self.render(false, false);
        short.chars().take(MOST).collect()
    }

    fn render(&self, details: bool, description: bool) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "<!-- codegen:spec={} -->", self.spec);
        let _ = writeln!(out, "## {}\n", self.title());
        if description {
            for line in self.description.lines() {
                let _ = writeln!(out, "> {line}");
            }
            out.push('\n');
        }
        let _ = writeln!(out, "### Files\n\n| file | lines |\n|---|---|");
        for change in &self.changes {
            let lines = change.lines();
            let _ = writeln!(out, "| `{}` | +{} −{} |", change.path, lines.added, lines.removed);
        }
        for line in &self.wiring {
            let _ = writeln!(out, "\n{line}");
        }
        let _ = writeln!(out, "\n### Gates\n\n| gate | result | seconds | |\n|---|---|---|---|");
        for result in &self.verdict.results {
            let detail = if details { cell(result.outcome.detail()) } else { String::new() };
            let command = result.command.as_ref().map_or_else(String::new, |command| format!("`{}` ", cell(command)));
            let _ = writeln!(
                out,
                "| {} | {} | {:.1} | {command}{detail} |",
                result.gate,
                shown(&result.outcome),
                result.seconds
            );
        }
        let _ = writeln!(out, "\n### Rules of {}\n\n| rule | result | where |\n|---|---|---|", self.pattern);
        for rule in self.rules.iter().filter(|rule| rule.status != Status::NotApplicable) {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                cell(&rule.text_or_id()),
                rule.shown(),
                if details { rule.places() } else { String::new() }
            );
        }
        let unproven: Vec<String> =
            self.verdict.unproven().map(|result| format!("{}: {}", result.gate, result.outcome.detail())).collect();
        let _ = writeln!(out, "\n### Unproven\n");
        if unproven.is_empty() {
            let _ = writeln!(out, "Nothing beyond the rules marked `unverified` above.");
        }
        for line in unproven {
            let _ = writeln!(out, "- {line}");
        }
        let _ = writeln!(
            out,
            "\n### How it was made\n\nModel `{}`, prompt {}, pattern {}; {} for the code, {} for the tests; {} tokens read, {} written{}.",
            self.model,
            self.prompt,
            self.pattern,
            attempts(self.attempts.0),
            attempts(self.attempts.1),
            self.usage.input,
            self.usage.output,
            self.cost.map_or_else(|| ", cost unknown".to_owned(), |cost| format!(", ${cost:.4}"))
        );
        let _ = writeln!(
            out,
            "\nTo change it, edit the spec `{}` and run `codegen generate {}` again, or edit the files: they are yours.",
            self.spec, self.spec
        );
        out
    }
}

fn attempts(count: u32) -> String {
    if count == 1 { "1 attempt".to_owned() } else { format!("{count} attempts") }
}

fn shown(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed { .. } => "✅ passed",
        Outcome::Failed { .. } => "❌ failed",
        Outcome::Unproven { .. } => "⚠️ unproven",
        Outcome::NotApplicable { .. } => "not applicable",
    }
}

/// The first line of a text, safe inside a Markdown table.
fn cell(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line: String = line.chars().take(160).collect();
    line.replace('|', "\\|").replace('<', "&lt;").replace('@', "@\u{200b}")
}

impl RuleResult {
    fn text_or_id(&self) -> String {
        if self.text.is_empty() { self.rule.clone() } else { self.text.clone() }
    }

    fn shown(&self) -> &'static str {
        match &self.status {
            Status::Passed { .. } => "✅ passed",
            Status::Failed { .. } => "❌ broken",
            Status::NotApplicable => "not applicable",
            Status::Unverified => "unverified",
        }
    }

    fn places(&self) -> String {
        match &self.status {
            Status::Passed { evidence } | Status::Failed { evidence, .. } => {
                evidence.iter().take(3).map(|place| format!("line {}", place.line)).collect::<Vec<_>>().join(", ")
            }
            Status::NotApplicable | Status::Unverified => String::new(),
        }
    }
}
