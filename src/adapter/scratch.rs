//! A scratch worktree: a folder under the git directory in which generated files are proven.
//!
//! It is a repository of its own that borrows the objects of the user's repository, so that commands which ask git get an
//! answer, and nothing they do to its configuration, hooks or references reaches the user's. It lives on between attempts and runs with
//! whatever tools built there; only files that changed are copied, and strays are removed.
//!
//! A file lock keeps two processes out of one folder; the system releases it when the process ends, however it ends.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use git2::Repository;
use serde::{Deserialize, Serialize};

use super::snapshot::{Content, Snapshot, relative, stat_key, walk};
use crate::failure::{Failure, Kind};
use crate::path::RepoPath;
use crate::port::Scratch;

/// What was copied: the key of the source, and of the copy as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Copied {
    source: String,
    copy: String,
}

type Manifest = BTreeMap<String, Copied>;

/// A held scratch worktree.
pub(super) struct ScratchFolder {
    user_root: PathBuf,
    git_folder: PathBuf,
    folder: PathBuf,
    manifest_file: PathBuf,
    memory: PathBuf,
    snapshot: Arc<Snapshot>,
    manifest: Mutex<Manifest>,
    _lock: File,
}

fn io_failure(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Kind::Repository, format!("{what} {}", path.display())).because(error)
}

impl ScratchFolder {
    /// Takes the first folder that no other process holds. Low numbers are taken first: their build caches are warm.
    pub(super) fn take(
        repository: &Repository,
        user_root: &Path,
        state: &Path,
        snapshot: Arc<Snapshot>,
    ) -> Result<Self, Failure> {
        let folders = state.join("scratch");
        fs::create_dir_all(&folders).map_err(|error| io_failure("cannot make", &folders, &error))?;
        for number in 0..256 {
            let lock_file = folders.join(format!("{number}.lock"));
            let opened = File::options().create(true).truncate(false).write(true).open(&lock_file);
            let lock = opened.map_err(|error| io_failure("cannot open", &lock_file, &error))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(io_failure("cannot lock", &lock_file, &error)),
            }
            let folder = folders.join(number.to_string());
            let manifest_file = folders.join(format!("{number}.json"));
            let manifest = fs::read_to_string(&manifest_file).ok().and_then(|text| serde_json::from_str(&text).ok());
            borrow_objects(repository, &folder)?;
            return Ok(Self {
                user_root: user_root.to_owned(),
                git_folder: repository.path().to_owned(),
                folder,
                manifest_file,
                memory: folders.join(format!("{number}.memory")),
                snapshot,
                manifest: Mutex::new(manifest.unwrap_or_default()),
                _lock: lock,
            });
        }
        Err(Failure::new(Kind::Repository, "every scratch worktree is in use")
            .hint("wait for the other runs of codegen to end"))
    }

    fn sync(&self, overlay: &BTreeMap<RepoPath, String>) -> std::io::Result<()> {
        let mut manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        for file in walk(&self.folder, false) {
            let known = relative(&self.folder, &file);
            let wanted =
                known.is_some_and(|path| self.snapshot.files.contains_key(&path) || overlay.contains_key(&path));
            if !wanted {
                fs::remove_file(&file)?;
            }
        }
        manifest.retain(|path, _| RepoPath::parse(path).is_ok_and(|path| self.snapshot.files.contains_key(&path)));
        let repository = Repository::open(&self.git_folder).map_err(std::io::Error::other)?;
        for (path, entry) in &self.snapshot.files {
            if overlay.contains_key(path) {
                continue;
            }
            let copy = self.folder.join(path.as_str());
            let now = fs::symlink_metadata(&copy).ok().map(|meta| stat_key(&meta));
            let known = manifest.get(path.as_str());
            if known.is_some_and(|known| known.source == entry.key && Some(&known.copy) == now.as_ref()) {
                continue;
            }
            self.clear_way(path)?;
            match &entry.content {
                Content::Disk => match fs::read(self.user_root.join(path.as_str())) {
                    Ok(bytes) => write_file(&copy, &bytes, entry.executable)?,
                    // Removed since the snapshot was taken.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                },
                Content::Blob(id) => {
                    let blob = repository.find_blob(*id).map_err(std::io::Error::other)?;
                    write_file(&copy, blob.content(), entry.executable)?;
                }
                Content::Link(target) => std::os::unix::fs::symlink(target, &copy)?,
            }
            let copied = Copied { source: entry.key.clone(), copy: stat_key(&fs::symlink_metadata(&copy)?) };
            manifest.insert(path.to_string(), copied);
        }
        for (path, text) in overlay {
            manifest.remove(path.as_str());
            let copy = self.folder.join(path.as_str());
            if fs::read(&copy).is_ok_and(|now| now == text.as_bytes()) {
                continue;
            }
            self.clear_way(path)?;
            write_file(&copy, text.as_bytes(), false)?;
        }
        let text = serde_json::to_vec(&*manifest).map_err(std::io::Error::other)?;
        fs::write(&self.manifest_file, text)
    }
}

