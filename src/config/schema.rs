//! The JSON Schema of the configuration, for editors.

use serde_json::{Map, Value, json};

use crate::language::Language;

/// The schema, draft 2020-12.
pub fn schema() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let texts = json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
    let duration = json!({ "type": "string", "pattern": "^[0-9]+[smh]$" });
    let command = json!({ "anyOf": [
        { "type": "string", "minLength": 1, "description": "A command line; split by shell quoting, run without a shell." },
        { "type": "array", "maxItems": 0, "description": "An empty list switches the stage off." }
    ] });
    let commands = json!({
        "type": "object", "additionalProperties": false,
        "properties": { "setup": command, "fix": command, "format": command, "lint": command, "build": command, "test": command, "coverage": command }
    });
    let languages: Map<String, Value> =
        Language::ALL.iter().map(|language| (language.id().to_owned(), commands.clone())).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "codegen configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "version": { "const": 1 },
            "model": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "provider": { "enum": ["openai", "local", "replay"] },
                    "name": text,
                    "base_url": { "type": "string", "pattern": "^https?://" },
                    "api_key_env": { "type": "string", "pattern": "^[A-Z0-9_]+$", "description": "The name of the variable, never the key." },
                    "temperature": { "type": "number", "minimum": 0, "maximum": 2 },
                    "seed": { "type": "integer", "minimum": 0, "maximum": super::parse::MOST_SEED, "description": "What random numbers start from, where the model honours it." },
                    "max_output_tokens": { "type": "integer", "minimum": 64 },
                    "context": { "type": "integer", "minimum": 2048, "description": "Tokens that prompt and answer together may have." },
                    "price": {
                        "type": "object", "additionalProperties": false, "required": ["input", "output"],
                        "description": "US dollars for a million tokens.",
                        "properties": { "input": { "type": "number", "minimum": 0 }, "output": { "type": "number", "minimum": 0 } }
                    },
                    "fallback": texts,
                    "answers": { "enum": ["auto", "schema", "fenced"] }
                }
            },
            "languages": { "type": "object", "additionalProperties": false, "properties": languages },
            "gates": crate::spec::gates_schema(),
            "limits": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "attempts": { "type": "integer", "minimum": 1, "maximum": 20 },
                    "command_timeout": duration,
                    "tokens": { "type": "integer", "minimum": 1 },
                    "cost": { "type": "number", "minimum": 0, "description": "US dollars." },
                    "files": { "type": "integer", "minimum": 1 },
                    "mutation_time": duration,
                    "parallel": { "type": "integer", "minimum": 1, "maximum": 64 }
                }
            },
            "pull_request": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "base": text,
                    "branch": { "type": "string", "pattern": "\\{spec\\}" },
                    "labels": texts,
                    "reviewers": texts,
                    "on_failure": { "enum": ["draft", "nothing"] },
                    "group": { "enum": ["spec", "all"], "description": "One pull request for each spec, or one for a run." }
                }
            },
            "commands": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "permission": { "enum": ["write", "maintain", "admin"] },
                    "deliver": { "enum": ["pull-request", "commit"] },
                    "timeout": duration
                }
            },
            "sandbox": {
                "type": "object", "additionalProperties": false,
                "properties": { "mode": { "enum": ["required", "preferred", "off"] } }
            },
            "protect": texts
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
