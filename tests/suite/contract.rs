//! The contract with GitHub: what the program can ask of it, by GitHub's own descriptions. Every double judges what it was
//! asked; here every operation is asked for, and the judge itself is judged.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use codegen::adapter::github::{Access, GitHub as Client, Slug};
use codegen::adapter::workspace::GitWorkspace;
use codegen::path::RepoPath;
use codegen::port::{Forge, ForgeCommit, ForgeFile, NewPullRequest, Permission, Pushed, Reaction, Workspace};
use codegen::spec::SpecId;
use serde_json::{Value, json};

use super::support::contract;
use super::support::github::{GitHub, TOKEN};
use super::support::greeter::{CODE, greeter};
use super::support::repository::{TestRepository, skipped};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn client(repository: &TestRepository, github: &GitHub) -> Client {
    let access = Access { api_url: github.url(), graphql_url: None, server_url: github.url(), token: TOKEN.into() };
    Client::new(access, Slug::parse("acme/shop").unwrap(), repository.path().to_owned()).unwrap()
}

/// The operations of the port, as its source names them.
fn operations() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("src/port/forge.rs")).unwrap();
    let (_, of_trait) = text.split_once("pub trait Forge").unwrap();
    let names = of_trait.lines().filter_map(|line| line.trim().strip_prefix("fn "));
    names.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()).collect()
}

/// The source of the adapter without its tests.
fn adapter() -> Vec<String> {
    let folder = root().join("src/adapter/github");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| !["client.rs", "remote.rs"].iter().any(|name| path.ends_with(name)))
        .map(|path| fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap().to_owned())
        .collect()
}

/// The routes that the adapter's source names, such as `/pulls/{number}`.
fn routes() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in adapter() {
        let pieces: Vec<&str> = text.split('"').collect();
        // A path into an answer is no route.
        let literals = pieces.chunks_exact(2).filter(|pair| !pair[0].ends_with("pointer("));
        let routes = literals.map(|pair| pair[1]).filter(|text| text.len() > 1 && text.starts_with('/'));
        found.extend(routes.filter(|route| *route != "/dev/null").map(str::to_owned));
    }
    found
}

/// Whether a request is one of a route: its fixed parts stand there in their order, and it ends as the route does.
fn fits(route: &str, asked: &str) -> bool {
    let mut rest = asked;
    let fixed = |part| str::split_once(part, '}').map_or(part, |(_, fixed)| fixed);
    let parts: Vec<&str> = route.split('{').map(fixed).collect();
    for part in &parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    let ends = rest.is_empty() || rest.starts_with(['?', '&']);
    // A parameter at the end takes one step, and the name of a branch takes more.
    let open = parts.last().is_some_and(|last| last.is_empty()) && (route.contains("/heads/") || !rest.contains('/'));
    ends || open
}

#[test]
fn routes_are_told_apart() {
    for (route, asked, is) in [
        ("/pulls/{number}", "/pulls/12", true),
        ("/pulls/{number}", "/pulls", false),
        ("/git/commits", "/git/commits", true),
        ("/git/commits", "/git/commits/abc", false),
        ("/issues/{issue}/comments", "/issues/4/comments?per_page=100&page=1", true),
        ("/issues/comments/{comment}/reactions", "/issues/comments/7", false),
        ("/pulls/{number}", "/pulls/12/requested_reviewers", false),
        ("/git/ref/heads/{}", "/git/ref/heads/codegen/x", true),
    ] {
        assert_eq!(fits(route, asked), is, "{route} {asked}");
    }
    assert!(routes().contains("/pulls/{number}/requested_reviewers") && operations().contains("keep_pristine"));
}

/// Calls an operation and notes its name.
macro_rules! call {
    ($called:ident, $forge:ident . $operation:ident ( $($argument:expr),* )) => {{
        $called.insert(stringify!($operation).to_owned());
        $forge.$operation($($argument),*).await.unwrap()
    }};
}

