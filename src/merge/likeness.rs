//! How alike two texts are: whether one is the other after it was moved and edited.

use std::collections::HashMap;

use super::squeezed;

/// From here on, in percent, two texts are one: what git takes for a rename.
pub const SAME: u32 = 50;

/// The share of lines that two texts have in common, in percent, wherever they stand and however they are indented.
pub fn likeness(left: &str, right: &str) -> u32 {
    let mut there: HashMap<String, usize> = HashMap::new();
    let lines = |text: &'_ str| -> Vec<String> { text.lines().map(squeezed).filter(|line| !line.is_empty()).collect() };
    let (left, right) = (lines(left), lines(right));
    let all = left.len() + right.len();
    if all == 0 {
        return 0;
    }
    for line in left {
        *there.entry(line).or_default() += 1;
    }
    let mut common = 0;
    for line in right {
        if let Some(count) = there.get_mut(&line).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    u32::try_from(common * 200 / all).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moved_and_indented_lines_are_alike_and_others_are_not() {
        for (left, right, percent) in [
            ("a\nb\n", "a\nb\n", 100),
            ("a\nb\nc\nd\n", "  d\nc\n\nb\n a\n", 100),
            ("a\nb\n", "a\nx\n", 50),
            ("a\na\n", "a\n", 66),
            ("a\n", "b\n", 0),
            ("", "", 0),
        ] {
            assert_eq!(likeness(left, right), percent, "{left:?} {right:?}");
        }
    }
}
