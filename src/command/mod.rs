//! A command: what a person asks the bot for in a comment.
//!
//! The grammar, in the words of the documentation:
//!
//! ```text
//! comment   = { line }                  the first line that is a command counts; a second one is refused
//! line      = ["   "] "/codegen" [ deed ]                 not in a quote, a code block, an HTML comment or <pre>
//! deed      = "help" | "list" | "generate" { spec } | "regenerate" | "revise" text | pattern name { fact }
//! pattern   = word [ "@" version ]      a pattern of the library
//! name      = letter { letter | digit | "_" | "-" }
//! fact      = key "=" ( word | '"' text '"' )             "language=go" chooses the language, others are facts for the spec
//! text      = the rest of the line, and the lines below the command
//! ```
//!
//! [`parse()`] reads a comment; [`help`] is the table behind the help text; [`spec_file`] makes specs out of commands; [`reply`]
//! writes what the bot answers. Everything a command carries is checked here: names, facts and texts are data, and become no
//! path, no template and no word of a shell.

pub mod help;
mod parse;
pub mod reply;
pub mod spec_file;

pub use parse::parse;

use crate::language::Language;
use crate::pattern::PatternRef;
use crate::spec::SpecId;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Write a spec for a pattern and generate it.
    Create(Wanted),
    /// Generate specs that are there; all that are not current when none is named.
    Generate(Vec<SpecId>),
    /// Make the proposal of this pull request anew.
    Regenerate,
    /// Make it anew with a wish.
    Revise(String),
    /// Show every spec with its state.
    List,
    /// Show what can be said.
    Help,
}

/// A spec that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The pattern.
    pub pattern: PatternRef,
    /// The name of what is generated.
    pub name: String,
    /// The language, where it was said.
    pub language: Option<Language>,
    /// Facts.
    pub facts: Vec<(String, String)>,
    /// The description, where there is one.
    pub description: Option<String>,
}

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Nothing to the bot.
    Nothing,
    /// A command.
    Command(Command),
    /// A command that cannot be understood: why, in words that are safe to show.
    Wrong(String),
}
