//! The pace of writing: how many threads work on a token.
//!
//! The threads meet hundreds of times a token. On a quiet machine all of them together are the fastest; when something else
//! runs on their processors, each meeting waits for the thread that has none, and one thread alone is many times faster. What
//! tells the two apart is how much processor time the process got for the time that went by.

use std::time::{Duration, Instant};

use super::parallel;

/// The share of processor time below which the threads are not among themselves.
const CROWDED: f64 = 0.8;
/// Tokens written alone before all threads are tried again; twice as many each time it was in vain.
const ALONE: u32 = 32;
const ALONE_AT_MOST: u32 = 512;

/// Chooses the threads for each token.
pub(super) struct Pace {
    alone_for: u32,
    patience: u32,
    started: Instant,
    used: Duration,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { alone_for: 0, patience: ALONE, started: Instant::now(), used: processor_time() }
    }

    /// A token begins.
    pub(super) fn begin(&mut self) {
        parallel::set_alone(self.alone_for > 0);
        self.started = Instant::now();
        self.used = processor_time();
    }

    /// The token is written. Gives how long it took.
    pub(super) fn end(&mut self) -> Duration {
        let took = self.started.elapsed();
        let passed = took.as_secs_f64();
        let used = processor_time().saturating_sub(self.used).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a machine has some hundred processors")]
        let share = used / passed / parallel::threads() as f64;
        self.decide(share);
        took
    }

    fn decide(&mut self, share: f64) {
        if self.alone_for > 0 {
            self.alone_for -= 1;
        } else if share < CROWDED {
            self.alone_for = self.patience;
            self.patience = (self.patience * 2).min(ALONE_AT_MOST);
        } else {
            self.patience = ALONE;
        }
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        parallel::set_alone(false);
    }
}

/// Processor time of all threads of this process.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowded_machine_is_left_to_others_for_longer_and_longer() {
        let mut pace = Pace::new();
        let mut alone = Vec::new();
        for _ in 0..3 {
            pace.decide(0.4);
            alone.push(pace.alone_for);
            while pace.alone_for > 0 {
                pace.decide(0.5);
            }
        }
        assert_eq!(alone, [ALONE, 2 * ALONE, 4 * ALONE]);
        pace.decide(0.97);
        pace.decide(0.4);
        assert_eq!(pace.alone_for, ALONE);
    }
}
