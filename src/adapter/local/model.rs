//! The port of the model inside the program.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc::unbounded_channel;

use super::engine::{Answer, Question};
use super::gguf::{WeightsError, WeightsFile};
use super::sampler::Sampling;
use super::shape::Shape;
use super::worker::{self, Job, Sources, Update};
use crate::port::{Completion, Model, ModelCard, ModelError, ModelRequest, Piece, Purpose, Usage};

/// Bytes of kept states, all models together.
const PREFIX_BYTES: u64 = 1 << 30;

/// How a model inside the program is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// Why this one, for people.
    pub chosen: String,
    /// The weights.
    pub weights: PathBuf,
    /// Where states of prompts are kept between runs; nowhere when left out.
    pub prefixes: Option<PathBuf>,
    /// Where it is noted how fast the model was; nowhere when left out.
    pub speed: Option<PathBuf>,
    /// How tokens are drawn; a request's temperature wins.
    pub sampling: Sampling,
    /// Tokens that prompt and answer together may have, where less than the network can is wanted.
    pub context: Option<u32>,
    /// Whether tokens are guessed from what the conversation says: it makes answers sooner, and no other.
    pub guesses: bool,
}

/// A model inside the program. Nothing is loaded before it is asked.
pub struct LocalModel {
    settings: Settings,
    worker: Mutex<Option<Sender<Job>>>,
    steps: AtomicUsize,
}

impl LocalModel {
    /// A model of these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, worker: Mutex::new(None), steps: AtomicUsize::new(0) }
    }

    /// Says whether weights are of a kind that can be run, from their table of contents alone.
    pub fn inspect(weights: &Path) -> Result<(), WeightsError> {
        Shape::read(&mut WeightsFile::open(weights)?).map(drop)
    }

    /// Times that the network was asked for the tokens of the last answer: fewer than tokens, where guesses were right.
    pub fn steps(&self) -> usize {
        self.steps.load(Ordering::Relaxed)
    }

    fn send(&self, mut job: Job) -> Result<(), ModelError> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = worker.as_ref() {
            match sender.send(job) {
                Ok(()) => return Ok(()),
                // The thread broke; the next one starts afresh.
                Err(back) => job = back.0,
            }
        }
        let sources = Sources {
            weights: self.settings.weights.clone(),
            prefixes: self.settings.prefixes.clone(),
            prefix_bytes: PREFIX_BYTES,
            speed: self.settings.speed.clone(),
        };
        let started = worker::start(sources).map_err(|error| broken(&format!("no thread: {error}")))?;
        started.send(job).map_err(|_gone| broken("the thread ended at once"))?;
        *worker = Some(started);
        Ok(())
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        on_piece: &mut (dyn FnMut(Piece<'_>) + Send),
    ) -> Result<Completion, ModelError> {
        let (updates, mut told) = unbounded_channel();
        let stop = Arc::new(AtomicBool::new(false));
        let _ended = EndsWithCall(Arc::clone(&stop));
        self.send(Job { question: self.question(request), stop, updates })?;
        while let Some(update) = told.recv().await {
            match update {
                Update::Piece(text) => on_piece(Piece::Text(&text)),
                Update::Done(answer) => return answer.map(|answer| self.completion(answer)),
            }
        }
        Err(broken("its thread broke"))
    }

    fn question(&self, request: &ModelRequest) -> Question {
        let mut sampling = self.settings.sampling;
        sampling.temperature = request.temperature.unwrap_or(sampling.temperature);
        sampling.seed = request.seed.unwrap_or(sampling.seed);
        // The same question asked again is drawn anew; the same run again is drawn alike.
        let Purpose { spec, role, attempt, mend } = &request.purpose;
        let purpose = format!("{spec} {role:?} {attempt} {mend}");
        let digest = blake3::hash(format!("{} {purpose}", sampling.seed).as_bytes());
        sampling.seed = digest.as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        Question {
            messages: request.messages.clone(),
            shared: *attempt == 1 && *mend == 0,
            sampling,
            most: usize::try_from(request.max_output_tokens).unwrap_or(usize::MAX),
            context: self.settings.context.and_then(|context| usize::try_from(context).ok()),
            guesses: self.settings.guesses,
            schema: request.schema.clone(),
        }
    }

    fn completion(&self, answer: Answer) -> Completion {
        self.steps.store(answer.steps, Ordering::Relaxed);
        Completion {
            text: answer.text,
            finish: answer.finish,
            usage: Some(Usage {
                input: answer.read as u64,
                output: answer.written as u64,
                cached: answer.remembered as u64,
            }),
            id: None,
            model: Some(self.settings.name.clone()),
            first_chunk: answer.first.map(|first| first.as_secs_f64()),
            cached: false,
        }
    }
}

fn broken(what: &str) -> ModelError {
    ModelError {
        kind: "engine".into(),
        message: format!("the model inside the program stopped: {what}"),
        hint: Some("there may be too little memory: `--model local:qwen2.5-coder-0.5b` takes less than half".into()),
    }
}

/// Ends the work for a call when the call is dropped.
struct EndsWithCall(Arc<AtomicBool>);

impl Drop for EndsWithCall {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Model for LocalModel {
    fn card(&self) -> ModelCard {
        ModelCard {
            provider: "local".into(),
            name: self.settings.name.clone(),
            server: None,
            chosen: self.settings.chosen.clone(),
            continues: true,
        }
    }

    fn complete<'a>(
        &'a self,
        request: &'a ModelRequest,
        on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.answer(request, on_piece).boxed()
    }

    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
        async { Ok(true) }.boxed()
    }
}
