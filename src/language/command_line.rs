//! A command line: a program with its arguments, never a text for a shell.

use std::fmt;

/// A program and its arguments; `{name}` stands for something filled in later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    words: Vec<String>,
}

impl CommandLine {
    /// Splits a text by the quoting rules of a POSIX shell, with nothing expanded. `None` for unbalanced quotes or no word.
    pub fn parse(text: &str) -> Option<Self> {
        let words = shlex::split(text)?;
        (!words.is_empty()).then_some(Self { words })
    }

    /// A command line from its words.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(words: I) -> Self {
        Self { words: words.into_iter().map(Into::into).collect() }
    }

    /// The program.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The arguments.
    pub fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The word with this index counted from the program.
    pub fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", String::as_str)
    }

    /// Whether a placeholder occurs.
    pub fn mentions(&self, placeholder: &str) -> bool {
        self.words.iter().any(|word| word.contains(placeholder))
    }

    /// Puts values in place of a word that is the placeholder alone (as several words), or inside words (joined by spaces).
    #[must_use]
    pub fn fill(&self, placeholder: &str, values: &[String]) -> Self {
        let mut words = Vec::with_capacity(self.words.len() + values.len());
        for word in &self.words {
            if word == placeholder {
                words.extend(values.iter().cloned());
            } else {
                words.push(word.replace(placeholder, &values.join(" ")));
            }
        }
        Self { words }
    }

    /// Adds words at the end.
    #[must_use]
    pub fn with<I: IntoIterator<Item = S>, S: Into<String>>(mut self, more: I) -> Self {
        self.words.extend(more.into_iter().map(Into::into));
        self
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words.iter().enumerate() {
            let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./=:,@%+{}".contains(letter));
            let quoted = if plain && !word.is_empty() { None } else { shlex::try_quote(word).ok() };
            let space = if index == 0 { "" } else { " " };
            write!(formatter, "{space}{}", quoted.as_deref().unwrap_or(word))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_words_and_nothing_is_expanded() {
        let command = CommandLine::parse("fmt --check {files} 'a b' $HOME").unwrap();
        let filled = command.fill("{files}", &["x y.rs".into(), "z.rs".into()]);
        assert_eq!(filled.arguments(), ["--check", "x y.rs", "z.rs", "a b", "$HOME"]);
        assert_eq!(CommandLine::parse("unbalanced 'quote"), None);
        assert_eq!(CommandLine::parse("  "), None);
    }
}
