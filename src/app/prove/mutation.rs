//! The mutation gate: the generated code is changed in small ways, one at a time, and the generated tests must notice.
//!
//! Only lines that the tests run are changed, where coverage knows them. Each changed program is built and tested by itself
//! against the generated tests alone; several at a time, each in a scratch worktree of its own. It ends when the time is up: what was tried then
//! is a sample, judged only when it is large enough, and the rest is said to be untried.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, join_all};

use super::command::{gate_span, record};
use super::coverage::Covered;
use super::generated::printed;
use super::{FileSet, OnGate, Proof, Prover, variables};
use crate::failure::Failure;
use crate::gate::mutation::{Fate, Trial, Tried};
use crate::gate::{Gate, Outcome};
use crate::language::detect::{Project, RunnerKind, Stage, test_command};
use crate::language::mutate::{Mutant, mutants};
use crate::language::report::{self, Result as TestResult};
use crate::language::{CommandLine, Language, coverage::compiled_path};
use crate::path::RepoPath;
use crate::port::{Exit, Finished, Job, Scratch};

/// What is asked for where nothing is said, percent.
const DEFAULT: u8 = 50;

/// Most changes that are tried where nothing is said.
const SAMPLE: usize = 24;
/// The time for them where the configuration gives none, asked for and not.
const ASKED: Duration = Duration::from_secs(60);
const UNASKED: Duration = Duration::from_secs(30);

/// Takes one more scratch worktree that is ready for the project.
pub type Spare = Arc<dyn Fn() -> BoxFuture<'static, Result<Arc<dyn Scratch>, Failure>> + Send + Sync>;

/// One change to make.
struct Attempt {
    path: RepoPath,
    line: usize,
    change: String,
    text: String,
}

/// A place in which changed programs are built and tested.
struct Bench<'p> {
    prover: &'p Prover,
    scratch: Arc<dyn Scratch>,
    test: &'p CommandLine,
    build: Option<CommandLine>,
    format: report::Format,
    patience: Duration,
}

impl Prover {
    /// Tries changes until all are tried or the time is up.
    pub(super) async fn mutation_gate(
        &self,
        proof: &mut Proof,
        names: &[String],
        covered: Option<&Covered>,
        on_gate: OnGate<'_>,
    ) {
        let gate = Gate::Mutation;
        let asked = self.task.mutation;
        if asked == Some(0) || (asked.is_none() && self.skip.contains(&gate)) || !self.enter(proof, gate, on_gate) {
            return;
        }
        let started = Instant::now();
        let tests: Vec<&RepoPath> = self.task.tests.iter().collect();
        let Some((test, format)) =
            test_command(&self.project, &tests, names).zip(self.project.runner.as_ref().map(|runner| runner.format))
        else {
            let reason = "the test command of this project cannot be asked for single files".to_owned();
            Self::push(proof, gate, Outcome::Unproven { reason }, None, started, on_gate);
            return;
        };
        let test = stop_early(&self.project, test);
        let span = gate_span(gate);
        let tried = self.try_changes(&proof.files, &test, format, covered, started).await;
        let outcome = match tried.map(|trial| trial.judge(asked.unwrap_or(DEFAULT))) {
            // Nobody asked; what is tried without being asked is what there is time for.
            Ok(Outcome::Unproven { reason }) | Err(reason) if asked.is_none() => Outcome::NotApplicable { reason },
            Ok(outcome) => outcome,
            Err(reason) => Outcome::Unproven { reason },
        };
        record(&span, &outcome, None);
        Self::push(proof, gate, outcome, Some(test.to_string()), started, on_gate);
    }

