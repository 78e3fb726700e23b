//! Folders for small projects, kept in the user's cache so that what tools built there is used again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::snapshot::{relative, walk};
use crate::failure::{Failure, Kind};
use crate::path::RepoPath;
use crate::port::Bench;

/// The folder of caches of the user: `$XDG_CACHE_HOME/codegen` or `~/.cache/codegen`.
pub fn cache_folder() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let base = base.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("codegen")
}

/// Lays out projects below one folder.
pub struct FolderBench {
    root: PathBuf,
}

impl FolderBench {
    /// A bench below a folder.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

impl Bench for FolderBench {
    fn lay_out(&self, group: &str, name: &str, files: &[(String, String)]) -> Result<PathBuf, Failure> {
        let folder = self.root.join(group).join(name);
        lay_out(&folder, files).map_err(|error| {
            Failure::new(Kind::Repository, format!("cannot write {}", folder.display())).because(&error)
        })?;
        Ok(folder)
    }
}

fn lay_out(folder: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let wanted: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    for file in walk(folder, false) {
        let known = relative(folder, &file);
        let built =
            known.as_ref().is_some_and(|path| path.as_str() == "Cargo.lock" || path.as_str().starts_with("dist/"));
        if !built && !known.is_some_and(|path| wanted.contains(path.as_str())) {
            fs::remove_file(file)?;
        }
    }
    for (path, text) in files {
        let path = RepoPath::parse(path).map_err(std::io::Error::other)?;
        let file = folder.join(path.as_str());
        if fs::read_to_string(&file).is_ok_and(|now| now == *text) {
            continue;
        }
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, text)?;
    }
    Ok(())
}
