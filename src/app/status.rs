//! The state of specs: what `list` shows and `check` judges. Offline; no command runs.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::load::Loaded;
use super::moves;
use super::prove::FileSet;
use crate::diagnostic::nearest;
use crate::failure::{Failure, Kind};
use crate::lock::{self, Lock, LockedFile, Moved, Presence, Stamp, State, digest, judge};
use crate::path::RepoPath;
use crate::port::Workspace;
use crate::prompt;
use crate::spec::{self, SpecId};
use crate::task::Task;

/// One spec and how it stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct Standing {
    /// The spec.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its pattern.
    pub pattern: String,
    /// Its language.
    pub language: String,
    /// Its files with code.
    pub code: Vec<RepoPath>,
    /// Its files with tests.
    pub tests: Vec<RepoPath>,
    /// How it stands.
    #[serde(flatten)]
    pub state: State,
}

/// The lock of a task; an error when there is one that cannot be read.
pub fn lock_of(task: &Task, workspace: &dyn Workspace) -> Result<Option<Lock>, String> {
    let Some(path) = lock::path_of(&task.spec.id) else { return Ok(None) };
    let Some(text) = workspace.read(&path) else { return Ok(None) };
    lock::parse(&text).map(Some).map_err(|problem| format!("{path}: {problem}"))
}

/// The lock of a task, or of the spec that it was before it was renamed: one that is gone and owned one of its files.
pub fn known_lock(task: &Task, loaded: &Loaded, workspace: &dyn Workspace) -> Result<Option<Lock>, String> {
    lock_among(task, &|| orphans(loaded, workspace), workspace)
}

fn lock_among(
    task: &Task,
    former: &dyn Fn() -> Vec<(SpecId, Lock)>,
    workspace: &dyn Workspace,
) -> Result<Option<Lock>, String> {
    if let Some(own) = lock_of(task, workspace)? {
        return Ok(Some(own));
    }
    let former = former().into_iter().map(|(_, lock)| lock);
    Ok(former.into_iter().find(|lock| task.files().any(|path| lock.files.contains_key(path.as_str()))))
}

/// Locks of specs that are gone, except those whose files all belong to specs with locks of their own: they were renamed.
pub fn orphans(loaded: &Loaded, workspace: &dyn Workspace) -> Vec<(SpecId, Lock)> {
    let locks: Vec<&RepoPath> = loaded.files.iter().filter(|path| path.as_str().starts_with(lock::FOLDER)).collect();
    if locks.is_empty() {
        return Vec::new();
    }
    let ids: BTreeSet<&SpecId> = loaded.tasks.iter().map(|task| &task.spec.id).collect();
    let mut found = Vec::new();
    for path in locks {
        let Some(id) = lock::owner_of(path).filter(|id| !ids.contains(id)) else { continue };
        if is_left_out(&id, workspace) {
            continue;
        }
        let Some(Ok(lock)) = workspace.read(path).map(|text| lock::parse(&text)) else { continue };
        let renamed = lock.files.keys().all(|file| {
            let owner = loaded.tasks.iter().find(|task| task.files().any(|own| own.as_str() == file));
            owner.is_some_and(|owner| matches!(lock_of(owner, workspace), Ok(Some(_))))
        });
        if !renamed {
            found.push((id, lock));
        }
    }
    found
}

/// Whether a spec is left out of the tree by a sparse checkout, and not gone.
pub(super) fn is_left_out(id: &SpecId, workspace: &dyn Workspace) -> bool {
    spec::places(id).iter().any(|place| workspace.is_outside(place))
}

/// The thresholds of a task in words, as locks have them.
pub fn gates_of(task: &Task) -> String {
    let percent =
        |name: &str, asked: Option<u8>| asked.map_or_else(String::new, |percent| format!(", {name} {percent}"));
    format!("test_runs {}{}{}", task.test_runs, percent("coverage", task.coverage), percent("mutation", task.mutation))
}

/// Everything of a task that a lock is compared with.
pub fn standing_of(task: &Task, find: &dyn Fn(&RepoPath) -> Presence) -> lock::Standing {
    let stamped = |path: &RepoPath| (path.to_string(), find(path));
    lock::Standing {
        spec: digest(&task.spec.source.text),
        pattern: task.pattern().reference(),
        pattern_digest: task.pattern().digest.clone(),
        gates: gates_of(task),
        uses: task.spec.uses.iter().map(|path| stamped(&path.value)).collect(),
        examples: task.spec.examples.as_ref().map(|paths| paths.iter().map(|path| stamped(&path.value)).collect()),
        files: task.files().map(stamped).collect(),
    }
}

/// The state of a task.
pub fn state_of(task: &Task, loaded: &Loaded, workspace: &dyn Workspace) -> State {
    judged(task, known_lock(task, loaded, workspace), loaded, workspace)
}

fn judged(task: &Task, lock: Result<Option<Lock>, String>, loaded: &Loaded, workspace: &dyn Workspace) -> State {
    let lock = match lock {
        Err(problem) => return State::Conflicting { files: vec![problem] },
        Ok(lock) => lock,
    };
    let find = |path: &RepoPath| match workspace.read_bytes(path) {
        Some(bytes) => Presence::Stands(Stamp::of(&bytes)),
        None if workspace.is_outside(path) => Presence::Outside,
        None => Presence::Missing,
    };
    match (judge(&standing_of(task, &find), lock.as_ref()), &lock) {
        (State::Missing { files, .. }, Some(lock)) => {
            let owned: HashSet<&str> = loaded.tasks.iter().flat_map(Task::files).map(RepoPath::as_str).collect();
            let moved = moves::find(&files, lock, &owned, &loaded.new_files, workspace);
            State::Missing { files, moved }
        }
        (state, _) => state,
    }
}

