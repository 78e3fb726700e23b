//! Delivery: proven files into the user's tree, as a diff, or onto branches with the text of a proposal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::accept::forget_renamed;
use super::edits::pristine_of;
use super::generate::{Accepted, Delivery, Run, Summary};
use super::place::{place, take};
use super::produce::Produced;
use super::propose::{self, Unit};
use super::prove::{FileSet, variables};
use super::reproof::Reprover;
use super::status::{LockParts, lock_of, make_lock};
use crate::change::FileChange;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::gate::feedback::condense;
use crate::language::Language;
use crate::language::detect::Stage;
use crate::language::imports::wiring;
use crate::lock;
use crate::path::RepoPath;
use crate::port::{BranchCommit, Job, Scratch};
use crate::prompt;
use crate::proposal::{Proposal, Together, body};
use crate::spec::SpecId;
use crate::task::Task;

/// Delivers what was accepted, in the way the run asks for.
pub(super) async fn deliver(run: &Arc<Run>, accepted: &[Accepted], summary: &mut Summary) -> Result<(), Failure> {
    if accepted.is_empty() {
        return Ok(());
    }
    if run.options.delivery == Delivery::Propose && run.is_grouped() {
        return propose_together(run, accepted, summary).await;
    }
    if run.options.delivery == Delivery::Propose {
        for one in in_order(accepted) {
            match propose(run, &one.task, &one.produced, false).await {
                Ok(()) => summary.accepted += 1,
                Err(failure) => summary.failures.push((one.task.spec.id.clone(), failure)),
            }
        }
        return Ok(());
    }
    let scratch = take(&run.ports.workspace, run.base).await?;
    let (files, read) = combine(accepted, scratch.as_ref());
    if accepted.len() > 1
        && let Err(failure) = prove_together(run, accepted, &files, &scratch).await
    {
        for one in accepted {
            summary.failures.push((one.task.spec.id.clone(), failure.clone()));
        }
        return Ok(());
    }
    let change = |path: &RepoPath, text: &String| {
        let known = accepted.iter().find_map(|one| one.produced.before.get(path));
        // As it was when the text was made from it: somebody may have written to it since.
        let before = known.or_else(|| read.get(path)).cloned().flatten();
        FileChange { path: path.clone(), before, after: text.clone() }
    };
    let changes: Vec<FileChange> = files.iter().map(|(path, text)| change(path, text)).collect();
    if run.options.delivery == Delivery::Tree {
        // Locks first: should the process be killed between two files, the next run knows the new ones as its own.
        let mut all = Vec::new();
        for one in accepted {
            all.extend(lock_change(run, &one.task, &one.produced)?);
        }
        all.extend(changes);
        run.ports.workspace.deliver(&all)?;
        forget_renamed(&run.loaded, run.ports.workspace.as_ref())?;
    } else {
        summary.changes = changes;
    }
    summary.accepted = accepted.len();
    Ok(())
}

/// Specs after those they come after, so that branches can stand on each other.
fn in_order(accepted: &[Accepted]) -> Vec<&Accepted> {
    let mut ordered: Vec<&Accepted> = Vec::new();
    let mut left: Vec<&Accepted> = accepted.iter().collect();
    while !left.is_empty() {
        let open: Vec<SpecId> = left.iter().map(|one| one.task.spec.id.clone()).collect();
        let (ready, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|one| one.task.spec.after.iter().all(|after| !open.contains(&after.value)));
        if ready.is_empty() {
            ordered.extend(later);
            break;
        }
        ordered.extend(ready);
        left = later;
    }
    ordered
}

/// All files of all specs, and the texts that lines were put into; lines that several specs need in one file are put in one
/// after the other.
fn combine(accepted: &[Accepted], scratch: &dyn Scratch) -> (FileSet, BTreeMap<RepoPath, Option<String>>) {
    let mut files = FileSet::new();
    let before = RefCell::new(BTreeMap::new());
    for one in accepted {
        files.extend(one.produced.files.clone());
    }
    for one in accepted {
        for code in &one.task.code {
            let read = |path: &str| {
                let path = RepoPath::parse(path).ok()?;
                let base = || before.borrow_mut().entry(path.clone()).or_insert_with(|| scratch.base(&path)).clone();
                files.get(&path).cloned().or_else(base)
            };
            let wired = wiring(&one.project, code, &read);
            files.extend(wired.into_iter().map(|change| (change.path, change.text)));
        }
    }
    (files, before.into_inner())
}

