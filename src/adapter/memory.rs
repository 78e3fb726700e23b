//! The memory of a repository: memos under the git directory, and what they need to know of the tree.

use std::fs;
use std::sync::PoisonError;

use super::index::file_of;
use super::memo::{self, Memo};
use super::snapshot::is_foreign;
use super::workspace::GitWorkspace;
use crate::path::RepoPath;
use crate::port::{Found, Memory, Moment, Part, Recalled, Source, Workspace};

impl Memory for GitWorkspace {
    fn moment(&self) -> Option<Moment> {
        memo::moment(&self.state_folder())
    }

    fn recall(&self, name: &str) -> Option<Box<dyn Recalled>> {
        let memo = Memo::load(&self.root, &self.state_folder().join(name))?;
        Some(Box::new(memo))
    }

    fn remember(&self, name: &str, since: Moment, sources: &[Source], result: &str) {
        let mut all = sources.to_vec();
        let source = |part: Part, path: String| Source { part, path, owners: Vec::new() };
        for folder in self.folders.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let ignored = format!("{folder}/.gitignore");
            all.push(source(Part::All, ignored.trim_start_matches('/').to_owned()));
            all.push(source(Part::Folder, folder.clone()));
        }
        // It too says what is ignored.
        all.push(source(Part::All, self.shared_folder.join("info/exclude").to_string_lossy().into_owned()));
        // Forgetting costs time, nothing else.
        let _ = memo::keep(&self.root, &self.state_folder().join(name), since, &all, result);
    }

    fn entries(&self, folder: &str) -> Option<Vec<Found>> {
        let mut found = Vec::new();
        if !folder.is_empty() && is_foreign(&self.root.join(folder)) {
            return None;
        }
        for entry in fs::read_dir(self.root.join(folder)).ok()? {
            let entry = entry.ok()?;
            let name = entry.file_name();
            // A name that is no text is none of a spec.
            let Some(name) = name.to_str() else { continue };
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let is_folder = entry.file_type().ok()?.is_dir();
            let left_out = is_folder
                && (is_foreign(&entry.path()) || RepoPath::parse(&path).is_ok_and(|path| self.is_ignored(&path)));
            found.push(Found { path, is_folder: is_folder && !left_out });
        }
        Some(found)
    }

    fn index(&self) -> String {
        file_of(&self.root, &self.git_folder).to_string_lossy().into_owned()
    }
}
