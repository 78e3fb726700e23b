//! Text to [`Node`], under limits that no file of a person reaches and every hostile one does.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{Node, Value};
use crate::diagnostic::{Diagnostic, SourceText};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The largest tree, in nodes, counted after aliases are expanded.
const MAX_NODES: usize = 50_000;
/// The deepest nesting.
const MAX_DEPTH: usize = 64;

/// Parses one YAML document. Duplicate keys, a second document, and trees beyond the limits are errors with their place.
pub fn parse(source: &Arc<SourceText>) -> Result<Node, Diagnostic> {
    if source.text.len() > MAX_BYTES {
        return Err(Diagnostic::file(
            "file-too-large",
            format!("the file is {} bytes long; at most {MAX_BYTES} are read", source.text.len()),
            &source.path,
        ));
    }
    let mut builder = Builder::new(source);
    let mut parser = Parser::new_from_str(&source.text);
    loop {
        match parser.next_event() {
            None => break,
            Some(Err(error)) => {
                let at = builder.offset(error.marker().index());
                return Err(Diagnostic::at(
                    "yaml-syntax",
                    format!("not valid YAML: {}", error.info()),
                    source,
                    at..at + 1,
                ));
            }
            Some(Ok((event, span))) => builder.take(event, span)?,
        }
    }
    Ok(builder.root.unwrap_or(Node { span: 0..0, value: Value::Null }))
}

/// A collection that is still open.
struct Open {
    node: Node,
    key: Option<Node>,
    anchor: usize,
}

struct Builder<'a> {
    source: &'a Arc<SourceText>,
    /// Byte offset of each character; empty for ASCII texts, where both are the same.
    offsets: Vec<usize>,
    stack: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Arc<SourceText>) -> Self {
        let offsets = if source.text.is_ascii() {
            Vec::new()
        } else {
            source.text.char_indices().map(|(offset, _)| offset).collect()
        };
        Self { source, offsets, stack: Vec::new(), anchors: HashMap::new(), nodes: 0, documents: 0, root: None }
    }

    fn offset(&self, character: usize) -> usize {
        if self.offsets.is_empty() {
            character.min(self.source.text.len())
        } else {
            self.offsets.get(character).copied().unwrap_or(self.source.text.len())
        }
    }

    fn bytes(&self, span: Span) -> Range<usize> {
        let start = self.offset(span.start.index());
        start..self.offset(span.end.index()).max(start)
    }

    fn error(&self, code: &'static str, message: impl Into<String>, span: Range<usize>) -> Diagnostic {
        Diagnostic::at(code, message, self.source, span)
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        let span = self.bytes(span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self
                        .error("yaml-documents", "a second document in one file", span)
                        .help("write one document a file; split it at `---`"));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let value = if plain && matches!(&*text, "" | "~" | "null") {
                    Value::Null
                } else {
                    Value::Scalar { text: text.into_owned(), plain }
                };
                self.count(1, &span)?;
                self.close(Node { span, value }, anchor)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some((node, size)) => {
                    let node = Node { span: span.clone(), value: node.value.clone() };
                    let size = *size;
                    self.count(size, &span)?;
                    self.close(node, 0)
                }
                None => Err(self.error("yaml-alias", "an alias to an anchor that is still open or not there", span)),
            },
            Event::SequenceStart(anchor, _) => self.open(Value::List(Vec::new()), span, anchor),
            Event::MappingStart(anchor, _) => self.open(Value::Map(Vec::new()), span, anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(mut open) => {
                    open.node.span.end = span.end.max(open.node.span.start);
                    self.close(open.node, open.anchor)
                }
                None => Ok(()),
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn count(&mut self, more: usize, span: &Range<usize>) -> Result<(), Diagnostic> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MAX_NODES {
            return Err(self
                .error(
                    "yaml-too-large",
                    format!("more than {MAX_NODES} values after aliases are expanded"),
                    span.clone(),
                )
                .help("write the values out, without nested aliases"));
        }
        Ok(())
    }

    fn open(&mut self, value: Value, span: Range<usize>, anchor: usize) -> Result<(), Diagnostic> {
        self.count(1, &span)?;
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.error("yaml-too-deep", format!("nested deeper than {MAX_DEPTH} levels"), span));
        }
        self.stack.push(Open { node: Node { span, value }, key: None, anchor });
        Ok(())
    }

    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        if anchor != 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(parent) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut parent.node.value {
            Value::List(items) => items.push(node),
            Value::Map(entries) => match parent.key.take() {
                None => {
                    let twin = entries.iter().find(|(key, _)| key.text().is_some() && key.text() == node.text());
                    if let (Some((first, _)), Some(name)) = (twin, node.text()) {
                        return Err(Diagnostic::at(
                            "duplicate-key",
                            format!("the key `{name}` stands here twice"),
                            self.source,
                            node.span.clone(),
                        )
                        .label("again here")
                        .and("first here", self.source, first.span.clone()));
                    }
                    parent.key = Some(node);
                }
                Some(key) => entries.push((key, node)),
            },
            Value::Null | Value::Scalar { .. } => {}
        }
        Ok(())
    }
}

/// How many values a tree holds. Anchors are few and each was counted, so this walks no more than the budget.
fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|(key, value)| size(key) + size(value)).sum(),
        Value::Null | Value::Scalar { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> &'static str {
        parse(&SourceText::new("t.yaml", text)).map_or_else(|problem| problem.code, |_| "ok")
    }

    #[test]
    fn hostile_files_are_refused_by_name() {
        let bomb = format!(
            "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [{0}]\nc: &c [{1}]\nd: &d [{2}]\ne: &e [{3}]\nf: [{4}]\n",
            ["*a"; 10].join(","),
            ["*b"; 10].join(","),
            ["*c"; 10].join(","),
            ["*d"; 10].join(","),
            ["*e"; 10].join(","),
        );
        for (text, code) in [
            (bomb.as_str(), "yaml-too-large"),
            ("a: 1\nb: 2\na: 3\n", "duplicate-key"),
            ("a: 1\n---\nb: 2\n", "yaml-documents"),
            ("a: [1, 2\n", "yaml-syntax"),
            ("a: *nowhere\n", "yaml-syntax"),
            (&format!("{}{}", "[".repeat(70), "]".repeat(70)), "yaml-too-deep"),
            (&"[".repeat(100_000), "yaml-syntax"),
            (&"a".repeat(MAX_BYTES + 1), "file-too-large"),
        ] {
            assert_eq!(code_of(text), code, "{}", text.chars().take(60).collect::<String>());
        }
    }

    #[test]
    fn spans_are_bytes_also_behind_other_alphabets() {
        let source = SourceText::new("t.yaml", "größe: übergroß\nnext: 1\n");
        let node = parse(&source).unwrap();
        let next = node.entry("next").unwrap();
        assert_eq!(source.text.get(next.span.clone()), Some("1"));
        assert_eq!(source.line_column(next.span.start), (2, 7));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            let _ = parse(&SourceText::new("t.yaml", text));
        }

        #[test]
        fn never_panics_on_yaml_like_text(text in "[a-c:\\-\\[\\]{}&*!|>'\"#, \n\t]{0,80}") {
            let _ = parse(&SourceText::new("t.yaml", text));
        }
    }
}
