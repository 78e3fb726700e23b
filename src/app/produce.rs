//! The work on one spec: ask for code, prove it, ask again with what the gates said; then the same for tests.
//!
//! An attempt is one answer with its gates. Code and tests have `limits.attempts` each, and one more for each fallback
//! model.

mod call;
mod cleaned;
mod go_on;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) use call::Call;

use super::budget::Budget;
use super::edits::Edits;
use super::made_up::made_up;
use super::mend::{Case, Mended};
use super::named::{is_doubtful, left_out};
use super::prompts::{Questions, Source};
use super::prove::{FileSet, Proof, Prover, file_set};
use super::setback::{Setback, fit, show_code};
use crate::answer::{self, Form};
use crate::capability::Capability;
use crate::event::{Event, Reporter};
use crate::failure::{Failure, Kind};
use crate::gate::{Gate, GateResult, Outcome, Verdict};
use crate::language::limits::Limit;
use crate::path::RepoPath;
use crate::pattern::check::RuleResult;
use crate::port::{Completion, Finish, Model, Role, Usage};
use crate::prompt::{Message, Prompt, Reading};
use crate::task::Task;

/// What the work needs.
pub struct Producer {
    /// The task.
    pub task: Arc<Task>,
    /// The model.
    pub model: Arc<dyn Model>,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
    /// What may be spent.
    pub budget: Arc<Budget>,
    /// Proves files.
    pub prover: Prover,
    /// What suits the model.
    pub capability: Capability,
    /// The form of answers.
    pub form: Form,
    /// What answers may copy from.
    pub examples: Vec<Source>,
    /// The line by which the tests import the code.
    pub import: String,
    /// Sampling temperature.
    pub temperature: Option<f32>,
    /// What random numbers start from.
    pub seed: Option<u64>,
    /// Attempts for the code and again for the tests.
    pub attempts: u32,
    /// Models that get one more attempt each.
    pub fallback: Vec<String>,
}

/// Proven files of one spec, or what stands when every attempt failed.
#[derive(Debug, Clone, Default)]
pub struct Produced {
    /// Code and tests after the formatter.
    pub files: FileSet,
    /// Files the language needs changed.
    pub wired: FileSet,
    /// Every gate.
    pub verdict: Verdict,
    /// Every rule.
    pub rules: Vec<RuleResult>,
    /// Model calls for the code and for the tests.
    pub attempts: (u32, u32),
    /// Questions about single items since the last answer for whole files.
    pub questions: u32,
    /// Tokens.
    pub usage: Usage,
    /// Time spent in model calls.
    pub model_time: Duration,
    /// The spec's files as they stood when the work began, so that an edit meanwhile is seen.
    pub before: BTreeMap<RepoPath, Option<String>>,
    /// Files of the spec that people changed.
    pub edits: Edits,
    /// Digests of the examples of this repository that the model saw.
    pub examples: BTreeMap<String, String>,
    /// Whether the model was asked to settle conflicts with them.
    pub asked_to_merge: bool,
    /// Whether conflicts are left, shown with markers in the files.
    pub conflicted: bool,
    /// What a reviewer must know beyond the gates.
    pub notes: Vec<String>,
}

impl Produced {
    /// Goes back to files that stood before, with what was proven of them. What was spent since stays spent.
    fn stand_as(&mut self, stood: Self) {
        let Self { files, wired, verdict, rules, notes, .. } = stood;
        (self.files, self.wired, self.verdict, self.rules, self.notes) = (files, wired, verdict, rules, notes);
    }
}

impl Producer {
    /// Works until everything is proven, or nothing more may be tried. What was made so far is in `produced` either way.
    pub async fn produce(&self, questions: &Questions<'_>, produced: &mut Produced) -> Result<(), Failure> {
        let code = self.produce_code(questions, produced).await?;
        self.produce_tests(questions, &code, produced).await?;
        self.tell_lost(&code, produced);
        Ok(())
    }

    /// Says what the spec names and code no longer has since its tests asked for other code.
    fn tell_lost(&self, before: &FileSet, produced: &mut Produced) {
        let mut now = produced.files.clone();
        now.retain(|path, _| self.task.code.contains(path));
        if now == *before {
            return;
        }
        let (had, mut lost) = (self.left_out(before), self.left_out(&now));
        lost.retain(|named| !had.contains(named));
        if !lost.is_empty() {
            let lost = lost.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            self.tell(
                produced,
                format!("the code that its tests asked for leaves out what the specification names: {lost}"),
            );
        }
    }

