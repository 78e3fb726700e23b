//! Slips of tests: numbers and texts that are not what they were meant to be, since small models cannot count.
//!
//! Such a number or text in a failing test is tried as it must have been meant. That costs no call; it stands where more tests pass, and the
//! proposal says so.

mod digits;
mod lengths;

use super::{Judged, Mending};
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::gate::Gate;

/// Slips that are tried in one attempt.
const MOST_SLIPS: usize = 12;

/// What a test has, and must have been meant to have.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slip {
    was: String,
    meant: String,
    /// The test with it.
    mended: String,
}

impl Mending<'_> {
    /// Writes numbers and texts of failing tests as the spec has them. The files, when that was all.
    pub(super) async fn correct_slips(&mut self) -> Result<Option<FileSet>, Failure> {
        let description = self.producer.task.spec.description.clone();
        // Where most fail, it is not for a number.
        'better: while self.standing.setback.refused_by == Some(Gate::GeneratedTests) && !self.most_fail() {
            for test in self.blamed_tests() {
                let own = self.standing.text_of(&test).to_owned();
                let slips = digits::slips(&own, &description).into_iter();
                for slip in slips.chain(lengths::slips(self.language(), &own, &description)) {
                    let Slip { was, meant, mended } = slip;
                    if self.progress.spelt.len() >= MOST_SLIPS || !self.progress.spelt.insert(mended.clone()) {
                        continue;
                    }
                    let name = &test.item.name;
                    let message =
                        format!("mended by rule: `{was}` in the test `{name}` became `{meant}`, as the spec has it");
                    match self.judge_told(&test, &mended, message).await? {
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
