//! The thread that the engine lives on: it takes questions one after the other, loads the weights for the first one and gives
//! their memory back when nobody asks for a while.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::engine::{Answer, Engine, NoAnswer, Question};
use super::speed::Speed;
use crate::port::ModelError;

/// How long weights stay in memory when nobody asks.
const IDLE: Duration = Duration::from_mins(10);

/// What is told of an answer.
pub(super) enum Update {
    /// More text.
    Piece(String),
    /// It is done, or there is none.
    Done(Result<Answer, ModelError>),
}

/// A question with the way back.
pub(super) struct Job {
    pub(super) question: Question,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) updates: UnboundedSender<Update>,
}

/// Which weights, and where states of prompts are kept.
#[derive(Debug, Clone)]
pub(super) struct Sources {
    pub(super) weights: PathBuf,
    pub(super) prefixes: Option<PathBuf>,
    pub(super) prefix_bytes: u64,
    pub(super) speed: Option<PathBuf>,
}

/// Starts the thread. It ends when the sender is dropped.
pub(super) fn start(sources: Sources) -> std::io::Result<Sender<Job>> {
    let (sender, receiver) = channel();
    std::thread::Builder::new().name("codegen-model".to_owned()).spawn(move || work(&sources, &receiver))?;
    Ok(sender)
}

fn work(sources: &Sources, jobs: &Receiver<Job>) {
    let mut engine = None;
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(job) => {
                let answer = answer(sources, &mut engine, &job);
                if let (Ok(answer), Some(file)) = (&answer, &sources.speed) {
                    note(answer, file);
                }
                // Nobody listens any more when the call was ended.
                let _ = job.updates.send(Update::Done(answer));
            }
            Err(RecvTimeoutError::Timeout) => engine = None,
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn answer(sources: &Sources, engine: &mut Option<Engine>, job: &Job) -> Result<Answer, ModelError> {
    if job.stop.load(Ordering::Relaxed) {
        return Err(explain(&NoAnswer::Stopped));
    }
    if engine.is_none() {
        let prefixes = sources.prefixes.as_deref().map(|folder| (folder, sources.prefix_bytes));
        *engine =
            Engine::load(&sources.weights, prefixes, &job.stop).map_err(super::gguf::WeightsError::into_model_error)?;
    }
    let Some(engine) = engine else { return Err(explain(&NoAnswer::Stopped)) };
    let mut on_text = |text: &str| {
        let _ = job.updates.send(Update::Piece(text.to_owned()));
    };
    engine.answer(&job.question, &job.stop, &mut on_text).map_err(|error| explain(&error))
}

/// Notes how fast an answer was, when it was long enough to tell.
fn note(answer: &Answer, file: &Path) {
    let read = answer.read.saturating_sub(answer.remembered);
    let Some(first) = answer.first.filter(|_| read >= 256 && answer.written >= 64) else { return };
    let writing = answer.took.saturating_sub(first);
    #[expect(clippy::cast_precision_loss, reason = "some thousand tokens")]
    let rate = |tokens: usize, time: Duration| tokens as f64 / time.as_secs_f64().max(1e-3);
    let speed = Speed { read: rate(read, first), written: rate(answer.written, writing) };
    if let Err(error) = speed.keep(file) {
        tracing::debug!(file = %file.display(), %error, "the speed could not be noted");
    }
}

fn explain(error: &NoAnswer) -> ModelError {
    let (kind, hint) = match error {
        NoAnswer::Stopped => ("stopped", None),
        NoAnswer::TooLong { .. } => (
            "context_length",
            Some("shorten the spec, its `uses` or its examples; or raise `model.context`, where the model holds more"),
        ),
        NoAnswer::Template(_) => ("template", Some("these weights may be no model to talk to: take others")),
        NoAnswer::Schema(_) => ("schema", Some("set `model.answers: fenced` in .codegen/config.yaml")),
        NoAnswer::Failed(_) => ("engine", Some("the file may be damaged: `codegen model pull` fetches it again")),
    };
    ModelError { kind: kind.into(), message: error.to_string(), hint: hint.map(str::to_owned) }
}
