//! The state of every spec, worked out from what changed since the last time.
//!
//! What was found is kept with the stamps of the files that it came from. When some of them changed, the specs that they concern
//! are judged again and the rest is taken over. Whatever may concern more than single specs (the configuration, a
//! pattern, a spec that is new or gone, a problem in any file) is reason to look at everything anew.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::load::{Loaded, load, load_some};
use super::status::{Standing, standings};
use crate::config;
use crate::failure::Failure;
use crate::lock::{self, State};
use crate::path::RepoPath;
use crate::pattern;
use crate::port::{Memory, Moment, Part, Recalled, Source, Workspace};
use crate::spec::SpecId;
use crate::task::Task;

/// The name under which it is kept.
const NAME: &str = "check";

/// How all specs stand.
#[derive(Debug, Serialize, Deserialize)]
pub struct Checked {
    /// How many there are, those that are gone included.
    pub total: usize,
    /// Those that are not current.
    pub standings: Vec<Standing>,
    /// Whether a spec has default paths that depend on which files there are.
    packaged: bool,
    /// Whether there are locks of specs that are gone: which files they had to do with is known to nobody else.
    strays: bool,
}

/// Judges every spec; only what changed since the last time is read.
pub fn check(workspace: &dyn Workspace, memory: &dyn Memory) -> Result<Checked, Failure> {
    if let Some(recalled) = memory.recall(NAME)
        && let Ok(known) = serde_json::from_str::<Checked>(recalled.result())
    {
        if recalled.changed().is_empty() {
            return Ok(known);
        }
        if let Some(checked) = update(known, recalled.as_ref(), workspace, memory) {
            return Ok(checked);
        }
    }
    anew(workspace, memory)
}

fn anew(workspace: &dyn Workspace, memory: &dyn Memory) -> Result<Checked, Failure> {
    let since = memory.moment();
    let loaded = load(workspace)?;
    let mut standings = standings(&loaded, workspace, &[])?;
    let total = standings.len();
    standings.retain(|standing| standing.state != State::Current);
    let ids: HashSet<&SpecId> = loaded.tasks.iter().map(|task| &task.spec.id).collect();
    let stray = |path: &RepoPath| lock::owner_of(path).is_some_and(|id| !ids.contains(&id));
    let strays = loaded.files.iter().any(stray);
    let checked = Checked { total, standings, packaged: loaded.packaged, strays };
    if let Some(since) = since {
        let mut sources = sources_of(&loaded.tasks, &checked.standings, workspace, memory);
        let known = |path: &RepoPath| lock::owner_of(path).or_else(|| SpecId::of_file(path)).is_some();
        let rest = loaded.files.iter().filter(|path| is_of_codegen(path) && !known(path));
        sources.extend(rest.map(|path| Source { part: Part::All, path: path.to_string(), owners: Vec::new() }));
        keep(&checked, |text| memory.remember(NAME, since, &sources, text));
    }
    Ok(checked)
}

/// Judges again what changed sources concern; `None` when that may be everything.
fn update(
    mut known: Checked,
    recalled: &dyn Recalled,
    workspace: &dyn Workspace,
    memory: &dyn Memory,
) -> Option<Checked> {
    if known.strays {
        return None;
    }
    let since: Moment = memory.moment()?;
    let mut concerned: BTreeSet<SpecId> = BTreeSet::new();
    let mut specs_changed = false;
    for source in recalled.changed() {
        match source.part {
            Part::All => return None,
            Part::Folder if known.packaged || has_news(&source.path, recalled, memory) => return None,
            Part::Folder => {}
            Part::Spec if workspace.read_bytes(&RepoPath::parse(&source.path).ok()?).is_none() => return None,
            Part::Spec | Part::Lock | Part::Owned | Part::Read => {
                specs_changed |= source.part == Part::Spec;
                concerned.extend(source.owners.iter().map(|id| SpecId::from_argument(id)));
            }
        }
    }
    // Any file may be the one that they miss.
    let missing = known.standings.iter().filter(|standing| matches!(standing.state, State::Missing { .. }));
    concerned.extend(missing.map(|standing| SpecId::from_argument(&standing.id)));
    if concerned.len() > known.total / 4 + 16 {
        return None;
    }
    let ids: Vec<SpecId> = concerned.iter().cloned().collect();
    if ids.is_empty() {
        keep(&known, |text| recalled.renew(since, &concerned, &[], text));
        return Some(known);
    }
    let loaded: Loaded = load_some(workspace, &concerned).ok()?;
    let tasks = || loaded.tasks.iter().filter(|task| concerned.contains(&task.spec.id));
    if loaded.packaged || tasks().count() != ids.len() {
        return None;
    }
    if specs_changed {
        let files = tasks().flat_map(Task::files).map(|path| path.as_str().to_lowercase()).collect();
        if recalled.is_owned_beside(&files, &concerned) {
            return None;
        }
    }
    let mut judged = standings(&loaded, workspace, &ids).ok()?;
    judged.retain(|standing| standing.state != State::Current);
    let moved = judged.iter().filter_map(|standing| match &standing.state {
        State::Missing { moved, .. } => Some(moved.iter().map(|moved| moved.to.to_lowercase())),
        _ => None,
    });
    // What looks like the missing file may belong to a spec that was not loaded.
    if recalled.is_owned_beside(&moved.flatten().collect(), &concerned) {
        return None;
    }
    let sources = sources_of(tasks(), &judged, workspace, memory);
    known.standings.retain(|standing| !concerned.contains(&SpecId::from_argument(&standing.id)));
    known.standings.append(&mut judged);
    known.standings.sort_by(|left, right| left.id.cmp(&right.id));
    keep(&known, |text| recalled.renew(since, &concerned, &sources, text));
    Some(known)
}

