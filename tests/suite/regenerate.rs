//! Regeneration: what people changed in generated files survives, or is shown beside what is new; nothing is ever lost.

use super::support::greeter::{
    Answers, CODE, GOOD_CODE, GOOD_TESTS, SPEC, TESTS, events, file, generate, greeter, model_calls,
};
use super::support::repository::TestRepository;

const SPEC_FILE: &str = ".codegen/specs/greeter.yaml";
const LOCK: &str = ".codegen/lock/greeter.yaml";
const BY_HAND: &str = "def greet_all(names: list[str]) -> list[str]:\n    return [greet(name) for name in names]\n";

/// The next generation: it greets more kindly.
fn kind(text: &str) -> String {
    text.replace("Hello, ", "Dear ")
}

/// A repository with the first generation committed.
fn generated() -> TestRepository {
    let repository = greeter(&[]);
    generate(&repository, &Answers::good(), &[]).expect(0);
    repository.commit("generated");
    repository
}

fn change_spec(repository: &TestRepository) {
    repository.write(SPEC_FILE, &SPEC.replace("by name", "kindly by name"));
}

fn state(repository: &TestRepository) -> (String, String) {
    let listed = repository.run(&["list", "--json"]).expect(0);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let first = &listed[0];
    let detail = ["files", "inputs"].iter().find_map(|key| first[*key][0].as_str()).unwrap_or_default();
    (first["state"].as_str().unwrap().to_owned(), detail.to_owned())
}

#[test]
fn an_edited_file_of_an_unchanged_spec_is_left_alone() {
    let repository = generated();
    repository.write(CODE, &format!("{GOOD_CODE}\n\n{BY_HAND}"));
    let before = repository.fingerprint();
    let ran = generate(&repository, &Answers::none(), &[]).expect(0);
    assert_eq!(model_calls(&ran), 0);
    assert!(ran.stdout.contains("edited by hand and left as it is: hello/greeter.py"), "{}", ran.stdout);
    assert_eq!(repository.fingerprint(), before);
    assert_eq!(state(&repository), ("edited".to_owned(), CODE.to_owned()));
    repository.run(&["check"]).expect(3);
}

#[test]
fn edits_by_hand_in_code_and_tests_survive_a_changed_spec_again_and_again() {
    let repository = generated();
    let more_tests = "    # edge case: nobody is greeted.\n    def test_greets_nobody(self) -> None:\n        self.assertEqual([greet(name) for name in []], [])\n";
    repository.write(CODE, &format!("{GOOD_CODE}\n\n{BY_HAND}"));
    repository.write(TESTS, &format!("{GOOD_TESTS}\n{more_tests}"));
    change_spec(&repository);
    let answers = Answers::greeter(&kind(GOOD_CODE), &kind(GOOD_TESTS));
    generate(&repository, &answers, &[]).expect(0);
    assert_eq!(repository.read(CODE).unwrap(), format!("{}\n\n{BY_HAND}", kind(GOOD_CODE)));
    assert_eq!(repository.read(TESTS).unwrap(), format!("{}\n{more_tests}", kind(GOOD_TESTS)));
    repository.run(&["check"]).expect(0);
    repository.commit("merged");
    // The next one merges with them again, also when its model copied them and the one after forgot them.
    let copied = format!("{}\n\n{BY_HAND}", kind(GOOD_CODE).replace("Dear ", "Dearest "));
    let tests = GOOD_TESTS.replace("Hello, ", "Dearest ");
    for (round, code) in [copied, GOOD_CODE.replace("Hello, ", "Dearest ")].iter().enumerate() {
        repository.write(SPEC_FILE, &format!("{SPEC}# round {round}\n"));
        generate(&repository, &Answers::greeter(code, &tests), &[]).expect(0);
        let text = repository.read(CODE).unwrap();
        assert!(text.contains("Dearest ") && text.ends_with(BY_HAND), "round {round}:\n{text}");
        assert!(repository.read(TESTS).unwrap().ends_with(more_tests));
        repository.run(&["check"]).expect(0);
        repository.commit("again");
    }
}

/// An edit in the very line that the next generation changes.
fn conflicting() -> TestRepository {
    let repository = generated();
    repository.write(CODE, &GOOD_CODE.replace("f\"Hello, {name}!\"", "f\"Hello, {name.title()}!\""));
    repository.commit("by hand");
    change_spec(&repository);
    repository
}

