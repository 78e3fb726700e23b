//! Source text by its syntax tree: errors, and the public interface with its bodies left out.

use std::collections::BTreeSet;
use std::ops::Range;

use ast_grep_core::Node;
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc};
use ast_grep_language::SupportLang;

use super::Language;

/// A node of a syntax tree.
pub(super) type SyntaxNode<'r> = Node<'r, StrDoc<SupportLang>>;

/// One place that is not in the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// What is there, or what is missing.
    pub message: String,
}

/// The statements of a body. The grammar of Go has a list of them in it.
pub(super) fn statements_of<'r>(body: &SyntaxNode<'r>) -> Vec<SyntaxNode<'r>> {
    let named = body.children().filter(SyntaxNode::is_named);
    let each = named.flat_map(|child| match child.kind().as_ref() {
        "statement_list" => child.children().filter(SyntaxNode::is_named).collect(),
        _ => vec![child],
    });
    each.collect()
}

/// The syntax errors of a text, the first ten of them.
pub fn errors(language: Language, text: &str) -> Vec<SyntaxError> {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    let broken = root.dfs().filter(|node| node.is_missing() || node.is_error());
    broken
        .take(10)
        .map(|node| {
            let (line, column) = node.start_pos().byte_point();
            let message = if node.is_missing() {
                format!("`{}` is missing", node.kind())
            } else {
                let text = node.text();
                let shown: String = text.lines().next().unwrap_or_default().chars().take(60).collect();
                format!("unexpected `{shown}`")
            };
            SyntaxError { line: line + 1, column: column + 1, message }
        })
        .collect()
}

/// The lines that hold code: a word, a number or a text outside of comments.
pub fn code_lines(language: Language, text: &str) -> Vec<usize> {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    let mut lines = BTreeSet::new();
    for node in root.dfs().filter(|node| node.is_leaf() || node.kind().contains("string")) {
        if node.kind().contains("comment") || node.ancestors().any(|above| above.kind().contains("comment")) {
            continue;
        }
        if node.text().chars().any(char::is_alphanumeric) {
            lines.extend(node.start_pos().line() + 1..=node.end_pos().line() + 1);
        }
    }
    lines.into_iter().collect()
}

/// The text with the bodies of functions left out, so that a reader sees what can be called and nothing of how it works.
pub fn interface(language: Language, text: &str) -> String {
    interface_of(language, text, &(0..text.len()))
}

/// The same of a part of the text, such as one method, which the grammar may not know outside its class.
pub fn interface_of(language: Language, text: &str, part: &Range<usize>) -> String {
    let root = language.grammar().ast_grep(text);
    let mut cuts: Vec<(Range<usize>, String)> = Vec::new();
    collect_bodies(language, &root.root(), &mut cuts);
    let mut out = String::with_capacity(text.len());
    let mut at = part.start;
    let inside = |range: &Range<usize>| part.start <= range.start && range.end <= part.end;
    for (range, instead) in cuts.into_iter().filter(|(range, _)| inside(range)) {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&instead);
        at = range.end;
    }
    out.push_str(text.get(at..part.end).unwrap_or_default());
    out
}

/// Whether a name stands in the code of a text, not in its comments and strings, outside of these parts of it.
pub fn has_name_outside(language: Language, text: &str, name: &str, parts: &[Range<usize>]) -> bool {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    let mut names = root.dfs().filter(|node| node.kind().ends_with("identifier") && node.text() == name);
    names.any(|node| !parts.iter().any(|part| part.contains(&node.range().start)))
}

/// The text without its comments and docstrings.
pub fn without_comments(language: Language, text: &str) -> String {
    without(language, text, is_comment)
}

/// The text without its comments, docstrings and sentences, such as messages. Texts without a space stay: `"^[a-z]{1,80}$"`.
pub fn without_prose(language: Language, text: &str) -> String {
    without(language, text, |node| is_comment(node) || node.kind().contains("string") && node.text().contains(' '))
}

