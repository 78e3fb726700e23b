//! The commands: each composes the ports it needs, runs a use case and prints its result.

use std::path::Path;
use std::sync::Arc;

use clap::CommandFactory;
use secrecy::SecretString;
use serde_json::json;

use super::args::{
    Arguments, Chosen, Command, Generate, Init, OneSpec, Patterns, PatternsAction, Printed, SchemaOf, Talk,
};
use super::show;
use crate::adapter::answer_cache::CachedModel;
use crate::adapter::bench::{FolderBench, cache_folder};
use crate::adapter::detect_model::{self, Absent, Environment, ProcessEnvironment};
use crate::adapter::no_model::NoModel;
use crate::adapter::openai::list_models;
use crate::adapter::process::ProcessRunner;
use crate::adapter::replay::Recording;
use crate::adapter::terminal::{self, HumanReporter, JsonReporter};
use crate::adapter::turns::share_processors;
use crate::adapter::workspace::GitWorkspace;
use crate::answer;
use crate::app::doctor::{self, Checkup, Health};
use crate::app::generate::{Delivery, Options, Ports, Summary, generate};
use crate::app::load::{Loaded, load, load_config_only, load_patterns_only};
use crate::app::patterns_test::prove_pattern;
use crate::app::prompts::{Questions, previous_of, project_of, read_uses};
use crate::app::propose::Remote;
use crate::app::{examples, init, status};
use crate::capability::Capability;
use crate::change::unified_diff;
use crate::config::{self, Config};
use crate::event::{Event, Reporter};
use crate::failure::{Failure, Kind};
use crate::gate::Outcome;
use crate::language::Language;
use crate::pattern::{self, Library, PatternRef};
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
        Command::Patterns(patterns) => run_patterns(here, patterns).await,
        Command::Comply(arguments) => super::comply::run(here, arguments).await,
        Command::Hook(hook) => super::hook::run(here, hook, arguments.quiet).await,
        Command::Action(action) => super::action::run(here, action, arguments.quiet).await,
        Command::Doctor(printed) => run_doctor(here, *printed).await,
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

/// The library of the repository, or the built-in one outside of any.
pub(super) fn library(here: &Path) -> Result<Library, Failure> {
    match open(here) {
        Ok(workspace) => load_patterns_only(&workspace),
        Err(failure) if failure.kind == Kind::Repository => {
            let (library, problems) = Library::new(Vec::new());
            if problems.is_empty() { Ok(library) } else { Err(Failure::diagnostics(problems)) }
        }
        Err(failure) => Err(failure),
    }
}

async fn run_patterns(here: &Path, arguments: &Patterns) -> Result<u8, Failure> {
    let library = library(here)?;
    match &arguments.action {
        None => {
            let latest = library.latest();
            if arguments.printed.json() {
                let shown: Vec<_> = latest.iter().map(|pattern| describe(&library, pattern)).collect();
                show::json(&shown);
            } else {
                show::patterns(&latest);
            }
            Ok(0)
        }
        Some(PatternsAction::Show { name }) => {
            let pattern = find_pattern(&library, name)?;
            if arguments.printed.json() {
                show::json(&describe(&library, pattern));
            } else {
                show::pattern(pattern);
            }
            Ok(0)
        }
        Some(PatternsAction::Test { names, language }) => {
            test_patterns(&library, names, *language, arguments.printed).await
        }
    }
}

pub(super) fn find_pattern<'l>(library: &'l Library, name: &str) -> Result<&'l Arc<pattern::Pattern>, Failure> {
    let wanted = PatternRef::parse(name)
        .ok_or_else(|| Failure::new(Kind::Usage, format!("`{name}` cannot be the name of a pattern")))?;
    library.find(&wanted).map_err(|unknown| {
        let failure = Failure::new(Kind::Usage, format!("unknown pattern: {}", unknown.wanted));
        let failure =
            unknown.nearest.iter().fold(failure, |failure, near| failure.hint(format!("did you mean `{near}`?")));
        failure.hint(format!("known: {}", unknown.known.join(", ")))
    })
}

fn describe(library: &Library, pattern: &pattern::Pattern) -> serde_json::Value {
    let versions: Vec<String> = library
        .all()
        .iter()
        .filter(|other| other.name == pattern.name)
        .map(|other| other.version.to_string())
        .collect();
    let rules: Vec<_> = pattern
        .rules
        .iter()
        .map(|rule| {
            let texts: serde_json::Map<_, _> =
                rule.value.texts.iter().map(|(language, text)| (language.id().to_owned(), json!(text))).collect();
            let checked: Vec<&str> = rule.value.checks.keys().map(|language| language.id()).collect();
            json!({ "id": rule.value.id, "severity": rule.value.severity.id(), "text": texts, "checked": checked })
        })
        .collect();
    let examples: serde_json::Map<_, _> = pattern
        .examples
        .iter()
        .map(|(language, examples)| {
            (language.id().to_owned(), json!({ "good": examples.good.len(), "bad": examples.bad.len() }))
        })
        .collect();
    json!({
        "name": pattern.name,
        "latest": pattern.version.to_string(),
        "versions": versions,
        "source": pattern.origin.id(),
        "file": pattern.source.path,
        "summary": pattern.summary,
        "rules": rules,
        "examples": examples,
    })
}

