//! Attention: what each token takes from those before it.
//!
//! A prompt goes through [`super::attention_many`]. The few tokens of a step of an answer have a kernel of their own: it reads
//! the keys and the values once for all of them and for all query heads that share them.

#![expect(
    clippy::inline_always,
    reason = "what runs with wide instructions must be inlined into the function that was compiled for them"
)]

use candle_core::{Device, Result, Tensor};
use half::slice::HalfFloatSliceExt;
use pulp::{Arch, Simd, WithSimd};

use super::attention_many::attend_many;
use super::kv::LayerMemory;
use super::parallel;
use super::shape::Shape;
use super::vector::{LANES, Work, fast, softmax};

/// Rows of keys that are widened at a time; they stay in the nearest cache.
const ROWS: usize = 16;
/// So few tokens, which is how an answer is written, have a kernel of their own.
pub(super) const FEW: usize = 16;

/// The attention of `queries` (a row for each token, the last ones that the layer remembers), a row for each token.
pub(super) fn attend(shape: &Shape, layer: &LayerMemory, queries: &[f32]) -> Result<Vec<f32>> {
    let count = queries.len() / (shape.heads * shape.head_width);
    if cfg!(all(debug_assertions, not(test))) {
        // Without inlining, the others take minutes; tests want them.
        attend_by_products(shape, layer, queries, count)
    } else if count <= FEW {
        Ok(attend_few(shape, layer, queries, count))
    } else {
        Ok(attend_many(shape, layer, queries, count))
    }
}

fn attend_few(shape: &Shape, layer: &LayerMemory, queries: &[f32], count: usize) -> Vec<f32> {
    let width = shape.head_width;
    let row = shape.heads * width;
    let group = shape.heads / shape.kv_heads;
    // Heads that one thread takes: all that share their keys, or fewer when there are more threads than that.
    let shares = parallel::threads().div_ceil(shape.kv_heads).min(group);
    let taken = (1..=group).rev().find(|size| group.is_multiple_of(*size) && group / size >= shares).unwrap_or(1);
    // Piece by piece what one thread takes: the queries of its heads, token by token.
    let piece = taken * width;
    let asked: Vec<f32> = (0..row / piece)
        .flat_map(|number| {
            queries.chunks_exact(row).flat_map(move |token| token.iter().skip(number * piece).take(piece))
        })
        .copied()
        .collect();
    let mut found = vec![0.0; queries.len()];
    parallel::rows(&mut found, piece * count, |number, found| {
        let head = number * taken / group;
        let start = number * piece * count;
        if let (Some(keys), Some(values), Some(asked)) =
            (layer.keys.get(head), layer.values.get(head), asked.get(start..start + found.len()))
        {
            attend_heads(width, count, [keys, values], asked, found);
        }
    });
    let mut out = vec![0.0; queries.len()];
    for (number, found) in found.chunks_exact(piece * count).enumerate() {
        for (token, found) in out.chunks_exact_mut(row).zip(found.chunks_exact(piece)) {
            if let Some(token) = token.get_mut(number * piece..(number + 1) * piece) {
                token.copy_from_slice(found);
            }
        }
    }
    out
}

/// The attention of some heads that share keys and values, for the last `count` tokens: each sees those up to itself.
#[expect(clippy::cast_precision_loss, reason = "heads have some hundred numbers")]
fn attend_heads(width: usize, count: usize, [keys, values]: [&[half::f16]; 2], queries: &[f32], out: &mut [f32]) {
    let tokens = keys.len() / width;
    let scale = 1.0 / (width as f32).sqrt();
    let rows = queries.len() / width;
    let mut scores = vec![0.0; rows * tokens];
    let mut wide = vec![0.0; ROWS * width];
    for (block, keys) in keys.chunks(ROWS * width).enumerate() {
        let Some(wide) = wide.get_mut(..keys.len()) else { continue };
        keys.convert_to_f32_slice(wide);
        let wide = &*wide;
        for (query, scores) in queries.chunks_exact(width).zip(scores.chunks_exact_mut(tokens)) {
            let Some(scores) = scores.get_mut(block * ROWS..) else { continue };
            Arch::new().dispatch(Score { query, keys: wide, scale, scores });
        }
    }
    for (number, scores) in scores.chunks_exact_mut(tokens).enumerate() {
        let (seen, hidden) = scores.split_at_mut(tokens - count + number * count / rows + 1);
        softmax(seen);
        hidden.fill(0.0);
    }
    for (block, values) in values.chunks(ROWS * width).enumerate() {
        let Some(wide) = wide.get_mut(..values.len()) else { continue };
        values.convert_to_f32_slice(wide);
        let wide = &*wide;
        for (scores, out) in scores.chunks_exact(tokens).zip(out.chunks_exact_mut(width)) {
            let Some(scores) = scores.get(block * ROWS..) else { continue };
            fast(AddWeighted { rows: wide, width, weights: scores, out });
        }
    }
}

/// How well a query fits each of some keys.
struct Score<'a> {
    query: &'a [f32],
    keys: &'a [f32],
    scale: f32,
    scores: &'a mut [f32],
}

