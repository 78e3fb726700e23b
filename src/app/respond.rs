//! A comment, obeyed or not, and always answered when it was meant for the bot.
//!
//! Nothing is asked of GitHub for a comment that says nothing to the bot, and no model for one whose author may not push. Who
//! may is asked of the API and fails closed. Then 👀, one comment that changes as stages pass, and 🎉 or 😕 at the end: also
//! when the work panics, takes too long, is interrupted, or the model refuses.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::generate::{Delivery, Options, Ports, generate};
use super::load::{Loaded, load};
use super::propose::Remote;
use super::status;
use super::status_comment::{Listener, StatusComment};
use crate::change::FileChange;
use crate::command::reply::{self};
use crate::command::{self, Command, Said, Wanted, spec_file};
use crate::config::{CommandDelivery, CommandSettings, Obeyed};
use crate::event::{Event, Reporter};
use crate::failure::{Failure, Kind};
use crate::language::detect::languages;
use crate::path::RepoPath;
use crate::port::{Forge, Permission, PullRequest, PullState, Reaction, Workbench, Workspace};
use crate::proposal::mark;
use crate::spec::{self, SpecId};
use crate::text::{inert, shortened};
use crate::trigger::Comment;

/// What answering needs.
#[derive(Clone)]
pub struct Desk {
    /// GitHub.
    pub forge: Arc<dyn Forge>,
    /// Repositories and models.
    pub bench: Arc<dyn Workbench>,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
    /// Who is obeyed, by the configuration of the default branch.
    pub settings: CommandSettings,
}

/// What became of a comment.
#[derive(Debug)]
pub enum Response {
    /// It was not for the bot, or of nobody who counts; why, for the log.
    Ignored(String),
    /// Its author may not command; why, for the log.
    Refused(String),
    /// It was answered; the exit code of the run, and what failed.
    Answered(Vec<(String, Failure)>),
}

/// Where a command works.
struct Place {
    branch: String,
    commit: String,
    /// The pull request that the comment stands on.
    pull: Option<PullRequest>,
}

/// What is done for a command.
enum Outcome {
    Done(Vec<String>),
    Listed(Vec<[String; 4]>),
    Failed(Vec<(String, Failure)>),
}

/// Answers a comment. `interrupted` resolves when the process is asked to end.
pub async fn respond(desk: &Desk, comment: &Comment, interrupted: BoxFuture<'_, ()>) -> Result<Response, Failure> {
    if let Some(why) = unheard(comment) {
        return Ok(Response::Ignored(why.to_owned()));
    }
    let said = match command::parse(&comment.body) {
        Said::Nothing => return Ok(Response::Ignored("it says nothing to codegen".to_owned())),
        said => said,
    };
    if let Some(why) = refuse(desk, comment).await? {
        react(desk, comment, Reaction::Confused).await;
        return Ok(Response::Refused(why));
    }
    react(desk, comment, Reaction::Eyes).await;
    let response = answer(desk, comment, said, interrupted).await;
    if response.is_err() {
        // Where no comment can be written, such as on a locked issue, the reaction still tells that it failed.
        react(desk, comment, Reaction::Confused).await;
    }
    response
}

async fn answer(
    desk: &Desk,
    comment: &Comment,
    said: Said,
    interrupted: BoxFuture<'_, ()>,
) -> Result<Response, Failure> {
    let forge = desk.forge.as_ref();
    let command = match said {
        Said::Command(command) => command,
        Said::Wrong(why) => return decline(desk, comment, &why).await,
        Said::Nothing => return Ok(Response::Ignored(String::new())),
    };
    if command == Command::Help {
        say(forge, comment, &reply::helped(comment.id)).await?;
        react(desk, comment, Reaction::Hooray).await;
        return Ok(Response::Answered(Vec::new()));
    }
    let place = match place(forge, comment).await? {
        Ok(place) => place,
        Err(why) => return decline(desk, comment, &why).await,
    };
    let what = title(&command);
    let mut status = StatusComment::open(Arc::clone(&desk.forge), comment.issue, comment.id, &what).await?;
    let listener = Listener::new(Arc::clone(&desk.reporter));
    status.follow(&listener, &what);
    let (outcome, at_once) = work(desk, comment, command, place, &listener, interrupted).await;
    let gathered = listener.gathered();
    let (text, reaction, failures) = match outcome {
        Outcome::Done(notes) => {
            let mut all = notes;
            all.extend(gathered.notes);
            (reply::done(comment.id, &gathered.results, &all), Reaction::Hooray, Vec::new())
        }
        Outcome::Listed(rows) => (reply::listed(comment.id, &rows), Reaction::Hooray, Vec::new()),
        Outcome::Failed(failures) => {
            (reply::failed(comment.id, &failures, &gathered.results), Reaction::Confused, failures)
        }
    };
    status.end(&text, at_once).await?;
    react(desk, comment, reaction).await;
    Ok(Response::Answered(failures))
}

