//! A proposal: the commit and the text that a reviewer sees.
//!
//! [`body`] writes the text, in stages that fit what GitHub takes; [`mark`] hides in it what the next run must know, and
//! keeps what people wrote around it; [`merge`] keeps their edits of files, [`trailer`] knows the bot's own commits; [`risk`]
//! says which paths deserve a second look.

pub mod body;
pub mod mark;
pub mod merge;
pub mod risk;
pub mod trailer;

use crate::call::Usage;
use crate::change::FileChange;
use crate::gate::Verdict;
use crate::pattern::check::RuleResult;
use crate::spec::SpecId;
use crate::text::inert;

/// What a proposal says.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The spec.
    pub spec: SpecId,
    /// The spec's name.
    pub name: String,
    /// The pattern, `name@version`.
    pub pattern: String,
    /// The prompt, `name@version`.
    pub prompt: String,
    /// The model.
    pub model: String,
    /// Digest of the spec.
    pub digest: String,
    /// What was asked.
    pub description: String,
    /// The files.
    pub changes: Vec<FileChange>,
    /// The gates.
    pub verdict: Verdict,
    /// The rules.
    pub rules: Vec<RuleResult>,
    /// Model calls for the code and for the tests.
    pub attempts: (u32, u32),
    /// Tokens.
    pub usage: Usage,
    /// US dollars, where prices are known.
    pub cost: Option<f64>,
    /// What the bot did beside the files of the spec.
    pub wiring: Vec<String>,
    /// Whether a gate failed and this only shows what was made.
    pub draft: bool,
    /// Digest of everything it was made from; the same inputs are proposed once.
    pub inputs: String,
    /// What a reviewer must know beyond the gates.
    pub notes: Vec<String>,
    /// What became of edits by people on its branch.
    pub together: Together,
}

/// How a proposal stands with what people changed on its branch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Together {
    /// Nobody changed its files.
    #[default]
    Alone,
    /// They changed them, and both together passed the gates.
    Proven,
    /// They changed them, and both together did not pass: why.
    Refused(String),
    /// They changed the same lines.
    Conflict,
}

impl Together {
    /// Why the proposal is not for merging yet.
    pub fn obstacle(&self) -> Option<&str> {
        match self {
            Self::Alone | Self::Proven => None,
            Self::Refused(why) => Some(why),
            Self::Conflict => Some("files have conflict markers, between what people changed and what was generated"),
        }
    }
}

impl Proposal {
    /// The title of the pull request and subject of the commit.
    pub fn title(&self) -> String {
        let pattern = self.pattern.split('@').next().unwrap_or(&self.pattern);
        let failed = if self.draft { "FAILED: " } else { "" };
        format!("{failed}codegen: {} {pattern} ({})", self.name, inert(self.spec.as_str()))
    }

    /// The commit message: subject, a sentence, trailers.
    pub fn commit_message(&self) -> String {
        let (model, digest) = (&self.model, self.digest.get(..16).unwrap_or(&self.digest));
        format!(
            "{}\n\nGenerated from {}{}.\n\nCodegen-Spec: {}\nCodegen-Spec-Digest: {digest}\nCodegen-Pattern: {}\nCodegen-Prompt: {}\nCodegen-Model: {model}\n",
            self.title(),
            self.spec,
            match (self.draft, &self.together) {
                (true, _) => "; a gate failed",
                (false, Together::Alone) => " and proven by the repository's own commands",
                (false, Together::Proven) => ", merged with edits, and proven by the repository's own commands",
                (false, Together::Refused(_) | Together::Conflict) =>
                    ", merged with edits; both together are not proven",
            },
            self.spec,
            self.pattern,
            self.prompt
        )
    }
}
