//! What a spec names: calls between backticks, such as `send(recipient, text)`, that the code has to offer under that name; text
//! between quotation marks, such as "gold" or "@", that stands for itself; limits, such as 60 characters; ranges; a descending order;
//! defaults; and errors that the code declares, which it has to raise somewhere.

use std::collections::BTreeSet;

use super::prove::FileSet;
use super::ranges;
use super::{defaults, descending};
use crate::language::outline::{Item, Kind, all_items};
use crate::language::{Language, syntax};
use crate::name;
use crate::path::RepoPath;
use crate::relevance::words;
use crate::text::has_word;

/// Most characters between quotation marks: what is longer began with the mark that ends something else.
const MOST_QUOTED: usize = 40;
/// Digits of a number that tells something. Shorter ones stand everywhere.
const LEAST_DIGITS: usize = 2;
/// Units that code counts in bytes, milliseconds and the like, by another number.
const UNITS: [&str; 17] = [
    "KiB", "MiB", "GiB", "kB", "KB", "MB", "GB", "ms", "s", "seconds", "minutes", "hours", "days", "second", "minute",
    "hour", "percent",
];

/// Whether what a description names is a call, which needs a function of that name.
pub(super) fn is_call(named: &str) -> bool {
    !names_of_call(named).is_empty()
}

/// Whether what a description names is an error that the code has declared, and not a call, a text or a limit.
pub(super) fn is_error_of(named: &str, files: &FileSet) -> bool {
    errors_of(files).contains(named)
}

/// Whether what is left out is told by signs, which good code may do without: the order of a list, the lower end of a range, a default.
pub(super) fn is_doubtful(named: &str) -> bool {
    descending::asked(named).is_some() || ranges::lower_end(named).is_some() || defaults::asked(named).is_some()
}

/// The calls that a description names and that no file has as words, the quoted words that no file has in it, the limits and lower ends
/// of ranges that none has, the descending order that none brings about, the default that none gives, and the errors that are declared and never
/// used, each once. What stands in a comment is not done, nor is a limit that only a message has.
pub(super) fn left_out<'a>(description: &'a str, files: &FileSet) -> Vec<&'a str> {
    let read = |strip: fn(Language, &str) -> String| -> Vec<String> {
        let read = |(path, text): (&RepoPath, &String)| match Language::from_extension(path.extension()) {
            Some(language) => strip(language, text),
            None => text.clone(),
        };
        files.iter().map(read).collect()
    };
    let code = read(syntax::without_comments);
    let mut found: Vec<&str> = Vec::new();
    // Text between backticks is every second part.
    for call in description.split('`').skip(1).step_by(2) {
        let stands = |name: &&str| code.iter().any(|text| has_word(text, name));
        if !found.contains(&call) && !names_of_call(call).iter().all(stands) {
            found.push(call);
        }
    }
    let standing: BTreeSet<String> = code.iter().flat_map(|text| words(text)).collect();
    let has_sign = |sign: &str| {
        let quoted = [format!("\"{sign}\""), format!("'{sign}'"), format!("`{sign}`")];
        code.iter().any(|text| quoted.iter().any(|quoted| text.contains(quoted)))
    };
    // With an odd number of marks nobody knows what is between them.
    let pairs = if description.matches('"').count().is_multiple_of(2) { description } else { "" };
    for quoted in pairs.split('"').skip(1).step_by(2).filter(|text| stands_for_itself(text)) {
        // Constants of a language have the words in other letters: `Tier::Gold`, `http.MethodGet`.
        let mut parts = words(quoted).peekable();
        let stands = if parts.peek().is_none() { has_sign(quoted) } else { parts.all(|word| standing.contains(&word)) };
        if !found.contains(&quoted) && !stands {
            found.push(quoted);
        }
    }
    let plain = |number: &str| number.replace('_', "");
    let standing: BTreeSet<String> =
        read(syntax::without_prose).iter().flat_map(|text| literals(text).collect::<Vec<_>>()).collect();
    for (_, number) in numbers(description).filter(|(at, number)| is_limit(description, *at, number)) {
        if !found.contains(&number) && !standing.contains(&plain(number)) {
            found.push(number);
        }
    }
    if let Some(order) = descending::asked(description)
        && !code.iter().any(|text| descending::is_done(text))
    {
        found.push(order);
    }
    let texts: Vec<&str> = code.iter().map(String::as_str).collect();
    found.extend(ranges::left_open(description, &texts));
    found.extend(defaults::left_open(description, &texts));
    let errors = errors_of(files);
    for error in description.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
        if errors.contains(error)
            && !found.contains(&error)
            && !files.iter().any(|(path, text)| uses(path, text, error))
        {
            found.push(error);
        }
    }
    found
}

/// The errors that files declare, each in its language.
fn errors_of(files: &FileSet) -> BTreeSet<String> {
    let languages: BTreeSet<Language> =
        files.keys().filter_map(|path| Language::from_extension(path.extension())).collect();
    languages.into_iter().flat_map(|language| declared_errors(language, files)).collect()
}

