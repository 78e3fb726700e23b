//! The user's tree as it is read: files below its root, and none that a link leads out of it to.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::path::RepoPath;

/// The root of the tree, held open where the system can look files up below it in one step.
#[derive(Debug)]
pub(super) struct TreeFolder {
    root: PathBuf,
    #[cfg(target_os = "linux")]
    handle: Option<File>,
}

impl TreeFolder {
    pub(super) fn open(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            #[cfg(target_os = "linux")]
            handle: File::open(root).ok(),
        }
    }

    /// The bytes of a regular file, also through links as long as they stay below the root.
    pub(super) fn read(&self, path: &RepoPath) -> std::io::Result<Vec<u8>> {
        let mut file = match self.below(path) {
            Err(error) if error.kind() == ErrorKind::Unsupported => self.by_its_whole_name(path)?,
            found => found?,
        };
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(Error::from(ErrorKind::InvalidInput));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default() + 1);
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[cfg(target_os = "linux")]
    fn below(&self, path: &RepoPath) -> std::io::Result<File> {
        use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
        use rustix::io::Errno;
        let Some(handle) = &self.handle else { return Err(Error::from(ErrorKind::Unsupported)) };
        // Without waiting: a pipe in the place of a file has no reader that it would wait for.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        match openat2(handle, path.as_str(), flags, Mode::empty(), ResolveFlags::BENEATH) {
            Ok(file) => Ok(File::from(file)),
            // An old kernel, or a link with a whole name, which may lead back into the tree.
            Err(Errno::NOSYS | Errno::PERM | Errno::XDEV | Errno::AGAIN) => Err(Error::from(ErrorKind::Unsupported)),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn below(&self, _: &RepoPath) -> std::io::Result<File> {
        Err(Error::from(ErrorKind::Unsupported))
    }

    fn by_its_whole_name(&self, path: &RepoPath) -> std::io::Result<File> {
        let file = self.root.join(path.as_str()).canonicalize()?;
        if !file.starts_with(&self.root) || !fs::metadata(&file)?.is_file() {
            return Err(Error::from(ErrorKind::PermissionDenied));
        }
        File::open(file)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_as_long_as_they_stay_in_the_tree() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("inner")).unwrap();
        fs::write(root.join("inner/file"), "text").unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        symlink("inner/file", root.join("near")).unwrap();
        symlink(root.join("inner/file"), root.join("whole")).unwrap();
        symlink(outside.path().join("secret"), root.join("far")).unwrap();
        symlink(outside.path(), root.join("folder")).unwrap();
        let tree = TreeFolder::open(&root);
        let read = |path: &str| tree.read(&RepoPath::parse(path).unwrap());
        for path in ["inner/file", "near", "whole"] {
            assert_eq!(read(path).unwrap(), b"text", "{path}");
        }
        for path in ["far", "folder/secret", "inner"] {
            assert!(read(path).is_err(), "{path}");
        }
        assert_eq!(read("absent").unwrap_err().kind(), ErrorKind::NotFound);
        // What is no file is nothing to wait for.
        let made = std::process::Command::new("mkfifo").arg(root.join("pipe")).status();
        assert!(!made.is_ok_and(|made| made.success()) || read("pipe").is_err());
    }
}
