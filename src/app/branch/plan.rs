//! The plan of a commit on the bot's branch: each file of the proposal brought together with what people made of it there, and
//! the whole proven once more where they did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{History, MOST_FILES, Site};
use crate::app::propose::Unit;
use crate::app::reproof::{Judged, OnBranch as Standing, Reprover};
use crate::failure::{Failure, Kind};
use crate::language::Language;
use crate::lock::{self, Lock};
use crate::path::RepoPath;
use crate::port::{Comparison, ForgeFile};
use crate::proposal::merge::{Merged, OnBranch, decide};
use crate::proposal::{Together, trailer};
use crate::spec::SpecId;

/// The files of a commit.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) files: Vec<ForgeFile>,
    pub(super) removed: Vec<String>,
    /// What a reviewer must know of merged edits.
    pub(super) notes: Vec<String>,
    /// Whether a file has conflict markers.
    pub(super) conflicts: bool,
    /// The files of the proposal as they will stand on the branch; `None` for those that people deleted.
    standing: BTreeMap<RepoPath, Option<String>>,
    /// Files that stand there otherwise than they were generated.
    edited: BTreeSet<RepoPath>,
}

impl Plan {
    /// Brings every file of the unit together with the branch.
    pub(super) async fn make(
        site: &Site<'_>,
        unit: &Unit,
        tip: &str,
        history: &History,
        whole: bool,
    ) -> Result<Self, Failure> {
        let Site { forge, workspace, start, .. } = *site;
        let mut plan = Self::default();
        let mut kept = Kept::default();
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
                    // The text that the bot wrote. A commit with people's edits merged in, or amended, no longer has it.
                    let written = forge.file(path, commit).await?.filter(|text| as_recorded(text));
                    if written.is_some() {
                        written
                    } else {
                        let found = kept.find(site, unit, tip, path).await?;
                        found.filter(|text| as_recorded(text)).or_else(|| change.before.clone())
                    }
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
            plan.standing.insert(path.clone(), Some(change.after.clone()));
            match decide(Language::from_extension(path.extension()), on_branch, &change.after) {
                _ if generated && at_tip.as_ref() != Some(&change.after) => plan.files.push(file(change.after.clone())),
                Merged::Leave => {
                    plan.stands(path, at_tip.clone(), &change.after);
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
                    plan.note(path, "was edited on this branch; the edit is merged with the new generation");
                    plan.stands(path, Some(text.clone()), &change.after);
                    plan.files.push(file(text));
                }
                Merged::Conflict(text) => {
                    plan.note(path, "was edited on this branch in the same lines; the conflict is marked in the file");
                    plan.conflicts = true;
                    plan.stands(path, Some(text.clone()), &change.after);
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

    fn stands(&mut self, path: &RepoPath, text: Option<String>, generated: &str) {
        if text.as_deref() != Some(generated) {
            self.edited.insert(path.clone());
        }
        self.standing.insert(path.clone(), text);
    }

    /// Proves what people changed together with what was generated. What does not pass is a draft, or no commit at all where
    /// the branch is somebody's own.
    pub(super) async fn prove(
        &mut self,
        site: &Site<'_>,
        unit: &mut Unit,
        tip: &str,
        comparison: &Comparison,
        reprover: &Reprover<'_>,
    ) -> Result<(), Failure> {
        let together = if self.conflicts {
            Together::Conflict
        } else if self.edited.is_empty() || unit.draft() {
            Together::Alone
        } else {
            let standing = self.standing(site, tip, comparison).await?;
            match reprover.prove(&standing).await? {
                Judged::Passed { files, proofs } => {
                    self.take_over(site, &files);
                    for (id, verdict, rules) in proofs {
                        for proposal in unit.proposals.iter_mut().filter(|proposal| proposal.spec == id) {
                            proposal.verdict = verdict.clone();
                            proposal.rules.clone_from(&rules);
                        }
                    }
                    self.notes.push("what people changed on this branch passed every gate together with it".to_owned());
                    Together::Proven
                }
                Judged::Refused(why) => Together::Refused(why),
            }
        };
        if site.direct
            && let Some(why) = together.obstacle()
        {
            let message = format!("what changed on {} meanwhile does not go together with it", site.start.name);
            return Err(Failure::new(Kind::Gate, message).cause(why).hint("give the command again"));
        }
        for proposal in &mut unit.proposals {
            proposal.together = together.clone();
        }
        Ok(())
    }

    /// The branch as the gates must see it.
    async fn standing(&self, site: &Site<'_>, tip: &str, comparison: &Comparison) -> Result<Standing, Failure> {
        let mut standing = Standing::default();
        for (path, text) in &self.standing {
            match text {
                Some(text) => {
                    standing.files.insert(path.clone(), text.clone());
                }
                None => standing.deleted.push(path.clone()),
            }
        }
        if comparison.files.len() >= MOST_FILES {
            standing.unseen =
                Some("people changed so many files on this branch that GitHub does not name all".to_owned());
            return Ok(standing);
        }
        for path in comparison.files.iter().filter_map(|path| RepoPath::parse(path).ok()) {
            if self.standing.contains_key(&path) || path.as_str().starts_with(lock::FOLDER) {
                continue;
            }
            match site.forge.file(&path, tip).await? {
                Some(text) => {
                    standing.beside.insert(path, text);
                }
                None if site.forge.file(&path, &site.start.commit).await?.is_some() => {
                    let why =
                        format!("`{path}` was deleted on this branch, or is no text there, and no gate can see that");
                    standing.unseen = Some(why);
                }
                // Something new that is no text.
                None => {}
            }
        }
        Ok(standing)
    }

    /// Takes what the formatter made of merged files.
    fn take_over(&mut self, site: &Site<'_>, formatted: &BTreeMap<RepoPath, String>) {
        for (path, text) in formatted.iter().filter(|(path, _)| self.edited.contains(*path)) {
            if self.standing.get(path).and_then(Option::as_ref) == Some(text) {
                continue;
            }
            let (path, text) = (path.clone(), text.clone());
            self.files.retain(|file| file.path != path);
            self.files.push(ForgeFile { executable: site.workspace.is_executable(&path), path, text });
        }
    }
}

/// The generated texts that the locks on the branch name, as git keeps them.
#[derive(Default)]
struct Kept(Option<Vec<(SpecId, Lock)>>);

impl Kept {
    async fn find(
        &mut self,
        site: &Site<'_>,
        unit: &Unit,
        tip: &str,
        path: &RepoPath,
    ) -> Result<Option<String>, Failure> {
        if self.0.is_none() {
            let mut locks = Vec::new();
            for id in unit.proposals.iter().map(|proposal| &proposal.spec) {
                let Some(file) = lock::path_of(id) else { continue };
                let text = site.forge.file(&file, tip).await?;
                locks.extend(text.and_then(|text| lock::parse(&text).ok()).map(|lock| (id.clone(), lock)));
            }
            self.0 = Some(locks);
        }
        for (id, lock) in self.0.iter().flatten() {
            let Some(blob) = lock.files.get(path.as_str()).and_then(|file| file.pristine.clone()) else { continue };
            let (workspace, id) = (Arc::clone(site.workspace), id.clone());
            // It may have to be fetched.
            let found = tokio::task::spawn_blocking(move || workspace.pristine(&id, &blob)).await;
            return Ok(found.ok().flatten());
        }
        Ok(None)
    }
}
