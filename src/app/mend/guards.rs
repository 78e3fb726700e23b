//! Guards that refuse what the spec allows: taken out where tests that the spec speaks of then pass.
//!
//! A small model that reads "a paid order is final" refuses paid orders everywhere, and writes the check again as often as it is asked. To
//! leave a statement out is the simplest repair there is, and often the right one (Qi, Long, Achour and Rinard, "An Analysis of Patch
//! Plausibility and Correctness for Generate-and-Validate Patch Generation Systems", 2015, where it is called Kali); it is also how checks
//! that nothing tests get lost. So only an `if` that does nothing but refuse may go, and only for a test that the spec speaks of,
//! while every test that passed still passes. It costs no call.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::places::Place;
use super::suspects::Function;
use super::{Judged, Mending};
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::guards::without_guards;
use crate::language::report;
use crate::text::count;

/// Guards that are tried in one attempt.
const MOST_GUARDS: usize = 16;

impl Mending<'_> {
    /// Takes out guards that refuse what tests of the spec ask for, as long as there are such. The files, when that was all.
    pub(super) async fn drop_guards(&mut self) -> Result<Option<FileSet>, Failure> {
        while self.standing.setback.refused_by == Some(Gate::GeneratedTests) {
            let claimed: Vec<Place> = self.blamed_tests().into_iter().filter(|test| self.is_claimed(test)).collect();
            let mut functions: Vec<Function> = Vec::new();
            for function in claimed.iter().flat_map(|test| self.likeliest(test)) {
                if !functions.iter().any(|(path, _, item)| *path == function.0 && item.key == function.2.key) {
                    functions.push(function);
                }
            }
            let mut is_better = false;
            for function in functions {
                match self.drop_guard_of(&function, &claimed).await? {
                    Some(Judged::Passed(files)) => return Ok(Some(files)),
                    Some(_) => is_better = true,
                    None => {}
                }
                if is_better {
                    break;
                }
            }
            if !is_better {
                break;
            }
        }
        Ok(None)
    }

    /// Takes out the first guard of a function without which one of these tests passes. None where there is no such guard.
    async fn drop_guard_of(
        &mut self,
        (path, own, item): &Function,
        claimed: &[Place],
    ) -> Result<Option<Judged>, Failure> {
        let text = self.standing.text(path).to_owned();
        // The code stands among the files of the tests, too.
        if text.get(item.whole.clone()) != Some(own.as_str()) {
            return Ok(None);
        }
        for (guard, without) in without_guards(self.language(), &text, &item.whole) {
            if self.progress.unguarded.len() >= MOST_GUARDS || !self.progress.unguarded.insert(without.clone()) {
                continue;
            }
            let mut files = self.standing.setback.files.clone();
            files.insert(path.clone(), without);
            let answer = self.standing.setback.answer.clone();
            let tried = self.tried(self.case.call, files, &answer).await?;
            let failing = |tests: Vec<Place>| -> BTreeSet<_> {
                tests.into_iter().map(|test| (test.path, test.item.whole.start)).collect()
            };
            let before = failing(self.blamed_tests());
            let after = match &tried.refused {
                None => BTreeSet::new(),
                Some(now) if now.refused_by <= Some(Gate::ExistingTests) || report::is_broken_off(&now.evidence) => {
                    continue;
                }
                Some(now) if now.refused_by == Some(Gate::GeneratedTests) => failing(self.blamed_by(now)),
                Some(_) => BTreeSet::new(),
            };
            let passes = |test: &&Place| !after.contains(&(test.path.clone(), test.item.whole.start));
            if !after.is_subset(&before) || !claimed.iter().any(|test| passes(&test)) {
                continue;
            }
            let more = count(before.len() - after.len(), "more test passes", "more tests pass");
            self.note(format!("mended by rule: took out `{guard}` of `{}`, without which {more}", item.name));
            return Ok(Some(self.settled(Ordering::Equal, tried)));
        }
        Ok(None)
    }
}
