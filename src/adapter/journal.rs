//! A journal of writes: a set of files gets into the user's tree whole or not at all, also when the process is killed or the
//! machine loses power in between.
//!
//! Every new text is written under the git directory first, then the plan of the set, then each text is moved into its
//! place. Once there is a plan, the next start finishes it. When somebody wrote to one of the files meanwhile, the set is
//! taken back instead: their text stays, and the others get the text they had. A text changes places with the one that
//! stands there, where the system can do that in one step, and what comes out is looked at: an editor that saves in that
//! very moment loses nothing. A lock that the system releases with the process keeps two writers apart.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

const PLAN: &str = "plan.json";

/// One file to write: its bytes before, where it was there, and after.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub(super) path: RepoPath,
    pub(super) before: Option<Vec<u8>>,
    pub(super) after: Vec<u8>,
}

/// What the start of a process found of one that was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing to do.
    Nothing,
    /// The set was finished: so many files.
    Finished(usize),
    /// The set was taken back, because these files were changed meanwhile.
    TakenBack(Vec<String>),
}

#[derive(Debug, Serialize, Deserialize)]
struct Step {
    path: String,
    before: Option<String>,
    after: String,
}

/// The journal of one working tree.
pub(super) struct Journal {
    root: PathBuf,
    folder: PathBuf,
    lock: PathBuf,
}

/// How a file stands beside what the plan knows of it.
#[derive(PartialEq, Eq)]
enum Stands {
    Before,
    After,
    Otherwise,
}

fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

impl Journal {
    pub(super) fn new(root: &Path, state: &Path) -> Self {
        Self { root: root.to_owned(), folder: state.join("journal"), lock: state.join("journal.lock") }
    }

    /// Writes every file or none.
    pub(super) fn write(&self, writes: &[Write]) -> std::io::Result<()> {
        let _lock = self.hold()?;
        self.finish()?;
        let steps = self.prepare(writes)?;
        match self.apply(&steps) {
            Ok(()) => self.clear(),
            Err(error) => {
                self.take_back(&steps)?;
                self.clear()?;
                Err(error)
            }
        }
    }

    /// Finishes or takes back what a process left that was cut off. Waits for one that is at work.
    pub(super) fn recover(&self) -> std::io::Result<Recovery> {
        if !self.folder.exists() {
            return Ok(Recovery::Nothing);
        }
        let _lock = self.hold()?;
        self.finish()
    }

    fn hold(&self) -> std::io::Result<File> {
        fs::create_dir_all(self.lock.parent().unwrap_or(&self.root))?;
        let file = File::options().create(true).truncate(false).write(true).open(&self.lock)?;
        file.lock()?;
        Ok(file)
    }

