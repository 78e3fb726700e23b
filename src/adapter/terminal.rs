//! Reporters: events as lines for people on standard error, with one live line a spec on a terminal, or as JSON lines for
//! programs on standard output.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::event::{Event, Reporter};
use crate::gate::Outcome;
use crate::port::{Role, Usage};

/// How much is told to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Talk {
    /// Only failures and results.
    pub quiet: bool,
    /// The model's text as it comes.
    pub stream: bool,
}

/// Tells people what happens.
pub struct HumanReporter {
    talk: Talk,
    bars: MultiProgress,
    live: bool,
    lines: Mutex<BTreeMap<String, ProgressBar>>,
}

impl HumanReporter {
    /// A reporter on standard error.
    pub fn new(talk: Talk) -> Self {
        let live = std::io::stderr().is_terminal() && !talk.quiet && !talk.stream;
        Self { talk, bars: MultiProgress::new(), live, lines: Mutex::default() }
    }

    fn say(&self, text: &str) {
        if self.live {
            // A closed standard error is no reason to stop.
            let _ = self.bars.println(text);
        } else {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    fn tell(&self, text: &str) {
        if !self.talk.quiet {
            self.say(text);
        }
    }

    /// Shows what a spec is doing now: on its live line, or as a line.
    fn stage(&self, spec: &str, stage: &str) {
        if self.talk.quiet {
            return;
        }
        if !self.live {
            return self.say(&format!("  {spec}: {stage}"));
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = lines.entry(spec.to_owned()).or_insert_with(|| {
            let bar = self.bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.set_prefix(spec.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_message(stage.to_owned());
    }

    fn end(&self, spec: &str) {
        if let Some(bar) = self.lines.lock().unwrap_or_else(PoisonError::into_inner).remove(spec) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }
}

fn tokens(usage: Usage) -> String {
    format!("{} tokens read, {} written", usage.input, usage.output)
}

impl Reporter for HumanReporter {
    fn report(&self, event: &Event) {
        match event {
            Event::RunStarted { specs, model, chosen, delivery } => {
                if !specs.is_empty() {
                    self.tell(&format!(
                        "{} with {model} ({chosen}); result: {delivery}",
                        crate::text::count(specs.len(), "spec", "specs")
                    ));
                }
            }
            Event::Baseline { project, step } => {
                let place = if project.is_empty() { String::new() } else { format!(" in {project}") };
                self.tell(&format!("  repository: {step}{place}"));
            }
            Event::SpecStarted { spec, pattern, reason, language } => {
                self.tell(&format!("{spec}: {language} {pattern} ({reason})"));
            }
            Event::Stage { spec, stage } => self.stage(spec, stage),
            Event::Text { text, .. } => {
                if self.talk.stream {
                    let mut out = anstream::stderr();
                    let _ = write!(out, "{text}").and_then(|()| out.flush());
                }
            }
            Event::TextRestarted { spec } => {
                if self.talk.stream {
                    self.say("\n[the answer broke off and starts again]");
                } else {
                    self.stage(spec, "the answer broke off and starts again");
                }
            }
            Event::ModelCall { spec, role, usage, cached, seconds, .. } => {
                let how = match (cached, usage) {
                    (true, _) => "from the cache of answers".to_owned(),
                    (false, Some(usage)) => format!("in {seconds:.1} s, {}", tokens(*usage)),
                    (false, None) => format!("in {seconds:.1} s"),
                };
                if self.talk.stream {
                    self.say("");
                }
                self.tell(&format!("  {spec}: {} written {how}", role.id()));
            }
            Event::Gate { spec, role, result, .. } => {
                let mark = match &result.outcome {
                    Outcome::Passed { .. } => "✓",
                    Outcome::Failed { .. } => "✗",
                    Outcome::Unproven { .. } => "?",
                    Outcome::NotApplicable { .. } => "–",
                };
                let of = if *role == Role::Tests { " (tests)" } else { "" };
                let detail = result.outcome.detail().trim_end();
                let text = match &result.outcome {
                    Outcome::Failed { .. } => {
                        let lines: Vec<&str> = detail.lines().take(12).collect();
                        let more = if detail.lines().count() > 12 { "\n      …" } else { "" };
                        format!("\n      {}{more}", lines.join("\n      "))
                    }
                    _ if detail.is_empty() => String::new(),
                    _ => format!(": {}", detail.lines().next().unwrap_or_default()),
                };
                if self.live {
                    self.stage(spec, &format!("{} {}", result.gate, result.outcome.id()));
                }
                if self.live
                    || matches!(result.outcome, Outcome::Failed { .. })
                    || !text.is_empty()
                    || result.seconds >= 0.05
                {
                    self.tell(&format!("  {spec}: {mark} {}{of} {:.1} s{text}", result.gate, result.seconds));
                }
            }
            Event::Notice { spec, message } => {
                let place = spec.as_ref().map_or_else(String::new, |spec| format!("{spec}: "));
                self.say(&format!("note: {place}{message}"));
            }
            Event::SpecDone { spec, outcome, code_attempts, test_attempts, files, seconds, .. } => {
                self.end(spec);
                if outcome == "current" {
                    return self.tell(&format!("{spec}: current"));
                }
                let attempts = if outcome == "accepted" {
                    format!(" (attempts: code {code_attempts}, tests {test_attempts})")
                } else {
                    String::new()
                };
                self.say(&format!("{spec}: {outcome} in {seconds:.1} s{attempts}"));
                for file in files {
                    let lines = file.lines;
                    let of = if lines.kept + lines.removed == 0 {
                        String::new()
                    } else {
                        let new = lines.added.saturating_sub(lines.changed);
                        format!(" ({} lines kept, {} changed, {new} new)", lines.kept, lines.changed)
                    };
                    self.say(&format!("    {} +{} −{}{of}", file.path, lines.added, lines.removed));
                }
            }
            Event::Proposed { spec, branch, base, commit, body, unchanged } => {
                let commit: String = commit.chars().take(12).collect();
                let how = if *unchanged { "is already" } else { "is now" };
                self.say(&format!("{spec}: branch {branch} {how} at {commit}, based on {base}"));
                self.say(&format!("    proposal: {body}"));
                self.say(&format!("    look at it: git diff {base}...{branch}"));
            }
            Event::PullRequest { specs, url, branch, base, commit, action, draft, .. } => {
                let (specs, commit) = (specs.join(", "), commit.chars().take(12).collect::<String>());
                let what = match (url.is_empty(), draft) {
                    (true, _) => format!("branch {branch}"),
                    (false, true) => format!("draft {url}"),
                    (false, false) => url.clone(),
                };
                self.say(&format!("{specs}: {what} {action}: {branch} at {commit}, into {base}"));
            }
            Event::Error { .. } | Event::Diff { .. } => {}
            Event::Done { accepted, failed, current, usage, cost, model_seconds, seconds, .. } => {
                let cost = cost.map_or_else(String::new, |cost| format!(", ${cost:.4}"));
                self.tell(&format!(
                    "done in {seconds:.1} s ({model_seconds:.1} s of it the model): {accepted} accepted, {failed} failed, {current} current; {}{cost}",
                    tokens(*usage)
                ));
            }
        }
    }
}

/// Writes every event as one JSON object a line.
pub struct JsonReporter {
    stream: bool,
    out: Mutex<()>,
}

impl JsonReporter {
    /// A reporter on standard output. Pieces of text are written only when `stream` is set.
    pub fn new(stream: bool) -> Self {
        Self { stream, out: Mutex::default() }
    }
}

impl Reporter for JsonReporter {
    fn report(&self, event: &Event) {
        if matches!(event, Event::Text { .. } | Event::TextRestarted { .. }) && !self.stream {
            return;
        }
        let Ok(line) = serde_json::to_string(event) else { return };
        let _guard = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = std::io::stdout().lock();
        // A reader that went away is no reason to stop.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}
