//! The tests of a file: which there are, what each claims to show, and whether it can fail.
//!
//! A test says what it shows by a comment line directly above it (or its first line, its title, or a Python docstring)
//! that starts with `happy path:`, `error:` or `edge case:`.

use std::collections::BTreeSet;

use ast_grep_core::tree_sitter::LanguageExt;

use super::Language;
use super::syntax::SyntaxNode;

/// What a test shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// The ordinary use.
    HappyPath,
    /// A refusal.
    Error,
    /// A limit.
    EdgeCase,
}

impl Category {
    /// All of them; a set of tests must have each.
    pub const ALL: [Self; 3] = [Self::HappyPath, Self::Error, Self::EdgeCase];

    /// How a tag names it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::HappyPath => "happy path",
            Self::Error => "error",
            Self::EdgeCase => "edge case",
        }
    }

    fn of(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
        let text = text.replace(['_', '-'], " ");
        Self::ALL.into_iter().find(|category| text.starts_with(category.tag())).or_else(|| {
            let short = [("happy", Self::HappyPath), ("edge", Self::EdgeCase)];
            short.into_iter().find(|(word, _)| text.starts_with(word)).map(|(_, category)| category)
        })
    }
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCase {
    /// Its name or title.
    pub name: String,
    /// Its line, from 1.
    pub line: usize,
    /// What it says it shows; a table-driven test may show several things.
    pub categories: BTreeSet<Category>,
    /// Why it proves nothing, if so.
    pub vacuous: Option<&'static str>,
}

/// Finds the tests of a file, in its order.
pub fn find(language: Language, text: &str) -> Vec<TestCase> {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    let helpers = Helpers::find(language, &root);
    let mut found = Vec::new();
    for node in root.dfs() {
        let Some(test) = as_test(language, &node) else { continue };
        let tagged = tags(language, &node, &test);
        let vacuous = judge(language, &test, &helpers, &tagged);
        found.push(TestCase { name: test.name, line: node.start_pos().line() + 1, categories: tagged, vacuous });
    }
    found
}

/// Whether a node is a test.
pub(super) fn is_test(language: Language, node: &SyntaxNode<'_>) -> bool {
    as_test(language, node).is_some()
}

/// A node that is a test.
struct Found<'r> {
    name: String,
    body: SyntaxNode<'r>,
    /// Text that can skip it: attributes, decorators, the called function.
    marks: String,
    /// Comment lines directly above.
    above: Vec<String>,
}

fn as_test<'r>(language: Language, node: &SyntaxNode<'r>) -> Option<Found<'r>> {
    match language {
        Language::Rust => {
            if node.kind() != "function_item" {
                return None;
            }
            let (marks, above) = rust_head(node);
            let is_test = marks.contains("#[test]")
                || marks.contains("::test]")
                || marks.contains("::test(")
                || marks.contains("#[rstest");
            is_test.then_some(())?;
            Some(Found { name: node.field("name")?.text().into_owned(), body: node.field("body")?, marks, above })
        }
        Language::Go => {
            if node.kind() != "function_declaration" {
                return None;
            }
            let name = node.field("name")?.text().into_owned();
            let parameters = node.field("parameters")?.text().into_owned();
            (name.starts_with("Test") && parameters.contains("testing.T")).then_some(())?;
            Some(Found { name, body: node.field("body")?, marks: String::new(), above: comments_above(node) })
        }
        Language::Python => {
            if node.kind() != "function_definition" {
                return None;
            }
            let name = node.field("name")?.text().into_owned();
            name.starts_with("test").then_some(())?;
            let decorated = node.parent().filter(|parent| parent.kind() == "decorated_definition");
            let marks = decorated.as_ref().map_or_else(String::new, |parent| {
                let before = node.range().start - parent.range().start;
                parent.text().get(..before).unwrap_or_default().to_owned()
            });
            let above = comments_above(decorated.as_ref().unwrap_or(node));
            Some(Found { name, body: node.field("body")?, marks, above })
        }
        Language::TypeScript => {
            if node.kind() != "call_expression" {
                return None;
            }
            let called = node.field("function")?.text().into_owned();
            let base = called.split(['.', '(']).next().unwrap_or_default();
            matches!(base, "test" | "it").then_some(())?;
            let arguments = node.field("arguments")?;
            let title =
                arguments.named_children().find(|child| matches!(&*child.kind(), "string" | "template_string"))?;
            let body = arguments
                .named_children()
                .filter(|child| matches!(&*child.kind(), "arrow_function" | "function_expression"))
                .last()?;
            let statement = node.parent().filter(|parent| parent.kind() == "expression_statement");
            let above = comments_above(statement.as_ref().unwrap_or(node));
            let name = title.text().trim_matches(['"', '\'', '`']).to_owned();
            Some(Found { name, body, marks: called, above })
        }
        Language::Java => {
            if node.kind() != "method_declaration" {
                return None;
            }
            let own = java_annotations(node);
            let is_test = |mark: &String| {
                let name = mark.trim_start_matches('@').split('(').next().unwrap_or_default();
                let name = name.rsplit('.').next().unwrap_or_default();
                matches!(name, "Test" | "ParameterizedTest" | "RepeatedTest" | "TestFactory" | "TestTemplate")
            };
            own.iter().any(is_test).then_some(())?;
            // What stands on a class holds for its tests.
            let classes = node.ancestors().filter(|above| above.kind() == "class_declaration");
            let marks: Vec<String> =
                own.into_iter().chain(classes.flat_map(|class| java_annotations(&class))).collect();
            let above = comments_above(node);
            Some(Found {
                name: node.field("name")?.text().into_owned(),
                body: node.field("body")?,
                marks: marks.join("\n"),
                above,
            })
        }
    }
}

