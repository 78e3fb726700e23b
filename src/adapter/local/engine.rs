//! The engine: loaded weights that answer one question after the other.
//!
//! What the network remembers of a prompt is kept: in memory for the last conversations, so that a second question that begins
//! like an earlier one goes on from there, and on disk for the static part of prompts, so that the next run does too.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::attention::FEW;
use super::circle::Circle;
use super::constraint::{Constraint, Grammars};
use super::gguf::{WeightsError, WeightsFile};
use super::kv::Memory;
use super::lookup::Lookup;
use super::network::{Halt, Network};
use super::pace::Pace;
use super::prefix::PrefixStore;
use super::sampler::{Sampler, Sampling};
use super::shape::Shape;
use super::template::ChatTemplate;
use super::vocabulary::{Spelling, Vocabulary};
use crate::port::Finish;
use crate::prompt::{Message, Speaker};

/// Tokens of a prompt that are read at once. Between layers it is looked whether they are still wanted.
const AT_ONCE: usize = 256;
/// Conversations whose state stays in memory: code and tests of a pattern, and one that is being repaired.
const STATES: usize = 3;
/// Tokens that must be left for an answer.
const LEAST_ANSWER: usize = 16;

/// What the engine is asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The conversation.
    pub(super) messages: Vec<Message>,
    /// Whether all but the last message are the same for other questions, and worth keeping on disk.
    pub(super) shared: bool,
    /// How tokens are drawn.
    pub(super) sampling: Sampling,
    /// Most tokens of the answer.
    pub(super) most: usize,
    /// Tokens that question and answer together may have, where less than the network can is wanted.
    pub(super) context: Option<usize>,
    /// Whether tokens are guessed from what the conversation says.
    pub(super) guesses: bool,
    /// The JSON schema that the answer keeps to.
    pub(super) schema: Option<Value>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) finish: Finish,
    /// Tokens of the question.
    pub(super) read: usize,
    /// Those of them that were remembered.
    pub(super) remembered: usize,
    /// Tokens of the answer.
    pub(super) written: usize,
    /// Times that the network was asked for them: fewer, where guesses were right.
    pub(super) steps: usize,
    /// How long the first token took.
    pub(super) first: Option<Duration>,
    /// How long all of it took.
    pub(super) took: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    /// The caller no longer wants it.
    #[error("the call was ended")]
    Stopped,
    /// The question does not fit.
    #[error("the prompt has {tokens} tokens, and the model holds {context} together with its answer")]
    TooLong { tokens: usize, context: usize },
    /// The conversation cannot be put into the form of the model.
    #[error("the conversation does not fit the model's template: {0}")]
    Template(String),
    /// The answer cannot be held to what is wanted.
    #[error("answers cannot be held to the schema: {0}")]
    Schema(String),
    /// The arithmetic failed.
    #[error("the network failed: {0}")]
    Failed(String),
}

impl From<Halt> for NoAnswer {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Stopped => Self::Stopped,
            Halt::Failed(words) => Self::Failed(words),
        }
    }
}

/// What was written after a prompt.
struct Written {
    text: String,
    finish: Finish,
    tokens: usize,
    steps: usize,
    first: Option<Instant>,
}

/// Loaded weights.
pub(super) struct Engine {
    network: Network,
    vocabulary: Vocabulary,
    template: ChatTemplate,
    prefixes: Option<PrefixStore>,
    /// Made for the first answer that is held to a schema.
    grammars: Option<Grammars>,
    /// The one used last is the last.
    states: Vec<Memory>,
}

impl Engine {
    /// Loads weights, unless `stop` is set meanwhile. `prefixes` is where states are kept, and how many bytes of them.
    pub(super) fn load(
        path: &Path,
        prefixes: Option<(&Path, u64)>,
        stop: &AtomicBool,
    ) -> Result<Option<Self>, WeightsError> {
        let mut file = WeightsFile::open(path)?;
        let shape = Shape::read(&mut file)?;
        let template = ChatTemplate::read(&file)?;
        let vocabulary = Vocabulary::read(&mut file)?;
        let identity = file.identity()?;
        let prefixes = prefixes.map(|(folder, most)| PrefixStore::new(folder.to_owned(), most, identity));
        let Some(network) = Network::load(&mut file, shape, stop)? else { return Ok(None) };
        Ok(Some(Self { network, vocabulary, template, prefixes, grammars: None, states: Vec::new() }))
    }

