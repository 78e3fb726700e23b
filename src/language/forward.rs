//! Names of a Python class in annotations that are read before the class is there: in its own body, and above it.

use std::ops::Range;

use ast_grep_core::tree_sitter::LanguageExt as _;

use super::Language;
use super::outline::{Kind, all_items};
use crate::text::places_of;

/// The text with a name in quotation marks wherever the line, from 1, has it as an annotation or a part of one. None where the text
/// declares no class of the name, or the line has it elsewhere too, or in a union, which takes no string at run time.
pub fn with_quoted_annotation(text: &str, name: &str, line: usize) -> Option<String> {
    let items = all_items(Language::Python, text);
    if !items.iter().any(|item| item.kind == Kind::Container && item.name == name) {
        return None;
    }
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let own = text.get(start..)?.lines().next()?;
    let root = Language::Python.grammar().ast_grep(text);
    let of_kind = |kind: &str| -> Vec<Range<usize>> {
        root.root().dfs().filter(|node| node.kind() == kind).map(|node| node.range()).collect()
    };
    let (types, strings) = (of_kind("type"), of_kind("string"));
    let mut places: Vec<usize> = places_of(own, name).map(|at| start + at).collect();
    places.retain(|at| !strings.iter().any(|string| string.contains(at)));
    let is_union = |part: &Range<usize>| text.get(part.clone()).is_some_and(|text| text.contains('|'));
    let fits = |at: &usize| {
        let mut around = types.iter().filter(|part| part.contains(at)).peekable();
        around.peek().is_some() && !around.any(is_union)
    };
    if places.is_empty() || !places.iter().all(fits) {
        return None;
    }
    let mut quoted = text.to_owned();
    for at in places.into_iter().rev() {
        quoted.replace_range(at..at + name.len(), &format!("\"{name}\""));
    }
    Some(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_before_its_class_is_quoted() {
        let text =
            "class A:\n    def both(self, other: A) -> Iterator[A]:\n        return A()\n\n    b: list[\"A\"] | A\n";
        assert_eq!(
            with_quoted_annotation(text, "A", 2),
            Some(text.replace("other: A)", "other: \"A\")").replace("Iterator[A]", "Iterator[\"A\"]"))
        );
        assert_eq!(with_quoted_annotation(text, "A", 3), None, "no annotation");
        assert_eq!(with_quoted_annotation(text, "A", 5), None, "a string is no part of a union at run time");
        assert_eq!(with_quoted_annotation(text, "B", 2), None);
        let values = "KINDS = {\n    \"a\": A,\n}\nfirst = registry[A]\n\n\nclass A:\n    pass\n";
        assert_eq!((with_quoted_annotation(values, "A", 2), with_quoted_annotation(values, "A", 4)), (None, None));
        assert_eq!(with_quoted_annotation(text, "A", 0), None);
    }
}
