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

/// Functions that are asked about for one failing test.
const MOST_FUNCTIONS: usize = 3;
/// Times that a function is asked about for one failing test.
const MOST_TIMES: u32 = 2;
/// Functions more, for what their words have to do with the test.
const MOST_BY_WORDS: usize = 2;
/// The rank of functions that nothing but their words points at.
const BY_WORDS: u32 = 4;

/// A function of the code: its file, its text, where it stands.
type Function = (RepoPath, String, Item);
/// The same, as it stands.
pub(super) type Seen<'s> = (&'s RepoPath, &'s str, Item);

impl Mending<'_> {
    /// The next function of the code that a failing test speaks against; first what most of them speak against.
    pub(super) fn suspect(&mut self) -> Option<Place> {
        let tests = self.blamed_tests().into_iter().map(|test| {
            let said = self.standing.setback.said_about(&test);
            let suspects = self.suspects(&test, &said);
            (said, suspects, test)
        });
        let mut tests: Vec<_> = tests.collect();
        let mut votes: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, first) in tests.iter().filter_map(|(_, suspects, _)| suspects.first()) {
            *votes.entry(first.key.clone()).or_default() += 1;
        }
        let votes_of =
            |suspects: &[Function]| suspects.first().and_then(|(_, _, first)| votes.get(&first.key)).copied();
        tests.sort_by_key(|(_, suspects, _)| Reverse(votes_of(suspects)));
        for (said, suspects, test) in tests {
            let open = suspects.into_iter().find(|function| self.progress.may_ask(&test, function));
            let Some((path, own, item)) = open else { continue };
            let asked = self.progress.suspected.entry((item.key.clone(), test.item.name.clone())).or_default();
            let said = format!("{}\n\n{said}", self.standing.text_of(&test));
            // Anew first; once what came stands and the test still fails, with what it does in view.
            let witness = Some(Witness { said, anew: asked.1 == 0 });
            *asked = (own, asked.1 + 1);
            return Some(Place { path, item, lines: Vec::new(), witness });
        }
        None
    }

    /// Whether the function that a failing test most likely speaks against was upheld.
    pub(super) fn speaks_against_upheld(&self, test: &Place) -> bool {
        let suspects = self.suspects(test, &self.standing.setback.said_about(test));
        suspects.first().is_some_and(|(_, own, _)| self.progress.upheld.contains(own))
    }

    /// The functions of the code that a failing test speaks against, the likeliest first: those that the failure names, those
    /// that its line calls, those that these call, where checks often stand, then whatever else the test calls. Tests of a handler send
    /// requests to the whole of it, so what has most to do with the words of the test comes last, and first where there is nothing else.
    fn suspects(&self, test: &Place, said: &str) -> Vec<Function> {
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
        let mut ranked: Vec<_> = relevance(of_test, &texts).into_iter().zip(&functions).collect();
        ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let (mut pointed_at, mut others): (Vec<_>, Vec<_>) =
            ranked.into_iter().map(|(_, function)| (rank(function), function)).partition(|(rank, _)| *rank < BY_WORDS);
        pointed_at.sort_by_key(|(rank, _)| *rank);
        pointed_at.truncate(MOST_FUNCTIONS);
        others.truncate(MOST_BY_WORDS);
        let likely = pointed_at.into_iter().chain(others);
        likely.map(|(_, (path, own, item))| ((*path).clone(), (*own).to_owned(), item.clone())).collect()
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
        asked.is_none_or(|(text, times)| *times < MOST_TIMES && text != own) && !self.upheld.contains(own)
    }
}

/// Whether a text calls a function of this name.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let part = |letter: char| letter.is_alphanumeric() || letter == '_';
        !before.ends_with(part) && rest.get(name.len()..).unwrap_or_default().starts_with('(')
    })
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
