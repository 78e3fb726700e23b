//! The output of test runners, as names and results.

use std::collections::BTreeMap;

use super::xml::tags;

/// How one test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Result {
    /// It ran and passed.
    Passed,
    /// It ran and failed.
    Failed,
    /// It did not run.
    Skipped,
}

/// Whose output it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `cargo test`.
    Cargo,
    /// `go test -json`.
    GoJson,
    /// `pytest -v`.
    Pytest,
    /// `python -m unittest -v`.
    Unittest,
    /// The Test Anything Protocol: `node --test`, vitest.
    Tap,
    /// `jest --json`.
    JestJson,
    /// The XML files of JUnit: Maven's Surefire and Gradle write one for each class, and print next to nothing.
    JunitXml,
}

/// Reads names and results. What is not a line of the format is passed over.
pub fn read(format: Format, output: &str) -> BTreeMap<String, Result> {
    let mut results = BTreeMap::new();
    match format {
        Format::Cargo => output.lines().filter_map(cargo).for_each(|(name, result)| add(&mut results, name, result)),
        Format::GoJson => output.lines().filter_map(go).for_each(|(name, result)| add(&mut results, name, result)),
        Format::Pytest => output.lines().filter_map(pytest).for_each(|(name, result)| add(&mut results, name, result)),
        Format::Unittest => unittest(output, &mut results),
        Format::Tap => output.lines().filter_map(tap).for_each(|(name, result)| add(&mut results, name, result)),
        Format::JestJson => jest(output, &mut results),
        Format::JunitXml => junit(output, &mut results),
    }
    results
}

/// Whether a run ended before its tests did, so that nothing is known of those that were still to come: a panic of Go, a signal, a
/// stack that overflowed, the end of its time.
pub fn is_broken_off(output: &str) -> bool {
    let begins =
        |line: &str| ["panic: ", "fatal error: ", "fatal runtime error: "].iter().any(|word| line.starts_with(word));
    output.lines().any(|line| begins(line.trim_start()))
        || ["(signal: ", " was ended by signal ", " did not end within "].iter().any(|words| output.contains(words))
}

/// The parts of an output: what stands between empty lines, and what a runner says of one test, of which `pytest` and the Test
/// Anything Protocol have empty lines in it.
pub fn blocks(output: &str) -> Vec<&str> {
    let (mut starts, mut at, mut of_failure, mut ends_with_dots) = (vec![0], 0, false, false);
    for line in output.split_inclusive('\n') {
        let bare = line.trim();
        let of_pytest = bare.starts_with('_') && bare.ends_with('_') && bare.contains(' ');
        let of_tap = bare.starts_with("not ok ") || bare.starts_with("ok ");
        // Go has its own: `=== RUN   TestA`, `--- FAIL: TestA`.
        let is_ruler = line.starts_with("===") || line.starts_with("--- ");
        if of_pytest || of_tap || is_ruler || bare.is_empty() && !of_failure {
            starts.push(at);
            (of_failure, ends_with_dots) = (of_pytest || of_tap, of_tap);
        }
        at += line.len();
        if ends_with_dots && bare == "..." {
            starts.push(at);
            of_failure = false;
        }
    }
    starts.push(at);
    let parts = starts.windows(2).filter_map(|pair| output.get(*pair.first()?..*pair.last()?));
    parts.map(|part| part.trim_matches('\n')).filter(|part| !part.trim().is_empty()).collect()
}

/// The output as people read it: events of a machine format become the text they carry, and where a test failed, those that
/// passed are not listed.
pub fn readable(format: Format, output: &str) -> String {
    let text = if format == Format::GoJson { text_of_events(output) } else { output.to_owned() };
    let results = read(format, output);
    if !results.values().any(|result| *result == Result::Failed) {
        return text;
    }
    // What a test of Go prints stands below the line that says that it runs.
    let of_failed = |line: &str| {
        let name = line.trim().strip_prefix("=== RUN").map(str::trim);
        name.is_some_and(|name| results.get(name) == Some(&Result::Failed))
    };
    let mut kept = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        // A test of unittest with a docstring has its result on the next line.
        let below = lines.peek().filter(|_| format == Format::Unittest && is_unittest_id(line.trim_end()));
        if below.is_some_and(|below| tells_of_success(format, below.trim_end())) {
            continue;
        }
        if !tells_of_success(format, line.trim_end()) || of_failed(line) {
            kept.push_str(line);
        } else if format == Format::Tap && lines.peek().is_some_and(|next| next.trim() == "---") {
            // How long it took and so on; the end may have been cut off.
            while lines.next_if(|inner| inner.trim() != "..." && tap(inner).is_none()).is_some() {}
            lines.next_if(|inner| inner.trim() == "...");
        }
    }
    kept
}

