//! A job of GitHub Actions from inside: its event, its inputs, and where it puts outputs and summary.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

use super::detect_model::Environment;
use crate::failure::{Failure, Kind};
use crate::job::Report;
use crate::trigger::{self, Trigger};

/// Most bytes of a payload; GitHub's own are below 25 MiB.
const MOST_PAYLOAD: u64 = 26 * 1024 * 1024;

/// Reads the event of the job.
pub fn read_event(environment: &dyn Environment) -> Result<Trigger, Failure> {
    let outside = |name: &str| {
        Failure::new(Kind::Usage, format!("{name} is not set: `codegen action` runs inside a workflow of GitHub"))
            .hint("`codegen init` writes the workflow; `codegen generate --pr` does the same by hand")
    };
    let event = environment.variable("GITHUB_EVENT_NAME").ok_or_else(|| outside("GITHUB_EVENT_NAME"))?;
    let payload = match environment.variable("GITHUB_EVENT_PATH") {
        None if matches!(event.as_str(), "schedule" | "workflow_dispatch") => Value::Null,
        None => return Err(outside("GITHUB_EVENT_PATH")),
        Some(path) => {
            let wrong = |what: String| Failure::new(Kind::Usage, format!("the event in {path} cannot be read: {what}"));
            let size = fs::metadata(&path).map_err(|error| wrong(error.to_string()))?.len();
            if size > MOST_PAYLOAD {
                return Err(wrong(format!("it has {size} bytes")));
            }
            let text = fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
            serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?
        }
    };
    trigger::read(&event, &payload).map_err(|problem| Failure::new(Kind::Usage, problem))
}

/// Says something to the runner, or keeps it from listening. All of it goes to standard error, as the talk does: the runner
/// reads the two streams apart, and a word on the other one might come before what it is about.
fn say(line: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Keeps the runner from obeying lines of the log that look like its commands, as long as it lives: models and tools print
/// what they like.
pub struct MutedCommands(String);

impl MutedCommands {
    /// Begins.
    pub fn begin(environment: &dyn Environment) -> Option<Self> {
        environment.variable("GITHUB_ACTIONS")?;
        let word: String = std::iter::repeat_with(fastrand::alphanumeric).take(40).collect();
        say(&format!("::stop-commands::{word}"));
        Some(Self(word))
    }
}

impl Drop for MutedCommands {
    fn drop(&mut self) {
        say(&format!("::{}::", self.0));
    }
}

/// Writes outputs, summary and annotations, each where the job has a place for it.
pub fn write_report(environment: &dyn Environment, report: &Report) -> Result<(), Failure> {
    let failed = |what: &str, error: &std::io::Error| {
        Failure::new(Kind::Internal, format!("the {what} of the job cannot be written")).because(error)
    };
    let folder = environment.variable("RUNNER_TEMP").map_or_else(std::env::temp_dir, PathBuf::from);
    let file = folder.join("codegen-report.json");
    if environment.variable("RUNNER_TEMP").is_some() {
        fs::write(&file, format!("{:#}\n", report.json())).map_err(|error| failed("report", &error))?;
    }
    if let Some(path) = environment.variable("GITHUB_OUTPUT") {
        let outputs: String =
            report.outputs(&file.to_string_lossy()).iter().map(|(name, value)| output(name, value)).collect();
        append(&path, &outputs).map_err(|error| failed("outputs", &error))?;
    }
    if let Some(path) = environment.variable("GITHUB_STEP_SUMMARY") {
        append(&path, &report.summary()).map_err(|error| failed("summary", &error))?;
    }
    annotate(environment, report);
    Ok(())
}

/// Writes annotations and nothing else: outputs and report are those of the step that did the work.
pub fn annotate(environment: &dyn Environment, report: &Report) {
    if environment.variable("GITHUB_ACTIONS").is_some() {
        report.annotations().iter().for_each(|line| say(line));
    }
}

/// An output between delimiters that its value cannot contain.
fn output(name: &str, value: &str) -> String {
    let mut word = String::from("end");
    while value.contains(&word) || word.len() < 40 {
        word = std::iter::repeat_with(fastrand::alphanumeric).take(40).collect();
    }
    format!("{name}<<{word}\n{value}\n{word}\n")
}

fn append(path: &str, text: &str) -> std::io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}
