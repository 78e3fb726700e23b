//! The proof of generated files: the gates, run in a scratch worktree, cheapest first, until one refuses.

mod command;
mod coverage;
mod generated;
mod imports;
mod mutation;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::baseline::Baseline;
use super::place::place;
use crate::answer::AnsweredFile;
use crate::failure::Failure;
use crate::gate::compliance::judge_compliance;
use crate::gate::feedback::condense;
use crate::gate::suite::{judge_quality, refuse_copies, refuse_strangers};
use crate::gate::{Gate, GateResult, Outcome, Verdict, findings};
use crate::language::detect::{Project, Stage};
use crate::language::imports::wiring;
use crate::language::outline::{Kind, outline};
use crate::language::{CommandLine, Language};
use crate::language::{hollow, suppressions, syntax, tampering, test_cases, unfinished};
use crate::path::RepoPath;
use crate::pattern::check::{RuleResult, judge};
use crate::port::{Exit, Finished, Role, Runner, Scratch};
use crate::task::Task;
use crate::text::count;

use command::{gate_span, record};
pub use command::{install_hint, variables};
pub use coverage::can_measure;
pub use mutation::Spare;

/// Files by path, with their text.
pub type FileSet = BTreeMap<RepoPath, String>;

/// Proves the files of one task in one scratch worktree.
pub struct Prover {
    /// The task.
    pub task: Arc<Task>,
    /// The project its files belong to.
    pub project: Arc<Project>,
    /// The repository before anything was generated.
    pub baseline: Arc<Baseline>,
    /// Where things run.
    pub scratch: Arc<dyn Scratch>,
    /// What runs them.
    pub runner: Arc<dyn Runner>,
    /// How long one command may run.
    pub timeout: Duration,
    /// Gates that are not run because somebody said so.
    pub skip: Vec<Gate>,
    /// Files that specs before this one wrote in this run.
    pub before: FileSet,
    /// How long changes to the code may be tried.
    pub mutation_time: Option<Duration>,
    /// Takes more scratch worktrees.
    pub spare: Spare,
}

/// What a proof found.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The gates.
    pub verdict: Verdict,
    /// The rules.
    pub rules: Vec<RuleResult>,
    /// The files as they stand after the formatter.
    pub files: FileSet,
    /// Files beside the spec's own that the language needs changed.
    pub wired: FileSet,
}

/// Told of every gate as it ends.
pub type OnGate<'a> = &'a (dyn Fn(&GateResult) + Send + Sync);

impl Prover {
    /// Proves code, without its tests.
    pub async fn prove_code(&self, code: &FileSet, on_gate: OnGate<'_>) -> Result<Proof, Failure> {
        let mut proof = self.begin(code, Role::Code, on_gate).await?;
        if proof.verdict.failure().is_none() {
            let paths = self.inside(proof.files.keys());
            self.command_gate(&mut proof, Gate::Build, Stage::Build, &paths, on_gate).await;
            self.lint_gate(&mut proof, on_gate).await;
            self.command_gate(&mut proof, Gate::ExistingTests, Stage::Test, &[], on_gate).await;
        }
        Ok(proof)
    }

    /// Proves tests, together with code that passed.
    pub async fn prove_tests(
        &self,
        code: &FileSet,
        generated: &FileSet,
        on_gate: OnGate<'_>,
    ) -> Result<Proof, Failure> {
        let mut proof = self.begin_tests(code, generated, on_gate).await?;
        self.quality_gate(&mut proof, on_gate);
        self.build_and_run_tests(&mut proof, true, on_gate).await;
        if proof.verdict.failure().is_some() {
            return Ok(proof);
        }
        let names = self.names(&proof.files);
        // Once more with the new tests in place: they must not break the suite they are part of.
        self.command_gate(&mut proof, Gate::ExistingTests, Stage::Test, &[], on_gate).await;
        let covered = self.coverage_gate(&mut proof, &names, on_gate).await;
        self.mutation_gate(&mut proof, &names, covered.as_ref(), on_gate).await;
        Ok(proof)
    }

