//! Products with the rows of a quantised matrix, packed as the file stores them: 4.5 or 6.6 bits a weight. [`super::dot`] is
//! for a few tokens, where memory is waited for; [`super::tile`] for many, which share the unpacking. Both add up in the same
//! order, so that a token gets the same numbers alone and among others.
//!
//! The formats are those of GGML (`block_q4_K`, `block_q6_K` in ggml-common.h): superblocks of 256 weights.

use candle_core::quantized::GgmlDType;

use super::activation::{Activation, BLOCK, Group};

/// Bytes of a superblock of Q4_K: two scales, twelve bytes of smaller scales, the weights.
pub(super) const Q4_BYTES: usize = 2 + 2 + 12 + BLOCK / 2;
/// Bytes of a superblock of Q6_K: low four bits, high two bits, sixteen scales, one scale.
pub(super) const Q6_BYTES: usize = BLOCK / 2 + BLOCK / 4 + 16 + 2;

/// Rows that are packed together, superblock by superblock, and multiplied side by side: memory brings one stream of bytes
/// twice as soon as a stream for each row.
pub(super) const ROWS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Q4,
    Q6,
}

/// The instructions that a kernel uses.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(super) enum Level {
    /// AVX2 and FMA.
    Wide(pulp::x86::V3),
    /// AVX-512.
    Widest(pulp::x86::V4),
}

/// A way to multiply with matrices of one format on this processor.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    format: Format,
    #[cfg(target_arch = "x86_64")]
    level: Level,
}

impl Kernel {
    /// The kernel for a format and a length of rows, where there is one that beats the portable way.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn choose(kind: GgmlDType, columns: usize) -> Option<Self> {
        Self::all(kind, columns).pop()
    }

    /// The kernel for a format and a length of rows, where there is one that beats the portable way.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn choose(_kind: GgmlDType, _columns: usize) -> Option<Self> {
        None
    }

    /// The kernels that this processor could run, the best one last.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn all(kind: GgmlDType, columns: usize) -> Vec<Self> {
        let format = match kind {
            GgmlDType::Q4K => Format::Q4,
            GgmlDType::Q6K => Format::Q6,
            _ => return Vec::new(),
        };
        if !columns.is_multiple_of(BLOCK) {
            return Vec::new();
        }
        let levels = [pulp::x86::V3::try_new().map(Level::Wide), pulp::x86::V4::try_new().map(Level::Widest)];
        levels.into_iter().flatten().map(|level| Self { format, level }).collect()
    }

    fn block_bytes(self) -> usize {
        match self.format {
            Format::Q4 => Q4_BYTES,
            Format::Q6 => Q6_BYTES,
        }
    }

    /// Bytes of a row.
    pub(super) fn row_bytes(self, columns: usize) -> usize {
        columns / BLOCK * self.block_bytes()
    }

    /// Rows as the kernels read them: of each [`ROWS`] all first superblocks, then all second ones. Those that are missing to
    /// a multiple of that are zero.
    pub(super) fn pack(self, stored: &[u8], columns: usize) -> Vec<u8> {
        let (row_bytes, block) = (self.row_bytes(columns), self.block_bytes());
        let mut packed = vec![0; (stored.len() / row_bytes).next_multiple_of(ROWS) * row_bytes];
        for (rows, packed) in stored.chunks(ROWS * row_bytes).zip(packed.chunks_mut(ROWS * row_bytes)) {
            for (place, row) in rows.chunks_exact(row_bytes).enumerate() {
                for (block, to) in row.chunks_exact(block).zip(packed.chunks_exact_mut(block).skip(place).step_by(ROWS))
                {
                    to.copy_from_slice(block);
                }
            }
        }
        packed
    }

    /// One row of packed ones, as it was stored.
    pub(super) fn row(self, packed: &[u8], columns: usize, number: usize) -> Vec<u8> {
        let row_bytes = self.row_bytes(columns);
        let rows = packed.chunks_exact(ROWS * row_bytes).nth(number / ROWS).unwrap_or_default();
        rows.chunks_exact(self.block_bytes()).skip(number % ROWS).step_by(ROWS).flatten().copied().collect()
    }

    /// The products of a few activations with packed rows, those of an activation one after the other.
    pub(super) fn multiply(self, packed: &[u8], row_bytes: usize, activations: &[Activation], out: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        super::dot::multiply(self.level, self.format, packed, row_bytes, activations, out);
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (packed, row_bytes, activations, out);
    }

    /// The products of the activations of groups with packed rows: for each token a row of products.
    pub(super) fn multiply_many(self, packed: &[u8], row_bytes: usize, groups: &[Group], out: &mut [&mut [f32]]) {
        #[cfg(target_arch = "x86_64")]
        super::tile::multiply(self.level, self.format, packed, row_bytes, groups, out);
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (packed, row_bytes, groups, out);
    }
}

