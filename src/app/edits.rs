//! Edits by hand in generated files, and how a new generation is merged with them.
//!
//! What a person changed since the last generation is the difference between the pristine text in git and the file as it
//! stands. The merge comes before the gates, so what is proven is what is delivered. A conflict goes to the model once; what
//! is left of it then is shown with markers, never in the user's tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::moves::origins;
use super::place::place;
use super::produce::{Call, Produced, Producer};
use super::prove::{FileSet, variables};
use crate::answer;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::language::detect::Stage;
use crate::language::{Language, syntax};
use crate::lock::{Lock, unix};
use crate::merge::{Merged, has_markers, lost_edits, merge, merge_lines, without_edits};
use crate::path::RepoPath;
use crate::port::{Job, Role, Scratch, Workspace};
use crate::prompt::{self, Message};
use crate::task::Task;
use crate::text::count;

/// A generated file that a person changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The text as it was generated; `None` when git has it no more.
    pub base: Option<String>,
    /// The text as it stands.
    pub ours: String,
}

/// Changed files by the path that they have now.
pub type Edits = BTreeMap<RepoPath, Edit>;

/// Finds the files of a task that were changed by hand, where they are now or where they were before a rename.
pub(super) async fn gather(
    task: &Task,
    lock: Option<&Lock>,
    workspace: &Arc<dyn Workspace>,
    scratch: &Arc<dyn Scratch>,
) -> Edits {
    let Some(lock) = lock else { return Edits::new() };
    let known = origins(task, lock, workspace.as_ref());
    let mut edits = Edits::new();
    for path in task.files() {
        let Some(old) = known.get(path) else { continue };
        let moved = || RepoPath::parse(old).ok().and_then(|old| scratch.base(&old));
        let Some(ours) = scratch.base(path).or_else(moved) else { continue };
        let ours = unix(&ours).into_owned();
        let pristine = lock.files.get(old).and_then(|file| file.pristine.clone());
        if pristine.is_some() && pristine == workspace.blob_id(&ours) {
            continue;
        }
        let (finder, id) = (Arc::clone(workspace), task.spec.id.clone());
        // It may have to be fetched.
        let found = tokio::task::spawn_blocking(move || finder.pristine(&id, &pristine?)).await;
        edits.insert(path.clone(), Edit { base: found.ok().flatten(), ours });
    }
    edits
}

/// The text to keep as generated: without what a person changed in it.
pub(super) fn pristine_of(edits: &Edits, path: &RepoPath, delivered: &str) -> String {
    let delivered = unix(delivered);
    match edits.get(path) {
        Some(Edit { base: Some(base), ours }) => {
            without_edits(Language::from_extension(path.extension()), base, ours, &delivered)
        }
        _ => delivered.into_owned(),
    }
}

/// A conflict that nobody settled.
struct Conflict {
    path: RepoPath,
    merged: Merged,
    /// Whether there was no base to merge with.
    baseless: bool,
}

impl Producer {
    /// Merges an answer with what people changed. The error says what conflicts; the text with markers is in `produced` then.
    pub(super) async fn reconcile(
        &self,
        files: FileSet,
        system: Option<&Message>,
        produced: &mut Produced,
    ) -> Result<FileSet, Failure> {
        let language = self.task.language;
        let broken = files.values().any(|text| !syntax::errors(language, text).is_empty());
        // A broken answer goes to the gates as it is: they say what is wrong with it.
        if broken || files.keys().all(|path| !produced.edits.contains_key(path)) {
            return Ok(files);
        }
        let mut files = self.formatted(files).await?;
        let mut conflicts = Vec::new();
        for (path, edit) in &produced.edits {
            let Some(theirs) = files.get_mut(path) else { continue };
            let merged = merged_with(language, path, edit, theirs);
            if merged.conflicts == 0 {
                *theirs = merged.text;
            } else {
                conflicts.push(Conflict { path: path.clone(), merged, baseless: edit.base.is_none() });
            }
        }
        if conflicts.is_empty() {
            return Ok(files);
        }
        if let Some(system) = system
            && !produced.asked_to_merge
            && conflicts.iter().all(|conflict| !conflict.baseless)
        {
            produced.asked_to_merge = true;
            let settled = self.ask_to_merge(system, &conflicts, produced).await?;
            for (path, text) in settled {
                conflicts.retain(|conflict| conflict.path != path);
                files.insert(path, text);
            }
        }
        if conflicts.is_empty() {
            return Ok(files);
        }
        produced.notes = conflicts.iter().map(Conflict::note).collect();
        let failure = failure_of(&self.task, &conflicts);
        files.extend(conflicts.into_iter().map(|conflict| (conflict.path, conflict.merged.text)));
        // Files that were made before, such as the code when tests conflict, stay part of what is shown.
        produced.files.extend(files);
        produced.conflicted = true;
        Err(failure)
    }

