//! GitHub as a double that keeps state, behind real HTTP: REST, the mutations that the program uses, and git.
//!
//! Branches, commits and trees are those of a real bare repository, so git judges what is a commit and a fast forward; git
//! itself serves fetches and pushes. Pull requests, comments, labels and reactions are kept here. The double refuses what
//! GitHub refuses: bad tokens, permissions that the token lacks, a second pull request of a branch, branches that are not
//! there, commits on a branch that moved. Faults are scripted: an answer instead of the deed, or the deed without its answer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::contract;
use super::http::{Incoming, Outgoing, Server};
use super::repository::TestRepository;

pub const TOKEN: &str = "ghs_canary0123456789abcdef0123456789abcdef";
const OWNER: &str = "acme";
const NAME: &str = "shop";
/// Longer than anything takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);
/// As whom the token acts.
const BOT: &str = "codegen[bot]";

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This answer instead of the deed.
    Instead(u16, Vec<(String, String)>, Value),
    /// The deed is done, and the connection breaks before the answer.
    Lost,
    /// The connection breaks before the deed.
    Cut,
    /// No answer, as long as the client waits.
    Silence,
}

/// A request as it was recorded.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Such as `POST /pulls`, below the repository.
    pub what: String,
    /// All of it, as a question to the judge of contracts; nothing for git's requests.
    pub question: Option<Value>,
}

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    faults: Vec<(String, Fault)>,
    lacking: BTreeSet<String>,
    roles: BTreeMap<String, String>,
    pulls: Vec<Value>,
    comments: Vec<Value>,
    reactions: Vec<(u64, String)>,
    graphql: bool,
    objects: bool,
}

struct Shared {
    state: Mutex<State>,
    asked: Condvar,
    root: PathBuf,
}

/// The double. It serves the repository `acme/shop`.
pub struct GitHub {
    server: Server,
    shared: Arc<Shared>,
    _folder: TempDir,
}

