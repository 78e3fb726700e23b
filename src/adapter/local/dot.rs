//! Products of a few activations with rows of a matrix. Writing an answer waits for memory, so the compact form in which the
//! file stores the weights is the fast one; several tokens share the unpacking in registers.

#![expect(
    clippy::inline_always,
    reason = "what runs with wide instructions must be inlined into the function that was compiled for them"
)]

use std::arch::x86_64::{__m128, __m128i, __m256i, __m512i};

use pulp::x86::{V3, V4};
use pulp::{NullaryFnOnce, bytemuck, cast};

use super::activation::{Activation, Part};
use super::kernel::{Format, Level, Q4_BYTES, Q6_BYTES, ROWS, unpack_q4_scales};

/// Activations that share the unpacking of a superblock, as far as registers go.
const TOGETHER: usize = 4;

/// The products of activations with each row of packed weights, those of an activation one after the other.
pub(super) fn multiply(
    level: Level,
    format: Format,
    packed: &[u8],
    row_bytes: usize,
    activations: &[Activation],
    out: &mut [f32],
) {
    match level {
        Level::Wide(simd) => simd.vectorize(Multiply { simd, format, packed, row_bytes, activations, out }),
        Level::Widest(simd) => simd.vectorize(Multiply { simd, format, packed, row_bytes, activations, out }),
    }
}

/// A type of its own, since a closure is not always inlined into the function that is compiled for wide instructions, and
/// without that it is many times slower.
struct Multiply<'a, S> {
    simd: S,
    format: Format,
    packed: &'a [u8],
    row_bytes: usize,
    activations: &'a [Activation],
    out: &'a mut [f32],
}

impl<S: Instructions> NullaryFnOnce for Multiply<'_, S> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match self.format {
            Format::Q4 => self.each::<Q4, Q4_BYTES>(),
            Format::Q6 => self.each::<Q6, Q6_BYTES>(),
        }
    }
}

impl<S: Instructions> Multiply<'_, S> {
    #[inline(always)]
    fn each<F: Stored<BYTES>, const BYTES: usize>(self) {
        let Self { simd, packed, row_bytes, activations, out, .. } = self;
        let count = out.len() / activations.len().max(1);
        for (number, rows) in packed.chunks_exact(ROWS * row_bytes).enumerate() {
            let rows = rows.as_chunks::<BYTES>().0.as_chunks::<ROWS>().0;
            for (some, out) in activations.chunks(TOGETHER).zip(out.chunks_mut(TOGETHER * count)) {
                let place = number * ROWS;
                match some {
                    [a] => together::<S, F, BYTES, 1>(simd, rows, [a], out, count, place),
                    [a, b] => together::<S, F, BYTES, 2>(simd, rows, [a, b], out, count, place),
                    [a, b, c] => together::<S, F, BYTES, 3>(simd, rows, [a, b, c], out, count, place),
                    [a, b, c, d] => together::<S, F, BYTES, 4>(simd, rows, [a, b, c, d], out, count, place),
                    _ => {}
                }
            }
        }
    }
}

/// The products of some activations with rows that are packed together.
#[inline(always)]
fn together<S: Instructions, F: Stored<BYTES>, const BYTES: usize, const TOKENS: usize>(
    simd: S,
    rows: &[[[u8; BYTES]; ROWS]],
    activations: [&Activation; TOKENS],
    out: &mut [f32],
    count: usize,
    place: usize,
) {
    let mut sums = [simd.basic().sse._mm_setzero_ps(); TOKENS];
    for (number, [a, b, c, d]) in rows.iter().enumerate() {
        let mut parts = [&activations[0].parts[number]; TOKENS];
        for (part, activation) in parts.iter_mut().zip(activations) {
            *part = &activation.parts[number];
        }
        F::add(simd, [a, b, c, d], parts, &mut sums);
    }
    for (sums, out) in sums.into_iter().zip(out.chunks_mut(count)) {
        let sums: [f32; ROWS] = cast(sums);
        for (out, sum) in out.iter_mut().skip(place).zip(sums) {
            *out = sum;
        }
    }
}

/// What differs between processors: the products of a superblock with some activations.
trait Instructions: Copy {
    fn basic(self) -> V3;

    /// Products by their scales, in eight sums; what the minimums take away, in four.
    fn q4<const TOKENS: usize>(
        self,
        block: &[u8; Q4_BYTES],
        parts: [&Part; TOKENS],
    ) -> ([__m256i; TOKENS], [__m128i; TOKENS]);

