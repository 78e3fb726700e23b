//! The budget of a run: what a call may take is reserved before it is made and settled when its cost is known, so that
//! parallel specs cannot overshoot together.

use std::sync::{Mutex, PoisonError};

use crate::config::{Limits, Price};
use crate::failure::{Failure, Kind};
use crate::port::Usage;

/// What may be spent, and what is.
pub struct Budget {
    tokens: u64,
    cost: Option<f64>,
    price: Option<Price>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    spent: Usage,
    reserved: Usage,
}

/// A reservation. Dropping it gives back what was not settled.
pub struct Reservation<'a> {
    budget: &'a Budget,
    usage: Usage,
}

/// US dollars of some tokens.
pub fn cost_of(price: Option<Price>, usage: Usage) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
    price.map(|price| (usage.input as f64 * price.input + usage.output as f64 * price.output) / 1_000_000.0)
}

fn add(left: Usage, right: Usage) -> Usage {
    Usage { input: left.input + right.input, output: left.output + right.output, cached: left.cached + right.cached }
}

impl Budget {
    /// A budget by the limits. A limit of cost without a price could not be kept, so it is an error.
    pub fn new(limits: &Limits, price: Option<Price>) -> Result<Self, Failure> {
        if limits.cost.is_some() && price.is_none() {
            let message = "`limits.cost` cannot be kept without `model.price`";
            return Err(Failure::new(Kind::Usage, message)
                .hint("say what a million tokens cost: `model: { price: { input: …, output: … } }`"));
        }
        Ok(Self { tokens: limits.tokens, cost: limits.cost, price, state: Mutex::default() })
    }

    /// Reserves what a call may take at most.
    pub fn reserve(&self, usage: Usage) -> Result<Reservation<'_>, Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let all = add(add(state.spent, state.reserved), usage);
        let tokens = all.input + all.output;
        if tokens > self.tokens {
            let message =
                format!("the budget of {} tokens is spent: the next call could bring the run to {tokens}", self.tokens);
            return Err(Failure::new(Kind::Budget, message).hint("raise `limits.tokens`"));
        }
        if let (Some(limit), Some(cost)) = (self.cost, cost_of(self.price, all))
            && cost > limit
        {
            let message =
                format!("the budget of ${limit:.2} is spent: the next call could bring the run to ${cost:.2}");
            return Err(Failure::new(Kind::Budget, message).hint("raise `limits.cost`"));
        }
        state.reserved = add(state.reserved, usage);
        Ok(Reservation { budget: self, usage })
    }

    /// What was spent.
    pub fn spent(&self) -> Usage {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).spent
    }
}

impl Reservation<'_> {
    /// Replaces the reservation by what the call took.
    pub fn settle(self, usage: Usage) {
        let mut state = self.budget.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.spent = add(state.spent, usage);
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reserved.input = state.reserved.input.saturating_sub(self.usage.input);
        state.reserved.output = state.reserved.output.saturating_sub(self.usage.output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn tokens(input: u64, output: u64) -> Usage {
        Usage { input, output, cached: 0 }
    }

    #[test]
    fn what_is_reserved_cannot_be_spent_twice() {
        let limits = Limits { tokens: 100, ..Config::default().limits };
        let budget = Budget::new(&limits, None).unwrap();
        let first = budget.reserve(tokens(40, 20)).unwrap();
        assert_eq!(budget.reserve(tokens(40, 20)).err().map(|failure| failure.kind), Some(Kind::Budget));
        first.settle(tokens(10, 10));
        let second = budget.reserve(tokens(40, 20)).unwrap();
        drop(second);
        assert_eq!(budget.spent(), tokens(10, 10));
    }

    #[test]
    fn cost_needs_a_price() {
        let limits = Limits { cost: Some(0.01), ..Config::default().limits };
        assert!(Budget::new(&limits, None).is_err());
        let budget = Budget::new(&limits, Some(Price { input: 1.0, output: 10.0 })).unwrap();
        assert!(budget.reserve(tokens(1000, 500)).is_ok());
        assert!(budget.reserve(tokens(1000, 5000)).is_err());
    }
}
