//! The model inside the program, with real weights, from the prompt to the gates. What it answers is its own affair: what is
//! tested is that it answers alike for a seed, that its text and its tokens are told as they come, that gates judge it, and
//! that it can be interrupted.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codegen::adapter::weights::{Cache, known};
use serde_json::Value;

use super::support::greeter::{CONFIG, greeter};
use super::support::repository::{Ran, TestRepository, skipped};

/// The weights of this machine's user, where they were fetched.
fn weights() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let cache = Cache::new(base.join("codegen/models"));
    let found = known().iter().find_map(|weights| cache.whole(weights));
    if found.is_none() {
        skipped("the model inside the program", "its weights (`codegen model pull` brings them; they) are");
    }
    found
}

fn program(repository: &TestRepository, weights: &Path) -> Command {
    let mut program = repository.program();
    program.args(["generate", "--dry-run", "--no-cache", "--format", "ndjson", "--stream", "--model"]);
    program.arg(format!("local:{}", weights.display()));
    program
}

/// The text that came as a stream, and the tokens of the first call.
fn heard(events: &[Value]) -> (String, Value) {
    let pieces = events.iter().filter(|event| event["type"] == "text" && event["role"] == "code");
    let text = pieces.map(|event| event["text"].as_str().unwrap()).collect();
    let call = events.iter().find(|event| event["type"] == "model_call").expect("a call").clone();
    (text, call)
}

#[test]
fn a_spec_goes_from_the_prompt_to_the_gates() {
    let Some(weights) = weights() else { return };
    let repository = greeter(&[(".codegen/config.yaml", &format!("{CONFIG}model: {{ max_output_tokens: 160 }}\n"))]);
    let records = tempfile::tempdir().unwrap();
    let mut runs = Vec::new();
    for number in 0..3 {
        let folder = records.path().join(number.to_string());
        let ran = Ran::from(program(&repository, &weights).arg("--record").arg(&folder).output().unwrap());
        assert!([0, 3, 4].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
        let events = ran.events();
        let (text, call) = heard(&events);
        let whole = std::fs::read_to_string(folder.join("greeter.code.1.md")).unwrap();
        assert_eq!(text, whole, "the stream is the answer");
        let (input, output) = (call["usage"]["input"].as_u64().unwrap(), call["usage"]["output"].as_u64().unwrap());
        assert!(input > 100 && output > 0 && output <= 160, "{call}");
        match call["finish"].as_str().unwrap() {
            "length" => assert_eq!(output, 160, "{call}"),
            "stop" => {
                let judged = events.iter().any(|event| event["type"] == "gate");
                assert!(judged || text.trim().is_empty() || ran.code == 3, "no gate judged:\n{text}\n{}", ran.stderr);
            }
            other => panic!("{other}"),
        }
        runs.push((text, call["usage"]["cached"].as_u64().unwrap()));
    }
    // The second process finds what the first one kept of the prompt, and the third draws what the second drew.
    assert_eq!(runs[0].1, 0);
    assert!(runs[1].1 > 0, "nothing of the prompt was kept");
    assert_eq!(runs[1], runs[2]);
    interrupt(&repository, &weights);
}

/// Ends the program as Ctrl-C does while it answers.
fn interrupt(repository: &TestRepository, weights: &Path) {
    let mut child =
        program(repository, weights).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut texts = lines.map(Result::unwrap).filter(|line| line.contains("\"type\":\"text\""));
    texts.next().expect("it answers");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
