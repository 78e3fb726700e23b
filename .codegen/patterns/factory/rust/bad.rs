//! Builds log formatters of several kinds from a validated configuration.

use std::error::Error;
use std::fmt;

/// Turns a log message into one line of text.
pub trait LogFormatter: fmt::Debug {
    /// Returns the line for `message`.
    fn format(&self, message: &str) -> String;
}

/// Why a formatter could not be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFormatterError {
    /// No formatter of this kind exists.
    UnknownKind(String),
    /// The service is empty.
    EmptyService,
}

impl fmt::Display for LogFormatterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogFormatterError::UnknownKind(kind) => write!(f, "unknown kind: {kind}"),
            LogFormatterError::EmptyService => write!(f, "service must not be empty"),
        }
    }
}

impl Error for LogFormatterError {}

/// Says which formatter to build and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFormatterConfig {
    kind: String,
    service: String,
}

impl LogFormatterConfig {
    /// Creates a configuration with the service `app`.
    pub fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_string(),
            service: "app".to_string(),
        }
    }

    /// Sets the name of the service.
    pub fn with_service(mut self, service: &str) -> Self {
        self.service = service.to_string();
        self
    }

    fn validate(&self) -> Result<(), LogFormatterError> {
        if self.service.is_empty() {
            return Err(LogFormatterError::EmptyService);
        }
        Ok(())
    }
}

/// Builds the formatter that `config` describes.
pub fn create_log_formatter(
    config: LogFormatterConfig,
) -> Result<Box<dyn LogFormatter>, LogFormatterError> {
    config.validate().expect("a valid configuration");
    match config.kind.as_str() {
        "plain" => Ok(Box::new(PlainFormatter)),
        "tagged" => Ok(Box::new(TaggedFormatter { config })),
        other => panic!("unknown kind: {other}"),
    }
}

#[derive(Debug)]
struct PlainFormatter;

impl LogFormatter for PlainFormatter {
    fn format(&self, message: &str) -> String {
        message.to_string()
    }
}

#[derive(Debug)]
struct TaggedFormatter {
    config: LogFormatterConfig,
}

impl LogFormatter for TaggedFormatter {
    fn format(&self, message: &str) -> String {
        format!("[{}] {}", self.config.service, message)
    }
}
