//! The user's repository through git2: reading it, writing files all or nothing, and committing to branches of the bot's own
//! without touching the user's tree or index.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use git2::{Oid, Repository, RepositoryState};

use super::branch_commit;
use super::disk_view::DiskView;
use super::git_failure::git_failure;
use super::history;
use super::journal::{Journal, Recovery, Write};
use super::pristine;
use super::run_lock::RunLock;
use super::scratch::ScratchFolder;
use super::snapshot::{Snapshot, survey, user_files_below};
use super::sparse::Sparse;
use super::staged::{Blob, Staged, files_of, folder_of};
use super::tree::TreeFolder;
use crate::change::FileChange;
use crate::failure::{Failure, Kind};
use crate::language::detect::RepoView;
use crate::lock::unix;
use crate::path::RepoPath;
use crate::port::{Base, BranchCommit, Committed, Held, Scratch, Workspace};
use crate::spec::SpecId;

/// A repository with a working tree.
pub struct GitWorkspace {
    pub(super) root: PathBuf,
    pub(super) git_folder: PathBuf,
    view: DiskView,
    pub(super) shared_folder: PathBuf,
    snapshots: Mutex<Vec<(Base, Arc<Snapshot>)>>,
    recovery: Recovery,
    /// What git needs in its environment to sign in at the remote.
    sign_in: Vec<(String, String)>,
    tree: TreeFolder,
    sparse: OnceLock<Sparse>,
    head_files: OnceLock<BTreeMap<RepoPath, Blob>>,
    /// The folders that were looked into when the tree was walked last.
    pub(super) folders: Mutex<Vec<String>>,
    /// Handles that nobody uses at the moment: to open one costs more than to read a file.
    handles: Mutex<Vec<Repository>>,
}

impl GitWorkspace {
    /// Opens the repository that a folder lies in. What a process left that was cut off while it wrote is finished first,
    /// before anything reads the tree.
    pub fn discover(folder: &Path) -> Result<Self, Failure> {
        let mut workspace = Self::discover_as_it_is(folder)?;
        workspace.recovery = workspace.journal().recover().map_err(|error| {
            Failure::new(Kind::Repository, "the writing of files was cut off before, and cannot be finished now")
                .because(&error)
                .hint(format!("what was to be written is in {}", workspace.state_folder().join("journal").display()))
        })?;
        Ok(workspace)
    }

    /// The same repository, with what git needs in its environment to fetch from a remote that asks who one is.
    #[must_use]
    pub fn signing_in(self, sign_in: Vec<(String, String)>) -> Self {
        Self { sign_in, ..self }
    }

    /// What was found of a process that was cut off.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Opens the repository that a folder lies in, and writes nothing.
    pub fn discover_as_it_is(folder: &Path) -> Result<Self, Failure> {
        let repository = Repository::discover(folder).map_err(|error| {
            let failure = git_failure(format!("{} is not inside a git repository", folder.display()), &error);
            if error.code() == git2::ErrorCode::NotFound {
                failure.hint("run `git init` first, or name the folder with -C")
            } else {
                failure
            }
        })?;
        let Some(root) = repository.workdir() else {
            return Err(Failure::new(Kind::Repository, "this is a bare repository: there is no tree to work in"));
        };
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let git_folder = repository.path().to_owned();
        let shared_folder = repository.commondir().to_owned();
        Ok(Self {
            view: DiskView { root: root.clone(), staged: None },
            tree: TreeFolder::open(&root),
            root,
            git_folder,
            shared_folder,
            snapshots: Mutex::default(),
            recovery: Recovery::Nothing,
            sign_in: Vec::new(),
            sparse: OnceLock::new(),
            head_files: OnceLock::new(),
            folders: Mutex::default(),
            handles: Mutex::new(vec![repository]),
        })
    }

    /// The same repository as it will be after the next commit: what is staged counts, and nothing else is read.
    pub fn as_staged(mut self) -> Result<Self, Failure> {
        self.view.staged = Some(Arc::new(Staged::take(&self.open()?, &self.root)?));
        Ok(self)
    }

