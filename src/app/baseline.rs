//! The baseline: the repository as it is, proven before a model is asked for anything. When it is red, nothing that is
//! generated could be told from what was broken before.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::place::place;
use super::prove::{FileSet, install_hint, variables};
use crate::event::{Event, Reporter};
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::gate::feedback::condense;
use crate::gate::findings::{self, Finding};
use crate::language::detect::{Project, RunnerKind, Stage};
use crate::path::RepoPath;
use crate::port::{Base, Exit, Finished, Job, RunError, Runner, Scratch, Workspace};

/// A proven repository.
pub struct Baseline {
    /// Findings of the linter that were there before.
    pub lint: Vec<Finding>,
    /// The exit code of the linter before; `None` when it did not run.
    pub lint_code: Option<i32>,
    /// How long its tests took, with what had to be built for them.
    tests_took: Option<Duration>,
    /// Whether the project has no tests yet, by the exit code that says so.
    no_tests_code: Option<i32>,
}

/// How much longer than all tests of the project those of one spec may take.
const TIMES_AS_LONG: u32 = 10;
/// The least that they may take.
const LEAST_FOR_TESTS: Duration = Duration::from_mins(2);

/// What is needed to prove a project.
pub struct Prerequisites<'a> {
    /// The repository.
    pub workspace: &'a dyn Workspace,
    /// What runs commands.
    pub runner: &'a dyn Runner,
    /// Who is told.
    pub reporter: &'a dyn Reporter,
    /// Where the state comes from.
    pub base: Base,
    /// How long one command may run.
    pub timeout: Duration,
    /// Gates that are not run.
    pub skip: &'a [Gate],
    /// Whether gates that cannot run stop the run.
    pub allow_unproven: bool,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    key: String,
    lint: Vec<(String, String)>,
    lint_code: Option<i32>,
    #[serde(default)]
    tests_took: Option<Duration>,
}

impl Baseline {
    /// How long tests of one spec may run, where a command may for `most`: tests that wait for each other show that sooner.
    pub fn deadline_of_tests(&self, most: Duration) -> Duration {
        let enough = |took: Duration| LEAST_FOR_TESTS.max(took.saturating_mul(TIMES_AS_LONG));
        self.tests_took.map_or(most, |took| most.min(enough(took)))
    }

    /// Whether a test command only said that there are no tests. Pytest and unittest end with 5 then.
    pub fn found_no_tests(&self, finished: &Finished) -> bool {
        self.no_tests_code.is_some_and(|code| finished.exit == Exit::Code(code))
    }
}

fn no_tests_code(project: &Project) -> Option<i32> {
    let kind = project.runner.as_ref().map(|runner| &runner.kind);
    matches!(kind, Some(RunnerKind::Pytest(_) | RunnerKind::Unittest(_))).then_some(5)
}

/// Brings a scratch worktree to the base state and runs `setup` in it, if what it depends on changed since it last ran there.
pub async fn prepare(project: &Project, scratch: &Arc<dyn Scratch>, needs: &Prerequisites<'_>) -> Result<(), Failure> {
    place(scratch, [project], FileSet::new()).await?;
    let Some(setup) = project.commands.get(&Stage::Setup) else { return Ok(()) };
    let mut hasher = blake3::Hasher::new();
    hasher.update(setup.line.to_string().as_bytes());
    for lock in &project.locks {
        let path = RepoPath::parse(&project.outside(lock)).ok();
        hasher.update(path.and_then(|path| scratch.read(&path)).unwrap_or_default().as_bytes());
    }
    let wanted = hasher.finalize().to_hex().to_string();
    let name = memory_name("setup", project);
    if scratch.remembered(&name).as_ref() == Some(&wanted) {
        return Ok(());
    }
    told(project, &setup.line.to_string(), needs);
    let finished = run(project, Stage::Setup, scratch, needs).await?;
    // What could not run, and was allowed not to, is tried again the next time.
    let Some(finished) = finished else { return Ok(()) };
    if !finished.success() {
        return Err(red(project, Stage::Setup, &finished, &scratch.root()));
    }
    scratch.remember(&name, &wanted);
    Ok(())
}