/// The annotations of a declaration in Java.
fn java_annotations(node: &SyntaxNode<'_>) -> Vec<String> {
    let modifiers = node.children().filter(|child| child.kind() == "modifiers");
    let all = modifiers.flat_map(|modifiers| modifiers.children().collect::<Vec<_>>());
    all.filter(|mark| mark.kind().ends_with("annotation")).map(|mark| mark.text().into_owned()).collect()
}

/// The attributes and the comments above a Rust item.
fn rust_head(node: &SyntaxNode<'_>) -> (String, Vec<String>) {
    let (mut marks, mut above) = (String::new(), Vec::new());
    let mut at = node.prev();
    while let Some(before) = at {
        match &*before.kind() {
            "attribute_item" => marks.push_str(&before.text()),
            "line_comment" | "block_comment" => above.push(before.text().into_owned()),
            _ => break,
        }
        at = before.prev();
    }
    (marks, above)
}

fn comments_above(node: &SyntaxNode<'_>) -> Vec<String> {
    let mut above = Vec::new();
    let mut line = node.start_pos().line();
    // Python's grammar puts a comment before the first statement of a block in front of the block.
    let mut at = node.prev().or_else(|| node.parent().filter(|parent| parent.kind() == "block")?.prev());
    while let Some(before) = at {
        if !matches!(&*before.kind(), "comment" | "line_comment" | "block_comment")
            || before.end_pos().line() + 1 < line
        {
            break;
        }
        line = before.start_pos().line();
        above.push(before.text().into_owned());
        at = before.prev();
    }
    above
}

fn tags(language: Language, node: &SyntaxNode<'_>, test: &Found<'_>) -> BTreeSet<Category> {
    let mut found = BTreeSet::new();
    let name = test.name.strip_prefix("test_").unwrap_or(&test.name);
    found.extend(Category::of(name));
    for comment in &test.above {
        found.extend(Category::of(comment));
    }
    // The first line inside, or a docstring.
    if let Some(first) = test.body.children().find(ast_grep_core::Node::is_named)
        && matches!(&*first.kind(), "comment" | "line_comment" | "expression_statement")
    {
        let text = first.text();
        if language == Language::Python || first.kind() != "expression_statement" {
            found.extend(Category::of(text.lines().next().unwrap_or_default()));
        }
    }
    // Rows of a table name their case: `name: "error: …"`; comments inside tag what follows them.
    for inner in node.dfs() {
        if matches!(
            &*inner.kind(),
            "interpreted_string_literal" | "string" | "string_literal" | "comment" | "line_comment" | "block_comment"
        ) {
            let text = inner.text();
            if text.contains(':') {
                found.extend(Category::of(&text));
            }
        }
    }
    found
}

