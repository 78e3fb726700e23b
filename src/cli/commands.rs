//! The commands: each composes the ports it needs, runs a use case and prints its result.

use std::path::Path;
use std::sync::Arc;

use clap::CommandFactory;
use serde_json::json;

use super::args::{Arguments, Chosen, Command, Generate, Init, OneSpec, SchemaOf, Talk};
use super::show;
use crate::adapter::answer_cache::CachedModel;
use crate::adapter::detect_model::{self, Absent, ProcessEnvironment};
use crate::adapter::no_model::NoModel;
use crate::adapter::process::ProcessRunner;
use crate::adapter::replay::Recording;
use crate::adapter::terminal::{self, HumanReporter, JsonReporter};
use crate::adapter::turns::share_processors;
use crate::adapter::workspace::GitWorkspace;
use crate::answer;
use crate::app::generate::{Delivery, Options, Ports, Summary, generate};
use crate::app::load::{Loaded, load};
use crate::app::prompts::{Questions, previous_of, project_of, read_uses};
use crate::app::propose::Remote;
use crate::app::{examples, init, status};
use crate::capability::Capability;
use crate::change::unified_diff;
use crate::config::{self, Config};
use crate::event::{Event, Reporter};
use crate::failure::{Failure, Kind};
use crate::pattern;
use crate::port::{Model, Runner, Workspace};
use crate::prompt::Reading;
use crate::spec::{self, SpecId};
use crate::task::Task;

/// Runs the command and says how the process ends.
pub async fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let here = arguments.directory.as_path();
    match &arguments.command {
        Command::Init(init) => start(here, init),
        Command::Generate(options) => run_generate(here, options, arguments.quiet).await,
        Command::Check(check) => super::check::run(here, check),
        Command::List(chosen) => list(here, chosen),
        Command::Prompt(prompt) => print_prompt(here, prompt),
        Command::Select(one) => select(here, one),
        Command::Patterns(patterns) => super::patterns::run(here, patterns).await,
        Command::Comply(arguments) => super::comply::run(here, arguments).await,
        Command::Hook(hook) => super::hook::run(here, hook, arguments.quiet).await,
        Command::Action(action) => super::action::run(here, action, arguments.quiet).await,
        Command::Doctor(printed) => super::doctor::run(here, *printed).await,
        #[cfg(feature = "local")]
        Command::Model(models) => super::model::run(models).await,
        Command::Demo(demo) => super::demo::run(demo, arguments.quiet).await,
        Command::Schema { of } => {
            show::json(&match of {
                SchemaOf::Spec => spec::schema(),
                SchemaOf::Config => config::schema(),
                SchemaOf::Pattern => pattern::schema(),
            });
            Ok(0)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "codegen", &mut script);
            show::out(&String::from_utf8_lossy(&script));
            Ok(0)
        }
    }
}

pub(super) fn open(here: &Path) -> Result<GitWorkspace, Failure> {
    let workspace = GitWorkspace::discover(here)?;
    show::recovery(workspace.recovery());
    Ok(workspace)
}

fn start(here: &Path, arguments: &Init) -> Result<u8, Failure> {
    let workspace = open(here)?;
    let started = init::init(&workspace, arguments.language, &arguments.name, &arguments.action)?;
    let found: Vec<&str> = started.languages.iter().map(|language| language.title()).collect();
    show::talk(&format!("found: {}", if found.is_empty() { "no manifest".to_owned() } else { found.join(", ") }));
    for path in &started.written {
        show::talk(&format!("wrote {path}"));
    }
    for path in &started.kept {
        show::talk(&format!("kept {path}, which was there"));
    }
    show::talk("next: change the spec to what you need, then `codegen generate`");
    Ok(0)
}

