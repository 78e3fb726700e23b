//! The one comment by which a command is answered: written when work begins, changed as stages pass, and brought to an end
//! whatever happens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::command::reply;
use crate::event::{Event, Reporter};
use crate::gate::Outcome;
use crate::port::{Forge, ForgeError};

/// The least time between two changes: people get no mail for a change, but GitHub counts them.
const PACE: Duration = Duration::from_secs(10);

/// What came of the run, gathered from its events.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// What the comment shows while work goes on.
    pub lines: Vec<String>,
    /// Proposals.
    pub results: Vec<reply::Result>,
    /// Specs with nothing to do, and why.
    pub notes: Vec<String>,
}

/// Hears events, keeps what people want to know, and hands them on.
pub struct Listener {
    inner: Arc<dyn Reporter>,
    gathered: Mutex<Gathered>,
    changed: watch::Sender<u64>,
}

impl Listener {
    /// A listener in front of another reporter.
    pub fn new(inner: Arc<dyn Reporter>) -> Arc<Self> {
        Arc::new(Self { inner, gathered: Mutex::default(), changed: watch::Sender::new(0) })
    }

    /// Everything so far.
    pub fn gathered(&self) -> Gathered {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Reporter for Listener {
    fn report(&self, event: &Event) {
        self.inner.report(event);
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::RunStarted { specs, model, .. } if !specs.is_empty() => {
                gathered.lines.push(format!("{} with {model}", specs.join(", ")));
            }
            Event::Stage { spec, stage } => gathered.lines.push(format!("{spec}: {stage}")),
            Event::Gate { spec, result, .. } => {
                let mark = match &result.outcome {
                    Outcome::Passed { .. } => "✅",
                    Outcome::Failed { .. } => "❌",
                    Outcome::Unproven { .. } => "⚠️",
                    Outcome::NotApplicable { .. } => return,
                };
                gathered.lines.push(format!("{spec}: {mark} {}", result.gate));
            }
            Event::Notice { spec, message } => {
                let place = spec.as_ref().map_or_else(String::new, |spec| format!("{spec}: "));
                gathered.notes.push(format!("{place}{message}"));
            }
            Event::PullRequest { specs, url, action, draft, .. } => gathered.results.push(reply::Result {
                specs: specs.join(", "),
                url: url.clone(),
                action: action.clone(),
                draft: *draft,
            }),
            _ => return,
        }
        drop(gathered);
        self.changed.send_modify(|count| *count += 1);
    }
}

/// The comment.
pub struct StatusComment {
    forge: Arc<dyn Forge>,
    answers: u64,
    id: u64,
    last: Arc<Mutex<Option<Instant>>>,
    ended: Arc<AtomicBool>,
    pacing: Option<JoinHandle<()>>,
}

impl StatusComment {
    /// Writes the comment, or takes the one that an earlier run wrote for the same command.
    pub async fn open(forge: Arc<dyn Forge>, issue: u64, answers: u64, what: &str) -> Result<Self, ForgeError> {
        let mark = reply::mark(answers);
        let text = reply::working(answers, what, &[]);
        let id = match forge.comments_with(issue, &mark).await?.first() {
            Some(earlier) => {
                forge.edit_comment(earlier.id, &text).await?;
                earlier.id
            }
            None => forge.comment(issue, &mark, &text).await?,
        };
        Ok(Self { forge, answers, id, last: Arc::default(), ended: Arc::default(), pacing: None })
    }

    /// Changes the comment as the listener hears more, not more than once in ten seconds.
    pub fn follow(&mut self, listener: &Arc<Listener>, what: &str) {
        let (forge, id, answers) = (Arc::clone(&self.forge), self.id, self.answers);
        let (last, ended) = (Arc::clone(&self.last), Arc::clone(&self.ended));
        let (listener, what) = (Arc::clone(listener), what.to_owned());
        let mut changes = listener.changed.subscribe();
        self.pacing = Some(tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                tokio::time::sleep(PACE).await;
                changes.mark_unchanged();
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let text = reply::working(answers, &what, &listener.gathered().lines);
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                if let Err(error) = forge.edit_comment(id, &text).await {
                    tracing::warn!(%error, "the status comment was not changed");
                }
            }
        }));
    }

    /// Says how it ended. A change that is under way is waited for, so that it cannot come later.
    pub async fn end(mut self, text: &str, at_once: bool) -> Result<(), ForgeError> {
        self.ended.store(true, Ordering::SeqCst);
        if let Some(pacing) = self.pacing.take() {
            pacing.abort();
            // An aborted task ends with an error that says so.
            let _ = pacing.await;
        }
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.filter(|_| !at_once) {
            tokio::time::sleep_until(last + PACE).await;
        }
        self.forge.edit_comment(self.id, text).await
    }
}