#[test]
fn every_operation_asks_what_github_describes() {
    let repository = greeter(&[("large.txt", &"a line that is read as a blob\n".repeat(40_000))]);
    let github = GitHub::of(&repository);
    let mut called = BTreeSet::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let forge = client(&repository, &github);
    runtime.block_on(async {
        called.insert("name".to_owned());
        assert_eq!(forge.name(), "acme/shop");
        assert_eq!(call!(called, forge.repository()).default_branch, "main");
        let main = call!(called, forge.branch("main")).unwrap();
        assert!(call!(called, forge.has_commit(&main)));
        assert!(call!(called, forge.file(&RepoPath::parse("large.txt").unwrap(), &main)).unwrap().len() > 1 << 20);
        call!(called, forge.create_branch("codegen/a#ä", &main));
        // By mutation, from objects, with a removal, and as a merge of two parents.
        let commit = |expected: &str, executable: bool, removed: &[&str], merging: Option<String>| ForgeCommit {
            branch: "codegen/a#ä".to_owned(),
            expected: expected.to_owned(),
            merging,
            subject: "a subject".to_owned(),
            body: "a body\n".to_owned(),
            files: vec![ForgeFile {
                path: RepoPath::parse(&format!("docs/{executable}.md")).unwrap(),
                text: "naïve 😀\n".to_owned(),
                executable,
            }],
            removed: removed.iter().map(|&path| path.to_owned()).collect(),
        };
        let done = |pushed: Pushed| match pushed {
            Pushed::Done(commit) => commit,
            Pushed::Moved => panic!("nobody else was here"),
        };
        let first = done(call!(called, forge.commit(&commit(&main, false, &[], None))));
        let second = done(call!(called, forge.commit(&commit(&first, true, &["docs/false.md"], None))));
        repository.write("more.txt", "more\n");
        repository.commit("more");
        repository.git(&["push", "-q", github.bare(), "main"]);
        let now = forge.branch("main").await.unwrap().unwrap();
        done(call!(called, forge.commit(&commit(&second, false, &[], Some(now.clone())))));
        assert_eq!(call!(called, forge.compare(&main, "codegen/a#ä")).ahead.len(), 4);
        repository.write("even-more.txt", "more\n");
        repository.commit("even more");
        repository.git(&["push", "-q", github.bare(), "main"]);
        let now = forge.branch("main").await.unwrap().unwrap();
        call!(called, forge.merge("codegen/a#ä", &now));
        // The generated texts.
        let workspace = GitWorkspace::discover(repository.path()).unwrap();
        let (id, path) = (SpecId::from_argument("greeter"), RepoPath::parse(CODE).unwrap());
        workspace.keep_pristine(&id, &[(path, "text\n".to_owned())].into()).unwrap();
        call!(called, forge.keep_pristine(repository.path(), std::slice::from_ref(&id)));
        // A pull request.
        let new = NewPullRequest {
            head: "codegen/a#ä".to_owned(),
            base: "main".to_owned(),
            title: "codegen: a".to_owned(),
            body: "text".to_owned(),
            draft: false,
        };
        let pull = call!(called, forge.open(&new));
        assert_eq!(call!(called, forge.pull_requests_of("codegen/a#ä")).len(), 1);
        assert_eq!(call!(called, forge.pull_request(pull.number)).base, "main");
        call!(called, forge.edit(pull.number, "title", "body", "main"));
        call!(called, forge.set_draft(&pull, true));
        call!(called, forge.set_draft(&pull, false));
        call!(called, forge.label(pull.number, &["codegen".to_owned()]));
        call!(called, forge.request_review(pull.number, &["maria".to_owned(), "acme/owners".to_owned()]));
        // Comments.
        assert_eq!(call!(called, forge.permission("maria")), Permission::Write);
        for reaction in [Reaction::Eyes, Reaction::Hooray, Reaction::Confused] {
            call!(called, forge.react(77, reaction));
        }
        let comment = call!(called, forge.comment(4, "<!-- mark -->", "<!-- mark -->\ntext"));
        call!(called, forge.edit_comment(comment, "<!-- mark -->\nother"));
        assert_eq!(call!(called, forge.comments_with(4, "<!-- mark -->")).len(), 1);
        // A server without GraphQL and without objects gets a push.
        github.without_graphql(true);
        let tip = forge.branch("codegen/a#ä").await.unwrap().unwrap();
        done(forge.commit(&commit(&tip, false, &["docs/true.md"], None)).await.unwrap());
    });
    assert_eq!(called, operations(), "an operation of the port is not exercised here");

    let asked: Vec<Value> = github.asked().into_iter().filter_map(|asked| asked.question).collect();
    let targets: Vec<String> = asked
        .iter()
        .filter_map(|question| {
            let rest = question.get("rest")?;
            let query = rest["query"].as_str()?;
            let path = rest["path"].as_str()?.strip_prefix("/repos/acme/shop")?;
            Some(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
        })
        .collect();
    for route in routes() {
        assert!(targets.iter().any(|target| fits(&route, target)), "{route} is in the adapter and was not asked here");
    }
    let Some(words) = contract::ask(&json!({ "words": words() })) else { return };
    let fields: BTreeSet<String> = asked
        .iter()
        .filter(|question| question.get("graphql").is_some())
        .flat_map(|question| contract::ask(question).unwrap()["fields"].as_array().unwrap().clone())
        .map(|field| field.as_str().unwrap().to_owned())
        .collect();
    for mutation in words["mutations"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()) {
        assert!(fields.contains(mutation), "{mutation} is in the adapter and was not asked here");
    }
    assert!(fields.contains("createCommitOnBranch") && fields.contains("viewer"));
    // The double, which is dropped now, judges all of it.
}

/// Every word of the adapter.
fn words() -> BTreeSet<String> {
    let all = adapter().join("\n");
    all.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_owned).collect()
}

