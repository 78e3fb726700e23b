//! Descending order: what a spec asks for with "the highest id first", and by which signs code shows that it does so somewhere.
//!
//! A small model that imitates an example sorts as the example does. Its own tests say the same, so no gate notices.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::{has_word, names_in, sentences};

/// What asks for it.
static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:the )?(?:highest|largest|greatest|biggest|latest|newest|most recent)\b[^.,;:]{0,30}\bfirst\b|\bin descending order\b",
    )
    .ok()
});

/// What does it: a word for it, a comparison or a difference of two things the other way round, a key with a minus, a comparison with
/// "greater than" in what sorts, what gives the largest first by itself, or a list that is read from its end or filled at its front.
static DONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:rev|reverse|reversed|reverseorder|desc|descending|descendingmap|descendingset|nlargest|binaryheap|priorityqueue)\b",
        r"|(?i:reverse|descending)(?:ed|order)?\(",
        r"|\b(?:b|right|second|other|y|j|two)\b[\w.\[\]()]*(?:\s*-\s*|\.\w+\(\s*&?|,\s*)&?(?:a|left|first|one|x|i)\b",
        r"|\b\w*\[?i\]?(?:\.\w+)*\s*>\s*\w*\[?j\]?\b",
        r"|\b\w*\[?j\]?(?:\.\w+)*\s*<\s*\w*\[?i\]?\b",
        r"|--\s*[;){]|\[::-1\]|,\s*-1\)|\binsert\(0,|\b(?:unshift|appendleft|addFirst|push_front)\(|append\(\[\]\w+\{",
        r"|(?:=>|:|\|)\s*-\s*[a-z_]\w*[.\[(]",
        r"|\blambda\b[^:]*:\s*\([^)]*-\s*[a-z_]\w*[.\[(]",
    ))
    .ok()
});

/// The words by which a description asks for a descending order.
pub(super) fn asked(description: &str) -> Option<&str> {
    ASKED.as_ref()?.find(description).map(|found| found.as_str())
}

/// The field whose highest value comes first, as these words ask for it: `id` in "the highest id first". None where they are about something else.
pub(super) fn field(asked: &str) -> Option<&str> {
    let words: Vec<&str> = asked.split_whitespace().collect();
    match words[..] {
        [.., which, field, "first"] if ["highest", "largest", "greatest", "biggest"].contains(&which) => Some(field),
        _ => None,
    }
}

/// Whether code puts something in descending order.
pub(super) fn is_done(code: &str) -> bool {
    DONE.as_ref().is_none_or(|done| done.is_match(code))
}

/// How a list that a test expects stands to the one that the code gives, where the spec asks for a descending order of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// The same numbers, and only the code has them in that order: the test contradicts the spec.
    Righted,
    /// That of the code is in that order, and has other numbers: which are right, the order does not tell.
    OthersInOrder,
}

/// Holds the lists of a failing test against the order that a description asks for, where the test uses what that sentence names, in
/// backticks or by a name of several words: `list_by_customer`, `listByCustomer`. None where the order says nothing.
pub(super) fn compared(description: &str, test: &str, expected: &str, actual: &str) -> Option<Lists> {
    let is_named = |sentence: &str| names_in(sentence).any(|name| is_of_words(name) && has_word(test, name));
    sentences(description).find(|sentence| asked(sentence).is_some() && is_named(sentence))?;
    let (expected, actual) = (numbers(expected)?, numbers(actual)?);
    let descends = |list: &[i64]| list.windows(2).all(|pair| pair.first() > pair.last());
    let sorted = |list: &[i64]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    match (descends(&expected), descends(&actual)) {
        (false, true) if sorted(&expected) == sorted(&actual) => Some(Lists::Righted),
        (true, true) => Some(Lists::OthersInOrder),
        // Some of what the test expects, in the order that its list has not.
        (false, true) if actual.iter().all(|number| expected.contains(number)) => Some(Lists::OthersInOrder),
        _ => None,
    }
}

/// Whether a sentence that asks for a descending order names a function.
pub(super) fn is_asked_of(description: &str, function: &str) -> bool {
    sentences(description).any(|sentence| asked(sentence).is_some() && has_word(sentence, function))
}

/// Whether a name has several words, as only names of code have.
fn is_of_words(name: &str) -> bool {
    name.trim_matches('_').contains('_')
        || name.chars().zip(name.chars().skip(1)).any(|(one, next)| one.is_lowercase() && next.is_uppercase())
}

