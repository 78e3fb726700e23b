//! An event: something that happened in a run. Reporters show events to people or write them for programs; nothing else
//! prints.

use serde::Serialize;

use crate::call::{Role, Usage};
use crate::change::LineCount;
use crate::gate::GateResult;

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A run began.
    RunStarted {
        /// The specs, in the order in which they start.
        specs: Vec<String>,
        /// The model.
        model: String,
        /// Why this model.
        chosen: String,
        /// Where the result goes.
        delivery: String,
    },
    /// The repository is being proven before anything is generated.
    Baseline {
        /// The project's folder; empty for the root.
        project: String,
        /// What runs.
        step: String,
    },
    /// Work on a spec began.
    SpecStarted {
        /// The spec.
        spec: String,
        /// The pattern.
        pattern: String,
        /// Why this pattern.
        reason: String,
        /// The language.
        language: String,
    },
    /// A spec entered a stage.
    Stage {
        /// The spec.
        spec: String,
        /// What is being done, in a few words.
        stage: String,
    },
    /// The model sent text.
    Text {
        /// The spec.
        spec: String,
        /// Code or tests.
        role: Role,
        /// The piece.
        text: String,
    },
    /// The text so far is void: the call starts again.
    TextRestarted {
        /// The spec.
        spec: String,
    },
    /// A model call ended.
    ModelCall {
        /// The spec.
        spec: String,
        /// Code or tests.
        role: Role,
        /// The attempt, from 1.
        attempt: u32,
        /// The question about one item of that attempt, from 1; left out when the whole was asked for.
        #[serde(skip_serializing_if = "is_zero")]
        mend: u32,
        /// The model.
        model: String,
        /// How it ended.
        finish: String,
        /// Tokens, where the server counted them.
        usage: Option<Usage>,
        /// Whether the answer came from the cache.
        cached: bool,
        /// Seconds.
        seconds: f64,
    },
    /// A gate ended.
    Gate {
        /// The spec.
        spec: String,
        /// Code or tests.
        role: Role,
        /// The attempt, from 1.
        attempt: u32,
        /// The result.
        #[serde(flatten)]
        result: GateResult,
    },
    /// Something worth knowing that stops nothing.
    Notice {
        /// The spec, if it concerns one.
        spec: Option<String>,
        /// What.
        message: String,
    },
    /// A spec is done.
    SpecDone {
        /// The spec.
        spec: String,
        /// `accepted`, `current`, `failed` or `blocked`.
        outcome: String,
        /// Model calls for the code.
        code_attempts: u32,
        /// Model calls for the tests.
        test_attempts: u32,
        /// The files.
        files: Vec<FileSummary>,
        /// Why it failed.
        reason: Option<String>,
        /// The exit code this spec alone would give.
        exit_code: u8,
        /// Seconds.
        seconds: f64,
    },
    /// A proposal was made.
    Proposed {
        /// The spec.
        spec: String,
        /// The branch.
        branch: String,
        /// The branch it is based on.
        base: String,
        /// The commit.
        commit: String,
        /// The file with the proposal's text.
        body: String,
        /// Whether it was there already.
        unchanged: bool,
    },
    /// A proposal stands on GitHub.
    PullRequest {
        /// The specs.
        specs: Vec<String>,
        /// The number of the pull request; none for a commit on somebody's branch.
        number: Option<u64>,
        /// Where people see it.
        url: String,
        /// The branch.
        branch: String,
        /// The branch it is proposed into.
        base: String,
        /// The commit at the tip of the branch.
        commit: String,
        /// `opened`, `updated`, `committed` or `unchanged`.
        action: String,
        /// Whether it is a draft.
        draft: bool,
    },
    /// What a dry run would have changed.
    Diff {
        /// One unified diff that `git apply` takes.
        diff: String,
    },
    /// Something failed.
    Error {
        /// The kind.
        kind: String,
        /// What.
        message: String,
    },
    /// The run is over. Always the last event.
    Done {
        /// Specs accepted.
        accepted: usize,
        /// Specs that failed or were blocked.
        failed: usize,
        /// Specs that were current.
        current: usize,
        /// Tokens of the run.
        usage: Usage,
        /// US dollars, where prices are known.
        cost: Option<f64>,
        /// Seconds spent in model calls.
        model_seconds: f64,
        /// Seconds of the run.
        seconds: f64,
        /// The exit code.
        exit_code: u8,
    },
}

/// A delivered file in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// The path.
    pub path: String,
    /// Lines added and removed.
    #[serde(flatten)]
    pub lines: LineCount,
}

/// Who shows events.
pub trait Reporter: Send + Sync {
    /// Takes one event.
    fn report(&self, event: &Event);
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
