//! States on disk: what the network remembers of the static part of a prompt, so that the next run does not read it again.
//!
//! A file is named by a digest of the weights and the tokens, holds those tokens first and is written beside and renamed, so
//! that none is ever taken for another or half read. The folder is kept below a size; what was not used for longest goes.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::kv::Memory;
use super::shape::Shape;

/// Changes whenever the same tokens give another state.
const FORMAT: &[u8] = b"codegen prefix 2\n";
/// Fewer tokens are read again faster than they are worth keeping.
const FEWEST: usize = 128;

/// The states of one model.
pub(super) struct PrefixStore {
    folder: PathBuf,
    most: u64,
    weights: blake3::Hash,
}

impl PrefixStore {
    /// States in a folder of at most so many bytes.
    pub(super) fn new(folder: PathBuf, most: u64, weights: blake3::Hash) -> Self {
        Self { folder, most, weights }
    }

    fn file(&self, tokens: &[u32]) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        hasher.update(FORMAT);
        hasher.update(self.weights.as_bytes());
        for token in tokens {
            hasher.update(&token.to_le_bytes());
        }
        self.folder.join(format!("{}.kv", hasher.finalize().to_hex()))
    }

    /// The state of exactly these tokens, where it was kept.
    pub(super) fn load(&self, shape: &Shape, tokens: &[u32]) -> Option<Memory> {
        if tokens.len() < FEWEST {
            return None;
        }
        let path = self.file(tokens);
        let file = File::open(&path).ok()?;
        // Its age says when it was used last.
        let _ = file.set_modified(SystemTime::now());
        match read(shape, tokens, file) {
            Ok(memory) => Some(memory),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a kept state cannot be read; it is made again");
                let _ = fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps the state of the first `count` tokens of a memory, unless it is there.
    pub(super) fn keep(&self, shape: &Shape, memory: &Memory, count: usize) {
        let Some(tokens) = memory.tokens().get(..count).filter(|tokens| tokens.len() >= FEWEST) else { return };
        let path = self.file(tokens);
        let size = Memory::bytes(shape, count);
        if path.exists() || size > self.most {
            return;
        }
        if let Err(error) = self.write(&path, tokens, memory, size) {
            tracing::warn!(path = %path.display(), %error, "a state could not be kept");
        }
    }

    fn write(&self, path: &Path, tokens: &[u32], memory: &Memory, size: u64) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        self.make_room(size)?;
        let beside = tempfile::NamedTempFile::new_in(&self.folder)?;
        let mut writer = BufWriter::with_capacity(1 << 20, beside);
        writer.write_all(FORMAT)?;
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
        writer.write_all(&bytes)?;
        memory.write(tokens.len(), &mut writer)?;
        let beside = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        beside.persist(path).map(drop).map_err(|error| error.error)
    }

    /// Removes the files that were not used for longest, until there is room for so many bytes.
    fn make_room(&self, size: u64) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_file() {
                files.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len(), entry.path()));
            }
        }
        files.sort();
        let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
        for (_, length, path) in files {
            if total + size <= self.most {
                break;
            }
            // Another run may have removed it already.
            if fs::remove_file(&path).is_ok() {
                total -= length;
            }
        }
        Ok(())
    }
}

fn read(shape: &Shape, tokens: &[u32], file: File) -> io::Result<Memory> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut head = vec![0; FORMAT.len() + tokens.len() * 4];
    reader.read_exact(&mut head)?;
    let expected = FORMAT.iter().copied().chain(tokens.iter().flat_map(|token| token.to_le_bytes()));
    if !head.into_iter().eq(expected) {
        return Err(io::Error::other("it is of another prompt"));
    }
    let memory = Memory::read(shape, tokens, &mut reader)?;
    if reader.read(&mut [0])? != 0 {
        return Err(io::Error::other("it is longer than its tokens"));
    }
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::super::shape::Rotation;
    use super::*;

    fn shape() -> Shape {
        Shape {
            layers: 1,
            width: 4,
            heads: 1,
            kv_heads: 1,
            head_width: 4,
            epsilon: 1e-6,
            context: 1000,
            rotation: Rotation { rates: vec![1.0; 2], neighbours: false },
        }
    }

    fn memory(first: u32) -> Memory {
        let tokens: Vec<u32> = (first..first + 200).collect();
        let mut memory = Memory::new(&shape());
        let numbers: Vec<f32> = (0..800_u16).map(f32::from).collect();
        memory.push(0, &numbers, &numbers);
        memory.confirm(&tokens);
        memory
    }

    fn store(folder: &Path, most: u64, weights: &str) -> PrefixStore {
        PrefixStore::new(folder.to_owned(), most, blake3::hash(weights.as_bytes()))
    }

    #[test]
    fn a_state_is_found_by_its_tokens_and_weights_only() {
        let folder = tempfile::tempdir().unwrap();
        let kept = memory(0);
        store(folder.path(), 1 << 20, "a").keep(&shape(), &kept, 150);
        let found = store(folder.path(), 1 << 20, "a").load(&shape(), &kept.tokens()[..150]).unwrap();
        assert_eq!(found.layer(0).unwrap().keys, kept.up_to(150).layer(0).unwrap().keys);
        assert!(store(folder.path(), 1 << 20, "a").load(&shape(), &kept.tokens()[..149]).is_none());
        assert!(store(folder.path(), 1 << 20, "b").load(&shape(), &kept.tokens()[..150]).is_none());
    }

    #[test]
    fn a_damaged_state_is_not_used_and_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let kept = memory(0);
        let store = store(folder.path(), 1 << 20, "a");
        store.keep(&shape(), &kept, 150);
        let path = store.file(&kept.tokens()[..150]);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(store.load(&shape(), &kept.tokens()[..150]).is_none());
        assert!(!path.exists());
    }

    #[test]
    fn the_folder_stays_below_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let one = Memory::bytes(&shape(), 150);
        let store = store(folder.path(), one * 5 / 2 + 2000, "a");
        for first in [0, 1000, 2000] {
            store.keep(&shape(), &memory(first), 150);
        }
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2);
        assert!(store.load(&shape(), &memory(2000).tokens()[..150]).is_some());
        assert!(store.load(&shape(), &memory(0).tokens()[..150]).is_none());
    }
}
