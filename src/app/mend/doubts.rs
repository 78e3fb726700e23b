//! Doubts about tests: those that nothing could build, and those that fail and ask for what the spec does not say.
//!
//! Tests that fail show that either they or the code are wrong. The model that wrote both is asked which, one test at a time, and
//! answers with a word: what is cheap comes first, and what the spec does ask for can then be held against the code. Of a table that is right in
//! most rows, it is asked about each of the others.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::produce::Call;
use super::super::prove::FileSet;
use super::places::{Place, places};
use super::{Judged, MOST_ROUNDS, Mending, unrendered};
use crate::app::listed::quoted;
use crate::app::setback::Setback;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::cut::cut_out;
use crate::language::rows::{in_one_line, rows_at, without_rows};
use crate::language::test_cases;
use crate::path::RepoPath;
use crate::port::Role;
use crate::prompt;
use crate::relevance::words;
use crate::text::count;

/// Why tests that nothing can be made of are left out.
const UNBUILT: &str = "they could not be built";
/// Rows that are shown where they are left out; more are counted.
const MOST_SHOWN: usize = 3;

/// A test to be left out.
struct Unwanted {
    test: Place,
    /// The rows of its table that are enough; none where all of it goes.
    rows: Vec<Range<usize>>,
}

impl Unwanted {
    fn whole(test: Place) -> Self {
        Self { test, rows: Vec::new() }
    }
}

