//! What can go wrong with a call, told apart so that only what may pass is tried again.

use std::time::Duration;

use async_openai::error::OpenAIError;
use serde_json::Value;

use crate::retry::Fault;

/// An error of reqwest with its innermost cause, without the URL, which may carry a query.
pub(super) fn plain(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}

/// A refusal by HTTP status.
#[derive(Debug, thiserror::Error)]
#[error("HTTP {status}: {message}")]
pub(super) struct HttpFailure {
    pub(super) status: u16,
    pub(super) message: String,
    pub(super) code: Option<String>,
    pub(super) param: Option<String>,
    pub(super) retry_after: Option<Duration>,
}

/// A call that failed.
#[derive(Debug)]
pub(super) struct CallError {
    pub(super) fault: Fault,
    pub(super) message: String,
    pub(super) http: Option<Box<HttpFailure>>,
}

impl CallError {
    /// A failure that has no status.
    pub(super) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), http: None }
    }

    /// The status, for people and traces.
    pub(super) fn status(&self) -> String {
        self.http.as_ref().map_or_else(|| "error".to_owned(), |failure| failure.status.to_string())
    }
}

/// What an error of the client means.
pub(super) fn call_error(error: OpenAIError) -> CallError {
    match error {
        OpenAIError::Boxed(inner) => match inner.downcast::<HttpFailure>() {
            Ok(failure) => {
                let quota = failure.code.as_deref() == Some("insufficient_quota");
                let fault = if quota { Fault::Quota } else { Fault::Status(failure.status) };
                CallError { fault, message: failure.to_string(), http: Some(failure) }
            }
            Err(inner) => CallError::new(Fault::Transport, inner.to_string()),
        },
        OpenAIError::Reqwest(error) => {
            CallError::new(Fault::Transport, format!("no answer from the server: {}", plain(&error)))
        }
        OpenAIError::StreamError(error) => {
            CallError::new(Fault::CutStream, format!("the stream of the answer broke off: {error}"))
        }
        OpenAIError::JSONDeserialize(error, _) => {
            CallError::new(Fault::Protocol, format!("the answer is not of the protocol: {error}"))
        }
        other => CallError::new(Fault::Protocol, other.to_string()),
    }
}

/// Reads an error body: OpenAI's form, its many relatives, or plain text.
pub(super) fn http_failure(status: u16, body: &[u8], retry_after: Option<Duration>) -> HttpFailure {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = value.get("error").unwrap_or(&value);
    let text = |key: &str| error.get(key).and_then(Value::as_str).map(str::to_owned);
    let message = error.as_str().map(str::to_owned).or_else(|| text("message")).unwrap_or_else(|| {
        String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
    });
    HttpFailure { status, message, code: text("code").or_else(|| text("type")), param: text("param"), retry_after }
}
