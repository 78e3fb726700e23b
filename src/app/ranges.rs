//! Ranges: "from 1 to 1000000" in a spec, and whether code compares anything with the lower end.
//!
//! The upper end is a number that stands nowhere else, so that code without it is noticed. A lower end of one digit stands everywhere.

use std::sync::LazyLock;

use regex::Regex;

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
}
