//! A matrix of weights. Products come from [`super::kernel`], for which the weights are packed, still quantised as they are
//! stored; where there is no kernel for their format or for the processor, from candle.

use candle_core::quantized::ggml_file::qtensor_from_ggml;
use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Module, Result, Tensor};

use super::activation::{Activation, GROUP, Group};
use super::kernel::{Kernel, ROWS};
use super::parallel;

/// The fewest rows that candle computes at once: it has another packing, and so another copy of all weights, for fewer.
const AT_ONCE: usize = 32;
/// The most tokens that are multiplied with the weights as they are stored; for more, unpacking them first is sooner done.
pub(super) const FEW: usize = 4;
/// Rows of the matrix that one thread takes at a time, for few tokens and for many.
const PIECE: usize = 32;
const WIDE_PIECE: usize = 64;

/// Weights, packed for a kernel or as candle has them.
enum Weights {
    Packed { kernel: Kernel, kind: GgmlDType, bytes: Vec<u8> },
    Plain(QMatMul),
}

/// A matrix of weights.
pub(super) struct Matrix {
    weights: Weights,
    rows: usize,
    columns: usize,
}

impl Matrix {
    /// A matrix of a file.
    pub(super) fn new(weights: QTensor) -> Result<Self> {
        let (rows, columns) = weights.shape().dims2()?;
        // Without inlining, that is in builds for debugging, the portable way is the faster one; tests want this one.
        let kernel =
            if cfg!(all(debug_assertions, not(test))) { None } else { Kernel::choose(weights.dtype(), columns) };
        let weights = match kernel {
            Some(kernel) => {
                let bytes = kernel.pack(&weights.data()?, columns);
                Weights::Packed { kernel, kind: weights.dtype(), bytes }
            }
            None => Weights::Plain(QMatMul::from_qtensor(weights)?),
        };
        Ok(Self { weights, rows, columns })
    }

    /// Rows: numbers that come out.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Columns: numbers that go in.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Whether a token gets the same products alone and among others.
    pub(super) fn is_exact(&self) -> bool {
        matches!(self.weights, Weights::Packed { .. })
    }

    /// Rows of the matrix as numbers, for tokens.
    pub(super) fn pick(&self, rows: &[u32]) -> Result<Vec<f32>> {
        match &self.weights {
            Weights::Packed { kernel, kind, bytes } => {
                let stored = rows.iter().flat_map(|row| kernel.row(bytes, self.columns, *row as usize));
                let stored: Vec<u8> = stored.collect();
                let shape = vec![rows.len(), self.columns];
                qtensor_from_ggml(*kind, &stored, shape, &Device::Cpu)?
                    .dequantize(&Device::Cpu)?
                    .flatten_all()?
                    .to_vec1()
            }
            Weights::Plain(product) => {
                let ids = Tensor::from_slice(rows, rows.len(), &Device::Cpu)?;
                product.embedding(&ids)?.flatten_all()?.to_vec1()
            }
        }
    }

    /// The products of all activations with this matrix, one after the other.
    pub(super) fn apply(&self, activations: &[f32]) -> Result<Vec<f32>> {
        let mut products = apply_all([self], activations)?;
        Ok(products.pop().unwrap_or_default())
    }

    fn alone(&self, activations: &[f32]) -> Result<Vec<f32>> {
        match &self.weights {
            Weights::Packed { .. } => self.apply(activations),
            Weights::Plain(product) => apply_at_once(product, self.rows, self.columns, activations),
        }
    }

    fn packed(&self) -> Option<Packed<'_>> {
        let Weights::Packed { kernel, bytes, .. } = &self.weights else { return None };
        Some(Packed { kernel: *kernel, bytes, rows: self.rows, row_bytes: kernel.row_bytes(self.columns) })
    }
}

/// Several products at once, by candle.
fn apply_at_once(product: &QMatMul, rows: usize, columns: usize, activations: &[f32]) -> Result<Vec<f32>> {
    let count = activations.len() / columns;
    let padded = if count == 1 { 1 } else { count.max(AT_ONCE) };
    let mut input = Vec::with_capacity(padded * columns);
    input.extend_from_slice(activations);
    input.resize(padded * columns, 0.0);
    let input = Tensor::from_vec(input, (padded, columns), &Device::Cpu)?;
    let mut output = product.forward(&input)?.flatten_all()?.to_vec1()?;
    output.truncate(count * rows);
    Ok(output)
}

