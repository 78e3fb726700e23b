//! Text that was merged on the bot's branch, proven: what people changed there and what was generated passed no gate together
//! yet, so the gates run once more over both, before the result is called proven.

use std::sync::Arc;

use super::generate::Run;
use super::prove::FileSet;
use crate::event::Event;
use crate::failure::Failure;
use crate::gate::{Outcome, Verdict};
use crate::path::RepoPath;
use crate::pattern::check::RuleResult;
use crate::port::Role;
use crate::spec::SpecId;
use crate::task::Task;
use crate::text::shortened;

/// The files of a branch as they would be after the next commit.
#[derive(Debug, Default)]
pub(super) struct OnBranch {
    /// The files of the proposal that differ from what was generated, and those beside them.
    pub(super) files: FileSet,
    /// Files of the proposal that people deleted.
    pub(super) deleted: Vec<RepoPath>,
    /// Other files that people changed there.
    pub(super) beside: FileSet,
    /// Why not everything of the branch can be looked at.
    pub(super) unseen: Option<String>,
}

/// What the gates said of merged text.
pub(super) enum Judged {
    /// Everything passed.
    Passed {
        /// The files, after the formatter.
        files: FileSet,
        /// The gates and rules of each spec.
        proofs: Vec<(SpecId, Verdict, Vec<RuleResult>)>,
    },
    /// Something did not pass, or could not run: which gate, and what it said.
    Refused(String),
}

/// Proves what is merged into the proposal of some specs.
pub(super) struct Reprover<'r> {
    pub(super) run: &'r Arc<Run>,
    pub(super) tasks: Vec<Arc<Task>>,
}

impl Reprover<'_> {
    /// Runs the gates of every spec over the files of the branch.
    pub(super) async fn prove(&self, branch: &OnBranch) -> Result<Judged, Failure> {
        if let Some(why) = &branch.unseen {
            return Ok(Judged::Refused(why.clone()));
        }
        if let Some(path) = branch.deleted.first() {
            return Ok(Judged::Refused(format!("`{path}` was deleted on this branch, so no gate can run")));
        }
        let mut files = branch.files.clone();
        let mut proofs = Vec::new();
        for task in &self.tasks {
            match self.prove_one(task, &files, &branch.beside).await? {
                Ok((formatted, verdict, rules)) => {
                    files.extend(formatted);
                    proofs.push((task.spec.id.clone(), verdict, rules));
                }
                Err(why) => return Ok(Judged::Refused(why)),
            }
        }
        Ok(Judged::Passed { files, proofs })
    }

    async fn prove_one(
        &self,
        task: &Arc<Task>,
        files: &FileSet,
        beside: &FileSet,
    ) -> Result<Result<(FileSet, Verdict, Vec<RuleResult>), String>, Failure> {
        let spec = task.spec.id.to_string();
        let reporter = &self.run.ports.reporter;
        let stage = "proving it again, with what people changed on the branch".to_owned();
        reporter.report(&Event::Stage { spec: spec.clone(), stage });
        let of = |paths: &[RepoPath]| -> FileSet {
            paths.iter().filter_map(|path| Some((path.clone(), files.get(path)?.clone()))).collect()
        };
        let (code, tests) = (of(&task.code), of(&task.tests));
        let mut before = self.run.files_before(task);
        before.extend(beside.clone());
        let others = files.iter().filter(|(path, _)| !code.contains_key(*path) && !tests.contains_key(*path));
        before.extend(others.map(|(path, text)| (path.clone(), text.clone())));
        let prover = self.run.prover(task, before).await?;
        let on_gate = |role: Role| {
            let (reporter, spec) = (Arc::clone(reporter), spec.clone());
            move |result: &crate::gate::GateResult| {
                reporter.report(&Event::Gate { spec: spec.clone(), role, attempt: 1, result: result.clone() });
            }
        };
        let of_code = prover.prove_code(&code, &on_gate(Role::Code)).await?;
        if let Some(why) = self.refusal(&of_code.verdict) {
            return Ok(Err(why));
        }
        let of_tests = prover.prove_tests(&of_code.files, &tests, &on_gate(Role::Tests)).await?;
        let verdict = of_code.verdict.followed_by(of_tests.verdict);
        if let Some(why) = self.refusal(&verdict) {
            return Ok(Err(why));
        }
        let rules = if of_tests.rules.is_empty() { of_code.rules } else { of_tests.rules };
        Ok(Ok((of_tests.files, verdict, rules)))
    }

    /// The gate that stands in the way.
    fn refusal(&self, verdict: &Verdict) -> Option<String> {
        let unproven = verdict.unproven().next().filter(|_| !self.run.options.allow_unproven);
        let result = verdict.failure().or(unproven)?;
        let word = if matches!(result.outcome, Outcome::Failed { .. }) { "refuses it" } else { "could not run" };
        Some(format!("the gate {} {word}: {}", result.gate, shortened(result.outcome.detail().trim(), 1500)))
    }
}
