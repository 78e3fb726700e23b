//! A run of specs: chosen, ordered, worked on side by side, and delivered.
//!
//! A failed spec stops those that come `after` it and no other. Files reach the user's tree, or a branch, only when every
//! gate of the spec passed; when several specs passed, they are proven together once more.

mod admission;
mod run;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::budget::{Budget, cost_of};
use super::load::Loaded;
use super::produce::Produced;
use super::propose::{self, Remote};
use crate::change::{FileChange, unified_diff};
use crate::config::SandboxMode;
use crate::event::{Event, FileSummary, Reporter};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::port::{Model, Runner, Workspace};
use crate::spec::SpecId;
use crate::task::Task;

use admission::{admit, chosen_tasks, leave_what_stands, refuse_missing_sandbox, refuse_other_base};
pub(super) use run::{Accepted, Run};

/// Where the result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Into the user's tree.
    Tree,
    /// Nowhere: a diff is shown.
    DryRun,
    /// Onto a branch, with the text of a proposal.
    Propose,
}

impl Delivery {
    fn words(self) -> &'static str {
        match self {
            Self::Tree => "working tree",
            Self::DryRun => "nothing is written (dry run)",
            Self::Propose => "a branch for each spec",
        }
    }
}

/// How a run is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// The specs; empty for all.
    pub specs: Vec<SpecId>,
    /// Also those that are current, and over files that git has.
    pub force: bool,
    /// Where the result goes.
    pub delivery: Delivery,
    /// Gates that are not run.
    pub skip: Vec<Gate>,
    /// Whether gates that could not run stop a delivery.
    pub allow_unproven: bool,
}

/// The ports of a run.
#[derive(Clone)]
pub struct Ports {
    /// The repository.
    pub workspace: Arc<dyn Workspace>,
    /// What runs commands.
    pub runner: Arc<dyn Runner>,
    /// The model.
    pub model: Arc<dyn Model>,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
    /// Where proposals go beyond this machine; `None` keeps them on branches here.
    pub remote: Option<Remote>,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Changes of a dry run.
    pub changes: Vec<FileChange>,
    /// Failures by spec.
    pub failures: Vec<(SpecId, Failure)>,
    /// How many specs were accepted.
    pub accepted: usize,
}

impl Summary {
    /// The failure that decides the exit code.
    pub fn worst(&self) -> Option<&Failure> {
        self.failures.iter().map(|(_, failure)| failure).max_by_key(|failure| failure.kind.rank())
    }
}

/// Runs the specs that are not current, or those named.
pub async fn generate(mut ports: Ports, loaded: Loaded, options: Options) -> Result<Summary, Failure> {
    let started = Instant::now();
    refuse_missing_sandbox(&loaded)?;
    refuse_other_base(&loaded, &ports, &options)?;
    if options.delivery == Delivery::Propose {
        propose::settle_base(&mut ports, &loaded.config).await?;
    }
    let _alone = (options.delivery != Delivery::DryRun).then(|| ports.workspace.begin_run()).transpose()?;
    let tasks = chosen_tasks(&loaded, &ports, &options)?;
    let mut summary = Summary::default();
    let mut chosen = Vec::new();
    let mut current = 0;
    for task in tasks {
        match admit(&task, &loaded, &ports, &options) {
            Ok(true) => chosen.push(task),
            Ok(false) => {
                current += 1;
                ports.reporter.report(&not_worked_on(&task, "current", None));
            }
            Err(failure) => {
                ports.reporter.report(&not_worked_on(&task, "failed", Some(&failure)));
                summary.failures.push((task.spec.id.clone(), failure));
            }
        }
    }
    let chosen = leave_what_stands(chosen, &mut current, &loaded, &ports, &options).await?;
    let card = ports.model.card();
    let ids = chosen.iter().map(|task| task.spec.id.to_string()).collect();
    ports.reporter.report(&Event::RunStarted {
        specs: ids,
        model: card.name.clone(),
        chosen: card.chosen.clone(),
        delivery: match &ports.remote {
            Some(remote) if options.delivery == Delivery::Propose => {
                format!("pull requests in {}", remote.forge.name())
            }
            _ => options.delivery.words().to_owned(),
        },
    });
    let dry_run = options.delivery == Delivery::DryRun;
    if loaded.config.sandbox == SandboxMode::Preferred && !chosen.is_empty() {
        let message = "there is no sandbox in this version: generated code runs with your rights, in a cleared environment (`sandbox: { mode: off }` takes this note away)";
        ports.reporter.report(&Event::Notice { spec: None, message: message.to_owned() });
    }
    let mut model_time = Duration::ZERO;
    let price = loaded.config.model.price;
    let budget = Arc::new(Budget::new(&loaded.config.limits, price)?);
    if !chosen.is_empty() {
        let run = Arc::new(Run::new(ports.clone(), loaded, options, Arc::clone(&budget)));
        let accepted = run.work_on(chosen, &mut summary, &mut model_time).await;
        super::deliver::deliver(&run, &accepted, &mut summary).await?;
    }
    if dry_run {
        ports.reporter.report(&Event::Diff { diff: unified_diff(&summary.changes) });
    }
    let exit = summary.worst().map_or(0, |failure| failure.kind.exit_code());
    ports.reporter.report(&Event::Done {
        accepted: summary.accepted,
        failed: summary.failures.len(),
        current,
        usage: budget.spent(),
        cost: cost_of(price, budget.spent()),
        model_seconds: model_time.as_secs_f64(),
        seconds: started.elapsed().as_secs_f64(),
        exit_code: exit,
    });
    Ok(summary)
}

pub(super) fn summaries(changes: &[FileChange]) -> Vec<FileSummary> {
    changes.iter().map(|change| FileSummary { path: change.path.to_string(), lines: change.lines() }).collect()
}

/// The end of a spec that was decided before any work.
fn not_worked_on(task: &Task, outcome: &str, failure: Option<&Failure>) -> Event {
    spec_done(task, outcome, &Produced::default(), &[], failure, Duration::ZERO)
}

fn spec_done(
    task: &Task,
    outcome: &str,
    produced: &Produced,
    files: &[FileSummary],
    failure: Option<&Failure>,
    elapsed: Duration,
) -> Event {
    Event::SpecDone {
        spec: task.spec.id.to_string(),
        outcome: outcome.to_owned(),
        code_attempts: produced.attempts.0,
        test_attempts: produced.attempts.1,
        files: files.to_vec(),
        reason: failure.map(Failure::to_string),
        exit_code: failure.map_or(0, |failure| failure.kind.exit_code()),
        seconds: elapsed.as_secs_f64(),
    }
}
