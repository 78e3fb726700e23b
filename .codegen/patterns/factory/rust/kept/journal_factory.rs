//! Builds journals of several kinds from a validated configuration.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// Keeps lines of text in the order of writing.
pub trait Journal: fmt::Debug {
    /// Keeps one line for `topic` and `text`; fails with `BlankTopic` or `TextTooLong`.
    fn write(&mut self, topic: &str, text: &str) -> Result<(), JournalError>;

    /// Returns the kept lines in the order of writing.
    fn lines(&self) -> &[String];
}

/// The kinds of [`Journal`] that [`create_journal`] can build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalKind {
    /// Keeps the topic and the text.
    Plain,
    /// Keeps the author in parentheses behind the text.
    Signed,
    /// Keeps the author in brackets before the topic.
    Tagged,
}

impl FromStr for JournalKind {
    type Err = JournalError;

    /// Parses a kind from its name; fails with `UnknownKind`.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "plain" => Ok(JournalKind::Plain),
            "signed" => Ok(JournalKind::Signed),
            "tagged" => Ok(JournalKind::Tagged),
            other => Err(JournalError::UnknownKind(other.to_string())),
        }
    }
}

/// Why a journal could not be built or a line not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalError {
    /// No journal of this kind exists.
    UnknownKind(String),
    /// The author does not fit the kind.
    InvalidAuthor(String),
    /// The limit is not from 1 to 500.
    InvalidMaxLength(usize),
    /// The topic is empty or only spaces.
    BlankTopic,
    /// The text is longer than the limit.
    TextTooLong { length: usize, limit: usize },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalError::UnknownKind(kind) => write!(f, "unknown kind: {kind}"),
            JournalError::InvalidAuthor(author) => write!(f, "invalid author: {author:?}"),
            JournalError::InvalidMaxLength(value) => {
                write!(f, "max length must be from 1 to 500, not {value}")
            }
            JournalError::BlankTopic => write!(f, "topic must not be blank"),
            JournalError::TextTooLong { length, limit } => {
                write!(f, "text has {length} characters, limit {limit}")
            }
        }
    }
}

impl Error for JournalError {}

/// Says which journal to build and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalConfig {
    kind: JournalKind,
    author: String,
    max_length: usize,
}

impl JournalConfig {
    /// Creates a configuration with an empty author and the limit 120.
    pub fn new(kind: JournalKind) -> Self {
        Self {
            kind,
            author: String::new(),
            max_length: 120,
        }
    }

    /// Sets the author.
    pub fn with_author(mut self, author: &str) -> Self {
        self.author = author.to_string();
        self
    }

    /// Sets the longest text in characters.
    pub fn with_max_length(mut self, max_length: usize) -> Self {
        self.max_length = max_length;
        self
    }

    fn validate(&self) -> Result<(), JournalError> {
        let fits = match self.kind {
            JournalKind::Plain => true,
            JournalKind::Signed => self.author.contains(' '),
            JournalKind::Tagged => (2..=4).contains(&self.author.chars().count()),
        };
        if !fits {
            return Err(JournalError::InvalidAuthor(self.author.clone()));
        }
        if self.max_length < 1 || self.max_length > 500 {
            return Err(JournalError::InvalidMaxLength(self.max_length));
        }
        Ok(())
    }

    fn check_line(&self, topic: &str, text: &str) -> Result<(), JournalError> {
        if topic.trim().is_empty() {
            return Err(JournalError::BlankTopic);
        }
        let length = text.chars().count();
        if length > self.max_length {
            return Err(JournalError::TextTooLong {
                length,
                limit: self.max_length,
            });
        }
        Ok(())
    }
}

/// Builds the journal that `config` describes; fails with `InvalidAuthor` or `InvalidMaxLength`.
pub fn create_journal(config: JournalConfig) -> Result<Box<dyn Journal>, JournalError> {
    config.validate()?;
    let lines = Vec::new();
    match config.kind {
        JournalKind::Plain => Ok(Box::new(PlainJournal { config, lines })),
        JournalKind::Signed => Ok(Box::new(SignedJournal { config, lines })),
        JournalKind::Tagged => Ok(Box::new(TaggedJournal { config, lines })),
    }
}

#[derive(Debug)]
struct PlainJournal {
    config: JournalConfig,
    lines: Vec<String>,
}

impl Journal for PlainJournal {
    fn write(&mut self, topic: &str, text: &str) -> Result<(), JournalError> {
        self.config.check_line(topic, text)?;
        self.lines.push(format!("{topic}: {text}"));
        Ok(())
    }

    fn lines(&self) -> &[String] {
        &self.lines
    }
}

#[derive(Debug)]
struct SignedJournal {
    config: JournalConfig,
    lines: Vec<String>,
}

impl Journal for SignedJournal {
    fn write(&mut self, topic: &str, text: &str) -> Result<(), JournalError> {
        self.config.check_line(topic, text)?;
        let author = &self.config.author;
        self.lines.push(format!("{topic}: {text} ({author})"));
        Ok(())
    }

    fn lines(&self) -> &[String] {
        &self.lines
    }
}

#[derive(Debug)]
struct TaggedJournal {
    config: JournalConfig,
    lines: Vec<String>,
}

impl Journal for TaggedJournal {
    fn write(&mut self, topic: &str, text: &str) -> Result<(), JournalError> {
        self.config.check_line(topic, text)?;
        let author = &self.config.author;
        self.lines.push(format!("[{author}] {topic}: {text}"));
        Ok(())
    }

    fn lines(&self) -> &[String] {
        &self.lines
    }
}
