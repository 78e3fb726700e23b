//! Commands of the repository as children: what they may see, how they end, and what stays when the program is killed.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use crate::support::model_server::{KEY, ModelServer, Reply};
use crate::support::repository::{Ran, TestRepository};
use crate::support::running::Running;
use crate::support::tally::{self, CODE, CONFIG, FILES, TESTS};

/// Longer than anything takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A build command that stands still until it is killed: it writes its process id into a pipe, and it and a process in
/// its background hold the pipe open, so that the end of the pipe is the death of both.
struct StandStill {
    folder: TempDir,
}

impl StandStill {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
        std::fs::write(folder.path().join("wanted"), "").unwrap();
        Self { folder }
    }

    fn pipe(&self) -> PathBuf {
        self.folder.path().join("pipe")
    }

    /// The text of the command.
    fn script(&self) -> String {
        let folder = self.folder.path().display();
        format!("[ -e {folder}/wanted ] || exit 0\nexec 9>{folder}/pipe\nsleep 1000 &\necho $$ >&9\nwait\n")
    }

    /// From now on the command ends at once.
    fn let_go(&self) {
        std::fs::remove_file(self.folder.path().join("wanted")).unwrap();
    }

    /// Follows the pipe: the process id first, then the end.
    fn follow(&self) -> Followed {
        let (pipe, (told, came)) = (self.pipe(), channel());
        std::thread::spawn(move || {
            let mut reader = BufReader::new(File::open(pipe).unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let _ = told.send(line.trim().to_owned());
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest).unwrap();
            let _ = told.send("end".to_owned());
        });
        Followed { came, group: Cell::new(None) }
    }
}

/// A command that stands still, as the test sees it. When the test ends early, it is killed.
struct Followed {
    came: Receiver<String>,
    group: Cell<Option<Pid>>,
}

impl Followed {
    /// Waits until the command stands still; gives its process group.
    #[track_caller]
    fn started(&self) -> Pid {
        let pid = self.came.recv_timeout(PATIENCE).expect("the command did not start");
        let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
        self.group.set(Some(pid));
        pid
    }

    /// Waits until the command and what it started are dead.
    #[track_caller]
    fn dead(&self) {
        self.came.recv_timeout(PATIENCE).expect("a process of the command lives on");
        self.group.set(None);
    }

