//! Whether there is a GitHub to talk to: the remote, the server and the token of this run.

use secrecy::SecretString;

use crate::adapter::detect_model::{Environment, ProcessEnvironment};
use crate::adapter::github::{Access, GitHub, Slug, remote_of};
use crate::adapter::workspace::GitWorkspace;
use crate::app::doctor::{Checkup, Health};
use crate::failure::Failure;
use crate::port::{Forge, Workspace};

/// What is known of GitHub here.
pub enum Found {
    /// A repository and a token.
    Here {
        /// The access.
        access: Access,
        /// The repository.
        slug: Slug,
    },
    /// Something is missing, in words.
    Missing(String),
}

/// Looks at the remote and the environment. A token is never offered to a server that it is not of.
pub fn find(workspace: &GitWorkspace, environment: &dyn Environment) -> Found {
    let server_url = environment.variable("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned());
    let server_url = server_url.trim_end_matches('/').to_owned();
    let remote = workspace.remote();
    let named = environment.variable("GITHUB_REPOSITORY").and_then(|text| Slug::parse(&text));
    let slug = match (remote.as_deref().map(remote_of), named) {
        (_, Some(slug)) if environment.variable("GITHUB_ACTIONS").is_some() => slug,
        (Some(Some(remote)), _) if remote.is_on(&server_url) => remote.slug,
        (Some(_), _) => return Found::Missing(format!("the remote `origin` is not on {server_url}")),
        (None, _) => return Found::Missing("no remote `origin`".to_owned()),
    };
    let Some(token) = environment.variable("GITHUB_TOKEN") else {
        return Found::Missing(format!("{}/{}, no GITHUB_TOKEN", slug.owner, slug.name));
    };
    let api_url = environment.variable("GITHUB_API_URL").unwrap_or_else(|| match server_url.as_str() {
        "https://github.com" => "https://api.github.com".to_owned(),
        // Where an enterprise server has its API.
        other => format!("{other}/api/v3"),
    });
    let graphql_url = environment.variable("GITHUB_GRAPHQL_URL");
    Found::Here { access: Access { api_url, graphql_url, server_url, token: SecretString::from(token) }, slug }
}

/// The forge of a repository and a token.
pub fn open(access: Access, slug: Slug, workspace: &GitWorkspace) -> Result<GitHub, Failure> {
    Ok(GitHub::new(access, slug, workspace.root())?)
}

const LOCAL: &str = "--pr makes a local branch and the text of a proposal";

/// What the token may do, and what follows from its kind.
pub(super) async fn token_checkup(workspace: &GitWorkspace) -> Checkup {
    let (access, slug) = match find(workspace, &ProcessEnvironment) {
        Found::Here { access, slug } => (access, slug),
        Found::Missing(what) => {
            return Checkup::new("github", Health::NotApplicable, format!("{what}: {LOCAL}")).hint(TOKENS);
        }
    };
    let name = format!("{}/{}", slug.owner, slug.name);
    let facts = match open(access, slug, workspace) {
        Ok(forge) => forge.repository().await.map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match facts {
        Ok(facts) => {
            let may = facts.granted.join(", ");
            let can_push = facts.granted.iter().any(|granted| granted == "push");
            let default = ProcessEnvironment.variable("GITHUB_ACTIONS").is_some();
            if !can_push && !may.is_empty() {
                let detail = format!("{name}: the token may {may}, and not push");
                return Checkup::new("github", Health::Broken, detail).hint(
                    "proposals need `contents: write` and `pull-requests: write`, comment commands `issues: write` too",
                );
            }
            let health = if default { Health::Warning } else { Health::Ok };
            Checkup::new("github", health, format!("{name}: the token may {may}")).hint(TOKENS)
        }
        Err(failure) => {
            let checkup = Checkup::new("github", Health::Broken, failure.message.clone());
            failure.hints.into_iter().fold(checkup, Checkup::hint)
        }
    }
}

const TOKENS: &str = "a pull request made with the default token of a workflow (secrets.GITHUB_TOKEN) will not trigger your checks by itself: on github.com they wait for “Approve workflows to run”, on older servers they do not start; with the token of a GitHub App, or a personal one, they run at once";
