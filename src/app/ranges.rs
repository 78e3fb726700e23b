//! Ranges: "from 1 to 1000000" in a spec, and whether code compares anything with the lower end.
//!
//! The upper end is a number that stands nowhere else, so that code without it is noticed. A lower end of one digit stands everywhere. And what a
//! range of the spec has in it is nothing to be refused.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::listed::quoted;
use crate::name;

/// A range whose lower end has one digit. At 0 there may be nothing to compare: many numbers have no sign.
static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bfrom\s+([1-9])\s+to\s+[0-9_]+\b").ok());

/// The lower end of a range.
pub(super) fn lower_end(range: &str) -> Option<&str> {
    let mut words = range.split_whitespace();
    words.next().filter(|word| *word == "from").and(words.next())
}

/// The first range of a description whose lower end no code compares anything with.
pub(super) fn left_open<'d>(description: &'d str, code: &[&str]) -> Option<&'d str> {
    SAID.as_ref()?.captures_iter(description).find_map(|range| {
        let (whole, lower) = (range.get(0)?, range.get(1)?.as_str().parse::<u8>().ok()?);
        let compares = comparison_with(lower)?;
        (!code.iter().flat_map(|text| text.lines()).any(|line| compares.is_match(line))).then_some(whole.as_str())
    })
}

/// A range with what it is a range of: `total_cents is from 1 to 1000000`, `amountCents (whole number from 1 to 5000000)`.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?P<name>\w+)(?:\s+(?:is|has|must\s+be))?\s*\(?(?:\s*an?\b)?(?:\s*whole\b)?(?:\s*(?:number|integer)\b)?,?\s*\bfrom\s+(?P<low>[0-9][0-9_]*)\s+to\s+(?P<high>[0-9][0-9_]*)\b",
    )
    .ok()
});
/// A name and the number that it is given.
static GIVEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\b(?P<name>\w+)["'`]?\s*[:=,]\s*(?P<number>-?[0-9][0-9_.]*)\s*[,)}\]]"#).ok());
/// The beginning of a clause about something else, or that allows more.
static OTHER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s+and\s+(?:may\b|(?:the\s+|an?\s+)?\w+\s+(?:is|has|must)\b)").ok());
/// Words behind a range by which it is not all that is asked.
const MORE: [&str; 10] = ["if", "when", "unless", "for", "and", "multiple", "even", "odd", "except", "but"];
/// Words before a range that say for what it is one.
const CONDITIONS: [&str; 2] = ["if", "for"];

/// Whether a row names one thing between quotation marks, nothing else, and gives it a number that each of its ranges in a description has.
pub(super) fn gives_ranged(description: &str, row: &str) -> bool {
    let (Some(named), Some(given)) = (NAMED.as_ref(), GIVEN.as_ref()) else { return false };
    let quoted: Vec<String> = quoted(row).into_iter().map(name::snake).collect();
    let [key] = &quoted[..] else { return false };
    let numbers = given.captures_iter(row).filter(|given| name::snake(&given["name"]) == *key);
    let numbers: Vec<Option<i64>> = numbers.map(|given| given["number"].replace('_', "").parse().ok()).collect();
    let has = |range: &Captures<'_>| {
        let end = |of: &str| range[of].replace('_', "").parse::<i64>().ok();
        let Some((low, high)) = end("low").zip(end("high")) else { return false };
        let place = range.get(0).map_or(0..0, |whole| whole.range());
        !is_bound(description, &place)
            && numbers.iter().all(|number| number.is_some_and(|number| (low..=high).contains(&number)))
    };
    let ranges = || named.captures_iter(description).filter(|range| name::snake(&range["name"]) == *key);
    let is_key_of_map = ['"', '\'', '`'].iter().any(|mark| row.contains(&format!("{mark}:")));
    !is_key_of_map && !numbers.is_empty() && ranges().next().is_some() && ranges().all(|range| has(&range))
}

/// Whether what stands at a place of a description is not all that it asks there, or is asked of some only.
pub(super) fn is_bound(description: &str, place: &Range<usize>) -> bool {
    let ends = ['.', ',', ';', '(', ')'];
    let has_one = |clause: Option<&str>, of: &[&str]| {
        clause.unwrap_or_default().split_whitespace().any(|word| of.contains(&word.to_lowercase().as_str()))
    };
    let before = description.get(..place.start).and_then(|before| before.rsplit(ends).next());
    let after = description.get(place.end..).and_then(|after| after.split(ends).next());
    // What is said of something else from there on binds nothing: `and total_cents is from 1 to 9`.
    let after = after.map(|after| OTHER.as_ref().and_then(|other| other.find(after)).map_or(after, |_| ""));
    has_one(before, &CONDITIONS) || has_one(after, &MORE)
}

