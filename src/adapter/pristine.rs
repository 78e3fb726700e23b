//! Pristine texts: what was generated, kept in git's own store as the base of later merges.
//!
//! A ref for each spec holds a chain of commits with its generated files and its spec. So the blobs outlive squash merges and
//! garbage collection, can be pushed with a proposal, and fetched where a clone has not got them. The commits have no
//! date: the same texts give the same commit.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use git2::build::TreeUpdateBuilder;
use git2::{Commit, FileMode, ObjectType, Oid, Repository, Signature, Time};

use crate::lock::{PRISTINE, pristine_ref};
use crate::path::RepoPath;
use crate::spec::SpecId;

/// Where a ref goes that was fetched beside one of this clone's own.
const FETCHED: &str = "refs/codegen/fetched";

/// The name that git would give a text.
pub(super) fn blob_id(text: &str) -> Option<String> {
    Oid::hash_object(ObjectType::Blob, text.as_bytes()).ok().map(|id| id.to_string())
}

/// Keeps texts under the ref of a spec, and gives their blobs by path.
pub(super) fn keep(
    repository: &Repository,
    id: &SpecId,
    texts: &BTreeMap<RepoPath, String>,
) -> Result<BTreeMap<RepoPath, String>, git2::Error> {
    let mut update = TreeUpdateBuilder::new();
    let mut blobs = BTreeMap::new();
    for (path, text) in texts {
        let blob = repository.blob(text.as_bytes())?;
        update.upsert(path.as_str(), blob, FileMode::Blob);
        blobs.insert(path.clone(), blob.to_string());
    }
    let empty = repository.find_tree(repository.treebuilder(None)?.write()?)?;
    let tree = repository.find_tree(update.create_updated(repository, &empty)?)?;
    let name = pristine_ref(id);
    let own = tip(repository, &name);
    let fetched = tip(repository, &beside(&name))
        .filter(|fetched| !own.as_ref().is_some_and(|own| is_in(repository, fetched, own)));
    if fetched.is_none() && own.as_ref().is_some_and(|own| own.tree_id() == tree.id()) {
        return Ok(blobs);
    }
    let who = bot()?;
    let parents: Vec<&Commit<'_>> = own.iter().chain(&fetched).collect();
    let commit = repository.commit(None, &who, &who, &format!("Generated from {id}\n"), &tree, &parents)?;
    repository.reference(&name, commit, true, "codegen: generated")?;
    Ok(blobs)
}

/// The text of a blob: from this clone, or fetched from where the ref was pushed. Variables carry what git needs to sign in;
/// nothing secret is an argument.
pub(super) fn find(root: &Path, id: &SpecId, blob: &str, variables: &[(String, String)]) -> Option<String> {
    let oid = Oid::from_str(blob).ok()?;
    let here = || {
        let repository = Repository::open(root).ok()?;
        let found = repository.find_blob(oid).ok()?;
        String::from_utf8(found.content().to_vec()).ok()
    };
    here().or_else(|| {
        fetch(root, id, variables);
        here().or_else(|| lazily(root, blob, variables))
    })
}

/// Fetches the ref of a spec. That it is nowhere to be had is no failure: the caller sees that the blob is not there.
fn fetch(root: &Path, id: &SpecId, variables: &[(String, String)]) {
    let Ok(repository) = Repository::open(root) else { return };
    let Some(remote) = remote_of(&repository) else { return };
    let name = pristine_ref(id);
    let into = if repository.find_reference(&name).is_ok() { beside(&name) } else { name.clone() };
    let refspec = format!("+{name}:{into}");
    let _ = git(root, &["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", &remote, &refspec], variables);
}

/// In a partial clone git itself fetches a blob that is asked for.
fn lazily(root: &Path, blob: &str, variables: &[(String, String)]) -> Option<String> {
    let repository = Repository::open(root).ok()?;
    let remote = remote_of(&repository)?;
    let partial = repository.config().ok()?.get_bool(&format!("remote.{remote}.promisor")).unwrap_or(false);
    if !partial {
        return None;
    }
    let output = git(root, &["cat-file", "blob", blob], variables)?;
    String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
}

fn remote_of(repository: &Repository) -> Option<String> {
    let names = repository.remotes().ok()?;
    let names: Vec<&str> = names.iter().filter_map(Result::ok).flatten().collect();
    names.iter().find(|name| **name == "origin").or(names.first()).map(|name| (*name).to_owned())
}

/// The refs of specs that this repository has.
pub(super) fn refs_of(root: &Path, ids: &[SpecId]) -> Vec<String> {
    let Ok(repository) = Repository::open(root) else { return Vec::new() };
    ids.iter().map(pristine_ref).filter(|name| repository.find_reference(name).is_ok()).collect()
}

/// Where a ref goes that is fetched beside one of this clone's own.
pub(super) fn beside(name: &str) -> String {
    name.replacen(PRISTINE, FETCHED, 1)
}

/// Joins what was fetched beside a ref to it, so that pushing the ref loses nothing of either.
pub(super) fn join(root: &Path, name: &str) -> Result<(), git2::Error> {
    let repository = Repository::open(root)?;
    let (own, fetched) = (repository.find_reference(name)?.peel_to_commit()?, tip(&repository, &beside(name)));
    let Some(fetched) = fetched.filter(|fetched| !is_in(&repository, fetched, &own)) else { return Ok(()) };
    if is_in(&repository, &own, &fetched) {
        repository.reference(name, fetched.id(), true, "codegen: fetched")?;
        return Ok(());
    }
    let who = bot()?;
    let message = own.message().unwrap_or_default();
    let commit = repository.commit(None, &who, &who, message, &own.tree()?, &[&own, &fetched])?;
    repository.reference(name, commit, true, "codegen: joined")?;
    Ok(())
}

fn tip<'r>(repository: &'r Repository, name: &str) -> Option<Commit<'r>> {
    repository.find_reference(name).and_then(|found| found.peel_to_commit()).ok()
}

fn is_in(repository: &Repository, commit: &Commit<'_>, other: &Commit<'_>) -> bool {
    commit.id() == other.id() || repository.graph_descendant_of(other.id(), commit.id()).unwrap_or(false)
}

/// Who writes these commits, at no time: the same texts give the same commit.
fn bot() -> Result<Signature<'static>, git2::Error> {
    Signature::new("codegen", "codegen@users.noreply.github.com", &Time::new(0, 0))
}

/// Runs git without questions, and gives up on a connection that stands still.
fn git(root: &Path, arguments: &[&str], variables: &[(String, String)]) -> Option<std::process::Output> {
    let mut command = Command::new("git");
    command.current_dir(root).args(["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=20"]).args(arguments);
    command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").stdin(Stdio::null());
    // In a hook, git says by variables which repository and which index are meant; this is about the repository at `root`.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=10");
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.output().ok()
}
