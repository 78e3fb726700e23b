//! `assert!(a, b)` of Rust, where `assert_eq!(a, b)` was meant.

use super::cut::with_line;

/// Lines of the longest call of the macro that is looked for.
const MOST_LINES: usize = 8;

/// The text in which the nearest `assert!` at or above `line`, from 1, that has its second argument there compares the two.
pub fn with_assert_eq(text: &str, line: usize) -> Option<String> {
    let first = line.saturating_sub(MOST_LINES - 1).max(1);
    let (number, own) = (first..=line).rev().find_map(|number| {
        let own = text.lines().nth(number - 1)?;
        own.trim_start().starts_with("assert!(").then_some((number, own))
    })?;
    // Another statement ends between.
    let ends = |number: usize| text.lines().nth(number - 1).is_some_and(|line| line.trim_end().ends_with(';'));
    (!(number..line).any(ends)).then(|| with_line(text, number, &own.replacen("assert!(", "assert_eq!(", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_values_are_compared() {
        let text = "    a();\n    assert!(b.c(\"d\"), Ok(()));\n";
        assert_eq!(with_assert_eq(text, 2), Some(text.replace("assert!", "assert_eq!")));
        let long = "    assert!(\n        b.c(),\n        Ok(())\n    );\n";
        assert_eq!(with_assert_eq(long, 3), Some(long.replace("assert!", "assert_eq!")));
        for (other, line) in [("    assert!(a);\n    b(Ok(()));\n", 2), ("    a();\n", 1), ("    assert!(a);\n", 0)] {
            assert_eq!(with_assert_eq(other, line), None, "{other}");
        }
    }
}
