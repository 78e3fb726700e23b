//! Eight specs side by side with a model that takes a second for each answer: how much longer the run takes than its
//! longest spec. Prints numbers, judges none.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a benchmark shares what the cases have, and prints its figures"
)]

#[path = "../suite/support/model_server.rs"]
mod model_server;
#[path = "../suite/support/repository.rs"]
mod repository;

use std::time::{Duration, Instant};

use model_server::{ModelServer, Reply};
use repository::{Ran, TestRepository};

const SPECS: usize = 8;
const THINKING: Duration = Duration::from_secs(1);

fn main() {
    let mut files = vec![
        ("requirements.txt".to_owned(), String::new()),
        (
            ".codegen/config.yaml".to_owned(),
            format!(
                "model: {{ name: double, answers: fenced }}\ngates: {{ test_runs: 1 }}\nlimits: {{ parallel: {SPECS} }}\n"
            ),
        ),
    ];
    let mut script = Vec::new();
    for number in 1..=SPECS {
        let spec = format!(
            "name: Thing{number}\ndescription: Doubles a number; SPEC{number}END.\npattern: doubler\nfiles: {{ code: thing{number}.py, tests: test_thing{number}.py }}\n"
        );
        files.push((format!(".codegen/specs/thing{number}.yaml"), spec));
        for (path, text) in [
            (format!("thing{number}.py"), CODE.to_owned()),
            (format!("test_thing{number}.py"), TESTS.replace("thing", &format!("thing{number}"))),
        ] {
            let reply = Reply::answer(&format!("{path}\n```python\n{text}```\n")).after(THINKING);
            // The question for the code names its file last, as does the one for the tests.
            script.push(reply.to(&format!("\nWrite `{path}`")));
        }
    }
    files.push((".codegen/patterns/doubler.yaml".to_owned(), PATTERN.to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let repository = TestRepository::with(&files);
    let server = ModelServer::with(script);
    let mut program = repository.program();
    server.point(&mut program).args(["generate", "--format", "ndjson"]);
    let started = Instant::now();
    let ran = Ran::from(program.output().unwrap());
    let wall = started.elapsed().as_secs_f64();
    let ran = ran.expect(0);
    server.finish();
    let specs: Vec<f64> = ran
        .events()
        .iter()
        .filter(|event| event["type"] == "spec_done")
        .filter_map(|event| event["seconds"].as_f64())
        .collect();
    let longest = specs.iter().copied().fold(0.0, f64::max);
    let mut out = String::new();
    for (name, value) in [
        ("specs", format!("{}", specs.len())),
        ("model, each answer", format!("{:.1} s", THINKING.as_secs_f64())),
        ("wall time", format!("{wall:.2} s")),
        ("longest spec", format!("{longest:.2} s")),
        ("sum of specs", format!("{:.2} s", specs.iter().sum::<f64>())),
        ("wall ÷ longest", format!("{:.2}", wall / longest)),
    ] {
        out.push_str(&format!("{name:<20} {value}\n"));
    }
    print!("{out}");
}

const PATTERN: &str = "name: doubler
version: 1.0.0
summary: A function that doubles.
rules:
  - { id: docstring, text: Give each function a docstring, severity: warn }
";

const CODE: &str = r#""""Doubles."""


def double(number: int) -> int:
    """Return twice the number."""
    if not isinstance(number, int):
        raise TypeError("not a whole number")
    return 2 * number
"#;

const TESTS: &str = r#""""Tests."""

import unittest

from thing import double


class DoubleTest(unittest.TestCase):
    # happy path: a number.
    def test_doubles(self) -> None:
        self.assertEqual(double(21), 42)

    # error: a text.
    def test_refuses_text(self) -> None:
        with self.assertRaises(TypeError):
            double("21")

    # edge case: nothing.
    def test_zero(self) -> None:
        self.assertEqual(double(0), 0)
"#;
