//! `codegen comply` on a thousand files beside the `ast-grep` binary with the same rules. Prints numbers, judges none.
//!
//! The rules are those of the built-in pattern `repository`, the files its examples, good and bad, in four languages. Both
//! programs print JSON into a pipe; the first run of each warms the file cache and is not counted.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a benchmark shares what the cases have, and prints its figures"
)]

#[path = "../suite/support/repository.rs"]
mod repository;

use std::process::{Command, Stdio};
use std::time::Instant;

use codegen::language::Language;
use codegen::pattern::Library;
use repository::{TestRepository, installed, skipped};
use serde_json::json;

const FILES: usize = 1000;
const RUNS: usize = 15;

fn main() {
    if !installed("ast-grep", &["--version"]) {
        return skipped("the comparison", "ast-grep");
    }
    let (library, _) = Library::new(Vec::new());
    let pattern = library.latest().into_iter().find(|pattern| pattern.name == "repository").unwrap();
    let repository = TestRepository::with(&[("README.md", "")]);
    let mut texts = Vec::new();
    for (language, examples) in &pattern.examples {
        let good = examples.good.iter().map(|example| &example.code);
        texts.extend(good.chain(examples.bad.iter().map(|example| &example.code)).map(|code| (*language, code)));
    }
    let (mut lines, mut bytes) = (0, 0);
    for number in 0..FILES {
        let (language, text) = texts[number % texts.len()];
        let extension = match language {
            Language::Rust => "rs",
            Language::Go => "go",
            Language::Python => "py",
            Language::TypeScript => "ts",
            Language::Java => "java",
        };
        let text = format!("{text}\n{} {number}\n", language.comment());
        lines += text.lines().count();
        bytes += text.len();
        repository.write(&format!("code/part{}/thing{number}.{extension}", number % 40), &text);
    }
    let mut rules = 0;
    for rule in &pattern.rules {
        for (language, check) in &rule.value.checks {
            for (kind, objects) in [("require", &check.require), ("forbid", &check.forbid)] {
                for (index, object) in objects.iter().enumerate() {
                    let id = format!("{}-{language}-{kind}-{index}", rule.value.id);
                    // JSON is YAML.
                    let text = json!({ "id": id, "language": language.title(), "severity": "warning", "message": rule.value.id, "rule": object });
                    repository.write(&format!("rules/{id}.yml"), &text.to_string());
                    rules += 1;
                }
            }
        }
    }
    repository.write("sgconfig.yml", "ruleDirs: [rules]\n");
    repository.commit("files");
    let ours = measure(|| {
        let mut program = repository.program();
        program.args(["comply", "code/**/*", "--pattern", "repository", "--json"]);
        program
    });
    let theirs = measure(|| {
        let mut program = Command::new("ast-grep");
        program.current_dir(repository.path()).args(["scan", "--json=compact", "code"]);
        program
    });
    let mut out = String::new();
    for (name, value) in [
        ("files", FILES.to_string()),
        ("lines", lines.to_string()),
        ("kilobytes", (bytes / 1000).to_string()),
        ("syntax rules", rules.to_string()),
        ("codegen comply, median", format!("{:.1} ms", ours.1)),
        ("  fastest", format!("{:.1} ms", ours.0)),
        ("ast-grep scan, median", format!("{:.1} ms", theirs.1)),
        ("  fastest", format!("{:.1} ms", theirs.0)),
        ("codegen ÷ ast-grep", format!("{:.2}", ours.1 / theirs.1)),
    ] {
        out.push_str(&format!("{name:<24} {value}\n"));
    }
    print!("{out}");
}

/// The fastest run and the median, in milliseconds.
fn measure(program: impl Fn() -> Command) -> (f64, f64) {
    let mut times = Vec::new();
    for run in 0..=RUNS {
        let started = Instant::now();
        let output = program().stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        assert!(output.stdout.len() > 1000, "nothing was printed");
        if run > 0 {
            times.push(milliseconds);
        }
    }
    times.sort_by(f64::total_cmp);
    (times[0], times[RUNS / 2])
}