fn text_of_events(output: &str) -> String {
    let mut text = String::new();
    for line in output.lines() {
        if let Ok(event) = serde_json::from_str::<serde_json::Value>(line) {
            text.push_str(event.get("Output").and_then(serde_json::Value::as_str).unwrap_or_default());
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Whether a line says that a test begins or has passed, and nothing else.
fn tells_of_success(format: Format, line: &str) -> bool {
    let passed = |result: Option<(String, Result)>| result.is_some_and(|(_, result)| result == Result::Passed);
    match format {
        Format::Cargo => passed(cargo(line)),
        Format::GoJson => {
            let line = line.trim_start();
            ["=== RUN", "=== PAUSE", "=== CONT", "--- PASS"].iter().any(|mark| line.starts_with(mark))
        }
        Format::Pytest => passed(pytest(line)),
        Format::Unittest => line.ends_with(" ... ok"),
        Format::Tap => line.trim_start().starts_with("# Subtest: ") || passed(tap(line)),
        Format::JestJson | Format::JunitXml => false,
    }
}

/// A name that occurs twice failed if it failed once.
fn add(results: &mut BTreeMap<String, Result>, name: String, result: Result) {
    let kept = results.entry(name).or_insert(result);
    if result == Result::Failed {
        *kept = Result::Failed;
    }
}

fn cargo(line: &str) -> Option<(String, Result)> {
    let (name, result) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let name = name.trim_end_matches(" - should panic").to_owned();
    match result.split(',').next()?.trim() {
        "ok" => Some((name, Result::Passed)),
        "FAILED" => Some((name, Result::Failed)),
        "ignored" => Some((name, Result::Skipped)),
        _ => None,
    }
}

fn go(line: &str) -> Option<(String, Result)> {
    let event: serde_json::Value = serde_json::from_str(line).ok()?;
    let name = event.get("Test")?.as_str()?.to_owned();
    match event.get("Action")?.as_str()? {
        "pass" => Some((name, Result::Passed)),
        "fail" => Some((name, Result::Failed)),
        "skip" => Some((name, Result::Skipped)),
        _ => None,
    }
}

fn pytest(line: &str) -> Option<(String, Result)> {
    let words = [
        (" PASSED", Result::Passed),
        (" FAILED", Result::Failed),
        (" ERROR", Result::Failed),
        (" SKIPPED", Result::Skipped),
        (" XFAIL", Result::Skipped),
        (" XPASS", Result::Failed),
    ];
    let (word, result) = words.into_iter().find(|(word, _)| line.contains(word))?;
    let (path, rest) = line.split_once(word)?;
    let rest = rest.trim_start();
    let (_, name) = path.split_once("::")?;
    (rest.is_empty() || rest.starts_with(['[', '('])).then(|| (name.trim().to_owned(), result))
}

/// Whether a line is a test's name and class and nothing more: `test_a (tests.T.test_a)`.
fn is_unittest_id(text: &str) -> bool {
    let parts = text.strip_suffix(')').and_then(|text| text.split_once(" ("));
    parts.is_some_and(|(name, class)| !name.contains(char::is_whitespace) && !class.contains(char::is_whitespace))
}

/// A test is known by name and class: classes may share names. A test with a docstring has its result on the line below,
/// behind the docstring.
fn unittest(output: &str, results: &mut BTreeMap<String, Result>) {
    let mut above: Option<&str> = None;
    for line in output.lines() {
        let Some((head, word)) = line.rsplit_once(" ... ") else {
            above = is_unittest_id(line).then_some(line);
            continue;
        };
        let id = if is_unittest_id(head) { head } else { above.unwrap_or(head) };
        above = None;
        let result = match word.split_whitespace().next() {
            Some("ok") => Result::Passed,
            Some("FAIL" | "ERROR") => Result::Failed,
            Some("skipped") => Result::Skipped,
            _ => continue,
        };
        add(results, id.to_owned(), result);
    }
}

fn tap(line: &str) -> Option<(String, Result)> {
    let line = line.trim_start();
    let (passed, rest) = match line.strip_prefix("ok ") {
        Some(rest) => (true, rest),
        None => (false, line.strip_prefix("not ok ")?),
    };
    let (_, name) = rest.split_once(" - ")?;
    let (name, directive) = name.split_once(" # ").unwrap_or((name, ""));
    let directive = directive.to_ascii_uppercase();
    let result = if directive.starts_with("SKIP") || directive.starts_with("TODO") {
        Result::Skipped
    } else if passed {
        Result::Passed
    } else {
        Result::Failed
    };
    Some((name.trim().to_owned(), result))
}

fn jest(output: &str, results: &mut BTreeMap<String, Result>) {
    let Some(report) = output.find('{').and_then(|start| output.get(start..)) else { return };
    let Some(Ok(report)) = serde_json::Deserializer::from_str(report).into_iter::<serde_json::Value>().next() else {
        return;
    };
    let files = report.get("testResults").and_then(serde_json::Value::as_array);
    for test in files.into_iter().flatten().filter_map(|file| file.get("assertionResults")?.as_array()).flatten() {
        let name = test.get("fullName").and_then(serde_json::Value::as_str);
        let status = test.get("status").and_then(serde_json::Value::as_str);
        let result = match status {
            Some("passed") => Result::Passed,
            Some("failed") => Result::Failed,
            _ => Result::Skipped,
        };
        if let Some(name) = name {
            add(results, name.to_owned(), result);
        }
    }
}

/// `<testcase classname="…" name="…">`, with what went wrong inside of it. A test that passed only when it was run again
/// did not pass.
fn junit(report: &str, results: &mut BTreeMap<String, Result>) {
    let mut open: Option<(String, Result)> = None;
    for tag in tags(report) {
        match tag.name() {
            "testcase" => {
                let name = tag.attribute("name").unwrap_or_default();
                let name = tag.attribute("classname").map_or_else(|| name.clone(), |class| format!("{class}.{name}"));
                if tag.is_empty() {
                    add(results, name, Result::Passed);
                } else {
                    open = Some((name, Result::Passed));
                }
            }
            "/testcase" => {
                if let Some((name, result)) = open.take() {
                    add(results, name, result);
                }
            }
            "failure" | "error" | "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError" => {
                open = open.map(|(name, _)| (name, Result::Failed));
            }
            "skipped" => open = open.map(|(name, _)| (name, Result::Skipped)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_broke_off_is_told_from_tests_that_failed() {
        assert!(is_broken_off("--- FAIL: TestGet (0.00s)\npanic: runtime error: invalid memory address [recovered]\n"));
        assert!(is_broken_off("thread 'a' has overflowed its stack\nfatal runtime error: stack overflow\n"));
        assert!(is_broken_off("process didn't exit successfully: `a` (signal: 6, SIGABRT: process abort signal)"));
        assert!(
            is_broken_off("`python3 -m pytest` did not end within 300 s\n")
                && is_broken_off("`go test` was ended by signal 9\n")
        );
        assert!(!is_broken_off("thread 'a' panicked at src/lib.rs:3:5:\nassertion failed\ntest a ... FAILED"));
        assert!(!is_broken_off("FAILED tests/test_a.py::test_b - assert 1 == 2"));
    }

    #[test]
    fn what_a_runner_says_of_one_test_is_one_part() {
        let first = "_____ test_a[1] _____\ntest_a.py:3: in test_a\n    assert f() == 1\nE   AssertionError: assert 2 == 1\n\nE     more";
        let second = "_ test_b _\na.py:9: in f\n    raise E";
        let output = format!(
            "test_a.py::test_a FAILED\n\n=== FAILURES ===\n{first}\n{second}\n=== short test summary info ===\nFAILED test_a.py::test_a\n"
        );
        let found = blocks(&output);
        assert_eq!(found.get(2..4), Some(&[first, second][..]), "{found:#?}");
        assert_eq!(blocks("one\n\n\ntwo\nthree\n"), ["one", "two\nthree"]);
        let tap = "not ok 2 - trims\n  ---\n  error: |-\n    Expected:\n\n    + 1\n    - 2\n  ...";
        assert_eq!(
            blocks(&format!("TAP version 13\n# noise\n{tap}\n1..2\n# fail 1\n")),
            ["TAP version 13\n# noise", tap, "1..2\n# fail 1"]
        );
        let go = [
            "=== RUN   TestA\n    a_test.go:3: got 1",
            "--- FAIL: TestA (0.00s)",
            "=== RUN   TestB",
            "--- FAIL: TestB (0.00s)\nFAIL",
        ];
        assert_eq!(blocks(&go.join("\n")), go);
        assert_eq!(blocks(""), Vec::<&str>::new());
    }

    #[test]
    fn each_format_is_read() {
        for (format, output) in [
            (
                Format::Cargo,
                "running 3 tests\ntest a ... ok\ntest m::b ... FAILED\ntest c ... ignored, slow\n\ntest result: FAILED.",
            ),
            (
                Format::GoJson,
                "{\"Action\":\"run\",\"Test\":\"a\"}\n{\"Action\":\"pass\",\"Test\":\"a\"}\n{\"Action\":\"fail\",\"Test\":\"m::b\"}\n{\"Action\":\"skip\",\"Test\":\"c\"}\nnoise",
            ),
            (
                Format::Pytest,
                "t.py::a PASSED [ 33%]\nt.py::m::b FAILED [ 66%]\nt.py::c SKIPPED (why) [100%]\nFAILED t.py::m::b - x",
            ),
            (Format::Tap, "TAP version 13\n# Subtest: a\nok 1 - a\n  ---\nnot ok 2 - m::b\nok 3 - c # SKIP why\n"),
            (
                Format::JestJson,
                "{\"testResults\":[{\"assertionResults\":[{\"fullName\":\"a\",\"status\":\"passed\"},{\"fullName\":\"m::b\",\"status\":\"failed\"},{\"fullName\":\"c\",\"status\":\"pending\"}]}]}",
            ),
            (
                Format::JunitXml,
                "<?xml version=\"1.0\"?>\n<testsuite tests=\"3\"><testcase name=\"a\" time=\"0\"/><testcase name=\"b\" classname=\"m:\" time=\"0\"><failure message=\"x\">at</failure><system-out><![CDATA[<testcase name=\"d\"/>]]></system-out></testcase><testcase name=\"c\"><skipped/></testcase></testsuite>",
            ),
        ] {
            let found: Vec<_> = read(format, output).into_iter().collect();
            let failed = if format == Format::JunitXml { "m:.b" } else { "m::b" };
            let expected = [("a", Result::Passed), ("c", Result::Skipped), (failed, Result::Failed)];
            assert_eq!(found, expected.map(|(name, result)| (name.to_owned(), result)), "{format:?}");
        }
    }

    #[test]
    fn where_a_test_failed_those_that_passed_are_not_listed() {
        for (format, output, expected) in [
            (
                Format::Cargo,
                "running 2 tests\ntest a ... ok\ntest b ... FAILED\n\nwhy\n",
                "running 2 tests\ntest b ... FAILED\n\nwhy\n",
            ),
            (Format::Cargo, "running 1 test\ntest a ... ok\n", "running 1 test\ntest a ... ok\n"),
            (
                Format::GoJson,
                "{\"Test\":\"A\",\"Output\":\"=== RUN   A\\n\"}\n{\"Test\":\"A\",\"Action\":\"pass\",\"Output\":\"--- PASS: A\\n\"}\n{\"Test\":\"B\",\"Action\":\"fail\",\"Output\":\"--- FAIL: B\\n\"}\n",
                "--- FAIL: B\n",
            ),
            (Format::Pytest, "t.py::a PASSED [ 50%]\nt.py::b FAILED [100%]\nE why\n", "t.py::b FAILED [100%]\nE why\n"),
            (
                Format::Unittest,
                "a (t.T.a) ... ok\nb (t.T.b) ... FAIL\nc (t.T.c)\nWhat c shows. ... ok\n",
                "b (t.T.b) ... FAIL\n",
            ),
            // One text with everything in it, and no list of lines.
            (
                Format::JestJson,
                "{\"testResults\":[{\"assertionResults\":[{\"fullName\":\"a\",\"status\":\"passed\"},{\"fullName\":\"b\",\"status\":\"failed\"}]}]}",
                "{\"testResults\":[{\"assertionResults\":[{\"fullName\":\"a\",\"status\":\"passed\"},{\"fullName\":\"b\",\"status\":\"failed\"}]}]}",
            ),
            (
                Format::Tap,
                "ok 1 - a\n  ---\n  duration_ms: 1\nnot ok 2 - b\n  ---\n  error: why\n",
                "not ok 2 - b\n  ---\n  error: why\n",
            ),
            (
                Format::Tap,
                "# Subtest: a\nok 1 - a\n  ---\n  duration_ms: 1\n  ...\n# Subtest: b\nnot ok 2 - b\n  ---\n  error: why\n  ...\n",
                "not ok 2 - b\n  ---\n  error: why\n  ...\n",
            ),
        ] {
            assert_eq!(readable(format, output), expected, "{format:?}");
        }
    }

    #[test]
    fn unittest_tells_tests_by_class_and_puts_results_behind_docstrings() {
        let output = "a (t.T.a) ... ok\na (t.U.a) ... FAIL\nb (t.T.b)\nerror: refused ... ok\nc (t.T.c)\nerror: refused ... skipped 'why'\n";
        let expected = [
            ("a (t.T.a)", Result::Passed),
            ("a (t.U.a)", Result::Failed),
            ("b (t.T.b)", Result::Passed),
            ("c (t.T.c)", Result::Skipped),
        ];
        assert_eq!(read(Format::Unittest, output), expected.map(|(name, result)| (name.to_owned(), result)).into());
    }
}
