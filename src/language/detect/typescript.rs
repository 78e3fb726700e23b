//! TypeScript: `package.json` with the package manager of its lock file, and `tsconfig.json`.

use super::{Reader, RunnerKind, Stage, TestRunner};
use crate::language::report::Format;

impl Reader<'_> {
    /// Reads what the package manager says of the project.
    pub(super) fn typescript(&mut self) {
        let text = self.read("package.json").unwrap_or_default();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let script =
            |name: &str| manifest.get("scripts").and_then(|scripts| scripts.get(name)?.as_str()).map(str::to_owned);
        let names = |key: &str| -> Vec<String> {
            manifest
                .get(key)
                .and_then(serde_json::Value::as_object)
                .map_or_else(Vec::new, |table| table.keys().cloned().collect())
        };
        let (dependencies, tools) = (names("dependencies"), names("devDependencies"));
        let has = |name: &str| tools.iter().chain(&dependencies).any(|tool| tool == name);
        let (manager, setup, lock) = if self.exists("pnpm-lock.yaml") {
            ("pnpm", "pnpm install --frozen-lockfile", "pnpm-lock.yaml")
        } else if self.exists("yarn.lock") {
            ("yarn", "yarn install --frozen-lockfile", "yarn.lock")
        } else if self.exists("package-lock.json") {
            ("npm", "npm ci --no-audit --no-fund", "package-lock.json")
        } else {
            ("npm", "npm install --no-package-lock --no-audit --no-fund", "package.json")
        };
        if dependencies.is_empty() && tools.is_empty() {
            self.none(Stage::Setup, "package.json has no dependencies");
        } else {
            self.set(Stage::Setup, setup, lock);
        }
        if has("eslint") {
            self.set(Stage::Fix, "npx --no-install eslint --fix {files}", "package.json");
        }
        if has("prettier") {
            self.set(Stage::Format, "npx --no-install prettier --write {files}", "package.json");
        } else if has("@biomejs/biome") {
            self.set(Stage::Format, "npx --no-install biome format --write {files}", "package.json");
        } else {
            self.none(Stage::Format, "no formatter is configured (prettier, biome)");
        }
        if script("build").is_some() {
            self.set(Stage::Build, &format!("{manager} run build"), "package.json scripts.build");
        } else if self.exists("tsconfig.json") {
            self.set(Stage::Build, "npx --no-install tsc --noEmit", "tsconfig.json");
        } else {
            self.none(Stage::Build, "no build script and no tsconfig.json");
        }
        if script("lint").is_some() {
            self.set(Stage::Lint, &format!("{manager} run lint"), "package.json scripts.lint");
        } else if has("eslint") {
            self.set(Stage::Lint, "npx --no-install eslint .", "package.json");
        } else {
            self.none(Stage::Lint, "no linter is configured (scripts.lint, eslint)");
        }
        let test = script("test");
        if test.is_some() {
            self.set(Stage::Test, &format!("{manager} test"), "package.json scripts.test");
        } else {
            self.none(Stage::Test, "package.json has no scripts.test");
        }
        let config = self.read("tsconfig.json").unwrap_or_default();
        self.project.js_extension = ["nodenext", "node16", "node18", "node20"]
            .iter()
            .any(|kind| config.to_lowercase().contains(&format!("\"{kind}\"")));
        self.project.runner = typescript_runner(test.as_deref().unwrap_or_default(), &config, &has);
        self.project.dependencies = dependencies;
        self.project.locks = vec!["package.json".to_owned(), lock.to_owned()];
    }
}

fn typescript_runner(test: &str, config: &str, has: &dyn Fn(&str) -> bool) -> Option<TestRunner> {
    let kind = if test.contains("vitest") {
        RunnerKind::Vitest
    } else if test.contains("jest") {
        return Some(TestRunner { kind: RunnerKind::Jest, format: Format::JestJson });
    } else if test.contains("--test") && (test.contains("tsx") || has("tsx")) {
        RunnerKind::NodeTsx
    } else if test.contains("--test") {
        RunnerKind::NodeCompiled(json_string(config, "outDir").unwrap_or_else(|| "dist".to_owned()))
    } else {
        return None;
    };
    Some(TestRunner { kind, format: Format::Tap })
}

/// The value of a string key of a JSON file that may have comments, as tsconfig.json does.
fn json_string(text: &str, key: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\"{key}\""))?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    Some(value.split('"').next()?.trim_start_matches("./").trim_end_matches('/').to_owned())
}
