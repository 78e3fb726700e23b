//! What a function lacks and its neighbours have: the line that makes a local value.
//!
//! Of several tests that begin alike, one may leave out the line that the others begin with.

use std::collections::BTreeMap;

use super::Language;
use super::outline::{Item, Kind, all_items};

/// The text with the line before `line`, from 1, by which most other functions declare the local `name`. None when no other
/// function declares it in one line, or the one at `line` does.
pub fn declared_as_elsewhere(language: Language, text: &str, name: &str, line: usize) -> Option<String> {
    let functions: Vec<Item> =
        all_items(language, text).into_iter().filter(|item| item.kind == Kind::Function).collect();
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let inside = functions.iter().filter(|item| item.whole.contains(&start)).min_by_key(|item| item.whole.len())?;
    let declarations = |item: &Item| {
        let own = text.get(item.core.clone()).unwrap_or_default();
        own.lines().skip(1).map(str::trim).filter(|line| declares(language, line, name)).collect::<Vec<_>>()
    };
    if !declarations(inside).is_empty() {
        return None;
    }
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for item in functions.iter().filter(|item| item.whole != inside.whole) {
        for line in declarations(item) {
            *found.entry(line).or_default() += 1;
        }
    }
    let (most, _) = found.into_iter().max_by_key(|(_, count)| *count)?;
    let here = text.get(start..)?;
    let indent = here.get(..here.len() - here.trim_start_matches([' ', '\t']).len())?;
    Some(format!("{}{indent}{most}\n{here}", text.get(..start)?))
}

/// Whether a line is a whole statement that declares a local of this name.
fn declares(language: Language, line: &str, name: &str) -> bool {
    let (keywords, ends): (&[&str], &str) = match language {
        Language::Rust => (&["let mut ", "let "], ";"),
        Language::Python | Language::Go => (&[""], ""),
        Language::TypeScript => (&["const ", "let "], ""),
        Language::Java => (&["var ", "final var "], ";"),
    };
    let rest = keywords.iter().find_map(|keyword| line.strip_prefix(keyword)?.strip_prefix(name));
    let Some(rest) = rest.filter(|_| line.ends_with(ends) && !line.ends_with(['(', '[', '{', ',', '\\'])) else {
        return false;
    };
    if language == Language::Go {
        let (names, _) = rest.split_once(":=").unwrap_or_default();
        return rest.contains(":=") && (names.trim().is_empty() || names.starts_with(','));
    }
    let typed = rest.strip_prefix(':').and_then(|rest| rest.split_once(" = ").map(|(_, value)| value));
    typed.or_else(|| rest.strip_prefix(" = ")).is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_most_neighbours_have_is_added() {
        let body = |lines: &str| format!("    config = Config()\n{lines}    notifier.send(\"a\")\n");
        let line = "    notifier = create(config)\n";
        let function = |name: &str, lines: &str| format!("def test_{name}():\n{}\n\n", body(lines));
        let other = "    notifier = create(Config(1))\n";
        let start = [function("a", line), function("b", other), function("c", line)].concat();
        let text = start.clone() + &function("d", "");
        let at = text.lines().count() - 2;
        let with = start + &function("d", line);
        assert_eq!(declared_as_elsewhere(Language::Python, &text, "notifier", at).as_deref(), Some(with.as_str()));
        assert_eq!(declared_as_elsewhere(Language::Python, &text, "sender", at), None);
        assert_eq!(declared_as_elsewhere(Language::Python, &with, "notifier", at + 1), None);
    }

    #[test]
    fn each_language_declares_in_its_way() {
        for (language, line, declared) in [
            (Language::Rust, "let notifier = create(config).unwrap();", true),
            (Language::Rust, "let mut notifier: Notifier = create(", false),
            (Language::Go, "notifier := create()", true),
            (Language::Go, "notifier, err := create()", true),
            (Language::Go, "notifier = create()", false),
            (Language::Python, "notifier: Notifier = create()", true),
            (Language::Python, "notifier == create()", false),
            (Language::Python, "notifiers = create()", false),
            (Language::TypeScript, "const notifier = create();", true),
            (Language::TypeScript, "const notifier = create({", false),
            (Language::Java, "var notifier = create();", true),
        ] {
            assert_eq!(declares(language, line, "notifier"), declared, "{line}");
        }
    }
}
