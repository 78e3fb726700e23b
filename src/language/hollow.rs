//! Hollow tests: those whose failure is swallowed, and those that test a copy of the code instead of the code.

use std::collections::BTreeSet;

use ast_grep_core::tree_sitter::LanguageExt;

use super::Language;
use super::outline::{Item, Kind, all_items, outline};
use super::syntax::SyntaxNode;
use super::test_cases;

type IsAssertion<'f> = &'f dyn Fn(&SyntaxNode<'_>) -> bool;

/// Why tests prove nothing that look only at what is caught.
pub(super) const UNCAUGHT: &str = "it asserts only where something is caught, and does not fail where nothing is";

/// Why the assertions of a test can fail without the test failing, if so.
pub(super) fn swallowed(
    language: Language,
    body: &SyntaxNode<'_>,
    is_assertion: IsAssertion<'_>,
) -> Option<&'static str> {
    let asserts = |node: &SyntaxNode<'_>| node.dfs().any(|inner| is_assertion(&inner));
    if body.dfs().any(|node| is_swallowing(language, &node, &asserts)) {
        return Some("what its assertions say is caught and lost");
    }
    if is_behind_catch(body, is_assertion) {
        return Some(UNCAUGHT);
    }
    let all = body.dfs().filter(|node| is_assertion(node)).count();
    let behind_if = body.dfs().any(|node| {
        let is_if = match language {
            // Anything else in Go is how assertions are written.
            Language::Go => return false,
            Language::Rust => node.kind() == "if_expression",
            Language::Python | Language::TypeScript | Language::Java => node.kind() == "if_statement",
        };
        // In a loop, some round may enter it.
        let looped = node.ancestors().any(|above| {
            matches!(
                &*above.kind(),
                "for_expression"
                    | "for_statement"
                    | "for_in_statement"
                    | "while_statement"
                    | "while_expression"
                    | "arrow_function"
                    | "closure_expression"
                    | "enhanced_for_statement"
                    | "lambda_expression"
            )
        });
        let has_else = node.field("alternative").is_some()
            || node.children().any(|child| matches!(&*child.kind(), "else_clause" | "elif_clause"));
        let nested = inside_of(&node, body) && !looped;
        is_if && nested && !has_else && all > 0 && node.dfs().filter(|inner| is_assertion(inner)).count() == all
    });
    behind_if.then_some("all its assertions stand behind an `if` that may never be entered")
}

/// Whether all assertions of a body stand where something is caught, and nothing fails where nothing is.
pub(super) fn is_behind_catch(body: &SyntaxNode<'_>, is_assertion: IsAssertion<'_>) -> bool {
    let is_caught = |node: &SyntaxNode<'_>| {
        let mut above = node.ancestors().take_while(|above| inside_of(above, body));
        above.any(|above| matches!(&*above.kind(), "except_clause" | "catch_clause"))
    };
    let fails = |node: &SyntaxNode<'_>| {
        let kind = node.kind();
        let is_call = matches!(&*kind, "call" | "call_expression" | "method_invocation");
        let called = node.field("function").or_else(|| node.field("name")).map(|called| called.text().into_owned());
        matches!(&*kind, "throw_statement" | "raise_statement")
            || is_call && called.is_some_and(|called| called.rsplit('.').next() == Some("fail"))
    };
    let mut caught = body.dfs().filter(|node| is_assertion(node)).map(|node| is_caught(&node)).peekable();
    caught.peek().is_some()
        && caught.all(|is_caught| is_caught)
        && !body.dfs().any(|node| fails(&node) && !is_caught(&node))
}

fn inside_of(node: &SyntaxNode<'_>, body: &SyntaxNode<'_>) -> bool {
    let (inner, outer) = (node.range(), body.range());
    inner.start >= outer.start && inner.end <= outer.end
}

