//! The prompt: a conversation whose earlier turns are examples.
//!
//! The static part comes first (system message with the pattern's rules, then each example as a question and its answer),
//! so that two specs of one pattern share a byte prefix that servers can cache. Then the question for this spec. Text from
//! outside stands between fences whose delimiter is a digest of that text, so that the text cannot contain it.

mod budget;
mod fence;
mod render;

pub use budget::{Overflow, conversation_tokens, estimate_tokens};
pub use fence::fence;
pub use render::{
    Ask, BuildError, Exemplar, Grounds, Prompt, Reading, Wanted, Wound, build, check_template, doubt, expected, mend,
    merge, redraw, repair, update,
};

/// The name of the prompt in traces, locks and proposals.
pub const NAME: &str = "codegen.turns";
/// Its version: raised whenever the same inputs give another text.
pub const VERSION: &str = "1.6.0";

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The rules of the game.
    System,
    /// The question.
    User,
    /// The model.
    Assistant,
}

impl Speaker {
    /// The word for it in requests and in `codegen prompt`.
    pub fn id(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// Who speaks.
    #[serde(rename = "role")]
    pub speaker: Speaker,
    /// What is said.
    #[serde(rename = "content")]
    pub text: String,
}

impl Message {
    /// A message.
    pub fn new(speaker: Speaker, text: impl Into<String>) -> Self {
        Self { speaker, text: text.into() }
    }
}
