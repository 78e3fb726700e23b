//! Comments of an answer that speak of the example instead of what the answer is about.
//!
//! Compilers say nothing of them, and reviewers all the more: `a customer without @`, where only the users of the example have an email.
//! The interface that the tests are written from shows the comments of the code, so what is wrong in them becomes a wrong test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::language::Language;
use crate::language::outline::all_items;
use crate::language::syntax::{names, with_comments, with_name};
use crate::language::test_cases::Category;
use crate::name::{camel, renamed, snake};
use crate::text::has_word;

/// A comment of one line and the field below it, in the languages that write fields so: `/// The id.` above `pub id: u64,`.
static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^(?P<indent>[ \t]+)(?P<open>/// |/\*\* )(?P<said>[^\n]*?)(?P<close>(?: \*/)?)\n(?P<field>[ \t]+(?:(?:pub(?:\(\w+\))?|readonly|private|public|protected|static|final) )*(?P<name>\w+)\??: )",
    )
    .ok()
});

/// What is said of the fields of a text, and the names of those that it is said of.
pub fn said_of_fields(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in FIELD.iter().flat_map(|field| field.captures_iter(text)) {
        said.entry(found["said"].to_owned()).or_default().insert(snake(&found["name"]));
    }
    said
}

/// The text with what an example says of one field, and the text of another, replaced by the name of that. None where there is no such comment.
pub fn with_own_fields(text: &str, example: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let replaced = FIELD.as_ref()?.replace_all(text, |found: &Captures<'_>| {
        let name = snake(&found["name"]);
        if example.get(&found["said"]).is_none_or(|names| names.contains(&name)) {
            return found[0].to_owned();
        }
        format!("{}{}The {}.{}\n{}", &found["indent"], &found["open"], spaced(&name), &found["close"], &found["field"])
    });
    (replaced != text).then(|| replaced.into_owned())
}

/// The text with its comments speaking of its own thing where they speak of that of the example. None where there is nothing to change, or the spec
/// speaks of the example's thing itself.
pub fn with_own_name(language: Language, text: &str, [example, own]: [&str; 2], spec: &str) -> Option<String> {
    let (wrong, right) = (snake(example), snake(own));
    if wrong.is_empty() || wrong == right || spec.to_lowercase().contains(&example.to_lowercase()) {
        return None;
    }
    let changed =
        with_comments(language, text, |comment| with_articles(&renamed(comment, &wrong, &right, spaced), &right));
    (changed != text).then_some(changed)
}

/// The text of tests with variables called after their own thing where they are called after that of the example. None where that is unclear.
pub fn with_own_variables(language: Language, text: &str, [example, own]: [&str; 2], spec: &str) -> Option<String> {
    let known = names(language, text);
    if spec.to_lowercase().contains(&example.to_lowercase()) {
        return None;
    }
    let lower = if language == Language::Python || language == Language::Rust { snake } else { camel };
    let (wrong, right) = (lower(example), lower(own));
    let others = all_items(language, text).into_iter().filter_map(|item| text.get(item.whole));
    let is_clear = |item: &str| !has_word(item, &wrong) || !has_word(item, &right);
    let is_meant = known.contains(&wrong) && wrong != right && others.into_iter().all(is_clear);
    is_meant.then(|| with_name(language, text, &wrong, &right))
}

fn spaced(name: &str) -> String {
    snake(name).replace('_', " ")
}

/// The comment with the article that its own thing needs: `an order`, `a note`.
fn with_articles(comment: &str, own: &str) -> String {
    // How a name that begins with `u` sounds is not in its letters.
    let Some(first) = own.chars().next().filter(|first| *first != 'u' && *first != 'h') else {
        return comment.to_owned();
    };
    let is_vowel = "aeio".contains(first);
    let (wrong, right) = if is_vowel { ("a", "an") } else { ("an", "a") };
    let own = regex::escape(&own.replace('_', ""));
    let Ok(pattern) = Regex::new(&format!(
        r"\b(?P<article>(?i:{wrong}))(?P<between> [`\[*]{{0,2}}(?:\{{@link )?)(?P<name>(?i:{own}))"
    )) else {
        return comment.to_owned();
    };
    let replaced = pattern.replace_all(comment, |found: &Captures<'_>| {
        let is_capital = found["article"].starts_with(char::is_uppercase);
        let article = if is_capital { format!("A{}", right.get(1..).unwrap_or_default()) } else { right.to_owned() };
        format!("{article}{}{}", &found["between"], &found["name"])
    });
    replaced.into_owned()
}

