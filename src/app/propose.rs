//! Proposals on GitHub: one branch and one pull request for a spec, or for a run, made once and then kept up to date.
//!
//! Before anything is spent, [`admit`] asks what is proposed already, was refused, or is frozen. Afterwards [`send`] brings the
//! branch and the pull request to what they should be, whatever an earlier run left half done. People's commits on the branch
//! are merged with, never overwritten; another run at the same time makes the same branch and finds the same pull request.

use std::sync::Arc;

use super::branch::{Site, Start, place};
use super::generate::Ports;
use super::load::Loaded;
use super::reproof::Reprover;
use crate::change::FileChange;
use crate::config::{Config, Grouping};
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::lock;
use crate::port::{Forge, ForgeError, NewPullRequest, PullRequest, PullState, Trouble, Workspace};
use crate::proposal::{Proposal, body, mark, risk, trailer};
use crate::spec::SpecId;
use crate::task::Task;

/// The label that keeps the bot away from a pull request and its branch.
pub const FROZEN: &str = "codegen-freeze";

/// Where proposals go beyond this machine.
#[derive(Clone)]
pub struct Remote {
    /// GitHub.
    pub forge: Arc<dyn Forge>,
    /// The branch to propose into; `None` takes the configured one, or the one that is checked out.
    pub base: Option<String>,
    /// Who asked, and is asked for a review.
    pub asked_by: Option<String>,
    /// Commits to the base instead of proposing.
    pub direct: bool,
    /// The base, when it is not the one that proposals usually go into: its branches have names of their own, so that a
    /// proposal into one branch never takes the place of one into another.
    pub apart: Option<String>,
}

impl Remote {
    /// Proposals on a forge.
    pub fn new(forge: Arc<dyn Forge>, base: Option<String>) -> Self {
        Self { forge, base, asked_by: None, direct: false, apart: None }
    }
}

/// Finds out whether the base of this run is the usual one.
pub(super) async fn settle_base(ports: &mut Ports, config: &Config) -> Result<(), Failure> {
    let here = ports.workspace.branch();
    let Some(remote) = &mut ports.remote else { return Ok(()) };
    let Some(base) = remote.base.clone().or_else(|| config.proposals.base.clone()).or(here) else { return Ok(()) };
    let usual = match &config.proposals.base {
        Some(usual) => usual.clone(),
        None => remote.forge.repository().await?.default_branch,
    };
    remote.apart = (base != usual).then_some(base);
    Ok(())
}

/// What GitHub says of a spec before work on it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is worked on.
    Open,
    /// Exactly this is proposed already.
    Proposed(String),
    /// People closed the proposal of exactly this.
    Refused(String),
    /// A label keeps the bot away.
    Frozen(String),
}

impl Standing {
    /// The outcome of the spec, and why, for people.
    pub(super) fn told(&self) -> Option<(&'static str, String)> {
        Some(match self {
            Self::Open => return None,
            Self::Proposed(url) => ("proposed", format!("{url} proposes exactly this; `--force` makes it anew")),
            Self::Refused(url) => (
                "refused",
                format!("{url} proposed exactly this and was closed; it stays closed until its inputs change"),
            ),
            Self::Frozen(url) => ("frozen", format!("{url} has the label `{FROZEN}`, so its branch is left alone")),
        })
    }
}

fn standing(pulls: &[PullRequest], inputs: &str, force: bool) -> Standing {
    let same = |pull: &PullRequest| mark::inputs(&pull.body) == Some(inputs);
    if let Some(open) = pulls.iter().find(|pull| pull.state == PullState::Open) {
        return match open {
            _ if open.labels.iter().any(|label| label == FROZEN) => Standing::Frozen(open.url.clone()),
            _ if same(open) && !force => Standing::Proposed(open.url.clone()),
            _ => Standing::Open,
        };
    }
    match pulls.first() {
        Some(closed) if closed.state == PullState::Closed && same(closed) && !force => {
            Standing::Refused(closed.url.clone())
        }
        _ => Standing::Open,
    }
}

/// The branch of a spec: by its id, or that of the whole run, and by the base where that is not the usual one.
pub(super) fn branch_of(config: &Config, remote: Option<&Remote>, id: &SpecId) -> String {
    let name = match (remote, config.proposals.group) {
        (Some(_), Grouping::All) => "all",
        _ => id.as_str(),
    };
    let branch = config.proposals.branch.replace("{spec}", name);
    match remote.and_then(|remote| remote.apart.as_ref()) {
        Some(base) => format!("{branch}--{}", base.replace('/', "-")),
        None => branch,
    }
}

