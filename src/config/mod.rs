//! The configuration: `.codegen/config.yaml`, every key of which may be left out.

mod parse;
mod schema;

use std::collections::BTreeMap;
use std::time::Duration;

pub use parse::{parse, parse_folder};
pub use schema::schema;

use crate::language::detect::Stage;
use crate::language::{CommandLine, Language};
use crate::spec::GateSettings;

/// The configuration file.
pub const FILE: &str = ".codegen/config.yaml";

/// Commands that replace detected ones, by language and stage; `None` switches a stage off.
pub type Commands = BTreeMap<Language, BTreeMap<Stage, Option<CommandLine>>>;

/// Which kind of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// A server that speaks OpenAI's chat completions.
    OpenAi,
    /// A model inside the program.
    Local,
    /// Recorded answers.
    Replay,
}

/// In which form answers are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnswerForm {
    /// Asks the server once whether it honours a JSON schema, and remembers.
    #[default]
    Auto,
    /// JSON held to a schema.
    Schema,
    /// Fenced blocks headed by a path.
    Fenced,
}

/// Prices in US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// For tokens that are read.
    pub input: f64,
    /// For tokens that are written.
    pub output: f64,
}

/// The model to ask.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSettings {
    /// The provider; `None` takes what is found.
    pub provider: Option<Provider>,
    /// The model's name, the path of its weights, or the folder of recorded answers.
    pub name: Option<String>,
    /// Where the server is.
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// Sampling temperature; `None` leaves it to the server.
    pub temperature: Option<f32>,
    /// What random numbers start from, where the model honours it; `None` leaves it to the model.
    pub seed: Option<u64>,
    /// Most tokens of one answer; `None` takes what suits the model.
    pub max_output_tokens: Option<u32>,
    /// Tokens that prompt and answer together may have; `None` takes what suits the model.
    pub context: Option<u32>,
    /// Prices, where known.
    pub price: Option<Price>,
    /// Models of the same server that get one more attempt each, after the last one failed.
    pub fallback: Vec<String>,
    /// The form of answers.
    pub answers: AnswerForm,
}

/// Bounds of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Model calls for the code of a spec, and again for its tests.
    pub attempts: u32,
    /// How long one command may run.
    pub command_timeout: Duration,
    /// Tokens of a whole run, read and written.
    pub tokens: u64,
    /// US dollars of a whole run; counts only where prices are known.
    pub cost: Option<f64>,
    /// Files one spec may write.
    pub files: usize,
    /// How long changes to the generated code of one spec may be tried, in each attempt; `None` takes a minute where
    /// `gates.mutation` asks for them, and half of it where nothing does.
    pub mutation_time: Option<Duration>,
    /// Specs worked on at the same time; `None` takes the number of processors, at most 4.
    pub parallel: Option<usize>,
}

/// What happens when the gates failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Nothing is proposed.
    Nothing,
    /// A draft that says what failed.
    Draft,
}

/// What goes into one pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// One spec.
    Spec,
    /// Every spec of a run.
    All,
}

/// How proposals are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalSettings {
    /// The branch to propose into; `None` takes the current one.
    pub base: Option<String>,
    /// The branch of a spec; `{spec}` stands for its id.
    pub branch: String,
    /// Labels.
    pub labels: Vec<String>,
    /// Reviewers.
    pub reviewers: Vec<String>,
    /// What happens when gates failed.
    pub on_failure: OnFailure,
    /// What goes into one pull request.
    pub group: Grouping,
}

/// The weakest role whose comments are obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obeyed {
    /// Who may push.
    Write,
    /// Who may maintain.
    Maintain,
    /// Who may do everything.
    Admin,
}

/// Where the result of a comment command on a pull request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandDelivery {
    /// Into a pull request into the branch of that pull request.
    PullRequest,
    /// Onto that branch.
    Commit,
}

/// How comment commands are obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandSettings {
    /// The weakest role.
    pub permission: Obeyed,
    /// Where results go.
    pub deliver: CommandDelivery,
    /// How long the work on one comment may take.
    pub timeout: Duration,
}

/// Whether commands must run in a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxMode {
    /// Refuse to run without.
    Required,
    /// Use what there is and say what it is.
    Preferred,
    /// Use none.
    Off,
}

/// The whole configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The model.
    pub model: ModelSettings,
    /// Commands that replace detected ones.
    pub languages: Commands,
    /// Thresholds for every spec.
    pub gates: GateSettings,
    /// Bounds.
    pub limits: Limits,
    /// Proposals.
    pub proposals: ProposalSettings,
    /// Comment commands.
    pub commands: CommandSettings,
    /// The sandbox.
    pub sandbox: SandboxMode,
    /// Globs of paths that are never written.
    pub protect: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: ModelSettings {
                provider: None,
                name: None,
                base_url: None,
                api_key_env: None,
                temperature: Some(0.2),
                seed: None,
                max_output_tokens: None,
                context: None,
                price: None,
                fallback: Vec::new(),
                answers: AnswerForm::Auto,
            },
            languages: BTreeMap::new(),
            gates: GateSettings::default(),
            limits: Limits {
                attempts: 3,
                command_timeout: Duration::from_mins(10),
                tokens: 1_000_000,
                cost: None,
                files: 20,
                mutation_time: None,
                parallel: None,
            },
            proposals: ProposalSettings {
                base: None,
                branch: "codegen/{spec}".to_owned(),
                labels: vec!["codegen".to_owned()],
                reviewers: Vec::new(),
                on_failure: OnFailure::Nothing,
                group: Grouping::Spec,
            },
            commands: CommandSettings {
                permission: Obeyed::Write,
                deliver: CommandDelivery::PullRequest,
                timeout: Duration::from_mins(60),
            },
            sandbox: SandboxMode::Preferred,
            protect: Vec::new(),
        }
    }
}
