//! Mutants: small changes to code, made by syntax, that good tests notice.
//!
//! What is changed: conditions, comparisons and their boundaries, logic, refusals (a guard's `return`, `raise` or `throw`, an
//! error that is swallowed), statements with an effect, returned values, whole numbers and truth values, arithmetic. What is
//! left alone: tests, types, attributes, macros, logging, and texts, whose change tests rightly do not notice.

use std::ops::Range;

use ast_grep_core::tree_sitter::LanguageExt;

use super::Language;
use super::syntax::SyntaxNode;

/// What kind of change it is; the first are the most telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A refusal does not happen.
    Refusal,
    /// A comparison, or its boundary.
    Comparison,
    /// A condition is turned round.
    Condition,
    /// A statement is left out.
    Statement,
    /// Another value is returned.
    Return,
    /// `and` for `or`.
    Logic,
    /// Another number or truth value.
    Constant,
    /// Another arithmetic.
    Arithmetic,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// Its kind.
    pub change: Change,
    /// The line it starts on, from 1.
    pub line: usize,
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes in their place.
    pub instead: String,
}

impl Mutant {
    /// The changed text.
    pub fn apply(&self, text: &str) -> String {
        let (before, after) = (text.get(..self.range.start), text.get(self.range.end..));
        format!("{}{}{}", before.unwrap_or_default(), self.instead, after.unwrap_or_default())
    }

    /// The change in one line: what stood there, and what stands there now.
    pub fn describe(&self, text: &str) -> String {
        let line = |text: &str| text.lines().nth(self.line - 1).unwrap_or_default().trim().to_owned();
        let was = text.get(self.range.clone()).unwrap_or_default();
        if was.contains('\n') {
            let first = was.lines().next().unwrap_or_default().trim();
            return format!("`{first} …` changed to `{}`", shown(&self.instead));
        }
        let (old, new) = (line(text), line(&self.apply(text)));
        format!("`{old}` changed to `{}`", shown(&new))
    }
}

fn shown(text: &str) -> &str {
    let text = text.trim();
    if text.is_empty() || text == ";" { "(nothing)" } else { text }
}

/// Every mutant of a file, the most telling of each function first, functions in turn, so that any number of them from the
/// start is a fair sample.
pub fn mutants(language: Language, text: &str) -> Vec<Mutant> {
    let root = language.grammar().ast_grep(text);
    let mut found: Vec<(usize, Mutant)> = Vec::new();
    walk(language, &root.root(), 0, &mut found);
    found.sort_by_key(|(function, mutant)| (*function, mutant.change, mutant.range.start));
    found.dedup_by(|left, right| left.1.range == right.1.range && left.1.instead == right.1.instead);
    let mut ranked = Vec::with_capacity(found.len());
    let (mut last, mut rank) = (None, 0);
    for (function, mutant) in found {
        rank = if last == Some(function) { rank + 1 } else { 0 };
        last = Some(function);
        ranked.push((rank, function, mutant));
    }
    ranked.sort_by_key(|(rank, function, _)| (*rank, *function));
    ranked.into_iter().map(|(_, _, mutant)| mutant).collect()
}

fn walk(language: Language, node: &SyntaxNode<'_>, function: usize, found: &mut Vec<(usize, Mutant)>) {
    let kind = node.kind();
    if is_left_alone(language, node, &kind) {
        return;
    }
    let is_function = matches!(
        &*kind,
        "function_item"
            | "function_declaration"
            | "method_declaration"
            | "function_definition"
            | "method_definition"
            | "constructor_declaration"
            | "compact_constructor_declaration"
    );
    let function = if is_function { node.range().start } else { function };
    for (change, range, instead) in changes(language, node, &kind) {
        let line = node.start_pos().line() + 1;
        found.push((function, Mutant { change, line, range, instead }));
    }
    for child in node.children() {
        walk(language, &child, function, found);
    }
}

