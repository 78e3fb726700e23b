//! The bot's branch on GitHub, brought to the files of a proposal.
//!
//! It only ever moves forward: a base that went on is merged in, commits of people stay, and what they changed in generated
//! files is merged with the new text, and proven with it. Somebody who moves the branch at the same time makes this look again.

mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plan::Plan;

use super::propose::Unit;
use super::reproof::Reprover;
use crate::failure::{Failure, Kind};
use crate::port::{Comparison, Forge, ForgeCommit, Pushed, Trouble, Workspace};
use crate::proposal::trailer;

/// Files of a comparison beyond which GitHub names no more.
const MOST_FILES: usize = 300;

/// How often a branch may move away under the bot before it gives up.
const ROUNDS: u32 = 8;

/// Where a branch begins.
pub(super) struct Start {
    pub(super) name: String,
    pub(super) commit: String,
}

/// What a branch is brought up to.
pub(super) struct Site<'s> {
    pub(super) forge: &'s dyn Forge,
    pub(super) workspace: &'s Arc<dyn Workspace>,
    /// Where the branch begins.
    pub(super) start: &'s Start,
    /// Whether the branch is somebody's own, and gets a commit instead of a proposal.
    pub(super) direct: bool,
    /// Whether there is a pull request of it.
    pub(super) proposed: bool,
}

/// A branch that is as it should be.
pub(super) struct Placed {
    /// The commit at its tip.
    pub(super) commit: String,
    /// Whether this run moved it.
    pub(super) changed: bool,
    /// What a reviewer must know of merged edits.
    pub(super) notes: Vec<String>,
}

/// Brings the branch to the files of the unit. What became of people's edits stands in its proposals afterwards.
pub(super) async fn place(site: &Site<'_>, unit: &mut Unit, reprover: &Reprover<'_>) -> Result<Placed, Failure> {
    let Site { forge, start, direct, .. } = *site;
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
        if history.is_strange() && !direct && !site.proposed {
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
        let mut plan = Plan::make(site, unit, &tip, &history, comparison.behind > 0).await?;
        if plan.conflicts && direct {
            let message = format!("the branch {} changed meanwhile in the same lines", start.name);
            return Err(Failure::new(Kind::Policy, message).hint("give the command again"));
        }
        plan.prove(site, unit, &tip, &comparison, reprover).await?;
        if plan.files.is_empty() && plan.removed.is_empty() {
            return Ok(Placed { commit: tip, changed: false, notes: plan.notes });
        }
        let (subject, body) = unit.message();
        let commit = ForgeCommit {
            branch: unit.branch.clone(),
            expected: tip,
            merging: (comparison.behind > 0).then(|| start.commit.clone()),
            subject,
            body,
            files: plan.files,
            removed: plan.removed,
        };
        if let Pushed::Done(commit) = forge.commit(&commit).await? {
            return Ok(Placed { commit, changed: true, notes: plan.notes });
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
        // A commit of the bot that somebody amended bears the bot's trailers, and files that those do not name.
        let named: BTreeSet<&str> =
            comparison.ahead.iter().flat_map(|commit| trailer::files(&commit.message)).map(|(path, _)| path).collect();
        let unnamed = comparison.files.iter().any(|path| !named.contains(path.as_str()));
        let strangers = comparison.ahead.iter().any(|commit| !trailer::is_own(&commit.message));
        Self {
            own,
            foreign: strangers || unnamed || comparison.files.len() >= MOST_FILES,
            last_author: comparison.ahead.last().map_or_else(String::new, |commit| commit.author.clone()),
        }
    }

    /// Whether the branch is somebody else's altogether.
    fn is_strange(&self) -> bool {
        self.foreign && self.own.is_none()
    }
}