impl Mending<'_> {
    /// Takes out tests that nothing could mend: those that cannot be parsed or built, which prove nothing, and those that fail and
    /// ask for what the spec does not say. What is left has to show every category and to pass every gate all the same, and the proposal
    /// says what was left out.
    pub(super) async fn leave_out_tests(&mut self) -> Result<Option<FileSet>, Failure> {
        let gate = self.standing.setback.refused_by;
        // A compiler may stop at the first thing that is wrong.
        for _ in 0..MOST_ROUNDS {
            let (why, unwanted) = match self.standing.setback.refused_by {
                Some(Gate::Syntax | Gate::Format | Gate::Build | Gate::Lint) => (UNBUILT, self.unbuilt()),
                Some(Gate::GeneratedTests) => {
                    ("they failed, and nothing of what they ask for was found in the spec", self.unasked().await?)
                }
                _ => break,
            };
            let Some(judged) = self.leave_out(why, &unwanted).await? else { break };
            match judged {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better | Judged::Even => {
                    if let Some(files) = self.fix_by_rule(self.case.call).await? {
                        return Ok(Some(files));
                    }
                    // What another gate refuses is asked about before it is left out.
                    let spent = self.progress.is_spent(self.producer.capability.mends);
                    if self.standing.setback.refused_by != gate && !spent {
                        break;
                    }
                }
                Judged::Worse => break,
            }
        }
        Ok(None)
    }

    /// Takes out the rows of tables that cannot be built, where nothing else is wrong, before anything is asked: asked about such a table, a
    /// small model writes the same row again.
    pub(super) async fn leave_out_rows(&mut self) -> Result<Option<FileSet>, Failure> {
        self.leave_out_rows_where(|rows, all| rows == all).await
    }

    /// The same where other tests cannot be built either, once what is declared nowhere was asked for: rows may want that, too.
    pub(super) async fn leave_out_some_rows(&mut self) -> Result<Option<FileSet>, Failure> {
        self.leave_out_rows_where(|_, _| true).await
    }

    /// Takes them out as long as it `may` be, by the number of such tables and that of all that cannot be built.
    async fn leave_out_rows_where(&mut self, may: fn(usize, usize) -> bool) -> Result<Option<FileSet>, Failure> {
        while self.case.call.role == Role::Tests
            && matches!(self.standing.setback.refused_by, Some(Gate::Syntax | Gate::Format | Gate::Build))
        {
            let mut unbuilt = self.unbuilt();
            let all = unbuilt.len();
            unbuilt.retain(|unwanted| self.is_unbuilt_in_part(&unwanted.test));
            if unbuilt.is_empty() || !may(unbuilt.len(), all) {
                break;
            }
            match self.leave_out(UNBUILT, &unbuilt).await? {
                Some(Judged::Passed(files)) => return Ok(Some(files)),
                // What a later gate says may be for a rule.
                Some(Judged::Better) => {
                    if let Some(files) = self.fix_by_rule(self.case.call).await? {
                        return Ok(Some(files));
                    }
                }
                Some(Judged::Even | Judged::Worse) | None => break,
            }
        }
        Ok(None)
    }

    /// Takes out failing tests that are called after what the example is about. The files, when that was all.
    pub(super) async fn leave_out_copied(&mut self) -> Result<Option<FileSet>, Failure> {
        if self.standing.setback.refused_by != Some(Gate::GeneratedTests) {
            return Ok(None);
        }
        let mut copied = self.blamed_tests();
        copied.retain(|test| self.is_of_example(&test.item.name));
        let copied: Vec<Unwanted> = copied.into_iter().map(Unwanted::whole).collect();
        let judged = self.leave_out("they failed, and are called after what the example is about", &copied).await?;
        Ok(if let Some(Judged::Passed(files)) = judged { Some(files) } else { None })
    }

    /// Takes tests out, or the rows of their tables that are enough. The proposal says so where what is left stands.
    async fn leave_out(&mut self, why: &str, unwanted: &[Unwanted]) -> Result<Option<Judged>, Failure> {
        let mut files = self.standing.setback.files.clone();
        let mut names = Vec::new();
        for Unwanted { test, rows } in unwanted.iter().rev() {
            let Some(text) = files.get_mut(&test.path) else { continue };
            let (cut, name) = if rows.is_empty() {
                (cut_out(text, &test.item.whole), format!("`{}`", test.item.name))
            } else {
                let Some(cut) = without_rows(text, rows) else { continue };
                (cut, rows_of(&test.item.name, text, rows))
            };
            *text = cut;
            names.insert(0, name);
        }
        if names.is_empty() {
            return Ok(None);
        }
        let message = format!("tests were left out, since {why}: {}", names.join(", "));
        self.note(message.clone());
        let answer = self.standing.setback.answer.clone();
        let judged = self.judge(self.case.call, files, &answer).await?;
        if !matches!(judged, Judged::Worse) {
            self.produced.notes.push(message);
        }
        Ok(Some(judged))
    }

    /// The tests that the evidence points at.
    pub(super) fn blamed_tests(&self) -> Vec<Place> {
        self.blamed_by(&self.standing.setback)
    }

    /// The tests that what refuses some files points at.
    pub(super) fn blamed_by(&self, setback: &Setback) -> Vec<Place> {
        let text = |path| setback.files.get(path).map_or("", String::as_str);
        let find = |path| (path, test_cases::find(self.language(), text(path)));
        let tests = self.producer.task.tests.iter().map(find);
        let tests: Vec<_> = tests.collect();
        let is_one = |place: &Place| {
            let mut own = tests.iter().filter(|(path, _)| **path == place.path).flat_map(|(_, cases)| cases);
            own.any(|case| case.name == place.item.name)
        };
        places(setback, self.language()).into_iter().filter(is_one).collect()
    }

    /// Where these tests stand: the same tests as long as their file does not change.
    pub(super) fn places_of_tests(tests: Vec<Place>) -> BTreeSet<(RepoPath, usize)> {
        tests.into_iter().map(|test| (test.path, test.item.whole.start)).collect()
    }

    /// The tests that cannot be built, of a table the rows, where nothing else is at fault.
    fn unbuilt(&self) -> Vec<Unwanted> {
        let all = places(&self.standing.setback, self.language());
        let is_one = |place: &Place| test_cases::heads(self.language(), self.standing.text_of(place)) <= 1;
        if !all.iter().all(|place| self.is_test(place) && is_one(place)) {
            return Vec::new();
        }
        // Where nothing would be left of a table, all of the test goes.
        let rows = |test: &Place| {
            let text = self.standing.text(&test.path);
            rows_at(text, &test.lines).filter(|rows| without_rows(text, rows).is_some()).unwrap_or_default()
        };
        all.into_iter().map(|test| Unwanted { rows: rows(&test), test }).collect()
    }

    /// The failing tests that ask for what the spec does not say, by the word of the model; of a table that is right in most rows, the others.
    async fn unasked(&mut self) -> Result<Vec<Unwanted>, Failure> {
        let mut unasked = Vec::new();
        for test in self.blamed_tests() {
            let text = self.standing.text_of(&test).to_owned();
            if self.progress.doubted.contains_key(&text) || !self.is_shielded(&test) {
                let Some(wrong) = self.rows_in_doubt(&test).await? else {
                    if self.is_unasked(text).await? {
                        unasked.push(Unwanted::whole(test));
                    }
                    continue;
                };
                let mut rows = Vec::new();
                for (row, alone) in wrong {
                    if self.is_unasked(alone).await? {
                        rows.push(row);
                    }
                }
                if !rows.is_empty() {
                    unasked.push(Unwanted { test, rows });
                }
            }
        }
        Ok(unasked)
    }

    /// Whether a test is called after what an example is about, and nothing in the spec or the code is: a rule of the example, that the model
    /// copied.
    fn is_of_example(&self, name: &str) -> bool {
        !self.words_of_example([name]).is_empty()
    }

    /// The words between quotation marks of the tests that are of an example, and of neither the spec nor the code: keys of another thing, which
    /// code refuses whatever their values are.
    pub(super) fn quoted_of_example(&self, files: &FileSet) -> BTreeSet<String> {
        let tests = files.iter().filter(|(path, _)| self.producer.task.tests.contains(path));
        self.words_of_example(tests.flat_map(|(_, text)| text.lines()).flat_map(quoted))
    }

    fn words_of_example<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
        let known = self.standing.code.values().chain([&self.producer.task.spec.source.text]);
        let known: BTreeSet<String> = known.flat_map(|text| words(text)).collect();
        let is_foreign = |word: &String| self.producer.examples.iter().any(|example| example.about.contains(word));
        texts.into_iter().flat_map(words).filter(|word| !known.contains(word) && is_foreign(word)).collect()
    }

    /// What failed in a test: the lines that the failure names with what was said about them, else the whole test.
    pub(super) fn failing(&self, place: &Place) -> String {
        let said = self.standing.setback.said_about(place);
        if place.lines.is_empty() { format!("{}\n{said}", self.standing.text_of(place)) } else { said }
    }

    fn is_test(&self, place: &Place) -> bool {
        let cases = test_cases::find(self.language(), self.standing.text(&place.path));
        self.producer.task.tests.contains(&place.path) && cases.iter().any(|case| case.name == place.item.name)
    }

    /// Whether the model finds nothing of what a failing test asks for in the spec. It is asked about each once.
    async fn is_unasked(&mut self, test: String) -> Result<bool, Failure> {
        if let Some(known) = self.progress.doubted.get(&test) {
            return Ok(*known);
        }
        let call = Call { most: Some(4), ..self.progress.next_opinion(self.case.call) };
        let question = prompt::doubt(self.language(), &self.producer.task.spec, &test).map_err(unrendered)?;
        let answered = self.producer.ask(&call, question.to_vec(), self.produced).await?;
        let is_unasked = answered.text.trim_start().to_lowercase().starts_with("no");
        self.progress.doubted.insert(test, is_unasked);
        Ok(is_unasked)
    }
}

/// Rows of a test as they are spoken of: how many, and a few as they read.
fn rows_of(test: &str, text: &str, rows: &[Range<usize>]) -> String {
    let number = format!("{} of `{test}`", count(rows.len(), "row", "rows"));
    if rows.len() > MOST_SHOWN {
        return number;
    }
    let shown: Vec<String> = rows.iter().map(|row| format!("`{}`", in_one_line(text, row))).collect();
    format!("{number} ({})", shown.join(", "))
}
