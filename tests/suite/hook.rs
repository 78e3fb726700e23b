//! The commit hook: real commits, with git's own hook and with the hook managers people have.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::crashes::kill_at_random_moments;
use super::support::greeter::{Answers, CODE, CONFIG, GOOD_CODE, GOOD_TESTS, SPEC, TESTS, file, generate, greeter};
use super::support::model_server::{ModelServer, Reply};
use super::support::repository::{Ran, TestRepository, installed, skipped};
use super::support::running::Running;

const SPEC_FILE: &str = ".codegen/specs/greeter.yaml";

/// A program in the repository, with `codegen` on its search path.
fn with_codegen(repository: &TestRepository, program: &str) -> Command {
    let bin = Path::new(env!("CARGO_BIN_EXE_codegen")).parent().unwrap();
    let mut command = repository.command(program);
    command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
    command
}

fn commit(repository: &TestRepository, arguments: &[&str]) -> Ran {
    with_codegen(repository, "git").args(["commit", "-q", "-m", "work"]).args(arguments).output().unwrap().into()
}

/// Everything it printed: git hands the output of a hook on as its own errors.
fn said(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

/// A repository whose model is a folder of answers, with the first generation committed.
fn generated(answers: &Answers) -> TestRepository {
    let folder = answers.model();
    let config = format!("{CONFIG}model: {{ provider: replay, name: {} }}\n", folder.trim_start_matches("replay:"));
    let repository = greeter(&[(".codegen/config.yaml", &config)]);
    generate(&repository, answers, &[]).expect(0);
    repository.commit("generated");
    repository
}

fn stage(repository: &TestRepository, path: &str, text: &str) {
    repository.write(path, text);
    repository.git(&["add", path]);
}

#[test]
fn a_commit_of_a_changed_spec_is_refused_until_its_code_is_current() {
    let answers = Answers::good();
    let repository = generated(&answers);
    let ran = repository.run(&["hook", "install"]).expect(0);
    assert!(ran.stderr.contains("wrote ") && ran.stderr.contains("hooks/pre-commit"), "{}", ran.stderr);
    repository.run(&["hook", "install"]).expect(0);
    // What concerns no spec goes through.
    stage(&repository, "README.md", "hello\n");
    let ran = commit(&repository, &[]).expect(0);
    assert!(ran.stderr.contains("nothing that is staged concerns a spec"), "{}", ran.stderr);
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    // Git itself notes in its index what it wrote already.
    let state =
        || (repository.git(&["write-tree"]), repository.git(&["rev-parse", "HEAD"]), repository.fingerprint().2);
    let before = state();
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains("greeter  python    plain@1.0.0  changed (spec)"), "{}\n{}", ran.stdout, ran.stderr);
    assert!(state() == before, "the hook changed something");
    for (name, value, arguments) in [("SKIP", "codegen-check", [].as_slice()), ("X", "", &["--no-verify"])] {
        let mut command = with_codegen(&repository, "git");
        let ran: Ran =
            command.args(["commit", "-q", "-m", "x"]).args(arguments).env(name, value).output().unwrap().into();
        ran.expect(0);
        repository.git(&["reset", "-q", "--soft", "HEAD~"]);
    }
    generate(&repository, &answers, &[]).expect(0);
    repository.git(&["add", "-A"]);
    let ran = commit(&repository, &[]).expect(0);
    assert!(ran.stderr.contains("1 spec is current"), "{}", ran.stderr);
}

