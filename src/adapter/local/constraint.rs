//! Constrained output: at every place of an answer only the tokens that a JSON schema lets stand there can be drawn.

use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::earley::SlicedBiasComputer;
use llguidance::toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};
use serde_json::Value;

/// What all constraints on the answers of one model share: its tokens, as a tree of bytes.
pub(super) struct Grammars(ParserFactory);

impl Grammars {
    /// Of the bytes of each token, none for those that are no text, and of those that end an answer.
    pub(super) fn new(tokens: &[Vec<u8>], ends: &[u32]) -> Result<Self, String> {
        let (Some(end), Ok(count)) = (ends.first(), u32::try_from(tokens.len())) else {
            return Err("no token ends an answer".to_owned());
        };
        if ends.iter().any(|end| *end >= count) {
            return Err("a token that ends an answer is not in the vocabulary".to_owned());
        }
        let tree = TokTrie::from(&TokRxInfo::new(count, *end), tokens).with_eos_tokens(ends);
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(tree));
        let slices = SlicedBiasComputer::json_slices();
        let factory = ParserFactory::new(&environment, InferenceCapabilities::default(), &slices);
        let mut factory = factory.map_err(|error| error.to_string())?;
        // Its messages are errors here, and go to whoever asked.
        factory.quiet();
        Ok(Self(factory))
    }

    /// A constraint to the JSON of a schema, written on one line.
    pub(super) fn schema(&self, schema: &Value) -> Result<Constraint, String> {
        let mut schema = schema.clone();
        if let Some(schema) = schema.as_object_mut() {
            // A model that may put as much white space as it likes between two values sometimes never stops.
            let one_line = serde_json::json!({
                "item_separator": ", ", "key_separator": ": ", "whitespace_flexible": false
            });
            schema.insert("x-guidance".to_owned(), one_line);
        }
        let parser = self.0.create_parser(TopLevelGrammar::from_json_schema(schema));
        Ok(Constraint(Matcher::new(Ok(parser.map_err(|error| error.to_string())?))))
    }
}

/// What an answer may go on with.
pub(super) struct Constraint(Matcher);

impl Constraint {
    /// The scores, with those of tokens that must not come next taken out.
    pub(super) fn narrow(&mut self, scores: &[f32]) -> Result<Vec<f32>, String> {
        let mask = self.0.compute_mask_or_eos().map_err(|error| error.to_string())?;
        let allowed = |place: usize| place < mask.len() && mask.get(place);
        let narrowed = scores.iter().enumerate();
        Ok(narrowed.map(|(place, score)| if allowed(place) { *score } else { f32::NEG_INFINITY }).collect())
    }

    /// Goes on by a token that was drawn.
    pub(super) fn take(&mut self, token: u32) -> Result<(), String> {
        self.0.consume_token(token).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vocabulary of single bytes, some words, a token that is no text, and an end.
    fn vocabulary() -> (Vec<Vec<u8>>, u32) {
        let mut tokens: Vec<Vec<u8>> = (0..=255_u8).map(|byte| vec![byte]).collect();
        tokens.extend(["{\"", "\": ", "yes", " no", "\\n", "```"].map(|text| text.as_bytes().to_vec()));
        tokens.extend([Vec::new(), Vec::new()]);
        let end = u32::try_from(tokens.len() - 1).unwrap();
        (tokens, end)
    }

    /// Draws what a model would that likes some tokens better than others, whatever they are for.
    fn drawn(schema: &Value, liked: fn(&[u8]) -> f32) -> String {
        let (tokens, end) = vocabulary();
        let mut constraint = Grammars::new(&tokens, &[end]).unwrap().schema(schema).unwrap();
        let scores: Vec<f32> = tokens.iter().map(|token| liked(token)).collect();
        let mut written = Vec::new();
        for _ in 0..200 {
            let narrowed = constraint.narrow(&scores).unwrap();
            let best = (0..narrowed.len()).max_by(|left, right| narrowed[*left].total_cmp(&narrowed[*right])).unwrap();
            assert!(narrowed[best].is_finite(), "nothing may follow {written:?}");
            if best == end as usize {
                return String::from_utf8(written).unwrap();
            }
            written.extend(&tokens[best]);
            constraint.take(u32::try_from(best).unwrap()).unwrap();
        }
        panic!("it does not end: {}", String::from_utf8_lossy(&written));
    }

    #[test]
    fn what_a_schema_does_not_allow_is_not_drawn() {
        let schema = serde_json::json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["answer", "times"],
            "properties": { "answer": { "enum": ["yes", "no"] }, "times": { "type": "integer", "maximum": 9, "minimum": 1 } }
        });
        for liked in [
            |_: &[u8]| 0.0,
            |token: &[u8]| if token == b"```" { 9.0 } else { 0.0 },
            |token: &[u8]| token.first().map_or(0.0, |byte| -f32::from(*byte)),
        ] {
            let text = drawn(&schema, liked);
            let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(["yes", "no"].contains(&value["answer"].as_str().unwrap()), "{text}");
            assert!((1..=9).contains(&value["times"].as_i64().unwrap()), "{text}");
            assert_eq!(value.as_object().unwrap().len(), 2, "{text}");
        }
    }

    #[test]
    fn a_schema_that_is_none_is_said_to_be_none() {
        let (tokens, end) = vocabulary();
        let grammars = Grammars::new(&tokens, &[end]).unwrap();
        assert!(grammars.schema(&serde_json::json!({ "type": "colour" })).is_err());
        assert!(Grammars::new(&tokens, &[]).is_err() && Grammars::new(&tokens, &[end + 1]).is_err());
    }
}
