//! The text of a pull request, in Markdown: a pure function of what was proposed.
//!
//! GitHub takes 65,536 characters. A text that would be longer loses its parts in stages, the least needed first, and says
//! so: evidence, then most of the description, then rows of tables, then everything but one line a spec.

use std::fmt::Write as _;

use super::{Proposal, mark};
use crate::gate::{GateResult, Outcome};
use crate::pattern::check::{RuleResult, Status};
use crate::text::{count, inert, shortened};

/// Most characters of a text. Some clients count bytes of what they send, so there is room left.
pub const MOST: usize = 58_000;

/// How much of a proposal is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Everything.
    Full,
    /// What gates and rules said is left out.
    NoEvidence,
    /// And the description is cut.
    ShortDescription,
    /// And tables are cut.
    ShortTables,
}

const STAGES: [Stage; 4] = [Stage::Full, Stage::NoEvidence, Stage::ShortDescription, Stage::ShortTables];

/// Rows of a table that was cut.
const ROWS: usize = 20;

/// The text for one proposal, or for several that go together in one pull request.
pub fn body(proposals: &[Proposal]) -> String {
    for stage in STAGES {
        let text = render(proposals, stage);
        if text.chars().count() <= MOST {
            return text;
        }
    }
    let mut out = head(proposals);
    let _ = writeln!(out, "The whole report is too long for a pull request; it is in the log of the run.\n");
    for proposal in proposals {
        let failed = proposal.verdict.failure().map_or_else(String::new, |result| format!(": {} failed", result.gate));
        let line = format!("- {}{failed}\n", proposal.title());
        if out.chars().count() + line.chars().count() > MOST - 500 {
            let _ = writeln!(out, "- …");
            break;
        }
        out.push_str(&line);
    }
    mark::enclose(&out)
}

/// The inputs of all proposals as one digest.
pub fn inputs(proposals: &[Proposal]) -> String {
    match proposals {
        [one] => one.inputs.clone(),
        more => together(more.iter().map(|proposal| proposal.inputs.as_str())),
    }
}

/// One digest of several.
pub fn together<'d>(digests: impl Iterator<Item = &'d str>) -> String {
    let all: Vec<&str> = digests.collect();
    match all.as_slice() {
        [one] => (*one).to_owned(),
        more => {
            let mut sorted = more.to_vec();
            sorted.sort_unstable();
            blake3::hash(sorted.join("\n").as_bytes()).to_hex().chars().take(16).collect()
        }
    }
}

fn head(proposals: &[Proposal]) -> String {
    let ids: Vec<_> = proposals.iter().map(|proposal| &proposal.spec).collect();
    let mut out = String::new();
    // One line in text of a size that fits, whatever the number of specs.
    let _ = writeln!(out, "{}", shortened_mark(&mark::of_specs(&ids)));
    let _ = writeln!(out, "{}", mark::of_inputs(&inputs(proposals)));
    if proposals.iter().any(|proposal| proposal.together.obstacle().is_some()) {
        let _ = writeln!(out, "{}", mark::DRAFT);
    }
    out
}

fn shortened_mark(mark: &str) -> String {
    if mark.chars().count() <= 2000 { mark.to_owned() } else { "<!-- codegen:spec=many -->".to_owned() }
}

fn render(proposals: &[Proposal], stage: Stage) -> String {
    let mut out = head(proposals);
    if stage != Stage::Full {
        let _ = writeln!(out, "_This text was shortened to fit; the log of the run has all of it._\n");
    }
    if let [one] = proposals {
        section(&mut out, one, stage);
    } else {
        let _ = writeln!(out, "{} in one pull request.\n", count(proposals.len(), "spec", "specs"));
        for proposal in proposals {
            section(&mut out, proposal, stage);
            out.push('\n');
        }
    }
    how_to_change(&mut out, proposals);
    mark::enclose(&out)
}

