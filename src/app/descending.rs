//! Descending order: what a spec asks for with "the highest id first", and by which signs code shows that it does so somewhere.
//!
//! A small model that imitates an example sorts as the example does. Its own tests say the same, so no gate notices.

use std::sync::LazyLock;

use regex::Regex;

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
    ))
    .ok()
});

/// The words by which a description asks for a descending order.
pub(super) fn asked(description: &str) -> Option<&str> {
    ASKED.as_ref()?.find(description).map(|found| found.as_str())
}

/// Whether code puts something in descending order.
pub(super) fn is_done(code: &str) -> bool {
    DONE.as_ref().is_none_or(|done| done.is_match(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_asks_for_it_by_what_comes_first() {
        let order = "List returns all orders ordered by id. list_by_customer returns the orders of a customer, the highest id first. Both …";
        assert_eq!(asked(order), Some("the highest id first"));
        assert_eq!(asked("Newest messages first."), Some("Newest messages first"));
        assert_eq!(asked("Ids come in descending order."), Some("in descending order"));
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
