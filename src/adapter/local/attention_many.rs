//! Attention of many tokens at once, as a prompt has them: block by block of keys, with the sums scaled anew whenever a block
//! has a greater score (Dao et al. 2022, arXiv:2205.14135), so that no table of all scores is ever written to memory.

#![expect(
    clippy::inline_always,
    reason = "what runs with wide instructions must be inlined into the function that was compiled for them"
)]

use half::f16;
use half::slice::HalfFloatSliceExt;
use pulp::{Arch, Simd, WithSimd};

use super::kv::LayerMemory;
use super::parallel;
use super::shape::Shape;
use super::vector::{LANES, rescale};

/// Keys of a block: with their values they stay in the nearest cache.
const KEYS: usize = 32;
/// Tokens that one thread takes at a time, with all heads that share their keys.
const TOKENS: usize = 16;
/// Rows of a product that are worked on together.
const ROWS: usize = 4;

/// Some keys, number by number of all keys, and their values, key by key.
#[derive(Clone, Default)]
struct Block {
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Block {
    fn new(width: usize, padded: usize, keys: &[f16], values: &[f16]) -> Self {
        let mut block = Self { keys: vec![0.0; width * KEYS], values: vec![0.0; KEYS * padded] };
        let mut wide = vec![0.0; width];
        for (place, key) in keys.chunks_exact(width).enumerate() {
            key.convert_to_f32_slice(&mut wide);
            for (to, number) in block.keys.iter_mut().skip(place).step_by(KEYS).zip(&wide) {
                *to = *number;
            }
        }
        for (value, to) in values.chunks_exact(width).zip(block.values.chunks_exact_mut(padded)) {
            if let Some(to) = to.get_mut(..width) {
                value.convert_to_f32_slice(to);
            }
        }
        block
    }
}

/// The attention of `queries` (a row for each token, the last ones that the layer remembers), a row for each token.
pub(super) fn attend_many(shape: &Shape, layer: &LayerMemory, queries: &[f32], count: usize) -> Vec<f32> {
    let width = shape.head_width;
    let padded = width.next_multiple_of(LANES);
    let row = shape.heads * width;
    let group = shape.heads / shape.kv_heads;
    let tokens = layer.keys.first().map_or(0, |keys| keys.len() / width);
    let blocks_of_head = tokens.div_ceil(KEYS);
    let mut blocks = vec![Block::default(); shape.kv_heads * blocks_of_head];
    parallel::each(&mut blocks, |number, block| {
        let (head, start) = (number / blocks_of_head, number % blocks_of_head * KEYS * width);
        let part = |rows: &[Vec<f16>]| -> Option<(usize, usize)> {
            let length = rows.get(head)?.len();
            Some((start.min(length), (start + KEYS * width).min(length)))
        };
        if let (Some((from, to)), Some(keys), Some(values)) =
            (part(&layer.keys), layer.keys.get(head), layer.values.get(head))
        {
            let (keys, values) = (keys.get(from..to).unwrap_or_default(), values.get(from..to).unwrap_or_default());
            *block = Block::new(width, padded, keys, values);
        }
    });
    let mut out = vec![0.0; queries.len()];
    let mut tasks: Vec<Vec<&mut [f32]>> = vec![];
    tasks.resize_with(count.div_ceil(TOKENS) * shape.kv_heads, Vec::new);
    for (token, out) in out.chunks_exact_mut(row).enumerate() {
        for (head, out) in out.chunks_exact_mut(group * width).enumerate() {
            if let Some(task) = tasks.get_mut(token / TOKENS * shape.kv_heads + head) {
                task.push(out);
            }
        }
    }
    parallel::each(&mut tasks, |number, out| {
        let (first, head) = (number / shape.kv_heads * TOKENS, number % shape.kv_heads);
        let blocks = blocks.get(head * blocks_of_head..(head + 1) * blocks_of_head).unwrap_or_default();
        let asked = queries.chunks_exact(row).skip(first).take(out.len());
        #[expect(clippy::cast_precision_loss, reason = "heads have some hundred numbers")]
        let scale = 1.0 / (width as f32).sqrt();
        let asked: Vec<f32> = asked
            .flat_map(|token| token.iter().skip(head * group * width).take(group * width).map(|number| number * scale))
            .collect();
        let attended = Attended::of(&asked, blocks, Sizes { width, padded, group, seen: tokens - count + first + 1 });
        for (out, sums) in out.iter_mut().zip(attended.sums.chunks_exact(group * padded)) {
            for (out, sums) in out.chunks_exact_mut(width).zip(sums.chunks_exact(padded)) {
                out.copy_from_slice(sums.get(..width).unwrap_or_default());
            }
        }
    });
    out
}

#[derive(Clone, Copy)]
struct Sizes {
    /// Numbers of a head, and with those that make it even.
    width: usize,
    padded: usize,
    /// Queries of a token.
    group: usize,
    /// Keys that the first token sees.
    seen: usize,
}

/// Sums of values, by their weights, for each query.
struct Attended {
    sums: Vec<f32>,
    most: Vec<f32>,
    total: Vec<f32>,
}

impl Attended {
    fn of(queries: &[f32], blocks: &[Block], sizes: Sizes) -> Self {
        let count = queries.len() / sizes.width;
        let mut attended = Self {
            sums: vec![0.0; count * sizes.padded],
            most: vec![f32::NEG_INFINITY; count],
            total: vec![0.0; count],
        };
        let last = sizes.seen + count / sizes.group - 1;
        let mut scores = vec![0.0; count * KEYS];
        for (number, block) in blocks.iter().take(last.div_ceil(KEYS)).enumerate() {
            scores.fill(0.0);
            add_product(queries, &block.keys, KEYS, &mut scores);
            attended.weigh(&mut scores, sizes, number * KEYS);
            add_product(&scores, &block.values, sizes.padded, &mut attended.sums);
        }
        for (sums, total) in attended.sums.chunks_exact_mut(sizes.padded).zip(&attended.total) {
            for sum in sums {
                *sum /= total;
            }
        }
        attended
    }

