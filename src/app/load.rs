//! Loading: every spec, pattern and the configuration of a repository, with every problem of every file in one go.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::NewFiles;
use super::status::in_parallel;
use crate::config::{self, Commands, Config};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::failure::Failure;
use crate::language::Language;
use crate::lock;
use crate::path::RepoPath;
use crate::pattern::{self, Library, Origin, Pattern};
use crate::port::Workspace;
use crate::spec::{self, Spec, SpecId};
use crate::task::{Sources, Task, resolve};

/// What a repository declares.
#[derive(Debug)]
pub struct Loaded {
    /// Its configuration.
    pub config: Config,
    /// Its patterns and the built-in ones.
    pub library: Library,
    /// Its specs, settled, sorted by id.
    pub tasks: Vec<Task>,
    /// Every file of its tree.
    pub files: Vec<RepoPath>,
    /// Commands of folders in which specs write, by folder; a folder comes before those in it.
    pub folders: BTreeMap<String, Commands>,
    /// Whether a spec has default paths that depend on which files there are.
    pub packaged: bool,
    /// The files that are new since the last commit.
    pub new_files: NewFiles,
}

/// Loads everything, or says everything that is wrong.
pub fn load(workspace: &dyn Workspace) -> Result<Loaded, Failure> {
    let files = workspace.files()?;
    let mut problems = Vec::new();
    let config = load_config(workspace, &mut problems);
    let (library, mut found) = load_library(workspace, &files);
    problems.append(&mut found);
    let specs = load_specs(workspace, &files, &mut problems);
    let known = has_packaged_defaults(&specs).then(|| sources(&files));
    whole(workspace, specs, library, config, files, known.as_ref(), problems)
}

/// Loads some specs, with those they come after. That files of other specs overlap is not seen here.
pub fn load_some(workspace: &dyn Workspace, ids: &BTreeSet<SpecId>) -> Result<Loaded, Failure> {
    let mut problems = Vec::new();
    let config = load_config(workspace, &mut problems);
    let (library, mut found) = load_library(workspace, &workspace.files_below(pattern::FOLDER)?);
    problems.append(&mut found);
    let mut open: Vec<SpecId> = ids.iter().cloned().collect();
    let mut files = Vec::new();
    let mut specs: Vec<Spec> = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        files.extend(lock::path_of(&id).filter(|path| workspace.read_bytes(path).is_some()));
        let here: Vec<RepoPath> =
            spec::places(&id).into_iter().filter(|path| workspace.read_bytes(path).is_some()).collect();
        let loaded = load_specs(workspace, &here, &mut problems);
        open.extend(loaded.iter().flat_map(|spec| spec.after.iter().map(|after| after.value.clone())));
        specs.extend(loaded);
        files.extend(here);
    }
    specs.sort_by(|left, right| left.id.cmp(&right.id));
    let known = if has_packaged_defaults(&specs) { Some(sources(&workspace.files()?)) } else { None };
    whole(workspace, specs, library, config, files, known.as_ref(), problems)
}

/// Whether a spec has default paths of Python or Java: only they need to know every file.
fn has_packaged_defaults(specs: &[Spec]) -> bool {
    specs.iter().any(|spec| {
        spec.language.is_none_or(|language| matches!(language, Language::Python | Language::Java))
            && (spec.files.code.is_empty() || spec.files.tests.is_empty())
    })
}

/// What was read, put together; or every problem of it.
fn whole(
    workspace: &dyn Workspace,
    specs: Vec<Spec>,
    library: Library,
    config: Config,
    files: Vec<RepoPath>,
    sources: Option<&Sources>,
    mut problems: Vec<Diagnostic>,
) -> Result<Loaded, Failure> {
    let (tasks, mut found) = resolve(specs, &library, &config, sources.unwrap_or(&Sources::default()));
    problems.append(&mut found);
    let folders = load_folders(workspace, &tasks, &mut problems);
    if problems.is_empty() {
        Ok(Loaded {
            config,
            library,
            tasks,
            files,
            folders,
            packaged: sources.is_some(),
            new_files: NewFiles::default(),
        })
    } else {
        Err(Failure::diagnostics(problems))
    }
}

/// Loads the configuration alone.
pub fn load_config_only(workspace: &dyn Workspace) -> Result<Config, Failure> {
    let mut problems = Vec::new();
    let config = load_config(workspace, &mut problems);
    if problems.is_empty() { Ok(config) } else { Err(Failure::diagnostics(problems)) }
}

/// Loads the patterns alone.
pub fn load_patterns_only(workspace: &dyn Workspace) -> Result<Library, Failure> {
    let (library, problems) = load_library(workspace, &workspace.files()?);
    if problems.is_empty() { Ok(library) } else { Err(Failure::diagnostics(problems)) }
}

/// The text of a file, or a diagnostic that says why it is none.
fn read_text(workspace: &dyn Workspace, path: &RepoPath) -> Option<Result<String, Diagnostic>> {
    let bytes = workspace.read_bytes(path)?;
    Some(String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let text = String::from_utf8_lossy(bytes.get(..good).unwrap_or_default()).into_owned();
        let source = SourceText::new(path.as_str(), text);
        Diagnostic::at("not-utf8", "the file is not UTF-8 text from here on", &source, good..good)
            .help("save the file as UTF-8")
    }))
}