    /// What git is in the middle of, such as a merge; `None` for ordinary work.
    pub fn operation(&self) -> Option<&'static str> {
        match self.open().ok()?.state() {
            RepositoryState::Clean | RepositoryState::Bisect => None,
            RepositoryState::Merge => Some("a merge"),
            RepositoryState::Revert | RepositoryState::RevertSequence => Some("a revert"),
            RepositoryState::CherryPick | RepositoryState::CherryPickSequence => Some("a cherry-pick"),
            _ => Some("a rebase"),
        }
    }

    fn journal(&self) -> Journal {
        Journal::new(&self.root, &self.state_folder())
    }

    /// The address of the remote `origin`.
    pub fn remote(&self) -> Option<String> {
        let repository = self.open().ok()?;
        let remote = repository.find_remote("origin").ok()?;
        remote.url().ok().map(str::to_owned)
    }

    /// A handle of its own: libgit2's are not shared between threads.
    fn open(&self) -> Result<Repository, Failure> {
        Repository::open(&self.root).map_err(|error| git_failure("the repository cannot be opened", &error))
    }

    /// Does something with a handle that nobody else uses meanwhile.
    fn with<R>(&self, work: impl FnOnce(&Repository) -> Option<R>) -> Option<R> {
        let free = self.handles.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let handle = free.or_else(|| self.open().ok())?;
        let result = work(&handle);
        self.handles.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        result
    }

    /// Every file of the last commit, as it was when this was asked first.
    fn head_files(&self) -> &BTreeMap<RepoPath, Blob> {
        self.head_files.get_or_init(|| {
            let files = self.with(|repository| {
                let head = repository.head().and_then(|head| head.peel_to_tree()).ok()?;
                Some(files_of(&head, ""))
            });
            files.unwrap_or_default()
        })
    }

    /// What a sparse checkout leaves out.
    fn sparse(&self) -> &Sparse {
        self.sparse.get_or_init(|| Sparse::take(&self.root, &self.git_folder))
    }

    fn snapshot(&self, base: Base) -> Result<Arc<Snapshot>, Failure> {
        let mut known = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, snapshot)) = known.iter().find(|(of, _)| *of == base) {
            return Ok(Arc::clone(snapshot));
        }
        let repository = self.open()?;
        let snapshot = Arc::new(match &self.view.staged {
            Some(staged) => Snapshot::of_staged(&repository, staged),
            None => Snapshot::take(&repository, &self.root, base)?,
        });
        known.push((base, Arc::clone(&snapshot)));
        Ok(snapshot)
    }

    /// Refuses a path one of whose folders, or which itself, is a symbolic link.
    fn refuse_links(&self, path: &RepoPath) -> Result<(), Failure> {
        let mut at = self.root.clone();
        for part in path.parts() {
            at.push(part);
            if fs::symlink_metadata(&at).is_ok_and(|meta| meta.file_type().is_symlink()) {
                return Err(Failure::new(
                    Kind::Policy,
                    format!("`{path}` is not written: `{}` is a symbolic link", at.display()),
                ));
            }
        }
        Ok(())
    }
}

impl Workspace for GitWorkspace {
    fn root(&self) -> PathBuf {
        self.root.clone()
    }

    fn branch(&self) -> Option<String> {
        let repository = self.open().ok()?;
        let head = repository.head().ok().filter(git2::Reference::is_branch)?;
        head.shorthand().ok().map(str::to_owned)
    }

    fn head(&self) -> Option<String> {
        let repository = self.open().ok()?;
        let head = repository.head().ok()?.peel_to_commit().ok()?;
        Some(head.id().to_string())
    }

    fn is_executable(&self, path: &RepoPath) -> bool {
        let meta = fs::metadata(self.root.join(path.as_str()));
        meta.is_ok_and(|meta| {
            meta.is_file() && std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 != 0
        })
    }

    fn state_folder(&self) -> PathBuf {
        self.git_folder.join("codegen")
    }

    fn view(&self) -> &dyn RepoView {
        &self.view
    }

