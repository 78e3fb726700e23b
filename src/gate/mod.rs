//! A gate: one check that generated files must pass, and what became of it.
//!
//! Gates run cheapest first. An outcome is one of four: a gate that could not run is `unproven`, never passed. What a gate
//! prints becomes [`feedback`] for the next attempt; lint gates count only [`findings`] that the change brought;
//! [`suite`] judges the generated tests.

mod complaint;
pub mod compliance;
pub mod coverage;
pub mod feedback;
pub mod findings;
pub mod mutation;
pub mod quick_fix;
mod suggestion;
pub mod suite;
pub mod undeclared;

use std::fmt;

/// The gates, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// The answer is files that the spec owns.
    Answer,
    /// The text is in the grammar, and the code declares something.
    Syntax,
    /// The formatter takes it; what it wrote is what goes on.
    Format,
    /// The pattern's rules that syntax decides.
    Compliance,
    /// The tests claim every category and can fail.
    TestQuality,
    /// The project's build.
    Build,
    /// The project's linter finds nothing new.
    Lint,
    /// The project's own tests still pass.
    ExistingTests,
    /// The generated tests are found, run, and pass every time.
    GeneratedTests,
    /// Coverage of the generated code.
    Coverage,
    /// Mutants of the generated code that the tests notice.
    Mutation,
    /// All accepted specs of a run together.
    Together,
}

impl Gate {
    /// Every gate, in order.
    pub const ALL: [Self; 12] = [
        Self::Answer,
        Self::Syntax,
        Self::Format,
        Self::Compliance,
        Self::TestQuality,
        Self::Build,
        Self::Lint,
        Self::ExistingTests,
        Self::GeneratedTests,
        Self::Coverage,
        Self::Mutation,
        Self::Together,
    ];

    /// The word for it in options, events and proposals.
    pub fn id(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Syntax => "syntax",
            Self::Format => "format",
            Self::Compliance => "compliance",
            Self::TestQuality => "test-quality",
            Self::Build => "build",
            Self::Lint => "lint",
            Self::ExistingTests => "existing-tests",
            Self::GeneratedTests => "generated-tests",
            Self::Coverage => "coverage",
            Self::Mutation => "mutation",
            Self::Together => "together",
        }
    }

    /// Whether `--skip` may name it. What costs nothing and guards everything cannot be skipped, nor can the proof that
    /// specs which passed alone pass together.
    pub fn can_be_skipped(self) -> bool {
        !matches!(self, Self::Answer | Self::Syntax | Self::Together)
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// What became of a gate.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Outcome {
    /// It ran and found nothing wrong.
    Passed {
        /// What it saw, in a few words.
        detail: String,
    },
    /// It ran and refused.
    Failed {
        /// What it said, ready for people and for the next attempt.
        evidence: String,
    },
    /// It could not run.
    Unproven {
        /// Why, and how to make it run.
        reason: String,
    },
    /// There is nothing for it to check here.
    NotApplicable {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// The word for it.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Passed { .. } => "passed",
            Self::Failed { .. } => "failed",
            Self::Unproven { .. } => "unproven",
            Self::NotApplicable { .. } => "not applicable",
        }
    }

    /// What stands behind it.
    pub fn detail(&self) -> &str {
        match self {
            Self::Passed { detail } => detail,
            Self::Failed { evidence } => evidence,
            Self::Unproven { reason } | Self::NotApplicable { reason } => reason,
        }
    }
}

/// One gate of one attempt.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct GateResult {
    /// Which.
    pub gate: Gate,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The command that ran, if one did.
    pub command: Option<String>,
    /// Seconds it took.
    pub seconds: f64,
}

/// All gates of an attempt, in order.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Verdict {
    /// The results.
    pub results: Vec<GateResult>,
}

impl Verdict {
    /// The first gate that refused.
    pub fn failure(&self) -> Option<&GateResult> {
        self.results.iter().find(|result| matches!(result.outcome, Outcome::Failed { .. }))
    }

    /// The gates that could not run.
    pub fn unproven(&self) -> impl Iterator<Item = &GateResult> {
        self.results.iter().filter(|result| matches!(result.outcome, Outcome::Unproven { .. }))
    }

    /// Puts the results of a later stage behind those of an earlier one; a gate that ran in both keeps the later result,
    /// at its place in the order.
    #[must_use]
    pub fn followed_by(mut self, later: Verdict) -> Self {
        for result in later.results {
            match self.results.iter_mut().find(|earlier| earlier.gate == result.gate) {
                Some(earlier) => *earlier = result,
                None => self.results.push(result),
            }
        }
        self.results.sort_by_key(|result| result.gate);
        self
    }
}