#[test]
fn only_what_is_staged_is_judged() {
    let answers = Answers::good();
    let repository = generated(&answers);
    repository.run(&["hook", "install"]).expect(0);
    // An edit in the tree is nobody's business yet.
    repository.write(CODE, &format!("{GOOD_CODE}\n# by hand\n"));
    stage(&repository, TESTS, &format!("{GOOD_TESTS}\n"));
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains(&format!("edited ({TESTS})")), "{}", ran.stdout);
    repository.git(&["checkout", "-q", "HEAD", TESTS]);
    // Of two edits of one file, one staged by `git add -p`.
    let twice = format!("# first\n{GOOD_CODE}\n# second\n");
    repository.write(CODE, &twice);
    let mut add = repository.command("git");
    let mut child = add
        .args(["add", "-p"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"y\nn\n").unwrap();
    child.wait().unwrap();
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains(&format!("edited ({CODE})")), "{}", ran.stdout);
    // Accepted as it is staged: the lock of the tree as a whole would not fit.
    repository.run(&["check", "--accept"]).expect(0);
    repository.git(&["add", ".codegen"]);
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains(&format!("edited ({CODE})")), "{}", ran.stdout);
    repository.git(&["add", CODE]);
    commit(&repository, &[]).expect(0);
    assert_eq!(repository.read(CODE), Some(twice));
    // `git commit -a` and `git commit FILE` give the hook an index of their own.
    repository.write(SPEC_FILE, &format!("{SPEC}# changed\n"));
    commit(&repository, &["-a"]).expect(1);
    commit(&repository, &["--", SPEC_FILE]).expect(1);
    commit(&repository, &["--allow-empty"]).expect(0);
    // A spec that is gone.
    repository.git(&["checkout", "-q", "."]);
    repository.git(&["rm", "-q", SPEC_FILE]);
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains("orphaned"), "{}", ran.stdout);
    repository.run(&["check", "--accept"]).expect(0);
    repository.git(&["add", "-A", ".codegen"]);
    commit(&repository, &[]).expect(0);
    assert!(repository.read(CODE).is_some());
}

#[test]
fn the_hook_generates_for_staged_specs_and_leaves_the_rest_to_a_person() {
    let answers = Answers::good();
    let repository = generated(&answers);
    repository.run(&["hook", "install", "generate"]).expect(0);
    let kind = |text: &str| text.replace("Hello, ", "Dear ");
    let next = Answers::greeter(&kind(GOOD_CODE), &kind(GOOD_TESTS));
    let config = repository.read(".codegen/config.yaml").unwrap();
    let config =
        config.replace(answers.model().trim_start_matches("replay:"), next.model().trim_start_matches("replay:"));
    stage(&repository, ".codegen/config.yaml", &config);
    stage(&repository, SPEC_FILE, &SPEC.replace("by name", "kindly by name"));
    // Unstaged work: a broken file that would fail the build, and another change of the spec.
    repository.write("hello/base.py", "def shout(:\n");
    repository.write(SPEC_FILE, "name: broken\n");
    let staged = repository.git(&["write-tree"]);
    let ran = commit(&repository, &[]).expect(1);
    assert!(ran.stderr.contains("review them, `git add` them, and commit again"), "{}", ran.stderr);
    assert_eq!(repository.read(CODE), Some(kind(GOOD_CODE)));
    assert_eq!(repository.read("hello/base.py").as_deref(), Some("def shout(:\n"));
    assert_eq!(repository.read(SPEC_FILE).as_deref(), Some("name: broken\n"));
    assert_eq!(repository.git(&["write-tree"]), staged, "nothing is staged by the hook");
    // Again without staging: nothing new, and still no commit.
    commit(&repository, &[]).expect(1);
    repository.git(&["add", CODE, TESTS, ".codegen/lock"]);
    commit(&repository, &[]).expect(0);
    // Somebody's unstaged work in a generated file is in the way, and stays.
    repository.write(SPEC_FILE, &SPEC.replace("by name", "most kindly by name"));
    repository.git(&["add", SPEC_FILE]);
    repository.write(CODE, "# mine\n");
    let ran = commit(&repository, &[]).expect(1);
    assert!(ran.stderr.contains("has changes that are not staged, and is left as it is"), "{}", ran.stderr);
    assert_eq!(repository.read(CODE).as_deref(), Some("# mine\n"));
}

