//! The forms of a command: one table for the parser's suggestions, the help text and the documentation.

use std::fmt::Write as _;

/// One form.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The first word, where it is fixed.
    pub word: Option<&'static str>,
    /// How it is written.
    pub form: &'static str,
    /// What it does.
    pub does: &'static str,
}

/// Every form.
pub const FORMS: [Form; 6] = [
    Form {
        word: None,
        form: "/codegen <pattern> <Name> [key=value …]",
        does: "writes a spec and generates it; the lines below the command describe what you want; `language=…` chooses the language",
    },
    Form {
        word: Some("generate"),
        form: "/codegen generate [spec …]",
        does: "generates these specs, or every one that is not current",
    },
    Form { word: Some("regenerate"), form: "/codegen regenerate", does: "on a pull request of codegen: makes it anew" },
    Form {
        word: Some("revise"),
        form: "/codegen revise <what to change>",
        does: "on a pull request of codegen: adds the wish to its spec and makes it anew",
    },
    Form { word: Some("list"), form: "/codegen list", does: "shows every spec with its state" },
    Form { word: Some("help"), form: "/codegen help", does: "shows this" },
];

/// The table in Markdown.
pub fn table() -> String {
    let mut out = String::from("| comment | what happens |\n|---|---|\n");
    for form in FORMS {
        let _ = writeln!(out, "| `{}` | {} |", form.form, form.does);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_this_table() {
        let readme = include_str!("../../README.md");
        for form in FORMS {
            let row = format!("| `{}` | {} |", form.form, form.does);
            assert!(readme.contains(&row), "README.md lacks:\n{row}");
        }
    }
}
