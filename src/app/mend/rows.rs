//! Rows of tables that fail: which they are, and the table without them.
//!
//! Some runners say which cases of a test fail. Where a test goes through its rows itself it is one case, that ends at the first row which is
//! wrong or says of all only that it failed: then each row is run alone.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;

use super::places::Place;
use super::{Judged, Mending, Tried};
use crate::app::allowed::is_allowed;
use crate::app::listed::quoted;
use crate::app::named::values;
use crate::app::prove::FileSet;
use crate::app::setback::Setback;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::report;
use crate::language::rows::{in_one_line, rows, rows_at, tables, without_rows};
use crate::language::test_cases::{self, Category, TestCase};
use crate::path::RepoPath;
use crate::text::has_word;

/// Rows of the shortest table that says so much with the others that one may be outvoted, though the spec speaks of what the test is
/// about.
const LEAST_ROWS: usize = 3;
/// The longest table whose rows are run one at a time.
const MOST_ROWS: usize = 24;

impl Mending<'_> {
    /// Runs the rows of failing tests one at a time, where no runner says which of them fail, and that `may` be of use.
    pub(super) async fn run_rows_where(&mut self, may: fn(&Self) -> bool) -> Result<(), Failure> {
        if self.standing.setback.refused_by != Some(Gate::GeneratedTests) || !may(self) {
            return Ok(());
        }
        let is_silent = |test: &Place| self.is_table(test) && self.cases_that_fail(test).is_empty();
        let silent: Vec<Place> = self.blamed_tests().into_iter().filter(is_silent).collect();
        for test in &silent {
            self.wrong_rows(test).await?;
        }
        Ok(())
    }

    /// Whether a test is a table in which one row that is wrong leaves others that are right.
    pub(super) fn is_table(&self, test: &Place) -> bool {
        rows(self.standing.text(&test.path), &test.item.whole).len() >= LEAST_ROWS
    }

    /// Whether several rows of a test fail, and enough pass. One that fails alone may well be what the code gets wrong.
    pub(super) fn fails_in_part(&self, test: &Place) -> bool {
        self.failing_rows(test) > 1 && self.has_right_rows(test)
    }

    /// Whether rows of a test fail, one or several, and enough pass: these speak for the code.
    pub(super) fn has_right_rows(&self, test: &Place) -> bool {
        let rows = rows(self.standing.text(&test.path), &test.item.whole).len();
        let wrong = self.failing_rows(test);
        self.is_table(test) && wrong > 0 && enough_stay(wrong, rows)
    }

    /// The rows of a failing table that may ask for what the spec does not say, each with the test as it reads with that row alone. None where the
    /// test as a whole is in doubt: it is no table, or too few of its rows are right. A row at a limit of the spec is in no doubt.
    pub(super) async fn rows_in_doubt(&mut self, test: &Place) -> Result<Option<Vec<(Range<usize>, String)>>, Failure> {
        if !self.is_table(test) {
            return Ok(None);
        }
        let wrong = self.wrong_rows(test).await?.unwrap_or_default();
        let (text, own) = (self.standing.text(&test.path), self.standing.text_of(test));
        let tables = tables(text, &test.item.whole);
        if wrong.is_empty() || !enough_stay(wrong.len(), tables.iter().map(Vec::len).sum()) {
            return Ok(None);
        }
        let description = &self.producer.task.spec.description;
        let with_it_alone = |row: &Range<usize>| {
            let of_file = alone(text, tables.iter().find(|table| table.contains(row))?, row)?;
            let end = test.item.whole.end.checked_sub(text.len() - of_file.len())?;
            Some(of_file.get(test.item.whole.start..end)?.to_owned())
        };
        let doubtful = wrong.into_iter().filter(|row| !is_at_a_limit(&in_one_line(text, row), own, description));
        Ok(Some(doubtful.filter_map(|row| Some((row.clone(), with_it_alone(&row)?))).collect()))
    }

    /// Takes out of failing tables that show errors the rows which give what the spec allows: `["method", "cash"]`, where a method is one of "card,
    /// transfer or cash". The files, when that was all.
    pub(super) async fn leave_out_allowed_rows(&mut self) -> Result<Option<FileSet>, Failure> {
        'changed: while self.standing.setback.refused_by == Some(Gate::GeneratedTests) {
            for test in self.blamed_tests() {
                let Some((without, gone)) = self.without_allowed_rows(&test).await? else { continue };
                if !self.progress.rewritten.insert(without.clone()) {
                    continue;
                }
                let tried = self.tried_without(&test, without).await?;
                // Others of its rows may be wrong, too.
                let judged = self.settled(Ordering::Equal, tried);
                if matches!(judged, Judged::Worse) {
                    continue;
                }
                let (name, rows) = (&test.item.name, gone.join(", "));
                self.tell_reviewers(format!(
                    "rows of the failing test `{name}` were left out, since the specification allows what they give: {rows}"
                ));
                match judged {
                    Judged::Passed(files) => return Ok(Some(files)),
                    _ => continue 'changed,
                }
            }
            break;
        }
        Ok(None)
    }

    /// The file of a table that shows errors without the rows that fail and give what the spec allows, and these rows. None where there are
    /// none, or too few others stay.
    async fn without_allowed_rows(&mut self, test: &Place) -> Result<Option<(String, Vec<String>)>, Failure> {
        let text = self.standing.text(&test.path);
        let is_of_errors = |case: &TestCase| case.name == test.item.name && case.categories.contains(&Category::Error);
        if !self.is_table(test) || !test_cases::find(self.language(), text).iter().any(is_of_errors) {
            return Ok(None);
        }
        let description = self.producer.task.spec.description.clone();
        let own = self.standing.text_of(test).to_owned();
        let is_allowed =
            |text: &str, row: &Range<usize>| is_allowed(&description, &with_given(&in_one_line(text, row), &own));
        let all = rows(text, &test.item.whole);
        if !all.iter().any(|row| is_allowed(text, row)) {
            return Ok(None);
        }
        let mut gone = self.wrong_rows(test).await?.unwrap_or_default();
        let text = self.standing.text(&test.path);
        gone.retain(|row| is_allowed(text, row));
        if !enough_stay(gone.len(), all.len()) {
            return Ok(None);
        }
        let shown = gone.iter().map(|row| format!("`{}`", in_one_line(text, row))).collect();
        Ok(without_rows(text, &gone).map(|without| (without, shown)))
    }

    /// Whether nothing but rows of a test cannot be built, and enough others stay.
    pub(super) fn is_unbuilt_in_part(&self, test: &Place) -> bool {
        let text = self.standing.text(&test.path);
        let Some(wrong) = rows_at(text, &test.lines).filter(|rows| !rows.is_empty()) else { return false };
        let number = |table: &[Range<usize>]| table.iter().filter(|row| wrong.contains(row)).count();
        tables(text, &test.item.whole).iter().all(|table| enough_stay(number(table), table.len()))
    }

    /// How many rows of a test are known to fail.
    fn failing_rows(&self, test: &Place) -> usize {
        let known = || self.progress.rows.get(self.standing.text_of(test)).and_then(Option::as_ref).map_or(0, Vec::len);
        Some(self.cases_that_fail(test).len()).filter(|cases| *cases > 0).unwrap_or_else(known)
    }

    /// The cases of a test that fail, as its runner says; none where the test is one case.
    fn cases_that_fail(&self, test: &Place) -> BTreeSet<&str> {
        cases_of(&self.standing.setback.evidence, &test.item.name)
    }

    /// The rows of a table that fail where each is the only one. None where that shows nothing: they need each other, or are too many.
    async fn wrong_rows(&mut self, test: &Place) -> Result<Option<Vec<Range<usize>>>, Failure> {
        let own = self.standing.text_of(test).to_owned();
        // What stands above the test may change, so lines are kept as those of the test.
        let above = self.lines_above(test);
        if let Some(known) = self.progress.rows.get(&own) {
            let moved = |row: &Range<usize>| row.start + above..row.end + above;
            return Ok(known.as_ref().map(|rows| rows.iter().map(moved).collect()));
        }
        let text = self.standing.text(&test.path).to_owned();
        // Where the runner calls cases as their rows are called, it has said which.
        if let Some(wrong) = rows_of_cases(&text, &rows(&text, &test.item.whole), &self.cases_that_fail(test)) {
            return Ok(Some(wrong));
        }
        self.stage(format!("running the rows of `{}` one at a time", test.item.name));
        let mut tables = tables(&text, &test.item.whole);
        tables.retain(|rows| rows.len() > 1);
        let each: Vec<(Range<usize>, Option<String>)> =
            tables.iter().flat_map(|rows| rows.iter().map(|row| (row.clone(), alone(&text, rows, row)))).collect();
        // Of two tables, a row that is wrong in one would be held against each of the other.
        let mut wrong = Some(Vec::new()).filter(|_| each.len() <= MOST_ROWS && tables.len() == 1);
        for (row, alone) in each {
            let Some(found) = &mut wrong else { break };
            match if let Some(alone) = alone { self.fails_as(test, alone).await? } else { None } {
                Some(true) => found.push(row),
                Some(false) => {}
                None => wrong = None,
            }
        }
        let kept = |row: &Range<usize>| row.start - above..row.end - above;
        self.progress.rows.insert(own, wrong.as_ref().map(|rows| rows.iter().map(kept).collect()));
        Ok(wrong)
    }

    /// How many lines stand above a test.
    pub(super) fn lines_above(&self, test: &Place) -> usize {
        self.standing.text(&test.path).get(..test.item.whole.start).unwrap_or_default().matches('\n').count()
    }

    /// Whether a test fails where its file reads so. None where the tests do not run.
    async fn fails_as(&self, test: &Place, text: String) -> Result<Option<bool>, Failure> {
        let is_code = |path: &RepoPath| self.producer.task.code.contains(path);
        let mut tests = self.standing.setback.files.clone();
        tests.retain(|path, _| !is_code(path));
        tests.insert(test.path.clone(), text);
        let proof = self.producer.prover.run_tests(&self.standing.code, &tests, &|_| {}).await?;
        let Some(now) = Setback::of(&self.standing.setback.answer, &proof) else { return Ok(Some(false)) };
        let is_same = |place: &Place| place.path == test.path && place.item.key == test.item.key;
        let ran = now.refused_by == Some(Gate::GeneratedTests) && !report::is_broken_off(&now.evidence);
        Ok(ran.then(|| self.blamed_by(&now).iter().any(is_same)))
    }

    /// A table without the rows that fail, where enough stay. None where there is no such row: they may be what the test is made of. A row at
    /// a limit of the spec is what such a table is for, whatever all versions make of it, where the spec speaks of the test.
    pub(super) async fn without_wrong_rows(
        &mut self,
        test: &Place,
        text: &str,
    ) -> Result<Option<(Tried, Vec<String>)>, Failure> {
        let Some(wrong) = self.wrong_rows(test).await? else { return Ok(None) };
        if !enough_stay(wrong.len(), rows(text, &test.item.whole).len()) {
            return Ok(None);
        }
        let (description, own) = (&self.producer.task.spec.description, self.standing.text_of(test));
        let line = |row: &Range<usize>| in_one_line(text, row);
        let may_go = |row: &Range<usize>| !self.is_claimed(test) || !is_at_a_limit(&line(row), own, description);
        let several: Vec<Range<usize>> = wrong.into_iter().filter(may_go).collect();
        let Some(without) = without_rows(text, &several) else { return Ok(None) };
        let tried = self.tried_without(test, without).await?;
        Ok(self.gets_further(&tried).then(|| (tried, several.iter().map(line).collect())))
    }
}

