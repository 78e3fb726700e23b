//! A diagnostic: one problem in one of the user's files, with its place and what to do about it.
//!
//! Everything that reads user files returns diagnostics instead of stopping at the first problem, so that one run shows
//! all of them. Rendering follows rustc: message, file with line and column, the line itself, help.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// The text of one file as it was read, shared by every value that was parsed from it.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The path as shown to people, relative to the repository.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceText {
    /// Makes a source from a shown path and its text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// The place of a byte offset: line and column, both counted from 1, the column in characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        (line, column)
    }
}

/// A value together with the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its byte range in the source.
    pub span: Range<usize>,
}

/// One place that a diagnostic points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub source: Arc<SourceText>,
    /// The bytes pointed at.
    pub span: Range<usize>,
    /// What is said there; may be empty.
    pub text: String,
}

/// One problem in a user's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name of the kind of problem, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Where: the first label is the primary one.
    pub labels: Vec<Label>,
    /// What to do next.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A problem at a place of a file.
    pub fn at(code: &'static str, message: impl Into<String>, source: &Arc<SourceText>, span: Range<usize>) -> Self {
        let label = Label { source: Arc::clone(source), span, text: String::new() };
        Self { code, message: message.into(), labels: vec![label], help: Vec::new() }
    }

    /// A problem of a whole file that could not be read as text.
    pub fn file(code: &'static str, message: impl Into<String>, path: &str) -> Self {
        Self::at(code, message, &SourceText::new(path, ""), 0..0)
    }

    /// Says something at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>, source: &Arc<SourceText>, span: Range<usize>) -> Self {
        self.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// The primary place as `file:line:column`.
    pub fn place(&self) -> String {
        self.labels.first().map_or_else(String::new, |label| {
            let (line, column) = label.source.line_column(label.span.start);
            format!("{}:{line}:{column}", label.source.path)
        })
    }

    /// Renders the problem as rustc would, with ANSI colours when asked for.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut group = Group::with_title(Level::ERROR.primary_title(self.message.as_str()).id(self.code));
        let mut files: Vec<&Arc<SourceText>> = Vec::new();
        for label in &self.labels {
            if !files.iter().any(|file| Arc::ptr_eq(file, &label.source)) {
                files.push(&label.source);
            }
        }
        for file in files {
            // A file that is not shown has a place all the same.
            if file.text.is_empty() {
                group = group.element(Origin::path(file.path.as_str()).line(1).char_column(1));
                continue;
            }
            let mut snippet = Snippet::source(file.text.as_str()).path(file.path.as_str());
            for (index, label) in self.labels.iter().enumerate() {
                if Arc::ptr_eq(file, &label.source) {
                    let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                    let annotation = kind.span(clamp(&label.span, &file.text));
                    snippet = snippet.annotation(if label.text.is_empty() {
                        annotation
                    } else {
                        annotation.label(label.text.as_str())
                    });
                }
            }
            group = group.element(snippet);
        }
        for help in &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group]).clone()
    }
}

/// Keeps a span inside its text and on one line, so that a whole block is not underlined.
fn clamp(span: &Range<usize>, text: &str) -> Range<usize> {
    let start = span.start.min(text.len());
    let rest = text.get(start..span.end.clamp(start, text.len())).unwrap_or_default();
    let line = rest.split(['\n', '\r']).next().unwrap_or_default().trim_end();
    start..start + line.len()
}

/// The nearest of some candidates to a word that is not among them, when one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_message_place_line_and_help() {
        let source = SourceText::new("a.yaml", "name: x\nnmae: y\n");
        let problem = Diagnostic::at("unknown-key", "unknown key `nmae`", &source, 8..12).help("did you mean `name`?");
        let text = problem.render(false);
        assert_eq!(problem.place(), "a.yaml:2:1");
        for part in ["error[unknown-key]: unknown key `nmae`", "a.yaml:2:1", "nmae: y", "did you mean `name`?"] {
            assert!(text.contains(part), "{part} missing in:\n{text}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_shown_is_named_without_an_empty_line_of_it() {
        let text =
            Diagnostic::file("file-too-large", "the file is too long", "a.yaml").help("make it shorter").render(false);
        assert_eq!(text, "error[file-too-large]: the file is too long\n--> a.yaml:1:1\n = help: make it shorter");
    }

    #[test]
    fn nearest_takes_a_typo_and_refuses_a_stranger() {
        assert_eq!(nearest("descripton", ["name", "description"]), Some("description"));
        assert_eq!(nearest("zebra", ["name", "description"]), None);
    }
}
