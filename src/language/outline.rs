//! The outline of a text: its items, what each is called, and where it stands with its comments and attributes.
//!
//! An item is what a reader would name in a review: a function, a type, a constant, an import, a test. Items that hold
//! others (an `impl`, a class, a module, a `describe`) have members. What has no name (a bare statement) is no item.

use std::ops::Range;

use ast_grep_core::tree_sitter::LanguageExt as _;

use super::Language;
use super::syntax::SyntaxNode;

/// What an item is for whoever replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line that brings names from elsewhere.
    Import,
    /// A function, with or without a body.
    Function,
    /// Holds members.
    Container,
    /// A type, a constant, a variable.
    Other,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What tells it from its neighbours: `fn get`, `impl A for B`, `type Order`.
    pub key: String,
    /// The name that people use.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// From its first comment or attribute to its end.
    pub whole: Range<usize>,
    /// Without comments and attributes before it.
    pub core: Range<usize>,
    /// What it holds, when it is a container.
    pub members: Vec<Item>,
    /// Where another member could be added.
    pub end_of_members: usize,
}

impl Item {
    /// Whether comments, attributes or decorators stand before it.
    pub fn is_headed(&self) -> bool {
        self.whole.start < self.core.start
    }
}

/// The items of a text, in its order.
pub fn outline(language: Language, text: &str) -> Vec<Item> {
    let root = language.grammar().ast_grep(text);
    items_in(language, &root.root(), text)
}

/// The innermost items at these lines, from 1, each once, with the lines that point at it.
pub fn items_at(language: Language, text: &str, lines: &[usize]) -> Vec<(Item, Vec<usize>)> {
    let items = outline(language, text);
    let mut found: Vec<(Item, Vec<usize>)> = Vec::new();
    for line in lines {
        let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let at = start + text.get(start..).map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t']).len());
        let Some(item) = innermost(&items, at) else { continue };
        match found.iter_mut().find(|(known, _)| known.whole == item.whole) {
            Some((_, lines)) => lines.push(*line),
            None => found.push((item.clone(), vec![*line])),
        }
    }
    found
}

/// Every item and every member, outer ones first.
pub fn all_items(language: Language, text: &str) -> Vec<Item> {
    fn walk(items: Vec<Item>, out: &mut Vec<Item>) {
        for item in items {
            let members = item.members.clone();
            out.push(item);
            walk(members, out);
        }
    }
    let mut out = Vec::new();
    walk(outline(language, text), &mut out);
    out
}

fn innermost(items: &[Item], at: usize) -> Option<&Item> {
    let item = items.iter().find(|item| item.whole.contains(&at))?;
    Some(innermost(&item.members, at).unwrap_or(item))
}

fn items_in(language: Language, parent: &SyntaxNode<'_>, text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut head: Option<(usize, usize)> = None;
    for node in parent.children() {
        let range = node.range();
        if is_head(&node) {
            // Comments that stand apart from what follows are not its head; those on the line of what precedes neither.
            let joined = head.is_some_and(|(_, end)| is_close(text, end, range.start));
            let trails = text
                .get(..range.start)
                .is_some_and(|before| before.rsplit('\n').next().is_some_and(|line| !line.trim().is_empty()));
            if !trails {
                head =
                    Some((if joined { head.map_or(range.start, |(start, _)| start) } else { range.start }, range.end));
            }
            continue;
        }
        let start = head.take().filter(|(_, end)| is_close(text, *end, range.start)).map(|(start, _)| start);
        if let Some(mut item) = item_of(language, &node, text) {
            item.whole.start = start.unwrap_or(item.whole.start);
            items.push(item);
        }
    }
    items
}

fn is_head(node: &SyntaxNode<'_>) -> bool {
    matches!(&*node.kind(), "line_comment" | "block_comment" | "comment" | "attribute_item" | "decorator")
}

/// Whether only one line end stands between two places.
fn is_close(text: &str, from: usize, to: usize) -> bool {
    // The grammar of Rust counts the line end to a documentation comment.
    let ends = text.get(from..to).map_or(2, |between| between.matches('\n').count());
    let counted = text.get(..from).is_some_and(|before| before.ends_with('\n'));
    ends + usize::from(counted) <= 1
}

