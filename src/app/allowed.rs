//! What a spec allows: a row of a table of errors that gives nothing else asks for what nobody said.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::listed::{gives_listed, quoted};
use super::ranges::{gives_ranged, is_bound};
use crate::name::snake;
use crate::relevance::words;
use crate::text::sentences;

/// How long a text is to be, and of what: `a name has 3 to 60 characters`, `the name is not blank and has at most 60 characters`, `for sms it must
/// have 3 to 11 characters`, `3 to 11 characters for sms`.
static LENGTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:\b(?i:for)\s+["`]?(?P<kind>\w+)["`]?,?\s+(?:it|the\s+\w+)|\b(?P<name>\w+)(?:\s+(?:is\s+not|must\s+not\s+be|may\s+not\s+be|cannot\s+be)\s+(?:blank|empty)(?:\s+or\s+(?:only\s+spaces|blank))?(?:\s+and|,))?)\s+(?:(?:(?:must\s+)?(?:be|have|has|is)|of)\s+)?\(?(?:(?:from\s+)?(?P<low>[0-9]+)\s+to|at\s+most)\s+(?P<high>[0-9]+)\s+characters(?:\s+long)?(?:\s+for\s+(?:the\s+|an?\s+)?["`]?(?P<only>\w+))?"#,
    )
    .ok()
});
/// What any value will do for: `the console takes any sender`, `a "gold" tier accepts every code`.
static ANY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(?P<kind>\w+)["`]?\s+(?:takes|accepts|allows)\s+(?:any|every)\s+(?P<value>\w+)\s*(?:[.,;)]|$)"#)
        .ok()
});
/// What a text is to have in it, for a kind: `for email the sender must contain an "@"`, `a sender without "@" for email`.
static CONTAINS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"\b(?i:for)\s+["`]?(?P<kind>\w+)["`]?,?\s+(?:it|the\s+\w+)\s+must\s+contain\s+(?:an?\s+)?["`](?P<part>[^"`]+)["`]|\bwithout\s+(?:an?\s+)?["`](?P<lacked>[^"`]+)["`]\s+for\s+["`]?(?P<only>\w+)"#,
    )
    .ok()
});
/// How many letters or digits a key has: `currency (exactly three capital letters)`, `the code has exactly 4 digits`.
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?P<key>\w+)\s+\(?(?:(?:is|has|must\s+have|must\s+be)\s+)?exactly\s+(?P<number>\w+)\s+(?:(?P<case>capital|uppercase|small|lowercase)\s+)?(?P<unit>letters|digits)\b",
    )
    .ok()
});
/// Numbers as words, from one.
const NUMBERS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
/// A row that has a kind and a text, and nothing else: `("sms", "123"),`, `{KindSMS, "123"},`, `{ kind: "sms", sender: "123" },`.
static OF_KIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"^[\s{(\[]*(?:\w+\s*[:=]\s*)?(?:["'`](?P<quoted>\w+)["'`]|(?P<path>(?:\w+(?:::|\.))*[A-Za-z]\w*))\s*,\s*(?:(?P<field>\w+)\s*[:=]\s*)?(?:"(?P<text>[^"]*)"|'(?P<single>[^']*)')(?:\.(?:to_string|to_owned|into)\(\))?\s*,?\s*[})\]]*\s*,?\s*$"#,
    )
    .ok()
});
/// A row that begins with the key that the error is to name: `("name", …`.
static KEYED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^[\s{(\[]*(?:\w+\s*[:=]\s*)?["'`](?P<key>\w+)["'`]\s*,(?P<rest>.*)$"#).ok());
/// A name and the text that it is given, as it stands.
static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"\b(?P<name>\w+)["'`]?\s*[:=]\s*["'`](?P<text>\w+(?: \w+)*)["'`](?:\.(?:to_string|to_owned|into)\(\))?\s*[,)}\]]"#,
    )
    .ok()
});
/// Words by which a text is asked for more than its length.
const MORE_THAN_LENGTH: [&str; 13] = [
    "letter",
    "digit",
    "begin",
    "start",
    "end",
    "contain",
    "only",
    "reserved",
    "except",
    "match",
    "pattern",
    "lowercase",
    "uppercase",
];
/// Words with which a sentence takes back what a part of it says.
const TAKEN_BACK: [&str; 6] = ["except", "but", "unless", "neither", "nor", "not"];

