//! Requests to GitHub: sent, waited for, and repeated only where that cannot do anything twice.
//!
//! octocrab's own retry repeats every POST and is off. Here a request that may be repeated is, by the schedule of
//! [`crate::retry`]; one that may not comes back as [`Trouble::Unreachable`], and who sent it looks before it sends again.
//! An answer that is a rate limit did nothing, so any request is repeated after it.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method};
use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::Slug;
use super::answer::{Deed, is_limited, limit, refusal};
use crate::port::{ForgeError, Trouble};
use crate::retry::{Decision, Fault, decide};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where GitHub is, and as whom.
#[derive(Clone)]
pub struct Access {
    /// The address of the REST API.
    pub api_url: String,
    /// The address of GraphQL; derived from `api_url` when it is not given.
    pub graphql_url: Option<String>,
    /// The address that people and git use.
    pub server_url: String,
    /// The token.
    pub token: SecretString,
}

impl Access {
    /// The address of GraphQL without its last part, for the client to put it back.
    fn graphql_base(&self) -> String {
        if let Some(url) = &self.graphql_url {
            return url.trim_end_matches('/').trim_end_matches("/graphql").to_owned();
        }
        // Enterprise servers have REST under /api/v3 and GraphQL under /api/graphql.
        let base = self.api_url.trim_end_matches('/');
        base.strip_suffix("/v3").unwrap_or(base).to_owned()
    }
}

/// Whether a request that got no answer may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Doing it twice is doing it once.
    Freely,
    /// Only after a look.
    AfterLook,
}

/// One request.
pub(super) struct Ask<'a> {
    pub(super) deed: Deed,
    pub(super) method: Method,
    pub(super) route: String,
    pub(super) body: Option<&'a Value>,
    pub(super) repeat: Repeat,
}

/// An answer that is no refusal.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// A client for one repository.
pub(super) struct Client {
    rest: Octocrab,
    graphql: Octocrab,
    pub(super) repository: String,
    /// As whom the token acts.
    pub(super) login: tokio::sync::OnceCell<Option<String>>,
}

impl Client {
    pub(super) fn new(access: &Access, slug: &Slug) -> Result<Self, ForgeError> {
        crate::adapter::openai::install_tls();
        let failed = |error: &dyn std::error::Error| ForgeError {
            trouble: Trouble::Invalid,
            message: format!("there can be no client for {}: {error}", access.api_url),
            hints: vec!["GITHUB_API_URL must be an address such as https://api.github.com".to_owned()],
        };
        let http = reqwest::Client::builder().connect_timeout(Duration::from_secs(10)).timeout(PATIENCE);
        let http = http.user_agent(concat!("codegen/", env!("CARGO_PKG_VERSION"))).build();
        let http = http.map_err(|error| failed(&error))?;
        let client = |base: &str| {
            let builder = Octocrab::builder().base_uri(base).map_err(|error| failed(&error))?;
            let builder = builder.personal_token(access.token.expose_secret().trim().to_owned());
            let builder = builder.add_retry_config(RetryConfig::None);
            builder.build_with_reqwest(http.clone()).map_err(|error| failed(&error))
        };
        Ok(Self {
            rest: client(access.api_url.trim_end_matches('/'))?,
            graphql: client(&access.graphql_base())?,
            repository: format!("{}/{}", slug.owner, slug.name),
            login: tokio::sync::OnceCell::new(),
        })
    }

    /// The route of something in the repository.
    pub(super) fn route(&self, rest: &str) -> String {
        format!("/repos/{}{rest}", self.repository)
    }

    /// Reads something.
    pub(super) async fn get(&self, deed: Deed, rest: &str) -> Result<Reply, ForgeError> {
        let route = self.route(rest);
        self.send(&Ask { deed, method: Method::GET, route, body: None, repeat: Repeat::Freely }).await
    }

