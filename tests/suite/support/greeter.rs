//! A small Python project with one spec, whose gates take a fraction of a second, and the answers that a model gives it.
//!
//! Its formatter and its linter are scripts of its own. The formatter takes spaces off the ends of lines; it crashes on a
//! file with `CRASH_FORMAT` and breaks one with `BREAK_FORMAT`. The linter reports each line with `UGLY` and
//! without `noqa`, and crashes
//! without a finding when a file has `CRASH_LINT`.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::repository::{Ran, TestRepository};

pub const CODE: &str = "hello/greeter.py";
pub const TESTS: &str = "tests/test_greeter.py";

pub const SPEC: &str = "\
name: Greeter
description: |
  Greets people by name. A blank name is refused with BlankNameError.
pattern: plain
language: python
files: { code: hello/greeter.py, tests: tests/test_greeter.py }
";

pub const PATTERN: &str = "\
name: plain
version: 1.0.0
summary: A plain function with types.
rules:
  - id: return-types
    text: Say what each function returns
    check:
      python:
        forbid: { kind: function_definition, not: { has: { field: return_type, kind: type } } }
";

pub const CONFIG: &str = "\
version: 1
languages:
  python:
    format: python3 tools/format.py {files}
    lint: python3 tools/lint.py
gates: { test_runs: 2, coverage: 0, mutation: 0 }
limits: { attempts: 1 }
";

const FORMAT: &str = r#"import sys
from pathlib import Path

for name in sys.argv[1:]:
    path = Path(name)
    text = path.read_text()
    if "CRASH_" + "FORMAT" in text:
        sys.exit("the formatter crashed")
    if "BREAK_" + "FORMAT" in text:
        text = text + "def broken(:\n"
    path.write_text("".join(line.rstrip() + "\n" for line in text.splitlines()))
"#;

const LINT: &str = r#"import sys
from pathlib import Path

found = False
for path in sorted(Path("hello").glob("*.py")):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if "CRASH_LINT" in line:
            print("the linter crashed", file=sys.stderr)
            sys.exit(2)
        if "UGLY" in line and "noqa" not in line:
            found = True
            print(f"{path}:{number}:1: L001 this line is ugly")
sys.exit(1 if found else 0)
"#;

pub const GOOD_CODE: &str = r#""""Greets people."""


class BlankNameError(ValueError):
    """The name is blank."""


def greet(name: str) -> str:
    """Return the greeting for a name."""
    if not name.strip():
        raise BlankNameError(name)
    return f"Hello, {name}!"
"#;

pub const GOOD_TESTS: &str = r#"import unittest

from hello.greeter import BlankNameError, greet


class GreetTest(unittest.TestCase):
    # happy path: a name is greeted.
    def test_greets(self) -> None:
        self.assertEqual(greet("Ada"), "Hello, Ada!")

    # error: a blank name is refused.
    def test_refuses_blank(self) -> None:
        with self.assertRaises(BlankNameError):
            greet("  ")

    # edge case: a name of one letter is greeted.
    def test_greets_one_letter(self) -> None:
        self.assertEqual(greet("A"), "Hello, A!")
"#;

/// The project with these files beside or in place of its own, in one commit.
pub fn greeter(more: &[(&str, &str)]) -> TestRepository {
    let own = [
        ("pyproject.toml", "[project]\nname = \"hello\"\nversion = \"0.1.0\"\n"),
        ("hello/__init__.py", ""),
        ("hello/base.py", "def shout(text: str) -> str:\n    return text.upper()\n"),
        ("tests/__init__.py", ""),
        (
            "tests/test_base.py",
            "import unittest\n\nfrom hello.base import shout\n\n\nclass ShoutTest(unittest.TestCase):\n    def test_shouts(self) -> None:\n        self.assertEqual(shout(\"a\"), \"A\")\n",
        ),
        ("tools/format.py", FORMAT),
        ("tools/lint.py", LINT),
        (".codegen/config.yaml", CONFIG),
        (".codegen/patterns/plain.yaml", PATTERN),
        (".codegen/specs/greeter.yaml", SPEC),
    ];
    let kept = own.into_iter().filter(|(path, _)| more.iter().all(|(other, _)| other != path));
    TestRepository::with(&kept.chain(more.iter().copied()).collect::<Vec<_>>())
}

/// A file as an answer gives it.
pub fn file(path: &str, text: &str) -> String {
    format!("{path}\n````\n{text}````\n")
}

/// A folder of answers.
pub struct Answers(TempDir);

impl Answers {
    /// No answer at all: whoever asks fails.
    pub fn none() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// These answers: `greeter.code.1`, and its text.
    pub fn with(answers: &[(&str, String)]) -> Self {
        let folder = Self::none();
        for (name, text) in answers {
            fs::write(folder.0.path().join(format!("{name}.md")), text).unwrap();
        }
        folder
    }

    /// Code and tests of the greeter, at the first attempt.
    pub fn greeter(code: &str, tests: &str) -> Self {
        Self::with(&[("greeter.code.1", file(CODE, code)), ("greeter.tests.1", file(TESTS, tests))])
    }

    /// The right answers of the greeter.
    pub fn good() -> Self {
        Self::greeter(GOOD_CODE, GOOD_TESTS)
    }

    /// The argument of `--model`.
    pub fn model(&self) -> String {
        format!("replay:{}", self.0.path().display())
    }
}

/// `codegen generate` with these answers, told as events.
pub fn generate(repository: &TestRepository, answers: &Answers, more: &[&str]) -> Ran {
    let model = answers.model();
    let mut arguments = vec!["generate", "--format", "ndjson", "--model", &model];
    arguments.extend(more);
    repository.run(&arguments)
}

/// The events of a type.
pub fn events(ran: &Ran, kind: &str) -> Vec<Value> {
    ran.events().into_iter().filter(|event| event["type"] == kind).collect()
}

/// The last result of a gate: its status and what it said.
#[track_caller]
pub fn gate(ran: &Ran, name: &str) -> (String, String) {
    let last = events(ran, "gate").into_iter().rfind(|event| event["gate"] == name);
    let last = last.unwrap_or_else(|| panic!("the gate {name} did not run:\n{}\n{}", ran.stdout, ran.stderr));
    let said = ["detail", "evidence", "reason"].iter().find_map(|key| last[*key].as_str());
    (last["status"].as_str().unwrap().to_owned(), said.unwrap_or_default().to_owned())
}

/// Fails the test unless this gate refused, and said this.
#[track_caller]
pub fn refused(ran: &Ran, name: &str, said: &str) {
    let (status, evidence) = gate(ran, name);
    assert_eq!(status, "failed", "{name}: {evidence}");
    assert!(evidence.contains(said), "{name} says:\n{evidence}\nand not: {said}");
}

/// How many times a model was asked.
pub fn model_calls(ran: &Ran) -> usize {
    events(ran, "model_call").len()
}
