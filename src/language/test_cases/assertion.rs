//! Assertions: which nodes are one, and whether it can fail.

use std::collections::BTreeSet;

use crate::language::Language;
use crate::language::syntax::SyntaxNode;

/// The variables of a test that hold the same literal all along.
pub(super) fn literals(body: &SyntaxNode<'_>) -> BTreeSet<String> {
    let (mut fixed, mut other) = (BTreeSet::new(), BTreeSet::new());
    for node in body.dfs() {
        let (names, value) = match &*node.kind() {
            "let_declaration" => (node.field("pattern"), node.field("value")),
            "assignment"
            | "assignment_expression"
            | "short_var_declaration"
            | "augmented_assignment"
            | "compound_assignment_expr"
            | "assignment_statement" => (node.field("left"), node.field("right")),
            "variable_declarator" => (node.field("name"), node.field("value")),
            _ => continue,
        };
        let Some(name) = names.map(|name| name.text().trim_start_matches("mut ").to_owned()) else { continue };
        let plain = !matches!(&*node.kind(), "augmented_assignment" | "compound_assignment_expr");
        let known = plain && value.is_some_and(|value| is_literal(&value));
        if known && !fixed.contains(&name) {
            fixed.insert(name)
        } else {
            other.insert(name)
        };
    }
    fixed.retain(|name| !other.contains(name));
    fixed
}

/// Whether nothing in a value has to be run or looked up.
fn is_literal(node: &SyntaxNode<'_>) -> bool {
    node.dfs().all(|inner| {
        let kind = inner.kind();
        let runs = ["identifier", "call", "invocation"].iter().any(|part| kind.contains(part));
        let looked_up =
            ["interpolation", "this", "self", "await", "new_expression", "object_creation_expression", "lambda"];
        !runs && !looked_up.contains(&&*kind)
    })
}

/// Whether all that an assertion looks at is known without running anything: literals, and variables that hold one.
pub(super) fn says_nothing(language: Language, node: &SyntaxNode<'_>, literals: &BTreeSet<String>) -> bool {
    let kind = node.kind();
    let looked_at = match (language, &*kind) {
        (Language::Rust, "macro_invocation") => {
            let name = node.field("macro").map_or_else(String::new, |name| name.text().into_owned());
            if !name.rsplit("::").next().is_some_and(|last| last.starts_with("assert")) {
                return false;
            }
            node.children().find(|child| child.kind() == "token_tree")
        }
        (_, "assert_statement") => node.named_children().next(),
        (Language::Python, "call") => {
            let called = node.field("function").map_or_else(String::new, |called| called.text().into_owned());
            let checks = called.rsplit('.').next().is_some_and(|last| last.starts_with("assert"));
            node.field("arguments").filter(|_| checks)
        }
        (Language::Java, "method_invocation") => {
            let checks = node.field("name").is_some_and(|name| {
                let name = name.text();
                name.starts_with("assert") && name != "assertThat"
            });
            node.field("arguments").filter(|_| checks)
        }
        (Language::TypeScript, "call_expression") => {
            let called = node.field("function").map_or_else(String::new, |called| called.text().into_owned());
            if called.starts_with("expect(") {
                // What is looked at stands inside of the called thing.
                node.field("function").and_then(|called| called.dfs().find(|inner| inner.kind() == "arguments"))
            } else {
                node.field("arguments").filter(|_| called == "assert" || called.starts_with("assert."))
            }
        }
        (Language::Go, "call_expression") => {
            let called = node.field("function").map_or_else(String::new, |called| called.text().into_owned());
            node.field("arguments").filter(|_| called.starts_with("assert.") || called.starts_with("require."))
        }
        _ => None,
    };
    let Some(looked_at) = looked_at else { return false };
    let mut seen = 0;
    let all_known = looked_at.dfs().filter(SyntaxNode::is_leaf).all(|leaf| {
        let kind = leaf.kind();
        if kind.contains("identifier") || matches!(&*kind, "this" | "self" | "super") {
            let name = leaf.text();
            let the_test = language == Language::Go && name == "t";
            return the_test || literals.contains(&*name);
        }
        seen += 1;
        true
    });
    all_known && seen > 0
}

