//! Comments, reactions to them, and what their authors may do.

use http::Method;
use serde_json::{Value, json};

use super::answer::Deed;
use super::client::{Client, step, wait_to_repeat};
use super::text;
use crate::port::{Comment, ForgeError, Permission, Reaction, Trouble};

const ASK: Deed = Deed { what: "say what somebody may do", needs: "metadata: read" };
const REACT: Deed = Deed { what: "react to a comment", needs: "issues: write" };
const READ: Deed = Deed { what: "read comments", needs: "issues: read" };
const WRITE: Deed = Deed { what: "write a comment", needs: "issues: write" };

/// What somebody may do. Somebody unknown may do nothing; an answer that cannot be read is an error, never a permission.
pub(super) async fn permission(client: &Client, login: &str) -> Result<Permission, ForgeError> {
    let Some(reply) = client.find(ASK, &format!("/collaborators/{}/permission", step(login))).await? else {
        return Ok(Permission::None);
    };
    // `role_name` is finer where GitHub gives it; a custom role is known by `permission` alone.
    let role = text(&reply.body, "role_name").and_then(|role| named(&role));
    let coarse = text(&reply.body, "permission").and_then(|permission| named(&permission));
    coarse.map(|coarse| role.unwrap_or(coarse)).ok_or_else(|| client.protocol(ASK, "the permission"))
}

fn named(word: &str) -> Option<Permission> {
    Some(match word {
        "admin" => Permission::Admin,
        "maintain" => Permission::Maintain,
        "write" | "push" => Permission::Write,
        "triage" => Permission::Triage,
        "read" | "pull" => Permission::Read,
        "none" => Permission::None,
        _ => return None,
    })
}

/// Reacts. Reacting twice is reacting once.
pub(super) async fn react(client: &Client, comment: u64, reaction: Reaction) -> Result<(), ForgeError> {
    let content = match reaction {
        Reaction::Eyes => "eyes",
        Reaction::Hooray => "hooray",
        Reaction::Confused => "confused",
    };
    let body = json!({ "content": content });
    client.put(REACT, Method::POST, &format!("/issues/comments/{comment}/reactions"), &body).await.map(|_| ())
}

/// The bot's own comments that contain a text. Anybody can write its marks into a comment of theirs; one that the bot changed
/// for them would speak with the bot's words, and they could change it again.
pub(super) async fn with(client: &Client, issue: u64, wanted: &str) -> Result<Vec<Comment>, ForgeError> {
    let found = client.pages(READ, &format!("/issues/{issue}/comments")).await?;
    let mut comments = Vec::new();
    for value in found {
        let (Some(id), Some(body)) = (value.get("id").and_then(Value::as_u64), text(&value, "body")) else { continue };
        if body.contains(wanted) && is_own(client, &value).await? {
            comments.push(Comment { id, body });
        }
    }
    Ok(comments)
}

/// Whether the token's own user wrote something. Who cannot be told is somebody else.
async fn is_own(client: &Client, written: &Value) -> Result<bool, ForgeError> {
    let plain = |login: &str| login.trim_end_matches("[bot]").to_ascii_lowercase();
    let login = client.login.get_or_try_init(|| own_login(client)).await?;
    let author = written.get("user").and_then(|user| text(user, "login"));
    Ok(login.as_ref().zip(author).is_some_and(|(own, author)| plain(own) == plain(&author)))
}

/// As whom the token acts. REST tells it to people only, GraphQL to every token.
async fn own_login(client: &Client) -> Result<Option<String>, ForgeError> {
    match client.query(READ, &json!({ "query": "query { viewer { login } }" })).await {
        Ok(body) => Ok(body.pointer("/data/viewer/login").and_then(Value::as_str).map(str::to_owned)),
        Err(error) if error.trouble == Trouble::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a comment. After a lost answer it looks for the mark first.
pub(super) async fn write(client: &Client, issue: u64, mark: &str, body: &str) -> Result<u64, ForgeError> {
    let request = json!({ "body": body });
    let mut failures = 0;
    loop {
        failures += 1;
        let error = match client.post(WRITE, &format!("/issues/{issue}/comments"), &request).await {
            Ok(reply) => {
                let id = reply.body.get("id").and_then(Value::as_u64);
                return id.ok_or_else(|| client.protocol(WRITE, "the id of the comment"));
            }
            Err(error) => error,
        };
        if error.trouble != Trouble::Unreachable {
            return Err(error);
        }
        if let Some(found) = with(client, issue, mark).await?.first() {
            return Ok(found.id);
        }
        if !wait_to_repeat(failures).await {
            return Err(error);
        }
    }
}

/// Changes a comment.
pub(super) async fn edit(client: &Client, comment: u64, body: &str) -> Result<(), ForgeError> {
    let change = json!({ "body": body });
    client.put(WRITE, Method::PATCH, &format!("/issues/comments/{comment}"), &change).await.map(|_| ())
}
