//! Votes about failing tests: versions of the code that were written with a test in view and fail it all the same.
//!
//! Where a few of many tests fail, one of them may ask for what nobody would write: a text of 103 characters where 100 were meant. What
//! tells is dual execution agreement (Chen et al., "CodeT: Code Generation with Generated Tests", 2022): each function that the test
//! speaks against is written anew a few times, and when all that passes the other tests fails this one, the test is outvoted. A version
//! that passes it is taken instead. All versions may be wrong alike, so there are no votes about a test that the spec speaks of, by its
//! name, by an error, or by a number that no function has, but for rows of a table, with as many others that pass, that are not at a limit
//! of the spec, and for a list where that of the code is in the order that the spec asks for: it is then corrected. Nor are
//! there any where two tests speak against the same function, since two are seldom wrong alike.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::places::{Place, Witness, reach};
use super::question::Asked;
use super::redraw::Missing;
use super::rows::cases_of;
use super::suspects::Function;
use super::{Judged, MOST_ROUNDS, Mending, Tried};
use crate::app::descending;
use crate::app::produce::Call;
use crate::app::prove::FileSet;
use crate::app::setback::Setback;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::cut::cut_out;
use crate::language::report;
use crate::path::RepoPath;
use crate::port::Role;

/// Versions that are written where a test speaks against one function.
const VERSIONS: u32 = 3;
/// Versions of each function, where it speaks against several.
const VERSIONS_OF_EACH: u32 = 2;
/// How many versions have to fail the test, and pass the others, until it is outvoted; of each function one has to fail it.
const QUORUM: u32 = 2;
/// Tests that votes are held about in one attempt.
const MOST_VOTES: usize = 3;

/// What became of the votes about a test.
enum Vote {
    /// A version passed every gate.
    Passed(FileSet),
    /// A version got further, and stands.
    Better,
    /// So many versions are against the test.
    Against(u32),
    /// They are not enough, or one passes it.
    Open,
}

/// What one version of the code says.
enum Ballot {
    /// It fails the test, and passes every test that the code as it stands passes.
    Against,
    /// It passes the test, or the rows of it that fail, and fails others for it that the spec speaks of: they contradict each other.
    Contradicts,
    /// It fails the test, and more than that.
    Worse,
    /// It passes the test, whatever else it does.
    For,
    /// It proves nothing.
    Void,
    /// It got further than what stands, or passed.
    Settled(Judged),
}

/// What the versions say together.
#[derive(Debug, Default)]
struct Count {
    against: u32,
    /// One of those passes the test only by failing others that the spec speaks of.
    contradicts: bool,
    /// A version passes the test, or nothing speaks of a function: it proves neither.
    is_for: bool,
    /// One fails more than the test.
    is_worse: bool,
    /// There is a function of which no version is against the test.
    unheard: bool,
}

impl Count {
    fn take(&mut self, ballot: &Ballot) {
        match ballot {
            Ballot::Against => self.against += 1,
            Ballot::Contradicts => (self.against, self.contradicts) = (self.against + 1, true),
            Ballot::Worse => self.is_worse = true,
            Ballot::For => self.is_for = true,
            Ballot::Void | Ballot::Settled(_) => {}
        }
    }

    /// Adds what the versions of one function say.
    fn add_function(&mut self, heard: &Self) {
        let is_unheard = heard.against == 0;
        self.against += heard.against;
        self.contradicts |= heard.contradicts;
        self.unheard |= is_unheard;
        self.is_for |= heard.is_for || is_unheard && !heard.is_worse;
    }
}