/// Each spec passed alone; names may still collide, so build and tests run once more over all of them.
async fn prove_together(
    run: &Arc<Run>,
    accepted: &[Accepted],
    files: &FileSet,
    scratch: &Arc<dyn Scratch>,
) -> Result<(), Failure> {
    place(scratch, accepted.iter().map(|one| one.project.as_ref()), files.clone()).await?;
    let mut seen: Vec<(&str, Language)> = Vec::new();
    for one in accepted {
        let project = &one.project;
        // Two languages may share a folder.
        if seen.contains(&(project.folder.as_str(), project.language)) {
            continue;
        }
        seen.push((&project.folder, project.language));
        for stage in [Stage::Setup, Stage::Build, Stage::Test] {
            let Some(command) = project.commands.get(&stage) else { continue };
            if command.line.mentions("{files}") || command.line.mentions("{code}") {
                continue;
            }
            let folder = scratch.root().join(&project.folder);
            run.ports.reporter.report(&Event::Baseline {
                project: project.folder.clone(),
                step: format!("all together: {}", command.line),
            });
            let job = Job {
                line: command.line.clone(),
                folder: folder.clone(),
                timeout: run.timeout,
                variables: variables(project, &folder),
            };
            let finished = run.ports.runner.run(&job).await;
            let finished = finished.map_err(|error| {
                Failure::new(Kind::Gate, "unproven: the specs could not be proven together").because(&error)
            })?;
            if !finished.success() {
                let paths: Vec<&str> = files.keys().map(RepoPath::as_str).collect();
                let message =
                    format!("each spec passed alone, but together `{}` fails; nothing is delivered", command.line);
                return Err(Failure::new(Kind::Gate, message)
                    .cause(condense(&finished.output, &folder.to_string_lossy(), &paths))
                    .hint("generate them one by one, with `after` between those that share names"));
            }
        }
    }
    Ok(())
}

fn lock_change(run: &Run, task: &Task, produced: &Produced) -> Result<Option<FileChange>, Failure> {
    let Some(path) = lock::path_of(&task.spec.id) else { return Ok(None) };
    let workspace = run.ports.workspace.as_ref();
    // Files that specs before this one wrote in this run are not in the tree yet.
    let mut files = run.files_before(task);
    files.extend(produced.files.clone());
    let mut texts = FileSet::new();
    for path in task.files() {
        if let Some(text) = produced.files.get(path) {
            texts.insert(path.clone(), pristine_of(&produced.edits, path, text));
        }
    }
    let spec_path = RepoPath::parse(&task.spec.source.path).ok();
    if let Some(path) = &spec_path {
        texts.insert(path.clone(), task.spec.source.text.clone());
    }
    let pristine = workspace.keep_pristine(&task.spec.id, &texts)?;
    let parts = LockParts {
        files: &files,
        spec_blob: spec_path.and_then(|path| pristine.get(&path).cloned()),
        pristine: &pristine,
        examples: &produced.examples,
        model: &run.ports.model.card().name,
    };
    let made = make_lock(task, &parts, workspace);
    let text =
        lock::render(&made).map_err(|error| Failure::new(Kind::Internal, "the lock cannot be written").cause(error))?;
    Ok(Some(FileChange { before: workspace.read(&path), path, after: text }))
}

/// Proposes one spec: on GitHub, or on a branch here with the text of the proposal beside it.
pub(super) async fn propose(run: &Arc<Run>, task: &Arc<Task>, produced: &Produced, draft: bool) -> Result<(), Failure> {
    let (proposal, changes) = draw(run, task, produced, draft)?;
    let onto = base_branch(run, task)?;
    if let Some(remote) = &run.ports.remote {
        let labels = run.labels(task);
        let unit = Unit { branch: branch_of(run, &task.spec.id), onto, proposals: vec![proposal], changes, labels };
        let reprover = Reprover { run, tasks: vec![Arc::clone(task)] };
        return propose::send(&run.ports, remote, &run.loaded.config, unit, &reprover).await;
    }
    let workspace = run.ports.workspace.as_ref();
    let path =
        workspace.save(&format!("proposals/{}.md", task.spec.id), &body::body(std::slice::from_ref(&proposal)))?;
    let committed = workspace.commit(&BranchCommit {
        branch: branch_of(run, &task.spec.id),
        message: proposal.commit_message(),
        changes,
        onto,
    })?;
    run.ports.reporter.report(&Event::Proposed {
        spec: task.spec.id.to_string(),
        branch: branch_of(run, &task.spec.id),
        base: committed.base,
        commit: committed.commit,
        body: path.display().to_string(),
        unchanged: committed.unchanged,
    });
    Ok(())
}