impl GitHub {
    /// Takes the main branch of a repository, and becomes its `origin`.
    pub fn of(repository: &TestRepository) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join(OWNER).join(format!("{NAME}.git"));
        let shared = Arc::new(Shared { state: Mutex::default(), asked: Condvar::new(), root });
        let bare = shared.root.to_str().unwrap();
        repository.git(&["init", "-q", "--bare", "-b", "main", bare]);
        repository.git(&["push", "-q", bare, "main"]);
        shared.git(&["config", "http.receivepack", "true"]);
        shared.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        {
            let mut state = lock(&shared);
            state.graphql = true;
            state.objects = true;
            for (login, role) in [("maria", "write"), ("rita", "read"), ("adam", "admin")] {
                state.roles.insert(login.to_owned(), role.to_owned());
            }
        }
        let serving = Arc::clone(&shared);
        let server = Server::start(move |request| serving.serve(request));
        let github = Self { server, shared, _folder: folder };
        repository.git(&["remote", "add", "origin", &format!("{}/{OWNER}/{NAME}.git", github.url())]);
        github
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// Points a program at this server, with the token.
    pub fn point<'c>(&self, program: &'c mut Command) -> &'c mut Command {
        program.env("GITHUB_TOKEN", TOKEN).env("GITHUB_SERVER_URL", self.url()).env("GITHUB_API_URL", self.url())
    }

    /// The folder of the repository of the server.
    pub fn bare(&self) -> &str {
        self.shared.root.to_str().unwrap()
    }

    /// Runs git in the repository of the server.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.shared.git(arguments)
    }

    /// Lets something go wrong, once, for the next request that begins so, such as `POST /pulls`.
    pub fn fault(&self, what: &str, fault: Fault) {
        lock(&self.shared).faults.push((what.to_owned(), fault));
    }

    /// Takes a permission from the token: `contents`, `pull_requests`, `issues`.
    pub fn lacking(&self, permission: &str) {
        lock(&self.shared).lacking.insert(permission.to_owned());
    }

    /// Has no GraphQL, and with `objects` no commits over REST either.
    pub fn without_graphql(&self, objects: bool) {
        lock(&self.shared).graphql = false;
        lock(&self.shared).objects = !objects;
    }

    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared).asked.clone()
    }

    /// Waits until something that begins so was asked.
    #[track_caller]
    pub fn wait_for(&self, what: &str) {
        let begins = |state: &mut State| !state.asked.iter().any(|asked| asked.what.starts_with(what));
        let waited = self.shared.asked.wait_timeout_while(lock(&self.shared), PATIENCE, begins);
        assert!(!waited.unwrap().1.timed_out(), "{what} was not asked");
    }

    /// Requests that begin so.
    pub fn count(&self, what: &str) -> usize {
        self.asked().iter().filter(|asked| asked.what.starts_with(what)).count()
    }

    /// Everything that was not only read, in order.
    pub fn writes(&self) -> Vec<String> {
        self.asked()
            .into_iter()
            .map(|asked| asked.what)
            .filter(|what| !what.starts_with("GET ") && !what.starts_with("GIT "))
            .collect()
    }

    pub fn pulls(&self) -> Vec<Value> {
        lock(&self.shared).pulls.clone()
    }

    /// Changes a pull request by its number, as people do.
    pub fn change_pull(&self, number: u64, change: impl FnOnce(&mut Value)) {
        let mut state = lock(&self.shared);
        change(state.pulls.iter_mut().find(|pull| pull["number"] == number).unwrap());
    }

    /// Opens a pull request of somebody, from a branch that is there; from a fork when `fork` is set.
    pub fn somebodys_pull(&self, head: &str, fork: bool) -> u64 {
        let mut state = lock(&self.shared);
        let number = state.number();
        let full_name = if fork { "outsider/shop".to_owned() } else { format!("{OWNER}/{NAME}") };
        state.pulls.push(json!({
            "number": number, "node_id": format!("PR_{number}"), "state": "open", "merged_at": null, "draft": false,
            "title": "Mine", "body": "", "labels": [], "html_url": format!("http://double/{OWNER}/{NAME}/pull/{number}"),
            "head": { "ref": head, "sha": self.shared.tip(head), "repo": { "full_name": full_name } },
            "base": { "ref": "main", "sha": self.shared.tip("main"), "repo": { "full_name": format!("{OWNER}/{NAME}") } },
            "requested_reviewers": [], "user": { "login": "maria" },
        }));
        number
    }

    /// Writes comments of somebody.
    pub fn chatter(&self, issue: u64, count: u64) {
        let mut state = lock(&self.shared);
        for _ in 0..count {
            let id = 9000 + state.comments.len() as u64;
            state.comments.push(json!({ "id": id, "issue": issue, "body": "hm", "user": { "login": "somebody" } }));
        }
    }

    /// Lets somebody write a comment with this text.
    pub fn somebody_says(&self, issue: u64, body: &str) {
        let mut state = lock(&self.shared);
        let id = 9000 + state.comments.len() as u64;
        state.comments.push(json!({ "id": id, "issue": issue, "body": body, "user": { "login": "mallory" } }));
    }

    /// The comments of an author.
    pub fn comments_of(&self, login: &str) -> Vec<String> {
        let state = lock(&self.shared);
        let own = state.comments.iter().filter(|comment| comment["user"]["login"] == login);
        own.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    /// The comments that the bot wrote.
    pub fn comments(&self) -> Vec<String> {
        self.comments_of(BOT)
    }

    /// The reactions, in order.
    pub fn reactions(&self) -> Vec<String> {
        lock(&self.shared).reactions.iter().map(|(_, content)| content.clone()).collect()
    }
}

/// Everything that was asked must be as GitHub describes it, in every test.
impl Drop for GitHub {
    fn drop(&mut self) {
        let mut questions: Vec<Value> = self.asked().into_iter().filter_map(|asked| asked.question).collect();
        let mut seen = BTreeSet::new();
        questions.retain(|question| seen.insert(question.to_string()));
        let problems: Vec<String> = questions.iter().flat_map(contract::problems).collect();
        // A test that fails already says why.
        assert!(problems.is_empty() || std::thread::panicking(), "not as GitHub describes it: {problems:#?}");
    }
}

/// A request as a question to the judge of contracts.
fn question(request: &Incoming, body: &Value) -> Value {
    if request.path == "/graphql" {
        return json!({ "graphql": { "query": body["query"], "variables": body["variables"] } });
    }
    let body = String::from_utf8_lossy(&request.body);
    json!({ "rest": { "method": request.method, "path": request.path, "query": request.query, "body": body } })
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn number(&self) -> u64 {
        self.pulls.len() as u64 + 1
    }
}

