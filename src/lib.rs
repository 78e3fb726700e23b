//! `codegen` keeps boilerplate in a repository uniform: a team declares *specs*, and the bot writes the code and its tests
//! with a language model, proves both with the repository's own commands, and proposes them.
//!
//! Data goes one way. A spec file is parsed into a [`spec::Spec`]; with its [`pattern::Pattern`] and settled paths it is a
//! [`task::Task`]; a task and its examples become a [`prompt::Prompt`]; a model answers; [`answer::parse`] reads files out
//! of the answer; the gates of [`gate`] judge them in a scratch worktree; a verdict becomes feedback for the next attempt,
//! or a delivery: files in the user's tree, or a [`proposal::Proposal`] on a branch of the bot's own.
//!
//! ```text
//! spec ─▶ task ─▶ prompt ─▶ model ─▶ answer ─▶ gates ─▶ files, or a branch with a proposal
//!                    ▲                           │
//!                    └───────── feedback ◀───────┘
//! ```
//!
//! # Rooms
//!
//! Arrows between rooms point down only; a test guards it.
//!
//! - [`cli`]: arguments and environment, composition, what is printed. The only place that ends the process.
//! - [`app`]: the use cases, generic over the ports. It names no adapter.
//! - [`adapter`]: the only users of git2, async-openai, octocrab, processes, files, the clock and the terminal.
//! - [`port`]: what the application needs from outside: `Model`, `Workspace`, `Runner`, `Forge`.
//! - The domain, pure values and functions: [`spec`], [`config`], [`pattern`], [`task`], [`prompt`], [`answer`], [`change`],
//!   [`gate`], [`lock`], [`merge`], [`proposal`], [`command`], [`trigger`], [`job`], [`injection`], [`language`], and below them
//!   [`call`], [`yaml`], [`diagnostic`], [`path`], [`name`],
//!   [`text`], [`rounds`], [`protect`]. The domain does no I/O and reads neither clock nor environment.
//! - [`event`] and [`failure`]: what is told on the way, and at the end.

pub mod adapter;
pub mod answer;
pub mod app;
pub mod call;
pub mod capability;
pub mod change;
pub mod cli;
pub mod command;
pub mod config;
pub mod diagnostic;
pub mod event;
pub mod failure;
pub mod gate;
pub mod injection;
pub mod job;
pub mod language;
pub mod lock;
pub mod merge;
pub mod name;
pub mod path;
pub mod pattern;
pub mod port;
pub mod prompt;
pub mod proposal;
pub mod protect;
pub mod relevance;
pub mod retry;
pub mod rounds;
pub mod spec;
pub mod task;
pub mod telemetry;
pub mod text;
pub mod trigger;
pub mod yaml;
