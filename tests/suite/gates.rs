//! Gates: each refuses what it is there for, takes what is right, and is never passed when it could not run.

use super::proposals::{languages, missing};
use super::support::greeter::{
    Answers, CODE, CONFIG, GOOD_CODE, GOOD_TESTS, SPEC, TESTS, events, file, gate, generate, greeter, model_calls,
    refused,
};
use super::support::repository::{Ran, TestRepository, installed, skipped};

/// Generates, and fails the test unless a gate failed and nothing in the tree changed.
#[track_caller]
pub(super) fn turned_down(repository: &TestRepository, answers: &Answers, more: &[&str]) -> Ran {
    let before = repository.fingerprint();
    let ran = generate(repository, answers, more).expect(3);
    assert_eq!(repository.fingerprint(), before);
    assert_eq!(events(&ran, "spec_done")[0]["outcome"], "failed");
    ran
}

fn config(changed: &str, to: &str) -> String {
    assert!(CONFIG.contains(changed));
    CONFIG.replace(changed, to)
}

#[test]
fn a_right_answer_passes_every_gate_in_order() {
    let repository = greeter(&[]);
    let ran = generate(&repository, &Answers::good(), &[]).expect(0);
    let order = |role: &str| -> Vec<(String, String)> {
        let gates = events(&ran, "gate").into_iter().filter(|event| event["role"] == role);
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        gates.map(|event| (text(&event["gate"]), text(&event["status"]))).collect()
    };
    let passed =
        |gates: &[&str]| gates.iter().map(|gate| ((*gate).to_owned(), "passed".to_owned())).collect::<Vec<_>>();
    assert_eq!(order("code"), passed(&["syntax", "format", "compliance", "build", "lint", "existing-tests"]));
    assert_eq!(
        order("tests"),
        passed(&["syntax", "format", "test-quality", "build", "lint", "generated-tests", "existing-tests"])
    );
    assert!(gate(&ran, "generated-tests").1.contains("3 tests passed in each of 2 runs"));
    assert_eq!(repository.read(CODE).as_deref(), Some(GOOD_CODE));
}

#[test]
fn what_is_not_in_the_grammar_is_refused_with_its_line() {
    let broken = GOOD_CODE.replace("raise BlankNameError(name)", "raise BlankNameError(name");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(&broken, GOOD_TESTS), &[]);
    refused(&ran, "syntax", "hello/greeter.py:");
    let (_, said) = gate(&ran, "syntax");
    let line: usize = said.split(':').nth(1).unwrap().parse().unwrap();
    assert!((8..=12).contains(&line), "{said}");
    assert!(events(&ran, "gate").iter().all(|event| event["gate"] == "syntax"), "a later gate ran");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, "def test_a(:\n    pass\n"), &[]);
    refused(&ran, "syntax", "tests/test_greeter.py:1");
}

#[test]
fn a_build_command_that_always_succeeds_does_not_let_broken_code_pass() {
    let always = config("    lint:", "    build: \"true\"\n    lint:");
    let broken = GOOD_CODE.replace("f\"Hello, {name}!\"", "f\"Hello, {name}!");
    let repository = greeter(&[(".codegen/config.yaml", &always)]);
    refused(&turned_down(&repository, &Answers::greeter(&broken, GOOD_TESTS), &[]), "syntax", CODE);
    generate(&repository, &Answers::good(), &[]).expect(0);
}

#[test]
fn the_gates_that_cost_nothing_cannot_be_skipped() {
    for gate in ["answer", "syntax", "together", "nonsense"] {
        let ran = greeter(&[]).run(&["generate", "--skip", gate]).expect(2);
        assert!(ran.stderr.contains("one of format, compliance"), "{}", ran.stderr);
    }
}

#[test]
fn a_skipped_gate_is_unproven_and_needs_leave_to_be_delivered() {
    for skipped in ["format", "compliance", "build", "lint", "existing-tests", "test-quality", "generated-tests"] {
        let repository = greeter(&[]);
        let ran = turned_down(&repository, &Answers::good(), &["--skip", skipped]);
        let (status, reason) = gate(&ran, skipped);
        assert_eq!((status.as_str(), reason.contains("UNVALIDATED")), ("unproven", true), "{skipped}: {reason}");
        assert!(ran.stderr.contains(&format!("unproven: {skipped}")), "{}", ran.stderr);
        assert!(ran.stderr.contains("--allow-unproven"), "{}", ran.stderr);
    }
    let repository = greeter(&[]);
    generate(&repository, &Answers::good(), &["--skip", "lint", "--allow-unproven", "--pr"]).expect(0);
    let body = std::fs::read_to_string(repository.path().join(".git/codegen/proposals/greeter.md")).unwrap();
    let row = body.lines().find(|line| line.starts_with("| lint ")).unwrap();
    assert!(row.contains("unproven") && row.contains("UNVALIDATED"), "{row}");
}

#[test]
fn the_formatter_has_the_last_word_on_code_and_tests() {
    let ugly = |text: &str| text.replace(":\n", ":  \n");
    let repository = greeter(&[]);
    let ran = generate(&repository, &Answers::greeter(&ugly(GOOD_CODE), &ugly(GOOD_TESTS)), &[]).expect(0);
    assert_eq!(gate(&ran, "format"), ("passed".to_owned(), "1 file reformatted".to_owned()));
    assert_eq!(repository.read(CODE).as_deref(), Some(GOOD_CODE));
    assert_eq!(repository.read(TESTS).as_deref(), Some(GOOD_TESTS));
    assert_eq!(repository.run(&["check"]).expect(0).stdout, "");
}

#[test]
fn what_the_linter_can_mend_by_itself_costs_no_attempt() {
    // It takes the word away in each line that it finds, and says that there was something.
    let fix = "import sys\nfrom pathlib import Path\n\nfor name in sys.argv[1:]:\n    path = Path(name)\n    path.write_text(path.read_text().replace(' # UGLY', ''))\nsys.exit(1)\n";
    let own = config("    lint:", "    fix: python3 tools/fix.py {files}\n    lint:");
    let repository = greeter(&[(".codegen/config.yaml", &own), ("tools/fix.py", fix)]);
    let ugly = GOOD_CODE.replace("    return f", "    # UGLY\n    return f");
    let ran = generate(&repository, &Answers::greeter(&ugly, GOOD_TESTS), &[]).expect(0);
    let code = events(&ran, "gate").into_iter().find(|event| event["gate"] == "format").unwrap();
    assert_eq!(code["detail"], "1 file mended by the linter; 1 file reformatted");
    assert!(!repository.read(CODE).unwrap().contains("UGLY"));
    // Without it the linter refuses.
    refused(&turned_down(&greeter(&[]), &Answers::greeter(&ugly, GOOD_TESTS), &[]), "lint", "ugly");
}

