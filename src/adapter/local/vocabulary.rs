//! The vocabulary: text to tokens and back, from the weights' own metadata.

use std::collections::{BTreeSet, HashMap};

use candle_core::quantized::gguf_file::Value;
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use tokenizers::Tokenizer;

use super::constraint::Grammars;
use super::gguf::{WeightsError, WeightsFile};
use super::network::token_of;

/// Kinds of tokens in the metadata that steer the model and are no text.
const CONTROL: usize = 3;
/// Tokens that somebody added: text, matched as a whole.
const ADDED: usize = 4;

/// Names under which models end a turn, beside the one that the metadata calls the end.
const ENDS: [&str; 7] =
    ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>", "</s>"];

/// The tokens of a model.
pub(super) struct Vocabulary {
    tokenizer: Tokenizer,
    /// The bytes of each token; none for those that are no text.
    bytes: Vec<Vec<u8>>,
    ends: BTreeSet<u32>,
    /// Texts that would be read as tokens with a meaning.
    marks: Vec<String>,
    begin: Option<String>,
    end: Option<String>,
}

impl Vocabulary {
    /// Reads the vocabulary.
    pub(super) fn read(file: &mut WeightsFile) -> Result<Self, WeightsError> {
        match file.text("tokenizer.ggml.model") {
            Some("gpt2") => {}
            Some(other) => return Err(file.unsupported(format!("its tokenizer is `{other}`"))),
            None => return Err(file.broken("the metadata lacks `tokenizer.ggml.model`")),
        }
        // The splitting of words is what these names stand for; several share one.
        let split = match file.text("tokenizer.ggml.pre").unwrap_or("gpt-2") {
            "qwen2" | "deepseek-r1-qwen" => "qwen2",
            "llama3" | "llama-v3" | "llama-bpe" | "smaug-bpe" => "llama3",
            "gpt-2" | "gpt2" | "default" => "gpt2",
            other => return Err(file.unsupported(format!("its tokenizer splits words as `{other}`"))),
        };
        file.content_mut().metadata.insert("tokenizer.ggml.pre".to_owned(), Value::String(split.to_owned()));
        let texts = texts(file)?;
        let kinds = kinds(file, texts.len());
        let tokenizer = Tokenizer::from_gguf(file.content_mut());
        let tokenizer = tokenizer.map_err(|error| file.broken(format!("the tokenizer: {error}")))?;
        let letters = byte_letters();
        let bytes = texts.iter().zip(&kinds).map(|(text, kind)| match *kind {
            CONTROL => Vec::new(),
            ADDED => text.clone().into_bytes(),
            _ => text.chars().filter_map(|letter| letters.get(&letter).copied()).collect(),
        });
        let bytes = bytes.collect();
        let id = |key: &str| file.value(key).and_then(token_of);
        let mut ends: BTreeSet<u32> =
            ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"]
                .into_iter()
                .filter_map(id)
                .collect();
        for (number, text) in texts.iter().enumerate() {
            if kinds.get(number) == Some(&CONTROL) && ENDS.contains(&text.as_str()) {
                ends.extend(u32::try_from(number));
            }
        }
        let text_of = |id: u32| texts.get(id as usize).cloned();
        let begin = id("tokenizer.ggml.bos_token_id").and_then(text_of);
        let end = id("tokenizer.ggml.eos_token_id").and_then(text_of);
        let special =
            texts.iter().zip(&kinds).filter(|(text, kind)| matches!(**kind, 2..=5) && text.chars().count() > 1);
        let marks = special.map(|(text, _)| text.clone()).collect();
        Ok(Self { tokenizer, bytes, ends, marks, begin, end })
    }

