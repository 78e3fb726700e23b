//! Suspects: the functions that a failing test speaks against, of the code and, where many tests share one, of the tests.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Mending;
use super::places::{Place, Witness};
use super::spectrum::{Spectrum, calls, statement_at};
use super::standing::Progress;
use crate::gate::findings;
use crate::language::frame::function_in;
use crate::language::outline::{self, Item, all_items};
use crate::language::syntax;
use crate::path::RepoPath;
use crate::relevance::relevance;

/// Functions that are asked about for one failing test.
const MOST_FUNCTIONS: usize = 3;
/// Times that a function is asked about for one failing test.
const MOST_TIMES: u32 = 2;
/// Failing tests for which a function is asked about as it stands.
const MOST_TESTS: usize = 3;
/// Times that a helper of the tests is asked about for one failing test.
const MOST_TIMES_OF_HELPERS: u32 = 3;
/// The rank of functions that neither the failure nor the test points at.
const BY_WORDS: u32 = 4;
/// Functions that are asked about for what their words have to do with the test.
const MOST_BY_WORDS: usize = 2;

/// A function of the code: its file, its text, where it stands.
pub(super) type Function = (RepoPath, String, Item);
/// The same, as it stands.
pub(super) type Seen<'s> = (&'s RepoPath, &'s str, Item);

