//! Commits to branches of the bot's own, without a look at the user's tree or index.

use std::path::Path;

use git2::build::TreeUpdateBuilder;
use git2::{BranchType, Commit, FileMode, Repository, Signature};

use super::git_failure::git_failure;
use crate::failure::{Failure, Kind};
use crate::path::RepoPath;
use crate::port::{BranchCommit, Committed};

/// Makes the commit, or finds the branch as it would make it. A branch with commits of others, or one that is checked out, is
/// left as it is.
pub(super) fn make(repository: &Repository, commit: &BranchCommit) -> Result<Committed, Failure> {
    let head = match &commit.onto {
        Some(branch) => repository.find_branch(branch, BranchType::Local).map(git2::Branch::into_reference),
        None => repository.head(),
    };
    let head = head.map_err(|error| {
        git_failure("there is no commit to base a branch on", &error).hint("commit something first")
    })?;
    let base_name = head.shorthand().unwrap_or("HEAD").to_owned();
    let base = head.peel_to_commit().map_err(|error| git_failure("the last commit cannot be read", &error))?;
    for change in &commit.changes {
        refuse_tree_links(&base, &change.path)?;
    }
    let done = commit_on_branch(repository, &base, &base_name, commit);
    done.map_err(|error| match error {
        CommitError::Git(error) => git_failure(format!("cannot commit to the branch {}", commit.branch), &error),
        CommitError::Foreign(who) => Failure::new(
            Kind::Policy,
            format!(
                "the branch {} has a commit that codegen did not make ({who}), and is left as it is",
                commit.branch
            ),
        )
        .hint("merge or delete the branch, or set another `pull_request.branch`"),
        CommitError::CheckedOut => {
            Failure::new(Kind::Policy, format!("the branch {} is checked out, and is left as it is", commit.branch))
                .hint("check out another branch first")
        }
    })
}

/// Refuses a path one of whose folders, or which itself, is a symbolic link in a commit.
fn refuse_tree_links(base: &Commit<'_>, path: &RepoPath) -> Result<(), Failure> {
    let tree = base.tree().map_err(|error| git_failure("the last commit cannot be read", &error))?;
    let link = Path::new(path.as_str())
        .ancestors()
        .filter(|at| !at.as_os_str().is_empty())
        .find(|at| tree.get_path(at).is_ok_and(|entry| entry.filemode() == 0o120_000));
    match link {
        Some(link) => {
            Err(Failure::new(Kind::Policy, format!("`{path}` is not written: `{}` is a symbolic link", link.display())))
        }
        None => Ok(()),
    }
}

/// How the bot knows a commit as its own and as nobody amended it: the trailer names the tree.
const TREE_TRAILER: &str = "Codegen-Tree: ";

enum CommitError {
    Git(git2::Error),
    Foreign(String),
    CheckedOut,
}

impl From<git2::Error> for CommitError {
    fn from(error: git2::Error) -> Self {
        Self::Git(error)
    }
}

fn commit_on_branch(
    repository: &Repository,
    base: &Commit<'_>,
    base_name: &str,
    wanted: &BranchCommit,
) -> Result<Committed, CommitError> {
    let mut update = TreeUpdateBuilder::new();
    for change in &wanted.changes {
        let blob = repository.blob(change.after.as_bytes())?;
        let mode = base.tree()?.get_path(Path::new(change.path.as_str())).map_or(FileMode::Blob, |entry| {
            if entry.filemode() == 0o100_755 { FileMode::BlobExecutable } else { FileMode::Blob }
        });
        update.upsert(change.path.as_str(), blob, mode);
    }
    let tree = repository.find_tree(update.create_updated(repository, &base.tree()?)?)?;
    if let Ok(branch) = repository.find_branch(&wanted.branch, BranchType::Local) {
        if branch.is_head() || is_checked_out(repository, &branch) {
            return Err(CommitError::CheckedOut);
        }
        let tip = branch.get().peel_to_commit()?;
        refuse_foreign(repository, base, &tip)?;
        if tip.tree_id() == tree.id() && tip.parent_id(0).ok() == Some(base.id()) {
            return Ok(Committed { commit: tip.id().to_string(), base: base_name.to_owned(), unchanged: true });
        }
    }
    let person = repository.signature().or_else(|_| Signature::now("codegen", "codegen@users.noreply.github.com"))?;
    let message = format!("{}{TREE_TRAILER}{}\n", wanted.message, tree.id());
    let id = repository.commit(None, &person, &person, &message, &tree, &[base])?;
    repository.reference(&format!("refs/heads/{}", wanted.branch), id, true, "codegen: propose")?;
    Ok(Committed { commit: id.to_string(), base: base_name.to_owned(), unchanged: false })
}

/// Every commit of the branch beyond the base must be one that the bot made, as it made it.
fn refuse_foreign(repository: &Repository, base: &Commit<'_>, tip: &Commit<'_>) -> Result<(), CommitError> {
    let mut walk = repository.revwalk()?;
    walk.push(tip.id())?;
    walk.hide(base.id())?;
    for id in walk {
        let commit = repository.find_commit(id?)?;
        let trailer = format!("{TREE_TRAILER}{}", commit.tree_id());
        let own = commit.message().is_ok_and(|message| message.lines().any(|line| line == trailer));
        if !own {
            let author = commit.author();
            let id: String = commit.id().to_string().chars().take(10).collect();
            return Err(CommitError::Foreign(format!("{id} by {}", author.name().unwrap_or("somebody"))));
        }
    }
    Ok(())
}

fn is_checked_out(repository: &Repository, branch: &git2::Branch<'_>) -> bool {
    let name = branch.get().name().unwrap_or_default().to_owned();
    let Ok(worktrees) = repository.worktrees() else { return false };
    worktrees.iter().filter_map(Result::ok).flatten().any(|worktree| {
        let head = repository.find_worktree(worktree).and_then(|worktree| Repository::open_from_worktree(&worktree));
        head.is_ok_and(|linked| linked.head().is_ok_and(|head| head.name().ok() == Some(name.as_str())))
    })
}
