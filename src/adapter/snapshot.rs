//! A snapshot: the list of files that make up a state of the repository, each with a key that changes when it does.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::{ObjectType, Repository, TreeWalkMode, TreeWalkResult};
use ignore::{WalkBuilder, WalkState};

use super::index::{Index, SUBMODULE, TREE, file_of};
use super::staged::Staged;
use crate::failure::{Failure, Kind};
use crate::path::RepoPath;
use crate::port::Base;
use crate::spec;

/// Folders that tools fill and that nobody wants copied, also where a repository forgot to ignore them.
pub(super) const CACHES: [&str; 11] = [
    "target",
    "node_modules",
    "__pycache__",
    ".venv",
    "venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".tox",
    ".nox",
    ".gradle",
];

/// Where a file's content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// In the user's tree.
    Disk,
    /// In git's object store.
    Blob(git2::Oid),
    /// A symbolic link to this place inside the repository.
    Link(String),
}

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Changes whenever the content may have changed.
    pub(super) key: String,
    /// Whether it can be executed.
    pub(super) executable: bool,
    /// Where its content is.
    pub(super) content: Content,
}

/// A state of the repository.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    /// The files by path.
    pub(super) files: BTreeMap<RepoPath, Entry>,
}

impl Snapshot {
    /// Takes the state that a base names.
    pub(super) fn take(repository: &Repository, root: &Path, base: Base) -> Result<Self, Failure> {
        match base {
            Base::WorkingTree => Ok(Self::of_disk(root, user_files(repository, root))),
            Base::Head => Self::of_head(repository, root),
        }
    }

    fn of_disk(root: &Path, paths: Vec<RepoPath>) -> Self {
        let mut files = BTreeMap::new();
        for path in paths {
            if let Some(entry) = disk_entry(&root.join(path.as_str()), &path) {
                files.insert(path, entry);
            }
        }
        Self { files }
    }

    /// The state that is staged.
    pub(super) fn of_staged(repository: &Repository, staged: &Staged) -> Self {
        let mut files = BTreeMap::new();
        for (path, blob) in staged.below(repository, "") {
            let content = match blob.mode {
                0o120_000 => link_target(&path, repository.find_blob(blob.id).ok().map(|blob| blob.content().to_vec())),
                _ => Some(Content::Blob(blob.id)),
            };
            if let Some(content) = content {
                files.insert(path, Entry { key: blob.id.to_string(), executable: blob.mode == 0o100_755, content });
            }
        }
        Self { files }
    }

