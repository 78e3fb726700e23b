//! Counterparts: what an example has in the place of an item of an answer, and its tests of a kind that is missing there.
//!
//! A small model learns most from examples, and a question about one item is a conversation of its own, without them. The one
//! item of an example that does the same is short enough to be shown there.

use std::collections::BTreeSet;

use crate::language::Language;
use crate::language::outline::{Item, Kind, all_items, outline};
use crate::language::splice::lifted;
use crate::language::test_cases::{self, Category};
use crate::name;
use crate::port::Role;
use crate::prompt::estimate_tokens;
use crate::relevance::relevance;
use crate::text::has_word;

/// Least share of the words of two tests' names that both have, in per cent.
const LEAST_ALIKE: usize = 50;
/// Words that tell nothing of what a test is about.
const FILLERS: [&str; 12] = ["test", "the", "a", "an", "is", "are", "of", "it", "and", "returns", "with", "when"];
/// Most tests that show a kind of case.
const MOST_TESTS: usize = 2;
/// Most tokens of what is shown: a question about one item is short.
const MOST_TOKENS: u64 = 400;

/// How a test of an example begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Heading {
    /// Its name.
    pub(super) name: String,
    /// The line of comment above it.
    pub(super) comment: String,
}

impl Heading {
    /// Whether a text has come to this test.
    pub(super) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.comment) || has_word(text, &self.name)
    }
}

/// The item of an example's text that does for `theirs` what `item`, which reads `own_text`, does for `ours`: the one whose name has
/// the same words, with the names of the specs (`ours`, `theirs`) left out. Of tests, which are called as their author likes, the one
/// whose name is most alike, else of those with a word in common the one that reads most alike.
pub(super) fn counterpart(
    language: Language,
    (item, own_text, ours): (&Item, &str, &str),
    (text, theirs): (&str, &str),
    role: Role,
) -> Option<String> {
    if item.kind != Kind::Function {
        return None;
    }
    let own = words_beside(&item.name, ours);
    let least = if role == Role::Tests { LEAST_ALIKE } else { 100 };
    let others = all_items(language, text).into_iter().filter(|other| other.kind == item.kind);
    let alike: Vec<(usize, Item)> =
        others.map(|other| (likeness(&own, &words_beside(&other.name, theirs)), other)).collect();
    // Of a declaration and its body, the one that shows how it is done.
    let named = alike
        .iter()
        .filter(|(likeness, _)| *likeness >= least)
        .max_by(|(one, first), (other, second)| one.cmp(other).then(first.whole.len().cmp(&second.whole.len())));
    let found = named.map(|(_, other)| other).or_else(|| {
        let near: Vec<&Item> =
            alike.iter().filter(|(likeness, _)| role == Role::Tests && *likeness > 0).map(|(_, other)| other).collect();
        let texts: Vec<&str> = near.iter().map(|other| text.get(other.whole.clone()).unwrap_or_default()).collect();
        let scored = relevance(own_text, &texts).into_iter().zip(near);
        scored.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, other)| other)
    });
    found.map(|other| lifted(text, &other.whole)).filter(|found| estimate_tokens(found) <= MOST_TOKENS)
}

/// The shortest tests of a text that show a kind of case, as they follow each other there.
pub(super) fn tests_of(language: Language, text: &str, category: Category) -> Option<String> {
    let cases = test_cases::find(language, text).into_iter().filter(|case| case.categories.contains(&category));
    let names: BTreeSet<String> = cases.map(|case| case.name).collect();
    let mut tests: Vec<Item> =
        all_items(language, text).into_iter().filter(|item| names.contains(&item.name)).collect();
    tests.sort_by_key(|item| item.whole.len());
    tests.truncate(MOST_TESTS);
    let tokens = |item: &Item| estimate_tokens(text.get(item.whole.clone()).unwrap_or_default());
    tests.retain(|item| tokens(item) <= MOST_TOKENS);
    tests.sort_by_key(|item| item.whole.start);
    let shown = tests.iter().map(|item| lifted(text, &item.whole)).collect::<Vec<_>>().join("\n\n");
    (!shown.is_empty()).then_some(shown)
}

/// The tests of a text that stand for themselves, in no class, each by its name and the line of comment above it; without those that have none.
pub(super) fn headings(language: Language, text: &str) -> Vec<Heading> {
    let names: BTreeSet<String> = test_cases::find(language, text).into_iter().map(|case| case.name).collect();
    let tests = outline(language, text).into_iter().filter(|item| names.contains(&item.name));
    let mark = if language == Language::Python { "# " } else { "// " };
    let heading = |item: Item| {
        let comment = text.get(item.whole)?.lines().next().filter(|line| line.starts_with(mark))?.to_owned();
        Some(Heading { name: item.name, comment })
    };
    tests.filter_map(heading).collect()
}

