//! What a sparse checkout leaves out of the tree: files that the repository has, and that are not missing.

use std::collections::HashMap;
use std::path::Path;

use git2::{Oid, Repository};

use super::index::{Index, TREE, file_of};
use crate::path::RepoPath;

/// The files and folders of the index that are not in the tree on purpose.
#[derive(Debug, Default)]
pub(super) struct Sparse {
    left_out: HashMap<Vec<u8>, Oid>,
}

impl Sparse {
    /// Reads them from the index.
    pub(super) fn take(root: &Path, git_folder: &Path) -> Self {
        // Where the index cannot be read here (a split one), files that are not there are missing as before.
        let Some(index) = Index::read(&file_of(root, git_folder)) else { return Self::default() };
        let skipped = index.entries.iter().filter(|entry| entry.skipped && entry.stage == 0);
        // Folders stand with a slash at their end.
        let left_out = skipped.filter_map(|entry| {
            let path = index.path(entry);
            let path = if entry.mode == TREE { path.strip_suffix(b"/").unwrap_or(path) } else { path };
            Some((path.to_vec(), index.id(entry)?))
        });
        Self { left_out: left_out.collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left_out.is_empty()
    }

    /// The blob of a file that is left out, also inside of a folder that is.
    pub(super) fn find(&self, repository: &Repository, path: &RepoPath) -> Option<Oid> {
        if let Some(id) = self.left_out.get(path.as_str().as_bytes()) {
            return Some(*id);
        }
        let mut folder = path.as_str();
        while let Some((above, _)) = folder.rsplit_once('/') {
            folder = above;
            if let Some(id) = self.left_out.get(above.as_bytes()) {
                let inside = path.as_str().get(above.len() + 1..)?;
                return Some(repository.find_tree(*id).ok()?.get_path(Path::new(inside)).ok()?.id());
            }
        }
        None
    }

    /// The bytes that git has of a file that is left out. A partial clone may not have them, and nothing is fetched.
    pub(super) fn read(&self, repository: &Repository, path: &RepoPath) -> Option<Vec<u8>> {
        let id = self.find(repository, path)?;
        Some(repository.find_blob(id).ok()?.content().to_vec())
    }
}