#[test]
fn a_formatter_that_crashes_or_breaks_a_file_is_a_failed_gate() {
    let crash = format!("# CRASH_FORMAT\n{GOOD_CODE}");
    refused(&turned_down(&greeter(&[]), &Answers::greeter(&crash, GOOD_TESTS), &[]), "format", "the formatter crashed");
    let breaks = format!("# BREAK_FORMAT\n{GOOD_CODE}");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(&breaks, GOOD_TESTS), &[]);
    refused(&ran, "format", "the formatter broke the file");
}

#[test]
fn a_broken_rule_of_the_pattern_is_refused_with_its_line() {
    let untyped = GOOD_CODE.replace(" -> str", "");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(&untyped, GOOD_TESTS), &[]);
    refused(&ran, "compliance", "Say what each function returns");
    refused(
        &ran,
        "compliance",
        "hello/greeter.py:8: the rule “Say what each function returns” is broken by `def greet(name: str):`",
    );
    // A comment does not keep a rule.
    let decoy = GOOD_CODE.replace(" -> str:", ":  # -> str:");
    refused(
        &turned_down(&greeter(&[]), &Answers::greeter(&decoy, GOOD_TESTS), &[]),
        "compliance",
        "hello/greeter.py:8: ",
    );
}

const UGLY_BEFORE: (&str, &str) = ("hello/old.py", "def old() -> str:\n    return \"UGLY\"\n");

#[test]
fn a_new_finding_of_the_linter_is_refused() {
    let ugly = GOOD_CODE.replace("Hello, {name}", "Hello, UGLY {name}");
    for repository in [greeter(&[]), greeter(&[UGLY_BEFORE])] {
        let ran = turned_down(&repository, &Answers::greeter(&ugly, GOOD_TESTS), &[]);
        refused(&ran, "lint", "hello/greeter.py:12:1: L001");
    }
}

#[test]
fn a_comment_that_keeps_the_linter_quiet_hides_nothing() {
    let ugly = GOOD_CODE.replace("return f\"Hello, {name}!\"", "return f\"Hello, UGLY {name}!\"  # noqa: L001");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(&ugly, GOOD_TESTS), &[]);
    refused(&ran, "lint", "hello/greeter.py:12:1: L001");
    // One that has nothing to hide stays, and so does one that people wrote.
    let harmless = GOOD_CODE.replace("Greets people.\"\"\"", "Greets people.\"\"\"  # noqa: D100");
    let old = ("hello/old.py", "def old() -> str:\n    return \"UGLY\"  # noqa\n");
    let repository = greeter(&[old]);
    let ran = generate(&repository, &Answers::greeter(&harmless, GOOD_TESTS), &[]).expect(0);
    assert_eq!(gate(&ran, "lint"), ("passed".to_owned(), "nothing new (0 findings before)".to_owned()));
    assert_eq!(repository.read(CODE), Some(harmless));
}

#[test]
fn findings_printed_for_programs_are_read_and_told_to_people() {
    const LINT: &str = "import json, sys\nfrom pathlib import Path\n\nfound = [\n    {\"code\": \"X1\", \"filename\": str(path.resolve()), \"location\": {\"row\": row, \"column\": 1}, \"message\": \"ugly\"}\n    for path in sorted(Path(\"hello\").glob(\"*.py\"))\n    for row, line in enumerate(path.read_text().splitlines(), 1)\n    if \"UGLY\" in line\n]\nprint(json.dumps(found, indent=2))\nsys.exit(1 if found else 0)\n";
    let ugly = GOOD_CODE.replace("Hello, {name}", "Hello, UGLY {name}");
    let repository = greeter(&[("tools/lint.py", LINT), UGLY_BEFORE]);
    let ran = turned_down(&repository, &Answers::greeter(&ugly, GOOD_TESTS), &[]);
    assert_eq!(gate(&ran, "lint").1, "hello/greeter.py:12:1: X1 ugly");
    let ran = generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(gate(&ran, "lint").1, "nothing new (1 finding before)");
}

#[test]
fn a_finding_that_was_there_before_is_not_the_new_codes_fault() {
    let repository = greeter(&[UGLY_BEFORE]);
    let ran = generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(gate(&ran, "lint"), ("passed".to_owned(), "nothing new (1 finding before)".to_owned()));
}

#[test]
fn a_linter_that_crashes_is_not_clean() {
    let crash = format!("# CRASH_LINT\n{GOOD_CODE}");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(&crash, GOOD_TESTS), &[]);
    refused(&ran, "lint", "the linter crashed");
    // Nor when there were findings before.
    let ran = turned_down(&greeter(&[UGLY_BEFORE]), &Answers::greeter(&crash, GOOD_TESTS), &[]);
    refused(&ran, "lint", "the linter crashed");
    // Nor before anything is generated.
    let ran = turned_down(&greeter(&[("hello/old.py", "# CRASH_LINT\n")]), &Answers::good(), &[]);
    assert_eq!(model_calls(&ran), 0);
    assert!(ran.stderr.contains("baseline broken: `python3 tools/lint.py` ended with exit code 2"), "{}", ran.stderr);
}

#[test]
fn a_linter_that_crashes_behind_an_old_finding_is_not_clean() {
    // `hello/aged.py` is linted, and its finding printed, before the crash on `hello/greeter.py`.
    let old = ("hello/aged.py", UGLY_BEFORE.1);
    let crash = format!("# CRASH_LINT\n{GOOD_CODE}");
    let ran = turned_down(&greeter(&[old]), &Answers::greeter(&crash, GOOD_TESTS), &[]);
    refused(&ran, "lint", "the linter crashed");
}

#[test]
fn a_tool_that_is_missing_is_unproven_before_anything_is_spent() {
    for (stage, line) in [
        ("format", "no-such-formatter {files}"),
        ("lint", "no-such-linter"),
        ("build", "no-such-compiler {files}"),
        ("build", "no-such-compiler"),
        ("test", "no-such-runner"),
        ("setup", "no-such-installer"),
    ] {
        let text = format!("version: 1\nlanguages:\n  python:\n    {stage}: \"{line}\"\ngates: {{ test_runs: 2 }}\n");
        let repository = greeter(&[(".codegen/config.yaml", &text)]);
        let ran = turned_down(&repository, &Answers::good(), &[]);
        assert_eq!(model_calls(&ran), 0);
        assert!(ran.stderr.contains(&format!("unproven: the {stage} gate of Python")), "{stage}\n{}", ran.stderr);
        assert!(ran.stderr.contains(line.split(' ').next().unwrap()), "{}", ran.stderr);
    }
    // With leave it goes on, and says so.
    let text = config("python3 tools/lint.py", "no-such-linter");
    let ran = generate(&greeter(&[(".codegen/config.yaml", &text)]), &Answers::good(), &["--allow-unproven"]).expect(0);
    assert_eq!(gate(&ran, "lint").0, "unproven");
}