    /// Runs tests with code that passed. What they are worth is not asked, nor what a linter says of them.
    pub async fn run_tests(&self, code: &FileSet, generated: &FileSet, on_gate: OnGate<'_>) -> Result<Proof, Failure> {
        let mut proof = self.begin_tests(code, generated, on_gate).await?;
        self.build_and_run_tests(&mut proof, false, on_gate).await;
        Ok(proof)
    }

    /// Puts tests in place, together with code that passed.
    async fn begin_tests(&self, code: &FileSet, generated: &FileSet, on_gate: OnGate<'_>) -> Result<Proof, Failure> {
        let mut all = code.clone();
        all.extend(generated.iter().map(|(path, text)| (path.clone(), text.clone())));
        self.begin(&all, Role::Tests, on_gate).await
    }

    async fn build_and_run_tests(&self, proof: &mut Proof, lints: bool, on_gate: OnGate<'_>) {
        let paths = self.inside(proof.files.keys());
        self.command_gate(proof, Gate::Build, Stage::Build, &paths, on_gate).await;
        if lints {
            self.lint_gate(proof, on_gate).await;
        }
        let names = self.names(&proof.files);
        self.generated_tests_gate(proof, &names, on_gate).await;
    }

    /// Judges by their text what tests are worth.
    fn quality_gate(&self, proof: &mut Proof, on_gate: OnGate<'_>) {
        if proof.verdict.failure().is_some() {
            return;
        }
        let cases = self.cases(&proof.files);
        let copies = self.of_tests(&proof.files, hollow::copies);
        let detached = self.of_tests(&proof.files, hollow::detached);
        let tampered = self.of_tests(&proof.files, |language, _, text| tampering::in_tests(language, text));
        let outcome = refuse_strangers(refuse_copies(judge_quality(&cases), &copies), &detached, &tampered);
        self.pure_gate(proof, Gate::TestQuality, on_gate, || outcome);
    }

    /// The names of the test cases.
    fn names(&self, files: &FileSet) -> Vec<String> {
        self.cases(files).into_iter().flat_map(|(_, cases)| cases).map(|case| case.name).collect()
    }

    /// The test cases of each file of tests.
    fn cases(&self, files: &FileSet) -> Vec<(&str, Vec<test_cases::TestCase>)> {
        let tests = self.task.tests.iter();
        tests.filter_map(|path| Some((path.as_str(), test_cases::find(self.task.language, files.get(path)?)))).collect()
    }

    /// What is found in each file of tests, beside the code: a path and a line for each.
    fn of_tests<T>(
        &self,
        files: &FileSet,
        find: impl Fn(Language, &[&str], &str) -> Vec<(usize, T)>,
    ) -> Vec<(&str, usize, T)> {
        let code: Vec<&str> = self.task.code.iter().filter_map(|path| files.get(path).map(String::as_str)).collect();
        let tests = self.task.tests.iter().filter_map(|path| Some((path.as_str(), files.get(path)?)));
        let found = tests.flat_map(|(path, text)| {
            let found = find(self.task.language, &code, text);
            found.into_iter().map(move |(line, what)| (path, line, what))
        });
        found.collect()
    }

    /// What the code does to the runner of its tests. A file that holds code and tests is judged as tests.
    fn tampering(&self, files: &FileSet) -> Vec<(&str, usize, &'static str)> {
        let code = self.task.code.iter().filter(|path| !self.task.tests.contains(path));
        let code = code.filter_map(|path| Some((path.as_str(), files.get(path)?)));
        let found = code.flat_map(|(path, text)| {
            let found = tampering::in_code(self.task.language, text);
            found.into_iter().map(move |(line, reason)| (path, line, reason))
        });
        found.collect()
    }

