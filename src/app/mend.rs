//! Mending: between whole answers of a small model, questions about single items.
//!
//! A small model that is shown a long file and a diagnostic repeats the file. Shown one function with what was said about it,
//! it corrects the function. So each item that the evidence points at is asked about on its own, in a short conversation, and
//! the gates judge the result. It stands only when they get at least as far as before: what makes things worse is dropped.

mod borrow;
mod choices;
mod claims;
mod conversions;
mod declarations;
mod doubts;
mod expected;
mod fields;
mod guards;
mod judge;
mod left_out;
mod needless;
mod places;
mod question;
mod redraw;
mod rewritten;
mod rows;
mod slips;
mod spectrum;
mod standing;
mod suspects;
mod variants;
mod votes;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use judge::{Judged, Tried};
use places::{Place, places, reach, untested};
use question::Asked;
use standing::{Progress, Standing};

use super::produce::{Call, Produced, Producer};
use super::prompts::Questions;
use super::prove::FileSet;
use super::setback::Setback;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::language::Language;
use crate::language::outline::{self, Item};
use crate::language::splice::{lifted, splice_at};
use crate::language::test_cases;
use crate::path::RepoPath;
use crate::port::Role;

/// Answers about each place that brought nothing, until the places are given up.
const MOST_MISSES: usize = 4;
/// The same for tests that fail: of some drawn anew, one may be right.
const MOST_DRAWS: usize = 6;
/// Rounds of fixes by rule: one that takes out a name may leave another that nothing uses.
const MOST_ROUNDS: u32 = 4;

/// What mending came to.
pub(super) enum Mended {
    /// Every gate passed.
    Passed(FileSet),
    /// The best that was reached, and the code of it that passed on its own.
    Refused(Setback, FileSet),
}

/// What is mended.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    /// The call whose answer a gate refused.
    pub(super) call: &'a Call,
    /// The questions of the task.
    pub(super) questions: &'a Questions<'a>,
    /// What became of the attempts before.
    pub(super) earlier: &'a [Setback],
}

impl Producer {
    /// Mends files that a gate refused. `code` is the code of tests, and empty when the code itself is mended.
    pub(super) async fn mend(
        &self,
        case: Case<'_>,
        code: &FileSet,
        failed: Setback,
        produced: &mut Produced,
    ) -> Result<Mended, Failure> {
        let standing = Standing { setback: failed, code: code.clone() };
        // Where an answer was gone on with, that was no attempt to mend.
        let progress = Progress { number: produced.questions, opinions: produced.questions, ..Progress::default() };
        let mut mending = Mending { producer: self, case, standing, progress, produced };
        let mended = mending.mended().await?;
        mending.produced.questions = mending.progress.number;
        Ok(match mended {
            Some(files) => Mended::Passed(files),
            None => Mended::Refused(mending.standing.setback, mending.standing.code),
        })
    }
}

/// A template of a question is broken, which is for nobody but us to mend.
fn unrendered(error: String) -> Failure {
    Failure::new(Kind::Internal, "a question cannot be rendered").cause(error)
}

/// Mending under way.
struct Mending<'a> {
    producer: &'a Producer,
    case: Case<'a>,
    standing: Standing,
    progress: Progress,
    produced: &'a mut Produced,
}

/// Takes steps one after the other, and returns the files of the first that is all there was to do.
macro_rules! end_where_all_passes {
    ($($step:expr;)+) => {
        $(
            if let Some(files) = $step.await? {
                return Ok(Some(files));
            }
        )+
    };
}

