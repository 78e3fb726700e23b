//! How a new file becomes part of its project: what tests write to import it, and the one line that some languages need to
//! know it at all.
//!
//! The line is *wiring*: Rust compiles a file only when its parent module names it. The bot adds such a line itself, by
//! rule and never by a model, and says so in the proposal.

use super::Language;
use super::detect::Project;
use super::syntax::SyntaxNode;
use crate::path::RepoPath;
use ast_grep_core::tree_sitter::LanguageExt;

/// The module path of a Rust file below `src/`.
pub(super) fn rust_module(inside: &str) -> Vec<String> {
    let path = inside.strip_prefix("src/").unwrap_or(inside).trim_end_matches(".rs");
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib" || last == "main") {
        parts.pop();
    }
    parts
}

/// The sentence that tells a model how tests reach the code.
pub fn import_line(project: &Project, code: &RepoPath, tests: &RepoPath) -> String {
    let inside = project.inside(code);
    match project.language {
        Language::Rust => {
            let mut parts = vec![project.name.clone()];
            parts.extend(rust_module(inside));
            if project.inside(tests).starts_with("tests/") {
                format!("use {}::{{…}};", parts.join("::"))
            } else {
                "use super::*;".to_owned()
            }
        }
        Language::Go => {
            let package = go_package(code);
            if code.parent() == tests.parent() {
                format!("package {package}, as the code: nothing to import")
            } else {
                let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("import \"{}/{folder}\"", project.name)
            }
        }
        Language::Python => {
            let path = inside.strip_prefix(&format!("{}/", project.source)).unwrap_or(inside);
            let path = path.trim_end_matches(".py").trim_end_matches("/__init__");
            format!("from {} import …", path.replace('/', "."))
        }
        Language::TypeScript => {
            let path = tests.relative_to(code);
            let path = path.trim_end_matches(".mts").trim_end_matches(".ts");
            format!("import {{ … }} from \"{path}{}\";", if project.js_extension { ".js" } else { "" })
        }
        Language::Java => {
            let (package, own) = (java_package(inside), java_package(project.inside(tests)));
            if package == own {
                format!("package {package}; as the code: nothing to import")
            } else {
                format!("import {package}.…;")
            }
        }
    }
}

/// The Go package of a file: the name of its folder.
pub fn go_package(code: &RepoPath) -> String {
    let folder = code.parent().rsplit('/').next().unwrap_or_default();
    let name: String = folder.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
    if name.is_empty() { "main".to_owned() } else { name.to_lowercase() }
}

/// The Java package of a file: its folders below the source folder, where there is one.
pub fn java_package(inside: &str) -> String {
    let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = ["src/main/java", "src/test/java", "src"].iter().find_map(|source| folder.strip_prefix(source));
    below.unwrap_or(folder).trim_start_matches('/').replace('/', ".")
}

/// The modules at the top that a Python file imports for sure, with their lines: not relative ones, and not those that it
/// tries.
pub fn python_modules(text: &str) -> Vec<(usize, String)> {
    let root = Language::Python.grammar().ast_grep(text);
    let root = root.root();
    let mut found = Vec::new();
    for node in root.dfs() {
        let names: Vec<String> = match &*node.kind() {
            "import_statement" => {
                let names = node.children().filter(|child| matches!(&*child.kind(), "dotted_name" | "aliased_import"));
                names.map(|name| name.text().into_owned()).collect()
            }
            "import_from_statement" => {
                let module = node.field("module_name").filter(|module| module.kind() == "dotted_name");
                module.into_iter().map(|module| module.text().into_owned()).collect()
            }
            _ => continue,
        };
        let tried = node.ancestors().any(|above| {
            above.kind() == "try_statement"
                || (above.kind() == "if_statement" && above.text().starts_with("if TYPE_CHECKING"))
        });
        if !tried {
            let top = |name: String| name.split(['.', ' ']).next().unwrap_or_default().to_owned();
            found.extend(names.into_iter().map(|name| (node.start_pos().line() + 1, top(name))));
        }
    }
    found
}

/// A file that must change, or be made, so that the code is compiled: its path and new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The file.
    pub path: RepoPath,
    /// Its whole new text.
    pub text: String,
}

/// What must change so that `code` is part of the project. `read` gives the text of files as they stand.
pub fn wiring(project: &Project, code: &RepoPath, read: &dyn Fn(&str) -> Option<String>) -> Vec<Wiring> {
    match project.language {
        Language::Rust => rust_wiring(project, code, read),
        Language::Python => python_wiring(project, code, read),
        Language::Go | Language::TypeScript | Language::Java => Vec::new(),
    }
}

fn rust_wiring(project: &Project, code: &RepoPath, read: &dyn Fn(&str) -> Option<String>) -> Vec<Wiring> {
    let inside = project.inside(code);
    if !inside.starts_with("src/") || inside.starts_with("src/bin/") {
        return Vec::new();
    }
    let parts = rust_module(inside);
    let mut wired = Vec::new();
    for depth in 0..parts.len() {
        let Some(name) = parts.get(depth) else { break };
        let folder: Vec<&str> = parts.iter().take(depth).map(String::as_str).collect();
        let candidates = if depth == 0 {
            vec!["src/lib.rs".to_owned(), "src/main.rs".to_owned()]
        } else {
            vec![format!("src/{}.rs", folder.join("/")), format!("src/{}/mod.rs", folder.join("/"))]
        };
        let parent = candidates.iter().find_map(|path| Some((path.clone(), read(&project.outside(path))?)));
        let (path, text) = match parent {
            Some((path, text)) => match declare_module(&text, name) {
                Some(text) => (path, text),
                None => continue,
            },
            None if depth == 0 => break,
            None => (candidates.first().cloned().unwrap_or_default(), format!("pub mod {name};\n")),
        };
        if let Ok(path) = RepoPath::parse(&project.outside(&path)) {
            wired.push(Wiring { path, text });
        }
    }
    wired
}