    /// The tokens of a text; texts of special tokens become those tokens.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(|error| error.to_string())?;
        Ok(encoding.get_ids().to_vec())
    }

    /// A text that comes from outside, in which nothing reads as a special token: a space parts its first two letters.
    pub(super) fn defused(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for mark in self.marks.iter().filter(|mark| mark.starts_with('<') || mark.starts_with('[')) {
            if text.contains(mark.as_str()) {
                let mut letters = mark.chars();
                let parted: String = letters.next().into_iter().chain([' ']).chain(letters).collect();
                text = text.replace(mark.as_str(), &parted);
            }
        }
        text
    }

    /// The bytes of a token: a part of a text, which may end inside a letter.
    pub(super) fn bytes(&self, token: u32) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], Vec::as_slice)
    }

    /// What answers of these tokens can be held to.
    pub(super) fn grammars(&self) -> Result<Grammars, String> {
        let ends: Vec<u32> = self.ends.iter().copied().collect();
        Grammars::new(&self.bytes, &ends)
    }

    /// Whether a token ends an answer.
    pub(super) fn ends(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// Whether two tokens could be names for each other: words that begin alike, with a space or a sign before them or none.
    pub(super) fn alike(&self, left: u32, right: u32) -> bool {
        let shape = |token: u32| {
            let bytes = self.bytes(token);
            let word = bytes.iter().position(u8::is_ascii_alphabetic)?;
            let (before, word) = bytes.split_at(word);
            let first = word.first()?;
            let is_word = word.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            is_word.then_some((before, first.is_ascii_uppercase()))
        };
        shape(left).is_some_and(|left| shape(right) == Some(left))
    }

    /// The text of the token that begins every conversation, where there is one.
    pub(super) fn begin(&self) -> &str {
        self.begin.as_deref().unwrap_or_default()
    }

    /// The text of the token that ends an answer.
    pub(super) fn end(&self) -> &str {
        self.end.as_deref().unwrap_or_default()
    }
}

fn texts(file: &WeightsFile) -> Result<Vec<String>, WeightsError> {
    let Some(Value::Array(values)) = file.value("tokenizer.ggml.tokens") else {
        return Err(file.broken("the metadata lacks `tokenizer.ggml.tokens`"));
    };
    let texts: Option<Vec<String>> = values.iter().map(|value| value.to_string().ok().cloned()).collect();
    texts.ok_or_else(|| file.broken("a token is no text"))
}

fn kinds(file: &WeightsFile, count: usize) -> Vec<usize> {
    let Some(Value::Array(values)) = file.value("tokenizer.ggml.token_type") else { return vec![1; count] };
    let kind = |value: &Value| token_of(value).map_or(1, |kind| kind as usize);
    values.iter().map(kind).chain(std::iter::repeat(1)).take(count).collect()
}

/// The letters that stand for bytes in such vocabularies: printable Latin ones for themselves, the others moved above 255.
fn byte_letters() -> HashMap<char, u8> {
    let mut letters = HashMap::new();
    let mut moved = 256;
    for byte in 0..=255_u8 {
        let letter = if matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff) {
            Some(char::from(byte))
        } else {
            moved += 1;
            char::from_u32(moved - 1)
        };
        letters.extend(letter.map(|letter| (letter, byte)));
    }
    letters
}

/// Bytes of tokens to text: holds back the bytes of a letter until it is whole.
#[derive(Default)]
pub(super) struct Spelling {
    held: Vec<u8>,
}

impl Spelling {
    /// Takes the bytes of a token and gives what is whole.
    pub(super) fn take(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.held) {
                Ok(whole) => {
                    text.push_str(whole);
                    self.held.clear();
                    return text;
                }
                Err(error) => {
                    let rest = self.held.split_off(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(&self.held));
                    self.held = rest;
                    match error.error_len() {
                        None => return text,
                        Some(wrong) => {
                            text.push(char::REPLACEMENT_CHARACTER);
                            self.held.drain(..wrong.min(self.held.len()));
                        }
                    }
                }
            }
        }
    }

    /// What is left at the end.
    pub(super) fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.held)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_whole_however_tokens_cut_them() {
        let text = "größer → 🦀!";
        for cut in 1..5 {
            let mut spelling = Spelling::default();
            let spelled: String = text.as_bytes().chunks(cut).map(|bytes| spelling.take(bytes)).collect();
            assert_eq!((spelled.as_str(), spelling.rest().as_str()), (text, ""));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut spelling = Spelling::default();
        assert_eq!(spelling.take(b"a\xffb\xc3"), "a\u{fffd}b");
        assert_eq!(spelling.rest(), "\u{fffd}");
    }

    #[test]
    fn every_byte_has_one_letter() {
        let letters = byte_letters();
        assert_eq!(letters.len(), 256);
        assert_eq!((letters[&'Ġ'], letters[&'Ċ'], letters[&'a']), (b' ', b'\n', b'a'));
    }
}
