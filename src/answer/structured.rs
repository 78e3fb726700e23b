//! Answers as JSON held to a schema.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Problem;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Files {
    files: Vec<File>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    path: String,
    content: String,
}

/// The schema, in the subset that strict servers accept: every key required, no other key.
pub fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["files"],
        "properties": {
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["path", "content"],
                    "properties": { "path": { "type": "string" }, "content": { "type": "string" } }
                }
            }
        }
    })
}

/// Reads the files. A fence around the JSON is forgiven: servers without a grammar write one.
pub(super) fn read(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let text = text.trim();
    let inner = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.trim_end().strip_suffix("```"));
    let files: Files =
        serde_json::from_str(inner.unwrap_or(text)).map_err(|error| Problem::Schema(error.to_string()))?;
    if files.files.is_empty() {
        return Err(Problem::Schema("`files` is empty".to_owned()));
    }
    Ok(files.files.into_iter().map(|file| (file.path, file.content)).collect())
}

pub(super) fn write(files: &[(&str, &str)]) -> String {
    let files =
        files.iter().map(|(path, text)| File { path: (*path).to_owned(), content: (*text).to_owned() }).collect();
    serde_json::to_string(&Files { files }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{Form, Problem, parse};
    use crate::path::RepoPath;

    #[test]
    fn json_is_held_to_the_schema_and_not_only_parsed() {
        let wanted = [RepoPath::parse("a.rs").unwrap()];
        let good = r#"{"files":[{"path":"a.rs","content":"fn a() {}"}]}"#;
        assert!(parse(good, Form::Schema, &wanted, false).is_ok());
        assert!(parse(&format!("```json\n{good}\n```"), Form::Schema, &wanted, false).is_ok());
        for bad in [
            r#"{"files":[{"content":"fn a() {}"}]}"#,
            r#"{"files":[{"path":"a.rs","content":"x","mode":"755"}]}"#,
            r#"{"files":[]}"#,
            r#"{"files":[{"path":"a.rs","content":"x"}"#,
            "Sure! Here it is.",
        ] {
            let problem = parse(bad, Form::Schema, &wanted, false).unwrap_err();
            assert!(matches!(problem, Problem::Schema(_)), "{bad}: {problem}");
        }
        let missing = parse(r#"{"files":[{"content":"x"}]}"#, Form::Schema, &wanted, false).unwrap_err();
        assert!(missing.to_string().contains("path"), "{missing}");
    }
}