fn section(out: &mut String, proposal: &Proposal, stage: Stage) {
    let _ = writeln!(out, "## {}\n", proposal.title());
    if proposal.draft {
        let why = proposal.verdict.failure().map_or_else(String::new, |result| format!(" at the gate {}", result.gate));
        let _ = writeln!(
            out,
            "**FAILED{why}.** This only shows what was made last; it is not proven and not for merging.\n"
        );
    }
    if let Some(why) = proposal.together.obstacle() {
        let _ = writeln!(
            out,
            "**NOT PROVEN with what people changed on this branch.** The gates below passed without that; this is a draft until both pass together.\n"
        );
        for line in shortened(why, if stage == Stage::Full { 2000 } else { 300 }).lines() {
            let _ = writeln!(out, "    {}", plain(line));
        }
        out.push('\n');
    }
    let description = match stage {
        Stage::Full | Stage::NoEvidence => inert(&proposal.description),
        Stage::ShortDescription | Stage::ShortTables => inert(&shortened(&proposal.description, 1500)),
    };
    for line in description.lines() {
        let _ = writeln!(out, "> {line}");
    }
    let rows: Vec<String> = proposal
        .changes
        .iter()
        .map(|change| {
            let (lines, path) = (change.lines(), cell(change.path.as_str(), 200));
            let new = if change.before.is_none() { " (new)" } else { "" };
            format!("| `{path}`{new} | +{} −{} |", lines.added, lines.removed)
        })
        .collect();
    let _ = writeln!(out, "\n### Files\n\n| file | lines |\n|---|---|");
    table(out, &rows, stage);
    for line in &proposal.wiring {
        let _ = writeln!(out, "\n{line}");
    }
    let rows: Vec<String> = proposal.verdict.results.iter().map(|result| gate(result, stage)).collect();
    let _ = writeln!(out, "\n### Gates\n\n| gate | result | seconds | |\n|---|---|---|---|");
    table(out, &rows, stage);
    if stage == Stage::Full {
        evidence(out, proposal);
    }
    let rows: Vec<String> = proposal
        .rules
        .iter()
        .filter(|rule| rule.status != Status::NotApplicable)
        .map(|rule| {
            let places = if stage == Stage::Full { places(rule) } else { String::new() };
            format!("| {} | {} | {places} |", cell(rule_text(rule), 160), rule_result(rule))
        })
        .collect();
    let _ = writeln!(out, "\n### Rules of {}\n\n| rule | result | where |\n|---|---|---|", proposal.pattern);
    table(out, &rows, stage);
    unproven(out, proposal, stage);
    let _ = writeln!(
        out,
        "\n### How it was made\n\nModel `{}`, prompt {}, pattern {}; {} for the code, {} for the tests; {} tokens read, {} written{}.",
        cell(&proposal.model, 120),
        proposal.prompt,
        proposal.pattern,
        count(proposal.attempts.0 as usize, "attempt", "attempts"),
        count(proposal.attempts.1 as usize, "attempt", "attempts"),
        proposal.usage.input,
        proposal.usage.output,
        proposal.cost.map_or_else(|| ", cost unknown".to_owned(), |cost| format!(", ${cost:.4}"))
    );
}

fn table(out: &mut String, rows: &[String], stage: Stage) {
    let most = if stage == Stage::ShortTables { ROWS } else { usize::MAX };
    for row in rows.iter().take(most) {
        let _ = writeln!(out, "{row}");
    }
    if rows.len() > most {
        let _ = writeln!(out, "\n… and {} more.", rows.len() - most);
    }
}

fn gate(result: &GateResult, stage: Stage) -> String {
    let detail = if stage == Stage::Full { cell(result.outcome.detail(), 160) } else { String::new() };
    let command = result.command.as_ref().map_or_else(String::new, |command| format!("`{}` ", cell(command, 160)));
    format!("| {} | {} | {:.1} | {command}{detail} |", result.gate, gate_result(&result.outcome), result.seconds)
}

/// What failed gates said, folded. The text stands in an indented block: no fence of its own can end that.
fn evidence(out: &mut String, proposal: &Proposal) {
    for result in &proposal.verdict.results {
        let Outcome::Failed { evidence } = &result.outcome else { continue };
        let _ = writeln!(out, "\n<details><summary>What {} said</summary>\n", result.gate);
        for line in evidence.lines() {
            let _ = writeln!(out, "    {}", plain(line));
        }
        let _ = writeln!(out, "\n</details>");
    }
}

