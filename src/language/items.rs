//! The outline of a source text: the items it is made of, in order, with nothing left over between them.
//!
//! Comments and attributes belong to the item that follows them. The members of classes and implementations are items of
//! their own, between the head and the foot of what holds them.

use std::collections::BTreeMap;

use super::Language;
use super::syntax::{SyntaxNode, errors};
use ast_grep_core::tree_sitter::LanguageExt;

/// One item. The texts of all items in a row are the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is, by kind and name; unique in its text.
    pub key: String,
    /// Its text, with the comments and the white space before it.
    pub text: String,
    /// Its leaves with their depth: equal for two texts that differ in format only.
    pub tokens: String,
}

impl Item {
    /// The texts of its leaves.
    pub fn leaves(&self) -> impl Iterator<Item = &str> {
        let leaves = self.tokens.split('\u{0}').filter(|leaf| !leaf.is_empty());
        leaves.map(|leaf| leaf.split_once(' ').map_or(leaf, |(_, text)| text))
    }
}

/// The items of a text; `None` when it does not parse, or two items share a line.
pub fn items(language: Language, text: &str) -> Option<Vec<Item>> {
    if !errors(language, text).is_empty() {
        return None;
    }
    let root = language.grammar().ast_grep(text);
    let mut cuts: Vec<Cut> = Vec::new();
    cut(&root.root(), "", text, &mut cuts);
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut at = 0;
    for piece in cuts {
        if piece.end <= at {
            // A foot without text, or two items on one line.
            if piece.is_edge {
                continue;
            }
            return None;
        }
        let number = seen.entry(piece.key.clone()).or_default();
        *number += 1;
        let key = if *number == 1 { piece.key } else { format!("{} #{number}", piece.key) };
        found.push(Item { key, text: text.get(at..piece.end)?.to_owned(), tokens: piece.tokens });
        at = piece.end;
    }
    let rest = text.get(at..)?;
    if !rest.is_empty() {
        found.push(Item { key: "end".to_owned(), text: rest.to_owned(), tokens: rest.trim().to_owned() });
    }
    Some(found)
}

struct Cut {
    key: String,
    end: usize,
    tokens: String,
    is_edge: bool,
}

fn cut(node: &SyntaxNode<'_>, holder: &str, text: &str, cuts: &mut Vec<Cut>) {
    let mut leading = String::new();
    for child in node.children().filter(SyntaxNode::is_named) {
        let kind = child.kind().to_string();
        if kind.contains("comment") || kind == "attribute_item" {
            tokens(&child, 0, &mut leading);
            continue;
        }
        let key = format!("{holder}{}", key_of(&child));
        if let Some(body) = body_of(&child) {
            let head_end = head_end(&body, text);
            let mut head = std::mem::take(&mut leading);
            head.push_str(text.get(child.range().start..body.range().start).unwrap_or_default().trim());
            cuts.push(Cut { key: format!("{key} {{"), end: line_end(text, head_end), tokens: head, is_edge: true });
            cut(&body, &format!("{key} / "), text, cuts);
            let end = line_end(text, child.range().end);
            cuts.push(Cut { key: format!("}} {key}"), end, tokens: String::new(), is_edge: true });
        } else {
            let mut own = std::mem::take(&mut leading);
            tokens(&child, 0, &mut own);
            cuts.push(Cut { key, end: line_end(text, child.range().end), tokens: own, is_edge: false });
        }
    }
}

/// The body of an item that holds others.
fn body_of<'r>(node: &SyntaxNode<'r>) -> Option<SyntaxNode<'r>> {
    let inner = inner_of(node);
    let holds = matches!(
        inner.kind().as_ref(),
        "impl_item"
            | "trait_item"
            | "mod_item"
            | "class_definition"
            | "class_declaration"
            | "abstract_class_declaration"
            | "record_declaration"
    );
    let body = inner.field("body").filter(|_| holds)?;
    let filled = body.children().any(|child| child.is_named());
    filled.then_some(body)
}

/// What stands behind `export` or a decorator.
fn inner_of<'r>(node: &SyntaxNode<'r>) -> SyntaxNode<'r> {
    node.field("definition").or_else(|| node.field("declaration")).unwrap_or_else(|| node.clone())
}

