//! Retry of a transport: a pure schedule. The caller sleeps.
//!
//! Only what may pass by itself is tried again. `Retry-After` wins over the schedule; a server that asks for more than
//! [`PATIENCE`] is not waited for.

use std::time::{Duration, SystemTime};

/// How often a call is tried again.
pub const MOST: u32 = 4;
/// The longest wait that a server may ask for.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server answered with this HTTP status.
    Status(u16),
    /// The account has no credit left, whatever the status was.
    Quota,
    /// No connection, a broken one, or silence.
    Transport,
    /// The stream ended before the answer did.
    CutStream,
    /// An answer that is not of the protocol.
    Protocol,
}

impl Fault {
    /// Whether it may pass by itself.
    pub fn is_passing(self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 529),
            Self::Transport | Self::CutStream => true,
            Self::Quota | Self::Protocol => false,
        }
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Try again after this long.
    Wait(Duration),
    /// Give up.
    GiveUp,
    /// Give up, because the server asks for this much patience.
    TooLong(Duration),
}

/// Decides after the failure number `failures` (from 1). `jitter` is a number from 0 to 1.
pub fn decide(fault: Fault, failures: u32, retry_after: Option<Duration>, jitter: f64) -> Decision {
    if !fault.is_passing() || failures > MOST {
        return Decision::GiveUp;
    }
    match retry_after {
        Some(wait) if wait > PATIENCE => Decision::TooLong(wait),
        Some(wait) => Decision::Wait(wait),
        None => {
            let full = Duration::from_millis(500) * 2_u32.saturating_pow(failures.saturating_sub(1).min(6));
            Decision::Wait(full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0))
        }
    }
}

/// Reads a `Retry-After` header: seconds, fractional ones too, or an HTTP date.
pub fn read_retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return (seconds >= 0.0 && seconds.is_finite()).then(|| Duration::from_secs_f64(seconds.min(1e9)));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_passing_faults_are_tried_again() {
        let second = Some(Duration::from_secs(1));
        for (fault, failures, after, decision) in [
            (Fault::Status(429), 1, second, Decision::Wait(Duration::from_secs(1))),
            (Fault::Status(500), 1, None, Decision::Wait(Duration::from_millis(500))),
            (Fault::Status(503), 3, None, Decision::Wait(Duration::from_secs(2))),
            (Fault::Transport, 4, None, Decision::Wait(Duration::from_secs(4))),
            (Fault::Transport, 5, None, Decision::GiveUp),
            (Fault::Status(400), 1, second, Decision::GiveUp),
            (Fault::Status(401), 1, None, Decision::GiveUp),
            (Fault::Quota, 1, None, Decision::GiveUp),
            (Fault::Status(429), 1, Some(Duration::from_secs(3600)), Decision::TooLong(Duration::from_secs(3600))),
        ] {
            assert_eq!(decide(fault, failures, after, 1.0), decision, "{fault:?} {failures}");
        }
    }

    #[test]
    fn retry_after_has_three_forms() {
        let now = httpdate::parse_http_date("Mon, 23 Nov 2026 10:00:00 GMT").unwrap();
        for (header, wait) in [
            ("3", Some(Duration::from_secs(3))),
            ("0.5", Some(Duration::from_millis(500))),
            ("Mon, 23 Nov 2026 10:00:07 GMT", Some(Duration::from_secs(7))),
            ("Mon, 23 Nov 2026 09:00:00 GMT", Some(Duration::ZERO)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(read_retry_after(header, now), wait, "{header}");
        }
    }
}
