//! Imports of what is not there. Compilers refuse them by themselves, before anything could be fetched; Python finds out
//! only when the line runs, so its interpreter is asked beforehand. Nothing is ever installed for generated code.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{FileSet, Prover, variables};
use crate::gate::Outcome;
use crate::language::detect::RunnerKind;
use crate::language::{CommandLine, imports};
use crate::port::Job;

/// Prints the names that no module has. Looking for a module at the top runs nothing of it.
const ASK: &str = "import importlib.util, sys
for name in sys.argv[1:]:
    try:
        found = importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        found = name in sys.modules
    if not found:
        print(name)";

impl Prover {
    /// The refusal of imports that this project's interpreter cannot find, if there are any.
    pub(super) async fn unknown_imports(&self, files: &FileSet) -> Option<Outcome> {
        let (RunnerKind::Pytest(python) | RunnerKind::Unittest(python)) = &self.project.runner.as_ref()?.kind else {
            return None;
        };
        let mut places: BTreeMap<String, String> = BTreeMap::new();
        for (path, text) in files.iter().filter(|(path, _)| path.extension() == "py") {
            for (line, module) in imports::python_modules(text) {
                places.entry(module).or_insert_with(|| format!("{path}:{line}"));
            }
        }
        if places.is_empty() {
            return None;
        }
        let folder = self.folder();
        let job = Job {
            line: CommandLine::new([python.as_str(), "-c", ASK]).with(places.keys().cloned()),
            variables: variables(&self.project, &folder),
            folder,
            timeout: Duration::from_secs(60),
        };
        // An interpreter that cannot answer fails the gates behind this one.
        let answer = self.runner.run(&job).await.ok().filter(crate::port::Finished::success)?;
        let unknown: Vec<String> = answer
            .stdout
            .lines()
            .filter_map(|name| {
                Some(format!("{}: there is no module `{name}` in this project", places.get(name.trim())?))
            })
            .collect();
        if unknown.is_empty() {
            return None;
        }
        let known = match self.project.dependencies.as_slice() {
            [] => String::new(),
            names => format!(" and its dependencies ({})", names.join(", ")),
        };
        let evidence = format!(
            "{}\nNothing new is installed for generated code: use the standard library, the project's own modules{known}.",
            unknown.join("\n")
        );
        Some(Outcome::Failed { evidence })
    }
}
