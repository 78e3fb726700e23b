//! Specs out of commands: a new one, or one with a wish added.

use std::fmt::Write as _;

use super::Wanted;
use crate::diagnostic::SourceText;
use crate::language::Language;
use crate::name;
use crate::path::RepoPath;
use crate::pattern::Pattern;
use crate::spec::{self, FOLDER, Spec, SpecId};

/// Where the spec of a command stands. It is made of the words of names alone.
pub fn path_of(wanted: &Wanted) -> Option<RepoPath> {
    let text = format!("{FOLDER}/{}-{}.yaml", name::kebab(&wanted.name), name::kebab(&wanted.pattern.name));
    RepoPath::parse(&text).ok()
}

/// The text of a spec. Values stand in double quotes as JSON writes them, which YAML reads as the same text.
pub fn render(wanted: &Wanted, pattern: &Pattern, language: Language, asked_by: &str) -> String {
    let mut out = format!("# Asked for by {} in a comment.\n", login(asked_by));
    let _ = writeln!(out, "name: {}", quoted(&wanted.name));
    let description = wanted
        .description
        .clone()
        .unwrap_or_else(|| format!("{}, as the pattern {} has it: {}", wanted.name, pattern.name, pattern.summary));
    let _ = writeln!(out, "description: |");
    for line in description.lines() {
        let _ = writeln!(out, "{}", if line.is_empty() { String::new() } else { format!("  {line}") });
    }
    // A description whose first line is indented needs to say where it begins.
    if description.starts_with(' ') {
        out = out.replacen("description: |\n", "description: |2\n", 1);
    }
    let _ = writeln!(out, "pattern: {}", quoted(&reference(wanted, pattern)));
    let _ = writeln!(out, "language: {}", language.id());
    if !wanted.facts.is_empty() {
        let _ = writeln!(out, "context:");
        for (key, value) in &wanted.facts {
            let _ = writeln!(out, "  {}: {}", quoted(key), quoted(value));
        }
    }
    out
}

fn reference(wanted: &Wanted, pattern: &Pattern) -> String {
    if wanted.pattern.version.is_some() { pattern.reference() } else { pattern.name.clone() }
}

fn login(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '[' | ']')).collect()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A spec with one rule more: the wish. Comments and order of the file stay where the file allows to add a rule at its end;
/// otherwise `None`.
pub fn with_wish(spec: &Spec, wish: &str) -> Option<String> {
    let text = &spec.source.text;
    let rule = quoted(&wish.split_whitespace().collect::<Vec<_>>().join(" "));
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let lines: Vec<&str> = text.lines().collect();
    let revised = match lines.iter().position(|line| line.starts_with("rules:")) {
        None => format!("{text}{end}rules:\n  - {rule}\n"),
        Some(at) => {
            let items = lines
                .iter()
                .skip(at + 1)
                .take_while(|line| line.trim().is_empty() || line.starts_with([' ', '-', '#']));
            let last = at + items.count();
            let first = lines.get(at + 1).copied().unwrap_or_default();
            let indent = first.len() - first.trim_start().len();
            if lines.get(at)?.trim() != "rules:" || !first.trim_start().starts_with("- ") {
                // A list in brackets: the rule goes in front of the last one.
                let line = lines.get(at)?.trim_end();
                let inside = line.strip_suffix(']')?;
                let comma = if inside.trim_end().ends_with('[') { "" } else { ", " };
                replace_line(&lines, at, &format!("{inside}{comma}{rule}]"))
            } else {
                let mut all: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
                all.insert(last + 1, format!("{}- {rule}", " ".repeat(indent)));
                all.join("\n") + "\n"
            }
        }
    };
    let again =
        spec::parse(SpecId::from_argument(spec.id.as_str()), &SourceText::new(&spec.source.path, revised.as_str()))
            .ok()?;
    let kept = again.rules.len() == spec.rules.len() + 1
        && again.description == spec.description
        && again.name.value == spec.name.value;
    kept.then_some(revised)
}

fn replace_line(lines: &[&str], at: usize, with: &str) -> String {
    let all: Vec<&str> = lines.iter().enumerate().map(|(index, line)| if index == at { with } else { *line }).collect();
    all.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::{Command, Said, parse};
    use super::*;
    use crate::pattern::Library;

    fn spec_of(comment: &str) -> Spec {
        let Said::Command(Command::Create(wanted)) = parse(comment) else { panic!("{comment:?}") };
        let (library, _) = Library::new(Vec::new());
        let pattern = library.find(&wanted.pattern).unwrap();
        let path = path_of(&wanted).unwrap();
        let text = render(&wanted, pattern, Language::Rust, "maria<script>");
        assert!(text.starts_with("# Asked for by mariascript in a comment.\n"));
        spec::parse(SpecId::of_file(&path).unwrap(), &SourceText::new(path.as_str(), text.as_str()))
            .unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn a_command_becomes_a_spec_that_says_the_same() {
        let spec = spec_of(
            "/codegen repository OrderLine storage=\"a: b # c {x}\" note='1'\n\n    indented\nfiles: { code: ../../x }\n---\n# no comment\n*a &b !c {{ d }}",
        );
        assert_eq!((spec.id.as_str(), spec.name.value.as_str()), ("order-line-repository", "OrderLine"));
        assert_eq!(
            spec.context,
            [("storage".to_owned(), "a: b # c {x}".to_owned()), ("note".to_owned(), "'1'".to_owned())]
        );
        assert_eq!(spec.description, "indented\nfiles: { code: ../../x }\n---\n# no comment\n*a &b !c {{ d }}");
        assert!(spec.files.code.is_empty() && spec.rules.is_empty());
        let bare = spec_of("/codegen repository Order");
        assert!(bare.description.starts_with("Order, as the pattern repository has it: "), "{}", bare.description);
    }

    #[test]
    fn a_wish_becomes_a_rule() {
        let head = "# mine\nname: Order\ndescription: |\n  Stores.\n";
        for (tail, rules) in [
            ("", vec!["use a \"map\": # yes"]),
            ("rules:\n  - one\n  - two\npattern: repository\n", vec!["one", "two", "use a \"map\": # yes"]),
            ("rules: [one]\n", vec!["one", "use a \"map\": # yes"]),
            ("rules:\n- one", vec!["one", "use a \"map\": # yes"]),
        ] {
            let source = SourceText::new("s.yaml", format!("{head}{tail}"));
            let spec = spec::parse(SpecId::from_argument("s"), &source).unwrap();
            let text = with_wish(&spec, "use a \"map\":\n # yes").unwrap_or_else(|| panic!("{tail}"));
            assert!(text.starts_with(head), "{text}");
            let again = spec::parse(SpecId::from_argument("s"), &SourceText::new("s.yaml", text.as_str())).unwrap();
            assert_eq!(again.rules, rules);
        }
    }
}
