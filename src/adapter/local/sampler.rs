//! The sampler: which token comes next, by the scores of the network.

/// How tokens are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// How far below the best a token may score; zero takes the best.
    pub temperature: f32,
    /// The best tokens that together have this share of the chances.
    pub top_p: f32,
    /// At most so many of the best tokens.
    pub top_k: usize,
    /// The start of the random numbers: equal seeds give equal answers.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 0.2, top_p: 0.95, top_k: 40, seed: 0 }
    }
}

/// Draws tokens.
pub(super) struct Sampler {
    sampling: Sampling,
    random: fastrand::Rng,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling) -> Self {
        Self { sampling, random: fastrand::Rng::with_seed(sampling.seed) }
    }

    /// The next token, by its place in the scores. None when there is no score that is a number.
    pub(super) fn draw(&mut self, scores: &[f32]) -> Option<u32> {
        let mut best = best_of(scores, if self.sampling.temperature > 0.0 { self.sampling.top_k.max(1) } else { 1 });
        let (first, most) = *best.first()?;
        if best.len() == 1 {
            return u32::try_from(first).ok();
        }
        for (_, score) in &mut best {
            *score = ((*score - most) / self.sampling.temperature).exp();
        }
        let all: f32 = best.iter().map(|(_, chance)| chance).sum();
        let mut sum = 0.0;
        let kept = best.iter().position(|(_, chance)| {
            sum += chance;
            sum >= all * self.sampling.top_p
        });
        best.truncate(kept.map_or(best.len(), |last| last + 1));
        let total: f32 = best.iter().map(|(_, chance)| chance).sum();
        let mut left = self.random.f32() * total;
        let drawn = best.iter().find(|(_, chance)| {
            left -= chance;
            left < 0.0
        });
        u32::try_from(drawn.or(best.last())?.0).ok()
    }
}

/// The places of the highest scores, best first; of equal ones the earlier first.
fn best_of(scores: &[f32], count: usize) -> Vec<(usize, f32)> {
    let mut best: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
    let mut least = f32::NEG_INFINITY;
    for (place, score) in scores.iter().copied().enumerate() {
        if best.len() == count && score <= least || !score.is_finite() {
            continue;
        }
        let at = best.partition_point(|(_, other)| *other >= score);
        best.insert(at, (place, score));
        best.truncate(count);
        least = best.last().map_or(f32::NEG_INFINITY, |(_, score)| *score);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(sampling: Sampling, scores: &[f32], count: usize) -> Vec<u32> {
        let mut sampler = Sampler::new(sampling);
        (0..count).map(|_| sampler.draw(scores).unwrap()).collect()
    }

    #[test]
    fn no_temperature_takes_the_best() {
        let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
        assert_eq!(drawn(sampling, &[0.0, 3.0, f32::NAN, 3.0], 3), [1, 1, 1]);
        assert_eq!(Sampler::new(sampling).draw(&[f32::NAN]), None);
    }

    #[test]
    fn equal_seeds_draw_equal_tokens() {
        let scores: Vec<f32> = (0..100_u8).map(|place| f32::from(place % 7)).collect();
        let sampling = Sampling { temperature: 1.0, ..Sampling::default() };
        let first = drawn(sampling, &scores, 50);
        assert_eq!(first, drawn(sampling, &scores, 50));
        assert_ne!(first, drawn(Sampling { seed: 1, ..sampling }, &scores, 50));
    }

    #[test]
    fn what_is_cut_off_is_never_drawn() {
        let scores = [5.0, 4.0, 3.0, -9.0];
        let two = Sampling { temperature: 2.0, top_p: 1.0, top_k: 2, seed: 3 };
        assert!(drawn(two, &scores, 200).iter().all(|token| *token < 2));
        let likely = Sampling { temperature: 1.0, top_p: 0.6, top_k: 4, seed: 3 };
        assert!(drawn(likely, &scores, 200).iter().all(|token| *token == 0));
        let all = Sampling { temperature: 3.0, top_p: 1.0, top_k: 4, seed: 3 };
        let seen: std::collections::BTreeSet<u32> = drawn(all, &scores, 500).into_iter().collect();
        assert!(seen.is_superset(&[0, 1, 2].into()));
    }
}