#[test]
fn without_a_model_the_commit_goes_on() {
    let repository = greeter(&[]);
    repository.run(&["hook", "install", "generate"]).expect(0);
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    let ran = commit(&repository, &[]).expect(0);
    assert!(ran.stderr.contains("the commit goes on without code for: greeter"), "{}", ran.stderr);
}

#[test]
fn an_interrupt_leaves_tree_index_and_stash_as_they_were() {
    let config = format!("{CONFIG}model: {{ name: double, answers: fenced }}\n");
    let repository = greeter(&[(".codegen/config.yaml", &config)]);
    repository.run(&["hook", "install", "generate"]).expect(0);
    repository.write("notes.txt", "stashed\n");
    repository.git(&["add", "notes.txt"]);
    repository.git(&["stash", "-q"]);
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    let server = ModelServer::with([Reply::silence()]);
    let state =
        || (repository.fingerprint(), repository.git(&["stash", "list"]), repository.git(&["rev-parse", "HEAD"]));
    let before = state();
    let mut command = with_codegen(&repository, "codegen");
    let running = Running::start(server.point(command.args(["hook", "run", "generate"])));
    server.wait_for_requests(1);
    running.signal(rustix::process::Signal::INT);
    running.finish().expect(130);
    assert_eq!(state(), before);
    drop(server);
}

#[test]
fn a_hook_that_is_killed_leaves_one_set_of_files() {
    let answers = Answers::good();
    let repository = generated(&answers);
    let kind = |text: &str| text.replace("Hello, ", "Dear ");
    let next = Answers::greeter(&kind(GOOD_CODE), &kind(GOOD_TESTS));
    let config = repository.read(".codegen/config.yaml").unwrap();
    let config =
        config.replace(answers.model().trim_start_matches("replay:"), next.model().trim_start_matches("replay:"));
    stage(&repository, ".codegen/config.yaml", &config);
    repository.commit("next model");
    stage(&repository, SPEC_FILE, &SPEC.replace("by name", "kindly by name"));
    let command = || {
        let mut command = with_codegen(&repository, "codegen");
        command.args(["hook", "run", "generate"]);
        command
    };
    kill_at_random_moments(&repository, &command, 15);
}

#[test]
fn merges_rebases_and_cherry_picks_generate_nothing_and_are_judged() {
    let answers = Answers::good();
    let repository = generated(&answers);
    repository.run(&["hook", "install", "generate"]).expect(0);
    let start = repository.git(&["rev-parse", "HEAD"]);
    repository.write("a.txt", "ours\n");
    repository.commit("ours");
    for (operation, name) in [
        (["merge", "other"], "a merge"),
        (["cherry-pick", "other"], "a cherry-pick"),
        (["rebase", "other"], "a rebase"),
    ] {
        repository.git(&["branch", "-q", "-f", "other", start.trim()]);
        repository.git(&["worktree", "prune"]);
        repository.git(&["checkout", "-q", "other"]);
        repository.write("a.txt", "theirs\n");
        repository.git(&["add", "-A"]);
        repository.git(&["commit", "-q", "--no-verify", "-m", "theirs"]);
        repository.git(&["checkout", "-q", "main"]);
        let stopped = repository.command("git").args(operation).output().unwrap();
        assert!(!stopped.status.success(), "{name} meets no conflict");
        stage(&repository, "a.txt", "settled\n");
        stage(&repository, SPEC_FILE, &format!("{SPEC}# changed in {name}\n"));
        let ran: Ran = with_codegen(&repository, "codegen").args(["hook", "run", "generate"]).output().unwrap().into();
        let ran = ran.expect(0);
        assert!(
            ran.stderr.contains(&format!("generates nothing in the middle of {name}; not current: greeter")),
            "{}",
            ran.stderr
        );
        let ran = repository.run(&["check", "--staged"]).expect(3);
        assert!(said(&ran).contains("changed (spec)"), "{}", ran.stdout);
        repository.git(&[operation[0], "--abort"]);
    }
}

