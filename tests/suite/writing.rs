//! Writing: all files of a spec or none, only its own, and never over somebody's work.

use std::os::unix::fs::symlink;

use super::support::greeter::{
    Answers, CODE, CONFIG, GOOD_CODE, GOOD_TESTS, SPEC, TESTS, events, file, gate, generate, greeter, model_calls,
    refused,
};
use super::support::halves::{self, half, halves};

#[test]
fn every_file_of_a_spec_lands() {
    let spec = SPEC.replace("code: hello/greeter.py", "code: [hello/greeter.py, hello/deep/er/names.py]");
    let repository = greeter(&[(".codegen/specs/greeter.yaml", &spec)]);
    let names = "def initial(name: str) -> str:\n    return name[:1]\n";
    let code = file(CODE, GOOD_CODE) + "\n" + &file("hello/deep/er/names.py", names);
    let answers = Answers::with(&[("greeter.code.1", code), ("greeter.tests.1", file(TESTS, GOOD_TESTS))]);
    let ran = generate(&repository, &answers, &[]).expect(0);
    for (path, text) in [(CODE, GOOD_CODE), ("hello/deep/er/names.py", names), (TESTS, GOOD_TESTS)] {
        assert_eq!(repository.read(path).as_deref(), Some(text), "{path}");
    }
    assert_eq!(events(&ran, "spec_done")[0]["files"].as_array().unwrap().len(), 3);
    assert!(repository.read(".codegen/lock/greeter.yaml").unwrap().contains("hello/deep/er/names.py"));
    repository.run(&["check"]).expect(0);
    // One of them missing is no answer.
    let repository = greeter(&[(".codegen/specs/greeter.yaml", &spec)]);
    let before = repository.fingerprint();
    let ran = generate(&repository, &Answers::good(), &[]).expect(4);
    refused(&ran, "answer", "`hello/deep/er/names.py` is missing");
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn an_answer_that_reaches_for_another_path_is_refused() {
    for (path, said) in [
        ("../outside.py", "the path leaves the repository"),
        ("hello/../../outside.py", "the path leaves the repository"),
        ("/tmp/outside.py", "the path is absolute"),
        ("hello\\outside.py", "the path has a backslash"),
        (".git/hooks/pre-commit", "is protected and never written"),
        (".GIT/config", "is protected and never written"),
        (".github/workflows/ci.yml", "is protected and never written"),
        (".codegen/config.yaml", "is protected and never written"),
        (".codegen/lock/greeter.yaml", "is protected and never written"),
        ("pyproject.toml", "is not one of the files to write"),
        ("setup.py", "is not one of the files to write"),
        ("conftest.py", "is not one of the files to write"),
        ("Makefile", "is not one of the files to write"),
        ("hello/base.py", "is not one of the files to write"),
        ("hello/Greeter.py", "is not one of the files to write"),
    ] {
        let repository = greeter(&[]);
        let before = repository.fingerprint();
        for role in ["code", "tests"] {
            let (own, text) = if role == "code" { (CODE, GOOD_CODE) } else { (TESTS, GOOD_TESTS) };
            let reach = file(own, text) + "\n" + &file(path, "x = 1\n");
            let answers = Answers::with(&[
                ("greeter.code.1", if role == "code" { reach.clone() } else { file(CODE, GOOD_CODE) }),
                ("greeter.tests.1", reach),
            ]);
            let ran = generate(&repository, &answers, &[]).expect(6);
            refused(&ran, "answer", said);
            assert_eq!(repository.fingerprint(), before, "{path}");
        }
        assert!(!repository.path().parent().unwrap().join("outside.py").exists());
        assert!(!repository.path().join(".git/hooks/pre-commit").exists());
    }
}

#[test]
fn a_manifest_is_written_only_when_the_spec_lists_it() {
    let listed = SPEC.replace("code: hello/greeter.py", "code: [hello/greeter.py, setup.py]");
    let repository = greeter(&[(".codegen/specs/greeter.yaml", &listed)]);
    let code =
        file(CODE, GOOD_CODE) + "\n" + &file("setup.py", "from setuptools import setup\n\nsetup(name=\"hello\")\n");
    let answers = Answers::with(&[("greeter.code.1", code), ("greeter.tests.1", file(TESTS, GOOD_TESTS))]);
    generate(&repository, &answers, &[]).expect(0);
    assert!(repository.read("setup.py").unwrap().contains("setup(name"));
}

#[test]
fn nothing_is_written_through_a_symbolic_link() {
    for linked in ["hello/linked", "hello/linked/greeter.py"] {
        let outside = tempfile::tempdir().unwrap();
        let spec = SPEC.replace("hello/greeter.py", "hello/linked/greeter.py");
        let repository = greeter(&[(".codegen/specs/greeter.yaml", &spec)]);
        let link = repository.path().join(linked);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(outside.path(), &link).unwrap();
        repository.commit("link");
        let before = repository.git(&["status", "--porcelain"]);
        let tests = GOOD_TESTS.replace("hello.greeter", "hello.linked.greeter");
        let answers = Answers::with(&[
            ("greeter.code.1", file("hello/linked/greeter.py", GOOD_CODE)),
            ("greeter.tests.1", file(TESTS, &tests)),
        ]);
        for more in [[].as_slice(), &["--pr"]] {
            let ran = generate(&repository, &answers, more).expect(6);
            assert!(ran.stderr.contains("is a symbolic link"), "{linked} {more:?}\n{}", ran.stderr);
        }
        assert_eq!(repository.git(&["status", "--porcelain"]), before);
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        assert_eq!(repository.git(&["branch", "--list", "codegen/*"]), "");
    }
}

#[test]
fn files_that_were_there_are_left_as_they_are() {
    // A file that nobody generated.
    let repository = greeter(&[(CODE, "MINE = 1\n")]);
    let before = repository.fingerprint();
    let ran = generate(&repository, &Answers::good(), &[]).expect(6);
    assert!(ran.stderr.contains("was not generated by codegen, and is left as it is"), "{}", ran.stderr);
    assert_eq!((model_calls(&ran), repository.fingerprint()), (0, before));
    // Not with --force, either, as long as git does not have it.
    repository.write(CODE, "MINE = 2\n");
    let before = repository.fingerprint();
    generate(&repository, &Answers::good(), &["--force"]).expect(6);
    assert_eq!(repository.fingerprint(), before);
    repository.commit("mine");
    generate(&repository, &Answers::good(), &["--force"]).expect(0);
    assert_eq!(repository.read(CODE).as_deref(), Some(GOOD_CODE));
}

#[test]
fn a_failed_run_leaves_tree_and_index_byte_for_byte() {
    let repository = greeter(&[]);
    // Work that is staged, work that is not, and work that git does not know.
    repository.write("hello/base.py", "def shout(text: str) -> str:\n    return text.upper() + \"\"\n");
    repository.git(&["add", "hello/base.py"]);
    repository.write("hello/base.py", "def shout(text: str) -> str:\n    return \"\" + text.upper()\n");
    repository.write("notes.txt", "mine\n");
    let before = repository.fingerprint();
    let failing = GOOD_TESTS.replace("Hello, Ada!", "Hello, Bob!");
    for (answers, more, code) in [
        (Answers::greeter("def greet(:\n", GOOD_TESTS), [].as_slice(), 3),
        (Answers::greeter(GOOD_CODE, &failing), &[], 3),
        (Answers::greeter(GOOD_CODE, &failing), &["--pr"], 3),
        (Answers::with(&[("greeter.code.1", "no block\n".to_owned())]), &[], 4),
        (Answers::with(&[("greeter.code.1", file(CODE, GOOD_CODE))]), &[], 4),
        (Answers::with(&[("greeter.code.1", file("../x.py", GOOD_CODE))]), &[], 6),
    ] {
        generate(&repository, &answers, more).expect(code);
        assert_eq!(repository.fingerprint(), before);
        assert_eq!(repository.git(&["log", "--oneline", "--all"]).lines().count(), 1);
    }
    // What was made last is kept outside of the tree for people to look at.
    assert!(repository.read(".git/codegen/failed/greeter/hello/greeter.py").is_some());
}

#[test]
fn one_failed_spec_does_not_keep_another_from_its_place() {
    let second = SPEC.replace("Greeter", "Parter").replace("greeter", "parter");
    let repository = greeter(&[(".codegen/specs/parter.yaml", &second)]);
    let answers = Answers::with(&[
        ("greeter.code.1", "no block\n".to_owned()),
        ("parter.code.1", file("hello/parter.py", GOOD_CODE)),
        ("parter.tests.1", file("tests/test_parter.py", &GOOD_TESTS.replace("hello.greeter", "hello.parter"))),
    ]);
    let ran = generate(&repository, &answers, &[]).expect(4);
    assert_eq!(repository.read("hello/parter.py").as_deref(), Some(GOOD_CODE));
    assert_eq!(repository.read(CODE), None);
    let done = &events(&ran, "done")[0];
    assert_eq!((done["accepted"].as_u64(), done["failed"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn a_second_run_does_nothing() {
    let repository = greeter(&[]);
    generate(&repository, &Answers::good(), &[]).expect(0);
    let before = repository.fingerprint();
    let ran = generate(&repository, &Answers::none(), &[]).expect(0);
    assert_eq!((model_calls(&ran), events(&ran, "baseline").len()), (0, 0));
    assert_eq!(events(&ran, "done")[0]["current"], 1);
    assert_eq!(repository.fingerprint(), before);
    // A changed input is work again, and the same answer gives the same tree.
    repository.write(".codegen/specs/greeter.yaml", &format!("{SPEC}# later\n"));
    let ran = generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(model_calls(&ran), 2);
    assert_eq!(repository.read(CODE).as_deref(), Some(GOOD_CODE));
    repository.run(&["check"]).expect(0);
}

#[test]
fn a_repaired_answer_is_what_lands() {
    let twice = CONFIG.replace("attempts: 1", "attempts: 2");
    let repository = greeter(&[(".codegen/config.yaml", &twice)]);
    let answers = Answers::with(&[
        ("greeter.code.1", file(CODE, "def greet(:\n")),
        ("greeter.code.2", file(CODE, GOOD_CODE)),
        ("greeter.tests.1", file(TESTS, &GOOD_TESTS.replace("Hello, Ada!", "Hello, Bob!"))),
        ("greeter.tests.2", file(TESTS, GOOD_TESTS)),
    ]);
    let ran = generate(&repository, &answers, &[]).expect(0);
    assert_eq!(gate(&ran, "generated-tests").0, "passed");
    let done = &events(&ran, "spec_done")[0];
    assert_eq!((done["code_attempts"].as_u64(), done["test_attempts"].as_u64()), (Some(2), Some(2)));
    assert_eq!(repository.read(TESTS).as_deref(), Some(GOOD_TESTS));
}

#[test]
fn a_changed_spec_is_not_held_to_its_own_tests_of_before() {
    let repository = greeter(&[]);
    generate(&repository, &Answers::good(), &[]).expect(0);
    repository.commit("generated");
    repository.write(".codegen/specs/greeter.yaml", &SPEC.replace("by name", "kindly by name"));
    let kind = |text: &str| text.replace("Hello, ", "Hello, dear ");
    generate(&repository, &Answers::greeter(&kind(GOOD_CODE), &kind(GOOD_TESTS)), &[]).expect(0);
    assert_eq!(repository.read(CODE), Some(kind(GOOD_CODE)));
    assert_eq!(repository.read(TESTS), Some(kind(GOOD_TESTS)));
    // The new tests still decide.
    repository.commit("kinder");
    repository.write(".codegen/specs/greeter.yaml", &SPEC.replace("by name", "most kindly by name"));
    let ran = generate(&repository, &Answers::greeter(GOOD_CODE, &kind(GOOD_TESTS)), &[]).expect(3);
    refused(&ran, "generated-tests", "'Hello, Ada!' != 'Hello, dear Ada!'");
    assert_eq!(repository.read(CODE), Some(kind(GOOD_CODE)));
}

#[test]
fn links_inside_the_repository_hold_in_the_scratch_worktree_and_links_out_of_it_do_not() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "x").unwrap();
    let config = CONFIG.replace("python3 tools/lint.py", "python3 tools/links.py");
    let look = "import os\nassert open('link.txt').read() == 'real\\n'\nassert not os.path.lexists('out.txt')\n";
    let repository = greeter(&[(".codegen/config.yaml", &config), ("tools/links.py", look), ("real.txt", "real\n")]);
    std::os::unix::fs::symlink("real.txt", repository.path().join("link.txt")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret"), repository.path().join("out.txt")).unwrap();
    repository.commit("links");
    let answers = Answers::good();
    generate(&repository, &answers, &["--dry-run"]).expect(0);
    generate(&repository, &answers, &["--pr"]).expect(0);
}

#[test]
fn a_file_with_windows_line_ends_keeps_them_and_is_current() {
    let repository = greeter(&[]);
    generate(&repository, &Answers::good(), &[]).expect(0);
    let text = repository.read(CODE).unwrap().replace('\n', "\r\n");
    repository.write(CODE, &text);
    repository.commit("as git on Windows writes it");
    repository.run(&["check"]).expect(0);
    generate(&repository, &Answers::good(), &["--force"]).expect(0);
    assert_eq!(repository.read(CODE).unwrap(), text);
    repository.run(&["check"]).expect(0);
}

#[test]
fn a_file_that_is_not_text_is_left_as_it_is() {
    let repository = greeter(&[]);
    std::fs::write(repository.path().join(CODE), b"# caf\xe9\n").unwrap();
    repository.commit("in Latin-1");
    let before = repository.fingerprint();
    let ran = generate(&repository, &Answers::good(), &[]).expect(6);
    assert!(ran.stderr.contains("was not generated by codegen"), "{}", ran.stderr);
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn a_file_that_somebody_writes_during_the_run_is_left_as_it_is() {
    // The linter plays the person: it writes into the tree that the scratch worktree lies under.
    let config = CONFIG.replace("python3 tools/lint.py", "python3 tools/person.py");
    let person = "import pathlib\nroot = pathlib.Path.cwd().parents[3]\n(root / 'hello' / 'greeter.py').write_text('# mine\\n')\n";
    let late = [(".codegen/config.yaml", config.as_str()), ("tools/person.py", person)];
    let ran = generate(&greeter(&late), &Answers::good(), &["--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    // A new file.
    let repository = greeter(&late);
    let ran = generate(&repository, &Answers::good(), &[]).expect(6);
    assert!(ran.stderr.contains("changed while it was generated"), "{}", ran.stderr);
    assert_eq!(repository.read(CODE).as_deref(), Some("# mine\n"));
    assert_eq!(repository.read(TESTS), None);

    // A file that was generated before.
    let repository = greeter(&[]);
    generate(&repository, &Answers::good(), &[]).expect(0);
    repository.write(".codegen/config.yaml", &config);
    repository.write("tools/person.py", person);
    repository.commit("generated");
    let ran = generate(&repository, &Answers::good(), &["--force"]).expect(6);
    assert!(ran.stderr.contains("changed while it was generated"), "{}", ran.stderr);
    assert_eq!(repository.read(CODE).as_deref(), Some("# mine\n"));
}

#[test]
fn what_somebody_writes_during_the_run_into_a_file_that_gets_a_line_stays() {
    let person = "import pathlib\nlib = pathlib.Path.cwd().parents[3] / 'src' / 'lib.rs'\nlib.write_text('//! Halves, of mine.\\n')\n";
    let config = "version: 1\nlanguages: { rust: { lint: python3 tools/person.py } }\ngates: { test_runs: 2, coverage: 0, mutation: 0 }\nlimits: { attempts: 1 }\n";
    let repository = halves(&[(".codegen/config.yaml", config), ("tools/person.py", person)]);
    generate(&repository, &half(halves::CODE, halves::TESTS), &[]).expect(0);
    assert_eq!(repository.read("src/lib.rs").as_deref(), Some("//! Halves, of mine.\n\npub mod half;\n"));
    assert_eq!(repository.read("src/half.rs").as_deref(), Some(halves::CODE));
}

#[test]
fn an_up_to_date_repository_needs_no_model() {
    let repository = greeter(&[]);
    generate(&repository, &Answers::good(), &[]).expect(0);
    let ran = repository.run(&["generate"]).expect(0);
    assert!(ran.stderr.contains("greeter: current"), "{}", ran.stderr);
    // With something to do, and no key and no server, there is none to ask.
    repository.run(&["generate", "--force"]).expect(4);
}