/// What a lock is made of beside the task.
pub struct LockParts<'a> {
    /// The files as they are delivered or stand.
    pub files: &'a FileSet,
    /// The blobs of the generated texts.
    pub pristine: &'a BTreeMap<RepoPath, String>,
    /// The blob of the spec's text.
    pub spec_blob: Option<String>,
    /// Digests of the examples that were shown.
    pub examples: &'a BTreeMap<String, String>,
    /// The model.
    pub model: &'a str,
}

/// The lock that files get.
pub fn make_lock(task: &Task, parts: &LockParts<'_>, workspace: &dyn Workspace) -> Lock {
    let text_of = |path: &RepoPath| parts.files.get(path).cloned().or_else(|| workspace.read(path));
    let digests = |paths: &mut dyn Iterator<Item = &RepoPath>| -> BTreeMap<String, String> {
        paths.filter_map(|path| Some((path.to_string(), digest(&text_of(path)?)))).collect()
    };
    let written = task.files().filter_map(|path| {
        let file = LockedFile { digest: digest(parts.files.get(path)?), pristine: parts.pristine.get(path).cloned() };
        Some((path.to_string(), file))
    });
    let mut examples = parts.examples.clone();
    if let Some(named) = &task.spec.examples {
        examples = digests(&mut named.iter().map(|path| &path.value));
    }
    Lock {
        version: lock::VERSION,
        spec: digest(&task.spec.source.text),
        spec_blob: parts.spec_blob.clone(),
        pattern: task.pattern().reference(),
        pattern_digest: task.pattern().digest.clone(),
        prompt: format!("{}@{}", prompt::NAME, prompt::VERSION),
        model: parts.model.to_owned(),
        gates: gates_of(task),
        uses: digests(&mut task.spec.uses.iter().map(|path| &path.value)),
        examples,
        files: written.collect(),
    }
}

/// Does something to each item, on every processor, and keeps the order.
pub(super) fn in_parallel<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if items.len() < 64 || threads == 1 {
        return items.iter().map(each).collect();
    }
    let each = &each;
    std::thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(threads));
        let work: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(each).collect::<Vec<R>>())).collect();
        work.into_iter().flat_map(|done| done.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// How every spec stands, or those named; all of them with the specs that are gone.
pub fn standings(loaded: &Loaded, workspace: &dyn Workspace, specs: &[SpecId]) -> Result<Vec<Standing>, Failure> {
    if let Some(id) = specs.iter().find(|id| loaded.tasks.iter().all(|task| task.spec.id != **id)) {
        return Err(unknown_spec(id, loaded));
    }
    let wanted: Vec<&Task> =
        loaded.tasks.iter().filter(|task| specs.is_empty() || specs.contains(&task.spec.id)).collect();
    let former = orphans(loaded, workspace);
    let stand = |task: &&Task| Standing {
        id: task.spec.id.to_string(),
        name: task.spec.name.value.clone(),
        pattern: task.pattern().reference(),
        language: task.language.to_string(),
        code: task.code.clone(),
        tests: task.tests.clone(),
        state: judged(task, lock_among(task, &|| former.clone(), workspace), loaded, workspace),
    };
    let mut standings: Vec<Standing> = in_parallel(&wanted, stand);
    if specs.is_empty() {
        standings.extend(former.iter().map(|(id, lock)| Standing::orphaned(id, lock)));
    }
    Ok(standings)
}

impl Standing {
    /// What to write in the spec of a file that was moved.
    pub fn hint(&self, moved: &Moved) -> String {
        let what = if self.tests.iter().any(|path| path.as_str() == moved.from) { "tests" } else { "code" };
        hint_of(moved, what)
    }

    /// A spec that is gone; its files stay.
    pub fn orphaned(id: &SpecId, lock: &Lock) -> Self {
        Self {
            id: id.to_string(),
            name: String::new(),
            pattern: lock.pattern.clone(),
            language: String::new(),
            code: lock.files.keys().filter_map(|path| RepoPath::parse(path).ok()).collect(),
            tests: Vec::new(),
            state: State::Orphaned { files: lock.files.keys().cloned().collect() },
        }
    }
}

fn hint_of(moved: &Moved, what: &str) -> String {
    format!(
        "`{}` is what `{}` was: say so in the spec, `files: {{ {what}: {} }}`, or move it back",
        moved.to, moved.from, moved.to
    )
}

/// The failure of a spec whose files stand elsewhere: generated anew, they would be there twice, without what people
/// wrote in them.
pub fn refuse_moved(task: &Task, moved: &[Moved]) -> Failure {
    let places: Vec<String> =
        moved.iter().map(|moved| format!("`{}` stands at `{}` now", moved.from, moved.to)).collect();
    let failure = Failure::new(
        Kind::Policy,
        format!("files of `{}` were moved, and are not generated again: {}", task.spec.id, places.join(", ")),
    );
    let tests = |moved: &Moved| task.tests.iter().any(|path| path.as_str() == moved.from);
    moved
        .iter()
        .fold(failure, |failure, moved| failure.hint(hint_of(moved, if tests(moved) { "tests" } else { "code" })))
}

/// The failure for a name that is no spec.
pub fn unknown_spec(id: &SpecId, loaded: &Loaded) -> Failure {
    let known: Vec<&str> = loaded.tasks.iter().map(|task| task.spec.id.as_str()).collect();
    let failure = Failure::new(Kind::Usage, format!("there is no spec `{id}`"));
    let failure = match nearest(id.as_str(), known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure,
    };
    if known.is_empty() {
        failure.hint("there are no specs yet: `codegen init` writes a first one")
    } else {
        failure.hint(format!("specs: {}", known.join(", ")))
    }
}
