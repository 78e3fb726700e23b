//! Adapters: the only code that touches git, processes, files, the network, the clock and the terminal.

pub mod actions;
pub mod answer_cache;
pub mod bench;
mod branch_commit;
pub mod detect_model;
mod disk_view;
#[cfg(feature = "local")]
pub mod download_bar;
#[cfg(feature = "local")]
pub mod embedded;
pub mod environment;
mod git_failure;
pub mod github;
mod history;
pub mod hook_file;
mod index;
pub mod journal;
#[cfg(feature = "local")]
pub mod local;
mod memo;
mod memory;
pub mod no_model;
pub mod openai;
pub mod pristine;
pub mod process;
pub mod replay;
pub mod revision;
mod run_lock;
pub mod sample;
pub mod scratch;
pub mod snapshot;
mod sparse;
mod staged;
pub mod terminal;
pub mod trace_file;
mod tree;
pub mod turns;
#[cfg(feature = "local")]
pub mod weights;
pub mod workbench;
pub mod workspace;
