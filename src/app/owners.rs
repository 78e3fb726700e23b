//! Owners: which spec a file concerns, as the locks say it.
//!
//! The answer is kept outside of the tree, one line for each lock with the blob it was read from, so that only locks that
//! changed are read again.

use std::collections::{BTreeMap, BTreeSet};

use crate::lock::{self, Lock};
use crate::path::RepoPath;
use crate::port::Workspace;
use crate::spec::SpecId;

/// The file that keeps the answer.
const FILE: &str = "owners";

/// The specs that any of these files concern: as generated files, as files they use, or as examples they name.
pub(super) fn of(paths: &[RepoPath], workspace: &dyn Workspace) -> BTreeSet<SpecId> {
    let kept = workspace.kept(FILE).unwrap_or_default();
    let known: BTreeMap<&str, &str> = kept.lines().filter_map(|line| line.split_once('\t')).collect();
    let wanted: BTreeSet<&str> = paths.iter().map(RepoPath::as_str).collect();
    let mut found = BTreeSet::new();
    let mut lines = String::with_capacity(kept.len());
    let mut fresh = false;
    for (path, blob) in workspace.blobs_below(lock::FOLDER) {
        let Some(id) = lock::owner_of(&path) else { continue };
        let rest = if let Some(rest) = known.get(blob.as_str()) {
            (*rest).to_owned()
        } else {
            fresh = true;
            let lock = workspace.read(&path).and_then(|text| lock::parse(&text).ok());
            lock.map(|lock| files_of(&lock)).unwrap_or_default()
        };
        if rest.split('\t').any(|file| wanted.contains(file)) {
            found.insert(id);
        }
        lines.push_str(&format!("{blob}\t{rest}\n"));
    }
    // Forgetting costs time, nothing else.
    if fresh {
        let _ = workspace.save(FILE, &lines);
    }
    found
}

fn files_of(lock: &Lock) -> String {
    let all = lock.files.keys().chain(lock.uses.keys()).chain(lock.examples.keys());
    all.map(String::as_str).collect::<Vec<_>>().join("\t")
}
