//! Suspects: the functions of the code that a failing test speaks against.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Mending;
use super::places::{Place, Witness};
use super::standing::Progress;
use crate::gate::findings;
use crate::language::outline::{self, Item, all_items};
use crate::language::syntax;
use crate::path::RepoPath;
use crate::relevance::relevance;
use crate::text::places_of;

/// Functions that are asked about for one failing test.
const MOST_FUNCTIONS: usize = 3;
/// Times that a function is asked about for one failing test.
const MOST_TIMES: u32 = 2;
/// Functions that are asked about for what their words have to do with the test.
const MOST_BY_WORDS: usize = 2;
/// The rank of functions that nothing but their words points at.
const BY_WORDS: u32 = 4;

/// A function of the code: its file, its text, where it stands.
type Function = (RepoPath, String, Item);
/// The same, as it stands.
pub(super) type Seen<'s> = (&'s RepoPath, &'s str, Item);

/// The functions that a failing test speaks against, the likeliest first.
struct Suspects {
    /// What the failure or a call in the test points at.
    pointed_at: Vec<Function>,
    /// What has most to do with the words of the test.
    by_words: Vec<Function>,
}

impl Mending<'_> {
    /// The next function of the code that a failing test speaks against; first what most of them speak against, and what is pointed at
    /// before what words have to do with.
    pub(super) fn suspect(&mut self) -> Option<Place> {
        let tests = self.blamed_tests().into_iter().map(|test| {
            let said = self.standing.setback.said_about(&test);
            let suspects = self.suspects(&test, &said);
            (said, suspects, test)
        });
        let mut tests: Vec<_> = tests.collect();
        let mut votes: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, first) in tests.iter().filter_map(|(_, suspects, _)| suspects.pointed_at.first()) {
            *votes.entry(first.key.clone()).or_default() += 1;
        }
        let votes_of =
            |suspects: &Suspects| suspects.pointed_at.first().and_then(|(_, _, first)| votes.get(&first.key)).copied();
        tests.sort_by_key(|(_, suspects, _)| Reverse(votes_of(suspects)));
        for pointed in [true, false] {
            for (said, suspects, test) in &tests {
                let functions = if pointed { &suspects.pointed_at } else { &suspects.by_words };
                let open = functions.iter().find(|function| self.progress.may_ask(test, function));
                let Some((path, own, item)) = open.cloned() else { continue };
                let asked = self.progress.suspected.entry((item.key.clone(), test.item.name.clone())).or_default();
                let said = format!("{}\n\n{said}", self.standing.text_of(test));
                // Anew first; once what came stands and the test still fails, with what it does in view.
                let witness = Witness { said, test: test.item.name.clone(), pointed, anew: asked.1 == 0 };
                *asked = (own, asked.1 + 1);
                return Some(Place { path, item, lines: Vec::new(), witness: Some(witness) });
            }
        }
        None
    }

    /// Whether the function that a failing test points at came out as it stands when it was written anew with that test in view.
    pub(super) fn speaks_against_upheld(&self, test: &Place) -> bool {
        let suspects = self.suspects(test, &self.standing.setback.said_about(test));
        let first = suspects.pointed_at.first();
        first.is_some_and(|(_, own, _)| self.progress.upheld.contains(&(own.clone(), test.item.name.clone())))
    }

    /// The functions of the code that a failing test speaks against, the likeliest first: those that the failure names, those
    /// that its line calls, those that these call, where checks often stand, then whatever else the test calls. Tests of a handler send
    /// requests to the whole of it: where nothing is pointed at, there are those that have most to do with the words of the test.
    fn suspects(&self, test: &Place, said: &str) -> Suspects {
        let language = self.language();
        let functions = self.functions();
        let of_test = self.standing.text_of(test);
        let of_tests = self.standing.setback.files.get(&test.path).map_or("", String::as_str);
        let failed_at = |number: &usize| of_tests.lines().nth(number.saturating_sub(1)).unwrap_or_default();
        let failed: Vec<&str> = test.lines.iter().map(failed_at).collect();
        let named = |path: &RepoPath, item: &Item| {
            let code = self.standing.code.get(path).map_or("", String::as_str);
            outline::items_at(language, code, &findings::lines_of(said, path.as_str())).iter().any(|(at, _)| at == item)
        };
        let first = |(path, _, item): &Seen<'_>| named(path, item) || failed.iter().any(|line| calls(line, &item.name));
        let firsts: Vec<&str> = functions.iter().filter(|function| first(function)).map(|(_, own, _)| *own).collect();
        let rank = |function: &Seen<'_>| {
            let called = |text: &&str| !std::ptr::eq(*text, function.1) && calls(text, &function.2.name);
            match function {
                (path, _, item) if named(path, item) => 0,
                function if first(function) => 1,
                _ if firsts.iter().any(called) => 2,
                (_, _, item) if calls(of_test, &item.name) => 3,
                _ => BY_WORDS,
            }
        };
        let texts: Vec<&str> = functions.iter().map(|(_, own, _)| *own).collect();
        let mut scored: Vec<_> = relevance(of_test, &texts).into_iter().zip(&functions).collect();
        scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let owned = |(path, own, item): &Seen<'_>| ((*path).clone(), (*own).to_owned(), item.clone());
        let mut pointed_at: Vec<_> = scored
            .iter()
            .map(|(_, function)| (rank(function), function))
            .filter(|(rank, _)| *rank < BY_WORDS)
            .collect();
        pointed_at.sort_by_key(|(rank, _)| *rank);
        let pointed_at: Vec<_> =
            pointed_at.into_iter().map(|(_, function)| owned(function)).take(MOST_FUNCTIONS).collect();
        let most = if pointed_at.is_empty() { MOST_BY_WORDS } else { 0 };
        let by_words = scored.iter().filter(|(score, _)| *score > 0.0).map(|(_, function)| owned(function));
        let by_words = by_words.take(most).collect();
        Suspects { pointed_at, by_words }
    }

    /// The functions of the code that do something.
    pub(super) fn functions(&self) -> Vec<Seen<'_>> {
        let language = self.language();
        let functions = self.standing.code.iter().flat_map(|(path, code)| {
            let items = all_items(language, code).into_iter().filter(|item| item.kind == outline::Kind::Function);
            items.map(move |item| (path, code.get(item.whole.clone()).unwrap_or_default(), item))
        });
        functions.filter(|(path, _, item)| self.has_body(path, item)).collect()
    }

    /// Whether there is something in a function that can be wrong.
    fn has_body(&self, path: &RepoPath, item: &Item) -> bool {
        let code = self.standing.code.get(path).map_or("", String::as_str);
        let bare = |text: &str| text.trim_end().trim_end_matches("...").trim_end().to_owned();
        let own = code.get(item.whole.clone()).unwrap_or_default();
        bare(&syntax::interface_of(self.language(), code, &item.whole)) != bare(own)
    }
}

impl Progress {
    /// Whether a function may be asked about for a failing test: not as it was asked about last, nor as it was upheld.
    fn may_ask(&self, test: &Place, (_, own, item): &Function) -> bool {
        let asked = self.suspected.get(&(item.key.clone(), test.item.name.clone()));
        asked.is_none_or(|(text, times)| *times < MOST_TIMES && text != own)
            && !self.upheld.iter().any(|(text, _)| text == own)
    }
}

/// Whether a text calls a function of this name.
fn calls(text: &str, name: &str) -> bool {
    places_of(text, name).any(|at| text.get(at + name.len()..).is_some_and(|rest| rest.starts_with('(')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_whole_name_with_a_parenthesis() {
        assert!(calls("let a = repository.create(order);", "create"));
        assert!(!calls("recreate(order)", "create"));
        assert!(!calls("create_all(order)", "create"));
        assert!(!calls("fn create;", "create"));
    }
}
