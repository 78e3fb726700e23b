//! The work of a run: specs side by side, each proven in a scratch worktree of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;
use tracing::Instrument;
use tracing::field::Empty;

use super::{Delivery, Options, Ports, Summary, not_worked_on, spec_done, summaries};
use crate::answer::Form;
use crate::app::baseline::{self, Baseline, Prerequisites};
use crate::app::budget::Budget;
use crate::app::examples::choose;
use crate::app::load::Loaded;
use crate::app::place::take;
use crate::app::produce::{Produced, Producer};
use crate::app::prompts::{Questions, previous_of, project_of, read_uses, sources};
use crate::app::prove::{FileSet, Prover, Spare, can_measure};
use crate::app::status::known_lock;
use crate::app::{deliver, edits, injection};
use crate::capability::Capability;
use crate::change::FileChange;
use crate::config::{AnswerForm, Grouping, OnFailure};
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::language::detect::Project;
use crate::lock;
use crate::port::{Base, Scratch};
use crate::spec::SpecId;
use crate::task::Task;
use crate::{prompt, telemetry};

/// One run.
pub(in crate::app) struct Run {
    pub(in crate::app) ports: Ports,
    pub(in crate::app) loaded: Loaded,
    pub(in crate::app) options: Options,
    capability: Capability,
    form: OnceCell<Form>,
    budget: Arc<Budget>,
    pub(in crate::app) base: Base,
    pub(in crate::app) timeout: Duration,
    slots: Semaphore,
    baselines: Mutex<BTreeMap<String, Arc<BaselineCell>>>,
    accepted: Mutex<BTreeMap<SpecId, FileSet>>,
}

type BaselineCell = OnceCell<Result<Arc<Baseline>, Failure>>;

/// A spec that passed.
pub(in crate::app) struct Accepted {
    pub(in crate::app) task: Arc<Task>,
    pub(in crate::app) project: Arc<Project>,
    pub(in crate::app) produced: Produced,
}

impl Run {
    pub(super) fn new(ports: Ports, loaded: Loaded, options: Options, budget: Arc<Budget>) -> Self {
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
    pub(super) async fn work_on(
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
                    && let Err(error) = deliver::propose(self, &task, &produced, true).await
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
    pub(in crate::app) async fn prover(self: &Arc<Self>, task: &Arc<Task>, before: FileSet) -> Result<Prover, Failure> {
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
    pub(in crate::app) fn is_grouped(&self) -> bool {
        self.ports.remote.is_some() && self.loaded.config.proposals.group == Grouping::All
    }

    /// Labels of a spec's proposal beyond the configured ones.
    pub(in crate::app) fn labels(&self, task: &Task) -> Vec<String> {
        let found = injection::suspicions(task, self.ports.workspace.as_ref());
        if found.is_empty() { Vec::new() } else { vec![crate::injection::LABEL.to_owned()] }
    }

    /// What a reviewer must know of a spec's proposal beyond its gates.
    pub(in crate::app) fn notes(&self, task: &Task) -> Vec<String> {
        injection::suspicions(task, self.ports.workspace.as_ref())
    }

    /// Whether a spec was accepted in this run.
    pub(in crate::app) fn is_accepted(&self, id: &SpecId) -> bool {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// The files of every spec that this one comes after, in this run.
    pub(in crate::app) fn files_before(&self, task: &Task) -> FileSet {
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
