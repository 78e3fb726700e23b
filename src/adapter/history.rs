//! The history of a file: where it went, as git sees renames.

use std::path::Path;

use git2::{Commit, Delta, DiffFindOptions, Oid, Repository};

use crate::path::RepoPath;

/// So many commits back a file is looked for.
const COMMITS: usize = 2000;
/// So many renames of one file are followed.
const RENAMES: usize = 16;

/// Where a file that the last commit lacks is in it now; `None` when no commit says so, or history ends before.
pub(super) fn renamed(repository: &Repository, path: &RepoPath) -> Option<RepoPath> {
    let head = repository.head().and_then(|head| head.peel_to_commit()).ok()?;
    let here = |path: &RepoPath| blob(&head, path).is_some();
    let mut at = path.clone();
    for _ in 0..RENAMES {
        if here(&at) {
            return (at != *path).then_some(at);
        }
        at = taken_away(repository, &head, &at)?;
    }
    None
}

fn blob(commit: &Commit<'_>, path: &RepoPath) -> Option<Oid> {
    Some(commit.tree().ok()?.get_path(Path::new(path.as_str())).ok()?.id())
}

/// What the commit that took a file away made of it.
fn taken_away(repository: &Repository, head: &Commit<'_>, path: &RepoPath) -> Option<RepoPath> {
    let mut commit = head.clone();
    for _ in 0..COMMITS {
        // A merge brought what one of its sides has: the side that has the file is not the one that moved it.
        let parents: Vec<Commit<'_>> = commit.parents().collect();
        if let Some(parent) = parents.iter().find(|parent| blob(parent, path).is_some()) {
            let (old, new) = (parent.tree().ok()?, commit.tree().ok()?);
            let mut diff = repository.diff_tree_to_tree(Some(&old), Some(&new), None).ok()?;
            diff.find_similar(Some(DiffFindOptions::new().renames(true))).ok()?;
            let renamed = diff.deltas().find(|delta| {
                delta.status() == Delta::Renamed && delta.old_file().path() == Some(Path::new(path.as_str()))
            });
            return RepoPath::parse(renamed?.new_file().path()?.to_str()?).ok();
        }
        commit = parents.into_iter().next()?;
    }
    None
}