/// The text of a node without the comments and docstrings in it, without indentation and empty lines.
pub(super) fn code_of(node: &SyntaxNode<'_>) -> String {
    let code = replaced_in(node, is_comment, |_| String::new());
    code.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Whether a node is a comment, or a string that is a statement of its own.
fn is_comment(node: &SyntaxNode<'_>) -> bool {
    let is_statement = || node.parent().is_some_and(|above| above.kind() == "expression_statement");
    node.kind().contains("comment") || node.kind() == "string" && is_statement()
}

fn without(language: Language, text: &str, goes: fn(&SyntaxNode<'_>) -> bool) -> String {
    replaced(language, text, goes, |_| String::new())
}

/// The text with its comments and docstrings as they are edited.
pub fn with_comments(language: Language, text: &str, edit: impl Fn(&str) -> String) -> String {
    replaced(language, text, is_comment, edit)
}

/// Whether a call names one of its arguments so: `add(user=1)`.
pub fn has_argument(language: Language, text: &str, name: &str) -> bool {
    let root = language.grammar().ast_grep(text);
    let is_it = |node: &SyntaxNode<'_>| node.field("name").is_some_and(|own| own.text() == name);
    root.root().dfs().any(|node| node.kind() == "keyword_argument" && is_it(&node))
}

/// The text with another name wherever its code has this one.
pub fn with_name(language: Language, text: &str, name: &str, other: &str) -> String {
    let is_name = |node: &SyntaxNode<'_>| node.is_leaf() && node.kind().contains("identifier");
    replaced(language, text, is_name, |own| if own == name { other.to_owned() } else { own.to_owned() })
}

fn replaced(
    language: Language,
    text: &str,
    fits: impl Fn(&SyntaxNode<'_>) -> bool,
    edit: impl Fn(&str) -> String,
) -> String {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    // The root of some grammars begins at their first node.
    let (before, after) = (text.get(..root.range().start), text.get(root.range().end..));
    [before.unwrap_or_default(), &replaced_in(&root, fits, edit), after.unwrap_or_default()].concat()
}

/// The text of a node with some of the nodes in it as they are edited.
fn replaced_in(node: &SyntaxNode<'_>, fits: impl Fn(&SyntaxNode<'_>) -> bool, edit: impl Fn(&str) -> String) -> String {
    let (text, begin) = (node.text(), node.range().start);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for range in node.dfs().filter(fits).map(|inner| inner.range()) {
        let (start, end) = (range.start - begin, range.end - begin);
        // What is inside of a comment went with it.
        if start >= at {
            out.push_str(text.get(at..start).unwrap_or_default());
            out.push_str(&edit(text.get(start..end).unwrap_or_default()));
            at = end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// The names in the code of a text, not in its comments and strings.
pub fn names(language: Language, text: &str) -> BTreeSet<String> {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    root.dfs().filter(|node| node.kind().ends_with("identifier")).map(|node| node.text().into_owned()).collect()
}

/// Walks down to function bodies, in the order of the text, without entering them.
fn collect_bodies(language: Language, node: &SyntaxNode<'_>, cuts: &mut Vec<(Range<usize>, String)>) {
    if is_function(language, &node.kind())
        && let Some(body) = node.field("body")
    {
        if let Some(cut) = cut_body(language, &body) {
            cuts.push(cut);
        }
        return;
    }
    for child in node.children() {
        collect_bodies(language, &child, cuts);
    }
}

/// Whether a node of this kind is a function with a body.
pub(super) fn is_function(language: Language, kind: &str) -> bool {
    match language {
        Language::Rust => kind == "function_item",
        Language::Go => matches!(kind, "function_declaration" | "method_declaration"),
        Language::Python => kind == "function_definition",
        Language::TypeScript => {
            matches!(kind, "function_declaration" | "method_definition" | "arrow_function" | "function_expression")
        }
        Language::Java => {
            matches!(kind, "method_declaration" | "constructor_declaration" | "compact_constructor_declaration")
        }
    }
}

fn cut_body(language: Language, body: &SyntaxNode<'_>) -> Option<(Range<usize>, String)> {
    match language {
        Language::Rust | Language::Go | Language::Java => Some((body.range(), "{ … }".to_owned())),
        Language::TypeScript => (body.kind() == "statement_block").then(|| (body.range(), "{ … }".to_owned())),
        Language::Python => {
            let first = body.named_children().next()?;
            let documented = first.kind() == "expression_statement"
                && first.named_children().next().is_some_and(|inner| inner.kind() == "string");
            if documented {
                let indent = " ".repeat(first.start_pos().byte_point().1);
                let start = first.range().end;
                Some((start..body.range().end.max(start), format!("\n{indent}...")))
            } else {
                Some((body.range(), "...".to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_of_a_method_is_that_of_its_place() {
        let text = "class A {\n  b(): number {\n    return 1;\n  }\n\n  c(): void {\n    d();\n  }\n}\n";
        let (start, end) = (text.find("b()").unwrap(), text.find("\n\n").unwrap());
        assert_eq!(interface_of(Language::TypeScript, text, &(start..end)), "b(): number { … }");
    }

    #[test]
    fn an_unbalanced_brace_is_an_error_with_its_line() {
        for (language, good, bad) in [
            (Language::Rust, "fn a() { b(); }\n", "fn a() {\n  b(;\n"),
            (Language::Go, "package a\n\nfunc b() {}\n", "package a\n\nfunc b( {}\n"),
            (Language::Python, "def a() -> int:\n    return 1\n", "def a(:\n    return 1\n"),
            (Language::TypeScript, "function a(): number { return 1; }\n", "function a(): number { return 1;\n"),
            (Language::Java, "class A { int b() { return 1; } }\n", "class A { int b( { return 1; } }\n"),
        ] {
            assert_eq!(errors(language, good), [], "{language}");
            assert!(!errors(language, bad).is_empty(), "{language}");
        }
        assert_eq!(errors(Language::Rust, "fn a() {}\nfn b( {}\n").first().map(|error| error.line), Some(2));
    }

    #[test]
    fn an_interface_has_signatures_and_docs_and_no_bodies() {
        let rust = interface(
            Language::Rust,
            "/// Adds.\npub fn add(a: i32) -> i32 { let x = a; x + 1 }\npub struct S { pub a: u8 }\n",
        );
        assert_eq!(rust, "/// Adds.\npub fn add(a: i32) -> i32 { … }\npub struct S { pub a: u8 }\n");
        let python = interface(
            Language::Python,
            "class A:\n    def b(self) -> int:\n        \"\"\"Says.\"\"\"\n        return 1\n\n    def c(self): return 2\n",
        );
        assert_eq!(
            python,
            "class A:\n    def b(self) -> int:\n        \"\"\"Says.\"\"\"\n        ...\n\n    def c(self): ...\n"
        );
        let go = interface(Language::Go, "package a\n\nfunc (s *S) B() error {\n\treturn nil\n}\n");
        assert_eq!(go, "package a\n\nfunc (s *S) B() error { … }\n");
        let typescript = interface(Language::TypeScript, "export class A { b(): number { return 1; } }\n");
        assert_eq!(typescript, "export class A { b(): number { … } }\n");
        let java = interface(
            Language::Java,
            "record A(int b) {\n  A {\n    check(b);\n  }\n\n  int c() {\n    return b;\n  }\n}\n\ninterface D {\n  int e();\n}\n",
        );
        assert_eq!(java, "record A(int b) {\n  A { … }\n\n  int c() { … }\n}\n\ninterface D {\n  int e();\n}\n");
    }

    #[test]
    fn comments_docstrings_and_sentences_go() {
        for (language, text, code, bare) in [
            (
                Language::Go,
                "// At most 80.\nvar a = \"80 at most\" /* 8 */ + `b`\n",
                "\nvar a = \"80 at most\"  + `b`\n",
                "\nvar a =   + `b`\n",
            ),
            (
                Language::Python,
                "def a():\n    \"\"\"Has 80.\"\"\"\n    return \"at 80\"  # 7\n",
                "def a():\n    \n    return \"at 80\"  \n",
                "def a():\n    \n    return   \n",
            ),
            (
                Language::Rust,
                "/// At most 80.\nfn a() -> &'static str {\n    \"^.{80}$\"\n}\n",
                "fn a() -> &'static str {\n    \"^.{80}$\"\n}\n",
                "fn a() -> &'static str {\n    \"^.{80}$\"\n}\n",
            ),
            (Language::TypeScript, "const a = `80 ${b}`; // 3\n", "const a = `80 ${b}`; \n", "const a = ; \n"),
        ] {
            assert_eq!(without_comments(language, text).trim_start(), code.trim_start(), "{language}");
            assert_eq!(without_prose(language, text).trim_start(), bare.trim_start(), "{language}");
        }
    }

    #[test]
    fn lines_with_code_are_told_from_comments_blanks_and_braces() {
        let rust = "//! Doc.\n\nfn a() {\n    // Note.\n    b(\"x\");\n}\n/* more\n   more */\n";
        assert_eq!(code_lines(Language::Rust, rust), [3, 5]);
        assert_eq!(code_lines(Language::Python, "# x\ndef a():\n    return \"\"\"b\nc\"\"\"\n"), [2, 3, 4]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,120}") {
            for language in Language::ALL {
                let _ = errors(language, &text);
                let _ = interface(language, &text);
            }
        }
    }
}