/// What a line has that compares something with this number, or with the one below it, as the lower end of a range, or gives both ends to a
/// function.
fn comparison_with(lower: u8) -> Option<Regex> {
    let below = lower - 1;
    let pattern = format!(
        r"[(,]\s*{lower},\s*(?:[0-9_]{{2,}}|[A-Z][A-Z0-9_]+|\w*[mM]ax\w*)\s*[,)]|\b{lower}[a-z_0-9]*\s*(?:<=|\.\.)|\b{below}[a-z_0-9]*\s*<[^<=]|(?:[^<]<|>=)\s*{lower}\b|(?:<=|[=!]=|[^->=]>)\s*{below}\b|range\({lower},|\bbetween\b|\.contains\(|\b(?:ge|min|minimum|Min)\W{{1,3}}{lower}\b|\bgt\W{{1,3}}{below}\b|\bis_zero\(|\bsignum\("
    );
    Regex::new(&pattern).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(code: &str) -> bool {
        left_open("It is valid when the total is from 1 to 1000000.", &[code]).is_some()
    }

    #[test]
    fn a_lower_end_is_compared_in_many_ways() {
        for code in [
            "if not 1 <= self.total <= 1000000:",
            "if self.total < 1 or self.total > MOST:",
            "if total <= 0 {",
            "if self.total_cents == 0 || self.total_cents > 1_000_000 {",
            "if !(1..=1_000_000).contains(&self.total) {",
            "if (!(total >= 1 && total <= 1000000)) {",
            "return total > 0 && total <= MAX;",
            "if 0 < total {",
            "total: int = Field(ge=1, le=1000000)",
            "@Min(1) @Max(1000000)",
            "if value not in range(1, 1000001):",
            "const total = readInteger(input, \"total\", 1, MAX_TOTAL);",
            "total, err := whole(keys, 1, maxTotal)",
            "_read_int(data, \"total\", 1, 1_000_000)",
        ] {
            assert!(!open(code), "{code}");
        }
        for code in [
            "if self.total_cents > 1000000 {",
            "fn get(&self) -> u64 { self.total << 1 }",
            "let total = 1; let other = \"must be from 1 to 1000000\";",
            "orders.map((order) => 0)",
            "const order = { id: 1, total: MAX_TOTAL };",
            "add(1, total);",
            "if total > 10 {",
        ] {
            assert!(open(code), "{code}");
        }
        assert_eq!(left_open("The age is from 0 to 150, and from 18 to 65.", &[]), None);
        assert_eq!(left_open("It is from 1 to 10.", &[]), Some("from 1 to 10"));
        assert_eq!(left_open("It is from 1\nto 10.", &[]), Some("from 1\nto 10"));
        assert_eq!((lower_end("from 1 to 10"), lower_end("gold")), (Some("1"), None));
    }

    #[test]
    fn a_row_gives_what_a_range_has() {
        let said = "It is valid when the customer is not blank and total_cents is from 1 to 1000000, a whole number. Keys: amountCents (whole\nnumber from 1 to 5_000), the age is from 18 to 65 when a tier is given, and the rating is a whole number from 0 to 5. The quantity is from 10 to 500 and a multiple of 10. For gold the price is from 1 to 9, else the price is from 1 to 5.";
        for row in [
            "(\"total_cents\", 300000),",
            "{ field: \"totalCents\", order: { ...makeOrder(1), totalCents: 1 } },",
            "{\"total_cents\", Order{ID: 1, TotalCents: 1_000_000}},",
            "(\"total_cents\", order(1, total_cents=5)),",
            "['amountCents', 5000],",
            "(\"rating\", 0),",
        ] {
            assert!(gives_ranged(said, row), "{row}");
        }
        for row in [
            "(\"total_cents\", 0),",
            "(\"total_cents\", 1000001),",
            "(\"total_cents\", -5),",
            "(\"total_cents\", 30.5),",
            "(\"total_cents\", \"300000\"),",
            "(\"customer\", order(1, total_cents=5)),",
            "(\"total_cents\", [order(1, total_cents=5), order(2, total_cents=0)]),",
            "(\"age\", 20),",
            "(\"number\", 3),",
            "(\"quantity\", 15),",
            "(\"price\", 7),",
            "({\"amountCents\": 500, \"currency\": \"eur\"}, \"currency\"),",
            "(json!({\"total_cents\": 500}), 404),",
            "{\"total_cents\", Order{ID: 1, Customer: \"\", TotalCents: 1}},",
        ] {
            assert!(!gives_ranged(said, row), "{row}");
        }
    }
}
