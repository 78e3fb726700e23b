//! A spec: one declared unit of code to generate, as a team writes it in YAML.
//!
//! [`parse()`] turns one file into a [`Spec`]; [`order`] puts specs into the order in which they can be generated. What
//! needs the pattern library (default paths, overlaps of files) happens when a spec becomes a task, in
//! [`crate::task`].

pub mod order;
mod parse;
mod schema;

use std::fmt;
use std::sync::Arc;

pub(crate) use parse::decode_gates;
pub use parse::parse;
pub(crate) use schema::gates as gates_schema;
pub use schema::schema;

use crate::diagnostic::{SourceText, Spanned};
use crate::language::Language;
use crate::path::RepoPath;
use crate::pattern::PatternRef;

/// The folder of specs.
pub const FOLDER: &str = ".codegen/specs";
/// The ending of a spec that stands beside the code it describes.
pub const BESIDE: &str = ".codegen.yaml";

/// A spec's identity: its path under `.codegen/specs` without extension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpecId(String);

impl SpecId {
    /// The id of a spec file; `None` when the path is not one of a spec.
    pub fn of_file(path: &RepoPath) -> Option<Self> {
        let text = path.as_str();
        if let Some(rest) = text.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/')) {
            let id = rest.strip_suffix(".yaml").or_else(|| rest.strip_suffix(".yml"))?;
            return (!id.is_empty()).then(|| Self(id.to_owned()));
        }
        let beside = text.strip_suffix(BESIDE)?;
        (!text.starts_with(".codegen/") && !path.file_name().starts_with('.')).then(|| Self(beside.to_owned()))
    }

    /// An id as a person writes it: the id itself, or the path of its file.
    pub fn from_argument(text: &str) -> Self {
        RepoPath::parse(text).ok().and_then(|path| Self::of_file(&path)).unwrap_or_else(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SpecId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where the file of a spec may be.
pub fn places(id: &SpecId) -> Vec<RepoPath> {
    let places = [format!("{FOLDER}/{id}.yaml"), format!("{FOLDER}/{id}.yml"), format!("{id}{BESIDE}")];
    places.iter().filter_map(|path| RepoPath::parse(path).ok()).collect()
}

/// The files of a spec: what the bot writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files {
    /// Files with code.
    pub code: Vec<Spanned<RepoPath>>,
    /// Files with tests.
    pub tests: Vec<Spanned<RepoPath>>,
}

/// Thresholds of gates; `None` where the spec leaves them to the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GateSettings {
    /// Least share of lines of the generated code that its tests run, in percent.
    pub coverage: Option<u8>,
    /// Least share of mutants that the generated tests notice, in percent.
    pub mutation: Option<u8>,
    /// How many times in a row the generated tests must pass.
    pub test_runs: Option<u32>,
}

/// One spec, checked on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its identity.
    pub id: SpecId,
    /// What it is called, such as `Order`.
    pub name: Spanned<String>,
    /// What is wanted, in natural language.
    pub description: String,
    /// The pattern, where the spec names one.
    pub pattern: Option<Spanned<PatternRef>>,
    /// The language, where the spec or the extension of its files says it.
    pub language: Option<Language>,
    /// The files it owns; empty lists where the pattern's default paths apply.
    pub files: Files,
    /// Facts, name and text, in the order of the file.
    pub context: Vec<(String, String)>,
    /// Files the model reads and never writes.
    pub uses: Vec<Spanned<RepoPath>>,
    /// Files to imitate; `None` where they are looked for.
    pub examples: Option<Vec<Spanned<RepoPath>>>,
    /// Specs to generate first.
    pub after: Vec<Spanned<SpecId>>,
    /// Rules of this spec beyond those of the pattern.
    pub rules: Vec<String>,
    /// Thresholds.
    pub gates: GateSettings,
    /// The file it was read from.
    pub source: Arc<SourceText>,
}
