//! Placing files: a scratch worktree is taken and filled off the asynchronous runtime, and nothing that was compiled from an
//! earlier state of the tests is left in it.

use std::sync::Arc;

use super::prove::FileSet;
use crate::failure::{Failure, Kind};
use crate::language::detect::Project;
use crate::port::{Base, Scratch, Workspace};

/// Takes a free scratch worktree.
pub(super) async fn take(workspace: &Arc<dyn Workspace>, base: Base) -> Result<Arc<dyn Scratch>, Failure> {
    let workspace = Arc::clone(workspace);
    let taken = tokio::task::spawn_blocking(move || workspace.scratch(base)).await;
    let taken = taken.map_err(|error| Failure::new(Kind::Internal, "no scratch worktree").because(&error))?;
    taken.map(Arc::from)
}

/// Brings a scratch worktree to its base plus these files, without what compilers wrote for these projects before.
pub(super) async fn place<'p>(
    scratch: &Arc<dyn Scratch>,
    projects: impl IntoIterator<Item = &'p Project>,
    files: FileSet,
) -> Result<(), Failure> {
    let built: Vec<String> = projects.into_iter().filter_map(Project::built_folder).collect();
    let scratch = Arc::clone(scratch);
    let placed = tokio::task::spawn_blocking(move || {
        built.iter().try_for_each(|folder| scratch.discard(folder))?;
        scratch.reset(&files)
    });
    let placed = placed.await;
    placed.map_err(|error| Failure::new(Kind::Internal, "the scratch worktree could not be filled").because(&error))?
}
