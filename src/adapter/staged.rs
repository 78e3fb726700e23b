//! What is staged: the state of the repository that the next commit will have, whatever the tree looks like.
//!
//! It is the last commit with the changes of git's index. Git itself compares the two, so that a sparse index, and the index
//! that it gives to a hook, count as git means them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use git2::{ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult};

use crate::failure::{Failure, Kind};
use crate::path::RepoPath;

/// A file of a commit or of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) id: Oid,
    pub(super) mode: i32,
}

/// The last commit, and what is staged beyond it.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    tree: Option<Oid>,
    changes: BTreeMap<RepoPath, Option<Blob>>,
}

/// Git's name for no tree at all.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const SUBMODULE: i32 = 0o160_000;

impl Staged {
    /// Asks git for what is staged.
    pub(super) fn take(repository: &Repository, root: &Path) -> Result<Self, Failure> {
        let failed = |cause: String| Failure::new(Kind::Repository, "git cannot say what is staged").cause(cause);
        let tree = repository.head().and_then(|head| head.peel_to_tree()).ok().map(|tree| tree.id());
        let against = tree.map_or_else(|| EMPTY_TREE.to_owned(), |tree| tree.to_string());
        let output = Command::new("git")
            .args(["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all"])
            .arg(&against)
            .current_dir(root)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut parts = text.split('\0');
        let mut changes = BTreeMap::new();
        while let (Some(facts), Some(path)) = (parts.next(), parts.next()) {
            // `:mode mode blob blob status`; a path that is none of ours, such as one with a backslash, is passed over.
            let mut facts = facts.trim_start_matches(':').split(' ').skip(1);
            let mode = facts.next().and_then(|mode| i32::from_str_radix(mode, 8).ok()).unwrap_or_default();
            let id = facts.nth(1).and_then(|id| Oid::from_str(id).ok());
            let Ok(path) = RepoPath::parse(path) else { continue };
            let blob = id.filter(|id| !id.is_zero() && mode != SUBMODULE).map(|id| Blob { id, mode });
            changes.insert(path, blob);
        }
        Ok(Self { tree, changes })
    }

    /// The paths that differ from the last commit.
    pub(super) fn changed(&self) -> Vec<RepoPath> {
        self.changes.keys().cloned().collect()
    }

    fn tree<'r>(&self, repository: &'r Repository) -> Option<Tree<'r>> {
        repository.find_tree(self.tree?).ok()
    }

    /// The blob of a file.
    pub(super) fn find(&self, repository: &Repository, path: &RepoPath) -> Option<Blob> {
        if let Some(change) = self.changes.get(path) {
            return *change;
        }
        let entry = self.tree(repository)?.get_path(Path::new(path.as_str())).ok()?;
        (entry.kind() == Some(ObjectType::Blob)).then(|| Blob { id: entry.id(), mode: entry.filemode() })
    }

    /// The bytes of a file.
    pub(super) fn read(&self, repository: &Repository, path: &RepoPath) -> Option<Vec<u8>> {
        let blob = self.find(repository, path)?;
        Some(repository.find_blob(blob.id).ok()?.content().to_vec())
    }

    /// Whether there is a file or a folder.
    pub(super) fn exists(&self, repository: &Repository, path: &RepoPath) -> bool {
        let folder = format!("{path}/");
        let below = self.changes.iter().any(|(other, change)| change.is_some() && other.as_str().starts_with(&folder));
        below
            || match self.changes.get(path) {
                Some(change) => change.is_some(),
                None => self.tree(repository).is_some_and(|tree| tree.get_path(Path::new(path.as_str())).is_ok()),
            }
    }

    /// Every file below a folder; all of them for an empty name.
    pub(super) fn below(&self, repository: &Repository, folder: &str) -> BTreeMap<RepoPath, Blob> {
        let mut files = BTreeMap::new();
        let start = match (self.tree(repository), folder.is_empty()) {
            (Some(tree), true) => Some(tree),
            (Some(tree), false) => {
                let entry = tree.get_path(Path::new(folder)).ok();
                entry.and_then(|entry| repository.find_tree(entry.id()).ok())
            }
            (None, _) => None,
        };
        let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if let Some(tree) = start {
            // A walk that breaks off leaves files out, as those that are damaged are.
            let _ = tree.walk(TreeWalkMode::PreOrder, |above, entry| {
                let path = entry.name().ok().and_then(|name| RepoPath::parse(&format!("{inside}{above}{name}")).ok());
                if let (Some(path), Some(ObjectType::Blob)) = (path, entry.kind()) {
                    files.insert(path, Blob { id: entry.id(), mode: entry.filemode() });
                }
                TreeWalkResult::Ok
            });
        }
        for (path, change) in self.changes.iter().filter(|(path, _)| path.as_str().starts_with(&inside)) {
            match change {
                Some(blob) => drop(files.insert(path.clone(), *blob)),
                None => drop(files.remove(path)),
            }
        }
        files
    }
}
