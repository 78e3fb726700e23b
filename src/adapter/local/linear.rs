//! A matrix of weights. Products come from [`super::kernel`], which reads the weights as they are stored; where there is no
//! kernel for their format or for the processor, from candle.

use std::sync::Arc;

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{Device, Module, Result, Tensor};

use super::activation::{Activation, GROUP, Group};
use super::kernel::Kernel;
use super::parallel;

/// The fewest rows that candle computes at once: it has another packing, and so another copy of all weights, for fewer.
const AT_ONCE: usize = 32;
/// Rows of the matrix that one thread takes at a time, for one token and for several.
const PIECE: usize = 32;
const WIDE_PIECE: usize = 64;

/// A matrix of weights.
pub(super) struct Matrix {
    weights: Arc<QTensor>,
    product: QMatMul,
    rows: usize,
    columns: usize,
    kernel: Option<Kernel>,
}

impl Matrix {
    /// A matrix of a file.
    pub(super) fn new(weights: QTensor) -> Result<Self> {
        let (rows, columns) = weights.shape().dims2()?;
        // Without inlining, that is in builds for debugging, the portable way is the faster one; tests want this one.
        let kernel =
            if cfg!(all(debug_assertions, not(test))) { None } else { Kernel::choose(weights.dtype(), columns) };
        let weights = Arc::new(weights);
        Ok(Self { product: QMatMul::from_arc(Arc::clone(&weights))?, weights, rows, columns, kernel })
    }

    /// Rows: numbers that come out.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Columns: numbers that go in.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Rows of the matrix as numbers, for tokens.
    pub(super) fn pick(&self, rows: &[u32]) -> Result<Vec<f32>> {
        let ids = Tensor::from_slice(rows, rows.len(), &Device::Cpu)?;
        self.product.embedding(&ids)?.flatten_all()?.to_vec1()
    }

    /// The products of all activations with this matrix, one after the other.
    pub(super) fn apply(&self, activations: &[f32]) -> Result<Vec<f32>> {
        let mut products = apply_all([self], activations)?;
        Ok(products.pop().unwrap_or_default())
    }

    fn apply_at_once(&self, activations: &[f32]) -> Result<Vec<f32>> {
        let count = activations.len() / self.columns;
        let padded = if count == 1 { 1 } else { count.max(AT_ONCE) };
        let mut input = Vec::with_capacity(padded * self.columns);
        input.extend_from_slice(activations);
        input.resize(padded * self.columns, 0.0);
        let input = Tensor::from_vec(input, (padded, self.columns), &Device::Cpu)?;
        let mut output = self.product.forward(&input)?.flatten_all()?.to_vec1()?;
        output.truncate(count * self.rows);
        Ok(output)
    }
}

/// The products of all activations with several matrices that take the same input.
pub(super) fn apply_all<'m>(
    matrices: impl IntoIterator<Item = &'m Matrix>,
    activations: &[f32],
) -> Result<Vec<Vec<f32>>> {
    let matrices: Vec<&Matrix> = matrices.into_iter().collect();
    let columns = matrices.first().map_or(1, |matrix| matrix.columns);
    let count = activations.len() / columns;
    let kernels: Option<Vec<Kernel>> = matrices.iter().map(|matrix| matrix.kernel).collect();
    match kernels {
        Some(kernels) if count == 1 => for_one(&matrices, &kernels, activations, columns),
        Some(kernels) => for_many(&matrices, &kernels, activations, columns),
        None => matrices.iter().map(|matrix| matrix.apply_at_once(activations)).collect(),
    }
}

fn for_one(matrices: &[&Matrix], kernels: &[Kernel], activation: &[f32], columns: usize) -> Result<Vec<Vec<f32>>> {
    let activation = Activation::new(activation);
    let products = matrices.iter().zip(kernels).map(|(matrix, kernel)| {
        let bytes = matrix.weights.data()?;
        let row_bytes = kernel.row_bytes(columns);
        let mut out = vec![0.0; matrix.rows];
        parallel::rows(&mut out, PIECE, |piece, out| {
            let start = piece * PIECE * row_bytes;
            if let Some(rows) = bytes.get(start..start + out.len() * row_bytes) {
                kernel.multiply(rows, row_bytes, &activation, out);
            }
        });
        Ok(out)
    });
    products.collect()
}

fn for_many(matrices: &[&Matrix], kernels: &[Kernel], activations: &[f32], columns: usize) -> Result<Vec<Vec<f32>>> {
    let mut groups = vec![Group::default(); activations.len().div_ceil(columns * GROUP)];
    parallel::each(&mut groups, |number, group| {
        let rest = activations.get(number * GROUP * columns..).unwrap_or_default();
        *group = Group::new(rest.get(..GROUP * columns).unwrap_or(rest), columns);
    });
    let products = matrices.iter().zip(kernels).map(|(matrix, kernel)| {
        let bytes = matrix.weights.data()?;
        let row_bytes = kernel.row_bytes(columns);
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
            let rows = products.first().map_or(0, |token| token.len());
            let start = number * WIDE_PIECE * row_bytes;
            if let Some(rows) = bytes.get(start..start + rows * row_bytes) {
                kernel.multiply_many(rows, row_bytes, &groups, products);
            }
        });
        drop(pieces);
        Ok(out)
    });
    products.collect()
}
