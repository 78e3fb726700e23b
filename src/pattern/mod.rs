//! A pattern: how one kind of code looks, as rules, examples, checks and default paths.
//!
//! - [`parse()`] reads a pattern file; [`Library`] holds all of them, the repository's own in front of the built-in ones.
//! - [`mod@select`] chooses the pattern of a spec that names none.
//! - [`check`] judges code by the rules that syntax can decide; [`compliance`] sums that up over files, and [`sarif`] renders
//!   it for scanners.

pub mod check;
pub mod compliance;
mod library;
mod parse;
pub mod sarif;
mod schema;
pub mod select;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use semver::{Version, VersionReq};

pub use library::{FOLDER, Library, built_in_files};
pub(crate) use parse::fill_path;
pub use parse::{ReadFile, parse};
pub use schema::schema;

use crate::diagnostic::{SourceText, Spanned};
use crate::language::Language;
use crate::spec::Spec;

/// How a spec names a pattern: `repository`, `repository@1` or `repository@1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternRef {
    /// The pattern's name.
    pub name: String,
    /// The versions that will do; `None` takes the latest.
    pub version: Option<VersionReq>,
}

impl PatternRef {
    /// Reads a reference. A full version is exact; a shorter one allows compatible versions.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
        if !is_pattern_name(name) {
            return None;
        }
        let version = match version {
            None => None,
            Some(version) if Version::parse(version).is_ok() => Some(VersionReq::parse(&format!("={version}")).ok()?),
            Some(version) if version.starts_with(|first: char| first.is_ascii_digit()) => {
                Some(VersionReq::parse(&format!("^{version}")).ok()?)
            }
            Some(_) => return None,
        };
        Some(Self { name: name.to_owned(), version })
    }
}

impl fmt::Display for PatternRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            None => formatter.write_str(&self.name),
            Some(version) => {
                let version = version.to_string();
                write!(formatter, "{}@{}", self.name, version.trim_start_matches(['=', '^']))
            }
        }
    }
}

/// Whether a text can name a pattern: lower-case letters, digits and dashes.
pub fn is_pattern_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 60
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
}

/// Where a pattern came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Part of the program.
    BuiltIn,
    /// A file of the repository.
    Repository,
}

impl Origin {
    /// The word for it in output.
    pub fn id(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Repository => "repository",
        }
    }
}

/// What a broken rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Fails the compliance gate.
    Error,
    /// Is reported.
    Warn,
}

impl Severity {
    /// The word for it in files and output.
    pub fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
        }
    }
}

/// One rule of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name, unique in the pattern.
    pub id: String,
    /// What breaking it does.
    pub severity: Severity,
    /// What it says, per language; where a language is missing the rule does not apply.
    pub texts: BTreeMap<Language, String>,
    /// How syntax decides it; where a language is missing the rule is unverified.
    pub checks: BTreeMap<Language, Check>,
}

/// How syntax decides a rule. Values are ast-grep rule objects.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Check {
    /// Each must match somewhere.
    pub require: Vec<serde_json::Value>,
    /// None may match anywhere.
    pub forbid: Vec<serde_json::Value>,
}

/// A whole example: its own spec, code and tests.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The spec that the code fulfils.
    pub spec: Spec,
    /// The code.
    pub code: String,
    /// Its tests; empty when a repository has none.
    pub tests: String,
    /// Words of specs that it is shown to before other examples of its pattern.
    pub words: Vec<String>,
    /// The path it was read from, for people.
    pub shown: String,
    /// Whether it comes with a pattern, and so stands in a project of its own.
    pub of_pattern: bool,
}

/// Code that breaks a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct BadExample {
    /// The code.
    pub code: String,
    /// The rule it breaks.
    pub breaks: String,
    /// The path it was read from, for people.
    pub shown: String,
}

/// The examples of one language.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Examples {
    /// Examples to imitate.
    pub good: Vec<Example>,
    /// Examples that the checks must refuse.
    pub bad: Vec<BadExample>,
}

/// Default paths of one language, with placeholders for the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultPaths {
    /// Where the code goes.
    pub code: String,
    /// Where its tests go.
    pub tests: String,
}

/// Prompt templates of a pattern's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Templates {
    /// Replaces the system message.
    pub system: Option<String>,
    /// Replaces the question for code.
    pub code: Option<String>,
    /// Replaces the question for tests.
    pub tests: Option<String>,
}

/// One version of one pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// What it is, in one sentence.
    pub summary: String,
    /// Words that a description of this kind of code has.
    pub words: Vec<String>,
    /// Files of a repository that look like this pattern.
    pub globs: Vec<String>,
    /// Default paths.
    pub paths: BTreeMap<Language, DefaultPaths>,
    /// Rules, in the order of the file.
    pub rules: Vec<Spanned<Rule>>,
    /// Examples.
    pub examples: BTreeMap<Language, Examples>,
    /// Templates.
    pub templates: Templates,
    /// Where it came from.
    pub origin: Origin,
    /// The pattern file.
    pub source: Arc<SourceText>,
    /// Digest of the file and of every example it names.
    pub digest: String,
}

impl Pattern {
    /// `name@version`, as proposals and locks write it.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// The rules that apply to a language, with their text in it.
    pub fn rules_for(&self, language: Language) -> impl Iterator<Item = (&Rule, &str)> {
        self.rules.iter().filter_map(move |rule| Some((&rule.value, rule.value.texts.get(&language)?.as_str())))
    }
}