async fn run_generate(here: &Path, arguments: &Generate, quiet: bool) -> Result<u8, Failure> {
    let git = open(here)?;
    let found = arguments.pr.then(|| super::remote::find(&git, &ProcessEnvironment));
    let (forge, here_only) = match found {
        Some(super::remote::Found::Here { access, slug }) => (Some(super::remote::open(access, slug, &git)?), None),
        Some(super::remote::Found::Missing(what)) => (None, Some(what)),
        None => (None, None),
    };
    let remote = forge.map(|forge| Remote::new(Arc::new(forge), None));
    let workspace: Arc<dyn Workspace> = Arc::new(git);
    let loaded = load(workspace.as_ref())?;
    let reporter: Arc<dyn Reporter> = match arguments.format {
        Talk::Human => Arc::new(HumanReporter::new(terminal::Talk { quiet, stream: arguments.stream })),
        Talk::Ndjson => Arc::new(JsonReporter::new(arguments.stream)),
    };
    if let Some(what) = here_only {
        let message = format!("proposals stay on this machine: {what}");
        reporter.report(&Event::Notice { spec: None, message });
    }
    let options = Options {
        specs: arguments.specs.iter().map(|text| SpecId::from_argument(text)).collect(),
        force: arguments.force,
        delivery: match (arguments.pr, arguments.dry_run) {
            (true, _) => Delivery::Propose,
            (false, true) => Delivery::DryRun,
            (false, false) => Delivery::Tree,
        },
        skip: arguments.skip.clone(),
        allow_unproven: arguments.allow_unproven,
    };
    let standings = status::standings(&loaded, workspace.as_ref(), &options.specs)?;
    let idle = !arguments.force && !standings.iter().any(|standing| standing.state.wants_generation());
    let (model, runner): (Arc<dyn Model>, Arc<dyn Runner>) = if idle {
        (Arc::new(NoModel), Arc::new(ProcessRunner))
    } else {
        compose_model(arguments.model.as_deref(), &loaded.config, workspace.as_ref(), arguments).await?
    };
    let ports = Ports { workspace, runner, model, reporter: Arc::clone(&reporter), remote };
    let summary = generate(ports, loaded, options).await?;
    // Programs get the diff as an event.
    if arguments.dry_run && arguments.format == Talk::Human {
        show::out(&unified_diff(&summary.changes));
    }
    Ok(finish(&summary))
}

/// Shows what failed, equal failures once, and gives the exit code.
pub(super) fn finish(summary: &Summary) -> u8 {
    let mut shown: Vec<String> = Vec::new();
    for (id, failure) in &summary.failures {
        let text = show::render_failure(failure);
        if !shown.contains(&text) {
            show::talk(&format!("\n{id}: {text}"));
            shown.push(text);
        }
    }
    summary.worst().map_or(0, |failure| failure.kind.exit_code())
}

/// The configured model, with the answers that are kept for the repository.
pub(super) async fn choose_model(
    config: &Config,
    workspace: &dyn Workspace,
) -> Result<(Arc<dyn Model>, Arc<dyn Runner>), Failure> {
    // Nobody waits for a download in the middle of a commit.
    let model = detect_model::choose(None, &config.model, &ProcessEnvironment, Absent::Refuse).await?;
    let (model, runner) = share_processors(model, ProcessRunner);
    if model.card().provider == "replay" {
        return Ok((Arc::from(model), runner));
    }
    Ok((Arc::new(CachedModel::new(model, workspace.state_folder().join("answers"))), runner))
}

async fn compose_model(
    argument: Option<&str>,
    config: &Config,
    workspace: &dyn Workspace,
    options: &Generate,
) -> Result<(Arc<dyn Model>, Arc<dyn Runner>), Failure> {
    let model = detect_model::choose(argument, &config.model, &ProcessEnvironment, Absent::Fetch).await?;
    let (mut model, runner) = share_processors(model, ProcessRunner);
    if !options.no_cache && model.card().provider != "replay" {
        model = Box::new(CachedModel::new(model, workspace.state_folder().join("answers")));
    }
    let model: Arc<dyn Model> = match &options.record {
        Some(folder) => Arc::new(Recording::new(model, folder.clone())),
        None => Arc::from(model),
    };
    Ok((model, runner))
}

