//! The lock of a run: one run of the bot at a time in a repository, its linked worktrees included.
//!
//! The system releases it when the process ends, however it ends; a stale lock cannot be.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::failure::{Failure, Kind};
use crate::port::Held;

/// A lock that is held until it is dropped.
pub(super) struct RunLock {
    _file: File,
}

impl Held for RunLock {}

impl RunLock {
    /// Takes the lock, or says which process has it. `state` is a folder that every worktree of the repository shares.
    pub(super) fn take(state: &Path) -> Result<Self, Failure> {
        let path = state.join("run.lock");
        let failed = |error: &std::io::Error| {
            Failure::new(Kind::Repository, format!("cannot lock {}", path.display())).because(error)
        };
        fs::create_dir_all(state).map_err(|error| failed(&error))?;
        let opened = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = opened.map_err(|error| failed(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                // The number only helps to find it.
                let _ = file.read_to_string(&mut process);
                let who = process.trim();
                let who = if who.is_empty() { String::new() } else { format!(" (process {who})") };
                let message = format!("another run of codegen is at work in this repository{who}");
                return Err(Failure::new(Kind::Repository, message).hint("wait until it is done, or end it"));
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        let written = file
            .rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(|error| failed(&error))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_which_process_is_at_work() {
        let state = tempfile::tempdir().unwrap();
        let first = RunLock::take(state.path()).unwrap();
        let refused = RunLock::take(state.path()).err().unwrap();
        assert_eq!(refused.kind, Kind::Repository);
        assert!(refused.message.ends_with(&format!("(process {})", std::process::id())), "{refused}");
        drop(first);
        RunLock::take(state.path()).unwrap();
    }
}
