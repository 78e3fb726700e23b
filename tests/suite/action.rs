//! `action.yml` and the workflow that `init` writes: what GitHub must find in them, and what must never stand there.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::support::github::GitHub;
use super::support::greeter::{Answers, greeter};
use super::support::repository::{Ran, TestRepository};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn action() -> Value {
    yaml(&fs::read_to_string(root().join("action.yml")).unwrap())
}

fn steps(action: &Value) -> Vec<Value> {
    action["runs"]["steps"].as_array().unwrap().clone()
}

/// Expressions inside scripts, and actions that no commit pins.
fn dangers(steps: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    for step in steps {
        if step["run"].as_str().is_some_and(|run| run.contains("${{")) {
            found.push(format!("an expression in a script: {}", step["run"]));
        }
        if let Some(uses) = step["uses"].as_str().filter(|uses| !uses.starts_with("./")) {
            let commit = uses.split_once('@').map_or("", |(_, commit)| commit);
            if commit.len() != 40 || !commit.chars().all(|digit| digit.is_ascii_hexdigit()) {
                found.push(format!("not pinned: {uses}"));
            }
        }
    }
    found
}

#[test]
fn the_action_documents_its_inputs_and_gives_the_promised_outputs() {
    let action = action();
    assert_eq!(action["runs"]["using"], "composite");
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(input["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
        assert_eq!(input["required"], false, "{name}");
    }
    let outputs: Vec<&String> = action["outputs"].as_object().unwrap().keys().collect();
    assert_eq!(outputs, ["pull-requests", "changed", "result", "report"]);
    for output in action["outputs"].as_object().unwrap().values() {
        assert!(output["value"].as_str().unwrap().starts_with("${{ steps.run.outputs."));
    }
}

#[test]
fn no_script_of_the_action_has_an_expression_and_every_action_is_pinned() {
    let all = steps(&action());
    assert_eq!(dangers(&all), Vec::<String>::new());
    for step in all.iter().filter(|step| step["run"].is_string()) {
        assert_eq!(step["shell"], "bash");
    }
    // The check sees what it looks for.
    let bad = [json!({ "run": "echo ${{ github.event.comment.body }}" }), json!({ "uses": "actions/cache@v4" })];
    assert_eq!(dangers(&bad).len(), 2);
}

#[test]
fn init_writes_a_workflow_with_least_permissions_and_pinned_actions() {
    let repository = TestRepository::with(&[("go.mod", "module example.com/fresh\n\ngo 1.19\n")]);
    repository.git(&["checkout", "-q", "-b", "trunk"]);
    let pin = "acme/codegen@0123456789012345678901234567890123456789 # v1.2.3";
    repository.run(&["init", "--action", pin]).expect(0);
    let text = repository.read(".github/workflows/codegen.yml").unwrap();
    let workflow = yaml(&text);
    assert_eq!(workflow["permissions"], json!({}));
    assert_eq!(workflow["on"]["push"]["branches"], json!(["trunk"]));
    let mut events: Vec<&str> = workflow["on"].as_object().unwrap().keys().map(String::as_str).collect();
    events.sort_unstable();
    let mut known = codegen::trigger::EVENTS.to_vec();
    known.sort_unstable();
    assert_eq!(events, known);
    let job = &workflow["jobs"]["codegen"];
    assert_eq!(job["permissions"], json!({ "contents": "write", "pull-requests": "write", "issues": "write" }));
    let steps = job["steps"].as_array().unwrap();
    assert_eq!(dangers(steps), Vec::<String>::new());
    assert_eq!(steps[0]["with"]["persist-credentials"], false);
    assert!(text.contains(&format!("uses: {pin}\n")));
    let ran = repository.run(&["init", "--action", "x@y\n- run: z"]).expect(2);
    assert!(ran.stderr.contains("cannot be the action of a workflow"), "{}", ran.stderr);
}

#[test]
fn doctor_says_what_follows_from_the_kind_of_token() {
    let repository = greeter(&[]);
    let offline = repository.run(&["doctor"]);
    assert!(offline.stdout.contains("will not trigger your checks"), "{}", offline.stdout);
    let github = GitHub::of(&repository);
    let doctor = |token: Option<&str>| {
        let mut program = repository.program();
        github.point(program.arg("doctor"));
        token.map(|token| program.env("GITHUB_TOKEN", token));
        let ran: Ran = program.output().unwrap().into();
        ran.stdout
    };
    let told = doctor(None);
    assert!(told.contains("acme/shop: the token may push, pull") && told.contains("will not trigger"), "{told}");
    let told = doctor(Some("ghp_wrong"));
    assert!(told.contains("401 Bad credentials") && told.contains("wrong, expired or revoked"), "{told}");
}

/// Runs the scripts of the action's steps, as a runner without containers does.
#[test]
fn the_steps_of_the_action_run() {
    let repository = greeter(&[]);
    let github = GitHub::of(&repository);
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("codegen-bin");
    fs::create_dir_all(&bin).unwrap();
    // A build from the cache: the program of this test.
    fs::copy(env!("CARGO_BIN_EXE_codegen"), bin.join("codegen")).unwrap();
    let output = folder.path().join("output");
    let answers = Answers::good();
    for step in steps(&action()).iter().filter(|step| step["run"].is_string()) {
        let program = repository.program();
        let environment: Vec<(std::ffi::OsString, Option<std::ffi::OsString>)> =
            program.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().unwrap()]);
        bash.current_dir(repository.path()).env_clear();
        bash.envs(environment.into_iter().filter_map(|(name, value)| Some((name, value?))));
        github.point(&mut bash);
        bash.env("GITHUB_ACTIONS", "true").env("GITHUB_REPOSITORY", "acme/shop").env("GITHUB_EVENT_NAME", "schedule");
        bash.env("GITHUB_OUTPUT", &output).env("RUNNER_TEMP", folder.path());
        bash.env("ACTION_PATH", root()).env("TARGET_FOLDER", &bin).env("CODEGEN", bin.join("codegen"));
        bash.env("FOLDER", ".").env("CODEGEN_MODEL", answers.model());
        let ran: Ran = bash.output().unwrap().into();
        ran.expect(0);
    }
    let outputs = fs::read_to_string(output).unwrap();
    assert!(outputs.contains("build=true\n") && outputs.contains("sources="), "{outputs}");
    assert!(outputs.contains("\n[\"http://double/acme/shop/pull/1\"]\n"), "{outputs}");
    assert_eq!(github.pulls().len(), 1);
}