/// Adds `mod name;` to a Rust file, sorted into the declarations that are there; `None` when it is declared already.
fn declare_module(text: &str, name: &str) -> Option<String> {
    let root = Language::Rust.grammar().ast_grep(text);
    let root = root.root();
    let declared: Vec<SyntaxNode<'_>> = root.children().filter(|node| node.kind() == "mod_item").collect();
    let name_of = |node: &SyntaxNode<'_>| node.field("name").map_or_else(String::new, |name| name.text().into_owned());
    if declared.iter().any(|node| name_of(node) == name) {
        return None;
    }
    let outlined: Vec<&SyntaxNode<'_>> = declared.iter().filter(|node| node.field("body").is_none()).collect();
    let public = outlined.is_empty() || outlined.iter().any(|node| node.text().starts_with("pub "));
    let line = format!("{}mod {name};\n", if public { "pub " } else { "" });
    let at = match outlined.iter().find(|node| name_of(node).as_str() > name).filter(|_| is_sorted(&outlined, &name_of))
    {
        Some(next) => line_start(text, start_with_attributes(next)),
        None => match outlined.last() {
            Some(last) => line_end(text, last.range().end),
            None => after_head(text, &root),
        },
    };
    let mut out = String::with_capacity(text.len() + line.len() + 1);
    out.push_str(text.get(..at).unwrap_or(text));
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    // What stands before the first module is a comment about the whole file.
    if outlined.is_empty() && !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
    out.push_str(&line);
    let rest = text.get(at..).unwrap_or_default();
    if outlined.is_empty() && !rest.is_empty() && !rest.starts_with('\n') {
        out.push('\n');
    }
    out.push_str(rest);
    Some(out)
}

fn is_sorted(nodes: &[&SyntaxNode<'_>], name_of: &dyn Fn(&SyntaxNode<'_>) -> String) -> bool {
    nodes.windows(2).all(|pair| matches!(pair, [left, right] if name_of(left) <= name_of(right)))
}

/// The start of an item with the attributes and comments that belong to it.
fn start_with_attributes(node: &SyntaxNode<'_>) -> usize {
    let mut start = node.range().start;
    let mut at = node.prev();
    while let Some(before) = at {
        let inner = before.text().starts_with("//!");
        if inner || !matches!(&*before.kind(), "attribute_item" | "line_comment") {
            break;
        }
        start = before.range().start;
        at = before.prev();
    }
    start
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end + 1)
}

/// Behind the inner docs and attributes that head a file.
fn after_head(text: &str, root: &SyntaxNode<'_>) -> usize {
    let mut at = 0;
    for node in root.children() {
        let inner =
            node.kind() == "inner_attribute_item" || (node.kind() == "line_comment" && node.text().starts_with("//!"));
        if !inner {
            break;
        }
        at = line_end(text, node.range().end.saturating_sub(1));
    }
    if at > 0 && text.get(at..).is_some_and(|rest| rest.starts_with('\n')) { at + 1 } else { at }
}

/// A new folder inside a regular package needs an `__init__.py` like its siblings.
fn python_wiring(project: &Project, code: &RepoPath, read: &dyn Fn(&str) -> Option<String>) -> Vec<Wiring> {
    let inside = project.inside(code);
    let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
    let Some((parent, _)) = folder.rsplit_once('/') else { return Vec::new() };
    let init = |folder: &str| project.outside(&format!("{folder}/__init__.py"));
    if read(&init(parent)).is_some() && read(&init(folder)).is_none() {
        RepoPath::parse(&init(folder)).map_or_else(|_| Vec::new(), |path| vec![Wiring { path, text: String::new() }])
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_python_are_read_from_every_form_of_import() {
        let text = "import os, a.b as c\nfrom d.e import f\nfrom . import g\nfrom .h import i\ntry:\n    import j\nexcept ImportError:\n    j = None\n\ndef k():\n    import l\n\nx = 'import m'\n";
        let found = python_modules(text);
        assert_eq!(found, [(1, "os"), (1, "a"), (2, "d"), (11, "l")].map(|(line, name)| (line, name.to_owned())));
    }

    #[test]
    fn a_module_is_declared_once_and_in_order() {
        for (text, expected) in [
            ("", "pub mod order;\n"),
            ("//! The shop.\n", "//! The shop.\n\npub mod order;\n"),
            ("//! The shop.\n\nuse a::b;\n", "//! The shop.\n\npub mod order;\n\nuse a::b;\n"),
            (
                "pub mod money;\npub mod product;\n\nuse a::b;\n",
                "pub mod money;\npub mod order;\npub mod product;\n\nuse a::b;\n",
            ),
            (
                "//! The shop.\n\n/// Money.\npub mod zebra;\n",
                "//! The shop.\n\npub mod order;\n/// Money.\npub mod zebra;\n",
            ),
            ("mod zebra;\nmod apple;\n", "mod zebra;\nmod apple;\nmod order;\n"),
            ("pub mod money;", "pub mod money;\npub mod order;\n"),
        ] {
            assert_eq!(declare_module(text, "order").as_deref(), Some(expected), "{text:?}");
        }
        assert_eq!(declare_module("// mod order;\npub mod order;\n", "order"), None);
        assert!(declare_module("// mod order;\n", "order").is_some());
    }
}
