//! The lookup: a guess at the next tokens of an answer, copied from where the conversation says nearly the same.
//!
//! Generated code follows its example line by line, under other names. A guess follows the example too, and learns the names:
//! where the answer wrote `Order` for `User`, the next guess does. The network reads a guess in one step and the sampler draws
//! at each place as if there had been none, so that guesses change how long an answer takes and nothing else. This is
//! prompt lookup decoding, a form of speculative decoding (Leviathan et al. 2023, arXiv:2211.17192), with names that change.

use std::collections::HashMap;

/// Tokens that must be the same for a place to be found.
const KEY: usize = 2;
/// How far back places that were found are compared.
const COMPARED: usize = 24;
/// Of places with the same key, so many of the last ones are compared.
const CANDIDATES: usize = 64;
/// Tokens that differ in a row before another place is looked for.
const PATIENCE: u32 = 2;
/// The shortest and the longest guess.
const SHORTEST: usize = 3;

/// What the conversation says, and where the answer follows it.
pub(super) struct Lookup<'k> {
    tokens: Vec<u32>,
    /// Where each pair of tokens is followed by another token.
    places: HashMap<[u32; KEY], Vec<usize>>,
    /// What the answer writes where its example has another token.
    renamed: HashMap<u32, u32>,
    /// A rename that holds once the next token is that of the example again.
    supposed: Option<(u32, u32)>,
    /// Whether one token may be a name for the other.
    kin: Box<dyn Fn(u32, u32) -> bool + 'k>,
    /// The place in the conversation that the next token is expected to copy.
    source: Option<usize>,
    /// Tokens in a row that were not those of the source.
    missed: u32,
    /// How many tokens are guessed at once.
    length: usize,
    longest: usize,
}

impl<'k> Lookup<'k> {
    /// A lookup in a prompt, for guesses of at most `longest` tokens. `kin` says whether one token may be a name for another.
    pub(super) fn new(prompt: &[u32], longest: usize, kin: impl Fn(u32, u32) -> bool + 'k) -> Self {
        let mut lookup = Self {
            tokens: Vec::with_capacity(prompt.len() * 2),
            places: HashMap::new(),
            renamed: HashMap::new(),
            supposed: None,
            kin: Box::new(kin),
            source: None,
            missed: 0,
            length: SHORTEST,
            longest,
        };
        for token in prompt {
            lookup.add(*token);
        }
        lookup
    }

    /// Takes a token of the answer.
    pub(super) fn take(&mut self, token: u32) {
        if let Some(source) = self.source {
            let original = self.tokens.get(source).copied();
            if original.map(|original| self.name_of(original)) == Some(token) {
                self.missed = 0;
                if let Some((original, name)) = self.supposed.take() {
                    self.renamed.insert(original, name);
                }
            } else {
                self.missed += 1;
                // Renamed, or a rename that was none.
                let renamed = original.filter(|original| *original != token && (self.kin)(*original, token));
                self.supposed = renamed.map(|original| (original, token));
                if let Some(original) = original {
                    self.renamed.remove(&original);
                }
            }
            self.source = Some(source + 1);
        }
        self.add(token);
    }

    /// What may come next.
    pub(super) fn guess(&mut self) -> Vec<u32> {
        if self.source.is_none() || self.missed >= PATIENCE {
            self.source = self.find();
            self.missed = 0;
        }
        let Some(source) = self.source else { return Vec::new() };
        let copied = self.tokens.iter().skip(source).take(self.length.min(self.longest));
        copied.map(|token| self.name_of(*token)).collect()
    }

    /// Learns from a guess how far the next one goes.
    pub(super) fn judge(&mut self, guessed: usize, right: usize) {
        if guessed == 0 {
            return;
        }
        if right == guessed {
            self.length = (self.length * 2).min(self.longest);
        } else {
            self.length = (right + 1).max(SHORTEST).min(self.longest);
        }
    }

    fn name_of(&self, token: u32) -> u32 {
        self.renamed.get(&token).copied().unwrap_or(token)
    }

    fn add(&mut self, token: u32) {
        if let Some(key) = self.tokens.last_chunk::<KEY>() {
            self.places.entry(*key).or_default().push(self.tokens.len());
        }
        self.tokens.push(token);
    }

    /// The place whose past is most like that of the answer; of equal ones the last.
    fn find(&self) -> Option<usize> {
        let places = self.places.get(self.tokens.last_chunk::<KEY>()?)?;
        let like = |place: usize| {
            let past = self.tokens.get(..place).unwrap_or_default().iter().rev();
            let same = past.zip(self.tokens.iter().rev()).take(COMPARED);
            same.take_while(|(before, own)| before == own || self.name_of(**before) == **own).count()
        };
        let known = places.iter().rev().take(CANDIDATES).copied();
        known.max_by_key(|place| (like(*place), *place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets an answer be guessed and says how many steps it took.
    fn steps(prompt: &[u32], answer: &[u32]) -> usize {
        let mut lookup = Lookup::new(prompt, 16, |_, _| true);
        let (mut at, mut steps) = (0, 0);
        while at < answer.len() {
            let guess = lookup.guess();
            let right = guess.iter().zip(&answer[at..]).take_while(|(left, right)| left == right).count();
            // The tokens that were right, and the one that is drawn behind them.
            for token in answer[at..].iter().take(right + 1) {
                lookup.take(*token);
            }
            lookup.judge(guess.len(), right);
            at += right + 1;
            steps += 1;
        }
        steps
    }

    #[test]
    fn a_copy_takes_few_steps() {
        let example: Vec<u32> = (1..=200).collect();
        assert!(steps(&example, &example[20..180]) < 20);
    }

    #[test]
    fn a_copy_under_another_name_takes_few_steps() {
        let example: Vec<u32> = (1..=200).map(|token| if token % 5 == 0 { 1000 } else { token }).collect();
        let renamed: Vec<u32> = example.iter().map(|token| if *token == 1000 { 2000 } else { *token }).collect();
        let taken = steps(&example, &renamed[20..180]);
        assert!(taken < 30, "{taken}");
    }

    #[test]
    fn what_is_new_is_written_token_by_token() {
        let example: Vec<u32> = (1..=50).collect();
        let new: Vec<u32> = (100..150).collect();
        assert_eq!(steps(&example, &new), 50);
    }

    #[test]
    fn after_something_new_the_example_is_found_again() {
        let example: Vec<u32> = (1..=200).collect();
        let mut answer = example[..60].to_vec();
        answer.extend(300..310);
        answer.extend(&example[70..150]);
        let taken = steps(&example, &answer);
        assert!(taken < 40, "{taken}");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(tokens in proptest::collection::vec(0_u32..6, 0..80), answer in proptest::collection::vec(0_u32..6, 0..80)) {
            let _ = steps(&tokens, &answer);
        }
    }
}
