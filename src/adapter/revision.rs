//! The files of a commit, read from git's objects: the user's tree plays no part.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use git2::{ErrorCode, ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};

use crate::failure::{Failure, Kind};
use crate::path::RepoPath;
use crate::port::{Files, Workspace};

/// The files of one commit.
pub struct Revision {
    paths: Vec<RepoPath>,
    blobs: BTreeMap<RepoPath, Oid>,
    // libgit2's object cache is not shared between threads.
    repository: Mutex<Repository>,
}

impl Revision {
    /// Lists the files of a revision, by any name that git understands. Links and submodules are no files.
    pub fn open(workspace: &dyn Workspace, name: &str) -> Result<Self, Failure> {
        let fail = |error: git2::Error| {
            Failure::new(Kind::Repository, format!("the revision `{name}` cannot be read")).because(&error)
        };
        let repository = Repository::open(workspace.root()).map_err(fail)?;
        let mut blobs = BTreeMap::new();
        {
            let commit = repository.revparse_single(name).and_then(|object| object.peel_to_commit());
            let commit = commit.map_err(|error| match error.code() {
                ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous | ErrorCode::Peel => {
                    Failure::new(Kind::Usage, format!("`{name}` names no commit here"))
                        .because(&error)
                        .hint("a branch, a tag, a commit or `HEAD~1`; a branch of a remote must have been fetched")
                }
                _ => fail(error),
            })?;
            let tree = commit.tree().map_err(fail)?;
            tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
                let path = entry.name().ok().and_then(|name| RepoPath::parse(&format!("{folder}{name}")).ok());
                if let (Some(path), Some(ObjectType::Blob)) = (path, entry.kind())
                    && entry.filemode() != 0o120_000
                {
                    blobs.insert(path, entry.id());
                }
                TreeWalkResult::Ok
            })
            .map_err(fail)?;
        }
        Ok(Self { paths: blobs.keys().cloned().collect(), blobs, repository: Mutex::new(repository) })
    }
}

impl Files for Revision {
    fn list(&self) -> &[RepoPath] {
        &self.paths
    }

    fn read(&self, path: &RepoPath) -> Option<Vec<u8>> {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let blob = repository.find_blob(*self.blobs.get(path)?).ok()?;
        Some(blob.content().to_vec())
    }
}