/// The digest of everything that a generation of this task is made from.
pub(super) fn inputs_of(task: &Task, workspace: &dyn Workspace) -> String {
    // The version of the prompt is none of them: a new program opens nothing again that people closed.
    let mut parts = vec![lock::digest(&task.spec.source.text), task.pattern().digest.clone()];
    for path in &task.spec.uses {
        parts.push(format!(
            "{} {}",
            path.value,
            workspace.read(&path.value).map_or_else(String::new, |text| lock::digest(&text))
        ));
    }
    lock::digest(&parts.join("\n")).chars().take(16).collect()
}

/// Says how each task stands on GitHub. Nothing was spent yet.
pub(super) async fn admit(
    ports: &Ports,
    remote: &Remote,
    loaded: &Loaded,
    force: bool,
    tasks: &[Arc<Task>],
) -> Result<Vec<Standing>, Failure> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let forge = remote.forge.as_ref();
    let workspace = ports.workspace.as_ref();
    let head = head(workspace)?;
    if !forge.has_commit(&head).await? {
        let short: String = head.chars().take(10).collect();
        return Err(Failure::new(
            Kind::Repository,
            format!("the last commit {short} is not on GitHub ({})", forge.name()),
        )
        .hint("`git push` first: a pull request can only build on what GitHub has"));
    }
    if remote.direct {
        return Ok(vec![Standing::Open; tasks.len()]);
    }
    let inputs: Vec<String> = tasks.iter().map(|task| inputs_of(task, workspace)).collect();
    let mut standings = Vec::new();
    match loaded.config.proposals.group {
        Grouping::Spec => {
            for (task, inputs) in tasks.iter().zip(&inputs) {
                let pulls = forge.pull_requests_of(&branch_of(&loaded.config, Some(remote), &task.spec.id)).await?;
                standings.push(standing(&pulls, inputs, force));
            }
        }
        Grouping::All => {
            let all = body::together(inputs.iter().map(String::as_str));
            let pulls = match tasks.first() {
                Some(task) => forge.pull_requests_of(&branch_of(&loaded.config, Some(remote), &task.spec.id)).await?,
                None => Vec::new(),
            };
            standings = vec![standing(&pulls, &all, force); tasks.len()];
        }
    }
    Ok(standings)
}

fn head(workspace: &dyn Workspace) -> Result<String, Failure> {
    let head = workspace.head();
    head.ok_or_else(|| {
        Failure::new(Kind::Repository, "there is no commit to base a branch on").hint("commit something first")
    })
}

/// What goes into one pull request.
pub(super) struct Unit {
    /// The branch.
    pub(super) branch: String,
    /// The branch of another spec that this one stands on.
    pub(super) onto: Option<String>,
    /// The proposals.
    pub(super) proposals: Vec<Proposal>,
    /// The files, with locks and specs.
    pub(super) changes: Vec<FileChange>,
    /// Labels beyond the configured ones.
    pub(super) labels: Vec<String>,
}

impl Unit {
    /// Whether it only shows what failed.
    pub(super) fn draft(&self) -> bool {
        self.proposals.iter().any(|proposal| proposal.draft)
    }

    /// Why it is not for merging although its gates passed.
    fn obstacle(&self) -> Option<&str> {
        self.proposals.iter().find_map(|proposal| proposal.together.obstacle())
    }

    fn title(&self) -> String {
        match self.proposals.as_slice() {
            [one] => one.title(),
            more => {
                let failed = if self.draft() { "FAILED: " } else { "" };
                format!("{failed}codegen: {}", crate::text::count(more.len(), "spec", "specs"))
            }
        }
    }

    /// Subject and body of the commit.
    pub(super) fn message(&self) -> (String, String) {
        let mut bodies = Vec::new();
        for proposal in &self.proposals {
            let message = proposal.commit_message();
            let body = message.split_once("\n\n").map_or("", |(_, body)| body);
            bodies.push(body.trim_end().to_owned());
        }
        let files: String =
            self.changes.iter().map(|change| trailer::of_file(change.path.as_str(), &change.after)).collect();
        (self.title(), format!("{}\n{files}", bodies.join("\n")))
    }
}