#[test]
fn an_existing_hook_runs_as_before_and_foreign_ones_are_left_alone() {
    let answers = Answers::good();
    let repository = generated(&answers);
    let hook = repository.path().join(".git/hooks/pre-commit");
    let set = |text: &str| {
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, text).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    };
    set("#!/bin/sh\necho theirs >> ran\nexit 0\n");
    let ran = repository.run(&["hook", "install"]).expect(0);
    assert!(ran.stderr.contains("which runs as before"), "{}", ran.stderr);
    stage(&repository, "README.md", "x\n");
    commit(&repository, &[]).expect(0);
    assert_eq!(repository.read("ran").as_deref(), Some("theirs\n"));
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    commit(&repository, &[]).expect(1);
    for foreign in [
        "#!/usr/bin/env python3\nprint()\n",
        "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
        "#!/bin/sh\ncall_lefthook run pre-commit\n",
    ] {
        set(foreign);
        let ran = repository.run(&["hook", "install"]).expect(6);
        assert!(
            ran.stderr.contains("is left as it is") && ran.stderr.contains("codegen hook run check"),
            "{}",
            ran.stderr
        );
        assert_eq!(fs::read_to_string(&hook).unwrap(), foreign);
    }
    fs::remove_file(&hook).unwrap();
    // Hooks elsewhere: in the repository, and shared by several.
    repository.git(&["config", "core.hooksPath", "hooks"]);
    repository.run(&["hook", "install"]).expect(0);
    assert!(repository.path().join("hooks/pre-commit").exists() && !hook.exists());
    commit(&repository, &[]).expect(1);
    let shared = tempfile::tempdir().unwrap();
    repository.git(&["config", "core.hooksPath", shared.path().to_str().unwrap()]);
    let ran = repository.run(&["hook", "install"]).expect(6);
    assert!(ran.stderr.contains("outside of this repository"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(shared.path()).unwrap().count(), 0);
}

#[test]
fn worktrees_submodules_sparse_and_shallow_clones_are_judged_alike() {
    let answers = Answers::good();
    let origin = generated(&answers);
    let url = format!("file://{}", origin.path().display());
    let outer = TestRepository::with(&[("README.md", "outer\n")]);
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "inner"]);
    outer.commit("submodule");
    let linked = TestRepository::clone_of(&url, &[]);
    linked.git(&["worktree", "add", "-q", "-b", "other", "linked"]);
    let sparse = TestRepository::clone_of(&url, &[]);
    sparse.git(&["sparse-checkout", "set", "--cone", "--sparse-index", ".codegen"]);
    let shallow = TestRepository::clone_of(&url, &["--depth", "1"]);
    for (repository, folder) in [(&outer, "inner"), (&linked, "linked"), (&sparse, "."), (&shallow, ".")] {
        let at = repository.path().join(folder);
        let run = |program: &str, arguments: &[&str]| -> Ran {
            with_codegen(repository, program).current_dir(&at).args(arguments).output().unwrap().into()
        };
        run("codegen", &["hook", "install"]).expect(0);
        fs::write(at.join("notes.txt"), "x\n").unwrap();
        run("git", &["add", "--sparse", "notes.txt"]).expect(0);
        run("git", &["commit", "-q", "-m", "notes"]).expect(0);
        fs::write(at.join(SPEC_FILE), format!("{SPEC}# changed\n")).unwrap();
        run("git", &["add", "--sparse", SPEC_FILE]).expect(0);
        let ran = run("git", &["commit", "-q", "-m", "spec"]).expect(1);
        assert!(said(&ran).contains("changed (spec)"), "{folder}: {}\n{}", ran.stdout, ran.stderr);
    }
    // The outer repository has no specs; that its submodule moved is no concern of the hook.
    outer.run(&["hook", "install"]).expect(0);
    outer.git(&["add", "inner"]);
    commit(&outer, &[]).expect(0);
}

