//! `codegen comply`: judges code by the rules of a pattern, and prints the result as a table, JSON or SARIF.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::patterns::{find_pattern, library};
use super::show;
use crate::adapter::revision::Revision;
use crate::adapter::workspace::GitWorkspace;
use crate::app::comply::{Tree, comply};
use crate::failure::{Failure, Kind};
use crate::pattern::compliance::{Place, Report, RuleReport};
use crate::pattern::sarif;
use crate::port::{Files, Workspace};
use crate::text::count;

/// Arguments of `comply`.
#[derive(Debug, Args)]
pub struct Comply {
    /// Files, globs, or folders (in which the pattern's own globs pick); everything when left out
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// The pattern: a name or name@version
    #[arg(long, value_name = "NAME")]
    pub pattern: String,
    /// Judge the files of this commit, branch or tag instead of the working tree
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    pub format: Form,
    /// Short for --format json
    #[arg(long)]
    pub json: bool,
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A table, and the places where rules are broken
    Human,
    /// JSON
    Json,
    /// SARIF 2.1.0
    Sarif,
}

/// Runs the command: 0 when no rule of severity `error` is broken, 3 when one is or a file could not be judged.
pub async fn run(here: &Path, arguments: &Comply) -> Result<u8, Failure> {
    let workspace = Arc::new(GitWorkspace::discover(here)?);
    let library = library(here)?;
    let pattern = Arc::clone(find_pattern(&library, &arguments.pattern)?);
    let wanted = arguments.paths.iter().map(|path| inside(here, &workspace.root(), path));
    let mut wanted = wanted.collect::<Result<Vec<_>, _>>()?;
    if wanted.is_empty() {
        wanted.push(inside(here, &workspace.root(), ".")?);
    }
    let revision = arguments.rev.clone();
    let judged = tokio::task::spawn_blocking(move || {
        let files: Box<dyn Files> = match &revision {
            Some(name) => Box::new(Revision::open(workspace.as_ref(), name)?),
            None => Box::new(Tree::new(workspace)?),
        };
        comply(&pattern, files.as_ref(), revision, &wanted)
    });
    let report = judged.await.map_err(|error| Failure::new(Kind::Internal, "nothing was judged").because(&error))??;
    match if arguments.json { Form::Json } else { arguments.format } {
        Form::Json => show::json(&report),
        Form::Sarif => show::json(&sarif::render(&report)),
        Form::Human => {
            show::out(&table(&report));
            show::talk(&last_line(&report));
        }
    }
    Ok(if report.compliant { 0 } else { Kind::Gate.exit_code() })
}

/// An argument as a path from the root of the repository, without asking the file system: it may be a glob, or a file that
/// only a revision has.
fn inside(here: &Path, root: &Path, argument: &str) -> Result<String, Failure> {
    let outside = || Failure::new(Kind::Usage, format!("`{argument}` is outside of the repository"));
    let here = here.canonicalize().map_err(|error| outside().because(&error))?;
    let mut path = PathBuf::new();
    for part in here.join(argument).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    let path = path.strip_prefix(root).map_err(|_error| outside())?;
    path.to_str().map(str::to_owned).ok_or_else(outside)
}

fn table(report: &Report) -> String {
    let rows = report.rules.iter().filter(|rule| rule.status != "not-applicable").map(|rule| {
        let number = |number: usize| if number == 0 { "–".to_owned() } else { number.to_string() };
        vec![
            rule.rule.clone(),
            rule.severity.to_owned(),
            rule.status.to_owned(),
            number(rule.passed),
            number(rule.failed),
            number(rule.unverified),
        ]
    });
    let mut text = show::table(&["RULE", "SEVERITY", "STATUS", "KEPT", "BROKEN", "UNVERIFIED"], rows);
    for rule in report.rules.iter().filter(|rule| rule.failed > 0) {
        text.push_str(&broken(rule));
    }
    for file in &report.files {
        if let Some(problem) = &file.problem {
            text.push_str(&format!("\n{}: not judged: {problem}\n", file.path));
        }
    }
    text
}

/// A broken rule with what it says, and its places.
fn broken(rule: &RuleReport) -> String {
    let mut words: Vec<&str> = Vec::new();
    for place in &rule.evidence {
        let language = crate::language::Language::from_extension(place.file.extension());
        let said = language.and_then(|language| rule.text.get(language.id())).map_or("", String::as_str);
        if !words.contains(&said) {
            words.push(said);
        }
    }
    let mut text = format!("\n{} ({}): {}\n", rule.rule, rule.severity, words.join(" · "));
    for place in &rule.evidence {
        text.push_str(&format!("  {}\n", place_line(place)));
    }
    text
}

fn place_line(place: &Place) -> String {
    if let Some(evidence) = &place.evidence {
        return format!("{}:{}: {}", place.file, evidence.line, evidence.text);
    }
    let sought: Vec<&str> = place.missing.iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
    let sought = if sought.is_empty() { String::new() } else { format!(": `{}`", sought.join("`, `")) };
    format!("{}: nothing in the file matches{sought}", place.file)
}

fn last_line(report: &Report) -> String {
    let totals = report.totals;
    let at = report.revision.as_ref().map_or_else(String::new, |revision| format!(" at {revision}"));
    let mut text = format!("{} by {}: ", count(totals.files, "file", "files") + &at, report.pattern);
    let judged = totals.passed + totals.errors + totals.warnings;
    text.push_str(&match totals.rate {
        Some(rate) => format!("{} of {judged} judgements kept ({:.1} %)", totals.passed, rate * 100.0),
        None => "nothing is shown, since no check decides a rule".to_owned(),
    });
    text.push_str(&format!(", {} broken that count, {} that warn", totals.errors, totals.warnings));
    text.push_str(&format!(", {} unverified", totals.unverified));
    if totals.not_judged > 0 {
        text.push_str(&format!("; {} not judged", count(totals.not_judged, "file", "files")));
    }
    text
}