/// Whether a file uses a name outside of what declares it.
fn uses(path: &RepoPath, text: &str, name: &str) -> bool {
    let Some(language) = Language::from_extension(path.extension()) else { return false };
    let declares = |item: &Item| item.name.split(", ").any(|own| own == name);
    let own: Vec<_> = all_items(language, text).into_iter().filter(declares).map(|item| item.whole).collect();
    syntax::has_name_outside(language, text, name, &own)
}

/// The names of errors that the code declares. Those of the language are refused with for many reasons.
pub(super) fn declared_errors(language: Language, code: &FileSet) -> BTreeSet<String> {
    let items = code.values().flat_map(|text| all_items(language, text));
    let names = items.filter(|item| item.kind != Kind::Function).map(|item| item.name);
    let is_error =
        |name: &str| name::snake(name).split('_').any(|word| matches!(word, "err" | "error" | "errors" | "exception"));
    // A group of declarations in Go is one item with all their names.
    let each = names.flat_map(|names| names.split(", ").map(str::to_owned).collect::<Vec<_>>());
    each.filter(|name| is_error(name)).collect()
}

/// Whether text between quotation marks is meant as it stands, not as the place of something else: `<message>`, `to r: t`.
fn stands_for_itself(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MOST_QUOTED && !text.contains(['<', '>', '{', '}', '`'])
}

/// The whole numbers of a text, `1_000` among them, with the places where they begin.
fn numbers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut at = 0;
    text.split_inclusive(move |letter| !part(letter)).filter_map(move |piece| {
        let start = at;
        at += piece.len();
        let word = piece.trim_end_matches(|letter| !part(letter));
        let is_number = word.starts_with(|letter: char| letter.is_ascii_digit())
            && word.chars().all(|letter| letter.is_ascii_digit() || letter == '_');
        is_number.then_some((start, word))
    })
}

/// The whole numbers of a text: `60` in `60usize`, `1000` in `1_000L`.
pub(super) fn literals(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let digits =
        words.map(|word| word.chars().filter(|letter| *letter != '_').take_while(char::is_ascii_digit).collect());
    digits.filter(|digits: &String| !digits.is_empty())
}

/// The whole numbers of a text, as far as they have 64 bits.
pub(super) fn values(text: &str) -> BTreeSet<u64> {
    literals(text).filter_map(|digits| digits.parse().ok()).collect()
}

/// Whether a number of a spec is one that the code has to have as it is: not a small one, a status of HTTP, which has a name, a
/// part of a name (RFC 9110, UTF-8), of a decimal, a time or a group (10 000), one with a unit (64 KiB), or a part of an example.
fn is_limit(description: &str, at: usize, number: &str) -> bool {
    let before = description.get(..at).unwrap_or_default();
    let after = description.get(at + number.len()..).unwrap_or_default();
    let named = before.trim_end().rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    let is_name = named.len() > 1 && named.chars().all(char::is_uppercase);
    let unit = after.trim_start().split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    let is_example = ['`', '"'].iter().any(|mark| !before.matches(*mark).count().is_multiple_of(2));
    let is_digit = |letter: char| letter.is_ascii_digit();
    let is_group = before.strip_suffix(' ').is_some_and(|before| before.ends_with(is_digit))
        || after.strip_prefix(' ').is_some_and(|after| after.starts_with(is_digit));
    let is_joined = is_example
        || is_group
        || before.ends_with(['-', '.', ',', '#', '+', ':', '/'])
        || after.starts_with(['-', '%', '_', ':', '/'])
        || after.strip_prefix(['.', ',']).is_some_and(|rest| rest.starts_with(is_digit));
    number.len() >= LEAST_DIGITS && !is_name && !is_joined && !is_status(number) && !UNITS.contains(&unit)
}

/// Whether a number is a status code of HTTP that says how a request went (IANA's registry of them).
fn is_status(number: &str) -> bool {
    number.parse::<u32>().is_ok_and(
        |code| matches!(code, 200..=208 | 226 | 300..=308 | 400..=418 | 421..=426 | 428 | 429 | 431 | 451 | 500..=511),
    )
}