impl WithSimd for Score<'_> {
    type Output = ();

    /// Four keys at a time, so that their sums do not wait for each other. Left to itself the compiler adds up two numbers at a
    /// time.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.query.len();
        let (query, rest) = S::as_simd_f32s(self.query);
        let tail = width - rest.len();
        for (keys, scores) in self.keys.chunks(4 * width).zip(self.scores.chunks_mut(4)) {
            let mut sums = [simd.splat_f32s(0.0); 4];
            for (part, query) in query.iter().enumerate() {
                for (sum, key) in sums.iter_mut().zip(keys.chunks_exact(width)) {
                    if let Some(key) = S::as_simd_f32s(key).0.get(part) {
                        *sum = simd.mul_add_e_f32s(*query, *key, *sum);
                    }
                }
            }
            for ((score, sum), key) in scores.iter_mut().zip(sums).zip(keys.chunks_exact(width)) {
                let more: f32 = rest.iter().zip(key.iter().skip(tail)).map(|(left, right)| left * right).sum();
                *score = (simd.reduce_sum_f32s(sum) + more) * self.scale;
            }
        }
    }
}

/// Adds rows, each as much as its weight says.
struct AddWeighted<'a> {
    rows: &'a [f32],
    width: usize,
    weights: &'a [f32],
    out: &'a mut [f32],
}

impl Work for AddWeighted<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (part, out) in self.out.chunks_mut(LANES).enumerate() {
            if let Ok(out) = <&mut [f32; LANES]>::try_from(&mut *out) {
                let mut lanes = *out;
                for (row, weight) in self.rows.chunks_exact(self.width).zip(self.weights) {
                    if let Some(row) = row.get(part * LANES..).and_then(|rest| rest.first_chunk::<LANES>()) {
                        for lane in 0..LANES {
                            lanes[lane] = row[lane].mul_add(*weight, lanes[lane]);
                        }
                    }
                }
                *out = lanes;
            } else {
                for (row, weight) in self.rows.chunks_exact(self.width).zip(self.weights) {
                    for (out, number) in out.iter_mut().zip(row.iter().skip(part * LANES)) {
                        *out += number * weight;
                    }
                }
            }
        }
    }
}

/// Attention by products of whole matrices, which are fast in a build for debugging too.
#[expect(clippy::cast_precision_loss, reason = "heads have some hundred numbers")]
fn attend_by_products(shape: &Shape, layer: &LayerMemory, queries: &[f32], count: usize) -> Result<Vec<f32>> {
    let width = shape.head_width;
    let row = shape.heads * width;
    let group = shape.heads / shape.kv_heads;
    let scale = 1.0 / (width as f32).sqrt();
    let mut out = vec![0.0; queries.len()];
    for (head, (keys, values)) in layer.keys.iter().zip(&layer.values).enumerate() {
        let tokens = keys.len() / width;
        let before = tokens - count;
        let first = head * group * width;
        // The queries of all tokens for the heads that share these keys, token by token.
        let asked: Vec<f32> = queries
            .chunks_exact(row)
            .flat_map(|token| token.iter().skip(first).take(group * width).map(|number| number * scale))
            .collect();
        let asked = Tensor::from_vec(asked, (count * group, width), &Device::Cpu)?;
        let keys = Tensor::from_vec(keys.to_f32_vec(), (tokens, width), &Device::Cpu)?;
        let mut scores = asked.matmul(&keys.t()?)?.flatten_all()?.to_vec1::<f32>()?;
        parallel::rows(&mut scores, tokens * group, |token, scores| {
            for scores in scores.chunks_exact_mut(tokens) {
                let (seen, hidden) = scores.split_at_mut(before + token + 1);
                softmax(seen);
                hidden.fill(0.0);
            }
        });
        let scores = Tensor::from_vec(scores, (count * group, tokens), &Device::Cpu)?;
        let values = Tensor::from_vec(values.to_f32_vec(), (tokens, width), &Device::Cpu)?;
        let taken = scores.matmul(&values)?.flatten_all()?.to_vec1::<f32>()?;
        for (out, taken) in out.chunks_exact_mut(row).zip(taken.chunks_exact(group * width)) {
            if let Some(out) = out.get_mut(first..first + group * width) {
                out.copy_from_slice(taken);
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::kv::Memory;
    use super::super::shape::Rotation;
    use super::*;

    #[test]
    fn one_token_and_several_see_the_same() {
        let shape = Shape {
            layers: 1,
            width: 120,
            heads: 6,
            kv_heads: 2,
            head_width: 20,
            epsilon: 1e-6,
            context: 100,
            rotation: Rotation { rates: vec![1.0; 10], neighbours: false },
        };
        let mut random = fastrand::Rng::with_seed(7);
        let mut numbers = |count: usize| -> Vec<f32> { (0..count).map(|_| random.f32() - 0.5).collect() };
        let (tokens, row) = (83, 120);
        let (keys, values, queries) = (numbers(tokens * 40), numbers(tokens * 40), numbers(tokens * row));
        let mut memory = Memory::new(&shape);
        let mut single = Vec::new();
        for token in 0..tokens {
            memory.push(0, &keys[token * 40..][..40], &values[token * 40..][..40]);
            single.extend(attend_few(&shape, memory.layer(0).unwrap(), &queries[token * row..][..row], 1));
        }
        let few = attend_few(&shape, memory.layer(0).unwrap(), &queries[(tokens - 5) * row..], 5);
        assert_eq!(single[(tokens - 5) * row..], few);
        for count in [1, 17, tokens] {
            let from = (tokens - count) * row;
            let many = attend_many(&shape, memory.layer(0).unwrap(), &queries[from..], count);
            for (single, many) in single[from..].iter().zip(&many) {
                assert!((single - many).abs() < 1e-5, "{count}: {single} {many}");
            }
            let products = attend_by_products(&shape, memory.layer(0).unwrap(), &queries[from..], count).unwrap();
            for (single, product) in single[from..].iter().zip(&products) {
                assert!((single - product).abs() < 1e-5, "{count}: {single} {product}");
            }
        }
    }
}
