//! The mutation gate on one Rust file of more than 300 lines beside `cargo mutants` on the same file with the same tests.
//! Prints numbers, judges none.
//!
//! The two make different changes, so what is compared is the time for one changed program.

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

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use repository::{TestRepository, installed, skipped};

const SPEC: &str = "name: Both
description: Orders and notifiers, in one file.
pattern: plain
files: { code: src/both.rs, tests: tests/both.rs }
gates: { coverage: 0, mutation: 1, test_runs: 1 }
";

const PATTERN: &str = "name: plain
version: 1.0.0
summary: Plain code.
rules: [{ id: short, text: Keep functions short }]
";

/// The text of a hand-made answer, put into a module.
fn module(name: &str, answer: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/rust").join(answer);
    let text = fs::read_to_string(path).unwrap();
    let inner = text.split_once("```rust\n").unwrap().1.rsplit_once("```").unwrap().0;
    let visible = if answer.contains(".code.") { "pub " } else { "" };
    let inner = inner.replace("shop::order_repository", "shop::both::orders");
    let inner = inner.replace("shop::notifier_factory", "shop::both::notifiers");
    format!("{visible}mod {name} {{\n{inner}}}\n")
}

fn main() {
    let repository = TestRepository::sample("rust");
    let both = |role: &str| {
        let orders = module("orders", &format!("order-repository.{role}.1.md"));
        format!("{orders}\n{}", module("notifiers", &format!("notifier-factory.{role}.1.md")))
    };
    repository.write(".codegen/specs/both.yaml", SPEC);
    repository.write(".codegen/patterns/plain.yaml", PATTERN);
    repository.write(".codegen/config.yaml", "limits: { attempts: 1, mutation_time: 1h }\n");
    repository.commit("a spec");
    let answers = tempfile::tempdir().unwrap();
    for (role, path) in [("code", "src/both.rs"), ("tests", "tests/both.rs")] {
        let text = format!("{path}\n````rust\n{}````\n", both(role));
        fs::write(answers.path().join(format!("both.{role}.1.md")), text).unwrap();
    }
    let model = format!("replay:{}", answers.path().display());
    let ran = repository.run(&["generate", "both", "--format", "ndjson", "--model", &model]).expect(0);
    let events = ran.events();
    let gate = events.iter().find(|event| event["gate"] == "mutation").unwrap();
    let (said, seconds) = (gate["detail"].as_str().unwrap(), gate["seconds"].as_f64().unwrap());
    let mut words = said.split_whitespace();
    let noticed: f64 = words.next().unwrap().parse().unwrap();
    let counted: f64 = words.nth(1).unwrap().parse().unwrap();
    let unviable: f64 =
        said.split("; ").find_map(|part| part.strip_suffix(" did not compile")?.parse().ok()).unwrap_or_default();
    let ours = seconds / (counted + unviable);
    let lines = repository.read("src/both.rs").unwrap().lines().count();
    let mut out = String::new();
    let _ = writeln!(out, "lines                    {lines}");
    let _ = writeln!(
        out,
        "codegen                  {} changes, {unviable} did not compile, {:.0} % of the rest noticed, {seconds:.1} s, {ours:.2} s each",
        counted + unviable,
        noticed * 100.0 / counted
    );
    if installed("cargo", &["mutants", "--version"]) {
        let (theirs, text) = cargo_mutants(&repository);
        let _ = writeln!(out, "cargo mutants            {text}, {theirs:.2} s each");
        let _ = writeln!(out, "codegen ÷ cargo mutants  {:.2}", ours / theirs);
    } else {
        skipped("the comparison", "cargo-mutants");
    }
    print!("{out}");
}

/// Seconds for each change, and all figures.
fn cargo_mutants(repository: &TestRepository) -> (f64, String) {
    let started = Instant::now();
    let output = std::process::Command::new("cargo")
        .current_dir(repository.path())
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("CARGO_TARGET_DIR")
        .args(["mutants", "-f", "src/both.rs", "--no-shuffle", "--colors=never", "--", "--test", "both"])
        .output()
        .unwrap();
    let wall = started.elapsed().as_secs_f64();
    let Some(text) = repository.read("mutants.out/outcomes.json") else {
        panic!("cargo mutants left no result: {}", String::from_utf8_lossy(&output.stderr));
    };
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = |key: &str| found[key].as_f64().unwrap_or_default();
    let (total, caught, missed) = (number("total_mutants"), number("caught") + number("timeout"), number("missed"));
    let text = format!(
        "{total} changes, {} did not compile, {:.0} % of the rest noticed, {wall:.1} s",
        number("unviable"),
        caught * 100.0 / (caught + missed)
    );
    (wall / total, text)
}
