//! Rows of the tables that tests go through: `{"blank", 422},` in a line of its own, or over several where a formatter broke it.

use std::ops::Range;

/// Brackets around a row, and what ends one.
const BRACKETS: [(&str, &str); 3] = [("{", "},"), ("(", "),"), ("[", "],")];
/// Lines of the longest row.
const MOST_LINES: usize = 12;

/// The rows of a part of a text, each from its first line to behind its last, counted from 1 in the whole.
pub fn rows(text: &str, part: &Range<usize>) -> Vec<Range<usize>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut at, mut number, mut found) = (0, 1, Vec::new());
    while number <= lines.len() {
        let length = if part.contains(&at) { length_of_row(lines.get(number - 1..).unwrap_or_default()) } else { 0 };
        if length > 0 {
            found.push(number..number + length);
        }
        let taken = length.max(1);
        at += lines.iter().skip(number - 1).take(taken).map(|line| line.len()).sum::<usize>();
        number += taken;
    }
    found
}

/// The rows of a part of a text that stand one below the other, table by table.
pub fn tables(text: &str, part: &Range<usize>) -> Vec<Vec<Range<usize>>> {
    let rows = rows(text, part);
    rows.chunk_by(|one, other| one.end == other.start).map(<[_]>::to_vec).collect()
}

/// The rows that have these lines, each once. None where one of them is in no row.
pub fn rows_at(text: &str, lines: &[usize]) -> Option<Vec<Range<usize>>> {
    let all = rows(text, &(0..text.len()));
    let mut found: Vec<Range<usize>> = Vec::new();
    for line in lines {
        let row = all.iter().find(|row| row.contains(line))?;
        if !found.contains(row) {
            found.push(row.clone());
        }
    }
    Some(found)
}

/// The text without these rows, where of each table others stay.
pub fn without_rows(text: &str, wanted: &[Range<usize>]) -> Option<String> {
    let all = rows(text, &(0..text.len()));
    let other_stays = |row: &Range<usize>| {
        let at = all.iter().position(|known| known == row)?;
        let joined = |pair: &&[Range<usize>]| matches!(pair, [one, other] if one.end == other.start);
        let stays = |row: Option<&Range<usize>>| row.is_some_and(|row| !wanted.contains(row));
        let mut above = all.get(..=at)?.windows(2).rev().take_while(joined);
        let mut below = all.get(at..)?.windows(2).take_while(joined);
        Some(above.any(|pair| stays(pair.first())) || below.any(|pair| stays(pair.last())))
    };
    if wanted.is_empty() || !wanted.iter().all(|row| other_stays(row) == Some(true)) {
        return None;
    }
    let is_left_out = |number: usize| wanted.iter().any(|row| row.contains(&number));
    let kept = text.split_inclusive('\n').zip(1..).filter(|(_, number)| !is_left_out(*number));
    Some(kept.map(|(line, _)| line).collect())
}

/// A row as it reads in one line.
pub fn in_one_line(text: &str, row: &Range<usize>) -> String {
    let lines = text.lines().skip(row.start - 1).take(row.len()).map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}

/// How many lines the row has that begins with the first of these; 0 where none does. What holds rows is a table, and no row.
fn length_of_row(lines: &[&str]) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let opens = |line: &str| BRACKETS.iter().any(|(open, _)| line.trim() == *open);
    let Some(first) = lines.first() else { return 0 };
    if is_row(first) {
        return 1;
    }
    let Some((_, close)) = BRACKETS.iter().find(|(open, _)| first.trim() == *open) else { return 0 };
    let inner = lines.iter().skip(1).take(MOST_LINES);
    let inner: Vec<&&str> = inner.take_while(|line| indent(line) > indent(first) && !line.trim().is_empty()).collect();
    let closes = |last: &&str| last.trim() == *close && indent(last) == indent(first);
    let is_closed = lines.get(inner.len() + 1).is_some_and(closes);
    let holds_rows = inner.iter().any(|line| is_row(line) || opens(line));
    if is_closed && !inner.is_empty() && !holds_rows { inner.len() + 2 } else { 0 }
}

/// Whether a line is a whole row.
fn is_row(line: &str) -> bool {
    let line = line.trim();
    BRACKETS.iter().any(|(open, close)| line.starts_with(open) && line.ends_with(close))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_table_are_taken_out_and_others_stay() {
        let text = "all := []row{\n\t{\"a\", 1},\n\t{\"b\"},\n\t{\"c\", 3},\n}\nsend()\n";
        let lines = |numbers: &[usize]| numbers.iter().map(|number| *number..number + 1).collect::<Vec<_>>();
        assert_eq!(without_rows(text, &lines(&[3])), Some(text.replace("\t{\"b\"},\n", "")));
        assert_eq!(without_rows(text, &lines(&[2, 3, 4])), None, "nothing would be left");
        assert_eq!(without_rows(text, &lines(&[3, 6])), None, "one is no row");
        let two = text.to_owned() + "more := []row{\n\t{\"d\"},\n}\n";
        assert_eq!(without_rows(&two, &lines(&[3, 8])), None, "nothing of one would be left");
        let table = 0..text.find("send").unwrap();
        assert_eq!((rows(text, &table), rows(&two, &table)), (lines(&[2, 3, 4]), lines(&[2, 3, 4])));
        assert_eq!(rows(&two, &(table.end..two.len())), lines(&[8]));
        assert_eq!(tables(&two, &(0..two.len())), [lines(&[2, 3, 4]), lines(&[8])]);
        let none = [lines(&[]), lines(&[0]), lines(&[9])].map(|wanted| without_rows(text, &wanted));
        assert_eq!(none, [None, None, None]);
    }

    #[test]
    fn a_row_may_have_several_lines() {
        let text = "    [\n        (\"sms\", \"a\"),\n        (\n            \"console\",\n            \"123\",\n        ),\n        (\"email\", \"b\"),\n    ],\n)\n";
        assert_eq!(rows(text, &(0..text.len())), [2..3, 3..7, 7..8]);
        assert_eq!(rows_at(text, &[4, 7, 5]), Some(vec![3..7, 7..8]));
        assert_eq!(rows_at(text, &[4, 9]), None, "one is in no row");
        let without = "    [\n        (\"sms\", \"a\"),\n        (\"email\", \"b\"),\n    ],\n)\n";
        let long = rows_at(text, &[5]).unwrap();
        assert_eq!(without_rows(text, &long).as_deref(), Some(without));
        assert!(rows("f(\n    (\n        1,\n    )\n)\n", &(0..30)).is_empty(), "an argument is no row");
    }
}
