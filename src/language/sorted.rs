//! What a function sorts by: the one call in it that sorts, made to give the highest of a field first.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Language;
use crate::name;
use crate::text::{has_word, places_of};

/// What sorts, up to its first bracket, language by language.
fn sorting(language: Language) -> Option<&'static Regex> {
    static PYTHON: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\bsorted\(|\b(?P<list>[\w.]+)\.sort\(").ok());
    static GO: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\bsort\.Slice(?:Stable)?\(|\bslices\.Sort(?:Stable)?Func\(").ok());
    static RUST: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b(?P<list>[\w.]+)\.sort(?:_unstable)?(?:_by(?:_key|_cached_key)?)?\(").ok());
    static TYPESCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\.(?:sort|toSorted)\(").ok());
    match language {
        Language::Python => PYTHON.as_ref(),
        Language::Go => GO.as_ref(),
        Language::Rust => RUST.as_ref(),
        Language::TypeScript => TYPESCRIPT.as_ref(),
        Language::Java => None,
    }
}

/// A function with what it sorts sorted by a field, the highest first. None where it sorts nothing, more than once, or in a way that is not
/// known; `code` has the field as the language writes it.
pub fn highest_first(language: Language, function: &str, code: &str, field: &str) -> Option<String> {
    let sorting = sorting(language)?;
    let mut all = sorting.captures_iter(function);
    let (found, None) = (all.next()?, all.next()) else { return None };
    let called = found.get(0)?;
    let inner = called.end()..closing(function, called.end() - 1)?;
    let given = function.get(inner.clone())?;
    let is_id = name::snake(field).rsplit('_').next() == Some("id");
    let field = field_in(function, field).or_else(|| field_in(code, field))?;
    // What is sorted stands first, where it is no method of it.
    let is_method = found.name("list").is_some() || language == Language::TypeScript;
    let how = if is_method { given } else { given.get(first_comma(given)..).unwrap_or_default() };
    let is_by_it = has_word(how, field);
    // What is sorted by something else besides is for the model; behind an id that is told apart, nothing counts.
    let by_others = members(how) > members_of(how, field);
    if by_others && !(is_id && is_by_it) {
        return None;
    }
    let list = found.name("list").map(|list| list.as_str());
    let first = given.get(..first_comma(given)).unwrap_or_default().trim();
    let (whole, now): (Range<usize>, String) = match language {
        // What has no such field, nobody says before it runs.
        Language::Python if !is_by_it => return None,
        Language::Python => {
            let list = if list.is_some() { String::new() } else { format!("{first}, ") };
            (inner, format!("{list}key=lambda item: item.{field}, reverse=True"))
        }
        Language::TypeScript => (inner, format!("(a, b) => b.{field} - a.{field}")),
        Language::Rust => {
            let list = list?;
            (called.start()..inner.end + 1, format!("{list}.sort_by_key(|item| std::cmp::Reverse(item.{field}))"))
        }
        Language::Go if called.as_str().starts_with("sort.") => {
            (inner, format!("{first}, func(i, j int) bool {{ return {first}[i].{field} > {first}[j].{field} }}"))
        }
        Language::Go => {
            let (head, _) = given.split_once('{')?;
            let names = head.split_once("func(")?.1;
            let (one, other) = (names.split(',').next()?.trim(), names.split(',').nth(1)?.split_whitespace().next()?);
            (inner, format!("{head}{{ return cmp.Compare({other}.{field}, {one}.{field}) }}"))
        }
        Language::Java => return None,
    };
    Some(format!("{}{now}{}", function.get(..whole.start)?, function.get(whole.end..)?))
}

/// A field as a text has it behind a dot: `ID` for `id`.
fn field_in<'t>(text: &'t str, field: &str) -> Option<&'t str> {
    let wanted = name::snake(field);
    let names = text.split('.').skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    });
    names.into_iter().find(|found| name::snake(found) == wanted)
}

/// How many members of something a text has.
fn members(text: &str) -> usize {
    text.split('.')
        .skip(1)
        .filter(|rest| rest.starts_with(|letter: char| letter.is_alphabetic() || letter == '_'))
        .count()
}

fn members_of(text: &str, name: &str) -> usize {
    places_of(text, name).filter(|at| text.get(..*at).is_some_and(|before| before.ends_with('.'))).count()
}

/// Where the bracket that opens at `open` is closed.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in text.get(open..)?.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(open + at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where the first of several arguments ends.
fn first_comma(given: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in given.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return at,
            _ => {}
        }
    }
    given.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sorted_has_the_highest_first() {
        for (language, function, expected) in [
            (
                Language::Rust,
                "found.sort_by_key(|order| (order.id, order.total));\nfound",
                "found.sort_by_key(|item| std::cmp::Reverse(item.id));\nfound",
            ),
            (Language::Rust, "self.all.sort();", "self.all.sort_by_key(|item| std::cmp::Reverse(item.id));"),
            (
                Language::Python,
                "return sorted(self.found(1, 2), key=lambda order: (order.total, order.id))",
                "return sorted(self.found(1, 2), key=lambda item: item.id, reverse=True)",
            ),
            (
                Language::Python,
                "found.sort(key=lambda order: order.id)\n",
                "found.sort(key=lambda item: item.id, reverse=True)\n",
            ),
            (
                Language::TypeScript,
                "return this.list().filter((o) => o.c === c).sort((a, b) => a.id - b.id);",
                "return this.list().filter((o) => o.c === c).sort((a, b) => b.id - a.id);",
            ),
            (
                Language::Go,
                "sort.Slice(found, func(i, j int) bool { return found[i].ID < found[j].ID })",
                "sort.Slice(found, func(i, j int) bool { return found[i].ID > found[j].ID })",
            ),
            (
                Language::Go,
                "slices.SortFunc(found, func(a, b Order) int { return cmp.Compare(a.ID, b.ID) })",
                "slices.SortFunc(found, func(a, b Order) int { return cmp.Compare(b.ID, a.ID) })",
            ),
        ] {
            assert_eq!(
                highest_first(language, function, "order.id == 1", "id").as_deref(),
                Some(expected),
                "{function}"
            );
        }
        for (language, function, code) in [
            (Language::Rust, "a.sort();\nb.sort();", "order.id"),
            (Language::Rust, "self.orders.values().cloned().collect()", "order.id"),
            (Language::Rust, "found.sort();", "order.number"),
            (Language::Python, "return [self.all[key] for key in sorted(self.all)]", "order.id"),
            (Language::Go, "sort.Slice(all, func(i, j int) bool { return all[i].Age < all[j].Age })", "order.ID"),
            (Language::Rust, "found.sort_by(|a", "order.id"),
            (Language::Java, "found.sort(null);", "order.id"),
        ] {
            assert_eq!(highest_first(language, function, code, "id"), None, "{function}");
        }
    }
}
