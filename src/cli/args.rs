//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::gate::Gate;
use crate::language::Language;

/// Generates code and tests from specs with a language model, proves them with the repository's own commands, and proposes
/// them.
#[derive(Debug, Parser)]
#[command(name = "codegen", version, max_term_width = 110, disable_help_subcommand = true)]
pub struct Arguments {
    /// Work in this folder
    #[arg(short = 'C', global = true, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub directory: PathBuf,
    /// Append spans as JSON lines to this file
    #[arg(long, global = true, value_name = "FILE", env = "CODEGEN_TRACE_FILE", hide_env = true)]
    pub trace_file: Option<PathBuf>,
    /// Say only what failed and what came out
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Detect languages and commands, write a configuration and a first spec; overwrite nothing
    Init(Init),
    /// Generate every spec that is not current, or those named
    Generate(Generate),
    /// Say whether specs are valid, outputs present and locks current; offline
    Check(super::check::Check),
    /// Show the state of each spec
    List(Chosen),
    /// Print the exact prompt of a spec
    Prompt(Prompt),
    /// Show which pattern a spec gets, and why
    Select(OneSpec),
    /// Show the pattern library, show one pattern, or prove the examples
    Patterns(Patterns),
    /// Judge code by the rules of a pattern, hand-written code too
    Comply(super::comply::Comply),
    /// Install or run the commit hook
    Hook(super::hook::Hook),
    /// Act on the event of a GitHub workflow: a push, a comment, a schedule, or a run by hand
    Action(ActionArguments),
    /// Show what will be used, and whether it works
    Doctor(Printed),
    /// Fetch or list the weights of the model inside the program
    #[cfg(feature = "local")]
    Model(Models),
    /// Show the whole thing on a sample repository, in a temporary folder
    Demo(Demo),
    /// Print a JSON Schema: of specs, of the configuration or of patterns
    Schema {
        /// Of what
        #[arg(default_value = "spec")]
        of: SchemaOf,
    },
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether standard output carries JSON, so that a failure is written there too.
    pub fn speaks_json(&self) -> bool {
        match self {
            Self::Generate(generate) => generate.format == Talk::Ndjson,
            _ => false,
        }
    }
}

/// Arguments of `action`.
#[derive(Debug, Args)]
pub struct ActionArguments {
    /// Only end what a run before this left open: an answer that still says that work goes on
    #[arg(long)]
    pub conclude: bool,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The language of the first spec, instead of the one that is found
    #[arg(long, value_name = "LANGUAGE", value_parser = parse_language)]
    pub language: Option<Language>,
    /// The name of what the first spec describes
    #[arg(long, value_name = "NAME", default_value = "Note")]
    pub name: String,
    /// The action of the workflow, pinned: `owner/repository@<commit> # v1.2.3`
    #[arg(long, value_name = "ACTION", default_value = crate::app::workflow::ACTION)]
    pub action: String,
}

/// How a run speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Talk {
    /// Lines for people, on standard error
    Human,
    /// One JSON object a line, on standard output
    Ndjson,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A table for people
    Human,
    /// JSON
    Json,
}

