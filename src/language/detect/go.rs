//! Go: `go.mod` and the configuration of golangci-lint.

use super::{Reader, RunnerKind, Stage, TestRunner};
use crate::language::report::Format;

impl Reader<'_> {
    /// Reads what Go says of the project.
    pub(super) fn go(&mut self) {
        let module = self.read("go.mod").unwrap_or_default();
        let name = module.lines().find_map(|line| line.strip_prefix("module ")).unwrap_or_default();
        name.trim().clone_into(&mut self.project.name);
        self.project.dependencies = module
            .lines()
            .map(|line| line.trim().trim_start_matches("require "))
            .filter(|line| !line.contains("// indirect"))
            .filter_map(|line| line.split_whitespace().next().filter(|word| word.contains('.') && line.contains(" v")))
            .map(str::to_owned)
            .collect();
        if self.exists("go.sum") {
            self.set(Stage::Setup, "go mod download", "go.sum");
        } else {
            self.none(Stage::Setup, "no go.sum: nothing to download");
        }
        self.set(Stage::Format, "gofmt -w {files}", "go.mod");
        self.set(Stage::Build, "go build ./...", "go.mod");
        let golangci = [".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"];
        match golangci.iter().find(|file| self.exists(file)) {
            Some(file) => self.set(Stage::Lint, "golangci-lint run", file),
            None => self.set(Stage::Lint, "go vet ./...", "go.mod"),
        }
        self.set(Stage::Test, "go test ./...", "go.mod");
        self.project.locks = vec!["go.mod".to_owned(), "go.sum".to_owned()];
        self.project.runner = Some(TestRunner { kind: RunnerKind::Go, format: Format::GoJson });
    }
}
