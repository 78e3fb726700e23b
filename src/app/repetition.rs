//! A guard against answers that never end: small models fall into writing the same lines again and again, or the same letters in one line.

use crate::rounds::Rounds;

/// The longest run of lines that counts as one that is repeated.
const PERIOD: usize = 6;
/// Lines that say what stood a period before them, in a row, until the answer is given up.
const MOST: usize = 24;
/// The same for lines that are the same to the last digit: rows of a table that count up may be meant, such rows are not.
const MOST_SAME: usize = 10;

/// The longest run of letters that counts as one that is repeated.
const ROUND: usize = 16;
/// Letters of one line that say what stood a round before them, in a row, until the answer is given up. No text in code is that long.
const MOST_LETTERS: usize = 400;

/// Reads an answer as it comes.
#[derive(Debug, Default)]
pub(super) struct Repetition {
    /// The line with numbers that are all alike, and as it came.
    line: String,
    same: String,
    letters: Rounds<char, ROUND>,
    lines: Rounds<String, PERIOD>,
    same_lines: Rounds<String, PERIOD>,
}

impl Repetition {
    /// Takes a piece and says whether the answer goes round in circles. Numbers may count up meanwhile.
    pub(super) fn take(&mut self, piece: &str) -> bool {
        piece.chars().any(|letter| {
            if letter == '\n' {
                self.end_line();
            } else {
                self.take_letter(letter);
            }
            self.lines.round(MOST).is_some()
                || self.same_lines.round(MOST_SAME).is_some()
                || self.letters.round(MOST_LETTERS).is_some()
        })
    }

    fn take_letter(&mut self, letter: char) {
        self.letters.take(letter, true);
        self.same.push(letter);
        if !(letter.is_ascii_digit() && self.line.ends_with('0')) {
            self.line.push(if letter.is_ascii_digit() { '0' } else { letter });
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        // Lines of nothing but brackets say nothing.
        let telling = line.chars().filter(|letter| letter.is_alphanumeric()).count() > 3;
        self.lines.take(line, telling);
        self.same_lines.take(std::mem::take(&mut self.same), telling);
        self.letters = Rounds::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(text: &str) -> bool {
        let mut guard = Repetition::default();
        text.as_bytes().chunks(7).any(|piece| guard.take(&String::from_utf8_lossy(piece)))
    }

    #[test]
    fn lines_that_count_up_go_round_in_circles() {
        let rows: String = (0..60).map(|id| format!("    {{ id: {id}, name: \"a\" }},\n")).collect();
        assert!(circles(&rows));
        let pairs: String = (0..60).map(|id| format!("case {id}:\n    check({id})\n    done()\n")).collect();
        assert!(circles(&pairs));
    }

    #[test]
    fn the_same_rows_again_go_round_sooner_than_rows_that_count_up() {
        assert!(circles(&"        (\"method\", json!(\"cash\")),\n".repeat(12)));
        assert!(circles(&"        (\"method\",\n         json!(\"cash\")),\n".repeat(6)));
        assert!(!circles(&"    counter.tick();\n".repeat(8)));
    }

    #[test]
    fn a_line_that_goes_round_without_an_end_does() {
        assert!(circles(&format!("name = \"{}", "1234567890".repeat(60))));
        assert!(!circles(&format!("name = \"{}\"\n", "a".repeat(300))), "a text that is too long for its column");
    }

    #[test]
    fn tables_and_code_do_not() {
        let rows: String = (0..20).map(|id| format!("    {{ id: {id}, name: \"a\" }},\n")).collect();
        assert!(!circles(&rows));
        assert!(!circles(include_str!("produce.rs")));
        assert!(!circles(&"}\n".repeat(90)));
    }
}
