//! What is staged: the state of the repository that the next commit will have, whatever the tree looks like.
//!
//! It is the last commit with the changes of git's index, or of the index that git gives to a hook. Folders whose trees the
//! index knows are compared as one; where the index is written in a way that is not read here, git itself compares the two.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use git2::{ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult};

use super::index::{Index, Known, SUBMODULE, TREE, file_of};
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
impl Staged {
    /// Compares the index with the last commit.
    pub(super) fn take(repository: &Repository, root: &Path) -> Result<Self, Failure> {
        let tree = repository.head().and_then(|head| head.peel_to_tree()).ok();
        let index = Index::read(&file_of(root, repository.path()));
        let changes = match index.and_then(|index| compare(repository, tree.as_ref(), &index)) {
            Some(changes) => changes,
            None => ask_git(root, tree.as_ref())?,
        };
        Ok(Self { tree: tree.map(|tree| tree.id()), changes })
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
        let start = self.tree(repository).and_then(|tree| folder_of(repository, tree, folder));
        let mut files = start.map(|tree| files_of(&tree, folder)).unwrap_or_default();
        let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        for (path, change) in self.changes.iter().filter(|(path, _)| path.as_str().starts_with(&inside)) {
            match change {
                Some(blob) => drop(files.insert(path.clone(), *blob)),
                None => drop(files.remove(path)),
            }
        }
        files
    }
}

/// The tree of a folder below another; that one itself for an empty name.
pub(super) fn folder_of<'r>(repository: &'r Repository, tree: Tree<'r>, folder: &str) -> Option<Tree<'r>> {
    if folder.is_empty() {
        return Some(tree);
    }
    let entry = tree.get_path(Path::new(folder)).ok()?;
    repository.find_tree(entry.id()).ok()
}

/// Every file of a tree, which is that of a folder.
pub(super) fn files_of(tree: &Tree<'_>, folder: &str) -> BTreeMap<RepoPath, Blob> {
    let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut files = BTreeMap::new();
    // A walk that breaks off leaves files out, as those that are damaged are.
    let _ = tree.walk(TreeWalkMode::PreOrder, |above, entry| {
        let path = entry.name().ok().and_then(|name| RepoPath::parse(&format!("{inside}{above}{name}")).ok());
        if let (Some(path), Some(ObjectType::Blob)) = (path, entry.kind()) {
            files.insert(path, Blob { id: entry.id(), mode: entry.filemode() });
        }
        TreeWalkResult::Ok
    });
    files
}

type Changes = BTreeMap<RepoPath, Option<Blob>>;

/// What differs between a tree and the index; `None` when that takes more than is known here.
fn compare(repository: &Repository, tree: Option<&Tree<'_>>, index: &Index) -> Option<Changes> {
    let mut comparison = Comparison { repository, index, at: 0, changes: Changes::new() };
    comparison.folder(b"", tree, index.known.as_ref())?;
    Some(comparison.changes)
}

struct Comparison<'c> {
    repository: &'c Repository,
    index: &'c Index,
    /// The next entry.
    at: usize,
    changes: Changes,
}

impl Comparison<'_> {
    /// Compares the entries below a folder, whose name ends with a slash, with its tree in the last commit.
    fn folder(&mut self, name: &[u8], tree: Option<&Tree<'_>>, known: Option<&Known>) -> Option<()> {
        let mut seen: BTreeSet<(Vec<u8>, bool)> = BTreeSet::new();
        let index = self.index;
        while let Some(entry) = index.entries.get(self.at) {
            let Some(rest) = index.path(entry).strip_prefix(name) else { break };
            if entry.stage != 0 {
                return None;
            }
            let slash = rest.iter().position(|byte| *byte == b'/');
            let part = rest.get(..slash.unwrap_or(rest.len()))?;
            let there = tree.and_then(|tree| tree.get_name_bytes(part));
            let Some(slash) = slash else {
                self.at += 1;
                if entry.intended {
                    continue;
                }
                seen.insert((part.to_vec(), false));
                let before = there.filter(|there| there.kind() == Some(ObjectType::Blob));
                let before = before.map(|there| Blob { id: there.id(), mode: there.filemode() });
                let id = index.id(entry)?;
                let now = (entry.mode != SUBMODULE).then(|| Blob { id, mode: entry.mode.cast_signed() });
                if now != before {
                    self.change(index.path(entry), now);
                }
                continue;
            };
            seen.insert((part.to_vec(), true));
            let there = there.filter(|there| there.kind() == Some(ObjectType::Tree));
            let before = there.as_ref().map(git2::TreeEntry::id);
            if entry.mode == TREE {
                // A folder of a sparse index. That its content is staged to change is rare enough to ask git.
                if before != Some(index.id(entry)?) {
                    return None;
                }
                self.at += 1;
                continue;
            }
            let inside = known.and_then(|known| known.below.iter().find(|below| below.name == part));
            if let Some((count, _)) = inside.and_then(|inside| inside.tree).filter(|(_, id)| before == Some(*id)) {
                self.at += count;
                continue;
            }
            let inner = before.and_then(|id| self.repository.find_tree(id).ok());
            if inner.is_none() && before.is_some() {
                return None;
            }
            let folder = [name, rest.get(..=slash)?].concat();
            self.folder(&folder, inner.as_ref(), inside)?;
        }
        for gone in tree.into_iter().flat_map(Tree::iter) {
            let folder = gone.kind() == Some(ObjectType::Tree);
            if gone.kind() == Some(ObjectType::Commit) || seen.contains(&(gone.name_bytes().to_vec(), folder)) {
                continue;
            }
            let path = [name, gone.name_bytes()].concat();
            if folder {
                let inner = self.repository.find_tree(gone.id()).ok()?;
                // Nothing of the index is below it, so that all of it is gone.
                let at = std::mem::replace(&mut self.at, self.index.entries.len());
                let done = self.folder(&[path.as_slice(), b"/"].concat(), Some(&inner), None);
                self.at = at;
                done?;
            } else {
                self.change(&path, None);
            }
        }
        Some(())
    }

    /// A path that is none of ours, such as one with a backslash, is passed over.
    fn change(&mut self, path: &[u8], now: Option<Blob>) {
        if let Some(path) = std::str::from_utf8(path).ok().and_then(|path| RepoPath::parse(path).ok()) {
            // A file may have been there before and a folder now, or the other way round: what is there counts.
            let known = self.changes.entry(path).or_insert(now);
            *known = known.or(now);
        }
    }
}

