//! How the coverage of single test files is measured: the commands of each test runner, where they write, and how to get
//! the tool when it is missing.

use super::CommandLine;
use super::detect::{Command, Project, RunnerKind, Stage, test_command};
use crate::path::RepoPath;

/// The file that holds the report, from the project's folder.
pub const REPORT: &str = ".codegen-coverage";

/// A way to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Ends with 0 when the tool is there; runs nothing of the project.
    pub probe: Option<CommandLine>,
    /// What is run, in order. The last one leaves the report behind.
    pub steps: Vec<CommandLine>,
    /// Where the report is, from the project's folder.
    pub report: String,
    /// The line that gets the tool.
    pub install: &'static str,
    /// Whether it costs little more than a run of the tests.
    pub cheap: bool,
}

/// The way to measure what these test files run; `None` when no tool is known for the project's test runner.
pub fn plan(project: &Project, code: &[&RepoPath], tests: &[&RepoPath], names: &[String]) -> Option<Plan> {
    if let Some(command) = project.commands.get(&Stage::Coverage) {
        return Some(configured(project, command, code, tests));
    }
    let kind = &project.runner.as_ref()?.kind;
    let run = test_command(project, tests, names)?;
    let arguments = || run.arguments().iter().cloned();
    let plan = |probe: Option<CommandLine>, steps: Vec<CommandLine>, report: &str, install, cheap| Plan {
        probe,
        steps,
        report: report.to_owned(),
        install,
        cheap,
    };
    Some(match kind {
        RunnerKind::Cargo => {
            let options = ["cargo", "llvm-cov", "--lcov", "--output-path", REPORT];
            plan(
                Some(CommandLine::new(["cargo", "llvm-cov", "--version"])),
                vec![CommandLine::new(options).with(arguments().skip(1))],
                REPORT,
                "rustup component add llvm-tools && cargo install cargo-llvm-cov",
                // Everything is compiled once more, with counters.
                false,
            )
        }
        RunnerKind::Go => {
            let mut folders: Vec<String> =
                code.iter().map(|path| format!("./{}", RepoPath::parent_of(project.inside(path)))).collect();
            folders.sort();
            folders.dedup();
            let options = [format!("-coverprofile={REPORT}"), format!("-coverpkg={}", folders.join(","))];
            let rest = arguments().skip(1).filter(|word| word != "-json");
            plan(
                None,
                vec![CommandLine::new(["go", "test"]).with(options).with(rest)],
                REPORT,
                "install Go (https://go.dev/doc/install)",
                true,
            )
        }
        RunnerKind::Pytest(python) | RunnerKind::Unittest(python) => {
            // Without the repository's configuration, which may leave files out.
            let own = ["--rcfile=/dev/null", "--data-file=.codegen-coverage-data"];
            let tool = || CommandLine::new([python.as_str(), "-m", "coverage"]);
            plan(
                Some(tool().with(["--version"])),
                vec![
                    tool().with(["run"]).with(own).with(arguments()),
                    tool().with(["json"]).with(own).with(["--ignore-errors", "-q", "-o", REPORT]),
                ],
                REPORT,
                "python -m pip install coverage",
                true,
            )
        }
        RunnerKind::NodeCompiled(_) | RunnerKind::NodeTsx => {
            let rest = arguments().filter(|word| word != "--test-reporter=tap");
            let options = ["--experimental-test-coverage", "--test-reporter=lcov"];
            let to = format!("--test-reporter-destination={REPORT}");
            plan(
                Some(CommandLine::new(["node", "--experimental-test-coverage", "--version"])),
                vec![CommandLine::new(["node"]).with(options).with([to]).with(rest)],
                REPORT,
                "install Node.js 20 or newer (https://nodejs.org)",
                true,
            )
        }
        RunnerKind::Vitest => {
            let options = ["--coverage.enabled", "--coverage.reporter=json"];
            let to = format!("--coverage.reportsDirectory={REPORT}");
            plan(
                None,
                vec![run.with(options).with([to])],
                ".codegen-coverage/coverage-final.json",
                "npm install --save-dev @vitest/coverage-v8",
                true,
            )
        }
        RunnerKind::Maven(_) => {
            // Around the same run of the tests: the plugin's agent before it, its report behind it.
            let tool = |goal: &str| format!("org.jacoco:jacoco-maven-plugin:{goal}");
            let line = CommandLine::new([run.program(), tool("prepare-agent").as_str()]);
            plan(
                None,
                vec![line.with(arguments()).with([tool("report")])],
                "target/site/jacoco/jacoco.xml",
                "mvn dependency:get -Dartifact=org.jacoco:jacoco-maven-plugin:LATEST",
                // It may have to be fetched first.
                false,
            )
        }
        RunnerKind::Gradle(_) => return None,
        RunnerKind::Jest => {
            let to = format!("--coverageDirectory={REPORT}");
            plan(
                None,
                vec![run.with(["--coverage", "--coverageReporters=json"]).with([to])],
                ".codegen-coverage/coverage-final.json",
                "npm install --save-dev jest",
                true,
            )
        }
    })
}