fn is_swallowing(language: Language, node: &SyntaxNode<'_>, asserts: &dyn Fn(&SyntaxNode<'_>) -> bool) -> bool {
    match (language, &*node.kind()) {
        (Language::Python, "try_statement") => {
            let handlers = || node.children().filter(|child| child.kind() == "except_clause");
            let catches_all = |handler: &SyntaxNode<'_>| {
                let head = handler.text().lines().next().unwrap_or_default().trim().to_owned();
                let caught = head.trim_start_matches("except").trim_end_matches(':').trim().to_owned();
                caught.is_empty() || ["Exception", "AssertionError"].iter().any(|name| caught.contains(name))
            };
            let silent = |handler: &SyntaxNode<'_>| {
                !asserts(handler) && !handler.dfs().any(|inner| inner.kind() == "raise_statement")
            };
            node.field("body").is_some_and(|body| asserts(&body))
                && handlers().any(|handler| catches_all(&handler) && silent(&handler))
        }
        (Language::TypeScript, "try_statement") => {
            let handler = node.field("handler");
            let silent = |handler: SyntaxNode<'_>| {
                !asserts(&handler) && !handler.dfs().any(|inner| inner.kind() == "throw_statement")
            };
            node.field("body").is_some_and(|body| asserts(&body)) && handler.is_some_and(silent)
        }
        // A failed assertion is an `Error`: what catches an `Exception` lets it through.
        (Language::Java, "try_statement" | "try_with_resources_statement") => {
            let catches = |handler: &SyntaxNode<'_>| {
                let caught = handler.children().find(|child| child.kind() == "catch_formal_parameter");
                let caught = caught.map_or_else(String::new, |caught| caught.text().into_owned());
                let mut words = caught.split(|letter: char| !letter.is_alphanumeric());
                words.any(|word| matches!(word, "Throwable" | "Error" | "AssertionError" | "AssertionFailedError"))
            };
            let silent = |handler: &SyntaxNode<'_>| {
                !asserts(handler) && !handler.dfs().any(|inner| inner.kind() == "throw_statement")
            };
            let mut handlers = node.children().filter(|child| child.kind() == "catch_clause");
            node.field("body").is_some_and(|body| asserts(&body))
                && handlers.any(|handler| catches(&handler) && silent(&handler))
        }
        (Language::Rust, "let_declaration") => {
            let dropped = node.field("pattern").is_some_and(|pattern| pattern.text() == "_");
            let value = node.field("value");
            dropped && value.is_some_and(|value| value.text().contains("catch_unwind(") && asserts(&value))
        }
        (Language::Go, "defer_statement") => {
            let text = node.text();
            let says = ["t.Error", "t.Fatal", "t.Fail", "panic("].iter().any(|word| text.contains(word));
            text.contains("recover()") && !says
        }
        _ => false,
    }
}

/// Shortest body that can be told to be a copy; shorter ones are alike by chance.
const TELLING: usize = 60;

/// What the tests define themselves although the code does: their line and name.
pub fn copies(language: Language, code: &[&str], tests: &str) -> Vec<(usize, String)> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut bodies: Vec<String> = Vec::new();
    for text in code {
        let root = language.grammar().ast_grep(*text);
        for definition in definitions(language, &root.root()) {
            known.insert(definition.name);
            bodies.extend(definition.body.filter(|body| body.len() >= TELLING));
        }
    }
    let root = language.grammar().ast_grep(tests);
    let root = root.root();
    let found = definitions(language, &root).into_iter().filter(|definition| {
        let same_name = definition.whole && known.contains(&definition.name);
        same_name || definition.body.as_ref().is_some_and(|body| bodies.contains(body))
    });
    found.map(|definition| (definition.line, definition.name)).collect()
}

/// The tests that nothing of the code occurs in, neither in themselves nor in what they call or are prepared by: their line
/// and name.
pub fn detached(language: Language, code: &[&str], tests: &str) -> Vec<(usize, String)> {
    let declared: BTreeSet<String> = code.iter().flat_map(|text| declared_names(language, text)).collect();
    let root = language.grammar().ast_grep(tests);
    let root = root.root();
    let cases = test_cases::find(language, tests);
    let lines: BTreeSet<usize> = cases.iter().map(|case| case.line).collect();
    // What stands in the file beside the tests, by the names it has; what has none, or is run by the runner itself, is
    // everybody's.
    let starts_at = |item: &Item| tests.get(..item.core.start).map_or(0, |before| before.matches('\n').count()) + 1;
    let all = all_items(language, tests);
    let helpers: Vec<&Item> =
        all.iter().filter(|item| item.members.is_empty() && !lines.contains(&starts_at(item))).collect();
    let named: Vec<(String, BTreeSet<String>)> = helpers
        .iter()
        .filter(|item| item.kind != Kind::Import)
        .flat_map(|item| {
            let words = words(tests.get(item.whole.clone()).unwrap_or_default());
            names_of(std::slice::from_ref(*item)).into_iter().map(move |name| (name, words.clone()))
        })
        .collect();
    let shared = shared_words(language, tests);
    let mut found = Vec::new();
    for node in root.dfs() {
        let line = node.start_pos().line() + 1;
        let Some(case) = cases.iter().find(|case| case.line == line) else { continue };
        if !test_cases::is_test(language, &node) || found.iter().any(|(known, _)| *known == line) {
            continue;
        }
        let mut reached = words(&node.text());
        reached.extend(shared.iter().cloned());
        // What helpers reach, they reach too.
        loop {
            let more: BTreeSet<String> = named
                .iter()
                .filter(|(name, _)| reached.contains(name))
                .flat_map(|(_, words)| words.iter().cloned())
                .filter(|word| !reached.contains(word))
                .collect();
            if more.is_empty() {
                break;
            }
            reached.extend(more);
        }
        if reached.is_disjoint(&declared) {
            found.push((line, case.name.clone()));
        }
    }
    found
}