    /// Answers. Pieces of text go to `on_text` as they come; `stop` ends the answer within a token.
    pub(super) fn answer(
        &mut self,
        question: &Question,
        stop: &AtomicBool,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Answer, NoAnswer> {
        let started = Instant::now();
        let tokens = self.tokens(&question.messages)?;
        let context = self.context(question);
        if tokens.len() + LEAST_ANSWER > context || tokens.is_empty() {
            return Err(NoAnswer::TooLong { tokens: tokens.len(), context });
        }
        if tokens.iter().any(|token| *token as usize >= self.network.vocabulary()) {
            return Err(NoAnswer::Failed("the tokenizer knows tokens that the network does not".to_owned()));
        }
        let constraint = question.schema.as_ref().map(|schema| self.constraint(schema)).transpose()?;
        let mut memory = self.recall(&tokens, &question.messages);
        let remembered = memory.tokens().len();
        let answer = self.go_on(&mut memory, &tokens, question, constraint, stop, on_text);
        self.remember(memory);
        let Written { text, finish, tokens: written, steps, first } = answer?;
        let first = first.map(|at| at.duration_since(started));
        Ok(Answer { text, finish, read: tokens.len(), remembered, written, steps, first, took: started.elapsed() })
    }

    fn go_on(
        &self,
        memory: &mut Memory,
        tokens: &[u32],
        question: &Question,
        mut constraint: Option<Constraint>,
        stop: &AtomicBool,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Written, NoAnswer> {
        let most = question.most.min(self.context(question).saturating_sub(tokens.len()));
        let mut scores = Vec::new();
        for tokens in tokens.get(memory.tokens().len()..).unwrap_or_default().chunks(AT_ONCE) {
            scores = self.network.read(tokens, 1, memory, stop)?;
        }
        if let (Some(store), true) = (&self.prefixes, question.shared) {
            let boundary = self.boundaries(&question.messages, tokens).next();
            if let Some(boundary) = boundary {
                store.keep(self.network.shape(), memory, boundary);
            }
        }
        let mut sampler = Sampler::new(question.sampling);
        // A guess must not change what is drawn.
        let longest = if question.guesses && self.network.is_exact() { FEW - 1 } else { 0 };
        let mut lookup = Lookup::new(tokens, longest, |left, right| self.vocabulary.alike(left, right));
        let (mut spelling, mut circle) = (Spelling::default(), Circle::default());
        let mut pace = Pace::new();
        let (mut text, mut written, mut first) = (String::new(), 0, None);
        let (mut guess, mut steps) = (Vec::new(), 0_usize);
        let finish = loop {
            // The network has read a guess. Tokens are drawn as if there were none, as far as the guess holds what is drawn.
            let read = memory.tokens().len() - guess.len();
            let mut right = 0;
            let mut last = None;
            let mut finish = None;
            for scores in scores.chunks_exact(self.network.vocabulary()) {
                let narrowed = constraint.as_mut().map(|constraint| constraint.narrow(scores)).transpose();
                let narrowed = narrowed.map_err(NoAnswer::Schema)?;
                // What a schema allows may be those tokens alone.
                let narrowed = if constraint.is_some() { narrowed } else { circle.broken(scores) };
                let drawn = sampler.draw(narrowed.as_deref().unwrap_or(scores));
                let drawn = drawn.ok_or_else(|| NoAnswer::Failed("no score is a number".to_owned()))?;
                first.get_or_insert_with(Instant::now);
                if self.vocabulary.ends(drawn) {
                    finish = Some(Finish::Stop);
                } else if written == most {
                    finish = Some(Finish::Length);
                }
                if finish.is_some() {
                    break;
                }
                written += 1;
                lookup.take(drawn);
                circle.take(drawn);
                if let Some(constraint) = &mut constraint {
                    constraint.take(drawn).map_err(NoAnswer::Schema)?;
                }
                last = Some(drawn);
                let piece = spelling.take(self.vocabulary.bytes(drawn));
                if !piece.is_empty() {
                    on_text(&piece);
                    text.push_str(&piece);
                }
                if guess.get(right) != Some(&drawn) {
                    break;
                }
                right += 1;
            }
            memory.truncate(read + right);
            if let Some(finish) = finish {
                break finish;
            }
            guess = lookup.guess();
            guess.truncate(self.network.shape().context.saturating_sub(memory.tokens().len() + 1));
            let next: Vec<u32> = last.into_iter().chain(guess.iter().copied()).collect();
            pace.begin();
            scores = self.network.read(&next, next.len(), memory, stop)?;
            lookup.judge(guess.len(), pace.end().as_secs_f64());
            steps += 1;
        };
        tracing::debug!(written, steps, "an answer was written");
        let rest = spelling.rest();
        if !rest.is_empty() {
            on_text(&rest);
            text.push_str(&rest);
        }
        Ok(Written { text, finish, tokens: written, steps, first })
    }

    /// Tokens that question and answer together may have.
    fn context(&self, question: &Question) -> usize {
        let most = self.network.shape().context;
        question.context.map_or(most, |wanted| wanted.min(most))
    }

    fn constraint(&mut self, schema: &Value) -> Result<Constraint, NoAnswer> {
        let grammars = match self.grammars.take() {
            Some(grammars) => grammars,
            None => self.vocabulary.grammars().map_err(NoAnswer::Schema)?,
        };
        self.grammars.insert(grammars).schema(schema).map_err(NoAnswer::Schema)
    }

    fn tokens(&self, messages: &[Message]) -> Result<Vec<u32>, NoAnswer> {
        let text = self.template.render(messages, &self.vocabulary).map_err(NoAnswer::Template)?;
        self.vocabulary.encode(&text).map_err(NoAnswer::Failed)
    }

    /// How many tokens the conversation has before each question in it, the last question first.
    fn boundaries<'a>(&'a self, messages: &'a [Message], tokens: &'a [u32]) -> impl Iterator<Item = usize> + 'a {
        let questions = messages.iter().enumerate().rev().filter(|(_, message)| message.speaker == Speaker::User);
        questions.filter_map(move |(number, _)| {
            let before = self.tokens(messages.get(..number)?).ok()?;
            Some(before.iter().zip(tokens).take_while(|(left, right)| left == right).count())
        })
    }

