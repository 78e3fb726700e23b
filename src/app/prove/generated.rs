//! The gate of the generated tests: they run, every one of them passes, and does so again.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{OnGate, Proof, Prover};
use crate::gate::feedback::condense;
use crate::gate::suite::{Run, judge_runs};
use crate::gate::{Gate, Outcome};
use crate::language::detect::test_command;
use crate::language::{order, report};
use crate::path::RepoPath;
use crate::port::{Exit, Finished};

impl Prover {
    pub(super) async fn generated_tests_gate(&self, proof: &mut Proof, names: &[String], on_gate: OnGate<'_>) {
        if !self.enter(proof, Gate::GeneratedTests, on_gate) {
            return;
        }
        let started = Instant::now();
        let files: Vec<&RepoPath> = self.task.tests.iter().collect();
        let runner = self.project.runner.as_ref();
        let Some((line, format)) = test_command(&self.project, &files, names).zip(runner.map(|runner| runner.format))
        else {
            let reason = "the test command of this project cannot be asked for single files; `languages` in the configuration can name one that can".to_owned();
            Self::push(proof, Gate::GeneratedTests, Outcome::Unproven { reason }, None, started, on_gate);
            return;
        };
        let root = self.folder().to_string_lossy().into_owned();
        let shown: Vec<&str> = proof.files.keys().map(RepoPath::as_str).collect();
        let mut runs = Vec::new();
        let mut outcome = None;
        let mut reordered = false;
        for run in 0..self.task.test_runs {
            let (line, other) = match runs.first() {
                Some(Run { results, .. }) => order::reordered(&self.project, &line, results, run),
                None => (line.clone(), false),
            };
            reordered |= other;
            // A report of an earlier run shows nothing of this one.
            let reports = self.project.reports(&files);
            if let Err(failure) = reports.iter().try_for_each(|report| self.scratch.discard(report)) {
                outcome = Some(Outcome::Unproven { reason: failure.to_string() });
                break;
            }
            let (ran, finished) = self.run_gate(Gate::GeneratedTests, &line).await;
            let Some(finished) = finished.filter(|finished| matches!(finished.exit, Exit::Code(_))) else {
                outcome = Some(ran);
                break;
            };
            let results = self.results(format, &reports, &finished);
            let readable = report::readable(format, &finished.output);
            runs.push(Run { success: finished.success(), results, output: condense(&readable, &root, &shown) });
            if runs.len() == 1 && !finished.success() {
                break;
            }
        }
        let mut outcome = outcome.unwrap_or_else(|| judge_runs(names, self.task.test_runs, &runs));
        if let Outcome::Passed { detail } = &mut outcome
            && reordered
        {
            detail.push_str(", not always in the same order");
        }
        Self::push(proof, Gate::GeneratedTests, outcome, Some(line.to_string()), started, on_gate);
    }

    /// What a runner says became of the tests: in its reports, or in what it printed.
    pub(super) fn results(
        &self,
        format: report::Format,
        reports: &[String],
        finished: &Finished,
    ) -> BTreeMap<String, report::Result> {
        if format == report::Format::JunitXml {
            let paths = reports.iter().filter_map(|path| RepoPath::parse(path).ok());
            let texts: Vec<String> = paths.filter_map(|path| self.scratch.read(&path)).collect();
            return report::read(format, &texts.concat());
        }
        printed(format, finished)
    }
}

/// What a runner printed about the tests.
pub(super) fn printed(format: report::Format, finished: &Finished) -> BTreeMap<String, report::Result> {
    // Only `unittest` reports on standard error. Elsewhere a line of the other stream could cut one of the report in two.
    let mixed = format == report::Format::Unittest;
    report::read(format, if mixed { &finished.output } else { &finished.stdout })
}
