//! The order of tests: the same tests asked for in another order, so that those which lean on each other are found out.

use std::collections::BTreeMap;

use super::CommandLine;
use super::detect::{Project, RunnerKind};
use super::report::Result;

/// Most tests that are named on a command line.
const MOST: usize = 300;

/// The command of a later run, and whether it asks for another order. Go, vitest and JUnit below Maven shuffle by the number of the
/// run, pytest is asked for the tests in reverse; `cargo test`, which runs tests at the same time, is asked for one after the
/// other. Other runners keep their order.
pub fn reordered(
    project: &Project,
    line: &CommandLine,
    seen: &BTreeMap<String, Result>,
    run: u32,
) -> (CommandLine, bool) {
    let Some(kind) = project.runner.as_ref().map(|runner| &runner.kind) else { return (line.clone(), false) };
    let words: Vec<String> =
        std::iter::once(line.program().to_owned()).chain(line.arguments().iter().cloned()).collect();
    match kind {
        RunnerKind::Go => {
            let (head, rest) = words.split_at(words.len().min(2));
            let shuffle = [format!("-shuffle={run}")];
            (CommandLine::new(head.iter().chain(&shuffle).chain(rest).cloned()), true)
        }
        RunnerKind::Vitest => {
            (line.clone().with(["--sequence.shuffle".to_owned(), format!("--sequence.seed={run}")]), true)
        }
        RunnerKind::Pytest(_) if run % 2 == 1 => match reversed(&words, seen) {
            Some(words) => (CommandLine::new(words), true),
            None => (line.clone(), false),
        },
        RunnerKind::Cargo if run == 1 => {
            let bar = if words.iter().any(|word| word == "--") { Vec::new() } else { vec!["--"] };
            (line.clone().with(bar).with(["--test-threads=1"]), true)
        }
        // JUnit takes what it is not told from the properties of its virtual machine, and Surefire hands them on.
        RunnerKind::Maven(_) => {
            let random = "-Djunit.jupiter.testmethod.order.default=org.junit.jupiter.api.MethodOrderer$Random";
            let seed = format!("-Djunit.jupiter.execution.order.random.seed={run}");
            (line.clone().with([random.to_owned(), seed]), true)
        }
        _ => (line.clone(), false),
    }
}

/// The tests of a single file by name, the last first. Cases of a parametrised test stay together.
fn reversed(words: &[String], seen: &BTreeMap<String, Result>) -> Option<Vec<String>> {
    let (file, head) = words.split_last()?;
    let one_file = file.ends_with(".py") && head.iter().all(|word| !word.ends_with(".py"));
    let mut names: Vec<&str> = seen.keys().map(|name| name.split('[').next().unwrap_or(name)).collect();
    names.dedup();
    names.reverse();
    let plain = |name: &&str| name.chars().all(|letter| letter.is_alphanumeric() || "_:".contains(letter));
    (one_file && (2..=MOST).contains(&names.len()) && names.iter().all(plain)).then(|| {
        let named = names.iter().map(|name| format!("{file}::{name}"));
        head.iter().cloned().chain(named).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::language::detect::{RepoView, TestRunner, project_at};
    use crate::language::report::Format;

    struct Nothing;

    impl RepoView for Nothing {
        fn read(&self, _: &str) -> Option<String> {
            None
        }
        fn exists(&self, _: &str) -> bool {
            false
        }
        fn program(&self, _: &str) -> Option<String> {
            None
        }
    }

    fn order(kind: RunnerKind, line: &str, run: u32) -> String {
        let mut project = project_at(Language::Python, "", &Nothing);
        project.runner = Some(TestRunner { kind, format: Format::Pytest });
        let seen = ["TestA::test_b[1]", "TestA::test_b[2]", "test_c"].map(|name| (name.to_owned(), Result::Passed));
        reordered(&project, &CommandLine::parse(line).unwrap(), &seen.into(), run).0.to_string()
    }

    #[test]
    fn each_runner_is_asked_in_its_own_way() {
        assert_eq!(order(RunnerKind::Go, "go test -json ./a", 3), "go test -shuffle=3 -json ./a");
        let maven = order(RunnerKind::Maven("mvn".to_owned()), "mvn test -Dtest=a/B", 2);
        assert!(maven.starts_with("mvn test -Dtest=a/B '-Djunit.jupiter.testmethod.order.default="), "{maven}");
        assert!(maven.ends_with("MethodOrderer$Random' -Djunit.jupiter.execution.order.random.seed=2"), "{maven}");
        let pytest = || RunnerKind::Pytest("python3".to_owned());
        assert_eq!(
            order(pytest(), "python3 -m pytest -v t/test_a.py", 1),
            "python3 -m pytest -v t/test_a.py::test_c t/test_a.py::TestA::test_b"
        );
        assert_eq!(order(pytest(), "python3 -m pytest t/a.py t/b.py", 1), "python3 -m pytest t/a.py t/b.py");
        assert_eq!(order(RunnerKind::Cargo, "cargo test --test a", 1), "cargo test --test a -- --test-threads=1");
        assert_eq!(order(RunnerKind::Cargo, "cargo test --test a", 2), "cargo test --test a");
    }
}
