//! Quick fixes: what a compiler or a linter says so precisely that a rule can mend it, and no model has to.
//!
//! Names that nothing uses are taken out, imports that can only be one are added, comments that are too long are wrapped, values that
//! were thrown away are kept for the name that stands for them, marks inside of a text are escaped. The gates judge the result like
//! any other; a rule that does not find exactly what the message says does nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::complaint::{Complaint, complaints};
use super::suggestion::{is_part, suggested_lines, suggested_uses};
use super::undeclared::{self, Undeclared};
use crate::language::Language;
use crate::language::assert_eq::with_assert_eq;
use crate::language::cut::{cut_out, with_line};
use crate::language::discarded::{with_value_discarded, with_value_kept};
use crate::language::forward::with_quoted_annotation;
use crate::language::import_edit::{import_without, standard_import, with_import};
use crate::language::member::with_receiver;
use crate::language::outline::{Kind, items_at};
use crate::language::owner::with_owner;
use crate::language::quotes::with_escaped_quotes;
use crate::language::test_cases::COPIED;
use crate::language::unused::without_local;
use crate::language::wrapping::with_wrapped;

/// A mended text, and what was done to it, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was done, a sentence for each.
    pub done: Vec<String>,
}

/// Mends a file by what was printed about it. None when there is nothing that a rule can mend.
pub fn fix(language: Language, path: &str, text: &str, output: &str) -> Option<Fixed> {
    let mut fixed = Fixed { text: text.to_owned(), done: Vec::new() };
    // The last line first, so that a fix leaves the lines of those that follow where they are.
    let mut complaints = complaints(path, output);
    complaints.sort_by_key(|complaint| std::cmp::Reverse(complaint.line));
    complaints.dedup();
    let mut missing: Vec<String> = Vec::new();
    for complaint in &complaints {
        if let Some((text, done)) = complaint.mended(language, &fixed.text) {
            fixed.text = text;
            fixed.done.push(done);
        }
        let import = undeclared::name_in(language, &complaint.message).and_then(|name| standard_import(language, name));
        missing.extend(import.filter(|line| !missing.contains(line)));
    }
    if language == Language::Rust {
        for (line, text) in suggested_lines(path, output) {
            if fixed.text.lines().nth(line - 1).is_some_and(|own| is_part(own, &text) && own != text) {
                fixed.text = with_line(&fixed.text, line, &text);
                fixed.done.push(format!("line {line} as the compiler suggests"));
            }
        }
        missing.extend(suggested_uses(path, output));
    }
    for line in missing {
        if let Some(text) = with_import(language, &fixed.text, &line) {
            fixed.text = text;
            fixed.done.push(format!("added `{line}`"));
        }
    }
    (fixed.text != text && !fixed.done.is_empty()).then_some(fixed)
}

/// A pattern that is written here, and so is one.
macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

pattern!(
    NEVER_USED,
    r"^[^`]*(?:constant|static|function|method|struct|enum|alias|trait)s? (`.+`) (?:is|are) never (?:used|constructed)"
);
pattern!(
    UNUSED_NAME,
    r"'(\w+)' is (?:declared but|defined but|assigned a value but)(?: its value is)? never (?:read|used)"
);
pattern!(UNUSED_USE, r"unused imports?: (`.+`)");
pattern!(UNUSED_PYTHON, r"`([\w.]+)` imported but unused");
pattern!(UNUSED_GO, r#""([\w./-]+)" imported (?:and|but) not used"#);
pattern!(UNUSED_GO_NEW, r#"imported and not used: "([\w./-]+)""#);
pattern!(
    TWICE,
    r"Redefinition of unused `(\w+)` from line|the name `(\w+)` is defined multiple times|^(\w+) redeclared in this block"
);
pattern!(UNUSED_LOCAL_GO, r"^(\w+) declared (?:and|but) not used|^declared and not used: (\w+)");
pattern!(
    UNUSED_LOCAL,
    r"unused variable: `(\w+)`|[Ll]ocal variable `(\w+)` is assigned to but never used|'(\w+)' is (?:declared but|assigned a value but)(?: its value is)? never (?:read|used)"
);
pattern!(
    NO_MEMBER,
    r"no (?:method|field)(?: named)? `(\w+)`|has no field or method (\w+)|Property '(\w+)' does not exist on type"
);
pattern!(NEEDLESS_MUT, r"variable does not need to be mutable");
pattern!(TOO_LONG, r"[Ll]ine too long \(\d+ > (\d+)");
pattern!(QUOTED, r"`([^`]+)`");

fn captured<'m>(pattern: &LazyLock<Option<Regex>>, message: &'m str) -> Option<&'m str> {
    let found = pattern.as_ref()?.captures(message)?;
    found.iter().skip(1).flatten().next().or_else(|| found.get(0)).map(|found| found.as_str())
}

