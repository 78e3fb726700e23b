//! The coverage gate: how much of the generated code its generated tests run.
//!
//! It is held to `gates.coverage`. Where nothing is said, it is held to [`DEFAULT`] wherever the tool is there and costs
//! little more than a run of the tests, and does not apply elsewhere; `0` switches it off.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{OnGate, Proof, Prover, variables};
use crate::gate::coverage::{self, Measured};
use crate::gate::{Gate, Outcome};
use crate::language::CommandLine;
use crate::language::coverage::{Plan, plan};
use crate::language::detect::Project;
use crate::path::RepoPath;
use crate::port::{Job, Runner, Workspace};
use crate::task::Task;

/// The lines of the generated files that their tests run.
pub(super) type Covered = BTreeMap<RepoPath, BTreeSet<usize>>;

/// The threshold where nothing is said, percent.
const DEFAULT: u8 = 80;

/// The way to measure the tests of a task, with these names of tests.
fn plan_for(project: &Project, task: &Task, names: &[String]) -> Option<Plan> {
    let (code, tests): (Vec<&RepoPath>, Vec<&RepoPath>) = (task.code.iter().collect(), task.tests.iter().collect());
    plan(project, &code, &tests, names)
}

/// Whether coverage can be measured, or why not and how to change that.
pub async fn can_measure(
    project: &Project,
    task: &Task,
    runner: &dyn Runner,
    workspace: &dyn Workspace,
    folder: PathBuf,
) -> Result<(), String> {
    let Some(plan) = plan_for(project, task, &[]) else {
        return Err("no tool is known that measures what this project's tests run; `coverage` under `languages` in .codegen/config.yaml can name one".to_owned());
    };
    let program = plan.steps.first().map_or("", CommandLine::program);
    let place =
        if program.contains('/') && !program.starts_with('/') { project.outside(program) } else { program.to_owned() };
    if workspace.view().program(&place).is_none() {
        return Err(missing(program, &plan));
    }
    probe(&plan, project, runner, folder).await
}

fn missing(program: &str, plan: &Plan) -> String {
    format!("`{program}` is not installed; get it by `{}`", plan.install)
}

async fn probe(plan: &Plan, project: &Project, runner: &dyn Runner, folder: PathBuf) -> Result<(), String> {
    let Some(line) = &plan.probe else { return Ok(()) };
    let job =
        Job { line: line.clone(), variables: variables(project, &folder), folder, timeout: Duration::from_secs(60) };
    match runner.run(&job).await {
        Ok(finished) if finished.success() => Ok(()),
        Ok(_) => Err(format!("`{line}` fails; get it by `{}`", plan.install)),
        Err(_) => Err(missing(line.program(), plan)),
    }
}

impl Prover {
    /// Measures the generated tests and holds the generated code to the threshold. Gives the lines that ran, where the report
    /// knows them.
    pub(super) async fn coverage_gate(
        &self,
        proof: &mut Proof,
        names: &[String],
        on_gate: OnGate<'_>,
    ) -> Option<Covered> {
        let gate = Gate::Coverage;
        let asked = self.task.coverage;
        if asked == Some(0) || (asked.is_none() && self.skip.contains(&gate)) || !self.enter(proof, gate, on_gate) {
            return None;
        }
        let started = Instant::now();
        let plan = plan_for(&self.project, &self.task, names);
        let cheap = plan.as_ref().is_some_and(|plan| plan.cheap);
        let ready = match &plan {
            Some(plan) if asked.is_some() || cheap => {
                probe(plan, &self.project, self.runner.as_ref(), self.folder()).await
            }
            Some(plan) => Err(format!("it takes a build of its own (`{}`)", plan.install)),
            None => Err("no tool is known for this project's tests".to_owned()),
        };
        let (Ok(()), Some(plan)) = (&ready, plan) else {
            let reason = ready.err().unwrap_or_default();
            let outcome = if asked.is_some() {
                Outcome::Unproven { reason }
            } else {
                Outcome::NotApplicable {
                    reason: format!("not measured, and not asked for by `gates.coverage`: {reason}"),
                }
            };
            Self::push(proof, gate, outcome, None, started, on_gate);
            return None;
        };
        let shown = plan.steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(" && ");
        let hidden: Vec<String> = self
            .task
            .code
            .iter()
            .filter_map(|path| Some((path, proof.files.get(path)?)))
            .flat_map(|(path, text)| coverage::hiding(path.as_str(), text))
            .collect();
        let (outcome, measured) = if hidden.is_empty() {
            self.measure(&plan, &proof.files, asked.unwrap_or(DEFAULT)).await
        } else {
            let evidence =
                format!("the code hides from the measurement of coverage; write it without:\n{}", hidden.join("\n"));
            (Outcome::Failed { evidence }, None)
        };
        Self::push(proof, gate, outcome, Some(shown), started, on_gate);
        measured
    }

    async fn measure(&self, plan: &Plan, files: &super::FileSet, threshold: u8) -> (Outcome, Option<Covered>) {
        let unproven = |reason: String| (Outcome::Unproven { reason }, None);
        // A report of an earlier attempt shows nothing of this one.
        if let Err(failure) = self.scratch.discard(&self.project.outside(crate::language::coverage::REPORT)) {
            return unproven(failure.to_string());
        }
        for step in &plan.steps {
            // The same tests have just passed: what fails now is the tool.
            match self.run_gate(Gate::Coverage, step).await.0 {
                Outcome::Passed { .. } => {}
                other => {
                    return unproven(format!(
                        "`{step}` did not work: {}; get what it needs by `{}`",
                        other.detail(),
                        plan.install
                    ));
                }
            }
        }
        let report =
            RepoPath::parse(&self.project.outside(&plan.report)).ok().and_then(|path| self.scratch.read(&path));
        let Some(report) = report else {
            return unproven(format!("the command left no report in `{}`", plan.report));
        };
        let report = match coverage::read(&report) {
            Ok(report) => report,
            Err(problem) => return unproven(problem),
        };
        let mut alone: Vec<Measured> = Vec::new();
        let mut covered = Covered::new();
        for path in &self.task.code {
            let Some(text) = files.get(path) else { continue };
            let read = |path: &RepoPath| self.scratch.read(path);
            let file = coverage::measured(&self.project, path, text, &read);
            if let Some(found) = coverage::of_file(&report, &file) {
                let ran = found.lines.into_iter().filter(|(_, ran)| *ran).map(|(line, _)| line);
                covered.insert(path.clone(), ran.collect());
            }
            alone.push(file);
        }
        let outcome = coverage::judge(&report, &alone, threshold);
        (outcome, coverage::lines_are_those_of_the_source(&self.project).then_some(covered))
    }
}
