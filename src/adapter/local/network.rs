//! The network: tokens in, a score for every token that could come next. Qwen 2, Qwen 3 and Llama differ only in which of the
//! parts below their weights have.

use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::quantized::gguf_file::Value;

use super::attention::attend;
use super::gguf::{WeightsError, WeightsFile, plain};
use super::kv::Memory;
use super::linear::{Matrix, apply_all};
use super::parallel;
use super::shape::{Rotation, Shape};
use super::vector::{add, gate, normalize};

/// Tokens whose rows one thread takes at a time.
const TOKENS: usize = 16;

/// Why tokens were not read.
#[derive(Debug)]
pub(super) enum Halt {
    /// The caller no longer wants them.
    Stopped,
    /// The arithmetic failed.
    Failed(String),
}

impl From<candle_core::Error> for Halt {
    fn from(error: candle_core::Error) -> Self {
        Self::Failed(plain(&error))
    }
}

struct Layer {
    attention_norm: Vec<f32>,
    query: Matrix,
    key: Matrix,
    value: Matrix,
    output: Matrix,
    query_bias: Option<Vec<f32>>,
    key_bias: Option<Vec<f32>>,
    value_bias: Option<Vec<f32>>,
    query_norm: Option<Vec<f32>>,
    key_norm: Option<Vec<f32>>,
    mixer_norm: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

/// A loaded network.
pub(super) struct Network {
    shape: Shape,
    tokens: Matrix,
    layers: Vec<Layer>,
    norm: Vec<f32>,
    /// Scores; the matrix of tokens where the file has none of its own.
    scores: Option<Matrix>,
}

impl Network {
    /// Loads a network, unless `stop` is set meanwhile.
    pub(super) fn load(file: &mut WeightsFile, shape: Shape, stop: &AtomicBool) -> Result<Option<Self>, WeightsError> {
        let tokens = matrix(file, "token_embd.weight")?;
        if tokens.columns() != shape.width {
            return Err(file.broken(format!("tokens have {} numbers, not {}", tokens.columns(), shape.width)));
        }
        let norm = file.numbers("output_norm.weight")?;
        let scores = if file.has("output.weight") { Some(matrix(file, "output.weight")?) } else { None };
        let mut layers = Vec::with_capacity(shape.layers);
        for number in 0..shape.layers {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            layers.push(Layer::load(file, number, &shape)?);
        }
        Ok(Some(Self { shape, tokens, layers, norm, scores }))
    }

    /// Its shape.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How many tokens there are.
    pub(super) fn vocabulary(&self) -> usize {
        self.tokens.rows()
    }

    /// Reads tokens after those that the memory has, and scores what could follow each of the last `scored` ones. When it is
    /// stopped, the memory is as it was before.
    pub(super) fn read(
        &self,
        tokens: &[u32],
        scored: usize,
        memory: &mut Memory,
        stop: &AtomicBool,
    ) -> Result<Vec<f32>, Halt> {
        let before = memory.tokens().len();
        let read = self.read_layers(tokens, scored, memory, stop);
        if read.is_ok() {
            memory.confirm(tokens);
        } else {
            memory.truncate(before);
        }
        read
    }