    /// What the project's linter and formatter make of an answer, so that it is compared with formatted text.
    async fn formatted(&self, mut files: FileSet) -> Result<FileSet, Failure> {
        let prover = &self.prover;
        let commands = &prover.project.commands;
        let stages = [Stage::Fix, Stage::Format];
        if !stages.iter().any(|stage| commands.contains_key(stage)) {
            return Ok(files);
        }
        let mut overlay = prover.before.clone();
        overlay.extend(files.clone());
        place(&prover.scratch, [prover.project.as_ref()], overlay).await?;
        let own = files.keys().filter(|path| Language::from_extension(path.extension()) == Some(self.task.language));
        let inside: Vec<String> = own.map(|path| prover.project.inside(path).to_owned()).collect();
        let folder = prover.scratch.root().join(&prover.project.folder);
        for stage in stages {
            let Some(command) = commands.get(&stage) else { continue };
            let job = Job {
                line: command.line.fill("{files}", &inside).fill("{code}", &inside),
                variables: variables(&prover.project, &folder),
                folder: folder.clone(),
                timeout: prover.timeout,
            };
            // A linter has more to say than what it mended. A formatter that fails fails again at its gate, and says why there.
            let wrote = prover.runner.run(&job).await;
            if wrote.is_ok_and(|finished| stage == Stage::Fix || finished.success()) {
                prover.take_over(&mut files);
            }
        }
        Ok(files)
    }

    /// Asks the model to settle conflicts, once. What it answers counts when no line of a person is lost.
    async fn ask_to_merge(
        &self,
        system: &Message,
        conflicts: &[Conflict],
        produced: &mut Produced,
    ) -> Result<FileSet, Failure> {
        let texts: Vec<(String, String)> =
            conflicts.iter().map(|conflict| (conflict.path.to_string(), conflict.merged.text.clone())).collect();
        let question = prompt::merge(self.form, self.task.language, &self.task.spec.description, &texts);
        let question = question.map_err(|error| {
            Failure::new(Kind::Internal, "the prompt for conflicts cannot be rendered").cause(error)
        })?;
        let messages = vec![system.clone(), question];
        let answered = self.ask(&Call::whole(Role::Merge, 1, ""), messages, produced).await?;
        let wanted: Vec<RepoPath> = conflicts.iter().map(|conflict| conflict.path.clone()).collect();
        let Ok(files) = answer::parse(&answered.text, self.form, &wanted, true) else { return Ok(FileSet::new()) };
        let mut settled = FileSet::new();
        for file in files {
            let Some(Edit { base: Some(base), ours }) = produced.edits.get(&file.path) else { continue };
            let lost = lost_edits(base, ours, &file.text);
            if lost.is_empty() && !has_markers(&file.text) {
                settled.insert(file.path, file.text);
                continue;
            }
            let why = lost.first().map_or_else(
                || "it still has conflict markers".to_owned(),
                |line| format!("it loses {} by hand, such as `{}`", count(lost.len(), "line", "lines"), line.trim()),
            );
            let message = format!("the model's merge of `{}` is not taken: {why}", file.path);
            self.reporter.report(&Event::Notice { spec: Some(self.task.spec.id.to_string()), message });
        }
        Ok(settled)
    }
}

fn merged_with(language: Language, path: &RepoPath, edit: &Edit, theirs: &str) -> Merged {
    let theirs = unix(theirs);
    match &edit.base {
        Some(base) => {
            let language = Language::from_extension(path.extension()).filter(|own| *own == language);
            merge(language, base, &edit.ours, &theirs)
        }
        None => merge_lines("", &edit.ours, &theirs),
    }
}

impl Conflict {
    fn note(&self) -> String {
        let places = count(self.merged.conflicts, "place", "places");
        if self.baseless {
            format!(
                "`{}` was edited by hand, and the text it was generated as is not in git any more: both texts stand in the file between conflict markers.",
                self.path
            )
        } else {
            format!(
                "`{}` was edited by hand where the new generation differs: {places} with conflict markers.",
                self.path
            )
        }
    }
}

fn failure_of(task: &Task, conflicts: &[Conflict]) -> Failure {
    let names: Vec<String> = conflicts.iter().map(|conflict| format!("`{}`", conflict.path)).collect();
    let message =
        format!("edits by hand in {} conflict with the new generation, and are left as they are", names.join(", "));
    let failure =
        conflicts.iter().fold(Failure::new(Kind::Gate, message), |failure, conflict| failure.cause(conflict.note()));
    failure
        .hint(format!("`codegen generate --pr {}` puts both sides on a branch, as a draft", task.spec.id))
        .hint(format!("or change the file to what the spec says now, and `codegen check --accept {}`", task.spec.id))
}
