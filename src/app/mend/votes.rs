//! Votes about failing tests: versions of a function that were written with a test in view and fail it all the same.
//!
//! Where a few of many tests fail, one of them may ask for what nobody would write: a text of 103 characters where 100 were meant. What
//! tells is dual execution agreement (Chen et al., "CodeT: Code Generation with Generated Tests", 2022): a test that no version of
//! the code passes, while all versions pass every other test, is outvoted. A version that does pass it is taken instead. Tests that
//! the spec speaks of by name, and those of its errors, are not voted about: there all versions may be wrong.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::places::{Place, Witness};
use super::question::Asked;
use super::{Judged, Mending};
use crate::app::prove::FileSet;
use crate::app::setback::Setback;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::cut::{cut_out, rows, without_rows};

/// Versions of a function that are written about one test.
const VERSIONS: u32 = 3;
/// How many of them have to fail the test and pass the others, none passing it, until it is outvoted.
const MAJORITY: u32 = 2;
/// Tests that votes are held about in one attempt.
const MOST_VOTES: usize = 3;
/// Rows of a table that are left out one at a time.
const MOST_ROWS: usize = 16;

/// What became of the votes about a test.
enum Vote {
    /// A version passed every gate.
    Passed(FileSet),
    /// A version got further, and stands.
    Better,
    /// So many versions agree against the test.
    Against(u32),
    /// They do not agree.
    Open,
}

impl Mending<'_> {
    /// Holds votes about the tests that fail, where these are few, and leaves out those that are outvoted. The files, when that was all.
    pub(super) async fn hold_votes(&mut self) -> Result<Option<FileSet>, Failure> {
        while self.standing.setback.refused_by == Some(Gate::GeneratedTests)
            && self.few_fail()
            && self.progress.voted.len() < MOST_VOTES
        {
            let open =
                |test: &Place| !self.progress.voted.contains(self.standing.text_of(test)) && !self.is_claimed(test);
            let Some(test) = self.blamed_tests().into_iter().find(open) else { break };
            self.progress.voted.insert(self.standing.text_of(&test).to_owned());
            match self.vote(&test).await? {
                Vote::Passed(files) => return Ok(Some(files)),
                Vote::Against(votes) => {
                    if let Some(files) = self.leave_out_voted(&test, votes).await? {
                        return Ok(Some(files));
                    }
                }
                Vote::Better | Vote::Open => {}
            }
        }
        Ok(None)
    }

    /// Has the function that a test speaks against written anew, a few times, with the test in view.
    async fn vote(&mut self, test: &Place) -> Result<Vote, Failure> {
        let Some((path, _, item)) = self.first_suspect(test) else { return Ok(Vote::Open) };
        let mut votes = 0;
        for warmth in 1..=VERSIONS {
            let said = self.said_with_text(test);
            let witness = Witness { said, test: test.item.name.clone(), pointed: true, anew: true, warmth };
            let place = Place { path: path.clone(), item: item.clone(), lines: Vec::new(), witness: Some(witness) };
            let mut call = self.progress.next_opinion(self.case.call);
            call.warmth = warmth;
            let (answered, files) = match self.ask_about(&call, &place).await? {
                Asked::New(answered, files) => (answered, files),
                // It came out as it stands, which fails the test.
                Asked::Same => {
                    votes += 1;
                    continue;
                }
                Asked::Unusable => continue,
            };
            let tried = self.tried(&call, files, &answered.text).await?;
            votes += u32::from(tried.refused.as_ref().is_some_and(|now| self.agrees_against(test, now)));
            match self.settled(Ordering::Greater, tried) {
                Judged::Passed(files) => return Ok(Vote::Passed(files)),
                Judged::Better => return Ok(Vote::Better),
                Judged::Even | Judged::Worse => {}
            }
        }
        Ok(if votes >= MAJORITY { Vote::Against(votes) } else { Vote::Open })
    }

    /// Whether a version of the code fails a test, and passes every test that the code as it stands passes.
    fn agrees_against(&self, test: &Place, now: &Setback) -> bool {
        let names = |tests: Vec<Place>| tests.into_iter().map(|test| test.item.name).collect::<BTreeSet<_>>();
        let (before, after) = (names(self.blamed_tests()), names(self.blamed_by(now)));
        now.refused_by == Some(Gate::GeneratedTests) && after.contains(&test.item.name) && after.is_subset(&before)
    }

    /// Takes out a test that is outvoted; of a table the one row that fails, where there is one. The files, when that was all.
    async fn leave_out_voted(&mut self, test: &Place, votes: u32) -> Result<Option<FileSet>, Failure> {
        let text = self.standing.text(&test.path).to_owned();
        let (own, name) = (&test.item.whole, &test.item.name);
        let why = format!(
            "since {votes} of {VERSIONS} versions of the code that were written to pass it fail it and nothing else"
        );
        let one_row_less = rows(&text, own).into_iter().take(MOST_ROWS).filter_map(|row| {
            let line = text.lines().nth(row - 1).unwrap_or_default().trim().to_owned();
            Some((without_rows(&text, &[row])?, format!("a row of `{name}` was left out, {why}: `{line}`")))
        });
        let whole = (cut_out(&text, own), format!("the test `{name}` was left out, {why}"));
        for (without, message) in one_row_less.chain([whole]) {
            let mut files = self.standing.setback.files.clone();
            files.insert(test.path.clone(), without);
            match self.try_without(message, Ordering::Greater, files).await? {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better => return self.fix_by_rule(self.case.call).await,
                Judged::Even | Judged::Worse => {}
            }
        }
        Ok(None)
    }
}
