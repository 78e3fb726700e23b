//! Checks that were given to another kind than the one they are for: tried with each other kind, where tests fail.
//!
//! To replace one constant of a condition by another is among the repairs that search finds most often (Weimer, Nguyen, Le Goues and Forrest,
//! "Automatically Finding Patches Using Genetic Programming", 2009). It stands where more tests pass, and none
//! fails that passed and that the spec speaks of; it costs no call, and the proposal says so.

use std::cmp::Ordering;

use super::places::Place;
use super::suspects::Function;
use super::{Judged, Mending};
use crate::app::choices::{Choice, other_choices};
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::gate::Gate;

/// Choices that are tried in one attempt.
const MOST_CHOICES: usize = 12;
/// So many tests have to pass for one that passed, which the spec says nothing of.
const MOST_FOR_ONE: usize = 2;

impl Mending<'_> {
    /// Gives checks to other kinds where that lets more of the tests pass. The files, when that was all.
    pub(super) async fn choose_again(&mut self) -> Result<Option<FileSet>, Failure> {
        'better: while self.standing.setback.refused_by == Some(Gate::GeneratedTests) {
            for function in self.likeliest_of(&self.blamed_tests()) {
                match self.choose_again_in(&function).await? {
                    Some(Judged::Passed(files)) => return Ok(Some(files)),
                    Some(_) => continue 'better,
                    None => {}
                }
            }
            break;
        }
        Ok(None)
    }

    /// Takes the first choice of a function with which more tests pass. None where there is none.
    async fn choose_again_in(&mut self, (path, own, item): &Function) -> Result<Option<Judged>, Failure> {
        let code = self.standing.text(path).to_owned();
        // The code stands among the files of the tests, too.
        if code.get(item.whole.clone()) != Some(own.as_str()) {
            return Ok(None);
        }
        for Choice { was, is, text } in other_choices(&self.producer.task.spec.description, &code, own) {
            let is_spent = self.progress.chosen.len() >= MOST_CHOICES;
            if is_spent || !self.progress.chosen.insert(text.clone()) {
                continue;
            }
            let mut files = self.standing.setback.files.clone();
            if let Some(file) = files.get_mut(path) {
                file.replace_range(item.whole.clone(), &text);
            }
            let answer = self.standing.setback.answer.clone();
            let tried = self.tried(self.case.call, files, &answer).await?;
            let Some(after) = self.failing_in(&tried) else { continue };
            let before = Self::places_of_tests(self.blamed_tests());
            let is_new = |test: &&Place| !before.contains(&(test.path.clone(), test.item.whole.start));
            let new: Vec<&Place> = after.iter().filter(is_new).collect();
            let mended = before.len() - (after.len() - new.len());
            // A test that copied the example's check for another kind is wrong as the code was.
            let is_worth = mended > new.len() * MOST_FOR_ONE && !new.iter().any(|test| self.is_claimed(test));
            if !is_worth {
                continue;
            }
            let judged = self.settled(Ordering::Greater, tried);
            if matches!(judged, Judged::Passed(_) | Judged::Better) {
                self.tell_reviewers(format!(
                    "mended by rule: `{was}` in `{}` became `{is}`, with which more tests pass",
                    item.name
                ));
                return Ok(Some(judged));
            }
        }
        Ok(None)
    }
}
