//! The other commands: what they print, and that it is what other tools take.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::diagnostic::SourceText;
use serde_json::Value;

use super::support::greeter::{CONFIG, PATTERN, SPEC, greeter};
use super::support::repository::TestRepository;

/// A fresh repository of each language: its name and its manifest.
const FRESH: [(&str, &str, &str); 5] = [
    ("rust", "Cargo.toml", "[package]\nname = \"fresh\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
    ("go", "go.mod", "module example.com/fresh\n\ngo 1.19\n"),
    (
        "python",
        "pyproject.toml",
        "[project]\nname = \"fresh\"\nversion = \"0.1.0\"\n\n[tool.pytest.ini_options]\n\n[tool.ruff]\n",
    ),
    (
        "typescript",
        "package.json",
        "{ \"name\": \"fresh\", \"scripts\": { \"build\": \"tsc\", \"test\": \"node --test dist\" }, \"devDependencies\": { \"typescript\": \"^5\" } }\n",
    ),
    (
        "java",
        "pom.xml",
        "<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>fresh</artifactId><version>1</version></project>\n",
    ),
];

fn json(repository: &TestRepository, arguments: &[&str]) -> Value {
    serde_json::from_str(&repository.run(arguments).stdout).unwrap()
}

/// A YAML text as JSON, read as the program reads it.
fn yaml(text: &str) -> Value {
    codegen::yaml::parse(&SourceText::new("text.yaml", text)).unwrap().to_json()
}

#[test]
fn a_fresh_repository_of_each_language_starts_with_files_that_are_right() {
    for (language, manifest, text) in FRESH {
        let repository = TestRepository::with(&[(manifest, text)]);
        let ran = repository.run(&["init"]).expect(0);
        assert!(ran.stderr.contains("wrote .codegen/config.yaml"), "{}", ran.stderr);
        let listed = json(&repository, &["list", "--json"]);
        assert_eq!(listed.as_array().unwrap().len(), 1, "{language}");
        assert_eq!((listed[0]["language"].as_str(), listed[0]["state"].as_str()), (Some(language), Some("new")));
        assert_eq!(listed[0]["pattern"].as_str().unwrap().split('@').next(), Some("repository"));
        let checked = repository.run(&["check"]).expect(3);
        assert!(checked.stdout.contains("note-repository"), "{}", checked.stdout);
        repository.run(&["prompt", "note-repository"]).expect(0);
        // What it detected stands in the configuration, for people to change.
        let config = repository.read(".codegen/config.yaml").unwrap();
        assert!(config.contains(&format!("#   {language}:\n")) && config.contains("#     test: "), "{config}");
        // Taken as it stands there, it is a right configuration that says the same.
        let taken = config.replace("\n# languages:", "\nlanguages:").replace("\n#   ", "\n  ");
        repository.write(".codegen/config.yaml", &taken);
        repository.run(&["list"]).expect(0);
    }
}

#[test]
fn init_overwrites_nothing() {
    let repository = TestRepository::with(&[
        ("go.mod", "module example.com/fresh\n\ngo 1.19\n"),
        (".codegen/config.yaml", "version: 1\n"),
    ]);
    let ran = repository.run(&["init"]).expect(0);
    assert!(ran.stderr.contains("kept .codegen/config.yaml, which was there"), "{}", ran.stderr);
    assert_eq!(repository.read(".codegen/config.yaml").as_deref(), Some("version: 1\n"));
    let before = repository.fingerprint();
    repository.run(&["init"]).expect(0);
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn init_without_a_manifest_says_what_it_looked_for() {
    let repository = TestRepository::with(&[("README.md", "# x\n")]);
    let before = repository.fingerprint();
    let ran = repository.run(&["init"]).expect(2);
    assert!(
        ran.stderr.contains("no Cargo.toml, go.mod, pyproject.toml, package.json, pom.xml or build.gradle"),
        "{}",
        ran.stderr
    );
    assert_eq!(repository.fingerprint(), before);
    repository.run(&["init", "--language", "go", "--name", "UserAccount"]).expect(0);
    assert_eq!(json(&repository, &["list", "--json"])[0]["id"], "user-account-repository");
}

#[test]
fn outside_of_a_repository_the_way_in_is_said() {
    let repository = greeter(&[]);
    let outside = tempfile::tempdir().unwrap();
    let ran = repository.run(&["-C", outside.path().to_str().unwrap(), "list"]).expect(5);
    assert!(ran.stderr.contains("git init"), "{}", ran.stderr);
}

fn checkup<'v>(checkups: &'v Value, subject: &str) -> &'v Value {
    let found = checkups.as_array().unwrap().iter().find(|checkup| checkup["subject"] == subject);
    found.unwrap_or_else(|| panic!("nothing about {subject} in {checkups}"))
}