    /// Products by their scales, in eight sums, for weights that are stored 32 too high; the sums of the activations by the
    /// same scales, in eight.
    fn q6<const TOKENS: usize>(
        self,
        block: &[u8; Q6_BYTES],
        parts: [&Part; TOKENS],
    ) -> ([__m256i; TOKENS], [__m256i; TOKENS]);
}

/// A format of superblocks.
trait Stored<const BYTES: usize> {
    /// Adds the products of superblocks of four rows to the sums of these rows.
    fn add<S: Instructions, const TOKENS: usize>(
        simd: S,
        blocks: [&[u8; BYTES]; ROWS],
        parts: [&Part; TOKENS],
        sums: &mut [__m128; TOKENS],
    );
}

struct Q4;

impl Stored<Q4_BYTES> for Q4 {
    #[inline(always)]
    fn add<S: Instructions, const TOKENS: usize>(
        simd: S,
        blocks: [&[u8; Q4_BYTES]; ROWS],
        parts: [&Part; TOKENS],
        sums: &mut [__m128; TOKENS],
    ) {
        let basic = simd.basic();
        let short = basic.ssse3;
        let [a, b, c, d] = blocks;
        let (a, b) = (simd.q4(a, parts), simd.q4(b, parts));
        let (c, d) = (simd.q4(c, parts), simd.q4(d, parts));
        let scales = small_floats::<0, Q4_BYTES>(basic, blocks);
        let minimums = small_floats::<2, Q4_BYTES>(basic, blocks);
        for token in 0..TOKENS {
            let whole = total(basic, [a.0[token], b.0[token], c.0[token], d.0[token]]);
            let left = short._mm_hadd_epi32(a.1[token], b.1[token]);
            let taken = short._mm_hadd_epi32(left, short._mm_hadd_epi32(c.1[token], d.1[token]));
            let scale = basic.sse._mm_set1_ps(parts[token].scale);
            let (whole, taken) = (basic.sse2._mm_cvtepi32_ps(whole), basic.sse2._mm_cvtepi32_ps(taken));
            let sum = basic.fma._mm_fmadd_ps(whole, basic.sse._mm_mul_ps(scales, scale), sums[token]);
            sums[token] = basic.fma._mm_fnmadd_ps(taken, basic.sse._mm_mul_ps(minimums, scale), sum);
        }
    }
}

struct Q6;

impl Stored<Q6_BYTES> for Q6 {
    #[inline(always)]
    fn add<S: Instructions, const TOKENS: usize>(
        simd: S,
        blocks: [&[u8; Q6_BYTES]; ROWS],
        parts: [&Part; TOKENS],
        sums: &mut [__m128; TOKENS],
    ) {
        let basic = simd.basic();
        let [a, b, c, d] = blocks;
        let rows = [simd.q6(a, parts), simd.q6(b, parts), simd.q6(c, parts), simd.q6(d, parts)];
        let scales = small_floats::<208, Q6_BYTES>(basic, blocks);
        for token in 0..TOKENS {
            let mut products = [basic.avx._mm256_setzero_si256(); ROWS];
            for (products, (whole, over)) in products.iter_mut().zip(&rows) {
                *products = basic.avx2._mm256_sub_epi32(whole[token], basic.avx2._mm256_slli_epi32::<5>(over[token]));
            }
            let whole = total(basic, products);
            let scale = basic.sse._mm_mul_ps(scales, basic.sse._mm_set1_ps(parts[token].scale));
            sums[token] = basic.fma._mm_fmadd_ps(basic.sse2._mm_cvtepi32_ps(whole), scale, sums[token]);
        }
    }
}

/// The totals of four times eight numbers.
#[inline(always)]
fn total(simd: V3, [a, b, c, d]: [__m256i; 4]) -> __m128i {
    let wide = simd.avx2;
    let sums = wide._mm256_hadd_epi32(wide._mm256_hadd_epi32(a, b), wide._mm256_hadd_epi32(c, d));
    simd.sse2._mm_add_epi32(simd.avx._mm256_castsi256_si128(sums), wide._mm256_extracti128_si256::<1>(sums))
}

