//! A trigger: what happened on GitHub, read out of an event and its payload into what decides. Everything in a payload was
//! written by somebody else; nothing but these fields is used.

use serde_json::Value;

use crate::proposal::trailer;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// Commits were pushed to a branch.
    Push(Push),
    /// Somebody wrote a comment.
    Comment(Comment),
    /// Somebody, or a clock, asked for a run.
    Run,
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The branch; `None` for tags.
    pub branch: Option<String>,
    /// The commit before; `None` for a new branch.
    pub before: Option<String>,
    /// The commit it brought.
    pub after: String,
    /// Whether the branch was deleted.
    pub deleted: bool,
    /// Whether a bot pushed.
    pub by_bot: bool,
    /// Whether every commit is one of the bot's own.
    pub own: bool,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// The issue or pull request.
    pub issue: u64,
    /// Whether it is a pull request.
    pub on_pull_request: bool,
    /// Who wrote it.
    pub author: String,
    /// Whether that is a bot.
    pub by_bot: bool,
    /// The text.
    pub body: String,
    /// Whether it was just written, and not edited or deleted.
    pub created: bool,
}

/// Events that are understood.
pub const EVENTS: [&str; 4] = ["push", "issue_comment", "workflow_dispatch", "schedule"];

/// Reads an event. The error says what is wrong with it.
pub fn read(event: &str, payload: &Value) -> Result<Trigger, String> {
    match event {
        "push" => push(payload).map(Trigger::Push).ok_or_else(|| lacking(event, "ref and after")),
        "issue_comment" => comment(payload).map(Trigger::Comment).ok_or_else(|| lacking(event, "comment and issue")),
        "workflow_dispatch" | "schedule" => Ok(Trigger::Run),
        other => {
            let other: String =
                other.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').take(60).collect();
            Err(format!("the event `{other}` is not one that codegen acts on: {}", EVENTS.join(", ")))
        }
    }
}

fn lacking(event: &str, what: &str) -> String {
    format!("the payload of the event `{event}` lacks {what}")
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// Logins of Apps end in `[bot]`; GitHub says `Bot` as their type.
fn is_bot(value: &Value, who: &str) -> bool {
    let login = text(value, &format!("{who}/login")).unwrap_or_default();
    text(value, &format!("{who}/type")) != Some("User") || login.ends_with("[bot]")
}

fn push(payload: &Value) -> Option<Push> {
    let reference = text(payload, "/ref")?;
    let after = text(payload, "/after")?.to_owned();
    let before = text(payload, "/before").filter(|id| id.chars().any(|digit| digit != '0'));
    let commits = payload.get("commits").and_then(Value::as_array);
    let messages: Vec<&str> = commits.into_iter().flatten().filter_map(|commit| text(commit, "/message")).collect();
    Some(Push {
        branch: reference.strip_prefix("refs/heads/").map(str::to_owned),
        before: before.map(str::to_owned),
        after,
        deleted: payload.get("deleted").and_then(Value::as_bool).unwrap_or_default(),
        by_bot: payload.get("sender").is_some() && is_bot(payload, "/sender"),
        own: !messages.is_empty() && messages.iter().all(|message| trailer::is_own(message)),
    })
}

fn comment(payload: &Value) -> Option<Comment> {
    Some(Comment {
        id: payload.pointer("/comment/id")?.as_u64()?,
        issue: payload.pointer("/issue/number")?.as_u64()?,
        on_pull_request: payload.pointer("/issue/pull_request").is_some_and(Value::is_object),
        author: text(payload, "/comment/user/login")?.to_owned(),
        by_bot: is_bot(payload, "/comment/user") || is_bot(payload, "/sender"),
        body: text(payload, "/comment/body").unwrap_or_default().to_owned(),
        created: text(payload, "/action") == Some("created"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_push_says_what_decides() {
        let own = trailer::of_file("a.rs", "x");
        for (payload, expected) in [
            (
                json!({ "ref": "refs/heads/main", "before": "0000", "after": "b", "sender": { "login": "maria", "type": "User" }, "commits": [{ "message": "mine" }] }),
                (Some("main"), None, false, false),
            ),
            (
                json!({ "ref": "refs/heads/codegen/x", "before": "a", "after": "b", "sender": { "login": "github-actions[bot]", "type": "Bot" }, "commits": [{ "message": own }] }),
                (Some("codegen/x"), Some("a"), true, true),
            ),
            (
                json!({ "ref": "refs/tags/v1", "before": "a", "after": "b", "commits": [{ "message": own }, { "message": "mine" }] }),
                (None, Some("a"), false, false),
            ),
        ] {
            let Ok(Trigger::Push(push)) = read("push", &payload) else { panic!("{payload}") };
            assert_eq!((push.branch.as_deref(), push.before.as_deref(), push.by_bot, push.own), expected);
        }
    }

    #[test]
    fn a_comment_of_no_known_kind_of_person_is_one_of_a_bot() {
        let payload = |login: &str, kind: &str| json!({ "action": "created", "comment": { "id": 1, "body": "hi", "user": { "login": login, "type": kind } }, "issue": { "number": 2, "pull_request": {} }, "sender": { "login": login, "type": kind } });
        for (login, kind, bot) in
            [("maria", "User", false), ("x[bot]", "User", true), ("x", "Bot", true), ("x", "Mannequin", true)]
        {
            let Ok(Trigger::Comment(comment)) = read("issue_comment", &payload(login, kind)) else { panic!("{login}") };
            assert_eq!((comment.by_bot, comment.on_pull_request, comment.created), (bot, true, true), "{login} {kind}");
        }
        assert!(read("issue_comment", &json!({})).is_err());
    }

    #[test]
    fn other_events_are_errors_that_name_the_known_ones() {
        for event in ["pull_request", "pull_request_target", "release", "", "a\nb"] {
            let error = read(event, &json!({})).unwrap_err();
            assert!(
                error.contains("push, issue_comment, workflow_dispatch, schedule") && !error.contains('\n'),
                "{error}"
            );
        }
        assert_eq!(read("schedule", &Value::Null), Ok(Trigger::Run));
    }
}