/// The same comparison, by git.
fn ask_git(root: &Path, tree: Option<&Tree<'_>>) -> Result<Changes, Failure> {
    let failed = |cause: String| Failure::new(Kind::Repository, "git cannot say what is staged").cause(cause);
    let against = tree.map_or_else(|| EMPTY_TREE.to_owned(), |tree| tree.id().to_string());
    let output = Command::new("git")
        .args(["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all"])
        // What is only intended to be added (`git add -N`) is in no commit.
        .arg("--ita-invisible-in-index")
        .arg(&against)
        .current_dir(root)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let mut parts = output.stdout.split(|byte| *byte == 0);
    let mut changes = Changes::new();
    while let (Some(facts), Some(path)) = (parts.next(), parts.next()) {
        // `:mode mode blob blob status`; a path that is none of ours is passed over.
        let Ok(facts) = std::str::from_utf8(facts) else { continue };
        let mut facts = facts.trim_start_matches(':').split(' ').skip(1);
        let mode = facts.next().and_then(|mode| u32::from_str_radix(mode, 8).ok()).unwrap_or_default();
        let id = facts.nth(1).and_then(|id| Oid::from_str(id).ok());
        let Some(path) = std::str::from_utf8(path).ok().and_then(|path| RepoPath::parse(path).ok()) else { continue };
        let blob = id.filter(|id| !id.is_zero() && mode != SUBMODULE).map(|id| Blob { id, mode: mode.cast_signed() });
        changes.insert(path, blob);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn git(root: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(root).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("GIT_INDEX_FILE").env_remove("GIT_DIR");
        assert!(command.stderr(Stdio::null()).status().unwrap().success(), "git {arguments:?}");
    }

    /// Compares both ways, and gives the number of changes.
    #[track_caller]
    fn alike(root: &Path) -> usize {
        let repository = Repository::open(root).unwrap();
        let tree = repository.head().and_then(|head| head.peel_to_tree()).ok();
        let index = Index::read(&root.join(".git/index")).unwrap();
        let here = compare(&repository, tree.as_ref(), &index).unwrap();
        assert_eq!(here, ask_git(root, tree.as_ref()).unwrap());
        here.len()
    }

    #[test]
    fn what_is_staged_is_what_git_says_is_staged() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |path: &str, text: &str| {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        git(root, &["init", "-q", "-b", "main"]);
        assert_eq!(alike(root), 0);
        for number in 0..30 {
            write(&format!("group{}/deep/file{number}.py", number % 3), &number.to_string());
        }
        for path in ["a", "a.b/c", "folder/x", "folder/y/z", "swap"] {
            write(path, path);
        }
        git(root, &["add", "-A"]);
        assert_eq!(alike(root), 35, "before the first commit");
        git(root, &["commit", "-q", "-m", "all"]);
        assert_eq!(alike(root), 0);
        write("group1/deep/file4.py", "changed");
        write("group1/deep/new.py", "new");
        fs::remove_dir_all(root.join("group2")).unwrap();
        // A file in the place of a folder, and the other way round.
        fs::remove_dir_all(root.join("folder")).unwrap();
        write("folder", "a file now");
        fs::remove_file(root.join("swap")).unwrap();
        write("swap/inner", "a folder now");
        git(root, &["add", "-A"]);
        git(root, &["update-index", "--chmod=+x", "a"]);
        assert_eq!(alike(root), 2 + 10 + 3 + 2 + 1);
        write("later", "");
        git(root, &["add", "-N", "later"]);
        alike(root);
        git(root, &["commit", "-q", "-m", "more"]);
        git(root, &["rm", "-q", "-r", "--cached", "group0"]);
        assert_eq!(alike(root), 10);
        git(root, &["read-tree", "HEAD~"]);
        assert!(alike(root) > 10, "without known trees");
        git(root, &["update-index", "--index-version", "4"]);
        alike(root);
    }
}
