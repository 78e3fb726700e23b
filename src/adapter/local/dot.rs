//! Products of one activation with the rows of a quantised matrix, read as the file stores them: 4.5 or 6.6 bits a weight.
//! Writing an answer waits for memory, so the compact form is the fast one.
//!
//! The formats are those of GGML (`block_q4_K`, `block_q6_K` in ggml-common.h): superblocks of 256 weights. The activation is
//! quantised to whole numbers of eight bits with one scale a superblock. Sums of whole numbers are exact, so all that is
//! lost is what quantising the activation loses.

#![expect(
    clippy::inline_always,
    reason = "what runs with wide instructions must be inlined into the function that was compiled for them"
)]

use candle_core::quantized::GgmlDType;

use super::vector::{Work, fast, most};

/// Weights of a superblock.
const BLOCK: usize = 256;
/// Bytes of a superblock of Q4_K: two scales, twelve bytes of smaller scales, the weights.
const Q4_BYTES: usize = 2 + 2 + 12 + BLOCK / 2;
/// Bytes of a superblock of Q6_K: low four bits, high two bits, sixteen scales, one scale.
const Q6_BYTES: usize = BLOCK / 2 + BLOCK / 4 + 16 + 2;

/// A superblock of the activation.
struct Part {
    scale: f32,
    numbers: [i8; BLOCK],
    /// Sums of sixteen numbers each.
    sums: [i16; 16],
}

/// An activation, quantised once for all rows.
pub(super) struct Activation {
    parts: Vec<Part>,
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
    let mut part = Part { scale: most / 127.0, numbers: [0; BLOCK], sums: [0; 16] };
    for (whole, number) in part.numbers.iter_mut().zip(numbers) {
        // Adding and taking away a large number rounds, and keeps the compiler from going one by one.
        const ROUNDING: f32 = 12_582_912.0;
        #[expect(clippy::cast_possible_truncation, reason = "between -127 and 127")]
        let rounded = ((number * inverse + ROUNDING) - ROUNDING) as i32 as i8;
        *whole = rounded;
    }
    for (sum, sixteen) in part.sums.iter_mut().zip(part.numbers.as_chunks::<16>().0) {
        for number in sixteen {
            *sum += i16::from(*number);
        }
    }
    part
}

/// A way to multiply with matrices of one format on this processor.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    format: Format,
    #[cfg(target_arch = "x86_64")]
    simd: pulp::x86::V4,
}

#[derive(Clone, Copy)]
enum Format {
    Q4,
    Q6,
}

