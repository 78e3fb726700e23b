//! An answer: the raw text that came back, and the files in it.
//!
//! Two forms are read. *Fenced*: each file as a path on a line of its own and one fenced block. *Schema*: JSON held to
//! [`schema`]. Prose never reaches a file: what is not in a block is not a file, and a block that is not closed, not
//! announced or not asked for is a problem with a reason.

mod comments;
mod fenced;
mod leak;
mod spelling;
mod structured;
mod variables;

pub use comments::{Sayings, with_own_fields, with_own_name, without_foreign_signs};
pub use leak::{replace_import, replace_leaks};
pub use spelling::spelled_as_said;
pub use structured::schema;
pub use variables::with_own_variables;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::language::Language;
use crate::language::outline::{Item, all_items, outline};
use crate::language::splice::{SpliceProblem, splice, splice_at, splice_new};
use crate::language::syntax::errors;
use crate::path::{PathProblem, RepoPath};
use crate::protect::{Protection, protection};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Fenced blocks headed by a path.
    Fenced,
    /// JSON held to a schema.
    Schema,
}

impl Form {
    /// The word for it in templates and output.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fenced => "fenced",
            Self::Schema => "schema",
        }
    }
}

/// One file of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredFile {
    /// Where it goes.
    pub path: RepoPath,
    /// Its whole text.
    pub text: String,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No text at all.
    #[error("the answer is empty")]
    Empty,
    /// No block.
    #[error("the answer has no fenced block: each file must be its path on a line of its own, then one fenced block")]
    NoBlock,
    /// A block without end.
    #[error("the answer is cut off: the block of `{0}` is not closed")]
    Unclosed(String),
    /// Several blocks, and not clear which is which.
    #[error(
        "the answer has {0} blocks and it is not clear which file each is: put its path on a line of its own before each block"
    )]
    Unclear(usize),
    /// A path that is not one.
    #[error("`{path}`: {problem}")]
    Path {
        /// The path as written.
        path: String,
        /// Why not.
        problem: PathProblem,
    },
    /// A path that the bot never writes.
    #[error("`{0}` is protected and never written")]
    Protected(String),
    /// A file that the spec does not own.
    #[error("`{path}` is not one of the files to write ({})", .owned.join(", "))]
    NotOwned {
        /// The path.
        path: String,
        /// What may be written.
        owned: Vec<String>,
    },
    /// A file twice.
    #[error("`{0}` stands twice in the answer")]
    Duplicate(String),
    /// A file that was asked for and is not there.
    #[error("`{0}` is missing in the answer")]
    Missing(String),
    /// A file without text.
    #[error("`{0}` is empty")]
    EmptyFile(String),
    /// Items that have no place.
    #[error("`{path}`: {problem}")]
    Splice {
        /// The file.
        path: String,
        /// Why not.
        problem: SpliceProblem,
    },
    /// The same again.
    #[error("the answer changes nothing")]
    Unchanged,
    /// Not the JSON that was asked for.
    #[error("the answer is not the JSON that was asked for: {0}")]
    Schema(String),
}

impl Problem {
    /// Whether the answer reached for something it must not touch.
    pub fn is_policy(&self) -> bool {
        matches!(self, Self::Path { .. } | Self::Protected(_) | Self::NotOwned { .. })
    }
}

/// Reads the files of an answer. `wanted` must all be there, or at least one of them when `any` is set.
pub fn parse(text: &str, form: Form, wanted: &[RepoPath], any: bool) -> Result<Vec<AnsweredFile>, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Empty);
    }
    let raw = match form {
        Form::Schema => structured::read(text)?,
        Form::Fenced => fenced::read(text, wanted)?,
    };
    let mut files: Vec<AnsweredFile> = Vec::new();
    for (path, text) in raw {
        let path = owned_path(path, wanted)?;
        if files.iter().any(|file| file.path == path) {
            return Err(Problem::Duplicate(path.to_string()));
        }
        if text.trim().is_empty() {
            return Err(Problem::EmptyFile(path.to_string()));
        }
        files.push(AnsweredFile { path, text: clean(&text) });
    }
    let missing = wanted.iter().find(|path| files.iter().all(|file| file.path != **path));
    match missing {
        Some(path) if !any || files.is_empty() => Err(Problem::Missing(path.to_string())),
        _ => Ok(files),
    }
}

