//! Code that tests refuse: the functions that a failing test speaks against are asked about, then the code is drawn anew.
//!
//! Comes after the doubts: the tests that still fail are those that the spec asks for, as far as the model can tell. A small
//! model that is shown a long test with its failure rewrites the test; asked to write the function anew, with the test that it must
//! pass, it writes it from the spec. Where that does not help, whole code is drawn again, with the tests in the question, and each of its
//! functions is tried on its own in the code that stands, which costs no call.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::super::produce::{Call, Produced};
use super::super::prove::{FileSet, file_set};
use super::places::Place;
use super::question::Asked;
use super::standing::{Progress, Standing};
use super::{Case, Judged, Mending, unrendered};
use crate::answer;
use crate::app::setback::{Setback, fit};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::cross::crossings;
use crate::language::outline::{self, Item, all_items};
use crate::language::splice::{lifted, splice_at};
use crate::language::test_cases;
use crate::path::RepoPath;
use crate::port::{Finish, Role};
use crate::prompt;
use crate::relevance::words;

/// Failing tests that the question for new code shows.
const MOST_TESTS: usize = 4;
/// Of so many tests, one that fails is few.
const FEW: usize = 4;
/// Items of new code, and statements of a new function, that are tried on their own.
const MOST_CROSSED: usize = 10;

/// Code that was drawn again.
struct Drawn {
    answer: String,
    files: FileSet,
    /// Whether it passes the gates of code. Where it does not, single items of it may.
    passes: bool,
}

/// Where what is declared nowhere comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The model is asked for it.
    Asked,
    /// It is that of the example.
    Borrowed,
}

