//! What mending stands at: the best that was reached, and what was asked for it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::produce::Call;
use super::super::prove::FileSet;
use super::places::Place;
use crate::app::setback::Setback;
use crate::path::RepoPath;

/// The best that was reached so far.
pub(super) struct Standing {
    /// What refuses it.
    pub(super) setback: Setback,
    /// The code that tests are for; empty when the code itself is mended.
    pub(super) code: FileSet,
}

impl Standing {
    /// The text of a place.
    pub(super) fn text_of(&self, place: &Place) -> &str {
        self.text(&place.path).get(place.item.whole.clone()).unwrap_or_default()
    }

    /// The text of a file; empty where there is none.
    pub(super) fn text(&self, path: &RepoPath) -> &str {
        self.setback.files.get(path).map_or("", String::as_str)
    }
}

/// What was asked so far, so that nothing is asked twice.
#[derive(Default)]
pub(super) struct Progress {
    /// Questions, also those that are no attempt to mend.
    pub(super) number: u32,
    /// Those of them: a word about a test, a vote.
    pub(super) opinions: u32,
    /// Texts of the code that one guard was taken out of.
    pub(super) unguarded: BTreeSet<String>,
    /// Functions as they would read with a check given to another kind.
    pub(super) chosen: BTreeSet<String>,
    /// Tests as they would read where they were meant otherwise.
    pub(super) rewritten: BTreeSet<String>,
    /// Tests as they stood when it was asked which value they should expect.
    pub(super) compared: BTreeSet<String>,
    /// Tests as they stood when votes were held about them.
    pub(super) voted: BTreeSet<String>,
    /// Tests as they stood when their rows were run one at a time, and the lines of those that failed, counted in the test. None where that showed
    /// nothing.
    pub(super) rows: BTreeMap<String, Option<Vec<Range<usize>>>>,
    /// Texts that something of the example was put into.
    pub(super) borrowed: BTreeSet<String>,
    /// Declarations that were asked for.
    pub(super) declared: BTreeSet<(RepoPath, String)>,
    /// Tests that could not be parsed, as they were asked about.
    pub(super) unparsed: BTreeSet<String>,
    /// Tests as they stood, and whether the model finds nothing of them in the spec.
    pub(super) doubted: BTreeMap<String, bool>,
    /// Functions that came out as they stood when they were written anew, each with the test that was in view.
    pub(super) upheld: BTreeSet<(String, String)>,
    /// Functions and the test that spoke against them, with the text that was last asked about and how often one was.
    pub(super) suspected: BTreeMap<(String, String), (String, u32)>,
}

impl Progress {
    /// The call of the next question.
    pub(super) fn next(&mut self, call: &Call) -> Call {
        self.number += 1;
        Call { mend: self.number, ..call.clone() }
    }

    /// The call of a question that asks for an opinion.
    pub(super) fn next_opinion(&mut self, call: &Call) -> Call {
        self.opinions += 1;
        self.next(call)
    }

    /// Whether `most` attempts to mend were made. Opinions do not count.
    pub(super) fn is_spent(&self, most: u32) -> bool {
        self.number.saturating_sub(self.opinions) >= most
    }
}