fn load_config(workspace: &dyn Workspace, problems: &mut Vec<Diagnostic>) -> Config {
    let Ok(path) = RepoPath::parse(config::FILE) else { return Config::default() };
    let parsed = match read_text(workspace, &path) {
        None => return Config::default(),
        Some(Err(problem)) => Err(vec![problem]),
        Some(Ok(text)) => config::parse(&SourceText::new(config::FILE, text)),
    };
    match parsed {
        Ok(config) => config,
        Err(mut found) => {
            problems.append(&mut found);
            Config::default()
        }
    }
}

/// Reads the configurations of the folders that code is written in. Those of other folders, such as samples, mean nothing.
fn load_folders(
    workspace: &dyn Workspace,
    tasks: &[Task],
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Commands> {
    let mut folders = BTreeMap::new();
    for code in tasks.iter().flat_map(|task| &task.code) {
        let mut folder = code.parent();
        while !folder.is_empty() {
            let path = RepoPath::parse(&format!("{folder}/{}", config::FILE)).ok();
            if let Some(path) = path.filter(|_| !folders.contains_key(folder)) {
                let parsed = match read_text(workspace, &path) {
                    None => Ok(Commands::new()),
                    Some(Err(problem)) => Err(vec![problem]),
                    Some(Ok(text)) => config::parse_folder(&SourceText::new(path.as_str(), text)),
                };
                let commands = parsed.unwrap_or_else(|mut found| {
                    problems.append(&mut found);
                    Commands::new()
                });
                folders.insert(folder.to_owned(), commands);
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
    folders.retain(|_, commands| !commands.is_empty());
    folders
}

fn load_library(workspace: &dyn Workspace, files: &[RepoPath]) -> (Library, Vec<Diagnostic>) {
    let mut own: Vec<Pattern> = Vec::new();
    let mut problems = Vec::new();
    let here =
        files.iter().filter(|path| path.parent() == pattern::FOLDER && matches!(path.extension(), "yaml" | "yml"));
    for path in here {
        let text = match read_text(workspace, path) {
            None => continue,
            Some(Err(problem)) => {
                problems.push(problem);
                continue;
            }
            Some(Ok(text)) => text,
        };
        let read = |name: &str| {
            let path = RepoPath::parse(&format!("{}/{name}", pattern::FOLDER)).ok()?;
            workspace.read(&path)
        };
        match pattern::parse(&SourceText::new(path.as_str(), text), Origin::Repository, &read) {
            Ok(pattern) => own.push(pattern),
            Err(mut found) => problems.append(&mut found),
        }
    }
    let (library, mut found) = Library::new(own);
    problems.append(&mut found);
    (library, problems)
}

fn load_specs(workspace: &dyn Workspace, files: &[RepoPath], problems: &mut Vec<Diagnostic>) -> Vec<Spec> {
    let mut specs: Vec<Spec> = Vec::new();
    let mut wanted: Vec<(SpecId, RepoPath)> = Vec::new();
    let mut ids: BTreeMap<String, (SpecId, RepoPath)> = BTreeMap::new();
    for path in files {
        let Some(id) = SpecId::of_file(path) else { continue };
        if let Some((other, first)) = ids.get(&id.as_str().to_lowercase()) {
            let message = if *other == id {
                format!("the spec `{id}` stands in two files")
            } else {
                format!("the specs `{id}` and `{other}` differ only in case")
            };
            let problem = Diagnostic::at("duplicate-spec", message, &SourceText::new(path.as_str(), ""), 0..0);
            problems.push(problem.help(format!("the other one is {first}; rename or remove one")));
            continue;
        }
        ids.insert(id.as_str().to_lowercase(), (id.clone(), path.clone()));
        wanted.push((id, path.clone()));
    }
    let parsed = in_parallel(&wanted, |(id, path)| match read_text(workspace, path)? {
        Err(problem) => Some(Err(vec![problem])),
        Ok(text) => Some(spec::parse(id.clone(), &SourceText::new(path.as_str(), text))),
    });
    for one in parsed.into_iter().flatten() {
        match one {
            Ok(spec) => specs.push(spec),
            Err(mut found) => problems.append(&mut found),
        }
    }
    specs.sort_by(|left, right| left.id.cmp(&right.id));
    specs
}

fn sources(files: &[RepoPath]) -> Sources {
    Sources { python: python_source(files), java: java_source(files) }
}

/// The outermost folder with a Java file below a source folder, which is the package of a project that has one.
fn java_source(files: &[RepoPath]) -> String {
    let code = files.iter().filter(|path| path.extension() == "java");
    let below = code.filter_map(|path| path.parent().rsplit_once("src/main/java/").map(|(_, package)| package));
    below.min_by_key(|package| (package.split('/').count(), package.len())).unwrap_or_default().to_owned()
}

/// The folder of the outermost Python package that is not one of tests; `src` when there is none.
fn python_source(files: &[RepoPath]) -> String {
    let packages = files.iter().filter(|path| path.file_name() == "__init__.py" && !path.parent().is_empty());
    let real = packages.filter(|path| path.parts().all(|part| !part.starts_with("test") && !part.starts_with('.')));
    let outermost = real.min_by_key(|path| (path.parts().count(), path.as_str().len()));
    outermost.map_or_else(|| "src".to_owned(), |path| path.parent().to_owned())
}
