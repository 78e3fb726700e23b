//! What a network remembers of the tokens it has read: keys and values of every layer, half as precise as the arithmetic. It
//! can be cut back to any earlier token, copied up to one, and written as bytes.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::shape::Shape;

/// Keys or values of one head, a row for each token.
pub(super) type Rows = Vec<f16>;

/// Keys and values of one layer, by head.
#[derive(Clone)]
pub(super) struct LayerMemory {
    pub(super) keys: Vec<Rows>,
    pub(super) values: Vec<Rows>,
}

/// Keys and values of all layers.
#[derive(Clone)]
pub(super) struct Memory {
    tokens: Vec<u32>,
    layers: Vec<LayerMemory>,
    head_width: usize,
}

impl Memory {
    /// A memory of nothing.
    pub(super) fn new(shape: &Shape) -> Self {
        let layer = LayerMemory { keys: vec![Rows::new(); shape.kv_heads], values: vec![Rows::new(); shape.kv_heads] };
        Self { tokens: Vec::new(), layers: vec![layer; shape.layers], head_width: shape.head_width }
    }

    /// The tokens it has read.
    pub(super) fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// How many tokens it shares with others from the start.
    pub(super) fn common(&self, tokens: &[u32]) -> usize {
        self.tokens.iter().zip(tokens).take_while(|(left, right)| left == right).count()
    }

    /// A layer.
    pub(super) fn layer(&self, number: usize) -> Option<&LayerMemory> {
        self.layers.get(number)
    }

    /// Adds keys and values of tokens to a layer; the tokens count when they are [confirmed](Self::confirm).
    pub(super) fn push(&mut self, layer: usize, keys: &[f32], values: &[f32]) {
        let width = self.head_width;
        let Some(layer) = self.layers.get_mut(layer) else { return };
        for (heads, numbers) in [(&mut layer.keys, keys), (&mut layer.values, values)] {
            let row = heads.len() * width;
            for token in numbers.chunks_exact(row) {
                for (head, numbers) in heads.iter_mut().zip(token.chunks_exact(width)) {
                    let start = head.len();
                    head.resize(start + width, f16::ZERO);
                    if let Some(head) = head.get_mut(start..) {
                        head.convert_from_f32_slice(numbers);
                    }
                }
            }
        }
    }

    /// Takes tokens as read, after every layer got their keys and values.
    pub(super) fn confirm(&mut self, tokens: &[u32]) {
        self.tokens.extend_from_slice(tokens);
    }

    /// Forgets everything after the first `count` tokens, and what was never confirmed.
    pub(super) fn truncate(&mut self, count: usize) {
        self.tokens.truncate(count);
        let length = self.tokens.len() * self.head_width;
        for rows in self.all_rows_mut() {
            rows.truncate(length);
        }
    }

    /// A copy of the first `count` tokens.
    pub(super) fn up_to(&self, count: usize) -> Self {
        let count = count.min(self.tokens.len());
        let cut = |heads: &[Rows]| {
            let heads = heads.iter();
            heads.map(|rows| rows.iter().take(count * self.head_width).copied().collect()).collect()
        };
        Self {
            tokens: self.tokens.iter().take(count).copied().collect(),
            layers: self
                .layers
                .iter()
                .map(|layer| LayerMemory { keys: cut(&layer.keys), values: cut(&layer.values) })
                .collect(),
            head_width: self.head_width,
        }
    }

    /// Writes keys and values of the first `count` tokens.
    pub(super) fn write(&self, count: usize, to: &mut impl std::io::Write) -> std::io::Result<()> {
        let length = count.min(self.tokens.len()) * self.head_width;
        for layer in &self.layers {
            for rows in layer.keys.iter().chain(&layer.values) {
                let bytes: Vec<u8> = rows.iter().take(length).flat_map(|number| number.to_le_bytes()).collect();
                to.write_all(&bytes)?;
            }
        }
        Ok(())
    }

    /// Reads what [`Self::write`] wrote for these tokens.
    pub(super) fn read(shape: &Shape, tokens: &[u32], from: &mut impl std::io::Read) -> std::io::Result<Self> {
        let mut memory = Self::new(shape);
        memory.tokens = tokens.to_vec();
        let mut bytes = vec![0; tokens.len() * shape.head_width * 2];
        for rows in memory.all_rows_mut() {
            from.read_exact(&mut bytes)?;
            *rows = bytes.as_chunks::<2>().0.iter().map(|pair| f16::from_le_bytes(*pair)).collect();
        }
        Ok(memory)
    }

    /// Bytes that [`Self::write`] writes for so many tokens.
    pub(super) fn bytes(shape: &Shape, tokens: usize) -> u64 {
        (tokens * shape.kv_width() * 2 * 2 * shape.layers) as u64
    }

    fn all_rows_mut(&mut self) -> impl Iterator<Item = &mut Rows> {
        self.layers.iter_mut().flat_map(|layer| layer.keys.iter_mut().chain(layer.values.iter_mut()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::Rotation;
    use super::*;

    fn shape() -> Shape {
        Shape {
            layers: 2,
            width: 8,
            heads: 4,
            kv_heads: 2,
            head_width: 2,
            epsilon: 1e-6,
            context: 100,
            rotation: Rotation { rates: vec![1.0], neighbours: false },
        }
    }

    fn filled(tokens: &[u32]) -> Memory {
        let mut memory = Memory::new(&shape());
        for layer in 0..2_u8 {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let keys: Vec<f32> = (0..tokens.len() * 4).map(|at| at as f32 + f32::from(layer)).collect();
            memory.push(layer.into(), &keys, &keys);
        }
        memory.confirm(tokens);
        memory
    }

    #[test]
    fn what_was_not_confirmed_is_forgotten() {
        let mut memory = filled(&[1, 2, 3]);
        memory.push(0, &[9.0; 8], &[9.0; 8]);
        memory.truncate(3);
        assert_eq!(memory.layer(0).unwrap().keys[0].len(), 6);
        memory.truncate(1);
        assert_eq!(memory.tokens(), [1]);
        assert_eq!(memory.layer(1).unwrap().values[1].len(), 2);
    }

    #[test]
    fn written_and_read_it_is_the_same() {
        let memory = filled(&[1, 2, 3]);
        let mut bytes = Vec::new();
        memory.write(2, &mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, Memory::bytes(&shape(), 2));
        let read = Memory::read(&shape(), &[1, 2], &mut bytes.as_slice()).unwrap();
        let cut = memory.up_to(2);
        assert_eq!(read.layer(1).unwrap().keys, cut.layer(1).unwrap().keys);
        assert!(Memory::read(&shape(), &[1, 2, 3], &mut bytes.as_slice()).is_err());
        assert_eq!(memory.common(&[1, 2, 4]), 2);
    }
}
