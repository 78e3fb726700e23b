//! Placeholders in code: functions that are left to be written, and comments that say so. A model that runs out of ideas leaves
//! them, compilers and linters take them, and a reviewer does not.

use std::sync::LazyLock;

use ast_grep_core::tree_sitter::LanguageExt;
use regex::Regex;

use super::Language;
use super::syntax::SyntaxNode;
use crate::text::has_word;

const LEFT: &str = "what it does is left to be written; write it";
const NOTHING: &str = "it is to return a value and does nothing; write what it does";
const SAYS_SO: &str = "the comment says that something is left to be written; write it, and take the comment out";

static TO_DO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(todo|fixme|not (yet )?implemented|unimplemented|not supported yet)\b").ok());
static PROMISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^\W*(TODO|FIXME|XXX)\b|",
        r"(?i:\b(rest|remainder) of the (code|class|file|function|implementation|methods?)\b|",
        r"\b(implementation|your code|logic|existing code) (goes )?here\b|",
        r"\b(omitted|left out) for brevity\b|\bsame as (before|above)\b)"
    ))
    .ok()
});

/// The placeholders of a text: a line for each, from 1, and what is wrong with it.
pub fn find(language: Language, text: &str) -> Vec<(usize, &'static str)> {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    let mut found: Vec<_> =
        root.dfs().filter_map(|node| Some((node.start_pos().line() + 1, judge(language, &node, &root)?))).collect();
    found.dedup();
    found
}

fn judge(language: Language, node: &SyntaxNode<'_>, root: &SyntaxNode<'_>) -> Option<&'static str> {
    let kind = node.kind();
    if kind.ends_with("comment") {
        return matches(&PROMISE, &node.text()).then_some(SAYS_SO);
    }
    let left = match (language, &*kind) {
        (Language::Rust, "macro_invocation") => {
            let name = node.field("macro")?;
            matches!(&*name.text(), "todo" | "unimplemented")
        }
        (Language::Go, "call_expression") => {
            node.field("function")?.text() == "panic" && matches(&TO_DO, &node.field("arguments")?.text())
        }
        (Language::TypeScript | Language::Java, "throw_statement") => matches(&TO_DO, &node.text()),
        (Language::Python, "raise_statement") => {
            let raised = node.named_children().next()?;
            raised.text().starts_with("NotImplementedError") && !is_for_others(node, root)
        }
        (Language::Python, "function_definition") => {
            return (returns_a_value(node) && is_empty(node) && !is_for_others(node, root)).then_some(NOTHING);
        }
        _ => false,
    };
    left.then_some(LEFT)
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Whether a Python function is annotated with a value that it returns.
fn returns_a_value(function: &SyntaxNode<'_>) -> bool {
    function.field("return_type").is_some_and(|kind| !matches!(&*kind.text(), "None" | "NoReturn" | "Never"))
}

/// Whether a Python function has no statement but a docstring, `...` or `pass`.
fn is_empty(function: &SyntaxNode<'_>) -> bool {
    function.field("body").is_some_and(|body| {
        body.named_children().all(|statement| match &*statement.kind() {
            "pass_statement" | "comment" => true,
            "expression_statement" => {
                statement.named_children().all(|inner| matches!(&*inner.kind(), "string" | "ellipsis"))
            }
            _ => false,
        })
    })
}

