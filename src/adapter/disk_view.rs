//! What detection sees of a folder.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use git2::Repository;

use super::snapshot::CACHES;
use super::staged::Staged;
use crate::language::detect::RepoView;
use crate::path::RepoPath;

/// Detection's view of a folder, or of what is staged in it.
pub(super) struct DiskView {
    pub(super) root: PathBuf,
    pub(super) staged: Option<Arc<Staged>>,
}

impl RepoView for DiskView {
    fn read(&self, path: &str) -> Option<String> {
        let path = RepoPath::parse(path).ok()?;
        match &self.staged {
            Some(staged) => {
                let bytes = staged.read(&Repository::open(&self.root).ok()?, &path)?;
                String::from_utf8(bytes).ok()
            }
            None => fs::read_to_string(self.root.join(path.as_str())).ok(),
        }
    }

    fn exists(&self, path: &str) -> bool {
        let Ok(path) = RepoPath::parse(path) else { return false };
        let on_disk = self.root.join(path.as_str()).exists();
        match &self.staged {
            // What tools install is in no commit.
            Some(_) if path.parts().any(|part| CACHES.contains(&part)) => on_disk,
            Some(staged) => Repository::open(&self.root).is_ok_and(|repository| staged.exists(&repository, &path)),
            None => on_disk,
        }
    }

    fn program(&self, name: &str) -> Option<String> {
        let found = if name.contains('/') { which::which(self.root.join(name)) } else { which::which(name) };
        found.ok()?.to_str().map(str::to_owned)
    }
}