/// Ends the answer of a run that ended without a word, also when it had not begun to answer. Says whether there was one.
pub async fn conclude(forge: &dyn Forge, settings: &CommandSettings, comment: &Comment) -> Result<bool, Failure> {
    if unheard(comment).is_some() || command::parse(&comment.body) == Said::Nothing {
        return Ok(false);
    }
    let mark = reply::mark(comment.id);
    let answers = forge.comments_with(comment.issue, &mark).await?;
    match answers.iter().find(|answer| reply::is_working(&answer.body)) {
        Some(working) => forge.edit_comment(working.id, &reply::broken_off(comment.id)).await?,
        // Who may command always gets an answer, and nobody else does.
        None if answers.is_empty() && forge.permission(&comment.author).await? >= needed(settings) => {
            forge.comment(comment.issue, &mark, &reply::broken_off(comment.id)).await?;
        }
        None => return Ok(false),
    }
    forge.react(comment.id, Reaction::Confused).await?;
    Ok(true)
}

/// Why a comment is not listened to, whatever it says.
fn unheard(comment: &Comment) -> Option<&'static str> {
    if !comment.created {
        return Some("edited and deleted comments are not obeyed");
    }
    comment.by_bot.then_some("bots are not obeyed")
}

/// What somebody must be able to do to be obeyed.
fn needed(settings: &CommandSettings) -> Permission {
    match settings.permission {
        Obeyed::Write => Permission::Write,
        Obeyed::Maintain => Permission::Maintain,
        Obeyed::Admin => Permission::Admin,
    }
}

/// Why the author may not command. No answer is no permission.
async fn refuse(desk: &Desk, comment: &Comment) -> Result<Option<String>, Failure> {
    let needed = needed(&desk.settings);
    match desk.forge.permission(&comment.author).await {
        Ok(permission) if permission >= needed => Ok(None),
        Ok(permission) => {
            let author = &comment.author;
            Ok(Some(format!("{author} has the permission {permission:?} here, and commands need {needed:?}")))
        }
        Err(error) => {
            react(desk, comment, Reaction::Confused).await;
            Err(Failure::from(error).hint("who may not be asked about is not obeyed"))
        }
    }
}

/// A reaction is a courtesy: its failure is told and stops nothing.
async fn react(desk: &Desk, comment: &Comment, reaction: Reaction) {
    if let Err(error) = desk.forge.react(comment.id, reaction).await {
        desk.reporter.report(&Event::Notice { spec: None, message: format!("no reaction: {error}") });
    }
}

async fn say(forge: &dyn Forge, comment: &Comment, text: &str) -> Result<(), Failure> {
    let mark = reply::mark(comment.id);
    match forge.comments_with(comment.issue, &mark).await?.first() {
        Some(earlier) => forge.edit_comment(earlier.id, text).await?,
        None => {
            forge.comment(comment.issue, &mark, text).await?;
        }
    }
    Ok(())
}

async fn decline(desk: &Desk, comment: &Comment, why: &str) -> Result<Response, Failure> {
    say(desk.forge.as_ref(), comment, &reply::refused(comment.id, why)).await?;
    react(desk, comment, Reaction::Confused).await;
    Ok(Response::Answered(vec![(String::new(), Failure::new(Kind::Usage, why))]))
}

/// The branch and commit that a command works on; `Err` inside is a reason to decline.
async fn place(forge: &dyn Forge, comment: &Comment) -> Result<Result<Place, String>, Failure> {
    if !comment.on_pull_request {
        let branch = forge.repository().await?.default_branch;
        let Some(commit) = forge.branch(&branch).await? else {
            return Ok(Err(format!("the default branch {} has no commit", inert(&branch))));
        };
        return Ok(Ok(Place { branch, commit, pull: None }));
    }
    let pull = forge.pull_request(comment.issue).await?;
    if pull.from_fork {
        let why = "this pull request comes from a fork, whose code would run beside the secrets of this repository. Push the branch to this repository, or give the command on an issue.";
        return Ok(Err(why.to_owned()));
    }
    if pull.state != PullState::Open {
        return Ok(Err("this pull request is not open any more".to_owned()));
    }
    // The payload may be old: the branch is where GitHub says now.
    let Some(commit) = forge.branch(&pull.head).await? else {
        return Ok(Err("the branch of this pull request is gone".to_owned()));
    };
    Ok(Ok(Place { branch: pull.head.clone(), commit, pull: Some(pull) }))
}