/// The text with comments of tests that go on about signs of the example ended before that: `error: … change nothing: a customer without @`. None
/// where there are none.
pub fn without_foreign_signs(language: Language, text: &str, spec: &str) -> Option<String> {
    let mark = match language {
        Language::Python => "#",
        Language::Rust | Language::Go | Language::TypeScript | Language::Java => "//",
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let said = |line: &str| line.trim_start().strip_prefix(mark).map(|said| said.trim().to_owned());
    let is_tag = |line: &str| said(line).is_some_and(|said| Category::of(&said).is_some());
    let (mut out, mut at, mut is_changed) = (String::with_capacity(text.len()), 0, false);
    while let Some(line) = lines.get(at) {
        if !is_tag(line) {
            out.push_str(line);
            at += 1;
            continue;
        }
        let rest = lines.get(at + 1..).unwrap_or_default();
        let more = rest.iter().take_while(|next| said(next).is_some() && !is_tag(next)).count();
        let block = lines.get(at..=at + more).unwrap_or_default();
        let whole = block.iter().filter_map(|line| said(line)).collect::<Vec<_>>().join(" ");
        match ended_before_signs(&whole, spec) {
            Some(short) => {
                let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
                out.push_str(&format!("{indent}{mark} {short}\n"));
                is_changed = true;
            }
            None => block.iter().for_each(|line| out.push_str(line)),
        }
        at += 1 + more;
    }
    is_changed.then_some(out)
}

/// What a tag says without the list behind its last colon, where that has a sign that the spec does not have.
fn ended_before_signs(said: &str, spec: &str) -> Option<String> {
    let is_sign = |word: &str| {
        let bare = word.trim_matches(['`', '"', '\'', ',', '.', ';', ':', '(', ')']);
        let mut letters = bare.chars();
        letters.next().is_some_and(|sign| "@#%&$€*+/".contains(sign))
            && letters.next().is_none()
            && !spec.contains(bare)
    };
    let (_, claim) = said.split_once(':')?;
    let (before, list) = claim.split_once(": ")?;
    let tag = said.get(..said.len() - claim.len())?;
    list.split_whitespace().any(is_sign).then(|| format!("{tag}{before}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_example_says_of_another_field_is_not_said_of_this_one() {
        let example = said_of_fields(
            "pub struct User {\n    /// Identifies the user.\n    pub id: u64,\n    /// Contains an `@`.\n    pub email: String,\n}\n",
        );
        let text = "pub struct Order {\n    /// Identifies the user.\n    pub id: u64,\n    /// Contains an `@`.\n    pub customer: String,\n    /// In cents.\n    pub total_cents: u64,\n}\n";
        let own = text.replace("Contains an `@`.", "The customer.");
        assert_eq!(with_own_fields(text, &example), Some(own.clone()));
        assert_eq!(with_own_fields(&own, &example), None);
        let example = said_of_fields("interface User {\n  /** Contains an `@`. */\n  readonly email: string;\n}\n");
        let text = "interface Order {\n  /** Contains an `@`. */\n  readonly totalCents?: number;\n}\n";
        let own = text.replace("Contains an `@`.", "The total cents.");
        assert_eq!(with_own_fields(text, &example), Some(own));
    }

    #[test]
    fn comments_speak_of_their_own_thing() {
        let own = |language, text: &str| with_own_name(language, text, ["User", "Order"], "Stores orders.");
        assert_eq!(
            own(
                Language::Rust,
                "/// A [`OrderRepository`] of users; a user is a order.\nfn a() {\n    // the first user stays, and a total\n    let user = \"a user\";\n}\n"
            )
            .as_deref(),
            Some(
                "/// An [`OrderRepository`] of orders; an order is an order.\nfn a() {\n    // the first order stays, and a total\n    let user = \"a user\";\n}\n"
            )
        );
        assert_eq!(
            own(Language::Python, "class A:\n    \"\"\"A OrderRepository for users.\"\"\"\n").as_deref(),
            Some("class A:\n    \"\"\"An OrderRepository for orders.\"\"\"\n")
        );
        assert_eq!(
            own(Language::TypeScript, "/** A {@link Order}. */\n").as_deref(),
            Some("/** An {@link Order}. */\n")
        );
        assert_eq!(own(Language::Go, "// A data order.\nfunc user() {}\n"), None);
        assert_eq!(with_own_name(Language::Go, "// A user.\n", ["User", "Order"], "Orders of a user."), None);
        assert_eq!(
            with_own_name(Language::Go, "// An user, an Note.\n", ["User", "Note"], "Notes.").as_deref(),
            Some("// A note, a Note.\n")
        );
        let category = with_own_name(Language::Go, "// All users.\n", ["User", "Category"], "Stores categories.");
        assert_eq!(category.as_deref(), Some("// All categories.\n"));
    }

    #[test]
    fn variables_of_tests_are_called_after_their_own_thing() {
        let own = |text: &str| with_own_variables(Language::TypeScript, text, ["User", "Order"], "Stores orders.");
        let text = "const cases: { user: Order }[] = [{ user: makeOrder(1) }];\nfor (const { user } of cases) {\n  create(user, \"user\");\n}\n";
        let right = text.replace("user", "order").replace("\"order\"", "\"user\"");
        assert_eq!(own(text), Some(right));
        assert_eq!(own("function a(order: Order) {\n  const user = order;\n  return user;\n}\n"), None);
        assert_eq!(own("const userName = 1;\n"), None);
    }

    #[test]
    fn a_list_with_signs_of_the_example_goes() {
        let text = "// error: create refuses an invalid field and changes nothing: a customer without\n// @, a blank name.\ntest(\"a\", () => {});\n\n// error: a value is refused: blank, or 3.\ntest(\"b\", () => {});\n";
        let short = "// error: create refuses an invalid field and changes nothing.\ntest(\"a\", () => {});\n\n// error: a value is refused: blank, or 3.\ntest(\"b\", () => {});\n";
        assert_eq!(without_foreign_signs(Language::TypeScript, text, "Orders.").as_deref(), Some(short));
        assert_eq!(without_foreign_signs(Language::TypeScript, text, "An email has an \"@\"."), None);
        let text =
            "class T:\n    # error: a field is refused: an email without \"@\".\n    def test_a(self):\n        pass\n";
        let short = text.replace(": an email without \"@\".", ".");
        assert_eq!(without_foreign_signs(Language::Python, text, "Orders."), Some(short));
    }
}
