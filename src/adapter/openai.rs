//! Models behind HTTP: anything that speaks OpenAI's chat completions.
//!
//! async-openai carries the requests; the transport below it is ours, because its own retry repeats paid calls without
//! bound and loses the status of errors that are not in OpenAI's form. Answers are read into tolerant types: servers differ
//! in everything but the text.

mod fault;
mod stream;

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant, SystemTime};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use fault::{CallError, HttpFailure, call_error, http_failure, plain};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use stream::{Chunk, Gathered};

use crate::answer;
use crate::port::{Completion, Finish, Model, ModelCard, ModelError, ModelRequest, Piece};
use crate::retry::{Decision, Fault, decide, read_retry_after};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may be silent, between two pieces of a stream too. Local models read long prompts in silence.
const SILENCE: Duration = Duration::from_mins(10);

/// Where a server is and how to speak to it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The base URL, ending in `/v1` for most servers.
    pub base_url: String,
    /// The key, when the server wants one.
    pub key: Option<SecretString>,
    /// The model.
    pub model: String,
    /// Why this one, for people.
    pub chosen: String,
}

/// Parameters that some servers refuse; found out once and remembered while the program runs.
const NO_TEMPERATURE: u8 = 1;
const NEW_LIMIT_NAME: u8 = 2;
const NO_SEED: u8 = 4;

/// A model behind HTTP.
pub struct OpenAiModel {
    endpoint: Endpoint,
    client: Client<OpenAIConfig>,
    quirks: AtomicU8,
}

/// Installs the one TLS provider. Must happen before any client is made; later calls change nothing.
pub fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn http_client() -> Result<reqwest::Client, ModelError> {
    install_tls();
    let built = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).user_agent("codegen").build();
    built.map_err(|error| ModelError {
        kind: "network".into(),
        message: format!("no HTTP client: {error}"),
        hint: None,
    })
}

impl OpenAiModel {
    /// A model at an endpoint. Nothing is sent yet.
    pub fn new(endpoint: Endpoint) -> Result<Self, ModelError> {
        let http = http_client()?;
        let key = endpoint.key.as_ref().map(|key| key.expose_secret().trim().to_owned()).unwrap_or_default();
        let keyless = key.is_empty();
        let config = OpenAIConfig::new()
            .with_api_base(endpoint.base_url.clone())
            .with_api_key(key)
            .with_org_id("")
            .with_project_id("");
        let service = tower::service_fn(move |factory: HttpRequestFactory| send(http.clone(), factory, keyless));
        let client = Client::with_config(config).with_http_service(service);
        let quirks = AtomicU8::new(if endpoint.base_url.contains("api.openai.com") { NEW_LIMIT_NAME } else { 0 });
        Ok(Self { endpoint, client, quirks })
    }