    /// What the code leaves to be written. What stood there before may be somebody's own, and is theirs to finish.
    fn unfinished(&self, files: &FileSet) -> Vec<(&str, usize, &'static str)> {
        let mut found = Vec::new();
        for path in &self.task.code {
            let Some(text) = files.get(path) else { continue };
            let before = self.scratch.base(path).unwrap_or_default();
            let stood = |line: usize| {
                let line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
                before.lines().any(|other| other.trim() == line)
            };
            let new = unfinished::find(self.task.language, text).into_iter().filter(|(line, _)| !stood(*line));
            found.extend(new.map(|(line, reason)| (path.as_str(), line, reason)));
        }
        found
    }

    /// Puts the files in place and runs the gates that need no build: syntax, format, compliance.
    async fn begin(&self, files: &FileSet, role: Role, on_gate: OnGate<'_>) -> Result<Proof, Failure> {
        let mut proof = Proof { files: files.clone(), ..Proof::default() };
        proof.wired = self.wired(files);
        let mut overlay = self.before.clone();
        if role == Role::Code {
            overlay.extend(self.emptied_tests());
        }
        overlay.extend(proof.wired.clone());
        overlay.extend(files.clone());
        place(&self.scratch, [self.project.as_ref()], overlay).await?;
        self.pure_gate(&mut proof, Gate::Syntax, on_gate, || self.judge_syntax(files));
        self.format_gate(&mut proof, on_gate).await;
        if role == Role::Code && proof.verdict.failure().is_none() {
            proof.rules = self.judge_rules(&proof.files);
            let (rules, files) = (proof.rules.clone(), proof.files.clone());
            let mut faults = self.tampering(&files);
            faults.extend(self.unfinished(&files));
            self.pure_gate(&mut proof, Gate::Compliance, on_gate, || {
                refuse_strangers(judge_compliance(&rules, &self.code_of(&files)), &[], &faults)
            });
        }
        Ok(proof)
    }

    /// What the language needs changed so that the code is part of the project.
    fn wired(&self, files: &FileSet) -> FileSet {
        let mut wired = FileSet::new();
        for code in &self.task.code {
            let read = |path: &str| {
                let path = RepoPath::parse(path).ok()?;
                let own = wired.get(&path).or_else(|| files.get(&path)).or_else(|| self.before.get(&path)).cloned();
                own.or_else(|| self.scratch.base(&path))
            };
            for change in wiring(&self.project, code, &read) {
                if !files.contains_key(&change.path) {
                    wired.insert(change.path, change.text);
                }
            }
        }
        wired
    }

    /// The spec's own tests of before, emptied: they are written anew, and show what the code was to do before.
    fn emptied_tests(&self) -> FileSet {
        let old = self.task.tests.iter().filter_map(|path| Some((path.clone(), self.scratch.base(path)?)));
        old.map(|(path, text)| {
            // What is left of a Go file must still say its package.
            let package = text.lines().find(|line| line.starts_with("package "));
            (path, package.map(|line| format!("{line}\n")).unwrap_or_default())
        })
        .collect()
    }