impl Kernel {
    /// The kernel for a format and a length of rows, where there is one that beats the portable way.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn choose(kind: GgmlDType, columns: usize) -> Option<Self> {
        let format = match kind {
            GgmlDType::Q4K => Format::Q4,
            GgmlDType::Q6K => Format::Q6,
            _ => return None,
        };
        let simd = pulp::x86::V4::try_new()?;
        columns.is_multiple_of(BLOCK).then_some(Self { format, simd })
    }

    /// The kernel for a format and a length of rows, where there is one that beats the portable way.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn choose(_kind: GgmlDType, _columns: usize) -> Option<Self> {
        None
    }

    /// Bytes of a row.
    pub(super) fn row_bytes(self, columns: usize) -> usize {
        let block = match self.format {
            Format::Q4 => Q4_BYTES,
            Format::Q6 => Q6_BYTES,
        };
        columns / BLOCK * block
    }

    /// Multiplies the activation with each row of a piece of the matrix.
    pub(super) fn multiply(self, rows: &[u8], row_bytes: usize, activation: &Activation, out: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        self.simd.vectorize(x86::Multiply { kernel: self, rows, row_bytes, activation, out });
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (rows, row_bytes, activation, out);
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m128i, __m256i, __m512, __m512i};

    use pulp::x86::V4;
    use pulp::{NullaryFnOnce, bytemuck, cast};

    use super::{Activation, Format, Kernel, Part, Q4_BYTES, Q6_BYTES};

    /// The work of [`super::Kernel::multiply`]. A type of its own, since a closure is not always inlined into the function
    /// that is compiled for wide instructions, and without that it is many times slower.
    pub(super) struct Multiply<'a> {
        pub(super) kernel: Kernel,
        pub(super) rows: &'a [u8],
        pub(super) row_bytes: usize,
        pub(super) activation: &'a Activation,
        pub(super) out: &'a mut [f32],
    }

    impl NullaryFnOnce for Multiply<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            match self.kernel.format {
                Format::Q4 => self.each::<Q4, Q4_BYTES>(),
                Format::Q6 => self.each::<Q6, Q6_BYTES>(),
            }
        }
    }

    /// A format of superblocks.
    trait Stored<const BYTES: usize> {
        /// The product of a superblock with its part of the activation, added to the sums.
        fn product(simd: V4, block: &[u8; BYTES], part: &Part, sum: __m512) -> __m512;
    }

    struct Q4;

    impl Stored<Q4_BYTES> for Q4 {
        #[inline(always)]
        fn product(simd: V4, block: &[u8; Q4_BYTES], part: &Part, sum: __m512) -> __m512 {
            q4_block(simd, block, part, sum)
        }
    }

    struct Q6;

    impl Stored<Q6_BYTES> for Q6 {
        #[inline(always)]
        fn product(simd: V4, block: &[u8; Q6_BYTES], part: &Part, sum: __m512) -> __m512 {
            q6_block(simd, block, part, sum)
        }
    }

    /// Rows that are read side by side: memory brings several streams sooner than one.
    const STREAMS: usize = 4;

    impl Multiply<'_> {
        #[inline(always)]
        fn each<F: Stored<BYTES>, const BYTES: usize>(self) {
            let simd = self.kernel.simd;
            let wide = simd.avx512f;
            let parts = self.activation.parts.as_slice();
            let (many, rest) = self.out.as_chunks_mut::<STREAMS>();
            let (rows, rest_rows) = self.rows.split_at((many.len() * STREAMS * self.row_bytes).min(self.rows.len()));
            for (rows, out) in rows.chunks_exact(STREAMS * self.row_bytes).zip(many) {
                let (first, second) = rows.split_at(2 * self.row_bytes);
                let (a, b) = first.split_at(self.row_bytes);
                let (c, d) = second.split_at(self.row_bytes);
                let streams = [a, b, c, d].map(|row| row.as_chunks::<BYTES>().0);
                let mut sums = [wide._mm512_setzero_ps(); STREAMS];
                for (at, part) in parts.iter().enumerate() {
                    for (sum, stream) in sums.iter_mut().zip(streams) {
                        if let Some(stored) = stream.get(at) {
                            *sum = F::product(simd, stored, part, *sum);
                        }
                    }
                }
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out = wide._mm512_reduce_add_ps(sum);
                }
            }
            for (row, out) in rest_rows.chunks_exact(self.row_bytes).zip(rest) {
                let mut sum = wide._mm512_setzero_ps();
                for (stored, part) in row.as_chunks::<BYTES>().0.iter().zip(parts) {
                    sum = F::product(simd, stored, part, sum);
                }
                *out = wide._mm512_reduce_add_ps(sum);
            }
        }
    }

    #[inline(always)]
    fn load(bytes: &[u8; 64]) -> __m512i {
        cast(*bytes)
    }

    #[inline(always)]
    fn small_float(simd: V4, bytes: [u8; 2]) -> f32 {
        let mut whole = [0_u8; 32];
        whole[..2].copy_from_slice(&bytes);
        let wide: [f32; 16] = cast(simd.avx512f._mm512_cvtph_ps(cast::<[u8; 32], __m256i>(whole)));
        wide[0]
    }

    /// For each pair of subblocks of 32 weights, where the eight scales (two bytes each) stand: one for each half.
    const PAIRS: [[u8; 64]; 4] = [spread(0, 2), spread(1, 3), spread(4, 6), spread(5, 7)];

    const fn spread(low: u8, high: u8) -> [u8; 64] {
        let mut picked = [0; 64];
        let mut at: u8 = 0;
        while at < 64 {
            let scale = if at < 32 { low } else { high };
            picked[at as usize] = scale * 2 + at % 2;
            at += 1;
        }
        picked
    }

    #[inline(always)]
    fn q4_block(simd: V4, block: &[u8; Q4_BYTES], part: &Part, sum: __m512) -> __m512 {
        let wide = simd.avx512f;
        let bytes = simd.avx512bw;
        let (scales, minimums) = unpack_q4_scales(block);
        let scales: __m128i = simd.sse4_1._mm_cvtepu8_epi16(cast([scales, 0]));
        let scales = wide._mm512_broadcast_i32x4(scales);
        let low_bits = wide._mm512_set1_epi8(0x0f);
        let mut whole = wide._mm512_setzero_si512();
        let (halves, _) = block[16..].as_chunks::<64>();
        let (numbers, _) = part.numbers.as_chunks::<32>();
        for (half, stored) in halves.iter().enumerate() {
            let stored = load(stored);
            let low = wide._mm512_and_si512(stored, low_bits);
            let high = wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(stored), low_bits);
            // Low and high bits of the first 32 bytes are subblocks 0 and 1, of the other 32 bytes 2 and 3.
            for (weights, first) in [(low, 0), (high, 1)] {
                let activation: __m512i = cast([numbers[half * 4 + first], numbers[half * 4 + first + 2]]);
                let products = bytes._mm512_maddubs_epi16(weights, activation);
                let scale = bytes._mm512_shuffle_epi8(scales, cast(PAIRS[half * 2 + first]));
                whole = wide._mm512_add_epi32(whole, bytes._mm512_madd_epi16(products, scale));
            }
        }
        let scale = small_float(simd, [block[0], block[1]]) * part.scale;
        let minimum = small_float(simd, [block[2], block[3]]) * part.scale;
        // What the smallest weight of each subblock of 32 takes away, from the sums of the activation.
        let minimums: __m128i = simd.sse4_1._mm_cvtepu8_epi16(cast([minimums, 0]));
        let sums: [__m128i; 2] = cast(part.sums);
        let sums = simd.ssse3._mm_hadd_epi16(sums[0], sums[1]);
        let taken = simd.sse2._mm_madd_epi16(minimums, sums);
        let taken = wide._mm512_cvtepi32_ps(wide._mm512_zextsi128_si512(taken));
        let sum = wide._mm512_fmadd_ps(wide._mm512_cvtepi32_ps(whole), wide._mm512_set1_ps(scale), sum);
        wide._mm512_fnmadd_ps(taken, wide._mm512_set1_ps(minimum), sum)
    }

    /// Eight scales and eight minimums of six bits each, from twelve bytes.
    #[inline(always)]
    fn unpack_q4_scales(block: &[u8; Q4_BYTES]) -> (u64, u64) {
        let word = |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
        let (first, second, third) = (word(4), word(8), word(12));
        let join = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let scales = join(first & 0x3f3f_3f3f, (third & 0x0f0f_0f0f) | ((first >> 6) & 0x0303_0303) << 4);
        let minimums = join(second & 0x3f3f_3f3f, ((third >> 4) & 0x0f0f_0f0f) | ((second >> 6) & 0x0303_0303) << 4);
        (scales, minimums)
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

    #[inline(always)]
    fn q6_block(simd: V4, block: &[u8; Q6_BYTES], part: &Part, sum: __m512) -> __m512 {
        let wide = simd.avx512f;
        let bytes = simd.avx512bw;
        let low_bits = wide._mm512_set1_epi8(0x0f);
        let high_bits = wide._mm512_set1_epi8(0x30);
        let scales: __m128i = bytemuck::pod_read_unaligned(&block[192..208]);
        let scales = simd.avx2._mm256_cvtepi8_epi16(scales);
        let all_scales = wide._mm512_castsi256_si512(scales);
        let (low, _) = block[..128].as_chunks::<64>();
        let (high, _) = block[128..192].as_chunks::<32>();
        let (numbers, _) = part.numbers.as_chunks::<64>();
        let mut whole = wide._mm512_setzero_si512();
        for half in 0..2 {
            let stored = load(&low[half]);
            let top: __m512i = cast([high[half], high[half]]);
            // Two bits for each of four runs of 32 weights, lowest run first; moved to bits four and five.
            let first = wide._mm512_sllv_epi64(top, cast([4_u64, 4, 4, 4, 2, 2, 2, 2]));
            let second = wide._mm512_srlv_epi64(top, cast([0_u64, 0, 0, 0, 2, 2, 2, 2]));
            let first =
                wide._mm512_or_si512(wide._mm512_and_si512(stored, low_bits), wide._mm512_and_si512(first, high_bits));
            let second = wide._mm512_or_si512(
                wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(stored), low_bits),
                wide._mm512_and_si512(second, high_bits),
            );
            for (weights, quarter) in [(first, half * 2), (second, half * 2 + 1)] {
                let products = bytes._mm512_maddubs_epi16(weights, load(&cast(numbers[quarter])));
                let scale = bytes._mm512_permutexvar_epi16(cast(QUARTERS[quarter]), all_scales);
                whole = wide._mm512_add_epi32(whole, bytes._mm512_madd_epi16(products, scale));
            }
        }
        // Weights are stored 32 too high.
        let over = simd.avx2._mm256_madd_epi16(scales, cast(part.sums));
        let over = wide._mm512_slli_epi32::<5>(wide._mm512_zextsi256_si512(over));
        let whole = wide._mm512_sub_epi32(whole, over);
        let scale = small_float(simd, [block[208], block[209]]) * part.scale;
        wide._mm512_fmadd_ps(wide._mm512_cvtepi32_ps(whole), wide._mm512_set1_ps(scale), sum)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::QTensor;
    use candle_core::{Device, Module, Tensor};

    use super::*;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..count).map(|_| random.f32() * 2.0 - 1.0).collect()
    }

    #[test]
    fn products_are_those_of_the_weights_as_they_are_stored() {
        let (rows, columns) = (7, 768);
        for kind in [GgmlDType::Q4K, GgmlDType::Q6K] {
            let Some(kernel) = Kernel::choose(kind, columns) else {
                eprintln!("skipped: this processor has no AVX-512");
                continue;
            };
            let weights = Tensor::from_vec(numbers(rows * columns, 1), (rows, columns), &Device::Cpu).unwrap();
            let stored = QTensor::quantize(&weights, kind).unwrap();
            let activation = numbers(columns, 2);
            let exact = stored.dequantize(&Device::Cpu).unwrap();
            let column = Tensor::from_vec(activation.clone(), (1, columns), &Device::Cpu).unwrap();
            let exact = column.matmul(&exact.t().unwrap()).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let mut out = vec![0.0; rows];
            let bytes = stored.data().unwrap();
            kernel.multiply(&bytes, kernel.row_bytes(columns), &Activation::new(&activation), &mut out);
            // Quantising the activation loses up to half of a 127th of each number.
            for (exact, out) in exact.iter().zip(&out) {
                assert!((exact - out).abs() < 0.15, "{kind:?}: {exact} {out}");
            }
            // The library's own product quantises the activation too.
            let same = candle_core::quantized::QMatMul::from_qtensor(stored).unwrap().forward(&column).unwrap();
            for (same, out) in same.flatten_all().unwrap().to_vec1::<f32>().unwrap().iter().zip(&out) {
                assert!((same - out).abs() < 1e-2, "{kind:?}: {same} {out}");
            }
        }
    }

    #[test]
    fn formats_without_a_kernel_have_none() {
        assert!(Kernel::choose(GgmlDType::Q5_0, 768).is_none());
        assert!(Kernel::choose(GgmlDType::Q4K, 100).is_none());
    }
}
