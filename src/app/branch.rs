//! The bot's branch on GitHub, brought to the files of a proposal.
//!
//! It only ever moves forward: a base that went on is merged in, commits of people stay, and what they changed in generated
//! files is merged with the new text. Somebody who moves the branch at the same time makes this look again.

use std::collections::BTreeMap;

use super::propose::Unit;
use crate::failure::{Failure, Kind};
use crate::language::Language;
use crate::lock;
use crate::path::RepoPath;
use crate::port::{Comparison, Forge, ForgeCommit, ForgeFile, Pushed, Trouble, Workspace};
use crate::proposal::merge::{Merged, OnBranch, decide};
use crate::proposal::trailer;

/// How often a branch may move away under the bot before it gives up.
const ROUNDS: u32 = 8;

/// Where a branch begins.
pub(super) struct Start {
    pub(super) name: String,
    pub(super) commit: String,
}

/// A branch that is as it should be.
pub(super) struct Placed {
    /// The commit at its tip.
    pub(super) commit: String,
    /// Whether this run moved it.
    pub(super) changed: bool,
    /// What a reviewer must know of merged edits.
    pub(super) notes: Vec<String>,
    /// Whether a file has conflict markers.
    pub(super) conflicts: bool,
}

/// Brings the branch to the files of the unit.
pub(super) async fn place(
    forge: &dyn Forge,
    workspace: &dyn Workspace,
    start: &Start,
    unit: &Unit,
    direct: bool,
    proposed: bool,
) -> Result<Placed, Failure> {
    let (subject, message) = unit.message();
    for _ in 0..ROUNDS {
        let Some(tip) = forge.branch(&unit.branch).await? else {
            match forge.create_branch(&unit.branch, &start.commit).await {
                Ok(()) => {}
                Err(error) if error.trouble == Trouble::Exists => {}
                Err(error) => return Err(error.into()),
            }
            continue;
        };
        let comparison =
            if tip == start.commit { Comparison::default() } else { forge.compare(&start.commit, &tip).await? };
        let history = History::of(&comparison);
        if history.is_strange() && !direct && !proposed {
            let message = format!(
                "the branch {} has only commits that codegen did not make (the last one by {}), and is left as it is",
                unit.branch, history.last_author
            );
            return Err(Failure::new(Kind::Policy, message).hint("delete it, or set another `pull_request.branch`"));
        }
        if comparison.behind > 0 && history.foreign {
            match forge.merge(&unit.branch, &start.commit).await {
                Ok(()) => continue,
                Err(error) if error.trouble == Trouble::Conflict => {
                    let message =
                        format!("the commits of people on {} and {} change the same lines", unit.branch, start.name);
                    return Err(Failure::new(Kind::Policy, message).hint(format!(
                        "merge {} into {} by hand; codegen goes on from there",
                        start.name, unit.branch
                    )));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let plan = Plan::make(forge, workspace, start, unit, &tip, &history, comparison.behind > 0).await?;
        if plan.conflicts && direct {
            let message = format!("the branch {} changed meanwhile in the same lines", start.name);
            return Err(Failure::new(Kind::Policy, message).hint("give the command again"));
        }
        if plan.files.is_empty() && plan.removed.is_empty() {
            return Ok(Placed { commit: tip, changed: false, notes: plan.notes, conflicts: plan.conflicts });
        }
        let commit = ForgeCommit {
            branch: unit.branch.clone(),
            expected: tip,
            merging: (comparison.behind > 0).then(|| start.commit.clone()),
            subject: subject.clone(),
            body: message.clone(),
            files: plan.files,
            removed: plan.removed,
        };
        if let Pushed::Done(commit) = forge.commit(&commit).await? {
            return Ok(Placed { commit, changed: true, notes: plan.notes, conflicts: plan.conflicts });
        }
    }
    Err(Failure::new(Kind::Repository, format!("the branch {} keeps moving", unit.branch)).hint("run the same again"))
}

/// What the commits of the branch beyond its base tell.
struct History {
    /// The last commit of the bot that wrote files, and their digests.
    own: Option<(String, BTreeMap<String, String>)>,
    /// Whether people committed too.
    foreign: bool,
    last_author: String,
}

impl History {
    fn of(comparison: &Comparison) -> Self {
        let own = comparison.ahead.iter().rev().find_map(|commit| {
            let files = trailer::files(&commit.message);
            let files: BTreeMap<String, String> =
                files.into_iter().map(|(path, digest)| (path.to_owned(), digest.to_owned())).collect();
            (!files.is_empty()).then(|| (commit.id.clone(), files))
        });
        Self {
            own,
            foreign: comparison.ahead.iter().any(|commit| !trailer::is_own(&commit.message)),
            last_author: comparison.ahead.last().map_or_else(String::new, |commit| commit.author.clone()),
        }
    }

    /// Whether the branch is somebody else's altogether.
    fn is_strange(&self) -> bool {
        self.foreign && self.own.is_none()
    }
}

/// The files of a commit.
#[derive(Default)]
struct Plan {
    files: Vec<ForgeFile>,
    removed: Vec<String>,
    notes: Vec<String>,
    conflicts: bool,
}

impl Plan {
    async fn make(
        forge: &dyn Forge,
        workspace: &dyn Workspace,
        start: &Start,
        unit: &Unit,
        tip: &str,
        history: &History,
        whole: bool,
    ) -> Result<Self, Failure> {
        let mut plan = Self::default();
        let fresh = tip == start.commit;
        for change in &unit.changes {
            let path = &change.path;
            let file = |text: String| ForgeFile { path: path.clone(), text, executable: workspace.is_executable(path) };
            let recorded = history.own.as_ref().and_then(|(_, files)| files.get(path.as_str()));
            // A branch that was just made has what the base has, and so has one that nobody but the bot wrote, in other files.
            let of_base = fresh || (whole && recorded.is_none());
            let at_tip = if of_base { change.before.clone() } else { forge.file(path, tip).await? };
            let as_recorded = |text: &str| recorded.is_some_and(|digest| *digest == trailer::short(text));
            let pristine = match (&at_tip, &history.own) {
                (Some(text), _) if as_recorded(text) => at_tip.clone(),
                (Some(_), Some((commit, _))) if recorded.is_some() => {
                    // The text that the bot wrote; an amended commit no longer has it.
                    forge.file(path, commit).await?.filter(|text| as_recorded(text)).or_else(|| change.before.clone())
                }
                // A spec that was changed in the checkout has the base's text as its base.
                (Some(_), _) if change.before.is_none() && !fresh => forge.file(path, &start.commit).await?,
                _ => change.before.clone(),
            };
            let on_branch = OnBranch {
                pristine: pristine.as_deref(),
                tip: at_tip.as_deref(),
                deleted: recorded.is_some() && history.foreign,
            };
            let generated = path.as_str().starts_with(lock::FOLDER);
            match decide(Language::from_extension(path.extension()), on_branch, &change.after) {
                _ if generated && at_tip.as_ref() != Some(&change.after) => plan.files.push(file(change.after.clone())),
                Merged::Leave => {
                    match &at_tip {
                        None => plan.note(path, "was deleted on this branch and is not written again"),
                        Some(text) if *text != change.after => {
                            plan.note(path, "was edited on this branch, and is left as it was edited");
                        }
                        Some(_) => {}
                    }
                    // A tree that is built on the base has none of the branch's files.
                    if let Some(text) = at_tip.filter(|_| whole) {
                        plan.files.push(file(text));
                    }
                }
                Merged::Write => plan.files.push(file(change.after.clone())),
                Merged::Both(text) => {
                    plan.note(path, "was edited on this branch; the edit is merged with the new generation, and both together were not proven");
                    plan.files.push(file(text));
                }
                Merged::Conflict(text) => {
                    plan.note(path, "was edited on this branch in the same lines; the conflict is marked in the file");
                    plan.conflicts = true;
                    plan.files.push(file(text));
                }
            }
        }
        // Files of an earlier generation that are no longer any spec's, as the bot wrote them.
        for (path, digest) in history.own.iter().flat_map(|(_, files)| files) {
            let Ok(path) = RepoPath::parse(path) else { continue };
            if whole || unit.changes.iter().any(|change| change.path == path) {
                continue;
            }
            let untouched = forge.file(&path, tip).await?.is_some_and(|text| trailer::short(&text) == *digest);
            if untouched && forge.file(&path, &start.commit).await?.is_none() {
                plan.removed.push(path.to_string());
            }
        }
        Ok(plan)
    }

    fn note(&mut self, path: &RepoPath, what: &str) {
        self.notes.push(format!("`{path}` {what}"));
    }
}