#[test]
fn doctor_shows_the_commands_of_each_language_and_where_they_come_from() {
    for (language, manifest, text) in FRESH {
        let repository = TestRepository::with(&[(manifest, text)]);
        let checkups = json(&repository, &["doctor", "--json"]);
        let detail =
            |stage: &str| checkup(&checkups, &format!("{language} {stage}"))["detail"].as_str().unwrap().to_owned();
        for (stage, part) in match language {
            "rust" => [
                ("build", "cargo check --all-targets (from Cargo.toml)"),
                ("test", "cargo test"),
                ("format", "rustfmt --edition 2024"),
            ],
            "go" => [("build", "go build ./... (from go.mod)"), ("test", "go test ./..."), ("format", "gofmt -w")],
            "python" => [
                ("lint", "ruff check"),
                ("test", "-m pytest -q (from pytest is configured)"),
                ("format", "ruff format"),
            ],
            "java" => [
                ("build", "mvn -B -q test-compile (from pom.xml)"),
                ("test", "mvn -B -q test"),
                ("lint", "no linter is configured (Checkstyle)"),
            ],
            _ => [
                ("build", "npm run build (from package.json scripts.build)"),
                ("test", "npm test"),
                ("setup", "npm install"),
            ],
        } {
            assert!(detail(stage).contains(part), "{language} {stage}: {}", detail(stage));
        }
    }
}

#[test]
fn doctor_shows_what_the_configuration_says_and_what_is_broken() {
    let text = CONFIG.replace("python3 tools/lint.py", "no-such-linter --all");
    let repository = greeter(&[(".codegen/config.yaml", &text)]);
    let ran = repository.run(&["doctor", "--json"]).expect(3);
    let checkups: Value = serde_json::from_str(&ran.stdout).unwrap();
    let lint = checkup(&checkups, "python lint");
    assert_eq!(
        (lint["health"].as_str(), lint["detail"].as_str()),
        (Some("broken"), Some("no-such-linter --all (from config)"))
    );
    assert!(lint["hints"][0].as_str().unwrap().contains("`no-such-linter` is not installed"), "{lint}");
    assert_eq!(checkup(&checkups, "python format")["health"], "ok");
    // Without a key and a server there is no model, and what to do is said.
    assert_eq!(checkup(&checkups, "model")["health"], "broken");
    assert!(checkup(&checkups, "model")["hints"][0].as_str().unwrap().contains("OPENAI_API_KEY"));
    assert_eq!(checkup(&checkups, "specs")["detail"], "1 spec");
    for subject in ["sandbox", "github", "repository"] {
        checkup(&checkups, subject);
    }
    let answers = tempfile::tempdir().unwrap();
    let text = format!("{CONFIG}model: {{ provider: replay, name: {} }}\n", answers.path().display());
    let repository = greeter(&[(".codegen/config.yaml", &text)]);
    let checkups: Value = serde_json::from_str(&repository.run(&["doctor", "--json"]).expect(0).stdout).unwrap();
    assert_eq!(checkup(&checkups, "model")["health"], "ok");
}

#[test]
fn doctor_says_that_specs_are_wrong() {
    let repository = greeter(&[(".codegen/specs/broken.yaml", "nmae: x\n")]);
    let ran = repository.run(&["doctor", "--json"]).expect(3);
    assert_eq!(checkup(&serde_json::from_str(&ran.stdout).unwrap(), "specs")["health"], "broken");
}

