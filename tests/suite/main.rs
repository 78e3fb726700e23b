//! The suite: the program as people run it, on real git repositories, with real child processes and compilers, and a model
//! behind real HTTP.
//!
//! Missing tools are told loudly as skipped; nothing here needs a network beyond this machine.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a case that cannot go on fails by panicking, and tells what it skips"
)]

mod action;
mod architecture;
mod checking;
mod children;
mod commands;
mod comments;
mod comply;
mod contract;
mod crashes;
#[cfg(feature = "local")]
mod embedded;
mod gates;
mod github;
mod hook;
mod measures;
mod model;
mod patterns;
mod prompts;
mod proposals;
mod regenerate;
mod reports;
mod runner;
mod specs;
mod streaming;
mod support;
mod telemetry;
#[cfg(feature = "local")]
mod weights;
mod writing;
