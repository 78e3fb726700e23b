//! What an answer of GitHub means: whether to wait, and which case a refusal is. Pure.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use serde_json::Value;

use crate::port::{ForgeError, Trouble};
use crate::retry::read_retry_after;

/// How long to wait where GitHub limits without saying for how long: at least a minute.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
const UNSAID: Duration = Duration::from_mins(1);

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The wait that a rate limit asks for; `None` when the answer is none of a rate limit.
///
/// A refused permission is 403 too, so 403 counts only with a header or a documentation address of limits.
pub(super) fn limit(status: u16, headers: &HeaderMap, body: &Value, now: SystemTime) -> Option<Duration> {
    if !matches!(status, 403 | 429) {
        return None;
    }
    if let Some(wait) = header(headers, "retry-after").and_then(|text| read_retry_after(text, now)) {
        return Some(wait);
    }
    if header(headers, "x-ratelimit-remaining") == Some("0") {
        let reset = header(headers, "x-ratelimit-reset").and_then(|text| text.parse::<u64>().ok());
        let reset = reset.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        return Some(reset.map_or(UNSAID, |reset| reset.duration_since(now).unwrap_or_default()));
    }
    let about = body.get("documentation_url").and_then(Value::as_str).unwrap_or_default();
    (status == 429 || about.contains("rate-limit")).then_some(UNSAID)
}

/// Whether an answer of GraphQL says that it limits: it has no status of its own for that.
pub(super) fn is_limited(body: &Value) -> bool {
    let errors = body.get("errors").and_then(Value::as_array).into_iter().flatten();
    let mut kinds = errors.filter_map(|error| error.get("type").and_then(Value::as_str));
    body.get("data").is_none_or(Value::is_null) && kinds.any(|kind| kind == "RATE_LIMITED" || kind == "RATE_LIMIT")
}

/// What was asked, for errors: the deed in words and the permission it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed {
    /// Such as `open a pull request`.
    pub(super) what: &'static str,
    /// Such as `pull-requests: write`.
    pub(super) needs: &'static str,
}

/// A refusal as the case that it is.
pub(super) fn refusal(deed: Deed, repository: &str, status: u16, headers: &HeaderMap, body: &Value) -> ForgeError {
    let said = said(body);
    let what = deed.what;
    let message = format!("GitHub does not {what} in {repository}: {status} {said}");
    let (trouble, hints) = match status {
        401 => (Trouble::Unauthorized, vec!["the token in GITHUB_TOKEN is wrong, expired or revoked".to_owned()]),
        403 => (Trouble::Forbidden, forbidden(deed, headers, &said)),
        404 => (
            Trouble::NotFound,
            vec![format!("it is not there, or the token may not see it: it takes `{}` for {repository}", deed.needs)],
        ),
        405 | 501 => (Trouble::Unsupported, Vec::new()),
        409 => (Trouble::Conflict, Vec::new()),
        422 if exists(body, &said) => (Trouble::Exists, Vec::new()),
        500.. => (Trouble::Unreachable, vec!["run the same again: what is done already is found".to_owned()]),
        _ => (Trouble::Invalid, Vec::new()),
    };
    ForgeError { trouble, message, hints }
}

fn forbidden(deed: Deed, headers: &HeaderMap, said: &str) -> Vec<String> {
    if said.contains("not permitted to create or approve pull requests") {
        return vec![
            "switch on “Allow GitHub Actions to create and approve pull requests” in the settings of the repository (Actions → General) and of its organisation, or use the token of a GitHub App".to_owned(),
        ];
    }
    let mut hints = vec![format!(
        "the token lacks the permission `{}`: in a workflow it stands under `permissions:`; a fine-grained or App token has it in its settings",
        deed.needs
    )];
    if let Some(accepted) = header(headers, "x-accepted-github-permissions") {
        hints.push(format!("GitHub accepts: {accepted}"));
    }
    if let Some(accepted) = header(headers, "x-accepted-oauth-scopes").filter(|scopes| !scopes.is_empty()) {
        hints.push(format!("a classic token needs one of these scopes: {accepted}"));
    }
    if header(headers, "x-github-sso").is_some() {
        hints.push("the token is not authorised for the single sign-on of this organisation".to_owned());
    }
    hints
}

/// What an error body says: its message, then each of its errors.
pub(super) fn said(body: &Value) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(message) = body.get("message").or_else(|| body.get("title")).and_then(Value::as_str) {
        parts.push(message.to_owned());
    }
    for error in body.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let text = error.as_str().or_else(|| error.get("message").and_then(Value::as_str));
        let field = || {
            let (field, code) = (error.get("field")?.as_str()?, error.get("code")?.as_str()?);
            Some(format!("{field} is {code}"))
        };
        parts.extend(text.map(str::to_owned).or_else(field));
    }
    let all = parts.join("; ");
    all.chars().filter(|letter| !letter.is_control()).take(400).collect()
}

/// Whether a 422 says that something is there already. GitHub has no code for it in every place, but its own words.
fn exists(body: &Value, said: &str) -> bool {
    let errors = body.get("errors").and_then(Value::as_array).into_iter().flatten();
    let coded = errors.into_iter().any(|error| error.get("code").and_then(Value::as_str) == Some("already_exists"));
    coded || said.contains("already exists")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn limits_are_told_from_refused_permissions() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let secondary = json!({ "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits" });
        let plain = json!({ "message": "Resource not accessible by integration" });
        for (status, pairs, body, wait) in [
            (429, &[("retry-after", "3")][..], &plain, Some(3)),
            (403, &[("retry-after", "7")], &plain, Some(7)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1012")], &plain, Some(12)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "900")], &plain, Some(0)),
            (403, &[], &secondary, Some(60)),
            (429, &[], &plain, Some(60)),
            (403, &[("x-ratelimit-remaining", "4999")], &plain, None),
            (500, &[("retry-after", "3")], &plain, None),
        ] {
            let found = limit(status, &headers(pairs), body, now);
            assert_eq!(found, wait.map(Duration::from_secs), "{status} {pairs:?}");
        }
    }

    #[test]
    fn each_refusal_is_a_case_with_a_hint() {
        let deed = Deed { what: "open a pull request", needs: "pull-requests: write" };
        let exists = json!({ "message": "Validation Failed", "errors": [{ "resource": "PullRequest", "code": "custom", "message": "A pull request already exists for acme:x." }] });
        for (status, body, trouble, hint) in [
            (401, json!({ "message": "Bad credentials" }), Trouble::Unauthorized, "expired"),
            (
                403,
                json!({ "message": "Resource not accessible by integration" }),
                Trouble::Forbidden,
                "`pull-requests: write`",
            ),
            (
                403,
                json!({ "message": "GitHub Actions is not permitted to create or approve pull requests." }),
                Trouble::Forbidden,
                "Allow GitHub Actions",
            ),
            (404, json!({ "message": "Not Found" }), Trouble::NotFound, "may not see it"),
            (409, json!({ "message": "Merge conflict" }), Trouble::Conflict, ""),
            (422, exists, Trouble::Exists, ""),
            (422, json!({ "errors": [{ "field": "head", "code": "invalid" }] }), Trouble::Invalid, ""),
            (502, Value::Null, Trouble::Unreachable, "run the same again"),
        ] {
            let error = refusal(deed, "acme/shop", status, &HeaderMap::new(), &body);
            assert_eq!(error.trouble, trouble, "{status} {body}");
            assert!(error.hints.join("\n").contains(hint), "{:?}", error.hints);
            assert!(error.message.contains("acme/shop"), "{}", error.message);
        }
    }
}
