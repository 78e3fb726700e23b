//! Variables of tests that are called after the thing of the example: `const user = makeOrder(1)`.

use crate::language::Language;
use crate::language::outline::{Item, all_items};
use crate::language::syntax::{has_argument, with_name};
use crate::name::{camel, plural, snake};
use crate::text::has_word;

/// Names that a language has for itself.
const KEYWORDS: [&str; 22] = [
    "case",
    "package",
    "class",
    "type",
    "func",
    "default",
    "import",
    "match",
    "move",
    "ref",
    "use",
    "mod",
    "range",
    "map",
    "select",
    "interface",
    "enum",
    "fn",
    "new",
    "switch",
    "static",
    "struct",
];

/// The text of tests with the variables that are called after the example's thing called after their own. None where there are none, the spec speaks
/// of that thing itself, or it is not clear that nothing else is meant.
pub fn with_own_variables(language: Language, text: &str, names: [&str; 2], spec: &str) -> Option<String> {
    if spec.to_lowercase().contains(&names[0].to_lowercase()) {
        return None;
    }
    let lower = if matches!(language, Language::Python | Language::Rust) { snake } else { camel };
    let [wrong, right] = names.map(lower);
    let mut changed = text.to_owned();
    for (wrong, right) in [(plural(&wrong), plural(&right)), (wrong, right)] {
        let items = all_items(language, &changed);
        let holds = |item: &Item| {
            items.iter().any(|other| item.whole.contains(&other.whole.start) && item.whole != other.whole)
        };
        // A class has the names of all its methods.
        let is_other = items.iter().filter(|item| !holds(item)).any(|item| {
            let own = changed.get(item.whole.clone()).unwrap_or_default();
            item.name == right || item.name == wrong || has_word(own, &wrong) && has_word(own, &right)
        });
        // What stands in a template is no name for the grammar, and what an argument is called is up to the code.
        let is_in_text = ["{", "$"].iter().any(|mark| changed.contains(&format!("{mark}{wrong}")));
        let is_clear = !is_other && !is_in_text && !has_argument(language, &changed, &wrong);
        if is_clear && !KEYWORDS.contains(&right.as_str()) {
            changed = with_name(language, &changed, &wrong, &right);
        }
    }
    (changed != text).then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_tests_are_called_after_their_own_thing() {
        let own = |language, text: &str| with_own_variables(language, text, ["User", "Order"], "Stores orders.");
        let text = "test(\"a\", () => {\n  const cases: { user: Order }[] = [{ user: makeOrder(1) }];\n  for (const { user } of cases) {\n    create(user, \"user\", \"the users 1 and 2\");\n  }\n  const users = list();\n});\n";
        let right = text
            .replace("{ user: ", "{ order: ")
            .replace("{ user }", "{ order }")
            .replace("create(user", "create(order")
            .replace("const users", "const orders");
        assert_eq!(own(Language::TypeScript, text), Some(right));
        let python = "class T:\n    def test_a(self):\n        user = make(1)\n        save(user)\n\n    def test_b(self):\n        order = make(1)\n        save(order)\n";
        assert_eq!(own(Language::Python, python), Some(python.replace("user", "order")));
        let helped = "import { type Order } from \"../src/order-repository.js\";\n\n/** Creates an order of its kind. */\nfunction orderOf(kind: string): Order {\n  return makeOrder({ kind });\n}\n\n// happy path: it keeps.\ntest(\"it keeps\", () => {\n  for (const kind of kinds) {\n    const user = orderOf(kind);\n    assert.deepEqual(user.sent(), []);\n  }\n});\n";
        assert_eq!(own(Language::TypeScript, helped), Some(helped.replace("user", "order")));
        for (language, text) in [
            (Language::TypeScript, "function a(order: Order) {\n  const user = order;\n  return user;\n}\n"),
            (Language::TypeScript, "const userName = 1;\n"),
            (Language::TypeScript, "test(\"a\", () => {\n  const user = makeOrder(1);\n  f(`${user.id}`);\n});\n"),
            (
                Language::TypeScript,
                "function order(id: number) {}\ntest(\"a\", () => {\n  const user = order(1);\n});\n",
            ),
            (Language::Python, "def test_a():\n    user = make(1)\n    repository.add(user=user)\n"),
            (Language::Rust, "fn a() {\n    let user = make(1);\n    println!(\"{user}\");\n}\n"),
        ] {
            assert_eq!(own(language, text), None, "{text}");
        }
        assert_eq!(
            with_own_variables(
                Language::Go,
                "package a\n\nfunc f() {\n\tuser := 1\n\t_ = user\n}\n",
                ["User", "Package"],
                "A."
            ),
            None
        );
    }
}
