//! The lookup: a guess at the next tokens of an answer, copied from where the conversation says nearly the same.
//!
//! Generated code follows its example line by line, under other names. A guess follows the example too, and learns the names:
//! where the answer wrote `Order` for `User`, the next guess does. The network reads a guess in one step and the sampler draws
//! at each place as if there had been none, so that guesses change how long an answer takes and nothing else. This is
//! prompt lookup decoding, a form of speculative decoding (Leviathan et al. 2023, arXiv:2211.17192), with names that change.

use std::collections::HashMap;

use super::linear::FEW;

/// Tokens that must be the same for a place to be found.
const KEY: usize = 2;
/// How far back places that were found are compared.
const COMPARED: usize = 24;
/// Of places with the same key, so many of the last ones are compared.
const CANDIDATES: usize = 64;
/// Tokens that differ in a row before another place is looked for.
const PATIENCE: u32 = 2;
/// How much the last token counts for how likely the next one is that of the source: about the last eight tell.
const LEARNING: f64 = 0.12;
/// How likely a token is that of its source before anything is known.
const AT_FIRST: f64 = 0.7;
/// The longest guess that, with the token before it, still goes through the kernels for few tokens.
const SHORT: usize = FEW - 1;

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
    /// How likely the next token is that of the source.
    likely: f64,
    longest: usize,
    costs: Costs,
}

/// What a step of the network costs, as a multiple of a step for one token. It is learned: it depends on the processor, and on
/// who else is using it.
#[derive(Debug)]
struct Costs {
    /// Seconds of a step for one token.
    alone: Option<f64>,
    /// A step with a short guess, and one with the longest.
    short: f64,
    long: f64,
}

impl Costs {
    /// As measured with AVX2 on two threads that share a core.
    const AT_FIRST: Self = Self { alone: None, short: 2.7, long: 3.3 };

    fn learn(&mut self, guessed: usize, seconds: f64) {
        let learn = |known: &mut f64, cost: f64| *known += (cost - *known) * LEARNING;
        match (guessed, self.alone.as_mut()) {
            (0, Some(alone)) => learn(alone, seconds),
            (0, None) => self.alone = Some(seconds),
            (_, Some(alone)) if guessed <= SHORT => learn(&mut self.short, seconds / *alone),
            (_, Some(alone)) => learn(&mut self.long, seconds / *alone),
            // Nothing to compare with yet.
            (_, None) => {}
        }
    }
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
            likely: AT_FIRST,
            longest,
            costs: Costs::AT_FIRST,
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
                self.likely += (1.0 - self.likely) * LEARNING;
                if let Some((original, name)) = self.supposed.take() {
                    self.renamed.insert(original, name);
                }
            } else {
                self.missed += 1;
                self.likely -= self.likely * LEARNING;
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
        let copied = self.tokens.iter().skip(source).take(self.length());
        copied.map(|token| self.name_of(*token)).collect()
    }

    /// How long a guess brings the most tokens for what its step costs.
    fn length(&self) -> usize {
        // The tokens that a step brings: the guess up to its first error, and one more.
        let tokens = |guessed: usize| {
            (0..=guessed).map(|at| self.likely.powi(i32::try_from(at).unwrap_or(i32::MAX))).sum::<f64>()
        };
        let value = |guessed: usize, cost: f64| tokens(guessed) / cost;
        let short = SHORT.min(self.longest);
        let choices =
            [(0, 1.0), (short, value(short, self.costs.short)), (self.longest, value(self.longest, self.costs.long))];
        choices.into_iter().max_by(|left, right| left.1.total_cmp(&right.1)).map_or(0, |(length, _)| length)
    }

    /// Learns what a step with a guess of so many tokens cost.
    pub(super) fn judge(&mut self, guessed: usize, seconds: f64) {
        self.costs.learn(guessed, seconds);
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
            at += right + 1;
            steps += 1;
        }
        steps
    }

    #[test]
    fn a_copy_takes_few_steps() {
        let example: Vec<u32> = (1..=200).collect();
        assert!(steps(&example, &example[20..180]) < 24);
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

    #[test]
    fn guesses_are_as_long_as_they_are_likely_and_cheap() {
        let mut lookup = Lookup::new(&[1, 2, 3], 15, |_, _| true);
        let length = |lookup: &mut Lookup<'_>, likely: f64| {
            lookup.likely = likely;
            lookup.length()
        };
        assert_eq!((length(&mut lookup, 0.3), length(&mut lookup, 0.95)), (0, 15));
        lookup.judge(0, 0.1);
        for _ in 0..60 {
            // Where the processor is free for it, a few tokens cost little more than one; many cost as much as each alone.
            lookup.judge(3, 0.12);
            lookup.judge(15, 1.6);
        }
        assert_eq!((length(&mut lookup, 0.3), length(&mut lookup, 0.8), length(&mut lookup, 0.95)), (3, 3, 3));
        lookup.longest = 0;
        assert_eq!(length(&mut lookup, 0.95), 0);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(tokens in proptest::collection::vec(0_u32..6, 0..80), answer in proptest::collection::vec(0_u32..6, 0..80)) {
            let _ = steps(&tokens, &answer);
        }
    }
}