async fn test_patterns(
    library: &Library,
    names: &[String],
    language: Option<Language>,
    printed: Printed,
) -> Result<u8, Failure> {
    let chosen = if names.is_empty() {
        library.all().to_vec()
    } else {
        names.iter().map(|name| find_pattern(library, name).cloned()).collect::<Result<Vec<_>, _>>()?
    };
    let bench = FolderBench::new(cache_folder().join("examples"));
    let mut proofs = Vec::new();
    for pattern in chosen {
        let mut pattern = pattern.as_ref().clone();
        pattern.examples.retain(|known, _| language.is_none_or(|wanted| wanted == *known));
        let mut tell = |proof: &crate::app::patterns_test::ExampleProof| {
            if !printed.json() {
                let detail = proof.outcome.detail().trim_end();
                let text = match &proof.outcome {
                    Outcome::Passed { .. } => "ok".to_owned(),
                    other => format!("{}: {}", other.id(), detail.replace('\n', "\n    ")),
                };
                show::out(&format!(
                    "{} {} {}: {}: {text}\n",
                    proof.pattern, proof.language, proof.example, proof.check
                ));
            }
        };
        proofs.extend(prove_pattern(&pattern, &bench, &ProcessRunner, &mut tell).await);
    }
    let count = |wanted: &str| proofs.iter().filter(|proof| proof.outcome.id() == wanted).count();
    let (passed, failed, unproven) = (count("passed"), count("failed"), count("unproven"));
    if printed.json() {
        show::json(&proofs);
    } else {
        show::talk(&format!("{passed} passed, {failed} failed, {unproven} unproven"));
    }
    Ok(if failed > 0 { Kind::Gate.exit_code() } else { 0 })
}

async fn run_doctor(here: &Path, printed: Printed) -> Result<u8, Failure> {
    let workspace = open(here)?;
    let config = load_config_only(&workspace)?;
    let mut checkups = vec![
        Checkup::new("repository", Health::Ok, workspace.root().display().to_string()),
        specs_checkup(&workspace),
        model_checkup(&config).await,
    ];
    checkups.extend(doctor::commands(workspace.view(), &config));
    checkups.push(doctor::sandbox(&config));
    checkups.push(token_checkup(&workspace).await);
    if printed.json() {
        show::json(&checkups);
    } else {
        show::checkups(&checkups);
    }
    let broken = checkups.iter().any(|checkup| checkup.health == Health::Broken);
    Ok(if broken { Kind::Gate.exit_code() } else { 0 })
}

fn specs_checkup(workspace: &GitWorkspace) -> Checkup {
    match load(workspace) {
        Ok(loaded) => Checkup::new("specs", Health::Ok, crate::text::count(loaded.tasks.len(), "spec", "specs")),
        Err(failure) => Checkup::new("specs", Health::Broken, failure.message)
            .hint("`codegen check` shows every problem with its place"),
    }
}

async fn model_checkup(config: &Config) -> Checkup {
    let model = match detect_model::choose(None, &config.model, &ProcessEnvironment, Absent::Say).await {
        Ok(model) => model,
        Err(failure) => {
            return Checkup::new("model", Health::Broken, failure.to_string()).hint(failure.hints.join("; "));
        }
    };
    let card = model.card();
    let found = format!("{} ({})", card.name, card.chosen);
    let Some((host, port)) = card.server else { return Checkup::new("model", Health::Ok, found) };
    let key = config.model.api_key_env.as_deref().unwrap_or("OPENAI_API_KEY");
    let key = ProcessEnvironment.variable(key).map(SecretString::from);
    let base = config.model.base_url.clone().or_else(|| ProcessEnvironment.variable("OPENAI_BASE_URL"));
    let base = base
        .unwrap_or_else(|| if port == 443 { format!("https://{host}/v1") } else { format!("http://{host}:{port}/v1") });
    match list_models(base.trim_end_matches('/'), key.as_ref(), std::time::Duration::from_secs(10)).await {
        Ok(models) if models.contains(&card.name) => {
            Checkup::new("model", Health::Ok, format!("{found} at {host}:{port}"))
        }
        Ok(_) => Checkup::new("model", Health::Warning, format!("{found} at {host}:{port}"))
            .hint("the server does not list this model"),
        Err(error) => Checkup::new("model", Health::Broken, format!("{found} at {host}:{port}: {error}"))
            .hint("is the server running, and the key right?"),
    }
}

async fn token_checkup(workspace: &GitWorkspace) -> Checkup {
    super::remote::token_checkup(workspace).await
}