    fn read_layers(
        &self,
        tokens: &[u32],
        scored: usize,
        memory: &mut Memory,
        stop: &AtomicBool,
    ) -> Result<Vec<f32>, Halt> {
        let shape = &self.shape;
        let first = memory.tokens().len();
        let mut rows = self.tokens.pick(tokens)?;
        let turns: Vec<Vec<Turn>> = (first..first + tokens.len()).map(|at| turns(&shape.rotation, at)).collect();
        for (number, layer) in self.layers.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Err(Halt::Stopped);
            }
            let normal = self.normalized(&rows, &layer.attention_norm);
            let projected = apply_all([&layer.query, &layer.key, &layer.value], &normal)?;
            let Ok([mut queries, mut keys, mut values]) = <[Vec<f32>; 3]>::try_from(projected) else {
                return Err(Halt::Failed("a product is missing".to_owned()));
            };
            for (rows, bias, norm) in
                [(&mut queries, &layer.query_bias, &layer.query_norm), (&mut keys, &layer.key_bias, &layer.key_norm)]
            {
                let row = rows.len() / tokens.len();
                parallel::rows(rows, row * TOKENS, |number, rows| {
                    for (place, row) in rows.chunks_exact_mut(row).enumerate() {
                        if let Some(bias) = bias {
                            add(row, bias);
                        }
                        if let Some(norm) = norm {
                            for head in row.chunks_exact_mut(shape.head_width) {
                                let plain = head.to_vec();
                                normalize(&plain, norm, shape.epsilon, head);
                            }
                        }
                        if let Some(turns) = turns.get(number * TOKENS + place) {
                            rotate(shape.rotation.neighbours, turns, row);
                        }
                    }
                });
            }
            if let Some(bias) = &layer.value_bias {
                values.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
            }
            memory.push(number, &keys, &values);
            let Some(remembered) = memory.layer(number) else {
                return Err(Halt::Failed("a layer is missing".to_owned()));
            };
            let taken = attend(shape, remembered, &queries)?;
            add(&mut rows, &layer.output.apply(&taken)?);
            let normal = self.normalized(&rows, &layer.mixer_norm);
            let projected = apply_all([&layer.gate, &layer.up], &normal)?;
            let Ok([mut gates, up]) = <[Vec<f32>; 2]>::try_from(projected) else {
                return Err(Halt::Failed("a product is missing".to_owned()));
            };
            let inner = layer.gate.rows();
            // A quarter of a row is enough work for a thread.
            let piece = inner.div_ceil(4);
            parallel::rows(&mut gates, piece, |number, gates| {
                if let Some(up) = up.get(number * piece..number * piece + gates.len()) {
                    gate(gates, up);
                }
            });
            add(&mut rows, &layer.down.apply(&gates)?);
        }
        let last = rows.len().saturating_sub(scored * shape.width);
        let normal = self.normalized(rows.get(last..).unwrap_or_default(), &self.norm);
        Ok(self.scores.as_ref().unwrap_or(&self.tokens).apply(&normal)?)
    }

    /// Whether a token gets the same scores read alone and among a few others: where there is a kernel for every matrix.
    pub(super) fn is_exact(&self) -> bool {
        let layers = self.layers.iter().all(|layer| {
            [&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate, &layer.up, &layer.down]
                .iter()
                .all(|matrix| matrix.is_exact())
        });
        layers && self.scores.as_ref().unwrap_or(&self.tokens).is_exact()
    }

    fn normalized(&self, rows: &[f32], weights: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; rows.len()];
        let width = self.shape.width;
        parallel::rows(&mut out, width * TOKENS, |number, out| {
            let rows = rows.chunks_exact(width).skip(number * TOKENS);
            for (row, out) in rows.zip(out.chunks_exact_mut(width)) {
                normalize(row, weights, self.shape.epsilon, out);
            }
        });
        out
    }
}

impl Layer {
    fn load(file: &mut WeightsFile, number: usize, shape: &Shape) -> Result<Self, WeightsError> {
        let name = |part: &str| format!("blk.{number}.{part}");
        let optional = |file: &mut WeightsFile, part: &str| -> Result<Option<Vec<f32>>, WeightsError> {
            if file.has(&name(part)) { file.numbers(&name(part)).map(Some) } else { Ok(None) }
        };
        let layer = Self {
            attention_norm: file.numbers(&name("attn_norm.weight"))?,
            query: matrix(file, &name("attn_q.weight"))?,
            key: matrix(file, &name("attn_k.weight"))?,
            value: matrix(file, &name("attn_v.weight"))?,
            output: matrix(file, &name("attn_output.weight"))?,
            query_bias: optional(file, "attn_q.bias")?,
            key_bias: optional(file, "attn_k.bias")?,
            value_bias: optional(file, "attn_v.bias")?,
            query_norm: optional(file, "attn_q_norm.weight")?,
            key_norm: optional(file, "attn_k_norm.weight")?,
            mixer_norm: file.numbers(&name("ffn_norm.weight"))?,
            gate: matrix(file, &name("ffn_gate.weight"))?,
            up: matrix(file, &name("ffn_up.weight"))?,
            down: matrix(file, &name("ffn_down.weight"))?,
        };
        let (queries, inner) = (shape.heads * shape.head_width, layer.gate.rows());
        let fits = |matrix: &Matrix, rows: usize, columns: usize| matrix.rows() == rows && matrix.columns() == columns;
        let right = fits(&layer.query, queries, shape.width)
            && fits(&layer.key, shape.kv_width(), shape.width)
            && fits(&layer.value, shape.kv_width(), shape.width)
            && fits(&layer.output, shape.width, queries)
            && fits(&layer.gate, inner, shape.width)
            && fits(&layer.up, inner, shape.width)
            && fits(&layer.down, shape.width, inner)
            && [&layer.attention_norm, &layer.mixer_norm].iter().all(|norm| norm.len() == shape.width)
            && [&layer.query_norm, &layer.key_norm]
                .iter()
                .all(|norm| norm.as_ref().is_none_or(|norm| norm.len() == shape.head_width))
            && layer.query_bias.as_ref().is_none_or(|bias| bias.len() == queries)
            && [&layer.key_bias, &layer.value_bias]
                .iter()
                .all(|bias| bias.as_ref().is_none_or(|bias| bias.len() == shape.kv_width()));
        if right { Ok(layer) } else { Err(file.broken(format!("the matrices of layer {number} do not fit together"))) }
    }
}

