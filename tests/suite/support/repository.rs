//! A repository of a test: a temporary folder with a commit, a home of its own, and the program run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a git repository, and a home without any configuration.
pub struct TestRepository {
    root: TempDir,
    home: TempDir,
}

/// What the program did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Fails the test with everything that was printed unless the exit code is this one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The events of `--format ndjson`.
    pub fn events(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl TestRepository {
    /// A repository with these files in one commit.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self { root: tempfile::tempdir().unwrap(), home: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit("start");
        repository
    }

    /// A copy of a sample repository: `rust`, `go`, `python`, `typescript` or `java`.
    pub fn sample(language: &str) -> Self {
        let repository = Self { root: tempfile::tempdir().unwrap(), home: tempfile::tempdir().unwrap() };
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(language);
        copy(&sample, repository.path());
        // What the gates say must not depend on how busy the machine is. Maven takes too long for that: its few changes are no verdict.
        if language != "java" {
            repository.write(".codegen/config.yaml", "limits: { mutation_time: 30m }\n");
        }
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit("start");
        repository
    }

    /// A clone, with a home of its own.
    pub fn clone_of(url: &str, arguments: &[&str]) -> Self {
        let repository = Self { root: tempfile::tempdir().unwrap(), home: tempfile::tempdir().unwrap() };
        let mut all = vec!["clone", "-q"];
        all.extend(arguments);
        all.extend([url, "."]);
        repository.git(&all);
        repository
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let file = self.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path().join(path)).ok()
    }

    /// Runs git in the repository and returns what it printed.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Everything that a failed run must leave as it was: the state of the tree, the index, every file outside `.git`.
    pub fn fingerprint(&self) -> (String, Vec<u8>, BTreeMap<PathBuf, Vec<u8>>) {
        let mut files = BTreeMap::new();
        gather(self.path(), &mut files);
        let index = fs::read(self.path().join(".git/index")).unwrap_or_default();
        (self.git(&["--no-optional-locks", "status", "--porcelain"]), index, files)
    }

    /// The program, in the repository, with a hermetic environment.
    pub fn program(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_codegen"))
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.program().args(arguments).output().unwrap().into()
    }

    /// Any program, in the repository, with a hermetic environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env_clear();
        // Toolchains live outside of the home of the test.
        let real_home = std::env::var("HOME").unwrap_or_default();
        for (name, folder) in [
            ("CARGO_HOME", ".cargo"),
            ("RUSTUP_HOME", ".rustup"),
            ("GOPATH", "go"),
            ("GOCACHE", ".cache/go-build"),
            ("npm_config_cache", ".npm"),
            ("PYENV_ROOT", ".pyenv"),
        ] {
            command.env(name, std::env::var(name).unwrap_or_else(|_| format!("{real_home}/{folder}")));
        }
        for (name, value) in std::env::vars()
            .filter(|(name, _)| ["PATH", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"].contains(&name.as_str()))
        {
            command.env(name, value);
        }
        command
            .env("HOME", self.home.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_NAME", "A Person")
            .env("GIT_AUTHOR_EMAIL", "person@example.com")
            .env("GIT_COMMITTER_NAME", "A Person")
            .env("GIT_COMMITTER_EMAIL", "person@example.com")
            .env("OLLAMA_HOST", "127.0.0.1:1")
            .env("HF_HUB_OFFLINE", "1")
            .env("npm_config_offline", "true")
            .env("CARGO_NET_OFFLINE", "true");
        command
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn gather(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_name() == ".git" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            gather(&entry.path(), files);
        } else {
            files.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
}

/// Whether a tool answers to these arguments.
pub fn installed(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Says what was not tested because a tool is missing.
pub fn skipped(what: &str, missing: &str) {
    eprintln!("SKIPPED {what}: {missing} is missing here");
}