/// Whether a fence is left open at the end, or one is closed that was never opened: their number is odd.
pub fn ends_in_a_block(text: &str) -> bool {
    text.lines().filter(|line| line.trim_start().starts_with("```")).count() % 2 == 1
}

/// Reads the files of a fenced answer that broke off: of the last file, the items that are whole. None where nothing is.
pub fn parse_broken_off(text: &str, language: Language, wanted: &[RepoPath]) -> Option<Vec<AnsweredFile>> {
    let closed = if ends_in_a_block(text) { format!("{}\n```\n", text.trim_end()) } else { text.to_owned() };
    let mut files = parse(&closed, Form::Fenced, wanted, false).ok()?;
    let last = files.last_mut()?;
    // A member of a container that is not closed ends nothing, except where containers have no end.
    let ends = outline(language, &last.text).into_iter().rev();
    let ends = ends.flat_map(|item| {
        std::iter::once(item.whole.end).chain(item.members.into_iter().rev().map(|member| member.whole.end))
    });
    // In Go a function may end before its body, so what is whole ends its line. What stands last may be whole by chance only:
    // a function of Python that has more to say.
    let text = last.text.trim_end();
    let ends_its_line = |end: &usize| {
        text.get(*end..).is_some_and(|rest| rest.trim_start_matches([' ', '\t', ';', ')']).starts_with('\n'))
    };
    let mut whole = ends.filter(ends_its_line).filter_map(|end| text.get(..end));
    let kept = whole.find(|kept| errors(language, kept).is_empty())?.to_owned();
    last.text = clean(&kept);
    Some(files)
}

/// Reads an answer that brings only items, and splices them into the files as they stand. What bears the name of the item that
/// was asked for goes there; another block without a path belongs to the file that has most of its items, else to the first.
pub fn parse_items(
    text: &str,
    language: Language,
    wanted: &[RepoPath],
    standing: &BTreeMap<RepoPath, String>,
    asked: Option<(&RepoPath, &Item)>,
) -> Result<Vec<AnsweredFile>, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Empty);
    }
    let mut files: BTreeMap<RepoPath, String> = BTreeMap::new();
    for (path, part) in fenced::read_parts(text, wanted)? {
        let written = path.map(|path| owned_path(path, wanted)).transpose()?;
        let is_member = |(path, item): &(&RepoPath, &Item)| {
            let text = standing.get(*path).map_or("", String::as_str);
            outline(language, text).iter().all(|outer| outer.whole != item.whole)
        };
        let member = asked.filter(is_member).map(|(_, item)| item);
        let part = member.and_then(|item| within_class(language, &part, item)).unwrap_or(part);
        let asked = asked.filter(|(path, item)| {
            let same_file = written.as_ref().is_none_or(|written| written == *path);
            // Once something was spliced in, the item no longer stands where it stood.
            same_file && files.is_empty() && all_items(language, &part).iter().any(|other| other.name == item.name)
        });
        let path = match (asked, written) {
            (Some((path, _)), _) => path.clone(),
            (None, Some(path)) => path,
            (None, None) => home_of(language, &part, wanted, standing).ok_or(Problem::NoBlock)?.clone(),
        };
        let whole = files.get(&path).or_else(|| standing.get(&path)).cloned().unwrap_or_default();
        let spliced = match asked {
            Some((_, item)) => splice_at(language, &whole, item, &part),
            None => splice(language, &whole, &part),
        };
        let text = spliced.map_err(|problem| Problem::Splice { path: path.to_string(), problem })?;
        files.insert(path, clean(&text));
    }
    if files.iter().all(|(path, text)| standing.get(path) == Some(text)) {
        return Err(Problem::Unchanged);
    }
    Ok(files.into_iter().map(|(path, text)| AnsweredFile { path, text }).collect())
}