fn is_left_alone(language: Language, node: &SyntaxNode<'_>, kind: &str) -> bool {
    let of_language = match language {
        Language::Rust => {
            let tests = kind == "mod_item" && node.prev().is_some_and(|before| before.text().contains("cfg(test)"));
            tests
                || matches!(
                    kind,
                    "token_tree"
                        | "attribute_item"
                        | "inner_attribute_item"
                        | "use_declaration"
                        | "type_arguments"
                        | "array_type"
                        | "macro_definition"
                )
        }
        Language::Go => matches!(kind, "import_declaration" | "array_type" | "type_declaration"),
        Language::Python => matches!(kind, "decorator" | "type" | "import_statement" | "import_from_statement"),
        Language::TypeScript => matches!(
            kind,
            "type_annotation"
                | "interface_declaration"
                | "type_alias_declaration"
                | "type_arguments"
                | "import_statement"
                | "literal_type"
        ),
        Language::Java => matches!(
            kind,
            "import_declaration"
                | "package_declaration"
                | "annotation"
                | "marker_annotation"
                | "type_arguments"
                | "explicit_constructor_invocation"
        ),
    };
    of_language || kind.contains("comment") || is_talk(node, kind)
}

/// Logging and printing: what they say is nobody's promise.
fn is_talk(node: &SyntaxNode<'_>, kind: &str) -> bool {
    if kind == "method_invocation" {
        let on = node.field("object").map_or_else(String::new, |object| object.text().to_lowercase());
        return matches!(on.as_str(), "log" | "logger" | "system.out" | "system.err");
    }
    if !matches!(kind, "call_expression" | "call") {
        return false;
    }
    let called = node.field("function").map_or_else(String::new, |function| function.text().into_owned());
    let base = called.split(['.', ':', '(']).next().unwrap_or_default();
    matches!(base, "console" | "log" | "logger" | "logging" | "slog" | "tracing" | "print" | "super")
        || called.contains(".logger.")
}

type Changes = Vec<(Change, Range<usize>, String)>;

fn changes(language: Language, node: &SyntaxNode<'_>, kind: &str) -> Changes {
    let mut found = Changes::new();
    if !node.is_named() {
        found.extend(operator(language, node));
    }
    found.extend(condition(language, node, kind));
    found.extend(statement(language, node, kind));
    found.extend(returned(language, node, kind));
    found.extend(constant(node, kind));
    found
}

fn operator(language: Language, node: &SyntaxNode<'_>) -> Option<(Change, Range<usize>, String)> {
    let parent = node.parent()?;
    let is_operator =
        matches!(&*parent.kind(), "binary_expression" | "comparison_operator" | "boolean_operator" | "binary_operator");
    is_operator.then_some(())?;
    // Texts are joined in Java: there is no other arithmetic of them that compiles, and finding it out costs seconds.
    if language == Language::Java && joins_texts(&parent) {
        return None;
    }
    let (change, instead) = match node.text().trim() {
        "<" => (Change::Comparison, "<="),
        "<=" => (Change::Comparison, "<"),
        ">" => (Change::Comparison, ">="),
        ">=" => (Change::Comparison, ">"),
        "==" => (Change::Comparison, "!="),
        "!=" => (Change::Comparison, "=="),
        "===" => (Change::Comparison, "!=="),
        "!==" => (Change::Comparison, "==="),
        "is" => (Change::Comparison, "is not"),
        "is not" => (Change::Comparison, "is"),
        "in" => (Change::Comparison, "not in"),
        "not in" => (Change::Comparison, "in"),
        "&&" => (Change::Logic, "||"),
        "||" => (Change::Logic, "&&"),
        "and" => (Change::Logic, "or"),
        "or" => (Change::Logic, "and"),
        "+" => (Change::Arithmetic, "-"),
        "-" | "*" => (Change::Arithmetic, "+"),
        "/" | "%" => (Change::Arithmetic, "*"),
        _ => return None,
    };
    Some((change, node.range(), instead.to_owned()))
}

fn joins_texts(node: &SyntaxNode<'_>) -> bool {
    match &*node.kind() {
        "string_literal" => true,
        "binary_expression" => {
            node.field("operator").is_some_and(|operator| operator.text() == "+")
                && node.children().any(|side| joins_texts(&side))
        }
        _ => false,
    }
}