fn unproven(out: &mut String, proposal: &Proposal, stage: Stage) {
    let _ = writeln!(out, "\n### Unproven\n");
    let mut lines: Vec<String> = proposal.notes.iter().map(|note| inert(&shortened(note, 400))).collect();
    for result in proposal.verdict.unproven() {
        let reason = if stage == Stage::Full { result.outcome.detail() } else { "could not run" };
        lines.push(format!("{}: {}", result.gate, inert(&shortened(reason, 400)).replace('\n', " ")));
    }
    let unverified = proposal.rules.iter().filter(|rule| rule.status == Status::Unverified).count();
    if unverified > 0 {
        lines.push(format!("{} that no check decides", count(unverified, "rule", "rules")));
    }
    if lines.is_empty() {
        let _ = writeln!(out, "Nothing.");
    }
    for line in lines {
        let _ = writeln!(out, "- {line}");
    }
}

fn how_to_change(out: &mut String, proposals: &[Proposal]) {
    let _ = writeln!(
        out,
        "\n### How to change it\n\n- Comment `/codegen revise` and what you want otherwise, or `/codegen regenerate`.\n- Or change the spec{}: the next run updates this pull request.\n- Or push commits to this branch: they are kept. The label `codegen-freeze` keeps the bot away altogether.\n- Close this pull request to refuse it: it stays closed until what it was made from changes.",
        match proposals {
            [one] => format!(" `{}`", cell(one.spec.as_str(), 200)),
            _ => "s".to_owned(),
        }
    );
}

fn gate_result(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed { .. } => "✅ passed",
        Outcome::Failed { .. } => "❌ failed",
        Outcome::Unproven { .. } => "⚠️ unproven",
        Outcome::NotApplicable { .. } => "not applicable",
    }
}

/// The first line of a text, harmless inside a table and inside a code span.
fn cell(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    inert(&shortened(line, most)).replace('|', "\\|").replace('`', "'")
}

/// A line of output for an indented block, where nothing but its own characters has a meaning.
fn plain(line: &str) -> String {
    line.chars().filter(|letter| !crate::text::is_hidden(*letter)).collect()
}

fn rule_text(rule: &RuleResult) -> &str {
    if rule.text.is_empty() { &rule.rule } else { &rule.text }
}

fn rule_result(rule: &RuleResult) -> &'static str {
    match &rule.status {
        Status::Passed { .. } => "✅ passed",
        Status::Failed { .. } => "❌ broken",
        Status::NotApplicable => "not applicable",
        Status::Unverified => "unverified",
    }
}

