//! The prompts of a task: its questions with the examples that go before them.

use std::collections::BTreeSet;

use super::counterpart::{self, Heading, counterpart};
use super::examples::Chosen;
use super::load::Loaded;
use crate::answer::{Form, Sayings};
use crate::capability::Capability;
use crate::diagnostic::SourceText;
use crate::failure::{Failure, Kind};
use crate::language::detect::{Project, project};
use crate::language::imports::import_line;
use crate::language::outline::{Item, all_items};
use crate::language::syntax::names;
use crate::language::test_cases::Category;
use crate::language::{Language, docstrings};
use crate::lock::{Lock, digest, unix};
use crate::name;
use crate::path::RepoPath;
use crate::pattern::Example;
use crate::port::{Role, Workspace};
use crate::prompt::{self, Ask, BuildError, Exemplar, Grounds, Prompt, Reading};
use crate::protect::holds_secrets;
use crate::relevance::words;
use crate::spec::{self, Spec};
use crate::task::Task;

/// What is needed to ask about one task.
pub struct Questions<'a> {
    task: &'a Task,
    project: &'a Project,
    chosen: &'a Chosen,
    uses: Vec<Reading>,
    capability: Capability,
    form: Form,
    previous: Option<Previous>,
}

/// What a changed spec was when its files were generated.
pub struct Previous {
    /// The spec of before.
    pub spec: Spec,
    /// Its files as they stand, edits by hand included.
    pub files: Vec<Reading>,
}

/// The spec of before and its files, when the spec has changed since; `None` when git has its text no more.
pub fn previous_of(task: &Task, lock: Option<&Lock>, workspace: &dyn Workspace) -> Option<Previous> {
    let lock = lock.filter(|lock| lock.spec != digest(&task.spec.source.text))?;
    let text = workspace.pristine(&task.spec.id, lock.spec_blob.as_deref()?)?;
    let spec = spec::parse(task.spec.id.clone(), &SourceText::new(task.spec.source.path.clone(), text)).ok()?;
    let files = task.files().filter_map(|path| {
        let text = unix(&workspace.read(path)?).into_owned();
        Some(Reading { path: path.to_string(), text })
    });
    let files: Vec<Reading> = files.collect();
    (!files.is_empty()).then_some(Previous { spec, files })
}

/// Reads the files that a spec wants the model to see. Only files that are part of the repository, and never secrets.
pub fn read_uses(task: &Task, loaded: &Loaded, workspace: &dyn Workspace) -> Result<Vec<Reading>, Failure> {
    let mut readings = Vec::new();
    for path in &task.spec.uses {
        let path = &path.value;
        let refuse = |why: &str| Err(Failure::new(Kind::Policy, format!("`{path}` is not shown to a model: {why}")));
        if holds_secrets(path) {
            return refuse("its name says that it holds secrets");
        }
        if workspace.is_ignored(path) && !loaded.files.contains(path) {
            return refuse("git ignores it");
        }
        let Some(text) = workspace.read(path) else {
            // A file that an earlier spec of this run writes is read once it is there.
            if loaded.tasks.iter().any(|other| other.files().any(|own| own == path)) {
                continue;
            }
            return Err(Failure::new(
                Kind::Usage,
                format!("the spec `{}` uses `{path}`, which is not there", task.spec.id),
            ));
        };
        readings.push(Reading { path: path.to_string(), text });
    }
    Ok(readings)
}

impl<'a> Questions<'a> {
    /// Gathers what the questions need.
    pub fn new(
        task: &'a Task,
        project: &'a Project,
        chosen: &'a Chosen,
        uses: Vec<Reading>,
        capability: Capability,
        form: Form,
    ) -> Self {
        Self { task, project, chosen, uses, capability, form, previous: None }
    }

    /// Asks for a change of what stands.
    #[must_use]
    pub fn updating(self, previous: Option<Previous>) -> Self {
        Self { previous, ..self }
    }

