//! The tests of a file: which there are, what each claims to show, and whether it can fail.
//!
//! A test says what it shows by a comment line directly above it (or its first line, its title, or a Python docstring)
//! that starts with `happy path:`, `error:` or `edge case:`.

mod assertion;
mod helpers;

use std::collections::BTreeSet;

use assertion::{Assertion, assertion, literals, says_nothing};
use ast_grep_core::tree_sitter::LanguageExt;
use helpers::{Helpers, called_names, mentions_error};

use super::Language;
use super::syntax::{SyntaxNode, code_of};

/// Why a test proves nothing that does the same as another one.
pub const COPIED: &str = "it does the same as a test above it";

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

    /// The category that a text begins with: `edge case: an empty word`.
    pub fn of(text: &str) -> Option<Self> {
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
    let mut seen = BTreeSet::new();
    for node in root.dfs() {
        let Some(test) = as_test(language, &node) else { continue };
        let tagged = tags(language, &node, &test);
        let mut vacuous = judge(language, &test, &helpers, &tagged);
        if vacuous.is_none() && !seen.insert(what_runs(&node, &test)) {
            vacuous = Some(COPIED);
        }
        found.push(TestCase { name: test.name, line: node.start_pos().line() + 1, categories: tagged, vacuous });
    }
    found
}

/// What runs where a test does: its body without comments, with what it is given, and where it stands, since others may be prepared otherwise.
fn what_runs(node: &SyntaxNode<'_>, test: &Found<'_>) -> [String; 4] {
    let is_scope = |above: &SyntaxNode<'_>| {
        let kind = above.kind();
        ["class_definition", "class_declaration", "mod_item", "call_expression"].contains(&&*kind)
            || kind.starts_with("for")
    };
    let scope = node.ancestors().find(is_scope).map(|scope| scope.range().start.to_string()).unwrap_or_default();
    let given = node.field("parameters").map(|parameters| parameters.text().into_owned()).unwrap_or_default();
    // Some take what they are given, or what they expect, by their own names.
    let by_name =
        test.marks.lines().any(|mark| mark.ends_with("MethodSource")) || test.body.text().contains("snapshot");
    let marks = if by_name { format!("{} {}", test.marks, test.name) } else { test.marks.clone() };
    [scope, marks, given, code_of(&test.body)]
}

/// How many tests begin in a text, by its lines: what is no program has no syntax tree to count in.
pub fn heads(language: Language, text: &str) -> usize {
    let marks: &[&str] = match language {
        Language::Rust => &["#[test]", "#[tokio::test"],
        Language::Go => &["func Test"],
        Language::Python => &["def test", "async def test"],
        Language::TypeScript => &["test(", "it("],
        Language::Java => &["@Test", "@ParameterizedTest"],
    };
    text.lines().map(str::trim_start).filter(|line| marks.iter().any(|mark| line.starts_with(mark))).count()
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
    if assertions == 0 && called_names(&test.body).iter().any(|name| helpers.hollow.contains(name)) {
        return Some(super::hollow::UNCAUGHT);
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
    fn a_test_that_does_the_same_as_another_is_none() {
        for (language, text, expected) in [
            (
                Language::Rust,
                "#[test]\nfn a() { assert!(x()); }\n#[test]\nfn b() { assert!(y()); }\n// edge case: c.\n#[test]\nfn c() { assert!(x()); }\n",
                [None, None, Some(COPIED)],
            ),
            (
                Language::Rust,
                "#[test]\nfn a() { assert!(x()); }\nmod b {\n#[test]\nfn b() { assert!(x()); }\n}\n#[rstest]\n#[case(1)]\nfn c() { assert!(x()); }\n",
                [None; 3],
            ),
            (
                Language::Python,
                "def test_a():\n    assert x()\n\n\n@pytest.mark.parametrize(\"y\", [1])\ndef test_b(y):\n    assert x(y)\n\n\n@pytest.mark.parametrize(\"y\", [2])\ndef test_c(y):\n    assert x(y)\n",
                [None; 3],
            ),
            (
                Language::Python,
                "class TestA:\n    def test_a(self):\n        assert x()\n\n    def test_b(self):\n        assert x()\n\n\nclass TestB:\n    def test_a(self):\n        assert x()\n",
                [None, Some(COPIED), None],
            ),
            (
                Language::Go,
                "package a\nfunc TestA(t *testing.T) { if x() { t.Fatal() } }\nfunc TestB(t *testing.T) { if y() { t.Fatal() } }\nfunc TestC(t *testing.T) { if x() { t.Fatal() } }\n",
                [None, None, Some(COPIED)],
            ),
            (
                Language::TypeScript,
                "test('a', () => { assert.ok(x()); });\ntest('b', () => { assert.ok(x()); });\ndescribe('c', () => { test('a', () => { assert.ok(x()); }); });\n",
                [None, Some(COPIED), None],
            ),
            (
                Language::Python,
                "# error: refuses.\ndef test_a():\n    assert x()\n\n\n# happy path: b.\ndef test_b():\n    assert x()\n\n\ndef test_c():\n    \"\"\"Edge case: c.\"\"\"\n    # Again.\n    assert x()\n",
                [Some("it is tagged as an error case and asserts no error"), None, Some(COPIED)],
            ),
            (
                Language::TypeScript,
                "describe('s', () => {\n  for (const n of ['a']) {\n    test(`a ${n}`, () => { assert.ok(x(n)); });\n  }\n  for (const n of ['b']) {\n    test(`b ${n}`, () => { assert.ok(x(n)); });\n  }\n  test('c', () => { assert.ok(x()); });\n});\n",
                [None; 3],
            ),
            (
                Language::Java,
                "class T { @ParameterizedTest\n @MethodSource\n void a(int x) { assertTrue(y(x)); }\n @ParameterizedTest\n @MethodSource\n void b(int x) { assertTrue(y(x)); }\n @Test void c() { assertTrue(y(1)); } }\n",
                [None; 3],
            ),
            (
                Language::Java,
                "class T { @Test void a() { assertTrue(x()); }\n @Test void b() { assertTrue(x()); } }\nclass U { @Test void a() { assertTrue(x()); } }\n",
                [None, Some(COPIED), None],
            ),
        ] {
            let found: Vec<_> = verdicts(language, text).into_iter().map(|(_, verdict)| verdict).collect();
            assert_eq!(found, expected, "{text}");
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
