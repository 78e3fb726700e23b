//! The proof of a pattern library: good examples keep every rule, build, and pass their own tests; bad ones break the rule
//! they are there for.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::prove::install_hint;
use crate::gate::Outcome;
use crate::gate::feedback::condense;
use crate::gate::suite::judge_quality;
use crate::language::detect::Project;
use crate::language::imports::wiring;
use crate::language::{CommandLine, Language, test_cases};
use crate::pattern::check::{Status, judge};
use crate::pattern::{Example, Pattern};
use crate::port::{Bench, Exit, Job, RunError, Runner};

/// How long one command of an example may run.
const TIMEOUT: Duration = Duration::from_mins(10);

/// The proof of one example.
#[derive(Debug, Clone, Serialize)]
pub struct ExampleProof {
    /// The pattern, `name@version`.
    pub pattern: String,
    /// The language.
    pub language: String,
    /// The example's file.
    pub example: String,
    /// What was asked: `rules`, `tests are good`, `builds and passes`, `breaks <rule>`.
    pub check: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The project in which an example of the library stands.
pub fn scaffold_project(language: Language) -> Project {
    let mut project = crate::language::detect::project_at(language, "", &Nothing);
    project.name = String::from(if language == Language::Go { "example.com/shop" } else { "example" });
    project.js_extension = true;
    project.dependencies = Vec::new();
    project
}

/// The dependencies of an example in Rust or Java: those of the few allowed ones that it mentions.
pub fn scaffold_dependencies(language: Language, code: &str) -> Vec<String> {
    let known: &[(&str, &str)] = match language {
        Language::Rust => &[("http", "http::"), ("serde", "serde::"), ("serde_json", "serde_json")],
        Language::Java => &[("jackson-databind", "com.fasterxml.jackson.")],
        Language::Go | Language::Python | Language::TypeScript => &[],
    };
    known.iter().filter(|(_, sign)| code.contains(sign)).map(|(name, _)| (*name).to_owned()).collect()
}

/// A repository without any files, on a machine with every program.
pub(super) struct Nothing;

impl crate::language::detect::RepoView for Nothing {
    fn read(&self, _path: &str) -> Option<String> {
        None
    }
    fn exists(&self, _path: &str) -> bool {
        false
    }
    fn program(&self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }
}

/// Proves one pattern in every language it has examples for.
pub async fn prove_pattern(
    pattern: &Pattern,
    bench: &dyn Bench,
    runner: &dyn Runner,
    on_proof: &mut (dyn FnMut(&ExampleProof) + Send),
) -> Vec<ExampleProof> {
    let mut proofs = Vec::new();
    for (language, examples) in &pattern.examples {
        let proof = |example: &str, check: String, outcome: Outcome| ExampleProof {
            pattern: pattern.reference(),
            language: language.to_string(),
            example: example.to_owned(),
            check,
            outcome,
        };
        for bad in &examples.bad {
            let outcome = breaks(pattern, *language, &bad.code, &bad.breaks);
            proofs.push(proof(&bad.shown, format!("breaks {}", bad.breaks), outcome));
            proofs.last().into_iter().for_each(&mut *on_proof);
        }
        for good in &examples.good {
            let cases = test_cases::find(*language, &good.tests);
            let quality = judge_quality(&[(good.shown.as_str(), cases)]);
            proofs.push(proof(&good.shown, "keeps the rules".to_owned(), keeps(pattern, *language, &good.code)));
            proofs.last().into_iter().for_each(&mut *on_proof);
            proofs.push(proof(&good.shown, "has good tests".to_owned(), quality));
            proofs.last().into_iter().for_each(&mut *on_proof);
            let name = format!("{}-{}-{}", pattern.name, pattern.version, language);
            let ran = build_and_test(&name, *language, good, bench, runner).await;
            proofs.push(proof(&good.shown, "builds and passes".to_owned(), ran));
            proofs.last().into_iter().for_each(&mut *on_proof);
        }
    }
    proofs
}

fn keeps(pattern: &Pattern, language: Language, code: &str) -> Outcome {
    let results = judge(pattern, language, code);
    let broken: Vec<String> = results
        .iter()
        .filter(|result| matches!(result.status, Status::Failed { .. }))
        .map(|result| format!("the rule `{}` is broken: {}", result.rule, result.text))
        .collect();
    let passed = results.iter().filter(|result| matches!(result.status, Status::Passed { .. })).count();
    if broken.is_empty() {
        Outcome::Passed { detail: crate::text::count(passed, "rule", "rules") }
    } else {
        Outcome::Failed { evidence: broken.join("\n") }
    }
}

fn breaks(pattern: &Pattern, language: Language, code: &str, rule: &str) -> Outcome {
    let results = judge(pattern, language, code);
    match results.iter().find(|result| result.rule == rule).map(|result| &result.status) {
        Some(Status::Failed { .. }) => Outcome::Passed { detail: String::new() },
        Some(Status::Passed { .. }) => {
            Outcome::Failed { evidence: format!("the bad example keeps the rule `{rule}` that it should break") }
        }
        Some(Status::Unverified) => {
            Outcome::Failed { evidence: format!("the rule `{rule}` has no check in {}", language.title()) }
        }
        Some(Status::NotApplicable) | None => {
            Outcome::Failed { evidence: format!("the rule `{rule}` does not apply to {}", language.title()) }
        }
    }
}

/// The files around an example that make it a project, and the commands that prove it.
fn scaffold(language: Language, example: &Example) -> (Vec<(String, String)>, Vec<CommandLine>) {
    let tests: Vec<String> = example.spec.files.tests.iter().map(|path| path.value.to_string()).collect();
    let words = |words: &[&str]| CommandLine::new(words.iter().copied());
    match language {
        Language::Rust => {
            let all = format!("{}\n{}", example.code, example.tests);
            let dependencies: String = scaffold_dependencies(language, &all)
                .iter()
                .map(|name| {
                    if name == "serde" {
                        "serde = { version = \"1\", features = [\"derive\"] }\n".to_owned()
                    } else {
                        format!("{name} = \"1\"\n")
                    }
                })
                .collect();
            let manifest = format!(
                "[package]\nname = \"example\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n{dependencies}\n[workspace]\n"
            );
            let files = vec![("Cargo.toml".to_owned(), manifest), ("src/lib.rs".to_owned(), String::new())];
            (files, vec![words(&["cargo", "test", "--quiet"])])
        }
        Language::Go => {
            let files = vec![("go.mod".to_owned(), "module example.com/shop\n\ngo 1.19\n".to_owned())];
            (files, vec![words(&["go", "vet", "./..."]), words(&["go", "test", "./..."])])
        }
        Language::Python => {
            let package = example
                .spec
                .files
                .code
                .first()
                .map_or("", |path| path.value.parent().split('/').next().unwrap_or_default());
            let files = vec![
                (format!("{package}/__init__.py"), String::new()),
                ("pytest.ini".to_owned(), "[pytest]\n".to_owned()),
            ];
            (files, vec![words(&["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"])])
        }
        Language::TypeScript => {
            let manifest = "{ \"private\": true, \"type\": \"module\" }\n";
            let config = "{ \"compilerOptions\": { \"target\": \"es2022\", \"module\": \"nodenext\", \"strict\": true, \"noUncheckedIndexedAccess\": true, \"noImplicitOverride\": true, \"skipLibCheck\": true, \"rootDir\": \".\", \"outDir\": \"dist\", \"types\": [\"node\"] }, \"include\": [\"src\", \"tests\"] }\n";
            let compiled = tests.iter().map(|path| format!("dist/{}.js", path.trim_end_matches(".ts")));
            let install = words(&[
                "npm",
                "install",
                "--prefix",
                "..",
                "--no-audit",
                "--no-fund",
                "--no-package-lock",
                "--silent",
                "typescript@5",
                "@types/node@20",
            ]);
            let commands = vec![
                install,
                words(&["../node_modules/.bin/tsc", "-p", "."]),
                words(&["node", "--test"]).with(compiled),
            ];
            (
                vec![("package.json".to_owned(), manifest.to_owned()), ("tsconfig.json".to_owned(), config.to_owned())],
                commands,
            )
        }
        Language::Java => {
            let all = format!("{}\n{}", example.code, example.tests);
            let uses_jackson = !scaffold_dependencies(language, &all).is_empty();
            let pom = include_str!("patterns_test/pom.xml");
            let pom = if uses_jackson { pom.to_owned() } else { without_jackson(pom) };
            (vec![("pom.xml".to_owned(), pom)], vec![words(&["mvn", "-B", "-q", "test"])])
        }
    }
}

/// The manifest of Java examples without the dependency that only some of them have.
fn without_jackson(pom: &str) -> String {
    let cut = pom.split_once("    <dependency>\n      <groupId>com.fasterxml");
    let kept = cut.and_then(|(head, rest)| Some(format!("{head}{}", rest.split_once("</dependency>\n")?.1)));
    kept.unwrap_or_else(|| pom.to_owned())
}

async fn build_and_test(
    name: &str,
    language: Language,
    example: &Example,
    bench: &dyn Bench,
    runner: &dyn Runner,
) -> Outcome {
    let (mut files, commands) = scaffold(language, example);
    let spec = &example.spec;
    let (Some(code), Some(tests)) = (spec.files.code.first(), spec.files.tests.first()) else {
        return Outcome::Failed { evidence: "the spec of the example names no files".to_owned() };
    };
    files.push((code.value.to_string(), example.code.clone()));
    files.push((tests.value.to_string(), example.tests.clone()));
    let read = |path: &str| files.iter().find(|(known, _)| known == path).map(|(_, text)| text.clone());
    let wired = wiring(&scaffold_project(language), &code.value, &read);
    for change in wired {
        files.retain(|(path, _)| *path != change.path.as_str());
        files.push((change.path.to_string(), change.text));
    }
    let folder = match bench.lay_out(language.id(), name, &files) {
        Ok(folder) => folder,
        Err(failure) => return Outcome::Unproven { reason: failure.to_string() },
    };
    for command in commands {
        let shared = folder.parent().unwrap_or(&folder).join("target").to_string_lossy().into_owned();
        let variables = vec![("CARGO_TARGET_DIR".to_owned(), shared)];
        let job = Job { line: command.clone(), folder: folder.clone(), timeout: TIMEOUT, variables };
        if let Some(outcome) = refused(&command, runner.run(&job).await, &folder) {
            return outcome;
        }
    }
    Outcome::Passed { detail: String::new() }
}

/// `None` when a command passed.
fn refused(command: &CommandLine, ran: Result<crate::port::Finished, RunError>, folder: &Path) -> Option<Outcome> {
    let hint = install_hint(command.program());
    match ran {
        Err(error) => Some(Outcome::Unproven { reason: format!("{error}{hint}") }),
        Ok(finished) if finished.success() => None,
        Ok(finished) => {
            let output = condense(&finished.output, &folder.to_string_lossy(), &[]);
            let missing = output.contains("No module named pytest")
                || command.program() == "npm"
                || (command.program() == "mvn" && output.contains("could not be resolved"));
            let evidence = format!(
                "`{command}` fails ({})\n{output}",
                if finished.exit == Exit::TimedOut { "out of time" } else { "see below" }
            );
            Some(if missing { Outcome::Unproven { reason: evidence } } else { Outcome::Failed { evidence } })
        }
    }
}
