//! Spec files: which are found, and what is said about those that are wrong.

use super::support::greeter::{Answers, CODE, CONFIG, SPEC, TESTS, generate, greeter, model_calls};
use super::support::repository::{Ran, TestRepository};

/// Fails the test unless this repository is refused whole: exit code 2, each of these texts said, nothing written, and no
/// model asked.
#[track_caller]
fn refused(repository: &TestRepository, said: &[&str]) -> Ran {
    let before = repository.fingerprint();
    let checked = repository.run(&["check"]).expect(2);
    for text in said {
        assert!(checked.stderr.contains(text), "`{text}` is not said:\n{}", checked.stderr);
    }
    let generated = generate(repository, &Answers::none(), &[]).expect(2);
    assert_eq!(model_calls(&generated), 0);
    for text in said {
        assert!(generated.stderr.contains(text), "`{text}` is not said:\n{}", generated.stderr);
    }
    assert_eq!(repository.fingerprint(), before);
    checked
}

/// The greeter's project with this text in place of its spec.
fn with_spec(text: &str) -> TestRepository {
    greeter(&[(".codegen/specs/greeter.yaml", text)])
}

#[test]
fn a_right_spec_is_not_refused() {
    let repository = with_spec(SPEC);
    let checked = repository.run(&["check"]).expect(3);
    assert!(checked.stdout.contains("greeter") && checked.stdout.contains("new"), "{}", checked.stdout);
    // The model is what is missing now, and nothing before it.
    generate(&repository, &Answers::none(), &[]).expect(4);
}

