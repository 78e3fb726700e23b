//! Which model is asked: what the command line or the configuration names, else a key in the environment, else a server on
//! this machine, else the one inside the program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::openai::{Endpoint, OpenAiModel, list_models};
use super::replay::Replay;
use crate::config::{ModelSettings, Provider};
use crate::failure::{Failure, Kind};
use crate::port::Model;

const OPENAI: &str = "https://api.openai.com/v1";
const DEFAULT_MODEL: &str = "gpt-5-mini";
/// How long a server on this machine may take to say what it has.
const LOCAL_PATIENCE: Duration = Duration::from_millis(1500);

/// The part of the environment that chooses a model.
pub trait Environment: Sync {
    /// A variable that is set and not empty.
    fn variable(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.trim().is_empty())
    }
}

/// What becomes of weights that are not on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// They are fetched.
    Fetch,
    /// It is said that they would be.
    Say,
    /// There is no model then.
    Refuse,
}

/// Chooses the model. `argument` is `--model`: a name, `local`, `local:NAME`, `local:FILE`, `replay:FOLDER`, or `openai:NAME`.
pub async fn choose(
    argument: Option<&str>,
    settings: &ModelSettings,
    environment: &dyn Environment,
    absent: Absent,
) -> Result<Box<dyn Model>, Failure> {
    let (provider, name) = match argument.map(|text| text.split_once(':')) {
        Some(Some(("replay", folder))) => (Some(Provider::Replay), Some(folder.to_owned())),
        Some(Some(("openai", name))) => (Some(Provider::OpenAi), Some(name.to_owned())),
        Some(Some(("local", name))) => (Some(Provider::Local), Some(name.to_owned())),
        Some(None) if argument == Some("local") => (Some(Provider::Local), None),
        Some(_) => (settings.provider, argument.map(str::to_owned)),
        None => (settings.provider, settings.name.clone()),
    };
    if provider == Some(Provider::Replay) {
        let Some(folder) = name else {
            return Err(Failure::new(
                Kind::Usage,
                "the provider `replay` needs the folder of recorded answers as `model.name`",
            ));
        };
        let chosen = if argument.is_some() { "--model" } else { "configuration" };
        return Ok(Box::new(Replay::new(PathBuf::from(folder), chosen)));
    }
    if provider == Some(Provider::Local) {
        let chosen = if argument.is_some() { "--model" } else { "configuration" };
        return embedded(name.as_deref(), chosen, settings, environment, absent).await;
    }
    let Some(endpoint) = endpoint(provider, name.clone(), settings, environment).await? else {
        return embedded(
            name.as_deref(),
            "inside the program; nothing else is configured",
            settings,
            environment,
            absent,
        )
        .await;
    };
    let model = OpenAiModel::new(endpoint);
    Ok(Box::new(model.map_err(|error| Failure::new(Kind::Model, "the model cannot be used").because(&error))?))
}

/// What is known of the model that a run would ask before anything is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Its name; empty where only a server knows it.
    pub name: String,
    /// Whether it runs in this process.
    pub in_process: bool,
}

/// Foresees what [`choose`] would choose, if it finds anything. Whether a server that nothing names answers on this machine is not found out.
pub fn foresee(argument: Option<&str>, settings: &ModelSettings, environment: &dyn Environment) -> Foreseen {
    let (provider, name) = match argument.map(|text| text.split_once(':').unwrap_or((text, ""))) {
        Some(("local", name)) => (Some(Provider::Local), Some(name).filter(|name| !name.is_empty())),
        Some(("openai", name)) if !name.is_empty() => (Some(Provider::OpenAi), Some(name)),
        Some(("replay", folder)) if !folder.is_empty() => (Some(Provider::Replay), Some(folder)),
        Some(_) => (settings.provider, argument),
        None => (settings.provider, settings.name.as_deref()),
    };
    let variable = settings.api_key_env.as_deref().unwrap_or("OPENAI_API_KEY");
    let base_url = settings.base_url.is_some() || environment.variable("OPENAI_BASE_URL").is_some();
    let has_server = base_url || settings.api_key_env.is_some() || environment.variable(variable).is_some();
    let in_process = cfg!(feature = "local")
        && match provider {
            Some(Provider::Local) => true,
            None => !has_server && name.is_none_or(is_embedded),
            Some(_) => false,
        };
    let name = match name {
        // Weights are known by the name of their file, recordings by the one of their folder.
        Some(path) if in_process && path.contains(['/', '\\', '.']) && !is_embedded(path) => {
            Path::new(path).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
        }
        Some(path) if provider == Some(Provider::Replay) => {
            format!("replay:{}", Path::new(path).file_name().unwrap_or_default().to_string_lossy())
        }
        Some(name) => name.to_owned(),
        None if in_process => usual().to_owned(),
        None if base_url => String::new(),
        None => DEFAULT_MODEL.to_owned(),
    };
    Foreseen { name, in_process }
}

#[cfg(feature = "local")]
fn is_embedded(name: &str) -> bool {
    super::weights::find(name).is_some()
}

#[cfg(feature = "local")]
fn usual() -> &'static str {
    super::weights::catalogue::DEFAULT
}

#[cfg(not(feature = "local"))]
fn is_embedded(_name: &str) -> bool {
    false
}

#[cfg(not(feature = "local"))]
fn usual() -> &'static str {
    ""
}

#[cfg(feature = "local")]
use super::embedded::model as embedded;

