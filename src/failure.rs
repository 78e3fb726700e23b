//! A failure: what the user sees at the end when something went wrong. Its kind alone decides the exit code.

use std::fmt;

use crate::diagnostic::Diagnostic;

/// What went wrong, by who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bug of the program.
    Internal,
    /// Usage, configuration or a spec.
    Usage,
    /// A gate failed, or a spec is not current.
    Gate,
    /// The model.
    Model,
    /// Git or GitHub.
    Repository,
    /// Refused by policy.
    Policy,
    /// The budget is spent.
    Budget,
    /// Interrupted by a signal.
    Interrupted,
}

impl Kind {
    /// The exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Gate => 3,
            Self::Model => 4,
            Self::Repository => 5,
            Self::Policy => 6,
            Self::Budget => 7,
            Self::Interrupted => 130,
        }
    }

    /// A low-cardinality word for traces.
    pub fn id(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Gate => "gate",
            Self::Model => "model",
            Self::Repository => "repository",
            Self::Policy => "policy",
            Self::Budget => "budget",
            Self::Interrupted => "interrupted",
        }
    }

    /// Of several failures of one run, the one that decides the exit code: what stops everything before what stops one spec.
    pub fn rank(self) -> u8 {
        match self {
            Self::Interrupted => 7,
            Self::Internal => 6,
            Self::Usage => 5,
            Self::Policy => 4,
            Self::Repository => 3,
            Self::Budget => 2,
            Self::Model => 1,
            Self::Gate => 0,
        }
    }
}

/// What the user sees at the end.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Who can mend it.
    pub kind: Kind,
    /// What happened, in one line.
    pub message: String,
    /// Why, from the outermost cause to the innermost.
    pub causes: Vec<String>,
    /// What to do next.
    pub hints: Vec<String>,
    /// Places in the user's files.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// A failure with a message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new(), diagnostics: Vec::new() }
    }

    /// A failure of user files.
    pub fn diagnostics(diagnostics: Vec<Diagnostic>) -> Self {
        let count = diagnostics.len();
        let message =
            format!("{count} {} in specs, patterns or configuration", if count == 1 { "problem" } else { "problems" });
        Self { diagnostics, ..Self::new(Kind::Usage, message) }
    }

    /// Adds an error and what stands behind it.
    #[must_use]
    pub fn because(mut self, error: &dyn std::error::Error) -> Self {
        self.causes.push(error.to_string());
        let mut source = error.source();
        while let Some(inner) = source {
            self.causes.push(inner.to_string());
            source = inner.source();
        }
        self
    }

    /// Adds a cause in words.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        for cause in &self.causes {
            write!(formatter, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
