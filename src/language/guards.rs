//! Guards: statements of a function that do nothing but refuse, such as `if self.paid: raise …`.

use std::ops::Range;

use ast_grep_core::tree_sitter::LanguageExt as _;

use super::Language;
use super::cut::cut_out;
use super::syntax::{SyntaxNode, is_function, statements_of};
use crate::name;

/// The text without one guard of the function that stands in a part of it, for each guard, with the first line of that.
pub fn without_guards(language: Language, text: &str, part: &Range<usize>) -> Vec<(String, String)> {
    let root = language.grammar().ast_grep(text);
    let inside = |node: &SyntaxNode<'_>| part.start <= node.range().start && node.range().end <= part.end;
    let root = root.root();
    let function = root.dfs().find(|node| inside(node) && is_function(language, &node.kind()));
    let Some(body) = function.and_then(|function| function.field("body")) else { return Vec::new() };
    let statements = statements_of(&body);
    // A body that would be empty is none in every language.
    if statements.len() < 2 {
        return Vec::new();
    }
    let guards = statements.iter().filter(|statement| is_guard(language, statement));
    guards
        .map(|guard| {
            let first = guard.text().lines().next().unwrap_or_default().trim().to_owned();
            (first, cut_out(text, &guard.range()))
        })
        .collect()
}

/// Words of calls that change something, or refuse by themselves: an `if` that asks them does more than to ask.
const ACTS: [&str; 12] =
    ["add", "append", "delete", "find", "get", "insert", "pop", "push", "put", "remove", "set", "take"];

/// Whether a statement is an `if` without an `else` that asks, does nothing by asking, and has one statement in it, which refuses. What hands
/// on the error of a call is no guard of its own.
fn is_guard(language: Language, statement: &SyntaxNode<'_>) -> bool {
    let inner = (statement.kind() == "expression_statement").then(|| statement.child(0)).flatten();
    let choice = inner.as_ref().unwrap_or(statement);
    if !matches!(choice.kind().as_ref(), "if_statement" | "if_expression") || choice.field("initializer").is_some() {
        return false;
    }
    let (Some(condition), Some(then)) = (choice.field("condition"), choice.field("consequence")) else { return false };
    let has_else =
        choice.field("alternative").is_some() || choice.children().any(|child| child.kind().contains("else"));
    let asked = condition.text();
    let acts = condition.kind().contains("let_") || asked.contains("err != nil") || calls(&asked).any(acts);
    let inside: Vec<_> = statements_of(&then).into_iter().filter(|node| !node.kind().contains("comment")).collect();
    !has_else && !acts && inside.len() == 1 && inside.iter().all(|node| refuses(language, &node.text()))
}

/// The names that a text calls.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.split('(').map(|before| {
        before.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default()
    })
}

fn acts(called: &str) -> bool {
    name::snake(called).split('_').any(|word| ACTS.contains(&word))
}

/// Whether a statement raises an error, or returns one where errors are values.
fn refuses(language: Language, statement: &str) -> bool {
    let error = |text: &str| {
        let mut names = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        names.any(|name| name.starts_with("Err") || name.ends_with("Error") || name == "Errorf")
            || text.contains("errors.New")
    };
    match language {
        Language::Python => statement.starts_with("raise "),
        Language::TypeScript | Language::Java => statement.starts_with("throw "),
        Language::Go | Language::Rust => statement.strip_prefix("return ").is_some_and(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::outline::all_items;

    fn guards(language: Language, text: &str) -> Vec<String> {
        let items = all_items(language, text);
        let without = without_guards(language, text, &items.last().unwrap().whole);
        assert!(without.iter().all(|(guard, without)| text.contains(guard) && !without.contains(guard)));
        without.into_iter().map(|(guard, _)| guard).collect()
    }

    #[test]
    fn guards_refuse_and_do_nothing_else() {
        let python = "class Order:\n    def check(self):\n        if not self.name:\n            raise E(1)\n        if self.paid:\n            self.log()\n            raise E(2)\n        if self.open:\n            raise E(3)\n        else:\n            self.close()\n        return None\n";
        assert_eq!(guards(Language::Python, python), ["if not self.name:"]);
        let go = "package a\n\nfunc check(o Order) error {\n\tif err := o.Check(); err != nil {\n\t\treturn err\n\t}\n\tif o.Paid {\n\t\treturn ErrPaid\n\t}\n\treturn nil\n}\n";
        assert_eq!(guards(Language::Go, go), ["if o.Paid {"]);
        let rust = "fn check(o: &Order) -> Result<(), E> {\n    if o.paid {\n        return Err(E::Paid);\n    }\n    Ok(())\n}\n";
        assert_eq!(guards(Language::Rust, rust), ["if o.paid {"]);
        let typescript =
            "function check(o: Order): void {\n  if (o.paid) {\n    throw new PaidError(o.id);\n  }\n  keep(o);\n}\n";
        assert_eq!(guards(Language::TypeScript, typescript), ["if (o.paid) {"]);
        let java = "class A {\n    void check(Order o) {\n        if (o.paid()) {\n            throw new PaidException(o.id());\n        }\n        keep(o);\n    }\n}\n";
        assert_eq!(guards(Language::Java, java), ["if (o.paid()) {"]);
    }

    #[test]
    fn what_does_more_than_to_refuse_is_no_guard() {
        let python = "class Order:\n    def check(self):\n        if self.key in self.known:\n            return self.known[self.key]\n        if self.get(1).paid:\n            raise E(1)\n        if self.paid:\n            # It is final.\n            raise E(2)\n        return None\n";
        assert_eq!(guards(Language::Python, python), ["if self.paid:"], "a comment is no statement");
        let go = "package a\n\nfunc check(o Order) error {\n\tif o.Free {\n\t\treturn nil\n\t}\n\treturn keep(o)\n}\n";
        assert_eq!(guards(Language::Go, go), [""; 0]);
        let rust = "fn check(o: &Order) -> Result<(), E> {\n    if let Err(error) = o.validate() {\n        return Err(error);\n    }\n    if !o.ids.insert(1) {\n        return Err(E::Taken);\n    }\n    Ok(())\n}\n";
        assert_eq!(guards(Language::Rust, rust), [""; 0]);
        let typescript = "function check(o: Order): void {\n  if (!items.delete(o.id)) {\n    throw new GoneError(o.id);\n  }\n  keep(o);\n}\n";
        assert_eq!(guards(Language::TypeScript, typescript), [""; 0]);
    }

    #[test]
    fn what_is_taken_out_leaves_the_rest_as_it_was() {
        let text = "def check(o):\n    if o.paid:\n        raise E(2)\n    keep(o)\n";
        let without = without_guards(Language::Python, text, &(0..text.len()));
        assert_eq!(without, [("if o.paid:".to_owned(), "def check(o):\n    keep(o)\n".to_owned())]);
        assert_eq!(
            without_guards(Language::Python, "def check(o):\n    if o.paid:\n        raise E(2)\n", &(0..50)),
            []
        );
    }
}
