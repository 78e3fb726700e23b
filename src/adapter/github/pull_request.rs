//! Pull requests: found, opened, changed. Nothing here approves or merges one.

use http::Method;
use serde_json::{Value, json};

use super::answer::{Deed, said};
use super::client::{Client, encode, wait_to_repeat};
use super::{Slug, text};
use crate::port::{ForgeError, NewPullRequest, PullRequest, PullState, Trouble};

const READ: Deed = Deed { what: "read pull requests", needs: "pull-requests: read" };
const OPEN: Deed = Deed { what: "open a pull request", needs: "pull-requests: write" };
const EDIT: Deed = Deed { what: "change a pull request", needs: "pull-requests: write" };
const LABEL: Deed = Deed { what: "label a pull request", needs: "pull-requests: write" };
const REVIEW: Deed = Deed { what: "request a review", needs: "pull-requests: write" };

/// Every pull request of a branch, newest first.
pub(super) async fn of_branch(client: &Client, slug: &Slug, branch: &str) -> Result<Vec<PullRequest>, ForgeError> {
    let head = encode(&format!("{}:{branch}", slug.owner));
    let route = format!("/pulls?state=all&head={head}&sort=created&direction=desc");
    let found = client.pages(READ, &route).await?;
    let mut pulls: Vec<PullRequest> = found.iter().map(|value| read(client, value)).collect::<Result<Vec<_>, _>>()?;
    // Some servers do not know the filter.
    pulls.retain(|pull| pull.head == branch && !pull.from_fork);
    pulls.sort_by_key(|pull| std::cmp::Reverse(pull.number));
    Ok(pulls)
}

/// One pull request.
pub(super) async fn one(client: &Client, number: u64) -> Result<PullRequest, ForgeError> {
    let reply = client.get(READ, &format!("/pulls/{number}")).await?;
    read(client, &reply.body)
}

fn read(client: &Client, value: &Value) -> Result<PullRequest, ForgeError> {
    let pull = || {
        let (head, base) = (value.get("head")?, value.get("base")?);
        let repository = |side: &Value| side.get("repo").and_then(|repo| text(repo, "full_name"));
        let merged = value.get("merged_at").is_some_and(|at| !at.is_null())
            || value.get("merged").and_then(Value::as_bool) == Some(true);
        let state = match (value.get("state")?.as_str()?, merged) {
            (_, true) => PullState::Merged,
            ("open", false) => PullState::Open,
            _ => PullState::Closed,
        };
        let labels = value.get("labels").and_then(Value::as_array).into_iter().flatten();
        Some(PullRequest {
            number: value.get("number")?.as_u64()?,
            url: text(value, "html_url").unwrap_or_default(),
            node: text(value, "node_id").unwrap_or_default(),
            state,
            draft: value.get("draft").and_then(Value::as_bool).unwrap_or_default(),
            title: text(value, "title").unwrap_or_default(),
            body: text(value, "body").unwrap_or_default(),
            labels: labels.filter_map(|label| text(label, "name")).collect(),
            head: text(head, "ref")?,
            head_commit: text(head, "sha")?,
            // The repository of a deleted fork is null.
            from_fork: repository(head).is_none() || repository(head) != repository(base),
            base: text(base, "ref")?,
        })
    };
    pull().ok_or_else(|| client.protocol(READ, "head, base or number"))
}

/// Opens a pull request. After a lost answer it looks for the one that may have been opened.
pub(super) async fn open(client: &Client, slug: &Slug, new: &NewPullRequest) -> Result<PullRequest, ForgeError> {
    let body = json!({
        "title": new.title,
        "head": new.head,
        "base": new.base,
        "body": new.body,
        "draft": new.draft,
        "maintainer_can_modify": true,
    });
    let mut failures = 0;
    loop {
        failures += 1;
        let error = match client.post(OPEN, "/pulls", &body).await {
            Ok(reply) => return read(client, &reply.body),
            Err(error) => error,
        };
        if error.trouble != Trouble::Unreachable {
            return Err(error);
        }
        let there = of_branch(client, slug, &new.head).await?;
        if let Some(found) = there.into_iter().find(|pull| pull.state == PullState::Open) {
            return Ok(found);
        }
        if !wait_to_repeat(failures).await {
            return Err(error);
        }
    }
}

/// Changes title, text and base.
pub(super) async fn edit(client: &Client, number: u64, title: &str, body: &str, base: &str) -> Result<(), ForgeError> {
    let change = json!({ "title": title, "body": body, "base": base });
    client.put(EDIT, Method::PATCH, &format!("/pulls/{number}"), &change).await.map(|_| ())
}

/// Makes a pull request a draft, or ready. Only GraphQL can.
pub(super) async fn set_draft(client: &Client, pull_request: &PullRequest, draft: bool) -> Result<(), ForgeError> {
    let name = if draft { "convertPullRequestToDraft" } else { "markPullRequestReadyForReview" };
    let kind = if draft { "ConvertPullRequestToDraftInput" } else { "MarkPullRequestReadyForReviewInput" };
    let query = format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ pullRequest {{ id }} }} }}");
    let request = json!({ "query": query, "variables": { "input": { "pullRequestId": pull_request.node } } });
    let body = client.query(EDIT, &request).await?;
    if body.get("errors").is_some() {
        return Err(ForgeError {
            trouble: Trouble::Invalid,
            message: format!("GitHub does not {} in {}: {}", EDIT.what, client.repository, said(&body)),
            hints: Vec::new(),
        });
    }
    Ok(())
}

/// Adds labels; those that are there stay.
pub(super) async fn label(client: &Client, number: u64, labels: &[String]) -> Result<(), ForgeError> {
    let body = json!({ "labels": labels });
    client.put(LABEL, Method::POST, &format!("/issues/{number}/labels"), &body).await.map(|_| ())
}

/// Asks people, and teams written as `organisation/team`, for a review.
pub(super) async fn request_review(client: &Client, number: u64, people: &[String]) -> Result<(), ForgeError> {
    let teams: Vec<&str> = people.iter().filter_map(|name| name.split_once('/').map(|(_, team)| team)).collect();
    let people: Vec<&String> = people.iter().filter(|name| !name.contains('/')).collect();
    let body = json!({ "reviewers": people, "team_reviewers": teams });
    client.put(REVIEW, Method::POST, &format!("/pulls/{number}/requested_reviewers"), &body).await.map(|_| ())
}
