//! Variants that are none: a helper of the tests that gives a key the value which it has anyway, `payment["method"] = json!("card")`.
//!
//! An example has a helper that makes another kind of the same thing. A small model that copies it sets the same kind again. Where the spec lists
//! the values, each other one is tried where every test fails that the helper makes something for.

use std::sync::LazyLock;

use regex::Regex;

use super::Mending;
use super::places::Place;
use super::rewritten::Rewritten;
use crate::app::listed;
use crate::app::prove::FileSet;
use crate::failure::Failure;

/// A key with a text as its value: `"method": "card"`, `payment["method"] = json!("card")`, `method: 'card'`, `put("method", "card")`.
static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"["']?\b(?P<key>[A-Za-z_]\w*)["']?\]?\s*[:=,]\s*(?:json!\()?["'](?P<value>[\w-]+)["']"#).ok()
});

impl Mending<'_> {
    /// Has helpers that fail give keys other values than these have anyway. The files, when that was all.
    pub(super) async fn vary_helpers(&mut self) -> Result<Option<FileSet>, Failure> {
        self.rewrite(Self::helpers_that_fail, Self::varied).await
    }

    /// A helper with each other value that the spec lists.
    fn varied(&self, helper: &Place) -> Vec<Rewritten> {
        let (text, own) = (self.standing.text(&helper.path), self.standing.text_of(helper));
        let others = [text.get(..helper.item.whole.start), text.get(helper.item.whole.end..)];
        let name = &helper.item.name;
        let varied =
            others.into_iter().flatten().flat_map(|others| variants(&self.producer.task.spec.description, own, others));
        varied
            .map(|(was, is, text)| Rewritten {
                text,
                done: format!(
                    "`{was}` in `{name}` of the tests became `{is}`, since what it begins with has that value already"
                ),
            })
            .collect()
    }
}

/// A helper with each value that it gives a key, and that others give the same key, made each other value of a list that has it; with the value as it
/// was and as it is.
fn variants(description: &str, helper: &str, others: &str) -> Vec<(String, String, String)> {
    let Some(given) = GIVEN.as_ref() else { return Vec::new() };
    let lists = listed::lists(description);
    let is_same = |key: &str, value: &str| {
        given.captures_iter(others).any(|found| &found["key"] == key && &found["value"] == value)
    };
    let mut variants = Vec::new();
    for found in given.captures_iter(helper) {
        let Some(value) = found.name("value").filter(|value| is_same(&found["key"], value.as_str())) else { continue };
        let lists = lists.iter().filter(|list| list.iter().any(|listed| listed == value.as_str()));
        for other in lists.flatten().filter(|other| *other != value.as_str()) {
            let mut text = helper.to_owned();
            text.replace_range(value.range(), other);
            variants.push((value.as_str().to_owned(), other.clone(), text));
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "JSON keys: id, method (card, transfer or cash), code (four digits for a card).";

    #[test]
    fn a_value_that_is_there_anyway_is_made_each_other_of_its_list() {
        for (base, line) in [
            ("json!({ \"id\": 7, \"method\": \"card\" })", "    payment[\"method\"] = json!(\"card\");"),
            ("return {\"id\": 7, \"method\": \"card\"}", "    payment[\"method\"] = \"card\""),
            ("return { id: 7, method: \"card\" };", "  return { ...valid(), method: \"card\", code: null };"),
            ("Map.of(\"id\", 7, \"method\", \"card\")", "    payment.put(\"method\", \"card\");"),
        ] {
            let found: Vec<String> = variants(SAID, line, base).into_iter().map(|(.., text)| text).collect();
            assert_eq!(found, [line.replace("card", "transfer"), line.replace("card", "cash")], "{line}");
        }
    }

    #[test]
    fn another_value_and_one_of_no_list_stay() {
        let base = "json!({ \"id\": \"a\", \"method\": \"card\" })";
        for line in [
            "payment[\"method\"] = json!(\"cash\");",
            "payment[\"id\"] = json!(\"a\");",
            "payment[\"kind\"] = json!(\"card\");",
            "",
        ] {
            assert_eq!(variants(SAID, line, base), [], "{line}");
        }
    }
}
