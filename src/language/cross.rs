//! Crossing: a function with one statement of another version of it, in the place of its own or beside it. Of two versions that are
//! each wrong in one place, one of the crossings may be right.

use std::ops::Range;

use ast_grep_core::tree_sitter::LanguageExt as _;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Language;
use super::syntax::{SyntaxNode, is_function, statements_of};

/// The text `one` with each difference of the function body in `other` by itself, when there are several; `at` and `there` are
/// where the function stands in each.
pub fn crossings(language: Language, one: &str, at: &Range<usize>, other: &str, there: &Range<usize>) -> Vec<String> {
    let (own, theirs) = (statements(language, one, at), statements(language, other, there));
    let text = |text: &str, statements: &[Range<usize>]| -> Vec<String> {
        statements.iter().map(|range| text.get(range.clone()).unwrap_or_default().to_owned()).collect()
    };
    let (old, new) = (text(one, &own), text(other, &theirs));
    // Nothing of a body comes after what leaves it.
    let is_reached = |(out, put): &(Range<usize>, Range<usize>)| {
        let parts = [old.get(..out.start), new.get(put.clone()), old.get(out.end..)];
        let mut body = parts.into_iter().flatten().flatten();
        body.find(|statement| leaves(statement)).is_none() || body.next().is_none()
    };
    let mut parts: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match op {
            DiffOp::Replace { old_index, old_len, new_index, new_len } if old_len == new_len => {
                let old = |step: usize| old_index + step..old_index + step + 1;
                let new = |step: usize| new_index + step..new_index + step + 1;
                parts.extend((0..old_len).map(|step| (old(step), new(step))));
                // It may also be an addition, and what stood there was forgotten.
                parts.extend((0..old_len).map(|step| (old_index + step..old_index + step, new(step))));
            }
            // Which took whose place is not known.
            DiffOp::Replace { old_index, new_index, new_len, .. } => {
                parts.push((op.old_range(), op.new_range()));
                parts.extend((new_index..new_index + new_len).map(|new| (old_index..old_index, new..new + 1)));
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } => {
                parts.push((op.old_range(), op.new_range()));
            }
            DiffOp::Equal { .. } => {}
        }
    }
    // A single difference is the other version itself.
    if parts.len() < 2 {
        return Vec::new();
    }
    let crossed = parts.into_iter().filter(is_reached).filter_map(|(old, new)| {
        let start = own.get(old.start).map_or_else(|| own.last().map(|last| last.end), |first| Some(first.start))?;
        let end = if old.is_empty() { start } else { own.get(old.end - 1)?.end };
        let part = match (theirs.get(new.start), new.end.checked_sub(1).and_then(|last| theirs.get(last))) {
            (Some(first), Some(last)) if !new.is_empty() => other.get(first.start..last.end)?,
            _ => "",
        };
        // What is inserted stands on lines of its own.
        let line = one.get(..start)?.rsplit('\n').next()?;
        let indent = line.get(..line.len() - line.trim_start().len())?;
        let part = match (old.is_empty(), old.start < own.len()) {
            (true, true) => format!("{part}\n{indent}"),
            (true, false) => format!("\n{indent}{part}"),
            (false, _) => part.to_owned(),
        };
        Some(format!("{}{part}{}", one.get(..start)?, one.get(end..)?))
    });
    crossed.collect()
}

/// Whether nothing that follows a statement in its block is ever reached.
fn leaves(statement: &str) -> bool {
    let word = statement.split(|letter: char| !letter.is_alphanumeric()).next();
    matches!(word, Some("return" | "raise" | "throw"))
}