#[test]
fn leave_to_deliver_the_unproven_is_given_for_one_run_only() {
    let text = config("python3 tools/lint.py", "no-such-linter");
    let repository = greeter(&[(".codegen/config.yaml", &text)]);
    generate(&repository, &Answers::good(), &["--allow-unproven", "--dry-run"]).expect(0);
    let ran = turned_down(&repository, &Answers::good(), &[]);
    assert_eq!(model_calls(&ran), 0);
    assert!(ran.stderr.contains("unproven: the lint gate"), "{}", ran.stderr);
}

#[test]
fn a_stage_without_a_command_does_not_apply_and_says_why() {
    let text = config("python3 tools/lint.py", "[]");
    let ran = generate(&greeter(&[(".codegen/config.yaml", &text)]), &Answers::good(), &[]).expect(0);
    let said = ("not-applicable".to_owned(), "switched off in the configuration".to_owned());
    assert_eq!(gate(&ran, "lint"), said);
}

#[test]
fn the_repositorys_own_build_command_decides() {
    const BUILD: &str = "import sys\nfrom pathlib import Path\nif \"WRONG_TYPE\" in Path(\"hello/greeter.py\").read_text():\n    sys.exit(\"hello/greeter.py:9: wrong type\")\n";
    let own = config("    lint:", "    build: python3 tools/build.py {files}\n    lint:");
    let repository = greeter(&[(".codegen/config.yaml", &own), ("tools/build.py", BUILD)]);
    let wrong = GOOD_CODE.replace("Hello", "WRONG_TYPE");
    let ran = turned_down(&repository, &Answers::greeter(&wrong, GOOD_TESTS), &[]);
    refused(&ran, "build", "hello/greeter.py:9: wrong type");
    let event = events(&ran, "gate").into_iter().find(|event| event["gate"] == "build").unwrap();
    assert_eq!(event["command"], "python3 tools/build.py hello/greeter.py");
    generate(&repository, &Answers::good(), &[]).expect(0);
}