/// Whether a row of errors gives what a description allows, and nothing else that could be wrong.
pub(super) fn is_allowed(description: &str, row: &str) -> bool {
    gives_listed(description, row)
        || gives_ranged(description, row)
        || gives_any(description, row)
        || gives_length(description, row)
        || gives_part(description, row)
        || gives_counted(description, row)
}

/// Whether a row is about a kind that takes any value, and gives it one.
fn gives_any(description: &str, row: &str) -> bool {
    let (Some(any), Some(row)) = (ANY.as_ref(), OfKind::read(row)) else { return false };
    let is_said = |said: Captures<'_>| {
        let is_meant =
            row.is_of(&said["kind"]) && row.field.as_ref().is_none_or(|field| *field == snake(&said["value"]));
        is_meant && !has_one_of(sentence_at(description, &said), &TAKEN_BACK)
    };
    any.captures_iter(description).any(is_said)
}

/// Whether a row gives a text of letters and digits that is as long as every length says which a description asks of it.
fn gives_length(description: &str, row: &str) -> bool {
    let Some(lengths) = LENGTH.as_ref() else { return false };
    let fits = |asked: &Captures<'_>, text: &str| {
        let end = |of: &str| asked.name(of)?.as_str().parse::<usize>().ok();
        let range = end("high").map(|high| end("low").unwrap_or(1)..=high);
        range.is_some_and(|range| range.contains(&text.chars().count())) && !is_more(description, asked)
    };
    let all_fit = |text: &str, of: &dyn Fn(&Captures<'_>) -> bool| {
        let asked: Vec<Captures<'_>> = lengths.captures_iter(description).filter(|asked| of(asked)).collect();
        let is_plain =
            !text.is_empty() && text.split(' ').all(|word| !word.is_empty() && word.chars().all(char::is_alphanumeric));
        let is_named = ['"', '`'].iter().any(|mark| description.contains(&format!("{mark}{text}{mark}")));
        is_plain && !is_named && !asked.is_empty() && asked.iter().all(|asked| fits(asked, text))
    };
    if let Some((key, text)) = keyed(row) {
        let of_key = |asked: &Captures<'_>| asked.name("name").is_some_and(|name| snake(name.as_str()) == key);
        let parts: BTreeSet<String> = words(&key).collect();
        let about = sentences(description).filter(|sentence| words(sentence).any(|word| parts.contains(&word)));
        // A text of only spaces is a blank one.
        let plain =
            |sentence: &str| sentence.split_whitespace().collect::<Vec<_>>().join(" ").replace("only spaces", "");
        let mut about = about.map(plain);
        return all_fit(&text, &of_key) && !about.any(|sentence| has_one_of(&sentence, &MORE_THAN_LENGTH));
    }
    let Some(row) = OfKind::read(row) else { return false };
    let of_kind = |asked: &Captures<'_>| row.is_asked(asked) && row.is_named_in(sentence_at(description, asked));
    all_fit(&row.text, &of_kind)
}

/// Whether a row gives a key, and nothing else between quotation marks but as many letters or digits as a description asks of it.
fn gives_counted(description: &str, row: &str) -> bool {
    let Some(counted) = COUNTED.as_ref() else { return false };
    let [key, value] = quoted(row)[..] else { return false };
    let asked: Vec<Captures<'_>> =
        counted.captures_iter(description).filter(|asked| snake(&asked["key"]) == snake(key)).collect();
    let fits = |asked: &Captures<'_>| {
        let word = &asked["number"];
        let number = NUMBERS.iter().position(|number| *number == word).map(|at| at + 1).or_else(|| word.parse().ok());
        let is_meant = |letter: char| match (&asked["unit"], asked.name("case").map(|case| case.as_str())) {
            ("digits", _) => letter.is_ascii_digit(),
            (_, Some("capital" | "uppercase")) => letter.is_ascii_uppercase(),
            (_, Some(_)) => letter.is_ascii_lowercase(),
            _ => letter.is_ascii_alphabetic(),
        };
        number == Some(value.chars().count()) && value.chars().all(is_meant) && !is_more(description, asked)
    };
    // In a map they would be all there is of it.
    let is_map = ['"', '\'', '`'].iter().any(|mark| row.contains(&format!("{key}{mark}:")));
    !is_map && !asked.is_empty() && asked.iter().all(fits)
}

