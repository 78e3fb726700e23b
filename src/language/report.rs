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

/// The output as people read it: events of a machine format become the text they carry.
pub fn readable(format: Format, output: &str) -> String {
    if format != Format::GoJson {
        return output.to_owned();
    }
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

/// A test is known by name and class: classes may share names. A test with a docstring has its result on the line below,
/// behind the docstring.
fn unittest(output: &str, results: &mut BTreeMap<String, Result>) {
    let is_id = |text: &str| {
        let parts = text.strip_suffix(')').and_then(|text| text.split_once(" ("));
        parts.is_some_and(|(name, class)| !name.contains(char::is_whitespace) && !class.contains(char::is_whitespace))
    };
    let mut above: Option<&str> = None;
    for line in output.lines() {
        let Some((head, word)) = line.rsplit_once(" ... ") else {
            above = is_id(line).then_some(line);
            continue;
        };
        let id = if is_id(head) { head } else { above.unwrap_or(head) };
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
