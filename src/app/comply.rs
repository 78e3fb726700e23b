//! Compliance of any code with a pattern: which files are meant, and their judgement, on every processor.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::examples::is_test;
use crate::failure::{Failure, Kind};
use crate::language::Language;
use crate::path::RepoPath;
use crate::pattern::Pattern;
use crate::pattern::check::Judge;
use crate::pattern::compliance::{FileReport, Report, judge_file};
use crate::port::{Files, Workspace};

/// The files of the user's tree as they stand.
pub struct Tree {
    workspace: Arc<dyn Workspace>,
    paths: Vec<RepoPath>,
}

impl Tree {
    /// Lists them.
    pub fn new(workspace: Arc<dyn Workspace>) -> Result<Self, Failure> {
        let paths = workspace.files()?;
        Ok(Self { workspace, paths })
    }
}

impl Files for Tree {
    fn list(&self) -> &[RepoPath] {
        &self.paths
    }

    fn read(&self, path: &RepoPath) -> Option<Vec<u8>> {
        self.workspace.read_bytes(path)
    }
}

/// Judges the files that are meant; one that went away meanwhile is left out.
pub fn comply(
    pattern: &Pattern,
    files: &dyn Files,
    revision: Option<String>,
    wanted: &[String],
) -> Result<Report, Failure> {
    let chosen = choose(pattern, files.list(), wanted)?;
    Ok(Report::new(pattern, revision, judge_all(pattern, files, &chosen)))
}

fn judge_all(pattern: &Pattern, files: &dyn Files, chosen: &[(RepoPath, Language)]) -> Vec<FileReport> {
    let mut judges = BTreeMap::new();
    for (_, language) in chosen {
        judges.entry(*language).or_insert_with(|| Judge::new(pattern, *language));
    }
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(Vec::with_capacity(chosen.len()));
    let work = || {
        let mut own = Vec::new();
        while let Some((path, language)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let (Some(bytes), Some(judge)) = (files.read(path), judges.get(language)) {
                own.push(judge_file(judge, path.clone(), *language, bytes));
            }
        }
        reports.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(chosen.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    reports.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The files that the arguments mean, sorted. A file or a glob means itself. A folder means the files in it that the
/// pattern's own globs pick and that are no tests; so does no argument at all, for the whole repository.
fn choose(pattern: &Pattern, files: &[RepoPath], wanted: &[String]) -> Result<Vec<(RepoPath, Language)>, Failure> {
    let own = own_globs(pattern);
    let typical = |path: &RepoPath| own.is_match(path.as_str()) && !is_test(path);
    let mut chosen: BTreeMap<RepoPath, Language> = BTreeMap::new();
    let mut add = |paths: &mut dyn Iterator<Item = &RepoPath>| -> usize {
        let known = paths.filter_map(|path| Some((path.clone(), Language::from_extension(path.extension())?)));
        known.map(|(path, language)| chosen.insert(path, language)).count()
    };
    let everything = [String::new()];
    for argument in if wanted.is_empty() { everything.as_slice() } else { wanted } {
        let folder = if argument.is_empty() { String::new() } else { format!("{argument}/") };
        if let Some(file) = files.iter().find(|file| file.as_str() == argument) {
            if add(&mut std::iter::once(file)) == 0 {
                let known: Vec<&str> = Language::ALL.into_iter().map(Language::title).collect();
                return Err(Failure::new(Kind::Usage, format!("`{argument}` is in no language that patterns know"))
                    .hint(format!("languages: {}", known.join(", "))));
            }
        } else if files.iter().any(|file| file.as_str().starts_with(&folder)) {
            if add(&mut files.iter().filter(|file| file.as_str().starts_with(&folder) && typical(file))) == 0 {
                let place = if argument.is_empty() { "here".to_owned() } else { format!("in `{argument}`") };
                return Err(Failure::new(
                    Kind::Usage,
                    format!("no file {place} looks like the pattern {}", pattern.name),
                )
                .hint(format!("it looks for {}", pattern.globs.join(", ")))
                .hint("name files, or a glob such as 'src/**/*_store.rs', to judge others"));
            }
        } else {
            let glob = GlobBuilder::new(argument).literal_separator(true).build();
            let glob = glob.map_err(|error| {
                Failure::new(Kind::Usage, format!("`{argument}` is no file, folder or glob")).because(&error)
            })?;
            let matcher = glob.compile_matcher();
            if add(&mut files.iter().filter(|file| matcher.is_match(file.as_str()))) == 0 {
                return Err(Failure::new(Kind::Usage, format!("there is no file `{argument}`"))
                    .hint("files that git ignores are not judged; quote globs, so that the shell leaves them alone"));
            }
        }
    }
    Ok(chosen.into_iter().collect())
}

fn own_globs(pattern: &Pattern) -> GlobSet {
    let mut globs = GlobSetBuilder::new();
    for glob in pattern.globs.iter().filter_map(|glob| Glob::new(glob).ok()) {
        globs.add(glob);
    }
    globs.build().unwrap_or_else(|_| GlobSet::empty())
}