fn matrix(file: &mut WeightsFile, name: &str) -> Result<Matrix, WeightsError> {
    if !file.has(name) {
        return Err(file.broken(format!("there is no tensor `{name}`")));
    }
    let tensor = file.tensor(name)?;
    Matrix::new(tensor).map_err(|error| file.broken(format!("`{name}`: {}", plain(&error))))
}

/// Sine and cosine of an angle.
type Turn = (f32, f32);

/// How a position turns the pairs of a head.
fn turns(rotation: &Rotation, position: usize) -> Vec<Turn> {
    #[expect(clippy::cast_precision_loss, reason = "positions stay far below 2^23")]
    let position = position as f32;
    rotation.rates.iter().map(|rate| (position * rate).sin_cos()).collect()
}

/// Turns the pairs of every head of a token, which are neighbours, or a number of the first half and its partner of the second.
fn rotate(neighbours: bool, turns: &[Turn], token: &mut [f32]) {
    let pairs = turns.len();
    for head in token.chunks_exact_mut(2 * pairs) {
        if neighbours {
            for (pair, (sine, cosine)) in head.as_chunks_mut::<2>().0.iter_mut().zip(turns) {
                let [left, right] = *pair;
                *pair = [left * cosine - right * sine, right * cosine + left * sine];
            }
        } else {
            let (lefts, rights) = head.split_at_mut(pairs);
            for ((left, right), (sine, cosine)) in lefts.iter_mut().zip(rights).zip(turns) {
                let turned = (*left * cosine - *right * sine, *right * cosine + *left * sine);
                (*left, *right) = turned;
            }
        }
    }
}

