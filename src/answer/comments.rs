//! Comments of an answer that speak of the example instead of what the answer is about.
//!
//! Compilers say nothing of them, and reviewers all the more: `a customer without @`, where only the users of the example have an email.
//! The interface that the tests are written from shows the comments of the code, so what is wrong in them becomes a wrong test. What the example
//! does not say in the same words is left alone: it may be meant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::language::Language;
use crate::language::syntax::with_comments;
use crate::language::test_cases::Category;
use crate::name::{renamed, snake};

/// What the comments of an example say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sayings {
    /// Every line of them, as it stands.
    lines: BTreeSet<String>,
    /// What is said of single fields, and their names.
    fields: BTreeMap<String, BTreeSet<String>>,
    /// The signs in its description: an `@`, a `%`.
    signs: BTreeSet<char>,
}

impl Sayings {
    /// Reads the files of an example and its description.
    pub fn read<'t>(files: impl IntoIterator<Item = &'t str>, description: &str) -> Self {
        let mut read =
            Self { signs: description.chars().filter(|letter| SIGNS.contains(*letter)).collect(), ..Self::default() };
        for text in files {
            for found in FIELD.iter().flat_map(|field| field.captures_iter(text)) {
                read.fields.entry(found["said"].to_owned()).or_default().insert(snake(&found["name"]));
            }
            read.lines.extend(text.lines().filter_map(said_in).map(str::to_owned));
        }
        read
    }
}

/// Signs that stand for themselves.
const SIGNS: &str = "@#%&$€";
/// A comment of one line and the field below it, in the languages that write fields so: `/// The id.` above `pub id: u64,`.
static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^(?P<indent>[ \t]+)(?P<open>/// |/\*\* )(?P<said>[^\n]*?)(?P<close>(?: \*/)?)\n(?P<field>[ \t]+(?:(?:pub(?:\(\w+\))?|readonly|private|public|protected|static) )*(?P<name>\w+)\??: )",
    )
    .ok()
});

/// The text with what an example says of one field, and the text of another, replaced by the name of that. A field that both have is known to the
/// writer. None where there is no such comment.
pub fn with_own_fields(text: &str, example: &Sayings) -> Option<String> {
    let field = FIELD.as_ref()?;
    let own: BTreeSet<String> = field.captures_iter(text).map(|found| snake(&found["name"])).collect();
    let replaced = field.replace_all(text, |found: &Captures<'_>| {
        let name = snake(&found["name"]);
        if example.fields.get(&found["said"]).is_none_or(|names| !names.is_disjoint(&own)) {
            return found[0].to_owned();
        }
        format!("{}{}The {}.{}\n{}", &found["indent"], &found["open"], spaced(&name), &found["close"], &found["field"])
    });
    (replaced != text).then(|| replaced.into_owned())
}

/// The text with its comments speaking of its own thing where they say of that of the example what the example says, and with the article that its
/// own thing needs. None where there is nothing to change.
pub fn with_own_name(
    language: Language,
    text: &str,
    [example, own]: [&str; 2],
    spec: &str,
    sayings: &Sayings,
) -> Option<String> {
    let is_spoken_of = example.is_empty() || spec.to_lowercase().contains(&example.to_lowercase());
    let said_of_own = |line: &str| {
        let is_copied = said_in(line).is_some_and(|said| sayings.lines.contains(said));
        let line = if is_copied && !is_spoken_of { renamed(line, example, own, spaced) } else { line.to_owned() };
        with_articles(&line, own)
    };
    let changed =
        with_comments(language, text, |comment| comment.split_inclusive('\n').map(said_of_own).collect::<String>());
    (changed != text).then_some(changed)
}

/// What a line says that has nothing but a comment on it.
fn said_in(line: &str) -> Option<&str> {
    let marks = ["///", "//!", "//", "#", "/**", "\"\"\"", "*"];
    let line = line.trim();
    let said = marks.iter().find_map(|mark| line.strip_prefix(mark))?;
    let said = said.trim_end_matches("*/").trim_end_matches("\"\"\"").trim();
    (said.len() > 2).then_some(said)
}

fn spaced(name: &str) -> String {
    snake(name).replace('_', " ")
}

