//! Quick fixes: what a compiler or a linter says so precisely that a rule can mend it, and no model has to.
//!
//! Names that nothing uses are taken out, imports that can only be one are added, comments that are too long are wrapped. The
//! gates judge the result like any other; a rule that does not find exactly what the message says does nothing.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::findings::{self, lines_of};
use crate::language::Language;
use crate::language::outline::{Item, Kind, items_at, outline};

/// A mended text, and what was done to it, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was done, a sentence for each.
    pub done: Vec<String>,
}

/// Mends a file by what was printed about it. None when there is nothing that a rule can mend.
pub fn fix(language: Language, path: &str, text: &str, output: &str) -> Option<Fixed> {
    let mut fixed = Fixed { text: text.to_owned(), done: Vec::new() };
    // The last line first, so that a fix leaves the lines of those that follow where they are.
    let mut complaints = complaints(path, output);
    complaints.sort_by_key(|complaint| std::cmp::Reverse(complaint.line));
    complaints.dedup();
    let mut missing: Vec<String> = Vec::new();
    for complaint in &complaints {
        if let Some((text, done)) = complaint.mended(language, &fixed.text) {
            fixed.text = text;
            fixed.done.push(done);
        }
        missing.extend(complaint.import(language).filter(|line| !missing.contains(line)));
    }
    if language == Language::Rust {
        for (line, text) in suggested_lines(path, output) {
            if fixed.text.lines().nth(line - 1).is_some_and(|own| is_part(own, &text) && own != text) {
                fixed.text = with_line(&fixed.text, line, &text);
                fixed.done.push(format!("line {line} as the compiler suggests"));
            }
        }
        missing.extend(suggested_uses(path, output));
    }
    for line in missing {
        if let Some(text) = with_import(language, &fixed.text, &line) {
            fixed.text = text;
            fixed.done.push(format!("added `{line}`"));
        }
    }
    (fixed.text != text && !fixed.done.is_empty()).then_some(fixed)
}

/// What was said about one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The line, from 1.
    pub(super) line: usize,
    /// The message.
    pub(super) message: String,
}

/// What was said about the lines of a file.
pub(super) fn complaints(path: &str, output: &str) -> Vec<Complaint> {
    let read = findings::read(output, "").into_iter().filter(|finding| finding.file == path);
    let mut found: Vec<Complaint> = read
        .filter_map(|finding| {
            Some(Complaint { line: *lines_of(&finding.line, path).first()?, message: finding.message })
        })
        .collect();
    // The compiler of Rust says first what is wrong and on the next line where.
    let mut said: Option<&str> = None;
    for line in output.lines() {
        if line.starts_with("error") || line.starts_with("warning") {
            said = Some(line);
        } else if let Some(place) = line.trim_start().strip_prefix("--> ")
            && let Some(message) = said.take()
        {
            let lines = lines_of(place, path);
            found.extend(lines.first().map(|line| Complaint { line: *line, message: message.to_owned() }));
        }
    }
    found
}

/// A pattern that is written here, and so is one.
macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

pattern!(
    NEVER_USED,
    r"^[^`]*(?:constant|static|function|method|struct|enum|alias|trait)s? (`.+`) (?:is|are) never (?:used|constructed)"
);
pattern!(
    UNUSED_NAME,
    r"'(\w+)' is (?:declared but|defined but|assigned a value but)(?: its value is)? never (?:read|used)"
);
pattern!(UNUSED_USE, r"unused imports?: (`.+`)");
pattern!(UNUSED_PYTHON, r"`([\w.]+)` imported but unused");
pattern!(UNUSED_GO, r#""([\w./-]+)" imported and not used"#);
pattern!(UNUSED_GO_NEW, r#"imported and not used: "([\w./-]+)""#);
pattern!(NEEDLESS_MUT, r"variable does not need to be mutable");
pattern!(TOO_LONG, r"[Ll]ine too long \(\d+ > (\d+)");
pattern!(UNDEFINED_PYTHON, r"[Uu]ndefined name [`'](\w+)[`']");
pattern!(UNDEFINED_GO, r"undefined: (\w+)");
pattern!(QUOTED, r"`([^`]+)`");

fn captured<'m>(pattern: &LazyLock<Option<Regex>>, message: &'m str) -> Option<&'m str> {
    let found = pattern.as_ref()?.captures(message)?;
    found.get(1).or_else(|| found.get(0)).map(|found| found.as_str())
}

