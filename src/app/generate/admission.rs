//! Admission: which specs a run works on, and what is refused before anything is spent on it.

use std::sync::Arc;

use super::{Delivery, Options, Ports, not_worked_on};
use crate::app::load::Loaded;
use crate::app::moves;
use crate::app::prompts::read_uses;
use crate::app::propose;
use crate::app::status::{known_lock, refuse_moved, state_of, unknown_spec};
use crate::config::SandboxMode;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::lock::{self, State};
use crate::spec::SpecId;
use crate::task::Task;

/// This version runs commands without a sandbox, and says so; who requires one is not served.
pub(super) fn refuse_missing_sandbox(loaded: &Loaded) -> Result<(), Failure> {
    if loaded.config.sandbox == SandboxMode::Required {
        return Err(Failure::new(
            Kind::Policy,
            "`sandbox.mode` is `required`, and this version of codegen has no sandbox",
        )
        .hint("`sandbox: { mode: preferred }` runs generated code with your rights, in a cleared environment"));
    }
    Ok(())
}

/// A branch is proven on the last commit and based on it, so that must be where the configuration wants it.
pub(super) fn refuse_other_base(loaded: &Loaded, ports: &Ports, options: &Options) -> Result<(), Failure> {
    let Some(base) = loaded.config.proposals.base.as_ref().filter(|_| options.delivery == Delivery::Propose) else {
        return Ok(());
    };
    // Who asked for another base gets it.
    if ports.remote.as_ref().is_some_and(|remote| remote.base.is_some()) {
        return Ok(());
    }
    let here = ports.workspace.branch();
    if here.as_ref() == Some(base) {
        return Ok(());
    }
    let here = here.map_or_else(|| "no branch is".to_owned(), |branch| format!("`{branch}` is"));
    Err(Failure::new(Kind::Usage, format!("`pull_request.base` is `{base}`, and {here} checked out"))
        .hint(format!("`git switch {base}` first, or take `pull_request.base` away")))
}

/// Takes away what GitHub shows as proposed already, refused or frozen, before anything is spent on it.
pub(super) async fn leave_what_stands(
    chosen: Vec<Arc<Task>>,
    current: &mut usize,
    loaded: &Loaded,
    ports: &Ports,
    options: &Options,
) -> Result<Vec<Arc<Task>>, Failure> {
    let Some(remote) = ports.remote.as_ref().filter(|_| options.delivery == Delivery::Propose) else {
        return Ok(chosen);
    };
    let standings = propose::admit(ports, remote, loaded, options.force, &chosen).await?;
    let mut left = Vec::new();
    for (task, standing) in chosen.into_iter().zip(standings) {
        let Some((outcome, why)) = standing.told() else {
            left.push(task);
            continue;
        };
        *current += 1;
        ports.reporter.report(&Event::Notice { spec: Some(task.spec.id.to_string()), message: why });
        ports.reporter.report(&not_worked_on(&task, outcome, None));
    }
    Ok(left)
}

pub(super) fn chosen_tasks(loaded: &Loaded, ports: &Ports, options: &Options) -> Result<Vec<Arc<Task>>, Failure> {
    let find = |id: &SpecId| loaded.tasks.iter().find(|task| task.spec.id == *id);
    if options.specs.is_empty() {
        return Ok(loaded.tasks.iter().cloned().map(Arc::new).collect());
    }
    let mut chosen: Vec<Arc<Task>> = Vec::new();
    for id in &options.specs {
        let Some(task) = find(id) else { return Err(unknown_spec(id, loaded)) };
        if chosen.iter().all(|earlier| earlier.spec.id != task.spec.id) {
            chosen.push(Arc::new(task.clone()));
        }
    }
    for task in &chosen {
        for after in &task.spec.after {
            let pending =
                find(&after.value).filter(|other| state_of(other, loaded, ports.workspace.as_ref()).wants_generation());
            if let Some(other) = pending.filter(|other| chosen.iter().all(|task| task.spec.id != other.spec.id)) {
                let message = format!("`{}` comes after `{}`, which is not current", task.spec.id, other.spec.id);
                return Err(Failure::new(Kind::Usage, message)
                    .hint(format!("name both: `codegen generate {} {}`", other.spec.id, task.spec.id)));
            }
        }
    }
    Ok(chosen)
}

/// Whether a spec is worked on: false when it is current, an error when that would lose something.
pub(super) fn admit(task: &Task, loaded: &Loaded, ports: &Ports, options: &Options) -> Result<bool, Failure> {
    let workspace = ports.workspace.as_ref();
    read_uses(task, loaded, workspace)?;
    let state = state_of(task, loaded, workspace);
    if !state.wants_generation() && !options.force {
        if let State::Edited { files, .. } = &state {
            let message = format!("edited by hand and left as it is: {}", files.join(", "));
            ports.reporter.report(&Event::Notice { spec: Some(task.spec.id.to_string()), message });
        }
        return Ok(false);
    }
    if let State::Conflicting { files } = &state {
        let message = format!("`{}` has a conflict to settle first: {}", task.spec.id, files.join(", "));
        return Err(
            Failure::new(Kind::Policy, message).hint("settle it, then `codegen check --accept` or generate again")
        );
    }
    if let State::Missing { moved, .. } = &state
        && !moved.is_empty()
        && !options.force
    {
        return Err(refuse_moved(task, moved));
    }
    let lock_file = lock::path_of(&task.spec.id);
    if options.delivery == Delivery::Tree
        && let Some(path) = task.files().chain(&lock_file).find(|path| workspace.is_outside(path))
    {
        // Said before anything is spent; nothing would be written.
        let message = format!("`{path}` is left out of this tree by its sparse checkout, and is not written");
        return Err(Failure::new(Kind::Policy, message)
            .hint("`git sparse-checkout add` its folder, or propose it with `--pr`, which needs no tree"));
    }
    let known = known_lock(task, loaded, workspace).ok().flatten();
    let own = known.as_ref().map(|lock| moves::origins(task, lock, workspace)).unwrap_or_default();
    for path in task.files() {
        let Some(bytes) = workspace.read_bytes(path) else { continue };
        // What was generated here and edited since is merged.
        let text = std::str::from_utf8(&bytes).is_ok();
        let mergeable = own.contains_key(path) && text;
        let replaceable = options.force && workspace.is_committed(path);
        if own.contains_key(path) && !text && !replaceable {
            return Err(Failure::new(Kind::Policy, format!("`{path}` is not UTF-8 text, and is left as it is"))
                .hint("save it as UTF-8, or name another path under `files`")
                .hint("`--force` replaces a file that is committed without changes, so that git keeps the old one"));
        }
        if !mergeable && !replaceable {
            let message = format!("`{path}` is there and was not generated by codegen, and is left as it is");
            return Err(Failure::new(Kind::Policy, message)
                .hint("`--force` replaces a file that is committed without changes, so that git keeps the old text")
                .hint(format!(
                    "`codegen check --accept {}` takes the files as they stand for the spec's own",
                    task.spec.id
                ))
                .hint("or name other paths under `files`"));
        }
    }
    Ok(true)
}
