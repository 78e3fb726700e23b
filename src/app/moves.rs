//! Moves: where a generated file went, and which one a file goes back to.
//!
//! A file whose spec names its new place goes back to what was generated, by its text, its name or its likeness. One whose spec
//! still names the old place is looked for among the files that are new since the last commit, as git looks for renames, and
//! then in the commits that took it away.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::language::Language;
use crate::lock::{Lock, Moved, digest_of_bytes, follow, unix};
use crate::merge::{SAME, likeness};
use crate::path::RepoPath;
use crate::port::Workspace;
use crate::task::Task;

/// So many times two texts are compared in a run, and history is searched; what is left then is missing. Git has such bounds too.
const COMPARISONS: usize = 100_000;
const SEARCHES: usize = 100;

/// The files that are new since the last commit, read when the first one is missed.
#[derive(Debug)]
pub struct NewFiles {
    files: OnceLock<Read>,
    comparisons: AtomicUsize,
    searches: AtomicUsize,
}

#[derive(Debug)]
struct Read {
    /// In the order of their paths.
    files: Vec<NewFile>,
    by_digest: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct NewFile {
    path: RepoPath,
    text: Option<String>,
}

impl Default for NewFiles {
    fn default() -> Self {
        Self {
            files: OnceLock::new(),
            comparisons: AtomicUsize::new(COMPARISONS),
            searches: AtomicUsize::new(SEARCHES),
        }
    }
}

impl NewFiles {
    fn read(&self, workspace: &dyn Workspace) -> &Read {
        self.files.get_or_init(|| {
            let mut read = Read { files: Vec::new(), by_digest: HashMap::new() };
            let known = |path: &RepoPath| Language::from_extension(path.extension()).is_some();
            for path in workspace.added().into_iter().filter(known) {
                let Some(bytes) = workspace.read_bytes(&path) else { continue };
                read.by_digest.entry(digest_of_bytes(&bytes)).or_default().push(read.files.len());
                let text = String::from_utf8(bytes).ok().map(|text| unix(&text).into_owned());
                read.files.push(NewFile { path, text });
            }
            read
        })
    }

    fn may(left: &AtomicUsize) -> bool {
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// Which locked file each file of a task goes back to, also when it was both renamed and edited.
pub(super) fn origins(task: &Task, lock: &Lock, workspace: &dyn Workspace) -> BTreeMap<RepoPath, String> {
    let digests: Vec<(&RepoPath, Option<String>)> =
        task.files().map(|path| (path, workspace.read_bytes(path).map(|bytes| digest_of_bytes(&bytes)))).collect();
    let files: Vec<(&str, Option<&str>)> =
        digests.iter().map(|(path, digest)| (path.as_str(), digest.as_deref())).collect();
    let mut found: BTreeMap<RepoPath, String> = follow(lock, &files)
        .into_iter()
        .filter_map(|(path, old)| Some((RepoPath::parse(path).ok()?, old.to_owned())))
        .collect();
    let mut old: Vec<(&String, String)> = lock
        .files
        .iter()
        .filter(|(path, _)| !found.values().any(|known| known == *path))
        .filter_map(|(path, file)| Some((path, workspace.blob(file.pristine.as_deref()?)?)))
        .collect();
    for path in task.files().filter(|path| digests.iter().any(|(own, digest)| own == path && digest.is_some())) {
        if found.contains_key(path) {
            continue;
        }
        let Some(text) = workspace.read(path) else { continue };
        let best = (0..old.len())
            .filter_map(|at| Some((likeness(&old.get(at)?.1, &unix(&text)), at)))
            .filter(|(percent, _)| *percent >= SAME)
            .max();
        if let Some((_, at)) = best {
            found.insert(path.clone(), old.remove(at).0.clone());
        }
    }
    found
}

/// Where files of a lock stand that are missing where they should be. Files that others own are not considered.
pub(super) fn find(
    missing: &[String],
    lock: &Lock,
    owned: &HashSet<&str>,
    new_files: &NewFiles,
    workspace: &dyn Workspace,
) -> Vec<Moved> {
    let new = new_files.read(workspace);
    let mut found: Vec<Moved> = Vec::new();
    for from in missing {
        let (Some(locked), Ok(path)) = (lock.files.get(from), RepoPath::parse(from)) else { continue };
        let is_free = |to: &RepoPath| !owned.contains(to.as_str()) && found.iter().all(|moved| moved.to != to.as_str());
        let same = || {
            let named = new.by_digest.get(&locked.digest)?.iter().filter_map(|at| new.files.get(*at));
            let free = named.map(|file| &file.path).filter(|to| is_free(to));
            free.max_by_key(|to| (to.file_name() == path.file_name(), std::cmp::Reverse(to.as_str().to_owned())))
                .cloned()
        };
        let alike = || {
            let before = || locked.pristine.as_deref().and_then(|blob| workspace.blob(blob));
            let text = workspace.committed(&path).or_else(before)?;
            let text = unix(&text);
            let scores =
                new.files.iter().filter(|file| file.path.extension() == path.extension() && is_free(&file.path));
            let scores = scores.filter(|_| NewFiles::may(&new_files.comparisons)).filter_map(|file| {
                let percent = likeness(&text, file.text.as_deref()?);
                (percent >= SAME).then_some((percent, file.path.file_name() == path.file_name(), &file.path))
            });
            scores.max().map(|(_, _, to)| to.clone())
        };
        let here = |to: &RepoPath| is_free(to) && workspace.read_bytes(to).is_some();
        let in_history = || {
            let to = NewFiles::may(&new_files.searches).then(|| workspace.renamed(&path))?;
            to.filter(|to| here(to))
        };
        // History may not be there, in a shallow clone or after a squash; the text as it was generated is known by name.
        let by_blob = || {
            let blob = locked.pristine.as_ref()?;
            NewFiles::may(&new_files.searches).then(|| workspace.committed_with(blob))?.into_iter().find(|to| here(to))
        };
        let to = same().or_else(alike).or_else(in_history).or_else(by_blob);
        found.extend(to.map(|to| Moved { from: from.clone(), to: to.to_string() }));
    }
    found
}
