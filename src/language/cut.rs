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

/// The text without these lines, counted from 1, where each is a whole row of a table (`{"blank", 422},`) of which other rows stay.
pub fn without_rows(text: &str, rows: &[usize]) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_row = |number: &usize| is_row(number.checked_sub(1).and_then(|at| lines.get(at)).unwrap_or(&""));
    let stays = |number: &usize| !rows.contains(number);
    let others_stay = |number: &usize| {
        let above = (1..*number).rev().take_while(is_row).any(|near| stays(&near));
        above || (*number + 1..=lines.len()).take_while(is_row).any(|near| stays(&near))
    };
    let kept = lines.iter().zip(1..).filter(|(_, number)| stays(number)).map(|(line, _)| *line);
    (!rows.is_empty() && rows.iter().all(|number| is_row(number) && others_stay(number))).then(|| kept.collect())
}

/// The lines of a part of a text, counted from 1 in the whole, that are rows of a table.
pub fn rows(text: &str, part: &Range<usize>) -> Vec<usize> {
    let mut at = 0;
    let mut found = Vec::new();
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        if part.contains(&at) && is_row(line) {
            found.push(number);
        }
        at += line.len();
    }
    found
}

/// Whether a line is a whole row of a table: `{"blank", 422},`.
fn is_row(line: &str) -> bool {
    let line = line.trim();
    [('{', "},"), ('(', "),"), ('[', "],")].iter().any(|(start, end)| line.starts_with(*start) && line.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_table_are_taken_out_and_others_stay() {
        let text = "all := []row{\n\t{\"a\", 1},\n\t{\"b\"},\n\t{\"c\", 3},\n}\nsend()\n";
        assert_eq!(without_rows(text, &[3]), Some(text.replace("\t{\"b\"},\n", "")));
        assert_eq!(without_rows(text, &[2, 3, 4]), None, "nothing would be left");
        assert_eq!(without_rows(text, &[3, 6]), None, "one is no row");
        let two = text.to_owned() + "more := []row{\n\t{\"d\"},\n}\n";
        assert_eq!(without_rows(&two, &[3, 8]), None, "nothing of one would be left");
        let table = 0..text.find("send").unwrap();
        assert_eq!((rows(text, &table), rows(&two, &table)), (vec![2, 3, 4], vec![2, 3, 4]));
        assert_eq!((without_rows(text, &[]), without_rows(text, &[0]), without_rows(text, &[9])), (None, None, None));
    }
}
