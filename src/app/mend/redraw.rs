//! Code that tests refuse: the functions that a failing test speaks against are asked about, then the code is drawn anew.
//!
//! Comes after the doubts: the tests that still fail are those that the spec asks for, as far as the model can tell. A small
//! model that is shown a long test with its failure rewrites the test; asked to write the function anew, with the test that it must
//! pass, it writes it from the spec. Where that does not help, whole code is drawn again, with the tests in the question, and each of its
//! functions is tried on its own in the code that stands, which costs no call.

use super::super::produce::{Call, Produced};
use super::super::prove::{FileSet, file_set};
use super::places::Place;
use super::question::Asked;
use super::standing::{Progress, Standing};
use super::{Judged, Mending, unrendered};
use crate::answer;
use crate::app::setback::{Setback, fit};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::cross::crossings;
use crate::language::outline::{self, Item, all_items};
use crate::language::splice::{lifted, splice_at};
use crate::path::RepoPath;
use crate::port::{Finish, Role};
use crate::prompt;

/// Failing tests that the question for new code shows.
const MOST_TESTS: usize = 4;
/// Items of new code, and statements of a new function, that are tried on their own.
const MOST_CROSSED: usize = 10;

/// Code that was drawn again.
struct Drawn {
    answer: String,
    files: FileSet,
    /// Whether it passes the gates of code. Where it does not, single items of it may.
    passes: bool,
}

impl Mending<'_> {
    /// Asks about the functions that each failing test speaks against, once for each function as it stands.
    pub(super) async fn ask_about_functions(&mut self) -> Result<Option<FileSet>, Failure> {
        while !self.progress.is_spent(self.producer.capability.mends)
            && self.standing.setback.refused_by == Some(Gate::GeneratedTests)
        {
            let Some(place) = self.suspect() else { break };
            let call = self.progress.next(self.case.call);
            let (answered, files) = match self.ask_about(&call, &place).await? {
                Asked::New(answered, files) => (answered, files),
                // Written from the spec once more, without what it did in view, it came out as it is: it is as the spec says.
                Asked::Same if place.witness.as_ref().is_some_and(|witness| witness.anew) => {
                    let own = self.standing.code.get(&place.path).and_then(|text| text.get(place.item.whole.clone()));
                    self.progress.upheld.extend(own.map(str::to_owned));
                    continue;
                }
                Asked::Same | Asked::Unusable => continue,
            };
            let mut candidates = vec![files.clone()];
            candidates.extend(self.crossed_statements(&place, &files));
            for files in candidates {
                match self.judge(&call, files, &answered.text).await? {
                    Judged::Passed(files) => return Ok(Some(files)),
                    Judged::Better => break,
                    Judged::Even | Judged::Worse => {}
                }
            }
            if let Some(files) = self.fix_by_rule(&call).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Draws the code again with the failing tests in the question, as often as attempts for code are left, and takes from it
    /// what passes more of the tests. The files, when that was all.
    pub(super) async fn draw_code_again(&mut self) -> Result<Option<FileSet>, Failure> {
        while self.produced.attempts.0 < self.producer.attempts
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
        // What is being proven is what stands; a draw that fails is no part of it.
        let mut apart = Produced::default();
        let mut own = Mending {
            producer: self.producer,
            case: self.case,
            standing: Standing { setback: failed, code: FileSet::new() },
            progress: Progress::default(),
            produced: &mut apart,
        };
        let mended = own.fix_by_rule(call).await?;
        let passes = mended.is_some();
        Ok(Some(Drawn { answer, files: mended.unwrap_or(own.standing.setback.files), passes }))
    }

    /// The files that stand with one statement of the function as it was answered, for each that differs.
    fn crossed_statements(&self, place: &Place, answered: &FileSet) -> Vec<FileSet> {
        let (language, standing) = (self.language(), &self.standing.setback.files);
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