/// This build has no model of its own.
#[cfg(not(feature = "local"))]
#[expect(clippy::unused_async, reason = "it stands for one that has to wait")]
async fn embedded(
    _name: Option<&str>,
    chosen: &str,
    _settings: &ModelSettings,
    _environment: &dyn Environment,
    _absent: Absent,
) -> Result<Box<dyn Model>, Failure> {
    let message = match chosen {
        "--model" | "configuration" => "this build has no model inside: it was made without the feature `local`",
        _ => "there is no model to ask",
    };
    Err(Failure::new(Kind::Model, message)
        .hint("set OPENAI_API_KEY, and OPENAI_BASE_URL for a server other than OpenAI's")
        .hint("or start a server on this machine: `ollama run qwen2.5-coder:7b`, then run again")
        .hint("or name one in .codegen/config.yaml: `model: { base_url: http://127.0.0.1:8080/v1, name: … }`"))
}

/// The server to ask; `None` when nothing says so and none answers.
async fn endpoint(
    provider: Option<Provider>,
    name: Option<String>,
    settings: &ModelSettings,
    environment: &dyn Environment,
) -> Result<Option<Endpoint>, Failure> {
    let variable = settings.api_key_env.as_deref().unwrap_or("OPENAI_API_KEY");
    let key = environment.variable(variable);
    if let (Some(_), None, None) = (&settings.api_key_env, &key, &settings.base_url) {
        let message = format!("the environment variable {variable}, which the configuration names, is not set");
        return Err(Failure::new(Kind::Model, message).hint("set it, or take `model.api_key_env` away"));
    }
    let from_environment = environment.variable("OPENAI_BASE_URL").map(|url| url.trim_end_matches('/').to_owned());
    let base_url = settings.base_url.clone().or_else(|| from_environment.clone());
    if base_url.is_some() || key.is_some() || provider.is_some() {
        let chosen = if settings.base_url.is_some() || settings.provider.is_some() {
            "configuration"
        } else if from_environment.is_some() {
            "OPENAI_BASE_URL is set"
        } else {
            "OPENAI_API_KEY is set"
        };
        let base_url = base_url.unwrap_or_else(|| OPENAI.to_owned());
        if base_url == OPENAI && key.is_none() {
            return Err(Failure::new(Kind::Model, format!("{OPENAI} needs a key, and {variable} is not set"))
                .hint(format!("set {variable}, or `model.base_url`")));
        }
        let key = key.map(SecretString::from);
        let model = match name {
            Some(name) => name,
            None if base_url == OPENAI => DEFAULT_MODEL.to_owned(),
            None => first_model(&base_url, key.as_ref()).await?,
        };
        return Ok(Some(Endpoint { base_url, key, model, chosen: chosen.to_owned() }));
    }
    Ok(ollama(name, environment).await)
}

async fn first_model(base_url: &str, key: Option<&SecretString>) -> Result<String, Failure> {
    let models = list_models(base_url, key, Duration::from_secs(15)).await.map_err(|error| {
        Failure::new(Kind::Model, format!("{base_url} does not say which models it has"))
            .because(&error)
            .hint("is the server running? Name the model with `--model` or `model.name`")
    })?;
    prefer_coder(models)
        .ok_or_else(|| Failure::new(Kind::Model, format!("{base_url} has no model")).hint("name one with `--model`"))
}

/// A model for code, where the name says so, else the first.
fn prefer_coder(models: Vec<String>) -> Option<String> {
    let coder = models.iter().find(|name| name.contains("coder") || name.contains("code")).cloned();
    coder.or_else(|| models.into_iter().next())
}

/// Ollama, where it usually listens.
async fn ollama(name: Option<String>, environment: &dyn Environment) -> Option<Endpoint> {
    let host = environment.variable("OLLAMA_HOST").unwrap_or_else(|| "127.0.0.1:11434".to_owned());
    let host = host.trim_end_matches('/').replace("0.0.0.0", "127.0.0.1");
    let base_url = if host.contains("://") { format!("{host}/v1") } else { format!("http://{host}/v1") };
    let models = list_models(&base_url, None, LOCAL_PATIENCE).await.ok()?;
    let model = name.or_else(|| prefer_coder(models))?;
    Some(Endpoint { base_url, key: None, model, chosen: "Ollama answers on this machine".to_owned() })
}

#[cfg(all(test, feature = "local"))]
mod tests {
    use super::*;
    use crate::config::Config;

    struct Variables(&'static [&'static str]);

    impl Environment for Variables {
        fn variable(&self, name: &str) -> Option<String> {
            self.0.contains(&name).then(|| "set".to_owned())
        }
    }

    #[test]
    fn a_model_is_foreseen_as_it_is_chosen() {
        let settings = Config::default().model;
        let foreseen = |argument: Option<&str>, variables| {
            let found = foresee(argument, &settings, &Variables(variables));
            (found.name, found.in_process)
        };
        let usual = "qwen2.5-coder-1.5b";
        for (argument, variables, name, in_process) in [
            (None, &[][..], usual, true),
            (Some("local"), &["OPENAI_API_KEY"][..], usual, true),
            (Some("local:qwen2.5-coder-0.5b"), &[], "qwen2.5-coder-0.5b", true),
            (Some("local:/weights/some-3b.gguf"), &[], "some-3b", true),
            (Some(usual), &[], usual, true),
            (Some(usual), &["OPENAI_BASE_URL"], usual, false),
            (Some("openai:gpt-5"), &[], "gpt-5", false),
            (Some("gpt-5"), &[], "gpt-5", false),
            (Some("replay:/answers-1.5b/first"), &[], "replay:first", false),
            (None, &["OPENAI_API_KEY"], DEFAULT_MODEL, false),
            (None, &["OPENAI_BASE_URL"], "", false),
        ] {
            assert_eq!(foreseen(argument, variables), (name.to_owned(), in_process), "{argument:?} {variables:?}");
        }
    }
}
