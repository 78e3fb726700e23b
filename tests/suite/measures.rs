//! Coverage and mutants: each gate refuses what every other one lets through, and is never passed when it could not measure.

use super::gates::{HALF, HALF_TESTS, go, half, turned_down};
use super::support::greeter::{
    Answers, CODE, CONFIG, GOOD_CODE, GOOD_TESTS, SPEC, TESTS, file, gate, generate, greeter, model_calls, refused,
};
use super::support::repository::{Ran, TestRepository, installed, skipped};

/// Runs the generated tests under Python's own tracer and writes what ran as lcov.
const COVER: &str = r#"import sys
import trace
import unittest

report, code, tests = sys.argv[1:]
tracer = trace.Trace(count=1, trace=0)


def work():
    suite = unittest.defaultTestLoader.discover("tests", pattern=tests.split("/")[-1], top_level_dir=".")
    suite.run(unittest.TestResult())


tracer.runfunc(work)
ran = {line for (name, line), hits in tracer.results().counts.items() if name.endswith(code)}
with open(report, "w") as out:
    out.write(f"SF:{code}\n")
    for line in sorted(trace._find_executable_linenos(code)):
        out.write(f"DA:{line},{1 if line in ran else 0}\n")
    out.write("end_of_record\n")
"#;

const MORE: &str = "\n\ndef part(name: str) -> str:\n    \"\"\"Return the farewell.\"\"\"\n    text = \"Bye, \"\n    text += name\n    return text\n";

/// The greeter with a function that no test calls.
fn partly_tested() -> Answers {
    Answers::greeter(&format!("{GOOD_CODE}{MORE}"), GOOD_TESTS)
}

fn covering(threshold: u32, attempts: u32) -> TestRepository {
    let config = CONFIG
        .replace("    lint:", "    coverage: python3 tools/cover.py {report} {code} {tests}\n    lint:")
        .replace("coverage: 0", &format!("coverage: {threshold}"))
        .replace("attempts: 1", &format!("attempts: {attempts}"));
    greeter(&[(".codegen/config.yaml", &config), ("tools/cover.py", COVER)])
}

/// The measured figure.
fn percent(ran: &Ran) -> u32 {
    let said = gate(ran, "coverage").1;
    said.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or_else(|| panic!("no figure in: {said}"))
}

#[test]
fn code_that_no_test_runs_is_refused_below_the_threshold_and_taken_at_it() {
    let low = generate(&covering(1, 1), &partly_tested(), &[]).expect(0);
    let measured = percent(&low);
    assert!((1..100).contains(&measured), "{measured}");
    generate(&covering(measured, 1), &partly_tested(), &[]).expect(0);
    let ran = turned_down(&covering(measured + 1, 1), &partly_tested(), &[]);
    refused(&ran, "coverage", "hello/greeter.py:17:");
    refused(&ran, "coverage", "text = \"Bye, \"");
    // Every other gate lets it through.
    for other in ["compliance", "build", "lint", "test-quality", "generated-tests", "existing-tests"] {
        assert_eq!(gate(&ran, other).0, "passed", "{other}");
    }
    generate(&covering(measured + 1, 1), &partly_tested(), &["--skip", "coverage", "--allow-unproven"]).expect(0);
    // A threshold of the spec goes before that of the configuration.
    let own = format!("{SPEC}gates: {{ coverage: {} }}\n", measured + 1);
    let repository = covering(1, 1);
    repository.write(".codegen/specs/greeter.yaml", &own);
    refused(&turned_down(&repository, &partly_tested(), &[]), "coverage", "is asked for");
}

#[test]
fn lines_that_never_ran_go_back_to_the_model_and_more_tests_mend_it() {
    let more = format!(
        "{}\n    # edge case: a farewell.\n    def test_parts(self) -> None:\n        self.assertEqual(part(\"Ada\"), \"Bye, Ada\")\n",
        GOOD_TESTS.replace("import BlankNameError, greet", "import BlankNameError, greet, part")
    );
    let text = format!("{GOOD_CODE}{MORE}");
    let answers = Answers::with(&[
        ("greeter.code.1", file(CODE, &text)),
        ("greeter.tests.1", file(TESTS, GOOD_TESTS)),
        ("greeter.tests.2", file(TESTS, &more)),
    ]);
    let ran = generate(&covering(95, 2), &answers, &[]).expect(0);
    assert_eq!(model_calls(&ran), 3);
    assert_eq!(gate(&ran, "coverage").0, "passed");
}

