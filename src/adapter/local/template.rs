//! The chat template: a conversation as the text that the model was trained on, by the template that the weights carry.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};

use super::gguf::{WeightsError, WeightsFile};
use super::vocabulary::Vocabulary;
use crate::prompt::{Message, Speaker};

const NAME: &str = "chat";

/// The template of a model.
pub(super) struct ChatTemplate {
    environment: Environment<'static>,
}

impl ChatTemplate {
    /// Reads the template.
    pub(super) fn read(file: &WeightsFile) -> Result<Self, WeightsError> {
        let Some(text) = file.text("tokenizer.chat_template") else {
            return Err(file.unsupported("it has no chat template, so it is no model to talk to"));
        };
        Self::parse(text.to_owned()).map_err(|error| file.unsupported(format!("its chat template: {error}")))
    }

    fn parse(text: String) -> Result<Self, Error> {
        let mut environment = Environment::new();
        // As the library that these templates are written for has it.
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        // Templates are written for Python, and call the methods of its strings.
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |words: String| -> Result<String, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, words))
        });
        environment.add_template_owned(NAME, text)?;
        Ok(Self { environment })
    }

    /// The text of a conversation. Where its last message is the model's own, the answer goes on from there.
    pub(super) fn render(&self, messages: &[Message], vocabulary: &Vocabulary) -> Result<String, String> {
        let defused: Vec<Message> =
            messages.iter().map(|message| Message::new(message.speaker, vocabulary.defused(&message.text))).collect();
        self.render_plain(&defused, vocabulary.begin(), vocabulary.end())
    }

    fn render_plain(&self, messages: &[Message], begin: &str, end: &str) -> Result<String, String> {
        let (begun, messages) = match messages.split_last() {
            Some((last, before)) if last.speaker == Speaker::Assistant => (last.text.as_str(), before),
            _ => ("", messages),
        };
        let template = self.environment.get_template(NAME).map_err(|error| error.to_string())?;
        let turn = |message: &Message| context! { role => message.speaker.id(), content => message.text.as_str() };
        let messages: Vec<Value> = messages.iter().map(turn).collect();
        let text = template.render(context! {
            messages,
            add_generation_prompt => true,
            bos_token => begin,
            eos_token => end,
            // Models that can think aloud are asked to answer at once.
            enable_thinking => false,
        });
        Ok(text.map_err(|error| format!("{error:#}"))? + begun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation() -> Vec<Message> {
        vec![
            Message::new(Speaker::System, "Write code."),
            Message::new(Speaker::User, "One?"),
            Message::new(Speaker::Assistant, "1"),
            Message::new(Speaker::User, "Two?"),
        ]
    }

    const CHATML: &str = "{%- for message in messages %}\n    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n";

    #[test]
    fn turns_are_rendered_by_the_template() {
        let template = ChatTemplate::parse(CHATML.to_owned()).unwrap();
        assert_eq!(
            template.render_plain(&conversation(), "", "").unwrap(),
            "<|im_start|>system\nWrite code.<|im_end|>\n<|im_start|>user\nOne?<|im_end|>\n<|im_start|>assistant\n1<|im_end|>\n<|im_start|>user\nTwo?<|im_end|>\n<|im_start|>assistant\n"
        );
    }

    #[test]
    fn an_answer_goes_on_from_where_it_was_begun() {
        let template = ChatTemplate::parse(CHATML.to_owned()).unwrap();
        let mut messages = conversation();
        messages.push(Message::new(Speaker::Assistant, "```rust\n"));
        assert!(template.render_plain(&messages, "", "").unwrap().ends_with("<|im_start|>assistant\n```rust\n"));
    }

    #[test]
    fn methods_of_python_work_and_refusals_are_errors() {
        let text = "{% if not messages[0]['content'].startswith('Write') %}{{ raise_exception('no') }}{% endif %}{{ bos_token }}{{ messages[-1].content.strip() }}";
        let template = ChatTemplate::parse(text.to_owned()).unwrap();
        assert_eq!(template.render_plain(&conversation(), "<s>", "").unwrap(), "<s>Two?");
        let other = [Message::new(Speaker::User, "Hello")];
        assert!(template.render_plain(&other, "", "").unwrap_err().contains("no"));
    }
}
