//! Docstrings that stand more than once, as those of a protocol and of the class that implements it do.
//!
//! A small model that writes what it saw goes on after words that stood twice with what followed the second time: in the middle of the
//! protocol it writes the class. The languages with comments above their functions say such things once.

use std::collections::BTreeSet;

use ast_grep_core::tree_sitter::LanguageExt as _;

use super::Language;
use super::cut::cut_lines;
use super::syntax::statements_of;

/// The text without the docstrings of functions that stand in it already, where the function has more than its docstring.
pub fn said_once(language: Language, text: &str) -> String {
    if language != Language::Python {
        return text.to_owned();
    }
    let root = language.grammar().ast_grep(text);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut lines: BTreeSet<usize> = BTreeSet::new();
    for function in root.root().dfs().filter(|node| node.kind() == "function_definition") {
        let Some(body) = function.field("body") else { continue };
        let statements = statements_of(&body);
        let Some(first) = statements.first() else { continue };
        let is_docstring =
            first.kind() == "expression_statement" && first.children().all(|child| child.kind() == "string");
        if is_docstring && !seen.insert(first.text().into_owned()) && statements.len() > 1 {
            lines.extend(first.start_pos().line() + 1..=first.end_pos().line() + 1);
        }
    }
    cut_lines(text, &lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_of_two_docstrings_goes_where_something_is_left() {
        let text = "class Store(Protocol):\n    def get(self) -> int:\n        \"\"\"Return it.\n\n        Raises GoneError.\n        \"\"\"\n\n    def put(self) -> None:\n        \"\"\"Keep it.\"\"\"\n\n\nclass InMemory(Store):\n    \"\"\"A store.\"\"\"\n\n    def get(self) -> int:\n        \"\"\"Return it.\n\n        Raises GoneError.\n        \"\"\"\n        return 1\n\n    def put(self) -> None:\n        \"\"\"Keep it.\"\"\"\n\n    def size(self) -> int:\n        \"\"\"Count.\"\"\"\n        return 1\n";
        let (before, after) = text.split_once("class InMemory").unwrap();
        let once = after.replace("        \"\"\"Return it.\n\n        Raises GoneError.\n        \"\"\"\n", "");
        assert_eq!(said_once(Language::Python, text), format!("{before}class InMemory{once}"));
        assert_eq!(said_once(Language::Go, text), text);
    }
}