/// The names of `module::name(…)` or `name(…).other(…)`; none for text that is no call.
fn names_of_call(text: &str) -> Vec<&str> {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut names, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => {
                let name = text.get(from..at).unwrap_or_default();
                if depth == 0 && name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
                    names.push(name);
                } else if depth == 0 {
                    return Vec::new();
                }
                depth += 1;
            }
            ')' if depth > 0 => {
                depth -= 1;
                from = at + 1;
            }
            ':' | '.' if depth == 0 => from = at + 1,
            _ if depth == 0 && !part(letter) => return Vec::new(),
            _ => {}
        }
    }
    if depth == 0 && text.ends_with(')') { names } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_are_looked_for_in_any_letters() {
        let description = "The tier is \"standard\" or \"gold\", a method has the header \"Allow: GET,\nPOST\". An email without \
                           \"@\" is refused with {\"error\": \"<message>\"}.";
        let path = RepoPath::parse("a.go").unwrap();
        let with = |text: &str| FileSet::from([(path.clone(), text.to_owned())]);
        assert_eq!(left_out(description, &with("@a")), ["standard", "gold", "Allow: GET,\nPOST", "@", "error"]);
        let whole = "TierGold, Tier::Standard, header(ALLOW, http.MethodGet, method_post), errors, '@'";
        assert_eq!(left_out(description, &with(whole)), Vec::<&str>::new());
        assert_eq!(left_out(description, &with(&whole.replace("Gold", "Golden"))), ["gold"]);
    }

    #[test]
    fn limits_are_looked_for_and_other_numbers_are_not() {
        let description = "A name of 3 to 60 characters, at most 1000000 of them and 100 a page. Refused with 422 and 413 beyond \
                           64 KiB, 99.5 % of the time, after 30 seconds, as RFC 9110, UTF-16 and item #12 say. \
                           By 09:30, of 10 000, `add(2, 40)` gives 7.";
        let path = RepoPath::parse("a.rs").unwrap();
        let with = |text: &str| FileSet::from([(path.clone(), text.to_owned())]);
        assert_eq!(left_out(description, &with("add x60 = 1_00")), ["60", "1000000"]);
        assert_eq!(left_out(description, &with("add 60usize 1_000_000L 100")), Vec::<&str>::new());
        let said = "// At most 60, or 1000000.\nfn add() { refuse(\"at most 60\"); page(100) }";
        assert_eq!(left_out(description, &with(said)), ["60", "1000000"], "nothing is compared with them");
    }

    #[test]
    fn calls_are_looked_for_and_other_words_are_not() {
        let description = "`create_notifier(config)` builds `email`. `sent()` gives lines `to r: t (all)`, `sent()` again. \
                           `NotifierConfig::new(kind)`, `shop.total()`, `Till().add(Money(1))` and `f(`.";
        let path = RepoPath::parse("a.py").unwrap();
        let with = |text: &str| FileSet::from([(path.clone(), text.to_owned())]);
        assert_eq!(
            left_out(description, &with("")),
            ["create_notifier(config)", "sent()", "NotifierConfig::new(kind)", "shop.total()", "Till().add(Money(1))"]
        );
        let whole = "def create_notifier(c): ...\ndef sent(self): ...\nfn new()\ntotal\nTill add\n";
        assert_eq!(left_out(description, &with(whole)), Vec::<&str>::new());
        assert_eq!(left_out(description, &with(&whole.replace("sent", "was_sent"))), ["sent()"]);
    }

    #[test]
    fn errors_that_are_declared_and_never_used_are_left_out() {
        let description =
            "The errors are OrderPaidError and OrderGoneError. All derive from OrderError, none is a ValueError.";
        let python = "class OrderError(Exception):\n    pass\n\n\nclass OrderPaidError(OrderError):\n    \"\"\"OrderPaidError.\"\"\"\n\n\n\
                      class OrderGoneError(OrderError):\n    pass\n\n\ndef get():\n    \"\"\"Raises OrderPaidError.\"\"\"\n    raise OrderGoneError\n";
        let with = |path: &str, text: &str| FileSet::from([(RepoPath::parse(path).unwrap(), text.to_owned())]);
        assert_eq!(left_out(description, &with("a.py", python)), ["OrderPaidError"]);
        assert!(is_error_of("OrderPaidError", &with("a.py", python)) && !is_error_of("60", &with("a.py", python)));
        let raised = python.replace("raise OrderGoneError", "raise OrderPaidError if paid else OrderGoneError");
        assert_eq!(left_out(description, &with("a.py", &raised)), Vec::<&str>::new());
        let go = "package a\n\nvar (\n\tErrPaid = errors.New(\"paid\")\n\tErrGone = errors.New(\"gone\")\n)\n\nfunc Get() error {\n\treturn ErrGone\n}\n";
        assert_eq!(left_out("Refused with `ErrPaid` or `ErrGone`.", &with("a.go", go)), ["ErrPaid"]);
        let java = "class PaidException extends Exception {\n    PaidException() {}\n}\n";
        assert_eq!(left_out("Refused with PaidException.", &with("A.java", java)), ["PaidException"]);
    }

    #[test]
    fn the_errors_of_the_code_are_its_declarations_that_say_so() {
        for (language, text, expected) in [
            (
                Language::Go,
                "package a\n\nvar (\n\tErrTaken = errors.New(\"taken\")\n\tErrBlank = errors.New(\"blank\")\n\tlimit = 3\n)\n\nfunc deferred() {}\n",
                vec!["ErrBlank", "ErrTaken"],
            ),
            (
                Language::Python,
                "class TallyError(Exception):\n    pass\n\n\ndef error_of() -> None:\n    pass\n\n\nPREFERRED = 1\n",
                vec!["TallyError"],
            ),
            (Language::Java, "class A {}\nclass BlankException extends Exception {}\n", vec!["BlankException"]),
        ] {
            let code = FileSet::from([(RepoPath::parse("a").unwrap(), text.to_owned())]);
            assert_eq!(declared_errors(language, &code).into_iter().collect::<Vec<_>>(), expected, "{language}");
        }
    }
}
