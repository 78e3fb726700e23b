//! Which of some texts a query is most likely about: Okapi BM25 over the words of the names in them.
//!
//! Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009. Finding the function that a failure is
//! about by its words is known as bug localization by information retrieval.

use std::collections::{BTreeMap, BTreeSet};

use crate::name;

/// How soon more of the same word tells nothing more.
const SATURATION: f64 = 1.2;
/// How much the length of a text counts: 0 not at all, 1 wholly.
const BY_LENGTH: f64 = 0.5;
/// Letters of the shortest word that tells something.
const LEAST_LETTERS: usize = 2;

/// Words of languages and of tests, which tell nothing of what code is about.
const KEYWORDS: [&str; 28] = [
    "self", "this", "none", "null", "nil", "def", "fn", "func", "function", "class", "struct", "return", "let",
    "const", "var", "await", "async", "for", "if", "in", "with", "int", "str", "string", "assert", "equal", "test",
    "case",
];

/// How relevant each text is to the query; zero where they have no word in common.
pub fn relevance(query: &str, texts: &[&str]) -> Vec<f64> {
    let counted: Vec<BTreeMap<String, u32>> = texts.iter().map(|text| count(text)).collect();
    let lengths: Vec<f64> = counted.iter().map(|words| words.values().copied().map(f64::from).sum()).collect();
    let number = texts.iter().map(|_| 1.0).sum::<f64>();
    let usual = (lengths.iter().sum::<f64>() / number).max(1.0);
    let wanted: BTreeSet<String> = words(query).filter(|word| !KEYWORDS.contains(&word.as_str())).collect();
    let weights: BTreeMap<&str, f64> = wanted
        .iter()
        .map(|word| {
            let having = counted.iter().filter(|words| words.contains_key(word)).map(|_| 1.0).sum::<f64>();
            (word.as_str(), (1.0 + (number - having + 0.5) / (having + 0.5)).ln())
        })
        .collect();
    let score = |(words, length): (&BTreeMap<String, u32>, &f64)| {
        let damped = SATURATION * (1.0 - BY_LENGTH + BY_LENGTH * length / usual);
        let part = |(word, weight): (&&str, &f64)| {
            let times = words.get(*word).copied().map_or(0.0, f64::from);
            weight * times * (SATURATION + 1.0) / (times + damped)
        };
        weights.iter().map(part).sum()
    };
    counted.iter().zip(&lengths).map(score).collect()
}

fn count(text: &str) -> BTreeMap<String, u32> {
    let mut counted = BTreeMap::new();
    for word in words(text) {
        *counted.entry(word).or_default() += 1;
    }
    counted
}

/// The words of a text and of the names in it, in small letters and without the `s` of a plural: of `list_byCustomers` they are
/// `list`, `by`, `customer`.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let names = text.split(|letter: char| !letter.is_alphanumeric()).map(name::snake).collect::<Vec<_>>();
    let parts = names.into_iter().flat_map(|name| name.split('_').map(singular).collect::<Vec<_>>());
    parts.filter(|word| word.chars().count() >= LEAST_LETTERS)
}

/// Whether a text has all of these words.
pub fn has_words(text: &str, wanted: &BTreeSet<String>) -> bool {
    words(text).collect::<BTreeSet<_>>().is_superset(wanted)
}

fn singular(word: &str) -> String {
    let stem = if word.len() > 3 { word.trim_end_matches('s') } else { word };
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_names() {
        let found: Vec<String> = words("list_byCustomers(HTTPStatus.OK, 422) # a gas").collect();
        assert_eq!(found, ["list", "by", "customer", "http", "statu", "ok", "422", "gas"]);
    }

    #[test]
    fn the_text_with_the_rare_words_of_the_query_is_the_most_relevant() {
        let send = "def _send(answer):\n    headers = []\n    return headers, answer.body";
        let read = "def _read_input(body):\n    name = _text(body, 'name')\n    email = _text(body, 'email')";
        let route = "def _route(path):\n    return _error(404, 'not found') if path else None";
        let found =
            relevance("def test_invalid_name():\n    assert send({'name': '', 'email': ''})", &[send, read, route]);
        assert!(found[1] > found[0] && found[1] > found[2], "{found:?}");
        let found = relevance("def test_unknown_path():\n    assert status == 404", &[send, read, route]);
        assert!(found[2] > found[0] && found[2] > found[1], "{found:?}");
        assert_eq!(relevance("nothing alike", &[send]), [0.0]);
        assert_eq!(relevance("a query", &[]), Vec::<f64>::new());
    }
}
