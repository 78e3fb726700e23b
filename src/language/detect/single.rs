//! The command that runs the tests of single files, and no others.

use super::{Project, RunnerKind, java_class};
use crate::language::{CommandLine, imports};
use crate::path::RepoPath;

/// The command that runs the tests of these files alone. `names` are the tests that syntax finds in them.
pub fn test_command(project: &Project, files: &[&RepoPath], names: &[String]) -> Option<CommandLine> {
    let inside: Vec<String> = files.iter().map(|file| project.inside(file).to_owned()).collect();
    let command = match &project.runner.as_ref()?.kind {
        RunnerKind::Cargo => {
            let mut words = vec!["cargo".to_owned(), "test".to_owned()];
            let mut filters = Vec::new();
            for path in &inside {
                match path.strip_prefix("tests/") {
                    Some(test) => {
                        let target = test.split('/').next().unwrap_or(test).trim_end_matches(".rs").to_owned();
                        words.extend(["--test".to_owned(), target]);
                    }
                    None => filters.push(imports::rust_module(path).join("::")),
                }
            }
            if !filters.is_empty() {
                words.push("--lib".to_owned());
                words.extend(["--".to_owned()]);
                words.extend(filters);
            }
            CommandLine::new(words)
        }
        RunnerKind::Go => {
            let mut folders: Vec<String> =
                files.iter().map(|file| format!("./{}", RepoPath::parent_of(project.inside(file)))).collect();
            folders.sort();
            folders.dedup();
            let pattern = format!("^({})$", names.join("|"));
            CommandLine::new(["go", "test", "-count=1", "-json", "-run"]).with([pattern]).with(folders)
        }
        RunnerKind::Pytest(python) => {
            let options =
                ["-m", "pytest", "-v", "--tb=short", "--color=no", "-p", "no:cacheprovider", "-o", "addopts="];
            CommandLine::new([python.as_str()]).with(options).with(inside)
        }
        RunnerKind::Unittest(python) => CommandLine::new([python.as_str(), "-m", "unittest", "-v"]).with(inside),
        RunnerKind::NodeCompiled(out) => {
            let compiled =
                inside.iter().map(|path| format!("{out}/{}.js", path.trim_end_matches(".mts").trim_end_matches(".ts")));
            CommandLine::new(["node", "--test", "--test-reporter=tap"]).with(compiled)
        }
        RunnerKind::NodeTsx => {
            CommandLine::new(["node", "--import", "tsx", "--test", "--test-reporter=tap"]).with(inside)
        }
        RunnerKind::Vitest => {
            CommandLine::new(["npx", "--no-install", "vitest", "run", "--reporter=tap-flat"]).with(inside)
        }
        RunnerKind::Jest => CommandLine::new(["npx", "--no-install", "jest", "--json"]).with(inside),
        RunnerKind::Maven(maven) => {
            let classes: Vec<String> = inside.iter().map(|path| java_class(path).replace('.', "/")).collect();
            CommandLine::new([maven.as_str(), "-B", "test"]).with([format!("-Dtest={}", classes.join(","))])
        }
        RunnerKind::Gradle(gradle) => {
            // A task that has nothing new to do is passed over, but tests are to run each time.
            let options = ["--console=plain", "--no-build-cache", "cleanTest", "test"];
            let classes = inside.iter().flat_map(|path| ["--tests".to_owned(), java_class(path)]);
            CommandLine::new([gradle.as_str()]).with(options).with(classes)
        }
    };
    Some(command)
}
