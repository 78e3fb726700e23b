//! Crashes: a process that is killed at any moment leaves tree, index and lock each whole, and the next one goes on.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::support::greeter::{
    Answers, CONFIG, GOOD_CODE, GOOD_TESTS, SPEC, TESTS, file, generate, greeter, model_calls,
};
use super::support::model_server::{ModelServer, Reply};
use super::support::repository::TestRepository;
use super::support::running::Running;

/// How many moments of each kind.
const MOMENTS: u32 = 20;
/// So many files of code make the writing of the set take a while.
const FILES: usize = 80;

fn spec() -> String {
    let files: Vec<String> = std::iter::once("hello/greeter.py".to_owned()).chain((1..FILES).map(part)).collect();
    SPEC.replace("code: hello/greeter.py", &format!("code: [{}]", files.join(", ")))
}

fn part(number: usize) -> String {
    format!("hello/parts{}/part{number}.py", number % 3)
}

/// Right answers for [`spec`] whose files all say this word.
fn answers(word: &str) -> Answers {
    let mut code = file("hello/greeter.py", &format!("{GOOD_CODE}\n\nWORD = \"{word}\"\n"));
    for number in 1..FILES {
        code.push_str(&format!("\n{}", file(&part(number), &format!("WORD = \"{word} {number}\"\n"))));
    }
    let tests = format!("{GOOD_TESTS}\n\nWORD = \"{word}\"\n");
    Answers::with(&[("greeter.code.1", code), ("greeter.tests.1", file(TESTS, &tests))])
}

/// A repository in which the first generation is committed, and the spec has changed since.
fn changed() -> TestRepository {
    let config = CONFIG.replace("test_runs: 2", "test_runs: 1").replace("limits: {", "limits: { files: 100,");
    let repository = greeter(&[(".codegen/specs/greeter.yaml", &spec()), (".codegen/config.yaml", &config)]);
    generate(&repository, &answers("old"), &[]).expect(0);
    repository.commit("generated");
    repository.write(".codegen/specs/greeter.yaml", &format!("{}rules: [Be polite]\n", spec()));
    repository.commit("changed");
    repository
}

type Tree = BTreeMap<String, String>;

/// Every file outside of `.git`.
fn tree(repository: &TestRepository) -> Tree {
    let (_, _, files) = repository.fingerprint();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    files
        .into_iter()
        .map(|(path, bytes)| (path.strip_prefix(repository.path()).unwrap().display().to_string(), text(bytes)))
        .collect()
}

fn index(repository: &TestRepository) -> Vec<u8> {
    std::fs::read(repository.path().join(".git/index")).unwrap()
}

/// Runs a command and kills it: after a time, or a moment after the journal of writes is there.
fn kill(command: &mut Command, journal: Option<&Path>, after: Duration) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    if let Some(journal) = journal {
        while !journal.exists() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
    }
    let started = Instant::now();
    while started.elapsed() < after && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
}

