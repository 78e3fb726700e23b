//! What is printed: data on standard output, talk on standard error.

use std::io::{IsTerminal, Write};

use crate::adapter::journal::Recovery;
use crate::app::doctor::{Checkup, Health};
use crate::app::status::Standing;
use crate::event::Event;
use crate::failure::Failure;
use crate::language::Language;
use crate::pattern::Pattern;
use crate::prompt::Prompt;

/// Writes text to standard output as it is. A reader that went away is no error.
pub fn out(text: &str) {
    let mut out = anstream::stdout();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Writes a line of talk to standard error.
pub fn talk(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Says what was done about a process that was cut off while it wrote files.
pub fn recovery(recovery: &Recovery) {
    match recovery {
        Recovery::Nothing => {}
        Recovery::Finished(files) => talk(&format!(
            "a run was cut off while it wrote {}; they are all in place now",
            crate::text::count(*files, "file", "files")
        )),
        Recovery::TakenBack(changed) => talk(&format!(
            "a run was cut off while it wrote files, and {} changed since: what it wrote was taken back; run it again",
            changed.join(", ")
        )),
    }
}

/// Writes a value as JSON to standard output.
pub fn json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => out(&format!("{text}\n")),
        Err(error) => talk(&format!("error: {error}")),
    }
}

/// Shows a failure to people, and as events to programs that read them.
pub fn failure(failure: &Failure, machine: bool) {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    for problem in &failure.diagnostics {
        talk(&format!("{}\n", problem.render(colour)));
    }
    talk(&render_failure(failure));
    if machine {
        for event in [
            Event::Error { kind: failure.kind.id().to_owned(), message: failure.to_string() },
            Event::Done {
                accepted: 0,
                failed: 0,
                current: 0,
                usage: crate::port::Usage::default(),
                cost: None,
                model_seconds: 0.0,
                seconds: 0.0,
                exit_code: failure.kind.exit_code(),
            },
        ] {
            if let Ok(line) = serde_json::to_string(&event) {
                out(&format!("{line}\n"));
            }
        }
    }
}

/// A failure in lines: what, why, what to do.
pub fn render_failure(failure: &Failure) -> String {
    let mut text = format!("error: {}", failure.message);
    for cause in &failure.causes {
        text.push_str("\n  ");
        text.push_str(&cause.trim_end().replace('\n', "\n  "));
    }
    for hint in &failure.hints {
        text.push_str(&format!("\n  help: {hint}"));
    }
    text
}

/// A table of how specs stand.
pub fn standings(standings: &[Standing]) {
    if standings.is_empty() {
        return talk("there are no specs yet: `codegen init` writes a first one");
    }
    let rows = standings.iter().map(|standing| {
        let detail = standing.state.detail();
        let state = if detail.is_empty() {
            standing.state.id().to_owned()
        } else {
            format!("{} ({detail})", standing.state.id())
        };
        vec![standing.id.clone(), standing.language.clone(), standing.pattern.clone(), state]
    });
    out(&table(&["SPEC", "LANGUAGE", "PATTERN", "STATE"], rows));
}

/// Rows in aligned columns.
pub fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut all: Vec<Vec<String>> = vec![head.iter().map(|&cell| cell.to_owned()).collect()];
    all.extend(rows);
    let columns = head.len();
    let width = |column: usize| {
        all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let pad = width.saturating_sub(cell.chars().count());
            line.push_str(&format!("{cell}{}  ", " ".repeat(pad)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The library as a table.
pub fn patterns(patterns: &[&std::sync::Arc<Pattern>]) {
    let rows = patterns.iter().map(|pattern| {
        let languages: Vec<&str> = pattern.examples.keys().map(|language| language.id()).collect();
        let rules = pattern.rules.len().to_string();
        vec![pattern.reference(), pattern.origin.id().to_owned(), rules, languages.join(" "), pattern.summary.clone()]
    });
    out(&table(&["PATTERN", "FROM", "RULES", "EXAMPLES", "SUMMARY"], rows));
}

/// One pattern with its rules.
pub fn pattern(pattern: &Pattern) {
    let mut text =
        format!("{} ({}, {})\n{}\n", pattern.reference(), pattern.origin.id(), pattern.source.path, pattern.summary);
    text.push_str(&format!("\nselected by: {}\nfiles: {}\n", pattern.words.join(", "), pattern.globs.join(", ")));
    for language in Language::ALL {
        let rules: Vec<_> = pattern.rules_for(language).collect();
        if rules.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}\n", language.title()));
        if let Some(paths) = pattern.paths.get(&language) {
            text.push_str(&format!("  writes {} and {}\n", paths.code, paths.tests));
        }
        for (rule, words) in rules {
            let checked = if rule.checks.contains_key(&language) { "checked" } else { "unverified" };
            text.push_str(&format!("  {:<24} {:<5} {checked:<10} {words}\n", rule.id, rule.severity.id()));
        }
    }
    out(&text);
}

/// Checkups as lines.
pub fn checkups(checkups: &[Checkup]) {
    let mut text = String::new();
    let width = checkups.iter().map(|checkup| checkup.subject.chars().count()).max().unwrap_or(0);
    for checkup in checkups {
        let mark = match checkup.health {
            Health::Ok => "✓",
            Health::NotApplicable => "–",
            Health::Warning => "!",
            Health::Broken => "✗",
        };
        text.push_str(&format!("{mark} {:<width$}  {}\n", checkup.subject, checkup.detail));
        for hint in &checkup.hints {
            text.push_str(&format!("  {:<width$}  → {hint}\n", ""));
        }
    }
    out(&text);
}

/// A prompt as it is sent: every message under a line that names who speaks.
pub fn prompt(prompt: &Prompt) {
    for message in &prompt.messages {
        out(&format!("=== {} ===\n{}\n", message.speaker.id(), message.text));
    }
}