/// The item that a node is, if it has a name.
fn item_of(language: Language, node: &SyntaxNode<'_>, text: &str) -> Option<Item> {
    let kind = node.kind();
    let named = |field: &str| node.field(field).map(|field| field.text().trim().to_owned());
    let plain = |key: String, name: String, kind: Kind| Item {
        key,
        name,
        kind,
        whole: node.range(),
        core: node.range(),
        members: Vec::new(),
        end_of_members: node.range().end,
    };
    let function = |name: String| plain(format!("fn {name}"), name, Kind::Function);
    let other = |word: &str, name: String| plain(format!("{word} {name}"), name, Kind::Other);
    let import = || plain(format!("import {}", squeezed(&node.text())), "the imports".to_owned(), Kind::Import);
    let container = |key: String, name: String, body: Option<SyntaxNode<'_>>| {
        let mut item = plain(key, name, Kind::Container);
        if let Some(body) = body {
            item.members = items_in(language, &body, text);
            item.end_of_members = end_of_members(language, &body);
        }
        item
    };
    match (language, &*kind) {
        (Language::Rust, "use_declaration")
        | (Language::Go | Language::Java, "import_declaration")
        | (Language::Python, "import_statement" | "import_from_statement" | "future_import_statement")
        | (Language::TypeScript, "import_statement") => Some(import()),
        (Language::Rust, "function_item" | "function_signature_item")
        | (Language::Go, "function_declaration")
        | (Language::Python, "function_definition")
        | (
            Language::TypeScript,
            "function_declaration" | "method_definition" | "method_signature" | "abstract_method_signature",
        )
        | (Language::Java, "method_declaration" | "constructor_declaration" | "compact_constructor_declaration") => {
            named("name").map(function)
        }
        (Language::Rust, "struct_item" | "enum_item" | "union_item" | "type_item")
        | (Language::TypeScript, "interface_declaration" | "type_alias_declaration" | "enum_declaration") => {
            named("name").map(|name| other("type", name))
        }
        (Language::Rust, "const_item" | "static_item") | (Language::TypeScript, "public_field_definition") => {
            named("name").map(|name| other("value", name))
        }
        (Language::Rust, "trait_item" | "mod_item") => {
            named("name").map(|name| container(format!("{kind} {name}"), name, node.field("body")))
        }
        (Language::Rust, "impl_item") => {
            let of = named("type").map(|name| squeezed(&name))?;
            let name =
                named("trait").map_or_else(|| of.clone(), |of_trait| format!("{} for {of}", squeezed(&of_trait)));
            Some(container(format!("impl {name}"), format!("impl {name}"), node.field("body")))
        }
        (Language::Go, "method_declaration") => {
            let name = named("name")?;
            let receiver = named("receiver").unwrap_or_default();
            let of = receiver.trim_matches(['(', ')']).rsplit([' ', '*']).next().unwrap_or_default().to_owned();
            Some(plain(format!("fn {of}.{name}"), name, Kind::Function))
        }
        (Language::Go, "type_declaration" | "const_declaration" | "var_declaration") => {
            let names: Vec<String> = node
                .dfs()
                .filter(|inner| matches!(&*inner.kind(), "type_spec" | "type_alias" | "const_spec" | "var_spec"))
                .filter_map(|inner| inner.field("name").map(|name| name.text().into_owned()))
                .collect();
            let word = if kind == "type_declaration" { "type" } else { "value" };
            (!names.is_empty()).then(|| other(word, names.join(", ")))
        }
        (
            Language::Python | Language::TypeScript,
            "class_definition" | "class_declaration" | "abstract_class_declaration",
        ) => named("name").map(|name| container(format!("class {name}"), name, node.field("body"))),
        (Language::Python, "decorated_definition") => {
            let inner = node.field("definition")?;
            let mut item = item_of(language, &inner, text)?;
            item.whole = node.range();
            Some(item)
        }
        (Language::Python, "expression_statement") => {
            let left = node.children().next().filter(|inner| inner.kind() == "assignment")?.field("left")?;
            Some(other("value", left.text().into_owned()))
        }
        (Language::TypeScript, "export_statement") => {
            let mut item = item_of(language, &node.field("declaration")?, text)?;
            item.whole = node.range();
            item.core = node.range();
            Some(item)
        }
        (Language::TypeScript, "lexical_declaration" | "variable_declaration") => {
            let name = node.dfs().find(|inner| inner.kind() == "variable_declarator")?.field("name")?;
            Some(other("value", name.text().into_owned()))
        }
        (Language::TypeScript, "expression_statement") => registered_test(node, text),
        (Language::Java, "class_declaration" | "interface_declaration" | "record_declaration") => {
            let word = kind.trim_end_matches("_declaration");
            named("name").map(|name| container(format!("{word} {name}"), name, node.field("body")))
        }
        (Language::Java, "enum_declaration" | "annotation_type_declaration") => {
            named("name").map(|name| other("type", name))
        }
        (Language::Java, "field_declaration" | "constant_declaration") => {
            let name = node.field("declarator")?.field("name")?;
            Some(other("value", name.text().into_owned()))
        }
        _ => None,
    }
}