/// Whether a table still says what it is about without the rows that fail: half of them stay, or as many as make a table.
fn enough_stay(wrong: usize, rows: usize) -> bool {
    wrong * 2 <= rows || rows - wrong.min(rows) >= LEAST_ROWS
}

/// A row with what its test gives to the variables in it: `("name", bad)` behind `bad.name = "a";` as `("name", bad, name = "a")`.
fn with_given(row: &str, test: &str) -> String {
    let given = test.lines().filter_map(|line| {
        let (place, value) = line.trim().trim_end_matches(';').split_once(" = ")?;
        let (variable, field) = place.split_once('.')?;
        let is_field = !field.is_empty() && field.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        (is_field && has_word(row, variable)).then(|| format!("{field} = {value}"))
    });
    let given: Vec<String> = given.collect();
    let Some(at) = row.rfind([')', '}', ']']).filter(|_| !given.is_empty()) else { return row.to_owned() };
    let (before, after) = row.split_at(at);
    format!("{before}, {}{after}", given.join(", "))
}

/// The text with one row of a table and no other.
fn alone(text: &str, table: &[Range<usize>], row: &Range<usize>) -> Option<String> {
    let others: Vec<_> = table.iter().filter(|other| *other != row).cloned().collect();
    without_rows(text, &others)
}