    fn is_alive(&self) -> bool {
        self.came.try_recv().is_err()
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        if let Some(group) = self.group.get() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

fn standing_still(still: &StandStill, limits: &str) -> TestRepository {
    let config = format!("{CONFIG}languages: {{ python: {{ build: \"sh build.sh {{files}}\" }} }}\n{limits}");
    tally::repository_with(&config, &[("build.sh", &still.script())])
}

/// Every file below the git folder that a run may not touch: references, configuration, hooks.
fn git_state(repository: &TestRepository) -> String {
    let config = repository.read(".git/config").unwrap_or_default();
    let hooks = std::fs::read_dir(repository.path().join(".git/hooks")).map_or(0, Iterator::count);
    format!("{}{}{config}{hooks}", repository.git(&["for-each-ref"]), repository.git(&["stash", "list"]))
}

/// A repository with work in all three places: staged, changed and new.
fn with_work(repository: &TestRepository) {
    repository.write("staged.txt", "staged\n");
    repository.git(&["add", "staged.txt"]);
    repository.write("README.md", "Changed.\n");
    repository.write("new.txt", "new\n");
}

#[test]
fn an_interrupt_in_the_middle_of_a_command_kills_its_whole_group_and_leaves_no_file() {
    for signal in [Signal::INT, Signal::TERM] {
        let still = StandStill::new();
        let repository = standing_still(&still, "");
        with_work(&repository);
        let (before, git) = (repository.fingerprint(), git_state(&repository));
        let server = ModelServer::with([Reply::answer(&tally::code())]);
        let followed = still.follow();
        let running = Running::start(server.point(&mut repository.program()).arg("generate"));
        followed.started();
        assert!(followed.is_alive());
        running.signal(signal);
        running.finish().expect(130);
        followed.dead();
        assert_eq!(repository.fingerprint(), before);
        assert_eq!(git_state(&repository), git);
        // What was interrupted can be run again, and the answer is not paid for twice.
        still.let_go();
        server.expect(Reply::answer(&tally::tests()));
        let again: Ran = server.point(&mut repository.program()).arg("generate").output().unwrap().into();
        again.expect(0);
        server.finish();
    }
}

#[test]
fn a_kill_in_the_middle_of_a_command_leaves_the_tree_as_it_was_and_the_next_run_works() {
    let still = StandStill::new();
    let repository = standing_still(&still, "");
    with_work(&repository);
    let (before, git) = (repository.fingerprint(), git_state(&repository));
    let server = ModelServer::with([Reply::answer(&tally::code())]);
    let followed = still.follow();
    let running = Running::start(server.point(&mut repository.program()).arg("generate"));
    let group = followed.started();
    running.signal(Signal::KILL);
    running.finish().expect(-1);
    assert_eq!(repository.fingerprint(), before);
    assert_eq!(git_state(&repository), git);
    // Nobody is left to kill the command; the test does.
    let _ = kill_process_group(group, Signal::KILL);
    followed.dead();
    still.let_go();
    server.expect(Reply::answer(&tally::tests()));
    let again: Ran = server.point(&mut repository.program()).arg("generate").output().unwrap().into();
    again.expect(0);
    server.finish();
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    assert_eq!(repository.read("README.md").as_deref(), Some("Changed.\n"));
    repository.run(&["check"]).expect(0);
}

#[test]
fn a_kill_in_the_middle_of_a_model_call_leaves_the_tree_as_it_was_and_the_next_run_works() {
    let repository = tally::repository(CONFIG);
    with_work(&repository);
    let (before, git) = (repository.fingerprint(), git_state(&repository));
    // The code is whole, the tests are on their way.
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::silence()]);
    let running = Running::start(server.point(&mut repository.program()).arg("generate"));
    server.wait_for_requests(2);
    running.signal(Signal::KILL);
    running.finish().expect(-1);
    server.wait_for_disconnect(1);
    assert_eq!(repository.fingerprint(), before);
    assert_eq!(git_state(&repository), git);
    server.expect(Reply::answer(&tally::tests()));
    let again: Ran = server.point(&mut repository.program()).arg("generate").output().unwrap().into();
    again.expect(0);
    let requests = server.finish();
    assert_eq!(requests[2].question(), requests[1].question(), "what was answered was asked for again");
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_everything_it_started() {
    let still = StandStill::new();
    let repository = standing_still(&still, "limits: { attempts: 1, command_timeout: 5s }\n");
    let before = repository.fingerprint();
    let server = ModelServer::with([Reply::answer(&tally::code())]);
    let followed = still.follow();
    let running = Running::start(server.point(&mut repository.program()).args(["generate", "--format", "ndjson"]));
    followed.started();
    let ran = running.finish().expect(3);
    followed.dead();
    let failed = ran.events().into_iter().find(|event| event["status"] == "failed").unwrap();
    assert_eq!(failed["gate"], "build");
    assert!(failed["evidence"].as_str().unwrap().contains("did not end within 5 s"), "{failed}");
    assert_eq!(repository.fingerprint(), before);
    // The control: the same command passes when it does not stand still.
    still.let_go();
    server.expect(Reply::answer(&tally::tests()));
    let again: Ran = server.point(&mut repository.program()).arg("generate").output().unwrap().into();
    again.expect(0);
    server.finish();
}

#[test]
fn a_process_that_a_command_leaves_behind_is_killed_when_the_command_ends() {
    let still = StandStill::new();
    // The command itself succeeds.
    let script = still.script().replace("wait\n", "exit 0\n");
    let config = format!("{CONFIG}languages: {{ python: {{ build: \"sh build.sh {{files}}\" }} }}\n");
    let repository = tally::repository_with(&config, &[("build.sh", &script)]);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::silence()]);
    let followed = still.follow();
    let running = Running::start(server.point(&mut repository.program()).arg("generate"));
    followed.started();
    // The run goes on, so it is not its end that killed the process.
    server.wait_for_requests(2);
    followed.dead();
    running.signal(Signal::INT);
    running.finish().expect(130);
    server.finish();
}