    fn of_head(repository: &Repository, root: &Path) -> Result<Self, Failure> {
        let fail =
            |error: git2::Error| Failure::new(Kind::Repository, "the last commit cannot be read").because(&error);
        let tree = repository.head().and_then(|head| head.peel_to_tree()).map_err(fail)?;
        let mut files = BTreeMap::new();
        tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
            let path = entry.name().ok().and_then(|name| RepoPath::parse(&format!("{folder}{name}")).ok());
            if let (Some(path), Some(ObjectType::Blob)) = (path, entry.kind()) {
                let mode = entry.filemode();
                let content = match mode {
                    0o120_000 => {
                        link_target(&path, repository.find_blob(entry.id()).ok().map(|blob| blob.content().to_vec()))
                    }
                    _ => Some(Content::Blob(entry.id())),
                };
                if let Some(content) = content {
                    files.insert(path, Entry { key: entry.id().to_string(), executable: mode == 0o100_755, content });
                }
            }
            TreeWalkResult::Ok
        })
        .map_err(fail)?;
        // Specs and patterns count as they stand: they are what is asked for.
        files.retain(|path, _| !belongs_to_codegen(path));
        for path in user_files(repository, root).into_iter().filter(belongs_to_codegen) {
            if let Some(entry) = disk_entry(&root.join(path.as_str()), &path) {
                files.insert(path, entry);
            }
        }
        Ok(Self { files })
    }

    /// A digest of everything but the bot's own folder.
    pub(super) fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (path, entry) in self.files.iter().filter(|(path, _)| !belongs_to_codegen(path)) {
            for part in [path.as_str(), entry.key.as_str()] {
                hasher.update(part.as_bytes());
                hasher.update(&[0]);
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn belongs_to_codegen(path: &RepoPath) -> bool {
    path.as_str().starts_with(".codegen/") || path.as_str().ends_with(spec::BESIDE)
}

/// The link of a path, when what it points at lies inside the repository.
fn link_target(path: &RepoPath, bytes: Option<Vec<u8>>) -> Option<Content> {
    let target = String::from_utf8(bytes?).ok()?;
    let mut depth = path.parts().count() - 1;
    for part in target.split('/') {
        match part {
            ".." => depth = depth.checked_sub(1)?,
            "." => {}
            _ => depth += 1,
        }
    }
    (!target.starts_with('/')).then_some(Content::Link(target))
}

/// The key of a file on disk: what git's index compares too. `None` for what is neither a regular file nor a link inside the
/// repository.
fn disk_entry(file: &Path, path: &RepoPath) -> Option<Entry> {
    use std::os::unix::ffi::OsStringExt;
    use std::os::unix::fs::PermissionsExt;
    let meta = fs::symlink_metadata(file).ok()?;
    if meta.is_symlink() {
        let target = fs::read_link(file).ok().map(|target| target.into_os_string().into_vec());
        let content = link_target(path, target)?;
        return Some(Entry { key: format!("{content:?}"), executable: false, content });
    }
    let meta = Some(meta).filter(Metadata::is_file)?;
    let executable = meta.permissions().mode() & 0o111 != 0;
    Some(Entry { key: stat_key(&meta), executable, content: Content::Disk })
}

/// Size, time of the last change and inode of a file.
pub(super) fn stat_key(meta: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{}:{}.{}:{}", meta.size(), meta.mtime(), meta.mtime_nsec(), meta.ino())
}

/// Every file of the user's tree that is tracked, or neither tracked nor ignored.
pub(super) fn user_files(repository: &Repository, root: &Path) -> Vec<RepoPath> {
    user_files_below(repository, root, "")
}

/// Those below one folder; all of them for an empty name. Of a sparse index only single files count, not its folders.
pub(super) fn user_files_below(repository: &Repository, root: &Path, folder: &str) -> Vec<RepoPath> {
    survey(repository, root, folder).files
}

/// What is found when a tree is walked.
pub(super) struct Survey {
    /// Its files, sorted.
    pub(super) files: Vec<RepoPath>,
    /// The folders that were looked into, by their path from the root.
    pub(super) folders: Vec<String>,
}

/// Walks a tree, or one folder of it, on every processor.
pub(super) fn survey(repository: &Repository, root: &Path, folder: &str) -> Survey {
    let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut below = walker(root, true);
    if !folder.is_empty() {
        let wanted = root.join(folder);
        // Ignore files above the folder count, so that the walk starts at the root, and goes nowhere else.
        below.filter_entry(move |entry| {
            (wanted.starts_with(entry.path()) || entry.path().starts_with(&wanted)) && is_entered(entry)
        });
    }
    let found: Mutex<Vec<(RepoPath, bool)>> = Mutex::default();
    below.build_parallel().run(|| {
        let mut mine = Gathered { mine: Vec::new(), all: &found };
        Box::new(move |entry| {
            if let Ok(entry) = entry {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                mine.mine.extend(relative(root, entry.path()).map(|path| (path, is_folder)));
            }
            WalkState::Continue
        })
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let folders = found.iter().filter(|(_, is_folder)| *is_folder).map(|(path, _)| path.to_string());
    let folders = folders.chain([String::new()]).collect();
    let mut paths: Vec<RepoPath> =
        found.into_iter().filter(|(_, is_folder)| !is_folder).map(|(path, _)| path).collect();
    if let Some(index) = Index::read(&file_of(root, repository.path())) {
        let tracked = index.entries.iter().filter(|entry| entry.mode != SUBMODULE && entry.mode != TREE);
        let tracked = tracked.map(|entry| index.path(entry)).filter(|path| path.starts_with(inside.as_bytes()));
        paths.extend(tracked.filter_map(|path| RepoPath::parse(std::str::from_utf8(path).ok()?).ok()));
    } else if let Ok(index) = repository.index() {
        let tracked = index.iter().filter(|entry| entry.mode != SUBMODULE && entry.path.starts_with(inside.as_bytes()));
        paths.extend(tracked.filter_map(|entry| RepoPath::parse(std::str::from_utf8(&entry.path).ok()?).ok()));
    }
    paths.retain(|path| path.as_str().starts_with(&inside));
    paths.sort_unstable();
    paths.dedup();
    Survey { files: paths, folders }
}

/// What one thread of a walk found; it is added to the rest when the thread is done.
struct Gathered<'g> {
    mine: Vec<(RepoPath, bool)>,
    all: &'g Mutex<Vec<(RepoPath, bool)>>,
}

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.mine);
    }
}

/// The files and links below a folder that are not ignored. Nested repositories and caches of tools are not entered.
pub(super) fn walk(root: &Path, global_ignores: bool) -> impl Iterator<Item = PathBuf> {
    let files = walker(root, global_ignores).build().filter_map(Result::ok);
    files.filter(|entry| entry.file_type().is_some_and(|kind| !kind.is_dir())).map(ignore::DirEntry::into_path)
}

fn walker(root: &Path, global_ignores: bool) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .parents(false)
        .require_git(false)
        .ignore(false)
        .git_global(global_ignores)
        .follow_links(false);
    builder.filter_entry(is_entered);
    builder
}

fn is_entered(entry: &ignore::DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    !is_folder || entry.depth() == 0 || !is_foreign(entry.path())
}

/// Whether a folder is not looked into: git's own, a cache of a tool, or another repository.
pub(super) fn is_foreign(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == ".git" || CACHES.contains(&name) || folder.join(".git").exists()
}

pub(super) fn relative(root: &Path, file: &Path) -> Option<RepoPath> {
    RepoPath::parse(file.strip_prefix(root).ok()?.to_str()?).ok()
}