/// All names between backticks.
fn quoted(text: &str) -> Vec<&str> {
    let Some(pattern) = QUOTED.as_ref() else { return Vec::new() };
    pattern.captures_iter(text).filter_map(|found| found.get(1)).map(|found| found.as_str()).collect()
}

impl Complaint {
    fn mended(&self, language: Language, text: &str) -> Option<(String, String)> {
        if self.message.starts_with("unexpected `")
            && let Some(text) = with_escaped_quotes(language, text, self.line)
        {
            return Some((text, format!("escaped the quotation marks inside of a text in line {}", self.line)));
        }
        if let Some(names) = captured(&NEVER_USED, &self.message) {
            return without_all(quoted(names), text, |text, name| self.without_item(language, text, name));
        }
        let local = captured(&UNUSED_LOCAL, &self.message).or_else(|| captured(&UNUSED_LOCAL_GO, &self.message));
        if let Some(name) = local
            && let Some(text) = without_local(text, name, self.line)
        {
            return Some((text, removed(&[name])));
        }
        if let Some(name) = captured(&UNUSED_NAME, &self.message) {
            let item = || self.without_item(language, text, name);
            let text = self.without_import(language, text, name).or_else(item)?;
            return Some((text, removed(&[name])));
        }
        if let Some(names) = captured(&UNUSED_USE, &self.message) {
            return without_all(quoted(names), text, |text, name| self.without_import(language, text, name));
        }
        let imported = [&UNUSED_PYTHON, &UNUSED_GO, &UNUSED_GO_NEW]
            .into_iter()
            .find_map(|pattern| captured(pattern, &self.message));
        if let Some(name) = imported {
            return Some((self.without_import(language, text, name)?, removed(&[name])));
        }
        if let Some(name) = captured(&UNUSED_LOCAL_GO, &self.message).filter(|_| language == Language::Go) {
            let text = with_value_discarded(text, name, self.line)?;
            return Some((text, format!("gave the value of `{name}` in line {} to nothing", self.line)));
        }
        if self.message.ends_with(COPIED) {
            let (item, _) = items_at(language, text, &[self.line]).into_iter().next()?;
            let is_it = item.kind == Kind::Function && quoted(&self.message).contains(&item.name.as_str());
            return is_it.then(|| (cut_out(text, &item.whole), format!("removed the test `{}`: {COPIED}", item.name)));
        }
        // Two tests of one name: the second has a name of its own to get.
        if let Some(name) = captured(&TWICE, &self.message).filter(|name| name.to_lowercase().contains("test")) {
            let line = text.lines().nth(self.line - 1)?;
            let renamed = format!("{name}{}", if name.contains('_') { "_again" } else { "Again" });
            let is_free = line.matches(name).count() == 1 && !text.contains(&renamed);
            let done = format!("named the second `{name}` `{renamed}`");
            return is_free.then(|| (with_line(text, self.line, &line.replacen(name, &renamed, 1)), done));
        }
        if let Some(name) = captured(&NO_MEMBER, &self.message)
            && let Some(text) = with_owner(text, name, self.line)
        {
            return Some((text, format!("called `{name}` in line {} by what has it elsewhere", self.line)));
        }
        if self.message.contains("format argument must be a string literal")
            && let Some(text) = with_assert_eq(text, self.line)
        {
            return Some((text, format!("wrote `assert_eq!` for the `assert!` of two values in line {}", self.line)));
        }
        if captured(&NEEDLESS_MUT, &self.message).is_some() {
            let line = text.lines().nth(self.line - 1)?;
            let done = format!("removed a needless `mut` in line {}", self.line);
            return (line.matches("mut ").count() == 1)
                .then(|| (with_line(text, self.line, &line.replacen("mut ", "", 1)), done));
        }
        if let Some(name) = undeclared::name_in(language, &self.message) {
            return self.with_declared(language, text, name);
        }
        if let Some(most) = captured(&TOO_LONG, &self.message).filter(|_| language == Language::Python) {
            let done = format!("wrapped the text at line {}", self.line);
            return Some((with_wrapped(text, self.line, most.parse().ok()?)?, done));
        }
        None
    }