#[test]
fn a_released_binary_is_taken_only_with_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let sources = folder.path().join("sources");
    fs::create_dir_all(sources.join("action")).unwrap();
    fs::copy(root().join("action/install"), sources.join("action/install")).unwrap();
    fs::write(folder.path().join("codegen"), "#!/bin/sh\necho codegen 9.9.9\n").unwrap();
    let run = |program: &mut Command| -> Ran { program.current_dir(folder.path()).output().unwrap().into() };
    run(Command::new("chmod").args(["+x", "codegen"])).expect(0);
    run(Command::new("tar").args(["-czf", "codegen.tar.gz", "codegen"])).expect(0);
    // In the place of the network: a curl that copies what it is asked for.
    let tools = folder.path().join("tools");
    fs::create_dir_all(&tools).unwrap();
    let copy = format!(
        "#!/bin/bash\nwhile [ $# -gt 1 ]; do [ \"$1\" = --output ] && out=$2; shift; done\ncp {}/codegen.tar.gz \"$out\"\n",
        folder.path().display()
    );
    fs::write(tools.join("curl"), copy).unwrap();
    run(Command::new("chmod").arg("+x").arg(tools.join("curl"))).expect(0);
    let sum = run(Command::new("sha256sum").arg("codegen.tar.gz")).expect(0).stdout;
    let sum = sum.split(' ').next().unwrap();
    for (expected, code) in [(sum.to_owned(), 0), ("0".repeat(64), 1)] {
        let targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"];
        let lines: String = targets
            .iter()
            .map(|target| format!("{target} https://releases.example/{target}.tar.gz {expected}\n"))
            .collect();
        fs::write(sources.join("action/releases.txt"), lines).unwrap();
        let bin = folder.path().join(format!("bin-{code}"));
        let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
        let mut bash = Command::new("bash");
        bash.arg(sources.join("action/install")).arg("install");
        let ran = run(bash.env("PATH", path).env("ACTION_PATH", &sources).env("TARGET_FOLDER", &bin)).expect(code);
        assert_eq!(ran.stdout.contains("codegen 9.9.9"), code == 0, "{ran:?}");
        assert_eq!(bin.join("codegen").exists(), code == 0);
    }
}
