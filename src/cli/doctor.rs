//! `codegen doctor`: what is there to work with, and what to do about what is not.

use std::path::Path;

use secrecy::SecretString;

use super::args::Printed;
use super::commands::open;
use super::show;
use crate::adapter::detect_model::{self, Absent, Environment, ProcessEnvironment};
use crate::adapter::openai::list_models;
use crate::adapter::workspace::GitWorkspace;
use crate::app::doctor::{self, Checkup, Health};
use crate::app::load::{load, load_config_only};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::port::Workspace;

/// Runs `codegen doctor`.
pub(super) async fn run(here: &Path, printed: Printed) -> Result<u8, Failure> {
    let workspace = open(here)?;
    let config = load_config_only(&workspace)?;
    let mut checkups = vec![
        Checkup::new("repository", Health::Ok, workspace.root().display().to_string()),
        specs_checkup(&workspace),
        model_checkup(&config).await,
    ];
    checkups.extend(doctor::commands(workspace.view(), &config));
    checkups.push(doctor::sandbox(&config));
    checkups.push(super::remote::token_checkup(&workspace).await);
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
