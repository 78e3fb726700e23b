//! How long each stage of a run took, for the demo: a reporter that looks at the clock and hands every event on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::event::{Event, Reporter};

/// What a run spends its time with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Baseline,
    Model,
    Gates,
}

const STAGES: [(Stage, &str); 4] = [
    (Stage::Start, "preparing"),
    (Stage::Baseline, "proving the repository as it is"),
    (Stage::Model, "the model"),
    (Stage::Gates, "gates and delivery"),
];

/// The stages of a run of one spec.
pub(super) struct Stages {
    inner: Arc<dyn Reporter>,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    since: Instant,
    spent: [Duration; STAGES.len()],
    calls: u32,
    written: u64,
}

impl State {
    fn turn(&mut self, next: Stage, now: Instant) {
        let spent = self.spent.iter_mut().zip(STAGES).find(|(_, (stage, _))| *stage == self.stage);
        if let Some((spent, _)) = spent {
            *spent += now.duration_since(self.since);
        }
        (self.stage, self.since) = (next, now);
    }
}

impl Stages {
    /// Looks at the clock from now on.
    pub(super) fn new(inner: Arc<dyn Reporter>) -> Self {
        let state =
            State { stage: Stage::Start, since: Instant::now(), spent: Default::default(), calls: 0, written: 0 };
        Self { inner, state: Mutex::new(state) }
    }

    /// How long each stage took, in lines.
    pub(super) fn table(&self) -> String {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stage = state.stage;
        state.turn(stage, Instant::now());
        let mut text = String::new();
        for ((stage, name), spent) in STAGES.iter().zip(state.spent) {
            let detail = match stage {
                Stage::Model => {
                    format!(
                        " ({}, {} tokens written)",
                        crate::text::count(state.calls as usize, "call", "calls"),
                        state.written
                    )
                }
                _ => String::new(),
            };
            text.push_str(&format!("  {:>7.1} s  {name}{detail}\n", spent.as_secs_f64()));
        }
        text
    }
}

impl Reporter for Stages {
    fn report(&self, event: &Event) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            match event {
                Event::Baseline { .. } => state.turn(Stage::Baseline, now),
                Event::ModelCall { usage, seconds, .. } => {
                    state.calls += 1;
                    state.written += usage.map_or(0, |usage| usage.output);
                    // The call says itself how long it took; the rest was what went on before it.
                    let call = Duration::try_from_secs_f64(*seconds).unwrap_or_default();
                    let began = now.checked_sub(call).unwrap_or(now).max(state.since);
                    state.turn(Stage::Model, began);
                    state.turn(Stage::Gates, now);
                }
                _ => {}
            }
        }
        self.inner.report(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Role, Usage};

    struct Nobody;

    impl Reporter for Nobody {
        fn report(&self, _: &Event) {}
    }

    #[test]
    fn the_time_of_every_call_is_the_models() {
        let stages = Stages::new(Arc::new(Nobody));
        let call = |seconds: f64| Event::ModelCall {
            spec: "a".to_owned(),
            role: Role::Code,
            attempt: 1,
            mend: 0,
            model: "m".to_owned(),
            finish: "stop".to_owned(),
            usage: Some(Usage { input: 1, output: 7, cached: 0 }),
            cached: false,
            seconds,
        };
        std::thread::sleep(Duration::from_millis(30));
        stages.report(&call(0.01));
        // Longer than there was time since the one before.
        stages.report(&call(3600.0));
        let table = stages.table();
        assert!(table.contains("the model (2 calls, 14 tokens written)"), "{table}");
        let state = stages.state.lock().unwrap();
        let spent = |stage: Stage| STAGES.iter().zip(state.spent).find(|((other, _), _)| *other == stage).unwrap().1;
        assert!(spent(Stage::Start) >= Duration::from_millis(19), "{table}");
        assert!(spent(Stage::Model) >= Duration::from_millis(10), "{table}");
    }
}