/// Our hooks as a repository that pre-commit takes them from.
fn hooks_repository() -> TestRepository {
    let hooks = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    TestRepository::with(&[(".pre-commit-hooks.yaml", &hooks)])
}

#[test]
fn pre_commit_runs_both_hooks() {
    if !installed("pre-commit", &["--version"]) {
        return skipped("the hooks with pre-commit", "pre-commit");
    }
    let answers = Answers::good();
    let (repository, hooks) = (generated(&answers), hooks_repository());
    let rev = hooks.git(&["rev-parse", "HEAD"]);
    let config = |id: &str| {
        format!("repos:\n  - repo: {}\n    rev: {}\n    hooks: [{{ id: {id} }}]\n", hooks.path().display(), rev.trim())
    };
    repository.write(".pre-commit-config.yaml", &config("codegen-check"));
    repository.commit("pre-commit");
    let run = |arguments: &[&str]| -> Ran {
        with_codegen(&repository, "pre-commit").args(arguments).output().unwrap().into()
    };
    run(&["install"]).expect(0);
    stage(&repository, "README.md", "x\n");
    commit(&repository, &[]).expect(0);
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    let ran = commit(&repository, &[]).expect(1);
    assert!(ran.stderr.contains("codegen check") && ran.stderr.contains("changed (spec)"), "{}", ran.stderr);
    let skip: Ran = with_codegen(&repository, "git")
        .args(["commit", "-q", "-m", "x"])
        .env("SKIP", "codegen-check")
        .output()
        .unwrap()
        .into();
    skip.expect(0);
    // And the one that generates.
    stage(&repository, ".pre-commit-config.yaml", &config("codegen-generate"));
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed again\n"));
    repository.write("hello/base.py", "def shout(:\n");
    let ran = commit(&repository, &[]).expect(1);
    assert!(ran.stderr.contains("codegen generate"), "{}", ran.stderr);
    assert_eq!(repository.read("hello/base.py").as_deref(), Some("def shout(:\n"));
    repository.git(&["add", ".codegen", CODE, TESTS]);
    commit(&repository, &[]).expect(0);
}

#[test]
fn lefthook_runs_the_hook() {
    if !installed("lefthook", &["version"]) {
        return skipped("the hook with lefthook", "lefthook");
    }
    let answers = Answers::good();
    let repository = generated(&answers);
    repository.write("lefthook.yml", "pre-commit:\n  commands:\n    codegen:\n      run: codegen hook run check\n");
    repository.commit("lefthook");
    let ran: Ran = with_codegen(&repository, "lefthook").args(["install"]).output().unwrap().into();
    ran.expect(0);
    stage(&repository, "README.md", "x\n");
    commit(&repository, &[]).expect(0);
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains("changed (spec)"), "{}\n{}", ran.stdout, ran.stderr);
    let ran = repository.run(&["hook", "install"]).expect(6);
    assert!(ran.stderr.contains("lefthook.yml"), "{}", ran.stderr);
}

#[test]
fn husky_runs_the_hook() {
    if std::env::var_os("CODEGEN_TEST_HUSKY").is_none() {
        return skipped("the hook with husky", "CODEGEN_TEST_HUSKY, which names its program,");
    }
    let answers = Answers::good();
    let repository = generated(&answers);
    let husky = std::env::var("CODEGEN_TEST_HUSKY").unwrap();
    let ran: Ran = with_codegen(&repository, "node").arg(husky).output().unwrap().into();
    ran.expect(0);
    repository.write(".husky/pre-commit", "codegen hook run check\n");
    repository.git(&["add", "-A"]);
    commit(&repository, &[]).expect(0);
    stage(&repository, "README.md", "x\n");
    commit(&repository, &[]).expect(0);
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains("changed (spec)"), "{}\n{}", ran.stdout, ran.stderr);
    let ran = repository.run(&["hook", "install"]).expect(6);
    assert!(ran.stderr.contains(".husky/pre-commit"), "{}", ran.stderr);
}