    async fn produce_code(&self, questions: &Questions<'_>, produced: &mut Produced) -> Result<FileSet, Failure> {
        let prompt = questions.code()?;
        self.tell_left_out(&prompt);
        let mut setback: Option<Setback> = None;
        // Code that passes its gates and leaves out what the spec names: taken when no attempt brings more.
        let mut spare: Option<(FileSet, Produced, usize)> = None;
        let told = produced.notes.len();
        for (attempt, model) in self.tries() {
            // What was said of an answer that is given up is not true of the next.
            produced.notes.truncate(told);
            produced.attempts.0 = attempt;
            produced.questions = 0;
            let call = Call::whole(Role::Code, attempt, &model);
            let mut messages = self.messages(&prompt, setback.as_ref(), &self.task.code)?;
            fit(&mut messages, &prompt, self.capability.prompt_tokens());
            let answered = self.ask(&call, messages, produced).await?;
            let files = match self.read(&answered, &self.task.code, false, &call, produced) {
                Ok(files) => files,
                Err(failed) => {
                    setback = Some(failed.or_give_up()?);
                    continue;
                }
            };
            let files = self.reconcile(files, prompt.messages.first(), produced).await?;
            let proof = self.prover.prove_code(&files, &self.on_gate(&call)).await?;
            Self::take_over(produced, &proof);
            let mut passed = match Setback::of(&answered.text, &proof) {
                None => proof.files,
                Some(failed) => {
                    let case = Case { call: &call, questions, earlier: &[] };
                    match self.mend(case, &FileSet::new(), failed, produced).await? {
                        Mended::Passed(files) => files,
                        Mended::Refused(failed, _) => {
                            setback = Some(failed);
                            continue;
                        }
                    }
                }
            };
            let mut missing = self.left_out(&passed);
            let differs = !missing.is_empty() || !self.made_up(&passed).is_empty();
            if differs && self.capability.mends > 0 && produced.edits.is_empty() {
                let case = Case { call: &call, questions, earlier: &[] };
                let stands = Setback::left_out(&answered.text, &passed, &missing);
                passed = self.mend_differences(case, stands, produced).await?;
                missing = self.left_out(&passed);
            }
            for (_, Limit { name, number, .. }) in self.made_up(&passed) {
                self.tell(
                    produced,
                    format!("the code has a limit that the specification does not name: `{name}` is {number}"),
                );
            }
            if missing.is_empty() {
                return Ok(passed);
            }
            let failed = Setback::left_out(&answered.text, &passed, &missing);
            self.tell(produced, format!("the specification names what the code leaves out: {}", failed.evidence));
            if spare.as_ref().is_none_or(|(_, _, fewest)| missing.len() < *fewest) {
                spare = Some((passed, produced.clone(), missing.len()));
            }
            setback = Some(failed);
        }
        if let Some((files, stood, _)) = spare {
            produced.stand_as(stood);
            return Ok(files);
        }
        Err(self.exhausted(Role::Code, setback))
    }

