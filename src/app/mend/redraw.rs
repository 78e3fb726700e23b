//! Code that tests refuse: the functions that a failing test calls are asked about, then the code is drawn anew.
//!
//! Comes after the doubts: the tests that still fail are those that the spec asks for, as far as the model can tell. A small
//! model that is shown a long test with its failure rewrites the test; asked to write the function anew, with the test that it must
//! pass, it writes it from the spec. Where that does not help, whole code is drawn again, with the tests in the question, and each of its
//! functions is tried on its own in the code that stands, which costs no call.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::produce::{Call, Produced, Producer};
use super::super::prove::FileSet;
use super::places::{Place, Witness};
use super::{Case, Judged, Progress, Standing};
use crate::answer;
use crate::app::setback::{Setback, fit};
use crate::failure::{Failure, Kind};
use crate::gate::{Gate, findings};
use crate::language::cross::crossings;
use crate::language::outline::{self, Item, all_items};
use crate::language::splice::{lifted, splice_at};
use crate::language::syntax;
use crate::path::RepoPath;
use crate::port::{Finish, Role};
use crate::prompt;

/// Functions that are asked about for one failing test.
const MOST_FUNCTIONS: usize = 3;
/// Failing tests that the question for new code shows.
const MOST_TESTS: usize = 4;
/// Items of new code, and statements of a new function, that are tried on their own.
const MOST_CROSSED: usize = 10;

/// A function of the code: its file, its text, where it stands.
type Function<'c> = (&'c RepoPath, &'c str, Item);

/// Code that was drawn again.
struct Drawn {
    answer: String,
    files: FileSet,
    /// Whether it passes the gates of code. Where it does not, single items of it may.
    passes: bool,
}

