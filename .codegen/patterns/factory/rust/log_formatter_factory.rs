//! Builds log formatters of several kinds from a validated configuration.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// Turns a log message into one line of text.
pub trait LogFormatter: fmt::Debug {
    /// Returns the line for `message`; fails with `BlankMessage` or `MessageTooLong`.
    fn format(&self, message: &str) -> Result<String, LogFormatterError>;
}

/// The kinds of [`LogFormatter`] that [`create_log_formatter`] can build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormatterKind {
    /// Writes the message alone.
    Plain,
    /// Writes the service in brackets before the message.
    Tagged,
    /// Writes the service and the message as keys with values.
    Keyed,
}

impl FromStr for LogFormatterKind {
    type Err = LogFormatterError;

    /// Parses a kind from its name; fails with `UnknownKind`.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "plain" => Ok(LogFormatterKind::Plain),
            "tagged" => Ok(LogFormatterKind::Tagged),
            "keyed" => Ok(LogFormatterKind::Keyed),
            other => Err(LogFormatterError::UnknownKind(other.to_string())),
        }
    }
}

/// Why a formatter could not be built or a message not be formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFormatterError {
    /// No formatter of this kind exists.
    UnknownKind(String),
    /// The service is empty.
    EmptyService,
    /// The limit is not from 1 to 1000.
    InvalidMaxLength(usize),
    /// The message is empty or only spaces.
    BlankMessage,
    /// The message is longer than the limit.
    MessageTooLong { length: usize, limit: usize },
}

impl fmt::Display for LogFormatterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogFormatterError::UnknownKind(kind) => write!(f, "unknown kind: {kind}"),
            LogFormatterError::EmptyService => write!(f, "service must not be empty"),
            LogFormatterError::InvalidMaxLength(value) => {
                write!(f, "max length must be from 1 to 1000, not {value}")
            }
            LogFormatterError::BlankMessage => write!(f, "message must not be blank"),
            LogFormatterError::MessageTooLong { length, limit } => {
                write!(f, "message has {length} characters, limit {limit}")
            }
        }
    }
}

impl Error for LogFormatterError {}

/// Says which formatter to build and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFormatterConfig {
    kind: LogFormatterKind,
    service: String,
    max_length: usize,
}

impl LogFormatterConfig {
    /// Creates a configuration with the service `app` and the limit 200.
    pub fn new(kind: LogFormatterKind) -> Self {
        Self {
            kind,
            service: "app".to_string(),
            max_length: 200,
        }
    }

    /// Sets the name of the service.
    pub fn with_service(mut self, service: &str) -> Self {
        self.service = service.to_string();
        self
    }

    /// Sets the longest message in characters.
    pub fn with_max_length(mut self, max_length: usize) -> Self {
        self.max_length = max_length;
        self
    }

    fn validate(&self) -> Result<(), LogFormatterError> {
        if self.service.is_empty() {
            return Err(LogFormatterError::EmptyService);
        }
        if self.max_length < 1 || self.max_length > 1000 {
            return Err(LogFormatterError::InvalidMaxLength(self.max_length));
        }
        Ok(())
    }

    fn check_message(&self, message: &str) -> Result<(), LogFormatterError> {
        if message.trim().is_empty() {
            return Err(LogFormatterError::BlankMessage);
        }
        let length = message.chars().count();
        if length > self.max_length {
            return Err(LogFormatterError::MessageTooLong {
                length,
                limit: self.max_length,
            });
        }
        Ok(())
    }
}

/// Builds the formatter that `config` describes; fails with `EmptyService` or `InvalidMaxLength`.
pub fn create_log_formatter(
    config: LogFormatterConfig,
) -> Result<Box<dyn LogFormatter>, LogFormatterError> {
    config.validate()?;
    match config.kind {
        LogFormatterKind::Plain => Ok(Box::new(PlainFormatter { config })),
        LogFormatterKind::Tagged => Ok(Box::new(TaggedFormatter { config })),
        LogFormatterKind::Keyed => Ok(Box::new(KeyedFormatter { config })),
    }
}

#[derive(Debug)]
struct PlainFormatter {
    config: LogFormatterConfig,
}

impl LogFormatter for PlainFormatter {
    fn format(&self, message: &str) -> Result<String, LogFormatterError> {
        self.config.check_message(message)?;
        Ok(message.to_string())
    }
}

#[derive(Debug)]
struct TaggedFormatter {
    config: LogFormatterConfig,
}

impl LogFormatter for TaggedFormatter {
    fn format(&self, message: &str) -> Result<String, LogFormatterError> {
        self.config.check_message(message)?;
        Ok(format!("[{}] {}", self.config.service, message))
    }
}

#[derive(Debug)]
struct KeyedFormatter {
    config: LogFormatterConfig,
}

impl LogFormatter for KeyedFormatter {
    fn format(&self, message: &str) -> Result<String, LogFormatterError> {
        self.config.check_message(message)?;
        Ok(format!(
            "service={} message={}",
            self.config.service, message
        ))
    }
}
