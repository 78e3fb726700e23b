//! The lock of a spec: what its last accepted generation was made from, and what it produced.
//!
//! One file a spec, so that proposals of different specs never conflict. It holds digests and no times, so the same
//! generation writes the same lock.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;
use crate::pattern::Pattern;
use crate::spec::{Spec, SpecId};

/// The folder of locks.
pub const FOLDER: &str = ".codegen/lock";

/// What a lock file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Version of the format.
    pub version: u32,
    /// Digest of the spec file.
    pub spec: String,
    /// The pattern, `name@version`.
    pub pattern: String,
    /// Digest of the pattern with its examples.
    pub pattern_digest: String,
    /// The prompt, `name@version`.
    pub prompt: String,
    /// The model that wrote the files.
    pub model: String,
    /// Digests of the files the model read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uses: BTreeMap<String, String>,
    /// Digests of the files it wrote.
    pub files: BTreeMap<String, String>,
}

/// The digest of a text, as locks write it. Line ends do not count: git may write them either way.
pub fn digest(text: &str) -> String {
    let unix = if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    blake3::hash(unix.as_bytes()).to_hex().to_string()
}

/// The lock file of a spec.
pub fn path_of(id: &SpecId) -> Option<RepoPath> {
    RepoPath::parse(&format!("{FOLDER}/{id}.yaml")).ok()
}

/// How a spec and its files stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Nothing to do.
    Current,
    /// Never generated.
    New,
    /// An input is not what it was.
    Changed {
        /// Which inputs.
        inputs: Vec<String>,
    },
    /// Generated files are not as they were written.
    Edited {
        /// Which files.
        files: Vec<String>,
    },
    /// Generated files are gone.
    Missing {
        /// Which files.
        files: Vec<String>,
    },
}

impl State {
    /// The word for it.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::New => "new",
            Self::Changed { .. } => "changed",
            Self::Edited { .. } => "edited",
            Self::Missing { .. } => "missing",
        }
    }

    /// What is behind the word.
    pub fn detail(&self) -> String {
        match self {
            Self::Current | Self::New => String::new(),
            Self::Changed { inputs } => inputs.join(", "),
            Self::Edited { files } | Self::Missing { files } => files.join(", "),
        }
    }
}

/// Compares a spec with its lock. `read` gives the text of files as they stand.
pub fn state(
    spec: &Spec,
    pattern: &Pattern,
    files: &[&RepoPath],
    lock: Option<&Lock>,
    read: &dyn Fn(&RepoPath) -> Option<String>,
) -> State {
    let Some(lock) = lock else { return State::New };
    let mut missing = Vec::new();
    let mut edited = Vec::new();
    for path in files {
        match (read(path), lock.files.get(path.as_str())) {
            (None, _) => missing.push(path.to_string()),
            (Some(text), Some(known)) if digest(&text) == *known => {}
            (Some(_), _) => edited.push(path.to_string()),
        }
    }
    if !edited.is_empty() {
        return State::Edited { files: edited };
    }
    if !missing.is_empty() {
        return State::Missing { files: missing };
    }
    let mut inputs = Vec::new();
    if lock.spec != digest(&spec.source.text) {
        inputs.push("spec".to_owned());
    }
    if lock.pattern_digest != pattern.digest {
        inputs.push(format!("pattern {} (was {})", pattern.reference(), lock.pattern));
    }
    for path in &spec.uses {
        let now = read(&path.value).map(|text| digest(&text));
        if now.as_ref() != lock.uses.get(path.value.as_str()) {
            inputs.push(path.value.to_string());
        }
    }
    if inputs.is_empty() { State::Current } else { State::Changed { inputs } }
}

/// Reads a lock file; the error says what is wrong with it.
pub fn parse(text: &str) -> Result<Lock, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// Writes a lock file.
pub fn render(lock: &Lock) -> Result<String, String> {
    let body = serde_yaml::to_string(lock).map_err(|error| error.to_string())?;
    Ok(format!("# Written by codegen. Commit it; do not edit it.\n{body}"))
}