impl Mending<'_> {
    /// Holds votes about the tests that are more likely wrong than the code, where few tests fail: tables of which several rows fail and others
    /// pass, and lists where that of the code has the order that the spec asks for. The files, when that was all.
    pub(super) async fn hold_first_votes(&mut self) -> Result<Option<FileSet>, Failure> {
        let fits = |mending: &Self, test: &Place| mending.fails_in_part(test) || mending.lists_in_order(test).is_some();
        self.run_rows_where(Self::few_fail).await?;
        self.hold_votes_where(Self::few_fail, fits).await
    }

    /// Holds votes about the tables that fail in some of their rows: those that pass speak for the code, also where other tests fail. The files, when
    /// that was all.
    pub(super) async fn hold_votes_about_rows(&mut self) -> Result<Option<FileSet>, Failure> {
        let may = |mending: &Self| !mending.most_fail();
        self.run_rows_where(may).await?;
        self.hold_votes_where(may, Self::has_right_rows).await
    }

    /// Holds votes about the tests that fail, where these are few, and leaves out those that are outvoted. The files, when that was all.
    pub(super) async fn hold_votes(&mut self) -> Result<Option<FileSet>, Failure> {
        self.hold_votes_where(Self::few_fail, |_, _| true).await
    }

    async fn hold_votes_where(
        &mut self,
        may: fn(&Self) -> bool,
        fits: fn(&Self, &Place) -> bool,
    ) -> Result<Option<FileSet>, Failure> {
        while self.standing.setback.refused_by == Some(Gate::GeneratedTests)
            && may(self)
            && self.progress.voted.len() < MOST_VOTES
        {
            let mut tests = self.blamed_tests().into_iter().filter(|test| fits(self, test));
            let Some(test) = tests.find(|test| self.is_votable(test)) else { break };
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

    /// Whether votes may be held about a failing test, and were not yet.
    fn is_votable(&self, test: &Place) -> bool {
        let functions = self.in_question(test);
        let is_same = |other: &Place| other.path == test.path && other.item.whole == test.item.whole;
        let has = |(path, _, item): &Function| functions.iter().any(|own| own.0 == *path && own.2.key == item.key);
        let is_alone = || {
            let others = self.blamed_tests().into_iter().filter(|other| !is_same(other));
            others.into_iter().all(|other| !self.likeliest(&other).iter().any(has))
        };
        let is_list = self.lists_in_order(test).is_some();
        !functions.is_empty()
            && !self.progress.voted.contains(self.standing.text_of(test))
            && (!self.is_claimed(test)
                || self.is_table(test) && !self.lacks_number(&self.failing(test))
                || is_list)
            // The rows that pass speak for the function, and so does the order.
            && (self.has_right_rows(test) || is_list || is_alone())
    }

    /// The functions that a test speaks against: of a list the one that the spec asks for its order, where it is one of them.
    fn in_question(&self, test: &Place) -> Vec<Function> {
        let mut functions = self.likeliest(test);
        let asked = |(.., item): &Function| descending::is_asked_of(&self.producer.task.spec.description, &item.name);
        if self.lists_in_order(test).is_some() && functions.iter().any(asked) {
            functions.retain(asked);
        }
        functions
    }

    /// Has the functions that a test speaks against written anew, a few times each, with the test in view.
    async fn vote(&mut self, test: &Place) -> Result<Vote, Failure> {
        let functions = self.in_question(test);
        let versions = if functions.len() == 1 { VERSIONS } else { VERSIONS_OF_EACH };
        let mut count = Count::default();
        for (path, _, item) in functions {
            let mut heard = Count::default();
            for warmth in 1..=versions {
                let said = self.said_with_text(test);
                let witness = Witness { said, test: test.item.name.clone(), pointed: true, anew: true, warmth };
                let (path, item) = (path.clone(), item.clone());
                let function = Place { path, item, lines: Vec::new(), witness: Some(witness) };
                match self.ballot(test, &function, warmth).await? {
                    Ballot::Settled(Judged::Passed(files)) => return Ok(Vote::Passed(files)),
                    Ballot::Settled(_) => return Ok(Vote::Better),
                    ballot => heard.take(&ballot),
                }
            }
            count.add_function(&heard);
        }
        // A function without a version that passes the others may be what is wrong, unless the test contradicts what the spec asks for, or
        // its own rows that pass speak for the function.
        let is_unheard = count.unheard && !count.contradicts && !self.has_right_rows(test);
        let is_open = count.is_for || is_unheard;
        Ok(if is_open || count.against < QUORUM { Vote::Open } else { Vote::Against(count.against) })
    }

    /// Has a function written anew once, and hears what that says of a test.
    async fn ballot(&mut self, test: &Place, function: &Place, warmth: u32) -> Result<Ballot, Failure> {
        let mut call = self.progress.next_opinion(self.case.call);
        call.warmth = warmth;
        let (answer, answered) = match self.ask_about(&call, function).await? {
            Asked::New(answered, files) => (answered.text, files),
            // It came out as it stands, which fails the test.
            Asked::Same => return Ok(Ballot::Against),
            Asked::Unusable => return Ok(Ballot::Void),
        };
        // A version is one of the code: the tests stay as they are.
        let mut files = self.standing.setback.files.clone();
        files.extend(answered.into_iter().filter(|(path, _)| self.producer.task.code.contains(path)));
        if files == self.standing.setback.files {
            return Ok(Ballot::Void);
        }
        let mut tried = self.tried(&call, files.clone(), &answer).await?;
        // A version that calls what only the example has says nothing until it has that, too.
        if let Some(failed) =
            tried.refused.take_if(|now| tried.code.is_none() && now.refused_by < Some(Gate::ExistingTests))
        {
            let is_code = |path: &RepoPath| self.producer.task.code.contains(path);
            let code = failed.files.clone().into_iter().filter(|(path, _)| is_code(path)).collect();
            let of_code = Call { role: Role::Code, ..call.clone() };
            // It speaks of the test all the same.
            let may_run = matches!(failed.refused_by, Some(Gate::Compliance | Gate::Lint));
            let (mended, passes) =
                self.mended_apart(&of_code, Setback { files: code, ..failed }, Missing::Borrowed).await?;
            if !passes {
                return if may_run { self.hear_refused(test, mended).await } else { Ok(Ballot::Void) };
            }
            files.extend(mended);
            tried = self.tried(&call, files.clone(), &answer).await?;
        }
        // Of tests that never ran nothing is known.
        if tried.refused.as_ref().is_some_and(|now| report::is_broken_off(&now.evidence)) {
            return Ok(Ballot::Void);
        }
        let ballot = tried.refused.as_ref().map_or(Ballot::For, |now| self.ballot_of(test, now));
        if !self.gets_further(&tried) {
            return Ok(ballot);
        }
        // Of what is better, what keeps most of what the spec names.
        let before = reach(&self.standing.setback, self.language());
        if let Some(files) = self.take_best_of(&call, function, &files, &answer).await? {
            return Ok(Ballot::Settled(Judged::Passed(files)));
        }
        let is_better = reach(&self.standing.setback, self.language()) > before;
        Ok(if is_better { Ballot::Settled(Judged::Better) } else { ballot })
    }

    /// What a version of the code says of a test that breaks a rule of the pattern or of the linter: it cannot stand, and speaks of the test like
    /// any other.
    async fn hear_refused(&self, test: &Place, mut code: FileSet) -> Result<Ballot, Failure> {
        let mut tests = self.standing.setback.files.clone();
        tests.retain(|path, _| !self.producer.task.code.contains(path));
        for _ in 0..MOST_ROUNDS {
            let proof = self.producer.prover.run_tests(&code, &tests, &|_| {}).await?;
            let Some(now) = Setback::of(&self.standing.setback.answer, &proof) else { return Ok(Ballot::For) };
            if now.refused_by == Some(Gate::GeneratedTests) && !report::is_broken_off(&now.evidence) {
                return Ok(self.ballot_of(test, &now));
            }
            if self.fix_code(&mut code, &now.evidence).is_empty() {
                break;
            }
        }
        Ok(Ballot::Void)
    }

    /// What a version of the code says of a test, when it was refused so.
    fn ballot_of(&self, test: &Place, now: &Setback) -> Ballot {
        if now.refused_by != Some(Gate::GeneratedTests) {
            return Ballot::Void;
        }
        let before = Self::places_of_tests(self.blamed_tests());
        let after = Self::places_of_tests(self.blamed_by(now));
        let is_new = |place: &Place| !before.contains(&(place.path.clone(), place.item.whole.start));
        let contradicts = || self.blamed_by(now).iter().any(|place| is_new(place) && self.is_claimed(place));
        if after.contains(&(test.path.clone(), test.item.whole.start)) {
            // Of a table, the rows that fail now may be others.
            let cases = |setback: &Setback| -> BTreeSet<String> {
                cases_of(&setback.evidence, &test.item.name).into_iter().map(str::to_owned).collect()
            };
            let (were, are) = (cases(&self.standing.setback), cases(now));
            let passes_rows = !were.is_empty() && !are.is_empty() && were.is_disjoint(&are);
            if after.is_subset(&before) && !passes_rows {
                Ballot::Against
            } else if passes_rows && contradicts() {
                Ballot::Contradicts
            } else {
                Ballot::Worse
            }
        } else if contradicts() {
            Ballot::Contradicts
        } else {
            Ballot::For
        }
    }

    /// Takes out a test that is outvoted; of a table the rows that fail, where these are few. The files, when that was all.
    async fn leave_out_voted(&mut self, test: &Place, votes: u32) -> Result<Option<FileSet>, Failure> {
        let text = self.standing.text(&test.path).to_owned();
        let name = &test.item.name;
        let why = format!(
            "since {votes} versions of the code that were written to pass it fail it and pass every test that the code passes, or fail others for it"
        );
        let (tried, message) = if let Some((tried, rows)) = self.without_wrong_rows(test, &text).await? {
            let rows: Vec<String> = rows.iter().map(|row| format!("`{row}`")).collect();
            let which = if rows.len() == 1 { "a row" } else { "rows" };
            let are = if rows.len() == 1 { "was" } else { "were" };
            (tried, format!("{which} of the test `{name}` {are} left out, {why}: {}", rows.join(", ")))
        } else if let Some((expected, actual)) = self.lists_in_order(test) {
            let why = format!("so do {votes} versions of it that were written to pass the test");
            let judged = self.judge_value(test, [&expected, &actual], &why).await?;
            return Ok(if let Judged::Passed(files) = judged { Some(files) } else { None });
        } else if self.is_claimed(test) {
            return Ok(None);
        } else {
            let tried = self.tried_without(test, cut_out(&text, &test.item.whole)).await?;
            (tried, format!("the test `{name}` was left out, {why}"))
        };
        let judged = self.settled(Ordering::Greater, tried);
        if matches!(judged, Judged::Passed(_) | Judged::Better) {
            self.tell_reviewers(message);
        }
        match judged {
            Judged::Passed(files) => Ok(Some(files)),
            Judged::Better => self.fix_by_rule(self.case.call).await,
            Judged::Even | Judged::Worse => Ok(None),
        }
    }

    /// What the gates say where the file of a test reads so.
    pub(super) async fn tried_without(&self, test: &Place, text: String) -> Result<Tried, Failure> {
        let mut files = self.standing.setback.files.clone();
        files.insert(test.path.clone(), text);
        self.tried(self.case.call, files, &self.standing.setback.answer).await
    }
}