    fn finish(&self) -> std::io::Result<Recovery> {
        let plan = match fs::read(self.folder.join(PLAN)) {
            Ok(plan) => plan,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // No file was touched yet, or all of them are in place.
                self.clear()?;
                return Ok(Recovery::Nothing);
            }
            Err(error) => return Err(error),
        };
        let steps: Vec<Step> = serde_json::from_slice(&plan)?;
        self.rescue(&steps)?;
        let changed: Vec<String> =
            steps.iter().filter(|step| self.stands(step) == Stands::Otherwise).map(|step| step.path.clone()).collect();
        let recovery = if changed.is_empty() {
            match self.apply(&steps) {
                Ok(()) => Recovery::Finished(steps.len()),
                Err(error) => {
                    self.take_back(&steps)?;
                    self.clear()?;
                    return Err(error);
                }
            }
        } else {
            self.take_back(&steps)?;
            Recovery::TakenBack(changed)
        };
        self.clear()?;
        Ok(recovery)
    }

    /// Keeps both texts of every file, then the plan. Until the plan is there, nothing was done.
    fn prepare(&self, writes: &[Write]) -> std::io::Result<Vec<Step>> {
        fs::create_dir_all(&self.folder)?;
        let mut steps = Vec::new();
        for (number, write) in writes.iter().enumerate() {
            let mode = fs::metadata(self.target(write.path.as_str())).map_or(0o644, |meta| meta.permissions().mode());
            store(&self.after(number), &write.after, mode)?;
            if let Some(before) = &write.before {
                store(&self.before(number), before, mode)?;
            }
            steps.push(Step {
                path: write.path.to_string(),
                before: write.before.as_deref().map(digest),
                after: digest(&write.after),
            });
        }
        let beside = self.folder.join("plan.new");
        store(&beside, &serde_json::to_vec(&steps)?, 0o600)?;
        fs::rename(&beside, self.folder.join(PLAN))?;
        File::open(&self.folder)?.sync_all()?;
        Ok(steps)
    }

    /// Puts every new text into its place; a file that is neither as it was nor as it shall be stops that.
    fn apply(&self, steps: &[Step]) -> std::io::Result<()> {
        for (number, step) in steps.iter().enumerate() {
            match self.stands(step) {
                Stands::After => {}
                Stands::Before => self.put(number, &self.after(number), step, step.before.as_deref())?,
                Stands::Otherwise => return Err(changed(&step.path)),
            }
        }
        for step in steps {
            if let Some(folder) = self.target(&step.path).parent() {
                File::open(folder)?.sync_all()?;
            }
        }
        Ok(())
    }

    /// Gives every file that has its new text the one it had.
    fn take_back(&self, steps: &[Step]) -> std::io::Result<()> {
        for (number, step) in steps.iter().enumerate() {
            if self.stands(step) != Stands::After || step.before.as_ref() == Some(&step.after) {
                continue;
            }
            if step.before.is_some() {
                match self.put(number, &self.before(number), step, Some(&step.after)) {
                    // Somebody wrote to it just now: that stays.
                    Err(error) if error.kind() == ErrorKind::ResourceBusy => {}
                    done => done?,
                }
                continue;
            }
            let target = self.target(&step.path);
            fs::remove_file(&target)?;
            // Folders that were made for it, as far as they are empty.
            for folder in target.ancestors().skip(1).take_while(|folder| *folder != self.root) {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// A process may have been cut off after a text changed places and before it looked at what came out. When that is
    /// neither text of the plan, somebody wrote it, and it goes back.
    fn rescue(&self, steps: &[Step]) -> std::io::Result<()> {
        for (number, step) in steps.iter().enumerate() {
            let kept = self.after(number);
            let Ok(bytes) = fs::read(&kept) else { continue };
            let out = digest(&bytes);
            if self.stands(step) == Stands::After && out != step.after && Some(&out) != step.before.as_ref() {
                fs::rename(&kept, self.target(&step.path))?;
            }
        }
        Ok(())
    }

    /// Moves a kept text into its place, from which it takes the text with this digest, or nothing; over a border between file
    /// systems by way of a file beside it.
    fn put(&self, number: usize, kept: &Path, step: &Step, out: Option<&str>) -> std::io::Result<()> {
        let target = self.target(&step.path);
        let folder = target.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        match change_places(kept, &target, out, &step.path) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let beside = folder.join(format!(".codegen-{number}.new"));
                fs::copy(kept, &beside)?;
                File::open(&beside)?.sync_all()?;
                let done = change_places(&beside, &target, out, &step.path);
                let gone = fs::remove_file(&beside);
                done?;
                match gone {
                    Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                }
            }
            done => done,
        }
    }

    fn stands(&self, step: &Step) -> Stands {
        let linked = step.path.split('/').scan(self.root.clone(), |at, part| {
            at.push(part);
            Some(fs::symlink_metadata(&at).is_ok_and(|meta| meta.is_symlink()))
        });
        if linked.into_iter().any(|linked| linked) {
            return Stands::Otherwise;
        }
        let now = match fs::read(self.target(&step.path)) {
            Ok(bytes) => Some(digest(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(_) => return Stands::Otherwise,
        };
        if now.as_ref() == Some(&step.after) {
            Stands::After
        } else if now == step.before {
            Stands::Before
        } else {
            Stands::Otherwise
        }
    }

    /// The plan goes first: without it the rest means nothing.
    fn clear(&self) -> std::io::Result<()> {
        let gone = |done: std::io::Result<()>| match done {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        gone(fs::remove_file(self.folder.join(PLAN)))?;
        gone(fs::remove_dir_all(&self.folder))
    }

    fn target(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn after(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{number}.after"))
    }

    fn before(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{number}.before"))
    }
}

/// Somebody else wrote to a file.
fn changed(path: &str) -> std::io::Error {
    std::io::Error::new(ErrorKind::ResourceBusy, format!("`{path}` changed while it was written, and is left as it is"))
}

/// Puts a file into a place from which it takes what has this digest, or where nothing is. What comes out is where the file was.
fn change_places(file: &Path, place: &Path, out: Option<&str>, shown: &str) -> std::io::Result<()> {
    let Some(expected) = out else {
        return match rename(file, place, Way::IntoNothing) {
            Err(error) if error.kind() == ErrorKind::Unsupported => match fs::symlink_metadata(place) {
                Ok(_) => Err(changed(shown)),
                Err(_) => fs::rename(file, place),
            },
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(changed(shown)),
            done => done,
        };
    };
    let is_expected = |path: &Path| {
        let plain = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
        plain && fs::read(path).is_ok_and(|bytes| digest(&bytes) == expected)
    };
    match rename(file, place, Way::Exchange) {
        Ok(()) if is_expected(file) => Ok(()),
        Ok(()) => {
            rename(file, place, Way::Exchange)?;
            Err(changed(shown))
        }
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            if is_expected(place) {
                fs::rename(file, place)
            } else {
                Err(changed(shown))
            }
        }
        // It was there a moment ago.
        Err(error) if error.kind() == ErrorKind::NotFound && file.exists() => Err(changed(shown)),
        Err(error) => Err(error),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Exchange,
    IntoNothing,
}

/// A rename that replaces nothing; `Unsupported` where the system or the file system has none.
#[cfg(target_os = "linux")]
fn rename(from: &Path, to: &Path, way: Way) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    let flags = if way == Way::Exchange { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
    renameat_with(CWD, from, CWD, to, flags).map_err(|error| match error {
        Errno::NOSYS | Errno::INVAL | Errno::NOTSUP => std::io::Error::from(ErrorKind::Unsupported),
        error => error.into(),
    })
}

#[cfg(not(target_os = "linux"))]
fn rename(_: &Path, _: &Path, _: Way) -> std::io::Result<()> {
    Err(std::io::Error::from(ErrorKind::Unsupported))
}

/// Writes a file of the journal's own and waits until the disk has it.
fn store(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let mut file = File::options().write(true).create(true).truncate(true).mode(mode & 0o777).open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(fs::Permissions::from_mode(mode & 0o777))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    struct Case {
        root: TempDir,
        state: TempDir,
    }

    /// Two files that are there, one of them executable, and one in a folder that is not.
    const PATHS: [&str; 3] = ["one.py", "bin/two", "new/deep/three.py"];

    impl Case {
        fn new() -> Self {
            let case = Self { root: tempfile::tempdir().unwrap(), state: tempfile::tempdir().unwrap() };
            fs::create_dir(case.root.path().join("bin")).unwrap();
            fs::write(case.root.path().join(PATHS[0]), "old one").unwrap();
            fs::write(case.root.path().join(PATHS[1]), "old two").unwrap();
            fs::set_permissions(case.root.path().join(PATHS[1]), fs::Permissions::from_mode(0o755)).unwrap();
            case
        }

        fn journal(&self) -> Journal {
            Journal::new(self.root.path(), self.state.path())
        }

        fn read(&self, path: &str) -> Option<String> {
            fs::read_to_string(self.root.path().join(path)).ok()
        }

        fn texts(&self) -> Vec<Option<String>> {
            PATHS.iter().map(|path| self.read(path)).collect()
        }

        /// Whether nothing is left of the journal or beside the files.
        fn is_clean(&self) -> bool {
            let strays = super::super::snapshot::walk(self.root.path(), false)
                .filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".codegen")));
            !self.state.path().join("journal").exists() && strays.count() == 0
        }
    }

    fn writes() -> Vec<Write> {
        let write = |path: &str, before: Option<&str>, after: &str| Write {
            path: RepoPath::parse(path).unwrap(),
            before: before.map(|text| text.as_bytes().to_vec()),
            after: after.as_bytes().to_vec(),
        };
        vec![
            write(PATHS[0], Some("old one"), "new one"),
            write(PATHS[1], Some("old two"), "new two"),
            write(PATHS[2], None, "new three"),
        ]
    }

    fn old() -> Vec<Option<String>> {
        vec![Some("old one".into()), Some("old two".into()), None]
    }

    fn new() -> Vec<Option<String>> {
        ["new one", "new two", "new three"].map(|text| Some(text.to_owned())).to_vec()
    }

    #[test]
    fn every_file_is_written_and_keeps_its_mode() {
        let case = Case::new();
        case.journal().write(&writes()).unwrap();
        assert_eq!(case.texts(), new());
        let mode = |path| fs::metadata(case.root.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(PATHS[0]), mode(PATHS[1])), (0o644, 0o755));
        assert!(case.is_clean());
        assert_eq!(case.journal().recover().unwrap(), Recovery::Nothing);
    }

    #[test]
    fn a_process_that_dies_before_its_plan_changed_nothing() {
        let case = Case::new();
        case.journal().prepare(&writes()).unwrap();
        fs::remove_file(case.state.path().join("journal").join(PLAN)).unwrap();
        assert_eq!(case.journal().recover().unwrap(), Recovery::Nothing);
        assert_eq!(case.texts(), old());
        assert!(case.is_clean());
    }

    #[test]
    fn a_process_that_dies_after_any_file_is_finished_by_the_next() {
        for done in 0..=PATHS.len() {
            let case = Case::new();
            let journal = case.journal();
            let steps = journal.prepare(&writes()).unwrap();
            for (number, step) in steps.iter().enumerate().take(done) {
                journal.put(number, &journal.after(number), step, step.before.as_deref()).unwrap();
            }
            assert_eq!(case.journal().recover().unwrap(), Recovery::Finished(3), "after {done}");
            assert_eq!(case.texts(), new());
            assert!(case.is_clean());
        }
    }

    #[test]
    fn a_file_that_somebody_wrote_meanwhile_stays_and_the_set_is_taken_back() {
        for (touched, done) in [(0, 1), (0, 2), (1, 1), (1, 3), (2, 2), (2, 3)] {
            let case = Case::new();
            let journal = case.journal();
            let steps = journal.prepare(&writes()).unwrap();
            for (number, step) in steps.iter().enumerate().take(done) {
                journal.put(number, &journal.after(number), step, step.before.as_deref()).unwrap();
            }
            let file = case.root.path().join(PATHS[touched]);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "mine").unwrap();
            assert_eq!(case.journal().recover().unwrap(), Recovery::TakenBack(vec![PATHS[touched].to_owned()]));
            let mut expected = old();
            expected[touched] = Some("mine".to_owned());
            assert_eq!(case.texts(), expected, "{touched} after {done}");
            assert!(case.is_clean());
            if touched != 2 {
                assert!(!case.root.path().join("new").exists(), "folders that were made stay");
            }
        }
    }

    #[test]
    fn a_file_that_somebody_saves_while_the_set_is_written_is_not_written_over() {
        for touched in 0..PATHS.len() {
            let case = Case::new();
            let journal = case.journal();
            let steps = journal.prepare(&writes()).unwrap();
            let file = case.root.path().join(PATHS[touched]);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "mine").unwrap();
            assert_eq!(journal.apply(&steps).unwrap_err().kind(), ErrorKind::ResourceBusy);
            journal.take_back(&steps).unwrap();
            let mut expected = old();
            expected[touched] = Some("mine".to_owned());
            assert_eq!(case.texts(), expected, "{touched}");
        }
    }

    #[test]
    fn what_comes_out_of_its_place_is_looked_at() {
        let case = Case::new();
        let journal = case.journal();
        let steps = journal.prepare(&writes()).unwrap();
        // Saved after the look and before the writing.
        fs::write(case.root.path().join(PATHS[0]), "mine").unwrap();
        let put = |number: usize| {
            journal.put(number, &journal.after(number), &steps[number], steps[number].before.as_deref())
        };
        assert_eq!(put(0).unwrap_err().kind(), ErrorKind::ResourceBusy);
        assert_eq!(case.read(PATHS[0]).as_deref(), Some("mine"));
        fs::create_dir_all(case.root.path().join("new/deep")).unwrap();
        fs::write(case.root.path().join(PATHS[2]), "mine too").unwrap();
        assert_eq!(put(2).unwrap_err().kind(), ErrorKind::ResourceBusy);
        assert_eq!(case.read(PATHS[2]).as_deref(), Some("mine too"));
        fs::remove_file(case.root.path().join(PATHS[1])).unwrap();
        assert_eq!(put(1).unwrap_err().kind(), ErrorKind::ResourceBusy);
        assert_eq!(case.read(PATHS[1]), None);
        // Cut off between the two.
        let case = Case::new();
        let journal = case.journal();
        journal.prepare(&writes()).unwrap();
        fs::write(case.root.path().join(PATHS[1]), "mine").unwrap();
        if rename(&journal.after(1), &case.root.path().join(PATHS[1]), Way::Exchange).is_ok() {
            assert_eq!(case.journal().recover().unwrap(), Recovery::TakenBack(vec![PATHS[1].to_owned()]));
            assert_eq!(case.texts(), [Some("old one".to_owned()), Some("mine".to_owned()), None]);
        }
    }

    #[test]
    fn nothing_is_finished_through_a_link_that_somebody_made_meanwhile() {
        let (case, outside) = (Case::new(), tempfile::tempdir().unwrap());
        case.journal().prepare(&writes()).unwrap();
        std::os::unix::fs::symlink(outside.path(), case.root.path().join("new")).unwrap();
        assert_eq!(case.journal().recover().unwrap(), Recovery::TakenBack(vec![PATHS[2].to_owned()]));
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
        assert_eq!(case.read(PATHS[0]).as_deref(), Some("old one"));
    }

    #[test]
    fn a_write_that_fails_takes_the_others_back() {
        let case = Case::new();
        let mut writes = writes();
        // Something stands in the way of the last folder.
        fs::write(case.root.path().join("new"), "a file").unwrap();
        assert!(case.journal().write(&writes).is_err());
        assert_eq!(case.texts(), old());
        assert!(case.is_clean());
        writes.pop();
        case.journal().write(&writes).unwrap();
        assert_eq!(case.read(PATHS[1]).as_deref(), Some("new two"));
    }
}