/// Whether a row is about a kind for which a text only has to contain something, and gives one that does.
fn gives_part(description: &str, row: &str) -> bool {
    let (Some(contains), Some(row)) = (CONTAINS.as_ref(), OfKind::read(row)) else { return false };
    let asked: Vec<Captures<'_>> = contains.captures_iter(description).filter(|asked| row.is_asked(asked)).collect();
    let has = |asked: &Captures<'_>| {
        let part = asked.name("part").or(asked.name("lacked")).map_or("", |part| part.as_str());
        row.text.trim() == row.text && row.text.contains(part) && row.text != part && !is_more(description, asked)
    };
    let mut lengths = LENGTH.iter().flat_map(|lengths| lengths.captures_iter(description));
    let is_measured = lengths.any(|asked| row.is_asked(&asked));
    let is_named = |asked: &Captures<'_>| row.is_named_in(sentence_at(description, asked));
    !asked.is_empty() && !is_measured && asked.iter().all(|asked| has(asked) && is_named(asked))
}

/// What a row says that has a kind and a text, and nothing else.
struct OfKind {
    quoted: Option<String>,
    path: String,
    field: Option<String>,
    text: String,
}

impl OfKind {
    fn read(row: &str) -> Option<Self> {
        let found = OF_KIND.as_ref()?.captures(row)?;
        let of = |name: &str| found.name(name).map(|found| found.as_str());
        Some(Self {
            quoted: of("quoted").map(str::to_owned),
            path: of("path").unwrap_or_default().to_owned(),
            field: of("field").map(snake),
            text: of("text").or(of("single")).unwrap_or_default().to_owned(),
        })
    }

    /// Whether something is asked of its kind.
    fn is_asked(&self, asked: &Captures<'_>) -> bool {
        asked.name("only").or(asked.name("kind")).is_some_and(|kind| self.is_of(kind.as_str()))
    }

    /// Whether a sentence speaks of the field that it gives the text to, where it names one.
    fn is_named_in(&self, sentence: &str) -> bool {
        self.field.as_ref().is_none_or(|field| words(sentence).any(|word| word == *field))
    }

    /// Whether it is about this kind: as it is written between quotation marks, or as a part of a name.
    fn is_of(&self, kind: &str) -> bool {
        let Some(quoted) = &self.quoted else {
            let about: BTreeSet<String> = words(&self.path).collect();
            let mut parts = words(kind).peekable();
            return parts.peek().is_some() && parts.all(|part| about.contains(&part));
        };
        quoted == kind
    }
}

/// The key that a row begins with, and the text that it gives to the field of that name. None where it gives others as well.
fn keyed(row: &str) -> Option<(String, String)> {
    let found = KEYED.as_ref()?.captures(row)?;
    let key = snake(&found["key"]);
    let rest = &found["rest"];
    let given = GIVEN.as_ref()?.captures(rest).filter(|given| snake(&given["name"]) == key)?;
    let marks = rest.chars().filter(|letter| matches!(letter, '"' | '\'' | '`')).count();
    (marks == 2).then(|| (key, given["text"].to_owned()))
}

/// The sentence in which something is said.
fn sentence_at<'d>(description: &'d str, said: &Captures<'_>) -> &'d str {
    let words = said[0].trim_end_matches(['.', ',', ';', ')', ' ', '\n']);
    sentences(description).find(|sentence| sentence.contains(words)).unwrap_or(description)
}