/// What an assertion is worth.
pub(super) enum Assertion {
    /// It can fail.
    Real,
    /// It is known to hold without running anything.
    Constant,
}

/// Whether a node is an assertion, or a call of a helper that asserts.
pub(super) fn assertion(language: Language, node: &SyntaxNode<'_>, helpers: &BTreeSet<String>) -> Option<Assertion> {
    let kind = node.kind();
    let called = match (language, &*kind) {
        (Language::Rust, "macro_invocation") => {
            let name = node.field("macro")?.text().into_owned();
            let last = name.rsplit("::").next().unwrap_or_default().to_owned();
            if last.starts_with("assert") || last == "panic" || last == "unreachable" {
                let arguments = node.children().find(|child| child.kind() == "token_tree")?.text().into_owned();
                let inner = arguments.trim_start_matches(['(', '[', '{']).trim_end_matches([')', ']', '}']);
                return Some(if last.starts_with("assert") && is_constant(inner) {
                    Assertion::Constant
                } else {
                    Assertion::Real
                });
            }
            return None;
        }
        (Language::Rust | Language::Go | Language::TypeScript, "call_expression") | (Language::Python, "call") => {
            node.field("function")?.text().into_owned()
        }
        (Language::Java, "method_invocation") => node.field("name")?.text().into_owned(),
        (Language::Python | Language::Java, "assert_statement") => {
            let inner = node.named_children().next()?.text().into_owned();
            return Some(if is_constant(&inner) { Assertion::Constant } else { Assertion::Real });
        }
        _ => return None,
    };
    let last = called.rsplit(['.', ':']).next().unwrap_or_default();
    let real = match language {
        Language::Rust => matches!(last, "unwrap_err" | "expect_err"),
        Language::Go => {
            matches!(&*called, "t.Error" | "t.Errorf" | "t.Fatal" | "t.Fatalf" | "t.Fail" | "t.FailNow")
                || called.starts_with("assert.")
                || called.starts_with("require.")
        }
        Language::Python => {
            last.starts_with("assert") || matches!(&*called, "pytest.raises" | "pytest.fail" | "self.fail")
        }
        Language::TypeScript => {
            // `expect(x)` alone asserts nothing; what is called on it does.
            let base = called.split(['.', '(']).next().unwrap_or_default();
            base == "assert" || (base == "expect" && called != "expect")
        }
        // `assertThat(x)` alone asserts nothing; what is called on it does.
        Language::Java => match last {
            "assertThat" => node
                .parent()
                .is_some_and(|above| above.kind() == "method_invocation" && above.field("object").is_some()),
            _ => last.starts_with("assert") || matches!(last, "fail" | "verify"),
        },
    };
    if real {
        let arguments = node.field("arguments").map_or_else(String::new, |arguments| arguments.text().into_owned());
        let inner = arguments.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(&arguments);
        // Go's assertion libraries take the test first.
        let inner = if language == Language::Go { inner.trim_start_matches("t,").trim_start() } else { inner };
        // `expect(true).toBe(true)`: what is expected stands inside the called thing.
        let expected = called.strip_prefix("expect(").and_then(|rest| rest.rsplit_once(")."));
        if let Some((actual, _)) = expected {
            let constant = actual.trim() == inner.trim() || (inner.trim().is_empty() && is_constant(actual));
            return Some(if constant { Assertion::Constant } else { Assertion::Real });
        }
        let checked = last.starts_with("assert") || called == "assert" || called.starts_with("assert.");
        return Some(if checked && is_constant(inner) { Assertion::Constant } else { Assertion::Real });
    }
    helpers.contains(last).then_some(Assertion::Real)
}

/// Whether the arguments of an assertion can be known without running anything: `true`, or the same thing on both sides.
fn is_constant(arguments: &str) -> bool {
    let parts: Vec<&str> = arguments.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => true,
        [one] => {
            matches!(*one, "true" | "True" | "1" | "!false" | "not False")
                || one.split_once("==").is_some_and(|(left, right)| left.trim() == right.trim())
        }
        [left, right, ..] => left == right || (*left == "true" && right.starts_with(['"', '\''])),
    }
}
