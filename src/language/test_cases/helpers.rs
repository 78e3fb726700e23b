//! Helpers of tests: functions of the file that assert for them, and what is looked for in a body.

use std::collections::BTreeSet;

use super::as_test;
use super::assertion::{Assertion, assertion};
use crate::language::Language;
use crate::language::hollow::is_behind_catch;
use crate::language::syntax::SyntaxNode;

/// Functions of the file that do the asserting for its tests, so that calling them counts.
pub(super) struct Helpers {
    /// Those that assert something.
    pub(super) asserting: BTreeSet<String>,
    /// Those that look at a failure.
    pub(super) refusing: BTreeSet<String>,
    /// Those that assert only where something is caught, which may be nothing.
    pub(super) hollow: BTreeSet<String>,
}

impl Helpers {
    /// Those of a file.
    pub(super) fn find(language: Language, root: &SyntaxNode<'_>) -> Self {
        let none = BTreeSet::new();
        let mut helpers = Self { asserting: BTreeSet::new(), refusing: BTreeSet::new(), hollow: BTreeSet::new() };
        for node in root.dfs() {
            let Some((name, body)) = as_helper(language, &node) else { continue };
            if is_behind_catch(&body, &|inner| assertion(language, inner, &none).is_some()) {
                helpers.hollow.insert(name);
                continue;
            }
            if mentions_error(language, &body.text()) {
                helpers.refusing.insert(name.clone());
            }
            if body.dfs().any(|inner| matches!(assertion(language, &inner, &none), Some(Assertion::Real))) {
                helpers.asserting.insert(name);
            }
        }
        helpers
    }
}

/// Name and body of a function that is no test.
fn as_helper<'r>(language: Language, node: &SyntaxNode<'r>) -> Option<(String, SyntaxNode<'r>)> {
    let kind = node.kind();
    let function =
        matches!(&*kind, "function_item" | "function_declaration" | "function_definition" | "method_definition")
            || (language == Language::Java && kind == "method_declaration");
    if function && as_test(language, node).is_none() {
        return Some((node.field("name")?.text().into_owned(), node.field("body")?));
    }
    // `const refuses = (…) => { … }`
    let value = (kind == "variable_declarator").then(|| node.field("value"))??;
    let arrow = matches!(&*value.kind(), "arrow_function" | "function_expression");
    arrow.then_some(())?;
    Some((node.field("name")?.text().into_owned(), value.field("body")?))
}

/// The names of everything a body calls: words in front of a parenthesis, since the arguments of macros are no syntax.
pub(super) fn called_names(body: &SyntaxNode<'_>) -> BTreeSet<String> {
    let text = body.text();
    let parts = text.split('(');
    let names =
        parts.filter_map(|part| part.rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whether a body looks at a failure: an error value, an exception, or an HTTP status from 400 on.
pub(super) fn mentions_error(language: Language, body: &str) -> bool {
    let words: &[&str] = match language {
        Language::Rust => &["unwrap_err", "expect_err", "is_err", "Err(", "Error"],
        Language::Go => &["errors.Is", "errors.As", "err == nil", "Err", "err.Error", "Status"],
        Language::Python => &["raises", "assertRaises", "Error", "error"],
        Language::TypeScript => &["throws", "rejects", "toThrow", "Error", "error"],
        Language::Java => &["assertThrows", "Exception", "Error", "error"],
    };
    let status = body.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| {
        word.len() == 3 && word.starts_with(['4', '5']) && word.chars().all(|letter| letter.is_ascii_digit())
    });
    status || words.iter().any(|word| body.contains(word))
}
