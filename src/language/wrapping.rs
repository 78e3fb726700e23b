//! Comments and docstrings of Python, wrapped to a width: formatters leave them as they are, and linters complain.

use super::cut::with_line;

/// The text with the comment or the docstring at a line wrapped to a width. Code is left to the formatter.
pub fn with_wrapped(text: &str, number: usize, most: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let line = lines.get(number.checked_sub(1)?)?;
    let indent: String = line.chars().take_while(|letter| *letter == ' ').collect();
    if let Some(comment) = line.trim_start().strip_prefix('#') {
        let wrapped = wrap(comment.trim(), most.checked_sub(indent.len() + 2)?);
        let wrapped: Vec<String> = wrapped.iter().map(|part| format!("{indent}# {part}")).collect();
        return Some(with_line(text, number, &wrapped.join("\n")));
    }
    // The docstring around the line.
    let is_mark = |line: &str| line.contains("\"\"\"");
    let first = (0..number).rev().find(|at| lines.get(*at).is_some_and(|line| is_mark(line)))?;
    let opening = lines.get(first)?;
    let begun = opening.trim_start().strip_prefix("\"\"\"")?;
    let last = if begun.contains("\"\"\"") {
        first
    } else {
        (first + 1..lines.len()).find(|at| lines.get(*at).is_some_and(|line| is_mark(line)))?
    };
    if last + 1 < number {
        return None;
    }
    let indent: String = opening.chars().take_while(|letter| *letter == ' ').collect();
    let inner = lines.get(first..=last)?.join("\n");
    let inner = inner.trim().trim_start_matches("\"\"\"").trim_end_matches("\"\"\"");
    let width = most.checked_sub(indent.len())?;
    let mut out: Vec<String> = Vec::new();
    for (number, paragraph) in inner.split("\n\n").enumerate() {
        let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if number == 0 {
            // What does not fit on the first line is another paragraph.
            let end = words.find(". ").map_or(words.len(), |at| at + 1);
            let (summary, rest) = words.split_at(end);
            out.extend(wrap(&format!("\"\"\"{summary}"), width));
            if !rest.trim().is_empty() {
                out.push(String::new());
                out.extend(wrap(rest.trim(), width));
            }
        } else {
            out.push(String::new());
            // Lists and indented blocks keep their lines.
            let plain = paragraph.lines().all(|line| line.starts_with(&indent) && !line.trim_start().starts_with('-'));
            if plain
                && paragraph.lines().all(|line| line.get(indent.len()..).is_some_and(|rest| !rest.starts_with(' ')))
            {
                out.extend(wrap(&words, width));
            } else {
                out.extend(paragraph.lines().map(|line| line.get(indent.len()..).unwrap_or(line).to_owned()));
            }
        }
    }
    out.push("\"\"\"".to_owned());
    let out: Vec<String> =
        out.iter().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") }).collect();
    let (before, after) = (lines.get(..first)?, lines.get(last + 1..)?);
    let all =
        before.iter().map(|line| (*line).to_owned()).chain(out).chain(after.iter().map(|line| (*line).to_owned()));
    Some(all.collect::<Vec<_>>().join("\n") + "\n")
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
