//! Imports that are added to a text, or taken out of it.

use super::Language;
use super::outline::{Item, Kind, outline};

/// An import statement without a name: the rest of it, or none when nothing else is in it.
pub fn import_without(language: Language, statement: &str, name: &str) -> Option<Option<String>> {
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

/// The line that imports a name of the standard library; none where more than one could.
pub fn standard_import(language: Language, name: &str) -> Option<String> {
    match language {
        Language::Python => {
            let module = PYTHON.iter().find(|(_, names)| names.contains(&name)).map(|(module, _)| *module)?;
            Some(if module.is_empty() { format!("import {name}") } else { format!("from {module} import {name}") })
        }
        Language::Go => {
            let is_end = |path: &&&str| path.rsplit('/').next() == Some(name);
            Some(format!("import \"{}\"", GO.iter().find(is_end)?))
        }
        Language::Rust | Language::TypeScript | Language::Java => None,
    }
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