/// Proposes every accepted spec in one pull request, after all of them were proven together.
async fn propose_together(run: &Arc<Run>, accepted: &[Accepted], summary: &mut Summary) -> Result<(), Failure> {
    let Some(remote) = &run.ports.remote else { return Ok(()) };
    let scratch = take(&run.ports.workspace, run.base).await?;
    let (files, _) = combine(accepted, scratch.as_ref());
    let mut unit =
        Unit { branch: String::new(), onto: None, proposals: Vec::new(), changes: Vec::new(), labels: Vec::new() };
    let made = async {
        if accepted.len() > 1 {
            prove_together(run, accepted, &files, &scratch).await?;
        }
        for one in in_order(accepted) {
            unit.branch = branch_of(run, &one.task.spec.id);
            let (proposal, changes) = draw(run, &one.task, &one.produced, false)?;
            unit.proposals.push(proposal);
            unit.labels.extend(run.labels(&one.task));
            for mut change in changes {
                // A file that several specs add lines to has the lines of all.
                change.after = files.get(&change.path).cloned().unwrap_or(change.after);
                unit.changes.retain(|other| other.path != change.path);
                unit.changes.push(change);
            }
        }
        let reprover = Reprover { run, tasks: accepted.iter().map(|one| Arc::clone(&one.task)).collect() };
        propose::send(&run.ports, remote, &run.loaded.config, unit, &reprover).await
    };
    match made.await {
        Ok(()) => summary.accepted += accepted.len(),
        Err(failure) => {
            let failed = accepted.iter().map(|one| (one.task.spec.id.clone(), failure.clone()));
            summary.failures.extend(failed);
        }
    }
    Ok(())
}

/// What a proposal says, and the files of its commit: those of the spec, its lock, and the spec itself when it is new.
fn draw(run: &Run, task: &Task, produced: &Produced, draft: bool) -> Result<(Proposal, Vec<FileChange>), Failure> {
    let workspace = run.ports.workspace.as_ref();
    let mut changes: Vec<FileChange> = produced
        .wired
        .iter()
        .chain(&produced.files)
        .map(|(path, text)| FileChange { path: path.clone(), before: workspace.read(path), after: text.clone() })
        .collect();
    let shown = changes.clone();
    if !draft {
        changes.extend(lock_change(run, task, produced)?);
    }
    if let Ok(path) = RepoPath::parse(&task.spec.source.path)
        && !workspace.is_committed(&path)
    {
        changes.push(FileChange { path, before: None, after: task.spec.source.text.clone() });
    }
    let wiring = produced
        .wired
        .keys()
        .map(|path| format!("`{path}` got the line that makes the new file part of the project; no model wrote it."));
    let proposal = Proposal {
        spec: task.spec.id.clone(),
        name: task.spec.name.value.clone(),
        pattern: task.pattern().reference(),
        prompt: format!("{}@{}", prompt::NAME, prompt::VERSION),
        model: run.ports.model.card().name,
        digest: lock::digest(&task.spec.source.text),
        description: task.spec.description.clone(),
        changes: shown,
        verdict: produced.verdict.clone(),
        rules: produced.rules.clone(),
        attempts: produced.attempts,
        usage: produced.usage,
        cost: super::budget::cost_of(run.loaded.config.model.price, produced.usage),
        wiring: wiring.collect(),
        draft,
        inputs: propose::inputs_of(task, workspace),
        notes: run.notes(task).into_iter().chain(produced.notes.clone()).collect(),
        together: Together::Alone,
    };
    Ok((proposal, changes))
}

fn branch_of(run: &Run, id: &SpecId) -> String {
    propose::branch_of(&run.loaded.config, run.ports.remote.as_ref(), id)
}

/// A spec that comes after another one of this run stands on its branch.
fn base_branch(run: &Run, task: &Task) -> Result<Option<String>, Failure> {
    let workspace = run.ports.workspace.as_ref();
    let pending = |id: &SpecId| {
        if run.is_accepted(id) {
            return true;
        }
        let other = run.loaded.tasks.iter().find(|other| other.spec.id == *id);
        other.is_some_and(|other| !matches!(lock_of(other, workspace), Ok(Some(_))))
    };
    let open: Vec<&SpecId> = task.spec.after.iter().map(|after| &after.value).filter(|id| pending(id)).collect();
    match open.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(branch_of(run, one))),
        more => {
            let names: Vec<&str> = more.iter().map(|id| id.as_str()).collect();
            Err(Failure::new(
                Kind::Usage,
                format!("`{}` comes after {}, which are only proposed so far", task.spec.id, names.join(", ")),
            )
            .hint("merge those proposals first"))
        }
    }
}
