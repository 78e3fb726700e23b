//! `codegen comply`: any code judged by a pattern's rules, with the places that show it, in the tree and at a revision.

use serde_json::Value;

use super::support::greeter::{GOOD_CODE, PATTERN, greeter};
use super::support::repository::{Ran, TestRepository};

/// A pattern with a rule of each kind.
const MIXED: &str = r#"name: mixed
version: 1.2.0
summary: Functions with types that read a clock of their own.
match: { globs: ["**/*_mixed.py"] }
rules:
  - id: return-types
    text: Say what each function returns
    check:
      python:
        forbid: { kind: function_definition, not: { has: { field: return_type, kind: type } } }
  - id: reads-clock
    text: Read the clock
    check:
      python:
        require: { pattern: "clock.now()" }
  - id: no-print
    severity: warn
    text: Do not print
    check:
      python:
        forbid: { pattern: print($$$) }
  - id: short
    text: Keep functions short
  - id: context-first
    text: { go: Use context.Context as first parameter }
"#;

const KEEPS: &str = "def read(clock: Clock) -> int:\n    return clock.now()\n";

fn mixed(files: &[(&str, &str)]) -> TestRepository {
    let mut all = vec![(".codegen/patterns/mixed.yaml", MIXED)];
    all.extend_from_slice(files);
    greeter(&all)
}

fn comply(repository: &TestRepository, arguments: &[&str]) -> Ran {
    let mut all = vec!["comply", "--pattern", "mixed"];
    all.extend_from_slice(arguments);
    repository.run(&all)
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {}\n{}", ran.stdout, ran.stderr))
}

fn rule<'r>(report: &'r Value, id: &str) -> &'r Value {
    report["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == id).unwrap()
}

#[test]
fn every_rule_has_a_status_and_the_line_that_shows_it() {
    let broken = "import sys\n\n\ndef read(clock):\n    print(clock)\n    return 1\n";
    let repository = mixed(&[("a_mixed.py", KEEPS), ("b_mixed.py", broken)]);
    let report = json(&comply(&repository, &["a_mixed.py", "--json"]).expect(0));
    let statuses: Vec<(&str, &str)> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["rule"].as_str().unwrap(), rule["status"].as_str().unwrap()))
        .collect();
    let expected = [
        ("return-types", "passed"),
        ("reads-clock", "passed"),
        ("no-print", "passed"),
        ("short", "unverified"),
        ("context-first", "not-applicable"),
    ];
    assert_eq!(statuses, expected);
    let shown = &rule(&report, "reads-clock")["evidence"][0];
    assert_eq!(
        (&shown["file"], &shown["line"], &shown["text"]),
        (&Value::from("a_mixed.py"), &Value::from(2), &Value::from("clock.now()"))
    );
    let ran = comply(&repository, &["*_mixed.py", "--json"]).expect(3);
    let report = json(&ran);
    let failed = rule(&report, "return-types");
    assert_eq!((failed["passed"].as_u64(), failed["failed"].as_u64()), (Some(1), Some(1)));
    assert_eq!(failed["evidence"][0]["file"], "b_mixed.py");
    assert_eq!(failed["evidence"][0]["line"], 4);
    assert_eq!(rule(&report, "reads-clock")["evidence"][0]["missing"], serde_json::json!(["clock.now()"]));
    let people = comply(&repository, &["*_mixed.py"]).expect(3);
    assert!(people.stdout.contains("  b_mixed.py:4: def read(clock):"), "{}", people.stdout);
    assert!(people.stdout.contains("b_mixed.py: nothing in the file matches: `clock.now()`"), "{}", people.stdout);
}

#[test]
fn a_rule_that_only_warns_does_not_fail_and_one_that_counts_does() {
    let warned = format!("{KEEPS}\n\nprint(1)\n");
    let repository = mixed(&[("a_mixed.py", &warned)]);
    let report = json(&comply(&repository, &["--json"]).expect(0));
    assert_eq!(rule(&report, "no-print")["status"], "failed");
    assert_eq!(report["totals"]["warnings"], 1);
    let repository = mixed(&[("a_mixed.py", &warned.replace(" -> int", ""))]);
    comply(&repository, &[]).expect(3);
    let repository = TestRepository::sample("rust");
    let good = repository.read("src/product_repository.rs").unwrap();
    repository.run(&["comply", "src/product_repository.rs", "--pattern", "repository"]).expect(0);
    repository.write("src/product_repository.rs", &good.replace("fn delete", "fn forget"));
    let ran = repository.run(&["comply", "src/product_repository.rs", "--pattern", "repository", "--json"]).expect(3);
    assert!(json(&ran)["rules"].as_array().unwrap().len() >= 4);
}

#[test]
fn what_no_check_decides_is_listed_and_counts_nowhere() {
    let repository = mixed(&[("a_mixed.py", KEEPS), ("b_mixed.py", &KEEPS.replace(" -> int", ""))]);
    let report = json(&comply(&repository, &["--json"]).expect(3));
    // Three rules with a check, two files; one is broken.
    let totals = &report["totals"];
    assert_eq!((totals["passed"].as_u64(), totals["errors"].as_u64()), (Some(5), Some(1)));
    assert_eq!(totals["unverified"], 2);
    assert!((totals["rate"].as_f64().unwrap() - 5.0 / 6.0).abs() < 1e-9);
    let undecided = MIXED.split("rules:").next().unwrap().to_owned() + "rules: [{ id: short, text: Keep it short }]\n";
    let repository = greeter(&[(".codegen/patterns/mixed.yaml", &undecided), ("a_mixed.py", KEEPS)]);
    let ran = comply(&repository, &["--json"]).expect(3);
    assert_eq!(json(&ran)["totals"]["rate"], Value::Null);
    assert!(comply(&repository, &[]).expect(3).stderr.contains("no check decides a rule"));
}

