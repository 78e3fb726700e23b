//! GitHub's own descriptions as a judge of what is sent to GitHub and what is taken for an event of it.
//!
//! `tests/contract/check.mjs` judges, in one process for all tests of this run. Where its parts are not there, nothing is
//! judged, and that is said once.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

use super::repository::{installed, skipped};

struct Judge {
    _child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The folder that `tests/contract/fetch` filled.
pub fn parts() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("CODEGEN_TEST_CONTRACT")?);
    (folder.join("node_modules").is_dir() && installed("node", &["--version"])).then_some(folder)
}

fn judge() -> Option<&'static Mutex<Judge>> {
    static JUDGE: OnceLock<Option<Mutex<Judge>>> = OnceLock::new();
    let start = || {
        let Some(folder) = parts() else {
            skipped(
                "the judgement of requests and events by GitHub's descriptions",
                "what tests/contract/fetch fetches",
            );
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/check.mjs");
        let mut node = Command::new("node");
        node.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().unwrap();
        let (questions, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Mutex::new(Judge { _child: child, questions, answers }))
    };
    JUDGE.get_or_init(start).as_ref()
}

/// The answer to a question; `None` where there is no judge.
pub fn ask(question: &Value) -> Option<Value> {
    let mut judge = judge()?.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(judge.questions, "{question}").unwrap();
    let mut line = String::new();
    judge.answers.read_line(&mut line).unwrap();
    Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("the judge is gone: {error}")))
}

/// What is wrong by GitHub's descriptions; nothing where there is no judge.
pub fn problems(question: &Value) -> Vec<String> {
    let answer = ask(question).unwrap_or_else(|| json!({ "problems": [] }));
    let found = answer["problems"].as_array().unwrap().iter();
    found.map(|problem| problem.as_str().unwrap().to_owned()).collect()
}

/// Panics when GitHub sends no such event.
#[track_caller]
pub fn expect_event(name: &str, payload: &Value) {
    let problems = problems(&json!({ "event": { "name": name, "payload": payload } }));
    assert!(problems.is_empty(), "{problems:#?}\nin {payload:#}");
}
