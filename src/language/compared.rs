//! What runners say of an assertion that compares two values and fails: what the code gave, and what the test has written down.

/// Letters of the shortest value that says something: `0` and `1` stand everywhere.
const LEAST: usize = 3;

/// The value that a test has written down once and that the report of its failure compares with another, and that other.
pub fn compared<'r>(report: &'r str, test: &str) -> Option<(String, String)> {
    let mut lines = report.lines().map(str::trim).peekable();
    let mut pairs = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(added) = line.strip_prefix("+ ") {
            // A difference of `node:assert`: what is, and below it what should be.
            let missing = lines.peek().and_then(|next| next.strip_prefix("- "));
            let value = |text: &'r str| text.trim().trim_end_matches(',');
            pairs.extend(missing.map(|missing| (value(added), value(missing))));
        } else if let Some((left, right)) = line.split_once(", want ") {
            // As tests of Go say it.
            let value = left.split_once(" = ").map_or(left, |(_, value)| value);
            pairs.push((
                behind_got(value),
                right.trim_start_matches(|letter: char| letter.is_alphabetic() || letter == ' '),
            ));
        } else if let Some(left) = line.strip_prefix("left: ") {
            let right = lines.peek().and_then(|next| next.strip_prefix("right: "));
            pairs.extend(right.map(|right| (left, right)));
        } else if let Some((expected, actual)) =
            line.split_once("expected: <").and_then(|(_, rest)| rest.split_once("> but was: <"))
        {
            pairs.push((expected, actual.trim_end_matches('>')));
        } else {
            let compared = [" !== ", " == ", " != "].iter().find_map(|sign| line.split_once(sign));
            pairs.extend(compared.map(|(left, right)| (behind_words(left), right)));
        }
    }
    // Runners shorten what is long.
    let is_whole = |value: &str| is_literal(value) && !value.contains("...");
    let known = pairs.into_iter().filter(|(left, right)| is_whole(left) && is_whole(right) && left != right);
    known.into_iter().find_map(|(left, right)| {
        let both = [as_written(alone(left), alone(right), test), as_written(left, right, test)];
        both.into_iter().flatten().next()
    })
}

/// Of two values the one that a test has written down once, and the other, with the quotation marks of the test.
fn as_written(left: &str, right: &str, test: &str) -> Option<(String, String)> {
    [None, Some('"'), Some('\'')].into_iter().find_map(|mark| {
        let marked = |value: &str| mark.map_or_else(|| Some(value.to_owned()), |mark| with_marks(value, mark));
        let (left, right) = (marked(left)?, marked(right)?);
        match (is_once(test, &left), is_once(test, &right)) {
            (true, false) => Some((left, right)),
            (false, true) => Some((right, left)),
            _ => None,
        }
    })
}

/// A text with other quotation marks around it. None where it has none, or has these within.
fn with_marks(value: &str, mark: char) -> Option<String> {
    let own = value.chars().next().filter(|own| matches!(own, '"' | '\'') && *own != mark)?;
    let bare = value.strip_prefix(own)?.strip_suffix(own)?;
    (!bare.contains([own, mark, '\\'])).then(|| format!("{mark}{bare}{mark}"))
}

/// The only text of a list.
fn alone(value: &str) -> &str {
    let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value);
    let is_text = |mark: char| inner.starts_with(mark) && inner.ends_with(mark) && inner.matches(mark).count() == 2;
    if is_text('"') || is_text('\'') { inner } else { value }
}

fn behind_got(text: &str) -> &str {
    text.rsplit_once("got ").map_or(text, |(_, value)| value)
}

/// What stands behind the words of a runner: `AssertionError: assert [1, 2]`, `Lists differ: [1, 2]`.
fn behind_words(text: &str) -> &str {
    let ends = ["assert ", ": "].iter().flat_map(|words| text.match_indices(words).map(|(at, words)| at + words.len()));
    // Not within a value.
    let is_before = |at: &usize| !text.get(..*at).is_some_and(|before| before.contains(['[', '{', '"', '\'']));
    text.get(ends.filter(is_before).max().unwrap_or_default()..).unwrap_or(text).trim()
}

/// Whether a text is numbers, texts and lists of them, and nothing that has a name.
fn is_literal(text: &str) -> bool {
    let mut quote = None;
    let mut word = String::new();
    let mut plain = String::new();
    for letter in text.chars().chain([' ']) {
        match quote {
            Some(mark) => quote = Some(mark).filter(|mark| letter != *mark),
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            None if letter.is_alphabetic() || letter == '_' => word.push(letter),
            None => {
                if !matches!(word.as_str(), "" | "true" | "false" | "True" | "False" | "None" | "null" | "nil") {
                    return false;
                }
                word.clear();
                plain.push(letter);
            }
        }
    }
    let signs = |letter: char| letter.is_ascii_digit() || letter.is_whitespace() || "[](){},.-:".contains(letter);
    quote.is_none() && text.chars().count() >= LEAST && plain.chars().all(signs)
}

