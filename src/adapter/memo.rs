//! A memo: a result that holds as long as no file and no folder it came from has changed.
//!
//! As git's index does, it compares size, inode and the times of change and of status of each file, and trusts none that
//! was touched about when the memo was written. Folders are compared too, so that a new file is seen. A file that git tracks
//! inside an ignored folder is seen when it is one of the memo's own, not when it is new there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What was touched so shortly before the memo was written may be touched again without a sign, in nanoseconds: file systems
/// tell times apart by ticks of the clock.
const RACY: i128 = 20_000_000;
/// Files that are not there have this key.
const ABSENT: &str = "-";

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
fn touched(meta: &Metadata) -> i128 {
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

/// The result, when everything is as it was.
pub(super) fn recall(root: &Path, file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (head, rest) = text.split_once('\n')?;
    if head != program() {
        return None;
    }
    let (stamps, result) = rest.split_once("\n\n")?;
    let lines: Vec<&str> = stamps.lines().collect();
    let chunk = lines.len().div_ceil(threads()).max(1);
    let same = std::thread::scope(|scope| {
        let checks: Vec<_> = lines.chunks(chunk).map(|lines| scope.spawn(|| all_same(root, lines))).collect();
        checks.into_iter().all(|check| check.join().unwrap_or(false))
    });
    same.then(|| result.to_owned())
}

fn all_same(root: &Path, lines: &[&str]) -> bool {
    let mut now = String::new();
    let mut path = root.to_path_buf();
    lines.iter().all(|line| {
        let Some((known, name)) = line.split_once(' ') else { return false };
        path.clear();
        path.push(root);
        path.push(name);
        match fs::symlink_metadata(&path) {
            Ok(meta) => {
                key(&meta, &mut now);
                now == known
            }
            Err(_) => known == ABSENT,
        }
    })
}

/// Keeps a result with the stamps of these files and folders. When one was touched just now there is nothing to keep: the next
/// time will do.
pub(super) fn keep(root: &Path, file: &Path, paths: &BTreeSet<String>, result: &str) -> std::io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let now = i128::try_from(now).unwrap_or(i128::MAX);
    let mut text = format!("{}\n", program());
    let mut shown = String::new();
    for path in paths {
        match fs::symlink_metadata(root.join(path)) {
            Ok(meta) if now - touched(&meta) < RACY => return Ok(()),
            Ok(meta) => {
                key(&meta, &mut shown);
                let _ = writeln!(text, "{shown} {path}");
            }
            Err(_) => {
                let _ = writeln!(text, "{ABSENT} {path}");
            }
        }
    }
    let _ = write!(text, "\n{result}");
    let folder = file.parent().unwrap_or(root);
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut beside, text.as_bytes())?;
    beside.persist(file).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_holds_until_a_file_or_a_folder_changes() {
        let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (root, memo) = (root.path(), state.path().join("memo"));
        fs::create_dir(root.join("folder")).unwrap();
        fs::write(root.join("folder/file"), "one").unwrap();
        let paths = || ["", "folder", "folder/file", "absent"].map(str::to_owned).into_iter().collect();
        // Touched just now: nothing is kept that could be wrong.
        keep(root, &memo, &paths(), "result").unwrap();
        assert_eq!(recall(root, &memo), None);
        let keep = || {
            // Until the clock has gone on by what counts as just now.
            while recall(root, &memo).is_none() {
                super::keep(root, &memo, &paths(), "result\n\nof lines\n").unwrap();
            }
            assert_eq!(recall(root, &memo).as_deref(), Some("result\n\nof lines\n"));
        };
        keep();
        fs::write(root.join("folder/file"), "two").unwrap();
        assert_eq!(recall(root, &memo), None);
        keep();
        fs::write(root.join("folder/new"), "").unwrap();
        assert_eq!(recall(root, &memo), None);
        keep();
        fs::write(root.join("absent"), "").unwrap();
        assert_eq!(recall(root, &memo), None);
        keep();
        fs::remove_file(root.join("folder/file")).unwrap();
        assert_eq!(recall(root, &memo), None);
    }
}
