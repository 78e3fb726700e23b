//! A memo: a result with the stamps of the files and folders it came from.
//!
//! As git's index does, it compares size, inode and the times of change and of status of each file, on every processor, and
//! trusts none that was touched while the result was made, or about then. Files that are not there have a stamp too. A line
//! for each: stamp, meaning, path, and the specs whose state came from it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::port::{Moment, Part, Recalled, Source};
use crate::spec::SpecId;

/// What was touched so shortly before may be touched again without a sign, in nanoseconds: file systems tell times apart by
/// ticks of the clock.
const RACY: i128 = 20_000_000;
/// Files that are not there have this stamp.
const ABSENT: &str = "-";
/// And those that are not to be trusted this one, which no file ever has.
const UNTRUSTED: &str = "?";

/// A memo, and which of its lines are not as they were.
pub(super) struct Memo {
    root: PathBuf,
    file: PathBuf,
    text: String,
    result: (usize, usize),
    /// Where the changed lines begin.
    at: HashSet<usize>,
    changed: Vec<Source>,
}

fn key(meta: &Metadata, out: &mut String) {
    out.clear();
    let _ = write!(
        out,
        "{:x}.{:x}.{:x}.{:x}.{:x}.{:x}",
        meta.size(),
        meta.mtime(),
        meta.mtime_nsec(),
        meta.ctime(),
        meta.ctime_nsec(),
        meta.ino()
    );
}

/// When a file was last touched, in nanoseconds.
pub(super) fn touched(meta: &Metadata) -> i128 {
    let time = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    time(meta.mtime(), meta.mtime_nsec()).max(time(meta.ctime(), meta.ctime_nsec()))
}

/// The program that wrote the memo: another one may judge otherwise.
fn program() -> String {
    let mut shown = String::new();
    if let Ok(meta) = std::env::current_exe().and_then(fs::metadata) {
        key(&meta, &mut shown);
    }
    format!("{} {shown}", env!("CARGO_PKG_VERSION"))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(8)
}

fn letter(part: Part) -> char {
    match part {
        Part::Spec => 's',
        Part::Lock => 'l',
        Part::Owned => 'o',
        Part::Read => 'r',
        Part::Folder => 'f',
        Part::All => 'a',
    }
}

/// A line in its pieces.
struct Line<'t> {
    stamp: &'t str,
    part: &'t str,
    path: &'t str,
    owners: std::str::Split<'t, char>,
}

fn read_line(line: &str) -> Option<Line<'_>> {
    let mut pieces = line.split('\t');
    Some(Line { stamp: pieces.next()?, part: pieces.next()?, path: pieces.next()?, owners: pieces })
}

fn source(line: Line<'_>) -> Option<Source> {
    let part = [Part::Spec, Part::Lock, Part::Owned, Part::Read, Part::Folder, Part::All]
        .into_iter()
        .find(|part| line.part.starts_with(letter(*part)))?;
    Some(Source { part, path: line.path.to_owned(), owners: line.owners.map(str::to_owned).collect() })
}

/// Where lines are not as they were, in a part of the text that starts at a place.
fn changes(root: &Path, text: &str, start: usize) -> Vec<usize> {
    let (mut now, mut path, mut found, mut at) = (String::new(), PathBuf::from(root), Vec::new(), start);
    for line in text.split_inclusive('\n') {
        let same = read_line(line.trim_end_matches('\n')).is_some_and(|line| {
            path.clear();
            path.push(root);
            path.push(line.path);
            match fs::symlink_metadata(&path) {
                Ok(meta) => {
                    key(&meta, &mut now);
                    now == line.stamp
                }
                Err(_) => line.stamp == ABSENT,
            }
        });
        if !same {
            found.push(at);
        }
        at += line.len();
    }
    found
}

