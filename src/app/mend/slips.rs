//! Slips of tests: numbers and texts that are not what they were meant to be, since small models cannot count, and code inside of a text.
//!
//! Such a number or text in a failing test is tried as it must have been meant. That costs no call; it stands where more tests pass, and the
//! proposal says so.

mod code_in_text;
mod digits;
mod lengths;

use super::Mending;
use super::places::Place;
use super::rewritten::Rewritten;
use crate::app::prove::FileSet;
use crate::failure::Failure;

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
        // Where most fail, it is not for a number.
        self.rewrite_tests(|mending| !mending.most_fail(), Self::without_slips).await
    }

    /// A test with each of its slips as it must have been meant.
    fn without_slips(&self, test: &Place) -> Vec<Rewritten> {
        let (own, description) = (self.standing.text_of(test), &self.producer.task.spec.description);
        let slips = digits::slips(own, description).into_iter();
        let slips = slips.chain(lengths::slips(self.language(), own, description));
        let slips = slips.chain(code_in_text::slip(self.language(), own));
        let name = &test.item.name;
        let mended = |Slip { was, meant, mended }| Rewritten {
            text: mended,
            done: format!("`{was}` in the test `{name}` became `{meant}`, as it must have been meant"),
        };
        slips.map(mended).collect()
    }
}
