//! The choice of a pattern: an explicit one wins, otherwise words and paths score, and a tie is an error.
//!
//! The score of a pattern is 4 for a file of the spec that one of its globs takes, 3 for each of its words in the spec's
//! name, 2 for each in the first sentence of the description and 1 for each in the rest. The best one is taken when it
//! leads by at least 2.

use std::collections::BTreeSet;
use std::sync::Arc;

use globset::Glob;

use super::{Library, Pattern};
use crate::diagnostic::Diagnostic;
use crate::spec::Spec;

/// By how much the best pattern must lead.
const LEAD: u32 = 2;

/// A pattern with what speaks for it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The pattern.
    pub pattern: Arc<Pattern>,
    /// Its score.
    pub score: u32,
    /// What made the score, for people.
    pub because: Vec<String>,
}

/// The pattern of a spec and why.
#[derive(Debug, Clone)]
pub enum Selection {
    /// The spec names it.
    Explicit(Arc<Pattern>),
    /// It scored best; the others follow.
    Scored(Candidate, Vec<Candidate>),
}

impl Selection {
    /// The chosen pattern.
    pub fn pattern(&self) -> &Arc<Pattern> {
        match self {
            Self::Explicit(pattern) => pattern,
            Self::Scored(best, _) => &best.pattern,
        }
    }

    /// Why, in words.
    pub fn reason(&self) -> String {
        match self {
            Self::Explicit(_) => "explicit".to_owned(),
            Self::Scored(best, _) => format!("score {}: {}", best.score, best.because.join(", ")),
        }
    }
}

/// Chooses the pattern of a spec.
pub fn select(spec: &Spec, library: &Library) -> Result<Selection, Diagnostic> {
    if let Some(wanted) = &spec.pattern {
        return match library.find(&wanted.value) {
            Ok(pattern) => Ok(Selection::Explicit(Arc::clone(pattern))),
            Err(unknown) => {
                let message = format!("unknown pattern: {}", unknown.wanted);
                let mut problem = Diagnostic::at("unknown-pattern", message, &spec.source, wanted.span.clone());
                if let Some(near) = unknown.nearest {
                    problem = problem.help(format!("did you mean `{near}`?"));
                }
                Err(problem.help(format!("known: {}", unknown.known.join(", "))))
            }
        };
    }
    let mut candidates: Vec<Candidate> = library.latest().into_iter().map(|pattern| score(spec, pattern)).collect();
    candidates.sort_by(|left, right| right.score.cmp(&left.score).then(left.pattern.name.cmp(&right.pattern.name)));
    let second = candidates.get(1).map_or(0, |candidate| candidate.score);
    match candidates.first() {
        Some(best) if best.score >= second + LEAD => {
            let best = candidates.remove(0);
            Ok(Selection::Scored(best, candidates))
        }
        _ => Err(undecided(spec, &candidates)),
    }
}

fn undecided(spec: &Spec, candidates: &[Candidate]) -> Diagnostic {
    let shown: Vec<String> = candidates
        .iter()
        .take(4)
        .map(|candidate| format!("{} ({})", candidate.pattern.name, candidate.score))
        .collect();
    let (code, message) = if candidates.first().is_none_or(|best| best.score < LEAD) {
        ("no-pattern", "no pattern fits this spec")
    } else {
        ("ambiguous-pattern", "more than one pattern fits this spec")
    };
    Diagnostic::at(code, message, &spec.source, spec.name.span.clone())
        .help(format!("candidates with their scores: {}", shown.join(", ")))
        .help("name one: `pattern: …`")
}

fn score(spec: &Spec, pattern: &Arc<Pattern>) -> Candidate {
    let mut candidate = Candidate { pattern: Arc::clone(pattern), score: 0, because: Vec::new() };
    let taken = spec.files.code.iter().find_map(|path| {
        let glob = pattern
            .globs
            .iter()
            .find(|glob| Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(path.value.as_str())))?;
        Some(format!("`{}` matches {glob}", path.value))
    });
    if let Some(because) = taken {
        candidate.score += 4;
        candidate.because.push(because);
    }
    let (first, rest) = spec.description.split_once(['.', '\n']).unwrap_or((&spec.description, ""));
    let places = [
        (3, "name", words(&crate::name::snake(&spec.name.value).replace('_', " "))),
        (2, "first sentence", words(first)),
        (1, "description", words(rest)),
    ];
    let mut counted = BTreeSet::new();
    for word in &pattern.words {
        let stem = stem(&word.to_lowercase());
        // A pattern that lists a word in two forms says one thing.
        if !counted.insert(stem.clone()) {
            continue;
        }
        if let Some((points, place, _)) = places.iter().find(|(_, _, words)| words.contains(&stem)) {
            candidate.score += points;
            candidate.because.push(format!("“{word}” in the {place}"));
        }
    }
    candidate
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| stem(&word.to_lowercase()))
        .collect()
}

/// The word without the endings of plural and third person, so that `stores` meets `store`.
fn stem(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    }
}
