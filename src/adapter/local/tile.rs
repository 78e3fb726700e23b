//! Products of many activations with rows of a matrix: a superblock of some rows is unpacked once for all tokens, and stays
//! in the nearest cache while they pass. Tokens are side by side in the lanes of an instruction, so that each weight goes to
//! all of them at once and no sum has to be gathered from lanes.

#![expect(
    clippy::inline_always,
    reason = "what runs with wide instructions must be inlined into the function that was compiled for them"
)]
#![expect(clippy::needless_range_loop, reason = "loops over registers, which the compiler unrolls")]

mod avx2;
mod avx512;

use std::arch::x86_64::__m256i;

use pulp::x86::V3;
use pulp::{NullaryFnOnce, cast};

use super::activation::{BLOCK, GROUP, Group, GroupPart};
use super::kernel::{Format, Level, Q4_BYTES, Q6_BYTES, ROWS, small_float, unpack_q4_scales};

/// Rows that are unpacked together.
const PANEL: usize = 32;

/// The products of the activations of groups with each row of packed weights, for each token a row of products.
pub(super) fn multiply(
    level: Level,
    format: Format,
    packed: &[u8],
    row_bytes: usize,
    groups: &[Group],
    out: &mut [&mut [f32]],
) {
    match level {
        Level::Wide(simd) => simd.vectorize(Multiply { simd, format, packed, row_bytes, groups, out }),
        Level::Widest(simd) => simd.vectorize(Multiply { simd, format, packed, row_bytes, groups, out }),
    }
}

struct Multiply<'a, 'o, S> {
    simd: S,
    format: Format,
    packed: &'a [u8],
    row_bytes: usize,
    groups: &'a [Group],
    out: &'a mut [&'o mut [f32]],
}

impl<S: Lanes> NullaryFnOnce for Multiply<'_, '_, S> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match self.format {
            Format::Q4 => self.each::<Q4, Q4_BYTES>(),
            Format::Q6 => self.each::<Q6, Q6_BYTES>(),
        }
    }
}

/// A superblock of a row.
#[derive(Clone, Copy)]
struct Unpacked {
    weights: [[u8; 4]; BLOCK / 4],
    /// The scale of each subblock, twice.
    scales: [[i16; 2]; 16],
    /// What the sums of the activation are multiplied with: minimums or scales, by pairs of subblocks.
    pairs: [[i16; 2]; 8],
    scale: f32,
    minimum: f32,
}

const EMPTY: Unpacked =
    Unpacked { weights: [[0; 4]; BLOCK / 4], scales: [[0; 2]; 16], pairs: [[0; 2]; 8], scale: 0.0, minimum: 0.0 };

/// Sums of a row for the tokens of a group.
type Sums = [f32; GROUP];

impl<S: Lanes> Multiply<'_, '_, S> {
    #[inline(always)]
    fn each<F: Stored<BYTES>, const BYTES: usize>(self) {
        let mut panel = [EMPTY; PANEL];
        let mut sums = vec![[[0.0; GROUP]; PANEL]; self.groups.len()];
        let all = self.out.first().map_or(0, |token| token.len());
        let blocks = self.row_bytes / BYTES;
        for (number, rows) in self.packed.chunks(PANEL * self.row_bytes).enumerate() {
            let count = all.saturating_sub(number * PANEL).min(PANEL);
            let rows = rows.as_chunks::<BYTES>().0.as_chunks::<ROWS>().0;
            sums.fill([[0.0; GROUP]; PANEL]);
            for block in 0..blocks {
                let stored = rows.iter().skip(block).step_by(blocks).flatten();
                for (unpacked, stored) in panel.iter_mut().zip(stored) {
                    F::unpack(self.simd.basic(), stored, unpacked);
                }
                for (group, sums) in self.groups.iter().zip(&mut sums) {
                    let Some(part) = group.parts.get(block) else { continue };
                    let used = panel.get(..count.next_multiple_of(S::ROWS)).unwrap_or(&panel);
                    if group.count <= S::LANES {
                        S::few::<F, BYTES>(self.simd, used, part, sums);
                    } else {
                        S::all::<F, BYTES>(self.simd, used, part, sums);
                    }
                }
            }
            let mut tokens = self.out.iter_mut();
            for (group, sums) in self.groups.iter().zip(&sums) {
                for place in 0..group.count {
                    let Some(token) = tokens.next() else { continue };
                    let products = token.iter_mut().skip(number * PANEL).take(count);
                    for (product, sums) in products.zip(sums) {
                        *product = sums[place];
                    }
                }
            }
        }
    }
}

/// A format of superblocks.
trait Stored<const BYTES: usize> {
    /// Whether the products of a row need more registers.
    const CROWDED: bool;

    /// Unpacks a superblock.
    fn unpack(simd: V3, block: &[u8; BYTES], to: &mut Unpacked);

    /// Adds the products of the superblocks of some rows to the sums of these rows.
    fn add<S: Lanes, const ROWS: usize, const VECTORS: usize>(
        simd: S,
        rows: &[Unpacked; ROWS],
        part: &GroupPart,
        sums: &mut [Sums; ROWS],
    );
}

