//! One call of the model: within the budget, streamed, told and traced, and ended when the answer goes round in circles.

use std::sync::Arc;
use std::time::Instant;

use tracing::Instrument;
use tracing::field::Empty;

use super::{Produced, Producer};
use crate::answer::{self, Form};
use crate::app::repetition::Repetition;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::port::{Completion, Finish, ModelCard, ModelError, ModelRequest, Piece, Purpose, Role, Usage};
use crate::prompt::{self, Message, conversation_tokens, estimate_tokens};
use crate::telemetry;

/// Which of the model's calls one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct Call {
    /// Code or tests.
    pub role: Role,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The question about one item of that attempt, from 1; zero asks for the whole.
    pub mend: u32,
    /// The model; empty for the chosen one.
    pub model: String,
    /// How many answers there were that this one should differ from.
    pub warmth: u32,
    /// Most tokens of the answer, where fewer are wanted than the model may write.
    pub most: Option<u32>,
}

impl Call {
    /// The call of an attempt for whole files.
    pub(in crate::app) fn whole(role: Role, attempt: u32, model: &str) -> Self {
        Self { role, attempt, mend: 0, model: model.to_owned(), warmth: attempt - 1, most: None }
    }
}

impl Producer {
    /// One model call, within the budget, told and traced.
    pub(in crate::app) async fn ask(
        &self,
        call: &Call,
        messages: Vec<Message>,
        produced: &mut Produced,
    ) -> Result<Completion, Failure> {
        let Call { role, attempt, mend, model, .. } = call;
        let (role, attempt, mend) = (*role, *attempt, *mend);
        let spec = self.task.spec.id.to_string();
        if mend == 0 {
            let stage = if attempt == 1 {
                format!("writing {}", role.id())
            } else {
                format!("writing {} again ({attempt} of {})", role.id(), self.attempts)
            };
            self.reporter.report(&Event::Stage { spec: spec.clone(), stage });
        }
        let input = conversation_tokens(&messages);
        let room = u64::from(self.capability.context).saturating_sub(input + 16).max(256);
        let most = u32::try_from(room).unwrap_or(u32::MAX).min(self.capability.max_output_tokens);
        let most = call.most.map_or(most, |wanted| most.min(wanted));
        let reserved = self.budget.reserve(Usage { input, output: u64::from(most), cached: 0 })?;
        let card = self.model.card();
        let request = ModelRequest {
            purpose: Purpose { spec: self.task.spec.id.clone(), role, attempt, mend },
            model: model.clone(),
            messages,
            temperature: self.temperature_of(call),
            seed: self.seed,
            max_output_tokens: most,
            // A question about one item is answered by a fence.
            schema: (self.form == Form::Schema && mend == 0).then(answer::schema),
        };
        let name = if model.is_empty() { card.name.clone() } else { model.clone() };
        let span = call_span(&name, &card, &request);
        let started = Instant::now();
        let reporter = Arc::clone(&self.reporter);
        let told = spec.clone();
        let (mut guard, mut so_far) = (Repetition::default(), String::new());
        let (circling, circles) = tokio::sync::watch::channel(None);
        let circled = circles.clone();
        let mut on_piece = move |piece: Piece<'_>| match piece {
            Piece::Text(text) => {
                reporter.report(&Event::Text { spec: told.clone(), role, text: text.to_owned() });
                so_far.push_str(text);
                if guard.take(text) {
                    circling.send_replace(Some(so_far.clone()));
                }
            }
            Piece::Restart => {
                reporter.report(&Event::TextRestarted { spec: told.clone() });
                (guard, so_far) = (Repetition::default(), String::new());
            }
        };
        let answered = tokio::select! {
            answered = self.model.complete(&request, &mut on_piece).instrument(span.clone()) => answered,
            // Dropping the call ends it.
            text = given_up(circles) => Ok(Completion { finish: Finish::Repetition, ..Completion::whole(text) }),
        };
        let elapsed = started.elapsed();
        produced.model_time += elapsed;
        let unanswered = |error: ModelError| {
            span.record("error.type", error.kind.as_str());
            span.record("otel.status_code", "error");
            let failure = Failure::new(Kind::Model, format!("the model `{name}` did not answer")).cause(error.message);
            error.hint.into_iter().fold(failure, Failure::hint)
        };
        let mut completion = answered.map_err(unanswered)?;
        // A recording of one that was ended ends there, too; what was whole by then is whole.
        if circled.borrow().as_deref() == Some(completion.text.as_str()) {
            completion.finish = Finish::Repetition;
        }
        if completion.finish == Finish::Repetition && !completion.cached {
            self.model.keep(&request, &completion).await.map_err(unanswered)?;
        }
        record_completion(&span, &completion);
        let usage = if completion.cached {
            Usage::default()
        } else {
            completion.usage.unwrap_or(Usage { input, output: estimate_tokens(&completion.text), cached: 0 })
        };
        reserved.settle(usage);
        produced.usage += usage;
        self.reporter.report(&Event::ModelCall {
            spec,
            role,
            attempt,
            mend,
            model: completion.model.clone().unwrap_or(name),
            finish: finish_word(&completion.finish).to_owned(),
            usage: completion.usage,
            cached: completion.cached,
            seconds: elapsed.as_secs_f64(),
        });
        Ok(completion)
    }

    /// A small model at a low temperature gives the same answer again, whatever it is told: 0.6, then 0.8, then 1.
    fn temperature_of(&self, call: &Call) -> Option<f32> {
        let warmer = match call.warmth {
            0 => 0.0,
            1 => 0.6,
            2 => 0.8,
            _ => 1.0,
        };
        self.temperature.map(|own| if self.capability.small { own.max(warmer) } else { own })
    }
}

