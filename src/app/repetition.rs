//! A guard against answers that never end: small models fall into writing the same lines again and again, or the same letters in one line.

use std::collections::VecDeque;

/// The longest run of lines that counts as one that is repeated.
const PERIOD: usize = 6;
/// Lines that say what stood a period before them, in a row, until the answer is given up.
const MOST: usize = 24;

/// The longest run of letters that counts as one that is repeated.
const ROUND: usize = 16;
/// Letters of one line that say what stood a round before them, in a row, until the answer is given up. No text in code is that long.
const MOST_LETTERS: usize = 400;

/// Reads an answer as it comes.
#[derive(Debug, Default)]
pub(super) struct Repetition {
    line: String,
    letters: VecDeque<char>,
    /// For each length of a round, how many letters of the line in a row were those of a round before.
    rounds: [usize; ROUND],
    last: VecDeque<String>,
    /// For each period, how many lines in a row were those of a period before.
    runs: [usize; PERIOD],
}

impl Repetition {
    /// Takes a piece and says whether the answer goes round in circles. Numbers may count up meanwhile.
    pub(super) fn take(&mut self, piece: &str) -> bool {
        for letter in piece.chars() {
            self.take_letter(letter);
            if letter == '\n' {
                let line = std::mem::take(&mut self.line);
                self.end_line(line);
            } else if !(letter.is_ascii_digit() && self.line.ends_with('0')) {
                self.line.push(if letter.is_ascii_digit() { '0' } else { letter });
            }
        }
        self.runs.iter().any(|run| *run >= MOST) || self.rounds.iter().any(|run| *run >= MOST_LETTERS)
    }

    fn take_letter(&mut self, letter: char) {
        for (length, run) in (1..).zip(self.rounds.iter_mut()) {
            let before = self.letters.len().checked_sub(length).and_then(|at| self.letters.get(at));
            *run = if before == Some(&letter) && letter != '\n' { *run + 1 } else { 0 };
        }
        self.letters.push_back(letter);
        if self.letters.len() > ROUND {
            self.letters.pop_front();
        }
    }

    fn end_line(&mut self, line: String) {
        // Lines of nothing but brackets say nothing.
        let telling = line.chars().filter(|letter| letter.is_alphanumeric()).count() > 3;
        for (period, run) in (1..).zip(self.runs.iter_mut()) {
            let same = self.last.len() >= period && self.last.get(self.last.len() - period) == Some(&line);
            *run = if same { *run + usize::from(telling) } else { 0 };
        }
        self.last.push_back(line);
        if self.last.len() > PERIOD {
            self.last.pop_front();
        }
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