/// Kills a command at random moments; each time tree, index and locks must be whole, and the next start makes one set of them.
pub fn kill_at_random_moments(repository: &TestRepository, command: &dyn Fn() -> Command, moments: u32) {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let (old, index_before) = (tree(repository), index(repository));
    let started = Instant::now();
    let status = command().stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let (whole, new) = (started.elapsed(), tree(repository));
    assert_ne!(old, new, "the command writes nothing: {status}");
    let reset = || {
        for path in tree(repository).keys().filter(|path| !old.contains_key(*path)) {
            std::fs::remove_file(repository.path().join(path)).unwrap();
        }
        for (path, text) in &old {
            repository.write(path, text);
        }
        std::fs::write(repository.path().join(".git/index"), &index_before).unwrap();
    };
    let journal = repository.path().join(".git/codegen/journal");
    let (mut finished, mut mixed) = (0, 0);
    for moment in 0..moments {
        reset();
        let (wait, after) = match moment % 3 {
            0 => (None, whole.mul_f64(random.f64())),
            1 => (Some(journal.clone()), Duration::from_micros(random.u64(0..40_000))),
            _ => (Some(journal.join("plan.json")), Duration::from_micros(random.u64(0..4000))),
        };
        kill(&mut command(), wait.as_deref(), after);
        let shown =
            format!("seed {seed}, moment {moment}: {after:?} {}", if wait.is_some() { "into the writing" } else { "" });
        // Before anything else runs: each file is the old or the new one, and nothing lies beside them.
        let found = tree(repository);
        for (path, text) in &found {
            let known = [old.get(path), new.get(path)].into_iter().flatten().any(|known| known == text);
            assert!(known, "{path} is neither old nor new ({shown}):\n{text}");
        }
        assert!(old.keys().all(|path| found.contains_key(path)), "{shown}");
        assert_eq!(index(repository), index_before, "{shown}");
        mixed += u32::from(found != old && found != new);
        // The next start, whatever it is for, makes one set of them.
        let ran = repository.run(&["list"]).expect(0);
        let found = tree(repository);
        assert!(found == old || found == new, "a part of the set is new ({shown})\n{}", ran.stderr);
        assert_eq!(index(repository), index_before, "{shown}");
        assert!(!journal.exists(), "{shown}");
        finished += u32::from(found == new);
    }
    // And a run that is not killed goes through.
    reset();
    command().stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(tree(repository), new);
    eprintln!("{moments} moments: {mixed} in the middle of the set, {finished} ended with the new one");
}

#[test]
fn a_generation_that_is_killed_leaves_one_set_of_files() {
    let repository = changed();
    let (answers, model) = {
        let answers = answers("new");
        let model = answers.model();
        (answers, model)
    };
    let command = || {
        let mut command = repository.program();
        command.args(["generate", "--model", &model]);
        command
    };
    kill_at_random_moments(&repository, &command, MOMENTS);
    repository.run(&["check"]).expect(0);
    drop(answers);
}

#[test]
fn a_second_run_in_the_same_repository_is_refused_and_a_killed_one_holds_nothing() {
    let server = ModelServer::with([
        Reply::silence(),
        Reply::answer(&file("hello/greeter.py", GOOD_CODE)),
        Reply::answer(&file(TESTS, GOOD_TESTS)),
    ]);
    let config = format!("{CONFIG}model: {{ name: double, answers: fenced }}\n");
    let repository = greeter(&[(".codegen/config.yaml", &config)]);
    let first = Running::start(server.point(repository.program().args(["generate"])));
    first.until_stderr("writing code");
    let ran = generate(&repository, &Answers::good(), &[]).expect(5);
    assert!(ran.stderr.contains("another run of codegen is at work in this repository (process "), "{}", ran.stderr);
    assert_eq!(model_calls(&ran), 0);
    // Nothing keeps a reader, nor a run that writes nothing, from its work.
    repository.run(&["check"]).expect(3);
    generate(&repository, &Answers::good(), &["--dry-run"]).expect(0);
    // A linked worktree is the same repository.
    repository.git(&["worktree", "add", "-q", "-b", "other", ".linked"]);
    let linked = repository.path().join(".linked");
    let model = Answers::good();
    let ran = repository.run(&["-C", linked.to_str().unwrap(), "generate", "--model", &model.model()]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    first.signal(rustix::process::Signal::KILL);
    first.finish();
    Running::start(server.point(repository.program().args(["generate"]))).finish().expect(0);
}

#[test]
fn answers_that_were_paid_for_before_a_kill_are_not_asked_for_again() {
    let server = ModelServer::with([Reply::answer(&file("hello/greeter.py", GOOD_CODE)), Reply::silence()]);
    let config = format!("{CONFIG}model: {{ name: double, answers: fenced }}\n");
    let repository = greeter(&[(".codegen/config.yaml", &config)]);
    let first = Running::start(server.point(repository.program().args(["generate"])));
    server.wait_for_requests(2);
    first.signal(rustix::process::Signal::KILL);
    first.finish();
    server.expect(Reply::answer(&file(TESTS, GOOD_TESTS)));
    Running::start(server.point(repository.program().args(["generate"]))).finish().expect(0);
    assert_eq!(server.finish().len(), 3, "the code was asked for once, its tests twice");
}