#[test]
fn a_coverage_that_cannot_be_measured_is_unproven_before_anything_is_spent() {
    let config = CONFIG
        .replace("    lint:", "    coverage: no-such-tool {report}\n    lint:")
        .replace("coverage: 0", "coverage: 80");
    let repository = greeter(&[(".codegen/config.yaml", &config)]);
    let ran = turned_down(&repository, &Answers::good(), &[]);
    assert_eq!(model_calls(&ran), 0);
    assert!(ran.stderr.contains("unproven: the coverage that `gates.coverage` asks for"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`no-such-tool` is not installed"), "{}", ran.stderr);
    let ran = generate(&repository, &Answers::good(), &["--allow-unproven"]).expect(0);
    assert_eq!(gate(&ran, "coverage").0, "unproven");
    // A tool that leaves no report, or one that means nothing, has measured nothing.
    for tool in ["true {report}", "cp README.md {report}"] {
        let config = config.replace("no-such-tool {report}", tool);
        let repository = greeter(&[(".codegen/config.yaml", &config), ("README.md", "All good.\n")]);
        let ran = turned_down(&repository, &Answers::good(), &[]);
        assert_eq!(gate(&ran, "coverage").0, "unproven", "{tool}");
    }
    let wrong = config.replace("no-such-tool {report}", "make cover");
    let ran = greeter(&[(".codegen/config.yaml", &wrong)]).run(&["check"]).expect(2);
    assert!(ran.stderr.contains("{report} stands for the file"), "{}", ran.stderr);
}

#[test]
fn code_that_hides_from_the_measurement_is_refused() {
    let hidden = GOOD_CODE.replace("if not name.strip():", "if not name.strip():  # pragma: no cover");
    let ran = turned_down(&covering(1, 1), &Answers::greeter(&hidden, GOOD_TESTS), &[]);
    refused(&ran, "coverage", "hello/greeter.py:10: if not name.strip():  # pragma: no cover");
}

#[test]
fn a_tool_that_is_always_there_measures_without_being_asked() {
    if !installed("go", &["version"]) {
        return skipped("coverage of Go", "go");
    }
    let more =
        "\nfunc Third(n int) (int, error) {\n\tif n%3 != 0 {\n\t\treturn 0, ErrOdd\n\t}\n\treturn n / 3, nil\n}\n";
    let config = "version: 1\ngates: { test_runs: 2, mutation: 0 }\nlimits: { attempts: 1 }\n";
    let repository = go(&[(".codegen/config.yaml", config)]);
    let ran = turned_down(&repository, &half(&format!("{HALF}{more}"), HALF_TESTS), &[]);
    refused(&ran, "coverage", "50 %");
    refused(&ran, "coverage", "half/half.go:15:\n    \tif n%3 != 0 {");
    let ran = generate(&repository, &half(HALF, HALF_TESTS), &[]).expect(0);
    assert_eq!(
        gate(&ran, "coverage"),
        ("passed".to_owned(), "100 % of the generated code ran (80 % asked for)".to_owned())
    );
    // Nothing that was measured with stays behind.
    assert_eq!(repository.git(&["status", "--porcelain", "--", "half"]), "?? half/\n");
}

#[test]
fn coverage_py_measures_python_where_it_is_there() {
    if !installed("python3", &["-m", "coverage", "--version"]) {
        return skipped("coverage of Python", "coverage");
    }
    let config = CONFIG.replace("coverage: 0, ", "");
    let repository = greeter(&[(".codegen/config.yaml", &config)]);
    let several =
        MORE.replace("    text += name\n", "    text += name\n    text += name\n    text += name\n    text += name\n");
    let ran = turned_down(&repository, &Answers::greeter(&format!("{GOOD_CODE}{several}"), GOOD_TESTS), &[]);
    refused(&ran, "coverage", "50 % of the generated code, and 80 % is asked for");
    refused(&ran, "coverage", "hello/greeter.py:17:");
    let ran = generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(
        gate(&ran, "coverage"),
        ("passed".to_owned(), "100 % of the generated code ran (80 % asked for)".to_owned())
    );
    // Nothing that was measured with stays behind.
    assert_eq!(
        repository.git(&["status", "--porcelain", "--ignored"]),
        "?? .codegen/lock/\n?? hello/greeter.py\n?? tests/test_greeter.py\n"
    );
}

/// Code with limits, and tests that look at neither.
const LIMITED: &str = r#""""Greets people."""

MOST = 8


class BlankNameError(ValueError):
    """The name is blank."""


class LongNameError(ValueError):
    """The name is long."""


def greet(name: str) -> str:
    """Return the greeting for a name."""
    if not name.strip():
        raise BlankNameError(name)
    if len(name) > MOST:
        raise LongNameError(name)
    return f"Hello, {name}!"
"#;

/// Tests that see the limits.
fn sharp() -> String {
    let more = "\n    # edge case: the longest name is greeted.\n    def test_greets_longest(self) -> None:\n        self.assertEqual(greet(\"x\" * 8), \"Hello, xxxxxxxx!\")\n\n    # error: a longer one is refused.\n    def test_refuses_longer(self) -> None:\n        with self.assertRaises(LongNameError):\n            greet(\"x\" * 9)\n";
    format!(
        "{}{more}",
        GOOD_TESTS.replace("import BlankNameError, greet", "import BlankNameError, LongNameError, greet")
    )
}

fn mutating(threshold: &str, attempts: u32) -> TestRepository {
    let config = CONFIG.replace(", mutation: 0", threshold).replace("attempts: 1", &format!("attempts: {attempts}"));
    greeter(&[(".codegen/config.yaml", &config)])
}

#[test]
fn tests_that_notice_too_few_changes_are_refused_with_the_changes() {
    let weak = Answers::greeter(LIMITED, GOOD_TESTS);
    let ran = turned_down(&mutating(", mutation: 80", 1), &weak, &[]);
    refused(&ran, "mutation", "hello/greeter.py:18: `if len(name) > MOST:` changed to `if len(name) >= MOST:`");
    refused(&ran, "mutation", "hello/greeter.py:19: `raise LongNameError(name)` changed to `pass`");
    refused(&ran, "mutation", "hello/greeter.py:3: `MOST = 8` changed to `MOST = 9`");
    // Every other gate lets it through.
    for other in ["compliance", "build", "lint", "test-quality", "generated-tests", "existing-tests"] {
        assert_eq!(gate(&ran, other).0, "passed", "{other}");
    }
    generate(&mutating(", mutation: 80", 1), &weak, &["--skip", "mutation", "--allow-unproven"]).expect(0);
    // What is noticed is counted, and what is not is said, when it is enough.
    let ran = generate(&mutating(", mutation: 50", 1), &weak, &[]).expect(0);
    let (status, said) = gate(&ran, "mutation");
    assert_eq!(status, "passed");
    assert!(
        said.starts_with("4 of 7 changes to the code were noticed (57 %, 50 % asked for); not noticed: "),
        "{said}"
    );
}

#[test]
fn changes_that_nobody_noticed_go_back_to_the_model_and_sharper_tests_mend_it() {
    let answers = Answers::with(&[
        ("greeter.code.1", file(CODE, LIMITED)),
        ("greeter.tests.1", file(TESTS, GOOD_TESTS)),
        ("greeter.tests.2", file(TESTS, &sharp())),
    ]);
    let ran = generate(&mutating(", mutation: 100", 2), &answers, &[]).expect(0);
    assert_eq!(model_calls(&ran), 3);
    assert_eq!(gate(&ran, "mutation").1, "7 of 7 changes to the code were noticed (100 %, 100 % asked for)");
}

#[test]
fn changes_are_tried_without_being_asked_and_the_tests_must_notice_half() {
    let ran = generate(&mutating("", 1), &Answers::greeter(LIMITED, GOOD_TESTS), &[]).expect(0);
    assert!(gate(&ran, "mutation").1.contains("50 % asked for"));
    // Two more limits that no test looks at.
    let code = LIMITED.replace(
        "    return f",
        "    if name.endswith(\"?\") or name.endswith(\"!\"):\n        raise LongNameError(name)\n    if name.count(\"-\") > 1:\n        raise LongNameError(name)\n    return f",
    );
    let ran = turned_down(&mutating("", 1), &Answers::greeter(&code, GOOD_TESTS), &[]);
    refused(&ran, "mutation", "the tests are too weak");
    // The proposal says what was noticed and what was not.
    let repository = mutating("", 1);
    generate(&repository, &Answers::greeter(LIMITED, GOOD_TESTS), &["--pr"]).expect(0);
    let body = std::fs::read_to_string(repository.path().join(".git/codegen/proposals/greeter.md")).unwrap();
    let row = body.lines().find(|line| line.starts_with("| mutation ")).unwrap();
    assert!(row.contains("4 of 7 changes") && row.contains("hello/greeter.py:18"), "{row}");
}

#[test]
fn changes_that_do_not_compile_count_nowhere() {
    if !installed("go", &["version"]) {
        return skipped("mutants of Go", "go");
    }
    let config = "version: 1\ngates: { test_runs: 2, mutation: 100 }\nlimits: { attempts: 1 }\n";
    let repository = go(&[(".codegen/config.yaml", config)]);
    let ran = generate(&repository, &half(HALF, HALF_TESTS), &[]).expect(0);
    let said = gate(&ran, "mutation").1;
    assert!(said.contains("(100 %, 100 % asked for)"), "{said}");
    let text = format!("{HALF}\nfunc Name(n int) string {{\n\treturn \"n\" + \"x\"\n}}\n");
    let tests = HALF_TESTS.replace("tests := []", "if Name(1) != \"nx\" {\n\t\tt.Fatal(Name(1))\n\t}\n\ttests := []");
    let more =
        gate(&generate(&go(&[(".codegen/config.yaml", config)]), &half(&text, &tests), &[]).expect(0), "mutation").1;
    let score = |said: &str| said.split(" changes").next().unwrap().to_owned();
    assert_eq!(score(&said), score(&more), "the subtraction of texts was counted");
    assert!(more.contains(" did not compile"), "{more}");
}