/// A Go module with one spec.
pub(super) fn go(more: &[(&str, &str)]) -> TestRepository {
    let own = [
        ("go.mod", "module example.com/hello\n\ngo 1.19\n"),
        ("base/base.go", "package base\n\nfunc One() int { return 1 }\n"),
        (
            ".codegen/config.yaml",
            "version: 1\ngates: { test_runs: 2, coverage: 0, mutation: 0 }\nlimits: { attempts: 1 }\n",
        ),
        (
            ".codegen/patterns/plain.yaml",
            "name: plain\nversion: 1.0.0\nsummary: Functions.\nrules: [{ id: short, text: Keep functions short }]\n",
        ),
        (
            ".codegen/specs/half.yaml",
            "name: Half\ndescription: Halves even numbers and refuses odd ones.\npattern: plain\nfiles: { code: half/half.go, tests: half/half_test.go }\n",
        ),
    ];
    TestRepository::with(&own.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

pub(super) const HALF: &str = "package half\n\nimport \"errors\"\n\nvar ErrOdd = errors.New(\"odd\")\n\nfunc Half(n int) (int, error) {\n\tif n%2 != 0 {\n\t\treturn 0, ErrOdd\n\t}\n\treturn n / 2, nil\n}\n";

pub(super) const HALF_TESTS: &str = "package half\n\nimport (\n\t\"errors\"\n\t\"testing\"\n)\n\nfunc TestHalf(t *testing.T) {\n\ttests := []struct {\n\t\tname string\n\t\tn    int\n\t\twant int\n\t\terr  error\n\t}{\n\t\t{\"happy path: four\", 4, 2, nil},\n\t\t{\"error: odd\", 3, 0, ErrOdd},\n\t\t{\"edge case: zero\", 0, 0, nil},\n\t}\n\tfor _, tc := range tests {\n\t\tt.Run(tc.name, func(t *testing.T) {\n\t\t\tgot, err := Half(tc.n)\n\t\t\tif got != tc.want || !errors.Is(err, tc.err) {\n\t\t\t\tt.Errorf(\"Half(%d) = %d, %v\", tc.n, got, err)\n\t\t\t}\n\t\t})\n\t}\n}\n";

pub(super) fn half(code: &str, tests: &str) -> Answers {
    Answers::with(&[("half.code.1", file("half/half.go", code)), ("half.tests.1", file("half/half_test.go", tests))])
}

#[test]
fn a_type_error_is_refused_by_the_compiler_and_an_ugly_answer_is_formatted() {
    if !installed("go", &["version"]) || !installed("gofmt", &["-h"]) && !installed("which", &["gofmt"]) {
        return skipped("the compile gate with a real compiler", "go");
    }
    let wrong = HALF.replace("return n / 2, nil", "return \"half\", nil");
    let ran = turned_down(&go(&[]), &half(&wrong, HALF_TESTS), &[]);
    refused(&ran, "build", "half/half.go:11");
    refused(&ran, "build", "cannot use \"half\"");
    let repository = go(&[]);
    let ugly = |text: &str| text.replace('\t', "  ");
    generate(&repository, &half(&ugly(HALF), &ugly(HALF_TESTS)), &[]).expect(0);
    assert_eq!(repository.read("half/half.go").as_deref(), Some(HALF));
    assert_eq!(repository.read("half/half_test.go").as_deref(), Some(HALF_TESTS));
}

#[test]
fn a_changed_go_spec_is_proven_without_its_tests_of_before() {
    if !installed("go", &["version"]) {
        return skipped("a changed spec in Go", "go");
    }
    let repository = go(&[]);
    generate(&repository, &half(HALF, HALF_TESTS), &[]).expect(0);
    repository.commit("generated");
    let spec = repository.read(".codegen/specs/half.yaml").unwrap();
    repository.write(".codegen/specs/half.yaml", &spec.replace("Halves", "Really halves"));
    // The old tests no longer compile with this.
    let renamed = |text: &str| text.replace("Half(", "Halve(").replace("TestHalve", "TestHalf");
    generate(&repository, &half(&renamed(HALF), &renamed(HALF_TESTS)), &[]).expect(0);
    assert_eq!(repository.read("half/half.go"), Some(renamed(HALF)));
}

#[test]
fn tests_that_prove_nothing_are_refused_in_the_other_languages() {
    let rust = "// happy path: four.\n#[test]\nfn halves() {\n    assert_eq!(half(4), Ok(2));\n}\n\n// error: odd.\n#[test]\nfn refuses() {\n    assert!(half(3).is_err());\n}\n\n// edge case: zero.\n#[test]\nfn zero() {\n    assert_eq!(half(0), Ok(0));\n}\n";
    let typescript = "// happy path: four.\ntest(\"halves\", () => {\n  assert.equal(half(4), 2);\n});\n\n// error: odd.\ntest(\"refuses\", () => {\n  assert.throws(() => half(3));\n});\n\n// edge case: zero.\ntest(\"zero\", () => {\n  assert.equal(half(0), 0);\n});\n";
    let rust_cases = [
        ("assert_eq!(half(4), Ok(2));", "let _ = half(4);", "it asserts nothing"),
        ("assert_eq!(half(4), Ok(2));", "assert!(true);", "its only assertions are constant"),
        ("#[test]\nfn halves", "#[test]\n#[ignore]\nfn halves", "it is skipped"),
        ("half(3).is_err()", "half(2) == Ok(1)", "asserts no error"),
        ("// edge case:", "// note:", "no test is tagged `edge case:`"),
    ];
    let typescript_cases = [
        ("assert.equal(half(4), 2);", "half(4);", "it asserts nothing"),
        ("assert.equal(half(4), 2);", "assert.ok(true);", "its only assertions are constant"),
        ("test(\"halves\"", "test.skip(\"halves\"", "it is skipped"),
        ("assert.throws(() => half(3))", "assert.equal(half(2), 1)", "asserts no error"),
        ("// happy path:", "// note:", "no test is tagged `happy path:`"),
    ];
    for (language, extension, code, tests, cases) in [
        (
            "rust",
            "rs",
            "pub fn half(n: u8) -> Result<u8, ()> {\n    if n % 2 == 0 { Ok(n / 2) } else { Err(()) }\n}\n",
            rust,
            rust_cases,
        ),
        (
            "typescript",
            "ts",
            "export function half(n: number): number {\n  return n / 2;\n}\n",
            typescript,
            typescript_cases,
        ),
    ] {
        let (code_path, tests_path) = (format!("src/half.{extension}"), format!("tests/half.test.{extension}"));
        let spec = format!(
            "name: Half\ndescription: d\npattern: plain\nfiles: {{ code: {code_path}, tests: {tests_path} }}\n"
        );
        let off = ["setup", "format", "build", "lint", "test"].map(|stage| format!("{stage}: []")).join(", ");
        let repository = TestRepository::with(&[
            (".codegen/config.yaml", &format!("languages: {{ {language}: {{ {off} }} }}\nlimits: {{ attempts: 1 }}\n")),
            (
                ".codegen/patterns/plain.yaml",
                "name: plain\nversion: 1.0.0\nsummary: Functions.\nrules: [{ id: short, text: Keep functions short }]\n",
            ),
            (".codegen/specs/half.yaml", &spec),
        ]);
        let answers = |tests: &str| {
            Answers::with(&[("half.code.1", file(&code_path, code)), ("half.tests.1", file(&tests_path, tests))])
        };
        for (from, to, said) in cases {
            assert!(tests.contains(from), "{from}");
            let ran = turned_down(&repository, &answers(&tests.replace(from, to)), &["--allow-unproven"]);
            refused(&ran, "test-quality", said);
        }
        // As they stand, they go on to be run.
        let ran =
            generate(&repository, &answers(tests), &["--skip", "generated-tests", "--allow-unproven", "--dry-run"])
                .expect(0);
        assert_eq!(gate(&ran, "test-quality").0, "passed", "{language}");
    }
}

#[test]
fn vacuous_go_tests_are_refused() {
    if !installed("go", &["version"]) {
        return skipped("vacuous tests in Go", "go");
    }
    let skip = HALF_TESTS.replace("\ttests := ", "\tt.Skip(\"later\")\n\ttests := ");
    let inner = HALF_TESTS.replace("\t\t\tgot, err :=", "\t\t\tt.Skip(\"later\")\n\t\t\tgot, err :=");
    for tests in [skip, inner] {
        refused(&turned_down(&go(&[]), &half(HALF, &tests), &[]), "test-quality", "it is skipped");
    }
}

#[test]
fn a_red_repository_stops_the_run_before_any_model_is_asked() {
    let broken = "import unittest\n\n\nclass BrokenTest(unittest.TestCase):\n    def test_broken(self) -> None:\n        self.assertEqual(1, 2)\n";
    let repository = greeter(&[("tests/test_broken.py", broken)]);
    let ran = turned_down(&repository, &Answers::good(), &[]);
    assert_eq!(model_calls(&ran), 0);
    assert!(ran.stderr.contains("baseline broken: `python3 -m unittest` ended with exit code 1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("test_broken"), "{}", ran.stderr);
    // Mended, it goes on: the red result is not remembered.
    repository.write("tests/test_broken.py", &broken.replace("(1, 2)", "(1, 1)"));
    repository.commit("mend");
    let ran = generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(model_calls(&ran), 2);
    // And broken again, a green one is not, either.
    repository.write("tests/test_broken.py", broken);
    let ran = generate(&repository, &Answers::good(), &["--force"]);
    assert_eq!((ran.code, model_calls(&ran)), (3, 0), "{}", ran.stderr);
}

#[test]
fn a_red_build_stops_the_run_too() {
    let own = config("    lint:", "    build: python3 -m compileall -q hello\n    lint:");
    let repository = greeter(&[(".codegen/config.yaml", &own), ("hello/broken.py", "def broken(:\n")]);
    let ran = turned_down(&repository, &Answers::good(), &[]);
    assert_eq!(model_calls(&ran), 0);
    assert!(ran.stderr.contains("baseline broken: `python3 -m compileall -q hello`"), "{}", ran.stderr);
}

#[test]
fn code_that_breaks_the_tests_that_were_there_is_refused_and_they_are_untouched() {
    let watching = "import importlib.util\nimport unittest\n\n\nclass PartsTest(unittest.TestCase):\n    def test_nobody_says_goodbye(self) -> None:\n        if importlib.util.find_spec(\"hello.greeter\"):\n            from hello.greeter import greet\n\n            self.assertNotIn(\"Goodbye\", greet(\"Ada\"))\n";
    let repository = greeter(&[("tests/test_parts.py", watching)]);
    let goodbye = GOOD_CODE.replace("Hello", "Goodbye");
    let ran = turned_down(&repository, &Answers::greeter(&goodbye, &GOOD_TESTS.replace("Hello", "Goodbye")), &[]);
    refused(&ran, "existing-tests", "test_nobody_says_goodbye");
    generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(repository.read("tests/test_parts.py").as_deref(), Some(watching));
}

#[test]
fn an_answer_that_changes_existing_tests_is_refused() {
    let watching = "import unittest\n";
    let answers = Answers::with(&[
        ("greeter.code.1", file(CODE, GOOD_CODE)),
        ("greeter.tests.1", file(TESTS, GOOD_TESTS) + &file("tests/test_base.py", watching)),
    ]);
    let repository = greeter(&[]);
    let before = repository.fingerprint();
    let ran = generate(&repository, &answers, &[]).expect(6);
    refused(&ran, "answer", "`tests/test_base.py` is not one of the files to write");
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn tests_that_prove_nothing_are_refused() {
    let assertion = "self.assertEqual(greet(\"Ada\"), \"Hello, Ada!\")";
    for (from, to, said) in [
        (assertion, "greet(\"Ada\")", "it asserts nothing"),
        (assertion, "self.assertTrue(True)", "its only assertions are constant"),
        (assertion, "assert True", "its only assertions are constant"),
        (assertion, "self.assertEqual(1, 1)", "its only assertions are constant"),
        ("    def test_greets(", "    @unittest.skip(\"later\")\n    def test_greets(", "it is skipped"),
        ("    def test_greets(", "    @unittest.expectedFailure\n    def test_greets(", "it is skipped"),
        (assertion, "self.skipTest(\"later\")\n        self.assertEqual(greet(\"Ada\"), \"\")", "it is skipped"),
        (
            "with self.assertRaises(BlankNameError):\n            greet(\"  \")",
            "self.assertEqual(greet(\"B\"), \"Hello, B!\")",
            "asserts no error",
        ),
        (
            "with self.assertRaises(BlankNameError):\n            greet(\"  \")",
            "try:\n            greet(\"  \")\n        except BlankNameError as error:\n            self.assertTrue(str(error))",
            "it asserts only where something is caught",
        ),
    ] {
        let tests = GOOD_TESTS.replacen(from, to, 1);
        assert_ne!(tests, GOOD_TESTS);
        let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &tests), &[]);
        refused(&ran, "test-quality", said);
        assert!(gate(&ran, "test-quality").1.contains("tests/test_greeter.py:"), "{}", gate(&ran, "test-quality").1);
    }
}

#[test]
fn a_test_that_does_the_same_as_another_is_taken_out() {
    let again = "\n    # happy path: it greets again.\n    def test_greets_again(self):\n        self.assertEqual(greet(\"Ada\"), \"Hello, Ada!\")\n";
    let tests = GOOD_TESTS.replacen("\n    # error:", &format!("{again}\n    # error:"), 1);
    assert_ne!(tests, GOOD_TESTS);
    let repository = greeter(&[]);
    let ran = generate(&repository, &Answers::greeter(GOOD_CODE, &tests), &[]).expect(0);
    let said =
        "tests/test_greeter.py:12: the test `test_greets_again` proves nothing: it does the same as a test above it";
    assert!(events(&ran, "gate").iter().any(|event| event["evidence"] == said), "{}", ran.stdout);
    assert_eq!(repository.read(TESTS).as_deref(), Some(GOOD_TESTS));
}

#[test]
fn tests_that_nobody_runs_are_refused() {
    // A class that is no test case is read as tests by people, and not by the runner.
    let uncollected =
        GOOD_TESTS.replace("(unittest.TestCase)", "").replace("self.assertEqual(", "assert_equal(").replace(
            "class GreetTest",
            "def assert_equal(left: str, right: str) -> None:\n    assert left == right\n\n\nclass GreetTest",
        );
    let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &uncollected), &[]);
    let (status, said) = gate(&ran, "generated-tests");
    assert_eq!(status, "failed");
    assert!(said.contains("ran no test") || said.contains("NO TESTS RAN"), "{said}");
    // Nor is one whose first case alone runs.
    let shadowed = GOOD_TESTS.to_owned()
        + "\n\nclass Later:\n    # edge case: never run.\n    def test_never(self) -> None:\n        assert greet(\"B\") == \"Hello, B!\"\n";
    let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &shadowed), &[]);
    refused(&ran, "generated-tests", "the files have 4 tests, and only 3 of them ran");
    // Nor a file without any.
    let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, "import unittest\n"), &[]);
    refused(&ran, "test-quality", "there is no test in this file");
}

