//! An event on GitHub, acted on: specs whose inputs a push changed, every spec that is not current, or a comment.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::generate::{Delivery, Options, Ports, generate};
use super::load::{Loaded, load};
use super::propose::Remote;
use super::respond::{Desk, Response, respond};
use super::status::state_of;
use super::status_comment::Listener;
use crate::event::Reporter;
use crate::failure::Failure;
use crate::job::{Ending, Report};
use crate::pattern;
use crate::port::{Forge, Workspace};
use crate::spec::SpecId;
use crate::task::Task;
use crate::trigger::{Push, Trigger};

/// Files of a comparison beyond which GitHub names no more.
const MOST_FILES: usize = 300;

/// What a run was asked for beside its event.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// The specs; empty for all.
    pub specs: Vec<SpecId>,
    /// Also those that are current.
    pub force: bool,
}

/// Acts on an event. `workspace` is the checkout of the job.
pub async fn act(
    desk: &Desk,
    workspace: Arc<dyn Workspace>,
    trigger: &Trigger,
    wishes: Wishes,
    interrupted: BoxFuture<'_, ()>,
) -> Result<Report, Failure> {
    match trigger {
        Trigger::Comment(comment) => {
            let listener = Listener::new(Arc::clone(&desk.reporter));
            let desk = Desk { reporter: Arc::clone(&listener) as Arc<dyn Reporter>, ..desk.clone() };
            let response = respond(&desk, comment, interrupted).await?;
            Ok(of_response(response, &listener))
        }
        Trigger::Push(push) => {
            let loaded = load(workspace.as_ref())?;
            if let Some(why) = unheard(push, &loaded) {
                return Ok(plain(Ending::Ignored, why));
            }
            let specs = touched(desk.forge.as_ref(), workspace.as_ref(), &loaded, push).await?;
            if specs.is_empty() {
                return Ok(plain(Ending::Nothing, "no spec has an input that this push changed".to_owned()));
            }
            run(desk, workspace, loaded, push.branch.clone(), Wishes { specs, force: false }).await
        }
        Trigger::Run => {
            let loaded = load(workspace.as_ref())?;
            let current = |task: &Task| !state_of(task, &loaded, workspace.as_ref()).wants_generation();
            if !wishes.force && wishes.specs.is_empty() && loaded.tasks.iter().all(current) {
                return Ok(plain(Ending::Nothing, "every spec is current".to_owned()));
            }
            run(desk, workspace, loaded, None, wishes).await
        }
    }
}

fn plain(ending: Ending, why: String) -> Report {
    Report { ending, why, results: Vec::new(), notes: Vec::new(), failures: Vec::new() }
}

/// Why a push is not acted on.
fn unheard(push: &Push, loaded: &Loaded) -> Option<String> {
    let Some(branch) = &push.branch else { return Some("tags are not acted on".to_owned()) };
    let settings = &loaded.config.proposals;
    let start = settings.branch.split("{spec}").next().unwrap_or_default();
    if push.deleted {
        return Some(format!("the branch {branch} was deleted"));
    }
    if push.own || (!start.is_empty() && branch.starts_with(start)) {
        return Some(format!("codegen does not act on its own commits and branches ({branch})"));
    }
    if push.by_bot {
        return Some("a bot pushed; what it changed is seen by the next scheduled run".to_owned());
    }
    let base = settings.base.as_ref().filter(|base| *base != branch);
    base.map(|base| format!("proposals go into {base}, and this push was to {branch}"))
}

/// The specs that are not current and of which the push changed an input or a file, with those they come after.
async fn touched(
    forge: &dyn Forge,
    workspace: &dyn Workspace,
    loaded: &Loaded,
    push: &Push,
) -> Result<Vec<SpecId>, Failure> {
    let wants = |task: &&Task| state_of(task, loaded, workspace).wants_generation();
    let pending: Vec<&Task> = loaded.tasks.iter().filter(wants).collect();
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let files = match &push.before {
        None => None,
        // A commit that a forced push took away cannot be compared with; then everything counts.
        Some(before) => forge.compare(before, &push.after).await.ok().map(|comparison| comparison.files),
    };
    let Some(files) = files.filter(|files| files.len() < MOST_FILES) else {
        return Ok(pending.iter().map(|task| task.spec.id.clone()).collect());
    };
    let patterns = files.iter().any(|file| file.starts_with(pattern::FOLDER));
    let is_touched = |task: &Task| {
        let uses = task.spec.uses.iter().map(|path| path.value.as_str());
        let mut own =
            task.files().map(crate::path::RepoPath::as_str).chain(uses).chain([task.spec.source.path.as_str()]);
        patterns || own.any(|path| files.iter().any(|file| file == path))
    };
    let mut chosen: Vec<&Task> = pending.iter().copied().filter(|task| is_touched(task)).collect();
    let mut index = 0;
    while let Some(task) = chosen.get(index).copied() {
        for after in &task.spec.after {
            let missing = chosen.iter().all(|other| other.spec.id != after.value);
            chosen.extend(pending.iter().copied().find(|other| missing && other.spec.id == after.value));
        }
        index += 1;
    }
    Ok(chosen.into_iter().map(|task| task.spec.id.clone()).collect())
}

async fn run(
    desk: &Desk,
    workspace: Arc<dyn Workspace>,
    loaded: Loaded,
    base: Option<String>,
    wishes: Wishes,
) -> Result<Report, Failure> {
    let (model, runner) = desk.bench.tools(&loaded.config).await?;
    let listener = Listener::new(Arc::clone(&desk.reporter));
    let remote = Remote::new(Arc::clone(&desk.forge), base);
    let ports =
        Ports { workspace, runner, model, reporter: Arc::clone(&listener) as Arc<dyn Reporter>, remote: Some(remote) };
    let Wishes { specs, force } = wishes;
    let options = Options { specs, force, delivery: Delivery::Propose, skip: Vec::new(), allow_unproven: false };
    let summary = generate(ports, loaded, options).await?;
    let gathered = listener.gathered();
    let ending = match (summary.failures.is_empty(), gathered.results.is_empty()) {
        (false, _) => Ending::Failed,
        (true, true) => Ending::Nothing,
        (true, false) => Ending::Proposed,
    };
    let failures = summary.failures.into_iter().map(|(id, failure)| (id.to_string(), failure)).collect();
    Ok(Report { ending, why: String::new(), results: gathered.results, notes: gathered.notes, failures })
}

fn of_response(response: Response, listener: &Listener) -> Report {
    let gathered = listener.gathered();
    match response {
        Response::Ignored(why) => plain(Ending::Ignored, format!("the comment is ignored: {why}")),
        Response::Refused(why) => plain(Ending::Refused, format!("the comment is refused: {why}")),
        Response::Answered(failures) => Report {
            ending: if failures.is_empty() { Ending::Answered } else { Ending::Failed },
            why: String::new(),
            results: gathered.results,
            notes: gathered.notes,
            failures,
        },
    }
}
