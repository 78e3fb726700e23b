//! The stream of an answer, read into tolerant types.

use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

use super::fault::CallError;
use crate::port::{Completion, Finish, Piece, Usage};
use crate::retry::Fault;

/// A piece of the stream as servers send it.
#[derive(Deserialize)]
pub(super) struct Chunk {
    id: Option<String>,
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    message: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<Value>,
    refusal: Option<String>,
    tool_calls: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct WireUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<WireDetails>,
}

#[derive(Deserialize)]
struct WireDetails {
    cached_tokens: Option<u64>,
}

/// An answer in the making.
#[derive(Default)]
pub(super) struct Gathered {
    text: String,
    refusal: String,
    finish: Option<String>,
    tools: bool,
    choices: bool,
    usage: Option<Usage>,
    id: Option<String>,
    model: Option<String>,
    first_chunk: Option<f64>,
}

impl Gathered {
    /// Takes a piece in, and tells its text.
    pub(super) fn take(
        &mut self,
        chunk: Chunk,
        started: Instant,
        on_piece: &mut (dyn FnMut(Piece<'_>) + Send),
    ) -> Result<(), CallError> {
        if let Some(error) = chunk.error {
            let message = error.get("message").and_then(Value::as_str).or(error.as_str()).unwrap_or("no reason given");
            return Err(CallError::new(Fault::CutStream, format!("the server broke off: {message}")));
        }
        self.id = self.id.take().or(chunk.id);
        self.model = self.model.take().or(chunk.model);
        if let Some(usage) = chunk.usage {
            let cached = usage.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or_default();
            if let (Some(input), Some(output)) = (usage.prompt_tokens, usage.completion_tokens) {
                self.usage = Some(Usage { input, output, cached });
            }
        }
        // One choice is asked for.
        if let Some(choice) = chunk.choices.into_iter().flatten().next() {
            self.choices = true;
            self.finish = choice.finish_reason.or(self.finish.take());
            if let Some(delta) = choice.delta.or(choice.message) {
                let text = delta.content.as_ref().map(text_of).unwrap_or_default();
                self.refusal.push_str(&delta.refusal.unwrap_or_default());
                self.tools |= delta.tool_calls.is_some_and(|calls| !calls.is_empty());
                if !text.is_empty() {
                    self.first_chunk = self.first_chunk.or(Some(started.elapsed().as_secs_f64()));
                    on_piece(Piece::Text(&text));
                    self.text.push_str(&text);
                }
            }
        }
        Ok(())
    }

    /// The whole answer, when it ended well.
    pub(super) fn finish(self) -> Result<Completion, CallError> {
        if !self.choices {
            return Err(CallError::new(Fault::Protocol, "the answer has no choices"));
        }
        let finish = match self.finish.as_deref() {
            _ if !self.refusal.is_empty() => Finish::Refusal(self.refusal),
            Some("length" | "max_tokens") => Finish::Length,
            Some("content_filter") => Finish::ContentFilter,
            Some("tool_calls" | "function_call") => Finish::ToolCall,
            _ if self.tools => Finish::ToolCall,
            None => {
                return Err(CallError::new(Fault::CutStream, "the stream of the answer ended before the answer did"));
            }
            Some("error" | "abort") => return Err(CallError::new(Fault::CutStream, "the server aborted the answer")),
            Some(_) => Finish::Stop,
        };
        Ok(Completion {
            text: self.text,
            finish,
            usage: self.usage,
            id: self.id,
            model: self.model,
            first_chunk: self.first_chunk,
            cached: false,
        })
    }
}

/// The text of a content that is a text, or a list of parts with texts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}