#[test]
fn comments_and_strings_keep_no_rule_and_comments_that_suppress_hide_nothing() {
    let decoy = "def read(clock):  # -> int: clock.now()\n    \"\"\"clock.now()\"\"\"\n    return \"clock.now()\"\n";
    let repository = mixed(&[("a_mixed.py", decoy)]);
    let report = json(&comply(&repository, &["--json"]).expect(3));
    assert_eq!(rule(&report, "reads-clock")["status"], "failed");
    assert_eq!(rule(&report, "return-types")["status"], "failed");
    for comment in ["# ast-grep-ignore", "# ast-grep-ignore: return-types", "# noqa", "# type: ignore"] {
        let hidden = format!("{comment}\n\n\ndef read(clock):  {comment}\n    return clock.now()\n");
        let report = json(&comply(&mixed(&[("a_mixed.py", &hidden)]), &["--json"]).expect(3));
        assert_eq!(rule(&report, "return-types")["status"], "failed", "{comment}");
        assert_eq!(rule(&report, "reads-clock")["status"], "passed", "{comment}");
    }
}

#[test]
fn the_files_of_a_revision_are_judged_and_not_the_tree() {
    let repository = mixed(&[("src/a_mixed.py", KEEPS)]);
    repository.git(&["tag", "good"]);
    repository.write("src/a_mixed.py", &KEEPS.replace(" -> int", ""));
    repository.write("src/b_mixed.py", KEEPS);
    let before = repository.fingerprint();
    comply(&repository, &["src/**/*_mixed.py"]).expect(3);
    let report = json(&comply(&repository, &["src/**/*_mixed.py", "--rev", "good", "--json"]).expect(0));
    assert_eq!((&report["revision"], &report["totals"]["files"]), (&Value::from("good"), &Value::from(1)));
    assert_eq!(repository.fingerprint(), before);
    let unknown = comply(&repository, &["--rev", "origin/none"]).expect(2);
    assert!(unknown.stderr.contains("`origin/none` names no commit here"), "{}", unknown.stderr);
}

#[test]
fn sarif_has_a_result_for_each_broken_place_and_none_for_what_is_kept() {
    let broken = "def read(clock):\n    print(clock)\n";
    let repository = mixed(&[("a_mixed.py", KEEPS), ("own dir/b_mixed.py", broken)]);
    let sarif = json(&comply(&repository, &["--format", "sarif"]).expect(3));
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let shown: Vec<(&str, &str, u64)> = results
        .iter()
        .map(|result| {
            let line = &result["locations"][0]["physicalLocation"]["region"]["startLine"];
            (result["ruleId"].as_str().unwrap(), result["level"].as_str().unwrap(), line.as_u64().unwrap())
        })
        .collect();
    let expected =
        [("mixed/return-types", "error", 1), ("mixed/reads-clock", "error", 1), ("mixed/no-print", "warning", 2)];
    assert_eq!(shown, expected);
    for result in results {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(place, "own%20dir/b_mixed.py");
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
}

#[test]
fn a_file_that_cannot_be_judged_is_said_and_is_not_compliant() {
    let repository = mixed(&[("a_mixed.py", "def read(:\n")]);
    std::fs::write(repository.path().join("b_mixed.py"), [0xff, 0xfe, 0x00]).unwrap();
    let ran = comply(&repository, &[]).expect(3);
    assert!(ran.stdout.contains("a_mixed.py: not judged: line 1"), "{}", ran.stdout);
    assert!(ran.stdout.contains("b_mixed.py: not judged: it is not UTF-8 text"), "{}", ran.stdout);
}

#[test]
fn a_question_that_means_no_file_is_a_mistake_and_says_what_would_be_looked_for() {
    let repository = mixed(&[("notes.txt", "x"), ("tests/test_a_mixed.py", KEEPS), ("src/a_mixed.py", KEEPS)]);
    for (arguments, said) in [
        (vec!["none.py"], "there is no file `none.py`"),
        (vec!["tests"], "no file in `tests` looks like the pattern mixed"),
        (vec!["notes.txt"], "`notes.txt` is in no language that patterns know"),
        (vec!["../other.py"], "`../other.py` is outside of the repository"),
        (vec!["[x"], "is no file, folder or glob"),
    ] {
        let ran = comply(&repository, &arguments).expect(2);
        assert!(ran.stderr.contains(said), "{said}\n{}", ran.stderr);
    }
    let ran = repository.run(&["comply", "--pattern", "mixd"]).expect(2);
    assert!(ran.stderr.contains("did you mean `mixed`?"), "{}", ran.stderr);
    // A file that is named is judged whatever it is called; a path counts from the folder of the call.
    comply(&repository, &["tests/test_a_mixed.py"]).expect(0);
    let report =
        json(&repository.run(&["-C", "src", "comply", "a_mixed.py", "--pattern", "mixed", "--json"]).expect(0));
    assert_eq!(report["files"][0]["path"], "src/a_mixed.py");
    let report = json(&comply(&repository, &["--json"]).expect(0));
    assert_eq!(report["totals"]["files"], 1);
}

#[test]
fn the_plain_pattern_judges_code_that_nobody_generated() {
    let repository = greeter(&[("hello/by_hand.py", GOOD_CODE)]);
    assert!(PATTERN.contains("return-types"));
    repository.run(&["comply", "hello/*.py", "--pattern", "plain"]).expect(0);
}