fn title(command: &Command) -> String {
    match command {
        Command::Create(wanted) => format!("{} {}", wanted.pattern, wanted.name),
        Command::Generate(ids) if ids.is_empty() => "every spec that is not current".to_owned(),
        Command::Generate(ids) => ids.iter().map(SpecId::as_str).collect::<Vec<_>>().join(", "),
        Command::Regenerate => "this proposal, anew".to_owned(),
        Command::Revise(wish) => format!("this proposal: {}", shortened(&wish.replace('\n', " "), 200)),
        Command::List => "the list of specs".to_owned(),
        Command::Help => "help".to_owned(),
    }
}

/// Does the work in a task of its own, so that its panic is an answer too. The flag says whether the process is ending.
async fn work(
    desk: &Desk,
    comment: &Comment,
    command: Command,
    place: Place,
    listener: &Arc<Listener>,
    interrupted: BoxFuture<'_, ()>,
) -> (Outcome, bool) {
    let failed = |failure: Failure| Outcome::Failed(vec![(String::new(), failure)]);
    let (desk_of_task, author, reporter) = (desk.clone(), comment.author.clone(), Arc::clone(listener));
    let mut task = tokio::spawn(async move {
        let reporter: Arc<dyn Reporter> = reporter;
        obey(&desk_of_task, &author, command, place, reporter).await
    });
    tokio::select! {
        done = &mut task => match done {
            Ok(Ok(outcome)) => (outcome, false),
            Ok(Err(failure)) => (failed(failure), false),
            Err(error) => {
                let failure = Failure::new(Kind::Internal, "codegen itself failed at this; that is a bug in codegen");
                (failed(failure.because(&error).hint("the log of the workflow has the place")), false)
            }
        },
        () = tokio::time::sleep(desk.settings.timeout) => {
            task.abort();
            let minutes = desk.settings.timeout.as_secs() / 60;
            let failure = Failure::new(Kind::Gate, format!("the work was stopped after {minutes} minutes"));
            (failed(failure.hint("`commands.timeout` in the configuration of the default branch allows more")), false)
        }
        () = interrupted => {
            task.abort();
            let failure = Failure::new(Kind::Interrupted, "the run was cancelled, or its job took too long");
            (failed(failure.hint("give the command again to go on")), true)
        }
    }
}

async fn obey(
    desk: &Desk,
    author: &str,
    command: Command,
    place: Place,
    reporter: Arc<dyn Reporter>,
) -> Result<Outcome, Failure> {
    let own = place.pull.as_ref().and_then(|pull| mark::specs(&pull.body));
    let anew = matches!(command, Command::Regenerate | Command::Revise(_));
    let (base, commit) = match (anew, &own, &place.pull) {
        (false, ..) => (place.branch.clone(), place.commit.clone()),
        (true, Some(_), Some(pull)) => {
            let tip = desk.forge.branch(&pull.base).await?;
            let gone = || Failure::new(Kind::Repository, format!("the branch {} is gone", inert(&pull.base)));
            (pull.base.clone(), tip.ok_or_else(gone)?)
        }
        (true, ..) => {
            return Err(Failure::new(
                Kind::Usage,
                "this is no pull request of codegen, so there is nothing to make anew",
            )
            .hint("`/codegen generate <spec>` generates a spec here"));
        }
    };
    let workspace = desk.bench.check_out(&base, &commit).await?;
    let (specs, force, notes) = match &command {
        Command::Create(wanted) => {
            let (id, note) = write_spec(workspace.as_ref(), wanted, author)?;
            (vec![id], false, note.into_iter().collect())
        }
        Command::Generate(ids) => (ids.clone(), false, Vec::new()),
        Command::Regenerate | Command::Revise(_) => {
            let ids = own.unwrap_or_default();
            let wish = if let Command::Revise(wish) = &command { Some(wish.as_str()) } else { None };
            for id in &ids {
                take_spec(desk.forge.as_ref(), workspace.as_ref(), id, &place.commit, wish).await?;
            }
            (ids, true, Vec::new())
        }
        Command::List | Command::Help => {
            let standings = status::standings(&load(workspace.as_ref())?, workspace.as_ref(), &[])?;
            let row = |standing: &status::Standing| {
                let detail = standing.state.detail();
                let state = if detail.is_empty() {
                    standing.state.id().to_owned()
                } else {
                    format!("{}: {detail}", standing.state.id())
                };
                [standing.id.clone(), standing.language.clone(), standing.pattern.clone(), state]
            };
            return Ok(Outcome::Listed(standings.iter().map(row).collect()));
        }
    };
    let loaded = load(workspace.as_ref())?;
    let direct = !anew && place.pull.is_some() && desk.settings.deliver == CommandDelivery::Commit;
    let remote =
        Remote { asked_by: Some(author.to_owned()), direct, ..Remote::new(Arc::clone(&desk.forge), Some(base)) };
    let failures = run(desk, workspace, loaded, remote, specs, force, reporter).await?;
    Ok(if failures.is_empty() { Outcome::Done(notes) } else { Outcome::Failed(failures) })
}