/// As [`super::kernel::small_float`], those at one place of four superblocks.
#[inline(always)]
fn small_floats<const AT: usize, const BYTES: usize>(simd: V3, blocks: [&[u8; BYTES]; ROWS]) -> __m128 {
    let mut bits = [0_u32; ROWS];
    for (bits, block) in bits.iter_mut().zip(blocks) {
        *bits = u32::from(u16::from_le_bytes([block[AT], block[AT + 1]]));
    }
    let bits: __m128i = cast(bits);
    let two = simd.sse2;
    let size = two._mm_slli_epi32::<13>(two._mm_and_si128(bits, two._mm_set1_epi32(0x7fff)));
    let size = simd.sse._mm_mul_ps(cast(size), simd.sse._mm_set1_ps(f32::from_bits((112 + 127) << 23)));
    let sign = two._mm_slli_epi32::<16>(two._mm_and_si128(bits, two._mm_set1_epi32(0x8000)));
    simd.sse._mm_or_ps(size, cast(sign))
}

#[inline(always)]
fn pair_of_scales(simd: V3, scales: [u8; 8]) -> __m128i {
    simd.sse4_1._mm_cvtepu8_epi16(cast([u64::from_le_bytes(scales), 0]))
}

impl Instructions for V3 {
    #[inline(always)]
    fn basic(self) -> V3 {
        self
    }

    #[inline(always)]
    fn q4<const TOKENS: usize>(
        self,
        block: &[u8; Q4_BYTES],
        parts: [&Part; TOKENS],
    ) -> ([__m256i; TOKENS], [__m128i; TOKENS]) {
        let wide = self.avx2;
        let (scales, minimums) = unpack_q4_scales(block);
        let scales = wide._mm256_broadcastsi128_si256(pair_of_scales(self, scales.to_le_bytes()));
        let low_bits = self.avx._mm256_set1_epi8(0x0f);
        let (weights, _) = block[16..].as_chunks::<32>();
        let mut whole = [self.avx._mm256_setzero_si256(); TOKENS];
        for (pair, stored) in weights.iter().enumerate() {
            // The low bits are a subblock, the high ones the next.
            let stored: __m256i = cast(*stored);
            let low = wide._mm256_and_si256(stored, low_bits);
            let high = wide._mm256_and_si256(wide._mm256_srli_epi16::<4>(stored), low_bits);
            for (weights, subblock) in [(low, 2 * pair), (high, 2 * pair + 1)] {
                let scale = wide._mm256_shuffle_epi8(scales, cast(EACH[subblock]));
                for (whole, part) in whole.iter_mut().zip(parts) {
                    let numbers = part.numbers.as_chunks::<32>().0[subblock];
                    let products = wide._mm256_maddubs_epi16(weights, cast(numbers));
                    *whole = wide._mm256_add_epi32(*whole, wide._mm256_madd_epi16(products, scale));
                }
            }
        }
        let minimums = pair_of_scales(self, minimums.to_le_bytes());
        let mut taken = [self.sse2._mm_setzero_si128(); TOKENS];
        for (taken, part) in taken.iter_mut().zip(parts) {
            *taken = self.sse2._mm_madd_epi16(minimums, cast(part.sums_of_subblocks));
        }
        (whole, taken)
    }