/// All names between backticks.
fn quoted(text: &str) -> Vec<&str> {
    let Some(pattern) = QUOTED.as_ref() else { return Vec::new() };
    pattern.captures_iter(text).filter_map(|found| found.get(1)).map(|found| found.as_str()).collect()
}

impl Complaint {
    fn mended(&self, language: Language, text: &str) -> Option<(String, String)> {
        if let Some(names) = captured(&NEVER_USED, &self.message) {
            return without_all(quoted(names), text, |text, name| self.without_item(language, text, name));
        }
        if let Some(name) = captured(&UNUSED_NAME, &self.message) {
            let item = || self.without_item(language, text, name);
            let text = self.without_import(language, text, name).or_else(item)?;
            return Some((text, removed(&[name])));
        }
        if let Some(names) = captured(&UNUSED_USE, &self.message) {
            return without_all(quoted(names), text, |text, name| self.without_import(language, text, name));
        }
        let imported = [&UNUSED_PYTHON, &UNUSED_GO, &UNUSED_GO_NEW]
            .into_iter()
            .find_map(|pattern| captured(pattern, &self.message));
        if let Some(name) = imported {
            return Some((self.without_import(language, text, name)?, removed(&[name])));
        }
        if captured(&NEEDLESS_MUT, &self.message).is_some() {
            let line = text.lines().nth(self.line - 1)?;
            let done = format!("removed a needless `mut` in line {}", self.line);
            return (line.matches("mut ").count() == 1)
                .then(|| (with_line(text, self.line, &line.replacen("mut ", "", 1)), done));
        }
        if let Some(most) = captured(&TOO_LONG, &self.message).filter(|_| language == Language::Python) {
            let done = format!("wrapped the text at line {}", self.line);
            return Some((wrapped(text, self.line, most.parse().ok()?)?, done));
        }
        None
    }

    /// The line that brings a name of the standard library.
    fn import(&self, language: Language) -> Option<String> {
        match language {
            Language::Python => {
                let name = captured(&UNDEFINED_PYTHON, &self.message)?;
                let module = PYTHON.iter().find(|(_, names)| names.contains(&name)).map(|(module, _)| *module)?;
                Some(if module.is_empty() { format!("import {name}") } else { format!("from {module} import {name}") })
            }
            Language::Go => {
                let name = captured(&UNDEFINED_GO, &self.message)?;
                let is_end = |path: &&&str| path.rsplit('/').next() == Some(name);
                Some(format!("import \"{}\"", GO.iter().find(is_end)?))
            }
            Language::Rust | Language::TypeScript | Language::Java => None,
        }
    }

    /// The text without the item of this name at the line.
    fn without_item(&self, language: Language, text: &str, name: &str) -> Option<String> {
        let found = items_at(language, text, &[self.line]);
        let (item, _) = found.first().filter(|(item, _)| item.name == name && item.kind != Kind::Import)?;
        Some(cut_out(text, &item.whole))
    }

    /// The text without a name in the import at the line.
    fn without_import(&self, language: Language, text: &str, name: &str) -> Option<String> {
        let found = items_at(language, text, &[self.line]);
        let (item, _) = found.first().filter(|(item, _)| item.kind == Kind::Import)?;
        let own = text.get(item.core.clone())?;
        match import_without(language, own, name)? {
            Some(rest) => Some(format!("{}{rest}{}", text.get(..item.core.start)?, text.get(item.core.end..)?)),
            None => Some(cut_out(text, &item.whole)),
        }
    }
}

