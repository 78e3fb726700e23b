//! A small Python project with one spec, `tally`, whose gates take a moment: what it is asked, and right answers.

use super::repository::TestRepository;

/// The files that the spec owns.
pub const FILES: [&str; 2] = ["tally.py", "test_tally.py"];

/// The code. It has more bytes than characters.
pub const CODE: &str = r#""""Counts words, such as “😀” and “naïve”."""


class Tally:
    """How often each word was added."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, word: str) -> None:
        """Count a word; an empty one is refused."""
        if not word:
            raise ValueError("a word must not be empty")
        self._counts[word] = self._counts.get(word, 0) + 1

    def count(self, word: str) -> int:
        """Return how often the word was added."""
        return self._counts.get(word, 0)
"#;

/// Its tests.
pub const TESTS: &str = r#""""Tests of the tally."""

import unittest

from tally import Tally


class TallyTest(unittest.TestCase):
    # happy path: a word counts as often as it was added.
    def test_counts(self) -> None:
        tally = Tally()
        tally.add("😀")
        tally.add("😀")
        self.assertEqual(tally.count("😀"), 2)

    # error: an empty word is refused.
    def test_refuses_an_empty_word(self) -> None:
        with self.assertRaises(ValueError):
            Tally().add("")

    # edge case: a word that was never added counts nothing.
    def test_starts_at_nothing(self) -> None:
        self.assertEqual(Tally().count("naïve"), 0)
"#;

/// A configuration for a model called `double`, asked for fenced answers.
pub const CONFIG: &str = "model: { name: double, answers: fenced }\ngates: { test_runs: 2 }\n";

const PATTERN: &str = "name: repository
version: 1.2.3
summary: A small store with one class.
rules:
  - { id: docstring, text: RULE_SENTINEL Give each class a docstring, severity: warn }
";

/// Its spec.
pub const SPEC: &str = "name: Tally
description: |
  SPEC_SENTINEL Counts words. `Tally().add(word)` counts a word and refuses an empty one with `ValueError`;
  `count(word)` gives how often it was added, 0 at first.
pattern: repository
language: python
files: { code: tally.py, tests: test_tally.py }
context: { storage: CONTEXT_SENTINEL in memory }
";

/// The project with a configuration of its own.
pub fn repository(config: &str) -> TestRepository {
    repository_with(config, &[])
}

/// The project with a configuration of its own and more files.
pub fn repository_with(config: &str, more: &[(&str, &str)]) -> TestRepository {
    let mut files = vec![
        ("requirements.txt", ""),
        ("README.md", "A project.\n"),
        (".codegen/config.yaml", config),
        (".codegen/patterns/repository.yaml", PATTERN),
        (".codegen/specs/tally.yaml", SPEC),
    ];
    files.extend_from_slice(more);
    TestRepository::with(&files)
}

/// A file as a fenced answer.
pub fn fenced(path: &str, text: &str) -> String {
    format!("{path}\n```python\n{text}```\n")
}

/// The right answer to the question for the code.
pub fn code() -> String {
    fenced(FILES[0], CODE)
}

/// The right answer to the question for the tests.
pub fn tests() -> String {
    fenced(FILES[1], TESTS)
}