/// A call that registers tests: `test("adds", …)`, `describe("store", …)`.
fn registered_test(node: &SyntaxNode<'_>, text: &str) -> Option<Item> {
    let call = node.children().find(|inner| inner.kind() == "call_expression")?;
    let callee = call.field("function")?.text().into_owned();
    let arguments = call.field("arguments")?;
    let title = arguments.children().find(|inner| matches!(&*inner.kind(), "string" | "template_string"))?;
    let name = title.text().trim_matches(['"', '\'', '`']).to_owned();
    let word = callee.split('.').next().unwrap_or_default().to_owned();
    if !matches!(word.as_str(), "test" | "it" | "describe" | "suite") {
        return None;
    }
    let body = arguments.dfs().find(|inner| inner.kind() == "statement_block");
    let holds = matches!(word.as_str(), "describe" | "suite");
    let (members, end) = match body.filter(|_| holds) {
        Some(body) => (items_in(Language::TypeScript, &body, text), end_of_members(Language::TypeScript, &body)),
        None => (Vec::new(), node.range().end),
    };
    Some(Item {
        key: format!("{} {name}", if holds { "describe" } else { "test" }),
        name,
        kind: if holds { Kind::Container } else { Kind::Function },
        whole: node.range(),
        core: node.range(),
        members,
        end_of_members: end,
    })
}

/// Before the closing brace; in Python, after the last statement.
fn end_of_members(language: Language, body: &SyntaxNode<'_>) -> usize {
    match language {
        Language::Python => body.range().end,
        _ => body.range().end.saturating_sub(1),
    }
}

/// Text with each run of white space as one space, so that line breaks do not make another name.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(language: Language, text: &str) -> Vec<String> {
        fn walk(items: &[Item], prefix: &str, out: &mut Vec<String>) {
            for item in items {
                out.push(format!("{prefix}{}", item.key));
                walk(&item.members, &format!("{prefix}{} > ", item.key), out);
            }
        }
        let mut out = Vec::new();
        walk(&outline(language, text), "", &mut out);
        out
    }

    #[test]
    fn items_of_each_language_have_names() {
        let rust = "//! Doc.\n\nuse a::b;\n\n/// A.\n#[derive(Debug)]\npub struct A { x: u8 }\n\nimpl<T> Get<T> for A {\n    /// B.\n    fn b(&self) {}\n}\n\n#[test]\nfn c() {}\n";
        assert_eq!(
            keys(Language::Rust, rust),
            ["import use a::b;", "type A", "impl Get<T> for A", "impl Get<T> for A > fn b", "fn c"]
        );
        let go = "package a\n\nimport \"errors\"\n\n// A is.\ntype A struct{}\n\n// B does.\nfunc (a *A) B() {}\n\nfunc C() {}\n";
        assert_eq!(keys(Language::Go, go), ["import import \"errors\"", "type A", "fn A.B", "fn C"]);
        let python = "\"\"\"Doc.\"\"\"\n\nimport os\n\nMOST = 3\n\n\n@dataclass\nclass A:\n    x: int\n\n    @property\n    def b(self):\n        return 1\n\n\ndef c():\n    pass\n";
        assert_eq!(
            keys(Language::Python, python),
            ["import import os", "value MOST", "class A", "class A > value x", "class A > fn b", "fn c"]
        );
        let typescript = "import { a } from './a.js';\n\nexport class A {\n  b(): number { return 1; }\n}\n\nexport interface I { x: number }\n\ndescribe('s', () => {\n  // happy path: t\n  it('t', () => { f(); });\n});\n";
        assert_eq!(
            keys(Language::TypeScript, typescript),
            [
                "import import { a } from './a.js';",
                "class A",
                "class A > fn b",
                "type I",
                "describe s",
                "describe s > test t"
            ]
        );
    }

    #[test]
    fn items_of_java_have_names() {
        let java = "package a;\n\nimport java.util.List;\n\n/** A. */\npublic final class A {\n  private static final int MOST = 3;\n\n  A(int b) {}\n\n  /** B. */\n  @Override\n  public int b() {\n    return 1;\n  }\n\n  record C(int d) {\n    C {\n    }\n  }\n}\n\ninterface I {\n  int e();\n}\n\nenum F { G }\n";
        assert_eq!(
            keys(Language::Java, java),
            [
                "import import java.util.List;",
                "class A",
                "class A > value MOST",
                "class A > fn A",
                "class A > fn b",
                "class A > record C",
                "class A > record C > fn C",
                "interface I",
                "interface I > fn e",
                "type F"
            ]
        );
    }

    #[test]
    fn comments_and_attributes_belong_to_what_follows() {
        let text = "//! File.\n\n// Apart.\n\n/// Doc.\n#[test]\nfn a() {}\n";
        let items = outline(Language::Rust, text);
        assert_eq!(
            items.iter().map(|item| text.get(item.whole.clone()).unwrap()).collect::<Vec<_>>(),
            ["/// Doc.\n#[test]\nfn a() {}"]
        );
    }

    #[test]
    fn lines_lead_to_the_innermost_item() {
        let text = "struct A;\n\nimpl A {\n    fn b() {\n        c();\n    }\n}\n";
        let found = items_at(Language::Rust, text, &[5, 3, 4]);
        let found: Vec<(&str, &[usize])> =
            found.iter().map(|(item, lines)| (item.name.as_str(), lines.as_slice())).collect();
        assert_eq!(found, [("b", &[5, 4][..]), ("impl A", &[3][..])]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,120}", line in 0_usize..9) {
            for language in Language::ALL {
                let _ = items_at(language, &text, &[line]);
            }
        }
    }
}