/// A function with what speaks for its being wrong.
struct Scored<'s> {
    /// The lower, the nearer to where the test failed.
    rank: u32,
    /// How much more failing tests reach it than others.
    suspicion: f64,
    /// How much it has to do with the words of the test.
    relevance: f64,
    function: &'s Seen<'s>,
}

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
        let functions = self.functions();
        let spectrum = self.spectrum(&functions);
        let tests = self.blamed_tests().into_iter().map(|test| (self.suspects(&test, &functions, &spectrum), test));
        let mut tests: Vec<_> = tests.collect();
        let mut votes: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, first) in tests.iter().filter_map(|(suspects, _)| suspects.pointed_at.first()) {
            *votes.entry(first.key.clone()).or_default() += 1;
        }
        let votes_of =
            |suspects: &Suspects| suspects.pointed_at.first().and_then(|(_, _, first)| votes.get(&first.key)).copied();
        tests.sort_by_key(|(suspects, _)| Reverse(votes_of(suspects)));
        for pointed in [true, false] {
            for (suspects, test) in &tests {
                let functions = if pointed { &suspects.pointed_at } else { &suspects.by_words };
                let open = functions.iter().find(|function| self.progress.may_ask(test, function));
                let Some(function) = open.cloned() else { continue };
                let said = self.said_with_text(test);
                return Some(self.progress.speaks_against(function, test.item.name.clone(), said, pointed));
            }
        }
        None
    }

    /// A failing test with what was said about it.
    pub(super) fn said_with_text(&self, test: &Place) -> String {
        format!("{}\n\n{}", self.standing.text_of(test), self.standing.setback.said_about(test))
    }

    /// The functions that a failing test points at, else the one that has most to do with its words.
    pub(super) fn likeliest(&self, test: &Place) -> Vec<Function> {
        let functions = self.functions();
        let Suspects { pointed_at, by_words } = self.suspects(test, &functions, &self.spectrum(&functions));
        if pointed_at.is_empty() { by_words.into_iter().take(1).collect() } else { pointed_at }
    }

    /// The functions that any of these tests speaks against, each once.
    pub(super) fn likeliest_of(&self, tests: &[Place]) -> Vec<Function> {
        let mut functions: Vec<Function> = Vec::new();
        for function in tests.iter().flat_map(|test| self.likeliest(test)) {
            if !functions.iter().any(|(path, _, item)| *path == function.0 && item.key == function.2.key) {
                functions.push(function);
            }
        }
        functions
    }

    /// Whether the function that a failing test points at came out as it stands when it was written anew with that test in view.
    pub(super) fn speaks_against_upheld(&self, test: &Place) -> bool {
        let functions = self.functions();
        let suspects = self.suspects(test, &functions, &self.spectrum(&functions));
        let first = suspects.pointed_at.first();
        first.is_some_and(|(_, own, _)| self.progress.upheld.contains(&(own.clone(), test.item.name.clone())))
    }

    /// The functions of the code that a failing test speaks against, the likeliest first: those that the failure names, then those
    /// that the test reaches, first what the failing tests reach and the others do not. Of equals, what its line calls comes before what
    /// this calls, where checks often stand. Tests of a handler send requests to the whole of it: where nothing is pointed at, there are
    /// those that have most to do with the words of the test.
    fn suspects(&self, test: &Place, functions: &[Seen<'_>], spectrum: &Spectrum<'_>) -> Suspects {
        let language = self.language();
        let said = &self.standing.setback.said_about(test);
        let of_test = self.standing.text_of(test);
        let of_tests = self.standing.text(&test.path);
        let failed_at = |number: &usize| of_tests.get(statement_at(of_tests, *number)).unwrap_or_default();
        let failed: Vec<&str> = test.lines.iter().map(failed_at).collect();
        // Where code is compiled before it runs, a frame has another path and line than the source.
        let frame =
            said.lines().filter_map(function_in).find(|name| functions.iter().any(|(.., item)| item.name == *name));
        let named = |path: &RepoPath, item: &Item| {
            if frame == Some(item.name.as_str()) {
                return true;
            }
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
        let scores = spectrum.suspicions(functions.len(), test).into_iter().zip(relevance(of_test, &texts));
        let mut scored: Vec<Scored<'_>> = functions
            .iter()
            .zip(scores)
            .map(|(function, (suspicion, relevance))| Scored { rank: rank(function), suspicion, relevance, function })
            .collect();
        scored.sort_by(|one, other| {
            let named = |scored: &Scored<'_>| scored.rank == 0;
            (named(other).cmp(&named(one)))
                .then(other.suspicion.total_cmp(&one.suspicion))
                .then(one.rank.cmp(&other.rank))
                .then(other.relevance.total_cmp(&one.relevance))
        });
        let owned = |(path, own, item): &Seen<'_>| ((*path).clone(), (*own).to_owned(), item.clone());
        let pointed_at = scored.iter().filter(|scored| scored.rank < BY_WORDS || scored.suspicion > 0.0);
        let pointed_at: Vec<_> = pointed_at.map(|scored| owned(scored.function)).take(MOST_FUNCTIONS).collect();
        let most = if pointed_at.is_empty() { MOST_BY_WORDS } else { 0 };
        let by_words = scored.iter().filter(|scored| scored.relevance > 0.0).map(|scored| owned(scored.function));
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
    fn may_ask(&self, test: &Place, (path, own, item): &Function) -> bool {
        let key = key_of(path, item, &test.item.name);
        let as_it_stands = self.suspected.iter().filter(|((function, _), (text, _))| *function == key.0 && text == own);
        self.suspected.get(&key).is_none_or(|(text, times)| *times < MOST_TIMES && text != own)
            && as_it_stands.count() < MOST_TESTS
            && !self.upheld.iter().any(|(text, _)| text == own)
    }

    /// Whether a helper may be asked about for a failing test, however it stands.
    pub(super) fn may_ask_helper(&self, test: &Place, (path, _, item): &Function) -> bool {
        let asked = self.suspected.get(&key_of(path, item, &test.item.name));
        asked.is_none_or(|(_, times)| *times < MOST_TIMES_OF_HELPERS)
    }

    /// A function to ask about for what a test said: anew first; once what came stands and the test still fails, with what it does in view.
    fn speaks_against(&mut self, (path, own, item): Function, test: String, said: String, pointed: bool) -> Place {
        let anew = self.asked_about(&path, own, &item, &test) == 0;
        Place { path, item, lines: Vec::new(), witness: Some(Witness { said, test, pointed, anew, warmth: 0 }) }
    }

    /// A helper of the tests to ask about, anew each time: what it makes is data, and there are other data.
    pub(super) fn speaks_against_helper(&mut self, (path, own, item): Function, test: String, said: String) -> Place {
        let warmth = self.asked_about(&path, own, &item, &test);
        // Nothing but what the tests share points at it, so it stands only where more of them pass.
        let witness = Some(Witness { said, test, pointed: false, anew: true, warmth });
        Place { path, item, lines: Vec::new(), witness }
    }

    /// Counts that a function which reads `own` is asked about for a failing test. How often it was before.
    fn asked_about(&mut self, path: &RepoPath, own: String, item: &Item, test: &str) -> u32 {
        let asked = self.suspected.entry(key_of(path, item, test)).or_default();
        let before = asked.1;
        *asked = (own, before + 1);
        before
    }
}

/// What tells a function and a test that speaks against it from others.
fn key_of(path: &RepoPath, item: &Item, test: &str) -> (String, String) {
    (format!("{path} {}", item.key), test.to_owned())
}