/// Whether a place stands in a Python function that others are to write: abstract, of a protocol, or of a class that another one
/// of the file comes from.
fn is_for_others(node: &SyntaxNode<'_>, root: &SyntaxNode<'_>) -> bool {
    let function = std::iter::once(node.clone()).chain(node.ancestors());
    let Some(function) = function.into_iter().find(|above| above.kind() == "function_definition") else { return false };
    let decorated = function.parent().filter(|above| above.kind() == "decorated_definition");
    let marks = decorated.map_or_else(String::new, |above| above.text().into_owned());
    let marks = marks.lines().take_while(|line| line.trim_start().starts_with('@'));
    if marks.into_iter().any(|line| line.contains("abstract") || line.contains("overload")) {
        return true;
    }
    let Some(class) = function.ancestors().find(|above| above.kind() == "class_definition") else { return false };
    let bases = |class: &SyntaxNode<'_>| class.field("superclasses").map(|bases| bases.text().into_owned());
    if bases(&class).is_some_and(|bases| has_word(&bases, "Protocol")) {
        return true;
    }
    let Some(name) = class.field("name").map(|name| name.text().into_owned()) else { return false };
    root.dfs()
        .any(|other| other.kind() == "class_definition" && bases(&other).is_some_and(|bases| has_word(&bases, &name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(language: Language, text: &str) -> Vec<usize> {
        find(language, text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn functions_that_are_left_to_be_written_are_found_in_every_language() {
        for (language, text) in [
            (Language::Rust, "fn a() -> u8 {\n    todo!()\n}\n"),
            (Language::Rust, "fn a() -> u8 {\n    unimplemented!(\"later\")\n}\n"),
            (Language::Go, "func a() int {\n\tpanic(\"not implemented\")\n}\n"),
            (Language::TypeScript, "function a(): number {\n  throw new Error(\"Not implemented yet\");\n}\n"),
            (
                Language::Java,
                "class A { int a() {\n    throw new UnsupportedOperationException(\"Not supported yet.\");\n} }\n",
            ),
            (Language::Python, "def a() -> int:\n    raise NotImplementedError\n"),
            (Language::Python, "\ndef a() -> int:\n    \"\"\"Return one.\"\"\"\n"),
            (Language::Python, "\ndef a() -> int:\n    ...\n"),
        ] {
            assert_eq!(lines(language, text), [2], "{language}: {text}");
        }
    }

    #[test]
    fn comments_that_promise_are_found() {
        for comment in
            ["TODO: the rest", "FIXME", "... rest of the code", "Implementation goes here", "omitted for brevity"]
        {
            assert_eq!(lines(Language::Go, &format!("package a\n// {comment}\n")), [2], "{comment}");
        }
        for comment in ["The order in which they are done.", "A todo list of the user.", "What is left out is kept."] {
            assert_eq!(lines(Language::Go, &format!("package a\n// {comment}\n")), [0_usize; 0], "{comment}");
        }
    }

    #[test]
    fn what_others_are_to_write_and_what_does_nothing_on_purpose_is_no_placeholder() {
        for (language, text) in [
            (Language::Python, "class A(Protocol):\n    def a(self) -> int:\n        \"\"\"Return one.\"\"\"\n"),
            (Language::Python, "class A(ABC):\n    @abstractmethod\n    def a(self) -> int: ...\n"),
            (
                Language::Python,
                "class A:\n    def a(self) -> int:\n        raise NotImplementedError\n\n\nclass B(A):\n    def a(self) -> int:\n        return 1\n",
            ),
            (Language::Python, "def close() -> None:\n    pass\n"),
            (Language::Python, "TEXT = \"TODO: not implemented\"\n"),
            (Language::Rust, "fn a() -> &'static str {\n    \"todo!()\"\n}\n"),
            (Language::Go, "func a() {\n\tpanic(\"the key is missing\")\n}\n"),
            (Language::TypeScript, "function a(): never {\n  throw new Error(\"the kind is unknown\");\n}\n"),
        ] {
            assert_eq!(lines(language, text), [0_usize; 0], "{language}: {text}");
        }
    }

    #[test]
    fn an_override_that_is_left_to_be_written_is_found_beside_its_abstract_one() {
        let text = "class A(ABC):\n    @abstractmethod\n    def a(self) -> int:\n        raise NotImplementedError\n\n\nclass B(A):\n    def a(self) -> int:\n        raise NotImplementedError\n";
        assert_eq!(lines(Language::Python, text), [9]);
    }
}