    #[inline(always)]
    fn q6<const TOKENS: usize>(
        self,
        block: &[u8; Q6_BYTES],
        parts: [&Part; TOKENS],
    ) -> ([__m256i; TOKENS], [__m256i; TOKENS]) {
        let wide = self.avx2;
        let low_bits = self.avx._mm256_set1_epi8(0x0f);
        let high_bits = self.avx._mm256_set1_epi8(0x30);
        let all_scales = wide._mm256_cvtepi8_epi16(bytemuck::pod_read_unaligned(&block[192..208]));
        let (low, _) = block[..128].as_chunks::<32>();
        let (high, _) = block[128..192].as_chunks::<32>();
        let scales = [doubled::<false>(self, all_scales), doubled::<true>(self, all_scales)];
        let mut whole = [self.avx._mm256_setzero_si256(); TOKENS];
        for half in 0..2 {
            let top: __m256i = cast(high[half]);
            let [first, second] = [cast::<_, __m256i>(low[2 * half]), cast(low[2 * half + 1])];
            // Two bits for each of four runs of 32 weights, lowest run first; moved to bits four and five.
            let runs = [
                (first, wide._mm256_slli_epi16::<4>(top)),
                (second, wide._mm256_slli_epi16::<2>(top)),
                (wide._mm256_srli_epi16::<4>(first), top),
                (wide._mm256_srli_epi16::<4>(second), wide._mm256_srli_epi16::<2>(top)),
            ];
            for (run, (lower, upper)) in runs.into_iter().enumerate() {
                let place = 4 * half + run;
                let lower = wide._mm256_and_si256(lower, low_bits);
                let weights = wide._mm256_or_si256(lower, wide._mm256_and_si256(upper, high_bits));
                // Two scales, for sixteen weights each.
                let scales = wide._mm256_shuffle_epi8(scales[half], cast(HALVES[run]));
                for (whole, part) in whole.iter_mut().zip(parts) {
                    let numbers = part.numbers.as_chunks::<32>().0[place];
                    let products = wide._mm256_maddubs_epi16(weights, cast(numbers));
                    *whole = wide._mm256_add_epi32(*whole, wide._mm256_madd_epi16(products, scales));
                }
            }
        }
        let mut over = [self.avx._mm256_setzero_si256(); TOKENS];
        for (over, part) in over.iter_mut().zip(parts) {
            *over = wide._mm256_madd_epi16(all_scales, cast(part.sums));
        }
        (whole, over)
    }
}

/// Eight of sixteen scales, in both halves.
#[inline(always)]
fn doubled<const UPPER: bool>(simd: V3, scales: __m256i) -> __m256i {
    if UPPER {
        simd.avx2._mm256_permute2x128_si256::<0x11>(scales, scales)
    } else {
        simd.avx2._mm256_permute2x128_si256::<0x00>(scales, scales)
    }
}

/// For each subblock of 32 weights, where its scale (two bytes) stands among eight.
const EACH: [[u8; 32]; 8] =
    [spread(0, 0), spread(1, 1), spread(2, 2), spread(3, 3), spread(4, 4), spread(5, 5), spread(6, 6), spread(7, 7)];

/// For each 32 weights, where among eight scales (two bytes each) those of its halves stand.
const HALVES: [[u8; 32]; 4] = [spread(0, 1), spread(2, 3), spread(4, 5), spread(6, 7)];

/// For each pair of subblocks of 32 weights, where the eight scales (two bytes each) stand: one for each half.
const PAIRS: [[u8; 64]; 4] = [spread(0, 2), spread(1, 3), spread(4, 6), spread(5, 7)];

const fn spread<const BYTES: usize>(low: u8, high: u8) -> [u8; BYTES] {
    let mut picked = [0; BYTES];
    let mut at = 0;
    while at < BYTES {
        let scale = if at < BYTES / 2 { low } else { high };
        picked[at] = scale * 2 + if at.is_multiple_of(2) { 0 } else { 1 };
        at += 1;
    }
    picked
}

/// For each 64 weights, which four of the sixteen scales go with them: eight products of two weights for each.
const QUARTERS: [[u16; 32]; 4] = [quarter(0), quarter(1), quarter(2), quarter(3)];

const fn quarter(number: u16) -> [u16; 32] {
    let mut picked = [0; 32];
    let mut at: u16 = 0;
    while at < 32 {
        picked[at as usize] = number * 4 + at / 8;
        at += 1;
    }
    picked
}

/// Products by their scales, in sixteen sums and then in eight.
#[inline(always)]
fn scaled(simd: V4, weights: [__m512i; 4], scales: [__m512i; 4], numbers: &[i8; 256]) -> __m256i {
    let (wide, bytes) = (simd.avx512f, simd.avx512bw);
    let (numbers, _) = numbers.as_chunks::<64>();
    let mut whole = wide._mm512_setzero_si512();
    for ((weights, scales), numbers) in weights.into_iter().zip(scales).zip(numbers) {
        let products = bytes._mm512_maddubs_epi16(weights, cast(*numbers));
        whole = wide._mm512_add_epi32(whole, bytes._mm512_madd_epi16(products, scales));
    }
    simd.avx2._mm256_add_epi32(wide._mm512_castsi512_si256(whole), wide._mm512_extracti64x4_epi64::<1>(whole))
}

impl Instructions for V4 {
    #[inline(always)]
    fn basic(self) -> V3 {
        *self
    }