#[test]
fn the_judge_refuses_what_github_would_not_take() {
    if contract::parts().is_none() {
        return skipped("negative controls of the contract", "what tests/contract/fetch fetches");
    }
    let rest = |method: &str, path: &str, query: &str, body: &str| json!({ "rest": { "method": method, "path": format!("/repos/a/b{path}"), "query": query, "body": body } });
    let mutation = |selection: &str| {
        format!(
            "mutation($input: CreateCommitOnBranchInput!) {{ createCommitOnBranch(input: $input) {{ {selection} }} }}"
        )
    };
    let input = json!({ "branch": { "repositoryNameWithOwner": "a/b", "branchName": "x" }, "expectedHeadOid": "c", "message": { "headline": "h" } });
    let graphql = |selection: &str, input: &Value| json!({ "graphql": { "query": mutation(selection), "variables": { "input": input } } });
    let without = |key: &str| {
        let mut input = input.clone();
        input.as_object_mut().unwrap().remove(key);
        input
    };
    let mut unknown = input.clone();
    unknown["force"] = json!(true);
    let good = r#"{"title":"t","head":"h","base":"b"}"#;
    for (question, said) in [
        (rest("POST", "/pulls", "", r#"{"title":"t","head":"h"}"#), "required property 'base'"),
        (rest("POST", "/pulls", "", r#"{"title":5,"head":"h","base":"b"}"#), "data/title must be string"),
        (rest("POST", "/pulls", "", r#"{"title":"t","head":"h","base":"b","is_draft":true}"#), "unknown is_draft"),
        (rest("POST", "/pulls", "", ""), "no body"),
        (rest("POST", "/pulls", "", "{"), "no JSON"),
        (rest("POST", "/pullz", "", good), "no such path"),
        (rest("PUT", "/pulls", "", good), "no such method"),
        (rest("GET", "/pulls", "state=every", ""), "allowed values"),
        (rest("GET", "/pulls", "stat=all", ""), "unknown stat"),
        (rest("GET", "/pulls/twelve", "", ""), "must be integer"),
        (rest("GET", "/issues/4/comments", "sort=created", ""), "unknown sort"),
        (rest("POST", "/issues/comments/7/reactions", "", r#"{"content":"eye"}"#), "allowed values"),
        (graphql("commit { id oidd }", &input), "Cannot query field"),
        (graphql("commit { oid }", &without("expectedHeadOid")), "expectedHeadOid"),
        (graphql("commit { oid }", &unknown), "force"),
        (json!({ "graphql": { "query": "query {", "variables": {} } }), "Syntax Error"),
        (json!({ "event": { "name": "push", "payload": { "ref": "x" } } }), "required property"),
        (json!({ "event": { "name": "pusch", "payload": {} } }), "sends no"),
    ] {
        let problems = contract::problems(&question);
        assert!(problems.iter().any(|problem| problem.contains(said)), "{said}: {problems:?}");
    }
    for question in [rest("POST", "/pulls", "", good), graphql("commit { oid }", &input)] {
        assert_eq!(contract::problems(&question), Vec::<String>::new());
    }
}

/// Where the double is asked for what GitHub does not have, the test fails.
#[test]
#[should_panic(expected = "unknown sort")]
fn a_double_that_was_asked_wrongly_fails_its_test() {
    if contract::parts().is_none() {
        skipped("a double that fails its test", "what tests/contract/fetch fetches");
        panic!("unknown sort: not tried");
    }
    let repository = greeter(&[]);
    let github = GitHub::of(&repository);
    let address = format!("{}/repos/acme/shop/issues/4/comments?sort=created", github.url());
    let ran = std::process::Command::new("curl").args(["-s", "--noproxy", "*", &address]).output().unwrap();
    assert!(ran.status.success(), "curl is missing: unknown sort was not tried");
}