/// Proves a project in a prepared scratch worktree. A green result is remembered for the same state and commands.
pub async fn prove(
    project: &Project,
    scratch: &Arc<dyn Scratch>,
    needs: &Prerequisites<'_>,
) -> Result<Baseline, Failure> {
    let digest = needs.workspace.digest(needs.base)?;
    let mut key = blake3::Hasher::new();
    key.update(digest.as_bytes());
    for (stage, command) in &project.commands {
        key.update(format!("{}={}\n", stage.id(), command.line).as_bytes());
    }
    key.update(format!("{:?} {}", needs.skip, needs.allow_unproven).as_bytes());
    let key = key.finalize().to_hex().to_string();
    let no_tests_code = no_tests_code(project);
    let name = memory_name("baseline", project);
    let remembered = scratch.remembered(&name).and_then(|text| serde_json::from_str::<Remembered>(&text).ok());
    if let Some(known) = remembered.filter(|known| known.key == key) {
        let Remembered { lint, lint_code, tests_took, .. } = known;
        let lint =
            lint.into_iter().map(|(file, message)| Finding { line: format!("{file}: {message}"), file, message });
        return Ok(Baseline { lint: lint.collect(), lint_code, tests_took, no_tests_code });
    }
    let mut baseline = Baseline { lint: Vec::new(), lint_code: None, tests_took: None, no_tests_code };
    for (stage, gate) in [
        (Stage::Fix, Gate::Format),
        (Stage::Format, Gate::Format),
        (Stage::Build, Gate::Build),
        (Stage::Lint, Gate::Lint),
        (Stage::Test, Gate::ExistingTests),
    ] {
        let Some(command) = project.commands.get(&stage).filter(|_| !needs.skip.contains(&gate)) else { continue };
        let line = &command.line;
        // Commands for files have nothing to do yet, but must be there.
        if matches!(stage, Stage::Fix | Stage::Format) || line.mentions("{files}") || line.mentions("{code}") {
            if needs.workspace.view().program(line.program()).is_none() {
                let missing = RunError::NotFound(line.program().to_owned());
                unproven(project, stage, &missing.to_string(), line.program(), needs)?;
            }
            continue;
        }
        told(project, &line.to_string(), needs);
        let Some(finished) = run(project, stage, scratch, needs).await? else { continue };
        let root = scratch.root().join(&project.folder);
        match stage {
            Stage::Lint => {
                baseline.lint = findings::read(&finished.output, &root.to_string_lossy());
                match finished.exit {
                    Exit::Code(code) if code == 0 || !baseline.lint.is_empty() => baseline.lint_code = Some(code),
                    _ => return Err(red(project, stage, &finished, &scratch.root())),
                }
            }
            Stage::Test if finished.success() => baseline.tests_took = Some(finished.duration),
            Stage::Test if baseline.found_no_tests(&finished) => {}
            _ if finished.success() => {}
            _ => return Err(red(project, stage, &finished, &scratch.root())),
        }
    }
    let lint = baseline.lint.iter().map(|finding| (finding.file.clone(), finding.message.clone())).collect();
    let remembered = Remembered { key, lint, lint_code: baseline.lint_code, tests_took: baseline.tests_took };
    scratch.remember(&name, &serde_json::to_string(&remembered).unwrap_or_default());
    Ok(baseline)
}

/// The name under which a worktree remembers something of a project.
fn memory_name(what: &str, project: &Project) -> String {
    let folder = blake3::hash(project.folder.as_bytes()).to_hex();
    format!("{what}-{}-{}", project.language, folder.get(..12).unwrap_or_default())
}

fn told(project: &Project, step: &str, needs: &Prerequisites<'_>) {
    needs.reporter.report(&Event::Baseline { project: project.folder.clone(), step: step.to_owned() });
}

/// Runs the command of a stage; `None` when it cannot run and that is allowed.
async fn run(
    project: &Project,
    stage: Stage,
    scratch: &Arc<dyn Scratch>,
    needs: &Prerequisites<'_>,
) -> Result<Option<Finished>, Failure> {
    let Some(command) = project.commands.get(&stage) else { return Ok(None) };
    let folder = scratch.root().join(&project.folder);
    let variables = variables(project, &folder);
    let job = Job { line: command.line.clone(), folder, timeout: needs.timeout, variables };
    match needs.runner.run(&job).await {
        Ok(finished) => Ok(Some(finished)),
        Err(error) => unproven(project, stage, &error.to_string(), command.line.program(), needs).map(|()| None),
    }
}

/// A gate that cannot run is found out before anything is spent.
fn unproven(
    project: &Project,
    stage: Stage,
    why: &str,
    program: &str,
    needs: &Prerequisites<'_>,
) -> Result<(), Failure> {
    if needs.allow_unproven {
        return Ok(());
    }
    let folder = if project.folder.is_empty() { ".".to_owned() } else { project.folder.clone() };
    let message = format!("unproven: the {} gate of {} in {folder} cannot run", stage.id(), project.language.title());
    Err(Failure::new(Kind::Gate, message)
        .cause(format!("{why}{}", install_hint(program)))
        .hint("`--allow-unproven` goes on without it and says so in the result"))
}

fn red(project: &Project, stage: Stage, finished: &Finished, root: &Path) -> Failure {
    let line = project.commands.get(&stage).map_or_else(String::new, |command| command.line.to_string());
    let how = match finished.exit {
        Exit::Code(code) => format!("ended with exit code {code}"),
        Exit::Signal(signal) => format!("was ended by signal {signal}"),
        Exit::TimedOut => "ran out of time".to_owned(),
    };
    let root = root.join(&project.folder);
    let message = format!("baseline broken: `{line}` {how} before anything was generated");
    Failure::new(Kind::Gate, message)
        .cause(condense(&finished.output, &root.to_string_lossy(), &[]))
        .hint("mend the repository first, or set another command under `languages` in .codegen/config.yaml")
        .hint(format!("it ran in a copy of the repository without ignored files: {}", root.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_of_one_spec_may_take_longer_than_those_of_the_project_and_no_longer_than_a_command() {
        let deadline = |took: Option<u64>, most: u64| {
            let tests_took = took.map(Duration::from_secs);
            let baseline = Baseline { lint: Vec::new(), lint_code: None, tests_took, no_tests_code: None };
            baseline.deadline_of_tests(Duration::from_secs(most)).as_secs()
        };
        assert_eq!([deadline(Some(1), 600), deadline(Some(30), 600), deadline(Some(90), 600)], [120, 300, 600]);
        assert_eq!([deadline(None, 600), deadline(Some(1), 5)], [600, 5]);
    }
}