/// The cases of a test that a runner says to fail.
pub(super) fn cases_of<'e>(evidence: &'e str, test: &str) -> BTreeSet<&'e str> {
    let own = |line: &&str| line.contains("FAIL") && has_word(line, test);
    evidence.lines().filter(own).filter_map(case_in).collect()
}

/// The rows that these cases are called after, as Go calls subtests: `"long name"` is the case `long_name`. None where there are no cases, or one
/// has no row of its own.
fn rows_of_cases(text: &str, rows: &[Range<usize>], cases: &BTreeSet<&str>) -> Option<Vec<Range<usize>>> {
    let titles: Vec<(String, &Range<usize>)> = rows
        .iter()
        .flat_map(|row| {
            quoted(&in_one_line(text, row)).into_iter().map(|title| (title.replace(' ', "_"), row)).collect::<Vec<_>>()
        })
        .collect();
    let row_of = |case: &str| {
        let mut found = titles.iter().filter(|(title, _)| title == case).map(|(_, row)| *row);
        let first = found.next()?;
        found.all(|other| other == first).then(|| first.clone())
    };
    let mut wrong = cases.iter().map(|case| row_of(case)).collect::<Option<Vec<_>>>()?;
    wrong.sort_by_key(|row| row.start);
    wrong.dedup();
    (!wrong.is_empty()).then_some(wrong)
}