pub(super) fn ids(texts: &[String]) -> Vec<SpecId> {
    texts.iter().map(|text| SpecId::from_argument(text)).collect()
}

fn list(here: &Path, arguments: &Chosen) -> Result<u8, Failure> {
    let workspace = open(here)?;
    let loaded = load(&workspace)?;
    let standings = status::standings(&loaded, &workspace, &ids(&arguments.specs))?;
    if arguments.printed.json() {
        show::json(&standings);
    } else {
        show::standings(&standings);
    }
    Ok(0)
}

fn task_of<'l>(loaded: &'l Loaded, text: &str) -> Result<&'l Task, Failure> {
    let id = SpecId::from_argument(text);
    loaded.tasks.iter().find(|task| task.spec.id == id).ok_or_else(|| status::unknown_spec(&id, loaded))
}

fn print_prompt(here: &Path, arguments: &super::args::Prompt) -> Result<u8, Failure> {
    let workspace = open(here)?;
    let loaded = load(&workspace)?;
    let task = task_of(&loaded, &arguments.spec)?;
    let project =
        project_of(task, &loaded, &workspace).ok_or_else(|| Failure::new(Kind::Internal, "a spec without files"))?;
    let settings = &loaded.config.model;
    let model = detect_model::foresee(arguments.model.as_deref(), settings, &ProcessEnvironment);
    if arguments.model.is_none() {
        let name = if model.name.is_empty() { "that the server names, taken for a large one" } else { &model.name };
        show::talk(&format!("for the model {name}; `--model` prints it for another"));
    }
    let capability = Capability::of(&model.name, model.in_process, settings);
    let uses = read_uses(task, &loaded, &workspace)?;
    let chosen = examples::choose(task, &loaded, &workspace, capability.small)?;
    let form = match capability.form(loaded.config.model.answers) {
        Some(config::AnswerForm::Schema) => answer::Form::Schema,
        _ => answer::Form::Fenced,
    };
    let lock = status::known_lock(task, &loaded, &workspace).ok().flatten();
    let previous = previous_of(task, lock.as_ref(), &workspace);
    let questions = Questions::new(task, &project, &chosen, uses, capability, form).updating(previous);
    let prompt = if arguments.tests {
        let read = |path: &crate::path::RepoPath| {
            let text = workspace.read(path);
            let text = text.ok_or_else(|| {
                Failure::new(Kind::Usage, format!("`{path}` is not there yet: tests are asked for when the code is"))
            });
            text.map(|text| Reading { path: path.to_string(), text })
        };
        let code: Vec<Reading> = task.code.iter().map(read).collect::<Result<_, _>>()?;
        questions.tests(&code)?
    } else {
        questions.code()?
    };
    if arguments.printed.json() {
        show::json(&prompt.messages);
    } else {
        show::prompt(&prompt);
    }
    Ok(0)
}

fn select(here: &Path, arguments: &OneSpec) -> Result<u8, Failure> {
    let workspace = open(here)?;
    let loaded = load(&workspace)?;
    let task = task_of(&loaded, &arguments.spec)?;
    let pattern = task.pattern();
    if arguments.printed.json() {
        let others: Vec<_> = match &task.selection {
            pattern::select::Selection::Explicit(_) => Vec::new(),
            pattern::select::Selection::Scored(_, others) => {
                others.iter().map(|other| json!({ "pattern": other.pattern.name, "score": other.score })).collect()
            }
        };
        let version = pattern.version.to_string();
        show::json(&json!({
            "spec": task.spec.id.as_str(),
            "pattern": pattern.name,
            "version": version,
            "source": pattern.origin.id(),
            "reason": task.selection.reason(),
            "others": others,
        }));
    } else {
        show::out(&format!(
            "{}: {} ({}; {})\n",
            task.spec.id,
            pattern.reference(),
            pattern.origin.id(),
            task.selection.reason()
        ));
    }
    Ok(0)
}