/// The number of a token that the metadata names.
pub(super) fn token_of(value: &Value) -> Option<u32> {
    match value {
        Value::I32(id) => u32::try_from(*id).ok(),
        value => u32::try_from(value.to_u64().ok()?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_keeps_lengths_and_depends_on_the_distance_only() {
        for neighbours in [false, true] {
            let rotation = Rotation { rates: vec![1.0, 0.1], neighbours };
            let turned = |position: usize, mut numbers: Vec<f32>| {
                rotate(neighbours, &turns(&rotation, position), &mut numbers);
                numbers
            };
            let product = |left: &[f32], right: &[f32]| -> f32 { left.iter().zip(right).map(|(l, r)| l * r).sum() };
            let (query, key) = (vec![0.3, -0.2, 0.5, 0.9], vec![-0.4, 0.1, 0.8, 0.2]);
            let near = product(&turned(5, query.clone()), &turned(3, key.clone()));
            let far = product(&turned(105, query.clone()), &turned(103, key));
            assert!((near - far).abs() < 1e-4, "{near} {far}");
            let length = product(&turned(7, query.clone()), &turned(7, query.clone()));
            assert!((length - product(&query, &query)).abs() < 1e-5);
        }
    }

    /// A network of random weights, in the formats that the kernels are made for.
    fn small() -> Network {
        use candle_core::quantized::{GgmlDType, QTensor};
        use candle_core::{Device, Tensor};
        let mut random = fastrand::Rng::with_seed(11);
        let mut matrix = |rows: usize, columns: usize, kind: GgmlDType| {
            let numbers: Vec<f32> = (0..rows * columns).map(|_| (random.f32() - 0.5) / 4.0).collect();
            let tensor = Tensor::from_vec(numbers, (rows, columns), &Device::Cpu).unwrap();
            Matrix::new(QTensor::quantize(&tensor, kind).unwrap()).unwrap()
        };
        let (q4, q6) = (GgmlDType::Q4K, GgmlDType::Q6K);
        let layers = (0..2).map(|_| Layer {
            attention_norm: vec![1.0; 256],
            query: matrix(256, 256, q4),
            key: matrix(128, 256, q4),
            value: matrix(128, 256, q6),
            output: matrix(256, 256, q4),
            query_bias: Some(vec![0.1; 256]),
            key_bias: Some(vec![0.2; 128]),
            value_bias: Some(vec![-0.1; 128]),
            query_norm: None,
            key_norm: Some(vec![1.0; 64]),
            mixer_norm: vec![1.0; 256],
            gate: matrix(512, 256, q4),
            up: matrix(512, 256, q4),
            down: matrix(256, 512, q6),
        });
        let layers = layers.collect();
        let shape = Shape {
            layers: 2,
            width: 256,
            heads: 4,
            kv_heads: 2,
            head_width: 64,
            epsilon: 1e-6,
            context: 1000,
            rotation: Rotation { rates: (0..32_u8).map(|pair| 0.8_f32.powi(pair.into())).collect(), neighbours: false },
        };
        Network { shape, tokens: matrix(96, 256, q6), layers, norm: vec![1.0; 256], scores: None }
    }

    fn read(network: &Network, memory: &mut Memory, tokens: &[u32]) -> Vec<Vec<f32>> {
        let scores = network.read(tokens, tokens.len(), memory, &AtomicBool::new(false)).unwrap();
        scores.chunks(network.vocabulary()).map(<[f32]>::to_vec).collect()
    }

    #[track_caller]
    fn assert_close(left: &[Vec<f32>], right: &[Vec<f32>], most: f32) {
        assert_eq!(left.len(), right.len());
        for (left, right) in left.iter().flatten().zip(right.iter().flatten()) {
            assert!((left - right).abs() <= most, "{left} {right}");
        }
    }

    /// How far apart the scores of a token may be when it is read alone and among a few others: not at all, where there are
    /// kernels. Elsewhere the last digits differ, and what they do when activations are quantised.
    fn tolerance() -> f32 {
        let kernel = super::super::kernel::Kernel::choose(candle_core::quantized::GgmlDType::Q4K, 256);
        if kernel.is_some() { 0.0 } else { FAR }
    }

    /// Rounding an activation the other way moves scores by so much at most; those of two tokens are farther apart.
    const FAR: f32 = 0.05;

    #[test]
    fn a_refused_guess_leaves_no_trace() {
        let network = small();
        let (prompt, answer) = ([5, 17, 80, 3, 3, 41], [7, 8, 9, 10]);
        let mut plain = Memory::new(network.shape());
        let mut expected = read(&network, &mut plain, &prompt);
        let mut memory = Memory::new(network.shape());
        assert_close(&read(&network, &mut memory, &prompt), &expected, tolerance());
        for token in answer {
            expected = read(&network, &mut plain, &[token]);
            // A token with guesses behind it, all of them refused: the scores after the token itself are what counts.
            let guessed = read(&network, &mut memory, &[token, 90, 91, 92, 93, 94]);
            assert_close(&guessed[..1], &expected, tolerance());
            let other = (guessed[1].iter().zip(&expected[0])).any(|(left, right)| (left - right).abs() > 2.0 * FAR);
            assert!(other, "each row has its own scores");
            memory.truncate(memory.tokens().len() - 5);
            assert_eq!(memory.tokens(), plain.tokens());
        }
        // A guess of which the first half was right.
        expected = read(&network, &mut plain, &[20, 21, 22]);
        let guessed = read(&network, &mut memory, &[20, 21, 22, 60, 61]);
        assert_close(&guessed[..3], &expected, tolerance());
        memory.truncate(memory.tokens().len() - 2);
        assert_close(&read(&network, &mut memory, &[30]), &read(&network, &mut plain, &[30]), tolerance());
    }

    #[test]
    fn a_prompt_read_in_pieces_of_any_length_gives_the_same() {
        let network = small();
        let prompt: Vec<u32> = (0..70).map(|at| at * 7 % 96).collect();
        let mut memory = Memory::new(network.shape());
        let at_once = read(&network, &mut memory, &prompt);
        let mut one_by_one: Option<Vec<Vec<f32>>> = None;
        for pieces in [vec![1; 70], vec![2; 35], vec![16, 16, 7, 15, 16], vec![16, 17, 37], vec![69, 1], vec![2, 66, 2]]
        {
            let few = pieces.iter().all(|length| *length <= 16);
            let mut memory = Memory::new(network.shape());
            let mut scores = Vec::new();
            let mut rest = prompt.as_slice();
            for length in pieces {
                let (piece, behind) = rest.split_at(length);
                scores.extend(read(&network, &mut memory, piece));
                rest = behind;
            }
            assert_close(&scores, &at_once, FAR);
            if few {
                let one_by_one = one_by_one.get_or_insert_with(|| scores.clone());
                assert_close(&scores, one_by_one, tolerance());
            }
        }
    }

    #[test]
    fn a_network_that_is_stopped_remembers_what_it_did_before() {
        let network = small();
        let mut memory = Memory::new(network.shape());
        read(&network, &mut memory, &[1, 2, 3]);
        let stopped = network.read(&[4, 5], 1, &mut memory, &AtomicBool::new(true));
        assert!(matches!(stopped, Err(Halt::Stopped)));
        assert_eq!(memory.tokens(), [1, 2, 3]);
        assert_eq!(memory.layer(0).unwrap().keys[0].len(), 3 * 64);
    }
}
