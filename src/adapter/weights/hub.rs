//! The model hub: one file over HTTPS, gone on with where it was cut.

use std::time::{Duration, SystemTime};

use futures::StreamExt;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, RANGE, RETRY_AFTER};

use super::catalogue::Weights;
use super::fetch::Told;
use super::whole::Growing;
use crate::adapter::openai::install_tls;
use crate::retry::{Decision, Fault, decide, read_retry_after};

const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_mins(1);

/// Why the hub did not give the file.
#[derive(Debug, thiserror::Error)]
pub(super) enum HubError {
    #[error("{0}")]
    Network(String),
    #[error("the server says HTTP {0}")]
    Refused(StatusCode),
    #[error("the file is longer than it should be")]
    TooLong,
    #[error("the file cannot be written: {0}")]
    Disk(#[from] std::io::Error),
}

/// Grows the file until it has its length. A broken connection is taken up again a few times.
pub(super) async fn download(
    base: &str,
    weights: &Weights,
    file: &mut Growing,
    tell: &(dyn Fn(Told) + Send + Sync),
) -> Result<(), HubError> {
    install_tls();
    let client =
        reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).user_agent("codegen").build();
    let client = client.map_err(|error| HubError::Network(plain(&error)))?;
    let url = format!("{}/{}/resolve/main/{}", base.trim_end_matches('/'), weights.repository, weights.file);
    let mut failures = 0;
    loop {
        let before = file.length();
        let Err((error, fault, after)) = go_on(&client, &url, weights, file, tell).await else { return Ok(()) };
        file.flush().await?;
        // What brought something is no failure in a row.
        failures = if file.length() > before { 1 } else { failures + 1 };
        match decide(fault, failures, after, fastrand::f64()) {
            Decision::Wait(wait) => {
                tell(Told::Note(format!("{error}; going on in {:.1} s", wait.as_secs_f64())));
                tokio::time::sleep(wait).await;
            }
            Decision::GiveUp | Decision::TooLong(_) => return Err(error),
        }
    }
}

type Broken = (HubError, Fault, Option<Duration>);

async fn go_on(
    client: &reqwest::Client,
    url: &str,
    weights: &Weights,
    file: &mut Growing,
    tell: &(dyn Fn(Told) + Send + Sync),
) -> Result<(), Broken> {
    if file.length() == weights.bytes {
        return Ok(());
    }
    let disk = |error: std::io::Error| (HubError::Disk(error), Fault::Protocol, None);
    let broken = |error: reqwest::Error| (HubError::Network(plain(&error)), Fault::CutStream, None);
    let mut request = client.get(url);
    if file.length() > 0 {
        request = request.header(RANGE, format!("bytes={}-", file.length()));
    }
    let response = request.send().await.map_err(|error| (HubError::Network(plain(&error)), Fault::Transport, None))?;
    let status = response.status();
    if status == StatusCode::RANGE_NOT_SATISFIABLE && file.length() > 0 {
        file.restart().await.map_err(disk)?;
        return Err((HubError::Refused(status), Fault::CutStream, Some(Duration::ZERO)));
    }
    if !status.is_success() {
        let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = header.and_then(|header| read_retry_after(header, SystemTime::now()));
        return Err((HubError::Refused(status), Fault::Status(status.as_u16()), after));
    }
    // A server that knows no ranges sends the file from its start.
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let goes_on = status == StatusCode::PARTIAL_CONTENT
        && range.is_some_and(|range| range.starts_with(&format!("bytes {}-", file.length())));
    if file.length() > 0 && !goes_on {
        file.restart().await.map_err(disk)?;
        if status == StatusCode::PARTIAL_CONTENT {
            return Err((HubError::Network("the server sent another part".to_owned()), Fault::CutStream, None));
        }
    }
    let mut stream = response.bytes_stream();
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(broken)?;
        if file.length() + bytes.len() as u64 > weights.bytes {
            file.restart().await.map_err(disk)?;
            return Err((HubError::TooLong, Fault::Protocol, None));
        }
        file.append(&bytes).await.map_err(disk)?;
        tell(Told::Progress { done: file.length(), of: weights.bytes });
    }
    if file.length() < weights.bytes {
        let cut = HubError::Network("the connection was closed before the end".to_owned());
        return Err((cut, Fault::CutStream, None));
    }
    Ok(())
}

/// An error of reqwest with its innermost cause, without the address, which may carry a signature.
fn plain(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}
