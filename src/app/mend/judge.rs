//! Judging what was changed: the gates are run on it, and it stands only where they get at least as far as with what stood.

use std::cmp::Ordering;

use super::places::{Place, reach};
use super::{MOST_ROUNDS, Mending};
use crate::app::named::left_out;
use crate::app::produce::{Call, Producer};
use crate::app::prove::{FileSet, Proof};
use crate::app::setback::Setback;
use crate::failure::Failure;
use crate::gate::{Gate, feedback, quick_fix};
use crate::language::{Language, report};
use crate::path::RepoPath;
use crate::port::Role;

/// How changed files did beside those that stand.
pub(super) enum Judged {
    /// Every gate passed.
    Passed(FileSet),
    /// The gates got further.
    Better,
    /// As far: they stand where that was enough.
    Even,
    /// Not as far: they were dropped.
    Worse,
}

/// Changed files with what the gates said of them.
pub(super) struct Tried {
    pub(super) proof: Proof,
    /// What refuses them; None where every gate passed.
    pub(super) refused: Option<Setback>,
    /// Changed code that passed on its own.
    pub(super) code: Option<FileSet>,
}

impl Mending<'_> {
    /// Proves changed files, and lets them stand unless the gates get less far than before.
    pub(super) async fn judge(&mut self, call: &Call, files: FileSet, answer: &str) -> Result<Judged, Failure> {
        self.judge_from(Ordering::Equal, call, files, answer).await
    }

    /// Proves changed files, and lets them stand where the gates get at least so far beside what stands.
    pub(super) async fn judge_from(
        &mut self,
        least: Ordering,
        call: &Call,
        files: FileSet,
        answer: &str,
    ) -> Result<Judged, Failure> {
        let tried = self.tried(call, files, answer).await?;
        Ok(self.settled(least, tried))
    }

    /// Proves the files with an item that reads so, and lets them stand where the gates get further.
    pub(super) async fn judge_rewritten(&mut self, place: &Place, item: &str) -> Result<Judged, Failure> {
        let mut files = self.standing.setback.files.clone();
        if let Some(text) = files.get_mut(&place.path) {
            text.replace_range(place.item.whole.clone(), item);
        }
        let answer = self.standing.setback.answer.clone();
        self.judge_from(Ordering::Greater, self.case.call, files, &answer).await
    }

    /// The same, with what those who review the proposal have to know then.
    pub(super) async fn judge_told(&mut self, place: &Place, item: &str, message: String) -> Result<Judged, Failure> {
        let judged = self.judge_rewritten(place, item).await?;
        if matches!(judged, Judged::Passed(_) | Judged::Better) {
            self.tell_reviewers(message);
        }
        Ok(judged)
    }

    /// What the gates say of changed files, once rules mended what they can: a version that writes `"paid"` for a `String` says nothing until it
    /// builds.
    pub(super) async fn tried(&self, call: &Call, mut files: FileSet, answer: &str) -> Result<Tried, Failure> {
        for _ in 0..MOST_ROUNDS {
            let tried = self.tried_as_it_is(call, files.clone(), answer).await?;
            let unbuilt = tried.refused.as_ref().filter(|now| now.refused_by < Some(Gate::ExistingTests));
            // Its compiler says how a type becomes the one that is meant; elsewhere, what builds by a rule is a wrong version more often. Tests that
            // are added to those that pass take nothing away.
            let adds = self.standing.setback.refused_by > Some(Gate::GeneratedTests);
            let unbuilt = unbuilt.filter(|_| adds || self.language() == Language::Rust);
            let Some(now) = unbuilt else { return Ok(tried) };
            files.clone_from(&now.files);
            // Who holds tests against each other knows them by their places, so they stay as they are, unless one of them is what is tried.
            let is_code = |path: &RepoPath| self.producer.task.code.contains(path);
            let is_drawn = |path: &RepoPath| now.files.get(path) != self.standing.setback.files.get(path);
            let fits = |path: &RepoPath| is_code(path) || is_drawn(path);
            let done = self.fix_where(fits, &mut files, &now.evidence);
            if done.is_empty() {
                return Ok(tried);
            }
            self.note(format!("mended by rule: {}", done.join("; ")));
        }
        self.tried_as_it_is(call, files, answer).await
    }

    async fn tried_as_it_is(&self, call: &Call, files: FileSet, answer: &str) -> Result<Tried, Failure> {
        let (proof, code) = self.prove_mended(call, &files).await?;
        let refused = Setback::of(answer, &proof).map(|mut now| {
            // A proof of the code alone leaves the tests as they were.
            now.files = files.into_iter().chain(proof.files.clone()).collect();
            now
        });
        Ok(Tried { proof, refused, code })
    }

    /// Mends code by what was printed about it, as far as rules can, and says what was done.
    pub(super) fn fix_code(&self, files: &mut FileSet, output: &str) -> Vec<String> {
        self.fix_where(|path| self.producer.task.code.contains(path), files, output)
    }

    /// Mends the files that fit by what was printed about them, as far as rules can, and says what was done.
    pub(super) fn fix_where(&self, fits: impl Fn(&RepoPath) -> bool, files: &mut FileSet, output: &str) -> Vec<String> {
        let mut done = Vec::new();
        for (path, text) in files.iter_mut().filter(|(path, _)| fits(path)) {
            if let Some(fixed) = quick_fix::fix(self.language(), path.as_str(), text, output) {
                *text = fixed.text;
                done.extend(fixed.done);
            }
        }
        done
    }

    /// Whether the gates got further than with what stands.
    pub(super) fn gets_further(&self, tried: &Tried) -> bool {
        let language = self.language();
        let stands = reach(&self.standing.setback, language);
        tried.refused.as_ref().is_none_or(|now| reach(now, language) > stands)
    }

    /// The tests that fail in what was tried. None where they never ran, or not all are shown.
    pub(super) fn failing_in(&self, tried: &Tried) -> Option<Vec<Place>> {
        match &tried.refused {
            Some(now)
                if now.refused_by < Some(Gate::GeneratedTests)
                    || report::is_broken_off(&now.evidence)
                    || feedback::is_cut(&now.evidence) =>
            {
                None
            }
            Some(now) if now.refused_by == Some(Gate::GeneratedTests) => Some(self.blamed_by(now)),
            // A later gate, or none.
            Some(_) | None => Some(Vec::new()),
        }
    }

    /// Lets changed files stand where the gates got at least so far beside what stands.
    pub(super) fn settled(&mut self, least: Ordering, tried: Tried) -> Judged {
        let Tried { proof, refused, code } = tried;
        let Some(now) = refused else {
            Producer::take_over(self.produced, &proof);
            return Judged::Passed(proof.files);
        };
        // As long as a gate refuses tests, these are wrong more often than what the spec says by name.
        if let Some(lost) = code.as_ref().and_then(|code| self.lost_in(code)) {
            self.note(format!("not taken, since it loses what the specification names: `{lost}`"));
            return Judged::Worse;
        }
        let language = self.language();
        let compared = reach(&now, language).cmp(&reach(&self.standing.setback, language));
        if compared < least {
            return if compared.is_eq() { Judged::Even } else { Judged::Worse };
        }
        Producer::take_over(self.produced, &proof);
        self.standing.setback = now;
        if let Some(code) = code {
            self.standing.code = code;
        }
        if compared.is_gt() { Judged::Better } else { Judged::Even }
    }

    /// Something that the spec names, that the code which stands has and other code leaves out: a limit, a word between quotation marks, an
    /// error.
    fn lost_in(&self, code: &FileSet) -> Option<String> {
        if *code == self.standing.code {
            return None;
        }
        let description = &self.producer.task.spec.description;
        let before = left_out(description, &self.standing.code);
        left_out(description, code).into_iter().find(|named| !before.contains(named)).map(str::to_owned)
    }

    /// Proves mended files: the code first when it changed, then the tests. The second value is code that passed on its own.
    pub(super) async fn prove_mended(&self, call: &Call, files: &FileSet) -> Result<(Proof, Option<FileSet>), Failure> {
        let (prover, code) = (&self.producer.prover, &self.standing.code);
        let own = |path: &RepoPath| self.producer.task.code.contains(path);
        let (new_code, tests): (FileSet, FileSet) = files.clone().into_iter().partition(|(path, _)| own(path));
        if call.role == Role::Code {
            return Ok((prover.prove_code(&new_code, &self.producer.on_gate(call)).await?, None));
        }
        let mut proven = None;
        let mut rules = Vec::new();
        if new_code != *code {
            let of_code = Call { role: Role::Code, ..call.clone() };
            let proof = prover.prove_code(&new_code, &self.producer.on_gate(&of_code)).await?;
            if proof.verdict.failure().is_some() {
                return Ok((proof, None));
            }
            rules.clone_from(&proof.rules);
            proven = Some(proof.files);
        }
        let code = proven.as_ref().unwrap_or(code);
        let mut proof = prover.prove_tests(code, &tests, &self.producer.on_gate(call)).await?;
        proof.rules = rules;
        Ok((proof, proven))
    }
}
