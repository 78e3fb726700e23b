//! Tampering: code and tests that reach for the test runner instead of doing, or looking at, what the spec says. A test that
//! ends the process passes whatever the code does; code that knows that it is being tested does something else when it is
//! not.

use ast_grep_core::tree_sitter::LanguageExt;

use super::Language;
use super::syntax::SyntaxNode;

const ENDS: &str = "it ends the process, so that what fails is never reported";
const KNOWS: &str = "the code looks whether it is being tested; it must do the same in either case";
const CHANGES: &str = "it changes the assertions or the modules that the tests stand on";
const FORGES: &str = "it says what a test runner says";

/// What tests do to their runner: a line for each, and what is wrong with it.
pub fn in_tests(language: Language, text: &str) -> Vec<(usize, &'static str)> {
    find(language, text, &|node| {
        if ends_the_process(language, node, ends_of(language)) {
            Some(ENDS)
        } else if changes_what_is_asserted(language, node) {
            Some(CHANGES)
        } else {
            forges(node).then_some(FORGES)
        }
    })
}

/// What code does to the runner of its tests. Ordinary ways to end a process are not meant: a program may.
pub fn in_code(language: Language, text: &str) -> Vec<(usize, &'static str)> {
    find(language, text, &|node| {
        if ends_the_process(language, node, hard_ends_of(language)) {
            Some(ENDS)
        } else if knows_the_runner(language, node) {
            Some(KNOWS)
        } else {
            forges(node).then_some(FORGES)
        }
    })
}

type Judge<'f> = &'f dyn Fn(&SyntaxNode<'_>) -> Option<&'static str>;

fn find(language: Language, text: &str, judge: Judge<'_>) -> Vec<(usize, &'static str)> {
    let root = language.grammar().ast_grep(text);
    let mut found = Vec::new();
    for node in root.root().dfs() {
        if let Some(reason) = judge(&node) {
            found.push((node.start_pos().line() + 1, reason));
        }
    }
    found.dedup();
    found
}

/// Calls after which nothing of the process goes on.
fn ends_of(language: Language) -> &'static [&'static str] {
    match language {
        Language::Rust => &["process::exit", "process::abort", "libc::exit", "libc::_exit", "libc::abort"],
        Language::Go => &["os.Exit", "syscall.Exit", "runtime.Goexit"],
        Language::Python => &[
            "sys.exit",
            "os._exit",
            "os.abort",
            "os.kill",
            "os.execv",
            "pytest.exit",
            "atexit.register",
            "exit",
            "quit",
        ],
        Language::TypeScript => &["process.exit", "process.abort", "process.reallyExit", "process.kill"],
        Language::Java => &["System.exit", "Runtime.getRuntime().exit", "Runtime.getRuntime().halt"],
    }
}

/// Those that also keep a runner from saying what it found.
fn hard_ends_of(language: Language) -> &'static [&'static str] {
    match language {
        Language::Rust => &["libc::_exit"],
        Language::Go => &["syscall.Exit"],
        Language::Python => &["os._exit", "os.abort"],
        Language::TypeScript => &["process.reallyExit"],
        Language::Java => &["Runtime.getRuntime().halt"],
    }
}

fn ends_the_process(language: Language, node: &SyntaxNode<'_>, ends: &[&str]) -> bool {
    let called = match (language, &*node.kind()) {
        (Language::Java, "method_invocation") => {
            let name = node.field("name").map_or_else(String::new, |name| name.text().into_owned());
            let on = node.field("object").map_or_else(String::new, |object| object.text().into_owned());
            format!("{on}.{name}")
        }
        (_, "call" | "call_expression") => {
            node.field("function").map_or_else(String::new, |function| function.text().into_owned())
        }
        // The arguments of macros are no syntax: `assert!({ std::process::exit(0) })`.
        (Language::Rust, "macro_invocation") => {
            let text: String = node.text().chars().filter(|letter| !letter.is_whitespace()).collect();
            return ends.iter().any(|end| text.contains(&format!("{end}(")));
        }
        _ => return false,
    };
    // Go's own way to hand on what the tests came to.
    if language == Language::Go && node.text().replace(' ', "") == "os.Exit(m.Run())" {
        return false;
    }
    let ends_so = |end: &str| {
        let before = called.strip_suffix(end);
        before.is_some_and(|before| before.is_empty() || (end.contains(['.', ':']) && before.ends_with(['.', ':'])))
    };
    ends.iter().any(|end| ends_so(end))
}

