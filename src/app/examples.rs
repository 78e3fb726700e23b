//! The choice of examples: those the spec names, else files of the repository that look like the pattern, nearest first,
//! else the library's.

use std::collections::BTreeSet;
use std::sync::Arc;

use globset::{Glob, GlobSetBuilder};

use super::load::Loaded;
use crate::diagnostic::{SourceText, Spanned};
use crate::failure::{Failure, Kind};
use crate::language::{Language, syntax};
use crate::name;
use crate::path::RepoPath;
use crate::pattern::{Example, PatternRef};
use crate::port::Workspace;
use crate::spec::{Files, GateSettings, Spec, SpecId};
use crate::task::Task;
use crate::text::has_word;

/// Examples of a repository that go into one prompt at most.
const MOST: usize = 2;
/// The longest file that serves as an example, in bytes.
const MOST_BYTES: usize = 24_000;

/// The examples of a task and where they came from, for people.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The examples, the most telling first.
    pub examples: Vec<Example>,
    /// `spec`, `repository`, `library` or `none`.
    pub origin: &'static str,
}

/// Chooses the examples of a task. Of the library there is one, since it has the whole shape of the pattern. A small model gets one in any
/// case, because it imitates the last thing it saw: of the repository when that has a spec, else of the library, because it learns from the pair of a spec in prose and its code how to read the next spec.
pub fn choose(task: &Task, loaded: &Loaded, workspace: &dyn Workspace, small: bool) -> Result<Chosen, Failure> {
    let most = if small { 1 } else { MOST };
    let library = task.pattern().examples.get(&task.language).map(|examples| examples.good.as_slice());
    let library = nearest(library.unwrap_or_default(), &task.spec);
    if let Some(named) = &task.spec.examples {
        let mut examples = Vec::new();
        for path in named {
            let found = read_example(&path.value, task, loaded, workspace);
            examples.push(found.ok_or_else(|| missing_example(&path.value))?);
        }
        return Ok(Chosen { examples, origin: "spec" });
    }
    let mut found = find(task, loaded, workspace);
    let has_spec = |example: &Example| !example.spec.source.text.is_empty();
    if small {
        // Those that have a spec first, else as they were.
        found.sort_by_key(|example| !has_spec(example));
    }
    found.truncate(most);
    if !found.is_empty() {
        let told = found.iter().any(has_spec);
        if !small || told || library.is_none() {
            return Ok(Chosen { examples: found, origin: "repository" });
        }
    }
    let origin = if library.is_none() { "none" } else { "library" };
    Ok(Chosen { examples: library.into_iter().cloned().collect(), origin })
}

/// Of the examples of a pattern the one that has most of its words in the prose of the spec: what an example shows and the spec does not ask
/// for is easily copied. Of equals the first.
fn nearest<'e>(examples: &'e [Example], spec: &Spec) -> Option<&'e Example> {
    let said =
        std::iter::once(&spec.description).chain(&spec.rules).map(|text| text.to_lowercase()).collect::<Vec<_>>();
    let is_said = |word: &&String| said.iter().any(|text| has_word(text, &word.to_lowercase()));
    examples.iter().rev().max_by_key(|example| example.words.iter().filter(is_said).count())
}

fn missing_example(path: &RepoPath) -> Failure {
    Failure::new(Kind::Usage, format!("the example `{path}` is not there, or is not text in the language of the spec"))
}

/// Files of the repository that look like the pattern and have tests, nearest to the task's code first.
fn find(task: &Task, loaded: &Loaded, workspace: &dyn Workspace) -> Vec<Example> {
    let mut globs = GlobSetBuilder::new();
    for glob in task.pattern().globs.iter().filter_map(|glob| Glob::new(glob).ok()) {
        globs.add(glob);
    }
    let Ok(globs) = globs.build() else { return Vec::new() };
    let owned = |path: &RepoPath| task.files().any(|own| own == path);
    let mut candidates: Vec<&RepoPath> = loaded
        .files
        .iter()
        .filter(|path| Language::from_extension(path.extension()) == Some(task.language))
        .filter(|path| {
            globs.is_match(path.as_str()) && !is_test(path) && !owned(path) && !path.as_str().starts_with('.')
        })
        .collect();
    let home = task.code.first();
    candidates
        .sort_by_key(|path| (std::cmp::Reverse(home.map_or(0, |home| shared_folders(home, path))), path.as_str()));
    let examples = candidates.into_iter().filter_map(|path| read_example(path, task, loaded, workspace));
    examples.filter(|example| !example.tests.is_empty()).take(MOST).collect()
}