    /// The text with a name declared that it uses at the line, or written as what is meant is named.
    fn with_declared(&self, language: Language, text: &str, name: &str) -> Option<(String, String)> {
        let line = self.line;
        if language == Language::Python
            && let Some(text) = with_quoted_annotation(text, name, line)
        {
            return Some((text, format!("put `{name}` in quotation marks in line {line}, above its class")));
        }
        if let Some(text) = with_receiver(language, text, name, line) {
            return Some((text, format!("named the member `{name}` in line {line} by what it belongs to")));
        }
        let missing = Undeclared { name: name.to_owned(), line };
        let is_value = language != Language::Rust || self.message.contains("find value");
        let is_local = is_value && missing.is_local(language, text) && standard_import(language, name).is_none();
        let kept = is_local.then(|| with_value_kept(language, text, name, line)).flatten()?;
        Some((kept, format!("declared `{name}` by a call whose value was thrown away")))
    }

    /// The text without the item of this name at the line.
    fn without_item(&self, language: Language, text: &str, name: &str) -> Option<String> {
        let found = items_at(language, text, &[self.line]);
        let (item, _) = found.first().filter(|(item, _)| item.name == name && item.kind != Kind::Import)?;
        Some(cut_out(text, &item.whole))
    }

    /// The text without a name in the import at the line.
    fn without_import(&self, language: Language, text: &str, name: &str) -> Option<String> {
        let found = items_at(language, text, &[self.line]);
        let (item, _) = found.first().filter(|(item, _)| item.kind == Kind::Import)?;
        let own = text.get(item.core.clone())?;
        match import_without(language, own, name)? {
            Some(rest) => Some(format!("{}{rest}{}", text.get(..item.core.start)?, text.get(item.core.end..)?)),
            None => Some(cut_out(text, &item.whole)),
        }
    }
}

fn removed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("removed {}, which nothing uses", names.join(", "))
}

