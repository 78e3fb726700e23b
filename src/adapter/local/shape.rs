//! The shape of a network: the numbers of its metadata, by architecture.

use super::gguf::{WeightsError, WeightsFile};

/// The family of networks that the weights belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Architecture {
    /// Qwen 2 and 2.5.
    Qwen2,
    /// Qwen 3 without experts.
    Qwen3,
    /// Llama and what shares its form.
    Llama,
}

impl Architecture {
    const ALL: [(&'static str, Self); 3] = [("qwen2", Self::Qwen2), ("qwen3", Self::Qwen3), ("llama", Self::Llama)];

    fn id(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(id, _)| id)
    }
}

/// How positions turn queries and keys.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rotation {
    /// Angles a position, one for each pair of numbers of a head.
    pub(super) rates: Vec<f32>,
    /// Whether a pair is two neighbours; otherwise it is a number of the first half and its partner of the second.
    pub(super) neighbours: bool,
}

/// The numbers of a network.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// Layers.
    pub(super) layers: usize,
    /// Numbers of a token between layers.
    pub(super) width: usize,
    /// Heads of queries.
    pub(super) heads: usize,
    /// Heads of keys and values; each serves `heads / kv_heads` queries.
    pub(super) kv_heads: usize,
    /// Numbers of a head.
    pub(super) head_width: usize,
    /// Added to the mean square before its root is taken.
    pub(super) epsilon: f32,
    /// Tokens that the network was trained for.
    pub(super) context: usize,
    /// Positions.
    pub(super) rotation: Rotation,
}

impl Shape {
    /// Reads the shape from the metadata.
    pub(super) fn read(file: &mut WeightsFile) -> Result<Self, WeightsError> {
        let Some(id) = file.text("general.architecture").map(str::to_owned) else {
            return Err(file.broken("the metadata lacks `general.architecture`"));
        };
        let Some((_, architecture)) = Architecture::ALL.into_iter().find(|(known, _)| *known == id) else {
            return Err(file.unsupported(format!("its architecture is `{id}`")));
        };
        let key = |name: &str| format!("{}.{name}", architecture.id());
        let width = file.required(&key("embedding_length"))?;
        let heads = file.required(&key("attention.head_count"))?;
        let kv_heads = file.number(&key("attention.head_count_kv")).unwrap_or(heads);
        if file.number(&key("expert_count")).is_some_and(|experts| experts > 0) {
            return Err(file.unsupported("it is a mixture of experts"));
        }
        let head_width = file.number(&key("attention.key_length")).unwrap_or(width / heads);
        if kv_heads == 0 || !heads.is_multiple_of(kv_heads) || head_width == 0 || !head_width.is_multiple_of(2) {
            return Err(file.broken(format!("{heads} heads, {kv_heads} heads of keys, {head_width} numbers each")));
        }
        if file.number(&key("attention.value_length")).is_some_and(|length| length != head_width) {
            return Err(file.unsupported("its values are not as long as its keys"));
        }
        let epsilon = file
            .fraction(&key("attention.layer_norm_rms_epsilon"))
            .ok_or_else(|| file.broken(format!("the metadata lacks `{}`", key("attention.layer_norm_rms_epsilon"))))?;
        let shape = Self {
            layers: file.required(&key("block_count"))?,
            width,
            heads,
            kv_heads,
            head_width,
            epsilon,
            context: file.required(&key("context_length"))?,
            rotation: rotation(file, architecture, head_width)?,
        };
        Ok(shape)
    }

    /// Numbers of all keys, or of all values, of a token in a layer.
    pub(super) fn kv_width(&self) -> usize {
        self.kv_heads * self.head_width
    }
}

fn rotation(file: &mut WeightsFile, architecture: Architecture, head_width: usize) -> Result<Rotation, WeightsError> {
    let key = |name: &str| format!("{}.{name}", architecture.id());
    if file.number(&key("rope.dimension_count")).is_some_and(|turned| turned != head_width) {
        return Err(file.unsupported("only a part of each head is turned by position"));
    }
    let base = file.fraction(&key("rope.freq_base")).unwrap_or(10_000.0);
    let stretch = match file.text(&key("rope.scaling.type")) {
        None | Some("none") => 1.0,
        Some("linear") => file.fraction(&key("rope.scaling.factor")).filter(|factor| *factor > 0.0).unwrap_or(1.0),
        Some(other) => return Err(file.unsupported(format!("its positions are scaled by `{other}`"))),
    };
    let pairs = head_width / 2;
    // Llama 3 divides each rate by a factor of its own, stored as a tensor.
    let factors = if file.has("rope_freqs.weight") { file.numbers("rope_freqs.weight")? } else { vec![1.0; pairs] };
    if factors.len() != pairs {
        return Err(file.broken(format!("{} factors for {pairs} pairs", factors.len())));
    }
    #[expect(clippy::cast_precision_loss, reason = "heads have some hundred numbers")]
    let rates = factors
        .iter()
        .enumerate()
        .map(|(pair, factor)| base.powf(-2.0 * pair as f32 / head_width as f32) / factor / stretch)
        .collect();
    Ok(Rotation { rates, neighbours: architecture == Architecture::Llama })
}