impl Mending<'_> {
    /// The files once every gate passed, else None with the best that was reached in what stands.
    async fn mended(&mut self) -> Result<Option<FileSet>, Failure> {
        let language = self.language();
        // What people changed is merged with whole answers; a mend could undo it.
        if !self.produced.edits.is_empty() {
            return Ok(None);
        }
        end_where_all_passes! { self.fix_by_rule(self.case.call); }
        // A large model mends whole files as well as single items, and in one call.
        if self.producer.capability.mends == 0 {
            return Ok(None);
        }
        end_where_all_passes! { self.take_from(); }
        loop {
            end_where_all_passes! {
                self.leave_out_rows();
                self.borrow();
                self.ask_for_declarations();
                self.leave_out_some_rows();
            }
            if self.case.call.role == Role::Tests && self.standing.setback.refused_by == Some(Gate::GeneratedTests) {
                end_where_all_passes! {
                    self.vary_helpers();
                    self.leave_out_copied();
                    self.leave_out_allowed_rows();
                    self.leave_out_tests();
                }
                // Data that most tests share are one question.
                if self.most_fail() {
                    end_where_all_passes! { self.ask_about_functions(Self::suspected_helper); }
                }
                end_where_all_passes! {
                    self.choose_again();
                    self.drop_guards();
                    self.correct_slips();
                    self.correct_told();
                    // With what was mended, others may fail now.
                    self.leave_out_copied();
                    // Where most is wrong, a function at a time takes longer than all of them at once.
                    self.draw_code_again(Self::most_is_wrong);
                    // A version that is better is taken, and where none is, what is wrong in a test costs less than tests that are drawn anew.
                    self.hold_first_votes();
                    self.ask_about_functions(Self::suspect);
                    self.take_out_needless();
                    self.correct_values();
                    // A table of which most rows are right would be drawn anew as a whole.
                    self.hold_votes_about_rows();
                    // After the code: data are drawn until tests pass.
                    self.ask_about_functions(Self::suspected_helper);
                }
            }
            let gate = self.standing.setback.refused_by;
            end_where_all_passes! { self.ask_about_places(); }
            // What a later gate says may be for other questions.
            if self.standing.setback.refused_by != gate {
                continue;
            }
            let before = reach(&self.standing.setback, language);
            if self.case.call.role == Role::Tests {
                end_where_all_passes! { self.leave_out_tests(); }
                // Without them, what is left may get further, and the functions come before the whole.
                if self.standing.setback.refused_by != gate {
                    continue;
                }
                end_where_all_passes! { self.hold_votes(); self.draw_code_again(Self::code_is_in_question); }
            }
            if self.progress.is_spent(self.producer.capability.mends)
                || reach(&self.standing.setback, language) <= before
            {
                return Ok(None);
            }
        }
    }

    /// Puts tests that passed in an earlier attempt in the place of those of the same name that fail in this one.
    async fn take_from(&mut self) -> Result<Option<FileSet>, Failure> {
        let language = self.language();
        for other in self.case.earlier {
            let mut files = self.standing.setback.files.clone();
            let mut taken = Vec::new();
            // The last place first, so that those before it stay where they are.
            for place in places(&self.standing.setback, language).iter().rev() {
                let same = |item: &Item| item.key == place.item.key;
                let failed = places(other, language).iter().any(|place| same(&place.item));
                let text = other.files.get(&place.path).map_or("", String::as_str);
                let found = outline::all_items(language, text).into_iter().find(same).filter(|_| !failed);
                let own = files.get_mut(&place.path).filter(|_| self.producer.task.tests.contains(&place.path));
                if let (Some(found), Some(own)) = (found, own)
                    && let Ok(spliced) = splice_at(language, own, &place.item, &lifted(text, &found.whole))
                {
                    *own = spliced;
                    taken.push(format!("`{}`", place.item.name));
                }
            }
            if taken.is_empty() {
                continue;
            }
            self.note(format!("taken from an earlier attempt, where they passed: {}", taken.join(", ")));
            let answer = self.standing.setback.answer.clone();
            if let Judged::Passed(files) = self.judge(self.case.call, files, &answer).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Asks about one place after the other, until another gate or none refuses, or no answer brings anything new.
    async fn ask_about_places(&mut self) -> Result<Option<FileSet>, Failure> {
        let language = self.language();
        let gate = self.standing.setback.refused_by;
        // How often each was asked about in vain: what was, waits until the others were.
        let mut missed: BTreeMap<(RepoPath, String), usize> = BTreeMap::new();
        let most = if gate == Some(Gate::GeneratedTests) { MOST_DRAWS } else { MOST_MISSES };
        while !self.progress.is_spent(self.producer.capability.mends) && self.standing.setback.refused_by == gate {
            let mut places = places(&self.standing.setback, language);
            if places.is_empty() {
                places.extend(untested(&self.standing.setback, language, &self.standing.code));
            }
            places.retain(|place| !self.is_given_up(place));
            let key = |place: &Place| (place.path.clone(), place.item.key.clone());
            let times = |place: &Place| missed.get(&key(place)).copied().unwrap_or_default();
            let next = places.iter().min_by_key(|place| times(place)).filter(|_| self.standing.setback.is_mendable());
            let Some(place) = next.filter(|place| times(place) < most) else { break };
            let warmth = u32::try_from(times(place)).unwrap_or(u32::MAX);
            let key = key(place);
            let call = Call { warmth, ..self.progress.next(self.case.call) };
            if self.standing.setback.is_unparsed() {
                self.progress.unparsed.insert(self.standing.text_of(place).to_owned());
            }
            let Asked::New(answered, files) = self.ask_about(&call, place).await? else {
                *missed.entry(key).or_default() += 1;
                continue;
            };
            // What a draw copies from the example may pass for other reasons than what it is about.
            let copied = self.quoted_of_example(&files);
            if gate == Some(Gate::GeneratedTests)
                && !copied.is_subset(&self.quoted_of_example(&self.standing.setback.files))
            {
                self.note(format!("the answer about `{}` is about the example", place.item.name));
                *missed.entry(key).or_default() += 1;
                continue;
            }
            // A table of which most rows are right is more than another test that fails.
            let least = if self.has_right_rows(place) { Ordering::Greater } else { Ordering::Equal };
            match self.judge_from(least, &call, files, &answered.text).await? {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better => drop(missed.remove(&key)),
                Judged::Even | Judged::Worse => *missed.entry(key).or_default() += 1,
            }
            if let Some(files) = self.fix_by_rule(&call).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Whether a place is asked about no more: a test that cannot be parsed and was asked about, since without it the others may
    /// still be good; and what takes in more than one test, because a bracket is left open in it.
    fn is_given_up(&self, place: &Place) -> bool {
        let text = self.standing.text_of(place);
        let heads = test_cases::heads(self.language(), text);
        self.standing.setback.is_unparsed()
            && self.producer.task.tests.contains(&place.path)
            && (heads > 1 || heads == 1 && self.progress.unparsed.contains(text))
    }

    /// Mends by rule what a rule can mend. The files, when that was all.
    async fn fix_by_rule(&mut self, call: &Call) -> Result<Option<FileSet>, Failure> {
        for _ in 0..MOST_ROUNDS {
            if !self.standing.setback.is_mendable() {
                break;
            }
            let mut files = self.standing.setback.files.clone();
            let is_of_tests = call.role == Role::Tests;
            // Lines that come or go make those of other findings wrong, so what adds one comes alone.
            let mut done = if is_of_tests { self.declare_as_elsewhere(&mut files) } else { Vec::new() };
            if done.is_empty() {
                done = self.fix_where(|_| true, &mut files, &self.standing.setback.evidence);
                if is_of_tests {
                    done.extend(self.import_declared(&mut files));
                    done.extend(self.call_by_own_name(&mut files));
                    done.extend(self.name_own_fields(&mut files));
                    done.extend(self.convert(&mut files));
                }
            }
            if done.is_empty() {
                break;
            }
            self.note(format!("mended by rule: {}", done.join("; ")));
            let answer = self.standing.setback.answer.clone();
            match self.judge(call, files, &answer).await? {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better | Judged::Even => {}
                Judged::Worse => break,
            }
        }
        Ok(None)
    }

    fn language(&self) -> Language {
        self.producer.task.language
    }

    fn stage(&self, stage: String) {
        self.producer.reporter.report(&Event::Stage { spec: self.producer.task.spec.id.to_string(), stage });
    }

    fn note(&self, message: String) {
        self.producer.reporter.report(&Event::Notice { spec: Some(self.producer.task.spec.id.to_string()), message });
    }

    /// Says what those who review the proposal have to know, too.
    fn tell_reviewers(&mut self, message: String) {
        self.note(message.clone());
        self.produced.notes.push(message);
    }
}