/// The schema that the program prints, compiled.
fn schema(of: &str) -> jsonschema::Validator {
    let schema = json(&greeter(&[]), &["schema", of]);
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn fits(validator: &jsonschema::Validator, text: &str, shown: &str) {
    let value = yaml(text);
    let problems: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{shown}: {}", problems.join("; "));
}

fn yaml_files(folder: PathBuf) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn the_schema_of_specs_takes_right_ones_and_refuses_wrong_ones() {
    let validator = schema("spec");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for language in ["rust", "go", "python", "typescript", "java"] {
        for (path, text) in yaml_files(root.join("tests/samples").join(language).join(".codegen/specs")) {
            fits(&validator, &text, &path);
            count += 1;
        }
        for pattern in ["repository", "factory", "handler", "dto"] {
            for (path, text) in yaml_files(root.join(".codegen/patterns").join(pattern).join(language)) {
                fits(&validator, &text, &path);
                count += 1;
            }
        }
    }
    assert_eq!(count, 40);
    fits(&validator, SPEC, "the greeter");
    for (language, manifest, text) in FRESH {
        let repository = TestRepository::with(&[(manifest, text)]);
        repository.run(&["init"]).expect(0);
        fits(&validator, &repository.read(".codegen/specs/note-repository.yaml").unwrap(), language);
    }
    for wrong in [
        "description: d\n",
        "name: A\n",
        "name: A\ndescription: d\nnmae: B\n",
        "name: A\ndescription: d\nlanguage: cobol\n",
        "name: A\ndescription: d\nfiles: { tests: a.py }\n",
        "name: A\ndescription: d\ngates: { coverage: 101 }\n",
        "name: [A]\ndescription: d\n",
        "name: A\ndescription: d\nafter: b\n",
    ] {
        assert!(!validator.is_valid(&yaml(wrong)), "the schema takes:\n{wrong}");
        // And so does the program refuse it.
        greeter(&[(".codegen/specs/wrong.yaml", wrong)]).run(&["check"]).expect(2);
    }
}

#[test]
fn the_schema_of_patterns_takes_the_library_and_refuses_wrong_ones() {
    let validator = schema("pattern");
    let files = yaml_files(Path::new(env!("CARGO_MANIFEST_DIR")).join(".codegen/patterns"));
    assert!(files.len() >= 4);
    for (path, text) in files {
        fits(&validator, &text, &path);
    }
    fits(&validator, PATTERN, "the plain pattern");
    for (from, to) in [
        ("name: plain", "name: Plain"),
        ("version: 1.0.0\n", ""),
        ("  - id: return-types\n    text", "  - text"),
        ("    check:", "    chekc:"),
        ("      python:", "      cobol:"),
        ("        forbid:", "        forbidden:"),
        ("    text:", "    severity: fatal\n    text:"),
    ] {
        assert!(PATTERN.contains(from));
        let wrong = PATTERN.replace(from, to);
        assert!(!validator.is_valid(&yaml(&wrong)), "the schema takes:\n{wrong}");
        greeter(&[(".codegen/patterns/plain.yaml", &wrong)]).run(&["check"]).expect(2);
    }
}

#[test]
fn the_schema_of_the_configuration_takes_right_ones_and_refuses_wrong_ones() {
    let validator = schema("config");
    for (language, manifest, text) in FRESH {
        let repository = TestRepository::with(&[(manifest, text)]);
        repository.run(&["init"]).expect(0);
        let config = repository.read(".codegen/config.yaml").unwrap();
        fits(&validator, &config, language);
        fits(&validator, &config.replace("\n# languages:", "\nlanguages:").replace("\n#   ", "\n  "), language);
    }
    fits(&validator, CONFIG, "the greeter");
    let whole = "version: 1\nmodel: { provider: openai, name: gpt-5-mini, base_url: \"https://llm.example/v1\", api_key_env: OPENAI_API_KEY, temperature: 0.2, max_output_tokens: 8192, price: { input: 0.25, output: 2.0 }, fallback: [] }\nlanguages:\n  rust: { setup: cargo fetch, format: \"rustfmt --edition 2024 {files}\", lint: cargo clippy --all-targets -- -D warnings, build: cargo check --all-targets, test: cargo test, coverage: \"cargo llvm-cov --lcov --output-path {report}\" }\ngates: { coverage: 80, mutation: 60, test_runs: 5 }\nlimits: { attempts: 3, command_timeout: 10m, tokens: 200000, cost: 2.00, files: 20, parallel: 4 }\npull_request: { base: main, branch: \"codegen/{spec}\", labels: [codegen], reviewers: [], on_failure: draft }\ncommands: { permission: write }\nsandbox: { mode: required }\nprotect: [\"migrations/**\"]\n";
    fits(&validator, whole, "everything");
    greeter(&[(".codegen/config.yaml", whole)]).run(&["list"]).expect(0);
    for wrong in [
        "version: 2\n",
        "modle: {}\n",
        "model: { provider: opnai }\n",
        "limits: { attempts: 0 }\n",
        "limits: { command_timeout: soon }\n",
        "gates: { coverage: high }\n",
        "languages: { cobol: {} }\n",
        "languages: { rust: { tests: cargo test } }\n",
        "sandbox: { mode: maybe }\n",
        "pull_request: { branch: fixed }\n",
        "commands: { permission: read }\n",
    ] {
        assert!(!validator.is_valid(&yaml(wrong)), "the schema takes:\n{wrong}");
        greeter(&[(".codegen/config.yaml", wrong)]).run(&["check"]).expect(2);
    }
}

#[test]
fn completions_know_every_command() {
    let repository = greeter(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = repository.run(&["completions", shell]).expect(0).stdout;
        for command in ["generate", "check", "init", "doctor", "dry-run"] {
            assert!(script.contains(command), "{command} is missing for {shell}");
        }
    }
    repository.run(&["completions", "cmd"]).expect(2);
}

#[test]
fn help_names_every_command_and_a_wrong_one_is_a_usage_error() {
    let repository = greeter(&[]);
    let help = repository.run(&["--help"]).expect(0).stdout;
    for command in
        ["init", "generate", "check", "list", "prompt", "select", "patterns", "doctor", "demo", "schema", "completions"]
    {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command}\n{help}");
    }
    let ran = repository.run(&["genrate"]).expect(2);
    assert!(ran.stderr.contains("generate"), "{}", ran.stderr);
    repository.run(&["generate", "--pr", "--dry-run"]).expect(2);
    assert!(repository.run(&["--version"]).expect(0).stdout.starts_with("codegen "));
}