    async fn try_changes(
        &self,
        files: &FileSet,
        test: &CommandLine,
        format: report::Format,
        covered: Option<&Covered>,
        started: Instant,
    ) -> Result<Trial, String> {
        let mut attempts = self.attempts(files, covered);
        if attempts.is_empty() {
            return Ok(Trial::default());
        }
        let (most, time) = match self.task.mutation {
            Some(_) => (usize::MAX, self.mutation_time.unwrap_or(ASKED)),
            None => (SAMPLE, self.mutation_time.unwrap_or(UNASKED)),
        };
        attempts.truncate(most);
        let deadline = started + time;
        // The tests as they are, once more: how long they take says how long a changed program may.
        let mut first = self.bench(Arc::clone(&self.scratch), test, format);
        let clean = first.run(test, self.timeout).await;
        let clean = clean.filter(Finished::success).ok_or("the tests did not pass once more, unchanged")?;
        first.patience = patience(clean.duration);
        first.forget_compiled().map_err(|failure| failure.to_string())?;
        let benches = self.benches(first, attempts.len(), files).await;
        let queue = Mutex::new(VecDeque::from(attempts));
        let tried = Mutex::new(Vec::new());
        join_all(benches.iter().map(|bench| bench.work(files, &queue, &tried, deadline))).await;
        let left = queue.into_inner().unwrap_or_else(PoisonError::into_inner).len();
        Ok(Trial { tried: tried.into_inner().unwrap_or_else(PoisonError::into_inner), left })
    }

    /// The changes to make, of all files in turn.
    fn attempts(&self, files: &FileSet, covered: Option<&Covered>) -> Vec<Attempt> {
        let mut attempts: Vec<(usize, Attempt)> = Vec::new();
        for path in &self.task.code {
            let Some((path, text, lines)) = self.changed_file(path, files, covered) else { continue };
            let ran = |mutant: &Mutant| lines.is_none_or(|lines| lines.contains(&mutant.line));
            let found = mutants(self.task.language, &text).into_iter().filter(ran).enumerate();
            attempts.extend(found.map(|(rank, mutant)| {
                let (line, change) = (mutant.line, mutant.describe(&text));
                (rank, Attempt { path: path.clone(), line, change, text: mutant.apply(&text) })
            }));
        }
        attempts.sort_by_key(|(rank, _)| *rank);
        attempts.into_iter().map(|(_, attempt)| attempt).collect()
    }

    /// The file that is changed for a generated one, with its text: where a compiler translates, what it wrote, since that
    /// is what runs.
    fn changed_file<'c>(
        &self,
        path: &RepoPath,
        files: &FileSet,
        covered: Option<&'c Covered>,
    ) -> Option<(RepoPath, String, Option<&'c std::collections::BTreeSet<usize>>)> {
        match compiled_path(&self.project, path) {
            Some(script) => {
                let text = self.scratch.read(&script)?;
                Some((script, text, None))
            }
            None => Some((path.clone(), files.get(path)?.clone(), covered.and_then(|covered| covered.get(path)))),
        }
    }

    fn bench<'p>(&'p self, scratch: Arc<dyn Scratch>, test: &'p CommandLine, format: report::Format) -> Bench<'p> {
        // `cargo test` and `go test` build what they run; interpreters build nothing.
        let build = None;
        Bench { prover: self, scratch, test, build, format, patience: self.timeout }
    }

    /// As many places as are worth their preparation; one that cannot be prepared is left out.
    async fn benches<'p>(&'p self, first: Bench<'p>, attempts: usize, files: &FileSet) -> Vec<Bench<'p>> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Compilers use several processors by themselves.
        let compiled =
            matches!(first.format, report::Format::Cargo | report::Format::GoJson | report::Format::JunitXml);
        let wanted = if compiled { cores / 2 } else { cores }.clamp(1, 4).min(attempts.div_ceil(6));
        let (test, format, patience) = (first.test, first.format, first.patience);
        let mut benches = vec![first];
        let more = (1..wanted).map(|_| (self.spare)());
        for scratch in join_all(more).await.into_iter().filter_map(Result::ok) {
            let mut bench = self.bench(scratch, test, format);
            if bench.prepare(files).await {
                bench.patience = patience;
                benches.push(bench);
            }
        }
        benches
    }
}

/// How long a changed program may take: it has to be built, and may be slower.
fn patience(clean: Duration) -> Duration {
    clean * 5 + Duration::from_secs(20)
}

