//! Owners: which spec a file concerns, as the locks of the last commit say it.
//!
//! The answer is kept outside of the tree: first the tree of the folder of locks that it came from, then one line for each lock
//! with the blob it was read from. While that tree is the same, nothing else is read; when it is another, only locks that
//! changed are.

use std::collections::{BTreeMap, HashSet};

use crate::lock::{self, Lock};
use crate::path::RepoPath;
use crate::port::Workspace;
use crate::spec::SpecId;

/// The file that keeps the answer.
const FILE: &str = "owners";

/// The specs that any of these files concern: as generated files, as files they use, or as examples they name. Locks that are
/// staged are not looked into: their specs are concerned anyway.
pub(super) fn of(paths: &[RepoPath], workspace: &dyn Workspace) -> Vec<SpecId> {
    let Some(tree) = workspace.committed_tree(lock::FOLDER) else { return Vec::new() };
    let kept = workspace.kept(FILE).unwrap_or_default();
    let (head, lines) = kept.split_once('\n').unwrap_or_default();
    if head == tree {
        return concerned(lines, paths);
    }
    let lines = read(lines, workspace);
    // Forgetting costs time, nothing else.
    let _ = workspace.save(FILE, &format!("{tree}\n{lines}"));
    concerned(&lines, paths)
}

fn concerned(lines: &str, paths: &[RepoPath]) -> Vec<SpecId> {
    let wanted: HashSet<&str> = paths.iter().map(RepoPath::as_str).collect();
    let mut found = Vec::new();
    for line in lines.lines() {
        let mut parts = line.split('\t');
        let (Some(id), Some(_blob)) = (parts.next(), parts.next()) else { continue };
        if parts.any(|file| wanted.contains(file)) {
            found.push(SpecId::from_argument(id));
        }
    }
    found
}

/// One line for each lock of the last commit; those that are known are taken over.
fn read(known: &str, workspace: &dyn Workspace) -> String {
    let files = |line: &'_ str| -> Option<(String, String)> {
        let (blob, files) = line.split_once('\t')?.1.split_once('\t')?;
        Some((blob.to_owned(), files.to_owned()))
    };
    let known: BTreeMap<String, String> = known.lines().filter_map(files).collect();
    let mut lines = String::new();
    for (path, blob) in workspace.committed_below(lock::FOLDER) {
        let Some(id) = lock::owner_of(&path) else { continue };
        let files = known.get(&blob).cloned().unwrap_or_else(|| {
            let lock = workspace.blob(&blob).and_then(|text| lock::parse(&text).ok());
            lock.map(|lock| files_of(&lock)).unwrap_or_default()
        });
        lines.push_str(&format!("{id}\t{blob}\t{files}\n"));
    }
    lines
}

fn files_of(lock: &Lock) -> String {
    let all = lock.files.keys().chain(lock.uses.keys()).chain(lock.examples.keys());
    all.map(String::as_str).collect::<Vec<_>>().join("\t")
}