    /// The state to go on from: at least one token is left to read, since the scores come from reading.
    fn recall(&mut self, tokens: &[u32], messages: &[Message]) -> Memory {
        let last = tokens.len() - 1;
        let (place, common) = self
            .states
            .iter()
            .enumerate()
            .map(|(place, state)| (place, state.common(tokens).min(last)))
            .max_by_key(|(_, common)| *common)
            .unwrap_or_default();
        if let Some(store) = &self.prefixes {
            let better = self.boundaries(messages, tokens).map(|count| count.min(last)).filter(|count| *count > common);
            for count in better {
                let kept = tokens.get(..count).and_then(|tokens| store.load(self.network.shape(), tokens));
                if let Some(memory) = kept {
                    return memory;
                }
            }
        }
        if common == 0 {
            return Memory::new(self.network.shape());
        }
        // A state that all of this conversation goes on from is taken; others may be gone back to.
        if self.states.get(place).is_some_and(|state| state.tokens().len() == common) {
            return self.states.remove(place);
        }
        self.states.get(place).map_or_else(|| Memory::new(self.network.shape()), |state| state.up_to(common))
    }

    fn remember(&mut self, memory: Memory) {
        if self.states.len() >= STATES {
            self.states.remove(0);
        }
        self.states.push(memory);
    }
}
