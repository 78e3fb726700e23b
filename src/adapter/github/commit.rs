//! A commit on a branch, by the best means that the server has.
//!
//! `createCommitOnBranch` signs the commit and moves the branch only from where it was expected. It knows no file modes and
//! no second parent, so those commits are built from git objects, which GitHub signs too when an App's token makes them. A
//! server that has neither gets a push by git.

use http::Method;
use serde_json::{Value, json};

use super::answer::{Deed, said};
use super::branch::{base64, tip};
use super::client::{Client, encode, wait_to_repeat};
use super::{GitHub, git, text};
use crate::port::{ForgeCommit, ForgeError, Pushed, Trouble};

const COMMIT: Deed = Deed { what: "make a commit", needs: "contents: write" };

const MUTATION: &str =
    "mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }";

/// Makes the commit.
pub(super) async fn make(github: &GitHub, wanted: &ForgeCommit) -> Result<Pushed, ForgeError> {
    let client = &github.client;
    let plain = wanted.merging.is_none() && wanted.files.iter().all(|file| !file.executable);
    if plain {
        match by_mutation(client, wanted).await {
            Err(error) if error.trouble == Trouble::Unsupported => {}
            other => return other,
        }
    }
    match by_objects(client, wanted).await {
        Err(error) if error.trouble == Trouble::Unsupported => {
            tracing::warn!("this server makes no commits over its API: git pushes, and the commit is not verified");
            git::push(&github.access, &github.slug, &github.local, wanted).await
        }
        other => other,
    }
}

async fn by_mutation(client: &Client, wanted: &ForgeCommit) -> Result<Pushed, ForgeError> {
    let additions: Vec<Value> = wanted
        .files
        .iter()
        .map(|file| json!({ "path": file.path.as_str(), "contents": base64(file.text.as_bytes()) }))
        .collect();
    let deletions: Vec<Value> = wanted.removed.iter().map(|path| json!({ "path": path })).collect();
    let input = json!({
        "branch": { "repositoryNameWithOwner": client.repository, "branchName": wanted.branch },
        "expectedHeadOid": wanted.expected,
        "message": { "headline": wanted.subject, "body": wanted.body },
        "fileChanges": { "additions": additions, "deletions": deletions },
    });
    let request = json!({ "query": MUTATION, "variables": { "input": input } });
    let mut failures = 0;
    loop {
        failures += 1;
        let error = match client.query(COMMIT, &request).await {
            Ok(body) => match read_mutation(client, &body) {
                Ok(pushed) => return Ok(pushed),
                Err(error) => return Err(error),
            },
            Err(error) => error,
        };
        if error.trouble != Trouble::Unreachable {
            return Err(error);
        }
        // The answer was lost: was the commit made?
        match tip(client, &wanted.branch).await? {
            Some(at) if at == wanted.expected => {
                if !wait_to_repeat(failures).await {
                    return Err(error);
                }
            }
            Some(at) if is_this(client, &at, wanted).await? => return Ok(Pushed::Done(at)),
            _ => return Ok(Pushed::Moved),
        }
    }
}

fn read_mutation(client: &Client, body: &Value) -> Result<Pushed, ForgeError> {
    let oid = body.pointer("/data/createCommitOnBranch/commit/oid").and_then(Value::as_str);
    if let Some(oid) = oid {
        return Ok(Pushed::Done(oid.to_owned()));
    }
    let kinds: Vec<&str> = body
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|error| error.get("type").or_else(|| error.pointer("/extensions/code")).and_then(Value::as_str))
        .collect();
    if kinds.contains(&"STALE_DATA") {
        return Ok(Pushed::Moved);
    }
    let trouble = match kinds.first().copied() {
        Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => Trouble::Forbidden,
        Some("NOT_FOUND") => Trouble::NotFound,
        Some("undefinedField" | "undefinedType") => Trouble::Unsupported,
        Some(_) => Trouble::Invalid,
        None => return Err(client.protocol(COMMIT, "the commit")),
    };
    let hints = match trouble {
        Trouble::Forbidden | Trouble::NotFound => vec![format!("the token lacks the permission `{}`", COMMIT.needs)],
        _ => Vec::new(),
    };
    let message = format!("GitHub does not {} in {}: {}", COMMIT.what, client.repository, said(body));
    Err(ForgeError { trouble, message, hints })
}

/// Whether a commit is the one that was asked for: on the expected parent, with its message.
async fn is_this(client: &Client, id: &str, wanted: &ForgeCommit) -> Result<bool, ForgeError> {
    let body = client.get(COMMIT, &format!("/git/commits/{}", encode(id))).await?.body;
    let parents = body.get("parents").and_then(Value::as_array).into_iter().flatten();
    let on_expected = parents.into_iter().any(|parent| text(parent, "sha").as_ref() == Some(&wanted.expected));
    let message = text(&body, "message").unwrap_or_default();
    Ok(on_expected && message.trim_end() == format!("{}\n\n{}", wanted.subject, wanted.body).trim_end())
}

/// Builds tree and commit from objects, then moves the branch forward. Objects that are made twice are the same or are never
/// referred to, and a branch that moved meanwhile refuses.
async fn by_objects(client: &Client, wanted: &ForgeCommit) -> Result<Pushed, ForgeError> {
    let unsupported = |error: ForgeError| ForgeError {
        trouble: if error.trouble == Trouble::NotFound { Trouble::Unsupported } else { error.trouble },
        ..error
    };
    let below = wanted.merging.as_ref().unwrap_or(&wanted.expected);
    let base = client.get(COMMIT, &format!("/git/commits/{}", encode(below))).await?.body;
    let base_tree = base.get("tree").and_then(|tree| text(tree, "sha"));
    let base_tree = base_tree.ok_or_else(|| client.protocol(COMMIT, "the tree of a commit"))?;
    let mut entries = Vec::new();
    for file in &wanted.files {
        let mode = if file.executable { "100755" } else { "100644" };
        entries.push(json!({ "path": file.path.as_str(), "mode": mode, "type": "blob", "content": file.text }));
    }
    for path in &wanted.removed {
        entries.push(json!({ "path": path, "mode": "100644", "type": "blob", "sha": null }));
    }
    let made =
        |reply: super::client::Reply, what: &str| text(&reply.body, "sha").ok_or_else(|| client.protocol(COMMIT, what));
    let body = json!({ "base_tree": base_tree, "tree": entries });
    let tree = made(client.put(COMMIT, Method::POST, "/git/trees", &body).await.map_err(unsupported)?, "the tree")?;
    let mut parents = vec![wanted.expected.clone()];
    parents.extend(wanted.merging.clone());
    let message = format!("{}\n\n{}", wanted.subject, wanted.body);
    let body = json!({ "message": message, "tree": tree, "parents": parents });
    let commit =
        made(client.put(COMMIT, Method::POST, "/git/commits", &body).await.map_err(unsupported)?, "the commit")?;
    let body = json!({ "sha": commit, "force": false });
    let route = format!("/git/refs/heads/{}", encode(&wanted.branch));
    match client.put(COMMIT, Method::PATCH, &route, &body).await {
        Ok(_) => Ok(Pushed::Done(commit)),
        // Not a fast forward, or gone: the branch is not where it was.
        Err(error) if matches!(error.trouble, Trouble::Invalid | Trouble::Conflict | Trouble::NotFound) => {
            match tip(client, &wanted.branch).await? {
                Some(at) if at == commit => Ok(Pushed::Done(commit)),
                Some(at) if at == wanted.expected => Err(error),
                _ => Ok(Pushed::Moved),
            }
        }
        Err(error) => Err(error),
    }
}
