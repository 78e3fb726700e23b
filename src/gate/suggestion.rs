//! Suggestions of the Rust compiler that only add something: `let mut`, a borrow, a call, a `use` line.

use super::findings::lines_of;

/// Lines as the compiler suggests them, where all that it does is to add something to the line: `let mut`, a borrow, a call.
pub(super) fn suggested_lines(path: &str, output: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut here = false;
    let mut help = false;
    let mut shown: Option<(usize, &str)> = None;
    for line in output.lines() {
        let trimmed = line.trim_start();
        if let Some(place) = trimmed.strip_prefix("--> ") {
            here = !lines_of(place, path).is_empty();
            help = false;
        } else if line.starts_with("help:") {
            help = !line.contains("import");
        } else if let Some((number, text)) = trimmed.split_once(" | ").filter(|_| help && here) {
            shown = number.trim().parse().ok().filter(|number| *number > 0).map(|number| (number, text));
        } else if let Some((number, text)) = shown.take()
            && trimmed
                .strip_prefix('|')
                .is_some_and(|marks| marks.contains('+') && marks.chars().all(|mark| matches!(mark, '+' | ' ')))
            && found.iter().all(|(known, _)| *known != number)
        {
            found.push((number, text.to_owned()));
        }
    }
    found
}

/// Whether a text is another one from which something was taken out.
pub(super) fn is_part(text: &str, whole: &str) -> bool {
    let mut letters = whole.chars();
    text.chars().all(|letter| letters.any(|other| other == letter))
}

/// The `use` lines that the compiler suggests where there is one candidate, or one of the standard library.
pub(super) fn suggested_uses(path: &str, output: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    let (mut here, mut in_help) = (false, false);
    for line in output.lines().chain(["help: end"]) {
        if let Some(place) = line.trim_start().strip_prefix("--> ") {
            // Places further down explain the first one.
            here |= !lines_of(place, path).is_empty();
        }
        if line.starts_with("help:") || line.starts_with("error") || line.starts_with("warning") {
            let standard = block.iter().filter(|line| line.starts_with("use std::"));
            let choice = match block.as_slice() {
                [one] => Some(*one),
                _ if standard.clone().count() == 1 => standard.clone().next().copied(),
                _ => None,
            };
            found.extend(choice.map(str::to_owned).filter(|line| !found.contains(line)));
            block.clear();
            here &= line.starts_with("help:");
            in_help = here && line.contains("import");
        } else if in_help
            && let Some((_, line)) = line.split_once("+ ")
            && line.starts_with("use ")
            && line.trim_end().ends_with(';')
        {
            block.push(line.trim_end());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_suggested_where_something_is_added() {
        let said = "error[E0594]: cannot assign to `b.d`\n --> tests/a.rs:3:5\n  |\nhelp: consider changing this to be mutable\n  |\n2 |     let mut b = c();\n  |         +++\n";
        assert_eq!(suggested_lines("tests/a.rs", said), [(2, "    let mut b = c();".to_owned())]);
        assert_eq!(suggested_lines("tests/a.rs", &said.replace("+++", "~~~")), [], "something is replaced");
        assert!(is_part("let b = c();", "let mut b = c();") && !is_part("let b = d();", "let mut b = c();"));
    }

    #[test]
    fn of_several_imports_the_one_of_the_standard_library_is_taken() {
        let said = |lines: &str| format!("error[E0433]: failed\n --> src/a.rs:1:1\nhelp: consider importing\n{lines}");
        let two = said("1 + use std::fmt;\n1 + use other::fmt;\n");
        assert_eq!(suggested_uses("src/a.rs", &two), ["use std::fmt;"]);
        assert!(suggested_uses("src/a.rs", &said("1 + use a::fmt;\n1 + use b::fmt;\n")).is_empty());
    }
}
