//! The command line: arguments to a composed application to an exit code.
//!
//! [`args`] declares what can be said; [`action`] is the entry of the GitHub Action; [`commands`] composes ports and runs use cases; [`comply`] judges code
//! by a pattern; [`demo`] shows the whole on a sample; [`doctor`] says what is there to work with; [`patterns`] shows and proves the library; [`remote`] finds out whether there is a GitHub to talk to;
//! [`show`] prints. This is the only room that knows every other.

pub mod action;
pub mod args;
pub mod check;
pub mod commands;
pub mod comply;
pub mod demo;
mod doctor;
pub mod hook;
#[cfg(feature = "local")]
pub mod model;
mod patterns;
pub mod remote;
pub mod show;
mod stages;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::adapter::trace_file::TraceFile;
use crate::failure::{Failure, Kind};
use args::Arguments;

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    hide_from_children();
    let arguments = Arguments::parse();
    let machine = arguments.command.speaks_json();
    let result = start_tracing(&arguments).and_then(|()| run(&arguments));
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            show::failure(&failure, machine);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

/// Keeps children of the same user from reading the environment of this process, where the keys are. A child that runs as
/// root can read it all the same.
fn hide_from_children() {
    #[cfg(target_os = "linux")]
    {
        // An old kernel without it is no reason not to work.
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}

fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Kind::Internal, "the runtime cannot start").because(&error))?;
    let result = runtime.block_on(async {
        // It answers comments, also when it is asked to end in the middle.
        if matches!(arguments.command, args::Command::Action(_)) {
            return commands::run(arguments).await;
        }
        tokio::select! {
            result = commands::run(arguments) => result,
            () = interrupted() => Err(Failure::new(Kind::Interrupted, "interrupted; nothing was written to your tree")),
        }
    });
    // Tasks are dropped here, and with them the process groups they own.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Waits for Ctrl-C or a request to end.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let told = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = told(SignalKind::interrupt()) => {}
        () = told(SignalKind::terminate()) => {}
        () = told(SignalKind::hangup()) => {}
    }
}

/// Spans go into the trace file when one is asked for; log lines to standard error by `CODEGEN_LOG`.
fn start_tracing(arguments: &Arguments) -> Result<(), Failure> {
    let traces = match &arguments.trace_file {
        None => None,
        Some(path) => {
            let file = TraceFile::open(path);
            Some(file.map_err(|error| {
                Failure::new(Kind::Usage, format!("cannot write {}", path.display())).because(&error)
            })?)
        }
    };
    let only_ours = tracing_subscriber::filter::filter_fn(|meta| meta.target() == crate::telemetry::TARGET);
    // The client logs whole answers when it cannot read them.
    let wanted = std::env::var("CODEGEN_LOG").unwrap_or_else(|_| "warn".to_owned());
    let filter = EnvFilter::new(format!("{wanted},async_openai=off,octocrab=off,codegen::trace=off"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colours).without_time();
    let log = log.with_filter(filter);
    let started =
        tracing_subscriber::registry().with(traces.map(|file| file.with_filter(only_ours))).with(log).try_init();
    started.map_err(|error| Failure::new(Kind::Internal, "tracing cannot start").because(&error))
}
