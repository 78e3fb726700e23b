//! The model inside the program, by name or by the path of its weights; weights that are known by name are fetched when they
//! are not here.

use std::path::{Path, PathBuf};

use super::bench::cache_folder;
use super::detect_model::{Absent, Environment};
use super::download_bar::DownloadBar;
use super::local::{LocalModel, Sampling, Settings, Speed};
use super::process::ProcessRunner;
use super::weights::catalogue::DEFAULT;
use super::weights::fetch::{HUB, missing, offline, shown};
use super::weights::{Cache, Fetch, Weights, find, known};
use crate::config::ModelSettings;
use crate::failure::{Failure, Kind};
use crate::port::Model;

/// Where weights are kept.
pub fn weights_cache() -> Cache {
    Cache::new(cache_folder().join("models"))
}

/// Whether the network may be used for weights, by the variable that other programs for models obey too.
fn online(environment: &dyn Environment) -> bool {
    environment.variable("HF_HUB_OFFLINE").is_none_or(|value| value == "0")
}

/// Brings weights that are known by name, and tells how on standard error.
pub async fn pull(weights: &Weights, environment: &dyn Environment) -> Result<PathBuf, Failure> {
    let hub = environment.variable("HF_ENDPOINT").unwrap_or_else(|| HUB.to_owned());
    let bar = DownloadBar::new();
    let cache = weights_cache();
    let fetch = Fetch {
        cache: &cache,
        hub: &hub,
        online: online(environment),
        runner: &ProcessRunner,
        free: None,
        tell: &|told| bar.tell(&told),
    };
    let brought = fetch.bring(weights).await;
    bar.end();
    brought
}

fn speed_file(name: &str) -> PathBuf {
    cache_folder().join("speeds").join(name)
}

/// How fast a model was on this machine the last time it answered.
pub fn speed_of(weights: &Weights) -> Option<Speed> {
    Speed::load(&speed_file(weights.name))
}

/// The weights of a name.
pub fn named(name: &str) -> Result<&'static Weights, Failure> {
    find(name).ok_or_else(|| {
        let names: Vec<&str> = known().iter().map(|weights| weights.name).collect();
        Failure::new(Kind::Usage, format!("there are no weights named `{name}`"))
            .hint(format!("known: {}", names.join(", ")))
            .hint("or name a GGUF file: `--model local:/path/to/weights.gguf`")
    })
}

/// Whether a text is the path of a file rather than a name.
fn is_path(text: &str) -> bool {
    text.contains(['/', '\\']) || text.to_lowercase().ends_with(".gguf")
}

/// The model of a name, of a path, or the usual one.
pub async fn model(
    wanted: Option<&str>,
    chosen: &str,
    settings: &ModelSettings,
    environment: &dyn Environment,
    absent: Absent,
) -> Result<Box<dyn Model>, Failure> {
    let (name, weights, chosen) = match wanted {
        Some(path) if is_path(path) => {
            let path = Path::new(path);
            let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            (name, path.to_owned(), chosen.to_owned())
        }
        other => {
            let weights = named(other.unwrap_or(DEFAULT))?;
            let (path, chosen) = match (weights_cache().whole(weights), absent) {
                (Some(path), _) => (path, chosen.to_owned()),
                (None, Absent::Fetch) => (pull(weights, environment).await?, chosen.to_owned()),
                (None, Absent::Say) if !online(environment) => return Err(offline(weights, &weights_cache())),
                (None, Absent::Refuse) => return Err(missing(weights, &weights_cache())),
                (None, Absent::Say) => {
                    let size = shown(weights.bytes);
                    (weights_cache().path(weights), format!("{chosen}; its weights, {size}, are fetched at first use"))
                }
            };
            (weights.name.to_owned(), path, chosen)
        }
    };
    if weights.exists() || wanted.is_some_and(is_path) {
        let file = weights.clone();
        let inspected = tokio::task::spawn_blocking(move || LocalModel::inspect(&file)).await;
        let inspected = inspected.map_err(|error| Failure::new(Kind::Internal, "weights broke off").because(&error))?;
        inspected.map_err(|error| {
            let error = error.into_model_error();
            let failure = Failure::new(Kind::Model, error.message);
            error.hint.into_iter().fold(failure, Failure::hint)
        })?;
    }
    Ok(Box::new(LocalModel::new(Settings {
        name: name.clone(),
        chosen,
        weights,
        prefixes: Some(cache_folder().join("prefixes")),
        speed: Some(speed_file(&name)),
        sampling: Sampling::default(),
        context: settings.context,
        guesses: true,
    })))
}
