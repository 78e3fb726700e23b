//! Expected values: what a test has written down, where the code gives another and the model finds that one to be what the spec asks for.
//!
//! A small model that follows five calls in its head writes down `[9, 3, 1]` for `[9, 3, 2, 1]`, and again as often as it draws the test. To
//! choose between two values is easier than to find one. Where the functions that the test speaks against were asked about in vain, it is
//! asked which of the two belongs there, in both orders, since small models like the first; the value of the code is taken only when it is
//! chosen both times, and the proposal says so.

use super::places::Place;
use super::{Judged, Mending, unrendered};
use crate::app::descending::{self, Lists};
use crate::app::forms;
use crate::app::produce::Call;
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::compared::compared;
use crate::prompt;

/// Values that are asked about in one attempt.
const MOST_VALUES: usize = 4;

impl Mending<'_> {
    /// Corrects expected values of the few tests that fail. The files, when that was all.
    pub(super) async fn correct_values(&mut self) -> Result<Option<FileSet>, Failure> {
        while self.standing.setback.refused_by == Some(Gate::GeneratedTests)
            && self.few_fail()
            && self.progress.compared.len() < MOST_VALUES
        {
            let open = self.blamed_tests().into_iter().find_map(|test| Some((self.value_in(&test)?, test)));
            let Some(((expected, actual), test)) = open else { break };
            let own = self.standing.text_of(&test).to_owned();
            self.progress.compared.insert(own.clone());
            if !self.prefers(&own, &expected, &actual).await? {
                continue;
            }
            let why = "which the model found to be what the spec asks for";
            let judged = self.judge_value(&test, [&expected, &actual], why).await?;
            if let Judged::Passed(files) = judged {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Corrects expected texts that have none of the forms that the spec shows or repeat themselves in one, where what the code gives has one
    /// with what the test gives, and lists that are not in the descending order that it asks for, where those of the code are. The files, when
    /// that was all.
    pub(super) async fn correct_told(&mut self) -> Result<Option<FileSet>, Failure> {
        while self.standing.setback.refused_by == Some(Gate::GeneratedTests) {
            let told = |test: Place| {
                let own = self.standing.text_of(&test);
                let (expected, actual) = compared(&self.standing.setback.said_about(&test), own)?;
                let why = self.why_told(own, &expected, &actual)?;
                Some((test, expected, actual, why))
            };
            let Some((test, expected, actual, why)) = self.blamed_tests().into_iter().find_map(told) else { break };
            let judged = self.judge_value(&test, [&expected, &actual], why).await?;
            match judged {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better => {}
                Judged::Even | Judged::Worse => break,
            }
        }
        Ok(None)
    }

    /// Why the spec itself says that the value of the code belongs in a test, and not the one it has. None where it does not.
    fn why_told(&self, test: &str, expected: &str, actual: &str) -> Option<&'static str> {
        let description = &self.producer.task.spec.description;
        let bare = |value: &str| value.trim_matches(['"', '\'', '`']).to_owned();
        let (own, theirs) = (bare(expected), bare(actual));
        if forms::has_form(description, &theirs) && !forms::has_form(description, &own) {
            return Some("which has a form that the spec shows");
        }
        if forms::repeats_itself(description, test, &own, &theirs) {
            return Some("which has, in a form that the spec shows, what the test gives");
        }
        let lists = descending::compared(description, test, expected, actual);
        (lists == Some(Lists::Righted)).then_some("which has the order that the spec asks for")
    }

    /// The values of a failing test that expects another list, where that of the code has the descending order that the spec asks for: what it says
    /// of that does not speak for the test.
    pub(super) fn lists_in_order(&self, test: &Place) -> Option<(String, String)> {
        let own = self.standing.text_of(test);
        let (expected, actual) = compared(&self.standing.setback.said_about(test), own)?;
        let description = &self.producer.task.spec.description;
        let lists = descending::compared(description, own, &expected, &actual);
        (lists == Some(Lists::OthersInOrder)).then_some((expected, actual))
    }

    /// Has a failing test expect another value, where that gets further, and tells the reviewers.
    pub(super) async fn judge_value(
        &mut self,
        test: &Place,
        [expected, actual]: [&str; 2],
        why: &str,
    ) -> Result<Judged, Failure> {
        let own = self.standing.text_of(test).replacen(expected, actual, 1);
        let name = &test.item.name;
        let message = format!(
            "the test `{name}` expected `{expected}`; now it expects `{actual}`, which the code gives, and {why}"
        );
        self.judge_told(test, &own, message).await
    }

    /// The value that a failing test has written down and the one that the code gives, unless these were asked about.
    fn value_in(&self, test: &Place) -> Option<(String, String)> {
        let own = self.standing.text_of(test);
        let is_open = !self.progress.compared.contains(own);
        is_open.then(|| compared(&self.standing.setback.said_about(test), own)).flatten()
    }

    /// Whether the model chooses the second value for a test that has the first, in whichever order it sees them.
    async fn prefers(&mut self, test: &str, expected: &str, actual: &str) -> Result<bool, Failure> {
        let item = test.replacen(expected, "?", 1);
        for (choices, wanted) in [([expected, actual], "b"), ([actual, expected], "a")] {
            let question = prompt::expected(self.language(), &self.producer.task.spec, &item, choices);
            let question = question.map_err(unrendered)?;
            let call = Call { most: Some(4), ..self.progress.next_opinion(self.case.call) };
            let answered = self.producer.ask(&call, question.to_vec(), self.produced).await?;
            let letter = answered.text.trim_start_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
            if !letter.starts_with(wanted) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