impl Mending<'_> {
    /// Asks about the functions that failing tests speak against, one after the other as `next` gives them.
    pub(super) async fn ask_about_functions(
        &mut self,
        next: fn(&mut Self) -> Option<Place>,
    ) -> Result<Option<FileSet>, Failure> {
        while !self.progress.is_spent(self.producer.capability.mends)
            && self.standing.setback.refused_by == Some(Gate::GeneratedTests)
        {
            let Some(place) = next(self) else { break };
            let warmth = place.witness.as_ref().map_or(0, |witness| witness.warmth);
            let call = Call { warmth, ..self.progress.next(self.case.call) };
            let (answered, files) = match self.ask_about(&call, &place).await? {
                Asked::New(answered, files) => (answered, files),
                // Written from the spec once more, without what it did in view, it came out as it is: it is as the spec says.
                Asked::Same if place.witness.as_ref().is_some_and(|witness| witness.anew) => {
                    let own = self.standing.code.get(&place.path).and_then(|text| text.get(place.item.whole.clone()));
                    if let (Some(own), Some(witness)) = (own, &place.witness) {
                        self.progress.upheld.insert((own.to_owned(), witness.test.clone()));
                    }
                    continue;
                }
                Asked::Same | Asked::Unusable => continue,
            };
            if let Some(files) = self.take_best_of(&call, &place, &files, &answered.text).await? {
                return Ok(Some(files));
            }
            if let Some(files) = self.fix_by_rule(&call).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Draws the code again with the failing tests in the question, as long as it `helps` and attempts for code are left, and takes
    /// from it what passes more of the tests. The files, when that was all.
    pub(super) async fn draw_code_again(
        &mut self,
        helps: impl Fn(&Self) -> bool + Send,
    ) -> Result<Option<FileSet>, Failure> {
        while helps(self)
            && self.produced.attempts.0 < self.producer.attempts
            && self.standing.setback.refused_by == Some(Gate::GeneratedTests)
        {
            let tests = self.blamed_tests();
            if tests.is_empty() {
                break;
            }
            self.produced.attempts.0 += 1;
            let call = Call::whole(Role::Code, self.produced.attempts.0, &self.case.call.model);
            let Some(drawn) = self.drawn(&call, &tests).await? else { continue };
            let mut candidates = self.crossed(&drawn.files);
            if drawn.passes {
                candidates.insert(0, drawn.files);
            }
            for code in candidates {
                let mut files = self.standing.setback.files.clone();
                files.extend(code);
                if let Judged::Passed(files) = self.judge(self.case.call, files, &drawn.answer).await? {
                    return Ok(Some(files));
                }
                if self.standing.setback.refused_by != Some(Gate::GeneratedTests) {
                    break;
                }
            }
            if let Some(files) = self.fix_by_rule(self.case.call).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Whether more of the tests fail than pass, and no helper that they share is likely the reason.
    pub(super) fn most_is_wrong(&self) -> bool {
        self.most_fail() && self.likely_helper().is_none()
    }

    /// Whether more than half of the tests fail.
    pub(super) fn most_fail(&self) -> bool {
        self.blamed_tests().len() * 2 > self.number_of_tests()
    }

    /// Whether the code is to be drawn again: where a few of the first tests fail, these are wrong more often than the code, and other
    /// tests come first.
    pub(super) fn code_is_in_question(&self) -> bool {
        self.case.call.attempt > 1 || !self.few_fail()
    }

    /// Whether a few of many tests fail.
    pub(super) fn few_fail(&self) -> bool {
        self.blamed_tests().len() * FEW <= self.number_of_tests()
    }

    fn number_of_tests(&self) -> usize {
        let number = |path| test_cases::find(self.language(), self.standing.text(path)).len();
        self.producer.task.tests.iter().map(number).sum()
    }

    /// One more answer for the code. None when it cannot be used.
    async fn drawn(&mut self, call: &Call, tests: &[Place]) -> Result<Option<Drawn>, Failure> {
        let prompt = self.case.questions.code()?;
        let mut messages = prompt.messages.clone();
        let shown =
            tests.iter().take(MOST_TESTS).map(|test| self.standing.text_of(test)).collect::<Vec<_>>().join("\n\n");
        let write: Vec<String> = self.producer.task.code.iter().map(RepoPath::to_string).collect();
        if let Some(last) = messages.last_mut() {
            last.text += &prompt::redraw(&shown, &write).map_err(unrendered)?;
        }
        fit(&mut messages, &prompt, self.producer.capability.prompt_tokens());
        let answered = self.producer.ask(call, messages, self.produced).await?;
        if answered.finish != Finish::Stop {
            return Ok(None);
        }
        let files = match answer::parse(&answered.text, self.producer.form, &self.producer.task.code, false) {
            Ok(files) => self.producer.without_leaks(file_set(files)),
            Err(problem) => {
                self.note(format!("the answer cannot be used: {problem}"));
                return Ok(None);
            }
        };
        let proof = self.producer.prover.prove_code(&files, &self.producer.on_gate(call)).await?;
        let answer = answered.text;
        let Some(failed) = Setback::of(&answer, &proof) else {
            return Ok(Some(Drawn { answer, files: proof.files, passes: true }));
        };
        let (files, passes) = self.mended_apart(call, failed, Missing::Asked).await?;
        Ok(Some(Drawn { answer, files, passes }))
    }

    /// Code that a gate refused as rules mend it, with what it declares nowhere; and whether it passes then.
    pub(super) async fn mended_apart(
        &mut self,
        call: &Call,
        failed: Setback,
        missing: Missing,
    ) -> Result<(FileSet, bool), Failure> {
        // What is being proven is what stands; code that fails is no part of it.
        let mut apart = Produced::default();
        let mut own = Mending {
            producer: self.producer,
            case: Case { call, ..self.case },
            standing: Standing { setback: failed, code: FileSet::new() },
            progress: Progress::default(),
            produced: &mut apart,
        };
        let mended = match (own.fix_by_rule(call).await?, missing) {
            (Some(files), _) => Some(files),
            (None, Missing::Asked) => own.ask_for_declarations().await?,
            (None, Missing::Borrowed) => own.borrow().await?,
        };
        let passes = mended.is_some();
        let files = mended.unwrap_or(own.standing.setback.files);
        // What was spent is spent.
        self.produced.usage += apart.usage;
        self.produced.model_time += apart.model_time;
        Ok((files, passes))
    }

    /// Tries a function as it was answered, and each of its statements in the function that stands, as long as that brings more of
    /// the tests to pass. What keeps everything that the function did of what the spec names comes first. The files, when that was all.
    pub(super) async fn take_best_of(
        &mut self,
        call: &Call,
        place: &Place,
        answered: &FileSet,
        answer: &str,
    ) -> Result<Option<FileSet>, Failure> {
        let mut tried: Vec<FileSet> = Vec::new();
        'better: loop {
            for (loses, files) in self.versions(place, answered) {
                if tried.contains(&files) {
                    continue;
                }
                if tried.len() > MOST_CROSSED {
                    break 'better;
                }
                tried.push(files.clone());
                // What changes nothing for the tests may still be as the spec says, if it is the whole answer, loses nothing, and
                // something points at the function.
                let pointed = place.witness.as_ref().is_none_or(|witness| witness.pointed);
                let is_whole = files == *answered && !loses && pointed;
                let least = if is_whole { Ordering::Equal } else { Ordering::Greater };
                let judged = self.judge_from(least, call, files, answer).await?;
                if let Judged::Passed(files) = judged {
                    return Ok(Some(files));
                }
                if self.standing.setback.refused_by != Some(Gate::GeneratedTests) {
                    break 'better;
                }
                if matches!(judged, Judged::Better) {
                    continue 'better;
                }
            }
            break;
        }
        Ok(None)
    }

    /// The files that stand with the function as it was answered, and with each statement of it that differs; and whether the
    /// function then loses words that the spec has.
    pub(super) fn versions(&self, place: &Place, answered: &FileSet) -> Vec<(bool, FileSet)> {
        let (language, standing) = (self.language(), &self.standing.setback.files);
        let (Some(one), Some(other)) = (standing.get(&place.path), answered.get(&place.path)) else {
            return Vec::new();
        };
        // An import that came along moves what is below it, so the function is known by its key, and by its number among those of
        // the same key.
        let of_key = |text: &str| {
            let items = all_items(language, text).into_iter();
            items.filter(|item| item.key == place.item.key).map(|item| item.whole).collect::<Vec<_>>()
        };
        let number = of_key(one).iter().filter(|whole| whole.start < place.item.whole.start).count();
        let function_of = |text: &str| of_key(text).get(number).cloned();
        let named: BTreeSet<String> =
            words(&self.producer.task.spec.description).filter(|word| is_telling(word)).collect();
        let telling = |text: &str| -> Option<BTreeSet<String>> {
            let own = text.get(function_of(text)?)?;
            Some(words(own).filter(|word| named.contains(word)).collect())
        };
        let had = telling(one).unwrap_or_default();
        let loses = |text: &str| telling(text).is_some_and(|has| !has.is_superset(&had));
        let crossed = match (function_of(one), function_of(other)) {
            (Some(at), Some(there)) => crossings(language, one, &at, other, &there),
            _ => Vec::new(),
        };
        // The whole answer is one of them in any case.
        let texts = std::iter::once(other.clone()).chain(crossed.into_iter().take(MOST_CROSSED - 1));
        let mut versions: Vec<_> = texts
            .filter(|text| text != one)
            .map(|text| {
                let mut files = answered.clone();
                let loses = loses(&text);
                files.insert(place.path.clone(), text);
                (loses, files)
            })
            .collect();
        versions.sort_by_key(|(loses, _)| *loses);
        versions
    }

    /// The code that stands with one item of other code in it, for each item that differs and has one place in both.
    fn crossed(&self, drawn: &FileSet) -> Vec<FileSet> {
        let (language, standing) = (self.language(), &self.standing.code);
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

/// Whether a word of the spec tells what a function does: those of two and three letters stand everywhere.
fn is_telling(word: &str) -> bool {
    word.len() > 3 || word.len() > 1 && word.chars().all(|letter| letter.is_ascii_digit())
}