    fn grounds(&self) -> Grounds<'_> {
        let pattern = self.task.pattern();
        Grounds {
            language: self.task.language,
            pattern: &pattern.name,
            summary: &pattern.summary,
            rules: pattern.rules_for(self.task.language).map(|(_, text)| text).collect(),
            templates: &pattern.templates,
            form: self.form,
        }
    }

    /// The conversation that asks for the code.
    pub fn code(&self) -> Result<Prompt, Failure> {
        let ask = Ask {
            spec: &self.task.spec,
            role: Role::Code,
            write: texts(&self.task.code),
            code: Vec::new(),
            import: String::new(),
            dependencies: self.project.dependencies.clone(),
            uses: self.uses.clone(),
        };
        self.build(&ask)
    }

    /// The conversation that asks for the tests of this code.
    pub fn tests(&self, code: &[Reading]) -> Result<Prompt, Failure> {
        let import = match (self.task.code.first(), self.task.tests.first()) {
            (Some(code), Some(tests)) => import_line(self.project, code, tests),
            _ => String::new(),
        };
        let ask = Ask {
            spec: &self.task.spec,
            role: Role::Tests,
            write: texts(&self.task.tests),
            code: code.to_vec(),
            import,
            dependencies: self.project.dependencies.clone(),
            uses: Vec::new(),
        };
        self.build(&ask)
    }

    /// What an example has in the place of an item of the code or of the tests, which reads `own_text`, as a text to read.
    pub(super) fn counterpart(&self, item: &Item, own_text: &str, role: Role) -> Option<String> {
        let of = |example: &Example| {
            let (files, text) = if role == Role::Tests {
                (&example.spec.files.tests, &example.tests)
            } else {
                (&example.spec.files.code, &example.code)
            };
            let own = (item, own_text, self.task.spec.name.value.as_str());
            let found = counterpart(self.task.language, own, (text, &example.spec.name.value), role)?;
            let path = &files.first()?.value;
            Some(prompt::fence(&format!("the same of another specification, from {path}"), &found))
        };
        self.chosen.examples.iter().find_map(of)
    }

    /// Tests of an example that show a kind of case, as a text to read.
    pub(super) fn tests_of(&self, category: Category) -> Option<String> {
        let of = |example: &Example| {
            let found = counterpart::tests_of(self.task.language, &example.tests, category)?;
            let path = &example.spec.files.tests.first()?.value;
            Some(prompt::fence(&format!("tests of another specification, from {path}"), &found))
        };
        self.chosen.examples.iter().find_map(of)
    }

    /// How the tests of the first example begin, in the names of the spec: those that a comment stands above.
    pub(super) fn headings_of_tests(&self) -> Vec<Heading> {
        let Some(example) = self.chosen.examples.first() else { return Vec::new() };
        let text = self.in_own_names(&example.tests);
        counterpart::headings(self.task.language, &text)
    }

    /// The code of the first example, as if it were of this spec.
    pub(super) fn example_in_own_names(&self) -> Option<String> {
        self.chosen.examples.first().map(|example| self.in_own_names(&example.code))
    }

    /// A text about the thing of the first example as one about the thing of this spec.
    pub(super) fn in_own_names(&self, text: &str) -> String {
        let theirs = self.chosen.examples.first().map_or("", |example| example.spec.name.value.as_str());
        let is_snake = matches!(self.task.language, Language::Python | Language::Rust);
        let lower = if is_snake { name::snake } else { name::camel };
        name::renamed(text, theirs, &self.task.spec.name.value, lower)
    }

    fn build(&self, ask: &Ask<'_>) -> Result<Prompt, Failure> {
        let mut exemplars: Vec<Exemplar<'_>> =
            self.chosen.examples.iter().filter_map(|example| self.exemplar(example, ask.role)).collect();
        // A small model copies the tests of the last example, also those of rules that the spec does not have: it gets the one
        // that shows how a spec in prose becomes tests.
        if self.capability.small && ask.role == Role::Tests {
            exemplars.truncate(1);
        }
        let (grounds, tokens) = (self.grounds(), self.capability.prompt_tokens());
        let built =
            prompt::build(&grounds, &exemplars, ask, tokens).and_then(|prompt| self.update(&grounds, prompt, ask));
        built.map_err(|error| match error {
            BuildError::Template(message) => {
                Failure::new(Kind::Usage, format!("a template of the pattern {} fails", self.task.pattern().name))
                    .cause(message)
            }
            BuildError::Overflow(overflow) => Failure::new(
                Kind::Usage,
                format!(
                    "the prompt of `{}` needs {} tokens, and there is room for {}",
                    self.task.spec.id, overflow.needed, overflow.available
                ),
            )
            .hint("shorten the description, use fewer files, or raise `model.context`"),
        })
    }

    /// Puts the files that stand before the question, where the spec changed and they are there.
    fn update(&self, grounds: &Grounds<'_>, prompt: Prompt, ask: &Ask<'_>) -> Result<Prompt, BuildError> {
        let Some(previous) = &self.previous else { return Ok(prompt) };
        let standing = previous.files.iter().filter(|file| ask.write.contains(&file.path)).cloned();
        let standing: Vec<Reading> = standing.collect();
        if standing.len() != ask.write.len() {
            return Ok(prompt);
        }
        let old = Ask { spec: &previous.spec, uses: Vec::new(), ..ask.clone() };
        prompt::update(grounds, prompt, &old, &standing, self.capability.prompt_tokens())
    }

    fn exemplar<'e>(&'e self, example: &'e Example, role: Role) -> Option<Exemplar<'e>> {
        let (code, tests) = (example.spec.files.code.first()?.value.clone(), example.spec.files.tests.first());
        // An example of the library stands in a project of its own.
        let own = project_of_example(self.project, example);
        let (write, answer, shown) = match role {
            Role::Code if self.capability.small => {
                (code.to_string(), docstrings::said_once(self.task.language, &example.code), Vec::new())
            }
            Role::Code => (code.to_string(), example.code.clone(), Vec::new()),
            Role::Merge => return None,
            Role::Tests if example.tests.is_empty() => return None,
            Role::Tests => {
                let reading = Reading { path: code.to_string(), text: example.code.clone() };
                (tests?.value.to_string(), example.tests.clone(), vec![reading])
            }
        };
        let import = tests.map(|tests| import_line(&own, &code, &tests.value)).unwrap_or_default();
        Some(Exemplar {
            ask: Ask {
                spec: &example.spec,
                role,
                write: vec![write.clone()],
                code: shown,
                import,
                dependencies: own.dependencies,
                uses: Vec::new(),
            },
            answer: vec![Reading { path: write, text: answer }],
        })
    }
}

