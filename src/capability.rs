//! What suits a model, by what is known of it before it is called.

use crate::config::{AnswerForm, ModelSettings};

/// The bounds and habits that a model gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// A model of at most fourteen billion parameters: one example a prompt, fenced answers, short ones.
    pub small: bool,
    /// Tokens that prompt and answer together may have.
    pub context: u32,
    /// Most tokens of one answer.
    pub max_output_tokens: u32,
    /// Questions about single items between two answers.
    pub mends: u32,
}

impl Capability {
    /// The capability of a model by its name, with the configuration winning. Servers of small models often hold fewer tokens
    /// than the model could; one that runs `in_process` holds what it is asked to.
    pub fn of(name: &str, in_process: bool, settings: &ModelSettings) -> Self {
        let small = billions(name).is_some_and(|billions| billions <= 14.0);
        let (context, output) = match (small, in_process) {
            (true, true) => (12_288, 3072),
            (true, false) => (8192, 2560),
            (false, _) => (65_536, 16_384),
        };
        let context = settings.context.unwrap_or(context);
        let max_output_tokens = settings.max_output_tokens.unwrap_or(output).min(context / 2);
        Self { small, context, max_output_tokens, mends: if small { 12 } else { 0 } }
    }

    /// Tokens that a prompt may have.
    pub fn prompt_tokens(self) -> u64 {
        u64::from(self.context - self.max_output_tokens)
    }

    /// The form of answers to ask for without asking the server: `None` leaves it to a probe.
    pub fn form(self, wanted: AnswerForm) -> Option<AnswerForm> {
        match wanted {
            AnswerForm::Auto if self.small => Some(AnswerForm::Fenced),
            AnswerForm::Auto => None,
            chosen => Some(chosen),
        }
    }
}

/// The parameters that a name tells: `qwen2.5-coder:1.5b` has 1.5 billion.
fn billions(name: &str) -> Option<f64> {
    name.to_lowercase()
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '.'))
        .filter_map(|word| word.strip_suffix('b')?.parse::<f64>().ok())
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn names_tell_small_models() {
        let settings = Config::default().model;
        for (name, small) in [
            ("qwen2.5-coder-1.5b", true),
            ("qwen2.5-coder:7b-instruct-q4_K_M", true),
            ("llama-3.1-70b", false),
            ("gpt-5-mini", false),
            ("", false),
        ] {
            assert_eq!(Capability::of(name, false, &settings).small, small, "{name}");
        }
    }
}
