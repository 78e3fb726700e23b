//! The forge: GitHub as proposals and comment commands need it.
//!
//! Every call either did what it says, found it done already, or failed with a [`ForgeError`] that says which case it is;
//! repeating a call is safe.

use std::path::Path;

use futures::future::BoxFuture;

use crate::failure::{Failure, Kind};
use crate::path::RepoPath;
use crate::spec::SpecId;

/// Which case a failed call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The token is wrong or expired.
    Unauthorized,
    /// The token may not do this.
    Forbidden,
    /// It is not there, or the token may not see it.
    NotFound,
    /// Somebody else changed it meanwhile, or it cannot be merged.
    Conflict,
    /// What should be made is there already.
    Exists,
    /// The server takes the request for wrong.
    Invalid,
    /// Too many requests, and the wait is too long.
    RateLimited,
    /// No answer, or the server failed, as often as it was asked.
    Unreachable,
    /// The server does not have this operation.
    Unsupported,
    /// The answer is not what GitHub documents.
    Protocol,
}

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ForgeError {
    /// The case.
    pub trouble: Trouble,
    /// What happened, with what was asked.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl From<ForgeError> for Failure {
    fn from(error: ForgeError) -> Self {
        error.hints.into_iter().fold(Failure::new(Kind::Repository, error.message), Failure::hint)
    }
}

/// The result of a call.
pub type Answered<'a, T> = BoxFuture<'a, Result<T, ForgeError>>;

/// What is known of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// The default branch.
    pub default_branch: String,
    /// What the token may do: `admin`, `maintain`, `push`, `triage`, `pull`.
    pub granted: Vec<String>,
}

/// A commit of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitFacts {
    /// Its id.
    pub id: String,
    /// Its message.
    pub message: String,
    /// Who wrote it.
    pub author: String,
}

/// What a branch has beyond another commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Commits that only the head has, oldest first.
    pub ahead: Vec<CommitFacts>,
    /// How many commits only the base has.
    pub behind: u64,
    /// Files in which the head differs from where both parted.
    pub files: Vec<String>,
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeFile {
    /// The path.
    pub path: RepoPath,
    /// The text.
    pub text: String,
    /// Whether it may be executed.
    pub executable: bool,
}

/// A commit to make on top of a branch.
#[derive(Debug, Clone)]
pub struct ForgeCommit {
    /// The branch.
    pub branch: String,
    /// The commit that the branch is at; when it is not, nothing happens.
    pub expected: String,
    /// A commit to base the tree on and to name as second parent; `None` builds on the branch.
    pub merging: Option<String>,
    /// The subject.
    pub subject: String,
    /// The rest of the message.
    pub body: String,
    /// Files to write.
    pub files: Vec<ForgeFile>,
    /// Files to remove.
    pub removed: Vec<String>,
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The branch is at this commit now.
    Done(String),
    /// The branch was not where it was expected.
    Moved,
}

/// How a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullState {
    /// Open.
    Open,
    /// Closed by somebody, without a merge.
    Closed,
    /// Merged.
    Merged,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Where people see it.
    pub url: String,
    /// Its id in GraphQL.
    pub node: String,
    /// How it stands.
    pub state: PullState,
    /// Whether it is a draft.
    pub draft: bool,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// The branch it would merge.
    pub head: String,
    /// The commit at the tip of that branch.
    pub head_commit: String,
    /// Whether that branch is in another repository.
    pub from_fork: bool,
    /// The branch it would merge into.
    pub base: String,
}

/// A pull request to open.
#[derive(Debug, Clone)]
pub struct NewPullRequest {
    /// The branch to merge.
    pub head: String,
    /// The branch to merge into.
    pub base: String,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
    /// Whether it is a draft.
    pub draft: bool,
}

