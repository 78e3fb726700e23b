//! Choices: lines of a function that say which of several kinds something is for, and the same with another kind.
//!
//! A spec lists its kinds: "`email`, `sms` and `console`", `"standard" or "gold"`, (card, transfer or cash). A small model that copies an example whose
//! first kind takes anything gives each check to the kind that stands in its place, and not to the one that it is for.

use super::listed;
use crate::name::snake;
use crate::text::{has_word, names_in, with_word};

/// A function with another kind in one of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// The line as it was, without its indentation.
    pub(super) was: String,
    /// The line as it is.
    pub(super) is: String,
    /// The function with it.
    pub(super) text: String,
}

/// A function of `code` with each comparison of one kind that the description lists made one of each other kind, and then with each two lines
/// for different kinds made lines for each other's.
pub(super) fn other_choices(description: &str, code: &str, function: &str) -> Vec<Choice> {
    let lists = listed::lists(description);
    let lines: Vec<&str> = function.split_inclusive('\n').collect();
    let named: Vec<(usize, &str, &Vec<String>, usize)> = lines
        .iter()
        .enumerate()
        .filter_map(|(number, line)| {
            let (token, list, kind) = only_kind(line, &lists)?;
            Some((number, token, list, kind))
        })
        .collect();
    let with = |changes: &[(usize, String)]| {
        let line = |(number, own): (usize, &&str)| {
            changes.iter().find(|(at, _)| *at == number).map_or_else(|| (*own).to_owned(), |(_, line)| line.clone())
        };
        lines.iter().enumerate().map(line).collect::<String>()
    };
    let changed = |(number, token, list, kind): &(usize, &str, &Vec<String>, usize), other: usize| {
        let name = named_so(code, token, list.get(*kind)?, list.get(other)?)?;
        Some((*number, with_word(lines.get(*number)?, token, &name)))
    };
    let choice = |changes: Vec<(usize, String)>| {
        let (at, line) = changes.first()?;
        let was = lines.get(*at)?.trim().to_owned();
        Some(Choice { was, is: line.trim().to_owned(), text: with(&changes) })
    };
    let compares = |line: &str| ["==", ".equals(", " is "].iter().any(|sign| line.contains(sign));
    let single = named.iter().filter(|(number, ..)| lines.get(*number).is_some_and(|line| compares(line))).flat_map(
        |own @ (_, _, list, kind)| (0..list.len()).filter(move |other| other != kind).map(move |other| (own, other)),
    );
    let mut found: Vec<Choice> = single.filter_map(|(own, other)| choice(vec![changed(own, other)?])).collect();
    for (at, one) in named.iter().enumerate() {
        for two in named.iter().skip(at + 1).filter(|two| two.2 == one.2 && two.3 != one.3) {
            let both = changed(one, two.3).zip(changed(two, one.3));
            found.extend(both.and_then(|(one, two)| choice(vec![one, two])));
        }
    }
    found
}

/// The only name of a kind in a line, the list that has it, and which of it it is. None where there are more.
fn only_kind<'l, 's>(line: &'l str, lists: &'s [Vec<String>]) -> Option<(&'l str, &'s Vec<String>, usize)> {
    let mut found = names_in(line).flat_map(|name| {
        lists.iter().filter_map(move |list| Some((name, list, list.iter().position(|kind| is_named(name, kind))?)))
    });
    let first = found.next()?;
    found.all(|other| other.0 == first.0).then_some(first)
}

/// Whether a name is that of a kind, or ends with it: `sms`, `SMS`, `KindSMS`.
fn is_named(name: &str, kind: &str) -> bool {
    let (name, kind) = (snake(name), snake(kind));
    name == kind || name.strip_suffix(&kind).is_some_and(|before| before.ends_with('_'))
}

/// How `code` names the other kind where it names one so.
fn named_so(code: &str, name: &str, kind: &str, other: &str) -> Option<String> {
    let prefix = name.get(..name.len().checked_sub(kind.len())?)?;
    let meant = format!("{prefix}{other}");
    if has_word(code, &meant) {
        return Some(meant);
    }
    let style = |word: &&str| {
        word.eq_ignore_ascii_case(&meant)
            && word.chars().next().map(char::is_uppercase) == name.chars().next().map(char::is_uppercase)
    };
    names_in(code).find(style).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "One of three kinds, `email`, `sms` and `console`. The tier is \"standard\" or \"gold\", the method (card, transfer or cash).";

    fn lines(code: &str, function: &str) -> Vec<String> {
        other_choices(SAID, code, function).into_iter().map(|choice| choice.is).collect()
    }

    #[test]
    fn a_comparison_with_one_kind_is_made_one_with_each_other() {
        let function = "function check() {\n  if (kind === \"sms\" && !at) {\n    throw 1;\n  }\n  return kind;\n}\n";
        let code = "type Kind = \"email\" | \"sms\" | \"console\";";
        assert_eq!(lines(code, function), ["if (kind === \"email\" && !at) {", "if (kind === \"console\" && !at) {"]);
        let go = "func check() {\n\tif kind == KindSMS && !at {\n\t}\n}\n";
        assert_eq!(
            lines("KindEmail KindSMS KindConsole", go),
            ["if kind == KindEmail && !at {", "if kind == KindConsole && !at {"]
        );
        assert_eq!(lines("KindSMS", go), Vec::<String>::new(), "the code names no other");
        let first = other_choices(SAID, code, function).remove(0);
        assert_eq!(
            (first.was.as_str(), first.text),
            ("if (kind === \"sms\" && !at) {", function.replace("sms", "email"))
        );
    }

    #[test]
    fn lines_for_two_kinds_are_made_lines_for_each_other() {
        let arms = "match kind {\n    Kind::Card => true,\n    Kind::Cash => text.contains(' '),\n}\n";
        let choices = other_choices(SAID, "Card Transfer Cash", arms);
        assert_eq!(choices.len(), 1);
        assert_eq!(
            choices[0].text,
            "match kind {\n    Kind::Cash => true,\n    Kind::Card => text.contains(' '),\n}\n"
        );
    }

    #[test]
    fn what_names_no_kind_or_several_has_no_choice() {
        for function in ["if tier == \"standard\" or tier == \"gold\":\n", "if a == \"b\":\n", "email = 1\n", ""] {
            assert_eq!(other_choices(SAID, "email sms console standard gold", function), [], "{function}");
        }
        assert_eq!(other_choices("No list.", "email sms", "if kind == \"sms\":\n"), []);
    }
}