/// A condition turned round. Of a plain comparison for equality that would be the change of its operator; of a loop it
/// would mostly be a loop without end.
fn condition(language: Language, node: &SyntaxNode<'_>, kind: &str) -> Option<(Change, Range<usize>, String)> {
    let conditional = matches!(kind, "if_expression" | "if_statement" | "elif_clause" | "ternary_expression");
    let condition = if conditional { node.field("condition")? } else { return None };
    let inner = if condition.kind() == "parenthesized_expression" {
        condition.children().find(ast_grep_core::Node::is_named)?
    } else {
        condition
    };
    let text = inner.text();
    let binds = matches!(&*inner.kind(), "let_condition" | "let_chain");
    let equality = matches!(&*inner.kind(), "binary_expression" | "comparison_operator")
        && inner
            .children()
            .any(|child| matches!(&*child.text(), "==" | "!=" | "===" | "!==" | "is" | "is not" | "in" | "not in"));
    if binds || equality {
        return None;
    }
    let not = if language == Language::Python { "not " } else { "!" };
    Some((Change::Condition, inner.range(), format!("{not}({text})")))
}

fn statement(language: Language, node: &SyntaxNode<'_>, kind: &str) -> Option<(Change, Range<usize>, String)> {
    let nothing = match language {
        Language::Python => "pass",
        Language::TypeScript | Language::Java => ";",
        Language::Rust | Language::Go => "",
    };
    let gone = |change| Some((change, node.range(), nothing.to_owned()));
    match kind {
        "raise_statement" | "throw_statement" => gone(Change::Refusal),
        // A guard: what it returns early is not returned.
        "return_statement" if language != Language::Rust && in_guard(node) => gone(Change::Refusal),
        "inc_statement" | "dec_statement" | "delete_statement" => gone(Change::Statement),
        "assignment_statement" if language == Language::Go => gone(Change::Statement),
        "expression_statement" => {
            let inner = node.children().find(ast_grep_core::Node::is_named)?;
            if is_talk(&inner, &inner.kind()) || (language == Language::Java && sets_a_field(&inner)) {
                return None;
            }
            match &*inner.kind() {
                "return_expression" if in_guard(node) => gone(Change::Refusal),
                "try_expression"
                | "call_expression"
                | "call"
                | "await_expression"
                | "await"
                | "assignment_expression"
                | "compound_assignment_expr"
                | "augmented_assignment"
                | "augmented_assignment_expression"
                | "update_expression"
                | "unary_expression"
                | "method_invocation" => {
                    if names_itself(&inner) {
                        None
                    } else {
                        gone(Change::Statement)
                    }
                }
                "assignment" => {
                    let left = inner.field("left")?;
                    let kept = matches!(&*left.kind(), "attribute" | "subscript");
                    (kept && !names_itself(&inner)).then(|| gone(Change::Statement))?
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// An assignment in a constructor of Java: a final field without it does not compile.
fn sets_a_field(node: &SyntaxNode<'_>) -> bool {
    let constructor = |above: &SyntaxNode<'_>| {
        matches!(&*above.kind(), "constructor_declaration" | "compact_constructor_declaration")
    };
    node.kind() == "assignment_expression" && node.ancestors().any(|above| constructor(&above))
}

/// `this.name = …`: how an error calls itself is rarely a promise.
fn names_itself(node: &SyntaxNode<'_>) -> bool {
    node.field("left").is_some_and(|left| matches!(&*left.text(), "this.name" | "self.name" | "self.__name__"))
}

/// Whether a statement stands in the body of an `if` that has no other branch.
fn in_guard(node: &SyntaxNode<'_>) -> bool {
    let Some(block) = node.parent() else { return false };
    let block = if block.kind() == "statement_list" { block.parent().unwrap_or(block) } else { block };
    let Some(parent) = block.parent() else { return false };
    let is_if = matches!(&*parent.kind(), "if_expression" | "if_statement");
    is_if && parent.field("alternative").is_none()
}

fn returned(language: Language, node: &SyntaxNode<'_>, kind: &str) -> Option<(Change, Range<usize>, String)> {
    match (language, kind) {
        (Language::Rust, "call_expression") => {
            let called = node.field("function")?.text().into_owned();
            match called.as_str() {
                "Some" => Some((Change::Return, node.range(), "None".to_owned())),
                "Err" => {
                    let function = node.ancestors().find(|above| above.kind() == "function_item")?;
                    let result = function.field("return_type")?.text().into_owned();
                    result.contains("Result<()").then(|| (Change::Refusal, node.range(), "Ok(())".to_owned()))
                }
                _ => None,
            }
        }
        (Language::Go, "return_statement") => {
            let list = node.children().find(ast_grep_core::Node::is_named)?;
            let last = list.children().filter(ast_grep_core::Node::is_named).last().unwrap_or_else(|| list.clone());
            let last = if list.kind() == "expression_list" { last } else { list };
            let text = last.text();
            let failing = text.starts_with("Err")
                || text.starts_with("err")
                || text.starts_with("fmt.Errorf")
                || text.starts_with("new") && text.contains("Err");
            failing.then(|| (Change::Refusal, last.range(), "nil".to_owned()))
        }
        (Language::Python | Language::TypeScript, "return_statement") => {
            let value = node.children().find(ast_grep_core::Node::is_named)?;
            let text = value.text();
            let plain =
                matches!(&*text, "None" | "True" | "False" | "true" | "false" | "null" | "undefined" | "self" | "this");
            let empty = if language == Language::Python { "None" } else { "undefined" };
            (!plain).then(|| (Change::Return, value.range(), empty.to_owned()))
        }
        (Language::Java, "return_statement") => {
            let value = node.children().find(ast_grep_core::Node::is_named)?;
            let instead = another_in_java(node, &value)?;
            Some((Change::Return, value.range(), instead))
        }
        _ => None,
    }
}

/// Another value of the type that a method of Java returns; what a lambda returns has no type that is written down.
fn another_in_java(statement: &SyntaxNode<'_>, value: &SyntaxNode<'_>) -> Option<String> {
    let function =
        statement.ancestors().find(|above| matches!(&*above.kind(), "method_declaration" | "lambda_expression"))?;
    let returned = function.field("type")?.text().into_owned();
    let text = value.text();
    let plain = matches!(&*text, "null" | "true" | "false" | "this") || text.parse::<i64>().is_ok();
    let instead = match returned.split('<').next().unwrap_or_default() {
        _ if plain => return None,
        "boolean" => format!("!({text})"),
        "byte" | "short" | "char" | "float" | "double" => return None,
        "int" | "long" => format!("({text}) + 1"),
        "List" | "Collection" | "Iterable" => "java.util.List.of()".to_owned(),
        "Set" => "java.util.Set.of()".to_owned(),
        "Map" => "java.util.Map.of()".to_owned(),
        "Optional" => "java.util.Optional.empty()".to_owned(),
        _ => "null".to_owned(),
    };
    (instead != *text).then_some(instead)
}

fn constant(node: &SyntaxNode<'_>, kind: &str) -> Option<(Change, Range<usize>, String)> {
    let text = node.text();
    let instead = match kind {
        "boolean_literal" | "true" | "false" if node.is_named() => match &*text {
            "true" => "false".to_owned(),
            "false" => "true".to_owned(),
            "True" => "False".to_owned(),
            "False" => "True".to_owned(),
            _ => return None,
        },
        "integer_literal" | "int_literal" | "integer" | "number" | "decimal_integer_literal" => {
            if node.parent().is_some_and(|parent| {
                matches!(&*parent.kind(), "field_expression" | "unary_expression" | "unary_operator")
            }) {
                return None;
            }
            let digits: String = text.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '_').collect();
            let suffix = text.get(digits.len()..)?;
            let is_suffix = suffix.is_empty() || suffix.starts_with(['u', 'i', 'n', 'L']);
            let number: u64 = digits.replace('_', "").parse().ok()?;
            is_suffix.then(|| format!("{}{suffix}", number.saturating_add(1)))?
        }
        _ => return None,
    };
    Some((Change::Constant, node.range(), instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(language: Language, text: &str) -> Vec<(Change, String)> {
        let mut found: Vec<_> =
            mutants(language, text).into_iter().map(|mutant| (mutant.change, mutant.describe(text))).collect();
        found.sort();
        found
    }

    #[test]
    fn each_kind_of_change_is_made_in_each_language() {
        use Change::{Arithmetic, Comparison, Condition, Constant, Logic, Refusal, Return, Statement};
        let all = [Refusal, Comparison, Condition, Statement, Return, Logic, Constant, Arithmetic];
        for (language, text) in [
            (
                Language::Rust,
                "fn a(&mut self, n: u64) -> Result<(), E> {\n    if n > 100 && self.ok() || n == 1 {\n        return Err(E::Big);\n    }\n    self.items.insert(n + 1, Some(n));\n    if self.full() {}\n    Ok(())\n}\n",
            ),
            (
                Language::Python,
                "def a(self, n):\n    if n > 100 and self.ok():\n        raise Big(n)\n    if self.full():\n        self.items[n + 1] = n\n    return self.items\n",
            ),
            (
                Language::TypeScript,
                "function a(n: number): number {\n  if (n > 100 && ok()) {\n    throw new Big(n);\n  }\n  items.set(n + 1, n);\n  return n;\n}\n",
            ),
            (
                Language::Java,
                "class A {\n  A(int b) { this.b = b; }\n  long a(int n) {\n    if (n > 100 && ok()) {\n      throw new Big(\"a\" + n);\n    }\n    items.put(n + 1, n);\n    return n;\n  }\n}\n",
            ),
        ] {
            let found = changed(language, text);
            for change in all {
                assert!(found.iter().any(|(kind, _)| *kind == change), "{language}: no {change:?} in {found:?}");
            }
        }
        let go = changed(
            Language::Go,
            "package a\n\nfunc A(n int) (int, error) {\n\tif n > 100 && ok() {\n\t\treturn 0, ErrBig\n\t}\n\titems[n] = n + 1\n\treturn n, nil\n}\n",
        );
        for change in [Refusal, Comparison, Condition, Statement, Logic, Constant, Arithmetic] {
            assert!(go.iter().any(|(kind, _)| *kind == change), "go: no {change:?} in {go:?}");
        }
    }

    #[test]
    fn a_change_is_said_as_the_line_before_and_after() {
        let text = "def a(n):\n    if n > 100:\n        raise Big(n)\n";
        let found = changed(Language::Python, text);
        assert_eq!(found[0], (Change::Refusal, "`raise Big(n)` changed to `pass`".to_owned()));
        assert_eq!(found[1], (Change::Comparison, "`if n > 100:` changed to `if n >= 100:`".to_owned()));
    }

    #[test]
    fn tests_types_macros_logs_and_texts_are_left_alone() {
        for (language, text) in [
            (
                Language::Rust,
                "#[cfg(test)]\nmod tests {\n    fn a() { b(1 + 2); }\n}\n#[repr(align(8))]\nstruct A([u8; 4]);\nfn c() { println!(\"{}\", 1 + 2); }\n",
            ),
            (Language::Python, "import a\nlogger.info(\"x\" + 1)\n\"doc\"\nx: int\n"),
            (Language::TypeScript, "interface A { b: 1 }\nconsole.log(1 + 2);\nimport a from \"a\";\n"),
            (Language::Go, "package a\n\nimport \"fmt\"\n\ntype A [4]int\n"),
            (
                Language::Java,
                "package a;\n\nimport b.C;\n\nclass D {\n  final int e;\n  D(int e) { super(1 + 2); this.e = e; }\n  @Deprecated(since = \"1\") String f() { LOG.info(\"x\" + 1); return null; }\n}\n",
            ),
        ] {
            assert_eq!(changed(language, text), [], "{language}");
        }
    }

    #[test]
    fn a_sample_from_the_start_takes_functions_in_turn() {
        let text = "def a(n):\n    return n > 1 and n < 5 and n != 3\n\n\ndef b(n):\n    return n > 7\n";
        let lines: Vec<usize> = mutants(Language::Python, text).iter().take(2).map(|mutant| mutant.line).collect();
        assert_eq!(lines, [2, 6]);
    }

    proptest::proptest! {
        #[test]
        fn a_mutant_of_anything_is_a_text(text in "\\PC{0,120}") {
            for language in Language::ALL {
                for mutant in mutants(language, &text) {
                    let _ = mutant.describe(&text);
                }
            }
        }
    }
}