type Reply = (u16, Value);
/// A path with its mode and bytes; without them it is removed.
type Entry = (String, Option<(String, Vec<u8>)>);

fn refused(status: u16, message: &str) -> Reply {
    (status, json!({ "message": message, "documentation_url": "https://docs.github.com/rest" }))
}

fn invalid(message: &str) -> Reply {
    (422, json!({ "message": "Validation Failed", "errors": [{ "code": "custom", "message": message }] }))
}

impl Shared {
    fn serve(&self, request: &Incoming) -> Outgoing {
        if request.path.starts_with(&format!("/{OWNER}/{NAME}.git/")) {
            return self.serve_git(request);
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let below = request.path.strip_prefix(&format!("/repos/{OWNER}/{NAME}")).unwrap_or(&request.path);
        let what = format!("{} {below}", request.method);
        let fault = {
            let mut state = lock(self);
            state.asked.push(Asked { what: what.clone(), question: Some(question(request, &body)) });
            self.asked.notify_all();
            let found = state.faults.iter().position(|(begin, _)| what.starts_with(begin));
            found.map(|index| state.faults.remove(index).1)
        };
        match fault {
            Some(Fault::Instead(status, headers, body)) => return json_reply(status, headers, &body),
            Some(Fault::Silence) => loop {
                std::thread::park();
            },
            Some(Fault::Cut) => return Outgoing { cut: true, ..Outgoing::default() },
            _ => {}
        }
        let authorised = request.header("authorization").is_some_and(|value| value.ends_with(TOKEN));
        let (mut status, mut reply) = if !authorised {
            refused(401, "Bad credentials")
        } else if let Some(lacking) = self.lacking(&what) {
            return json_reply(
                403,
                vec![("x-accepted-github-permissions".to_owned(), format!("{lacking}=write"))],
                &json!({ "message": "Resource not accessible by integration" }),
            );
        } else if what == "POST /graphql" {
            self.graphql(&body)
        } else {
            self.rest(&request.method, below, &request.query, &body)
        };
        let mut headers = Vec::new();
        if let (200, Value::Array(items)) = (status, &reply) {
            let number = |name: &str, default: usize| {
                query(&request.query, name).and_then(|text| text.parse().ok()).unwrap_or(default)
            };
            let (size, page) = (number("per_page", 30), number("page", 1));
            if items.len() > size * page {
                headers.push(("link".to_owned(), format!("<http://double/next?page={}>; rel=\"next\"", page + 1)));
            }
            reply = items.iter().skip(size * (page - 1)).take(size).cloned().collect();
        }
        if matches!(fault, Some(Fault::Lost)) {
            return Outgoing { cut: true, ..Outgoing::default() };
        }
        if status == 0 {
            (status, reply) = refused(404, "Not Found");
        }
        json_reply(status, headers, &reply)
    }

    fn lacking(&self, what: &str) -> Option<String> {
        if what.starts_with("GET ") {
            return None;
        }
        let needs = match what {
            _ if what.starts_with("POST /pulls") || what.starts_with("PATCH /pulls") => "pull_requests",
            _ if what.contains("/issues/") => "issues",
            _ => "contents",
        };
        lock(self).lacking.contains(needs).then(|| needs.to_owned())
    }

    fn rest(&self, method: &str, path: &str, query_text: &str, body: &Value) -> Reply {
        let parts: Vec<String> = path.trim_start_matches('/').split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        match (method, parts.as_slice()) {
            ("GET", [""]) => (200, json!({ "default_branch": "main", "permissions": { "push": true, "pull": true } })),
            ("GET", ["git", "commits", id]) => self.commit(id),
            ("GET", ["git", "ref", "heads", name @ ..]) => match self.find(&name.join("/")) {
                Some(sha) => (200, json!({ "object": { "sha": sha, "type": "commit" } })),
                None => refused(404, "Not Found"),
            },
            ("POST", ["git", "refs"]) => self.create_ref(text("ref"), text("sha")),
            ("PATCH", ["git", "refs", "heads", name @ ..]) => self.move_ref(&name.join("/"), text("sha")),
            ("POST", ["git", "trees"]) if lock(self).objects => self.tree(text("base_tree"), &body["tree"]),
            ("POST", ["git", "commits"]) if lock(self).objects => {
                self.make_commit(text("message"), text("tree"), &body["parents"])
            }
            ("GET", ["compare", range @ ..]) => self.compare(&range.join("/")),
            ("GET", ["contents", path @ ..]) => {
                self.contents(&path.join("/"), &query(query_text, "ref").unwrap_or_default())
            }
            ("GET", ["git", "blobs", sha]) => self.blob(sha),
            ("POST", ["merges"]) => self.merge(text("base"), text("head"), text("commit_message")),
            ("GET", ["pulls"]) => self.list_pulls(query_text),
            ("POST", ["pulls"]) => self.open(body),
            ("GET", ["pulls", number]) => self.with_pull(number, |_| ()),
            ("PATCH", ["pulls", number]) => self.with_pull(number, |pull| {
                for key in ["title", "body"] {
                    pull[key] = body[key].clone();
                }
                pull["base"]["ref"] = body["base"].clone();
            }),
            ("POST", ["pulls", number, "requested_reviewers"]) => self.with_pull(number, |pull| {
                pull["requested_reviewers"] = body["reviewers"].clone();
            }),
            ("POST", ["issues", number, "labels"]) => self.with_pull(number, |pull| {
                let labels = pull["labels"].as_array_mut().unwrap();
                labels.extend(body["labels"].as_array().unwrap().iter().map(|name| json!({ "name": name })));
            }),
            ("GET", ["collaborators", login, "permission"]) => match lock(self).roles.get(*login) {
                Some(role) => (200, json!({ "permission": role, "role_name": role })),
                None => refused(404, "Not Found"),
            },
            ("POST", ["issues", "comments", id, "reactions"]) => {
                lock(self).reactions.push((id.parse().unwrap(), text("content").to_owned()));
                (201, json!({ "id": 1, "content": text("content") }))
            }
            ("GET", ["issues", number, "comments"]) => {
                let number: u64 = number.parse().unwrap();
                let state = lock(self);
                (200, state.comments.iter().filter(|comment| comment["issue"] == number).cloned().collect())
            }
            ("POST", ["issues", number, "comments"]) if text("body").chars().count() <= 65_536 => {
                let mut state = lock(self);
                let id = 5000 + state.comments.len() as u64;
                let comment = json!({ "id": id, "issue": number.parse::<u64>().unwrap(), "body": text("body"), "user": { "login": BOT } });
                state.comments.push(comment.clone());
                (201, comment)
            }
            ("PATCH", ["issues", "comments", id]) => {
                let mut state = lock(self);
                let found = state.comments.iter_mut().find(|comment| comment["id"].as_u64() == id.parse().ok());
                found.map_or_else(
                    || refused(404, "Not Found"),
                    |comment| {
                        comment["body"] = body["body"].clone();
                        (200, comment.clone())
                    },
                )
            }
            _ => refused(404, "Not Found"),
        }
    }

    fn graphql(&self, body: &Value) -> Reply {
        if !lock(self).graphql {
            return refused(404, "Not Found");
        }
        let text = body["query"].as_str().unwrap_or_default();
        if text.contains("viewer") {
            return (200, json!({ "data": { "viewer": { "login": BOT } } }));
        }
        let input = &body["variables"]["input"];
        if text.contains("createCommitOnBranch") {
            let branch = input["branch"]["branchName"].as_str().unwrap();
            let expected = input["expectedHeadOid"].as_str().unwrap();
            if self.find(branch).as_deref() != Some(expected) {
                return (
                    200,
                    json!({ "data": { "createCommitOnBranch": null }, "errors": [{ "type": "STALE_DATA", "message": "Expected branch to point to another commit" }] }),
                );
            }
            let mut entries = Vec::new();
            for file in input["fileChanges"]["additions"].as_array().unwrap() {
                let contents = unbase64(file["contents"].as_str().unwrap());
                entries.push((file["path"].as_str().unwrap().to_owned(), Some(("100644".to_owned(), contents))));
            }
            for file in input["fileChanges"]["deletions"].as_array().into_iter().flatten() {
                entries.push((file["path"].as_str().unwrap().to_owned(), None));
            }
            let tree = self.write_tree(expected, entries);
            let message = &input["message"];
            let message = format!("{}\n\n{}", message["headline"].as_str().unwrap(), message["body"].as_str().unwrap());
            let commit = self.write_commit(&tree, &[expected], &message);
            self.git(&["update-ref", &format!("refs/heads/{branch}"), &commit, expected]);
            return (200, json!({ "data": { "createCommitOnBranch": { "commit": { "oid": commit } } } }));
        }
        let draft = text.contains("convertPullRequestToDraft");
        let mut state = lock(self);
        let found = state.pulls.iter_mut().find(|pull| pull["node_id"] == input["pullRequestId"]);
        found.unwrap()["draft"] = json!(draft);
        (200, json!({ "data": {} }))
    }

    fn open(&self, body: &Value) -> Reply {
        let (head, base) = (body["head"].as_str().unwrap(), body["base"].as_str().unwrap());
        let (Some(tip), Some(onto)) = (self.find(head), self.find(base)) else {
            return (
                422,
                json!({ "message": "Validation Failed", "errors": [{ "field": "head", "code": "invalid" }] }),
            );
        };
        if body["body"].as_str().unwrap().chars().count() > 65_536 {
            return invalid("body is too long (maximum is 65536 characters)");
        }
        if self.git(&["rev-list", &format!("{onto}..{tip}")]).trim().is_empty() {
            return invalid(&format!("No commits between {base} and {head}"));
        }
        let mut state = lock(self);
        let open =
            |pull: &&Value| pull["state"] == "open" && pull["head"]["ref"] == head && pull["base"]["ref"] == base;
        if state.pulls.iter().any(|pull| open(&pull)) {
            return invalid(&format!("A pull request already exists for {OWNER}:{head}."));
        }
        let number = state.number();
        let repo = json!({ "full_name": format!("{OWNER}/{NAME}") });
        let pull = json!({
            "number": number, "node_id": format!("PR_{number}"), "state": "open", "merged_at": null, "draft": body["draft"],
            "title": body["title"], "body": body["body"], "labels": [],
            "html_url": format!("http://double/{OWNER}/{NAME}/pull/{number}"),
            "head": { "ref": head, "sha": tip, "repo": repo }, "base": { "ref": base, "sha": onto, "repo": repo },
            "requested_reviewers": [],
        });
        state.pulls.push(pull.clone());
        (201, pull)
    }

    fn list_pulls(&self, query_text: &str) -> Reply {
        let head = query(query_text, "head").unwrap_or_default();
        let branch = head.strip_prefix(&format!("{OWNER}:")).unwrap_or_default().to_owned();
        let state = lock(self);
        let mut found: Vec<Value> =
            state.pulls.iter().filter(|pull| pull["head"]["ref"] == branch.as_str()).cloned().collect();
        found.reverse();
        (200, found.into())
    }

    fn with_pull(&self, number: &str, change: impl FnOnce(&mut Value)) -> Reply {
        let mut state = lock(self);
        match state.pulls.iter_mut().find(|pull| pull["number"].as_u64() == number.parse().ok()) {
            Some(pull) => {
                change(pull);
                if let Some(tip) = self.find(pull["head"]["ref"].as_str().unwrap()) {
                    pull["head"]["sha"] = json!(tip);
                }
                (200, pull.clone())
            }
            None => refused(404, "Not Found"),
        }
    }

    fn find(&self, branch: &str) -> Option<String> {
        let output =
            self.command().args(["rev-parse", "-q", "--verify", &format!("refs/heads/{branch}")]).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    fn tip(&self, branch: &str) -> String {
        self.find(branch).unwrap_or_default()
    }

    fn has(&self, id: &str) -> bool {
        self.command()
            .args(["cat-file", "-e", &format!("{id}^{{commit}}")])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    fn commit(&self, id: &str) -> Reply {
        if !self.has(id) {
            return refused(404, "Not Found");
        }
        let tree = self.git(&["rev-parse", &format!("{id}^{{tree}}")]);
        let parents: Vec<Value> =
            self.git(&["log", "-1", "--format=%P", id]).split_whitespace().map(|sha| json!({ "sha": sha })).collect();
        let message = self.git(&["log", "-1", "--format=%B", id]);
        (200, json!({ "sha": id, "tree": { "sha": tree.trim() }, "parents": parents, "message": message.trim_end() }))
    }

    fn create_ref(&self, name: &str, sha: &str) -> Reply {
        if self.find(name.trim_start_matches("refs/heads/")).is_some() {
            return (422, json!({ "message": "Reference already exists" }));
        }
        if !self.has(sha) {
            return (422, json!({ "message": "Object does not exist" }));
        }
        self.git(&["update-ref", name, sha]);
        (201, json!({ "ref": name, "object": { "sha": sha } }))
    }

    fn move_ref(&self, branch: &str, sha: &str) -> Reply {
        let Some(old) = self.find(branch) else { return (422, json!({ "message": "Reference does not exist" })) };
        if !self.command().args(["merge-base", "--is-ancestor", &old, sha]).status().unwrap().success() {
            return (422, json!({ "message": "Update is not a fast forward" }));
        }
        self.git(&["update-ref", &format!("refs/heads/{branch}"), sha, &old]);
        (200, json!({ "object": { "sha": sha } }))
    }

    fn compare(&self, range: &str) -> Reply {
        let (base, head) = range.split_once("...").unwrap();
        let count = |range: String| self.git(&["rev-list", "--count", &range]).trim().parse::<u64>().unwrap();
        let ids = self.git(&["rev-list", "--reverse", "--topo-order", &format!("{base}..{head}")]);
        let commits: Vec<Value> = ids
            .lines()
            .map(|id| {
                let show =
                    |format: &str| self.git(&["log", "-1", &format!("--format={format}"), id]).trim_end().to_owned();
                json!({ "sha": id, "commit": { "message": show("%B"), "author": { "name": show("%an") } } })
            })
            .collect();
        let files: Vec<Value> = self
            .git(&["diff", "--name-only", &format!("{base}...{head}")])
            .lines()
            .map(|name| json!({ "filename": name }))
            .collect();
        let (ahead, behind) = (count(format!("{base}..{head}")), count(format!("{head}..{base}")));
        (200, json!({ "ahead_by": ahead, "behind_by": behind, "commits": commits, "files": files }))
    }

    fn contents(&self, path: &str, at: &str) -> Reply {
        let output = self.command().args(["show", &format!("{at}:{path}")]).output().unwrap();
        if !output.status.success() {
            return refused(404, "Not Found");
        }
        let sha = self.git(&["rev-parse", &format!("{at}:{path}")]);
        let sha = sha.trim();
        if output.stdout.len() > 1 << 20 {
            return (200, json!({ "type": "file", "encoding": "none", "content": "", "sha": sha }));
        }
        (200, json!({ "type": "file", "encoding": "base64", "content": base64(&output.stdout), "sha": sha }))
    }

    fn blob(&self, sha: &str) -> Reply {
        let output = self.command().args(["cat-file", "blob", sha]).output().unwrap();
        (200, json!({ "sha": sha, "encoding": "base64", "content": base64(&output.stdout) }))
    }

    fn merge(&self, base: &str, head: &str, message: &str) -> Reply {
        let tip = self.tip(base);
        let merged = self.command().args(["merge-tree", "--write-tree", &tip, head]).output().unwrap();
        if !merged.status.success() {
            return refused(409, "Merge conflict");
        }
        let tree = String::from_utf8(merged.stdout).unwrap().trim().to_owned();
        let commit = self.write_commit(&tree, &[&tip, head], message);
        self.git(&["update-ref", &format!("refs/heads/{base}"), &commit, &tip]);
        (201, json!({ "sha": commit }))
    }

    fn tree(&self, base: &str, entries: &Value) -> Reply {
        let entries = entries.as_array().unwrap().iter().map(|entry| {
            let content = entry["content"]
                .as_str()
                .map(|text| (entry["mode"].as_str().unwrap().to_owned(), text.as_bytes().to_vec()));
            (entry["path"].as_str().unwrap().to_owned(), content)
        });
        (201, json!({ "sha": self.write_tree(base, entries.collect()) }))
    }

    fn make_commit(&self, message: &str, tree: &str, parents: &Value) -> Reply {
        let parents: Vec<&str> = parents.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        (201, json!({ "sha": self.write_commit(tree, &parents, message) }))
    }

    fn write_tree(&self, base: &str, entries: Vec<Entry>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join("index");
        let run = |arguments: &[&str]| self.feed(arguments, b"", Some(&index));
        run(&["read-tree", base]);
        for (path, content) in entries {
            if let Some((mode, bytes)) = content {
                let blob = self.feed(&["hash-object", "-w", "--stdin"], &bytes, None);
                run(&["update-index", "--add", "--cacheinfo", &format!("{mode},{},{path}", blob.trim())]);
            } else {
                let gone = format!("0 {}\t{path}\n", "0".repeat(40));
                self.feed(&["update-index", "--index-info"], gone.as_bytes(), Some(&index));
            }
        }
        run(&["write-tree"]).trim().to_owned()
    }

    fn write_commit(&self, tree: &str, parents: &[&str], message: &str) -> String {
        let mut arguments = vec!["commit-tree", tree, "-F", "-"];
        for parent in parents {
            arguments.extend(["-p", parent]);
        }
        self.feed(&arguments, message.as_bytes(), None).trim().to_owned()
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "GitHub").env(format!("GIT_{who}_EMAIL"), "noreply@github.com");
        }
        command
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        self.feed(arguments, b"", None)
    }

    #[track_caller]
    fn feed(&self, arguments: &[&str], input: &[u8], index: Option<&Path>) -> String {
        let mut command = self.command();
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Git over HTTP, by git's own server.
    fn serve_git(&self, request: &Incoming) -> Outgoing {
        let what = format!("GIT {} {}", request.method, request.path);
        lock(self).asked.push(Asked { what, question: None });
        let expected = format!("basic {}", base64(format!("x-access-token:{TOKEN}").as_bytes()));
        if !request
            .header("authorization")
            .is_some_and(|value| value.eq_ignore_ascii_case(&expected) || value.ends_with(&expected[6..]))
        {
            return Outgoing {
                status: 401,
                headers: vec![("www-authenticate".to_owned(), "Basic realm=\"GitHub\"".to_owned())],
                ..Outgoing::default()
            };
        }
        let mut command = self.command();
        command.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped());
        command.env("GIT_PROJECT_ROOT", self.root.parent().unwrap().parent().unwrap()).env("GIT_HTTP_EXPORT_ALL", "1");
        command
            .env("PATH_INFO", &request.path)
            .env("QUERY_STRING", &request.query)
            .env("REQUEST_METHOD", &request.method);
        command.env("REMOTE_USER", "bot").env("CONTENT_LENGTH", request.body.len().to_string());
        command.env("GIT_HTTP_MAX_REQUEST_BUFFER", "100M");
        for (name, variable) in [
            ("content-type", "CONTENT_TYPE"),
            ("content-encoding", "HTTP_CONTENT_ENCODING"),
            ("git-protocol", "GIT_PROTOCOL"),
        ] {
            if let Some(value) = request.header(name) {
                command.env(variable, value);
            }
        }
        let mut child = command.spawn().unwrap();
        let (mut stdin, body) = (child.stdin.take().unwrap(), request.body.clone());
        let feeding = std::thread::spawn(move || stdin.write_all(&body));
        let output = child.wait_with_output().unwrap();
        let _ = feeding.join().unwrap();
        let end = output.stdout.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or(0);
        let mut reply = Outgoing {
            status: 200,
            body: output.stdout[(end + 4).min(output.stdout.len())..].to_vec(),
            ..Outgoing::default()
        };
        for line in String::from_utf8_lossy(&output.stdout[..end]).lines() {
            let (name, value) = line.split_once(": ").unwrap();
            if name == "Status" {
                reply.status = value[..3].parse().unwrap();
            } else {
                reply.headers.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }
}

fn json_reply(status: u16, mut headers: Vec<(String, String)>, body: &Value) -> Outgoing {
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    Outgoing { status, headers, body: body.to_string().into_bytes(), cut: false }
}

/// A value of a query, decoded.
fn query(text: &str, name: &str) -> Option<String> {
    text.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(decoded)
}

/// A part of an address, decoded.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    coreutil("base64", &["-w", "76"], bytes).iter().map(|byte| char::from(*byte)).collect::<String>().replace('\n', "")
}

fn unbase64(text: &str) -> Vec<u8> {
    coreutil("base64", &["-d"], text.as_bytes())
}

fn coreutil(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    let feeding = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = feeding.join().unwrap();
    output.stdout
}
