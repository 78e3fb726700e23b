//! Products of a few activations with the rows of a quantised matrix, read as the file stores them: 4.5 or 6.6 bits a weight.
//! Writing an answer waits for memory, so the compact form is the fast one; activations that go together share the wait and
//! the unpacking.
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
    /// The same numbers as Q4_K stores its weights: subblocks of 32 in the order 0, 2, 1, 3, 4, 6, 5, 7.
    paired: [i8; BLOCK],
    /// Sums of sixteen numbers each.
    sums: [i16; 16],
    /// Sums of 32 numbers each.
    sums_of_subblocks: [i16; 8],
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
    let mut part =
        Part { scale: most / 127.0, numbers: [0; BLOCK], paired: [0; BLOCK], sums: [0; 16], sums_of_subblocks: [0; 8] };
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
    for (sum, pair) in part.sums_of_subblocks.iter_mut().zip(part.sums.as_chunks::<2>().0) {
        *sum = pair[0] + pair[1];
    }
    let (numbers, _) = part.numbers.as_chunks::<32>();
    for (paired, from) in part.paired.as_chunks_mut::<32>().0.iter_mut().zip([0, 2, 1, 3, 4, 6, 5, 7]) {
        *paired = numbers[from];
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

    /// Multiplies the activations with each row of a piece of the matrix: all products of the first row, then of the next.
    pub(super) fn multiply(self, rows: &[u8], row_bytes: usize, activations: &[Activation], out: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        self.simd.vectorize(x86::Multiply { kernel: self, rows, row_bytes, activations, out });
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (rows, row_bytes, activations, out);
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
        pub(super) activations: &'a [Activation],
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
        /// A superblock, ready to be multiplied.
        type Unpacked: Copy;

        /// Unpacks a superblock.
        fn unpack(simd: V4, block: &[u8; BYTES]) -> Self::Unpacked;

        /// The product of a superblock with its part of the activation, added to the sums.
        fn product(simd: V4, block: Self::Unpacked, part: &Part, sum: __m512) -> __m512;
    }

    /// Rows that are read side by side for one activation: memory brings several streams sooner than one.
    const STREAMS: usize = 4;
    /// Activations that share the unpacking of a superblock.
    const SHARED: usize = 4;

    impl Multiply<'_> {
        #[inline(always)]
        fn each<F: Stored<BYTES>, const BYTES: usize>(self) {
            match self.activations {
                [activation] => self.each_with_one::<F, BYTES>(activation),
                _ => self.each_with_many::<F, BYTES>(),
            }
        }

        #[inline(always)]
        fn each_with_one<F: Stored<BYTES>, const BYTES: usize>(self, activation: &Activation) {
            let simd = self.kernel.simd;
            let wide = simd.avx512f;
            let parts = activation.parts.as_slice();
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
                            *sum = F::product(simd, F::unpack(simd, stored), part, *sum);
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
                    sum = F::product(simd, F::unpack(simd, stored), part, sum);
                }
                *out = wide._mm512_reduce_add_ps(sum);
            }
        }

        #[inline(always)]
        fn each_with_many<F: Stored<BYTES>, const BYTES: usize>(self) {
            let simd = self.kernel.simd;
            let wide = simd.avx512f;
            let count = self.activations.len();
            let (groups, rest) = self.activations.as_chunks::<SHARED>();
            for (row, out) in self.rows.chunks_exact(self.row_bytes).zip(self.out.chunks_exact_mut(count)) {
                let row = row.as_chunks::<BYTES>().0;
                let (grouped, alone) = out.split_at_mut(count - rest.len());
                for (group, out) in groups.iter().zip(grouped.as_chunks_mut::<SHARED>().0) {
                    let mut sums = [wide._mm512_setzero_ps(); SHARED];
                    let [a, b, c, d] = group;
                    let parts = a.parts.iter().zip(&b.parts).zip(c.parts.iter().zip(&d.parts));
                    for (stored, ((a, b), (c, d))) in row.iter().zip(parts) {
                        let unpacked = F::unpack(simd, stored);
                        for (sum, part) in sums.iter_mut().zip([a, b, c, d]) {
                            *sum = F::product(simd, unpacked, part, *sum);
                        }
                    }
                    for (out, sum) in out.iter_mut().zip(sums) {
                        *out = wide._mm512_reduce_add_ps(sum);
                    }
                }
                for (activation, out) in rest.iter().zip(alone) {
                    let mut sum = wide._mm512_setzero_ps();
                    for (stored, part) in row.iter().zip(&activation.parts) {
                        sum = F::product(simd, F::unpack(simd, stored), part, sum);
                    }
                    *out = wide._mm512_reduce_add_ps(sum);
                }
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

    struct Q4;

    /// Weights by pairs of subblocks, with the scales that go with them; the minimums of all subblocks.
    #[derive(Clone, Copy)]
    struct UnpackedQ4 {
        weights: [__m512i; 4],
        scales: [__m512i; 4],
        minimums: __m128i,
        scale: f32,
        minimum: f32,
    }

    impl Stored<Q4_BYTES> for Q4 {
        type Unpacked = UnpackedQ4;

        #[inline(always)]
        fn unpack(simd: V4, block: &[u8; Q4_BYTES]) -> UnpackedQ4 {
            let wide = simd.avx512f;
            let bytes = simd.avx512bw;
            let (scales, minimums) = unpack_q4_scales(block);
            let scales: __m128i = simd.sse4_1._mm_cvtepu8_epi16(cast([scales, 0]));
            let scales = wide._mm512_broadcast_i32x4(scales);
            let low_bits = wide._mm512_set1_epi8(0x0f);
            // Low and high bits of the first 32 bytes are subblocks 0 and 1, of the other 32 bytes 2 and 3.
            let (halves, _) = block[16..].as_chunks::<64>();
            let [first, second] = [load(&halves[0]), load(&halves[1])];
            UnpackedQ4 {
                weights: [
                    wide._mm512_and_si512(first, low_bits),
                    wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(first), low_bits),
                    wide._mm512_and_si512(second, low_bits),
                    wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(second), low_bits),
                ],
                scales: [
                    bytes._mm512_shuffle_epi8(scales, cast(PAIRS[0])),
                    bytes._mm512_shuffle_epi8(scales, cast(PAIRS[1])),
                    bytes._mm512_shuffle_epi8(scales, cast(PAIRS[2])),
                    bytes._mm512_shuffle_epi8(scales, cast(PAIRS[3])),
                ],
                minimums: simd.sse4_1._mm_cvtepu8_epi16(cast([minimums, 0])),
                scale: small_float(simd, [block[0], block[1]]),
                minimum: small_float(simd, [block[2], block[3]]),
            }
        }

        #[inline(always)]
        fn product(simd: V4, block: UnpackedQ4, part: &Part, sum: __m512) -> __m512 {
            let wide = simd.avx512f;
            let bytes = simd.avx512bw;
            let (numbers, _) = part.paired.as_chunks::<64>();
            let mut whole = wide._mm512_setzero_si512();
            for ((weights, scales), numbers) in block.weights.iter().zip(block.scales).zip(numbers) {
                let products = bytes._mm512_maddubs_epi16(*weights, load(&cast(*numbers)));
                whole = wide._mm512_add_epi32(whole, bytes._mm512_madd_epi16(products, scales));
            }
            // What the smallest weight of each subblock of 32 takes away, from the sums of the activation.
            let taken = simd.sse2._mm_madd_epi16(block.minimums, cast(part.sums_of_subblocks));
            let taken = wide._mm512_cvtepi32_ps(wide._mm512_zextsi128_si512(taken));
            let scale = wide._mm512_set1_ps(block.scale * part.scale);
            let sum = wide._mm512_fmadd_ps(wide._mm512_cvtepi32_ps(whole), scale, sum);
            wide._mm512_fnmadd_ps(taken, wide._mm512_set1_ps(block.minimum * part.scale), sum)
        }
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

    struct Q6;

    /// Weights by quarters, with the scales that go with them, and all scales.
    #[derive(Clone, Copy)]
    struct UnpackedQ6 {
        weights: [__m512i; 4],
        scales: [__m512i; 4],
        all_scales: __m256i,
        scale: f32,
    }

    impl Stored<Q6_BYTES> for Q6 {
        type Unpacked = UnpackedQ6;

        #[inline(always)]
        fn unpack(simd: V4, block: &[u8; Q6_BYTES]) -> UnpackedQ6 {
            let wide = simd.avx512f;
            let bytes = simd.avx512bw;
            let low_bits = wide._mm512_set1_epi8(0x0f);
            let high_bits = wide._mm512_set1_epi8(0x30);
            let scales: __m128i = bytemuck::pod_read_unaligned(&block[192..208]);
            let all_scales = simd.avx2._mm256_cvtepi8_epi16(scales);
            let scales = wide._mm512_castsi256_si512(all_scales);
            let (low, _) = block[..128].as_chunks::<64>();
            let (high, _) = block[128..192].as_chunks::<32>();
            let mut weights = [low_bits; 4];
            for half in 0..2 {
                let stored = load(&low[half]);
                let top: __m512i = cast([high[half], high[half]]);
                // Two bits for each of four runs of 32 weights, lowest run first; moved to bits four and five.
                let first = wide._mm512_sllv_epi64(top, cast([4_u64, 4, 4, 4, 2, 2, 2, 2]));
                let second = wide._mm512_srlv_epi64(top, cast([0_u64, 0, 0, 0, 2, 2, 2, 2]));
                let lower = wide._mm512_and_si512(stored, low_bits);
                let upper = wide._mm512_and_si512(bytes._mm512_srli_epi16::<4>(stored), low_bits);
                weights[2 * half] = wide._mm512_or_si512(lower, wide._mm512_and_si512(first, high_bits));
                weights[2 * half + 1] = wide._mm512_or_si512(upper, wide._mm512_and_si512(second, high_bits));
            }
            UnpackedQ6 {
                weights,
                scales: [
                    bytes._mm512_permutexvar_epi16(cast(QUARTERS[0]), scales),
                    bytes._mm512_permutexvar_epi16(cast(QUARTERS[1]), scales),
                    bytes._mm512_permutexvar_epi16(cast(QUARTERS[2]), scales),
                    bytes._mm512_permutexvar_epi16(cast(QUARTERS[3]), scales),
                ],
                all_scales,
                scale: small_float(simd, [block[208], block[209]]),
            }
        }

        #[inline(always)]
        fn product(simd: V4, block: UnpackedQ6, part: &Part, sum: __m512) -> __m512 {
            let wide = simd.avx512f;
            let bytes = simd.avx512bw;
            let (numbers, _) = part.numbers.as_chunks::<64>();
            let mut whole = wide._mm512_setzero_si512();
            for ((weights, scales), numbers) in block.weights.iter().zip(block.scales).zip(numbers) {
                let products = bytes._mm512_maddubs_epi16(*weights, load(&cast(*numbers)));
                whole = wide._mm512_add_epi32(whole, bytes._mm512_madd_epi16(products, scales));
            }
            // Weights are stored 32 too high.
            let over = simd.avx2._mm256_madd_epi16(block.all_scales, cast(part.sums));
            let over = wide._mm512_slli_epi32::<5>(wide._mm512_zextsi256_si512(over));
            let whole = wide._mm512_sub_epi32(whole, over);
            let scale = wide._mm512_set1_ps(block.scale * part.scale);
            wide._mm512_fmadd_ps(wide._mm512_cvtepi32_ps(whole), scale, sum)
        }
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
            kernel.multiply(&bytes, kernel.row_bytes(columns), &[Activation::new(&activation)], &mut out);
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
    fn several_activations_have_the_products_that_each_has_alone() {
        let (rows, columns) = (5, 512);
        for kind in [GgmlDType::Q4K, GgmlDType::Q6K] {
            let Some(kernel) = Kernel::choose(kind, columns) else { continue };
            let weights = Tensor::from_vec(numbers(rows * columns, 1), (rows, columns), &Device::Cpu).unwrap();
            let stored = QTensor::quantize(&weights, kind).unwrap();
            let bytes = stored.data().unwrap();
            let activations: Vec<Activation> = (0..6).map(|seed| Activation::new(&numbers(columns, seed))).collect();
            let mut together = vec![0.0; rows * activations.len()];
            kernel.multiply(&bytes, kernel.row_bytes(columns), &activations, &mut together);
            for (place, activation) in activations.chunks(1).enumerate() {
                let mut alone = vec![0.0; rows];
                kernel.multiply(&bytes, kernel.row_bytes(columns), activation, &mut alone);
                let together: Vec<f32> = together.chunks(activations.len()).map(|row| row[place]).collect();
                assert_eq!(together, alone, "{kind:?}");
            }
        }
    }

    #[test]
    fn formats_without_a_kernel_have_none() {
        assert!(Kernel::choose(GgmlDType::Q5_0, 768).is_none());
        assert!(Kernel::choose(GgmlDType::Q4K, 100).is_none());
    }
}