/// Assignments to what tests assert with, and to the modules that they import.
fn changes_what_is_asserted(language: Language, node: &SyntaxNode<'_>) -> bool {
    let kind = node.kind();
    if matches!(&*kind, "assignment" | "assignment_expression") {
        let Some(left) = node.field("left") else { return false };
        let left = left.text();
        let own = left.trim_start_matches("globalThis.");
        return match language {
            Language::Python => {
                ["unittest.", "pytest.", "builtins.", "sys.modules", "TestCase."]
                    .iter()
                    .any(|root| own.starts_with(root))
                    || own.contains(".assert")
            }
            Language::TypeScript => {
                ["assert.", "expect.", "process.exit", "test.", "it."].iter().any(|root| own.starts_with(root))
                    || matches!(own, "assert" | "expect")
            }
            Language::Rust | Language::Go | Language::Java => false,
        };
    }
    if language == Language::Python && kind == "call" {
        let called = node.field("function").map_or_else(String::new, |function| function.text().into_owned());
        let first = node.field("arguments").and_then(|arguments| arguments.named_children().next());
        let first = first.map_or_else(String::new, |first| first.text().into_owned());
        return called.ends_with("setattr")
            && ["unittest", "pytest", "builtins", "TestCase", "self.assert"].iter().any(|root| first.contains(root));
    }
    // A macro or an import that takes the place of the one that everybody knows.
    let name = match (language, &*kind) {
        (Language::Rust, "macro_definition") => node.field("name"),
        _ => None,
    };
    name.is_some_and(|name| matches!(&*name.text(), "assert" | "assert_eq" | "assert_ne" | "panic" | "matches"))
}

/// Code that imports a test runner, or asks for one.
fn knows_the_runner(language: Language, node: &SyntaxNode<'_>) -> bool {
    let kind = node.kind();
    let text = || node.text().into_owned();
    match (language, &*kind) {
        (Language::Python, "import_statement" | "import_from_statement") => {
            let text = text();
            let names = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
            names.take(6).any(|name| matches!(name, "pytest" | "_pytest" | "unittest"))
        }
        (Language::Python, "string") => {
            matches!(text().trim_matches(['"', '\'']), "PYTEST_CURRENT_TEST" | "pytest" | "_pytest" | "unittest")
        }
        (Language::TypeScript, "import_statement") => {
            let from = node.field("source").map_or_else(String::new, |from| from.text().into_owned());
            matches!(from.trim_matches(['"', '\'']), "node:test" | "vitest" | "@jest/globals")
        }
        (Language::TypeScript, "property_identifier" | "string") => {
            matches!(text().trim_matches(['"', '\'']), "NODE_TEST_CONTEXT" | "VITEST" | "JEST_WORKER_ID")
        }
        (Language::Go, "import_spec") => node.field("path").is_some_and(|path| path.text() == "\"testing\""),
        (Language::Go, "interpreted_string_literal") => text().starts_with("\"test."),
        (Language::Rust, "attribute_item") => {
            let text: String = text().chars().filter(|letter| !letter.is_whitespace()).collect();
            // A module of tests is one; anything else that is there only for tests is another program.
            let of_module = node.next().is_some_and(|next| matches!(&*next.kind(), "mod_item" | "attribute_item"));
            text.contains("not(test)") || (text.contains("cfg(test)") && !of_module) || text.contains("cfg_attr(test")
        }
        (Language::Rust, "macro_invocation") => {
            let text: String = text().chars().filter(|letter| !letter.is_whitespace()).collect();
            text.starts_with("cfg!(") && text.contains("test")
        }
        (Language::Java, "import_declaration") => text().contains("org.junit"),
        (Language::Java, "string_literal") => text().contains("surefire") || text().contains("org.junit"),
        _ => false,
    }
}

