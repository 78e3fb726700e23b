//! The JSON Schema of pattern files, for editors.

use serde_json::{Value, json};

use crate::language::Language;

/// The schema, draft 2020-12.
pub fn schema() -> Value {
    let per_language = |value: &Value| {
        let properties: serde_json::Map<String, Value> =
            Language::ALL.iter().map(|language| (language.id().to_owned(), value.clone())).collect();
        json!({ "type": "object", "additionalProperties": false, "properties": properties })
    };
    let rule_or_list = json!({ "anyOf": [{ "type": "object" }, { "type": "array", "items": { "type": "object" } }] });
    let text = json!({ "type": "string", "minLength": 1 });
    let paths = json!({
        "type": "object", "additionalProperties": false, "required": ["code", "tests"],
        "properties": { "code": text, "tests": text }
    });
    let check = json!({
        "type": "object", "additionalProperties": false, "minProperties": 1,
        "description": "ast-grep rules: each of `require` must match, none of `forbid` may.",
        "properties": { "require": rule_or_list, "forbid": rule_or_list }
    });
    let examples = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "good": { "type": "array", "items": {
                "type": "object", "additionalProperties": false, "required": ["spec", "code", "tests"],
                "properties": {
                    "spec": text, "code": text, "tests": text,
                    "words": { "type": "array", "items": text, "description": "Of several examples, a spec sees the one with most of its words in its prose; of equals the first." }
                }
            } },
            "bad": { "type": "array", "items": {
                "type": "object", "additionalProperties": false, "required": ["code", "breaks"],
                "properties": { "code": text, "breaks": text }
            } }
        }
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "codegen pattern",
        "description": "How one kind of code looks: rules, examples, checks, default paths.",
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "version", "summary", "rules"],
        "properties": {
            "name": { "type": "string", "pattern": "^[a-z][a-z0-9-]{0,59}$" },
            "version": { "type": "string", "description": "A semantic version." },
            "summary": text,
            "match": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "words": { "type": "array", "items": text, "description": "Words that select the pattern." },
                    "globs": { "type": "array", "items": text, "description": "Files that look like the pattern." }
                }
            },
            "paths": per_language(&paths),
            "rules": { "type": "array", "items": {
                "type": "object", "additionalProperties": false, "required": ["id", "text"],
                "properties": {
                    "id": text,
                    "text": { "anyOf": [text, per_language(&text)] },
                    "severity": { "enum": ["error", "warn"] },
                    "check": per_language(&check)
                }
            } },
            "examples": per_language(&examples),
            "templates": {
                "type": "object", "additionalProperties": false,
                "properties": { "system": text, "code": text, "tests": text }
            }
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
