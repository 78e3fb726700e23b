//! Payloads of events with everything that GitHub's webhook schemas ask for, so that tests read what GitHub would send.

use serde_json::{Map, Value, json};

const AT: &str = "2026-01-07T09:30:00Z";
const API: &str = "https://api.github.com";

/// `url`, then `<name>_url` for each name, all below one address.
fn addresses(below: &str, names: &[&str]) -> Map<String, Value> {
    let url = (String::from("url"), json!(below));
    let more = names.iter().map(|name| (format!("{name}_url"), json!(format!("{below}/{name}"))));
    std::iter::once(url).chain(more).collect()
}

fn with(mut fields: Map<String, Value>, more: &Value) -> Value {
    fields.extend(more.as_object().unwrap().clone());
    Value::Object(fields)
}

/// A user; `kind` is `User` or `Bot`.
pub fn user(login: &str, kind: &str) -> Value {
    let names = [
        "avatar",
        "html",
        "followers",
        "following",
        "gists",
        "starred",
        "subscriptions",
        "organizations",
        "repos",
        "events",
        "received_events",
    ];
    let fields = addresses(&format!("{API}/users/{}", login.replace(['/', '.', '[', ']'], "-")), &names);
    with(
        fields,
        &json!({
            "login": login, "id": 5, "node_id": "U_5", "gravatar_id": "", "type": kind, "site_admin": false,
        }),
    )
}

fn repository() -> Value {
    let names = [
        "html",
        "forks",
        "keys",
        "collaborators",
        "teams",
        "hooks",
        "issue_events",
        "events",
        "assignees",
        "branches",
        "tags",
        "blobs",
        "git_tags",
        "git_refs",
        "trees",
        "statuses",
        "languages",
        "stargazers",
        "contributors",
        "subscribers",
        "subscription",
        "commits",
        "git_commits",
        "comments",
        "issue_comment",
        "contents",
        "compare",
        "merges",
        "archive",
        "downloads",
        "issues",
        "pulls",
        "milestones",
        "notifications",
        "labels",
        "releases",
        "deployments",
        "git",
        "ssh",
        "clone",
        "svn",
    ];
    with(
        addresses(&format!("{API}/repos/acme/shop"), &names),
        &json!({
            "id": 1, "node_id": "R_1", "name": "shop", "full_name": "acme/shop", "private": false,
            "owner": user("acme", "Organization"), "description": null, "fork": false, "created_at": AT, "updated_at": AT,
            "pushed_at": AT, "homepage": null, "size": 3, "stargazers_count": 0, "watchers_count": 0, "language": null,
            "has_issues": true, "has_projects": true, "has_downloads": true, "has_wiki": true, "has_pages": false,
            "has_discussions": false, "forks_count": 0, "mirror_url": null, "archived": false, "disabled": false,
            "open_issues_count": 1, "license": null, "allow_forking": true, "is_template": false,
            "web_commit_signoff_required": false, "topics": [], "visibility": "public", "forks": 0, "open_issues": 1,
            "watchers": 0, "default_branch": "main", "custom_properties": {},
        }),
    )
}

fn reactions(of: &str) -> Value {
    json!({
        "url": format!("{of}/reactions"), "total_count": 0, "+1": 0, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0,
        "heart": 0, "rocket": 0, "eyes": 0,
    })
}

/// A comment on an issue or a pull request; `action` is `created`, `edited` or `deleted`.
pub fn comment(
    id: u64,
    author: &str,
    kind: &str,
    body: &str,
    issue: u64,
    on_pull_request: bool,
    action: &str,
) -> Value {
    let author = user(author, kind);
    let at = format!("{API}/repos/acme/shop/issues/{issue}");
    let mut on = with(
        addresses(&at, &["repository", "labels", "comments", "events", "html"]),
        &json!({
            "id": issue, "node_id": format!("I_{issue}"), "number": issue, "title": "A title", "user": author, "labels": [],
            "state": "open", "locked": false, "assignee": null, "assignees": [], "milestone": null, "comments": 1,
            "created_at": AT, "updated_at": AT, "closed_at": null, "author_association": "NONE",
            "active_lock_reason": null, "body": null, "reactions": reactions(&at),
        }),
    );
    if on_pull_request {
        let pull = format!("{API}/repos/acme/shop/pulls/{issue}");
        on["draft"] = json!(false);
        on["pull_request"] = with(addresses(&pull, &["html", "diff", "patch"]), &json!({ "merged_at": null }));
    }
    let at = format!("{API}/repos/acme/shop/issues/comments/{id}");
    let comment = with(
        addresses(&at, &["html", "issue"]),
        &json!({
            "id": id, "node_id": format!("IC_{id}"), "user": author, "created_at": AT, "updated_at": AT,
            "author_association": "NONE", "body": body, "performed_via_github_app": null, "reactions": reactions(&at),
        }),
    );
    let mut payload = json!({
        "action": action, "issue": on, "comment": comment, "repository": repository(), "sender": author,
    });
    if action == "edited" {
        payload["changes"] = json!({ "body": { "from": "something else" } });
    }
    payload
}

/// A push to a branch that brought one commit.
pub fn push(branch: &str, before: &str, after: &str, sender: &Value, message: &str) -> Value {
    let person = json!({ "name": "A Person", "email": "person@example.com", "username": "person" });
    let commit = json!({
        "id": after, "tree_id": after, "distinct": true, "message": message, "timestamp": AT,
        "url": format!("https://github.com/acme/shop/commit/{after}"), "author": person, "committer": person,
        "added": [], "removed": [], "modified": [],
    });
    json!({
        "ref": format!("refs/heads/{branch}"), "before": before, "after": after, "created": false, "deleted": false,
        "forced": false, "base_ref": null, "compare": "https://github.com/acme/shop/compare/a...b",
        "commits": [commit], "head_commit": commit, "repository": repository(),
        "pusher": { "name": "person", "email": "person@example.com" }, "sender": sender,
    })
}

/// A run by hand.
pub fn dispatch(inputs: &Value) -> Value {
    json!({
        "inputs": inputs, "ref": "refs/heads/main", "repository": repository(), "sender": user("maria", "User"),
        "workflow": ".github/workflows/codegen.yml",
    })
}
