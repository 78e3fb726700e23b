//! GitHub through octocrab, as far as `doctor` asks: whether the token works and what it may do here.

use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// A repository on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug {
    /// The owner.
    pub owner: String,
    /// The repository.
    pub name: String,
}

/// Reads owner and name from the address of a remote.
pub fn slug_of(remote: &str) -> Option<Slug> {
    let rest = remote.trim().trim_end_matches('/').trim_end_matches(".git");
    let path = match rest.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => rest.split_once(':')?.1,
    };
    let (owner, name) = path.rsplit_once('/')?;
    let owner = owner.rsplit('/').next()?;
    (!owner.is_empty() && !name.is_empty()).then(|| Slug { owner: owner.to_owned(), name: name.to_owned() })
}

/// What a token may do in a repository, as GitHub names it: `admin`, `maintain`, `push`, `triage`, `pull`.
pub async fn permissions(api_url: &str, token: &SecretString, slug: &Slug) -> Result<Vec<String>, String> {
    super::openai::install_tls();
    let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(15)).user_agent("codegen").build();
    let client = Octocrab::builder().base_uri(api_url).map_err(|error| error.to_string())?;
    let client = client.personal_token(token.expose_secret().trim().to_owned()).add_retry_config(RetryConfig::None);
    let client =
        client.build_with_reqwest(http.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
    let route = format!("/repos/{}/{}", slug.owner, slug.name);
    let repository: Value = client.get(route, None::<&()>).await.map_err(|error| match error {
        octocrab::Error::GitHub { source, .. } => format!("{}: {}", source.status_code, source.message),
        other => other.to_string(),
    })?;
    let granted = repository.get("permissions").and_then(Value::as_object).into_iter().flatten();
    Ok(granted.filter(|(_, value)| value.as_bool() == Some(true)).map(|(name, _)| name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_of_every_form_are_read() {
        for remote in [
            "https://github.com/acme/shop.git",
            "https://github.com/acme/shop",
            "git@github.com:acme/shop.git",
            "ssh://git@github.com/acme/shop.git",
            "https://ghe.example/git/acme/shop/",
        ] {
            assert_eq!(slug_of(remote), Some(Slug { owner: "acme".into(), name: "shop".into() }), "{remote}");
        }
        assert_eq!(slug_of("/srv/git"), None);
    }
}
