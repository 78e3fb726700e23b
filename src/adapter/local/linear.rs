//! A matrix of weights. Many rows of activations at once go through candle's repacked kernels; a few, which is how an answer
//! is written, go through [`super::dot`] where there is a kernel for it.

use std::sync::Arc;

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{Device, Module, Result, Tensor};

use super::dot::{Activation, Kernel};
use super::parallel;

/// Few rows are computed from the weights as they are stored, and not repacked for.
pub(super) const FEW: usize = 16;
/// The fewest rows that are computed at once: candle has another packing, and so another copy of all weights, for fewer.
const AT_ONCE: usize = 32;
/// Rows of the matrix that one thread takes at a time.
const PIECE: usize = 32;

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
        // Without inlining, that is in builds for debugging, the portable way is the faster one.
        let kernel = if cfg!(debug_assertions) { None } else { Kernel::choose(weights.dtype(), columns) };
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
        Some(kernels) if count <= FEW => from_stored(&matrices, &kernels, activations, columns),
        _ => matrices.iter().map(|matrix| matrix.apply_at_once(activations)).collect(),
    }
}

fn from_stored(matrices: &[&Matrix], kernels: &[Kernel], activations: &[f32], columns: usize) -> Result<Vec<Vec<f32>>> {
    let activations: Vec<Activation> = activations.chunks_exact(columns).map(Activation::new).collect();
    let count = activations.len();
    let products = matrices.iter().zip(kernels).map(|(matrix, kernel)| {
        let bytes = matrix.weights.data()?;
        let row_bytes = kernel.row_bytes(columns);
        let mut out = vec![0.0; matrix.rows * count];
        parallel::rows(&mut out, PIECE * count, |piece, out| {
            let start = piece * PIECE * row_bytes;
            if let Some(rows) = bytes.get(start..start + out.len() / count * row_bytes) {
                kernel.multiply(rows, row_bytes, &activations, out);
            }
        });
        Ok(by_activation(out, count))
    });
    products.collect()
}

/// Turns the products of each row of a matrix into those of each activation.
fn by_activation(products: Vec<f32>, count: usize) -> Vec<f32> {
    if count == 1 {
        return products;
    }
    let mut out = Vec::with_capacity(products.len());
    for activation in 0..count {
        out.extend(products.iter().skip(activation).step_by(count));
    }
    out
}