    async fn produce_tests(
        &self,
        questions: &Questions<'_>,
        code: &FileSet,
        produced: &mut Produced,
    ) -> Result<(), Failure> {
        let mut code = code.clone();
        let shown: Vec<Reading> =
            code.iter().map(|(path, text)| Reading { path: path.to_string(), text: text.clone() }).collect();
        let prompt = questions.tests(&shown)?;
        self.tell_left_out(&prompt);
        let wanted: Vec<RepoPath> = self.task.files().cloned().collect();
        let mut tests = FileSet::new();
        let mut earlier: Vec<Setback> = Vec::new();
        let mut setback: Option<Setback> = None;
        let told = produced.notes.len();
        for (attempt, model) in self.tries() {
            produced.notes.truncate(told);
            produced.attempts.1 = attempt;
            produced.questions = 0;
            // Tests that ran and failed may be right: then the code is what must change.
            let either = !self.asks_afresh()
                && setback.as_ref().is_some_and(|failed| failed.refused_by == Some(Gate::GeneratedTests));
            let ask_for: &[RepoPath] = if either { &wanted } else { &self.task.tests };
            let call = Call::whole(Role::Tests, attempt, &model);
            let mut messages = self.messages(&prompt, setback.as_ref(), ask_for)?;
            if either {
                show_code(&mut messages, &code);
            }
            fit(&mut messages, &prompt, self.capability.prompt_tokens());
            let answered = self.ask(&call, messages.clone(), produced).await?;
            let answered = self.gone_on(&call, (&messages, questions), answered, produced).await?;
            let files = match self.read(&answered, ask_for, either, &call, produced) {
                Ok(files) => files,
                Err(failed) => {
                    setback = Some(failed.or_give_up()?);
                    continue;
                }
            };
            let files = self.reconcile(files, prompt.messages.first(), produced).await?;
            let (new_code, new_tests): (FileSet, FileSet) =
                files.into_iter().partition(|(path, _)| self.task.code.contains(path));
            if !new_code.is_empty() && new_code.iter().any(|(path, text)| code.get(path) != Some(text)) {
                let mut whole = code.clone();
                whole.extend(new_code);
                let of_code = Call { role: Role::Code, ..call.clone() };
                let proof = self.prover.prove_code(&whole, &self.on_gate(&of_code)).await?;
                if let Some(failed) = Setback::of(&answered.text, &proof) {
                    setback = Some(failed);
                    continue;
                }
                code.clone_from(&proof.files);
                Self::take_over(produced, &proof);
            }
            if !new_tests.is_empty() {
                tests = new_tests;
            }
            let proof = self.prover.prove_tests(&code, &tests, &self.on_gate(&call)).await?;
            Self::take_over(produced, &proof);
            let Some(failed) = Setback::of(&answered.text, &proof) else { return Ok(()) };
            let case = Case { call: &call, questions, earlier: &earlier };
            match self.mend(case, &code, failed, produced).await? {
                Mended::Passed(_) => return Ok(()),
                Mended::Refused(failed, proven) => {
                    code = proven;
                    if failed.refused_by == Some(Gate::GeneratedTests) {
                        earlier.push(failed.clone());
                    }
                    tests = failed
                        .files
                        .iter()
                        .filter(|(path, _)| self.task.tests.contains(path))
                        .map(|(path, text)| (path.clone(), text.clone()))
                        .collect();
                    setback = Some(failed);
                }
            }
        }
        Err(self.exhausted(Role::Tests, setback))
    }

    /// Says what those who review the proposal have to know, too.
    fn tell(&self, produced: &mut Produced, message: String) {
        produced.notes.push(message.clone());
        self.say(message);
    }

    /// Says something about the spec.
    fn say(&self, message: String) {
        self.reporter.report(&Event::Notice { spec: Some(self.task.spec.id.to_string()), message });
    }

    /// The limits of code that the spec does not have.
    fn made_up(&self, code: &FileSet) -> Vec<(RepoPath, Limit)> {
        made_up(&self.task.spec.source.text, code)
    }

    /// What the spec names and code leaves out. A large model is not asked again for what is told by signs: its ways are many.
    fn left_out(&self, code: &FileSet) -> Vec<&str> {
        let mut missing = left_out(&self.task.spec.description, code);
        missing.retain(|named| self.capability.mends > 0 || !is_doubtful(named));
        missing
    }

    /// Whether the next attempt asks the same question again instead of showing what failed: a small model repeats what it is
    /// shown, and drawn anew it may do better.
    fn asks_afresh(&self) -> bool {
        self.capability.mends > 0
    }

    /// Attempts by number, with the model each one asks; empty for the chosen one.
    fn tries(&self) -> Vec<(u32, String)> {
        let own = (1..=self.attempts).map(|attempt| (attempt, String::new()));
        let more = self.fallback.iter().zip(self.attempts + 1..).map(|(model, attempt)| (attempt, model.clone()));
        own.chain(more).collect()
    }

    /// The conversation of an attempt.
    fn messages(
        &self,
        prompt: &Prompt,
        setback: Option<&Setback>,
        wanted: &[RepoPath],
    ) -> Result<Vec<Message>, Failure> {
        let mut messages = prompt.messages.clone();
        let Some(failed) = setback else { return Ok(messages) };
        if !self.asks_afresh() {
            messages.extend(failed.turns(self.form, self.task.language, wanted)?);
        } else if let Some((last, reminder)) = messages.last_mut().zip(failed.reminder.as_deref()) {
            last.text = format!("{}\n\n{reminder}\n", last.text.trim_end());
        }
        Ok(messages)
    }