/// The text of an answer that goes round in circles, once it does.
async fn given_up(mut circles: tokio::sync::watch::Receiver<Option<String>>) -> String {
    let text = circles.wait_for(Option::is_some).await.ok().and_then(|text| text.clone());
    match text {
        Some(text) => text,
        // The call ended by itself.
        None => std::future::pending().await,
    }
}

fn finish_word(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Repetition => "repetition",
        Finish::ContentFilter => "content_filter",
        Finish::ToolCall => "tool_calls",
        Finish::Refusal(_) => "refusal",
    }
}

fn call_span(name: &str, card: &ModelCard, request: &ModelRequest) -> tracing::Span {
    let span = tracing::info_span!(
        target: telemetry::TARGET,
        "gen_ai.chat",
        otel.name = format!("chat {name}"),
        otel.kind = "client",
        otel.status_code = Empty,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = card.provider.as_str(),
        gen_ai.request.model = name,
        gen_ai.request.stream = true,
        gen_ai.request.max_tokens = request.max_output_tokens,
        gen_ai.request.temperature = Empty,
        gen_ai.request.seed = Empty,
        gen_ai.output.r#type = if request.schema.is_some() { "json" } else { "text" },
        gen_ai.prompt.name = prompt::NAME,
        gen_ai.prompt.version = prompt::VERSION,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.response.time_to_first_chunk = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        server.address = Empty,
        server.port = Empty,
        error.r#type = Empty,
        codegen.role = request.purpose.role.id(),
        codegen.attempt = request.purpose.attempt,
        codegen.mend = request.purpose.mend,
        codegen.answer_cached = Empty,
    );
    if let Some(temperature) = request.temperature {
        span.record("gen_ai.request.temperature", f64::from(temperature));
    }
    if let Some(seed) = request.seed {
        span.record("gen_ai.request.seed", seed);
    }
    if let Some((address, port)) = &card.server {
        span.record("server.address", address.as_str());
        span.record("server.port", u64::from(*port));
    }
    span
}

fn record_completion(span: &tracing::Span, completion: &Completion) {
    span.record("gen_ai.response.finish_reasons", finish_word(&completion.finish));
    span.record("codegen.answer_cached", completion.cached);
    if let Some(id) = &completion.id {
        span.record("gen_ai.response.id", id.as_str());
    }
    if let Some(model) = &completion.model {
        span.record("gen_ai.response.model", model.as_str());
    }
    if let Some(seconds) = completion.first_chunk {
        span.record("gen_ai.response.time_to_first_chunk", seconds);
    }
    if let Some(usage) = completion.usage {
        span.record("gen_ai.usage.input_tokens", usage.input);
        span.record("gen_ai.usage.output_tokens", usage.output);
        span.record("gen_ai.usage.cache_read.input_tokens", usage.cached);
    }
}