/// What a compiler writes for a source file, where that is what runs.
pub fn compiled_path(project: &Project, path: &RepoPath) -> Option<RepoPath> {
    let RunnerKind::NodeCompiled(out) = &project.runner.as_ref()?.kind else { return None };
    let inside = project.inside(path).trim_end_matches(".mts").trim_end_matches(".ts");
    RepoPath::parse(&project.outside(&format!("{out}/{inside}.js"))).ok()
}

fn configured(project: &Project, command: &Command, code: &[&RepoPath], tests: &[&RepoPath]) -> Plan {
    let inside = |paths: &[&RepoPath]| paths.iter().map(|path| project.inside(path).to_owned()).collect::<Vec<_>>();
    let line = command.line.fill("{report}", &[REPORT.to_owned()]);
    let line = line.fill("{code}", &inside(code)).fill("{tests}", &inside(tests));
    let install = "correct `coverage` under `languages` in .codegen/config.yaml, or install what it calls";
    Plan { probe: None, steps: vec![line], report: REPORT.to_owned(), install, cheap: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::language::detect::{RepoView, project_at};

    struct Files(Vec<(&'static str, &'static str)>);

    impl RepoView for Files {
        fn read(&self, path: &str) -> Option<String> {
            self.0.iter().find(|(known, _)| *known == path).map(|(_, text)| (*text).to_owned())
        }
        fn exists(&self, path: &str) -> bool {
            self.0.iter().any(|(known, _)| *known == path)
        }
        fn program(&self, name: &str) -> Option<String> {
            (!name.contains('/')).then(|| name.to_owned())
        }
    }

    fn steps(language: Language, files: &[(&'static str, &'static str)], code: &str, tests: &str) -> Vec<String> {
        let project = project_at(language, "", &Files(files.to_vec()));
        let (code, tests) = (RepoPath::parse(code).unwrap(), RepoPath::parse(tests).unwrap());
        let plan = plan(&project, &[&code], &[&tests], &["TestA".to_owned()]).unwrap();
        plan.steps.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_runner_is_asked_for_the_generated_tests_alone() {
        assert_eq!(
            steps(Language::Rust, &[("Cargo.toml", "[package]\nname = \"a\"\n")], "src/a.rs", "tests/a.rs"),
            ["cargo llvm-cov --lcov --output-path .codegen-coverage --test a"]
        );
        assert_eq!(
            steps(Language::Go, &[("go.mod", "module x\n")], "half/half.go", "half/half_test.go"),
            ["go test -coverprofile=.codegen-coverage -coverpkg=./half -count=1 -run '^(TestA)$' ./half"]
        );
        let python = steps(Language::Python, &[("pytest.ini", "")], "shop/a.py", "tests/test_a.py");
        assert!(
            python[0]
                .starts_with("python3 -m coverage run --rcfile=/dev/null --data-file=.codegen-coverage-data -m pytest"),
            "{python:?}"
        );
        assert!(python[1].ends_with("-o .codegen-coverage"), "{python:?}");
        assert_eq!(
            steps(
                Language::TypeScript,
                &[("package.json", r#"{"scripts":{"test":"node --test dist/tests"}}"#)],
                "src/a.ts",
                "tests/a.test.ts"
            ),
            [
                "node --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=.codegen-coverage --test dist/tests/a.test.js"
            ]
        );
    }
}
