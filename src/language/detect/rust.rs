//! Cargo: `Cargo.toml`.

use super::{Reader, RunnerKind, Stage, TestRunner, join};
use crate::language::report::Format;

impl Reader<'_> {
    /// Reads what Cargo says of the project.
    pub(super) fn rust(&mut self) {
        let manifest = self.toml("Cargo.toml");
        let at = |path: &[&str]| path.iter().try_fold(&manifest, |table, key| table.get(key));
        let text = |path: &[&str]| at(path).and_then(toml::Value::as_str).map(str::to_owned);
        let package = text(&["package", "name"]).unwrap_or_default();
        let name = text(&["lib", "name"]).unwrap_or(package).replace('-', "_");
        let edition =
            text(&["package", "edition"]).or_else(|| self.workspace_edition()).unwrap_or_else(|| "2015".to_owned());
        let table = |key: &str| {
            at(&[key]).and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect::<Vec<_>>())
        };
        let dependencies = table("dependencies").unwrap_or_default();
        self.project.name = name;
        self.project.dependencies = dependencies;
        self.set(Stage::Setup, "cargo fetch", "Cargo.toml");
        self.set(Stage::Format, &format!("rustfmt --edition {edition} {{files}}"), "Cargo.toml");
        self.set(Stage::Build, "cargo check --all-targets", "Cargo.toml");
        self.set(Stage::Lint, "cargo clippy --all-targets --message-format=short", "Cargo.toml");
        self.set(Stage::Test, "cargo test", "Cargo.toml");
        self.project.edition = edition;
        self.project.locks = vec!["Cargo.toml".to_owned(), "Cargo.lock".to_owned()];
        self.project.runner = Some(TestRunner { kind: RunnerKind::Cargo, format: Format::Cargo });
    }

    /// The edition of the workspace, for members that inherit it.
    fn workspace_edition(&self) -> Option<String> {
        let mut folder = self.project.folder.as_str();
        while !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            let manifest =
                self.view.read(&join(folder, "Cargo.toml")).and_then(|text| toml::from_str::<toml::Value>(&text).ok());
            let edition =
                manifest.as_ref().and_then(|table| table.get("workspace")?.get("package")?.get("edition")?.as_str());
            if let Some(edition) = edition {
                return Some(edition.to_owned());
            }
        }
        None
    }
}
