//! Doubts about tests: those that nothing could build, and those that fail and ask for what the spec does not say.
//!
//! Tests that fail show that either they or the code are wrong. The model that wrote both is asked which, one test at a time, and
//! answers with a word: what is cheap comes first, and what the spec does ask for can then be held against the code.

use std::collections::BTreeSet;

use http::StatusCode;

use super::super::named::declared_errors;
use super::super::produce::Call;
use super::super::prove::FileSet;
use super::places::{Place, places};
use super::{Judged, MOST_ROUNDS, Mending, unrendered};
use crate::app::setback::Setback;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::cut::cut_out;
use crate::language::rows::{rows_at, without_rows};
use crate::language::test_cases;
use crate::name;
use crate::path::RepoPath;
use crate::port::Role;
use crate::prompt;
use crate::relevance::words;
use crate::spec::Spec;
use crate::text::{count, has_word, names_in, sentences};

/// Why tests that nothing can be made of are left out.
const UNBUILT: &str = "they could not be built";
/// Digits of a number that tells something: a status, a limit. Shorter ones stand everywhere.
const LEAST_DIGITS: usize = 3;
/// Reasons that RFC 9110 and the RFCs before it (2616, 4918, 7231) give for a status besides the one that the `http` crate knows: languages name
/// their constants after one or the other.
const OTHER_REASONS: [(&str, &str); 6] = [
    ("413", "request_entity_too_large"),
    ("413", "content_too_large"),
    ("414", "request_uri_too_long"),
    ("416", "requested_range_not_satisfiable"),
    ("422", "unprocessable_content"),
    ("302", "moved_temporarily"),
];
/// Words of a test's name that say what it is about.
const LEAST_WORDS: usize = 3;
/// Words of names that a sentence says in other words: `update_makes_an_unpaid_order_paid`, "an unpaid order becomes paid by an update".
/// Without the `s` at their end.
const FILLERS: [&str; 16] = [
    "test", "the", "an", "is", "are", "of", "it", "and", "return", "give", "make", "become", "with", "when", "then",
    "out",
];
/// Words for what is not given.
const ABSENT: [&str; 6] = ["leave", "left", "missing", "omit", "omitted", "absent"];

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
        while self.case.call.role == Role::Tests
            && matches!(self.standing.setback.refused_by, Some(Gate::Syntax | Gate::Format | Gate::Build))
        {
            let unbuilt = self.unbuilt();
            if unbuilt.is_empty() || !unbuilt.iter().all(|place| self.is_unbuilt_in_part(place)) {
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

    /// Takes out failing tests that are called after what the example is about, also where others were mended since the doubts. The files, when that
    /// was all.
    pub(super) async fn leave_out_copied(&mut self) -> Result<Option<FileSet>, Failure> {
        if self.standing.setback.refused_by != Some(Gate::GeneratedTests) {
            return Ok(None);
        }
        let mut copied = self.blamed_tests();
        copied.retain(|test| self.is_of_example(&test.item.name));
        let judged = self.leave_out("they failed, and are called after what the example is about", &copied).await?;
        Ok(if let Some(Judged::Passed(files)) = judged { Some(files) } else { None })
    }

    /// Takes tests out, and of a table that cannot be built its rows. The proposal says so where what is left stands.
    async fn leave_out(&mut self, why: &str, unwanted: &[Place]) -> Result<Option<Judged>, Failure> {
        let mut files = self.standing.setback.files.clone();
        let mut names = Vec::new();
        let is_built = self.standing.setback.refused_by == Some(Gate::GeneratedTests);
        for place in unwanted.iter().rev() {
            let Some(text) = files.get_mut(&place.path) else { continue };
            // Of a table, the rows that cannot be built are enough.
            let rows = rows_at(text, &place.lines).filter(|_| !is_built).unwrap_or_default();
            let (cut, name) = match without_rows(text, &rows) {
                Some(cut) => (cut, format!("{} of `{}`", count(rows.len(), "row", "rows"), place.item.name)),
                None => (cut_out(text, &place.item.whole), format!("`{}`", place.item.name)),
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

    /// The tests that cannot be built, where nothing else is at fault.
    fn unbuilt(&self) -> Vec<Place> {
        let all = places(&self.standing.setback, self.language());
        let is_one = |place: &Place| test_cases::heads(self.language(), self.standing.text_of(place)) <= 1;
        if all.iter().all(|place| self.is_test(place) && is_one(place)) { all } else { Vec::new() }
    }

    /// The failing tests that ask for what the spec does not say: by the word of the model, which is asked about each once, or where they are
    /// called after what the example is about and neither the spec nor the code is.
    async fn unasked(&mut self) -> Result<Vec<Place>, Failure> {
        let mut unasked = Vec::new();
        for place in self.blamed_tests() {
            let text = self.standing.text_of(&place).to_owned();
            let doubtful = if let Some(doubtful) = self.progress.doubted.get(&text) {
                *doubtful
            } else if self.is_of_example(&place.item.name) {
                true
            } else if self.is_shielded(&place) {
                false
            } else {
                let call = self.progress.next_opinion(self.case.call);
                let doubtful = self.is_unasked(&call, &text).await?;
                self.progress.doubted.insert(text, doubtful);
                doubtful
            };
            if doubtful {
                unasked.push(place);
            }
        }
        Ok(unasked)
    }

    /// Whether a test is called after what an example is about, and nothing in the spec or the code is: a rule of the example, that the model
    /// copied.
    fn is_of_example(&self, name: &str) -> bool {
        let texts = self.standing.code.values().chain([&self.producer.task.spec.source.text]);
        let own: BTreeSet<String> = texts.flat_map(|text| words(text)).collect();
        let is_foreign = |word: &String| self.producer.examples.iter().any(|example| example.about.contains(word));
        words(name).any(|word| !own.contains(&word) && is_foreign(&word))
    }

    /// Whether the spec has the words of a failing test, so that the model's word against it is not asked for. Where the function that
    /// it speaks against came out as it stands when it was written anew with the test in view, there are two against it.
    fn is_shielded(&self, place: &Place) -> bool {
        let spec = &self.producer.task.spec;
        let failing = self.failing(place);
        let errors = || declared_errors(self.language(), &self.standing.code);
        let has_words = is_named_by(&place.item.name, spec)
            || has_error_of(&failing, spec, &errors())
            || numbers_of(&failing, spec).next().is_some();
        has_words && !self.speaks_against_upheld(place)
    }

    /// Whether the spec speaks of a failing test: by its name, by an error that the test has, or by a number in what failed that no
    /// function of the code has.
    pub(super) fn is_claimed(&self, place: &Place) -> bool {
        let spec = &self.producer.task.spec;
        let mut errors = declared_errors(self.language(), &self.standing.code);
        errors.extend(names_in(&spec.description).filter(|name| is_error(name)).map(str::to_owned));
        is_named_by(&place.item.name, spec)
            || has_error_of(self.standing.text_of(place), spec, &errors)
            || self.lacks_number(&self.failing(place))
    }

    /// Whether a text has a number of the spec that no function uses.
    pub(super) fn lacks_number(&self, text: &str) -> bool {
        let functions = self.functions();
        let functions: Vec<&str> = functions.iter().map(|(_, own, _)| *own).collect();
        let is_missing = |number: &str| !self.standing.code.values().any(|code| uses_number(code, &functions, number));
        numbers_of(text, &self.producer.task.spec).any(is_missing)
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

    /// Whether the model finds nothing of what a failing test asks for in the spec.
    async fn is_unasked(&mut self, call: &Call, test: &str) -> Result<bool, Failure> {
        let question = prompt::doubt(self.language(), &self.producer.task.spec, test);
        let question = question.map_err(unrendered)?;
        let answered =
            self.producer.ask(&Call { most: Some(4), ..call.clone() }, question.to_vec(), self.produced).await?;
        Ok(answered.text.trim_start().to_lowercase().starts_with("no"))
    }
}

/// Whether one sentence of a spec has all words of a test's name, where they are enough to say something:
/// `test_configuration_cannot_be_changed`. Then the spec says what the test is about.
fn is_named_by(name: &str, spec: &Spec) -> bool {
    let told: BTreeSet<String> =
        words(name).filter(|word| !FILLERS.contains(&word.as_str())).map(in_one_form).collect();
    let mut said = sentences(&spec.description).chain(spec.rules.iter().map(String::as_str));
    let has_all = |sentence: &str| words(sentence).map(in_one_form).collect::<BTreeSet<_>>().is_superset(&told);
    told.len() >= LEAST_WORDS && said.any(has_all)
}

/// A word in the form that all words for the same have: `TierIsStandardWhenLeftOut` is what "it is standard when the client leaves it out" says.
fn in_one_form(word: String) -> String {
    if ABSENT.contains(&word.as_str()) { "missing".to_owned() } else { word }
}

/// The numbers in a failing test that the spec has, 422. It does say something of what such a test checks, and a model's word against it
/// would let wrong code pass.
fn numbers_of<'t>(test: &'t str, spec: &'t Spec) -> impl Iterator<Item = &'t str> {
    let is_telling = |word: &&str| word.len() >= LEAST_DIGITS && word.chars().all(|letter| letter.is_ascii_digit());
    names_in(test).filter(is_telling).filter(|word| is_named(spec, word))
}

/// Whether one of these functions of a code has a number, or uses a name that stands in one line with it: `LONGEST = 1_000`. A status of
/// HTTP has a name, too.
pub(super) fn uses_number(code: &str, functions: &[&str], number: &str) -> bool {
    let status = number.parse::<u16>().ok().and_then(|number| StatusCode::from_u16(number).ok());
    let reason = status.and_then(|status| status.canonical_reason());
    let reason = reason.map(|reason| reason.to_lowercase().replace([' ', '-'], "_"));
    let older = OTHER_REASONS.iter().filter(|(code, _)| *code == number).map(|(_, reason)| *reason);
    let reasons: Vec<&str> = reason.as_deref().into_iter().chain(older).collect();
    let is_status = |name: &str| {
        let name = name::snake(name);
        let mut before = reasons.iter().filter_map(|reason| name.strip_suffix(reason));
        before.any(|before| before.is_empty() || before.ends_with('_'))
    };
    let has_number = |text: &str| names_in(text).any(|name| name.replace('_', "") == number || is_status(name));
    let is_used = |name: &str| name.starts_with(char::is_alphabetic) && functions.iter().any(|own| has_word(own, name));
    let declares = |line: &&str| assigned(line).is_some_and(|(to, what)| has_number(what) && names_in(to).any(is_used));
    functions.iter().any(|own| has_number(own)) || code.lines().any(|line| declares(&line))
}

/// What a line gives a value, and the value: `LONGEST = 1_000`, `longest: 1000`. A comparison gives none.
fn assigned(line: &str) -> Option<(&str, &str)> {
    let is_alone = |at: &usize| {
        let (before, after) = (line.get(..*at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default());
        !before.ends_with(['<', '>', '=', '!']) && !after.starts_with(['=', '>'])
    };
    let at = line.match_indices('=').map(|(at, _)| at).find(is_alone);
    let is_field = |at: &usize| {
        line.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with(|letter: char| letter.is_ascii_digit()))
    };
    let at = at.or_else(|| line.match_indices(':').map(|(at, _)| at).find(is_field))?;
    Some((line.get(..at)?, line.get(at + 1..)?))
}

/// Whether a test has an error of these that the spec has.
fn has_error_of(test: &str, spec: &Spec, errors: &BTreeSet<String>) -> bool {
    names_in(test).any(|word| errors.contains(word) && is_named(spec, word))
}

/// Whether a name is one of an error, as languages and people call them.
fn is_error(name: &str) -> bool {
    ["Error", "Exception"].iter().any(|end| name.ends_with(end)) || name.starts_with("Err")
}

fn is_named(spec: &Spec, word: &str) -> bool {
    has_word(&spec.description, word) || spec.rules.iter().any(|rule| has_word(rule, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::spec::SpecId;

    #[test]
    fn a_test_with_a_status_or_an_error_of_the_spec_is_not_doubted() {
        let text = "name: A\ndescription: |\n  A blank name is refused with 422, another kind with `UnknownKindError`, and never\n  with ValueError. At most 10.\n";
        let source = SourceText::new(".codegen/specs/a.yaml", text);
        let spec = crate::spec::parse(SpecId::from_argument("a"), &source).unwrap();
        let errors = BTreeSet::from(["UnknownKindError".to_owned(), "OtherError".to_owned()]);
        let has = |test: &str| numbers_of(test, &spec).next().is_some() || has_error_of(test, &spec, &errors);
        assert!(has("assert status == 422"));
        assert!(has("with pytest.raises(UnknownKindError):"));
        assert!(!has("with pytest.raises(OtherError):"));
        assert!(!has("with pytest.raises(ValueError):"));
        assert!(!has("assert status == 200"));
        assert!(!has("assert len(items) == 10"));
    }

    #[test]
    fn a_number_counts_where_a_function_has_or_uses_it() {
        let code =
            "LONGEST = 1_000\nWIDEST = 200\ndef add(text):\n    if len(text) > LONGEST:\n        raise Refused(422)\n";
        let add = code.split_once("def").map(|(_, add)| add).unwrap();
        let uses = |number: &str| uses_number(code, &[add], number);
        assert!(uses("1000") && uses("422"));
        assert!(!uses("200"), "nothing uses it");
        for own in
            ["HTTPStatus.UNPROCESSABLE_ENTITY", "http.StatusUnprocessableEntity", "StatusCode::UNPROCESSABLE_ENTITY"]
        {
            assert!(uses_number("", &[own], "422") && !uses_number("", &[own], "404"), "{own}");
        }
        for own in ["http.StatusRequestEntityTooLarge", "HTTPStatus.CONTENT_TOO_LARGE", "StatusCode::PAYLOAD_TOO_LARGE"]
        {
            assert!(uses_number("", &[own], "413"), "{own}");
        }
        assert!(uses_number("", &["http.StatusOK"], "200") && !uses_number("", &["book"], "200"));
        assert!(!uses("100"), "it is another number");
        let checks =
            "        if self.total > 1000000:\n        if not 1 <= self.total <= 1000000:\n        if self.paid:\n";
        assert!(!uses_number(checks, &["if self.paid:"], "1000000"), "a comparison gives `self` no value");
        assert!(uses_number("const MOST: u64 = 1_000_000;\n", &["if self.total > MOST {"], "1000000"));
        assert!(uses_number("    Self { most: 1000000 }\n", &["if total > self.most {"], "1000000"));
    }

    #[test]
    fn a_test_that_is_called_by_a_sentence_of_the_spec_is_not_doubted() {
        let text = "name: A\ndescription: |\n  A config has a kind. The configuration cannot\n  be changed afterwards. Kinds are few, and standard when the client leaves them out.\nrules: [\"No kind is ever deleted\"]\n";
        let source = SourceText::new(".codegen/specs/a.yaml", text);
        let spec = crate::spec::parse(SpecId::from_argument("a"), &source).unwrap();
        assert!(is_named_by("test_configuration_cannot_be_changed", &spec));
        assert!(is_named_by("configurationCannotBeChanged", &spec));
        assert!(is_named_by("test_kind_is_ever_deleted", &spec), "a rule is a sentence of the spec");
        assert!(is_named_by("TestKindIsStandardWhenLeftOut", &spec) && is_named_by("missing_kind_is_standard", &spec));
        assert!(!is_named_by("test_kind_cannot_be_changed", &spec));
        assert!(!is_named_by("test_configuration", &spec));
        assert!(is_named_by("makes_the_configuration_cannot_be_changed", &spec));
    }
}
