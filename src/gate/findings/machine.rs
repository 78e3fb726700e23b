//! Findings in the JSON forms of linters: cargo's messages, ruff, golangci-lint, `go vet -json`, eslint.

use serde_json::Value;

use super::{Finding, relative};

/// Reads a machine form; `None` when the output is in none.
pub(super) fn read(output: &str, root: &str) -> Option<Vec<Finding>> {
    let text = output.trim_start();
    if text.starts_with("{\"reason\"") || output.contains("\n{\"reason\"") {
        return Some(output.lines().filter_map(|line| cargo(&serde_json::from_str(line).ok()?, root)).collect());
    }
    // The rest is one value, with a word before or behind it.
    let start = output.find(['[', '{'])?;
    let before = output.get(..start)?;
    if !before.trim().is_empty() && !before.lines().all(|line| line.starts_with('#') || line.trim().is_empty()) {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(output.get(start..)?).into_iter::<Value>();
    let value = values.next()?.ok()?;
    match &value {
        Value::Array(items) if items.iter().any(|item| item.get("filePath").is_some()) => {
            Some(items.iter().flat_map(|file| eslint(file, root)).collect())
        }
        Value::Array(items) if items.iter().all(|item| item.get("filename").is_some()) => {
            Some(items.iter().filter_map(|item| ruff(item, root)).collect())
        }
        Value::Object(fields) if fields.contains_key("Issues") => {
            let issues = fields.get("Issues").and_then(Value::as_array);
            Some(issues.into_iter().flatten().filter_map(|issue| golangci(issue, root)).collect())
        }
        Value::Object(_) if output.lines().any(|line| line.starts_with("# ")) => Some(vet(output, root)),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(value, |value, key| value.get(key))?.as_str()
}

fn number(value: &Value, path: &[&str]) -> u64 {
    path.iter().try_fold(value, |value, key| value.get(key)).and_then(Value::as_u64).unwrap_or_default()
}

fn finding(file: &str, place: (u64, u64), message: &str, root: &str) -> Finding {
    let file = relative(file, root);
    let line = format!("{file}:{}:{}: {message}", place.0, place.1);
    Finding { file, message: message.to_owned(), line }
}

fn cargo(value: &Value, root: &str) -> Option<Finding> {
    if text(value, &["reason"])? != "compiler-message" {
        return None;
    }
    let message = value.get("message")?;
    let level = text(message, &["level"]).filter(|level| matches!(*level, "warning" | "error"))?;
    let spans = message.get("spans")?.as_array()?;
    let span = spans.iter().find(|span| span.get("is_primary") == Some(&Value::Bool(true)))?;
    let code = text(message, &["code", "code"]).map_or_else(String::new, |code| format!(" [{code}]"));
    let said = format!("{level}: {}{code}", text(message, &["message"])?);
    Some(finding(
        text(span, &["file_name"])?,
        (number(span, &["line_start"]), number(span, &["column_start"])),
        &said,
        root,
    ))
}

fn ruff(value: &Value, root: &str) -> Option<Finding> {
    let code = text(value, &["code"]).map_or_else(String::new, |code| format!("{code} "));
    let said = format!("{code}{}", text(value, &["message"])?);
    let place = (number(value, &["location", "row"]), number(value, &["location", "column"]));
    Some(finding(text(value, &["filename"])?, place, &said, root))
}

fn eslint(file: &Value, root: &str) -> Vec<Finding> {
    let Some(path) = text(file, &["filePath"]) else { return Vec::new() };
    let messages = file.get("messages").and_then(Value::as_array);
    let read = |message: &Value| {
        let rule = text(message, &["ruleId"]).map_or_else(String::new, |rule| format!(" ({rule})"));
        let said = format!("{}{rule}", text(message, &["message"])?);
        Some(finding(path, (number(message, &["line"]), number(message, &["column"])), &said, root))
    };
    messages.into_iter().flatten().filter_map(read).collect()
}

fn golangci(issue: &Value, root: &str) -> Option<Finding> {
    let said = format!("{} ({})", text(issue, &["Text"])?, text(issue, &["FromLinter"]).unwrap_or_default());
    let place = (number(issue, &["Pos", "Line"]), number(issue, &["Pos", "Column"]));
    Some(finding(text(issue, &["Pos", "Filename"])?, place, &said, root))
}

/// `# package` lines, each with `{ package: { analyzer: [{ posn: "file:line:column", message }] } }` behind it.
fn vet(output: &str, root: &str) -> Vec<Finding> {
    let bare: Vec<&str> = output.lines().filter(|line| !line.starts_with('#')).collect();
    let bare = bare.join("\n");
    let mut findings = Vec::new();
    for package in serde_json::Deserializer::from_str(&bare).into_iter::<Value>().map_while(Result::ok) {
        let analyzers = package.as_object().into_iter().flat_map(|fields| fields.values());
        for (analyzer, found) in analyzers.filter_map(Value::as_object).flatten() {
            for item in found.as_array().into_iter().flatten() {
                let (Some(place), Some(message)) = (text(item, &["posn"]), text(item, &["message"])) else { continue };
                let mut parts = place.rsplitn(3, ':');
                let (column, line, file) = (parts.next(), parts.next(), parts.next());
                let place = [line, column].map(|part| part.and_then(|part| part.parse().ok()).unwrap_or_default());
                findings.push(finding(
                    file.unwrap_or_default(),
                    (place[0], place[1]),
                    &format!("{message} ({analyzer})"),
                    root,
                ));
            }
        }
    }
    findings
}
