//! The state of specs: what `list` shows and `check` judges. Offline; no command runs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::load::Loaded;
use super::prove::FileSet;
use crate::diagnostic::nearest;
use crate::failure::{Failure, Kind};
use crate::lock::{self, Lock, State, digest, state};
use crate::path::RepoPath;
use crate::port::Workspace;
use crate::prompt;
use crate::spec::SpecId;
use crate::task::Task;

/// One spec and how it stands.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// The spec.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its pattern.
    pub pattern: String,
    /// Its language.
    pub language: String,
    /// Its files with code.
    pub code: Vec<RepoPath>,
    /// Its files with tests.
    pub tests: Vec<RepoPath>,
    /// How it stands.
    #[serde(flatten)]
    pub state: State,
}

/// The lock of a task, when there is one that can be read.
pub fn lock_of(task: &Task, workspace: &dyn Workspace) -> Option<Lock> {
    lock::parse(&workspace.read(&lock::path_of(&task.spec.id)?)?).ok()
}

/// The state of a task.
pub fn state_of(task: &Task, workspace: &dyn Workspace) -> State {
    let files: Vec<&RepoPath> = task.files().collect();
    state(&task.spec, task.pattern(), &files, lock_of(task, workspace).as_ref(), &|path| workspace.read(path))
}

/// The lock that accepted files get.
pub fn make_lock(task: &Task, files: &FileSet, model: &str, workspace: &dyn Workspace) -> Lock {
    let uses = task.spec.uses.iter().filter_map(|path| {
        let text = files.get(&path.value).cloned().or_else(|| workspace.read(&path.value))?;
        Some((path.value.to_string(), digest(&text)))
    });
    let written: BTreeMap<String, String> =
        task.files().filter_map(|path| Some((path.to_string(), digest(files.get(path)?)))).collect();
    Lock {
        version: 1,
        spec: digest(&task.spec.source.text),
        pattern: task.pattern().reference(),
        pattern_digest: task.pattern().digest.clone(),
        prompt: format!("{}@{}", prompt::NAME, prompt::VERSION),
        model: model.to_owned(),
        uses: uses.collect(),
        files: written,
    }
}

/// How every spec stands, or those named.
pub fn standings(loaded: &Loaded, workspace: &dyn Workspace, specs: &[SpecId]) -> Result<Vec<Standing>, Failure> {
    if let Some(id) = specs.iter().find(|id| loaded.tasks.iter().all(|task| task.spec.id != **id)) {
        return Err(unknown_spec(id, loaded));
    }
    let wanted = loaded.tasks.iter().filter(|task| specs.is_empty() || specs.contains(&task.spec.id));
    let standings = wanted.map(|task| Standing {
        id: task.spec.id.to_string(),
        name: task.spec.name.value.clone(),
        pattern: task.pattern().reference(),
        language: task.language.to_string(),
        code: task.code.clone(),
        tests: task.tests.clone(),
        state: state_of(task, workspace),
    });
    Ok(standings.collect())
}

/// The failure for a name that is no spec.
pub fn unknown_spec(id: &SpecId, loaded: &Loaded) -> Failure {
    let known: Vec<&str> = loaded.tasks.iter().map(|task| task.spec.id.as_str()).collect();
    let failure = Failure::new(Kind::Usage, format!("there is no spec `{id}`"));
    let failure = match nearest(id.as_str(), known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure,
    };
    if known.is_empty() {
        failure.hint("there are no specs yet: `codegen init` writes a first one")
    } else {
        failure.hint(format!("specs: {}", known.join(", ")))
    }
}