/// The line with the article that its own thing needs: `an order`, `a note`.
fn with_articles(line: &str, own: &str) -> String {
    let words: Vec<String> = snake(own).split('_').map(regex::escape).collect();
    let mut letters = words.iter().flat_map(|word| word.chars());
    let (Some(first), Some(second)) = (letters.next(), letters.next()) else { return line.to_owned() };
    // How `user`, `hour` and `LRU` sound is not in their letters.
    let is_unclear = "uh".contains(first) || "flmnrsx".contains(first) && !"aeiou".contains(second);
    if is_unclear || !first.is_ascii_lowercase() {
        return line.to_owned();
    }
    let (wrong, right) = if "aeio".contains(first) { ("a", "an") } else { ("an", "a") };
    let Ok(pattern) = Regex::new(&format!(
        r"\b(?P<article>(?i:{wrong}))(?P<between> [`\[*]{{0,2}}(?:\{{@link )?)(?P<name>(?i:{}))(?P<after>[A-Z\W]|s\b|$)",
        words.join("[ _-]?")
    )) else {
        return line.to_owned();
    };
    let replaced = pattern.replace_all(line, |found: &Captures<'_>| {
        let is_capital = found["article"].starts_with(char::is_uppercase);
        let article = if is_capital { format!("A{}", right.get(1..).unwrap_or_default()) } else { right.to_owned() };
        format!("{article}{}{}{}", &found["between"], &found["name"], &found["after"])
    });
    replaced.into_owned()
}

/// The text with comments of tests that go on about signs of the example ended before that: `error: … change nothing: a customer without @`. None
/// where there are none.
pub fn without_foreign_signs(language: Language, text: &str, spec: &str, example: &Sayings) -> Option<String> {
    let foreign: BTreeSet<char> = example.signs.iter().copied().filter(|sign| !spec.contains(*sign)).collect();
    if foreign.is_empty() {
        return None;
    }
    let mark = match language {
        Language::Python => "#",
        Language::Rust | Language::Go | Language::TypeScript | Language::Java => "//",
    };
    let said = |line: &str| {
        let said = line.trim_start().strip_prefix(mark).filter(|said| said.starts_with(' '))?.trim().to_owned();
        // What speaks to a tool is no part of it.
        (!["noqa", "type:", "eslint", "ts-", "@ts", "nolint", "prettier"].iter().any(|tool| said.starts_with(tool)))
            .then_some(said)
    };
    let is_tag = |line: &str| said(line).is_some_and(|said| Category::of(&said).is_some());
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at + 1..).unwrap_or_default();
        let is_of_it = |next: &&&str| is_tag(line) && said(next).is_some() && !is_tag(next);
        let block = lines.get(at..=at + rest.iter().take_while(is_of_it).count()).unwrap_or_default();
        let whole = block.iter().filter_map(|line| said(line)).collect::<Vec<_>>().join(" ");
        match ended_before(&whole, &foreign).filter(|_| is_tag(line)) {
            Some(short) => {
                let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
                out.push_str(&[indent, mark, " ", &short, "\n"].concat());
            }
            None => block.iter().for_each(|line| out.push_str(line)),
        }
        at += block.len();
    }
    (out != text).then_some(out)
}

