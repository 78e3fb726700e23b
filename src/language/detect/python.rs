//! Python: `pyproject.toml` and the configuration of its tools, in the virtual environment of the project where there is one.

use super::{Reader, RunnerKind, Stage, TestRunner, join};
use crate::language::report::Format;

impl Reader<'_> {
    /// Reads what Python says of the project.
    pub(super) fn python(&mut self) {
        let manifest = self.toml("pyproject.toml");
        let tool = |name: &str| manifest.get("tool").and_then(|tools| tools.get(name)).is_some();
        let project = manifest.get("project");
        let list = project.and_then(|table| table.get("dependencies")).and_then(toml::Value::as_array);
        self.project.dependencies = list
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                Some(
                    entry
                        .as_str()?
                        .split(|letter: char| !(letter.is_alphanumeric() || "-_.".contains(letter)))
                        .next()?
                        .to_owned(),
                )
            })
            .collect();
        let python = self.python_program("python3").unwrap_or_else(|| "python3".to_owned());
        let source = if self.exists("src") { "src" } else { "" };
        source.clone_into(&mut self.project.source);
        self.none(Stage::Setup, "dependencies come from the interpreter that is used (.venv or python3)");
        if tool("ruff") || self.exists("ruff.toml") || self.exists(".ruff.toml") {
            let ruff = self.python_program("ruff").unwrap_or_else(|| "ruff".to_owned());
            self.set(Stage::Fix, &format!("{ruff} check --fix-only --quiet {{files}}"), "ruff configuration");
            self.set(Stage::Format, &format!("{ruff} format {{files}}"), "ruff configuration");
            self.set(Stage::Lint, &format!("{ruff} check --output-format=concise ."), "ruff configuration");
        } else {
            if tool("black") {
                let black = self.python_program("black").unwrap_or_else(|| "black".to_owned());
                self.set(Stage::Format, &format!("{black} --quiet {{files}}"), "pyproject.toml");
            } else {
                self.none(Stage::Format, "no formatter is configured (ruff, black)");
            }
            if self.exists(".flake8") {
                let flake8 = self.python_program("flake8").unwrap_or_else(|| "flake8".to_owned());
                self.set(Stage::Lint, &flake8, ".flake8");
            } else {
                self.none(Stage::Lint, "no linter is configured (ruff, flake8)");
            }
        }
        if tool("mypy") || self.exists("mypy.ini") {
            let mypy = self.python_program("mypy").unwrap_or_else(|| "mypy".to_owned());
            self.set(Stage::Build, &format!("{mypy} {{code}}"), "mypy configuration");
        } else {
            self.set(Stage::Build, &format!("{python} -m py_compile {{files}}"), "python3");
        }
        let requires = |file: &str| self.read(file).is_some_and(|text| text.contains("pytest"));
        let pytest = tool("pytest")
            || self.exists("pytest.ini")
            || self.exists("conftest.py")
            || self.exists("tests/conftest.py")
            || ["requirements.txt", "requirements-dev.txt", "pyproject.toml", "tox.ini", "setup.cfg"]
                .iter()
                .any(|file| requires(file));
        if pytest {
            self.set(Stage::Test, &format!("{python} -m pytest -q"), "pytest is configured");
            self.project.runner = Some(TestRunner { kind: RunnerKind::Pytest(python), format: Format::Pytest });
        } else {
            let flat = self.exists("tests") && !self.exists("tests/__init__.py");
            let discover = if flat { " discover -s tests" } else { "" };
            self.set(Stage::Test, &format!("{python} -m unittest{discover}"), "no pytest configuration");
            self.project.runner = Some(TestRunner { kind: RunnerKind::Unittest(python), format: Format::Unittest });
        }
    }

    /// A program of the repository's virtual environment, else of the search path.
    fn python_program(&self, name: &str) -> Option<String> {
        let folders = [".venv/bin", "venv/bin"];
        let inside = folders
            .iter()
            .find_map(|folder| self.view.program(&join(&self.project.folder, &format!("{folder}/{name}"))));
        inside.or_else(|| self.view.program(name).map(|_| name.to_owned()))
    }
}
