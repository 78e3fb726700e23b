//! The memory: results of before, with the files that they came from, so that only what changed since is looked at again.

use std::collections::{BTreeSet, HashSet};

use crate::spec::SpecId;

/// What a file means for a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is the spec of its owner.
    Spec,
    /// It is the lock of its owner.
    Lock,
    /// It belongs to its owner.
    Owned,
    /// Its owners read it, or depend on it in another way.
    Read,
    /// It is a folder: new files in it may mean something.
    Folder,
    /// It concerns everything.
    All,
}

/// One file or folder that a result came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it means.
    pub part: Part,
    /// The path from the root of the tree; empty for the root.
    pub path: String,
    /// The specs whose state came from it.
    pub owners: Vec<String>,
}

/// A result of before, and what is not as it was then.
pub trait Recalled {
    /// The result.
    fn result(&self) -> &str;
    /// The sources that changed, or that may have without a sign.
    fn changed(&self) -> &[Source];
    /// Whether there is a source of this path.
    fn knows(&self, path: &str) -> bool;
    /// Whether one of these paths, whatever the case of their letters, belongs to a spec that is none of these.
    fn is_owned_beside(&self, paths: &HashSet<String>, specs: &BTreeSet<SpecId>) -> bool;
    /// Keeps another result: the sources of these specs are replaced, and the stamps of all others that changed renewed.
    fn renew(&self, since: Moment, specs: &BTreeSet<SpecId>, sources: &[Source], result: &str);
}

/// A moment by the clock of the file system, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub i128);

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path from the root of the tree.
    pub path: String,
    /// Whether it is a folder whose files are part of the repository.
    pub is_folder: bool,
}

/// Where results are kept between runs.
pub trait Memory {
    /// The moment from which on changes may be missed by what is read next.
    fn moment(&self) -> Option<Moment>;
    /// A result that was kept under this name.
    fn recall(&self, name: &str) -> Option<Box<dyn Recalled>>;
    /// Keeps a result, with every folder of the tree beside these sources. What was touched since the moment is not trusted.
    fn remember(&self, name: &str, since: Moment, sources: &[Source], result: &str);
    /// What is in a folder: its files, and those of its folders that are looked into.
    fn entries(&self, folder: &str) -> Option<Vec<Found>>;
    /// A file outside of the tree that decides which files of the tree may be absent, by a path like those of sources.
    fn index(&self) -> String;
}
