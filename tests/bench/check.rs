//! `codegen check` on a large repository, beside `git status` on the same tree: cold, warm, after one change, and with
//! `--staged`. `cargo bench --bench check` prints ratios of one run; `CODEGEN_BENCH_SPECS` sets the size.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of each measure; the middle one counts.
const RUNS: usize = 7;

fn main() {
    let specs: usize = std::env::var("CODEGEN_BENCH_SPECS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    lay_out(root, specs);
    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "specs"]);
    // Files as they stand are taken for current: what is measured is the check, not the making.
    timed(root, CODEGEN, &["check", "--accept"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "locks"]);
    git(root, &["-c", "pack.threads=1", "-c", "gc.auto=0", "repack", "-q", "-a", "-d"]);
    std::thread::sleep(Duration::from_secs(1));
    let start = middle(root, CODEGEN, &["--version"], &|| {});
    let status = middle(root, "git", &["status", "--porcelain"], &|| {});
    let memo = root.join(".git/codegen/check");
    let cold = middle(root, CODEGEN, &["check"], &|| drop(fs::remove_file(&memo)));
    timed(root, CODEGEN, &["check"]);
    let warm = middle(root, CODEGEN, &["check"], &|| {});
    let one = root.join("src/group0/thing0.py");
    let text = fs::read_to_string(&one).unwrap();
    let count = std::cell::Cell::new(0);
    let change = || {
        count.set(count.get() + 1);
        fs::write(&one, format!("{text}# by hand {}\n", count.get())).unwrap();
    };
    let changed = middle(root, CODEGEN, &["check"], &change);
    let spec = root.join(".codegen/specs/group1/thing100.yaml");
    let of_spec = fs::read_to_string(&spec).unwrap();
    let change_spec = || {
        count.set(count.get() + 1);
        fs::write(&spec, format!("{of_spec}# by hand {}\n", count.get())).unwrap();
    };
    let changed_spec = middle(root, CODEGEN, &["check"], &change_spec);
    fs::write(&spec, &of_spec).unwrap();
    let status_changed = middle(root, "git", &["status", "--porcelain"], &change);
    git(root, &["add", "-A"]);
    timed(root, CODEGEN, &["check", "--staged"]);
    let staged = middle(root, CODEGEN, &["check", "--staged"], &|| {});
    let plain = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let ratio = |time: Duration| format!("{:.2} × git status", time.as_secs_f64() / status.as_secs_f64());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{specs} specs, {} generated files; load {}", specs * 2, load.split(' ').next().unwrap_or_default());
    println!("start of the process            {}", plain(start));
    println!("git status                      {}", plain(status));
    println!("codegen check, cold             {}   {}", plain(cold), ratio(cold));
    println!("codegen check, warm             {}   {}", plain(warm), ratio(warm));
    println!("codegen check, a file changed   {}   {}", plain(changed), ratio(changed));
    println!("codegen check, a spec changed   {}   {}", plain(changed_spec), ratio(changed_spec));
    println!("git status, a file changed      {}", plain(status_changed));
    println!(
        "codegen check --staged, 1 file  {}   {} beyond the start",
        plain(staged),
        plain(staged.saturating_sub(start))
    );
    for (name, arguments) in [("cold", ["check"].as_slice()), ("warm", &["check"]), ("staged", &["check", "--staged"])]
    {
        if name == "cold" {
            drop(fs::remove_file(&memo));
        }
        println!("most memory, {name:<6}             {} MB", memory(root, arguments));
    }
}

const CODEGEN: &str = env!("CARGO_BIN_EXE_codegen");

/// A hundred specs to a folder, each with a file of code and one of tests.
fn lay_out(root: &Path, specs: usize) {
    let write = |path: String, text: String| {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("pyproject.toml".to_owned(), "[project]\nname = \"many\"\nversion = \"0.1.0\"\n".to_owned());
    for number in 0..specs {
        let group = number / 100;
        let (code, tests) =
            (format!("src/group{group}/thing{number}.py"), format!("tests/group{group}/test_thing{number}.py"));
        write(
            format!(".codegen/specs/group{group}/thing{number}.yaml"),
            format!(
                "name: Thing{number}\ndescription: |\n  Stores things of kind {number} in memory, by id. Create refuses an id that is taken; get, update and\n  delete refuse one that is not there. List gives all of them, lowest id first.\npattern: repository\nlanguage: python\nfiles: {{ code: {code}, tests: {tests} }}\ncontext: {{ storage: in-memory, key: int }}\n"
            ),
        );
        let body: String = (0..40)
            .map(|line| format!("def function_{line}(value: int) -> int:\n    return value + {number}\n\n\n"))
            .collect();
        write(code, body.clone());
        write(tests, body);
    }
}

fn command(root: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for (name, value) in [("NAME", "A Person"), ("EMAIL", "person@example.com")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    command
}

fn git(root: &Path, arguments: &[&str]) {
    assert!(command(root, "git", arguments).status().unwrap().success(), "git {arguments:?}");
}

fn timed(root: &Path, program: &str, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    let status = command(root, program, arguments).status().unwrap();
    assert!(status.code().is_some_and(|code| code == 0 || code == 3), "{program} {arguments:?}: {status}");
    started.elapsed()
}

fn middle(root: &Path, program: &str, arguments: &[&str], before: &dyn Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            before();
            timed(root, program, arguments)
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

/// Most memory that a run had, as the system counts it for children.
fn memory(root: &Path, arguments: &[&str]) -> u64 {
    let script = "import resource, subprocess, sys\nsubprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)";
    let output =
        Command::new("python3").current_dir(root).args(["-c", script, CODEGEN]).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or_default()
}