/// The names that items are called by; several of one declaration in Go.
fn names_of(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .flat_map(|item| item.name.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned))
        .collect()
}

/// The names by which tests can reach code: those at the top, and types inside of others. Members are reached through what
/// holds them, and their names (`new`, `get`) are everybody's.
fn declared_names(language: Language, code: &str) -> Vec<String> {
    let mut names = names_of(&outline(language, code));
    let types: Vec<Item> = all_items(language, code)
        .into_iter()
        .filter(|item| item.kind == Kind::Container || item.key.starts_with("type "))
        .collect();
    names.extend(names_of(&types));
    names.retain(|name| !matches!(name.as_str(), "impl" | "for" | "imports" | "the"));
    names
}

/// What the runner does before each test, and what stands outside of every item.
fn shared_words(language: Language, tests: &str) -> BTreeSet<String> {
    const SETUPS: [&str; 9] = [
        "setup",
        "setUp",
        "asyncSetUp",
        "setUpClass",
        "setUpModule",
        "setup_method",
        "setup_module",
        "setup_function",
        "TestMain",
    ];
    let mut shared = BTreeSet::new();
    for item in all_items(language, tests) {
        let text = tests.get(item.whole.clone()).unwrap_or_default();
        let marked = ["@Before", "autouse=True"].iter().any(|mark| text.contains(mark));
        if item.members.is_empty() && (SETUPS.contains(&item.name.as_str()) || marked) {
            shared.extend(words(text));
        }
    }
    let mut at = 0;
    for item in outline(language, tests) {
        shared.extend(words(tests.get(at..item.whole.start).unwrap_or_default()));
        at = item.whole.end.max(at);
    }
    shared.extend(words(tests.get(at..).unwrap_or_default()));
    shared
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

struct Definition {
    name: String,
    line: usize,
    /// Whether it stands by itself and not inside of something.
    whole: bool,
    /// The body of a function, with spaces made equal.
    body: Option<String>,
}

fn definitions(language: Language, root: &SyntaxNode<'_>) -> Vec<Definition> {
    let mut found = Vec::new();
    for node in root.dfs() {
        let kind = node.kind();
        let is_function = matches!(
            &*kind,
            "function_item"
                | "function_declaration"
                | "function_definition"
                | "method_definition"
                | "method_declaration"
        );
        let is_type =
            matches!(&*kind, "struct_item" | "enum_item" | "type_spec" | "class_definition" | "class_declaration")
                || (language == Language::Java && matches!(&*kind, "record_declaration" | "enum_declaration"));
        if !is_function && !is_type {
            continue;
        }
        let Some(name) = node.field("name") else { continue };
        let above = node
            .ancestors()
            .find(|above| !matches!(&*above.kind(), "decorated_definition" | "export_statement" | "type_declaration"));
        // All of Java stands inside of a class, and what is defined there hides what is outside.
        let whole = above.is_none_or(|above| above.parent().is_none()) || (language == Language::Java && is_type);
        let body = node.field("body").filter(|_| is_function);
        let body = body.map(|body| body.text().split_whitespace().collect::<Vec<_>>().join(" "));
        found.push(Definition { name: name.text().into_owned(), line: node.start_pos().line() + 1, whole, body });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::test_cases::find;

    fn verdict(language: Language, text: &str) -> Option<&'static str> {
        find(language, text).first().expect("no test").vacuous
    }

    #[test]
    fn what_looks_only_at_what_is_caught_proves_nothing() {
        let hollow = Some(UNCAUGHT);
        for (language, text, expected) in [
            (
                Language::TypeScript,
                "test('error: a', () => { try { f(); } catch (e) { assert(e instanceof Error); } });\n",
                hollow,
            ),
            (
                Language::TypeScript,
                "test('error: a', () => { refused(1); });\nfunction refused(x) { try { f(x); } catch (e) { assert(e instanceof Error && e.x === x); } }\n",
                hollow,
            ),
            (
                Language::TypeScript,
                "test('error: a', () => { refused(1); });\nfunction refused(x) { try { f(x); } catch (e) { assert(e instanceof Error); return; } assert.fail('nothing'); }\n",
                None,
            ),
            (
                Language::TypeScript,
                "test('error: a', () => { refused(1); });\nfunction refused(x) { try { f(x); throw new Error('none'); } catch (e) { assert(e instanceof TypeError); } }\n",
                None,
            ),
            (
                Language::TypeScript,
                "test('error: a', () => { let e; try { f(); } catch (x) { e = x; } assert(e instanceof Error); });\n",
                None,
            ),
            (
                Language::Python,
                "# error: a\ndef test_a():\n    try:\n        f()\n    except ValueError as error:\n        assert str(error)\n",
                hollow,
            ),
            (
                Language::Python,
                "# error: a\ndef test_a():\n    try:\n        f()\n    except ValueError as error:\n        assert str(error)\n    else:\n        pytest.fail(\"nothing\")\n",
                None,
            ),
            (
                Language::Java,
                "class T {\n  // error: a\n  @Test void a() { try { f(); } catch (StateException e) { assertEquals(1, e.x()); } }\n}\n",
                hollow,
            ),
            (
                Language::Java,
                "class T {\n  // error: a\n  @Test void a() { try { f(); fail(); } catch (StateException e) { assertEquals(1, e.x()); } }\n}\n",
                None,
            ),
        ] {
            assert_eq!(verdict(language, text), expected, "{text}");
        }
    }

    #[test]
    fn a_failure_that_is_caught_or_may_never_be_reached_proves_nothing() {
        let caught = Some("what its assertions say is caught and lost");
        let behind = Some("all its assertions stand behind an `if` that may never be entered");
        for (language, text, expected) in [
            (
                Language::Python,
                "def test_a():\n    try:\n        assert a() == 1\n    except Exception:\n        pass\n",
                caught,
            ),
            (
                Language::Python,
                "def test_a():\n    try:\n        assert a() == 1\n    except:\n        print(1)\n",
                caught,
            ),
            (
                Language::Python,
                "def test_a():\n    try:\n        assert a() == 1\n    except ValueError:\n        pass\n",
                None,
            ),
            (
                Language::Python,
                "def test_a():\n    try:\n        a()\n    except Exception as error:\n        assert str(error) == 'x'\n",
                Some(UNCAUGHT),
            ),
            (Language::Python, "def test_a():\n    if a():\n        assert a() == 1\n", behind),
            (Language::Python, "def test_a():\n    for b in c:\n        if b:\n            assert a() == 1\n", None),
            (Language::TypeScript, "test(\"a\", () => {\n  try { assert.equal(a(), 1); } catch { }\n});\n", caught),
            (
                Language::TypeScript,
                "test(\"a\", () => {\n  try { a(); assert.fail(); } catch (e) { assert.ok(e instanceof B); }\n});\n",
                None,
            ),
            (
                Language::Rust,
                "#[test]\nfn a() {\n    let _ = std::panic::catch_unwind(|| { assert_eq!(b(), 1); });\n}\n",
                caught,
            ),
            (
                Language::Rust,
                "#[test]\nfn a() {\n    if let Ok(x) = b() {\n        assert_eq!(x, 1);\n    }\n}\n",
                behind,
            ),
            (
                Language::Rust,
                "#[test]\nfn a() {\n    if let Ok(x) = b() {\n        assert_eq!(x, 1);\n    } else {\n        panic!(\"no\");\n    }\n}\n",
                None,
            ),
            (
                Language::Go,
                "package a\nfunc TestA(t *testing.T) {\n\tdefer func() { recover() }()\n\tif b() != 1 { t.Fatal(1) }\n}\n",
                caught,
            ),
            (Language::Go, "package a\nfunc TestA(t *testing.T) {\n\tif b() != 1 { t.Fatal(1) }\n}\n", None),
            (
                Language::Java,
                "class T {\n  @Test\n  void a() {\n    try { assertEquals(1, b()); } catch (Throwable e) { }\n  }\n}\n",
                caught,
            ),
            (
                Language::Java,
                "class T {\n  @Test\n  void a() {\n    try { b(); fail(); } catch (IllegalStateException e) { assertEquals(\"x\", e.getMessage()); }\n  }\n}\n",
                None,
            ),
            (
                Language::Java,
                "class T {\n  @Test\n  void a() {\n    if (b()) { assertEquals(1, c()); }\n  }\n}\n",
                behind,
            ),
            (
                Language::Java,
                "class T {\n  @Test\n  void a() {\n    if (b()) { assertEquals(1, c()); } else { fail(); }\n  }\n}\n",
                None,
            ),
        ] {
            assert_eq!(verdict(language, text), expected, "{text}");
        }
    }

    #[test]
    fn a_copy_of_the_code_in_its_tests_is_told_by_name_or_body() {
        let code = "class Order:\n    pass\n\n\ndef total(lines):\n    result = 0\n    for line in lines:\n        result += line.price * line.count\n    return result\n";
        let named = "def total(lines):\n    return 3\n\n\ndef test_total():\n    assert total([]) == 0\n";
        assert_eq!(copies(Language::Python, &[code], named), [(1, "total".to_owned())]);
        let renamed = code.replace("total", "expected");
        assert_eq!(
            copies(Language::Python, &[code], &format!("import x\n{renamed}")),
            [(2, "Order".to_owned()), (6, "expected".to_owned())]
        );
        let fine =
            "from shop import total\n\n\nclass Line:\n    pass\n\n\ndef test_total():\n    assert total([]) == 0\n";
        assert_eq!(copies(Language::Python, &[code], fine), []);
        assert_eq!(
            copies(
                Language::Go,
                &["package a\ntype B struct{}\nfunc C() {}\n"],
                "package a\nfunc C() {}\ntype B struct{}\n"
            )
            .len(),
            2
        );
    }

    #[test]
    fn a_test_that_has_nothing_of_the_code_in_it_is_found() {
        let code = "def greet(name):\n    return name\n";
        for (tests, expected) in [
            ("def test_a():\n    x = len('a')\n    assert x == 1\n", vec![(1, "test_a".to_owned())]),
            ("from hello import greet\n\ndef test_a():\n    assert greet('a') == 'a'\n", vec![]),
            ("from hello import greet\n\ndef test_a():\n    assert len('a') == 1\n", vec![(3, "test_a".to_owned())]),
            (
                "def make():\n    return inner()\n\ndef inner():\n    return greet('a')\n\ndef test_a():\n    assert make() == 'a'\n",
                vec![],
            ),
            (
                "@pytest.fixture\ndef made():\n    return greet('a')\n\ndef test_a(made):\n    assert made == 'a'\n",
                vec![],
            ),
            (
                "class T(TestCase):\n    def setUp(self):\n        self.x = greet('a')\n\n    def test_a(self):\n        self.assertEqual(self.x, 'a')\n",
                vec![],
            ),
        ] {
            assert_eq!(detached(Language::Python, &[code], tests), expected, "{tests}");
        }
        let typescript = "export class Store { add(): void {} }\n";
        let hooked = "let store;\nbeforeEach(() => { store = new Store(); });\ntest('a', () => { assert.equal(store.size, 0); });\n";
        assert_eq!(detached(Language::TypeScript, &[typescript], hooked), []);
        let apart = "test('a', () => { assert.equal([1].length, 1); });\n";
        assert_eq!(detached(Language::TypeScript, &[typescript], apart), [(1, "a".to_owned())]);
        let rust = "pub fn half(n: u8) -> u8 { n / 2 }\n";
        assert_eq!(detached(Language::Rust, &[rust], "#[test]\nfn a() { assert_eq!(half(4), 2); }\n"), []);
        assert_eq!(
            detached(Language::Rust, &[rust], "#[test]\nfn a() { assert_eq!(\"a\".len(), 1); }\n"),
            [(2, "a".to_owned())]
        );
        let java = "class Half { static int of(int n) { return n / 2; } }\n";
        let fielded = "class T {\n  private final Half half = new Half();\n  @Test void a() { assertEquals(2, half.twice()); }\n}\n";
        assert_eq!(detached(Language::Java, &[java], fielded), []);
        assert_eq!(
            detached(Language::Java, &[java], "class T {\n  @Test void a() { assertEquals(1, \"a\".length()); }\n}\n"),
            [(2, "a".to_owned())]
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,100}") {
            for language in Language::ALL {
                let _ = detached(language, &[&text], &text);
                let _ = copies(language, &[&text], &text);
                let _ = find(language, &text);
            }
        }
    }
}