/// Where the head of a holder ends: at its brace, or before the first member where there is none.
fn head_end(body: &SyntaxNode<'_>, text: &str) -> usize {
    let start = body.range().start;
    if text.get(start..).is_some_and(|rest| rest.starts_with('{')) {
        return start + 1;
    }
    text.get(..start).map_or(start, |before| before.trim_end().len())
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |offset| at + offset + 1)
}

fn key_of(node: &SyntaxNode<'_>) -> String {
    let inner = inner_of(node);
    let kind = inner.kind().to_string();
    let field = |name: &str| inner.field(name).map(|found| found.text().to_string());
    let parts: Vec<String> = ["trait", "type", "receiver", "name"].iter().filter_map(|name| field(name)).collect();
    if !parts.is_empty() && (field("name").is_some() || kind == "impl_item") {
        let parts = if kind == "impl_item" || field("receiver").is_some() {
            parts
        } else {
            vec![field("name").unwrap_or_default()]
        };
        return format!("{kind} {}", parts.join(" "));
    }
    // Declarations whose name stands one level down, such as `type X struct` in Go.
    let declares = kind.ends_with("_declaration") && !matches!(kind.as_str(), "use_declaration" | "import_declaration");
    let mut below = inner.children().filter(|_| declares);
    let named = below.find_map(|child| child.field("name").map(|name| name.text().to_string()));
    named.map_or_else(|| format!("{kind} {}", inner.text()), |name| format!("{kind} {name}"))
}

/// Writes the leaves below a node, each with its depth and text.
fn tokens(node: &SyntaxNode<'_>, depth: usize, out: &mut String) {
    let mut children = node.children().peekable();
    if children.peek().is_none() {
        let text = node.text();
        if !text.trim().is_empty() {
            out.push_str(&format!("{depth} {text}\u{0}"));
        }
        return;
    }
    for child in children {
        tokens(&child, depth + 1, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(language: Language, text: &str) -> Vec<String> {
        let items = items(language, text).unwrap();
        assert_eq!(items.iter().map(|item| item.text.as_str()).collect::<String>(), text, "nothing is left over");
        items.into_iter().map(|item| item.key).collect()
    }

    #[test]
    fn a_text_is_its_items_in_a_row() {
        assert_eq!(
            keys(
                Language::Rust,
                "//! Doc.\n\nuse a::b;\n\n/// A.\n#[derive(Debug)]\npub struct A {\n    x: u8,\n}\n\nimpl A {\n    fn b(&self) {}\n\n    // Says.\n    fn c() {}\n}\n"
            ),
            [
                "use_declaration use a::b;",
                "struct_item A",
                "impl_item A {",
                "impl_item A / function_item b",
                "impl_item A / function_item c",
                "} impl_item A"
            ]
        );
        assert_eq!(
            keys(
                Language::Python,
                "import a\n\n\n@deco\nclass A:\n    \"\"\"Doc.\"\"\"\n\n    def b(self):\n        pass\n\n\ndef c():\n    pass\n"
            ),
            [
                "import_statement a",
                "class_definition A {",
                "class_definition A / expression_statement \"\"\"Doc.\"\"\"",
                "class_definition A / function_definition b",
                "function_definition c"
            ]
        );
        assert_eq!(
            keys(
                Language::Go,
                "package a\n\ntype S struct {\n\tx int\n}\n\nfunc (s *S) Get() int { return s.x }\n\nfunc Get() {}\n"
            )
            .get(1..)
            .unwrap(),
            ["type_declaration S", "method_declaration (s *S) Get", "function_declaration Get"]
        );
        assert_eq!(
            keys(
                Language::TypeScript,
                "import { a } from \"a\";\n\nexport class A {\n  b(): void {}\n}\n\nexport function c(): void {}\n"
            )
            .get(1..)
            .unwrap(),
            [
                "class_declaration A {",
                "class_declaration A / method_definition b",
                "} class_declaration A",
                "function_declaration c"
            ]
        );
    }

    #[test]
    fn items_that_share_a_line_and_broken_texts_have_no_outline() {
        assert_eq!(items(Language::Rust, "fn a() {} fn b() {}\n"), None);
        assert_eq!(items(Language::Rust, "fn a( {}\n"), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_leaves_nothing_over(text in "[a-z(){}:;,#/\\n \"]{0,80}") {
            for language in Language::ALL {
                if let Some(items) = items(language, &text) {
                    assert_eq!(items.iter().map(|item| item.text.as_str()).collect::<String>(), text.clone());
                }
            }
        }
    }
}