/// The products of all activations with several matrices that take the same input.
pub(super) fn apply_all<'m>(
    matrices: impl IntoIterator<Item = &'m Matrix>,
    activations: &[f32],
) -> Result<Vec<Vec<f32>>> {
    let matrices: Vec<&Matrix> = matrices.into_iter().collect();
    let columns = matrices.first().map_or(1, |matrix| matrix.columns);
    let packed: Option<Vec<Packed<'_>>> = matrices.iter().map(|matrix| matrix.packed()).collect();
    match packed {
        Some(packed) if activations.len() <= FEW * columns => Ok(for_few(&packed, activations, columns)),
        Some(packed) => Ok(for_many(&packed, activations, columns)),
        None => matrices.iter().map(|matrix| matrix.alone(activations)).collect(),
    }
}

/// Packed weights of a matrix.
struct Packed<'m> {
    kernel: Kernel,
    bytes: &'m [u8],
    rows: usize,
    row_bytes: usize,
}

impl Packed<'_> {
    /// The weights of some rows, a multiple of those that are packed together; for the last ones what there is.
    fn piece(&self, first: usize, count: usize) -> &[u8] {
        let (start, end) = (first * self.row_bytes, (first + count.next_multiple_of(ROWS)) * self.row_bytes);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

fn for_few(matrices: &[Packed<'_>], activations: &[f32], columns: usize) -> Vec<Vec<f32>> {
    let activations: Vec<Activation> = activations.chunks_exact(columns).map(Activation::new).collect();
    let count = activations.len();
    let products = matrices.iter().map(|matrix| {
        // A piece has some of the products of every token.
        let mut pieces = vec![0.0; count * matrix.rows];
        parallel::rows(&mut pieces, count * PIECE, |piece, out| {
            let rows = matrix.piece(piece * PIECE, out.len() / count);
            matrix.kernel.multiply(rows, matrix.row_bytes, &activations, out);
        });
        if count == 1 { pieces } else { by_token(&pieces, count, matrix.rows) }
    });
    products.collect()
}

/// The products of each token one after the other, from pieces that have some of those of every token.
fn by_token(pieces: &[f32], count: usize, rows: usize) -> Vec<f32> {
    let mut out = vec![0.0; pieces.len()];
    for (number, piece) in pieces.chunks(count * PIECE).enumerate() {
        for (products, token) in piece.chunks(piece.len() / count).zip(out.chunks_mut(rows)) {
            token.iter_mut().skip(number * PIECE).zip(products).for_each(|(out, product)| *out = *product);
        }
    }
    out
}

fn for_many(matrices: &[Packed<'_>], activations: &[f32], columns: usize) -> Vec<Vec<f32>> {
    let mut groups = vec![Group::default(); activations.len().div_ceil(columns * GROUP)];
    parallel::each(&mut groups, |number, group| {
        let rest = activations.get(number * GROUP * columns..).unwrap_or_default();
        *group = Group::new(rest.get(..GROUP * columns).unwrap_or(rest), columns);
    });
    let products = matrices.iter().map(|matrix| {
        let mut out = vec![0.0; activations.len() / columns * matrix.rows];
        // A piece has some of the products of every token.
        let mut pieces: Vec<Vec<&mut [f32]>> = vec![];
        pieces.resize_with(matrix.rows.div_ceil(WIDE_PIECE), Vec::new);
        for token in out.chunks_mut(matrix.rows) {
            for (piece, products) in pieces.iter_mut().zip(token.chunks_mut(WIDE_PIECE)) {
                piece.push(products);
            }
        }
        parallel::each(&mut pieces, |number, products| {
            let count = products.first().map_or(0, |token| token.len());
            let rows = matrix.piece(number * WIDE_PIECE, count);
            matrix.kernel.multiply_many(rows, matrix.row_bytes, &groups, products);
        });
        drop(pieces);
        out
    });
    products.collect()
}
