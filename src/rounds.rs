//! Rounds: a stream in which the same few parts come again and again.

use std::collections::VecDeque;

/// Reads a stream and counts, for rounds of 1 to `N` parts, how many parts in a row were what came a round before.
#[derive(Debug)]
pub struct Rounds<T, const N: usize> {
    last: VecDeque<T>,
    runs: [usize; N],
}

impl<T, const N: usize> Default for Rounds<T, N> {
    fn default() -> Self {
        Self { last: VecDeque::with_capacity(N), runs: [0; N] }
    }
}

impl<T: PartialEq, const N: usize> Rounds<T, N> {
    /// Takes the next part. One that does not count makes no run longer, and ends those that it is not part of.
    pub fn take(&mut self, part: T, counts: bool) {
        for (length, run) in (1..).zip(self.runs.iter_mut()) {
            let before = self.last.len().checked_sub(length).and_then(|at| self.last.get(at));
            *run = if before == Some(&part) { *run + usize::from(counts) } else { 0 };
        }
        self.last.push_back(part);
        if self.last.len() > N {
            self.last.pop_front();
        }
    }

    /// The parts of the shortest round that has gone on for so many parts, the last one first.
    pub fn round(&self, most: usize) -> Option<impl Iterator<Item = &T>> {
        let (length, _) = (1..).zip(self.runs).find(|(_, run)| *run >= most)?;
        Some(self.last.iter().rev().take(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(parts: &str, most: usize) -> Option<String> {
        let mut rounds = Rounds::<char, 3>::default();
        parts.chars().for_each(|part| rounds.take(part, part != '-'));
        rounds.round(most).map(Iterator::collect)
    }

    #[test]
    fn the_shortest_round_is_found_when_it_has_gone_on_for_long_enough() {
        assert_eq!(round("xababab", 4).as_deref(), Some("ba"));
        assert_eq!(round("xababab", 5), None);
        assert_eq!(round("aaaaaaa", 6).as_deref(), Some("a"));
        assert_eq!(round("abababx", 1), None, "it was left");
        assert_eq!(round("abcdabcdabcd", 1), None, "a round is no longer than that");
        assert_eq!(round("a-a-a-a-", 3).as_deref(), Some("-a"));
        assert_eq!(round("a-a-a-a-", 4), None, "what does not count is not counted");
    }
}
