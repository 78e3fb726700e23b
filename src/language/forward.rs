//! Names of a Python class in annotations that are read before the class is there: in its own body, and above it.

use super::Language;
use super::outline::{Kind, all_items};

/// The text with a name in quotation marks wherever the line, from 1, has it as an annotation or a part of one. None where the text
/// declares no class of the name, or the line has it elsewhere too.
pub fn with_quoted_annotation(text: &str, name: &str, line: usize) -> Option<String> {
    let is_class =
        all_items(Language::Python, text).into_iter().any(|item| item.kind == Kind::Container && item.name == name);
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let own = text.get(start..)?.lines().next()?;
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut quoted, mut rest, mut places) = (String::new(), own, 0);
    while let Some(at) = rest.find(name) {
        let (before, from) = rest.split_at(at);
        let after = from.get(name.len()..)?;
        quoted.push_str(before);
        let is_word = !before.ends_with(part) && !after.starts_with(part);
        let is_annotation =
            before.trim_end().ends_with([':', '>', '[']) && after.starts_with([']', ':', ')', ',', '\n']);
        let ends = after.is_empty();
        if is_word && !before.ends_with(['"', '\'']) {
            if !is_annotation && !(ends && before.trim_end().ends_with([':', '>'])) {
                return None;
            }
            quoted.push_str(&format!("\"{name}\""));
            places += 1;
        } else {
            quoted.push_str(name);
        }
        rest = after;
    }
    quoted.push_str(rest);
    let whole = || Some(format!("{}{quoted}{}", text.get(..start)?, text.get(start + own.len()..)?));
    if is_class && places > 0 { whole() } else { None }
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
        assert_eq!(with_quoted_annotation(text, "A", 0), None);
    }
}
