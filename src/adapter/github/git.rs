//! Git over the network, by the git program: fetching one commit into a folder of its own, pushing a commit to a server whose
//! API makes none, and pushing the refs that keep generated texts, which no API takes.
//!
//! The token goes to git in the environment, never in an argument, an address or a file. No hook of anybody runs.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, Oid, Repository, Signature};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::branch::base64;
use super::client::Access;
use super::{Slug, answer};
use crate::adapter::pristine;
use crate::lock::PRISTINE;
use crate::port::{ForgeCommit, ForgeError, Pushed, Trouble};
use crate::spec::SpecId;

/// How often refs may move away under a push before it gives up.
const ROUNDS: u32 = 4;

/// How long git may take for one thing.
const PATIENCE: Duration = Duration::from_mins(10);

/// A commit of GitHub, checked out in a temporary folder.
pub struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// The folder. It is removed when this is dropped.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Fetches one commit, without its history, and checks it out as a branch.
pub async fn checkout(access: &Access, slug: &Slug, branch: &str, commit: &str) -> Result<Checkout, ForgeError> {
    let deed = answer::Deed { what: "give a commit to git", needs: "contents: read" };
    let broken = |message: String| trouble(Trouble::Invalid, deed.what, slug, &message, "");
    let folder = tempfile::Builder::new().prefix("codegen-").tempdir().map_err(|error| broken(error.to_string()))?;
    let at = folder.path();
    let address = address(access, slug);
    for arguments in [
        vec!["init", "--quiet"],
        vec!["remote", "add", "origin", &address],
        vec!["fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit],
        vec!["checkout", "--quiet", "-B", branch, "FETCH_HEAD"],
    ] {
        run(access, at, &arguments)
            .await
            .map_err(|said| trouble(Trouble::Unreachable, deed.what, slug, &said, deed.needs))?;
    }
    Ok(Checkout { folder })
}

/// Makes the commit on this machine and pushes it. The push moves the branch forward only.
pub(super) async fn push(
    access: &Access,
    slug: &Slug,
    local: &Path,
    wanted: &ForgeCommit,
) -> Result<Pushed, ForgeError> {
    let deed = answer::Deed { what: "take a push", needs: "contents: write" };
    let failed = |said: String| trouble(Trouble::Unreachable, deed.what, slug, &said, deed.needs);
    let address = address(access, slug);
    let mut fetch = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", &address, wanted.expected.as_str()];
    fetch.extend(wanted.merging.as_deref());
    run(access, local, &fetch).await.map_err(failed)?;
    let (folder, commit) = (local.to_owned(), wanted.clone());
    let made = tokio::task::spawn_blocking(move || build(&folder, &commit)).await;
    let made = made.map_err(|error| failed(error.to_string()))?;
    let commit = made.map_err(|error| failed(error.message().to_owned()))?;
    let what = format!("{commit}:refs/heads/{}", wanted.branch);
    match run(access, local, &["push", "--quiet", "--porcelain", &address, &what]).await {
        Ok(()) => Ok(Pushed::Done(commit)),
        // Git has no code for it: the flag of a refused reference is `!`, and its reason stands in brackets.
        Err(said) if said.contains("[rejected]") => Ok(Pushed::Moved),
        Err(said) => Err(failed(said)),
    }
}

fn build(folder: &PathBuf, wanted: &ForgeCommit) -> Result<String, git2::Error> {
    let repository = Repository::open(folder)?;
    let tip = repository.find_commit(Oid::from_str(&wanted.expected)?)?;
    let merging = wanted.merging.as_ref().map(|id| repository.find_commit(Oid::from_str(id)?)).transpose()?;
    let base = merging.as_ref().unwrap_or(&tip).tree()?;
    let mut update = TreeUpdateBuilder::new();
    for file in &wanted.files {
        let mode = if file.executable { FileMode::BlobExecutable } else { FileMode::Blob };
        update.upsert(file.path.as_str(), repository.blob(file.text.as_bytes())?, mode);
    }
    for path in wanted.removed.iter().filter(|path| base.get_path(Path::new(path)).is_ok()) {
        update.remove(path.as_str());
    }
    let tree = repository.find_tree(update.create_updated(&repository, &base)?)?;
    let person = repository.signature().or_else(|_| Signature::now("codegen", "codegen@users.noreply.github.com"))?;
    let message = format!("{}\n\n{}", wanted.subject, wanted.body);
    let parents: Vec<_> = std::iter::once(&tip).chain(merging.as_ref()).collect();
    Ok(repository.commit(None, &person, &person, &message, &tree, &parents)?.to_string())
}

fn address(access: &Access, slug: &Slug) -> String {
    format!("{}/{}/{}.git", access.server_url.trim_end_matches('/'), slug.owner, slug.name)
}

fn trouble(trouble: Trouble, what: &str, slug: &Slug, said: &str, needs: &str) -> ForgeError {
    let said: String = said.chars().filter(|letter| *letter == '\n' || !letter.is_control()).take(600).collect();
    let hint = format!("the token needs `{needs}` for {}/{}", slug.owner, slug.name);
    ForgeError {
        trouble,
        message: format!("GitHub does not {what} in {}/{}: {}", slug.owner, slug.name, said.trim()),
        hints: if needs.is_empty() { Vec::new() } else { vec![hint] },
    }
}

/// Brings the refs that keep the generated texts of specs to the server, without losing what it has of them.
pub(super) async fn push_pristine(
    access: &Access,
    slug: &Slug,
    folder: &Path,
    ids: &[SpecId],
) -> Result<(), ForgeError> {
    let failed = |said: String| {
        let mut error = trouble(Trouble::Unreachable, "keep the generated texts", slug, &said, "contents: write");
        error.hints.push(format!("later merges elsewhere need them: `git push origin '{PRISTINE}/*:{PRISTINE}/*'`"));
        error
    };
    let names = pristine::refs_of(folder, ids);
    if names.is_empty() {
        return Ok(());
    }
    let address = address(access, slug);
    for _ in 0..ROUNDS {
        let refspecs: Vec<String> = names.iter().map(|name| format!("{name}:{name}")).collect();
        let mut arguments = vec!["push", "--quiet", "--porcelain", &address];
        arguments.extend(refspecs.iter().map(String::as_str));
        let said = match run(access, folder, &arguments).await {
            Ok(()) => return Ok(()),
            Err(said) => said,
        };
        let rejected = |name: &&String| {
            let what = format!(":{name}\t[rejected]");
            said.lines().any(|line| line.starts_with('!') && line.contains(&what))
        };
        let behind: Vec<&String> = names.iter().filter(rejected).collect();
        if behind.is_empty() {
            return Err(failed(said));
        }
        // Another clone was here: what it keeps is taken up first.
        let refspecs: Vec<String> = behind.iter().map(|name| format!("+{name}:{}", pristine::beside(name))).collect();
        let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", &address];
        arguments.extend(refspecs.iter().map(String::as_str));
        run(access, folder, &arguments).await.map_err(failed)?;
        for name in behind {
            pristine::join(folder, name).map_err(|error| failed(error.message().to_owned()))?;
        }
    }
    Err(failed("they keep changing there".to_owned()))
}

/// What git needs in its environment to sign in with a token: nothing of it is an argument, an address or a file.
pub fn sign_in(access: &Access) -> Vec<(String, String)> {
    let credentials = base64(format!("x-access-token:{}", access.token.expose_secret().trim()).as_bytes());
    let header = format!("http.{}/.extraheader", access.server_url.trim_end_matches('/'));
    let settings = [
        // An empty value first: a header that the checkout left in the configuration would be a second one.
        (header.as_str(), String::new()),
        (header.as_str(), format!("AUTHORIZATION: basic {credentials}")),
        ("core.hooksPath", "/dev/null".to_owned()),
        ("credential.helper", String::new()),
    ];
    let mut variables = vec![("GIT_CONFIG_COUNT".to_owned(), settings.len().to_string())];
    for (number, (key, value)) in settings.into_iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{number}"), key.to_owned()));
        variables.push((format!("GIT_CONFIG_VALUE_{number}"), value));
    }
    variables
}

/// Runs git in a folder; the error is what it said.
async fn run(access: &Access, folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut command = tokio::process::Command::new("git");
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    command.env_clear().envs(crate::adapter::environment::child_environment(std::env::vars_os()));
    command.envs(sign_in(access));
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.map_err(|late| format!("git took longer than ten minutes ({late})"))?;
    let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout)))
}