/// The numbers of a list that has nothing else: `[3, 2, 1]`, `[3 2]`. None where it is no list, or has letters or fewer than two.
fn numbers(list: &str) -> Option<Vec<i64>> {
    let inner = list.trim().strip_prefix('[')?.strip_suffix(']')?;
    let parts = inner.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let numbers: Vec<i64> = parts.map(|part| part.trim_end_matches('n').parse().ok()).collect::<Option<_>>()?;
    (numbers.len() > 1).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_held_against_the_order_that_is_asked_for() {
        let said =
            "List returns all ordered by id. list_by_customer returns the orders of a customer, the highest id first.";
        let test = "found = repository.list_by_customer(1)";
        let held = |expected: &str, actual: &str| compared(said, test, expected, actual);
        assert_eq!(held("[1, 2]", "[2, 1]"), Some(Lists::Righted));
        assert_eq!(held("[1 2]", "[2 1]"), Some(Lists::Righted));
        assert_eq!(held("[2, 1]", "[3, 2, 1]"), Some(Lists::OthersInOrder));
        assert_eq!(held("[2, 3, 1]", "[2, 1]"), Some(Lists::OthersInOrder));
        for (expected, actual) in
            [("[1, 2]", "[3, 2, 1]"), ("[2, 1]", "[1, 2]"), ("[1]", "[2]"), ("1", "2"), ("[a, b]", "[b, a]")]
        {
            assert_eq!(held(expected, actual), None, "{expected} {actual}");
        }
        assert_eq!(compared(said, "found = repository.list()", "[1, 2]", "[2, 1]"), None, "another list");
        assert_eq!(compared("List returns all.", test, "[1, 2]", "[2, 1]"), None);
        assert!(is_asked_of(said, "list_by_customer") && !is_asked_of(said, "list") && !is_asked_of(said, "create"));
    }

    #[test]
    fn a_description_asks_for_it_by_what_comes_first() {
        let order = "List returns all orders ordered by id. list_by_customer returns the orders of a customer, the highest id first. Both …";
        assert_eq!(asked(order), Some("the highest id first"));
        assert_eq!(asked("Newest messages first."), Some("Newest messages first"));
        assert_eq!(asked("Ids come in descending order."), Some("in descending order"));
        assert_eq!((field("the highest id first"), field("Newest messages first")), (Some("id"), None));
        assert_eq!(asked("The lowest id first. The highest age is 150. First come the rest."), None);
    }

    #[test]
    fn code_does_it_in_many_ways() {
        for code in [
            "found.sort_by_key(|order| std::cmp::Reverse(order.id));",
            "found.sort_by(|a, b| b.id.cmp(&a.id));",
            "self.orders.values().rev().cloned().collect()",
            "return sorted(found, key=lambda order: order.id, reverse=True)",
            "return sorted(found, key=lambda order: -order.id)",
            "return sorted(found, key=lambda order: (-order.id, order.total_cents))",
            "return sorted(found, key=lambda order: (order.customer, -order.id))",
            "sort.Slice(orders, func(i, j int) bool { return orders[i].ID > orders[j].ID })",
            "sort.Slice(orders, func(i, j int) bool { return orders[j].ID < orders[i].ID })",
            "slices.SortFunc(orders, func(a, b Order) int { return cmp.Compare(b.ID, a.ID) })",
            "return found.sort((a, b) => b.id - a.id);",
            "return found.reverse();",
            ".sorted(Comparator.comparingLong(Order::id).reversed())",
            "orders.descendingMap().values()",
            "for i := len(all) - 1; i >= 0; i-- {",
            "for index in range(len(found) - 1, -1, -1):",
            "return found[::-1]",
            "found.unshift(order);",
            "orders = append([]Order{order}, orders...)",
        ] {
            assert!(is_done(code), "{code}");
        }
        for code in [
            "found.sort_by_key(|order| (order.id, order.total_cents));",
            "found.sort_by(|a, b| a.id.cmp(&b.id));",
            "return sorted(found, key=lambda order: (order.id, order.total_cents))",
            "sort.SliceStable(orders, func(i, j int) bool { return orders[i].ID < orders[j].ID })",
            "return found.sort((a, b) => a.id - b.id);",
            ".sorted(Comparator.comparingLong(Order::id))",
            "if self.total > 1000000 or self.id < 1:",
        ] {
            assert!(!is_done(code), "{code}");
        }
    }
}
