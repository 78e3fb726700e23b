//! A task: a spec chosen for this run, with its pattern, its language and the files it owns all settled.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::language::Language;
use crate::path::RepoPath;
use crate::pattern::select::{Selection, select};
use crate::pattern::{Library, Pattern, fill_path};
use crate::protect::{Protection, protection};
use crate::spec::Spec;

/// A spec with everything settled that does not need the repository's files.
#[derive(Debug, Clone)]
pub struct Task {
    /// The spec.
    pub spec: Spec,
    /// The pattern and why.
    pub selection: Selection,
    /// The language.
    pub language: Language,
    /// Files with code.
    pub code: Vec<RepoPath>,
    /// Files with tests.
    pub tests: Vec<RepoPath>,
    /// How many times in a row the tests must pass.
    pub test_runs: u32,
    /// Least coverage asked for, percent.
    pub coverage: Option<u8>,
    /// Least share of noticed mutants asked for, percent.
    pub mutation: Option<u8>,
}

/// How many times generated tests run when nothing says otherwise.
const TEST_RUNS: u32 = 5;

impl Task {
    /// The pattern.
    pub fn pattern(&self) -> &Arc<Pattern> {
        self.selection.pattern()
    }

    /// Every file the spec owns.
    pub fn files(&self) -> impl Iterator<Item = &RepoPath> {
        self.code.iter().chain(&self.tests)
    }
}

/// The folders in which packages stand, for the default paths of languages that have such folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Python's.
    pub python: String,
    /// Java's, below its source folder.
    pub java: String,
}

impl Sources {
    fn of(&self, language: Language) -> &str {
        match language {
            Language::Python => &self.python,
            Language::Java => &self.java,
            Language::Rust | Language::Go | Language::TypeScript => "",
        }
    }
}

/// Settles every spec.
pub fn resolve(
    specs: Vec<Spec>,
    library: &Library,
    config: &Config,
    sources: &Sources,
) -> (Vec<Task>, Vec<Diagnostic>) {
    let mut problems = crate::spec::order::check_order(&specs);
    let mut tasks = Vec::new();
    let protected = protected_by(config);
    for spec in specs {
        match resolve_one(spec, library, config, &protected, sources) {
            Ok(task) => tasks.push(task),
            Err(mut found) => problems.append(&mut found),
        }
    }
    problems.append(&mut overlaps(&tasks));
    (tasks, problems)
}

/// The globs under `protect`.
fn protected_by(config: &Config) -> GlobSet {
    let mut globs = GlobSetBuilder::new();
    for glob in config.protect.iter().filter_map(|glob| Glob::new(glob).ok()) {
        globs.add(glob);
    }
    globs.build().unwrap_or_default()
}

fn resolve_one(
    spec: Spec,
    library: &Library,
    config: &Config,
    protected: &GlobSet,
    sources: &Sources,
) -> Result<Task, Vec<Diagnostic>> {
    let selection = select(&spec, library).map_err(|problem| vec![problem])?;
    let at_name = |code, message: String| Diagnostic::at(code, message, &spec.source, spec.name.span.clone());
    let Some(language) = spec.language else {
        let problem = at_name("no-language", "the language of this spec is not known".to_owned());
        return Err(vec![problem.help("say `language: …`, or `files: { code: … }` with an extension")]);
    };
    let pattern = selection.pattern();
    let defaults = pattern.paths.get(&language);
    let mut problems = Vec::new();
    let mut settle = |given: &[Spanned<RepoPath>], template: Option<&String>, what: &str| -> Vec<RepoPath> {
        if !given.is_empty() {
            return given.iter().map(|path| path.value.clone()).collect();
        }
        let filled = template.map(|template| fill_path(template, &spec.name.value, sources.of(language)));
        if let Some(Ok(path)) = filled.map(|path| RepoPath::parse(path.trim_start_matches('/'))) {
            vec![path]
        } else {
            let message =
                format!("the pattern {} has no default path for {what} in {}", pattern.name, language.title());
            problems.push(at_name("no-path", message).help(format!("say `files: {{ {what}: … }}`")));
            Vec::new()
        }
    };
    let code = settle(&spec.files.code, defaults.map(|paths| &paths.code), "code");
    let tests = settle(&spec.files.tests, defaults.map(|paths| &paths.tests), "tests");
    problems.append(&mut refused_paths(&spec, &code, &tests, protected));
    if code.len() + tests.len() > config.limits.files {
        let message =
            format!("this spec owns {} files; at most {} are allowed", code.len() + tests.len(), config.limits.files);
        problems.push(at_name("too-many-files", message).help("raise `limits.files`, or split the spec"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Task {
        language,
        code,
        tests,
        test_runs: spec.gates.test_runs.or(config.gates.test_runs).unwrap_or(TEST_RUNS),
        coverage: spec.gates.coverage.or(config.gates.coverage),
        mutation: spec.gates.mutation.or(config.gates.mutation),
        selection,
        spec,
    })
}

/// Paths that the configuration protects, and default paths that only a spec may list.
fn refused_paths(spec: &Spec, code: &[RepoPath], tests: &[RepoPath], protected: &GlobSet) -> Vec<Diagnostic> {
    let listed = |path: &RepoPath| spec.files.code.iter().chain(&spec.files.tests).find(|listed| listed.value == *path);
    let mut problems = Vec::new();
    for path in code.iter().chain(tests) {
        let span = listed(path).map_or(spec.name.span.clone(), |listed| listed.span.clone());
        if protected.is_match(path.as_str()) {
            let message = format!("`{path}` is protected by `protect` in the configuration");
            problems.push(Diagnostic::at("protected-path", message, &spec.source, span.clone()));
        }
        if listed(path).is_none() && protection(path) != Protection::None {
            let message = format!("`{path}` is protected: the bot writes it only when the spec lists it");
            problems.push(Diagnostic::at("protected-path", message, &spec.source, span));
        }
    }
    problems
}

/// Files that two specs own, also when their paths differ only in case, and one spec that names a file twice.
fn overlaps(tasks: &[Task]) -> Vec<Diagnostic> {
    let mut owners: BTreeMap<String, (&Task, &RepoPath)> = BTreeMap::new();
    let mut problems = Vec::new();
    for task in tasks {
        for path in task.files() {
            let Some((owner, other)) = owners.insert(path.as_str().to_lowercase(), (task, path)) else { continue };
            let message = match (owner.spec.id == task.spec.id, other == path) {
                (true, _) => format!("`{path}` stands twice in this spec"),
                (false, true) => format!("`{path}` belongs to two specs"),
                (false, false) => format!("`{path}` and `{other}` differ only in case"),
            };
            problems.push(
                Diagnostic::at("overlapping-files", message, &task.spec.source, place(task, path))
                    .label(format!("owned by `{}`", task.spec.id))
                    .and(format!("owned by `{}`", owner.spec.id), &owner.spec.source, place(owner, other))
                    .help("a file belongs to one spec"),
            );
        }
    }
    problems
}

fn place(task: &Task, path: &RepoPath) -> std::ops::Range<usize> {
    let files = task.spec.files.code.iter().chain(&task.spec.files.tests);
    files
        .filter(|listed| listed.value == *path)
        .map(|listed| listed.span.clone())
        .next_back()
        .unwrap_or(task.spec.name.span.clone())
}
