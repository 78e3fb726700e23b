//! Needless statements: a call in a failing test at which the test ends, and that proves nothing.
//!
//! A small model that has a helper make what is stored stores it once more: `repository.create(make_order(1))` behind `repository_with(1)`. Where
//! the functions were asked about in vain and the test passes without the call, the call goes. What the test asserts stays as it is, and the
//! proposal says what was taken out.

use std::collections::BTreeSet;

use super::Mending;
use super::places::Place;
use super::rewritten::Rewritten;
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::language::cut::cut_lines;

/// Words of a line that proves something, decides something or gives a name to something.
const TELLING: [&str; 17] = [
    "assert",
    "expect",
    "raises",
    "throws",
    "unwrap_err",
    "Fatal",
    "Error",
    " = ",
    ":=",
    "with ",
    "for ",
    "if ",
    "return ",
    "fn ",
    "def ",
    "func ",
    "=>",
];

impl Mending<'_> {
    /// Takes calls out of failing tests that end at them and pass without them. The files, when that was all.
    pub(super) async fn take_out_needless(&mut self) -> Result<Option<FileSet>, Failure> {
        self.rewrite_tests(Self::few_fail, |mending, test| mending.without_needless(test).into_iter().collect()).await
    }

    /// A test without the call at which it failed. None where it failed at several lines, or at one that says more.
    fn without_needless(&self, test: &Place) -> Option<Rewritten> {
        let [line] = test.lines[..] else { return None };
        let text = self.standing.text(&test.path);
        let own = text.get(test.item.whole.clone())?;
        let first = text.get(..test.item.whole.start)?.matches('\n').count() + 1;
        let number = line.checked_sub(first)? + 1;
        let call = own.lines().nth(number - 1).map(str::trim).filter(|call| is_call(call))?;
        let name = &test.item.name;
        let done = format!("`{call}` was taken out of the test `{name}`, which failed there and passes without it");
        Some(Rewritten { text: cut_lines(own, &BTreeSet::from([number])), done })
    }
}

/// Whether a line is a call and nothing else.
fn is_call(line: &str) -> bool {
    let statement = line.trim_end_matches(';').trim_end_matches(".unwrap()").trim_end_matches('?');
    let opened = statement.matches('(').count();
    statement.ends_with(')')
        && opened > 0
        && opened == statement.matches(')').count()
        && !TELLING.iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_says_nothing_of_what_it_gives() {
        for line in [
            "repository.create(make_order(1))",
            "repository.create(order(1)).unwrap();",
            "repository.create(makeOrder(1));",
            "tx.delete(1)?;",
        ] {
            assert!(is_call(line), "{line}");
        }
        for line in [
            "assert repository.get(1).paid",
            "self.assertEqual(a(), 1)",
            "found = repository.get(1)",
            "let found = repository.get(1).unwrap();",
            "with pytest.raises(A):",
            "repository.create(",
            ")",
            "repository.transaction((tx) => tx.create(1));",
            "t.Fatalf(\"Create: %v\", err)",
        ] {
            assert!(!is_call(line), "{line}");
        }
    }
}