/// The words of a name that tell something, without those of a spec's name in singular and plural.
fn words_beside(name: &str, spec: &str) -> BTreeSet<String> {
    let (name, spec) = (name::snake(name), name::snake(spec));
    let is_plural = |word: &str, own: &str| {
        word.strip_suffix('s') == Some(own)
            || word.strip_suffix("ies").is_some_and(|stem| own.strip_suffix('y') == Some(stem))
    };
    let is_of_spec = |word: &str| spec.split('_').any(|own| word == own || is_plural(word, own));
    let tells = |word: &&str| !word.is_empty() && !FILLERS.contains(word) && !is_of_spec(word);
    name.split('_').filter(tells).map(str::to_owned).collect()
}

/// The share of all words that both have, in per cent.
fn likeness(one: &BTreeSet<String>, other: &BTreeSet<String>) -> usize {
    let all = one.union(other).count();
    (one.intersection(other).count() * 100).checked_div(all).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "trait R {\n    fn create(&mut self, product: Product);\n}\n\nimpl R for M {\n    fn create(&mut self, product: Product) {\n        self.products.insert(product.id, product);\n    }\n}\n";
    const TESTS: &str = "#[test]\nfn create_then_get_returns_the_product() {\n    assert!(true);\n}\n\n// error: nothing stays.\n#[test]\nfn transaction_rolls_back_on_error() {\n    assert!(true);\n}\n";

    fn item(text: &str) -> Item {
        all_items(Language::Rust, text).into_iter().find(|item| item.kind == Kind::Function).unwrap()
    }

    fn found(item: &Item, text: &str, role: Role) -> Option<String> {
        counterpart(Language::Rust, (item, &item.name, "Supplier"), (text, "Product"), role)
    }

    #[test]
    fn the_counterpart_of_a_function_has_its_name_and_a_body() {
        let own = item("fn create(supplier: Supplier) {}\n");
        let shown = found(&own, CODE, Role::Code).unwrap();
        assert!(shown.contains("self.products.insert"), "{shown}");
        let other = item("fn created(supplier: Supplier) {}\n");
        assert_eq!(found(&other, CODE, Role::Code), None);
    }

    #[test]
    fn tests_are_headed_by_the_comment_above_them() {
        let heading = |name: &str, comment: &str| Heading { name: name.to_owned(), comment: comment.to_owned() };
        let found = headings(Language::Rust, TESTS);
        assert_eq!(found, [heading("transaction_rolls_back_on_error", "// error: nothing stays.")]);
        let python = "def helper():\n    pass\n\n\n# error: it is refused.\n@pytest.mark.parametrize(\"a\", [1])\ndef test_it(a):\n    assert a\n";
        assert_eq!(headings(Language::Python, python), [heading("test_it", "# error: it is refused.")]);
        let typescript = "// edge case: none.\ntest(\"a list is empty\", () => {\n  assert.equal(1, 1);\n});\n";
        assert_eq!(headings(Language::TypeScript, typescript), [heading("a list is empty", "// edge case: none.")]);
        let in_a_class =
            "class T {\n    // error: nothing.\n    @Test\n    void a() {\n        assertEquals(1, f());\n    }\n}\n";
        assert_eq!(headings(Language::Java, in_a_class), [], "what follows would have to stand in the class");
        let come_to = heading("test_create", "# error: it is refused.");
        assert!(come_to.is_in("def test_create():") && come_to.is_in("# error: it is refused.\n"));
        assert!(!come_to.is_in("def test_create_then_get():"));
    }

    #[test]
    fn the_counterpart_of_a_test_has_a_name_that_is_alike() {
        let own = item("fn create_then_get_gives_a_supplier() {}\n");
        let shown = found(&own, TESTS, Role::Tests).unwrap();
        assert!(shown.contains("fn create_then_get"), "{shown}");
        let own = item("fn transaction_is_rolled_back_on_error() {}\n");
        let shown = found(&own, TESTS, Role::Tests).unwrap();
        assert!(shown.contains("// error: nothing stays."), "{shown}");
        let own = item("fn names_are_sorted() {}\n");
        assert_eq!(found(&own, TESTS, Role::Tests), None);
        let own = item("fn changes_of_a_transaction_stay_at_the_end() {}\n");
        let shown = found(&own, TESTS, Role::Tests).unwrap();
        assert!(shown.contains("fn transaction_rolls_back_on_error"), "{shown}");
    }
}
