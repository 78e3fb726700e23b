//! What will be used and whether it works, found out without spending anything.

use serde::Serialize;

use super::prove::install_hint;
use crate::config::{Commands, Config, SandboxMode};
use crate::language::detect::{Command, Project, RepoView, Stage, languages, project_at};

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It works.
    Ok,
    /// It does not apply here.
    NotApplicable,
    /// It works, and something should be known.
    Warning,
    /// It does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Checkup {
    /// What: `model`, `rust build`, `sandbox`, …
    pub subject: String,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub detail: String,
    /// What to do about it: one thing of these.
    pub hints: Vec<String>,
}

impl Checkup {
    /// A checkup without a hint.
    pub fn new(subject: impl Into<String>, health: Health, detail: impl Into<String>) -> Self {
        Self { subject: subject.into(), health, detail: detail.into(), hints: Vec::new() }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Puts configured commands in place of those that stand there; `from` says whose they are.
pub fn configure(project: &mut Project, commands: &Commands, from: &str) {
    for (stage, line) in commands.get(&project.language).into_iter().flatten() {
        if let Some(line) = line {
            project.commands.insert(*stage, Command { line: line.clone(), from: from.to_owned() });
        } else {
            project.commands.remove(stage);
            project.absent.insert(*stage, "switched off in the configuration".to_owned());
        }
    }
}

/// The commands of every language at the root of the repository.
pub fn commands(view: &dyn RepoView, config: &Config) -> Vec<Checkup> {
    let mut checkups = Vec::new();
    for language in languages(view) {
        let mut project = project_at(language, "", view);
        configure(&mut project, &config.languages, "config");
        for stage in Stage::ALL {
            let subject = format!("{} {}", language.id(), stage.id());
            let checkup = match project.commands.get(&stage) {
                None => {
                    let why = project.absent.get(&stage).cloned().unwrap_or_else(|| "no command".to_owned());
                    Checkup::new(subject, Health::NotApplicable, why)
                }
                Some(command) => {
                    let program = command.line.program();
                    let shown = format!("{} (from {})", command.line, command.from);
                    if view.program(program).is_some() {
                        Checkup::new(subject, Health::Ok, shown)
                    } else {
                        let hint = format!("`{program}` is not installed{}", install_hint(program));
                        Checkup::new(subject, Health::Broken, shown).hint(hint)
                    }
                }
            };
            checkups.push(checkup);
        }
    }
    if checkups.is_empty() {
        let found = Checkup::new(
            "languages",
            Health::Warning,
            "no Cargo.toml, go.mod, pyproject.toml or package.json at the root",
        );
        checkups.push(found.hint("projects in folders below are found from the paths of their specs"));
    }
    checkups
}

/// The sandbox: this version has none, and says so.
pub fn sandbox(config: &Config) -> Checkup {
    let detail = "none in this version: commands run with your rights, with a cleared environment, in a process group of their own";
    match config.sandbox {
        SandboxMode::Required => {
            Checkup::new("sandbox", Health::Broken, detail).hint("`sandbox.mode: required` refuses to run without one")
        }
        SandboxMode::Preferred | SandboxMode::Off => Checkup::new("sandbox", Health::Warning, detail),
    }
}
