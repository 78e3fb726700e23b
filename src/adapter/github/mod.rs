//! GitHub through octocrab: one repository with one token.
//!
//! [`client`] sends and waits, [`answer`] tells refusals apart; [`branch`], [`commit`], [`pull_request`] and [`comment`] hold
//! the operations of [`Forge`]; [`git`] runs git where the API cannot do it: fetching a commit, and pushing to servers whose
//! API makes no commits. Answers are read as far as they are needed, because typed models refuse what servers leave out.

mod answer;
mod branch;
mod client;
mod comment;
mod commit;
pub mod git;
mod pull_request;
mod remote;

use std::path::{Path, PathBuf};

pub use client::Access;
pub use remote::{Remote, remote_of};
use serde_json::Value;

use crate::path::RepoPath;
use crate::port::{
    Answered, Comment, Comparison, Forge, ForgeCommit, ForgeError, NewPullRequest, Permission, PullRequest, Pushed,
    Reaction, RepositoryFacts,
};
use crate::spec::SpecId;
use answer::Deed;
use client::Client;

/// A repository on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug {
    /// The owner.
    pub owner: String,
    /// The repository.
    pub name: String,
}

impl Slug {
    /// Reads `owner/name`.
    pub fn parse(text: &str) -> Option<Self> {
        let (owner, name) = text.split_once('/')?;
        let plain = |part: &str| {
            !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        };
        (plain(owner) && plain(name)).then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }
}

/// A repository on GitHub, with a token.
pub struct GitHub {
    client: Client,
    slug: Slug,
    access: Access,
    /// A repository on this machine, from which git pushes where the API cannot commit.
    local: PathBuf,
}

impl GitHub {
    /// A client for a repository. `local` is a clone of it.
    pub fn new(access: Access, slug: Slug, local: PathBuf) -> Result<Self, ForgeError> {
        Ok(Self { client: Client::new(&access, &slug)?, slug, access, local })
    }

    async fn facts(&self) -> Result<RepositoryFacts, ForgeError> {
        let deed = Deed { what: "read the repository", needs: "metadata: read" };
        let body = self.client.get(deed, "").await?.body;
        let granted = body.get("permissions").and_then(Value::as_object).into_iter().flatten();
        let default_branch = text(&body, "default_branch");
        Ok(RepositoryFacts {
            default_branch: default_branch.ok_or_else(|| self.client.protocol(deed, "the default branch"))?,
            granted: granted.filter(|(_, value)| value.as_bool() == Some(true)).map(|(name, _)| name.clone()).collect(),
        })
    }
}

/// A text field of an answer.
fn text(body: &Value, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}

impl Forge for GitHub {
    fn name(&self) -> String {
        self.client.repository.clone()
    }

    fn repository(&self) -> Answered<'_, RepositoryFacts> {
        Box::pin(self.facts())
    }

    fn has_commit<'a>(&'a self, id: &'a str) -> Answered<'a, bool> {
        Box::pin(branch::has_commit(&self.client, id))
    }

    fn branch<'a>(&'a self, name: &'a str) -> Answered<'a, Option<String>> {
        Box::pin(branch::tip(&self.client, name))
    }

    fn create_branch<'a>(&'a self, name: &'a str, commit: &'a str) -> Answered<'a, ()> {
        Box::pin(branch::create(&self.client, name, commit))
    }

    fn compare<'a>(&'a self, base: &'a str, head: &'a str) -> Answered<'a, Comparison> {
        Box::pin(branch::compare(&self.client, base, head))
    }

    fn file<'a>(&'a self, path: &'a RepoPath, commit: &'a str) -> Answered<'a, Option<String>> {
        Box::pin(branch::file(&self.client, path, commit))
    }

    fn merge<'a>(&'a self, branch: &'a str, commit: &'a str) -> Answered<'a, ()> {
        Box::pin(branch::merge(&self.client, branch, commit))
    }

    fn commit<'a>(&'a self, commit: &'a ForgeCommit) -> Answered<'a, Pushed> {
        Box::pin(commit::make(self, commit))
    }

    fn keep_pristine<'a>(&'a self, folder: &'a Path, specs: &'a [SpecId]) -> Answered<'a, ()> {
        Box::pin(git::push_pristine(&self.access, &self.slug, folder, specs))
    }

    fn pull_requests_of<'a>(&'a self, branch: &'a str) -> Answered<'a, Vec<PullRequest>> {
        Box::pin(pull_request::of_branch(&self.client, &self.slug, branch))
    }

    fn pull_request(&self, number: u64) -> Answered<'_, PullRequest> {
        Box::pin(pull_request::one(&self.client, number))
    }

    fn open<'a>(&'a self, new: &'a NewPullRequest) -> Answered<'a, PullRequest> {
        Box::pin(pull_request::open(&self.client, &self.slug, new))
    }

    fn edit<'a>(&'a self, number: u64, title: &'a str, body: &'a str, base: &'a str) -> Answered<'a, ()> {
        Box::pin(pull_request::edit(&self.client, number, title, body, base))
    }

    fn set_draft<'a>(&'a self, pull_request: &'a PullRequest, draft: bool) -> Answered<'a, ()> {
        Box::pin(pull_request::set_draft(&self.client, pull_request, draft))
    }

    fn label<'a>(&'a self, number: u64, labels: &'a [String]) -> Answered<'a, ()> {
        Box::pin(pull_request::label(&self.client, number, labels))
    }

    fn request_review<'a>(&'a self, number: u64, people: &'a [String]) -> Answered<'a, ()> {
        Box::pin(pull_request::request_review(&self.client, number, people))
    }

    fn permission<'a>(&'a self, login: &'a str) -> Answered<'a, Permission> {
        Box::pin(comment::permission(&self.client, login))
    }

    fn react(&self, comment: u64, reaction: Reaction) -> Answered<'_, ()> {
        Box::pin(comment::react(&self.client, comment, reaction))
    }

    fn comments_with<'a>(&'a self, issue: u64, text: &'a str) -> Answered<'a, Vec<Comment>> {
        Box::pin(comment::with(&self.client, issue, text))
    }

    fn comment<'a>(&'a self, issue: u64, mark: &'a str, body: &'a str) -> Answered<'a, u64> {
        Box::pin(comment::write(&self.client, issue, mark, body))
    }

    fn edit_comment<'a>(&'a self, comment: u64, body: &'a str) -> Answered<'a, ()> {
        Box::pin(comment::edit(&self.client, comment, body))
    }
}
