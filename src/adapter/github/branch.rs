//! Branches, commits and files, as they are read; and merges that the server makes.

use http::Method;
use serde_json::{Value, json};

use super::answer::Deed;
use super::client::{Client, encode};
use super::text;
use crate::path::RepoPath;
use crate::port::{CommitFacts, Comparison, ForgeError, Trouble};
use crate::proposal::trailer::merge_message;

const READ: Deed = Deed { what: "read a branch", needs: "contents: read" };
const COMPARE: Deed = Deed { what: "compare two commits", needs: "contents: read" };
const CREATE: Deed = Deed { what: "make a branch", needs: "contents: write" };
const MERGE: Deed = Deed { what: "merge into a branch", needs: "contents: write" };

/// Whether the repository has a commit.
pub(super) async fn has_commit(client: &Client, id: &str) -> Result<bool, ForgeError> {
    match client.find(READ, &format!("/git/commits/{}", encode(id))).await {
        Ok(found) => Ok(found.is_some()),
        // A name that is no commit's.
        Err(error) if error.trouble == Trouble::Invalid => Ok(false),
        Err(error) => Err(error),
    }
}

/// The commit at the tip of a branch.
pub(super) async fn tip(client: &Client, name: &str) -> Result<Option<String>, ForgeError> {
    let Some(reply) = client.find(READ, &format!("/git/ref/heads/{}", encode(name))).await? else { return Ok(None) };
    let commit = reply.body.get("object").and_then(|object| text(object, "sha"));
    commit.map(Some).ok_or_else(|| client.protocol(READ, "the commit of the branch"))
}

/// Makes a branch. Making it at the same commit again is the same deed, so a lost answer is found by a look.
pub(super) async fn create(client: &Client, name: &str, commit: &str) -> Result<(), ForgeError> {
    let body = json!({ "ref": format!("refs/heads/{name}"), "sha": commit });
    let made = client.post(CREATE, "/git/refs", &body).await;
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.trouble == Trouble::Unreachable => match tip(client, name).await? {
            Some(at) if at == commit => Ok(()),
            Some(_) => Err(ForgeError { trouble: Trouble::Exists, ..error }),
            None => client.put(CREATE, Method::POST, "/git/refs", &body).await.map(|_| ()),
        },
        Err(error) => Err(error),
    }
}

/// What a branch has beyond another commit.
pub(super) async fn compare(client: &Client, base: &str, head: &str) -> Result<Comparison, ForgeError> {
    let mut comparison = Comparison::default();
    for page in 1..=100 {
        let route = format!("/compare/{}...{}?per_page=100&page={page}", encode(base), encode(head));
        let body = client.get(COMPARE, &route).await?.body;
        let listed = |key: &str| body.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        if page == 1 {
            comparison.behind = body.get("behind_by").and_then(Value::as_u64).unwrap_or_default();
            comparison.files = listed("files").iter().filter_map(|file| text(file, "filename")).collect();
        }
        let commits = listed("commits");
        comparison.ahead.extend(commits.iter().filter_map(commit_facts));
        let total = body.get("ahead_by").and_then(Value::as_u64).unwrap_or_default();
        if commits.is_empty() || comparison.ahead.len() as u64 >= total {
            break;
        }
    }
    Ok(comparison)
}

fn commit_facts(value: &Value) -> Option<CommitFacts> {
    let commit = value.get("commit")?;
    let author = commit.get("author").and_then(|author| text(author, "name"));
    Some(CommitFacts {
        id: text(value, "sha")?,
        message: text(commit, "message").unwrap_or_default(),
        author: author.unwrap_or_else(|| "somebody".to_owned()),
    })
}

/// The text of a file at a commit; `None` when it is not there or no text.
pub(super) async fn file(client: &Client, path: &RepoPath, commit: &str) -> Result<Option<String>, ForgeError> {
    let route = format!("/contents/{}?ref={}", encode(path.as_str()), encode(commit));
    let Some(reply) = client.find(READ, &route).await? else { return Ok(None) };
    if text(&reply.body, "encoding").as_deref() == Some("base64") {
        let content = text(&reply.body, "content").unwrap_or_default();
        return Ok(decode(&content).and_then(|bytes| String::from_utf8(bytes).ok()));
    }
    // Files above 1 MB come without their content; their blobs have it.
    let Some(blob) = text(&reply.body, "sha") else { return Ok(None) };
    let body = client.get(READ, &format!("/git/blobs/{}", encode(&blob))).await?.body;
    let content = text(&body, "content").unwrap_or_default();
    Ok(decode(&content).and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// Merges a commit into a branch, on the server. Doing it again finds nothing to merge.
pub(super) async fn merge(client: &Client, branch: &str, commit: &str) -> Result<(), ForgeError> {
    let body = json!({ "base": branch, "head": commit, "commit_message": merge_message(commit, branch) });
    client.put(MERGE, Method::POST, "/merges", &body).await.map(|_| ())
}

/// Reads base64 with line breaks, as GitHub writes it.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

/// Writes base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = (at(0) << 16) | (at(1) << 8) | at(2);
        for place in 0..4 {
            let letter = usize::try_from((bits >> (18 - 6 * place)) & 63).unwrap_or_default();
            let letter = LETTERS.get(letter).copied().unwrap_or(b'=');
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_goes_both_ways() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("naïve 😀\n", "bmHDr3ZlIPCfmIAK")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
            assert_eq!(decode(coded).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(decode("Zm\n9v\n").as_deref(), Some("foo".as_bytes()));
        assert_eq!(decode("§"), None);
    }
}