/// Arguments of `generate`.
#[derive(Debug, Args)]
pub struct Generate {
    /// Specs, by id or path; all that are not current when left out
    pub specs: Vec<String>,
    /// Propose instead of writing: a branch for each spec, and the text of its pull request
    #[arg(long, conflicts_with = "dry_run")]
    pub pr: bool,
    /// Write nothing; print one unified diff that `git apply` takes
    #[arg(long)]
    pub dry_run: bool,
    /// Generate current specs too, and replace files that git has without changes
    #[arg(long)]
    pub force: bool,
    /// Show the model's text as it comes
    #[arg(long)]
    pub stream: bool,
    /// The model: a name, `local`, `local:NAME`, `local:FILE`, `openai:NAME` or `replay:FOLDER`
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Ask again where an answer is known
    #[arg(long)]
    pub no_cache: bool,
    /// Keep every answer in this folder, for `--model replay:FOLDER`
    #[arg(long, value_name = "FOLDER")]
    pub record: Option<PathBuf>,
    /// Do not run this gate; it is reported as unproven
    #[arg(long, value_name = "GATE", value_parser = parse_gate)]
    pub skip: Vec<Gate>,
    /// Deliver although a gate could not run
    #[arg(long)]
    pub allow_unproven: bool,
    /// How to speak
    #[arg(long, value_enum, default_value = "human")]
    pub format: Talk,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct Chosen {
    /// Specs, by id or path; all when left out
    pub specs: Vec<String>,
    /// How to print
    #[command(flatten)]
    pub printed: Printed,
}

/// How to print a report.
#[derive(Debug, Clone, Copy, Args)]
pub struct Printed {
    /// How to print
    #[arg(long, global = true, value_enum, default_value = "human")]
    format: Form,
    /// Short for --format json
    #[arg(long, global = true)]
    json: bool,
}

impl Printed {
    /// Whether JSON is wanted.
    pub fn json(self) -> bool {
        self.json || self.format == Form::Json
    }
}

/// Arguments of `select`.
#[derive(Debug, Args)]
pub struct OneSpec {
    /// The spec, by id or path
    pub spec: String,
    /// How to print
    #[command(flatten)]
    pub printed: Printed,
}

/// Arguments of `prompt`.
#[derive(Debug, Args)]
pub struct Prompt {
    /// The spec, by id or path
    pub spec: String,
    /// The question for the tests, for the code as it stands in the tree
    #[arg(long)]
    pub tests: bool,
    /// The model whose bounds count
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// How to print
    #[command(flatten)]
    pub printed: Printed,
}

/// Arguments of `patterns`.
#[derive(Debug, Args)]
pub struct Patterns {
    /// What to do with them; listed when left out
    #[command(subcommand)]
    pub action: Option<PatternsAction>,
    /// How to print
    #[command(flatten)]
    pub printed: Printed,
}

/// What to do with patterns.
#[derive(Debug, Subcommand)]
pub enum PatternsAction {
    /// Show one pattern with its rules
    Show {
        /// The pattern: a name or name@version
        name: String,
    },
    /// Prove the examples: good ones keep every rule, build and pass; bad ones break theirs
    Test {
        /// Only these patterns
        names: Vec<String>,
        /// Only this language
        #[arg(long, value_name = "LANGUAGE", value_parser = parse_language)]
        language: Option<Language>,
    },
}

/// Arguments of `model`.
#[cfg(feature = "local")]
#[derive(Debug, Args)]
pub struct Models {
    /// What to do
    #[command(subcommand)]
    pub action: ModelAction,
}

/// What to do with weights.
#[cfg(feature = "local")]
#[derive(Debug, Subcommand)]
pub enum ModelAction {
    /// Fetch weights into the cache and print their path; goes on where an earlier run was cut
    Pull {
        /// The model; the default one when left out
        name: Option<String>,
    },
    /// List the models that are known by name
    List {
        /// How to print
        #[command(flatten)]
        printed: Printed,
    },
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The language of the sample; the first one whose tools are installed when left out
    #[arg(long, value_name = "LANGUAGE", value_parser = parse_language)]
    pub language: Option<Language>,
    /// The spec of the sample
    #[arg(long, value_name = "SPEC", default_value = crate::adapter::sample::SPEC)]
    pub spec: String,
    /// The model: a name, `local`, `local:NAME`, `local:FILE`, `openai:NAME` or `replay:FOLDER`
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Show the model's text as it comes
    #[arg(long)]
    pub stream: bool,
}

/// Which schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Of specs
    Spec,
    /// Of the configuration
    Config,
    /// Of patterns
    Pattern,
}

fn parse_language(text: &str) -> Result<Language, String> {
    let known = Language::ALL.map(Language::id);
    Language::ALL
        .into_iter()
        .find(|language| language.id() == text)
        .ok_or_else(|| format!("one of {}", known.join(", ")))
}

fn parse_gate(text: &str) -> Result<Gate, String> {
    let known: Vec<&str> = Gate::ALL.into_iter().filter(|gate| gate.can_be_skipped()).map(Gate::id).collect();
    let found = Gate::ALL.into_iter().find(|gate| gate.id() == text && gate.can_be_skipped());
    found.ok_or_else(|| format!("one of {}", known.join(", ")))
}