    fn inside<'p>(&self, paths: impl Iterator<Item = &'p RepoPath>) -> Vec<String> {
        let own = paths
            .filter(|path| crate::language::Language::from_extension(path.extension()) == Some(self.task.language));
        own.map(|path| self.project.inside(path).to_owned()).collect()
    }

    fn folder(&self) -> PathBuf {
        self.scratch.root().join(&self.project.folder)
    }

    fn push(
        proof: &mut Proof,
        gate: Gate,
        outcome: Outcome,
        command: Option<String>,
        started: Instant,
        on_gate: OnGate<'_>,
    ) {
        let result = GateResult { gate, outcome, command, seconds: started.elapsed().as_secs_f64() };
        on_gate(&result);
        proof.verdict.results.push(result);
    }

    /// Whether a gate runs now; one that somebody skipped is recorded as unproven.
    fn enter(&self, proof: &mut Proof, gate: Gate, on_gate: OnGate<'_>) -> bool {
        if proof.verdict.failure().is_some() {
            return false;
        }
        if self.skip.contains(&gate) {
            let reason = "skipped by --skip: UNVALIDATED".to_owned();
            Self::push(proof, gate, Outcome::Unproven { reason }, None, Instant::now(), on_gate);
            return false;
        }
        true
    }

    fn pure_gate(&self, proof: &mut Proof, gate: Gate, on_gate: OnGate<'_>, judge: impl FnOnce() -> Outcome) {
        if self.enter(proof, gate, on_gate) {
            let started = Instant::now();
            let span = gate_span(gate);
            let outcome = span.in_scope(judge);
            record(&span, &outcome, None);
            Self::push(proof, gate, outcome, None, started, on_gate);
        }
    }

    fn judge_syntax(&self, files: &FileSet) -> Outcome {
        let mut lines = Vec::new();
        for (path, text) in files {
            for error in syntax::errors(self.task.language, text) {
                lines.push(format!("{path}:{}:{}: {}", error.line, error.column, error.message));
            }
        }
        // Text may be in a grammar and mean nothing: in Python a path is an expression.
        let given = || self.task.code.iter().filter_map(|path| Some((path, files.get(path)?)));
        let declares = |text: &str| outline(self.task.language, text).iter().any(|item| item.kind != Kind::Import);
        if lines.is_empty() && given().next().is_some() && !given().any(|(_, text)| declares(text)) {
            let paths =
                given().map(|(path, _)| format!("{path}: this file declares nothing; write the code of the spec"));
            lines.extend(paths);
        }
        if lines.is_empty() {
            Outcome::Passed { detail: count(files.len(), "file", "files") }
        } else {
            Outcome::Failed { evidence: lines.join("\n") }
        }
    }

    fn judge_rules(&self, files: &FileSet) -> Vec<RuleResult> {
        let code: Vec<&str> = self.code_of(files).into_iter().map(|(_, text)| text).collect();
        judge(self.task.pattern(), self.task.language, &code.join("\n"))
    }

    fn code_of<'f>(&'f self, files: &'f FileSet) -> Vec<(&'f str, &'f str)> {
        self.task.code.iter().filter_map(|path| Some((path.as_str(), files.get(path)?.as_str()))).collect()
    }

    /// Lets the linter mend what it can by itself and the formatter write, and takes over what they wrote; then syntax must hold
    /// again.
    async fn format_gate(&self, proof: &mut Proof, on_gate: OnGate<'_>) {
        if !self.enter(proof, Gate::Format, on_gate) {
            return;
        }
        let started = Instant::now();
        let paths = self.inside(proof.files.keys());
        let mut mended = 0;
        if let Some(line) = self.command(Stage::Fix, &paths) {
            // What it cannot mend, and whether it runs at all, is for its own gate to say.
            self.run_gate(Gate::Format, &line).await;
            mended = self.take_over(&mut proof.files);
        }
        let by_linter = if mended == 0 {
            String::new()
        } else {
            format!("{} mended by the linter; ", count(mended, "file", "files"))
        };
        let Some(line) = self.command(Stage::Format, &paths) else {
            let outcome = match self.absent(Stage::Format) {
                Outcome::NotApplicable { reason } => Outcome::NotApplicable { reason: format!("{by_linter}{reason}") },
                other => other,
            };
            Self::push(proof, Gate::Format, outcome, None, started, on_gate);
            return;
        };
        let (mut outcome, _) = self.run_gate(Gate::Format, &line).await;
        if matches!(outcome, Outcome::Passed { .. }) {
            let changed = self.take_over(&mut proof.files);
            outcome = match self.judge_syntax(&proof.files) {
                Outcome::Failed { evidence } => {
                    Outcome::Failed { evidence: format!("the formatter broke the file:\n{evidence}") }
                }
                _ if changed == 0 => Outcome::Passed { detail: format!("{by_linter}formatted already") },
                _ => Outcome::Passed { detail: format!("{by_linter}{} reformatted", count(changed, "file", "files")) },
            };
        }
        Self::push(proof, Gate::Format, outcome, Some(line.to_string()), started, on_gate);
    }

    /// Takes over what a command wrote into files, and says how many it changed.
    pub(super) fn take_over(&self, files: &mut FileSet) -> usize {
        let mut changed = 0;
        for (path, text) in files {
            if let Some(now) = self.scratch.read(path).filter(|now| now != text) {
                *text = now;
                changed += 1;
            }
        }
        changed
    }

    /// Lint counts only what the change brought. A linter has crashed that fails and says nothing about a place, or fails
    /// otherwise than it did before with findings that were there before.
    async fn lint_gate(&self, proof: &mut Proof, on_gate: OnGate<'_>) {
        if !self.enter(proof, Gate::Lint, on_gate) {
            return;
        }
        let started = Instant::now();
        let Some(line) = self.command(Stage::Lint, &self.inside(proof.files.keys())) else {
            let outcome = self.absent(Stage::Lint);
            Self::push(proof, Gate::Lint, outcome, None, started, on_gate);
            return;
        };
        let (mut outcome, finished) = self.lint_unsuppressed(&line, &proof.files).await;
        if let Some(finished) = finished.filter(|finished| matches!(finished.exit, Exit::Code(_))) {
            let root = self.folder();
            let now = findings::read(&finished.output, &root.to_string_lossy());
            let fresh = findings::new_findings(&self.baseline.lint, &now);
            let old = now.len() - fresh.len();
            outcome = if !fresh.is_empty() {
                let shown: Vec<&str> = proof.files.keys().map(RepoPath::as_str).collect();
                let lines: Vec<&str> = fresh.iter().map(|finding| finding.line.as_str()).collect();
                let machine = findings::is_machine_form(&finished.output);
                let text = if lines.len() > 20 || finished.output.len() > 8000 || machine {
                    lines.join("\n")
                } else {
                    finished.output.clone()
                };
                Outcome::Failed { evidence: condense(&text, &root.to_string_lossy(), &shown) }
            } else if finished.success()
                || (old > 0 && finished.exit == Exit::Code(self.baseline.lint_code.unwrap_or(0)))
            {
                Outcome::Passed { detail: format!("nothing new ({} before)", count(old, "finding", "findings")) }
            } else {
                outcome
            };
        }
        Self::push(proof, Gate::Lint, outcome, Some(line.to_string()), started, on_gate);
    }

    /// Runs the linter on the generated files without what they say to keep it quiet.
    async fn lint_unsuppressed(&self, line: &CommandLine, files: &FileSet) -> (Outcome, Option<Finished>) {
        let language = self.task.language;
        let loud = files.iter().filter_map(|(path, text)| Some((path, suppressions::without(language, text)?)));
        let loud: Vec<(&RepoPath, String)> = loud.collect();
        let written = loud.iter().try_for_each(|(path, text)| self.scratch.write(path, text));
        let ran = match written {
            Ok(()) => self.run_gate(Gate::Lint, line).await,
            Err(failure) => (Outcome::Unproven { reason: failure.to_string() }, None),
        };
        let restored =
            loud.iter().try_for_each(|(path, _)| self.scratch.write(path, files.get(*path).map_or("", String::as_str)));
        match restored {
            Ok(()) => ran,
            Err(failure) => (Outcome::Unproven { reason: failure.to_string() }, None),
        }
    }
}

/// The files of an answer as a set.
pub fn file_set(files: Vec<AnsweredFile>) -> FileSet {
    files.into_iter().map(|file| (file.path, file.text)).collect()
}
