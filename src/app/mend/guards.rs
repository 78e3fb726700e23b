//! Guards that refuse what the spec allows: taken out where tests that the spec speaks of then pass.
//!
//! A small model that reads "a paid order is final" refuses paid orders everywhere, and writes the check again as often as it is asked. To
//! leave a statement out is the simplest repair there is, and often the right one (Qi, Long, Achour and Rinard, "An Analysis of Patch
//! Plausibility and Correctness for Generate-and-Validate Patch Generation Systems", 2015, where it is called Kali); it is also how checks
//! that nothing tests get lost. So only an `if` that does nothing but refuse may go, of a function that no sentence of the spec names with
//! what it asks; only for a test that the spec speaks of, while every test that passed still passes; and the proposal says so. It
//! costs no call.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::claims::uses_number;
use super::places::Place;
use super::suspects::Function;
use super::{Judged, Mending};
use crate::app::prove::FileSet;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::language::guards::without_guards;
use crate::relevance::{has_words, words};
use crate::text::{count, has_word, names_in, sentences};

/// Guards that are tried in one attempt.
const MOST_GUARDS: usize = 16;

impl Mending<'_> {
    /// Takes out guards that refuse what tests of the spec ask for, as long as there are such. The files, when that was all.
    pub(super) async fn drop_guards(&mut self) -> Result<Option<FileSet>, Failure> {
        // Where most fail, what they share is wrong more often than a guard is.
        'better: while self.standing.setback.refused_by == Some(Gate::GeneratedTests) && !self.most_fail() {
            let claimed: Vec<Place> = self.blamed_tests().into_iter().filter(|test| self.is_claimed(test)).collect();
            for function in self.likeliest_of(&claimed) {
                match self.drop_guard_of(&function, &claimed).await? {
                    Some(Judged::Passed(files)) => return Ok(Some(files)),
                    Some(_) => continue 'better,
                    None => {}
                }
            }
            break;
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
            let is_spent = self.progress.unguarded.len() >= MOST_GUARDS;
            if is_spent || self.is_demanded(&item.name, own, &guard) || !self.progress.unguarded.insert(without.clone())
            {
                continue;
            }
            let mut files = self.standing.setback.files.clone();
            files.insert(path.clone(), without);
            let answer = self.standing.setback.answer.clone();
            let tried = self.tried(self.case.call, files, &answer).await?;
            let before = Self::places_of_tests(self.blamed_tests());
            let Some(after) = self.failing_in(&tried) else { continue };
            let after = Self::places_of_tests(after);
            let passes = |test: &&Place| !after.contains(&(test.path.clone(), test.item.whole.start));
            if !after.is_subset(&before) || !claimed.iter().any(|test| passes(&test)) {
                continue;
            }
            let judged = self.settled(Ordering::Greater, tried);
            if matches!(judged, Judged::Passed(_) | Judged::Better) {
                let more = count(before.len() - after.len(), "more test passes", "more tests pass");
                let message = format!("mended by rule: took out `{guard}` of `{}`, without which {more}", item.name);
                self.tell_reviewers(message);
                return Ok(Some(judged));
            }
        }
        Ok(None)
    }

    /// Whether a guard asks for a limit of the spec, or a sentence of the spec names its function with a word of what it asks, beyond what
    /// the function is given.
    fn is_demanded(&self, function: &str, text: &str, guard: &str) -> bool {
        let spec = &self.producer.task.spec;
        let own: BTreeSet<String> = words(&spec.name.value).collect();
        let numbers = names_in(&spec.description);
        // Those of one digit stand everywhere.
        let mut numbers =
            numbers.filter(|word| word.len() > 1 && word.starts_with(|letter: char| letter.is_ascii_digit()));
        let uses = |number: &str| {
            let number = number.replace('_', "");
            self.standing.code.values().any(|code| uses_number(code, &[guard], &number))
        };
        if numbers.any(uses) {
            return true;
        }
        let head = text.lines().find(|line| has_word(line, function)).unwrap_or_default();
        let given: BTreeSet<String> = words(head).collect();
        let function: BTreeSet<String> = words(function).filter(|word| !own.contains(word)).collect();
        let asked: BTreeSet<String> =
            words(guard).filter(|word| !own.contains(word) && !given.contains(word)).collect();
        let is_about =
            |sentence: &str| has_words(sentence, &function) && words(sentence).any(|word| asked.contains(&word));
        let mut said = sentences(&spec.description).chain(spec.rules.iter().map(String::as_str));
        !function.is_empty() && said.any(is_about)
    }
}