#[test]
fn a_flood_of_output_is_cut_to_what_the_next_attempt_needs() {
    let flood = "[ -e ok ] && exit 0\necho FIRST_SENTINEL\nhead -c 50000000 /dev/zero | tr '\\0' 'x' | fold -w 100\necho LAST_SENTINEL\nexit 1\n";
    let config = "model: { name: double, answers: fenced }\nlimits: { attempts: 2 }\nlanguages: { python: { build: \"sh build.sh {files}\" } }\n";
    let repository = tally::repository_with(config, &[("build.sh", flood)]);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::code())]);
    let ran: Ran =
        server.point(&mut repository.program()).args(["generate", "--format", "ndjson"]).output().unwrap().into();
    let ran = ran.expect(3);
    assert!(ran.stdout.len() < 100_000, "{} bytes of events", ran.stdout.len());
    let requests = server.finish();
    let asked = requests[1].question();
    assert!(asked.contains("FIRST_SENTINEL") && asked.contains("LAST_SENTINEL"), "{asked}");
    assert!(asked.len() < 8000, "{} bytes of feedback", asked.len());
}

/// Variables that must not reach a child, with values to search for.
const SECRETS: [(&str, &str); 12] = [
    ("OPENAI_ORG_ID", "canary-organization"),
    ("GITHUB_TOKEN", "ghs_canary00000000000000000000000000000000"),
    ("GH_TOKEN", "gho_canary00000000000000000000000000000000"),
    ("ACTIONS_RUNTIME_TOKEN", "canary-runtime"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-id-token"),
    ("AWS_ACCESS_KEY_ID", "AKIACANARY0000000000"),
    ("AWS_SECRET_ACCESS_KEY", "canary-aws-secret"),
    ("ANTHROPIC_API_KEY", "sk-ant-canary"),
    ("CARGO_REGISTRY_TOKEN", "canary-cargo"),
    ("NPM_TOKEN", "npm_canary"),
    ("SSH_AUTH_SOCK", "/tmp/canary-agent"),
    ("HTTPS_PROXY", "http://user:canary-password@127.0.0.1:1"),
];

/// What the children of a run find in their environment: the baseline, the build, and a generated test.
fn dumped(secrets: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    let config = format!("{CONFIG}languages: {{ python: {{ build: \"sh build.sh {{files}}\", test: sh test.sh }} }}\n");
    let script = |name: &str| format!("env > {place}/{name}\ncat /proc/self/environ >> {place}/{name}\n");
    let repository =
        tally::repository_with(&config, &[("build.sh", &script("build")), ("test.sh", &script("baseline"))]);
    let dump = format!(
        "{TESTS}\n    # edge case: the environment.\n    def test_environment(self) -> None:\n        import os\n\n        with open(\"{place}/generated\", \"w\") as file:\n            file.write(repr(dict(os.environ)))\n        self.assertIn(\"PATH\", os.environ)\n        self.assertEqual(Tally().count(\"PATH\"), 0)\n"
    );
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::fenced(FILES[1], &dump))]);
    let mut program = repository.program();
    server.point(&mut program).envs(secrets.iter().copied());
    Ran::from(program.arg("generate").output().unwrap()).expect(0);
    server.finish();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    ["build", "baseline", "generated"].map(read).join("\n")
}

#[test]
fn children_find_no_secret_in_their_environment() {
    let seen = dumped(&SECRETS);
    for (name, value) in SECRETS.into_iter().chain([("OPENAI_API_KEY", KEY), ("OPENAI_BASE_URL", "/v1")]) {
        assert!(!seen.contains(name), "{name} reaches a child");
        assert!(!seen.contains(value), "the value of {name} reaches a child");
    }
    assert_eq!(seen.matches("CODEGEN").count(), 0, "the program's own variables reach a child");
}

#[test]
fn children_find_what_tools_need() {
    // The control of the search above: what is handed on is found by it.
    let seen = dumped(&[("LC_CANARY", "canary-locale"), ("HTTPS_PROXY", "http://127.0.0.1:1")]);
    for text in ["canary-locale", "http://127.0.0.1:1", "PATH", "HOME", "GIT_TERMINAL_PROMPT"] {
        assert_eq!(seen.matches(text).count().min(3), 3, "{text} does not reach every child:\n{seen}");
    }
}

#[test]
fn children_have_no_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let config = format!("{CONFIG}languages: {{ python: {{ build: \"sh build.sh {{files}}\" }} }}\n");
    let script = format!("read answer || echo nothing > {}/read\n", folder.path().display());
    let repository = tally::repository_with(&config, &[("build.sh", &format!("{script}exit 0\n"))]);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    let mut program = repository.program();
    server.point(&mut program).arg("generate");
    // An open standard input that never says anything.
    let mut child = program.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let held = child.stdin.take();
    assert!(child.wait().unwrap().success());
    drop(held);
    server.finish();
    assert_eq!(std::fs::read_to_string(folder.path().join("read")).unwrap(), "nothing\n");
}