fn removed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("removed {}, which nothing uses", names.join(", "))
}

fn without_all(
    names: Vec<&str>,
    text: &str,
    without: impl Fn(&str, &str) -> Option<String>,
) -> Option<(String, String)> {
    let mut left = text.to_owned();
    let mut gone = Vec::new();
    for name in names {
        if let Some(text) = without(&left, name) {
            left = text;
            gone.push(name);
        }
    }
    (!gone.is_empty()).then(|| (left, removed(&gone)))
}

/// An import statement without a name: the rest of it, or none when nothing else is in it.
#[expect(clippy::option_option, reason = "no such name, nothing left, or what is left")]
fn import_without(language: Language, statement: &str, name: &str) -> Option<Option<String>> {
    let last = name.rsplit(['.', ':']).next().unwrap_or(name);
    let is_it = |entry: &str| {
        let entry = entry.trim().trim_start_matches("type ");
        let (own, alias) = entry.split_once(" as ").map_or((entry, entry), |(own, alias)| (own.trim(), alias.trim()));
        own == name || own == last || alias == last
    };
    if language == Language::Go {
        let line = format!("\"{name}\"");
        if !statement.contains('(') {
            return statement.contains(&line).then_some(None);
        }
        let kept: Vec<&str> = statement.lines().filter(|own| !own.trim().ends_with(&line)).collect();
        let entries = kept.iter().filter(|line| line.contains('"')).count();
        return (kept.len() < statement.lines().count())
            .then(|| if entries == 0 { None } else { Some(kept.join("\n")) });
    }
    let (open, close) = match language {
        Language::Python => ("import ", ""),
        _ => ("{", "}"),
    };
    let Some((head, rest)) = statement.split_once(open) else {
        return statement.contains(last).then_some(None);
    };
    let (entries, tail) = if close.is_empty() { (rest, "") } else { rest.rsplit_once(close)? };
    if entries.contains('{') {
        return None;
    }
    let entries: Vec<&str> = entries.trim_matches(['(', ')', ' ', '\n']).split(',').map(str::trim).collect();
    let entries: Vec<&str> = entries.into_iter().filter(|entry| !entry.is_empty()).collect();
    let kept: Vec<&str> = entries.iter().copied().filter(|entry| !is_it(entry)).collect();
    if kept.len() == entries.len() {
        return None;
    }
    if kept.is_empty() {
        return Some(None);
    }
    let space = if language == Language::TypeScript { " " } else { "" };
    Some(Some(format!("{head}{open}{space}{}{space}{close}{tail}", kept.join(", "))))
}

/// The text without a range of whole lines. Of the empty lines around it the larger number stays.
pub fn cut_out(text: &str, range: &Range<usize>) -> String {
    let (start, end) = (range.start, range.end);
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let before = text.get(..line).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default().trim_start_matches([' ', '\t', ';', ',']);
    let after = after.strip_prefix('\n').unwrap_or(after);
    let (above, below) = (before.trim_end_matches('\n'), after.trim_start_matches('\n'));
    let ends = (before.len() - above.len()).max(after.len() - below.len() + 1);
    match (above.is_empty(), below.is_empty()) {
        (true, _) => below.to_owned(),
        (false, true) => format!("{above}\n"),
        (false, false) => format!("{above}{}{below}", "\n".repeat(ends)),
    }
}

fn with_line(text: &str, number: usize, line: &str) -> String {
    let lines = text.split_inclusive('\n').enumerate();
    lines.map(|(at, own)| if at + 1 == number { format!("{line}\n") } else { own.to_owned() }).collect()
}