struct Q4;

impl Stored<Q4_BYTES> for Q4 {
    const CROWDED: bool = false;

    #[inline(always)]
    fn unpack(simd: V3, block: &[u8; Q4_BYTES], to: &mut Unpacked) {
        let wide = simd.avx2;
        let low_bits = simd.avx._mm256_set1_epi8(0x0f);
        let (stored, _) = block[16..].as_chunks::<32>();
        let pairs = to.weights.as_chunks_mut::<16>().0;
        for (to, stored) in pairs.iter_mut().zip(stored) {
            // The low bits are a subblock, the high ones the next.
            let stored: __m256i = cast(*stored);
            let high = wide._mm256_srli_epi16::<4>(stored);
            *to = cast([wide._mm256_and_si256(stored, low_bits), wide._mm256_and_si256(high, low_bits)]);
        }
        let (scales, minimums) = unpack_q4_scales(block);
        for (to, scale) in to.scales.iter_mut().zip(scales.to_le_bytes()) {
            *to = [i16::from(scale); 2];
        }
        for (to, minimums) in to.pairs.iter_mut().zip(minimums.to_le_bytes().as_chunks::<2>().0) {
            *to = [i16::from(minimums[0]), i16::from(minimums[1])];
        }
        to.scale = small_float([block[0], block[1]]);
        to.minimum = small_float([block[2], block[3]]);
    }

    #[inline(always)]
    fn add<S: Lanes, const ROWS: usize, const VECTORS: usize>(
        simd: S,
        rows: &[Unpacked; ROWS],
        part: &GroupPart,
        sums: &mut [Sums; ROWS],
    ) {
        let mut whole = [[simd.zero(); VECTORS]; ROWS];
        for (subblock, numbers) in part.numbers.as_chunks::<8>().0.iter().enumerate() {
            // Eight products of a weight of four bits fit: 8 * 2 * 15 * 127 < 2^15.
            let mut short = [[simd.zero(); VECTORS]; ROWS];
            for (place, numbers) in numbers.iter().enumerate() {
                for vector in 0..VECTORS {
                    let numbers = simd.bytes(numbers, vector);
                    for row in 0..ROWS {
                        let weights = simd.spread(cast(rows[row].weights[subblock * 8 + place]));
                        short[row][vector] = simd.add_short(short[row][vector], simd.pairs_of_bytes(weights, numbers));
                    }
                }
            }
            for row in 0..ROWS {
                let scale = simd.spread(cast(rows[row].scales[subblock]));
                for vector in 0..VECTORS {
                    whole[row][vector] = simd.add(whole[row][vector], simd.pairs(short[row][vector], scale));
                }
            }
        }
        for row in 0..ROWS {
            for vector in 0..VECTORS {
                let mut taken = simd.zero();
                for (numbers, minimums) in part.sums_of_subblocks.iter().zip(rows[row].pairs) {
                    let pairs = simd.pairs(simd.shorts(numbers, vector), simd.spread(cast(minimums)));
                    taken = simd.add(taken, pairs);
                }
                let scales = simd.floats(&part.scales, vector);
                let sum = simd.floats(&sums[row], vector);
                let sum = simd.multiply_add(whole[row][vector], simd.scaled(rows[row].scale, scales), sum);
                let sum = simd.multiply_subtract(taken, simd.scaled(rows[row].minimum, scales), sum);
                simd.keep(sum, &mut sums[row], vector);
            }
        }
    }
}

struct Q6;

impl Stored<Q6_BYTES> for Q6 {
    const CROWDED: bool = true;

    #[inline(always)]
    fn unpack(simd: V3, block: &[u8; Q6_BYTES], to: &mut Unpacked) {
        let wide = simd.avx2;
        let low_bits = simd.avx._mm256_set1_epi8(0x0f);
        let high_bits = simd.avx._mm256_set1_epi8(0x30);
        let (low, _) = block[..128].as_chunks::<64>();
        let (high, _) = block[128..192].as_chunks::<32>();
        let halves = to.weights.as_chunks_mut::<32>().0;
        for ((to, low), high) in halves.iter_mut().zip(low).zip(high) {
            let [first, second]: [__m256i; 2] = cast(*low);
            let top: __m256i = cast(*high);
            // Two bits for each of four runs of 32 weights, lowest run first; moved to bits four and five.
            let mut runs = [
                (first, wide._mm256_slli_epi16::<4>(top)),
                (second, wide._mm256_slli_epi16::<2>(top)),
                (wide._mm256_srli_epi16::<4>(first), top),
                (wide._mm256_srli_epi16::<4>(second), wide._mm256_srli_epi16::<2>(top)),
            ];
            for (lower, upper) in &mut runs {
                *lower = wide._mm256_and_si256(*lower, low_bits);
                *lower = wide._mm256_or_si256(*lower, wide._mm256_and_si256(*upper, high_bits));
            }
            let [a, b, c, d] = runs;
            *to = cast([a.0, b.0, c.0, d.0]);
        }
        let scales = block[192..208].iter().map(|scale| i16::from(scale.cast_signed()));
        for (place, scale) in scales.enumerate() {
            to.scales[place] = [scale; 2];
            to.pairs[place / 2][place % 2] = scale;
        }
        to.scale = small_float([block[208], block[209]]);
    }