#[test]
fn specs_are_listed_by_id_and_other_files_are_none() {
    let spec = |name: &str| {
        format!(
            "name: {name}\ndescription: d\npattern: plain\nlanguage: python\nfiles: {{ code: hello/{name}.py, tests: tests/test_{name}.py }}\n"
        )
    };
    let repository = greeter(&[
        (".codegen/specs/zebra.yaml", &spec("zebra")),
        (".codegen/specs/shop/order.yml", &spec("order")),
        ("hello/beside.codegen.yaml", &spec("beside")),
        (".codegen/specs/notes.md", "# no spec\n"),
        (".codegen/specs/zebra.yaml.orig", "no: spec\n"),
        ("hello/settings.yaml", "no: spec\n"),
    ]);
    let listed = repository.run(&["list", "--json"]).expect(0);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().map(|spec| spec["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["greeter", "hello/beside", "shop/order", "zebra"]);
    assert!(listed.as_array().unwrap().iter().all(|spec| spec["state"] == "new"), "{listed}");
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest_one() {
    let repository = with_spec(&SPEC.replace("pattern:", "patern:"));
    refused(&repository, &["unknown key `patern`", ".codegen/specs/greeter.yaml:4:1", "did you mean `pattern`?"]);
    let repository = with_spec(&SPEC.replace("tests: tests", "test: tests"));
    refused(&repository, &["unknown key `test`", ".codegen/specs/greeter.yaml:6:34", "did you mean `tests`?"]);
}

#[test]
fn a_missing_field_is_named_with_the_file() {
    let repository = with_spec("description: d\npattern: plain\nlanguage: python\n");
    refused(&repository, &["the key `name` is missing", ".codegen/specs/greeter.yaml:1:1"]);
    let repository = with_spec("name: Greeter\ndescription:\npattern: plain\nlanguage: python\n");
    refused(&repository, &["the key `description` is missing", ".codegen/specs/greeter.yaml:2:1"]);
}

#[test]
fn wrong_values_are_named_with_their_place() {
    for (from, to, said, place) in [
        ("name: Greeter", "name: ../x", "name must start with a letter", "1:7"),
        ("name: Greeter", "name: [a]", "name must be a text, not a list", "1:7"),
        ("language: python", "language: pyhton", "did you mean `python`?", "5:11"),
        ("pattern: plain", "pattern: Plain!", "pattern must be a name", "4:10"),
        ("language: python", "language: rust", "is not a Rust file", "6:16"),
        ("files:", "gates: { coverage: 101 }\nfiles:", "must be a number from 0 to 100", "6:20"),
    ] {
        let repository = with_spec(&SPEC.replace(from, to));
        refused(&repository, &[said, &format!(".codegen/specs/greeter.yaml:{place}")]);
    }
}

#[test]
fn an_alias_bomb_is_refused_before_it_unfolds() {
    let mut bomb = String::from("name: Greeter\ndescription: d\ncontext:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (name, before) in "bcdefghi".chars().zip("abcdefgh".chars()) {
        let inner = vec![format!("*{before}"); 10].join(", ");
        bomb.push_str(&format!("  {name}: &{name} [{inner}]\n"));
    }
    refused(&with_spec(&bomb), &["values after aliases are expanded", ".codegen/specs/greeter.yaml:"]);
}

#[test]
fn hostile_yaml_is_refused_with_its_place() {
    let deep = format!("name: Greeter\ncontext: {}{}\n", "[".repeat(100), "]".repeat(100));
    for (text, said, place) in [
        ("name: A\ndescription: d\nname: B\n", "the key `name` stands here twice", "3:1"),
        ("name: A\ndescription: d\n---\nname: B\n", "a second document in one file", "3:1"),
        ("name: A\ndescription: [d\n", "not valid YAML", ""),
        (deep.as_str(), "nested deeper than 64 levels", "2:"),
        ("name: A\ndescription: *nowhere\n", "not valid YAML", "2:"),
        ("just a text\n", "a spec must be a mapping, not a text", "1:1"),
    ] {
        refused(&with_spec(text), &[said, &format!(".codegen/specs/greeter.yaml:{place}")]);
    }
}

#[test]
fn a_file_of_ten_megabytes_is_refused_without_being_parsed() {
    let text = format!("name: Greeter\ndescription: {}\n", "x".repeat(10 * 1024 * 1024));
    let refused = refused(&with_spec(&text), &["the file is 104857", ".codegen/specs/greeter.yaml:1:1"]);
    assert!(refused.stderr.len() < 2000, "{} bytes are said about it", refused.stderr.len());
}

#[test]
fn a_file_that_is_not_utf_8_is_refused_at_the_first_byte_that_is_not() {
    let repository = greeter(&[]);
    let file = repository.path().join(".codegen/specs/greeter.yaml");
    std::fs::write(file, b"name: Greeter\ndescription: caf\xe9\n").unwrap();
    refused(&repository, &["the file is not UTF-8 text", ".codegen/specs/greeter.yaml:2:17", "save the file as UTF-8"]);
}

#[test]
fn two_files_for_one_id_are_refused_and_both_are_named() {
    let repository = greeter(&[(".codegen/specs/greeter.yml", SPEC)]);
    let said =
        ["the spec `greeter` stands in two files", ".codegen/specs/greeter.yml:1:1", ".codegen/specs/greeter.yaml"];
    refused(&repository, &said);
    let repository = greeter(&[("hello/greeter.codegen.yaml", SPEC), (".codegen/specs/hello/greeter.yaml", SPEC)]);
    refused(&repository, &["the spec `hello/greeter` stands in two files"]);
}

#[test]
fn ids_that_differ_only_in_case_are_refused() {
    let repository = greeter(&[(".codegen/specs/Greeter.yaml", SPEC)]);
    refused(&repository, &["differ only in case", ".codegen/specs/greeter.yaml", ".codegen/specs/Greeter.yaml"]);
}

#[test]
fn files_that_two_specs_own_are_refused_at_both_places() {
    let repository = greeter(&[(".codegen/specs/twin.yaml", SPEC)]);
    let said = [
        "`hello/greeter.py` belongs to two specs",
        "`tests/test_greeter.py` belongs to two specs",
        ".codegen/specs/greeter.yaml:6:16",
        ".codegen/specs/twin.yaml:6:16",
    ];
    refused(&repository, &said);
    let repository = greeter(&[(".codegen/specs/twin.yaml", &SPEC.replace("hello/greeter.py", "hello/Greeter.py"))]);
    refused(&repository, &["`hello/Greeter.py` and `hello/greeter.py` differ only in case"]);
    let repository = with_spec(&SPEC.replace(TESTS, CODE));
    refused(&repository, &["`hello/greeter.py` stands twice in this spec"]);
}

#[test]
fn a_cycle_of_after_is_shown_whole() {
    let spec = |name: &str, after: &str| {
        format!(
            "name: {name}\ndescription: d\npattern: plain\nlanguage: python\nfiles: {{ code: hello/{name}.py, tests: tests/test_{name}.py }}\nafter: [{after}]\n"
        )
    };
    let repository = greeter(&[
        (".codegen/specs/one.yaml", &spec("one", "two")),
        (".codegen/specs/two.yaml", &spec("two", "three")),
        (".codegen/specs/three.yaml", &spec("three", "one")),
        (".codegen/specs/outside.yaml", &spec("outside", "one")),
    ]);
    let said = [
        "specs wait for each other: one → two → three → one",
        ".codegen/specs/one.yaml:6:9",
        ".codegen/specs/two.yaml:6:9",
        ".codegen/specs/three.yaml:6:9",
    ];
    let told = refused(&repository, &said);
    assert_eq!(told.stderr.matches("specs wait for each other").count(), 1, "{}", told.stderr);
    let repository = with_spec(&format!("{SPEC}after: [greeter]\n"));
    refused(&repository, &["specs wait for each other: greeter → greeter"]);
}

#[test]
fn an_unknown_spec_after_which_to_come_is_refused_with_the_nearest() {
    let repository = greeter(&[(
        ".codegen/specs/second.yaml",
        "name: Second\ndescription: d\npattern: plain\nlanguage: python\nfiles: { code: hello/second.py, tests: tests/test_second.py }\nafter: [greter]\n",
    )]);
    refused(
        &repository,
        &["the spec `greter`, which is not there", ".codegen/specs/second.yaml:6:9", "did you mean `greeter`?"],
    );
}

#[test]
fn paths_that_leave_the_repository_are_refused() {
    for (path, said) in [
        ("../outside.py", "the path leaves the repository"),
        ("hello/../../outside.py", "the path leaves the repository"),
        ("/etc/outside.py", "the path is absolute"),
        ("~/outside.py", "the path is absolute"),
        ("C:/outside.py", "the path is absolute"),
        ("\"hello\\\\outside.py\"", "the path has a backslash"),
    ] {
        let repository = with_spec(&SPEC.replace(CODE, path));
        refused(&repository, &[said, ".codegen/specs/greeter.yaml:6:16"]);
        let repository = with_spec(&format!("{SPEC}uses: [{path}]\n"));
        refused(&repository, &[said, ".codegen/specs/greeter.yaml:7:8"]);
    }
}

#[test]
fn protected_paths_are_refused() {
    for path in [
        ".git/hooks/pre-commit.py",
        ".github/workflows/ci.py",
        ".codegen/config.py",
        "hello/.git/x.py",
        ".GitHub/x.py",
        ".husky/x.py",
        ".cargo/config.py",
    ] {
        let repository = with_spec(&SPEC.replace(CODE, path));
        refused(&repository, &["is protected: the bot never writes there", ".codegen/specs/greeter.yaml:6:16"]);
    }
    let protecting = format!("{CONFIG}protect: [\"hello/**\"]\n");
    let repository = greeter(&[(".codegen/config.yaml", &protecting)]);
    let said =
        ["`hello/greeter.py` is protected by `protect` in the configuration", ".codegen/specs/greeter.yaml:6:16"];
    refused(&repository, &said);
}

#[test]
fn an_unknown_pattern_is_refused_with_a_suggestion() {
    let repository = with_spec(&SPEC.replace("pattern: plain", "pattern: repositroy"));
    let said =
        ["unknown pattern: repositroy", ".codegen/specs/greeter.yaml:4:10", "did you mean `repository`?", "known: dto"];
    refused(&repository, &said);
    let repository = with_spec(&SPEC.replace("pattern: plain", "pattern: plain@2"));
    refused(&repository, &["unknown pattern: plain@2", "plain@1.0.0"]);
}

#[test]
fn every_problem_of_every_file_is_told_in_one_run() {
    let repository = greeter(&[
        (".codegen/config.yaml", "version: 1\nlimts: { attempts: 1 }\nmodel: { provider: opnai }\n"),
        (".codegen/patterns/broken.yaml", "name: broken\nversion: one\nsummary: s\nrules: []\n"),
        (".codegen/specs/first.yaml", "nmae: A\ndescription: d\nlanguage: rsut\n"),
        (".codegen/specs/second.yaml", "name: B\ndescription: d\nfiles: { code: ../b.py }\n"),
        (".codegen/specs/third.yaml", "name: C\ndescription: [\n"),
        (
            ".codegen/specs/fourth.yaml",
            &SPEC.replace("pattern: plain", "pattern: plian").replace("greeter.py", "fourth.py"),
        ),
    ]);
    let said = [
        ".codegen/config.yaml:2:1",
        ".codegen/config.yaml:3:20",
        ".codegen/patterns/broken.yaml:2:10",
        ".codegen/specs/first.yaml:1:1",
        ".codegen/specs/first.yaml:3:11",
        ".codegen/specs/second.yaml:3:16",
        ".codegen/specs/third.yaml:",
        ".codegen/specs/fourth.yaml:4:10",
        "did you mean `plain`?",
        "9 problems in specs, patterns or configuration",
    ];
    refused(&repository, &said);
}

#[test]
fn a_spec_that_is_not_there_is_named_with_the_nearest() {
    let repository = greeter(&[]);
    let ran = repository.run(&["check", "greter"]).expect(2);
    assert!(
        ran.stderr.contains("there is no spec `greter`") && ran.stderr.contains("did you mean `greeter`?"),
        "{}",
        ran.stderr
    );
    let ran = generate(&repository, &Answers::none(), &["greter"]).expect(2);
    assert_eq!(model_calls(&ran), 0);
}