/// Lines as the compiler suggests them, where all that it does is to add something to the line: `let mut`, a borrow, a call.
fn suggested_lines(path: &str, output: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut here = false;
    let mut help = false;
    let mut shown: Option<(usize, &str)> = None;
    for line in output.lines() {
        let trimmed = line.trim_start();
        if let Some(place) = trimmed.strip_prefix("--> ") {
            here = !lines_of(place, path).is_empty();
            help = false;
        } else if line.starts_with("help:") {
            help = !line.contains("import");
        } else if let Some((number, text)) = trimmed.split_once(" | ").filter(|_| help && here) {
            shown = number.trim().parse().ok().filter(|number| *number > 0).map(|number| (number, text));
        } else if let Some((number, text)) = shown.take()
            && trimmed
                .strip_prefix('|')
                .is_some_and(|marks| marks.contains('+') && marks.chars().all(|mark| matches!(mark, '+' | ' ')))
            && found.iter().all(|(known, _)| *known != number)
        {
            found.push((number, text.to_owned()));
        }
    }
    found
}

/// Whether a text is another one from which something was taken out.
fn is_part(text: &str, whole: &str) -> bool {
    let mut letters = whole.chars();
    text.chars().all(|letter| letters.any(|other| other == letter))
}

/// The `use` lines that the compiler suggests where there is one candidate, or one of the standard library.
fn suggested_uses(path: &str, output: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    let (mut here, mut in_help) = (false, false);
    for line in output.lines().chain(["help: end"]) {
        if let Some(place) = line.trim_start().strip_prefix("--> ") {
            // Places further down explain the first one.
            here |= !lines_of(place, path).is_empty();
        }
        if line.starts_with("help:") || line.starts_with("error") || line.starts_with("warning") {
            let standard = block.iter().filter(|line| line.starts_with("use std::"));
            let choice = match block.as_slice() {
                [one] => Some(*one),
                _ if standard.clone().count() == 1 => standard.clone().next().copied(),
                _ => None,
            };
            found.extend(choice.map(str::to_owned).filter(|line| !found.contains(line)));
            block.clear();
            here &= line.starts_with("help:");
            in_help = here && line.contains("import");
        } else if in_help
            && let Some((_, line)) = line.split_once("+ ")
            && line.starts_with("use ")
            && line.trim_end().ends_with(';')
        {
            block.push(line.trim_end());
        }
    }
    found
}

/// The text with an import after its imports, or merged into the one of the same module.
pub fn with_import(language: Language, text: &str, line: &str) -> Option<String> {
    let items = outline(language, text);
    let imports: Vec<&Item> = items.iter().filter(|item| item.kind == Kind::Import).collect();
    if imports.iter().any(|item| text.get(item.core.clone()) == Some(line)) {
        return None;
    }
    if language == Language::Python
        && let Some((head, name)) = line.rsplit_once("import ")
        && line.starts_with("from ")
        && let Some(same) =
            imports.iter().find(|item| text.get(item.core.clone()).is_some_and(|own| own.starts_with(head)))
    {
        let own = text.get(same.core.clone())?;
        let entries = own.split_once("import ")?.1.trim_matches(['(', ')', ' ', '\n']);
        let mut entries: Vec<&str> = entries.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        entries.push(name);
        entries.sort_unstable();
        entries.dedup();
        let merged = format!("{head}import {}", entries.join(", "));
        return Some(format!("{}{merged}{}", text.get(..same.core.start)?, text.get(same.core.end..)?));
    }
    if language == Language::Go
        && let Some(block) =
            imports.iter().find(|item| text.get(item.core.clone()).is_some_and(|own| own.contains('(')))
    {
        let own = text.get(block.core.clone())?;
        let at = block.core.start + own.find('(')? + 1;
        let path = line.trim_start_matches("import ");
        return (!own.contains(path)).then(|| {
            format!("{}\n\t{path}{}", text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default())
        });
    }
    let head =
        line.strip_suffix(';').and_then(|line| line.rsplit_once("::")).map(|(module, _)| format!("{module}::{{"));
    if language == Language::Rust
        && let Some(head) = head
        && let Some((same, own)) = imports.iter().find_map(|item| {
            let own = text.get(item.core.clone())?;
            (own.starts_with(&head) && own.matches('{').count() == 1).then_some((item, own))
        })
    {
        let name = line.trim_end_matches(';').rsplit("::").next()?;
        let merged = format!("{head}{name}, {}", own.get(head.len()..)?);
        return Some(format!("{}{merged}{}", text.get(..same.core.start)?, text.get(same.core.end..)?));
    }
    let at = match (imports.last(), items.first()) {
        (Some(last), _) => {
            return Some(format!("{}\n{line}{}", text.get(..last.whole.end)?, text.get(last.whole.end..)?));
        }
        (None, Some(first)) => first.whole.start,
        (None, None) => text.len(),
    };
    Some(format!("{}{line}\n\n{}", text.get(..at)?, text.get(at..)?))
}