#[test]
fn tests_that_fail_are_refused_with_what_they_said() {
    let wrong = GOOD_TESTS.replace("\"Hello, Ada!\"", "\"Hello, Bob!\"");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &wrong), &[]);
    refused(&ran, "generated-tests", "'Hello, Ada!' != 'Hello, Bob!'");
    refused(&ran, "generated-tests", "File \"tests/test_greeter.py\", line ");
}

#[test]
fn a_test_that_passes_only_sometimes_is_refused_as_flaky() {
    // Passes when it is run for the first time in a folder, and fails ever after.
    let flaky = GOOD_TESTS.replace("import unittest\n", "import unittest\nfrom pathlib import Path\n").replace(
        "self.assertEqual(greet(\"A\"), \"Hello, A!\")",
        "self.assertEqual(greet(\"A\"), \"Hello, A!\")\n        seen = Path(\"seen.txt\")\n        self.assertFalse(seen.exists())\n        seen.write_text(\"seen\")",
    );
    let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &flaky), &[]);
    refused(&ran, "generated-tests", "the tests are flaky: 1 of 2 runs failed");
    refused(&ran, "generated-tests", "test_greets_one_letter");
    // One run alone would have taken it: the runs are what finds it.
    let once = config("test_runs: 2", "test_runs: 1");
    let alone = ["--skip", "existing-tests", "--allow-unproven"];
    generate(&greeter(&[(".codegen/config.yaml", &once)]), &Answers::greeter(GOOD_CODE, &flaky), &alone).expect(0);
}

#[test]
fn tests_run_five_times_unless_the_spec_says_otherwise() {
    let text = config("test_runs: 2, ", "");
    let ran = generate(&greeter(&[(".codegen/config.yaml", &text)]), &Answers::good(), &[]).expect(0);
    assert!(gate(&ran, "generated-tests").1.contains("3 tests passed in each of 5 runs"));
    let own = format!("{SPEC}gates: {{ test_runs: 3 }}\n");
    let ran = generate(&greeter(&[(".codegen/specs/greeter.yaml", &own)]), &Answers::good(), &[]).expect(0);
    assert!(gate(&ran, "generated-tests").1.contains("in each of 3 runs"));
}