    /// Turns scores of the keys from `first` on into weights, and scales what was summed up to them.
    fn weigh(&mut self, scores: &mut [f32], sizes: Sizes, first: usize) {
        let sums = self.sums.chunks_exact_mut(sizes.padded);
        let states = self.most.iter_mut().zip(&mut self.total);
        for (query, ((scores, sums), (most, total))) in scores.chunks_exact_mut(KEYS).zip(sums).zip(states).enumerate()
        {
            let seen = (sizes.seen + query / sizes.group).saturating_sub(first).min(KEYS);
            let (seen, hidden) = scores.split_at_mut(seen);
            hidden.fill(0.0);
            if !seen.is_empty() {
                rescale(seen, most, total, sums);
            }
        }
    }
}

/// Adds to each row of `out` the product of a row of `left` with a matrix, whose rows have `width` numbers: a multiple of
/// [`LANES`].
fn add_product(left: &[f32], matrix: &[f32], width: usize, out: &mut [f32]) {
    let inner = matrix.len() / width;
    Arch::new().dispatch(AddProduct { left, inner, matrix, width, out });
}

struct AddProduct<'a> {
    left: &'a [f32],
    inner: usize,
    matrix: &'a [f32],
    width: usize,
    out: &'a mut [f32],
}

impl WithSimd for AddProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (matrix, _) = S::as_simd_f32s(self.matrix);
        let vectors = matrix.len() / self.inner;
        let lefts = self.left.chunks(ROWS * self.inner);
        for (left, out) in lefts.zip(self.out.chunks_mut(ROWS * self.width)) {
            if left.len() == ROWS * self.inner {
                rows::<S, ROWS>(simd, left, matrix, vectors, out);
            } else {
                for (left, out) in left.chunks_exact(self.inner).zip(out.chunks_exact_mut(self.width)) {
                    rows::<S, 1>(simd, left, matrix, vectors, out);
                }
            }
        }
    }
}

#[inline(always)]
fn rows<S: Simd, const COUNT: usize>(simd: S, left: &[f32], matrix: &[S::f32s], vectors: usize, out: &mut [f32]) {
    let mut first = 0;
    while first + 2 <= vectors {
        columns::<S, COUNT, 2>(simd, left, matrix, vectors, first, out);
        first += 2;
    }
    if first < vectors {
        columns::<S, COUNT, 1>(simd, left, matrix, vectors, first, out);
    }
}

#[inline(always)]
fn columns<S: Simd, const COUNT: usize, const WIDE: usize>(
    simd: S,
    left: &[f32],
    matrix: &[S::f32s],
    vectors: usize,
    first: usize,
    out: &mut [f32],
) {
    let inner = left.len() / COUNT;
    let (out, _) = S::as_mut_simd_f32s(out);
    let mut sums = [[simd.splat_f32s(0.0); WIDE]; COUNT];
    for (sums, out) in sums.iter_mut().zip(out.chunks_exact(vectors)) {
        if let Some(out) = out.get(first..first + WIDE) {
            sums.copy_from_slice(out);
        }
    }
    for (at, row) in matrix.chunks_exact(vectors).enumerate() {
        let Some(row) = row.get(first..first + WIDE) else { continue };
        for (sums, left) in sums.iter_mut().zip(left.chunks_exact(inner)) {
            let Some(number) = left.get(at) else { continue };
            let number = simd.splat_f32s(*number);
            for (sum, column) in sums.iter_mut().zip(row) {
                *sum = simd.mul_add_e_f32s(number, *column, *sum);
            }
        }
    }
    for (sums, out) in sums.iter().zip(out.chunks_exact_mut(vectors)) {
        if let Some(out) = out.get_mut(first..first + WIDE) {
            out.copy_from_slice(sums);
        }
    }
}
