//! Activations as the kernels take them: quantised to whole numbers of eight bits with one scale for each 256, once for all
//! rows of a matrix. Sums of whole numbers are exact, so all that is lost is what quantising loses.

#![expect(
    clippy::inline_always,
    reason = "what runs with wide instructions must be inlined into the function that was compiled for them"
)]

use super::vector::{Work, fast, most};

/// Weights of a superblock.
pub(super) const BLOCK: usize = 256;
/// Tokens of a group: those that a kernel works on side by side.
pub(super) const GROUP: usize = 16;

/// A superblock of one activation.
pub(super) struct Part {
    pub(super) scale: f32,
    pub(super) numbers: [i8; BLOCK],
    /// The same numbers as Q4_K stores its weights: subblocks of 32 in the order 0, 2, 1, 3, 4, 6, 5, 7.
    pub(super) paired: [i8; BLOCK],
    /// Sums of sixteen numbers each.
    pub(super) sums: [i16; 16],
    /// Sums of 32 numbers each.
    pub(super) sums_of_subblocks: [i16; 8],
}

/// The activation of one token.
pub(super) struct Activation {
    pub(super) parts: Vec<Part>,
}

impl Activation {
    /// Quantises an activation whose length is a multiple of 256.
    pub(super) fn new(numbers: &[f32]) -> Self {
        fast(Quantise(numbers))
    }
}

struct Quantise<'a>(&'a [f32]);

impl Work for Quantise<'_> {
    type Output = Activation;

    #[inline(always)]
    fn run(self) -> Activation {
        let blocks = self.0.as_chunks::<BLOCK>().0;
        let mut parts = Vec::with_capacity(blocks.len());
        for numbers in blocks {
            parts.push(quantise(numbers));
        }
        Activation { parts }
    }
}

#[inline(always)]
fn quantise(numbers: &[f32; BLOCK]) -> Part {
    let mut sizes = [0.0_f32; BLOCK];
    for (size, number) in sizes.iter_mut().zip(numbers) {
        *size = number.abs();
    }
    let most = most(&sizes);
    let inverse = if most > 0.0 { 127.0 / most } else { 0.0 };
    let mut part =
        Part { scale: most / 127.0, numbers: [0; BLOCK], paired: [0; BLOCK], sums: [0; 16], sums_of_subblocks: [0; 8] };
    for (whole, number) in part.numbers.iter_mut().zip(numbers) {
        // With one and a half times 2^23 added, the last bits of a fraction are a whole number, rounded; a conversion would
        // be done one by one.
        const ROUNDING: f32 = 12_582_912.0;
        let [lowest, ..] = (number * inverse + ROUNDING).to_bits().to_le_bytes();
        *whole = lowest.cast_signed();
    }
    for (sum, sixteen) in part.sums.iter_mut().zip(part.numbers.as_chunks::<16>().0) {
        for number in sixteen {
            *sum += i16::from(*number);
        }
    }
    for (sum, pair) in part.sums_of_subblocks.iter_mut().zip(part.sums.as_chunks::<2>().0) {
        *sum = pair[0] + pair[1];
    }
    let (numbers, _) = part.numbers.as_chunks::<32>();
    for (paired, from) in part.paired.as_chunks_mut::<32>().0.iter_mut().zip([0, 2, 1, 3, 4, 6, 5, 7]) {
        *paired = numbers[from];
    }
    part
}

/// A superblock of a group: numbers of sixteen tokens side by side, four of each token together, since that is what one
/// instruction multiplies and adds up.
#[derive(Clone)]
pub(super) struct GroupPart {
    pub(super) scales: [f32; GROUP],
    pub(super) numbers: [[[i8; 4]; GROUP]; BLOCK / 4],
    /// Sums of 32 numbers, two of a token together.
    pub(super) sums_of_subblocks: [[[i16; 2]; GROUP]; 4],
    /// Sums of sixteen numbers, two of a token together.
    pub(super) sums: [[[i16; 2]; GROUP]; 8],
}

/// The activations of up to sixteen tokens.
#[derive(Clone, Default)]
pub(super) struct Group {
    pub(super) count: usize,
    pub(super) parts: Vec<GroupPart>,
}

impl Group {
    /// Quantises activations of `columns` numbers, a multiple of 256. Places without a token are zero.
    pub(super) fn new(numbers: &[f32], columns: usize) -> Self {
        fast(QuantiseGroup { numbers, columns })
    }
}

struct QuantiseGroup<'a> {
    numbers: &'a [f32],
    columns: usize,
}

impl Work for QuantiseGroup<'_> {
    type Output = Group;

    #[inline(always)]
    fn run(self) -> Group {
        let empty = GroupPart {
            scales: [0.0; GROUP],
            numbers: [[[0; 4]; GROUP]; BLOCK / 4],
            sums_of_subblocks: [[[0; 2]; GROUP]; 4],
            sums: [[[0; 2]; GROUP]; 8],
        };
        let mut parts = vec![empty; self.columns / BLOCK];
        let tokens = self.numbers.chunks_exact(self.columns).take(GROUP);
        let count = tokens.len();
        for (place, token) in tokens.enumerate() {
            for (part, numbers) in parts.iter_mut().zip(token.as_chunks::<BLOCK>().0) {
                let one = quantise(numbers);
                part.scales[place] = one.scale;
                for (to, four) in part.numbers.iter_mut().zip(one.numbers.as_chunks::<4>().0) {
                    to[place] = *four;
                }
                for (to, pair) in part.sums_of_subblocks.iter_mut().zip(one.sums_of_subblocks.as_chunks::<2>().0) {
                    to[place] = *pair;
                }
                for (to, pair) in part.sums.iter_mut().zip(one.sums.as_chunks::<2>().0) {
                    to[place] = *pair;
                }
            }
        }
        Group { count, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_holds_what_its_tokens_hold_alone() {
        let mut random = fastrand::Rng::with_seed(3);
        let numbers: Vec<f32> = (0..3 * 512).map(|_| random.f32() * 4.0 - 2.0).collect();
        let group = Group::new(&numbers, 512);
        assert_eq!(group.count, 3);
        for (place, token) in numbers.chunks(512).enumerate() {
            for (part, together) in Activation::new(token).parts.iter().zip(&group.parts) {
                assert!((part.scale - together.scales[place]).abs() < f32::EPSILON);
                let back: Vec<i8> = together.numbers.iter().flat_map(|four| four[place]).collect();
                assert_eq!(back, part.numbers);
                let sums: Vec<i16> = together.sums.iter().flat_map(|pair| pair[place]).collect();
                assert_eq!(sums, part.sums);
                let sums: Vec<i16> = together.sums_of_subblocks.iter().flat_map(|pair| pair[place]).collect();
                assert_eq!(sums, part.sums_of_subblocks);
                assert_eq!(
                    part.sums.iter().map(|sum| i32::from(*sum)).sum::<i32>(),
                    part.numbers.iter().map(|number| i32::from(*number)).sum::<i32>()
                );
            }
        }
        assert!(group.parts.iter().all(|part| part.numbers.iter().all(|four| four[3] == [0; 4])));
    }
}