#[test]
fn a_merge_of_edits_that_is_killed_leaves_one_set_of_files() {
    let answers = Answers::good();
    let repository = generated(&answers);
    let by_hand = "def greet_all(names: list[str]) -> list[str]:\n    return [greet(name) for name in names]\n";
    repository.write(CODE, &format!("{GOOD_CODE}\n\n{by_hand}"));
    repository.write(SPEC_FILE, &SPEC.replace("by name", "kindly by name"));
    repository.commit("by hand");
    let kind = |text: &str| text.replace("Hello, ", "Dear ");
    let next = Answers::with(&[
        ("greeter.code.1", file(CODE, &kind(GOOD_CODE))),
        ("greeter.tests.1", file(TESTS, &kind(GOOD_TESTS))),
    ]);
    let model = next.model();
    let command = || {
        let mut command = repository.program();
        command.args(["generate", "--model", &model]);
        command
    };
    kill_at_random_moments(&repository, &command, 15);
    assert_eq!(repository.read(CODE).unwrap(), format!("{}\n\n{by_hand}", kind(GOOD_CODE)));
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_not_missing() {
    let answers = Answers::good();
    let origin = generated(&answers);
    origin.write("hello/deep/more.py", "MORE = 1\n");
    origin.commit("more");
    let url = format!("file://{}", origin.path().display());
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    for (how, more) in
        [("--no-sparse-index", None), ("--sparse-index", None), ("--sparse-index", Some("--filter=blob:none"))]
    {
        let clone: Vec<&str> = more.into_iter().chain(["--no-checkout"]).collect();
        let sparse = TestRepository::clone_of(&url, &clone);
        sparse.git(&["sparse-checkout", "set", "--cone", how, ".codegen", "hello/deep"]);
        sparse.git(&["checkout", "-q", "main"]);
        assert_eq!(sparse.read(TESTS), None, "{how}: the folder of tests is here");
        assert!(sparse.read(".codegen/lock/greeter.yaml").is_some());
        let before = sparse.fingerprint();
        // Twice: the second time from memory.
        for _ in 0..2 {
            let ran = sparse.run(&["check"]).expect(0);
            assert!(ran.stderr.contains("1 spec is current"), "{how}: {}", ran.stderr);
        }
        sparse.run(&["check", "greeter"]).expect(0);
        let listed = sparse.run(&["list"]).expect(0);
        assert!(listed.stdout.contains("current"), "{how}: {}", listed.stdout);
        // Nothing is written where the text that git has would be lost sight of.
        sparse.write(SPEC_FILE, &SPEC.replace("by name", "kindly by name"));
        let ran = sparse.run(&["check"]).expect(3);
        assert!(ran.stdout.contains("changed (spec)"), "{how}: {}", ran.stdout);
        let ran = generate(&sparse, &Answers::good(), &[]).expect(6);
        assert!(ran.stderr.contains("left out of this tree by its sparse checkout"), "{how}: {}", ran.stderr);
        sparse.git(&["checkout", "-q", "."]);
        assert_eq!(sparse.fingerprint().2, before.2, "{how}");
        // The controls: a file inside of the cone that is gone is missing, and so is what is left out no longer.
        fs::remove_file(sparse.path().join(CODE)).unwrap();
        let ran = sparse.run(&["check"]).expect(3);
        assert!(ran.stdout.contains(&format!("missing ({CODE})")), "{how}: {}", ran.stdout);
        sparse.git(&["checkout", "-q", "."]);
        sparse.git(&["sparse-checkout", "disable"]);
        sparse.run(&["check"]).expect(0);
        fs::remove_file(sparse.path().join(TESTS)).unwrap();
        let ran = sparse.run(&["check"]).expect(3);
        assert!(ran.stdout.contains(&format!("missing ({TESTS})")), "{how}: {}", ran.stdout);
    }
}

#[test]
fn an_edit_outside_of_the_sparse_cone_is_seen_where_git_has_its_text() {
    let answers = Answers::good();
    let repository = generated(&answers);
    repository.write(TESTS, &format!("{GOOD_TESTS}\n# by hand\n"));
    repository.commit("by hand");
    repository.git(&["sparse-checkout", "set", "--cone", "--sparse-index", ".codegen", "hello"]);
    assert_eq!(repository.read(TESTS), None);
    let ran = repository.run(&["check"]).expect(3);
    assert!(ran.stdout.contains(&format!("edited ({TESTS})")), "{}", ran.stdout);
    // A single file that git is told not to look for is left out too.
    repository.git(&["sparse-checkout", "disable"]);
    repository.git(&["checkout", "-q", "HEAD~", "--", TESTS]);
    repository.commit("as generated");
    repository.run(&["check"]).expect(0);
    repository.git(&["update-index", "--skip-worktree", CODE]);
    fs::remove_file(repository.path().join(CODE)).unwrap();
    repository.run(&["check"]).expect(0);
    repository.git(&["update-index", "--no-skip-worktree", CODE]);
    let ran = repository.run(&["check"]).expect(3);
    assert!(ran.stdout.contains(&format!("missing ({CODE})")), "{}", ran.stdout);
}

#[test]
fn what_others_have_staged_in_other_ways_is_judged_alike() {
    let answers = Answers::good();
    let repository = generated(&answers);
    let state = |word: &str| {
        let ran = repository.run(&["check", "--staged"]).expect(3);
        assert!(ran.stdout.contains(word), "{word}: {}", ran.stdout);
    };
    stage(&repository, CODE, &format!("{GOOD_CODE}# by hand\n"));
    state(&format!("edited ({CODE})"));
    for version in ["4", "2"] {
        repository.git(&["update-index", "--index-version", version]);
        state(&format!("edited ({CODE})"));
    }
    // An index in two files: git is asked.
    repository.git(&["update-index", "--split-index"]);
    state(&format!("edited ({CODE})"));
    repository.git(&["update-index", "--no-split-index"]);
    // The intention to add a file stages nothing.
    repository.git(&["reset", "-q", "--hard"]);
    repository.write("hello/later.py", "LATER = 1\n");
    repository.git(&["add", "-N", "hello/later.py"]);
    let ran = repository.run(&["check", "--staged"]).expect(0);
    assert!(ran.stderr.contains("nothing that is staged concerns a spec"), "{}", ran.stderr);
    // The owners that were kept are those of the last commit, also after another one.
    stage(&repository, SPEC_FILE, &SPEC.replace(CODE, "hello/other.py"));
    repository.git(&["mv", CODE, "hello/other.py"]);
    repository.run(&["check", "--accept"]).expect(0);
    repository.git(&["add", "-A"]);
    repository.run(&["check", "--staged"]).expect(0);
    repository.git(&["commit", "-q", "-m", "renamed"]);
    stage(&repository, "hello/other.py", &format!("{GOOD_CODE}# by hand\n"));
    state("edited (hello/other.py)");
}

#[test]
fn amends_and_first_commits_are_judged() {
    let answers = Answers::good();
    let repository = generated(&answers);
    repository.run(&["hook", "install"]).expect(0);
    stage(&repository, SPEC_FILE, &format!("{SPEC}# changed\n"));
    let ran = commit(&repository, &["--amend"]).expect(1);
    assert!(said(&ran).contains("changed (spec)"), "{}\n{}", ran.stdout, ran.stderr);
    // Before the first commit of a branch everything is staged.
    repository.git(&["checkout", "-q", "--orphan", "fresh"]);
    let ran = commit(&repository, &[]).expect(1);
    assert!(said(&ran).contains("changed (spec)"), "{}\n{}", ran.stdout, ran.stderr);
    repository.git(&["checkout", "-q", "-f", "main"]);
}
