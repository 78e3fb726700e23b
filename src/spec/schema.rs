//! The JSON Schema of spec files, for editors. The parser is the judge; a test keeps both in step.

use serde_json::{Value, json};

use crate::language::Language;

/// The schema, draft 2020-12.
pub fn schema() -> Value {
    let paths = json!({ "anyOf": [
        { "type": "string", "minLength": 1 },
        { "type": "array", "items": { "type": "string", "minLength": 1 } }
    ] });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "codegen spec",
        "description": "One unit of code that codegen keeps generated.",
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "description"],
        "properties": {
            "name": { "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_ -]{0,79}$", "description": "What it is called, such as Order." },
            "description": { "type": "string", "minLength": 1, "description": "What is wanted, in natural language." },
            "pattern": { "type": "string", "description": "A pattern, or pattern@version. Left out: selected from the description." },
            "language": { "enum": Language::ALL.map(Language::id), "description": "Left out: taken from the extension of files.code." },
            "files": {
                "type": "object",
                "additionalProperties": false,
                "required": ["code"],
                "description": "What the bot writes. Left out: the pattern's default paths.",
                "properties": { "code": paths, "tests": paths }
            },
            "context": {
                "type": "object",
                "description": "Facts, name to text.",
                "additionalProperties": { "type": ["string", "number", "boolean"] }
            },
            "uses": { "description": "Files the model reads, never writes.", "anyOf": paths["anyOf"] },
            "examples": { "description": "Files to imitate. Left out: found by the pattern.", "anyOf": paths["anyOf"] },
            "after": { "type": "array", "items": { "type": "string" }, "description": "Specs to generate first." },
            "rules": { "type": "array", "items": { "type": "string", "minLength": 1 }, "description": "Rules of this spec beyond the pattern's." },
            "gates": gates()
        }
    })
}

/// The schema of thresholds, shared with the configuration.
pub(crate) fn gates() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "coverage": { "type": "integer", "minimum": 0, "maximum": 100, "description": "Least coverage of the generated code by its tests, percent; 0 switches it off." },
            "mutation": { "type": "integer", "minimum": 0, "maximum": 100, "description": "Least share of mutants that the tests notice, percent; 0 switches it off." },
            "test_runs": { "type": "integer", "minimum": 1, "maximum": 100, "description": "How often in a row the generated tests must pass." }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_exactly_the_keys_of_the_parser() {
        let schema = schema();
        let mut keys: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = super::super::parse::KEYS.to_vec();
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known);
    }
}