fn judge(
    language: Language,
    test: &Found<'_>,
    helpers: &Helpers,
    categories: &BTreeSet<Category>,
) -> Option<&'static str> {
    if is_skipped(language, test) {
        return Some("it is skipped");
    }
    let should_panic = test.marks.contains("should_panic");
    let mut assertions = 0;
    let mut constant = 0;
    let literals = literals(&test.body);
    for node in test.body.dfs() {
        match assertion(language, &node, &helpers.asserting) {
            None => {}
            Some(Assertion::Real) if !says_nothing(language, &node, &literals) => assertions += 1,
            Some(_) => constant += 1,
        }
    }
    if assertions == 0 && !should_panic {
        return Some(if constant > 0 { "its only assertions are constant" } else { "it asserts nothing" });
    }
    let is_assertion = |node: &SyntaxNode<'_>| assertion(language, node, &helpers.asserting).is_some();
    if let Some(reason) = super::hollow::swallowed(language, &test.body, &is_assertion) {
        return Some(reason);
    }
    let only_error = categories.len() == 1 && categories.contains(&Category::Error);
    let by_helper = || called_names(&test.body).iter().any(|name| helpers.refusing.contains(name));
    if only_error && !should_panic && !mentions_error(language, &test.body.text()) && !by_helper() {
        return Some("it is tagged as an error case and asserts no error");
    }
    None
}

fn is_skipped(language: Language, test: &Found<'_>) -> bool {
    match language {
        Language::Rust => test.marks.contains("#[ignore"),
        Language::Python => {
            [".skip", "xfail", "skipIf", "skipUnless", "expectedFailure"].iter().any(|mark| test.marks.contains(mark))
                || calls(&test.body, &["pytest.skip", "self.skipTest", "pytest.xfail"])
        }
        Language::Go => calls(&test.body, &["t.Skip", "t.Skipf", "t.SkipNow"]),
        Language::TypeScript => [".skip", ".todo"].iter().any(|mark| test.marks.contains(mark)),
        // `@DisabledOnOs`, `@EnabledIf` and the like: it does not run everywhere.
        Language::Java => {
            let conditional = ["Disabled", "Enabled", "Ignore"];
            let mut names = test.marks.lines().filter_map(|mark| mark.trim_start_matches('@').split('(').next());
            names.any(|name| {
                name.rsplit('.').next().is_some_and(|name| conditional.iter().any(|word| name.starts_with(word)))
            }) || test.body.dfs().any(|node| {
                node.kind() == "method_invocation"
                    && node.field("name").is_some_and(|name| name.text().starts_with("assum"))
            })
        }
    }
}

fn calls(body: &SyntaxNode<'_>, names: &[&str]) -> bool {
    body.dfs().any(|node| {
        matches!(&*node.kind(), "call" | "call_expression")
            && node.field("function").is_some_and(|function| names.contains(&&*function.text()))
    })
}

