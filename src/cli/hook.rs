//! `hook`: the commit hook, for repositories without a hook manager and as the command that managers run.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};

use super::check;
use super::commands::{choose_model, finish, open};
use super::show;
use crate::adapter::hook_file::{self, Installed};
use crate::adapter::terminal::{HumanReporter, Talk};
use crate::app::generate::{Delivery, Options, Ports, generate};
use crate::app::load::load;
use crate::app::staged::concerned;
use crate::failure::{Failure, Kind};
use crate::port::Workspace;
use crate::spec::SpecId;

/// Arguments of `hook`.
#[derive(Debug, Args)]
pub struct Hook {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with the hook.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Put the hook into the repository's pre-commit hook, beside what is there
    Install {
        /// What the hook does
        #[arg(value_enum, default_value = "check")]
        what: What,
    },
    /// Do what the hook does
    Run {
        /// What the hook does
        #[arg(value_enum, default_value = "check")]
        what: What,
    },
}

/// What a hook does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Judge what is staged; touches neither the network nor the tree
    Check,
    /// Generate for staged specs, write, and fail, so that a person reviews and stages
    Generate,
}

impl What {
    fn id(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Generate => "generate",
        }
    }
}

/// Runs it.
pub async fn run(here: &Path, hook: &Hook, quiet: bool) -> Result<u8, Failure> {
    match &hook.action {
        Action::Install { what } => install(here, *what),
        Action::Run { what } if is_skipped(*what) => {
            show::talk(&format!("codegen-{} is skipped (SKIP)", what.id()));
            Ok(0)
        }
        Action::Run { what: What::Check } => {
            let standings = check::staged(here)?;
            let total = standings.len();
            Ok(check::tell(standings, total, false, true))
        }
        Action::Run { what: What::Generate } => generate_staged(here, quiet).await,
    }
}

fn install(here: &Path, what: What) -> Result<u8, Failure> {
    let workspace = open(here)?;
    match hook_file::install(&workspace.root(), what.id())? {
        Installed::New(path) => show::talk(&format!("wrote {}", path.display())),
        Installed::Beside(path) => show::talk(&format!("added to {}, which runs as before", path.display())),
        Installed::Unchanged(path) => show::talk(&format!("{} has it already", path.display())),
    }
    Ok(0)
}

/// The variable that hook managers have for this: names with commas between them.
fn is_skipped(what: What) -> bool {
    let skip = std::env::var("SKIP").unwrap_or_default();
    skip.split(',').map(str::trim).any(|name| name == "codegen" || name == format!("codegen-{}", what.id()))
}

async fn generate_staged(here: &Path, quiet: bool) -> Result<u8, Failure> {
    let workspace = open(here)?.as_staged()?;
    let specs: Vec<SpecId> = {
        let concerned = concerned(&workspace)?;
        let wanting = concerned.standings.iter().filter(|standing| standing.state.wants_generation());
        let ids = wanting.map(|standing| SpecId::from_argument(&standing.id));
        ids.filter(|id| concerned.specs.contains(id)).collect()
    };
    if specs.is_empty() {
        return Ok(0);
    }
    let names = specs.iter().map(SpecId::as_str).collect::<Vec<_>>().join(", ");
    if let Some(operation) = workspace.operation() {
        show::talk(&format!("codegen generates nothing in the middle of {operation}; not current: {names}"));
        return Ok(0);
    }
    let loaded = load(&workspace)?;
    let (model, runner) = match choose_model(&loaded.config, &workspace).await {
        Ok(chosen) => chosen,
        Err(failure) if failure.kind == Kind::Model => return Ok(without_model(&failure, &names)),
        Err(failure) => return Err(failure),
    };
    let reporter = Arc::new(HumanReporter::new(Talk { quiet, stream: false }));
    let options = Options { specs, force: false, delivery: Delivery::Tree, skip: Vec::new(), allow_unproven: false };
    let ports = Ports { workspace: Arc::new(workspace), runner, model, reporter, remote: None };
    let summary = generate(ports, loaded, options).await?;
    if summary.accepted > 0 {
        show::talk("codegen wrote files into your tree: review them, `git add` them, and commit again");
    }
    match finish(&summary) {
        0 => Ok(Kind::Gate.exit_code()),
        _ if summary.accepted == 0 && summary.failures.iter().all(|(_, failure)| failure.kind == Kind::Model) => {
            show::talk(&format!("the commit goes on without code for: {names}"));
            Ok(0)
        }
        code => Ok(code),
    }
}

/// That there is no model is no fault of the commit.
fn without_model(failure: &Failure, names: &str) -> u8 {
    show::talk(&show::render_failure(failure));
    show::talk(&format!("the commit goes on without code for: {names}"));
    0
}