/// A text as runners print it for a test that passed.
fn forges(node: &SyntaxNode<'_>) -> bool {
    if !matches!(
        &*node.kind(),
        "string" | "string_literal" | "raw_string_literal" | "interpreted_string_literal" | "template_string"
    ) {
        return false;
    }
    let text = node.text();
    ["... ok", " PASSED", "--- PASS", "\\nok 1", "test result: ok", "\"Action\":\"pass\"", "<testcase"]
        .iter()
        .any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_the_process_or_changes_assertions_is_found_in_tests() {
        for (language, text, expected) in [
            (Language::Python, "import sys\ndef test_a():\n    sys.exit(0)\n", vec![(3, ENDS)]),
            (Language::Python, "import os\natexit.register(os._exit, 0)\n", vec![(2, ENDS)]),
            (Language::Python, "def test_a():\n    exit(0)\n", vec![(2, ENDS)]),
            (Language::Python, "def test_a():\n    shop.exit(0)\n    on_exit()\n", vec![]),
            (Language::Python, "unittest.TestCase.assertEqual = lambda *a: None\n", vec![(1, CHANGES)]),
            (Language::Python, "setattr(unittest.TestCase, 'assertEqual', print)\n", vec![(1, CHANGES)]),
            (Language::Python, "sys.modules['shop'] = Fake()\n", vec![(1, CHANGES)]),
            (Language::Python, "print('test_a (t.T.test_a) ... ok')\n", vec![(1, FORGES)]),
            (Language::TypeScript, "test('a', () => { process.exit(0); });\n", vec![(1, ENDS)]),
            (Language::TypeScript, "assert.equal = () => {};\n", vec![(1, CHANGES)]),
            (Language::TypeScript, "const exit = 1; user.exit(0);\n", vec![]),
            (Language::Go, "package a\nfunc TestMain(m *testing.M) { m.Run(); os.Exit(0) }\n", vec![(2, ENDS)]),
            (Language::Go, "package a\nfunc TestMain(m *testing.M) { os.Exit(m.Run()) }\n", vec![]),
            (Language::Rust, "#[test]\nfn a() {\n    std::process::exit(0);\n}\n", vec![(3, ENDS)]),
            (Language::Rust, "#[test]\nfn a() {\n    assert!({ std::process::exit(0); true });\n}\n", vec![(3, ENDS)]),
            (Language::Rust, "macro_rules! assert_eq { ($($t:tt)*) => {} }\n", vec![(1, CHANGES)]),
            (Language::Java, "class T { @Test void a() { System.exit(0); } }\n", vec![(1, ENDS)]),
        ] {
            assert_eq!(in_tests(language, text), expected, "{text}");
        }
    }

    #[test]
    fn code_that_knows_its_tests_is_found() {
        for (language, text, expected) in [
            (Language::Python, "import sys\nif 'pytest' in sys.modules:\n    pass\n", vec![(2, KNOWS)]),
            (Language::Python, "from unittest import mock\n", vec![(1, KNOWS)]),
            (Language::Python, "import sys\nsys.exit(main())\n", vec![]),
            (Language::Python, "import os\nos._exit(0)\n", vec![(2, ENDS)]),
            (Language::TypeScript, "if (process.env.NODE_TEST_CONTEXT) { a(); }\n", vec![(1, KNOWS)]),
            (Language::TypeScript, "import { test } from \"node:test\";\n", vec![(1, KNOWS)]),
            (Language::Go, "package a\nimport \"testing\"\n", vec![(2, KNOWS)]),
            (Language::Go, "package a\nvar b = flag.Lookup(\"test.v\")\n", vec![(2, KNOWS)]),
            (Language::Rust, "#[cfg(not(test))]\nfn a() {}\n", vec![(1, KNOWS)]),
            (Language::Rust, "#[cfg(test)]\nfn a() {}\n", vec![(1, KNOWS)]),
            (Language::Rust, "fn a() -> bool { cfg!(test) }\n", vec![(1, KNOWS)]),
            (Language::Rust, "#[cfg(test)]\nmod tests {}\n", vec![]),
            (Language::Java, "import org.junit.jupiter.api.Test;\n", vec![(1, KNOWS)]),
        ] {
            assert_eq!(in_code(language, text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,100}") {
            for language in Language::ALL {
                let _ = (in_tests(language, &text), in_code(language, &text));
            }
        }
    }
}