/// The variables of a test that hold the same literal all along.
fn literals(body: &SyntaxNode<'_>) -> BTreeSet<String> {
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
fn says_nothing(language: Language, node: &SyntaxNode<'_>, literals: &BTreeSet<String>) -> bool {
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

enum Assertion {
    Real,
    Constant,
}

/// Whether a node is an assertion, or a call of a helper that asserts.
fn assertion(language: Language, node: &SyntaxNode<'_>, helpers: &BTreeSet<String>) -> Option<Assertion> {
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

/// Functions of the file that do the asserting for its tests, so that calling them counts.
struct Helpers {
    /// Those that assert something.
    asserting: BTreeSet<String>,
    /// Those that look at a failure.
    refusing: BTreeSet<String>,
}

impl Helpers {
    fn find(language: Language, root: &SyntaxNode<'_>) -> Self {
        let none = BTreeSet::new();
        let mut helpers = Self { asserting: BTreeSet::new(), refusing: BTreeSet::new() };
        for node in root.dfs() {
            let Some((name, body)) = as_helper(language, &node) else { continue };
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
fn called_names(body: &SyntaxNode<'_>) -> BTreeSet<String> {
    let text = body.text();
    let parts = text.split('(');
    let names =
        parts.filter_map(|part| part.rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whether a body looks at a failure: an error value, an exception, or an HTTP status from 400 on.
fn mentions_error(language: Language, body: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(language: Language, text: &str) -> Vec<(String, Option<&'static str>)> {
        find(language, text).into_iter().map(|test| (test.name, test.vacuous)).collect()
    }

    fn categories(language: Language, text: &str) -> BTreeSet<Category> {
        find(language, text).into_iter().flat_map(|test| test.categories).collect()
    }

    #[test]
    fn vacuous_rust_tests_are_found() {
        let text = "#[test]\nfn none() { run(); }\n#[test]\nfn constant() { assert!(true); }\n#[test]\n#[ignore]\nfn skipped() { assert_eq!(a(), 1); }\n#[test]\nfn real() { assert_eq!(a(), 1); }\nfn check(x: u8) { assert_eq!(x, 2); }\n#[test]\nfn by_helper() { check(a()); }\n// error: refused.\n#[test]\nfn no_error() { assert_eq!(a(), 1); }\n#[test]\nfn same() { assert_eq!(1, 1); }\nfn not_a_test() {}\n";
        let found = verdicts(Language::Rust, text);
        let expected = [
            ("none", Some("it asserts nothing")),
            ("constant", Some("its only assertions are constant")),
            ("skipped", Some("it is skipped")),
            ("real", None),
            ("by_helper", None),
            ("no_error", Some("it is tagged as an error case and asserts no error")),
            ("same", Some("its only assertions are constant")),
        ];
        assert_eq!(found, expected.map(|(name, verdict)| (name.to_owned(), verdict)));
    }

    #[test]
    fn vacuous_tests_of_the_other_languages_are_found() {
        let python = "import pytest\ndef test_none():\n    run()\ndef test_constant():\n    assert True\n@pytest.mark.skip\ndef test_skipped():\n    assert a() == 1\ndef test_real():\n    with pytest.raises(ValueError):\n        a()\n";
        let go = "package a\nfunc TestNone(t *testing.T) { run() }\nfunc TestSkipped(t *testing.T) { t.Skip(); t.Error() }\nfunc TestReal(t *testing.T) { if a() != 1 { t.Fatalf(\"x\") } }\nfunc helper() {}\n";
        let typescript = "test(\"none\", () => { run(); });\ntest(\"constant\", () => { assert.ok(true); });\ntest(\"constant\", () => { expect(true).toBe(true); });\ntest(\"constant\", () => { assert.deepStrictEqual(1, 1); });\ntest.skip(\"skipped\", () => { assert.equal(a(), 1); });\nit(\"real\", async () => { await assert.rejects(a()); });\n";
        let verdict =
            |language, text| verdicts(language, text).into_iter().map(|(_, verdict)| verdict).collect::<Vec<_>>();
        let (none, constant, skipped) =
            (Some("it asserts nothing"), Some("its only assertions are constant"), Some("it is skipped"));
        assert_eq!(verdict(Language::Python, python), [none, constant, skipped, None]);
        assert_eq!(verdict(Language::Go, go), [none, skipped, None]);
        assert_eq!(verdict(Language::TypeScript, typescript), [none, constant, constant, constant, skipped, None]);
    }

    #[test]
    fn vacuous_tests_of_java_are_found() {
        let text = "class T {\n  @Test\n  void none() { run(); }\n  @Test\n  void constant() { assertTrue(true); }\n  @Test void same() { Assertions.assertEquals(1, 1); }\n  @Disabled(\"later\")\n  @Test\n  void skipped() { assertEquals(1, a()); }\n  @Test\n  void assumed() { assumeTrue(false); assertEquals(1, a()); }\n  @Test\n  void open() { assertThat(a()); }\n  @Test\n  void real() { assertThrows(B.class, () -> a()); }\n  @ParameterizedTest\n  @ValueSource(ints = {1, 2})\n  void fluent(int n) { assertThat(a()).isEqualTo(n); }\n  private void check(int n) { assertEquals(n, a()); }\n  @Test\n  void by_helper() { check(1); }\n  // error: refused.\n  @Test\n  void no_error() { assertEquals(1, a()); }\n  void helper() {}\n}\n@Disabled\nclass U {\n  @Test\n  void late() { assertEquals(1, a()); }\n}\n";
        let (none, constant, skipped) =
            (Some("it asserts nothing"), Some("its only assertions are constant"), Some("it is skipped"));
        let expected = [
            ("none", none),
            ("constant", constant),
            ("same", constant),
            ("skipped", skipped),
            ("assumed", skipped),
            ("open", none),
            ("real", None),
            ("fluent", None),
            ("by_helper", None),
            ("no_error", Some("it is tagged as an error case and asserts no error")),
            ("late", skipped),
        ];
        assert_eq!(verdicts(Language::Java, text), expected.map(|(name, verdict)| (name.to_owned(), verdict)));
    }

    #[test]
    fn a_constant_behind_a_variable_is_one() {
        let constant = Some("its only assertions are constant");
        for (language, text, expected) in [
            (Language::Python, "def test_a():\n    x = 1\n    run()\n    assert x == 1\n", constant),
            (Language::Python, "def test_a(self):\n    x = \"a\"\n    self.assertEqual(x, \"a\")\n", constant),
            (Language::Python, "def test_a():\n    x = 1\n    x += run()\n    assert x == 1\n", None),
            (Language::Python, "def test_a():\n    x = run()\n    assert x == 1\n", None),
            (Language::Python, "def test_a():\n    assert 1 + 1 == 2\n", constant),
            (Language::Python, "def test_a():\n    assert f\"{run()}\" == \"1\"\n", None),
            (Language::TypeScript, "test('a', () => { const x = 1; run(); assert.equal(x, 1); });\n", constant),
            (Language::TypeScript, "test('a', () => { const x = 1; run(); expect(x).toBe(1); });\n", constant),
            (Language::TypeScript, "test('a', () => { let x = 1; x = run(); assert.equal(x, 1); });\n", None),
            (Language::TypeScript, "test('a', () => { expect(run()).toBe(1); });\n", None),
            (Language::Rust, "#[test]\nfn a() { let x = 1; run(); assert_eq!(x, 1); }\n", constant),
            (Language::Rust, "#[test]\nfn a() { let mut x = 1; x = run(); assert_eq!(x, 1); }\n", None),
            (Language::Java, "class T { @Test void a() { int x = 1; run(); assertEquals(1, x); } }\n", constant),
            (Language::Java, "class T { @Test void a() { int x = run(); assertEquals(1, x); } }\n", None),
            (Language::Go, "package a\nfunc TestA(t *testing.T) { x := 1; run(); assert.Equal(t, 1, x) }\n", constant),
            (Language::Go, "package a\nfunc TestA(t *testing.T) { x := run(); assert.Equal(t, 1, x) }\n", None),
        ] {
            assert_eq!(verdicts(language, text)[0].1, expected, "{text}");
        }
    }

    #[test]
    fn tags_are_read_from_comments_titles_docstrings_and_tables() {
        let all: BTreeSet<Category> = Category::ALL.into();
        let rust = "// happy path: works.\n#[test]\nfn a() { assert!(x()); }\n/// Error: refused.\n#[test]\nfn b() { assert!(x().is_err()); }\n#[test]\n// edge case: empty.\nfn c() { assert!(x()); }\n";
        let python = "# happy path: works\ndef test_a():\n    assert a()\ndef test_b():\n    \"\"\"Error: refused.\"\"\"\n    assert a()\nclass TestX:\n    # edge case: empty\n    @mark\n    def test_c(self):\n        assert a()\n";
        let go = "package a\n// happy path: works.\nfunc TestA(t *testing.T) {\n\tfor _, c := range []struct{ name string }{{name: \"error: refused\"}, {name: \"edge case: empty\"}} {\n\t\tt.Fatal(c)\n\t}\n}\n";
        let typescript = "// happy path: works\ntest(\"a\", () => { assert.equal(a(), 1); });\ntest(\"error: refused\", () => { assert.throws(a); });\ntest(\"edge case: empty\", () => { assert.equal(a(), 1); });\n";
        let java = "class T {\n  /** Happy path: works. */\n  @Test\n  void a() { assertEquals(1, a()); }\n\n  @Test\n  @DisplayName(\"error: refused\")\n  void b() { assertThrows(B.class, () -> a()); }\n\n  // edge case: empty.\n  @Test\n  void c() { assertEquals(1, a()); }\n}\n";
        assert_eq!(categories(Language::Java, java), all);
        assert_eq!(categories(Language::Rust, rust), all);
        assert_eq!(categories(Language::Python, python), all);
        assert_eq!(categories(Language::Go, go), all);
        assert_eq!(categories(Language::TypeScript, typescript), all);
        assert_eq!(categories(Language::Rust, "#[test]\nfn a() { assert!(x()); }\n"), BTreeSet::new());
    }
}