/// Whether an answer has an item of this name.
pub fn has_item(text: &str, language: Language, name: &str) -> bool {
    let parts = fenced::read_parts(text, &[]).unwrap_or_default();
    parts.iter().any(|(_, part)| declares(language, part, name) || declares(language, &enclosed(part), name))
}

fn declares(language: Language, text: &str, name: &str) -> bool {
    all_items(language, text).iter().any(|item| item.name == name)
}

/// Methods in a class: those of TypeScript are none outside of one.
fn enclosed(part: &str) -> String {
    format!("class Enclosing {{\n{part}\n}}\n")
}

/// A method of TypeScript, which is none outside of a class, in one. None where a part has the item as it is.
fn within_class(language: Language, part: &str, item: &Item) -> Option<String> {
    let has = |text: &str| declares(language, text, &item.name);
    let within = enclosed(part);
    (language == Language::TypeScript && !has(part) && has(&within)).then_some(within)
}

/// Reads an answer that brings the declaration of a name, and splices it into the text of the file that uses it at `line`.
pub fn parse_declaration(
    text: &str,
    language: Language,
    path: &RepoPath,
    standing: &str,
    name: &str,
    line: usize,
) -> Result<String, Problem> {
    let parts = fenced::read_parts(text, std::slice::from_ref(path))?;
    let (_, part) = parts.first().ok_or(Problem::NoBlock)?;
    let spliced = splice_new(language, standing, name, line, part);
    Ok(clean(&spliced.map_err(|problem| Problem::Splice { path: path.to_string(), problem })?))
}

/// A path of an answer, when it is one that may be written.
fn owned_path(path: String, wanted: &[RepoPath]) -> Result<RepoPath, Problem> {
    let path = RepoPath::parse(&path).map_err(|problem| Problem::Path { path, problem })?;
    if protection(&path) == Protection::Always {
        return Err(Problem::Protected(path.to_string()));
    }
    if !wanted.contains(&path) {
        let owned = wanted.iter().map(RepoPath::to_string).collect();
        return Err(Problem::NotOwned { path: path.to_string(), owned });
    }
    Ok(path)
}

/// The file that most of a part's items stand in.
fn home_of<'w>(
    language: Language,
    part: &str,
    wanted: &'w [RepoPath],
    standing: &BTreeMap<RepoPath, String>,
) -> Option<&'w RepoPath> {
    let keys: Vec<String> = outline(language, part).into_iter().map(|item| item.key).collect();
    let shared = |path: &RepoPath| {
        let text = standing.get(path).map_or("", String::as_str);
        outline(language, text)
            .iter()
            .flat_map(|item| std::iter::once(&item.key).chain(item.members.iter().map(|member| &member.key)))
            .filter(|key| keys.contains(key))
            .count()
    };
    // The first of equals: `max_by_key` takes the last.
    wanted.iter().rev().max_by_key(|path| shared(path))
}

/// Unix line ends, no byte order mark, one newline at the end.
fn clean(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    format!("{}\n", text.trim_end())
}

