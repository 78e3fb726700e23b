//! Arithmetic on rows of numbers: norms, activations, weights of attention. Written so that the compiler can use the widest
//! instructions, which [`fast`] chooses when the program runs.

#![expect(
    clippy::inline_always,
    reason = "what runs with wide instructions must be inlined into the function that was compiled for them"
)]

use pulp::{Arch, Simd, WithSimd};

/// How many numbers are worked on side by side. Sums are kept apart in as many lanes, since floating-point addition may not
/// be reordered by the compiler.
pub(super) const LANES: usize = 16;

/// Work on numbers. A type instead of a closure, since its [`run`](Self::run) can be inlined for certain: without that it is
/// compiled for any processor, and many times slower.
pub(super) trait Work {
    type Output;

    /// Does it; to be marked `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

struct Wide<W>(W);

impl<W: Work> WithSimd for Wide<W> {
    type Output = W::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Self::Output {
        self.0.run()
    }
}

/// Does work with the best instructions of this processor.
pub(super) fn fast<W: Work>(work: W) -> W::Output {
    Arch::new().dispatch(Wide(work))
}

/// The sum of products of two rows of one length.
#[inline(always)]
pub(super) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (left_chunks, left_rest) = left.as_chunks::<LANES>();
    let (right_chunks, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in left_chunks.iter().zip(right_chunks) {
        for lane in 0..LANES {
            lanes[lane] = left[lane].mul_add(right[lane], lanes[lane]);
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    sum(&lanes) + rest
}

/// The sum of all lanes.
#[inline(always)]
fn sum(lanes: &[f32; LANES]) -> f32 {
    let mut half = [0.0_f32; LANES / 2];
    for lane in 0..LANES / 2 {
        half[lane] = lanes[lane] + lanes[lane + LANES / 2];
    }
    half.iter().sum()
}

/// Scales a row so that its mean square is one, then by a weight for each number.
pub(super) fn normalize(row: &[f32], weights: &[f32], epsilon: f32, out: &mut [f32]) {
    fast(Normalize { row, weights, epsilon, out });
}

struct Normalize<'a> {
    row: &'a [f32],
    weights: &'a [f32],
    epsilon: f32,
    out: &'a mut [f32],
}

impl Work for Normalize<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        #[expect(clippy::cast_precision_loss, reason = "rows have some thousand numbers")]
        let length = self.row.len() as f32;
        let scale = 1.0 / (dot(self.row, self.row) / length + self.epsilon).sqrt();
        for ((out, number), weight) in self.out.iter_mut().zip(self.row).zip(self.weights) {
            *out = number * scale * weight;
        }
    }
}

/// Adds a row to another.
pub(super) fn add(to: &mut [f32], row: &[f32]) {
    for (to, number) in to.iter_mut().zip(row) {
        *to += number;
    }
}

/// Lets each gate decide how much of its number passes: `gate / (1 + e^-gate) * number`, into the gates.
pub(super) fn gate(gates: &mut [f32], numbers: &[f32]) {
    fast(Gate { gates, numbers });
}

struct Gate<'a> {
    gates: &'a mut [f32],
    numbers: &'a [f32],
}

impl Work for Gate<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (gate, number) in self.gates.iter_mut().zip(self.numbers) {
            *gate = *gate / (1.0 + exp(-*gate)) * number;
        }
    }
}

/// Turns a row into weights that are positive and add up to one.
pub(super) fn softmax(row: &mut [f32]) {
    fast(Softmax { row });
}

struct Softmax<'a> {
    row: &'a mut [f32],
}

impl Work for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let most = most(self.row);
        let mut lanes = [0.0_f32; LANES];
        let (chunks, rest) = self.row.as_chunks_mut::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                chunk[lane] = exp(chunk[lane] - most);
                lanes[lane] += chunk[lane];
            }
        }
        let mut total = sum(&lanes);
        for number in rest {
            *number = exp(*number - most);
            total += *number;
        }
        let share = 1.0 / total;
        for number in self.row {
            *number *= share;
        }
    }
}

/// Turns scores into weights beside others that were weighed before: `most` is the greatest score so far, `total` the sum of
/// the weights, and `sums` what was added up by them.
pub(super) fn rescale(scores: &mut [f32], most: &mut f32, total: &mut f32, sums: &mut [f32]) {
    fast(Rescale { scores, most, total, sums });
}

struct Rescale<'a> {
    scores: &'a mut [f32],
    most: &'a mut f32,
    total: &'a mut f32,
    sums: &'a mut [f32],
}

impl Work for Rescale<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let greatest = most(self.scores);
        if greatest > *self.most {
            let factor = exp(*self.most - greatest);
            *self.most = greatest;
            *self.total *= factor;
            for sum in self.sums {
                *sum *= factor;
            }
        }
        let mut lanes = [0.0_f32; LANES];
        let (chunks, rest) = self.scores.as_chunks_mut::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                chunk[lane] = exp(chunk[lane] - *self.most);
                lanes[lane] += chunk[lane];
            }
        }
        let mut added = sum(&lanes);
        for number in rest {
            *number = exp(*number - *self.most);
            added += *number;
        }
        *self.total += added;
    }
}

/// The greatest number of a row.
#[inline(always)]
pub(super) fn most(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            // Not `max`, which minds numbers that are none.
            lanes[lane] = if chunk[lane] > lanes[lane] { chunk[lane] } else { lanes[lane] };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

/// `e^x` to about seven digits, without branches: a power of two times a polynomial on `[-ln 2 / 2, ln 2 / 2]` (Cephes,
/// `expf`). Far below zero it is zero.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let power = (x * std::f32::consts::LOG2_E).round_ties_even();
    let rest = power.mul_add(-0.693_359_4, x);
    let rest = power.mul_add(2.121_944_4e-4, rest);
    let mut polynomial = 1.987_569_1e-4_f32;
    for factor in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        polynomial = polynomial.mul_add(rest, factor);
    }
    let value = polynomial.mul_add(rest * rest, rest) + 1.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between -126 and 127, then biased")]
    let two = f32::from_bits(((power as i32 + 127) as u32) << 23);
    value * two
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_close() {
        for step in -860..860_i16 {
            let x = f32::from(step) / 10.0;
            let relative = (exp(x) - x.exp()).abs() / x.exp();
            assert!(relative < 3e-6, "e^{x}: {} {}", exp(x), x.exp());
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn weights_add_up_to_one_and_hidden_positions_get_none() {
        let mut row: Vec<f32> = (0..37_i16).map(f32::from).collect();
        row.push(f32::NEG_INFINITY);
        softmax(&mut row);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(row[37] < 1e-30 && row[36] > row[35]);
    }

    #[test]
    fn a_normalized_row_has_a_mean_square_of_one() {
        let row: Vec<f32> = (1..=40_i16).map(f32::from).collect();
        let mut out = vec![0.0; 40];
        normalize(&row, &[1.0; 40], 0.0, &mut out);
        assert!((dot(&out, &out) / 40.0 - 1.0).abs() < 1e-5);
    }
}