/// What tells a case from others of its test in a line of a runner: `[sms-a]` of pytest, `/long_name` of Go.
fn case_in(line: &str) -> Option<&str> {
    if let Some((_, rest)) = line.split_once('[')
        && let Some((case, _)) = rest.rsplit_once("] FAILED").or_else(|| rest.split_once("] - "))
    {
        return Some(case);
    }
    let (_, case) = line.trim_start().strip_prefix("--- FAIL: ")?.split_once('/')?;
    Some(case.rsplit_once(" (").map_or(case, |(case, _)| case))
}

/// Whether a row has a number that is one of the spec's or next to one, and that its test does not have everywhere. What a row is called is no
/// part of it: `{"email longer than 100 characters", …`.
fn is_at_a_limit(row: &str, test: &str, description: &str) -> bool {
    let row = without_title(row);
    let said = values(description);
    let usual = |number: u64| test.lines().filter(|line| values(line).contains(&number)).count() > 1;
    let is_near = |number: &u64| {
        [number.saturating_sub(1), *number, number.saturating_add(1)].iter().any(|near| said.contains(near))
    };
    values(row).iter().any(|number| is_near(number) && !usual(*number))
}

/// A row without the words that it begins with, where these are prose between quotation marks.
fn without_title(row: &str) -> &str {
    let titled = |mark: char| {
        let (title, rest) = row.trim_start_matches(['{', '(', '[', ' ']).strip_prefix(mark)?.split_once(mark)?;
        let is_prose =
            title.contains(' ') && title.chars().all(|letter| letter.is_alphanumeric() || " -'@,.".contains(letter));
        is_prose.then_some(rest)
    };
    titled('"').or_else(|| titled('\'')).unwrap_or(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_of_a_test_is_told_by_what_its_runner_adds_to_the_name() {
        assert_eq!(case_in("tests/test_a.py::test_b[sms-a] FAILED [ 12%]"), Some("sms-a"));
        assert_eq!(case_in("FAILED tests/test_a.py::test_b[sms-a] - Failed: DID NOT RAISE"), Some("sms-a"));
        assert_eq!(case_in("    --- FAIL: TestB/long_name (0.00s)"), Some("long_name"));
        assert_eq!(case_in("tests/test_a.py::test_b FAILED [ 12%]"), None);
        assert_eq!((case_in("--- FAIL: TestB (0.00s)"), case_in("not ok 3 - a list")), (None, None));
    }

    #[test]
    fn a_row_is_read_with_what_its_variables_are_given() {
        let test = "    let mut bad = order(1);\n    bad.customer = \"ada\".to_string();\n    let mut long = order(1);\n    long.customer = \"x\".repeat(81);\n    for (expected, invalid) in [(\"customer\", bad), (\"customer\", long)] {\n";
        assert_eq!(with_given("(\"customer\", bad),", test), "(\"customer\", bad, customer = \"ada\".to_string()),");
        assert_eq!(with_given("(\"customer\", long),", test), "(\"customer\", long, customer = \"x\".repeat(81)),");
        assert_eq!(with_given("(\"customer\", order(2)),", test), "(\"customer\", order(2)),");
    }

    #[test]
    fn cases_are_called_after_their_rows() {
        let text = "all := []row{\n\t{\"long name\", 422},\n\t{\"email without @\", 422},\n\t{\"gold\", 200},\n\t{\"gold\", 201},\n}\n";
        let rows = rows(text, &(0..text.len()));
        let of = |cases: &[&str]| rows_of_cases(text, &rows, &cases.iter().copied().collect());
        assert_eq!(of(&["email_without_@", "long_name"]), Some(vec![2..3, 3..4]));
        assert_eq!(
            [of(&[]), of(&["gold"]), of(&["long_name", "other"]), of(&["customer-invalid0"])],
            [None, None, None, None]
        );
    }

    #[test]
    fn a_row_at_a_limit_has_a_number_of_the_spec_or_one_next_to_it() {
        let test = "cases = [\n    (\"customer\", order(1, \"\")),\n    (\"total\", order(1, total=1_000_001)),\n    (\"total\", order(1, total=0)),\n    (\"paid\", order(1, paid=True)),\n]\n";
        let at = |row: usize| is_at_a_limit(test.lines().nth(row).unwrap(), test, "The total is from 1 to 1000000.");
        assert_eq!([at(1), at(2), at(3), at(4)], [false, true, true, false]);
        let called = |row: &str| is_at_a_limit(row, row, "An email has at most 100 characters.");
        assert!(!called("{\"email longer than 100 characters\", `{\"email\":\"long@example.com\"}`, 422},"));
        assert!(called("{\"long email\", strings.Repeat(\"a\", 101), 422},"));
        assert!(called("(\"101\", 422),"));
    }
}