#[test]
fn a_conflict_that_the_model_settles_is_proven_and_delivered() {
    let repository = conflicting();
    let merged = kind(GOOD_CODE).replace("{name}!", "{name.title()}!");
    // A line that a person wrote must stay as it is, so a model that rewrites it settles nothing.
    let settled = kind(GOOD_CODE).replace(
        "    return f\"Dear {name}!\"",
        "    kindly = f\"Dear {name}!\"\n    assert kindly\n    return f\"Hello, {name.title()}!\"",
    );
    for (answer, code) in [(merged, 3), (settled.clone(), 0)] {
        let before = repository.fingerprint();
        let answers = Answers::with(&[
            ("greeter.code.1", file(CODE, &kind(GOOD_CODE))),
            ("greeter.merge.1", file(CODE, &answer)),
            ("greeter.tests.1", file(TESTS, GOOD_TESTS)),
        ]);
        let ran = generate(&repository, &answers, &[]).expect(code);
        if code == 0 {
            assert_eq!(repository.read(CODE).as_deref(), Some(settled.as_str()));
            assert_eq!(model_calls(&ran), 3);
            repository.run(&["check"]).expect(0);
        } else {
            assert!(ran.stdout.contains("it loses 1 line by hand, such as `return f"), "{}", ran.stdout);
            assert_eq!(repository.fingerprint(), before);
        }
    }
}