/// Brings branch and pull request to what they should be, and tells.
pub(super) async fn send(
    ports: &Ports,
    remote: &Remote,
    config: &Config,
    mut unit: Unit,
    reprover: &Reprover<'_>,
) -> Result<(), Failure> {
    let forge = remote.forge.as_ref();
    let workspace = &ports.workspace;
    let specs: Vec<String> = unit.proposals.iter().map(|proposal| proposal.spec.to_string()).collect();
    let start = start(remote, config, workspace.as_ref(), &unit).await?;
    if remote.direct {
        unit.branch.clone_from(&start.name);
    }
    let open = if remote.direct { None } else { newest_open(forge, &unit.branch).await? };
    if let Some(open) = &open {
        if open.labels.iter().any(|label| label == FROZEN) {
            return Err(Failure::new(
                Kind::Policy,
                format!("{} was frozen meanwhile with the label `{FROZEN}`", open.url),
            ));
        }
        if unit.draft() && !open.title.starts_with("FAILED: ") {
            let message =
                format!("{} stays as it is: this attempt failed, and what is proposed there did not", open.url);
            return Err(Failure::new(Kind::Gate, message));
        }
    }
    let site = Site { forge, workspace, start: &start, direct: remote.direct, proposed: open.is_some() };
    let placed = place(&site, &mut unit, reprover).await?;
    let ids: Vec<SpecId> = unit.proposals.iter().map(|proposal| proposal.spec.clone()).collect();
    soften(ports, "the generated texts were not pushed", forge.keep_pristine(&workspace.root(), &ids).await);
    if let Some(first) = unit.proposals.first_mut() {
        first.notes.extend(placed.notes.clone());
    }
    let told = |number: Option<u64>, url: String, action: &str, draft: bool| {
        ports.reporter.report(&Event::PullRequest {
            specs: specs.clone(),
            number,
            url,
            branch: unit.branch.clone(),
            base: start.name.clone(),
            commit: placed.commit.clone(),
            action: action.to_owned(),
            draft,
        });
    };
    if remote.direct {
        told(None, String::new(), if placed.changed { "committed" } else { "unchanged" }, false);
        return Ok(());
    }
    let draft = unit.draft() || unit.obstacle().is_some();
    if let Some(why) = unit.obstacle() {
        let message = format!("what people changed on {} makes this a draft: {why}", unit.branch);
        ports.reporter.report(&Event::Notice { spec: specs.first().cloned(), message });
    }
    let text = body::body(&unit.proposals);
    let (pull, action) = if let Some(open) = open {
        let changed = update(ports, forge, &open, &unit.title(), &text, &start.name, draft).await?;
        (open, if changed || placed.changed { "updated" } else { "unchanged" })
    } else {
        let (head, base, title) = (unit.branch.clone(), start.name.clone(), unit.title());
        let new = NewPullRequest { head, base, title, body: text.clone(), draft };
        match forge.open(&new).await {
            Ok(pull) => (pull, "opened"),
            // Another run was faster.
            Err(error) if error.trouble == Trouble::Exists => {
                let open = newest_open(forge, &unit.branch).await?.ok_or_else(|| Failure::from(error))?;
                update(ports, forge, &open, &new.title, &text, &start.name, draft).await?;
                (open, "updated")
            }
            Err(error) => return Err(not_opened(error, &unit.branch, draft)),
        }
    };
    dress(ports, remote, config, &unit, &pull, action == "opened").await;
    told(Some(pull.number), pull.url.clone(), action, draft);
    Ok(())
}

fn not_opened(error: ForgeError, branch: &str, draft: bool) -> Failure {
    let failure =
        Failure::from(error).hint(format!("the branch {branch} is there: the next run opens its pull request"));
    if draft {
        failure.hint("private repositories of free plans have no drafts: `pull_request.on_failure: nothing`")
    } else {
        failure
    }
}

async fn newest_open(forge: &dyn Forge, branch: &str) -> Result<Option<PullRequest>, ForgeError> {
    let pulls = forge.pull_requests_of(branch).await?;
    Ok(pulls.into_iter().find(|pull| pull.state == PullState::Open))
}

/// The commit that the branch is based on, and the branch that it is proposed into.
async fn start(remote: &Remote, config: &Config, workspace: &dyn Workspace, unit: &Unit) -> Result<Start, Failure> {
    if let Some(onto) = unit.onto.as_ref().filter(|onto| **onto != unit.branch) {
        let Some(commit) = remote.forge.branch(onto).await? else {
            return Err(Failure::new(
                Kind::Repository,
                format!("the branch {onto}, which this comes after, is not on GitHub"),
            )
            .hint("generate the spec that it comes after in the same run"));
        };
        return Ok(Start { name: onto.clone(), commit });
    }
    let commit = head(workspace)?;
    let name = match remote.base.clone().or_else(|| config.proposals.base.clone()).or_else(|| workspace.branch()) {
        Some(name) => name,
        None => remote.forge.repository().await?.default_branch,
    };
    Ok(Start { name, commit })
}

