//! Mutation: which small changes to the generated code its tests notice.
//!
//! A change counts when it compiles and was tried; the score is changes noticed ÷ changes that count. A change that makes
//! the tests run without end is noticed. Whether a change that is not noticed makes any difference is not chased: the
//! threshold leaves room for those.
//!
//! When the time did not suffice for all, those that were tried are a sample, and how large it is depends on how busy the
//! machine is. A verdict must not: a small sample is no proof, and tests are refused only when the sample leaves no doubt.

use super::Outcome;
use crate::path::RepoPath;

/// What became of a changed program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A test failed.
    Noticed,
    /// The tests ran into their deadline.
    Endless,
    /// Every test passed.
    Survived,
    /// It does not compile.
    Unviable,
}

/// A change and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The file.
    pub path: RepoPath,
    /// The line, from 1.
    pub line: usize,
    /// What was changed to what.
    pub change: String,
    /// What became of it.
    pub fate: Fate,
}

/// All that was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// The changes that were tried.
    pub tried: Vec<Tried>,
    /// Changes that the time did not suffice for.
    pub left: usize,
}

/// Most survivors that are shown.
const SHOWN: usize = 12;

/// Changes that must have been tried for a verdict when the time did not suffice for all.
const ENOUGH: usize = 8;

/// The upper end of the Wilson interval of a share, at 95 % (E. B. Wilson, 1927).
fn upper_bound(right: usize, of: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let (z, n) = (1.96_f64, number(of));
    let share = number(right) / n;
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    (share + z * z / (2.0 * n) + spread) / (1.0 + z * z / n)
}

impl Trial {
    fn count(&self, fates: &[Fate]) -> usize {
        self.tried.iter().filter(|tried| fates.contains(&tried.fate)).count()
    }

    /// Noticed changes, and changes that count.
    pub fn score(&self) -> (usize, usize) {
        let noticed = self.count(&[Fate::Noticed, Fate::Endless]);
        (noticed, noticed + self.count(&[Fate::Survived]))
    }

    /// Holds the score to a threshold, percent.
    pub fn judge(&self, threshold: u8) -> Outcome {
        let (noticed, all) = self.score();
        if all == 0 {
            let unviable = self.count(&[Fate::Unviable]);
            return if self.left > 0 {
                Outcome::Unproven {
                    reason: format!(
                        "there was no time to try any of {} changes; raise `limits.mutation_time`",
                        self.left
                    ),
                }
            } else if unviable > 0 {
                Outcome::NotApplicable { reason: format!("none of {unviable} changes to the code compiles") }
            } else {
                Outcome::NotApplicable { reason: "there is nothing in the code that could be changed".to_owned() }
            };
        }
        let percent = noticed * 100 / all;
        let doubt = percent < usize::from(threshold) && upper_bound(noticed, all) * 100.0 >= f64::from(threshold);
        if self.left > 0 && (all < ENOUGH || doubt) {
            return Outcome::Unproven {
                reason: format!(
                    "there was time for only {all} changes that count, of which {noticed} were noticed, and none for {} more; raise `limits.mutation_time`",
                    self.left
                ),
            };
        }
        let mut said =
            format!("{noticed} of {all} changes to the code were noticed ({percent} %, {threshold} % asked for)");
        if self.left > 0 {
            said.push_str(&format!("; no time for {} more", self.left));
        }
        match self.count(&[Fate::Unviable]) {
            0 => {}
            unviable => said.push_str(&format!("; {unviable} did not compile")),
        }
        let survivors = self.survivors();
        if percent >= usize::from(threshold) {
            if !survivors.is_empty() {
                said.push_str(&format!("; not noticed: {}", survivors.join("; ")));
            }
            return Outcome::Passed { detail: said };
        }
        let evidence = format!(
            "the tests are too weak: {said}.\nEach of these changes to the code was made, and every test still passed. For each one that makes a difference, write a test that fails with the change and passes without it:\n{}",
            survivors.iter().map(|line| format!("- {line}\n")).collect::<String>()
        );
        Outcome::Failed { evidence }
    }

    fn survivors(&self) -> Vec<String> {
        let mut lines: Vec<(&RepoPath, usize, String)> = self
            .tried
            .iter()
            .filter(|tried| tried.fate == Fate::Survived)
            .map(|tried| (&tried.path, tried.line, format!("{}:{}: {}", tried.path, tried.line, tried.change)))
            .collect();
        lines.sort();
        let hidden = lines.len().saturating_sub(SHOWN);
        let mut shown: Vec<String> = lines.into_iter().take(SHOWN).map(|(_, _, line)| line).collect();
        if hidden > 0 {
            shown.push(format!("{hidden} more"));
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(fates: &[Fate], left: usize) -> Trial {
        let tried = fates.iter().enumerate().map(|(index, fate)| Tried {
            path: RepoPath::parse("src/a.rs").unwrap(),
            line: index + 1,
            change: "`a < b` changed to `a <= b`".to_owned(),
            fate: *fate,
        });
        Trial { tried: tried.collect(), left }
    }

    #[test]
    fn what_was_noticed_is_held_to_the_threshold() {
        use Fate::{Endless, Noticed, Survived, Unviable};
        for (fates, threshold, status, part) in [
            (vec![Noticed, Endless, Survived, Unviable], 66, "passed", "2 of 3 changes to the code were noticed (66 %"),
            (vec![Noticed, Endless, Survived, Unviable], 67, "failed", "- src/a.rs:3: `a < b` changed to `a <= b`"),
            (vec![Noticed], 100, "passed", "1 of 1"),
            (vec![Survived], 1, "failed", "0 of 1"),
            (vec![Unviable], 1, "not applicable", "compiles"),
            (vec![], 1, "not applicable", "nothing in the code"),
        ] {
            let outcome = trial(&fates, 0).judge(threshold);
            assert_eq!(outcome.id(), status, "{outcome:?}");
            assert!(outcome.detail().contains(part), "{outcome:?}");
        }
        assert_eq!(trial(&[], 4).judge(1).id(), "unproven");
        assert_eq!(trial(&[Noticed; 7], 4).judge(1).id(), "unproven");
        assert!(trial(&[Noticed; 8], 4).judge(1).detail().contains("no time for 4 more"));
        // What is left undone may change the verdict, or may not.
        let half = [[Noticed; 5], [Survived; 5]].concat();
        assert_eq!(trial(&half, 4).judge(60).id(), "unproven");
        assert_eq!(trial(&half, 0).judge(60).id(), "failed");
        assert_eq!(trial(&[Survived; 10], 4).judge(60).id(), "failed");
        assert_eq!(trial(&half, 4).judge(50).id(), "passed");
        // What survives is said even when there are enough others.
        assert!(trial(&[Noticed, Survived], 0).judge(50).detail().contains("not noticed: src/a.rs:2"));
    }
}
