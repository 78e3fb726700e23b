//! Accepting: the present state of specs and their files is stamped as current, on purpose.
//!
//! Nothing but locks is written. The pristine texts stay those that were generated, so that what people wrote is still known as
//! theirs when the spec changes next.

use std::collections::BTreeMap;

use super::load::Loaded;
use super::moves::origins;
use super::prove::FileSet;
use super::status::{LockParts, is_left_out, known_lock, make_lock, orphans, standings};
use crate::change::FileChange;
use crate::failure::{Failure, Kind};
use crate::lock::{self, Moved, State};
use crate::path::RepoPath;
use crate::port::Workspace;
use crate::spec::SpecId;
use crate::task::Task;

/// Stamps every spec, or those named, and says which of them were not current before.
pub fn accept(loaded: &Loaded, workspace: &dyn Workspace, specs: &[SpecId]) -> Result<Vec<String>, Failure> {
    let _alone = workspace.begin_run()?;
    let mut accepted = Vec::new();
    let mut changes = Vec::new();
    let mut forgotten = Vec::new();
    for standing in standings(loaded, workspace, specs)? {
        let refuse = |why: &str, files: &[String]| {
            let message = format!("`{}` cannot be accepted: {why}: {}", standing.id, files.join(", "));
            Err(Failure::new(Kind::Gate, message))
        };
        match &standing.state {
            State::Current => continue,
            State::Missing { files, moved } => {
                let refused = refuse("files are missing", files);
                let hint = |failure, moved: &Moved| Failure::hint(failure, standing.hint(moved));
                return refused.map_err(|failure| moved.iter().fold(failure, hint));
            }
            State::Conflicting { files } if !files.iter().any(|file| file.contains(lock::FOLDER)) => {
                return refuse("there are conflict markers", files);
            }
            State::Orphaned { .. } => forgotten.extend(lock::path_of(&SpecId::from_argument(&standing.id))),
            State::New | State::Changed { .. } | State::Edited { .. } | State::Conflicting { .. } => {
                let task = loaded.tasks.iter().find(|task| task.spec.id.as_str() == standing.id);
                changes.extend(task.map(|task| stamp(task, loaded, workspace)).transpose()?);
            }
        }
        accepted.push(standing.id);
    }
    workspace.deliver(&changes)?;
    for path in forgotten {
        workspace.forget(&path)?;
    }
    forget_renamed(loaded, workspace)?;
    Ok(accepted)
}

/// Removes the locks of specs that were renamed: all their files belong to specs with locks of their own.
pub(super) fn forget_renamed(loaded: &Loaded, workspace: &dyn Workspace) -> Result<(), Failure> {
    let gone: Vec<SpecId> = orphans(loaded, workspace).into_iter().map(|(id, _)| id).collect();
    for path in loaded.files.iter().filter(|path| path.as_str().starts_with(lock::FOLDER)) {
        let Some(id) = lock::owner_of(path) else { continue };
        let here = gone.contains(&id) || loaded.tasks.iter().any(|task| task.spec.id == id);
        let known = here || is_left_out(&id, workspace);
        let readable = workspace.read(path).is_some_and(|text| lock::parse(&text).is_ok());
        if !known && readable {
            workspace.forget(path)?;
        }
    }
    Ok(())
}

/// The lock that says that everything is as it should be.
fn stamp(task: &Task, loaded: &Loaded, workspace: &dyn Workspace) -> Result<FileChange, Failure> {
    let id = &task.spec.id;
    let old = known_lock(task, loaded, workspace).ok().flatten();
    let mut files = FileSet::new();
    for path in task.files() {
        let text = workspace.read(path).ok_or_else(|| {
            Failure::new(Kind::Gate, format!("`{id}` cannot be accepted: `{path}` is not there, or is not text"))
                .hint(format!("`codegen generate {id}` makes it"))
        })?;
        files.insert(path.clone(), text);
    }
    let mut pristine = BTreeMap::new();
    if let Some(old) = &old {
        for (path, former) in origins(task, old, workspace) {
            let blob = old.files.get(&former).and_then(|file| file.pristine.clone());
            pristine.extend(blob.map(|blob| (path, blob)));
        }
    }
    let spec_path = RepoPath::parse(&task.spec.source.path).ok();
    let text: FileSet = spec_path.iter().map(|path| (path.clone(), task.spec.source.text.clone())).collect();
    let kept = workspace.keep_pristine(id, &text)?;
    let parts = LockParts {
        files: &files,
        pristine: &pristine,
        spec_blob: spec_path.and_then(|path| kept.get(&path).cloned()),
        examples: &old.as_ref().map(|lock| lock.examples.clone()).unwrap_or_default(),
        model: old.as_ref().map_or("none", |lock| lock.model.as_str()),
    };
    let text = lock::render(&make_lock(task, &parts, workspace))
        .map_err(|error| Failure::new(Kind::Internal, "the lock cannot be written").cause(error))?;
    let path = lock::path_of(id).ok_or_else(|| Failure::new(Kind::Internal, "a spec without a lock"))?;
    Ok(FileChange { before: workspace.read(&path), path, after: text })
}