#[test]
fn a_category_that_no_test_shows_is_asked_for_again_and_then_refused() {
    for tag in ["happy path", "error", "edge case"] {
        let without = GOOD_TESTS.replace(&format!("# {tag}:"), "# note:");
        let twice = config("attempts: 1", "attempts: 2");
        let repository = greeter(&[(".codegen/config.yaml", &twice)]);
        let answers = |second: &str| {
            Answers::with(&[
                ("greeter.code.1", file(CODE, GOOD_CODE)),
                ("greeter.tests.1", file(TESTS, &without)),
                ("greeter.tests.2", file(TESTS, second)),
            ])
        };
        let ran = turned_down(&repository, &answers(&without), &[]);
        refused(&ran, "test-quality", &format!("no test is tagged `{tag}:`"));
        assert_eq!(model_calls(&ran), 3);
        let ran = generate(&repository, &answers(GOOD_TESTS), &[]).expect(0);
        assert_eq!(events(&ran, "spec_done")[0]["test_attempts"], 2);
    }
}

#[test]
fn docstrings_tag_tests_and_two_of_one_category_are_two_tests() {
    let tests = "import unittest\n\nfrom hello.greeter import BlankNameError, greet\n\n\nclass GreetTest(unittest.TestCase):\n    def test_greets(self) -> None:\n        \"\"\"happy path: a name is greeted.\"\"\"\n        self.assertEqual(greet(\"Ada\"), \"Hello, Ada!\")\n\n    def test_greets_bob(self) -> None:\n        \"\"\"happy path: another name is greeted.\"\"\"\n        self.assertEqual(greet(\"Bob\"), \"Hello, Bob!\")\n\n    def test_refuses_blank(self) -> None:\n        \"\"\"error: a blank name is refused.\"\"\"\n        with self.assertRaises(BlankNameError):\n            greet(\"  \")\n\n    def test_one_letter(self) -> None:\n        \"\"\"edge case: one letter.\"\"\"\n        self.assertEqual(greet(\"A\"), \"Hello, A!\")\n";
    let ran = generate(&greeter(&[]), &Answers::greeter(GOOD_CODE, tests), &[]).expect(0);
    assert!(gate(&ran, "generated-tests").1.contains("4 tests passed"), "{}", gate(&ran, "generated-tests").1);
}

#[test]
fn tests_whose_failure_is_lost_or_that_test_a_copy_are_refused() {
    let happy = "        self.assertEqual(greet(\"Ada\"), \"Hello, Ada!\")\n";
    let caught = "        try:\n            self.assertEqual(greet(\"Ada\"), \"Hello, Bob!\")\n        except Exception:\n            pass\n";
    let behind = "        if greet(\"Ada\") == \"\":\n            self.assertEqual(greet(\"Ada\"), \"Hello, Bob!\")\n";
    let lost = "what its assertions say is caught and lost";
    for (instead, said) in
        [(caught, lost), (behind, "all its assertions stand behind an `if` that may never be entered")]
    {
        let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &GOOD_TESTS.replace(happy, instead)), &[]);
        refused(&ran, "test-quality", &format!("the test `test_greets` proves nothing: {said}"));
    }
    let own = GOOD_TESTS.replace(
        "from hello.greeter import BlankNameError, greet\n",
        "from hello.greeter import BlankNameError\n\n\ndef greet(name: str) -> str:\n    if not name.strip():\n        raise BlankNameError(name)\n    return f\"Hello, {name}!\"\n",
    );
    let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &own), &[]);
    refused(&ran, "test-quality", "tests/test_greeter.py:6: the tests define `greet` themselves");
}

#[test]
fn tests_that_lean_on_their_order_are_refused() {
    if !installed("python3", &["-m", "pytest", "--version"]) {
        return skipped("the order of tests", "pytest");
    }
    let leaning = "from hello.greeter import BlankNameError, greet\nimport pytest\n\nGREETED = []\n\n\n# happy path: a name is greeted.\ndef test_a_greets() -> None:\n    GREETED.append(greet(\"Ada\"))\n    assert GREETED == [\"Hello, Ada!\"]\n\n\n# edge case: one was greeted before.\ndef test_b_was_greeted() -> None:\n    assert GREETED == [greet(\"Ada\")]\n\n\n# error: a blank name is refused.\ndef test_c_refuses_blank() -> None:\n    with pytest.raises(BlankNameError):\n        greet(\" \")\n";
    let repository = greeter(&[("pytest.ini", "[pytest]\n")]);
    let ran = turned_down(&repository, &Answers::greeter(GOOD_CODE, leaning), &[]);
    refused(&ran, "generated-tests", "the tests are flaky: 1 of 2 runs failed (test_b_was_greeted)");
    let ran = generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(gate(&ran, "generated-tests").1, "3 tests passed in each of 2 runs, not always in the same order");
}

#[test]
fn code_that_needs_what_is_not_there_is_refused_before_anything_is_fetched() {
    let python = format!("import os\nimport made_up_module.part\n{GOOD_CODE}");
    let ran = turned_down(&greeter(&[]), &Answers::greeter(&python, GOOD_TESTS), &[]);
    refused(&ran, "build", "hello/greeter.py:2: there is no module `made_up_module` in this project");
    let tests = GOOD_TESTS.replace("import unittest\n", "import unittest\nfrom another_made_up import x\n");
    refused(&turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &tests), &[]), "build", "`another_made_up`");
    // What is only tried may be missing.
    let tried = format!("try:\n    import made_up_module\nexcept ImportError:\n    made_up_module = None\n{GOOD_CODE}");
    generate(&greeter(&[]), &Answers::greeter(&tried, GOOD_TESTS), &[]).expect(0);
    if !installed("go", &["version"]) {
        return skipped("imports of Go", "go");
    }
    let code = HALF.replace("import \"errors\"", "import (\n\t\"errors\"\n\n\t_ \"example.com/made/up\"\n)");
    let repository = go(&[]);
    let ran = turned_down(&repository, &half(&code, HALF_TESTS), &[]);
    refused(&ran, "build", "no required module provides package example.com/made/up");
}