impl Bench<'_> {
    /// Lays out the proven state in a place of its own, and sees the tests pass there.
    async fn prepare(&mut self, files: &FileSet) -> bool {
        let mut overlay = self.prover.before.clone();
        overlay.extend(self.prover.wired(files));
        overlay.extend(files.clone());
        if super::place(&self.scratch, [self.prover.project.as_ref()], overlay).await.is_err() {
            return false;
        }
        if self.prover.project.built_folder().is_some() {
            self.build = self.prover.command(Stage::Build, &self.prover.inside(files.keys()));
        }
        if let Some(build) = self.build.take()
            && !self.run(&build, self.prover.timeout).await.is_some_and(|finished| finished.success())
        {
            return false;
        }
        let passes = self.run(self.test, self.prover.timeout).await.is_some_and(|finished| finished.success());
        passes && self.forget_compiled().is_ok()
    }

    /// Removes what Python compiled of the files that are changed.
    fn forget_compiled(&self) -> Result<(), Failure> {
        let task = &self.prover.task;
        let code = task.code.iter().filter(|_| is_python(&self.prover.project));
        code.map(RepoPath::parent).try_for_each(|folder| {
            let cache = if folder.is_empty() { "__pycache__".to_owned() } else { format!("{folder}/__pycache__") };
            self.scratch.discard(&cache)
        })
    }

    async fn work(
        &self,
        files: &FileSet,
        queue: &Mutex<VecDeque<Attempt>>,
        tried: &Mutex<Vec<Tried>>,
        deadline: Instant,
    ) {
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let mut changed: Option<(RepoPath, String)> = None;
        while Instant::now() < deadline {
            let Some(attempt) = next() else { break };
            let original = files.get(&attempt.path).cloned().or_else(|| match &changed {
                Some((path, text)) if *path == attempt.path => Some(text.clone()),
                _ => self.scratch.read(&attempt.path),
            });
            let Some(original) = original else { break };
            if changed.as_ref().is_some_and(|(path, _)| *path != attempt.path) {
                self.restore(changed.take());
            }
            changed = Some((attempt.path.clone(), original));
            if self.scratch.write(&attempt.path, &attempt.text).is_err() {
                break;
            }
            let Some(finished) = self.run(self.test, self.patience).await else { break };
            let fate = self.fate(&finished);
            let done = Tried { path: attempt.path, line: attempt.line, change: attempt.change, fate };
            tried.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        }
        self.restore(changed);
    }

    fn restore(&self, changed: Option<(RepoPath, String)>) {
        if let Some((path, text)) = changed {
            // A worktree is brought back to its state before it is used again.
            let _ = self.scratch.write(&path, &text);
        }
    }

    async fn run(&self, line: &CommandLine, timeout: Duration) -> Option<Finished> {
        let project = &self.prover.project;
        let folder = self.scratch.root().join(&project.folder);
        let mut variables = variables(project, &folder);
        variables.extend(uncached(project));
        let job = Job { line: line.clone(), folder, timeout, variables };
        self.prover.runner.run(&job).await.ok()
    }

    fn fate(&self, finished: &Finished) -> Fate {
        match finished.exit {
            Exit::TimedOut => Fate::Endless,
            Exit::Code(0) => Fate::Survived,
            Exit::Signal(_) => Fate::Noticed,
            Exit::Code(_) => {
                let results = printed(self.format, finished);
                let failed = results.values().any(|result| *result == TestResult::Failed);
                let unbuilt = match self.format {
                    report::Format::Cargo => finished.output.contains("could not compile"),
                    report::Format::GoJson => {
                        finished.output.contains("[build failed]") || finished.output.contains("[setup failed]")
                    }
                    report::Format::JunitXml => {
                        ["COMPILATION ERROR", "Compilation failed"].iter().any(|word| finished.output.contains(word))
                    }
                    _ => false,
                };
                if unbuilt && !failed { Fate::Unviable } else { Fate::Noticed }
            }
        }
    }
}

/// Python takes compiled code for current when size and second of the source are, and a mutant has both of its neighbour:
/// nothing compiled is kept of what is changed.
fn uncached(project: &Project) -> Vec<(String, String)> {
    if is_python(project) { vec![("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned())] } else { Vec::new() }
}

fn is_python(project: &Project) -> bool {
    project.language == Language::Python
}

/// The command that stops at the first failure, where the runner can: one is enough to notice a change.
fn stop_early(project: &Project, test: CommandLine) -> CommandLine {
    match project.runner.as_ref().map(|runner| &runner.kind) {
        Some(RunnerKind::Pytest(_)) => test.with(["-x"]),
        Some(RunnerKind::Unittest(_)) => test.with(["-f"]),
        Some(RunnerKind::Vitest) => test.with(["--bail=1"]),
        Some(RunnerKind::Jest) => test.with(["--bail"]),
        _ => test,
    }
}