/// What a tag says without the list behind its last colon, where one of these signs stands alone in that.
fn ended_before(said: &str, foreign: &BTreeSet<char>) -> Option<String> {
    let is_sign = |word: &str| {
        let mut letters = word.trim_matches(['`', '"', '\'', ',', '.', ';', ':', '(', ')']).chars();
        letters.next().is_some_and(|sign| foreign.contains(&sign)) && letters.next().is_none()
    };
    let (_, claim) = said.split_once(':')?;
    let (before, list) = claim.split_once(": ")?;
    let tag = said.get(..said.len() - claim.len())?;
    list.split_whitespace().any(is_sign).then(|| format!("{tag}{before}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sayings(text: &str) -> Sayings {
        Sayings::read([text], "An email has an \"@\".")
    }

    #[test]
    fn what_an_example_says_of_another_field_is_not_said_of_this_one() {
        let example = sayings(
            "pub struct User {\n    /// Identifies the user.\n    pub id: u64,\n    /// Contains an `@`.\n    pub email: String,\n    /// In cents.\n    pub sum: u64,\n}\n",
        );
        let text = "pub struct Order {\n    /// Identifies the user.\n    pub id: u64,\n    /// Contains an `@`.\n    pub customer: String,\n    /// In euros.\n    pub total_cents: u64,\n}\n";
        let own = text.replace("Contains an `@`.", "The customer.");
        assert_eq!(with_own_fields(text, &example), Some(own.clone()));
        assert_eq!(with_own_fields(&own, &example), None);
        let example = sayings("interface User {\n  /** Contains an `@`. */\n  readonly email: string;\n}\n");
        let text = "interface Order {\n  /** Contains an `@`. */\n  readonly totalCents?: number;\n}\n";
        let own = text.replace("Contains an `@`.", "The total cents.");
        assert_eq!(with_own_fields(text, &example), Some(own));
    }

    #[test]
    fn comments_that_are_copied_speak_of_their_own_thing() {
        let example = sayings(
            "/// A repository of users.\n// error: a taken id is refused, and the first user stays.\nfn a() {}\n",
        );
        let own = |text: &str| with_own_name(Language::Rust, text, ["User", "Order"], "Stores orders.", &example);
        let text = "/// A repository of users.\n// error: a taken id is refused, and the first user stays.\n// Shown to no user.\nfn a() { let user = \"the first user stays\"; }\n";
        let right = text.replace("of users", "of orders").replace("first user stays.\n", "first order stays.\n");
        assert_eq!(own(text), Some(right));
        assert_eq!(with_own_name(Language::Rust, text, ["User", "Order"], "Orders of a user.", &example), None);
    }

    #[test]
    fn its_own_thing_has_its_article() {
        let none = Sayings::default();
        for (language, own, text, right) in [
            (
                Language::Rust,
                "Order",
                "/// A [`OrderRepository`]: a order.\n",
                "/// An [`OrderRepository`]: an order.\n",
            ),
            (
                Language::Python,
                "Order",
                "class A:\n    \"\"\"A OrderRepository.\"\"\"\n",
                "class A:\n    \"\"\"An OrderRepository.\"\"\"\n",
            ),
            (Language::TypeScript, "Order", "/** A {@link Order}. */\n", "/** An {@link Order}. */\n"),
            (
                Language::Go,
                "OrderLine",
                "// a order line, a OrderLine, a total.\n",
                "// an order line, an OrderLine, a total.\n",
            ),
            (
                Language::Go,
                "Note",
                "// An note, an Notes list, an Notebook.\n",
                "// A note, a Notes list, an Notebook.\n",
            ),
        ] {
            assert_eq!(with_own_name(language, text, ["", own], "", &none).as_deref(), Some(right));
        }
        for (own, text) in
            [("User", "// An user.\n"), ("Order", "// A data order, a orderly.\n"), ("Lru", "// an LruCache\n")]
        {
            assert_eq!(with_own_name(Language::Go, text, ["", own], "", &none), None);
        }
    }

    #[test]
    fn a_list_with_signs_of_the_example_goes() {
        let example = sayings("");
        let text = "// error: create refuses an invalid field and changes nothing: a customer without\n// @, a blank name.\n// eslint-disable-next-line\ntest(\"a\", () => {});\n\n// error: a value is refused: blank, or over 3 %.\ntest(\"b\", () => {});\n";
        let short = "// error: create refuses an invalid field and changes nothing.\n// eslint-disable-next-line\ntest(\"a\", () => {});\n\n// error: a value is refused: blank, or over 3 %.\ntest(\"b\", () => {});\n";
        assert_eq!(without_foreign_signs(Language::TypeScript, text, "Orders.", &example).as_deref(), Some(short));
        assert_eq!(without_foreign_signs(Language::TypeScript, text, "A login has an \"@\".", &example), None);
        let text =
            "class T:\n    # error: a field is refused: an email without \"@\".\n    def test_a(self):\n        pass\n";
        let short = text.replace(": an email without \"@\".", ".");
        assert_eq!(without_foreign_signs(Language::Python, text, "Orders.", &example), Some(short));
    }
}