#[test]
fn a_conflict_that_nobody_settles_leaves_the_tree_and_is_shown_on_a_draft_branch() {
    let repository = conflicting();
    let before = repository.fingerprint();
    let answers = Answers::with(&[
        ("greeter.code.1", file(CODE, &kind(GOOD_CODE))),
        ("greeter.merge.1", "I would rather not.\n".to_owned()),
    ]);
    let ran = generate(&repository, &answers, &[]).expect(3);
    assert!(
        ran.stderr.contains("edits by hand in `hello/greeter.py` conflict with the new generation"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("codegen generate --pr greeter"), "{}", ran.stderr);
    assert_eq!(repository.fingerprint(), before);
    let ran = generate(&repository, &answers, &["--pr"]).expect(3);
    assert_eq!(repository.fingerprint(), before);
    let proposed = &events(&ran, "proposed")[0];
    let shown = repository.git(&["show", &format!("{}:{CODE}", proposed["branch"].as_str().unwrap())]);
    let expected = "<<<<<<< as it stands\n    return f\"Hello, {name.title()}!\"\n||||||| generated before\n    return f\"Hello, {name}!\"\n=======\n    return f\"Dear {name}!\"\n>>>>>>> generated now\n";
    assert!(shown.contains(expected), "{shown}");
    let body = std::fs::read_to_string(proposed["body"].as_str().unwrap()).unwrap();
    assert!(body.contains("FAILED") && body.contains("1 place with conflict markers"), "{body}");
    // Merged as it is, it is a conflict that check and generate name.
    repository.write(CODE, &shown);
    assert_eq!(state(&repository), ("conflicting".to_owned(), CODE.to_owned()));
    let ran = generate(&repository, &Answers::none(), &[]).expect(6);
    assert!(ran.stderr.contains("has a conflict to settle first"), "{}", ran.stderr);
}

#[test]
fn a_function_that_was_moved_takes_the_change_without_a_conflict() {
    let repository = generated();
    let moved = "\"\"\"Greets people.\"\"\"\n\n\ndef greet(name: str) -> str:\n    \"\"\"Return the greeting for a name.\"\"\"\n    if not name.strip():\n        raise BlankNameError(name)\n    return f\"Hello, {name}!\"\n\n\nclass BlankNameError(ValueError):\n    \"\"\"The name is blank.\"\"\"\n";
    repository.write(CODE, moved);
    change_spec(&repository);
    let code = kind(GOOD_CODE).replace("The name is blank.", "The name is empty.");
    let ran = generate(&repository, &Answers::greeter(&code, &kind(GOOD_TESTS)), &[]).expect(0);
    assert_eq!(model_calls(&ran), 2);
    assert_eq!(repository.read(CODE).unwrap(), kind(moved).replace("The name is blank.", "The name is empty."));
}

#[test]
fn a_merge_that_fails_a_gate_is_not_delivered() {
    let repository = generated();
    // Ugly by hand, where the linter looks: merged, it is there as before; but the merge brings a second one.
    repository.write(CODE, &format!("{GOOD_CODE}\n\n# by hand\n"));
    change_spec(&repository);
    let before = repository.fingerprint();
    let ugly = kind(GOOD_CODE).replace("    return f", "    # UGLY\n    return f");
    generate(&repository, &Answers::greeter(&ugly, &kind(GOOD_TESTS)), &[]).expect(3);
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn edits_follow_a_file_that_was_renamed_with_its_spec() {
    for moved in [true, false] {
        let repository = generated();
        repository.write(CODE, &format!("{GOOD_CODE}\n\n{BY_HAND}"));
        repository.commit("by hand");
        let new = "hello/welcoming.py";
        if moved {
            repository.git(&["mv", CODE, new]);
            repository.write(TESTS, &GOOD_TESTS.replace("hello.greeter", "hello.welcoming"));
        }
        repository.write(SPEC_FILE, &SPEC.replace("by name", "kindly by name").replace(CODE, new));
        let tests = kind(GOOD_TESTS).replace("hello.greeter", "hello.welcoming");
        let answers =
            Answers::with(&[("greeter.code.1", file(new, &kind(GOOD_CODE))), ("greeter.tests.1", file(TESTS, &tests))]);
        generate(&repository, &answers, &[]).expect(0);
        assert_eq!(repository.read(new).unwrap(), format!("{}\n\n{BY_HAND}", kind(GOOD_CODE)), "moved: {moved}");
        // A file that the spec gave up is nobody's to delete.
        assert_eq!(repository.read(CODE).is_some(), !moved);
        repository.run(&["check"]).expect(0);
    }
}

#[test]
fn a_spec_that_was_renamed_keeps_its_files_and_their_edits() {
    let repository = generated();
    repository.write(CODE, &format!("{GOOD_CODE}\n\n{BY_HAND}"));
    repository.git(&["mv", SPEC_FILE, ".codegen/specs/welcome.yaml"]);
    repository.write(".codegen/specs/welcome.yaml", &SPEC.replace("by name", "kindly by name"));
    let answers = Answers::with(&[
        ("welcome.code.1", file(CODE, &kind(GOOD_CODE))),
        ("welcome.tests.1", file(TESTS, &kind(GOOD_TESTS))),
    ]);
    generate(&repository, &answers, &[]).expect(0);
    assert_eq!(repository.read(CODE).unwrap(), format!("{}\n\n{BY_HAND}", kind(GOOD_CODE)));
    repository.run(&["check"]).expect(0);
}

#[test]
fn a_spec_that_is_gone_is_named_with_its_files_which_stay() {
    let repository = generated();
    std::fs::remove_file(repository.path().join(SPEC_FILE)).unwrap();
    assert_eq!(state(&repository), ("orphaned".to_owned(), CODE.to_owned()));
    let ran = repository.run(&["check"]).expect(3);
    assert!(ran.stdout.contains("orphaned (hello/greeter.py, tests/test_greeter.py)"), "{}", ran.stdout);
    generate(&repository, &Answers::none(), &[]).expect(0);
    assert_eq!(repository.read(CODE).as_deref(), Some(GOOD_CODE));
}

#[test]
fn each_changed_input_is_named() {
    let spec = format!("{SPEC}uses: [hello/base.py]\n");
    let repository = greeter(&[(SPEC_FILE, &spec)]);
    generate(&repository, &Answers::good(), &[]).expect(0);
    repository.commit("generated");
    let config = repository.read(".codegen/config.yaml").unwrap();
    let pattern = repository.read(".codegen/patterns/plain.yaml").unwrap();
    for (path, text, input) in [
        (SPEC_FILE, format!("{spec}# changed\n"), "spec"),
        ("hello/base.py", "BASE = 1\n".to_owned(), "hello/base.py"),
        (
            ".codegen/config.yaml",
            config.replace("test_runs: 2", "test_runs: 3"),
            "gates: test_runs 3, coverage 0, mutation 0 (was test_runs 2, coverage 0, mutation 0)",
        ),
        (".codegen/patterns/plain.yaml", pattern.replace("1.0.0", "1.1.0"), "pattern plain@1.1.0 (was plain@1.0.0)"),
    ] {
        repository.write(path, &text);
        assert_eq!(state(&repository), ("changed".to_owned(), input.to_owned()));
        repository.git(&["checkout", "-q", "."]);
    }
    assert_eq!(state(&repository).0, "current");
    std::fs::remove_file(repository.path().join(TESTS)).unwrap();
    assert_eq!(state(&repository), ("missing".to_owned(), TESTS.to_owned()));
    repository.write(LOCK, "<<<<<<< ours\n=======\n>>>>>>> theirs\n");
    let (word, why) = state(&repository);
    assert_eq!((word.as_str(), why.as_str()), ("conflicting", ".codegen/lock/greeter.yaml: it has conflict markers"));
}

#[test]
fn pristine_texts_outlive_squash_merges_and_garbage_collection_and_reach_shallow_clones() {
    let repository = generated();
    repository.write(CODE, &format!("{GOOD_CODE}\n\n{BY_HAND}"));
    change_spec(&repository);
    generate(&repository, &Answers::greeter(&kind(GOOD_CODE), &kind(GOOD_TESTS)), &[]).expect(0);
    // One commit is left, in which the generated text without the edit never was.
    repository.git(&["checkout", "-q", "--orphan", "squashed"]);
    repository.commit("all in one");
    repository.git(&["branch", "-q", "-D", "main"]);
    repository.git(&["branch", "-q", "-m", "main"]);
    repository.git(&["reflog", "expire", "--expire=now", "--all"]);
    repository.git(&["gc", "-q", "--prune=now"]);
    let next = |repository: &TestRepository| {
        repository.write(SPEC_FILE, &format!("{SPEC}# next\n"));
        generate(repository, &Answers::good(), &[])
    };
    let shared = tempfile::tempdir().unwrap();
    let url = format!("file://{}", shared.path().join("shared.git").display());
    repository.git(&["clone", "-q", "--bare", ".", &url["file://".len()..]]);
    let clone = TestRepository::clone_of(&url, &["--depth", "1"]);
    let bare_clone = |repository: &TestRepository| repository.git(&["for-each-ref", "refs/codegen"]);
    assert_eq!(bare_clone(&clone), "", "a clone does not get the ref by itself");
    let text = format!("{GOOD_CODE}\n\n{BY_HAND}");
    // Nowhere to be had: nothing is overwritten, and what is the matter is said.
    let before = clone.fingerprint().2;
    clone.write(SPEC_FILE, &format!("{SPEC}# next\n"));
    let ran = generate(&clone, &Answers::good(), &[]).expect(3);
    assert!(ran.stderr.contains("the text it was generated as is not in git any more"), "{}", ran.stderr);
    clone.git(&["checkout", "-q", "."]);
    assert!(clone.fingerprint().2 == before, "something was overwritten");
    // The draft shows the difference.
    clone.write(SPEC_FILE, &format!("{SPEC}# next\n"));
    let ran = generate(&clone, &Answers::good(), &["--pr"]).expect(3);
    let branch = events(&ran, "proposed")[0]["branch"].as_str().unwrap().to_owned();
    assert!(clone.git(&["show", &format!("{branch}:{CODE}")]).contains("<<<<<<< as it stands"));
    // Pushed, it is fetched on demand.
    repository.git(&["push", "-q", &url, "refs/codegen/pristine/*:refs/codegen/pristine/*"]);
    next(&clone).expect(0);
    assert_eq!(clone.read(CODE).unwrap(), text);
    next(&repository).expect(0);
    assert_eq!(repository.read(CODE).unwrap(), text);
    // A clone without blobs fetches the one it needs.
    repository.git(&["-C", &url["file://".len()..], "config", "uploadpack.allowFilter", "true"]);
    repository.git(&["-C", &url["file://".len()..], "config", "uploadpack.allowAnySHA1InWant", "true"]);
    let partial = TestRepository::clone_of(&url, &["--filter=blob:none"]);
    next(&partial).expect(0);
    assert_eq!(partial.read(CODE).unwrap(), text);
}

#[test]
fn a_changed_spec_asks_for_a_change_of_what_stands() {
    let repository = generated();
    let code = format!("{GOOD_CODE}\n\n{BY_HAND}");
    repository.write(CODE, &code);
    let asked = |repository: &TestRepository| -> serde_json::Value {
        serde_json::from_str(&repository.run(&["prompt", "greeter", "--json"]).expect(0).stdout).unwrap()
    };
    // The spec is what it was: the question too.
    assert!(!asked(&repository).to_string().contains("The specification has changed"));
    change_spec(&repository);
    let asked = asked(&repository);
    let messages = asked.as_array().unwrap();
    let [.., old, standing, new] = messages.as_slice() else { panic!("{asked}") };
    let text = |message: &serde_json::Value| message["content"].as_str().unwrap().to_owned();
    assert_eq!((old["role"].as_str(), standing["role"].as_str()), (Some("user"), Some("assistant")));
    assert!(text(old).contains("Greets people by name") && !text(old).contains("kindly"));
    assert!(text(standing).contains(&code), "{}", text(standing));
    assert!(text(new).starts_with("The specification has changed.") && text(new).contains("kindly by name"));
    // What is kept, changed and new is told.
    let ran = generate(&repository, &Answers::greeter(&kind(&code), &kind(GOOD_TESTS)), &[]).expect(0);
    let files = events(&ran, "spec_done")[0]["files"].clone();
    let of_code = files.as_array().unwrap().iter().find(|file| file["path"] == CODE).unwrap().clone();
    let lines = code.lines().count() as u64;
    assert_eq!(
        (of_code["kept"].as_u64(), of_code["changed"].as_u64(), of_code["added"].as_u64()),
        (Some(lines - 1), Some(1), Some(1))
    );
}

/// Where the mover of the tests below takes the code.
const ELSEWHERE: &str = "hello/people/welcome.py";

fn move_code(repository: &TestRepository) {
    std::fs::create_dir_all(repository.path().join("hello/people")).unwrap();
    repository.git(&["mv", CODE, ELSEWHERE]);
}

#[test]
fn a_file_that_was_moved_without_its_spec_is_found_and_not_generated_again() {
    let edited = format!("{GOOD_CODE}\n\n{BY_HAND}");
    for (case, text, committed) in
        [("moved", GOOD_CODE, false), ("edited too", &edited, false), ("committed", &edited, true)]
    {
        let repository = generated();
        // A file that was there before and looks alike is none that was moved.
        repository.write("hello/twin.py", &GOOD_CODE.replace("Greets people", "Greets others"));
        repository.commit("twin");
        move_code(&repository);
        repository.write(ELSEWHERE, text);
        if committed {
            repository.commit("moved");
            repository.write("notes.txt", "later\n");
            repository.commit("later");
        }
        let before = repository.fingerprint();
        let ran = repository.run(&["check"]).expect(3);
        let shown = format!("missing ({CODE}, which stands at {ELSEWHERE} now)");
        assert!(ran.stdout.contains(&shown), "{case}: {}", ran.stdout);
        let hint = format!(
            "`{ELSEWHERE}` is what `{CODE}` was: say so in the spec, `files: {{ code: {ELSEWHERE} }}`, or move it back"
        );
        assert!(ran.stderr.contains(&hint) && !ran.stderr.contains("codegen generate"), "{case}: {}", ran.stderr);
        let ran = generate(&repository, &Answers::none(), &[]).expect(6);
        assert!(ran.stderr.contains("were moved, and are not generated again"), "{case}: {}", ran.stderr);
        assert!(ran.stderr.contains(&hint), "{case}: {}", ran.stderr);
        let ran = repository.run(&["check", "--accept"]).expect(3);
        assert!(ran.stderr.contains(&hint), "{case}: {}", ran.stderr);
        assert_eq!(repository.fingerprint(), before, "{case}");
        if !committed {
            repository.git(&["add", "-A"]);
        }
        // What a hook sees; a commit of the move alone concerns the spec.
        if !committed {
            let ran = repository.run(&["check", "--staged"]).expect(3);
            assert!(ran.stdout.contains(&shown), "{case}, staged: {}", ran.stdout);
        }
        // With the hint followed, the edit is there after the next change.
        let spec = SPEC.replace("by name", "kindly by name").replace(CODE, ELSEWHERE);
        repository.write(SPEC_FILE, &spec);
        repository.write("hello/people/__init__.py", "");
        let tests = GOOD_TESTS.replace("hello.greeter", "hello.people.welcome");
        repository.write(TESTS, &tests);
        repository.commit("told");
        let answers = Answers::with(&[
            ("greeter.code.1", file(ELSEWHERE, &kind(GOOD_CODE))),
            ("greeter.tests.1", file(TESTS, &kind(&tests))),
        ]);
        generate(&repository, &answers, &[]).expect(0);
        assert_eq!(repository.read(ELSEWHERE).unwrap(), kind(text), "{case}");
        repository.run(&["check"]).expect(0);
    }
}

#[test]
fn a_file_that_was_deleted_is_missing_whatever_looks_like_it() {
    let repository = generated();
    repository.write("hello/twin.py", &GOOD_CODE.replace("Greets people", "Greets others"));
    repository.commit("twin");
    std::fs::remove_file(repository.path().join(CODE)).unwrap();
    // New, and of another kind.
    repository.write("hello/greeter.txt", GOOD_CODE);
    repository.write("hello/other.py", "OTHER = 1\n");
    let ran = repository.run(&["check"]).expect(3);
    assert!(ran.stdout.contains(&format!("missing ({CODE})")), "{}", ran.stdout);
    // It is generated again, as before.
    repository.git(&["checkout", "-q", CODE]);
    std::fs::remove_file(repository.path().join(TESTS)).unwrap();
    generate(&repository, &Answers::good(), &[]).expect(0);
    assert_eq!(repository.read(TESTS).as_deref(), Some(GOOD_TESTS));
}

#[test]
fn files_that_were_renamed_and_edited_with_their_spec_keep_their_edits() {
    let repository = generated();
    let (code, tests) = ("hello/welcoming.py", "tests/test_welcoming.py");
    repository.git(&["mv", CODE, code]);
    repository.git(&["mv", TESTS, tests]);
    let renamed = |text: &str| text.replace("hello.greeter", "hello.welcoming");
    repository.write(code, &format!("{GOOD_CODE}\n\n{BY_HAND}"));
    repository.write(tests, &renamed(GOOD_TESTS));
    repository.write(SPEC_FILE, &SPEC.replace("by name", "kindly by name").replace(CODE, code).replace(TESTS, tests));
    repository.commit("renamed");
    let answers = Answers::with(&[
        ("greeter.code.1", file(code, &kind(GOOD_CODE))),
        ("greeter.tests.1", file(tests, &renamed(&kind(GOOD_TESTS)))),
    ]);
    generate(&repository, &answers, &[]).expect(0);
    assert_eq!(repository.read(code).unwrap(), format!("{}\n\n{BY_HAND}", kind(GOOD_CODE)));
    repository.run(&["check"]).expect(0);
}

#[test]
fn a_file_that_is_no_text_any_more_was_edited_and_is_left_as_it_is() {
    let repository = generated();
    let bytes = b"# caf\xe9, by hand\n";
    std::fs::write(repository.path().join(CODE), bytes).unwrap();
    assert_eq!(state(&repository), ("edited".to_owned(), CODE.to_owned()));
    change_spec(&repository);
    let ran = generate(&repository, &Answers::good(), &[]).expect(6);
    assert!(ran.stderr.contains("is not UTF-8 text, and is left as it is"), "{}", ran.stderr);
    assert_eq!(std::fs::read(repository.path().join(CODE)).unwrap(), bytes);
}

#[test]
fn windows_line_ends_and_modes_survive_a_merge() {
    use std::os::unix::fs::PermissionsExt;
    let repository = generated();
    let file = repository.path().join(CODE);
    repository.write(CODE, &format!("{GOOD_CODE}\n\n{BY_HAND}").replace('\n', "\r\n"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    change_spec(&repository);
    generate(&repository, &Answers::greeter(&kind(GOOD_CODE), &kind(GOOD_TESTS)), &[]).expect(0);
    assert_eq!(repository.read(CODE).unwrap(), format!("{}\n\n{BY_HAND}", kind(GOOD_CODE)).replace('\n', "\r\n"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o755);
    repository.run(&["check"]).expect(0);
}