impl Producer {
    /// Asks about the functions that each failing test calls, once for each function as it stands.
    pub(super) async fn ask_about_functions(
        &self,
        case: &Case<'_>,
        standing: &mut Standing,
        progress: &mut Progress,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        while !progress.is_spent(self.capability.mends) && standing.setback.refused_by == Some(Gate::GeneratedTests) {
            let Some(place) = self.suspect(standing, progress) else { break };
            let call = progress.next(case.call);
            let Some((answered, files)) = self.ask_about(&call, &place, standing, produced).await? else { continue };
            let mut candidates = vec![files.clone()];
            candidates.extend(self.crossed_statements(&place, &standing.setback.files, &files));
            for files in candidates {
                match self.judge(&call, standing, files, &answered.text, produced).await? {
                    Judged::Passed(files) => return Ok(Some(files)),
                    Judged::Better => break,
                    Judged::Even | Judged::Worse => {}
                }
            }
            if let Some(files) = self.fix_by_rule(&call, standing, produced).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// The next function of the code that a failing test speaks against; first what most of them speak against.
    fn suspect(&self, standing: &Standing, progress: &mut Progress) -> Option<Place> {
        let tests = self.blamed_tests(standing).into_iter().map(|test| {
            let said = standing.setback.said_about(&test);
            let suspects = self.suspects(standing, &test, &said);
            (test, said, suspects)
        });
        let tests: Vec<_> = tests.collect();
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, _, suspects) in &tests {
            if let Some((_, _, first)) = suspects.first() {
                *votes.entry(&first.key).or_default() += 1;
            }
        }
        let votes_of = |suspects: &[Function<'_>]| {
            suspects.first().and_then(|(_, _, first)| votes.get(first.key.as_str())).copied().unwrap_or_default()
        };
        let mut ordered: Vec<_> = tests.iter().collect();
        ordered.sort_by_key(|(_, _, suspects)| Reverse(votes_of(suspects)));
        for (test, said, suspects) in ordered {
            for (path, own, item) in suspects {
                let asked = progress.suspected.entry((item.key.clone(), test.item.name.clone())).or_default();
                // Anew first; once what came stands and the test still fails, with what it does in view.
                if asked.1 < 2 && asked.0 != *own {
                    let said = format!("{}\n\n{said}", standing.text_of(test));
                    let witness = Some(Witness { said, anew: asked.1 == 0 });
                    *asked = ((*own).to_owned(), asked.1 + 1);
                    return Some(Place { path: (*path).clone(), item: item.clone(), lines: Vec::new(), witness });
                }
            }
        }
        None
    }

    /// The functions of the code that a failing test speaks against, the likeliest first: those that the failure names, those
    /// that its line calls, those that these call, where checks often stand, then whatever else the test calls.
    fn suspects<'c>(&self, standing: &'c Standing, test: &Place, said: &str) -> Vec<Function<'c>> {
        let language = self.task.language;
        let functions = standing.code.iter().flat_map(|(path, code)| {
            let items = all_items(language, code).into_iter().filter(|item| item.kind == outline::Kind::Function);
            items.map(move |item| (path, code.get(item.whole.clone()).unwrap_or_default(), item))
        });
        let functions: Vec<_> = functions.filter(|(path, _, item)| self.has_body(standing, path, item)).collect();
        let of_tests = standing.setback.files.get(&test.path).map_or("", String::as_str);
        let failed_at = |number: &usize| of_tests.lines().nth(number.saturating_sub(1)).unwrap_or_default();
        let failed: Vec<&str> = test.lines.iter().map(failed_at).collect();
        let named = |path: &RepoPath, item: &Item| {
            let code = standing.code.get(path).map_or("", String::as_str);
            outline::items_at(language, code, &findings::lines_of(said, path.as_str())).iter().any(|(at, _)| at == item)
        };
        let first =
            |(path, _, item): &Function<'_>| named(path, item) || failed.iter().any(|line| calls(line, &item.name));
        let firsts: Vec<&str> = functions.iter().filter(|function| first(function)).map(|(_, own, _)| *own).collect();
        let rank = |function: &Function<'_>| {
            let called = |text: &&str| !std::ptr::eq(*text, function.1) && calls(text, &function.2.name);
            match function {
                (path, _, item) if named(path, item) => 0,
                function if first(function) => 1,
                _ if firsts.iter().any(called) => 2,
                (_, _, item) if calls(standing.text_of(test), &item.name) => 3,
                _ => 4,
            }
        };
        let mut ranked: Vec<_> = functions.iter().map(|function| (rank(function), function)).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let likely = ranked.into_iter().filter(|(rank, _)| *rank < 4).take(MOST_FUNCTIONS);
        likely.map(|(_, function)| function.clone()).collect()
    }

    /// Whether there is something in a function that can be wrong.
    fn has_body(&self, standing: &Standing, path: &RepoPath, item: &Item) -> bool {
        let code = standing.code.get(path).map_or("", String::as_str);
        let bare = |text: &str| text.trim_end().trim_end_matches("...").trim_end().to_owned();
        let own = code.get(item.whole.clone()).unwrap_or_default();
        bare(&syntax::interface_of(self.task.language, code, &item.whole)) != bare(own)
    }

    /// Draws the code again with the failing tests in the question, as often as attempts for code are left, and takes from it
    /// what passes more of the tests. The files, when that was all.
    pub(super) async fn draw_code_again(
        &self,
        case: &Case<'_>,
        standing: &mut Standing,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        while produced.attempts.0 < self.attempts && standing.setback.refused_by == Some(Gate::GeneratedTests) {
            let tests = self.blamed_tests(standing);
            if tests.is_empty() {
                break;
            }
            produced.attempts.0 += 1;
            let call = Call::whole(Role::Code, produced.attempts.0, &case.call.model);
            let Some(drawn) = self.drawn(&call, case, standing, &tests, produced).await? else { continue };
            let mut candidates = self.crossed(&standing.code, &drawn.files);
            if drawn.passes {
                candidates.insert(0, drawn.files);
            }
            for code in candidates {
                let mut files = standing.setback.files.clone();
                files.extend(code);
                if let Judged::Passed(files) = self.judge(case.call, standing, files, &drawn.answer, produced).await? {
                    return Ok(Some(files));
                }
                if standing.setback.refused_by != Some(Gate::GeneratedTests) {
                    break;
                }
            }
            if let Some(files) = self.fix_by_rule(case.call, standing, produced).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// One more answer for the code. None when it cannot be used.
    async fn drawn(
        &self,
        call: &Call,
        case: &Case<'_>,
        standing: &Standing,
        tests: &[Place],
        produced: &mut Produced,
    ) -> Result<Option<Drawn>, Failure> {
        let prompt = case.questions.code()?;
        let mut messages = prompt.messages.clone();
        let shown = tests.iter().take(MOST_TESTS).map(|test| standing.text_of(test)).collect::<Vec<_>>().join("\n\n");
        let write: Vec<String> = self.task.code.iter().map(RepoPath::to_string).collect();
        if let Some(last) = messages.last_mut() {
            let more = prompt::redraw(&shown, &write);
            last.text +=
                &more.map_err(|error| Failure::new(Kind::Internal, "a question cannot be rendered").cause(error))?;
        }
        fit(&mut messages, &prompt, self.capability.prompt_tokens());
        let answered = self.ask(call, messages, produced).await?;
        if answered.finish != Finish::Stop {
            return Ok(None);
        }
        let files = match answer::parse(&answered.text, self.form, &self.task.code, false) {
            Ok(files) => self.without_leaks(files.into_iter().map(|file| (file.path, file.text)).collect()),
            Err(problem) => {
                self.note(format!("the answer cannot be used: {problem}"));
                return Ok(None);
            }
        };
        let proof = self.prover.prove_code(&files, &self.on_gate(call)).await?;
        let answer = answered.text;
        let Some(failed) = Setback::of(&answer, &proof) else {
            return Ok(Some(Drawn { answer, files: proof.files, passes: true }));
        };
        // What is being proven is what stands; a draw that fails is no part of it.
        let mut apart = Produced::default();
        let mut own = Standing { setback: failed, code: FileSet::new() };
        let mended = self.fix_by_rule(call, &mut own, &mut apart).await?;
        let passes = mended.is_some();
        Ok(Some(Drawn { answer, files: mended.unwrap_or(own.setback.files), passes }))
    }

    /// The files that stand with one statement of the function as it was answered, for each that differs.
    fn crossed_statements(&self, place: &Place, standing: &FileSet, answered: &FileSet) -> Vec<FileSet> {
        let language = self.task.language;
        let (Some(one), Some(other)) = (standing.get(&place.path), answered.get(&place.path)) else {
            return Vec::new();
        };
        // Items before it are as they were, so it begins where it began.
        let begins = |item: &Item| item.key == place.item.key && item.whole.start == place.item.whole.start;
        let Some(there) = all_items(language, other).into_iter().find(begins) else { return Vec::new() };
        let mut texts = crossings(language, one, &place.item.whole, other, &there.whole);
        texts.truncate(MOST_CROSSED);
        let with = |text| {
            let mut files = standing.clone();
            files.insert(place.path.clone(), text);
            files
        };
        texts.into_iter().map(with).collect()
    }

    /// The code that stands with one item of other code in it, for each item that differs and has one place in both.
    fn crossed(&self, standing: &FileSet, drawn: &FileSet) -> Vec<FileSet> {
        let language = self.task.language;
        let mut crossed = Vec::new();
        for (path, text) in standing {
            let Some(other) = drawn.get(path) else { continue };
            let (own, theirs) = (all_items(language, text), all_items(language, other));
            let only = |items: &[Item], item: &Item| items.iter().filter(|known| known.key == item.key).count() == 1;
            for item in &own {
                let code = matches!(item.kind, outline::Kind::Function | outline::Kind::Container);
                let Some(found) = theirs.iter().find(|found| found.key == item.key) else { continue };
                let part = lifted(other, &found.whole);
                if !code || !only(&own, item) || !only(&theirs, found) || part == lifted(text, &item.whole) {
                    continue;
                }
                if let Ok(spliced) = splice_at(language, text, item, &part) {
                    let mut files = standing.clone();
                    files.insert(path.clone(), spliced);
                    crossed.push(files);
                }
            }
        }
        crossed.truncate(MOST_CROSSED);
        crossed
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