async fn run(
    desk: &Desk,
    workspace: Arc<dyn Workspace>,
    loaded: Loaded,
    remote: Remote,
    specs: Vec<SpecId>,
    force: bool,
    reporter: Arc<dyn Reporter>,
) -> Result<Vec<(String, Failure)>, Failure> {
    let (model, runner) = desk.bench.tools(&loaded.config).await?;
    let ports = Ports { workspace, runner, model, reporter, remote: Some(remote) };
    let options = Options { specs, force, delivery: Delivery::Propose, skip: Vec::new(), allow_unproven: false };
    let summary = generate(ports, loaded, options).await?;
    Ok(summary.failures.into_iter().map(|(id, failure)| (id.to_string(), failure)).collect())
}

/// The spec that a command wants: the one that is there, or a new one, written into the checkout.
fn write_spec(workspace: &dyn Workspace, wanted: &Wanted, author: &str) -> Result<(SpecId, Option<String>), Failure> {
    let loaded = load(workspace)?;
    let there = loaded.tasks.iter().find(|task| {
        task.spec.name.value.eq_ignore_ascii_case(&wanted.name) && task.pattern().name == wanted.pattern.name
    });
    if let Some(task) = there {
        let id = task.spec.id.clone();
        if wanted.description.is_some() || !wanted.facts.is_empty() {
            return Err(Failure::new(Kind::Usage, format!("the spec `{id}` is there already, and says what it wants"))
                .hint(format!(
                    "`/codegen generate {id}` generates it as it is; change it in {}",
                    task.spec.source.path
                )));
        }
        return Ok((id.clone(), Some(format!("the spec {id} was there already and was used"))));
    }
    let pattern = loaded.library.find(&wanted.pattern).map_err(|unknown| {
        let failure = Failure::new(Kind::Usage, format!("there is no pattern `{}`", unknown.wanted));
        let near = unknown.nearest.map(|near| format!("did you mean `{near}`?"));
        near.into_iter().fold(failure, Failure::hint).hint(format!("known: {}", unknown.known.join(", ")))
    })?;
    let found = languages(workspace.view());
    let language = match (wanted.language, found.as_slice()) {
        (Some(language), _) => language,
        (None, [one]) => *one,
        (None, _) => {
            return Err(Failure::new(
                Kind::Usage,
                "say which language: this repository has none, or several, at its root",
            )
            .hint("such as `language=rust`"));
        }
    };
    let path = spec_file::path_of(wanted).ok_or_else(|| Failure::new(Kind::Usage, "the name makes no file name"))?;
    let text = spec_file::render(wanted, pattern, language, author);
    let id = SpecId::of_file(&path).ok_or_else(|| Failure::new(Kind::Internal, "the path of a spec is none"))?;
    workspace.deliver(&[FileChange { path, before: None, after: text }])?;
    Ok((id, None))
}

/// Brings the spec of a proposal into the checkout as it stands on its branch, with a wish when there is one.
async fn take_spec(
    forge: &dyn Forge,
    workspace: &dyn Workspace,
    id: &SpecId,
    tip: &str,
    wish: Option<&str>,
) -> Result<(), Failure> {
    let at = [".yaml", ".yml"]
        .iter()
        .map(|end| format!("{}/{id}{end}", spec::FOLDER))
        .chain([format!("{id}{}", spec::BESIDE)]);
    let mut found = None;
    for path in at.filter_map(|text| RepoPath::parse(&text).ok()) {
        if let Some(text) = forge.file(&path, tip).await? {
            found = Some((path, text));
            break;
        }
    }
    let Some((path, text)) = found else {
        return Err(Failure::new(Kind::Usage, format!("the spec `{id}` is not on this branch any more")));
    };
    let text = match wish {
        None => text,
        Some(wish) => {
            let source = crate::diagnostic::SourceText::new(path.as_str(), text);
            let spec = spec::parse(id.clone(), &source).map_err(Failure::diagnostics)?;
            spec_file::with_wish(&spec, wish).ok_or_else(|| {
                Failure::new(Kind::Usage, format!("no rule can be added to {path} without changing what else it says"))
                    .hint("add the wish to its `rules` by hand")
            })?
        }
    };
    let before = workspace.read(&path);
    if before.as_ref() == Some(&text) {
        return Ok(());
    }
    workspace.deliver(&[FileChange { path, before, after: text }])
}
