//! Owners of members: what a text calls a member by elsewhere, where it calls it by something that has it not.
//!
//! `self.check_line(…)` in one of three methods, of which two say `self.config.check_line(…)`; `ctx.Background()` for `context.Background()`.

use std::collections::BTreeSet;

use super::cut::with_line;
use crate::text::places_of;

/// The text in which `line`, from 1, calls a member by what the other lines call it by. None where that is not one thing, or the line calls it
/// more than once.
pub fn with_owner(text: &str, member: &str, line: usize) -> Option<String> {
    let own = text.lines().nth(line.checked_sub(1)?)?;
    let mut here = owners(own, member);
    let (at, wrong) = here.next()?;
    let others = text.lines().zip(1..).filter(|(_, number)| *number != line);
    let others: BTreeSet<&str> = others.flat_map(|(other, _)| owners(other, member)).map(|(_, owner)| owner).collect();
    let (Some(owner), 1, None) = (others.first(), others.len(), here.next()) else { return None };
    let mended = format!("{}{owner}{}", own.get(..at)?, own.get(at + wrong.len()..)?);
    (*owner != wrong).then(|| with_line(text, line, &mended))
}

/// What stands before the dot of each call of a member in a line, and where.
fn owners<'l>(line: &'l str, member: &'l str) -> impl Iterator<Item = (usize, &'l str)> {
    places_of(line, member).filter_map(move |at| {
        let is_called = line.get(at + member.len()..)?.starts_with('(');
        let before = line.get(..at)?.strip_suffix('.')?;
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
        let start = before.rfind(|letter: char| !is_part(letter)).map_or(0, |at| at + letter_length(before, at));
        let owner = before.get(start..).filter(|owner| !owner.is_empty())?;
        is_called.then_some((start, owner))
    })
}

fn letter_length(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_called_by_what_the_others_call_it_by() {
        let text = "fn a() {\n    self.config.check(b)?;\n}\nfn c() {\n    if !self.check(b) {\n    }\n}\n";
        assert_eq!(with_owner(text, "check", 5), Some(text.replace("!self.check", "!self.config.check")));
        let go = "\ta(context.Background())\n\tif err := b(ctx.Background(), 1); err != nil {\n";
        assert_eq!(with_owner(go, "Background", 2), Some(go.replace("ctx.", "context.")));
    }

    #[test]
    fn where_that_is_not_one_thing_it_stays() {
        for text in [
            "a.check()\nb.check()\nc.check()\n",
            "c.check()\nb.other()\nc.check()\n",
            "b.check()\nb.check()\nc.check() + d.check()\n",
            "b.check()\nb.check()\ncheck()\n",
            "b.check\nb.checks()\nc.check()\n",
            "ä.check()\nö.check()\n→c.check()\n",
        ] {
            assert_eq!(with_owner(text, "check", 3), None, "{text}");
        }
        assert_eq!(with_owner("a.check()\n", "check", 0), None);
        assert_eq!(with_owner("→a.check()\n→b.check()\n", "check", 2).as_deref(), Some("→a.check()\n→a.check()\n"));
    }
}