/// Brings an open pull request to its title and text. What people wrote around the bot's part, and a title of theirs, stay.
async fn update(
    ports: &Ports,
    forge: &dyn Forge,
    open: &PullRequest,
    title: &str,
    text: &str,
    base: &str,
    draft: bool,
) -> Result<bool, Failure> {
    let own_title = ["codegen: ", "FAILED: codegen: "].iter().any(|start| open.title.starts_with(start));
    let title = if own_title { title } else { &open.title };
    let whole = mark::replace(&open.body, text);
    let whole = if whole.chars().count() > 65_000 { text.to_owned() } else { whole };
    let changed = whole != open.body || title != open.title || base != open.base;
    if changed {
        forge.edit(open.number, title, &whole, base).await?;
    }
    // A draft that people made stays one.
    let own_draft = open.title.starts_with("FAILED: ") || mark::is_draft(&open.body);
    let ready = open.draft && !draft && own_draft;
    if (draft && !open.draft) || ready {
        soften(ports, "the pull request keeps its draft state", forge.set_draft(open, draft).await);
    }
    Ok(changed)
}

/// Labels and reviewers. The pull request is there; what is missing on it is told and stops nothing.
async fn dress(ports: &Ports, remote: &Remote, config: &Config, unit: &Unit, pull: &PullRequest, new: bool) {
    let mut labels: Vec<String> = config.proposals.labels.iter().chain(&unit.labels).cloned().collect();
    if !risk::risky(unit.changes.iter().map(|change| &change.path)).is_empty() {
        labels.push(risk::LABEL.to_owned());
    }
    labels.retain(|label| !pull.labels.contains(label));
    if !labels.is_empty() {
        soften(ports, "labels are missing", remote.forge.label(pull.number, &labels).await);
    }
    let mut people = config.proposals.reviewers.clone();
    people.extend(remote.asked_by.clone());
    people.dedup();
    if new && !people.is_empty() {
        soften(ports, "nobody was asked for a review", remote.forge.request_review(pull.number, &people).await);
    }
}

fn soften(ports: &Ports, what: &str, result: Result<(), ForgeError>) {
    if let Err(error) = result {
        let hints = error.hints.join("; ");
        ports.reporter.report(&Event::Notice { spec: None, message: format!("{what}: {error} {hints}") });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull(number: u64, state: PullState, inputs: &str, labels: &[&str]) -> PullRequest {
        PullRequest {
            number,
            url: format!("u{number}"),
            node: String::new(),
            state,
            draft: false,
            title: "codegen: x".to_owned(),
            body: mark::of_inputs(inputs),
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            head: "codegen/x".to_owned(),
            head_commit: "c".to_owned(),
            from_fork: false,
            base: "main".to_owned(),
        }
    }

    #[test]
    fn what_is_proposed_refused_or_frozen_is_left_alone() {
        use PullState::{Closed, Merged, Open};
        for (pulls, force, expected) in [
            (vec![], false, Standing::Open),
            (vec![pull(1, Open, "a", &[])], false, Standing::Proposed("u1".into())),
            (vec![pull(1, Open, "a", &[])], true, Standing::Open),
            (vec![pull(1, Open, "old", &[])], false, Standing::Open),
            (vec![pull(1, Open, "old", &[FROZEN])], true, Standing::Frozen("u1".into())),
            (vec![pull(1, Closed, "a", &[])], false, Standing::Refused("u1".into())),
            (vec![pull(1, Closed, "a", &[])], true, Standing::Open),
            (vec![pull(1, Closed, "old", &[])], false, Standing::Open),
            (vec![pull(2, Closed, "old", &[]), pull(1, Closed, "a", &[])], false, Standing::Open),
            (vec![pull(1, Merged, "a", &[])], false, Standing::Open),
            (vec![pull(2, Closed, "a", &[]), pull(1, Open, "old", &[])], false, Standing::Open),
        ] {
            assert_eq!(standing(&pulls, "a", force), expected, "{pulls:?} {force}");
        }
    }
}
