//! Suppressions: attributes and comments by which code keeps a linter from saying what it found. In generated code they hide
//! findings, so linters see the text without them, line for line.

use ast_grep_core::tree_sitter::LanguageExt;

use super::Language;

/// What a comment says, in lower case, to keep a tool quiet.
const WORDS: [&str; 26] = [
    "noqa",
    "type: ignore",
    "pyright: ignore",
    "pylint: disable",
    "pylint:disable",
    "pylint: skip-file",
    "mypy: ignore-errors",
    "mypy: disable-error-code",
    "flake8:",
    "nosec",
    "eslint-disable",
    "eslint-enable",
    "tslint:disable",
    "@ts-ignore",
    "@ts-nocheck",
    "@ts-expect-error",
    "biome-ignore",
    "oxlint-disable",
    "deno-lint-ignore",
    "nolint",
    "lint:ignore",
    "nosonar",
    "nopmd",
    "checkstyle:off",
    "noinspection",
    "spotless:off",
];

/// The text without its suppressions, when it has any. Lines keep their numbers.
pub fn without(language: Language, text: &str) -> Option<String> {
    let root = language.grammar().ast_grep(text);
    let root = root.root();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for node in root.dfs() {
        let kind = node.kind();
        let range = node.range();
        // What stands inside of something that went is gone already.
        if range.start < at {
            continue;
        }
        let shown = node.text();
        let instead = if kind.contains("comment") && silences(&shown) {
            comment_instead(language, &shown)
        } else if matches!(&*kind, "attribute_item" | "inner_attribute_item") && is_allowance(&shown) {
            // The line ends inside of it stay.
            "\n".repeat(shown.matches('\n').count())
        } else if matches!(&*kind, "marker_annotation" | "annotation") && is_java_suppression(&shown) {
            "\n".repeat(shown.matches('\n').count())
        } else {
            continue;
        };
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&instead);
        at = range.end;
    }
    if at == 0 {
        return None;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Some(out)
}

fn silences(comment: &str) -> bool {
    let comment = comment.to_lowercase();
    WORDS.iter().any(|word| comment.contains(word))
}

/// A comment of as many lines that says nothing; some linters object to an empty one.
fn comment_instead(language: Language, comment: &str) -> String {
    let lines = "\n".repeat(comment.trim_end_matches('\n').matches('\n').count());
    let end = if comment.ends_with('\n') { "\n" } else { "" };
    if comment.starts_with("/*") {
        format!("/* -{lines} */{end}")
    } else {
        format!("{} -{lines}{end}", language.comment())
    }
}

/// `@SuppressWarnings(…)`, by its plain or its full name, and the annotations of SpotBugs.
fn is_java_suppression(annotation: &str) -> bool {
    let name = annotation.trim_start_matches('@').split('(').next().unwrap_or_default().trim();
    matches!(name.rsplit('.').next(), Some("SuppressWarnings" | "SuppressFBWarnings"))
}

/// `#[allow(…)]`, `#![allow(…)]`, `#[expect(…)]`, also inside of `cfg_attr`.
fn is_allowance(attribute: &str) -> bool {
    let inner: String = attribute.chars().filter(|letter| !letter.is_whitespace()).collect();
    let inner = inner.trim_start_matches(['#', '!', '[']);
    inner.starts_with("allow(")
        || inner.starts_with("expect(")
        || (inner.starts_with("cfg_attr(") && (inner.contains(",allow(") || inner.contains(",expect(")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_linter_quiet_goes_and_every_line_keeps_its_number() {
        for (language, text, expected) in [
            (
                Language::Rust,
                "#![allow(dead_code)]\n#[allow(\n    clippy::all,\n)]\nfn a() {}\n#[derive(Debug)]\nstruct B;\n",
                "\n\n\n\nfn a() {}\n#[derive(Debug)]\nstruct B;\n",
            ),
            (
                Language::Python,
                "import os  # noqa: F401\nx = \"# noqa\"\n# ruff: noqa\n# a note\n",
                "import os  # -\nx = \"# noqa\"\n# -\n# a note\n",
            ),
            (
                Language::TypeScript,
                "/* eslint-disable\n   no-console */\n// @ts-ignore\nconst a = 1;\n",
                "/* -\n */\n// -\nconst a = 1;\n",
            ),
            (Language::Go, "package a\n\nvar b = 1 //nolint:all\n", "package a\n\nvar b = 1 // -\n"),
            (
                Language::Java,
                "@SuppressWarnings({\"rawtypes\",\n  \"unchecked\"})\nclass A {\n  @java.lang.SuppressWarnings(\"all\") int b; // NOPMD\n  @Override void c() {}\n}\n",
                "\n\nclass A {\n   int b; // -\n  @Override void c() {}\n}\n",
            ),
        ] {
            assert_eq!(without(language, text).as_deref(), Some(expected), "{language}");
        }
        assert_eq!(without(Language::Rust, "#[derive(Debug)]\nstruct A; // allowed\n"), None);
        assert_eq!(without(Language::Python, "x = \"# noqa\"\n"), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_keeps_the_lines(text in "(#\\[allow\\(x\\)\\]|# noqa|// nolint|/\\* nosec \\*/|\\PC|\n){0,60}") {
            for language in Language::ALL {
                if let Some(clean) = without(language, &text) {
                    proptest::prop_assert_eq!(clean.matches('\n').count(), text.matches('\n').count());
                }
            }
        }
    }
}