    /// Reads the files of an answer, or says what is wrong with it.
    fn read(
        &self,
        answered: &Completion,
        wanted: &[RepoPath],
        any: bool,
        call: &Call,
        produced: &mut Produced,
    ) -> Result<FileSet, Setback> {
        let started = Instant::now();
        if let Some(files) = self.whole_tests(answered, call) {
            return Ok(files);
        }
        let problem = match &answered.finish {
            Finish::Stop => match answer::parse(&answered.text, self.form, wanted, any) {
                Ok(files) => return Ok(self.without_leaks(file_set(files))),
                Err(problem) => (problem.to_string(), if problem.is_policy() { Kind::Policy } else { Kind::Model }),
            },
            Finish::Length => ("the answer is cut off at the limit of its length; write less: no comments inside functions, fewer cases".to_owned(), Kind::Model),
            Finish::Repetition => ("the answer repeats itself, so it was ended; write each case once".to_owned(), Kind::Model),
            Finish::ContentFilter => ("a content filter stopped the answer".to_owned(), Kind::Model),
            Finish::ToolCall => ("the answer calls a tool, and none was offered; answer with the files".to_owned(), Kind::Model),
            Finish::Refusal(words) => (format!("the model refused: {words}"), Kind::Model),
        };
        let (evidence, kind) = problem;
        let result = GateResult {
            gate: Gate::Answer,
            outcome: Outcome::Failed { evidence: evidence.clone() },
            command: None,
            seconds: started.elapsed().as_secs_f64(),
        };
        (self.on_gate(call))(&result);
        produced.verdict = Verdict { results: vec![result] };
        Err(Setback {
            answer: answered.text.clone(),
            gate: "It is not in the form that was asked for".to_owned(),
            refused_by: None,
            evidence,
            kind,
            files: FileSet::new(),
            hopeless: matches!(answered.finish, Finish::Refusal(_) | Finish::ContentFilter),
            reminder: None,
        })
    }

    /// The whole tests of a small model's answer that broke off or went round in circles: what is missing is asked for one by one.
    fn whole_tests(&self, answered: &Completion, call: &Call) -> Option<FileSet> {
        let broken = matches!(answered.finish, Finish::Length | Finish::Repetition);
        if !broken || call.role != Role::Tests || self.capability.mends == 0 || self.form != Form::Fenced {
            return None;
        }
        let files = answer::parse_broken_off(&answered.text, self.task.language, &self.task.tests)?;
        let why = if answered.finish == Finish::Length { "is cut off" } else { "repeats itself, so it was ended" };
        self.say(format!("the answer {why}; the tests in it that are whole are kept"));
        Some(self.without_leaks(file_set(files)))
    }

    pub(super) fn take_over(produced: &mut Produced, proof: &Proof) {
        produced.verdict = std::mem::take(&mut produced.verdict).followed_by(proof.verdict.clone());
        produced.verdict.results.retain(|result| result.gate != Gate::Answer);
        if !proof.rules.is_empty() {
            produced.rules.clone_from(&proof.rules);
        }
        produced.files.clone_from(&proof.files);
        produced.wired.clone_from(&proof.wired);
    }

    fn exhausted(&self, role: Role, setback: Option<Setback>) -> Failure {
        let Some(failed) = setback else { return Failure::new(Kind::Internal, "no attempt was made") };
        let tries = self.tries().len();
        let message = format!(
            "the {} of `{}` did not pass after {tries} attempts: {}",
            role.id(),
            self.task.spec.id,
            failed.gate
        );
        let failure = Failure::new(failed.kind, message).cause(failed.evidence);
        if failed.kind == Kind::Policy {
            return failure;
        }
        failure.hint("say more in the spec, show a nearer example (`examples`), use a stronger model, or try other answers (`--no-cache`)")
    }

    pub(super) fn on_gate(&self, call: &Call) -> impl Fn(&GateResult) + Send + Sync + use<> {
        let (role, attempt) = (call.role, call.attempt);
        let (reporter, spec) = (Arc::clone(&self.reporter), self.task.spec.id.to_string());
        move |result: &GateResult| {
            reporter.report(&Event::Gate { spec: spec.clone(), role, attempt, result: result.clone() });
        }
    }

    fn tell_left_out(&self, prompt: &Prompt) {
        if !prompt.left_out.is_empty() {
            self.say(format!("left out of the prompt to fit the context: {}", prompt.left_out.join(", ")));
        }
    }
}