/// The statements of the body of the function that stands in this part of a text.
fn statements(language: Language, text: &str, part: &Range<usize>) -> Vec<Range<usize>> {
    let root = language.grammar().ast_grep(text);
    let inside = |node: &SyntaxNode<'_>| part.start <= node.range().start && node.range().end <= part.end;
    let function = root.root().dfs().find(|node| inside(node) && is_function(language, &node.kind()));
    let body = function.and_then(|function| function.field("body"));
    let each = body.map(|body| statements_of(&body)).unwrap_or_default();
    each.into_iter().map(|statement| statement.range()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::outline::all_items;

    fn crossed(language: Language, one: &str, other: &str) -> Vec<String> {
        let (at, there) = (all_items(language, one), all_items(language, other));
        let (at, there) = (at.last().unwrap(), there.last().unwrap());
        crossings(language, one, &at.whole, other, &there.whole)
    }

    #[test]
    fn each_statement_of_the_other_version_is_tried_alone() {
        let one = "class A:\n    def check(self):\n        if not self.name.strip():\n            raise E(1)\n        if not self.email:\n            raise E(2)\n        return None\n";
        let other = one.replace(".strip()", "").replace("not self.email", "\"@\" not in self.email");
        let crossed = crossed(Language::Python, one, &other);
        let taken = [one.replace(".strip()", ""), one.replace("not self.email", "\"@\" not in self.email")];
        assert_eq!(crossed.get(..2), Some(&taken[..]));
        let beside = one.replace(
            "        if not self.email:",
            "        if \"@\" not in self.email:\n            raise E(2)\n        if not self.email:",
        );
        assert_eq!((crossed.len(), crossed.last()), (4, Some(&beside)));
    }

    #[test]
    fn statements_come_and_go_one_at_a_time() {
        let one = "fn a() {\n    b();\n    c();\n}\n";
        let other = "fn a() {\n    x();\n    b();\n    c();\n    y();\n}\n";
        assert_eq!(
            crossed(Language::Rust, one, other),
            [one.replace("b();", "x();\n    b();"), one.replace("c();", "c();\n    y();")]
        );
        let fewer = "fn a() {\n    z();\n    c();\n    y();\n}\n";
        assert_eq!(
            crossed(Language::Rust, one, fewer),
            [one.replace("b();", "z();"), one.replace("b();", "z();\n    b();"), one.replace("c();", "c();\n    y();")]
        );
    }

    #[test]
    fn what_is_new_beside_a_change_is_tried_as_an_addition() {
        let one = "fn a() {\n    b();\n}\n";
        let other = "fn a() {\n    x();\n    y();\n}\n";
        let added = |line: &str| one.replace("b();", &format!("{line}\n    b();"));
        assert_eq!(
            crossed(Language::Rust, one, other),
            [one.replace("b();", "x();\n    y();"), added("x();"), added("y();")]
        );
    }

    #[test]
    fn statements_of_go_are_told_apart() {
        let one = "package a\n\nfunc a() {\n\tb()\n\tc()\n}\n";
        let other = one.replace("b()", "x()").replace("c()", "y()");
        let crossed = crossed(Language::Go, one, &other);
        assert_eq!(crossed.get(..2), Some(&[one.replace("b()", "x()"), one.replace("c()", "y()")][..]));
    }

    #[test]
    fn nothing_is_left_that_is_never_reached() {
        let one = "def a(self):\n    found = b()\n    return sorted(found)\n";
        let other = "def a(self):\n    found = c()\n    return sorted(b(), reverse=True)\n";
        let changed = [one.replace("b()", "c()"), one.replace("sorted(found)", "sorted(b(), reverse=True)")];
        let beside = one.replace("    found = b()", "    found = c()\n    found = b()");
        assert_eq!(crossed(Language::Python, one, other), [changed[0].clone(), changed[1].clone(), beside]);
    }

    #[test]
    fn one_difference_is_no_crossing() {
        let one = "function a() {\n  b();\n  c();\n}\n";
        assert_eq!(crossed(Language::TypeScript, one, &one.replace("  b();\n", "")), Vec::<String>::new());
        let beside = one.replace("b();", "d();\n  b();");
        assert_eq!(crossed(Language::TypeScript, one, &one.replace("b()", "d()")).last(), Some(&beside));
    }
}