    fn body(&self, request: &ModelRequest) -> Value {
        let quirks = self.quirks.load(Ordering::Relaxed);
        let mut body = json!({
            "model": if request.model.is_empty() { &self.endpoint.model } else { &request.model },
            "messages": request.messages,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        let limit = if quirks & NEW_LIMIT_NAME == 0 { "max_tokens" } else { "max_completion_tokens" };
        if let Some(object) = body.as_object_mut() {
            object.insert(limit.to_owned(), json!(request.max_output_tokens));
            if let Some(temperature) = request.temperature.filter(|_| quirks & NO_TEMPERATURE == 0) {
                object.insert("temperature".to_owned(), json!((f64::from(temperature) * 1000.0).round() / 1000.0));
            }
            if let Some(seed) = request.seed.filter(|_| quirks & NO_SEED == 0) {
                object.insert("seed".to_owned(), json!(seed));
            }
            if let Some(schema) = &request.schema {
                let format = json!({ "type": "json_schema", "json_schema": { "name": "files", "strict": true, "schema": schema } });
                object.insert("response_format".to_owned(), format);
            }
        }
        body
    }

    /// Remembers a parameter that the server named as unknown; true when the call is worth repeating without it.
    fn learn(&self, failure: &HttpFailure) -> bool {
        if failure.status != 400 {
            return false;
        }
        let quirk = match failure.param.as_deref() {
            Some("temperature") => NO_TEMPERATURE,
            Some("max_tokens") => NEW_LIMIT_NAME,
            Some("seed") => NO_SEED,
            _ => return false,
        };
        self.quirks.fetch_or(quirk, Ordering::Relaxed) & quirk == 0
    }

    async fn complete_once(
        &self,
        request: &ModelRequest,
        on_piece: &mut (dyn FnMut(Piece<'_>) + Send),
    ) -> Result<Completion, CallError> {
        let started = Instant::now();
        let chat = self.client.chat();
        let stream = chat.create_stream_byot::<Value, Chunk>(self.body(request)).await;
        let mut stream = stream.map_err(call_error)?;
        let mut gathered = Gathered::default();
        while let Some(chunk) = stream.next().await {
            gathered.take(chunk.map_err(call_error)?, started, on_piece)?;
        }
        gathered.finish()
    }

    async fn complete_patiently(
        &self,
        request: &ModelRequest,
        on_piece: &mut (dyn FnMut(Piece<'_>) + Send),
    ) -> Result<Completion, ModelError> {
        let mut failures = 0;
        loop {
            let mut error = match self.complete_once(request, on_piece).await {
                Ok(completion) => return Ok(completion),
                Err(error) => error,
            };
            error.message = self.without_key(&error.message);
            if error.http.as_ref().is_some_and(|failure| self.learn(failure)) {
                continue;
            }
            failures += 1;
            let after = error.http.as_ref().and_then(|failure| failure.retry_after);
            match decide(error.fault, failures, after, fastrand::f64()) {
                Decision::Wait(wait) => {
                    on_piece(Piece::Restart);
                    tracing::debug!(failures, ?wait, error = %error.message, "model call is tried again");
                    tokio::time::sleep(wait).await;
                }
                Decision::GiveUp => return Err(self.explain(&error, failures)),
                Decision::TooLong(wait) => {
                    let mut explained = self.explain(&error, failures);
                    explained.hint = Some(format!("the server asks to wait {} s; run again later", wait.as_secs()));
                    return Err(explained);
                }
            }
        }
    }

    /// Takes the key out of a text: some servers repeat it when they refuse it.
    fn without_key(&self, text: &str) -> String {
        let key = self.endpoint.key.as_ref().map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty());
        key.map_or_else(|| text.to_owned(), |key| text.replace(key, "[masked]"))
    }

    /// Says what a failed call means and what to do.
    fn explain(&self, error: &CallError, failures: u32) -> ModelError {
        let server = &self.endpoint.base_url;
        let (kind, hint) = match error.fault {
            Fault::Quota => {
                ("insufficient_quota".to_owned(), Some("the account behind the key has no credit left".to_owned()))
            }
            Fault::Status(401 | 403) => {
                let hint = "the key is missing, wrong, or may not use this model: see `codegen doctor`";
                (error.status(), Some(hint.to_owned()))
            }
            Fault::Status(404) => {
                let hint =
                    format!("there is no model `{}` at {server}, or the address lacks its /v1", self.endpoint.model);
                ("404".to_owned(), Some(hint))
            }
            Fault::Status(_) => (error.status(), None),
            Fault::Transport => ("network".to_owned(), Some(format!("is a server running at {server}?"))),
            Fault::CutStream => ("cut_stream".to_owned(), None),
            Fault::Protocol => ("protocol".to_owned(), Some(format!("does {server} speak OpenAI's chat completions?"))),
        };
        let tries = if failures > 1 { format!(" ({failures} tries)") } else { String::new() };
        ModelError { kind, message: format!("{}{tries}", error.message), hint }
    }
}

impl Model for OpenAiModel {
    fn card(&self) -> ModelCard {
        let url = reqwest::Url::parse(&self.endpoint.base_url).ok();
        let server = url.and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
        ModelCard {
            provider: "openai".into(),
            name: self.endpoint.model.clone(),
            server,
            chosen: self.endpoint.chosen.clone(),
            continues: false,
        }
    }

    fn complete<'a>(
        &'a self,
        request: &'a ModelRequest,
        on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.complete_patiently(request, on_piece).boxed()
    }

    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
        async {
            let question = "Answer with JSON: `files` with one entry, path `a.txt`, content `a`.";
            let request = ModelRequest {
                purpose: crate::port::Purpose {
                    spec: crate::spec::SpecId::from_argument("probe"),
                    role: crate::port::Role::Code,
                    attempt: 1,
                    mend: 0,
                },
                model: String::new(),
                messages: vec![crate::prompt::Message::new(crate::prompt::Speaker::User, question)],
                temperature: None,
                seed: None,
                max_output_tokens: 200,
                schema: Some(answer::schema()),
            };
            let wanted = crate::path::RepoPath::parse("a.txt");
            match self.complete_patiently(&request, &mut |_| {}).await {
                Ok(completion) => {
                    let files =
                        wanted.map(|path| answer::parse(&completion.text, answer::Form::Schema, &[path], false));
                    Ok(completion.finish == Finish::Stop && matches!(files, Ok(Ok(_))))
                }
                Err(error) if error.kind == "400" || error.kind == "422" => Ok(false),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }
}

/// The models that a server offers, in its order.
pub async fn list_models(
    base_url: &str,
    key: Option<&SecretString>,
    patience: Duration,
) -> Result<Vec<String>, ModelError> {
    let fail = |message: String| ModelError { kind: "network".into(), message, hint: None };
    let mut request = http_client()?.get(format!("{base_url}/models")).timeout(patience);
    if let Some(key) = key {
        request = request.bearer_auth(key.expose_secret().trim());
    }
    let response = request.send().await.and_then(reqwest::Response::error_for_status);
    let body: Value =
        response.map_err(|error| fail(plain(&error)))?.json().await.map_err(|error| fail(plain(&error)))?;
    let models = body.get("data").and_then(Value::as_array).into_iter().flatten();
    Ok(models.filter_map(|model| model.get("id")?.as_str().map(str::to_owned)).collect())
}

/// Sends one request, once. Errors keep their status whatever their body looks like; an answer that is not a stream is made
/// one, for servers that cannot stream.
async fn send(
    http: reqwest::Client,
    factory: HttpRequestFactory,
    keyless: bool,
) -> Result<reqwest::Response, OpenAIError> {
    let mut request = factory.build().await?;
    for name in ["openai-organization", "openai-project"] {
        request.headers_mut().remove(name);
    }
    if keyless {
        request.headers_mut().remove("authorization");
    }
    let response = http.execute(request).await?;
    let status = response.status();
    if !status.is_success() {
        let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = header.and_then(|header| read_retry_after(header, SystemTime::now()));
        let body = response.bytes().await.unwrap_or_default();
        return Err(OpenAIError::Boxed(Box::new(http_failure(status.as_u16(), &body, retry_after))));
    }
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.starts_with("application/json") {
        let body = response.text().await?.replace(['\n', '\r'], " ");
        let stream = format!("data: {body}\n\ndata: [DONE]\n\n");
        return Ok(http::Response::new(stream).into());
    }
    Ok(response)
}