impl Memo {
    /// Reads a memo and compares it with the tree.
    pub(super) fn load(root: &Path, file: &Path) -> Option<Self> {
        let text = fs::read_to_string(file).ok()?;
        let head = text.find('\n')?;
        let end = head + 1 + text.get(head + 1..)?.find('\n')?;
        if text.get(..head)? != program() {
            return None;
        }
        // Parts of about the same length, each of whole lines.
        let (mut parts, mut rest, mut at) = (Vec::new(), text.get(end + 1..)?, end + 1);
        let len = rest.len().div_ceil(threads()).max(1);
        while !rest.is_empty() {
            let bytes = rest.as_bytes();
            let cut = bytes.iter().skip(len - 1).position(|byte| *byte == b'\n').map_or(rest.len(), |at| len + at);
            let (part, more) = rest.split_at_checked(cut.min(rest.len()))?;
            parts.push((part, at));
            at += part.len();
            rest = more;
        }
        let at: Vec<usize> = std::thread::scope(|scope| {
            let work: Vec<_> = parts.iter().map(|(part, at)| scope.spawn(move || changes(root, part, *at))).collect();
            work.into_iter()
                .flat_map(|done| done.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        let changed = at.iter().map(|at| {
            let line = text.get(*at..)?.lines().next()?;
            source(read_line(line)?)
        });
        let changed = changed.collect::<Option<Vec<Source>>>()?;
        Some(Self {
            root: root.to_owned(),
            file: file.to_owned(),
            result: (head + 1, end),
            at: at.into_iter().collect(),
            changed,
            text,
        })
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut at = self.result.1 + 1;
        self.text.get(at..).unwrap_or_default().split_inclusive('\n').map(move |line| {
            let start = at;
            at += line.len();
            (start, line.trim_end_matches('\n'))
        })
    }
}

impl Recalled for Memo {
    fn result(&self) -> &str {
        self.text.get(self.result.0..self.result.1).unwrap_or_default()
    }

    fn changed(&self) -> &[Source] {
        &self.changed
    }

    fn knows(&self, path: &str) -> bool {
        self.lines().any(|(_, line)| read_line(line).is_some_and(|line| line.path == path))
    }

    fn is_owned_beside(&self, paths: &HashSet<String>, specs: &BTreeSet<SpecId>) -> bool {
        let own: HashSet<&str> = specs.iter().map(SpecId::as_str).collect();
        self.lines().filter_map(|(_, line)| read_line(line)).any(|mut line| {
            line.part.starts_with(letter(Part::Owned))
                && paths.contains(&line.path.to_lowercase())
                && line.owners.any(|owner| !own.contains(owner))
        })
    }

    fn renew(&self, since: Moment, specs: &BTreeSet<SpecId>, sources: &[Source], result: &str) {
        let replaced: HashSet<&str> = specs.iter().map(SpecId::as_str).collect();
        let mut stamps = Stamps::new(&self.root, since);
        let mut text = format!("{}\n{result}\n", program());
        text.reserve(self.text.len() + 4096);
        for (at, line) in self.lines() {
            let Some(known) = read_line(line) else { continue };
            let changed = self.at.contains(&at);
            let concerned = known.owners.clone().any(|owner| replaced.contains(owner));
            if !changed && !concerned {
                text.push_str(line);
                text.push('\n');
                continue;
            }
            let stamp = if changed { stamps.of(known.path) } else { known.stamp.to_owned() };
            let owned = known.owners.clone().next().is_some();
            let owners: Vec<&str> = known.owners.filter(|owner| !replaced.contains(owner)).collect();
            if !owned || !owners.is_empty() {
                push_line(&mut text, &stamp, known.part, known.path, &owners);
            }
        }
        for source in sources {
            let owners: Vec<&str> = source.owners.iter().map(String::as_str).collect();
            push_line(&mut text, &stamps.of(&source.path), &letter(source.part).to_string(), &source.path, &owners);
        }
        // Forgetting costs time, nothing else.
        let _ = write_whole(&self.file, &text);
    }
}

fn push_line(text: &mut String, stamp: &str, part: &str, path: &str, owners: &[&str]) {
    let _ = write!(text, "{stamp}\t{part}\t{path}");
    for owner in owners {
        let _ = write!(text, "\t{owner}");
    }
    text.push('\n');
}

fn write_whole(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut beside, text.as_bytes())?;
    beside.persist(file).map(drop).map_err(|error| error.error)
}

/// Stamps as they are written down.
struct Stamps<'s> {
    root: &'s Path,
    since: i128,
    shown: String,
    /// Whether a folder can be trusted to lack what it lacked.
    folders: BTreeMap<PathBuf, bool>,
}

impl<'s> Stamps<'s> {
    fn new(root: &'s Path, since: Moment) -> Self {
        Self { root, since: since.0 - RACY, shown: String::new(), folders: BTreeMap::new() }
    }