/// The project in which an example stands: those of the library have one of their own.
fn project_of_example(like: &Project, example: &Example) -> Project {
    if !example.of_pattern {
        return like.clone();
    }
    let mut own = super::patterns_test::scaffold_project(like.language);
    own.dependencies = super::patterns_test::scaffold_dependencies(like.language, &example.code);
    own
}

/// An example that an answer may copy from: its name, and the line by which its tests import its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name in its spec.
    pub name: String,
    /// The line, as the prompt says it.
    pub import: String,
    /// The names of the items of its code.
    pub declared: BTreeSet<String>,
    /// The words of its spec that are names in its code: what it is about.
    pub about: BTreeSet<String>,
    /// What its comments say.
    pub sayings: Sayings,
}

/// The examples of a task, for finding what an answer copied from them; the line by which its own tests import its code.
pub fn sources(task: &Task, project: &Project, chosen: &Chosen) -> (Vec<Source>, String) {
    let line = |project: &Project, code: Option<&RepoPath>, tests: Option<&RepoPath>| {
        code.zip(tests).map(|(code, tests)| import_line(project, code, tests)).unwrap_or_default()
    };
    let sources = chosen.examples.iter().map(|example| {
        let files = &example.spec.files;
        let (code, tests) = (files.code.first().map(|path| &path.value), files.tests.first().map(|path| &path.value));
        let said: BTreeSet<String> = words(&example.spec.description).collect();
        Source {
            about: names(task.language, &example.code)
                .iter()
                .flat_map(|name| words(name))
                .filter(|word| said.contains(word))
                .collect(),
            sayings: Sayings::read([example.code.as_str(), example.tests.as_str()], &example.spec.description),
            name: example.spec.name.value.clone(),
            import: line(&project_of_example(project, example), code, tests),
            declared: all_items(task.language, &example.code)
                .into_iter()
                .flat_map(|item| item.name.split(", ").map(str::to_owned).collect::<Vec<_>>())
                .collect(),
        }
    });
    (sources.collect(), line(project, task.code.first(), task.tests.first()))
}

fn texts(paths: &[RepoPath]) -> Vec<String> {
    paths.iter().map(RepoPath::to_string).collect()
}

/// The project of a task, with the configuration's commands in place of detected ones.
pub fn project_of(task: &Task, loaded: &Loaded, workspace: &dyn Workspace) -> Option<Project> {
    let mut found = project(task.language, task.code.first()?, workspace.view());
    super::doctor::configure(&mut found, &loaded.config.languages, "config");
    // The nearest has the last word.
    for (folder, commands) in &loaded.folders {
        let inside = found.folder.strip_prefix(folder.as_str());
        if inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            super::doctor::configure(&mut found, commands, &format!("{folder}/{}", crate::config::FILE));
        }
    }
    Some(found)
}
