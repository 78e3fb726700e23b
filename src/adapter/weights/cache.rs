//! The cache: a folder of whole weights, of downloads that are under way, and of locks.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::Weights;

/// The folder.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in a folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where weights are when they are here.
    pub fn path(&self, weights: &Weights) -> PathBuf {
        self.folder.join(weights.file)
    }

    /// The file of weights that are here. A file gets this name only when its digest was right; its length is looked at
    /// again, for people who clean up with a heavy hand.
    pub fn whole(&self, weights: &Weights) -> Option<PathBuf> {
        let path = self.path(weights);
        fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() == weights.bytes).then_some(path)
    }

    /// The file that a download from the hub grows in.
    pub(super) fn partial(&self, weights: &Weights) -> PathBuf {
        self.folder.join(format!("{}.part", weights.file))
    }

    /// The folder that parts from packages are put together in.
    pub(super) fn parts(&self, weights: &Weights) -> PathBuf {
        self.folder.join(format!("{}.parts", weights.file))
    }

    /// Takes the right to fetch these weights, or says that another process has it. It ends with the file that is returned,
    /// and so with this process, however it ends.
    pub(super) fn lock(&self, weights: &Weights) -> io::Result<Option<File>> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(format!("{}.lock", weights.file));
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Bytes that are free where the cache is; `None` where the system does not tell.
    pub(super) fn free(&self) -> Option<u64> {
        let about = rustix::fs::statvfs(&self.folder).ok()?;
        Some(about.f_bavail.saturating_mul(about.f_frsize))
    }
}
