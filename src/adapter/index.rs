//! Git's index, read as it lies on disk: paths with their blobs, and the trees that git knows them to make up.
//!
//! It is read here and not by libgit2 because that makes an object of every entry, checks the digest of the whole, and knows
//! no sparse index: most of the time that a commit hook may take. What this reader does not know (a split index, SHA-256,
//! conflicts where they matter) it says, and git itself is asked instead. The format is that of git's `index-format`
//! documentation, versions 2 to 4.

use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use git2::Oid;

/// Directories of a sparse index have this mode.
pub(super) const TREE: u32 = 0o040_000;
/// Submodules have this one.
pub(super) const SUBMODULE: u32 = 0o160_000;

/// One entry. Large repositories have many, and a commit hook looks at few of them: what is longer stays in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    path: Range<u32>,
    /// Where its blob stands in the file.
    id: u32,
    pub(super) mode: u32,
    /// Not zero for the sides of a conflict.
    pub(super) stage: u8,
    /// Whether it is left out of the working tree on purpose.
    pub(super) skipped: bool,
    /// Whether only the intention to add it is there (`git add -N`).
    pub(super) intended: bool,
}

/// A folder whose tree git knows, because nothing in it changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// Its last part; empty for the root.
    pub(super) name: Vec<u8>,
    /// How many entries are below it, and the tree they make up; `None` when something in it changed.
    pub(super) tree: Option<(usize, Oid)>,
    pub(super) below: Vec<Known>,
}

/// The index of a working tree.
#[derive(Debug)]
pub(super) struct Index {
    file: Vec<u8>,
    /// The paths, where the file has only parts of them.
    paths: Option<Vec<u8>>,
    pub(super) entries: Vec<Entry>,
    pub(super) known: Option<Known>,
}

/// Where the index is. In a hook, git may say by a variable that it is another one.
pub(super) fn file_of(root: &Path, git_folder: &Path) -> PathBuf {
    match env::var_os("GIT_INDEX_FILE").filter(|name| !name.is_empty()) {
        Some(name) => root.join(name),
        None => git_folder.join("index"),
    }
}

impl Index {
    /// Reads an index. One that is not there is empty; `None` when it is written in a way that this reader does not know.
    pub(super) fn read(file: &Path) -> Option<Self> {
        match fs::read(file) {
            Ok(bytes) => parse(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Some(Self { file: Vec::new(), paths: None, entries: Vec::new(), known: None })
            }
            Err(_) => None,
        }
    }

    /// The path of an entry; that of a directory of a sparse index ends with a slash.
    pub(super) fn path(&self, entry: &Entry) -> &[u8] {
        let paths = self.paths.as_ref().unwrap_or(&self.file);
        paths.get(entry.path.start as usize..entry.path.end as usize).unwrap_or_default()
    }

    /// The blob of an entry, or the tree of a directory of a sparse index.
    pub(super) fn id(&self, entry: &Entry) -> Option<Oid> {
        Oid::from_bytes(self.file.get(entry.id as usize..)?.get(..ID)?).ok()
    }
}

/// A cursor over bytes; reading past their end gives nothing.
struct Bytes<'b> {
    all: &'b [u8],
    at: usize,
}

impl<'b> Bytes<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let part = self.all.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(part)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn short(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn until(&mut self, end: u8) -> Option<&'b [u8]> {
        let rest = self.all.get(self.at..)?;
        let len = rest.iter().position(|byte| *byte == end)?;
        self.at += len + 1;
        rest.get(..len)
    }

    /// A number of the variable width that git writes offsets in.
    fn varint(&mut self) -> Option<usize> {
        let mut byte = *self.take(1)?.first()?;
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = *self.take(1)?.first()?;
            value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        }
        Some(value)
    }
}

/// Bytes of a digest of SHA-1.
const ID: usize = 20;

/// The bytes of an index of SHA-1 as a value.
fn parse(file: Vec<u8>) -> Option<Index> {
    const EXTENDED: u16 = 0x4000;
    let all = file.as_slice();
    // Offsets have 32 bits here.
    u32::try_from(all.len()).ok()?;
    let end = all.len().checked_sub(ID)?;
    let mut bytes = Bytes { all: all.get(..end)?, at: 0 };
    if bytes.take(4)? != b"DIRC" {
        return None;
    }
    let version = bytes.number()?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let count = usize::try_from(bytes.number()?).ok()?;
    let mut paths: Vec<u8> = Vec::new();
    let mut entries: Vec<Entry> = Vec::with_capacity(count.min(all.len() / 62));
    for _ in 0..count {
        let start = bytes.at;
        bytes.take(24)?;
        let mode = bytes.number()?;
        bytes.take(12)?;
        let id = bytes.at;
        bytes.take(ID)?;
        let flags = bytes.short()?;
        let more = if flags & EXTENDED != 0 { bytes.short()? } else { 0 };
        let path = if version == 4 {
            let cut = bytes.varint()?;
            let last = entries.last().map_or(0..0, |last| last.path.start as usize..last.path.end as usize);
            let begin = paths.len();
            let keep = last.len().checked_sub(cut)?;
            paths.extend_from_within(last.start..last.start + keep);
            let rest = bytes.until(0)?;
            paths.extend_from_slice(rest);
            begin..paths.len()
        } else {
            let named = usize::from(flags & 0x0fff);
            // A name that is too long for its field ends at its zero.
            let begin = bytes.at;
            if named < 0x0fff {
                bytes.take(named)?;
            } else {
                bytes.until(0)?;
                bytes.at -= 1;
            }
            let end = bytes.at;
            // One to eight zeros, up to a multiple of eight.
            let len = bytes.at - start;
            bytes.take(8 - len % 8)?;
            begin..end
        };
        let offset = |at: usize| u32::try_from(at).ok();
        entries.push(Entry {
            path: offset(path.start)?..offset(path.end)?,
            id: offset(id)?,
            mode,
            stage: u8::try_from((flags >> 12) & 3).unwrap_or_default(),
            skipped: more & 0x4000 != 0,
            intended: more & 0x2000 != 0,
        });
    }
    let mut known = None;
    while bytes.at < bytes.all.len() {
        let name = bytes.take(4)?;
        let len = usize::try_from(bytes.number()?).ok()?;
        let text = bytes.take(len)?;
        match name {
            b"TREE" => known = parse_known(&mut Bytes { all: text, at: 0 }),
            // That directories may stand among the entries.
            b"sdir" => {}
            // The others that may not be passed over, such as that of a split index.
            [first, ..] if !first.is_ascii_uppercase() => return None,
            _ => {}
        }
    }
    let paths = (version == 4).then_some(paths);
    Some(Index { file, paths, entries, known })
}