    /// Reads something that may not be there.
    pub(super) async fn find(&self, deed: Deed, rest: &str) -> Result<Option<Reply>, ForgeError> {
        match self.get(deed, rest).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if error.trouble == Trouble::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads every page of a list.
    pub(super) async fn pages(&self, deed: Deed, rest: &str) -> Result<Vec<Value>, ForgeError> {
        let mut items = Vec::new();
        for page in 1..=100 {
            let more = if rest.contains('?') { '&' } else { '?' };
            let reply = self.get(deed, &format!("{rest}{more}per_page=100&page={page}")).await?;
            let more = reply.headers.get("link").and_then(|link| link.to_str().ok());
            let more = more.is_some_and(|link| link.contains("rel=\"next\""));
            match reply.body {
                Value::Array(found) => items.extend(found),
                _ => return Err(self.protocol(deed, "a list")),
            }
            if !more {
                break;
            }
        }
        Ok(items)
    }

    /// Sends something that may be sent twice.
    pub(super) async fn put(&self, deed: Deed, method: Method, rest: &str, body: &Value) -> Result<Reply, ForgeError> {
        let route = self.route(rest);
        self.send(&Ask { deed, method, route, body: Some(body), repeat: Repeat::Freely }).await
    }

    /// Sends something that must not be done twice.
    pub(super) async fn post(&self, deed: Deed, rest: &str, body: &Value) -> Result<Reply, ForgeError> {
        let route = self.route(rest);
        self.send(&Ask { deed, method: Method::POST, route, body: Some(body), repeat: Repeat::AfterLook }).await
    }

    /// Runs a GraphQL request, which must not be done twice. The answer has `data` and perhaps `errors`.
    pub(super) async fn query(&self, deed: Deed, body: &Value) -> Result<Value, ForgeError> {
        let ask = Ask {
            deed,
            method: Method::POST,
            route: "/graphql".to_owned(),
            body: Some(body),
            repeat: Repeat::AfterLook,
        };
        match self.send_to(&self.graphql, &ask).await {
            Ok(reply) => Ok(reply.body),
            Err(error) if error.trouble == Trouble::NotFound => {
                Err(ForgeError { trouble: Trouble::Unsupported, ..error })
            }
            Err(error) => Err(error),
        }
    }

    async fn send(&self, ask: &Ask<'_>) -> Result<Reply, ForgeError> {
        self.send_to(&self.rest, ask).await
    }

    async fn send_to(&self, client: &Octocrab, ask: &Ask<'_>) -> Result<Reply, ForgeError> {
        let mut failures = 0;
        loop {
            failures += 1;
            let (fault, wait, error) = match self.once(client, ask).await {
                Ok(reply) if reply.status < 400 && !is_limited(&reply.body) => return Ok(reply),
                Ok(reply) if reply.status < 400 => {
                    // GraphQL answers 200 when it limits, and did nothing then.
                    let wait = limit(429, &reply.headers, &reply.body, SystemTime::now());
                    let error = refusal(ask.deed, &self.repository, 429, &reply.headers, &reply.body);
                    (Fault::Status(429), wait, limited_error(error))
                }
                Ok(reply) => {
                    let error = refusal(ask.deed, &self.repository, reply.status, &reply.headers, &reply.body);
                    let limited = limit(reply.status, &reply.headers, &reply.body, SystemTime::now());
                    match limited {
                        Some(_) => (Fault::Status(429), limited, limited_error(error)),
                        None if reply.status >= 500 && ask.repeat == Repeat::Freely => {
                            (Fault::Status(reply.status), None, error)
                        }
                        None => return Err(error),
                    }
                }
                Err(error) if ask.repeat == Repeat::Freely => (Fault::Transport, None, error),
                Err(error) => return Err(error),
            };
            match decide(fault, failures, wait, f64::from(fastrand::f32())) {
                Decision::Wait(pause) => {
                    tracing::debug!(what = ask.deed.what, ?pause, "GitHub is asked again");
                    tokio::time::sleep(pause).await;
                }
                Decision::GiveUp => return Err(error),
                Decision::TooLong(pause) => {
                    let hint =
                        format!("GitHub asks to wait {} minutes: run the same again then", pause.as_secs() / 60 + 1);
                    return Err(ForgeError { hints: vec![hint], ..error });
                }
            }
        }
    }

    async fn once(&self, client: &Octocrab, ask: &Ask<'_>) -> Result<Reply, ForgeError> {
        let lost = |error: &dyn std::error::Error| ForgeError {
            trouble: Trouble::Unreachable,
            message: format!(
                "GitHub did not answer when asked to {} in {}: {}",
                ask.deed.what,
                self.repository,
                innermost(error)
            ),
            hints: vec!["run the same again: what is done already is found".to_owned()],
        };
        let builder = http::request::Builder::new().method(ask.method.clone()).uri(ask.route.as_str());
        let request = client.build_request(builder, ask.body).map_err(|error| lost(&error))?;
        let response = client.execute(request).await.map_err(|error| lost(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = client.body_to_string(response).await.map_err(|error| lost(&error))?;
        let body =
            if text.trim().is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::Null) };
        Ok(Reply { status, headers, body })
    }

    /// The error for an answer that lacks something.
    pub(super) fn protocol(&self, deed: Deed, missing: &str) -> ForgeError {
        ForgeError {
            trouble: Trouble::Protocol,
            message: format!(
                "GitHub was asked to {} in {}, and its answer lacks {missing}",
                deed.what, self.repository
            ),
            hints: Vec::new(),
        }
    }
}

/// Waits after a failure whose effect was looked for and not found; false when it was tried often enough.
pub(super) async fn wait_to_repeat(failures: u32) -> bool {
    match decide(Fault::Transport, failures, None, f64::from(fastrand::f32())) {
        Decision::Wait(pause) => {
            tokio::time::sleep(pause).await;
            true
        }
        Decision::GiveUp | Decision::TooLong(_) => false,
    }
}

fn limited_error(error: ForgeError) -> ForgeError {
    ForgeError { trouble: Trouble::RateLimited, ..error }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    // octocrab puts a backtrace behind its own words.
    at.to_string().lines().next().unwrap_or_default().to_owned()
}

/// A text as one step of an address: nothing in it leads elsewhere.
pub(super) fn step(text: &str) -> String {
    encode(text).replace('/', "%2F").replace('.', "%2E")
}

/// A text as a part of an address; `/` stays.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphql_stands_beside_rest() {
        for (api, given, base) in [
            ("https://api.github.com", None, "https://api.github.com"),
            ("https://ghe.example/api/v3/", None, "https://ghe.example/api"),
            ("http://127.0.0.1:1/x", Some("http://127.0.0.1:1/graphql"), "http://127.0.0.1:1"),
        ] {
            let access = Access {
                api_url: api.to_owned(),
                graphql_url: given.map(str::to_owned),
                server_url: String::new(),
                token: SecretString::from("t"),
            };
            assert_eq!(access.graphql_base(), base, "{api}");
        }
    }

    #[test]
    fn names_are_encoded_and_slashes_stay() {
        assert_eq!(encode("codegen/a b?x=ä#"), "codegen/a%20b%3Fx%3D%C3%A4%23");
        assert_eq!(step("../../collaborators/maria"), "%2E%2E%2F%2E%2E%2Fcollaborators%2Fmaria");
    }
}
