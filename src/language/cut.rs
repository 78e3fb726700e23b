//! Whole lines that are taken out of a text, or replaced in it.

use std::collections::BTreeSet;
use std::ops::Range;

/// The text without a range of whole lines. Of the empty lines around it the larger number stays.
pub fn cut_out(text: &str, range: &Range<usize>) -> String {
    let (start, end) = (range.start, range.end);
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let before = text.get(..line).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default().trim_start_matches([' ', '\t', ';', ',']);
    let after = after.strip_prefix('\n').unwrap_or(after);
    let (above, below) = (before.trim_end_matches('\n'), after.trim_start_matches('\n'));
    let ends = (before.len() - above.len()).max(after.len() - below.len() + 1);
    match (above.is_empty(), below.is_empty()) {
        (true, _) => below.to_owned(),
        (false, true) => format!("{above}\n"),
        (false, false) => format!("{above}{}{below}", "\n".repeat(ends)),
    }
}

/// The text without these lines, counted from 1.
pub fn cut_lines(text: &str, lines: &BTreeSet<usize>) -> String {
    text.split_inclusive('\n').zip(1..).filter(|(_, number)| !lines.contains(number)).map(|(line, _)| line).collect()
}

/// The text with one line, counted from 1, replaced.
pub fn with_line(text: &str, number: usize, line: &str) -> String {
    let lines = text.split_inclusive('\n').enumerate();
    lines.map(|(at, own)| if at + 1 == number { format!("{line}\n") } else { own.to_owned() }).collect()
}