/// What somebody may do in a repository, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Nothing.
    None,
    /// Read.
    Read,
    /// Read, and sort issues.
    Triage,
    /// Push.
    Write,
    /// Push, and settings that are not dangerous.
    Maintain,
    /// Everything.
    Admin,
}

/// A reaction to a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// 👀
    Eyes,
    /// 🎉
    Hooray,
    /// 😕
    Confused,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// Its text.
    pub body: String,
}

/// One repository on GitHub, with one token.
pub trait Forge: Send + Sync {
    /// Owner and name, for people.
    fn name(&self) -> String;
    /// What is known of the repository.
    fn repository(&self) -> Answered<'_, RepositoryFacts>;
    /// Whether the repository has a commit.
    fn has_commit<'a>(&'a self, id: &'a str) -> Answered<'a, bool>;
    /// The commit at the tip of a branch.
    fn branch<'a>(&'a self, name: &'a str) -> Answered<'a, Option<String>>;
    /// Makes a branch at a commit. `Exists` when it is there, wherever it is.
    fn create_branch<'a>(&'a self, name: &'a str, commit: &'a str) -> Answered<'a, ()>;
    /// What `head` has beyond `base`.
    fn compare<'a>(&'a self, base: &'a str, head: &'a str) -> Answered<'a, Comparison>;
    /// The text of a file at a commit.
    fn file<'a>(&'a self, path: &'a RepoPath, commit: &'a str) -> Answered<'a, Option<String>>;
    /// Merges a commit into a branch. `Conflict` when that needs a person.
    fn merge<'a>(&'a self, branch: &'a str, commit: &'a str) -> Answered<'a, ()>;
    /// Makes a commit on a branch, verified where the server signs.
    fn commit<'a>(&'a self, commit: &'a ForgeCommit) -> Answered<'a, Pushed>;
    /// Brings the generated texts that a repository in a folder keeps of specs to the server, where later merges in other
    /// clones find them. What the server has of them stays.
    fn keep_pristine<'a>(&'a self, folder: &'a Path, specs: &'a [SpecId]) -> Answered<'a, ()>;
    /// Every pull request of a branch of this repository, newest first.
    fn pull_requests_of<'a>(&'a self, branch: &'a str) -> Answered<'a, Vec<PullRequest>>;
    /// One pull request.
    fn pull_request(&self, number: u64) -> Answered<'_, PullRequest>;
    /// Opens a pull request. `Exists` when the branch has an open one.
    fn open<'a>(&'a self, new: &'a NewPullRequest) -> Answered<'a, PullRequest>;
    /// Changes title, text and base.
    fn edit<'a>(&'a self, number: u64, title: &'a str, body: &'a str, base: &'a str) -> Answered<'a, ()>;
    /// Makes a pull request a draft, or ready for review.
    fn set_draft<'a>(&'a self, pull_request: &'a PullRequest, draft: bool) -> Answered<'a, ()>;
    /// Adds labels.
    fn label<'a>(&'a self, number: u64, labels: &'a [String]) -> Answered<'a, ()>;
    /// Asks people for a review.
    fn request_review<'a>(&'a self, number: u64, people: &'a [String]) -> Answered<'a, ()>;
    /// What somebody may do here.
    fn permission<'a>(&'a self, login: &'a str) -> Answered<'a, Permission>;
    /// Reacts to a comment.
    fn react(&self, comment: u64, reaction: Reaction) -> Answered<'_, ()>;
    /// The comments of this token's own user on an issue or pull request that contain a text.
    fn comments_with<'a>(&'a self, issue: u64, text: &'a str) -> Answered<'a, Vec<Comment>>;
    /// Writes a comment; `mark` is a part of the text that no other comment has, by which a lost answer is made good.
    fn comment<'a>(&'a self, issue: u64, mark: &'a str, body: &'a str) -> Answered<'a, u64>;
    /// Changes a comment.
    fn edit_comment<'a>(&'a self, comment: u64, body: &'a str) -> Answered<'a, ()>;
}
