//! `codegen action`: the entry of the GitHub Action.

use std::path::Path;
use std::sync::Arc;

use super::args::ActionArguments;
use super::remote::{Found, find, open};
use super::show;
use crate::adapter::actions::{MutedCommands, annotate, read_event, write_report};
use crate::adapter::detect_model::{Environment, ProcessEnvironment};
use crate::adapter::github::git::sign_in;
use crate::adapter::terminal::{HumanReporter, Talk};
use crate::adapter::workbench::JobBench;
use crate::adapter::workspace::GitWorkspace;
use crate::app::act::{Wishes, act};
use crate::app::load::load_config_only;
use crate::app::respond::{Desk, conclude};
use crate::config::{CommandSettings, Config, Obeyed};
use crate::failure::{Failure, Kind};
use crate::job::{Ending, Report};
use crate::port::Forge;
use crate::spec::SpecId;
use crate::trigger::Trigger;

/// Acts on the event of the job.
pub(super) async fn run(here: &Path, arguments: &ActionArguments, quiet: bool) -> Result<u8, Failure> {
    let environment = &ProcessEnvironment;
    let muted = MutedCommands::begin(environment);
    let report = match tell(here, arguments, quiet).await {
        Ok(report) => report,
        Err(failure) => Report {
            ending: Ending::Failed,
            why: String::new(),
            results: Vec::new(),
            notes: Vec::new(),
            failures: vec![(String::new(), failure)],
        },
    };
    if !report.why.is_empty() {
        show::talk(&report.why);
    }
    for (spec, failure) in &report.failures {
        let subject = if spec.is_empty() { String::new() } else { format!("{spec}: ") };
        show::talk(&format!("\n{subject}{}", show::render_failure(failure)));
    }
    drop(muted);
    if arguments.conclude {
        annotate(environment, &report);
    } else {
        write_report(environment, &report)?;
    }
    let worst = report.failures.iter().map(|(_, failure)| failure.kind).max_by_key(|kind| kind.rank());
    Ok(worst.map_or(0, Kind::exit_code))
}

async fn tell(here: &Path, arguments: &ActionArguments, quiet: bool) -> Result<Report, Failure> {
    let environment = &ProcessEnvironment;
    let trigger = read_event(environment)?;
    let git = GitWorkspace::discover(here)?;
    let (access, slug) = match find(&git, environment) {
        Found::Here { access, slug } => (access, slug),
        Found::Missing(what) => {
            return Err(Failure::new(Kind::Usage, format!("there is no GitHub to talk to: {what}"))
                .hint("the workflow gives the token by `env: GITHUB_TOKEN`"));
        }
    };
    let forge: Arc<dyn Forge> = Arc::new(open(access.clone(), slug.clone(), &git)?);
    if arguments.conclude {
        return finish(forge.as_ref(), &settings(&git), &trigger).await;
    }
    let model = environment.variable("CODEGEN_MODEL");
    let signed = sign_in(&access);
    let desk = Desk {
        forge,
        bench: Arc::new(JobBench::new(access, slug, model)),
        reporter: Arc::new(HumanReporter::new(Talk { quiet, stream: false })),
        settings: settings(&git),
    };
    let specs = environment.variable("CODEGEN_SPECS").unwrap_or_default();
    let wishes = Wishes {
        specs: specs.split_whitespace().map(SpecId::from_argument).collect(),
        force: environment.variable("CODEGEN_FORCE").as_deref() == Some("true"),
    };
    let workspace = Arc::new(git.signing_in(signed));
    if matches!(trigger, Trigger::Comment(_)) {
        return act(&desk, workspace, &trigger, wishes, Box::pin(super::interrupted())).await;
    }
    tokio::select! {
        done = act(&desk, workspace, &trigger, wishes, Box::pin(std::future::pending())) => done,
        () = super::interrupted() => Err(Failure::new(Kind::Interrupted, "interrupted; what was proposed so far stays")),
    }
}

/// Who is obeyed stands in the checkout of the job, which is the default branch. When that cannot be read, only admins are.
fn settings(workspace: &GitWorkspace) -> CommandSettings {
    load_config_only(workspace).map_or_else(
        |_| CommandSettings { permission: Obeyed::Admin, ..Config::default().commands },
        |config| config.commands,
    )
}

async fn finish(forge: &dyn Forge, settings: &CommandSettings, trigger: &Trigger) -> Result<Report, Failure> {
    let broken = match trigger {
        Trigger::Comment(comment) => conclude(forge, settings, comment).await?,
        Trigger::Push(_) | Trigger::Run => false,
    };
    let why =
        if broken { "an answer was left open, and now says that the run broke off" } else { "nothing was left open" };
    let ending = if broken { Ending::Failed } else { Ending::Nothing };
    Ok(Report { ending, why: why.to_owned(), results: Vec::new(), notes: Vec::new(), failures: Vec::new() })
}
