//! `codegen patterns`: what the library has, and whether its examples pass what they are examples of.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::args::{Patterns, PatternsAction, Printed};
use super::commands::open;
use super::show;
use crate::adapter::bench::{FolderBench, cache_folder};
use crate::adapter::process::ProcessRunner;
use crate::app::load::load_patterns_only;
use crate::app::patterns_test::prove_pattern;
use crate::failure::{Failure, Kind};
use crate::gate::Outcome;
use crate::language::Language;
use crate::pattern::{self, Library, PatternRef};

/// Runs `codegen patterns`.
pub(super) async fn run(here: &Path, arguments: &Patterns) -> Result<u8, Failure> {
    let library = library(here)?;
    match &arguments.action {
        None => {
            let latest = library.latest();
            if arguments.printed.json() {
                let shown: Vec<_> = latest.iter().map(|pattern| describe(&library, pattern)).collect();
                show::json(&shown);
            } else {
                show::patterns(&latest);
            }
            Ok(0)
        }
        Some(PatternsAction::Show { name }) => {
            let pattern = find_pattern(&library, name)?;
            if arguments.printed.json() {
                show::json(&describe(&library, pattern));
            } else {
                show::pattern(pattern);
            }
            Ok(0)
        }
        Some(PatternsAction::Test { names, language }) => {
            test_patterns(&library, names, *language, arguments.printed).await
        }
    }
}

/// The library of the repository, or the built-in one outside of any.
pub(super) fn library(here: &Path) -> Result<Library, Failure> {
    match open(here) {
        Ok(workspace) => load_patterns_only(&workspace),
        Err(failure) if failure.kind == Kind::Repository => {
            let (library, problems) = Library::new(Vec::new());
            if problems.is_empty() { Ok(library) } else { Err(Failure::diagnostics(problems)) }
        }
        Err(failure) => Err(failure),
    }
}

/// The pattern of that name, at the version that is named or the latest.
pub(super) fn find_pattern<'l>(library: &'l Library, name: &str) -> Result<&'l Arc<pattern::Pattern>, Failure> {
    let wanted = PatternRef::parse(name)
        .ok_or_else(|| Failure::new(Kind::Usage, format!("`{name}` cannot be the name of a pattern")))?;
    library.find(&wanted).map_err(|unknown| {
        let failure = Failure::new(Kind::Usage, format!("unknown pattern: {}", unknown.wanted));
        let failure =
            unknown.nearest.iter().fold(failure, |failure, near| failure.hint(format!("did you mean `{near}`?")));
        failure.hint(format!("known: {}", unknown.known.join(", ")))
    })
}

fn describe(library: &Library, pattern: &pattern::Pattern) -> serde_json::Value {
    let versions: Vec<String> = library
        .all()
        .iter()
        .filter(|other| other.name == pattern.name)
        .map(|other| other.version.to_string())
        .collect();
    let rules: Vec<_> = pattern
        .rules
        .iter()
        .map(|rule| {
            let texts: serde_json::Map<_, _> =
                rule.value.texts.iter().map(|(language, text)| (language.id().to_owned(), json!(text))).collect();
            let checked: Vec<&str> = rule.value.checks.keys().map(|language| language.id()).collect();
            json!({ "id": rule.value.id, "severity": rule.value.severity.id(), "text": texts, "checked": checked })
        })
        .collect();
    let examples: serde_json::Map<_, _> = pattern
        .examples
        .iter()
        .map(|(language, examples)| {
            (language.id().to_owned(), json!({ "good": examples.good.len(), "bad": examples.bad.len() }))
        })
        .collect();
    json!({
        "name": pattern.name,
        "latest": pattern.version.to_string(),
        "versions": versions,
        "source": pattern.origin.id(),
        "file": pattern.source.path,
        "summary": pattern.summary,
        "rules": rules,
        "examples": examples,
    })
}

async fn test_patterns(
    library: &Library,
    names: &[String],
    language: Option<Language>,
    printed: Printed,
) -> Result<u8, Failure> {
    let chosen = if names.is_empty() {
        library.all().to_vec()
    } else {
        names.iter().map(|name| find_pattern(library, name).cloned()).collect::<Result<Vec<_>, _>>()?
    };
    let bench = FolderBench::new(cache_folder().join("examples"));
    let mut proofs = Vec::new();
    for pattern in chosen {
        let mut pattern = pattern.as_ref().clone();
        pattern.examples.retain(|known, _| language.is_none_or(|wanted| wanted == *known));
        let mut tell = |proof: &crate::app::patterns_test::ExampleProof| {
            if !printed.json() {
                let detail = proof.outcome.detail().trim_end();
                let text = match &proof.outcome {
                    Outcome::Passed { .. } => "ok".to_owned(),
                    other => format!("{}: {}", other.id(), detail.replace('\n', "\n    ")),
                };
                show::out(&format!(
                    "{} {} {}: {}: {text}\n",
                    proof.pattern, proof.language, proof.example, proof.check
                ));
            }
        };
        proofs.extend(prove_pattern(&pattern, &bench, &ProcessRunner, &mut tell).await);
    }
    let count = |wanted: &str| proofs.iter().filter(|proof| proof.outcome.id() == wanted).count();
    let (passed, failed, unproven) = (count("passed"), count("failed"), count("unproven"));
    if printed.json() {
        show::json(&proofs);
    } else {
        show::talk(&format!("{passed} passed, {failed} failed, {unproven} unproven"));
    }
    Ok(if failed > 0 { Kind::Gate.exit_code() } else { 0 })
}