/// Renders files as an answer of a form, for earlier turns.
pub fn render_files(form: Form, language: Language, files: &[(&str, &str)]) -> String {
    match form {
        Form::Schema => structured::write(files),
        Form::Fenced => {
            let mut out = String::new();
            for (path, text) in files {
                let ticks = fenced::ticks_for(text);
                let _ = write!(out, "{path}\n{ticks}{}\n{}\n{ticks}\n\n", language.id(), text.trim_end());
            }
            out.trim_end().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::parse(text).unwrap()
    }

    fn standing() -> BTreeMap<RepoPath, String> {
        BTreeMap::from([
            (path("src/a.rs"), "use x::X;\n\nfn one() {\n    a();\n}\n\nfn two() {}\n\nfn three() {}\n".to_owned()),
            (path("tests/a.rs"), "#[test]\nfn four() {}\n\n#[test]\nfn five() {}\n".to_owned()),
        ])
    }

    #[test]
    fn a_method_of_typescript_needs_no_class_around_it() {
        let path = RepoPath::parse("a.ts").unwrap();
        let whole = "class A {\n  async b(c: number): Promise<number> {\n    return c;\n  }\n\n  d(): void {}\n}\n";
        let standing = BTreeMap::from([(path.clone(), whole.to_owned())]);
        let item = all_items(Language::TypeScript, whole).into_iter().find(|item| item.name == "b").unwrap();
        let answer = "```typescript\nasync b(c: number): Promise<number> {\n  return c + 1;\n}\n```\n";
        let wanted = [path.clone()];
        let files = parse_items(answer, Language::TypeScript, &wanted, &standing, Some((&path, &item))).unwrap();
        assert_eq!(files[0].text, whole.replace("return c;", "return c + 1;"));
    }

    #[test]
    fn of_an_answer_that_broke_off_the_whole_items_are_read() {
        for (language, whole, rest) in [
            (
                Language::Go,
                "func TestA(t *testing.T) {\n\ta(t)\n}\n",
                "\n// error: b.\nfunc TestB(t *testing.T) {\n\tfor _, row := range []int{1, 1, 1,",
            ),
            (
                Language::Python,
                "def test_a() -> None:\n    a()\n",
                "\n\ndef test_b() -> None:\n    b()\n    b()\n    b(",
            ),
            (
                Language::Python,
                "class A:\n    def test_a(self) -> None:\n        a()\n",
                "\n    def test_b(self) -> None:\n        b()\n        b()\n",
            ),
            (Language::Rust, "#[test]\nfn a() {\n    a();\n}\n", "\n#[test]\nfn b() {\n    assert_eq!(1,"),
            (Language::TypeScript, "test(\"a\", () => {\n  a();\n});\n", "\ntest(\"b\", () => {\n  b("),
        ] {
            let text = format!("tests/a\n```\n{whole}{rest}");
            let files = parse_broken_off(&text, language, &[path("tests/a")]).unwrap();
            assert_eq!(files[0].text, whole, "{language}");
        }
        assert_eq!(parse_broken_off("tests/a\n```\nfn a() {", Language::Rust, &[path("tests/a")]), None);
        assert_eq!(parse_broken_off("I think", Language::Rust, &[path("tests/a")]), None);
    }

    #[test]
    fn items_land_in_the_file_that_has_them() {
        let wanted = [path("src/a.rs"), path("tests/a.rs")];
        let text = "The fix:\n\n```rust\n#[test]\nfn four() {\n    check();\n}\n```\n\nsrc/a.rs\n```rust\nfn one() {\n    b();\n}\n```\n";
        let files = parse_items(text, Language::Rust, &wanted, &standing(), None).unwrap();
        let shown: Vec<(&str, &str)> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("src/a.rs", "use x::X;\n\nfn one() {\n    b();\n}\n\nfn two() {}\n\nfn three() {}\n"),
                ("tests/a.rs", "#[test]\nfn four() {\n    check();\n}\n\n#[test]\nfn five() {}\n"),
            ]
        );
    }

    #[test]
    fn items_that_reach_elsewhere_or_change_nothing_are_refused() {
        let wanted = [path("src/a.rs")];
        for (text, problem) in [
            ("```rust\nfn two() {}\n```\n", "the answer changes nothing"),
            ("src/b.rs\n```rust\nfn two() {}\n```\n", "`src/b.rs` is not one of the files to write (src/a.rs)"),
            (
                ".github/workflows/a.yml\n```\nfn two() {}\n```\n",
                "`.github/workflows/a.yml` is protected and never written",
            ),
            ("```rust\n1;\n```\n", "`src/a.rs`: the block has no function, type or import"),
            (
                "Nothing to do.",
                "the answer has no fenced block: each file must be its path on a line of its own, then one fenced block",
            ),
            ("```rust\nfn two() {\n", "the answer is cut off: the block of `src/a.rs` is not closed"),
        ] {
            let found = parse_items(text, Language::Rust, &wanted, &standing(), None).unwrap_err();
            assert_eq!(found.to_string(), problem);
        }
    }
}