/// A number of sixteen bits, exact for all that are numbers.
#[inline]
pub(super) fn small_float(bytes: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(bytes));
    // The exponents of the two kinds differ by 112.
    let size = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits((112 + 127) << 23);
    f32::from_bits(size.to_bits() | (bits & 0x8000) << 16)
}

/// Eight scales and eight minimums of six bits each, from the head of a superblock of Q4_K.
#[inline]
pub(super) fn unpack_q4_scales(block: &[u8; Q4_BYTES]) -> (u64, u64) {
    let word = |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
    let (first, second, third) = (word(4), word(8), word(12));
    let join = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let scales = join(first & 0x3f3f_3f3f, (third & 0x0f0f_0f0f) | ((first >> 6) & 0x0303_0303) << 4);
    let minimums = join(second & 0x3f3f_3f3f, ((third >> 4) & 0x0f0f_0f0f) | ((second >> 6) & 0x0303_0303) << 4);
    (scales, minimums)
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::{QMatMul, QTensor};
    use candle_core::{Device, Module, Tensor};

    use super::*;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..count).map(|_| random.f32() * 2.0 - 1.0).collect()
    }

    fn stored(rows: usize, columns: usize, kind: GgmlDType) -> QTensor {
        let weights = Tensor::from_vec(numbers(rows * columns, 1), (rows, columns), &Device::Cpu).unwrap();
        QTensor::quantize(&weights, kind).unwrap()
    }

    #[cfg(target_arch = "x86_64")]
    fn kernels(kind: GgmlDType, columns: usize) -> Vec<Kernel> {
        let all = Kernel::all(kind, columns);
        if all.len() < 2 {
            eprintln!("skipped: this processor lacks AVX-512 or AVX2, and {} of 2 kernels are tested", all.len());
        }
        all
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn kernels(_kind: GgmlDType, _columns: usize) -> Vec<Kernel> {
        eprintln!("skipped: there are no kernels for this processor");
        Vec::new()
    }

    /// The products as a loop over plain numbers has them, with the activation quantised as the kernels do.
    fn reference(weights: &QTensor, columns: usize, activation: &[f32]) -> Vec<f32> {
        let weights = weights.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let whole = Activation::new(activation);
        let numbers =
            whole.parts.iter().flat_map(|part| part.numbers.iter().map(|one| f64::from(*one) * f64::from(part.scale)));
        let numbers: Vec<f64> = numbers.collect();
        let product =
            |row: &[f32]| row.iter().zip(&numbers).map(|(weight, number)| f64::from(*weight) * number).sum::<f64>();
        #[expect(clippy::cast_possible_truncation, reason = "compared with numbers that are no more exact")]
        weights.chunks(columns).map(|row| product(row) as f32).collect()
    }

    #[test]
    fn products_are_those_of_the_weights_as_they_are_stored() {
        let (rows, columns) = (39, 768);
        for kind in [GgmlDType::Q4K, GgmlDType::Q6K] {
            for kernel in kernels(kind, columns) {
                let stored = stored(rows, columns, kind);
                let activation = numbers(columns, 2);
                let mut out = vec![0.0; rows];
                let bytes = kernel.pack(&stored.data().unwrap(), columns);
                kernel.multiply(&bytes, kernel.row_bytes(columns), &[Activation::new(&activation)], &mut out);
                for (exact, out) in reference(&stored, columns, &activation).iter().zip(&out) {
                    assert!((exact - out).abs() < 1e-4, "{kind:?}: {exact} {out}");
                }
                // Without the activation quantised: up to half of a 127th of each number is lost.
                let column = Tensor::from_vec(activation, (1, columns), &Device::Cpu).unwrap();
                let exact = column.matmul(&stored.dequantize(&Device::Cpu).unwrap().t().unwrap()).unwrap();
                for (exact, out) in exact.flatten_all().unwrap().to_vec1::<f32>().unwrap().iter().zip(&out) {
                    assert!((exact - out).abs() < 0.15, "{kind:?}: {exact} {out}");
                }
                let same = QMatMul::from_qtensor(stored).unwrap().forward(&column).unwrap();
                for (same, out) in same.flatten_all().unwrap().to_vec1::<f32>().unwrap().iter().zip(&out) {
                    assert!((same - out).abs() < 1e-2, "{kind:?}: {same} {out}");
                }
            }
        }
    }

    #[test]
    fn extreme_weights_and_activations_do_not_overflow() {
        let (rows, columns) = (32, 256);
        let mut bytes = vec![0xff_u8; rows * Q4_BYTES];
        let extremes: Vec<f32> = (0..columns * 2).map(|at| if at < columns { 1.0 } else { -1.0 }).collect();
        for kind in [GgmlDType::Q4K, GgmlDType::Q6K] {
            for kernel in kernels(kind, columns) {
                bytes.resize(rows * kernel.row_bytes(columns), 0xff);
                bytes.fill(0xff);
                for row in bytes.chunks_mut(kernel.row_bytes(columns)) {
                    // One, as the scale of all; the smaller scales and the weights are the greatest that there are.
                    let one = half::f16::ONE.to_le_bytes();
                    match kernel.format {
                        Format::Q4 => row[..4].copy_from_slice(&[one, [0, 0]].concat()),
                        Format::Q6 => {
                            row[208..].copy_from_slice(&one);
                            row[192..208].fill(0x80);
                        }
                    }
                }
                let bytes = kernel.pack(&bytes, columns);
                let groups = [Group::new(&extremes, columns)];
                let mut out = vec![0.0; 2 * rows];
                let mut tokens: Vec<&mut [f32]> = out.chunks_mut(rows).collect();
                kernel.multiply_many(&bytes, kernel.row_bytes(columns), &groups, &mut tokens);
                let expected = match kernel.format {
                    Format::Q4 => 15.0 * 63.0 * 256.0,
                    Format::Q6 => -128.0 * 31.0 * 256.0,
                };
                for (place, product) in out.iter().enumerate() {
                    let expected = if place < rows { expected } else { -expected };
                    assert!((product - expected).abs() < 1.0, "{kind:?}: {product} {expected}");
                }
            }
        }
    }

    #[test]
    fn tokens_have_the_same_products_together_and_alone_on_every_kernel() {
        let (rows, columns) = (71, 512);
        for kind in [GgmlDType::Q4K, GgmlDType::Q6K] {
            let mut before: Option<Vec<f32>> = None;
            for kernel in kernels(kind, columns) {
                let stored = stored(rows, columns, kind);
                let (bytes, row_bytes) = (kernel.pack(&stored.data().unwrap(), columns), kernel.row_bytes(columns));
                for number in [0, 2, 69, 70] {
                    let row = kernel.row(&bytes, columns, number);
                    assert_eq!(row, stored.data().unwrap()[number * row_bytes..(number + 1) * row_bytes], "{number}");
                }
                for count in [1, 2, 7, 8, 9, 16, 17, 37] {
                    let activations = numbers(columns * count, 5);
                    let groups: Vec<Group> =
                        activations.chunks(columns * 16).map(|some| Group::new(some, columns)).collect();
                    let mut together = vec![0.0; rows * count];
                    let mut tokens: Vec<&mut [f32]> = together.chunks_mut(rows).collect();
                    kernel.multiply_many(&bytes, row_bytes, &groups, &mut tokens);
                    for (token, together) in activations.chunks(columns).zip(together.chunks(rows)) {
                        let mut alone = vec![0.0; rows];
                        kernel.multiply(&bytes, row_bytes, &[Activation::new(token)], &mut alone);
                        assert_eq!(together, alone, "{kind:?} {count}");
                    }
                    let few: Vec<Activation> = activations.chunks(columns).map(Activation::new).collect();
                    let mut side_by_side = vec![0.0; rows * count];
                    kernel.multiply(&bytes, row_bytes, &few, &mut side_by_side);
                    assert_eq!(together, side_by_side, "{kind:?} {count}");
                    if count == 37 {
                        assert!(before.as_ref().is_none_or(|before| *before == together), "{kind:?}");
                        before = Some(together);
                    }
                }
            }
        }
    }

    #[test]
    fn formats_without_a_kernel_have_none() {
        assert!(Kernel::choose(GgmlDType::Q5_0, 768).is_none());
        assert!(Kernel::choose(GgmlDType::Q4K, 100).is_none());
    }

    #[test]
    fn small_numbers_are_exact() {
        for bits in 0..=u16::MAX {
            let number = half::f16::from_bits(bits);
            if number.is_finite() {
                assert_eq!(small_float(bits.to_le_bytes()).to_bits(), number.to_f32().to_bits(), "{number}");
            }
        }
    }
}
