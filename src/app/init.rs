//! The first files of a repository that has never seen the bot: a configuration with the detected commands, a first
//! spec, and the workflow for GitHub. Nothing that is there is overwritten.

use std::fmt::Write as _;

use super::workflow;
use crate::change::FileChange;
use crate::config;
use crate::failure::{Failure, Kind};
use crate::language::Language;
use crate::language::detect::{Project, Stage, languages, project_at};
use crate::name;
use crate::path::RepoPath;
use crate::port::Workspace;
use crate::spec;

/// What was done.
#[derive(Debug)]
pub struct Started {
    /// Files written.
    pub written: Vec<RepoPath>,
    /// Files that were there and are left as they are.
    pub kept: Vec<RepoPath>,
    /// The languages found.
    pub languages: Vec<Language>,
}

/// Writes what is missing. `wanted` is a language to use instead of the first one found.
pub fn init(
    workspace: &dyn Workspace,
    wanted: Option<Language>,
    spec_name: &str,
    action: &str,
) -> Result<Started, Failure> {
    if !workflow::is_action(action) {
        return Err(Failure::new(Kind::Usage, format!("`{action}` cannot be the action of a workflow"))
            .hint("such as `owner/repository@<commit> # v1.2.3`, or `./`"));
    }
    let found = languages(workspace.view());
    let Some(language) = wanted.or(found.first().copied()) else {
        return Err(Failure::new(
            Kind::Usage,
            "no Cargo.toml, go.mod, pyproject.toml, package.json, pom.xml or build.gradle at the root of the repository",
        )
        .hint(format!("`codegen init --language {}` starts all the same", Language::ALL.map(Language::id).join("|"))));
    };
    let projects: Vec<Project> = found.iter().map(|language| project_at(*language, "", workspace.view())).collect();
    let spec_path = format!("{}/{}-repository.yaml", spec::FOLDER, name::kebab(spec_name));
    let branch = workspace.branch().unwrap_or_else(|| "main".to_owned());
    let wanted = [
        (config::FILE.to_owned(), configuration(&projects)),
        (spec_path, first_spec(spec_name, language)),
        (workflow::FILE.to_owned(), workflow::render(&branch, action)),
    ];
    let mut started = Started { written: Vec::new(), kept: Vec::new(), languages: found };
    let mut changes = Vec::new();
    for (path, text) in wanted {
        let path = RepoPath::parse(&path).map_err(|problem| Failure::new(Kind::Usage, path).because(&problem))?;
        if workspace.read_bytes(&path).is_some() {
            started.kept.push(path);
        } else {
            started.written.push(path.clone());
            changes.push(FileChange { path, before: None, after: text });
        }
    }
    workspace.deliver(&changes)?;
    Ok(started)
}

fn configuration(projects: &[Project]) -> String {
    let mut out = String::from(
        "# How codegen works in this repository. Every key may be left out; `codegen schema config` prints the JSON Schema.\nversion: 1\n\n# The model. Left out: OPENAI_API_KEY, else a server on this machine, else the one inside the program.\n# model: { provider: openai, name: gpt-5-mini, base_url: https://api.openai.com/v1, api_key_env: OPENAI_API_KEY }\n\n# The commands that prove generated code. These were detected; take the # away to change one.\n# languages:\n",
    );
    for project in projects {
        let _ = writeln!(out, "#   {}:", project.language);
        for stage in Stage::ALL {
            if let Some(command) = project.commands.get(&stage) {
                let _ = writeln!(
                    out,
                    "#     {}: {}   # from {}",
                    stage.id(),
                    yaml_text(&command.line.to_string()),
                    command.from
                );
            } else if stage == Stage::Coverage {
                out.push_str(
                    "#     coverage: my-tool --to {report} {tests}   # left out: what belongs to the test runner measures it\n",
                );
            } else {
                let why = project.absent.get(&stage).map_or("", String::as_str);
                let _ = writeln!(out, "#     {}: []   # {why}", stage.id());
            }
        }
    }
    out.push_str("\ngates: { test_runs: 5 }\nlimits: { attempts: 3, command_timeout: 10m }\n");
    out
}

fn yaml_text(text: &str) -> String {
    serde_yaml::to_string(text).map_or_else(|_| text.to_owned(), |text| text.trim_end().to_owned())
}

fn first_spec(name: &str, language: Language) -> String {
    let (title, words) = (name::pascal(name), name::snake(name).replace('_', " "));
    let (key, error) = match language {
        Language::Rust => ("u64", format!("{title}Error")),
        Language::Go => ("int64", format!("Err{title}…")),
        Language::Python => ("int", format!("{title}Error")),
        Language::TypeScript => ("number", format!("{title}Error")),
        Language::Java => ("long", format!("{title}Exception")),
    };
    format!(
        "# A first spec. Change it to what you need, then run `codegen generate`.\nname: {title}\ndescription: |\n  Stores the {words}s of a team in memory, by id. A {words} has an id ({key}), a title and a body. The caller\n  gives the id. A title must not be empty or only spaces and has at most 100 characters; a body has at most 5000\n  characters and may be empty.\n  Create refuses an id that is taken; get, update and delete refuse an id that is not there; create and update refuse\n  an invalid {words}. List returns all {words}s, lowest id first.\n  A transaction runs several changes: when one of them fails, none of them is kept.\n  Errors are typed ({error}): not found, already exists, invalid.\npattern: repository\nlanguage: {language}\ncontext: {{ storage: in-memory, key: {key} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::patterns_test::Nothing;
    use crate::diagnostic::SourceText;
    use crate::spec::SpecId;

    #[test]
    fn the_first_spec_is_a_good_spec_in_every_language() {
        for language in Language::ALL {
            let text = first_spec("Note", language);
            let parsed = spec::parse(SpecId::from_argument("note"), &SourceText::new("note.yaml", text));
            assert_eq!(parsed.map(|spec| spec.language), Ok(Some(language)));
        }
        assert!(crate::config::parse(&SourceText::new("config.yaml", configuration(&[]))).is_ok());
    }

    #[test]
    fn every_line_of_the_first_configuration_can_be_made_one_that_counts() {
        for language in Language::ALL {
            let text = configuration(&[project_at(language, "", &Nothing)]);
            let (before, commands) = text.split_once("# languages:").unwrap();
            let counts = format!("{before}languages:{}", commands.replace("\n# ", "\n"));
            let parsed = crate::config::parse(&SourceText::new("config.yaml", counts.clone()));
            assert!(parsed.is_ok(), "{parsed:?}\n{counts}");
            assert!(!counts.lines().any(|line| line.ends_with("# ")), "{counts}");
        }
    }
}
