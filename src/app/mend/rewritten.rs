//! Failing tests, and helpers of them, as they must have been meant: each is tried, and stands where more tests pass.
//!
//! That costs no call, and the proposal says what was changed and why.

use super::places::Place;
use super::{Judged, Mending};
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::gate::Gate;

/// Texts that are tried in one attempt.
const MOST_TRIED: usize = 16;

/// A failing test, or a helper, as it must have been meant.
pub(super) struct Rewritten {
    /// The whole item.
    pub(super) text: String,
    /// What was done, for those who review the proposal.
    pub(super) done: String,
}

impl Mending<'_> {
    /// Tries each failing test in the `ways` in which it may have been meant, as long as that `helps`. The files, when that was all.
    pub(super) async fn rewrite_tests(
        &mut self,
        helps: impl Fn(&Self) -> bool + Send,
        ways: impl Fn(&Self, &Place) -> Vec<Rewritten> + Send,
    ) -> Result<Option<FileSet>, Failure> {
        let tests = move |mending: &Self| if helps(mending) { mending.blamed_tests() } else { Vec::new() };
        self.rewrite(tests, ways).await
    }

    /// Tries each of these items of the tests in the `ways` in which it may have been meant. The files, when that was all.
    pub(super) async fn rewrite(
        &mut self,
        items: impl Fn(&Self) -> Vec<Place> + Send,
        ways: impl Fn(&Self, &Place) -> Vec<Rewritten> + Send,
    ) -> Result<Option<FileSet>, Failure> {
        'better: while self.standing.setback.refused_by == Some(Gate::GeneratedTests) {
            for item in items(self) {
                for Rewritten { text, done } in ways(self, &item) {
                    let is_spent = self.progress.rewritten.len() >= MOST_TRIED;
                    if is_spent || !self.progress.rewritten.insert(text.clone()) {
                        continue;
                    }
                    match self.judge_told(&item, &text, format!("mended by rule: {done}")).await? {
                        Judged::Passed(files) => return Ok(Some(files)),
                        Judged::Better => continue 'better,
                        Judged::Even | Judged::Worse => {}
                    }
                }
            }
            break;
        }
        Ok(None)
    }
}