    fn of(&mut self, path: &str) -> String {
        let whole = self.root.join(path);
        match fs::symlink_metadata(&whole) {
            Ok(meta) if touched(&meta) >= self.since => UNTRUSTED.to_owned(),
            Ok(meta) => {
                key(&meta, &mut self.shown);
                self.shown.clone()
            }
            // It may have been there when it was read: then the folder that it was in was touched.
            Err(_) if whole.parent().is_some_and(|folder| self.lacks(folder)) => ABSENT.to_owned(),
            Err(_) => UNTRUSTED.to_owned(),
        }
    }

    fn lacks(&mut self, folder: &Path) -> bool {
        if let Some(known) = self.folders.get(folder) {
            return *known;
        }
        let trusted = match (fs::symlink_metadata(folder), folder.parent()) {
            (Ok(meta), _) => touched(&meta) < self.since,
            (Err(_), Some(above)) => self.lacks(above),
            (Err(_), None) => false,
        };
        self.folders.insert(folder.to_owned(), trusted);
        trusted
    }
}

/// Keeps a result with the stamps of its sources.
pub(super) fn keep(root: &Path, file: &Path, since: Moment, sources: &[Source], result: &str) -> std::io::Result<()> {
    let chunk = sources.len().div_ceil(threads()).max(1);
    let parts: Vec<String> = std::thread::scope(|scope| {
        let work: Vec<_> = sources
            .chunks(chunk)
            .map(|sources| {
                scope.spawn(move || {
                    let mut stamps = Stamps::new(root, since);
                    let mut text = String::new();
                    for source in sources {
                        let owners: Vec<&str> = source.owners.iter().map(String::as_str).collect();
                        let part = letter(source.part).to_string();
                        push_line(&mut text, &stamps.of(&source.path), &part, &source.path, &owners);
                    }
                    text
                })
            })
            .collect();
        work.into_iter().map(|done| done.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    write_whole(file, &format!("{}\n{result}\n{}", program(), parts.concat()))
}

/// The moment that it is for the file system of this folder.
pub(super) fn moment(folder: &Path) -> Option<Moment> {
    fs::create_dir_all(folder).ok()?;
    let probe = tempfile::NamedTempFile::new_in(folder).ok()?;
    Some(Moment(touched(&probe.as_file().metadata().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        root: tempfile::TempDir,
        state: tempfile::TempDir,
    }

    fn source(part: Part, path: &str, owners: &[&str]) -> Source {
        Source { part, path: path.to_owned(), owners: owners.iter().map(|&owner| owner.to_owned()).collect() }
    }

    fn sources() -> Vec<Source> {
        vec![
            source(Part::Folder, "", &[]),
            source(Part::Folder, "folder", &[]),
            source(Part::Owned, "folder/file", &["one"]),
            source(Part::Owned, "absent", &["two"]),
            source(Part::Read, "shared", &["one", "two"]),
        ]
    }

    impl Case {
        fn new() -> Self {
            let case = Self { root: tempfile::tempdir().unwrap(), state: tempfile::tempdir().unwrap() };
            fs::create_dir(case.root.path().join("folder")).unwrap();
            for path in ["folder/file", "shared"] {
                fs::write(case.root.path().join(path), "one").unwrap();
            }
            case
        }

        fn file(&self) -> PathBuf {
            self.state.path().join("memo")
        }

        fn load(&self) -> Memo {
            Memo::load(self.root.path(), &self.file()).unwrap()
        }

        fn changed(&self) -> Vec<String> {
            self.load().changed.into_iter().map(|source| source.path).collect()
        }

        /// A moment at which everything has been there for long.
        fn later(&self) -> Moment {
            let now = moment(self.state.path()).unwrap();
            Moment(now.0 + RACY + 1_000_000)
        }

        fn keep(&self) {
            keep(self.root.path(), &self.file(), self.later(), &sources(), "result").unwrap();
            assert_eq!(self.changed(), Vec::<String>::new());
        }
    }

    #[test]
    fn what_changed_is_told_and_nothing_else() {
        let case = Case::new();
        case.keep();
        assert_eq!(case.load().result(), "result");
        fs::write(case.root.path().join("folder/file"), "other").unwrap();
        assert_eq!(case.load().changed(), [source(Part::Owned, "folder/file", &["one"])]);
        case.keep();
        fs::write(case.root.path().join("folder/new"), "").unwrap();
        assert_eq!(case.changed(), ["folder"]);
        case.keep();
        fs::write(case.root.path().join("absent"), "").unwrap();
        assert_eq!(case.changed(), ["", "absent"]);
        case.keep();
        fs::remove_file(case.root.path().join("shared")).unwrap();
        assert_eq!(case.changed(), ["", "shared"]);
    }

    #[test]
    fn what_was_touched_since_the_moment_is_not_trusted() {
        let case = Case::new();
        let before = moment(case.state.path()).unwrap();
        // Read, and then changed or removed before the memo is written.
        fs::write(case.root.path().join("folder/file"), "changed").unwrap();
        fs::remove_file(case.root.path().join("shared")).unwrap();
        keep(case.root.path(), &case.file(), before, &sources(), "result").unwrap();
        assert_eq!(case.changed(), ["", "folder", "folder/file", "absent", "shared"]);
        // What was so for long is trusted.
        case.keep();
    }

    #[test]
    fn a_part_is_renewed_and_the_rest_stays_as_it_is() {
        let case = Case::new();
        case.keep();
        fs::write(case.root.path().join("folder/file"), "other").unwrap();
        let memo = case.load();
        let specs = BTreeSet::from([SpecId::from_argument("one")]);
        let now = [source(Part::Owned, "folder/moved", &["one"])];
        memo.renew(case.later(), &specs, &now, "another");
        let memo = case.load();
        assert_eq!((memo.result(), memo.changed()), ("another", [].as_slice()));
        let lines: Vec<String> = memo.lines().map(|(_, line)| line.split_once('\t').unwrap().1.to_owned()).collect();
        assert_eq!(lines, ["f\t", "f\tfolder", "o\tabsent\ttwo", "r\tshared\ttwo", "o\tfolder/moved\tone"]);
        assert!(memo.knows("shared") && !memo.knows("folder/file"));
        let owned = |path: &str, spec: &str| {
            let spec = BTreeSet::from([SpecId::from_argument(spec)]);
            memo.is_owned_beside(&HashSet::from([path.to_owned()]), &spec)
        };
        assert!(owned("absent", "one") && !owned("absent", "two") && !owned("shared", "x"));
    }

    #[test]
    fn the_memo_of_another_program_is_none() {
        let case = Case::new();
        case.keep();
        let text = fs::read_to_string(case.file()).unwrap();
        fs::write(case.file(), format!("other{text}")).unwrap();
        assert!(Memo::load(case.root.path(), &case.file()).is_none());
    }
}
