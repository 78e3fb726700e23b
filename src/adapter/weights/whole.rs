//! A file that grows until it is whole: its digest is taken as it grows, and only the right one gives it its name.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A growing file.
pub(super) struct Growing {
    path: PathBuf,
    file: File,
    digest: Sha256,
    length: u64,
}

impl Growing {
    /// Opens a file to go on with; what it has already is read for the digest.
    pub(super) async fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(path).await?;
        let (mut digest, mut length) = (Sha256::new(), 0);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            digest.update(bytes);
            length += bytes.len() as u64;
        }
        Ok(Self { path: path.to_owned(), file, digest, length })
    }

    /// How long it is.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Adds bytes at its end.
    pub(super) async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await?;
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Begins again from nothing.
    pub(super) async fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0).await?;
        *self = Self::open(&self.path).await?;
        Ok(())
    }

    /// Brings what was added to the disk.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.file.flush().await
    }

    /// Says that somebody renamed it.
    pub(super) fn moved(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// Gives the file its name when its digest is the wanted one; otherwise removes it and gives the digest that it has.
    pub(super) async fn finish(mut self, sha256: &str, name: &Path) -> io::Result<Result<(), String>> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let digest: String = self.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if digest != sha256 {
            tokio::fs::remove_file(&self.path).await?;
            return Ok(Err(digest));
        }
        tokio::fs::rename(&self.path, name).await?;
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `abcdef`.
    const DIGEST: &str = "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721";

    #[tokio::test]
    async fn a_file_that_is_gone_on_with_has_the_digest_of_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let (part, whole) = (folder.path().join("part"), folder.path().join("whole"));
        let mut growing = Growing::open(&part).await.unwrap();
        growing.append(b"abc").await.unwrap();
        growing.flush().await.unwrap();
        drop(growing);
        let mut growing = Growing::open(&part).await.unwrap();
        assert_eq!(growing.length(), 3);
        growing.append(b"def").await.unwrap();
        assert_eq!(growing.finish(DIGEST, &whole).await.unwrap(), Ok(()));
        assert_eq!(std::fs::read(whole).unwrap(), b"abcdef");
        assert!(!part.exists());
    }

    #[tokio::test]
    async fn a_wrong_digest_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (part, whole) = (folder.path().join("part"), folder.path().join("whole"));
        let mut growing = Growing::open(&part).await.unwrap();
        growing.append(b"abcdeX").await.unwrap();
        let digest = growing.finish(DIGEST, &whole).await.unwrap().unwrap_err();
        assert_eq!(digest.len(), 64);
        assert!(!part.exists() && !whole.exists());
    }
}
