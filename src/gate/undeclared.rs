//! Undeclared names: what a compiler or a linter says is used and declared nowhere, so that its declaration can be asked for.

use std::sync::LazyLock;

use regex::Regex;

use super::complaint::complaints;
use super::findings::lines_of;
use crate::language::Language;

/// A name that is used and declared nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undeclared {
    /// The name.
    pub name: String,
    /// The first line of the file, from 1, that uses it.
    pub line: usize,
}

impl Undeclared {
    /// Whether the name is most likely a variable that its function forgot: in small letters, and not called where it is missing. No
    /// declaration beside the function would help. What a file has for all its functions is in capitals in Rust and Python, and
    /// elsewhere in several words: `currencyForm`.
    #[must_use]
    pub fn is_local(&self, language: Language, text: &str) -> bool {
        let line = text.lines().nth(self.line.saturating_sub(1)).unwrap_or_default();
        let name = self.name.as_str();
        let small = name.starts_with(char::is_lowercase);
        let one_word = !name.contains(char::is_uppercase);
        small
            && (one_word || matches!(language, Language::Rust | Language::Python))
            && !line.contains(&format!("{name}("))
    }
}

static RUST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"cannot find (?:type|trait|struct|value|function|macro)[\w ,]* `(\w+)` in this scope|use of undeclared type `(\w+)`").ok()
});
static GO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"undefined: (\w+)$").ok());
static PYTHON: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[Uu]ndefined name [`'](\w+)[`']").ok());
static TYPESCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"Cannot find name '(\w+)'").ok());
static JAVA: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\s*symbol: +(?:class|variable) (\w+)$").ok());

/// The name that a message says is declared nowhere.
pub(super) fn name_in(language: Language, message: &str) -> Option<&str> {
    let pattern = match language {
        Language::Rust => &RUST,
        Language::Go => &GO,
        Language::Python => &PYTHON,
        Language::TypeScript => &TYPESCRIPT,
        Language::Java => &JAVA,
    };
    let captures = pattern.as_ref()?.captures(message.trim_end())?;
    captures.iter().skip(1).flatten().next().map(|name| name.as_str())
}

/// The names that an output says are declared nowhere and used in this file, each once, in the order of their first lines.
pub fn undeclared(language: Language, path: &str, output: &str) -> Vec<Undeclared> {
    let mut said: Vec<(usize, String)> = if language == Language::Java {
        symbols(path, output)
    } else {
        complaints(path, output).into_iter().map(|complaint| (complaint.line, complaint.message)).collect()
    };
    said.sort();
    let mut found: Vec<Undeclared> = Vec::new();
    for (line, message) in &said {
        let Some(name) = name_in(language, message) else { continue };
        if found.iter().all(|known| known.name != name) {
            found.push(Undeclared { name: name.to_owned(), line: *line });
        }
    }
    found
}

/// What `javac` says below a finding about the symbol that it did not find, with the line of the finding.
fn symbols(path: &str, output: &str) -> Vec<(usize, String)> {
    let mut at = None;
    let mut found = Vec::new();
    for line in output.lines() {
        if line.contains("cannot find symbol") {
            at = lines_of(line, path).first().copied();
        } else if line.trim_start().starts_with("symbol:") {
            found.extend(at.take().map(|at| (at, line.to_owned())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_a_function_forgot_is_not_declared_beside_it() {
        let text = "if order.paid:\n    raise OrderPaidError(new_id(order))\n";
        let local = |language, name: &str, line| Undeclared { name: name.to_owned(), line }.is_local(language, text);
        assert!(local(Language::Python, "order", 1));
        assert!(local(Language::Rust, "card_last4", 1));
        assert!(local(Language::Go, "order", 1));
        assert!(!local(Language::Python, "OrderPaidError", 2));
        assert!(!local(Language::Python, "new_id", 2));
        assert!(!local(Language::Go, "currencyForm", 1));
    }

    #[test]
    fn names_that_nothing_declares_are_found_once_with_their_first_line() {
        for (language, path, output, names) in [
            (
                Language::Rust,
                "src/a.rs",
                "error[E0412]: cannot find type `OrderError` in this scope\n  --> src/a.rs:9:5\nerror[E0422]: cannot find struct, variant or union type `Order` in this scope\n --> src/a.rs:4:2\nerror[E0425]: cannot find value `MAX` in this scope\n --> src/b.rs:1:1\nerror[E0433]: failed to resolve: use of undeclared type `OrderError`\n --> src/a.rs:12:1\n",
                vec![("Order", 4), ("OrderError", 9)],
            ),
            (
                Language::Go,
                "a/a.go",
                "a/a.go:7:9: undefined: ErrCancelled\na/a.go:3:9: undefined: ErrCancelled\na/a.go:8:9: undefined: errors.Foo\n",
                vec![("ErrCancelled", 3)],
            ),
            (Language::Python, "a.py", "a.py:5:4: F821 Undefined name `Order`\n", vec![("Order", 5)]),
            (
                Language::TypeScript,
                "src/a.ts",
                "src/a.ts(3,7): error TS2304: Cannot find name 'OrderError'.\n",
                vec![("OrderError", 3)],
            ),
            (
                Language::Java,
                "src/A.java",
                "src/A.java:7: error: cannot find symbol\n    B b;\n    ^\n  symbol:   class B\n  location: class A\nsrc/C.java:1: error: cannot find symbol\n  symbol: class D\n",
                vec![("B", 7)],
            ),
            (Language::Python, "a.py", "a.py:5:4: F401 `os` imported but unused\n", Vec::new()),
        ] {
            let found = undeclared(language, path, output);
            let found: Vec<(&str, usize)> = found.iter().map(|found| (found.name.as_str(), found.line)).collect();
            assert_eq!(found, names, "{language}");
        }
    }
}