fn places(rule: &RuleResult) -> String {
    match &rule.status {
        Status::Passed { evidence } | Status::Failed { evidence, .. } => {
            evidence.iter().take(3).map(|place| format!("line {}", place.line)).collect::<Vec<_>>().join(", ")
        }
        Status::NotApplicable | Status::Unverified => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Usage;
    use crate::change::FileChange;
    use crate::gate::{Gate, Verdict};
    use crate::path::RepoPath;
    use crate::pattern::Severity;
    use crate::spec::SpecId;

    fn result(gate: Gate, outcome: Outcome, command: Option<&str>) -> GateResult {
        GateResult { gate, outcome, command: command.map(str::to_owned), seconds: 1.25 }
    }

    fn proposal() -> Proposal {
        let rule = |rule: &str, text: &str, status| RuleResult {
            rule: rule.to_owned(),
            text: text.to_owned(),
            severity: Severity::Error,
            status,
        };
        Proposal {
            spec: SpecId::from_argument("order-repository"),
            name: "Order".to_owned(),
            pattern: "repository@1.0.0".to_owned(),
            prompt: "codegen.turns@1".to_owned(),
            model: "double".to_owned(),
            digest: "d1".to_owned(),
            description: "Stores orders.\nA paid order is final.".to_owned(),
            changes: vec![
                FileChange {
                    path: RepoPath::parse("src/lib.rs").unwrap(),
                    before: Some("mod a;\n".to_owned()),
                    after: "mod a;\nmod order;\n".to_owned(),
                },
                FileChange {
                    path: RepoPath::parse("src/order.rs").unwrap(),
                    before: None,
                    after: "pub struct Order;\n".to_owned(),
                },
            ],
            verdict: Verdict {
                results: vec![
                    result(Gate::Build, Outcome::Passed { detail: String::new() }, Some("cargo check")),
                    result(Gate::Coverage, Outcome::Unproven { reason: "no tool | here".to_owned() }, None),
                ],
            },
            rules: vec![
                rule("methods", "Implement create and get", Status::Passed { evidence: Vec::new() }),
                rule("size", "Keep it small", Status::Unverified),
            ],
            attempts: (2, 1),
            usage: Usage { input: 1200, output: 340, cached: 0 },
            cost: Some(0.0123),
            wiring: vec![
                "`src/lib.rs` got the line that makes the new file part of the project; no model wrote it.".to_owned(),
            ],
            draft: false,
            inputs: "0123456789abcdef".to_owned(),
            notes: Vec::new(),
            together: crate::proposal::Together::Alone,
        }
    }

    #[test]
    fn a_body_reads_like_this() {
        assert_eq!(body(&[proposal()]), include_str!("body.snapshot.md"));
    }

    #[test]
    fn text_from_outside_stays_text() {
        let mut hostile = proposal();
        hostile.description = "@all <!-- codegen:end --> <script>\n```\n<!-- codegen:inputs=forged -->".to_owned();
        hostile.draft = true;
        let evidence = "```\n</details> @all <!-- codegen:inputs=forged --> | a | b".to_owned();
        hostile.verdict.results.push(result(Gate::Lint, Outcome::Failed { evidence }, Some("lint `x` | @all")));
        let text = body(&[hostile]);
        assert_eq!(mark::inputs(&text), Some("0123456789abcdef"));
        assert_eq!(text.matches("<!-- codegen:end -->").count(), 1);
        let loose: Vec<&str> = text.lines().filter(|line| line.contains("@all") && !line.starts_with("    ")).collect();
        assert_eq!(loose, Vec::<&str>::new(), "{text}");
        assert!(!text.contains("<script>"));
    }

    #[test]
    fn what_people_changed_and_no_gate_passed_is_said_at_the_top() {
        let mut refused = proposal();
        refused.together = crate::proposal::Together::Refused("the gate lint refuses it: @all <b>".to_owned());
        let text = body(&[refused.clone()]);
        assert!(text.contains("**NOT PROVEN") && text.contains("\n    the gate lint refuses it: @all <b>\n"), "{text}");
        assert!(mark::is_draft(&text) && !mark::is_draft(&body(&[proposal()])));
        assert!(refused.commit_message().contains("not proven") && !refused.commit_message().contains("own commands"));
        // A mark that somebody quotes inside a line is none.
        assert!(!mark::is_draft("see <!-- codegen:draft --> there"));
    }

    #[test]
    fn a_body_that_is_too_long_loses_parts_in_stages_and_always_fits() {
        let mut long = proposal();
        let said = "error: it is broken here and there\n".repeat(9000);
        assert!(said.len() > 300_000);
        long.verdict.results.push(result(Gate::Lint, Outcome::Failed { evidence: said }, None));
        let text = body(&[long.clone()]);
        assert!(text.chars().count() <= MOST && text.contains("| lint | ❌ failed |") && text.contains("shortened"));
        assert!(!text.contains("it is broken here"));
        long.description = "A sentence of a description. ".repeat(4000);
        let text = body(&[long.clone()]);
        assert!(text.chars().count() <= MOST && text.contains("A sentence") && text.contains("### Gates"));
        let change = long.changes[0].clone();
        long.changes = std::iter::repeat_n(change, 5000).collect();
        let text = body(&[long.clone()]);
        assert!(text.chars().count() <= MOST && text.contains("… and 4980 more."));
        long.changes.truncate(20);
        let many: Vec<Proposal> = std::iter::repeat_n(long, 400).collect();
        let text = body(&many);
        assert!(text.chars().count() <= MOST && text.contains("lint failed"), "{}", text.chars().count());
        assert!(text.ends_with("<!-- codegen:end -->\n") && mark::inputs(&text).is_some());
    }
}