    #[inline(always)]
    fn add<S: Lanes, const ROWS: usize, const VECTORS: usize>(
        simd: S,
        rows: &[Unpacked; ROWS],
        part: &GroupPart,
        sums: &mut [Sums; ROWS],
    ) {
        let mut whole = [[simd.zero(); VECTORS]; ROWS];
        for (pair, numbers) in part.numbers.as_chunks::<2>().0.iter().enumerate() {
            for vector in 0..VECTORS {
                let [first, second] = [simd.bytes(&numbers[0], vector), simd.bytes(&numbers[1], vector)];
                for row in 0..ROWS {
                    // Two products of a weight of six bits fit: 2 * 2 * 63 * 127 < 2^15.
                    let one = simd.pairs_of_bytes(simd.spread(cast(rows[row].weights[2 * pair])), first);
                    let other = simd.pairs_of_bytes(simd.spread(cast(rows[row].weights[2 * pair + 1])), second);
                    let scale = simd.spread(cast(rows[row].scales[pair / 2]));
                    let products = simd.pairs(simd.add_short(one, other), scale);
                    whole[row][vector] = simd.add(whole[row][vector], products);
                }
            }
        }
        for row in 0..ROWS {
            for vector in 0..VECTORS {
                let mut over = simd.zero();
                for (numbers, scales) in part.sums.iter().zip(rows[row].pairs) {
                    over = simd.add(over, simd.pairs(simd.shorts(numbers, vector), simd.spread(cast(scales))));
                }
                // Weights are stored 32 too high.
                let products = simd.less_32_times(whole[row][vector], over);
                let scales = simd.scaled(rows[row].scale, simd.floats(&part.scales, vector));
                let sum = simd.multiply_add(products, scales, simd.floats(&sums[row], vector));
                simd.keep(sum, &mut sums[row], vector);
            }
        }
    }
}

/// Instructions on the tokens of a group, or on the first ones of them.
trait Lanes: Copy {
    /// Whole numbers.
    type Whole: Copy;
    /// Fractions.
    type Float: Copy;
    /// Tokens that an instruction works on.
    const LANES: usize;
    /// Rows that are worked on together, as far as registers go.
    const ROWS: usize;

    /// Adds the products of rows for a group of which only the first [`Self::LANES`] tokens count.
    fn few<F: Stored<BYTES>, const BYTES: usize>(self, rows: &[Unpacked], part: &GroupPart, sums: &mut [Sums; PANEL]);
    /// Adds the products of rows for a whole group.
    fn all<F: Stored<BYTES>, const BYTES: usize>(self, rows: &[Unpacked], part: &GroupPart, sums: &mut [Sums; PANEL]);

    fn basic(self) -> V3;
    fn zero(self) -> Self::Whole;
    fn spread(self, number: i32) -> Self::Whole;
    fn bytes(self, numbers: &[[i8; 4]; GROUP], vector: usize) -> Self::Whole;
    fn shorts(self, numbers: &[[i16; 2]; GROUP], vector: usize) -> Self::Whole;
    /// Products of bytes, the first without and the second with a sign, added up by two.
    fn pairs_of_bytes(self, left: Self::Whole, right: Self::Whole) -> Self::Whole;
    fn add_short(self, left: Self::Whole, right: Self::Whole) -> Self::Whole;
    /// Products of numbers of sixteen bits, added up by two.
    fn pairs(self, left: Self::Whole, right: Self::Whole) -> Self::Whole;
    fn add(self, left: Self::Whole, right: Self::Whole) -> Self::Whole;
    fn less_32_times(self, from: Self::Whole, number: Self::Whole) -> Self::Whole;
    fn floats(self, numbers: &Sums, vector: usize) -> Self::Float;
    fn keep(self, numbers: Self::Float, to: &mut Sums, vector: usize);
    fn scaled(self, by: f32, numbers: Self::Float) -> Self::Float;
    fn multiply_add(self, whole: Self::Whole, by: Self::Float, to: Self::Float) -> Self::Float;
    fn multiply_subtract(self, whole: Self::Whole, by: Self::Float, from: Self::Float) -> Self::Float;
}

#[inline(always)]
fn by_rows<S: Lanes, F: Stored<BYTES>, const BYTES: usize, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    rows: &[Unpacked],
    part: &GroupPart,
    sums: &mut [Sums; PANEL],
) {
    for (rows, sums) in rows.as_chunks::<ROWS>().0.iter().zip(sums.as_chunks_mut::<ROWS>().0) {
        F::add::<S, ROWS, VECTORS>(simd, rows, part, sums);
    }
}
