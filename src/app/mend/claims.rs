//! What the spec says of a failing test: its name as a sentence, an error, a number. Such a test is not doubted lightly.

use std::collections::BTreeSet;

use http::StatusCode;

use super::Mending;
use super::places::Place;
use crate::app::named::declared_errors;
use crate::name;
use crate::relevance::words;
use crate::spec::Spec;
use crate::text::{has_word, names_in, sentences};

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
    /// Whether the spec has the words of a failing test, so that the model's word against it is not asked for. Where the function that
    /// it speaks against came out as it stands when it was written anew with the test in view, there are two against it.
    pub(super) fn is_shielded(&self, place: &Place) -> bool {
        let spec = &self.producer.task.spec;
        let failing = self.failing(place);
        // An error that the code raised is none that the test asks for.
        let asked_for = || {
            let own: BTreeSet<&str> = names_in(self.standing.text_of(place)).collect();
            let mut errors = declared_errors(self.language(), &self.standing.code);
            errors.retain(|error| own.contains(error.as_str()));
            errors
        };
        let has_words = is_named_by(&place.item.name, spec)
            || has_error_of(&failing, spec, &asked_for())
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
