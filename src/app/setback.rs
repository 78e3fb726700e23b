//! A setback: why an attempt failed, and the conversation that asks for the next one.
//!
//! A repair shows the failed files as the formatter left them and what the gate printed, and asks for whole files again. Small
//! models, which repeat a file rather than correct it, are asked about single items first: see [`super::mend`].

use super::prove::{FileSet, Proof};
use crate::answer::{self, Form};
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::language::Language;
use crate::path::RepoPath;
use crate::prompt::{self, Message, Prompt, conversation_tokens};

/// Why an attempt failed, in a form that the next one can use.
#[derive(Debug, Clone)]
pub(super) struct Setback {
    /// The answer as it came.
    pub answer: String,
    /// The gate and its command, as a sentence without its full stop.
    pub gate: String,
    /// The gate.
    pub refused_by: Option<Gate>,
    /// What it printed.
    pub evidence: String,
    /// What the user sees when this was the last attempt.
    pub kind: Kind,
    /// The files as the formatter left them, when the answer had files.
    pub files: FileSet,
    /// Whether asking again cannot help.
    pub hopeless: bool,
    /// What the next question must add, also where it does not show what failed.
    pub reminder: Option<Box<str>>,
}

impl Setback {
    /// What a gate found.
    pub(super) fn of(answer: &str, proof: &Proof) -> Option<Self> {
        let failed = proof.verdict.failure()?;
        let command = failed.command.as_ref().map_or_else(String::new, |command| format!(" (`{command}`)"));
        Some(Self {
            answer: answer.to_owned(),
            gate: format!("The gate {}{command} fails", failed.gate),
            refused_by: Some(failed.gate),
            evidence: failed.outcome.detail().to_owned(),
            kind: Kind::Gate,
            files: proof.files.clone(),
            hopeless: false,
            // Drawn anew without a word about it, code breaks the same rule again.
            reminder: (failed.gate == Gate::Compliance)
                .then(|| format!("An earlier answer was refused: {}", failed.outcome.detail()).into()),
        })
    }

    /// Code that passes its gates and leaves out calls, words or limits that the spec names.
    pub(super) fn left_out(answer: &str, files: &FileSet, named: &[&str]) -> Self {
        let named = named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Self {
            answer: answer.to_owned(),
            gate: "It leaves out what the specification names".to_owned(),
            refused_by: None,
            evidence: format!("nothing in the code has or uses {named}"),
            kind: Kind::Gate,
            files: files.clone(),
            hopeless: false,
            reminder: Some(format!("An earlier answer left out {named}. The specification asks for it.").into()),
        }
    }

    /// What no repetition can mend ends the work on a spec.
    pub(super) fn or_give_up(self) -> Result<Self, Failure> {
        if self.hopeless { Err(Failure::new(self.kind, self.evidence)) } else { Ok(self) }
    }

    /// The turns that ask again: the failed answer, and what was wrong with it.
    pub(super) fn turns(&self, form: Form, language: Language, wanted: &[RepoPath]) -> Result<[Message; 2], Failure> {
        let write: Vec<String> = wanted.iter().map(RepoPath::to_string).collect();
        let answer = self.answer_as_it_stands(form, language);
        let turns = prompt::repair(form, &answer, &self.gate, &self.evidence, &write);
        turns.map_err(|error| Failure::new(Kind::Internal, "the repair prompt cannot be rendered").cause(error))
    }

    /// The failed answer as the gates saw it: after the formatter, so that lines in diagnostics are those of the text.
    fn answer_as_it_stands(&self, form: Form, language: Language) -> String {
        if self.files.is_empty() {
            return self.answer.clone();
        }
        let files: Vec<(&str, &str)> = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        answer::render_files(form, language, &files)
    }
}

/// Takes examples off the start of a conversation that grew by failed answers until it fits, the first example first. What
/// was asked and what failed stays.
pub(super) fn fit(messages: &mut Vec<Message>, prompt: &Prompt, tokens: u64) {
    let mut examples = prompt.messages.len().saturating_sub(2) / 2;
    while examples > 0 && conversation_tokens(messages) > tokens {
        messages.drain(1..3);
        examples -= 1;
    }
}

/// Puts the whole code into the last question, when either code or tests may be what is wrong.
pub(super) fn show_code(messages: &mut [Message], code: &FileSet) {
    if let Some(last) = messages.last_mut() {
        for (path, text) in code {
            let shown = prompt::fence(&format!("file {path}"), text);
            last.text = format!("The code under test as it stands:\n\n{shown}\n\n{}", last.text);
        }
        last.text.push_str(" If a test asks for what the specification does not say, correct the test; if the code does not do what the specification says, correct the code.");
    }
}