fn shared_folders(left: &RepoPath, right: &RepoPath) -> usize {
    left.parent().split('/').zip(right.parent().split('/')).take_while(|(left, right)| left == right).count()
}

/// Whether a file holds tests, by its name or folder.
pub fn is_test(path: &RepoPath) -> bool {
    let folder = path.parent().split('/').any(|part| matches!(part, "test" | "tests" | "__tests__" | "spec"));
    let stem = path.stem();
    folder
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with(".test")
        || stem.ends_with(".spec")
        || stem == "conftest"
}

fn read_example(path: &RepoPath, task: &Task, loaded: &Loaded, workspace: &dyn Workspace) -> Option<Example> {
    let code = workspace.read(path).filter(|text| text.len() <= MOST_BYTES && !text.trim().is_empty())?;
    if !syntax::errors(task.language, &code).is_empty() {
        return None;
    }
    let tests = tests_of(path, loaded);
    let text =
        tests.and_then(|tests| workspace.read(tests)).filter(|text| text.len() <= MOST_BYTES).unwrap_or_default();
    let owner = loaded.tasks.iter().find(|other| other.code.contains(path));
    let spec = match owner {
        Some(owner) => {
            let mut spec = owner.spec.clone();
            spec.files = owned_files(&owner.code, &owner.tests);
            spec
        }
        None => described(path, tests, &code, task),
    };
    Some(Example { spec, code, tests: text, words: Vec::new(), shown: path.to_string(), of_pattern: false })
}

fn owned_files(code: &[RepoPath], tests: &[RepoPath]) -> Files {
    let spanned = |paths: &[RepoPath]| paths.iter().map(|path| Spanned { value: path.clone(), span: 0..0 }).collect();
    Files { code: spanned(code), tests: spanned(tests) }
}

/// The test file that goes with a code file, by the habits of the language.
fn tests_of<'l>(code: &RepoPath, loaded: &'l Loaded) -> Option<&'l RepoPath> {
    let stem = code.stem();
    let names = [
        format!("test_{stem}"),
        format!("{stem}_test"),
        format!("{stem}.test"),
        format!("{stem}.spec"),
        format!("{stem}_tests"),
        stem.to_owned(),
    ];
    let candidates = loaded.files.iter().filter(|path| {
        path.extension() == code.extension()
            && *path != code
            && is_test(path)
            && names.iter().any(|name| name == path.stem())
    });
    candidates.max_by_key(|path| shared_folders(code, path))
}

/// A spec for code that has none: its name from the file, its description from the comment at the top.
fn described(path: &RepoPath, tests: Option<&RepoPath>, code: &str, task: &Task) -> Spec {
    let pattern = task.pattern();
    let snake = name::snake(path.stem());
    let own = snake.trim_end_matches(&pattern.name).trim_end_matches('_');
    let base =
        if own.is_empty() { path.parent().rsplit('/').next().unwrap_or("example").trim_end_matches('s') } else { own };
    let shown = name::pascal(base);
    let head = head_comment(task.language, code)
        .unwrap_or_else(|| format!("The {} {} of this repository.", shown, pattern.name));
    let items = documented_items(task.language, code);
    let description = if items.is_empty() {
        head
    } else {
        format!(
            "{head}

{}",
            items.join(
                "
"
            )
        )
    };
    Spec {
        id: SpecId::from_argument("example"),
        name: Spanned { value: shown, span: 0..0 },
        description,
        pattern: PatternRef::parse(&pattern.name).map(|value| Spanned { value, span: 0..0 }),
        language: Some(task.language),
        files: owned_files(std::slice::from_ref(path), tests.map(std::slice::from_ref).unwrap_or_default()),
        context: Vec::new(),
        uses: Vec::new(),
        examples: None,
        after: Vec::new(),
        rules: Vec::new(),
        gates: GateSettings::default(),
        source: Arc::clone(&SourceText::new(path.as_str(), "")),
    }
}

