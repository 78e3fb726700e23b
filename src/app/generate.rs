//! A run of specs: chosen, ordered, worked on side by side, and delivered.
//!
//! A failed spec stops those that come `after` it and no other. Files reach the user's tree, or a branch, only when every
//! gate of the spec passed; when several specs passed, they are proven together once more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;
use tracing::Instrument;
use tracing::field::Empty;

use super::baseline::{self, Baseline, Prerequisites};
use super::budget::{Budget, cost_of};
use super::edits;
use super::examples::choose;
use super::injection;
use super::load::Loaded;
use super::moves;
use super::place::take;
use super::produce::{Produced, Producer};
use super::prompts::{Questions, previous_of, project_of, read_uses, sources};
use super::propose::{self, Remote};
use super::prove::{FileSet, Prover, Spare, can_measure};
use super::status::{known_lock, refuse_moved, state_of};
use crate::answer::Form;
use crate::capability::Capability;
use crate::change::{FileChange, unified_diff};
use crate::config::{AnswerForm, Grouping, OnFailure, SandboxMode};
use crate::event::{Event, FileSummary, Reporter};
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::language::detect::Project;
use crate::lock::{self, State};
use crate::port::{Base, Model, Runner, Scratch, Workspace};
use crate::prompt;
use crate::spec::SpecId;
use crate::task::Task;
use crate::telemetry;

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

/// One run.
pub(super) struct Run {
    pub(super) ports: Ports,
    pub(super) loaded: Loaded,
    pub(super) options: Options,
    capability: Capability,
    form: OnceCell<Form>,
    budget: Arc<Budget>,
    pub(super) base: Base,
    pub(super) timeout: Duration,
    slots: Semaphore,
    baselines: Mutex<BTreeMap<String, Arc<BaselineCell>>>,
    accepted: Mutex<BTreeMap<SpecId, FileSet>>,
}

type BaselineCell = OnceCell<Result<Arc<Baseline>, Failure>>;

