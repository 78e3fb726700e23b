//! The decoder: nodes to values, with every problem collected and placed.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::{Node, Value};
use crate::diagnostic::{Diagnostic, SourceText, Spanned, nearest};

/// Turns nodes of one file into values and keeps what was wrong.
pub struct Decoder {
    source: Arc<SourceText>,
    problems: Vec<Diagnostic>,
}

/// The entries of a mapping whose keys were checked.
pub struct Fields<'a> {
    entries: Vec<(&'a str, &'a Node)>,
    span: Range<usize>,
    what: String,
}

impl<'a> Fields<'a> {
    /// The value of a key that may be left out; `null` counts as left out.
    pub fn optional(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(name, node)| *name == key && node.value != Value::Null).map(|(_, node)| *node)
    }

    /// All entries in the order of the file.
    pub fn entries(&self) -> &[(&'a str, &'a Node)] {
        &self.entries
    }
}

impl Decoder {
    /// A decoder for one file.
    pub fn new(source: &Arc<SourceText>) -> Self {
        Self { source: Arc::clone(source), problems: Vec::new() }
    }

    /// The problems found.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.problems
    }

    /// The file.
    pub fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// Reports a problem at some bytes.
    pub fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Reports a problem of one code at a node.
    pub fn wrong(&mut self, code: &'static str, message: impl Into<String>, span: &Range<usize>) {
        let problem = Diagnostic::at(code, message, &self.source, span.clone());
        self.problems.push(problem);
    }

    fn wrong_type(&mut self, node: &Node, what: &str, wanted: &str) {
        self.wrong("wrong-type", format!("{what} must be {wanted}, not {}", node.kind()), &node.span);
    }

    /// A mapping with known keys: an unknown key is reported with the nearest known one.
    pub fn map<'n>(&mut self, node: &'n Node, what: &str, keys: &[&str]) -> Option<Fields<'n>> {
        let fields = self.open_map(node, what)?;
        for (name, _) in fields.entries() {
            if !keys.contains(name) {
                let span = key_span(node, name);
                let mut problem =
                    Diagnostic::at("unknown-key", format!("unknown key `{name}` in {what}"), &self.source, span);
                problem = match nearest(name, keys.iter().copied()) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help(format!("known keys: {}", keys.join(", "))),
                };
                self.problems.push(problem);
            }
        }
        Some(fields)
    }

    /// A mapping with keys of the user's own.
    pub fn open_map<'n>(&mut self, node: &'n Node, what: &str) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            self.wrong_type(node, what, "a mapping");
            return None;
        };
        let mut named = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            match key.text() {
                Some(name) => named.push((name, value)),
                None => self.wrong_type(key, &format!("a key of {what}"), "a text"),
            }
        }
        Some(Fields { entries: named, span: node.span.clone(), what: what.to_owned() })
    }

    /// The value of a key that must be there.
    pub fn required<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<&'n Node> {
        let found = fields.optional(key);
        if found.is_none() {
            let span = fields
                .entries
                .iter()
                .find(|(name, _)| *name == key)
                .map_or(fields.span.clone(), |(_, node)| node.span.clone());
            self.wrong("missing-key", format!("the key `{key}` is missing in {}", fields.what), &span);
        }
        found
    }

    /// A text that is not empty. Numbers and truth values are taken as they are written.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<Spanned<String>> {
        match &node.value {
            Value::Scalar { text, .. } if text.trim().is_empty() => {
                self.wrong("empty-text", format!("{what} is empty"), &node.span);
                None
            }
            Value::Scalar { text, .. } => Some(Spanned { value: text.clone(), span: node.span.clone() }),
            _ => {
                self.wrong_type(node, what, "a text");
                None
            }
        }
    }

    /// A list of nodes.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        if let Value::List(items) = &node.value {
            items
        } else {
            self.wrong_type(node, what, "a list");
            &[]
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, node: &Node, what: &str) -> Vec<Spanned<String>> {
        let items = self.list(node, what);
        items.iter().filter_map(|item| self.text(item, &format!("an entry of {what}"))).collect()
    }

    /// One text, or a list of texts.
    pub fn text_or_list(&mut self, node: &Node, what: &str) -> Vec<Spanned<String>> {
        match node.value {
            Value::List(_) => self.texts(node, what),
            _ => self.text(node, what).into_iter().collect(),
        }
    }

    /// A number between two bounds.
    pub fn number<T>(&mut self, node: &Node, what: &str, least: T, most: T) -> Option<T>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let number = match &node.value {
            Value::Scalar { text, plain: true } => text.replace('_', "").parse::<T>().ok(),
            _ => None,
        };
        match number {
            Some(number) if number >= least && number <= most => Some(number),
            _ => {
                self.wrong("wrong-number", format!("{what} must be a number from {least} to {most}"), &node.span);
                None
            }
        }
    }

    /// One word of a closed set.
    pub fn one_of<T: Copy>(&mut self, node: &Node, what: &str, choices: &[(&str, T)]) -> Option<T> {
        let word = self.text(node, what)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word.value) {
            return Some(*value);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let mut problem =
            Diagnostic::at("unknown-value", format!("{what} cannot be `{}`", word.value), &self.source, word.span);
        if let Some(near) = nearest(&word.value, names.iter().copied()) {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem.help(format!("one of: {}", names.join(", "))));
        None
    }

    /// A duration such as `90s`, `10m` or `1h`.
    pub fn duration(&mut self, node: &Node, what: &str) -> Option<Duration> {
        let text = self.text(node, what)?;
        let digits = text.value.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let seconds = match (digits.parse::<u64>(), text.value.strip_prefix(digits)) {
            (Ok(count), Some("s")) => Some(count),
            (Ok(count), Some("m")) => count.checked_mul(60),
            (Ok(count), Some("h")) => count.checked_mul(3600),
            _ => None,
        };
        match seconds {
            Some(seconds) if (1..=86_400).contains(&seconds) => Some(Duration::from_secs(seconds)),
            _ => {
                self.wrong("wrong-duration", format!("{what} must be a duration such as 90s, 10m or 1h"), &text.span);
                None
            }
        }
    }
}

fn key_span(node: &Node, name: &str) -> Range<usize> {
    match &node.value {
        Value::Map(entries) => {
            entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(key, _)| key.span.clone())
        }
        _ => None,
    }
    .unwrap_or(node.span.clone())
}
