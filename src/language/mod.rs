//! A language: what the bot knows about Rust, Go, Python, TypeScript and Java beyond their grammar.
//!
//! - [`coverage`] says how coverage of the generated tests is measured.
//! - [`detect`] finds the project a file belongs to and the commands that build, lint and test it.
//! - [`suppressions`] takes away what keeps linters quiet.
//! - [`syntax`] reads source text: syntax errors, the public interface with its bodies left out.
//! - [`tampering`] finds code and tests that reach for the test runner.
//! - [`test_cases`] finds the tests of a file and judges whether they can fail.
//! - [`hollow`] tells tests whose failure is lost, or that test a copy, or nothing of the code.
//! - [`imports`] says how tests import the code, and which line makes a new file part of its project.
//! - [`items`] cuts a text into the items it is made of.
//! - [`mutate`] changes code so that good tests notice.
//! - [`order`] asks for tests in another order.
//! - [`outline`] names the items of a text, and [`splice`] replaces some of them.
//! - [`report`] reads the output of test runners, [`xml`] their reports.

pub mod assert_eq;
pub mod characters;
pub mod command_line;
pub mod compared;
pub mod coverage;
pub mod cross;
pub mod cut;
pub mod detect;
pub mod discarded;
pub mod docstrings;
pub mod fields;
pub mod forward;
pub mod frame;
pub mod guards;
pub mod half_range;
pub mod hollow;
pub mod import_edit;
pub mod imports;
pub mod items;
pub mod limits;
pub mod member;
pub mod mutate;
pub mod neighbour;
pub mod order;
pub mod outline;
pub mod owner;
pub mod quotes;
pub mod report;
pub mod rows;
pub mod sorted;
pub mod splice;
pub mod suppressions;
pub mod syntax;
pub mod tampering;
pub mod test_cases;
pub mod unfinished;
pub mod unused;
pub mod wrapping;
pub mod xml;

use std::fmt;

use ast_grep_language::SupportLang;

pub use command_line::CommandLine;

/// A language that code is generated in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Rust, built by Cargo.
    Rust,
    /// Go modules.
    Go,
    /// Python 3.
    Python,
    /// TypeScript on Node.js.
    TypeScript,
    /// Java, built by Maven or Gradle.
    Java,
}

impl Language {
    /// Every language, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Rust, Self::Go, Self::Python, Self::TypeScript, Self::Java];

    /// The word for it in specs and patterns.
    pub fn id(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Go => "go",
            Self::Python => "python",
            Self::TypeScript => "typescript",
            Self::Java => "java",
        }
    }

    /// The name for people and prompts.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::Python => "Python",
            Self::TypeScript => "TypeScript",
            Self::Java => "Java",
        }
    }

    /// Words and values for a decoder.
    pub fn choices() -> [(&'static str, Self); 5] {
        Self::ALL.map(|language| (language.id(), language))
    }

    /// The language of a file extension.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension {
            "rs" => Some(Self::Rust),
            "go" => Some(Self::Go),
            "py" => Some(Self::Python),
            "ts" | "mts" => Some(Self::TypeScript),
            "java" => Some(Self::Java),
            _ => None,
        }
    }

    /// The grammar.
    pub fn grammar(self) -> SupportLang {
        match self {
            Self::Rust => SupportLang::Rust,
            Self::Go => SupportLang::Go,
            Self::Python => SupportLang::Python,
            Self::TypeScript => SupportLang::TypeScript,
            Self::Java => SupportLang::Java,
        }
    }

    /// How a line comment starts.
    pub fn comment(self) -> &'static str {
        match self {
            Self::Python => "#",
            Self::Rust | Self::Go | Self::TypeScript | Self::Java => "//",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}