/// A spec that passed.
pub(super) struct Accepted {
    pub(super) task: Arc<Task>,
    pub(super) project: Arc<Project>,
    pub(super) produced: Produced,
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

/// This version runs commands without a sandbox, and says so; who requires one is not served.
fn refuse_missing_sandbox(loaded: &Loaded) -> Result<(), Failure> {
    if loaded.config.sandbox == SandboxMode::Required {
        return Err(Failure::new(
            Kind::Policy,
            "`sandbox.mode` is `required`, and this version of codegen has no sandbox",
        )
        .hint("`sandbox: { mode: preferred }` runs generated code with your rights, in a cleared environment"));
    }
    Ok(())
}

/// A branch is proven on the last commit and based on it, so that must be where the configuration wants it.
fn refuse_other_base(loaded: &Loaded, ports: &Ports, options: &Options) -> Result<(), Failure> {
    let Some(base) = loaded.config.proposals.base.as_ref().filter(|_| options.delivery == Delivery::Propose) else {
        return Ok(());
    };
    // Who asked for another base gets it.
    if ports.remote.as_ref().is_some_and(|remote| remote.base.is_some()) {
        return Ok(());
    }
    let here = ports.workspace.branch();
    if here.as_ref() == Some(base) {
        return Ok(());
    }
    let here = here.map_or_else(|| "no branch is".to_owned(), |branch| format!("`{branch}` is"));
    Err(Failure::new(Kind::Usage, format!("`pull_request.base` is `{base}`, and {here} checked out"))
        .hint(format!("`git switch {base}` first, or take `pull_request.base` away")))
}

/// Takes away what GitHub shows as proposed already, refused or frozen, before anything is spent on it.
async fn leave_what_stands(
    chosen: Vec<Arc<Task>>,
    current: &mut usize,
    loaded: &Loaded,
    ports: &Ports,
    options: &Options,
) -> Result<Vec<Arc<Task>>, Failure> {
    let Some(remote) = ports.remote.as_ref().filter(|_| options.delivery == Delivery::Propose) else {
        return Ok(chosen);
    };
    let standings = propose::admit(ports, remote, loaded, options.force, &chosen).await?;
    let mut left = Vec::new();
    for (task, standing) in chosen.into_iter().zip(standings) {
        let Some((outcome, why)) = standing.told() else {
            left.push(task);
            continue;
        };
        *current += 1;
        ports.reporter.report(&Event::Notice { spec: Some(task.spec.id.to_string()), message: why });
        ports.reporter.report(&not_worked_on(&task, outcome, None));
    }
    Ok(left)
}

fn chosen_tasks(loaded: &Loaded, ports: &Ports, options: &Options) -> Result<Vec<Arc<Task>>, Failure> {
    let find = |id: &SpecId| loaded.tasks.iter().find(|task| task.spec.id == *id);
    if options.specs.is_empty() {
        return Ok(loaded.tasks.iter().cloned().map(Arc::new).collect());
    }
    let mut chosen: Vec<Arc<Task>> = Vec::new();
    for id in &options.specs {
        let Some(task) = find(id) else { return Err(super::status::unknown_spec(id, loaded)) };
        if chosen.iter().all(|earlier| earlier.spec.id != task.spec.id) {
            chosen.push(Arc::new(task.clone()));
        }
    }
    for task in &chosen {
        for after in &task.spec.after {
            let pending =
                find(&after.value).filter(|other| state_of(other, loaded, ports.workspace.as_ref()).wants_generation());
            if let Some(other) = pending.filter(|other| chosen.iter().all(|task| task.spec.id != other.spec.id)) {
                let message = format!("`{}` comes after `{}`, which is not current", task.spec.id, other.spec.id);
                return Err(Failure::new(Kind::Usage, message)
                    .hint(format!("name both: `codegen generate {} {}`", other.spec.id, task.spec.id)));
            }
        }
    }
    Ok(chosen)
}

/// Whether a spec is worked on: false when it is current, an error when that would lose something.
fn admit(task: &Task, loaded: &Loaded, ports: &Ports, options: &Options) -> Result<bool, Failure> {
    let workspace = ports.workspace.as_ref();
    read_uses(task, loaded, workspace)?;
    let state = state_of(task, loaded, workspace);
    if !state.wants_generation() && !options.force {
        if let State::Edited { files, .. } = &state {
            let message = format!("edited by hand and left as it is: {}", files.join(", "));
            ports.reporter.report(&Event::Notice { spec: Some(task.spec.id.to_string()), message });
        }
        return Ok(false);
    }
    if let State::Conflicting { files } = &state {
        let message = format!("`{}` has a conflict to settle first: {}", task.spec.id, files.join(", "));
        return Err(
            Failure::new(Kind::Policy, message).hint("settle it, then `codegen check --accept` or generate again")
        );
    }
    if let State::Missing { moved, .. } = &state
        && !moved.is_empty()
        && !options.force
    {
        return Err(refuse_moved(task, moved));
    }
    let lock_file = lock::path_of(&task.spec.id);
    if options.delivery == Delivery::Tree
        && let Some(path) = task.files().chain(&lock_file).find(|path| workspace.is_outside(path))
    {
        // Said before anything is spent; nothing would be written.
        let message = format!("`{path}` is left out of this tree by its sparse checkout, and is not written");
        return Err(Failure::new(Kind::Policy, message)
            .hint("`git sparse-checkout add` its folder, or propose it with `--pr`, which needs no tree"));
    }
    let known = known_lock(task, loaded, workspace).ok().flatten();
    let own = known.as_ref().map(|lock| moves::origins(task, lock, workspace)).unwrap_or_default();
    for path in task.files() {
        let Some(bytes) = workspace.read_bytes(path) else { continue };
        // What was generated here and edited since is merged.
        let text = std::str::from_utf8(&bytes).is_ok();
        let mergeable = own.contains_key(path) && text;
        let replaceable = options.force && workspace.is_committed(path);
        if own.contains_key(path) && !text && !replaceable {
            return Err(Failure::new(Kind::Policy, format!("`{path}` is not UTF-8 text, and is left as it is"))
                .hint("save it as UTF-8, or name another path under `files`")
                .hint("`--force` replaces a file that is committed without changes, so that git keeps the old one"));
        }
        if !mergeable && !replaceable {
            let message = format!("`{path}` is there and was not generated by codegen, and is left as it is");
            return Err(Failure::new(Kind::Policy, message)
                .hint("`--force` replaces a file that is committed without changes, so that git keeps the old text")
                .hint(format!(
                    "`codegen check --accept {}` takes the files as they stand for the spec's own",
                    task.spec.id
                ))
                .hint("or name other paths under `files`"));
        }
    }
    Ok(true)
}

impl Run {
    fn new(ports: Ports, loaded: Loaded, options: Options, budget: Arc<Budget>) -> Self {
        let card = ports.model.card();
        let capability = Capability::of(&card.name, card.provider == "local", &loaded.config.model);
        let parallel = loaded
            .config
            .limits
            .parallel
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from).min(4));
        let base = if options.delivery == Delivery::Propose { Base::Head } else { Base::WorkingTree };
        let timeout = loaded.config.limits.command_timeout;
        Self {
            ports,
            loaded,
            options,
            capability,
            form: OnceCell::new(),
            budget,
            base,
            timeout,
            slots: Semaphore::new(parallel),
            baselines: Mutex::default(),
            accepted: Mutex::default(),
        }
    }

    /// The form of answers. Asking the server for it is a model call, so it waits until the repository is proven.
    async fn form(&self) -> Result<Form, Failure> {
        let ask = || async {
            Ok(match self.capability.form(self.loaded.config.model.answers) {
                Some(AnswerForm::Schema) => Form::Schema,
                Some(AnswerForm::Fenced | AnswerForm::Auto) => Form::Fenced,
                None => {
                    let honoured = self.ports.model.honours_schema().await.map_err(|error| {
                        let name = self.ports.model.card().name;
                        let failure = Failure::new(Kind::Model, format!("the model `{name}` did not answer"));
                        error.hint.into_iter().fold(failure.cause(error.message), Failure::hint)
                    })?;
                    if honoured { Form::Schema } else { Form::Fenced }
                }
            })
        };
        self.form.get_or_try_init(ask).await.copied()
    }

    fn needs(&self) -> Prerequisites<'_> {
        Prerequisites {
            workspace: self.ports.workspace.as_ref(),
            runner: self.ports.runner.as_ref(),
            reporter: self.ports.reporter.as_ref(),
            base: self.base,
            timeout: self.timeout,
            skip: &self.options.skip,
            allow_unproven: self.options.allow_unproven,
        }
    }

    /// Works on the specs side by side, each as soon as those before it are done.
    async fn work_on(
        self: &Arc<Self>,
        tasks: Vec<Arc<Task>>,
        summary: &mut Summary,
        model_time: &mut Duration,
    ) -> Vec<Accepted> {
        let mut open: BTreeSet<SpecId> = tasks.iter().map(|task| task.spec.id.clone()).collect();
        let mut failed: BTreeSet<SpecId> = summary.failures.iter().map(|(id, _)| id.clone()).collect();
        let mut waiting = tasks;
        let mut running: JoinSet<Worked> = JoinSet::new();
        let mut accepted = Vec::new();
        loop {
            let mut changed = true;
            while changed {
                changed = false;
                for task in std::mem::take(&mut waiting) {
                    let after = || task.spec.after.iter().map(|after| &after.value);
                    if let Some(cause) = after().find(|id| failed.contains(id)) {
                        let failure =
                            Failure::new(Kind::Gate, format!("`{}` comes after `{cause}`, which failed", task.spec.id));
                        self.ports.reporter.report(&not_worked_on(&task, "blocked", Some(&failure)));
                        open.remove(&task.spec.id);
                        failed.insert(task.spec.id.clone());
                        summary.failures.push((task.spec.id.clone(), failure));
                        changed = true;
                    } else if after().any(|id| open.contains(id)) {
                        waiting.push(task);
                    } else {
                        let span = generate_span(&task);
                        running.spawn(Arc::clone(self).work(task, span.clone()).instrument(span));
                    }
                }
            }
            let Some(done) = running.join_next().await else { return accepted };
            match done {
                Ok(worked) => {
                    *model_time += worked.produced.model_time;
                    open.remove(&worked.task.spec.id);
                    match self.settle(worked).await {
                        Ok(one) => accepted.push(one),
                        Err(pair) => {
                            let (id, failure) = *pair;
                            failed.insert(id.clone());
                            summary.failures.push((id, failure));
                        }
                    }
                }
                Err(error) => {
                    let failure = Failure::new(Kind::Internal, "the work on a spec broke off").because(&error);
                    summary.failures.push((SpecId::from_argument("?"), failure));
                }
            }
        }
    }

    /// Takes a worked spec into the accepted ones, or tells why it failed and keeps what was made for people to look at.
    async fn settle(self: &Arc<Self>, worked: Worked) -> Result<Accepted, Box<(SpecId, Failure)>> {
        let Worked { task, result, produced, elapsed } = worked;
        let id = task.spec.id.clone();
        match result {
            Ok((project, changes)) => {
                self.ports.reporter.report(&spec_done(
                    &task,
                    "accepted",
                    &produced,
                    &summaries(&changes),
                    None,
                    elapsed,
                ));
                let mut files = produced.wired.clone();
                files.extend(produced.files.clone());
                self.accepted.lock().unwrap_or_else(PoisonError::into_inner).insert(id, files);
                Ok(Accepted { task, project, produced })
            }
            Err(mut failure) => {
                let mut kept = None;
                for (path, text) in &produced.files {
                    kept = self.ports.workspace.save(&format!("failed/{id}/{path}"), text).ok().or(kept);
                }
                if kept.is_some() {
                    let folder = self.ports.workspace.state_folder().join("failed").join(id.as_str());
                    failure = failure.hint(format!("what was made last is kept in {}", folder.display()));
                }
                self.ports.reporter.report(&spec_done(&task, "failed", &produced, &[], Some(&failure), elapsed));
                let draft = produced.conflicted || self.loaded.config.proposals.on_failure == OnFailure::Draft;
                if self.options.delivery == Delivery::Propose
                    && draft
                    && !produced.files.is_empty()
                    && let Err(error) = super::deliver::propose(self, &task, &produced, true).await
                {
                    self.ports.reporter.report(&Event::Notice {
                        spec: Some(id.to_string()),
                        message: format!("no draft was made: {error}"),
                    });
                }
                Err(Box::new((id, failure)))
            }
        }
    }

    async fn work(self: Arc<Self>, task: Arc<Task>, span: tracing::Span) -> Worked {
        let Ok(_slot) = self.slots.acquire().await else {
            let failure = Failure::new(Kind::Internal, "the run is over");
            return Worked { task, result: Err(failure), produced: Produced::default(), elapsed: Duration::ZERO };
        };
        let started = Instant::now();
        self.ports.reporter.report(&Event::SpecStarted {
            spec: task.spec.id.to_string(),
            pattern: task.pattern().reference(),
            reason: task.selection.reason(),
            language: task.language.to_string(),
        });
        for what in injection::suspicions(&task, self.ports.workspace.as_ref()) {
            let message = format!("{what}; it is treated as a description and nothing else");
            self.ports.reporter.report(&Event::Notice { spec: Some(task.spec.id.to_string()), message });
        }
        let mut produced = Produced::default();
        let result = self.produce(&task, &mut produced).await;
        let code: usize = task.code.iter().filter_map(|path| produced.files.get(path)).map(String::len).sum();
        span.record("code_length", code);
        if let Err(failure) = &result {
            span.record("otel.status_code", "error");
            span.record("error.type", failure.kind.id());
            span.record("codegen.error", failure.message.as_str());
        }
        span.record("codegen.outcome", if result.is_ok() { "accepted" } else { "failed" });
        Worked { task, result, produced, elapsed: started.elapsed() }
    }

    /// Takes and prepares scratch worktrees beside the one of a spec.
    fn spare(self: &Arc<Self>, project: &Arc<Project>) -> Spare {
        let (run, project) = (Arc::clone(self), Arc::clone(project));
        Arc::new(move || {
            let (run, project) = (Arc::clone(&run), Arc::clone(&project));
            async move {
                let scratch = take(&run.ports.workspace, run.base).await?;
                baseline::prepare(&project, &scratch, &run.needs()).await?;
                Ok(scratch)
            }
            .boxed()
        })
    }

    /// What proves files of a spec on top of others, outside the work on it.
    pub(super) async fn prover(self: &Arc<Self>, task: &Arc<Task>, before: FileSet) -> Result<Prover, Failure> {
        let project = project_of(task, &self.loaded, self.ports.workspace.as_ref()).map(Arc::new);
        let project = project.ok_or_else(|| Failure::new(Kind::Internal, "a spec without files"))?;
        let scratch = take(&self.ports.workspace, self.base).await?;
        baseline::prepare(&project, &scratch, &self.needs()).await?;
        let baseline = self.baseline(&project, &scratch).await?;
        Ok(self.prover_in(task, &project, baseline, scratch, before))
    }

    fn prover_in(
        self: &Arc<Self>,
        task: &Arc<Task>,
        project: &Arc<Project>,
        baseline: Arc<Baseline>,
        scratch: Arc<dyn Scratch>,
        before: FileSet,
    ) -> Prover {
        Prover {
            task: Arc::clone(task),
            project: Arc::clone(project),
            baseline,
            scratch,
            runner: Arc::clone(&self.ports.runner),
            timeout: self.timeout,
            skip: self.options.skip.clone(),
            before,
            mutation_time: self.loaded.config.limits.mutation_time,
            spare: self.spare(project),
        }
    }

    async fn produce(
        self: &Arc<Self>,
        task: &Arc<Task>,
        produced: &mut Produced,
    ) -> Result<(Arc<Project>, Vec<FileChange>), Failure> {
        let workspace = &self.ports.workspace;
        let project = project_of(task, &self.loaded, workspace.as_ref()).map(Arc::new);
        let project = project.ok_or_else(|| Failure::new(Kind::Internal, "a spec without files"))?;
        let scratch = take(workspace, self.base).await?;
        produced.before = task.files().map(|path| (path.clone(), scratch.base(path))).collect();
        let lock = known_lock(task, &self.loaded, workspace.as_ref()).ok().flatten();
        produced.edits = edits::gather(task, lock.as_ref(), workspace, &scratch).await;
        self.ports.reporter.report(&Event::Stage {
            spec: task.spec.id.to_string(),
            stage: "proving the repository as it is".to_owned(),
        });
        baseline::prepare(&project, &scratch, &self.needs()).await?;
        let baseline = self.baseline(&project, &scratch).await?;
        self.refuse_unmeasurable(task, &project, scratch.as_ref()).await?;
        let mut uses = read_uses(task, &self.loaded, workspace.as_ref())?;
        let before = self.files_before(task);
        for path in &task.spec.uses {
            if let Some(text) = before.get(&path.value) {
                uses.retain(|reading| reading.path != path.value.as_str());
                uses.push(prompt::Reading { path: path.value.to_string(), text: text.clone() });
            }
        }
        let chosen = choose(task, &self.loaded, workspace.as_ref(), self.capability.small)?;
        // Those of a pattern are part of its digest.
        let own = chosen.examples.iter().filter(|example| !example.of_pattern);
        produced.examples = own.map(|example| (example.shown.clone(), lock::digest(&example.code))).collect();
        let form = self.form().await?;
        let previous = previous_of(task, lock.as_ref(), workspace.as_ref());
        let questions = Questions::new(task, &project, &chosen, uses, self.capability, form).updating(previous);
        let config = &self.loaded.config;
        let (examples, import) = sources(task, &project, &chosen);
        let producer = Producer {
            task: Arc::clone(task),
            model: Arc::clone(&self.ports.model),
            reporter: Arc::clone(&self.ports.reporter),
            budget: Arc::clone(&self.budget),
            prover: self.prover_in(task, &project, baseline, Arc::clone(&scratch), before),
            capability: self.capability,
            form,
            examples,
            import,
            temperature: config.model.temperature,
            seed: config.model.seed,
            attempts: config.limits.attempts,
            fallback: config.model.fallback.clone(),
        };
        producer.produce(&questions, produced).await?;
        let unproven: Vec<String> =
            produced.verdict.unproven().map(|result| format!("{}: {}", result.gate, result.outcome.detail())).collect();
        if !unproven.is_empty() && !self.options.allow_unproven {
            return Err(Failure::new(Kind::Gate, format!("unproven: {}", unproven.join("; ")))
                .hint("`--allow-unproven` delivers it all the same and says so in the result"));
        }
        let all = produced.wired.iter().chain(&produced.files);
        let changes =
            all.map(|(path, text)| FileChange { path: path.clone(), before: scratch.base(path), after: text.clone() });
        Ok((project, changes.collect()))
    }

    /// A gate that cannot run is found out before anything is spent.
    async fn refuse_unmeasurable(&self, task: &Task, project: &Project, scratch: &dyn Scratch) -> Result<(), Failure> {
        let skipped = |gate: Gate| self.options.allow_unproven || self.options.skip.contains(&gate);
        if task.coverage.is_some_and(|percent| percent > 0) && !skipped(Gate::Coverage) {
            let folder = scratch.root().join(&project.folder);
            let (runner, workspace) = (self.ports.runner.as_ref(), self.ports.workspace.as_ref());
            let can = can_measure(project, task, runner, workspace, folder).await;
            can.map_err(|why| {
                Failure::new(Kind::Gate, "unproven: the coverage that `gates.coverage` asks for cannot be measured")
                    .cause(why)
                    .hint("or take `gates.coverage` away, or say `--allow-unproven`")
            })?;
        }
        if project.runner.is_none() && !skipped(Gate::GeneratedTests) {
            return Err(Failure::new(
                Kind::Gate,
                "unproven: the test command of this project cannot be asked for single files",
            )
            .hint("known runners: cargo, go, pytest, unittest, node --test, vitest, jest; or say `--allow-unproven`"));
        }
        Ok(())
    }

    /// The baseline of a project, proven once a run; a red one is red for every spec.
    async fn baseline(&self, project: &Project, scratch: &Arc<dyn Scratch>) -> Result<Arc<Baseline>, Failure> {
        let cell = {
            let mut known = self.baselines.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(format!("{} {}", project.language, project.folder)).or_default())
        };
        cell.get_or_init(|| async { baseline::prove(project, scratch, &self.needs()).await.map(Arc::new) })
            .await
            .clone()
    }

    /// Whether everything goes into one pull request.
    pub(super) fn is_grouped(&self) -> bool {
        self.ports.remote.is_some() && self.loaded.config.proposals.group == Grouping::All
    }

    /// Labels of a spec's proposal beyond the configured ones.
    pub(super) fn labels(&self, task: &Task) -> Vec<String> {
        let found = injection::suspicions(task, self.ports.workspace.as_ref());
        if found.is_empty() { Vec::new() } else { vec![crate::injection::LABEL.to_owned()] }
    }

    /// What a reviewer must know of a spec's proposal beyond its gates.
    pub(super) fn notes(&self, task: &Task) -> Vec<String> {
        injection::suspicions(task, self.ports.workspace.as_ref())
    }

    /// Whether a spec was accepted in this run.
    pub(super) fn is_accepted(&self, id: &SpecId) -> bool {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// The files of every spec that this one comes after, in this run.
    pub(super) fn files_before(&self, task: &Task) -> FileSet {
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files = FileSet::new();
        let mut open: Vec<&SpecId> = task.spec.after.iter().map(|after| &after.value).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            files.extend(accepted.get(id).cloned().unwrap_or_default());
            let other = self.loaded.tasks.iter().find(|other| other.spec.id == *id);
            open.extend(other.into_iter().flat_map(|other| other.spec.after.iter().map(|after| &after.value)));
        }
        files
    }
}

/// What came of the work on one spec.
struct Worked {
    task: Arc<Task>,
    result: Result<(Arc<Project>, Vec<FileChange>), Failure>,
    produced: Produced,
    elapsed: Duration,
}

fn generate_span(task: &Task) -> tracing::Span {
    tracing::info_span!(
        target: telemetry::TARGET,
        "code_generation.generate",
        otel.name = telemetry::GENERATE,
        otel.status_code = Empty,
        language = task.language.id(),
        pattern = task.pattern().name.as_str(),
        code_length = Empty,
        error.r#type = Empty,
        codegen.error = Empty,
        codegen.outcome = Empty,
        codegen.spec = task.spec.id.as_str(),
        codegen.pattern.version = task.pattern().version.to_string(),
        codegen.prompt.version = prompt::VERSION,
    )
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