fn without_all(
    names: Vec<&str>,
    text: &str,
    without: impl Fn(&str, &str) -> Option<String>,
) -> Option<(String, String)> {
    let mut left = text.to_owned();
    let mut gone = Vec::new();
    for name in names {
        if let Some(text) = without(&left, name) {
            left = text;
            gone.push(name);
        }
    }
    (!gone.is_empty()).then(|| (left, removed(&gone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(language: Language, path: &str, text: &str, output: &str) -> String {
        fix(language, path, text, output).map_or_else(|| "nothing".to_owned(), |fixed| fixed.text)
    }

    #[test]
    fn a_test_that_another_one_is_goes() {
        let text = "// happy path: a.\ntest(\"a\", () => {\n  assert.ok(x());\n});\n\n// error: b.\ntest(\"b\", () => {\n  assert.ok(x());\n});\n";
        let said = format!("tests/a.test.ts:7: the test `b` proves nothing: {COPIED}");
        let without = "// happy path: a.\ntest(\"a\", () => {\n  assert.ok(x());\n});\n";
        assert_eq!(fixed(Language::TypeScript, "tests/a.test.ts", text, &said), without);
        let text = "def test_a():\n    assert x()\n\n\n# error: b.\ndef test_b():\n    assert x()\n";
        let said = format!("tests/test_a.py:6: the test `test_b` proves nothing: {COPIED}");
        assert_eq!(fixed(Language::Python, "tests/test_a.py", text, &said), "def test_a():\n    assert x()\n");
    }

    #[test]
    fn what_nothing_uses_is_taken_out() {
        for (language, path, text, output, result) in [
            (
                Language::Rust,
                "src/a.rs",
                "use std::fmt;\n\n/// Most.\nconst MOST: usize = 80;\n\nfn a() {}\n",
                "src/a.rs:4:7: error: constant `MOST` is never used\n",
                "use std::fmt;\n\nfn a() {}\n",
            ),
            (
                Language::Rust,
                "src/a.rs",
                "use std::fmt;\nuse a::{B, C};\n\nfn a() {}\n",
                "warning: unused imports: `B` and `std::fmt`\n --> src/a.rs:2:9\n",
                "use std::fmt;\nuse a::{C};\n\nfn a() {}\n",
            ),
            (
                Language::Rust,
                "src/a.rs",
                "fn a() {\n    let mut b = 1;\n}\n",
                "src/a.rs:2:9: warning: variable does not need to be mutable\n",
                "fn a() {\n    let b = 1;\n}\n",
            ),
            (
                Language::Python,
                "a.py",
                "from typing import Final, Protocol\nimport os\n\nX = 1\n",
                "a.py:1:20: F401 [*] `typing.Final` imported but unused\na.py:2:8: F401 [*] `os` imported but unused\n",
                "from typing import Protocol\n\nX = 1\n",
            ),
            (
                Language::Go,
                "a.go",
                "package a\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n\nfunc A() {}\n",
                "./a.go:4:2: \"errors\" imported and not used\n",
                "package a\n\nimport (\n\t\"fmt\"\n)\n\nfunc A() {}\n",
            ),
            (
                Language::Go,
                "a.go",
                "package a\n\nimport \"errors\"\n\nfunc A() {}\n",
                "a.go:3:8: imported and not used: \"errors\"\n",
                "package a\n\nfunc A() {}\n",
            ),
            (
                Language::Go,
                "a_test.go",
                "package a\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n\nfunc A() {}\n",
                "vet: a_test.go:4:2: \"errors\" imported but not used\n",
                "package a\n\nimport (\n\t\"fmt\"\n)\n\nfunc A() {}\n",
            ),
            (
                Language::TypeScript,
                "src/a.ts",
                "import { A, type B } from \"./b.js\";\n\nconst MOST = 3;\n\nexport const c = A;\n",
                "src/a.ts(1,13): error TS6133: 'B' is declared but its value is never read.\nsrc/a.ts(3,7): error TS6133: 'MOST' is declared but its value is never read.\n",
                "import { A } from \"./b.js\";\n\nexport const c = A;\n",
            ),
        ] {
            assert_eq!(fixed(language, path, text, output), result, "{language}");
        }
    }

    #[test]
    fn what_can_only_be_one_import_is_added() {
        assert_eq!(
            fixed(
                Language::Python,
                "a.py",
                "\"\"\"A.\"\"\"\n\nfrom typing import Protocol\n\nX: Final = re.compile(\"\")\n",
                "a.py:5:4: F821 Undefined name `Final`\na.py:5:12: F821 Undefined name `re`\na.py:5:1: F821 Undefined name `Shop`\n"
            ),
            "\"\"\"A.\"\"\"\n\nfrom typing import Final, Protocol\nimport re\n\nX: Final = re.compile(\"\")\n"
        );
        assert_eq!(
            fixed(Language::Go, "a.go", "package a\n\nimport (\n\t\"fmt\"\n)\n", "./a.go:9:2: undefined: errors\n"),
            "package a\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n"
        );
        let output = "error[E0433]: failed to resolve\n --> src/a.rs:1:1\n  |\nhelp: consider importing this module\n  |\n1 + use std::fmt;\n  |\n\nerror: more\nhelp: consider importing one of these\n  |\n1 + use std::fmt::Result;\n1 + use std::io::Result;\n";
        assert_eq!(fixed(Language::Rust, "src/a.rs", "fn a() {}\n", output), "use std::fmt;\n\nfn a() {}\n");
        assert_eq!(fixed(Language::Rust, "tests/a.rs", "fn a() {}\n", output), "nothing", "of another file");
    }

    #[test]
    fn an_annotation_above_its_class_is_quoted() {
        let text = "class A:\n    def other(self) -> A:\n        return self\n";
        let output = "a.py:2:24: F821 Undefined name `A`\n";
        assert_eq!(fixed(Language::Python, "a.py", text, output), text.replace("-> A", "-> \"A\""));
    }

    #[test]
    fn a_value_that_was_thrown_away_is_kept_once_for_all_that_use_it() {
        let text = "def get(key) -> Order:\n    return ORDERS[key]\n\n\ndef delete(key):\n    get(key)\n    if order.paid:\n        raise Paid(order.id)\n";
        let output = "a.py:7:8: F821 Undefined name `order`\na.py:8:20: F821 Undefined name `order`\n";
        let kept = text.replace("\n    get(key)\n", "\n    order = get(key)\n");
        assert_eq!(fixed(Language::Python, "a.py", text, output), kept);
        let rust =
            "fn get(id: u64) -> Order {\n    find(id)\n}\n\nfn delete(id: u64) {\n    get(id);\n    drop(order);\n}\n";
        let output = "error[E0425]: cannot find value `order` in this scope\n --> a.rs:7:10\n";
        let kept = rust.replace("    get(id);", "    let order = get(id);");
        assert_eq!(fixed(Language::Rust, "a.rs", rust, output), kept);
        let output = "error: cannot find macro `order` in this scope\n --> a.rs:7:10\n";
        assert_eq!(fixed(Language::Rust, "a.rs", rust, output), "nothing");
    }

    #[test]
    fn marks_inside_of_a_text_are_escaped() {
        let text = "a = (\"the tier \"gold\" is not known\", 422)\n";
        let output = "tests/a.py:1:16: unexpected `gold`\n";
        assert_eq!(
            fixed(Language::Python, "tests/a.py", text, output),
            text.replace("tier \"gold\" is", "tier \\\"gold\\\" is")
        );
    }

    #[test]
    fn the_second_of_two_tests_gets_a_name_of_its_own() {
        let text = "def test_a():\n    pass\n\n\ndef test_a():\n    pass\n";
        let output = "t.py:5:5: F811 Redefinition of unused `test_a` from line 1: `test_a` redefined here\n";
        let renamed = text.replacen("\n\ndef test_a", "\n\ndef test_a_again", 1);
        assert_eq!(fixed(Language::Python, "t.py", text, output), renamed);
        let other = output.replace("test_a", "list");
        assert_eq!(fixed(Language::Python, "t.py", &text.replace("test_a", "list"), &other), "nothing");
        let go = "package a\n\nfunc TestA(t *testing.T) {}\n\nfunc TestA(t *testing.T) {}\n";
        let said = "./a_test.go:5:6: TestA redeclared in this block\n\t./a_test.go:3:6: other declaration of TestA\n";
        assert!(fixed(Language::Go, "a_test.go", go, said).contains("func TestAAgain(t"));
    }

    #[test]
    fn a_value_that_nothing_uses_is_given_to_nothing() {
        let text = "package a\n\nfunc f() {\n\tfor id, order := range all {\n\t\tuse(order)\n\t}\n}\n";
        for said in ["id declared but not used", "id declared and not used", "declared and not used: id"] {
            let fixed = fixed(Language::Go, "a.go", text, &format!("./a.go:4:6: {said}\n"));
            assert_eq!(fixed, text.replace("for id,", "for _,"), "{said}");
        }
    }

    #[test]
    fn a_local_that_nothing_uses_goes_with_a_value_that_nothing_computes() {
        let text = "fn a(&self) {\n    let sender = &self.sender;\n    self.b();\n}\n";
        let output = "src/a.rs:2:9: warning: unused variable: `sender`: help: if this is intentional, prefix it with an underscore: `_sender`\n";
        let gone = text.replace("    let sender = &self.sender;\n", "");
        assert_eq!(fixed(Language::Rust, "src/a.rs", text, output), gone);
        let called = text.replace("&self.sender", "self.sender()");
        assert_eq!(fixed(Language::Rust, "src/a.rs", &called, output), "nothing");
        let python = "def a(self):\n    limit = self._limit\n    return 1\n";
        let output = "a.py:2:5: F841 Local variable `limit` is assigned to but never used\n";
        assert_eq!(fixed(Language::Python, "a.py", python, output), "def a(self):\n    return 1\n");
        let typescript = "function a() {\n  const b = this.b;\n  return 1;\n}\n";
        let output = "src/a.ts(2,9): error TS6133: 'b' is declared but its value is never read.\n";
        assert_eq!(fixed(Language::TypeScript, "src/a.ts", typescript, output), "function a() {\n  return 1;\n}\n");
    }

    #[test]
    fn a_member_that_is_not_there_is_called_by_what_has_it_elsewhere() {
        let text = "fn a(&self) {\n    self.config.check();\n}\nfn b(&self) {\n    self.check();\n}\n";
        let output =
            "error[E0599]: no method named `check` found for reference `&B` in the current scope\n --> src/a.rs:5:10\n";
        let mended = text.replace("    self.check", "    self.config.check");
        assert_eq!(fixed(Language::Rust, "src/a.rs", text, output), mended);
        let go = "package a\n\nfunc a() {\n\tb(context.Background())\n\tb(ctx.Background())\n}\n";
        let output =
            "vet: a_test.go:5:8: ctx.Background undefined (type context.Context has no field or method Background)\n";
        assert_eq!(fixed(Language::Go, "a_test.go", go, output), go.replace("ctx.", "context."));
    }

    #[test]
    fn what_the_compiler_suggests_to_add_is_added() {
        let text = "fn a() {\n    let b = c();\n    b.d = 1;\n}\n";
        let output = "error[E0594]: cannot assign to `b.d`\n --> tests/a.rs:3:5\n  |\n3 |     b.d = 1;\n  |     ^^^ cannot assign\n  |\nhelp: consider changing this to be mutable\n  |\n2 |     let mut b = c();\n  |         +++\n";
        assert_eq!(
            fixed(Language::Rust, "tests/a.rs", text, output),
            "fn a() {\n    let mut b = c();\n    b.d = 1;\n}\n"
        );
        assert_eq!(fixed(Language::Rust, "tests/b.rs", text, output), "nothing");
        assert_eq!(fixed(Language::Rust, "tests/a.rs", "fn a() {\n    other();\n}\n", output), "nothing");
        let text = "fn a() {\n    assert!(b(), Ok(()));\n}\n";
        let output = "error: format argument must be a string literal\n --> tests/a.rs:2:18\n  |\n2 |     assert!(b(), Ok(()));\n  |                  ^^^^^^\n  |\nhelp: you might be missing a string literal to format with\n  |\n2 |     assert!(b(), \"{}\", Ok(()));\n  |                  +++++\n";
        assert_eq!(fixed(Language::Rust, "tests/a.rs", text, output), text.replace("assert!", "assert_eq!"));
    }

    #[test]
    fn comments_that_are_too_long_are_wrapped() {
        let text = "def a():\n    \"\"\"Return what is there. Both are\n    empty when there is none.\"\"\"\n    # A comment that is too long for it.\n    return 1\n";
        let output = "a.py:2:21: E501 Line too long (37 > 30)\na.py:4:21: E501 Line too long (40 > 30)\n";
        assert_eq!(
            fixed(Language::Python, "a.py", text, output),
            "def a():\n    \"\"\"Return what is there.\n\n    Both are empty when there\n    is none.\n    \"\"\"\n    # A comment that is too\n    # long for it.\n    return 1\n"
        );
    }

    #[test]
    fn what_is_not_there_or_not_known_stays() {
        for output in ["a.py:1:1: F401 `os` imported but unused\n", "a.py:9:1: E501 Line too long (99 > 88)\n", "no\n"]
        {
            assert_eq!(fixed(Language::Python, "a.py", "import re\n\nX = re\n", output), "nothing", "{output}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,120}", line in 0_usize..6) {
            for language in Language::ALL {
                for message in [
                    "`a` imported but unused",
                    "Line too long (9 > 4)",
                    "constant `A` is never used",
                    "variable does not need to be mutable",
                    "unexpected `a`",
                    "F821 Undefined name `a`",
                    "error TS2304: Cannot find name 'a'.",
                ] {
                    let _ = fix(language, "a", &text, &format!("a:{line}:1: {message}\n"));
                }
            }
        }
    }
}