/// The text with the comment or the docstring at a line wrapped to a width. Code is left to the formatter.
fn wrapped(text: &str, number: usize, most: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let line = lines.get(number.checked_sub(1)?)?;
    let indent: String = line.chars().take_while(|letter| *letter == ' ').collect();
    if let Some(comment) = line.trim_start().strip_prefix('#') {
        let wrapped = wrap(comment.trim(), most.checked_sub(indent.len() + 2)?);
        let wrapped: Vec<String> = wrapped.iter().map(|part| format!("{indent}# {part}")).collect();
        return Some(with_line(text, number, &wrapped.join("\n")));
    }
    // The docstring around the line.
    let is_mark = |line: &str| line.contains("\"\"\"");
    let first = (0..number).rev().find(|at| lines.get(*at).is_some_and(|line| is_mark(line)))?;
    let opening = lines.get(first)?;
    let begun = opening.trim_start().strip_prefix("\"\"\"")?;
    let last = if begun.contains("\"\"\"") {
        first
    } else {
        (first + 1..lines.len()).find(|at| lines.get(*at).is_some_and(|line| is_mark(line)))?
    };
    if last + 1 < number {
        return None;
    }
    let indent: String = opening.chars().take_while(|letter| *letter == ' ').collect();
    let inner = lines.get(first..=last)?.join("\n");
    let inner = inner.trim().trim_start_matches("\"\"\"").trim_end_matches("\"\"\"");
    let width = most.checked_sub(indent.len())?;
    let mut out: Vec<String> = Vec::new();
    for (number, paragraph) in inner.split("\n\n").enumerate() {
        let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if number == 0 {
            // What does not fit on the first line is another paragraph.
            let end = words.find(". ").map_or(words.len(), |at| at + 1);
            let (summary, rest) = words.split_at(end);
            out.extend(wrap(&format!("\"\"\"{summary}"), width));
            if !rest.trim().is_empty() {
                out.push(String::new());
                out.extend(wrap(rest.trim(), width));
            }
        } else {
            out.push(String::new());
            // Lists and indented blocks keep their lines.
            let plain = paragraph.lines().all(|line| line.starts_with(&indent) && !line.trim_start().starts_with('-'));
            if plain
                && paragraph.lines().all(|line| line.get(indent.len()..).is_some_and(|rest| !rest.starts_with(' ')))
            {
                out.extend(wrap(&words, width));
            } else {
                out.extend(paragraph.lines().map(|line| line.get(indent.len()..).unwrap_or(line).to_owned()));
            }
        }
    }
    out.push("\"\"\"".to_owned());
    let out: Vec<String> =
        out.iter().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") }).collect();
    let (before, after) = (lines.get(..first)?, lines.get(last + 1..)?);
    let all =
        before.iter().map(|line| (*line).to_owned()).chain(out).chain(after.iter().map(|line| (*line).to_owned()));
    Some(all.collect::<Vec<_>>().join("\n") + "\n")
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Names of Python's standard library that generated code forgets to import, by module; the modules themselves last.
const PYTHON: [(&str, &[&str]); 9] = [
    ("typing", &["Any", "ClassVar", "Final", "Literal", "NamedTuple", "Protocol", "Self", "TypeVar", "cast"]),
    ("collections.abc", &["Callable", "Generator", "Iterable", "Iterator", "Mapping", "MutableMapping", "Sequence"]),
    ("dataclasses", &["asdict", "dataclass", "field", "replace"]),
    ("contextlib", &["AbstractContextManager", "contextmanager", "suppress"]),
    ("abc", &["ABC", "abstractmethod"]),
    ("enum", &["Enum", "IntEnum", "StrEnum"]),
    ("collections", &["Counter", "OrderedDict", "defaultdict", "deque"]),
    ("decimal", &["Decimal"]),
    ("", &["copy", "datetime", "io", "json", "logging", "math", "os", "pytest", "re", "threading", "time", "unittest"]),
];

/// Packages of Go's standard library, of which no two end alike.
const GO: [&str; 24] = [
    "bufio",
    "bytes",
    "context",
    "encoding/json",
    "errors",
    "fmt",
    "io",
    "log",
    "maps",
    "math",
    "net/http",
    "net/http/httptest",
    "net/url",
    "os",
    "reflect",
    "regexp",
    "slices",
    "sort",
    "strconv",
    "strings",
    "sync",
    "testing",
    "time",
    "unicode/utf8",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(language: Language, path: &str, text: &str, output: &str) -> String {
        fix(language, path, text, output).map_or_else(|| "nothing".to_owned(), |fixed| fixed.text)
    }

    #[test]
    fn what_nothing_uses_is_taken_out() {
        for (language, path, text, output, result) in [
            (
                Language::Rust,
                "src/a.rs",
                "use std::fmt;\n\n/// Most.\nconst MOST: usize = 80;\n\nfn a() {}\n",
                "src/a.rs:4:7: error: constant `MOST` is never used\n",
                "use std::fmt;\n\nfn a() {}\n",
            ),
            (
                Language::Rust,
                "src/a.rs",
                "use std::fmt;\nuse a::{B, C};\n\nfn a() {}\n",
                "warning: unused imports: `B` and `std::fmt`\n --> src/a.rs:2:9\n",
                "use std::fmt;\nuse a::{C};\n\nfn a() {}\n",
            ),
            (
                Language::Rust,
                "src/a.rs",
                "fn a() {\n    let mut b = 1;\n}\n",
                "src/a.rs:2:9: warning: variable does not need to be mutable\n",
                "fn a() {\n    let b = 1;\n}\n",
            ),
            (
                Language::Python,
                "a.py",
                "from typing import Final, Protocol\nimport os\n\nX = 1\n",
                "a.py:1:20: F401 [*] `typing.Final` imported but unused\na.py:2:8: F401 [*] `os` imported but unused\n",
                "from typing import Protocol\n\nX = 1\n",
            ),
            (
                Language::Go,
                "a.go",
                "package a\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n\nfunc A() {}\n",
                "./a.go:4:2: \"errors\" imported and not used\n",
                "package a\n\nimport (\n\t\"fmt\"\n)\n\nfunc A() {}\n",
            ),
            (
                Language::Go,
                "a.go",
                "package a\n\nimport \"errors\"\n\nfunc A() {}\n",
                "a.go:3:8: imported and not used: \"errors\"\n",
                "package a\n\nfunc A() {}\n",
            ),
            (
                Language::TypeScript,
                "src/a.ts",
                "import { A, type B } from \"./b.js\";\n\nconst MOST = 3;\n\nexport const c = A;\n",
                "src/a.ts(1,13): error TS6133: 'B' is declared but its value is never read.\nsrc/a.ts(3,7): error TS6133: 'MOST' is declared but its value is never read.\n",
                "import { A } from \"./b.js\";\n\nexport const c = A;\n",
            ),
        ] {
            assert_eq!(fixed(language, path, text, output), result, "{language}");
        }
    }

    #[test]
    fn what_can_only_be_one_import_is_added() {
        assert_eq!(
            fixed(
                Language::Python,
                "a.py",
                "\"\"\"A.\"\"\"\n\nfrom typing import Protocol\n\nX: Final = re.compile(\"\")\n",
                "a.py:5:4: F821 Undefined name `Final`\na.py:5:12: F821 Undefined name `re`\na.py:5:1: F821 Undefined name `Shop`\n"
            ),
            "\"\"\"A.\"\"\"\n\nfrom typing import Final, Protocol\nimport re\n\nX: Final = re.compile(\"\")\n"
        );
        assert_eq!(
            fixed(Language::Go, "a.go", "package a\n\nimport (\n\t\"fmt\"\n)\n", "./a.go:9:2: undefined: errors\n"),
            "package a\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n"
        );
        let output = "error[E0433]: failed to resolve\n --> src/a.rs:1:1\n  |\nhelp: consider importing this module\n  |\n1 + use std::fmt;\n  |\n\nerror: more\nhelp: consider importing one of these\n  |\n1 + use std::fmt::Result;\n1 + use std::io::Result;\n";
        assert_eq!(fixed(Language::Rust, "src/a.rs", "fn a() {}\n", output), "use std::fmt;\n\nfn a() {}\n");
        assert_eq!(fixed(Language::Rust, "tests/a.rs", "fn a() {}\n", output), "nothing", "of another file");
    }

    #[test]
    fn what_the_compiler_suggests_to_add_is_added() {
        let text = "fn a() {\n    let b = c();\n    b.d = 1;\n}\n";
        let output = "error[E0594]: cannot assign to `b.d`\n --> tests/a.rs:3:5\n  |\n3 |     b.d = 1;\n  |     ^^^ cannot assign\n  |\nhelp: consider changing this to be mutable\n  |\n2 |     let mut b = c();\n  |         +++\n";
        assert_eq!(
            fixed(Language::Rust, "tests/a.rs", text, output),
            "fn a() {\n    let mut b = c();\n    b.d = 1;\n}\n"
        );
        assert_eq!(fixed(Language::Rust, "tests/b.rs", text, output), "nothing");
        assert_eq!(fixed(Language::Rust, "tests/a.rs", "fn a() {\n    other();\n}\n", output), "nothing");
    }

    #[test]
    fn comments_that_are_too_long_are_wrapped() {
        let text = "def a():\n    \"\"\"Return what is there. Both are\n    empty when there is none.\"\"\"\n    # A comment that is too long for it.\n    return 1\n";
        let output = "a.py:2:21: E501 Line too long (37 > 30)\na.py:4:21: E501 Line too long (40 > 30)\n";
        assert_eq!(
            fixed(Language::Python, "a.py", text, output),
            "def a():\n    \"\"\"Return what is there.\n\n    Both are empty when there\n    is none.\n    \"\"\"\n    # A comment that is too\n    # long for it.\n    return 1\n"
        );
    }

    #[test]
    fn what_is_not_there_or_not_known_stays() {
        for output in ["a.py:1:1: F401 `os` imported but unused\n", "a.py:9:1: E501 Line too long (99 > 88)\n", "no\n"]
        {
            assert_eq!(fixed(Language::Python, "a.py", "import re\n\nX = re\n", output), "nothing", "{output}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,120}", line in 0_usize..6) {
            for language in Language::ALL {
                for message in [
                    "`a` imported but unused",
                    "Line too long (9 > 4)",
                    "constant `A` is never used",
                    "variable does not need to be mutable",
                ] {
                    let _ = fix(language, "a", &text, &format!("a:{line}:1: {message}\n"));
                }
            }
        }
    }
}
