//! What becomes of one file of a proposal when people may have changed it on the bot's branch: their text is merged with the
//! new one, never overwritten.

use crate::language::Language;
use crate::merge::merge;

/// A file as it is known on the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnBranch<'t> {
    /// The text that the bot wrote last, or that the branch began with.
    pub pristine: Option<&'t str>,
    /// The text at the tip.
    pub tip: Option<&'t str>,
    /// Whether people deleted it.
    pub deleted: bool,
}

/// What to do with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// The branch has it already, or has what people want.
    Leave,
    /// Write the new text: nobody changed the file.
    Write,
    /// Write this: both changes together.
    Both(String),
    /// Write this, which has conflict markers.
    Conflict(String),
}

/// Decides for one file with the new text `new`.
pub fn decide(language: Option<Language>, on_branch: OnBranch<'_>, new: &str) -> Merged {
    let Some(tip) = on_branch.tip else { return if on_branch.deleted { Merged::Leave } else { Merged::Write } };
    if tip == new {
        return Merged::Leave;
    }
    match on_branch.pristine {
        Some(pristine) if pristine == tip => Merged::Write,
        Some(pristine) if pristine == new => Merged::Leave,
        pristine => {
            let merged = merge(language, pristine.unwrap_or_default(), tip, new);
            if merged.conflicts > 0 { Merged::Conflict(merged.text) } else { Merged::Both(merged.text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_people_survive() {
        let (old, edited, new) = ("one\ntwo\nthree\nfour\n", "ONE\ntwo\nthree\nfour\n", "one\ntwo\nthree\nFOUR\n");
        let decide = |on_branch, new| super::decide(None, on_branch, new);
        let case = |pristine, tip| OnBranch { pristine, tip, deleted: false };
        assert_eq!(decide(case(None, None), new), Merged::Write);
        assert_eq!(decide(OnBranch { deleted: true, ..case(Some(old), None) }, new), Merged::Leave);
        assert_eq!(decide(case(Some(old), Some(old)), new), Merged::Write);
        assert_eq!(decide(case(Some(old), Some(new)), new), Merged::Leave);
        assert_eq!(decide(case(Some(new), Some(edited)), new), Merged::Leave);
        assert_eq!(decide(case(Some(old), Some(edited)), new), Merged::Both("ONE\ntwo\nthree\nFOUR\n".to_owned()));
        let clash = decide(case(Some(old), Some(edited)), "1\ntwo\nthree\nfour\n");
        let Merged::Conflict(text) = clash else { panic!("{clash:?}") };
        assert!(text.contains("\nONE\n|||||||") && text.contains("=======\n1\n>>>>>>>"), "{text}");
        // Nothing is known of what stands there: it is not overwritten.
        assert!(matches!(decide(case(None, Some(edited)), new), Merged::Conflict(_)));
    }
}
