//! A compliance report as SARIF 2.1.0, the form in which code scanners and editors take findings.
//!
//! Only broken rules and files that could not be judged are results: what is kept, unverified or not applicable is no
//! finding. Each rule says in its properties whether anything decided it.

use serde_json::{Value, json};

use super::compliance::{Place, Report, RuleReport};

/// The rule under which files that could not be judged are reported.
const NOT_JUDGED: &str = "not-judged";

/// Renders a report.
pub fn render(report: &Report) -> Value {
    let mut rules: Vec<Value> = report.rules.iter().map(|rule| descriptor(report, rule)).collect();
    rules.push(json!({
        "id": NOT_JUDGED,
        "shortDescription": { "text": "A file is judged only when it is text in the grammar of its language." },
        "defaultConfiguration": { "level": "error" }
    }));
    let mut results: Vec<Value> = Vec::new();
    for (index, rule) in report.rules.iter().enumerate().filter(|(_, rule)| rule.failed > 0) {
        results.extend(rule.evidence.iter().map(|place| result(report, rule, index, place)));
    }
    for file in &report.files {
        let Some(problem) = &file.problem else { continue };
        results.push(json!({
            "ruleId": NOT_JUDGED,
            "ruleIndex": report.rules.len(),
            "level": "error",
            "message": { "text": format!("not judged: {problem}") },
            "locations": [location(file.path.as_str(), 1)],
            "partialFingerprints": { "codegen/v1": fingerprint(&[NOT_JUDGED, file.path.as_str()]) }
        }));
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "codegen",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true }],
            "results": results,
            "properties": { "pattern": report.pattern, "revision": report.revision, "totals": report.totals }
        }]
    })
}

fn descriptor(report: &Report, rule: &RuleReport) -> Value {
    let texts: Vec<&str> = rule.text.values().map(String::as_str).collect();
    let mut distinct = texts.clone();
    distinct.dedup();
    json!({
        "id": id(report, rule),
        "name": rule.rule,
        "shortDescription": { "text": distinct.join(" · ") },
        "defaultConfiguration": { "level": level(rule) },
        "properties": { "status": rule.status, "passed": rule.passed, "failed": rule.failed, "unverified": rule.unverified }
    })
}

fn id(report: &Report, rule: &RuleReport) -> String {
    let pattern = report.pattern.split('@').next().unwrap_or(&report.pattern);
    format!("{pattern}/{}", rule.rule)
}

fn level(rule: &RuleReport) -> &'static str {
    if rule.severity == "error" { "error" } else { "warning" }
}

fn result(report: &Report, rule: &RuleReport, index: usize, place: &Place) -> Value {
    let extension = place.file.extension();
    let language = crate::language::Language::from_extension(extension).map(crate::language::Language::id);
    let text = language.and_then(|language| rule.text.get(language)).map_or(rule.rule.as_str(), String::as_str);
    let (line, shown) = match &place.evidence {
        Some(evidence) => (evidence.line, format!(": `{}`", evidence.text)),
        None => (1, String::new()),
    };
    let sought: Vec<String> = place.missing.iter().filter(|words| !words.is_empty()).cloned().collect();
    let sought = match sought.as_slice() {
        [] => String::new(),
        words => format!(" (nothing in the file matches `{}`)", words.join("`, `")),
    };
    let code = place.evidence.as_ref().map_or("", |evidence| evidence.text.as_str());
    json!({
        "ruleId": id(report, rule),
        "ruleIndex": index,
        "level": level(rule),
        "message": { "text": format!("{text}{shown}{sought}") },
        "locations": [location(place.file.as_str(), line)],
        // Without the line, so that a finding stays itself when code above it moves.
        "partialFingerprints": { "codegen/v1": fingerprint(&[&rule.rule, place.file.as_str(), code]) }
    })
}

fn location(file: &str, line: usize) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(file), "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": line }
    } })
}

/// A relative path as a URI reference: what is not unreserved is percent-encoded (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}