    #[inline(always)]
    fn q4<const TOKENS: usize>(
        self,
        block: &[u8; Q4_BYTES],
        parts: [&Part; TOKENS],
    ) -> ([__m256i; TOKENS], [__m128i; TOKENS]) {
        let (wide, bytes) = (self.avx512f, self.avx512bw);
        let (scales, minimums) = unpack_q4_scales(block);
        let scales = wide._mm512_broadcast_i32x4(pair_of_scales(*self, scales.to_le_bytes()));
        let low_bits = wide._mm512_set1_epi8(0x0f);
        // Low and high bits of the first 32 bytes are subblocks 0 and 1, of the other 32 bytes 2 and 3.
        let (halves, _) = block[16..].as_chunks::<64>();
        let [first, second]: [__m512i; 2] = [cast(halves[0]), cast(halves[1])];
        let weights = [
            wide._mm512_and_si512(first, low_bits),
            wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(first), low_bits),
            wide._mm512_and_si512(second, low_bits),
            wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(second), low_bits),
        ];
        let scales = [
            bytes._mm512_shuffle_epi8(scales, cast(PAIRS[0])),
            bytes._mm512_shuffle_epi8(scales, cast(PAIRS[1])),
            bytes._mm512_shuffle_epi8(scales, cast(PAIRS[2])),
            bytes._mm512_shuffle_epi8(scales, cast(PAIRS[3])),
        ];
        let minimums = pair_of_scales(*self, minimums.to_le_bytes());
        let mut whole = [self.avx._mm256_setzero_si256(); TOKENS];
        let mut taken = [self.sse2._mm_setzero_si128(); TOKENS];
        for ((whole, taken), part) in whole.iter_mut().zip(&mut taken).zip(parts) {
            *whole = scaled(self, weights, scales, &part.paired);
            *taken = self.sse2._mm_madd_epi16(minimums, cast(part.sums_of_subblocks));
        }
        (whole, taken)
    }

    #[inline(always)]
    fn q6<const TOKENS: usize>(
        self,
        block: &[u8; Q6_BYTES],
        parts: [&Part; TOKENS],
    ) -> ([__m256i; TOKENS], [__m256i; TOKENS]) {
        let (wide, bytes) = (self.avx512f, self.avx512bw);
        let low_bits = wide._mm512_set1_epi8(0x0f);
        let high_bits = wide._mm512_set1_epi8(0x30);
        let scales: __m128i = bytemuck::pod_read_unaligned(&block[192..208]);
        let all_scales = self.avx2._mm256_cvtepi8_epi16(scales);
        let scales = wide._mm512_castsi256_si512(all_scales);
        let (low, _) = block[..128].as_chunks::<64>();
        let (high, _) = block[128..192].as_chunks::<32>();
        let mut weights = [low_bits; 4];
        for half in 0..2 {
            let stored: __m512i = cast(low[half]);
            let top: __m512i = cast([high[half], high[half]]);
            // Two bits for each of four runs of 32 weights, lowest run first; moved to bits four and five.
            let first = wide._mm512_sllv_epi64(top, cast([4_u64, 4, 4, 4, 2, 2, 2, 2]));
            let second = wide._mm512_srlv_epi64(top, cast([0_u64, 0, 0, 0, 2, 2, 2, 2]));
            let lower = wide._mm512_and_si512(stored, low_bits);
            let upper = wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(stored), low_bits);
            weights[2 * half] = wide._mm512_or_si512(lower, wide._mm512_and_si512(first, high_bits));
            weights[2 * half + 1] = wide._mm512_or_si512(upper, wide._mm512_and_si512(second, high_bits));
        }
        let scales = [
            bytes._mm512_permutexvar_epi16(cast(QUARTERS[0]), scales),
            bytes._mm512_permutexvar_epi16(cast(QUARTERS[1]), scales),
            bytes._mm512_permutexvar_epi16(cast(QUARTERS[2]), scales),
            bytes._mm512_permutexvar_epi16(cast(QUARTERS[3]), scales),
        ];
        let mut whole = [self.avx._mm256_setzero_si256(); TOKENS];
        let mut over = [self.avx._mm256_setzero_si256(); TOKENS];
        for ((whole, over), part) in whole.iter_mut().zip(&mut over).zip(parts) {
            *whole = scaled(self, weights, scales, &part.numbers);
            *over = self.avx2._mm256_madd_epi16(all_scales, cast(part.sums));
        }
        (whole, over)
    }
}
