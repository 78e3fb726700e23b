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
use crate::language::frame::function_in;

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
        let text = self.standing.text(&test.path);
        let own = text.get(test.item.whole.clone())?;
        let number = match test.lines[..] {
            [line] => line.checked_sub(self.lines_above(test))?,
            [] => self.line_that_raised(test, own)?,
            _ => return None,
        };
        let call = own.lines().nth(number.checked_sub(1)?).map(str::trim).filter(|call| is_call(call))?;
        let name = &test.item.name;
        let done = format!("`{call}` was taken out of the test `{name}`, which failed there and passes without it");
        Some(Rewritten { text: cut_lines(own, &BTreeSet::from([number])), done })
    }
}

impl Mending<'_> {
    /// The one line of a test that is a call of the function in which it ended, where the places of what ran are not those of the source.
    fn line_that_raised(&self, test: &Place, own: &str) -> Option<usize> {
        let said = self.standing.setback.said_about(test);
        let function = said.lines().find_map(function_in)?;
        let called = format!(".{function}(");
        let is_one = |line: &str| line.contains(&called) && is_call(line.trim());
        let mut found = own.lines().zip(1..).filter(|(line, _)| is_one(line)).map(|(_, number)| number);
        let first = found.next()?;
        found.next().is_none().then_some(first)
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