#[test]
fn select_says_which_pattern_and_why() {
    let scored =
        SPEC.replace("pattern: plain\n", "").replace("Greets people by name.", "Stores and persists greetings.");
    let repository = greeter(&[(".codegen/specs/scored.yaml", &scored.replace("greeter.py", "scored.py"))]);
    let explicit = json(&repository, &["select", "greeter", "--json"]);
    assert_eq!((explicit["pattern"].as_str(), explicit["reason"].as_str()), (Some("plain"), Some("explicit")));
    assert_eq!((explicit["source"].as_str(), explicit["version"].as_str()), (Some("repository"), Some("1.0.0")));
    let scored = json(&repository, &["select", ".codegen/specs/scored.yaml", "--json"]);
    assert_eq!(scored["pattern"], "repository");
    let others: BTreeSet<&str> =
        scored["others"].as_array().unwrap().iter().map(|other| other["pattern"].as_str().unwrap()).collect();
    assert_eq!(others, BTreeSet::from(["dto", "factory", "handler", "plain"]));
    assert_eq!(
        repository.run(&["select", "greeter"]).expect(0).stdout,
        "greeter: plain@1.0.0 (repository; explicit)\n"
    );
    repository.run(&["select", "nobody"]).expect(2);
}

#[test]
fn patterns_show_gives_rules_paths_and_words() {
    let repository = greeter(&[]);
    let shown = repository.run(&["patterns", "show", "repository"]).expect(0).stdout;
    for part in ["repository@1.0.0 (built-in", "context-first", "src/{snake}_repository.rs", "selected by: "] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert_eq!(json(&repository, &["patterns", "show", "plain@1", "--json"])["source"], "repository");
}

#[test]
fn data_goes_to_standard_output_and_talk_to_standard_error_without_colours() {
    let repository = greeter(&[]);
    for arguments in [["list"].as_slice(), &["check"], &["patterns"], &["doctor"], &["prompt", "greeter"]] {
        let ran = repository.run(arguments);
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{arguments:?}");
    }
    let ran = repository.run(&["check", "--json"]).expect(3);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap()[0]["state"], "new");
}