/// Compilers fetch nothing by themselves, and what the project's manifest names is there before a model is asked.
#[test]
fn an_import_of_what_the_project_does_not_have_is_refused_by_each_compiler() {
    for (language, before, import, said) in [
        ("rust", "use serde::", "use made_up_crate::Thing as _;\n", "made_up_crate"),
        ("typescript", "/**", "import { thing } from \"made-up-package\";\n\n", "made-up-package"),
        ("java", "import com.", "import org.made.up.Thing;\n", "package org.made.up does not exist"),
    ] {
        let repository = TestRepository::sample(language);
        if let Some(tool) = missing(language, &repository) {
            skipped(&format!("imports of {language}"), tool);
            continue;
        }
        repository.write(".codegen/config.yaml", "version: 1\nlimits: { attempts: 1 }\n");
        repository.commit("one attempt");
        let folder = languages().into_iter().find(|(name, _)| name == language).unwrap().1;
        let right = std::fs::read_to_string(folder.join("payment-dto.code.1.md")).unwrap();
        let wrong = right.replacen(before, &format!("{import}{before}"), 1);
        assert_ne!(right, wrong, "{language}");
        // The repository is as it was, with its manifests and its locks: nothing was added to get it.
        let ran = turned_down(&repository, &Answers::with(&[("payment-dto.code.1", wrong)]), &["payment-dto"]);
        refused(&ran, "build", said);
        for earlier in ["syntax", "compliance"] {
            assert_eq!(gate(&ran, earlier).0, "passed", "{language}: {earlier}");
        }
        let commands: Vec<String> = events(&ran, "baseline").iter().map(|event| event["step"].to_string()).collect();
        let fetches = commands.iter().filter(|step| ["npm ci", "cargo fetch"].iter().any(|word| step.contains(word)));
        assert!(fetches.count() <= 1, "{commands:?}");
    }
}

/// Two specs that pass alone, the second of which breaks what the tests of the first say.
#[test]
fn specs_that_pass_alone_and_fail_together_are_not_delivered() {
    let spec = SPEC.replace("Greeter", "Parter").replace("greeter", "parter");
    let repository = greeter(&[(".codegen/specs/parter.yaml", &spec)]);
    let alone = GOOD_TESTS
        .replace("hello.greeter", "hello.parter")
        .replace("import unittest\n", "import importlib.util\nimport unittest\n")
        .replace(
            "        self.assertEqual(greet(\"A\"), \"Hello, A!\")\n",
            "        self.assertEqual(greet(\"A\"), \"Hello, A!\")\n        self.assertIsNone(importlib.util.find_spec(\"hello.greeter\"))\n",
        );
    let answers = |tests: &str| {
        Answers::with(&[
            ("greeter.code.1", file(CODE, GOOD_CODE)),
            ("greeter.tests.1", file(TESTS, GOOD_TESTS)),
            ("parter.code.1", file("hello/parter.py", GOOD_CODE)),
            ("parter.tests.1", file("tests/test_parter.py", tests)),
        ])
    };
    let before = repository.fingerprint();
    let ran = generate(&repository, &answers(&alone), &[]).expect(3);
    assert_eq!(repository.fingerprint(), before);
    assert!(ran.stderr.contains("each spec passed alone, but together"), "{}", ran.stderr);
    // Every gate of each of them had passed.
    assert!(events(&ran, "gate").iter().all(|event| event["status"] == "passed"), "{}", ran.stdout);
    generate(&repository, &answers(&GOOD_TESTS.replace("hello.greeter", "hello.parter")), &[]).expect(0);
}

/// For each gate that can be skipped, an answer that it refuses and that is accepted without it: it is this gate that tells
/// the answer from a right one, and no other.
#[test]
fn each_gate_refuses_what_every_other_one_lets_through() {
    type Files<'f> = &'f [(&'f str, &'f str)];
    const BUILD: &str = "import sys\nfrom pathlib import Path\nif \"WRONG_TYPE\" in Path(\"hello/greeter.py\").read_text():\n    sys.exit(\"hello/greeter.py:1: wrong type\")\n";
    let watching = "import importlib.util\nimport unittest\n\n\nclass PartsTest(unittest.TestCase):\n    def test_nobody_says_goodbye(self) -> None:\n        if importlib.util.find_spec(\"hello.greeter\"):\n            from hello.greeter import greet\n\n            self.assertNotIn(\"Goodbye\", greet(\"Ada\"))\n";
    let own = config("    lint:", "    build: python3 tools/build.py {files}\n    lint:");
    let say = |line: &str| Answers::greeter(&format!("# {line}\n{GOOD_CODE}"), GOOD_TESTS);
    let never = GOOD_TESTS.to_owned()
        + "\n\nclass Later:\n    # edge case: never run.\n    def test_never(self) -> None:\n        assert greet(\"B\") == \"Hello, B!\"\n";
    let vacuous = GOOD_TESTS.replace("self.assertEqual(greet(\"Ada\"), \"Hello, Ada!\")", "greet(\"Ada\")");
    let goodbye = |text: &str| text.replace("Hello", "Goodbye");
    let cases: [(&str, Files<'_>, Answers); 7] = [
        ("format", &[], say("CRASH_FORMAT")),
        ("compliance", &[], Answers::greeter(&GOOD_CODE.replace(" -> str", ""), GOOD_TESTS)),
        ("build", &[(".codegen/config.yaml", &own), ("tools/build.py", BUILD)], say("WRONG_TYPE")),
        ("lint", &[], say("UGLY")),
        (
            "existing-tests",
            &[("tests/test_parts.py", watching)],
            Answers::greeter(&goodbye(GOOD_CODE), &goodbye(GOOD_TESTS)),
        ),
        ("test-quality", &[], Answers::greeter(GOOD_CODE, &vacuous)),
        ("generated-tests", &[], Answers::greeter(GOOD_CODE, &never)),
    ];
    for (name, files, answers) in cases {
        refused(&turned_down(&greeter(files), &answers, &[]), name, "");
        let ran = generate(&greeter(files), &answers, &["--skip", name, "--allow-unproven"]).expect(0);
        for event in events(&ran, "gate").iter().filter(|event| event["gate"] != name) {
            assert_eq!(event["status"], "passed", "{name}: {event}");
        }
    }
}

#[test]
fn an_answer_without_any_declaration_is_refused() {
    // A path is an expression, and an expression is a program.
    for text in ["hello/greeter.py\n", "\"\"\"Greets people.\"\"\"\n", "import os\n", "print(\"Hello\")\n"] {
        let ran = turned_down(&greeter(&[]), &Answers::greeter(text, GOOD_TESTS), &[]);
        refused(&ran, "syntax", "hello/greeter.py: this file declares nothing");
    }
}

#[test]
fn tests_that_do_something_to_their_runner_are_refused() {
    let last = "        self.assertEqual(greet(\"A\"), \"Hello, A!\")\n";
    let with = |line: &str| GOOD_TESTS.replace(last, &format!("{last}{line}"));
    let forged = "        sys.stderr.write(\"test_never (tests.test_greeter.GreetTest.test_never) ... ok\\n\")\n";
    for (tests, said) in [
        (with("        sys.exit(0)\n"), "it ends the process"),
        (with("        os._exit(0)\n"), "it ends the process"),
        (with("        atexit.register(print)\n"), "it ends the process"),
        (with(forged), "it says what a test runner says"),
        (format!("{GOOD_TESTS}\n\nunittest.TestCase.assertEqual = print\n"), "it changes the assertions"),
        (format!("{GOOD_TESTS}\n\nsetattr(unittest.TestCase, \"assertEqual\", print)\n"), "it changes the assertions"),
        (format!("{GOOD_TESTS}\n\nsys.modules[\"hello.greeter\"] = None\n"), "it changes the assertions"),
    ] {
        let tests = tests.replace("import unittest\n", "import atexit\nimport os\nimport sys\nimport unittest\n");
        let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &tests), &[]);
        refused(&ran, "test-quality", said);
    }
}