fn keep(checked: &Checked, keep: impl FnOnce(&str)) {
    // What cannot be written down is found out again.
    if let Ok(text) = serde_json::to_string(checked) {
        keep(&text);
    }
}

/// Whether a folder has files now that mean something and were not there.
fn has_news(folder: &str, recalled: &dyn Recalled, memory: &dyn Memory) -> bool {
    let Some(entries) = memory.entries(folder) else { return true };
    entries.iter().any(|entry| {
        let means = entry.is_folder || RepoPath::parse(&entry.path).is_ok_and(|path| matters(&path));
        means && !recalled.knows(&entry.path)
    })
}

fn matters(path: &RepoPath) -> bool {
    let text = path.as_str();
    SpecId::of_file(path).is_some()
        || lock::owner_of(path).is_some()
        || text.ends_with(config::FILE)
        || path.parent() == pattern::FOLDER
}

/// Whether a file is one of the program's own: below `.codegen`, or the configuration of a folder.
fn is_of_codegen(path: &RepoPath) -> bool {
    path.as_str().starts_with(".codegen/") || path.as_str().ends_with(&format!("/{}", config::FILE))
}

/// The files that the states of specs came from.
fn sources_of<'t>(
    tasks: impl IntoIterator<Item = &'t Task>,
    standings: &[Standing],
    workspace: &dyn Workspace,
    memory: &dyn Memory,
) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut read: BTreeMap<&'t str, Vec<String>> = BTreeMap::new();
    let mut absent: Vec<String> = Vec::new();
    for task in tasks {
        let spec = &task.spec;
        let own = |part: Part, path: &str| Source { part, path: path.to_owned(), owners: vec![spec.id.to_string()] };
        sources.push(own(Part::Spec, &spec.source.path));
        sources.extend(lock::path_of(&spec.id).map(|path| own(Part::Lock, path.as_str())));
        sources.extend(task.files().map(|path| own(Part::Owned, path.as_str())));
        for path in spec.uses.iter().chain(spec.examples.iter().flatten()) {
            read.entry(path.value.as_str()).or_default().push(spec.id.to_string());
        }
        let files = task.files().chain(spec.uses.iter().map(|path| &path.value));
        if files.into_iter().any(|path| workspace.is_outside(path)) {
            absent.push(spec.id.to_string());
        }
    }
    sources.extend(read.into_iter().map(|(path, owners)| Source { part: Part::Read, path: path.to_owned(), owners }));
    // Where a file went that was moved.
    for standing in standings {
        let State::Missing { moved, .. } = &standing.state else { continue };
        let to = moved.iter().map(|moved| moved.to.clone());
        sources.extend(to.map(|path| Source { part: Part::Read, path, owners: vec![standing.id.clone()] }));
        absent.push(standing.id.clone());
    }
    if !absent.is_empty() {
        absent.sort();
        absent.dedup();
        sources.push(Source { part: Part::Read, path: memory.index(), owners: absent });
    }
    sources
}
