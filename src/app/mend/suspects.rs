//! Suspects: the functions of the code that a failing test speaks against.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::produce::Call;
use super::places::{Place, Witness};
use super::{Mending, unrendered};
use crate::failure::Failure;
use crate::gate::findings;
use crate::language::outline::{self, Item, all_items};
use crate::language::splice::lifted;
use crate::language::syntax;
use crate::path::RepoPath;
use crate::prompt::{self, Wanted};
use crate::text::place_of_word;

/// Functions that are asked about for one failing test.
const MOST_FUNCTIONS: usize = 3;
/// Most tokens of an answer that is a name.
const MOST_TOKENS_OF_NAME: u32 = 16;

/// A function of the code: its file, its text, where it stands.
type Function = (RepoPath, String, Item);
/// The same, as it stands.
type Seen<'s> = (&'s RepoPath, &'s str, Item);

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
            for (path, own, item) in suspects {
                let asked = self.progress.suspected.entry((item.key.clone(), test.item.name.clone())).or_default();
                // Anew first; once what came stands and the test still fails, with what it does in view.
                if asked.1 < 2 && asked.0 != own && !self.progress.upheld.contains(&own) {
                    let said = format!("{}\n\n{said}", self.standing.text_of(&test));
                    let witness = Some(Witness { said, anew: asked.1 == 0 });
                    *asked = (own, asked.1 + 1);
                    return Some(Place { path, item, lines: Vec::new(), witness });
                }
            }
        }
        None
    }

    /// The functions of the code that a failing test speaks against, the likeliest first: those that the failure names, those
    /// that its line calls or that the model named, those that these call, where checks often stand, then whatever else the test calls.
    fn suspects(&self, test: &Place, said: &str) -> Vec<Function> {
        let language = self.language();
        let accused = self.progress.accused.get(&test.item.name).and_then(Option::as_ref);
        let functions = self.functions();
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
                function if first(function) || accused.is_some_and(|name| *name == function.2.name) => 1,
                _ if firsts.iter().any(called) => 2,
                (_, _, item) if calls(self.standing.text_of(test), &item.name) => 3,
                _ => 4,
            }
        };
        let mut ranked: Vec<_> = functions.iter().map(|function| (rank(function), function)).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let likely = ranked.into_iter().filter(|(rank, _)| *rank < 4).take(MOST_FUNCTIONS);
        likely.map(|(_, (path, own, item))| ((*path).clone(), (*own).to_owned(), item.clone())).collect()
    }

    /// The functions of the code that do something.
    fn functions(&self) -> Vec<Seen<'_>> {
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

    /// Asks which function a failing test speaks against, where neither the failure nor a call in the test points at one: tests of
    /// a handler send requests to the whole of it. Whether there was something to ask.
    pub(super) async fn accuse(&mut self) -> Result<bool, Failure> {
        let is_open = |test: &Place| {
            let said = self.standing.setback.said_about(test);
            !self.progress.accused.contains_key(&test.item.name) && self.suspects(test, &said).is_empty()
        };
        let Some(test) = self.blamed_tests().into_iter().find(is_open) else { return Ok(false) };
        let said = self.standing.setback.said_about(&test);
        let text = self.standing.setback.files.get(&test.path).map_or("", String::as_str);
        let wound = prompt::Wound {
            wanted: Wanted::Name,
            path: test.path.as_str(),
            name: &test.item.name,
            item: &lifted(text, &test.item.whole),
            gate: &self.standing.setback.gate,
            evidence: &said,
        };
        let shown = self.standing.code.iter().map(|(path, text)| prompt::fence(&format!("file {path}"), text));
        let question = prompt::mend(self.language(), &self.producer.task.spec, &shown.collect::<Vec<_>>(), &wound);
        let question = question.map_err(unrendered)?;
        let call = Call { most: Some(MOST_TOKENS_OF_NAME), ..self.progress.next(self.case.call) };
        self.stage(format!("asking which function `{}` speaks against (question {})", test.item.name, call.mend));
        let answered = self.producer.ask(&call, question.to_vec(), self.produced).await?;
        let functions = self.functions().into_iter().map(|(_, _, item)| item.name);
        let named = functions.filter_map(|name| Some((place_of_word(&answered.text, &name)?, name))).min();
        self.progress.accused.insert(test.item.name, named.map(|(_, name)| name));
        Ok(true)
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