#[test]
fn tests_with_nothing_of_the_code_in_them_are_refused() {
    let happy = "self.assertEqual(greet(\"Ada\"), \"Hello, Ada!\")";
    for (instead, said) in [
        ("self.assertEqual(len(\"Ada\"), 3)", "the test `test_greets` proves nothing: nothing of the code is in it"),
        (
            "name = \"Ada\"\n        greet(name)\n        self.assertEqual(name, \"Ada\")",
            "the test `test_greets` proves nothing: its only assertions are constant",
        ),
    ] {
        let tests = GOOD_TESTS.replace(happy, instead);
        let ran = turned_down(&greeter(&[]), &Answers::greeter(GOOD_CODE, &tests), &[]);
        refused(&ran, "test-quality", said);
    }
}

#[test]
fn code_that_does_something_else_when_it_is_tested_is_refused() {
    let right = "    if not name.strip():\n";
    for line in [
        "    if \"unittest\" in sys.modules:\n        return f\"Hello, {name}!\"\n",
        "    if os.environ.get(\"PYTEST_CURRENT_TEST\"):\n        return f\"Hello, {name}!\"\n",
    ] {
        let code = GOOD_CODE.replace(right, &format!("{right}        raise BlankNameError(name)\n{line}{right}"));
        let code = code.replace("people.\"\"\"\n", "people.\"\"\"\n\nimport os\nimport sys\n");
        let ran = turned_down(&greeter(&[]), &Answers::greeter(&code, GOOD_TESTS), &[]);
        refused(&ran, "compliance", "the code looks whether it is being tested");
    }
}

#[test]
fn code_that_leaves_something_to_be_written_is_refused() {
    let wave = "\n\ndef wave(name: str) -> str:\n    \"\"\"Return the wave for a name.\"\"\"\n";
    for (code, said) in [
        (
            format!("{GOOD_CODE}{wave}    raise NotImplementedError\n"),
            "hello/greeter.py:17: what it does is left to be written",
        ),
        (format!("{GOOD_CODE}{wave}"), "hello/greeter.py:15: it is to return a value and does nothing"),
        (
            GOOD_CODE.replace("    return f", "    # TODO: other languages.\n    return f"),
            "hello/greeter.py:12: the comment says that something is left to be written",
        ),
    ] {
        let ran = turned_down(&greeter(&[]), &Answers::greeter(&code, GOOD_TESTS), &[]);
        refused(&ran, "compliance", said);
    }
}

#[test]
fn a_green_end_does_not_hide_tests_that_failed() {
    if !installed("go", &["version"]) {
        return skipped("tests that hide their failure in Go", "go");
    }
    // What `m.Run` says is lost, and with it the failure; more tests passed than there are functions.
    let main = "\nfunc TestMain(m *testing.M) {\n\tend := os.Exit\n\tm.Run()\n\tend(0)\n}\n";
    let wrong = HALF_TESTS.replace("{\"happy path: four\", 4, 2, nil}", "{\"happy path: four\", 4, 3, nil}");
    let tests = wrong.replace("\t\"errors\"\n", "\t\"errors\"\n\t\"os\"\n") + main;
    let ran = turned_down(&go(&[]), &half(HALF, &tests), &[]);
    refused(&ran, "generated-tests", "the test command ended as if all had passed, and these tests failed: ");
}

#[test]
fn in_a_repository_of_several_projects_the_nearest_configuration_has_the_last_word() {
    const TOOL: &str = "import sys\nfrom pathlib import Path\nif Path(\"hello/greeter.py\").exists():\n    print(f\"hello/greeter.py:1:1: said by {sys.argv[1]}\")\n    sys.exit(1)\n";
    let spec = SPEC.replace("code: hello/", "code: apps/web/hello/").replace("tests: tests/", "tests: apps/web/tests/");
    let lint = |from: &str| format!("languages: {{ python: {{ lint: python3 {from}/lint.py {from} }} }}\n");
    let deep = "languages: { python: { lint: python3 ../../tools/say.py web } }\n";
    let mut files = vec![
        ("apps/web/pyproject.toml", "[project]\nname = \"web\"\nversion = \"0.1.0\"\n"),
        ("apps/web/hello/__init__.py", ""),
        ("apps/web/tests/__init__.py", ""),
        ("tools/say.py", TOOL),
        (".codegen/specs/greeter.yaml", spec.as_str()),
    ];
    let middle = lint("..");
    files.extend([("apps/.codegen/config.yaml", middle.as_str()), ("apps/web/.codegen/config.yaml", deep)]);
    // A folder that no spec writes in may say what it likes.
    files.push(("samples/other/.codegen/config.yaml", "model: { name: x }\n"));
    let answers = |code: &str| {
        Answers::with(&[
            ("greeter.code.1", file("apps/web/hello/greeter.py", code)),
            ("greeter.tests.1", file("apps/web/tests/test_greeter.py", GOOD_TESTS)),
        ])
    };
    let ran = turned_down(&greeter(&files), &answers(GOOD_CODE), &["--skip", "format"]);
    refused(&ran, "lint", "said by web");
    let wrong: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, if path.starts_with("apps/web/.c") { "limits: { attempts: 2 }\n" } else { *text }))
        .collect();
    let ran = greeter(&wrong).run(&["check"]).expect(2);
    assert!(ran.stderr.contains("unknown key `limits` in the configuration of a folder"), "{}", ran.stderr);
    assert!(ran.stderr.contains("apps/web/.codegen/config.yaml:1:1"), "{}", ran.stderr);
}
