//! Gates that are a command of the repository: which one, how it is run, and what its exit means.

use std::time::Instant;

use tracing::Instrument;

use super::{OnGate, Proof, Prover};
use crate::gate::feedback::condense;
use crate::gate::{Gate, Outcome};
use crate::language::detect::{Project, Stage};
use crate::language::{CommandLine, Language};
use crate::path::RepoPath;
use crate::port::{Exit, Finished, Job, RunError};

impl Prover {
    pub(super) async fn command_gate(
        &self,
        proof: &mut Proof,
        gate: Gate,
        stage: Stage,
        files: &[String],
        on_gate: OnGate<'_>,
    ) {
        if !self.enter(proof, gate, on_gate) {
            return;
        }
        let started = Instant::now();
        if gate == Gate::Build
            && let Some(outcome) = self.unknown_imports(&proof.files).await
        {
            return Self::push(proof, gate, outcome, None, started, on_gate);
        }
        let Some(line) = self.command(stage, files) else {
            let outcome = self.absent(stage);
            Self::push(proof, gate, outcome, None, started, on_gate);
            return;
        };
        let (mut outcome, finished) = self.run_gate(gate, &line).await;
        if gate == Gate::ExistingTests
            && finished.as_ref().is_some_and(|finished| self.baseline.found_no_tests(finished))
        {
            outcome = Outcome::NotApplicable { reason: "the project has no tests yet".to_owned() };
        }
        Self::push(proof, gate, outcome, Some(line.to_string()), started, on_gate);
    }

    pub(super) fn command(&self, stage: Stage, files: &[String]) -> Option<CommandLine> {
        let line = &self.project.commands.get(&stage)?.line;
        let code: Vec<String> = self.task.code.iter().map(|path| self.project.inside(path).to_owned()).collect();
        Some(line.fill("{files}", files).fill("{code}", &code))
    }

    pub(super) fn absent(&self, stage: Stage) -> Outcome {
        let reason = self.project.absent.get(&stage).cloned().unwrap_or_else(|| "no command".to_owned());
        Outcome::NotApplicable { reason }
    }

    /// Runs the command of a gate and judges its exit. Generated tests may wait for each other without an end.
    pub(super) async fn run_gate(&self, gate: Gate, line: &CommandLine) -> (Outcome, Option<Finished>) {
        let timeout = match gate {
            Gate::GeneratedTests => self.baseline.deadline_of_tests(self.timeout),
            _ => self.timeout,
        };
        let span = gate_span(gate);
        let job = Job {
            line: line.clone(),
            folder: self.folder(),
            timeout,
            variables: variables(&self.project, &self.folder()),
        };
        let ran = self.runner.run(&job).instrument(span.clone()).await;
        let (outcome, finished) = match ran {
            Err(error @ (RunError::NotFound(_) | RunError::Refused { .. })) => {
                let reason = format!("`{line}` could not run: {error}{}", install_hint(line.program()));
                (Outcome::Unproven { reason }, None)
            }
            Ok(finished) => {
                let root = self.folder().to_string_lossy().into_owned();
                let files: Vec<&str> = self.task.files().map(RepoPath::as_str).collect();
                let outcome = match finished.exit {
                    Exit::Code(0) => Outcome::Passed { detail: String::new() },
                    Exit::Code(127) => Outcome::Unproven {
                        reason: format!("`{line}` could not run: {}", condense(&finished.output, &root, &files)),
                    },
                    Exit::Code(_) => Outcome::Failed { evidence: condense(&finished.output, &root, &files) },
                    Exit::Signal(signal) => Outcome::Failed {
                        evidence: format!(
                            "`{line}` was ended by signal {signal}\n{}",
                            condense(&finished.output, &root, &files)
                        ),
                    },
                    Exit::TimedOut => Outcome::Failed {
                        evidence: format!(
                            "`{line}` did not end within {} s\n{}",
                            timeout.as_secs(),
                            condense(&finished.output, &root, &files)
                        ),
                    },
                };
                (outcome, Some(finished))
            }
        };
        span.record("process.executable.name", line.program());
        record(&span, &outcome, finished.as_ref());
        (outcome, finished)
    }
}

/// Environment of every command: Python finds the scratch worktree's packages before installed ones; Maven, which does next
/// to nothing itself, does not wait for its own code to be compiled well.
pub fn variables(project: &Project, folder: &std::path::Path) -> Vec<(String, String)> {
    match project.language {
        Language::Python => {}
        Language::Java => return vec![("MAVEN_OPTS".to_owned(), "-XX:TieredStopAtLevel=1 -Xshare:auto".to_owned())],
        Language::Rust | Language::Go | Language::TypeScript => return Vec::new(),
    }
    let folder = folder.to_string_lossy();
    let path =
        if project.source.is_empty() { folder.to_string() } else { format!("{folder}/{}:{folder}", project.source) };
    vec![("PYTHONPATH".to_owned(), path)]
}

/// How to get a program that is missing.
pub fn install_hint(program: &str) -> &'static str {
    match program.rsplit('/').next().unwrap_or(program) {
        "ruff" | "black" | "mypy" | "flake8" => "; install it with pip, in the project's .venv or on the search path",
        "go" | "gofmt" => "; install Go (https://go.dev/doc/install)",
        "cargo" | "rustfmt" => "; install Rust (https://rustup.rs)",
        "node" | "npm" | "npx" => "; install Node.js (https://nodejs.org)",
        "pnpm" | "yarn" => "; `corepack enable` brings it",
        "mvn" => "; install Maven (https://maven.apache.org/install.html)",
        "gradle" => "; install Gradle (https://gradle.org/install)",
        "golangci-lint" => "; see https://golangci-lint.run/docs/welcome/install/",
        _ => "; or set another command under `languages` in .codegen/config.yaml",
    }
}

pub(super) fn gate_span(gate: Gate) -> tracing::Span {
    let name = format!("codegen.gate.{}", gate.id());
    tracing::info_span!(
        target: crate::telemetry::TARGET,
        "codegen.gate",
        otel.name = name,
        otel.status_code = tracing::field::Empty,
        cicd.pipeline.task.name = gate.id(),
        cicd.pipeline.task.run.result = tracing::field::Empty,
        process.executable.name = tracing::field::Empty,
        process.exit.code = tracing::field::Empty,
        error.r#type = tracing::field::Empty,
    )
}

pub(super) fn record(span: &tracing::Span, outcome: &Outcome, finished: Option<&Finished>) {
    if let Some(Finished { exit: Exit::Code(code), .. }) = finished {
        span.record("process.exit.code", *code);
    }
    let timeout = finished.is_some_and(|finished| finished.exit == Exit::TimedOut);
    let result = match outcome {
        _ if timeout => "timeout",
        Outcome::Passed { .. } => "success",
        Outcome::Failed { .. } => "failure",
        Outcome::Unproven { .. } => "error",
        Outcome::NotApplicable { .. } => "skip",
    };
    span.record("cicd.pipeline.task.run.result", result);
    if matches!(outcome, Outcome::Failed { .. } | Outcome::Unproven { .. }) {
        span.record("otel.status_code", "error");
        span.record("error.type", if timeout { "timeout" } else { outcome.id() });
    }
}
