//! Members that a method names without what they belong to: `currency`, where `self.currency` was meant.

use super::Language;
use super::outline::{Item, Kind, all_items};
use crate::text::{has_word, places_of};

/// The text with a name of a line, from 1, as the member of that name of the class around it. None where the line is in no method, the
/// class has no such member, or the name is a keyword argument there, a member of something else or a part of a text.
pub fn with_receiver(language: Language, text: &str, name: &str, line: usize) -> Option<String> {
    let receiver = match language {
        Language::Python => "self",
        Language::TypeScript => "this",
        Language::Rust | Language::Go | Language::Java => return None,
    };
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let own = text.get(start..)?.lines().next()?;
    let items = all_items(language, text);
    let around = |kind: Kind| items.iter().rfind(move |item| item.kind == kind && item.whole.contains(&start));
    let (class, method) = (around(Kind::Container)?, around(Kind::Function)?);
    let (signature, _) = text.get(method.core.clone())?.split_once(')')?;
    let is_method = class.members.iter().any(|member| member.whole == method.whole);
    if !is_method || language == Language::Python && !has_word(signature, "self") || !has_member(text, class, name) {
        return None;
    }
    let fits = |at: &usize| {
        let (before, after) = (own.get(..*at).unwrap_or_default(), own.get(at + name.len()..).unwrap_or_default());
        let is_given = after.starts_with('=') && !after.starts_with("==");
        !before.ends_with(['.', '"', '\'', '`']) && !is_given && !after.starts_with(['"', '\''])
    };
    let places: Vec<usize> = places_of(own, name).filter(fits).collect();
    let mut mended = text.to_owned();
    for at in places.iter().rev() {
        mended.insert_str(start + at, &format!("{receiver}."));
    }
    (!places.is_empty()).then_some(mended)
}

/// Whether a class declares a member of this name in a line of its own.
fn has_member(text: &str, class: &Item, name: &str) -> bool {
    let lines = text.get(class.core.clone()).unwrap_or_default().lines().map(str::trim_start);
    let mut declared = lines.map(|line| line.trim_start_matches("private ").trim_start_matches("readonly "));
    declared.any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', '?'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_named_alone_gets_what_it_belongs_to() {
        let text = "class A:\n    kind: str\n\n    def check(self) -> None:\n        if kind not in KINDS or self.kind == kind:\n            raise Refused(kind=kind, of=\"kind\")\n\n    @staticmethod\n    def of(text):\n        return kind\n\n\ndef free():\n    return kind\n";
        let mended = |line: usize| {
            let text = with_receiver(Language::Python, text, "kind", line)?;
            text.lines().nth(line - 1).map(|line| line.trim().to_owned())
        };
        assert_eq!(mended(5).unwrap(), "if self.kind not in KINDS or self.kind == self.kind:");
        assert_eq!(mended(6).unwrap(), "raise Refused(kind=self.kind, of=\"kind\")");
        assert_eq!([mended(10), mended(14), mended(0)], [None, None, None], "no method, no class, no line");
        assert_eq!(with_receiver(Language::Python, text, "other", 5), None, "no member");
        let text = "class A {\n  private readonly kind: string = \"a\";\n\n  check(): boolean {\n    return kind === \"b\";\n  }\n}\n";
        let mended = with_receiver(Language::TypeScript, text, "kind", 5).unwrap();
        assert_eq!(mended, text.replace("return kind", "return this.kind"));
    }
}