/// The comment or docstring that heads a file.
fn head_comment(language: Language, code: &str) -> Option<String> {
    let mut lines = Vec::new();
    // In Java a file is headed by its package and its imports, and its class by what says what it is.
    let code = if language == Language::Java { code.find("/**").and_then(|at| code.get(at..))? } else { code };
    if language == Language::Python {
        let rest = code.trim_start().strip_prefix("\"\"\"")?;
        lines.extend(rest.split("\"\"\"").next()?.lines().map(str::trim));
    } else {
        for line in code.lines() {
            let line = line.trim();
            let Some(text) = ["//!", "///", "//", "/**", "*/", "*"].iter().find_map(|mark| line.strip_prefix(mark))
            else {
                break;
            };
            lines.push(text.trim().trim_end_matches("*/").trim());
        }
    }
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Most items that the made-up description of an example lists.
const MOST_ITEMS: usize = 24;

/// What the comments of a file say of its items, as `name: sentence`: the nearest thing to a spec that hand-written code has.
fn documented_items(language: Language, code: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    let mut lines = code.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if language == Language::Python {
            let declares = line.starts_with("def ") || line.starts_with("class ");
            let docstring =
                lines.peek().and_then(|next| next.strip_prefix("\"\"\"")).filter(|_| declares && line.ends_with(':'));
            if let Some(docstring) = docstring {
                comment = vec![docstring.trim_end_matches("\"\"\"")];
                push_item(&mut items, line, &comment);
            }
            comment.clear();
            continue;
        }
        let marks: &[&str] = if language == Language::Rust { &["///"] } else { &["//", "/**", "*/", "*"] };
        if let Some(text) = marks.iter().find_map(|mark| line.strip_prefix(mark)) {
            comment.push(text.trim_end_matches("*/").trim());
        } else if (line.starts_with("#[") || line.starts_with('@')) && !comment.is_empty() {
            // Attributes stand between a comment and its item.
        } else {
            push_item(&mut items, line, &comment);
            comment.clear();
        }
    }
    // A protocol and the class that implements it may say the same.
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(item.clone()));
    items.truncate(MOST_ITEMS);
    items
}

fn push_item(items: &mut Vec<String>, line: &str, comment: &[&str]) {
    let text = comment.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let keywords = [
        "pub",
        "fn",
        "struct",
        "enum",
        "trait",
        "const",
        "type",
        "func",
        "var",
        "def",
        "class",
        "async",
        "export",
        "interface",
        "function",
        "readonly",
        "default",
        "abstract",
        "public",
        "static",
        "private",
        "package",
        "impl",
        "use",
        "mod",
    ];
    let names = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    let receiver_off = line.strip_prefix("func (").and_then(|rest| rest.split_once(") ")).map(|(_, rest)| rest);
    let mut names: Box<dyn Iterator<Item = &str>> = match receiver_off {
        Some(rest) => Box::new(rest.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))),
        None => Box::new(names),
    };
    let skipped = ["package", "impl", "use", "mod"].iter().any(|word| line.starts_with(word));
    let Some(name) = names.find(|word| !word.is_empty() && !keywords.contains(word)) else { return };
    if !text.is_empty() && !skipped {
        items.push(format!("- {name}: {text}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_items_become_a_description() {
        for (language, code) in [
            (
                Language::Rust,
                "//! Head.\n\n/// A thing.\n#[derive(Debug)]\npub struct Thing {\n    /// Its key.\n    pub id: u64,\n}\n",
            ),
            (Language::Go, "package a\n\n// A thing.\ntype Thing struct {\n\t// Its key.\n\tid int64\n}\n"),
            (
                Language::TypeScript,
                "/** A thing. */\nexport interface Thing {\n  /** Its key. */\n  readonly id: number;\n}\n",
            ),
        ] {
            assert_eq!(documented_items(language, code), ["- Thing: A thing.", "- id: Its key."], "{language}");
        }
        let python =
            "class Thing:\n    \"\"\"A thing.\"\"\"\n\n    def id(self) -> int:\n        \"\"\"Its key.\"\"\"\n";
        assert_eq!(documented_items(Language::Python, python), ["- Thing: A thing.", "- id: Its key."]);
        assert_eq!(
            documented_items(Language::Go, "// Get returns it.\nfunc (s *Store) Get(id int64) error {\n"),
            ["- Get: Get returns it."]
        );
    }

    #[test]
    fn tests_are_known_by_name_and_folder() {
        for (path, test) in [
            ("src/order_repository.rs", false),
            ("tests/order_repository.rs", true),
            ("internal/orders/repository_test.go", true),
            ("shop/test_order.py", true),
            ("src/order.test.ts", true),
            ("src/contest.ts", false),
        ] {
            assert_eq!(is_test(&RepoPath::parse(path).unwrap()), test, "{path}");
        }
    }

    #[test]
    fn head_comments_are_read_in_each_language() {
        for (language, code) in [
            (Language::Rust, "//! Stores orders.\n\nuse a;\n"),
            (Language::Go, "// Stores orders.\npackage a\n"),
            (Language::Python, "\"\"\"Stores orders.\"\"\"\n\nimport a\n"),
            (Language::TypeScript, "/**\n * Stores orders.\n */\nimport a;\n"),
        ] {
            assert_eq!(head_comment(language, code).as_deref(), Some("Stores orders."), "{language}");
        }
    }
}