/// Whether what is asked is not all that is asked there.
fn is_more(description: &str, asked: &Captures<'_>) -> bool {
    is_bound(description, &asked.get(0).map_or(0..0, |whole| whole.range()))
}

fn has_one_of(sentence: &str, of: &[&str]) -> bool {
    words(sentence).any(|word| of.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_takes_any_value_refuses_none() {
        let said =
            "An sms must have 3 to 11 digits; the console takes any sender. A name takes any letter of the\nalphabet.";
        for row in [
            "{ kind: \"console\", sender: \"\" },",
            "(NotifierKind::Console, \"a\"),",
            "{KindConsole, \"\"},",
            "(\"console\", \"  \"),",
        ] {
            assert!(is_allowed(said, row), "{row}");
        }
        for row in [
            "{ kind: \"email\", sender: \"\" },",
            "{ kind: \"console\", sender: \"\", text: \"\" },",
            "{ kind: \"console\", sender: \"ops\", maxLength: 0 },",
            "{ kind: \"console\", recipient: \"\" },",
            "(\"console\", \"\", 0),",
            "(\"Console\", \"x\"),",
            "{name: \"zero limit\", kind: KindConsole, options: []Option{WithMaxLength(0)}},",
            "{ kind: \"console\", maxLength: 0 },",
            "(\"name\", \"1\"),",
            "{ kind: \"sms\", sender: \"console\" },",
        ] {
            assert!(!is_allowed(said, row), "{row}");
        }
        let row = "(\"console\", \"\"),";
        for said in [
            "The console takes any sender, except a blank one.",
            "Neither email nor the console accepts any attachment.",
        ] {
            assert!(!is_allowed(said, row), "{said}");
        }
    }

    #[test]
    fn a_text_of_as_many_letters_as_are_asked_is_not_refused_for_that() {
        let said = "Keys: currency (exactly three capital letters A to Z), cardLast4 (exactly four digits for a card; else null), the pin has exactly 4 digits.";
        for row in ["{\"currency\", \"USD\"},", "(\"currency\", json!(\"EUR\")),", "[\"pin\", \"1234\"],"] {
            assert!(is_allowed(said, row), "{row}");
        }
        for row in [
            "{\"currency\", \"usd\"},",
            "{\"currency\", \"EURO\"},",
            "{\"currency\", \"ÄÖÜ\"},",
            "{\"currency\", \"\"},",
            "{\"cardLast4\", \"1234\"},",
            "[\"pin\", 1234],",
            "{\"currency\": \"USD\"},",
            "[\"currency\", \"USD\", \"1234\"],",
        ] {
            assert!(!is_allowed(said, row), "{row}");
        }
    }

    #[test]
    fn a_text_that_has_what_it_must_contain_is_not_refused_for_that() {
        let before = "For email the sender must contain an \"@\", for sms it must have 3 to 11 characters.";
        let after = "A sender without \"@\" for email, or without 3 to 11 characters for sms, is refused.";
        for said in [before, after] {
            for row in [
                "(\"email\", \"john@\"),",
                "{KindEmail, \"test@example.com\"},",
                "{ kind: \"email\", sender: \"a@b\" },",
            ] {
                assert!(is_allowed(said, row), "{row}");
            }
            for row in [
                "(\"email\", \"john\"),",
                "(\"email\", \"@\"),",
                "(\"email\", \" a@b\"),",
                "(\"sms\", \"a@\"),",
                "(\"console\", \"a@b\"),",
                "{ kind: \"email\", recipient: \"a@b\" },",
                "(\"email\", \"a@b\", 0),",
            ] {
                assert!(!is_allowed(said, row), "{row}");
            }
        }
        let more = "For email the sender must contain an \"@\" and a dot.";
        assert!(!is_allowed(more, "(\"email\", \"john@\"),"));
    }

    #[test]
    fn a_text_that_is_as_long_as_it_may_be_is_not_refused_for_that() {
        let after = "A sender without \"@\" for email, or without 3 to 11 characters for sms, is refused. A name has from 2 to 5\ncharacters. A nick must have 3 to 9 characters and no digits.";
        let before = "For email the sender must contain an \"@\", for sms it must have 3 to 11 characters, otherwise it is refused.";
        let most = "An order is valid when the customer is not blank and has at most 80 characters and total_cents is from 1 to 9. A code has at most 8 characters, all of them letters.";
        let title = "A title must not be empty or only spaces and has at most 10 characters; a body has at\nmost 5000 characters and may be empty.";
        for (said, row) in [
            (after, "{ kind: \"sms\", sender: \"123\" },"),
            (after, "(\"sms\", \"12345678901\"),"),
            (before, "{KindSMS, \"abc\"},"),
            (before, "(NotifierKind::Sms, \"123\".to_owned()),"),
            (before, "{ kind: \"sms\", sender: \"123\" },"),
            (after, "(\"name\", order(1, name=\"Al\")),"),
            (after, "{ field: \"name\", order: { ...makeOrder(1), name: \"Alice\" } },"),
            (most, "{\"customer\", Order{ID: 1, Customer: \"ada\", TotalCents: 100000}},"),
            (title, "(\"title\", replace(make_note(1), title=\"A note\")),"),
            (title, "(\"body\", replace(make_note(1), body=\"Text\")),"),
            (most, "(\"customer\", bad, customer = \"ada\".to_string()),"),
            (most, "{ field: \"customer\", user: { ...makeOrder(1), customer: \"ada\" } },"),
        ] {
            assert!(is_allowed(said, row), "{row}");
        }
        for (said, row) in [
            (title, "(\"title\", replace(make_note(1), title=\"Title too long\")),"),
            (title, "(\"title\", replace(make_note(1), title=\" A\")),"),
            (after, "{ kind: \"sms\", sender: \"12\" },"),
            (after, "{ kind: \"sms\", sender: \"   \" },"),
            (after, "{ kind: \"sms\", sender: \"123\", code: \"abc\" },"),
            (after, "(\"sms\", \"shop\", 0),"),
            (after, "(\"sms\", \"abc\" * 4),"),
            (after, "{KindSMS, strings.Repeat(\"a\", 12)},"),
            (before, "{ kind: \"sms\", recipient: \"abcdef\" },"),
            (after, "{ kind: \"email\", sender: \"john\" },"),
            (after, "{ kind, sender: \"123\" },"),
            (after, "(\"name\", order(1, name=\"A\")),"),
            (after, "(\"name\", order(1, name=\"a\" * 61)),"),
            (after, "{ field: \"name\", order: { ...makeOrder(1), name: \"abc\".repeat(61) } },"),
            (after, "(\"name\", order(1, email=\"Ali\")),"),
            (after, "{ ...valid, name: \"Alice\", totalCents: 0 },"),
            (after, "{\"name\": \"Alice\"},"),
            (after, "(\"nick\", order(1, nick=\"Ali4\")),"),
            (before, "{KindEmail, \"abc\"},"),
            (most, "{\"customer\", Order{ID: 1, Customer: \"\"}},"),
            (most, "{\"customer\", Order{ID: 1, Customer: \"  \"}},"),
            (most, "{\"customer\", Order{ID: 0, Customer: \"ada\", Name: \"x\"}},"),
            (most, "(\"customer\", replace(make_order(1), customer=\"x\" * 81)),"),
            (most, "{\"code\", Order{Code: \"a1\"}},"),
            (most, "(\"customer\", long, customer = \"x\".repeat(81)),"),
            ("A sender has 3 to 11 characters for a text message.", "{ ...valid, currency: \"gold\" },"),
            ("For sms it must have 3 to 11 characters and begin with a letter.", "(Sms, \"123\"),"),
            ("A nick has 3 to 9 characters. The nick \"admin\" is taken.", "(\"nick\", f(nick=\"admin\")),"),
            (
                "An admin's name has 5 to 60 characters; a user's name has 1 to 60 characters.",
                "(\"name\", f(name=\"Al\")),",
            ),
        ] {
            assert!(!is_allowed(said, row), "{row}");
        }
    }
}
