//! Circles: what a small model writes round and round within a line, `12345678901234…`, until its space is spent.
//!
//! Whoever copies a text of code may repeat a few tokens a few times, and a line many times. The same few tokens without an end
//! are neither: then the next token is none of them, so that the model closes what it has opened.

use crate::rounds::Rounds;

/// The most tokens that make one round.
const PERIOD: usize = 12;
/// Tokens in a row, each the same as one round before, that make a circle.
const MOST: usize = 60;

/// Reads the tokens of an answer as they are drawn.
#[derive(Debug, Default)]
pub(super) struct Circle {
    tokens: Rounds<u32, PERIOD>,
}

impl Circle {
    pub(super) fn take(&mut self, token: u32) {
        self.tokens.take(token, true);
    }

    /// The scores without those of the tokens that go round. None where none do.
    pub(super) fn broken(&self, scores: &[f32]) -> Option<Vec<f32>> {
        let round = self.tokens.round(MOST)?;
        let mut scores = scores.to_vec();
        for token in round {
            if let Some(score) = usize::try_from(*token).ok().and_then(|at| scores.get_mut(at)) {
                *score = f32::NEG_INFINITY;
            }
        }
        Some(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(tokens: impl Iterator<Item = u32>) -> Option<Vec<f32>> {
        let mut circle = Circle::default();
        tokens.for_each(|token| circle.take(token));
        circle.broken(&[1.0; 16])
    }

    #[test]
    fn tokens_that_go_round_are_none_of_the_next() {
        let digits = broken((0..80).map(|at| at % 10)).unwrap();
        assert!(digits.iter().take(10).all(|score| score.is_infinite()), "{digits:?}");
        assert!(digits.iter().skip(10).all(|score| score.is_finite()), "{digits:?}");
        let one = broken(std::iter::repeat_n(3, 70)).unwrap();
        assert_eq!(one.iter().filter(|score| score.is_infinite()).count(), 1);
    }

    #[test]
    fn few_rounds_and_long_ones_are_no_circle() {
        assert_eq!(broken((0..50).map(|at| at % 10)), None);
        assert_eq!(broken((0..500).map(|at| at % 15)), None, "a line that is written again");
        assert_eq!(broken((0..80).map(|at| at % 10).chain([12])), None, "it was left");
    }
}