fn parse_known(bytes: &mut Bytes<'_>) -> Option<Known> {
    let name = bytes.until(0)?.to_vec();
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<i64>().ok();
    let count = number(bytes.until(b' ')?)?;
    let folders = number(bytes.until(b'\n')?)?;
    let tree = match usize::try_from(count) {
        Ok(count) => Some((count, Oid::from_bytes(bytes.take(20)?).ok()?)),
        Err(_) => None,
    };
    let below = (0..folders).map(|_| parse_known(bytes)).collect::<Option<Vec<Known>>>()?;
    Some(Known { name, tree, below })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(root: &Path, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(root).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("GIT_INDEX_FILE").env_remove("GIT_DIR");
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What git itself lists.
    fn listed(root: &Path) -> Vec<String> {
        git(root, &["ls-files", "--stage", "--sparse", "-z"]).split('\0').map(str::to_owned).collect()
    }

    fn read(root: &Path) -> Vec<String> {
        let index = Index::read(&root.join(".git/index")).unwrap();
        let shown = index.entries.iter().map(|entry| {
            let path = String::from_utf8_lossy(index.path(entry)).into_owned();
            format!("{:06o} {} {}\t{path}", entry.mode, index.id(entry).unwrap(), entry.stage)
        });
        shown.chain([String::new()]).collect()
    }

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let long = format!("b/long/{}", "n".repeat(200));
        for path in ["a", "b/c/d.py", "b/e", "f/g", &long] {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), path).unwrap();
        }
        git(root, &["init", "-q", "-b", "main"]);
        git(root, &["add", "-A"]);
        git(root, &["commit", "-q", "-m", "all"]);
        folder
    }

    #[test]
    fn every_version_is_read_as_git_lists_it() {
        for version in ["2", "3", "4"] {
            let folder = repository();
            let root = folder.path();
            git(root, &["update-index", "--index-version", version]);
            if version == "3" {
                git(root, &["update-index", "--skip-worktree", "b/e"]);
                std::fs::write(root.join("later"), "").unwrap();
                git(root, &["add", "-N", "later"]);
            }
            assert_eq!(read(root), listed(root), "version {version}");
            let index = Index::read(&root.join(".git/index")).unwrap();
            assert_eq!(index.entries.iter().filter(|entry| entry.skipped).count(), usize::from(version == "3"));
            assert_eq!(index.entries.iter().filter(|entry| entry.intended).count(), usize::from(version == "3"));
        }
    }

    #[test]
    fn known_trees_are_those_of_git_and_a_change_makes_them_unknown() {
        let folder = repository();
        let root = folder.path();
        let index = Index::read(&root.join(".git/index")).unwrap();
        let known = index.known.unwrap();
        assert_eq!(known.tree.unwrap().1.to_string(), git(root, &["rev-parse", "HEAD^{tree}"]).trim());
        std::fs::write(root.join("b/c/d.py"), "changed").unwrap();
        git(root, &["add", "b/c/d.py"]);
        let known = Index::read(&root.join(".git/index")).unwrap().known.unwrap();
        let of = |name: &str| known.below.iter().find(|known| known.name == name.as_bytes()).unwrap();
        assert!(known.tree.is_none() && of("b").tree.is_none());
        assert_eq!(of("f").tree.unwrap().1.to_string(), git(root, &["rev-parse", "HEAD:f"]).trim());
    }

    #[test]
    fn a_sparse_index_has_folders_and_a_split_one_is_not_read() {
        let folder = repository();
        let root = folder.path();
        git(root, &["sparse-checkout", "set", "--cone", "--sparse-index", "f"]);
        assert_eq!(read(root), listed(root));
        assert!(read(root).iter().any(|entry| entry.starts_with("040000") && entry.ends_with("\tb/")));
        git(root, &["sparse-checkout", "disable"]);
        git(root, &["update-index", "--split-index"]);
        assert!(Index::read(&root.join(".git/index")).is_none());
        // Half of a file, or another file, is no index.
        let bytes = std::fs::read(repository().path().join(".git/index")).unwrap();
        for len in 0..bytes.len() - 1 {
            let cut = parse(bytes[..len].to_vec());
            assert!(cut.is_none_or(|index| index.entries.len() == 5), "{len}");
        }
        assert!(parse(b"something else entirely, and long enough".to_vec()).is_none());
    }
}