impl ScratchFolder {
    /// Removes what stands in the way of a file: the file itself, and links or files in place of its folders, through which
    /// a write would land elsewhere.
    fn clear_way(&self, path: &RepoPath) -> std::io::Result<()> {
        let mut at = self.folder.clone();
        let last = path.parts().count();
        for (index, part) in path.parts().enumerate() {
            at.push(part);
            match fs::symlink_metadata(&at) {
                Ok(meta) if meta.is_dir() && index + 1 == last => fs::remove_dir_all(&at)?,
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => fs::remove_file(&at)?,
                Err(_) => break,
            }
        }
        fs::create_dir_all(self.folder.join(path.parent()))
    }
}

/// Writes a file anew, so that its time of change is now: build tools compare times, and an old time on new content would
/// make them keep what they built before.
fn write_file(path: &Path, bytes: &[u8], executable: bool) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mode = if executable { 0o755 } else { 0o644 };
    let mut file = File::options().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)
}

/// Makes the folder a repository that borrows the user's objects, with the user's commit checked out in its index.
fn borrow_objects(repository: &Repository, folder: &Path) -> Result<(), Failure> {
    let fail = |error: git2::Error| {
        Failure::new(Kind::Repository, format!("cannot make the scratch worktree {}", folder.display())).because(&error)
    };
    // Nobody else is in this folder: locks of git in it are those of a process that was killed.
    for stale in ["index.lock", "HEAD.lock", "config.lock"] {
        let _ = fs::remove_file(folder.join(".git").join(stale));
    }
    let begun = Repository::open(folder).or_else(|_| Repository::init(folder)).or_else(|_| {
        // One that was killed while it was made. Nothing in here is anybody's.
        let _ = fs::remove_dir_all(folder);
        Repository::init(folder)
    });
    let scratch = begun.map_err(fail)?;
    let git = scratch.path().to_owned();
    let write = |path: PathBuf, text: &[u8]| {
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| io_failure("cannot write", &path, &error))
    };
    let objects = repository.commondir().join("objects");
    write(git.join("objects/info/alternates"), format!("{}\n", objects.display()).as_bytes())?;
    for file in ["shallow", "info/exclude"] {
        if let Ok(text) = fs::read(repository.commondir().join(file)) {
            write(git.join(file), &text)?;
        }
    }
    let Some(head) = repository.head().ok().and_then(|head| head.target()) else { return Ok(()) };
    let scratch = Repository::open(folder).map_err(fail)?;
    if scratch.head().ok().and_then(|own| own.target()) != Some(head) {
        scratch.set_head_detached(head).map_err(fail)?;
        let tree = scratch.find_commit(head).and_then(|commit| commit.tree()).map_err(fail)?;
        let mut index = scratch.index().map_err(fail)?;
        index.read_tree(&tree).and_then(|()| index.write()).map_err(fail)?;
    }
    Ok(())
}

impl Scratch for ScratchFolder {
    fn root(&self) -> PathBuf {
        self.folder.clone()
    }

    fn reset(&self, files: &BTreeMap<RepoPath, String>) -> Result<(), Failure> {
        self.sync(files).map_err(|error| io_failure("cannot bring up to date", &self.folder, &error))
    }

    fn discard(&self, folder: &str) -> Result<(), Failure> {
        let Ok(path) = RepoPath::parse(folder) else { return Ok(()) };
        let folder = self.folder.join(path.as_str());
        let is_file = fs::symlink_metadata(&folder).is_ok_and(|meta| !meta.is_dir());
        match if is_file { fs::remove_file(&folder) } else { fs::remove_dir_all(&folder) } {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(io_failure("cannot remove", &folder, &error))
            }
            _ => Ok(()),
        }
    }

    fn write(&self, path: &RepoPath, text: &str) -> Result<(), Failure> {
        let copy = self.folder.join(path.as_str());
        let written = self.clear_way(path).and_then(|()| write_file(&copy, text.as_bytes(), false));
        // What is known of the copy no longer holds.
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner).remove(path.as_str());
        written.map_err(|error| io_failure("cannot write", &copy, &error))
    }

    fn read(&self, path: &RepoPath) -> Option<String> {
        fs::read_to_string(self.folder.join(path.as_str())).ok()
    }

    fn base(&self, path: &RepoPath) -> Option<String> {
        let entry = self.snapshot.files.get(path)?;
        match &entry.content {
            Content::Disk | Content::Link(_) => fs::read_to_string(self.user_root.join(path.as_str())).ok(),
            Content::Blob(id) => {
                let repository = Repository::open(&self.git_folder).ok()?;
                String::from_utf8(repository.find_blob(*id).ok()?.content().to_vec()).ok()
            }
        }
    }

    fn remembered(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.memory.join(name)).ok()
    }

    fn remember(&self, name: &str, value: &str) {
        // Forgetting costs time, nothing else.
        let _ = fs::create_dir_all(&self.memory).and_then(|()| fs::write(self.memory.join(name), value));
    }
}