/// Whether a test has a value once, and not as a part of another.
fn is_once(test: &str, value: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    let alone = |(at, _): &(usize, &str)| {
        let (before, rest) = test.split_at(*at);
        !before.ends_with(part) && !rest.get(value.len()..).unwrap_or_default().starts_with(part)
    };
    let mut found = test.match_indices(value).filter(alone);
    found.next().is_some() && found.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(report: &str, test: &str) -> Option<(String, String)> {
        compared(report, test)
    }

    #[test]
    fn each_runner_says_it_in_its_own_way() {
        let lists = Some(("[9, 3, 1]".to_owned(), "[9, 3, 2, 1]".to_owned()));
        let rust = "assertion `left == right` failed\n  left: [9, 3, 2, 1]\n right: [9, 3, 1]\nnote: run with";
        assert_eq!(found(rust, "    assert_eq!(ids, [9, 3, 1]);\n"), lists);
        let pytest =
            "    assert ids == [9, 3, 1]\nE   assert [9, 3, 2, 1] == [9, 3, 1]\nE     At index 2 diff: 2 != 1\n";
        assert_eq!(found(pytest, "    assert ids == [9, 3, 1]\n"), lists);
        let unittest = "AssertionError: Lists differ: [9, 3, 2, 1] != [9, 3, 1]\n\nFirst differing element 2:\n2\n1\n";
        assert_eq!(found(unittest, "self.assertEqual(ids, [9, 3, 1])\n"), lists);
        let junit = "org.opentest4j.AssertionFailedError: expected: <[9, 3, 1]> but was: <[9, 3, 2, 1]>\n";
        assert_eq!(found(junit, "assertEquals(List.of(9, 3, 1), ids); // [9, 3, 1]\n"), lists);
        let texts = Some(("\"to b: a\"".to_owned(), "\"to a: b\"".to_owned()));
        let pytest = "E       AssertionError: assert \"to a: b\" == \"to b: a\"\n";
        assert_eq!(found(pytest, "    assert line == \"to b: a\"\n"), texts);
        let node = "Expected values to be strictly equal:\n\n160 !== 161\n";
        assert_eq!(found(node, "assert.equal(text.length, 161);\n"), Some(("161".to_owned(), "160".to_owned())));
    }

    #[test]
    fn the_only_text_of_a_list_may_stand_in_a_table() {
        let test = "    cases = [\n        (\"sms\", \"from a to b: c\"),\n    ]\n";
        let texts = Some(("\"from a to b: c\"".to_owned(), "\"sms from a to b: c\"".to_owned()));
        let pytest = "E     At index 0 diff: 'sms from a to b: c' != 'from a to b: c'\n";
        assert_eq!(found(pytest, test), texts);
        let shortened = format!("E   AssertionError: assert ['sms f...to b: c'] == ['from a to b: c']\n{pytest}");
        assert_eq!(found(&shortened, test), texts);
        let rust = "  left: [\"sms from a to b: c\"]\n right: [\"from a to b: c\"]\n";
        assert_eq!(found(rust, test), texts);
        let go = "    factory_test.go:48: lines = [\"sms from a to b: c\"], want only \"from a to b: c\"\n";
        assert_eq!(found(go, test), texts);
        let node = "+ actual - expected\n\n  [\n+   'sms from a to b: c'\n-   'from a to b: c'\n  ]\n";
        assert_eq!(found(node, test), texts);
    }

    #[test]
    fn what_is_no_plain_value_or_stands_elsewhere_is_none() {
        let report = |left: &str, right: &str| format!("  left: {left}\n right: {right}\n");
        assert_eq!(found(&report("Ok(12)", "Err(12)"), "assert_eq!(f(), Err(12));"), None);
        assert_eq!(found(&report("0", "1"), "assert_eq!(f(), 1);"), None, "too short to say anything");
        assert_eq!(found(&report("100", "160"), "assert_eq!(f(160), 160);"), None, "it stands twice");
        assert_eq!(found(&report("100", "160"), "assert_eq!(f(), 1600);"), None, "it is part of another");
        assert_eq!(found(&report("100", "160"), "assert_eq!(f(100), 160);"), None, "both stand there");
        assert_eq!(
            found(&report("\"to a: b\"", "\"to b: a\""), "assert_eq!(f(), \"to b: a\");")
                .map(|(old, _)| old)
                .as_deref(),
            Some("\"to b: a\"")
        );
    }
}