    fn read_bytes(&self, path: &RepoPath) -> Option<Vec<u8>> {
        if let Some(staged) = &self.view.staged {
            return self.with(|repository| staged.read(repository, path));
        }
        match self.tree.read(path) {
            Ok(bytes) => Some(bytes),
            // What a sparse checkout leaves out is part of the repository all the same.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.is_outside(path) => {
                self.with(|repository| self.sparse().read(repository, path))
            }
            Err(_) => None,
        }
    }

    fn is_outside(&self, path: &RepoPath) -> bool {
        self.view.staged.is_none()
            && !self.sparse().is_empty()
            && fs::symlink_metadata(self.root.join(path.as_str())).is_err()
            && self.with(|repository| self.sparse().find(repository, path)).is_some()
    }

    fn files(&self) -> Result<Vec<RepoPath>, Failure> {
        let repository = self.open()?;
        if let Some(staged) = &self.view.staged {
            return Ok(staged.below(&repository, "").into_keys().collect());
        }
        let survey = survey(&repository, &self.root, "");
        *self.folders.lock().unwrap_or_else(PoisonError::into_inner) = survey.folders;
        Ok(survey.files)
    }

    fn files_below(&self, folder: &str) -> Result<Vec<RepoPath>, Failure> {
        let repository = self.open()?;
        if let Some(staged) = &self.view.staged {
            return Ok(staged.below(&repository, folder).into_keys().collect());
        }
        Ok(user_files_below(&repository, &self.root, folder))
    }

    fn staged(&self) -> Option<Vec<RepoPath>> {
        self.view.staged.as_ref().map(|staged| staged.changed())
    }

    fn committed_tree(&self, folder: &str) -> Option<String> {
        self.with(|repository| {
            let head = repository.head().and_then(|head| head.peel_to_tree()).ok()?;
            Some(folder_of(repository, head, folder)?.id().to_string())
        })
    }

    fn committed_below(&self, folder: &str) -> Vec<(RepoPath, String)> {
        let files = self.with(|repository| {
            let head = repository.head().and_then(|head| head.peel_to_tree()).ok()?;
            Some(files_of(&folder_of(repository, head, folder)?, folder))
        });
        files.unwrap_or_default().into_iter().map(|(path, blob)| (path, blob.id.to_string())).collect()
    }

    fn added(&self) -> Vec<RepoPath> {
        let here = match self.staged() {
            Some(staged) => staged.into_iter().filter(|path| self.read_bytes(path).is_some()).collect(),
            None => self.files().unwrap_or_default(),
        };
        let committed = self.head_files();
        here.into_iter().filter(|path| !committed.contains_key(path)).collect()
    }

    fn committed_with(&self, blob: &str) -> Vec<RepoPath> {
        let Ok(id) = Oid::from_str(blob) else { return Vec::new() };
        self.head_files().iter().filter(|(_, blob)| blob.id == id).map(|(path, _)| path.clone()).collect()
    }

    fn committed(&self, path: &RepoPath) -> Option<String> {
        self.with(|repository| {
            let tree = repository.head().and_then(|head| head.peel_to_tree()).ok()?;
            let id = tree.get_path(Path::new(path.as_str())).ok()?.id();
            String::from_utf8(repository.find_blob(id).ok()?.content().to_vec()).ok()
        })
    }

    fn renamed(&self, path: &RepoPath) -> Option<RepoPath> {
        self.with(|repository| history::renamed(repository, path))
    }

    fn blob(&self, id: &str) -> Option<String> {
        let id = Oid::from_str(id).ok()?;
        self.with(|repository| String::from_utf8(repository.find_blob(id).ok()?.content().to_vec()).ok())
    }

    fn forget(&self, path: &RepoPath) -> Result<(), Failure> {
        self.refuse_links(path)?;
        match fs::remove_file(self.root.join(path.as_str())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::new(Kind::Repository, format!("`{path}` cannot be removed")).because(&error))
            }
            _ => Ok(()),
        }
    }

    fn is_ignored(&self, path: &RepoPath) -> bool {
        self.open()
            .and_then(|repository| {
                repository
                    .is_path_ignored(path.as_str())
                    .map_err(|error| git_failure("git cannot say what it ignores", &error))
            })
            .unwrap_or(true)
    }

    fn is_committed(&self, path: &RepoPath) -> bool {
        let committed = || -> Result<Oid, git2::Error> {
            let repository = Repository::open(&self.root)?;
            let tree = repository.head()?.peel_to_tree()?;
            let id = tree.get_path(Path::new(path.as_str()))?.id();
            Ok(id)
        };
        let now = fs::read(self.root.join(path.as_str())).ok();
        let now = now.and_then(|bytes| Oid::hash_object(git2::ObjectType::Blob, &bytes).ok());
        committed().ok().is_some_and(|id| Some(id) == now)
    }

    fn digest(&self, base: Base) -> Result<String, Failure> {
        Ok(self.snapshot(base)?.digest())
    }

    fn scratch(&self, base: Base) -> Result<Box<dyn Scratch>, Failure> {
        let snapshot = self.snapshot(base)?;
        let folder = ScratchFolder::take(&self.open()?, &self.root, &self.state_folder(), snapshot)?;
        Ok(Box::new(folder))
    }

    fn deliver(&self, changes: &[FileChange]) -> Result<(), Failure> {
        let mut writes = Vec::new();
        for change in changes {
            self.refuse_links(&change.path)?;
            if self.is_outside(&change.path) {
                return Err(left_out(&change.path));
            }
            let file = self.root.join(change.path.as_str());
            let there = fs::symlink_metadata(&file).is_ok();
            // What is in the tree counts here, also where a run is about what is staged.
            let now = if there { fs::read(&file).ok() } else { None };
            let text = now.as_deref().and_then(|now| std::str::from_utf8(now).ok());
            let after = line_ends(text.or(change.before.as_deref()), &change.after).into_bytes();
            if now.as_ref() == Some(&after) {
                continue;
            }
            // Line ends do not count: git may write them either way.
            let known = match (text, &change.before) {
                (Some(text), Some(before)) => unix(text) == unix(before),
                (None, None) => !there,
                _ => false,
            };
            if !known && self.view.staged.is_some() {
                return Err(Failure::new(
                    Kind::Policy,
                    format!("`{}` has changes that are not staged, and is left as it is", change.path),
                )
                .hint("stage or stash them, and commit again"));
            }
            if !known {
                return Err(Failure::new(
                    Kind::Policy,
                    format!("`{}` changed while it was generated, and is left as it is", change.path),
                )
                .hint("run the command again"));
            }
            writes.push(Write { path: change.path.clone(), before: now, after });
        }
        self.journal().write(&writes).map_err(|error| {
            Failure::new(Kind::Repository, "the files could not be written; the tree is as it was").because(&error)
        })
    }

    fn begin_run(&self) -> Result<Box<dyn Held>, Failure> {
        Ok(Box::new(RunLock::take(&self.shared_folder.join("codegen"))?))
    }

    fn keep_pristine(
        &self,
        id: &SpecId,
        texts: &BTreeMap<RepoPath, String>,
    ) -> Result<BTreeMap<RepoPath, String>, Failure> {
        pristine::keep(&self.open()?, id, texts)
            .map_err(|error| git_failure(format!("the generated texts of `{id}` cannot be kept"), &error))
    }

    fn pristine(&self, id: &SpecId, blob: &str) -> Option<String> {
        pristine::find(&self.root, id, blob, &self.sign_in)
    }

    fn blob_id(&self, text: &str) -> Option<String> {
        pristine::blob_id(text)
    }

    fn kept(&self, name: &str) -> Option<String> {
        let name = RepoPath::parse(name).ok()?;
        fs::read_to_string(self.state_folder().join(name.as_str())).ok()
    }

    fn save(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let failed = |path: &Path, error: &std::io::Error| {
            Failure::new(Kind::Repository, format!("cannot write {}", path.display())).because(error)
        };
        let name = RepoPath::parse(name).map_err(|problem| Failure::new(Kind::Internal, name).because(&problem))?;
        let path = self.state_folder().join(name.as_str());
        let folder = path.parent().unwrap_or(&path);
        write_whole(folder, &path, text).map_err(|error| failed(&path, &error))?;
        Ok(path)
    }

    fn commit(&self, commit: &BranchCommit) -> Result<Committed, Failure> {
        branch_commit::make(&self.open()?, commit)
    }
}

/// What is left out of a tree on purpose is not written there: its text as it is in git would be lost sight of.
fn left_out(path: &RepoPath) -> Failure {
    let message = format!("`{path}` is left out of this tree by its sparse checkout, and is not written");
    let hint = match path.parent() {
        "" => "`git sparse-checkout disable` brings it here".to_owned(),
        folder => format!("`git sparse-checkout add {folder}` brings it here"),
    };
    Failure::new(Kind::Policy, message).hint(hint)
}

/// Writes a file beside its place and moves it there, so that no reader sees half of it.
fn write_whole(folder: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.persist(path).map(drop).map_err(|error| error.error)
}

/// A file that had Windows line ends keeps them.
fn line_ends(before: Option<&str>, after: &str) -> String {
    if before.is_some_and(|before| before.contains("\r\n")) {
        unix(after).replace('\n', "\r\n")
    } else {
        after.to_owned()
    }
}
