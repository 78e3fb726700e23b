//! Child processes: hostile until proven done.
//!
//! Each runs in its own process group with a cleared environment, no standard input, a deadline and capped output. When it
//! ends, is dropped, or runs out of time, the whole group is killed, so that neither a grandchild nor a held pipe stays.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::environment::child_environment;
use crate::port::{Exit, Finished, Job, RunError, Runner};

/// Bytes kept from the start of an output, and again from its end.
const KEPT: usize = 256 * 1024;
/// How long pipes may stay open after the process itself ended.
const LINGER: Duration = Duration::from_millis(500);

/// Runs commands on this machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct ProcessRunner;

impl Runner for ProcessRunner {
    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<Finished, RunError>> {
        run(job).boxed()
    }
}

/// Kills the group when it is dropped.
struct Group(Option<Pid>);

impl Group {
    fn kill(&mut self) {
        if let Some(pid) = self.0.take() {
            // The group may be gone already; that is what is wanted.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn run(job: &Job) -> Result<Finished, RunError> {
    let program = job.line.program();
    let mut command = Command::new(program);
    command
        .args(job.line.arguments())
        .current_dir(&job.folder)
        .env_clear()
        .envs(child_environment(std::env::vars_os()))
        .envs(job.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound if job.folder.is_dir() => RunError::NotFound(program.to_owned()),
        _ => RunError::Refused { program: program.to_owned(), message: error.to_string() },
    })?;
    let mut group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let both = Arc::new(Mutex::new(Capped::default()));
    let alone = Arc::new(Mutex::new(Capped::default()));
    let out = child.stdout.take().map(|pipe| tokio::spawn(drain(pipe, vec![Arc::clone(&both), Arc::clone(&alone)])));
    let err = child.stderr.take().map(|pipe| tokio::spawn(drain(pipe, vec![Arc::clone(&both)])));
    let status = tokio::time::timeout(job.timeout, child.wait()).await;
    let exit = match status {
        Ok(Ok(status)) => exit_of(status),
        Ok(Err(error)) => {
            return Err(RunError::Refused { program: program.to_owned(), message: error.to_string() });
        }
        Err(_) => Exit::TimedOut,
    };
    let duration = started.elapsed();
    let pipes: Vec<_> = out.into_iter().chain(err).collect();
    let aborts: Vec<_> = pipes.iter().map(tokio::task::JoinHandle::abort_handle).collect();
    let drained = futures::future::join_all(pipes);
    tokio::pin!(drained);
    if exit == Exit::TimedOut || tokio::time::timeout(LINGER, &mut drained).await.is_err() {
        group.kill();
        if tokio::time::timeout(LINGER, &mut drained).await.is_err() {
            aborts.iter().for_each(tokio::task::AbortHandle::abort);
        }
    }
    // A zombie would stay until this process ends.
    if exit == Exit::TimedOut {
        let _ = child.wait().await;
    }
    group.kill();
    let take = |buffer: &Mutex<Capped>| buffer.lock().unwrap_or_else(PoisonError::into_inner).text();
    Ok(Finished { exit, output: take(&both), stdout: take(&alone), duration })
}

fn exit_of(status: std::process::ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}

async fn drain(mut pipe: impl AsyncRead + Unpin, into: Vec<Arc<Mutex<Capped>>>) {
    let mut buffer = vec![0_u8; 16 * 1024];
    while let Ok(count) = pipe.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        for target in &into {
            let mut target = target.lock().unwrap_or_else(PoisonError::into_inner);
            target.push(buffer.get(..count).unwrap_or_default());
        }
    }
}

/// Output with its head and its tail kept.
#[derive(Default)]
struct Capped {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    lost: usize,
}

impl Capped {
    fn push(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..over);
        self.lost += over;
    }

    fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.head).into_owned();
        if self.lost > 0 {
            text.push_str(&format!("\n[… {} bytes left out]\n", self.lost));
        }
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        text.push_str(&String::from_utf8_lossy(&tail));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::CommandLine;

    fn job(script: &str, timeout: Duration) -> Job {
        Job {
            line: CommandLine::new(["sh", "-c", script]),
            folder: std::env::temp_dir(),
            timeout,
            variables: vec![("CANARY".into(), "shown".into())],
        }
    }

    fn is_alive(pid: &str) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// A killed process closes its files before it is gone from the process table.
    async fn dies(pid: &str) -> bool {
        for _ in 0..500 {
            if !is_alive(pid) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    #[tokio::test]
    async fn output_and_exit_code_come_back() {
        let done = run(&job("echo out; echo err >&2; echo $CANARY; exit 3", Duration::from_secs(20))).await.unwrap();
        assert_eq!(done.exit, Exit::Code(3));
        assert_eq!(done.stdout, "out\nshown\n");
        assert!(done.output.contains("err"));
    }

    #[tokio::test]
    async fn a_deadline_kills_the_whole_group() {
        let done = run(&job("sleep 600 & echo $!; sleep 600", Duration::from_millis(300))).await.unwrap();
        assert_eq!(done.exit, Exit::TimedOut);
        assert!(dies(&done.stdout).await, "the grandchild lives");
    }

    #[tokio::test]
    async fn a_grandchild_that_holds_the_pipe_does_not_hold_us() {
        let started = Instant::now();
        let done = run(&job("sleep 600 & echo $!", Duration::from_secs(60))).await.unwrap();
        assert_eq!(done.exit, Exit::Code(0));
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(dies(&done.stdout).await, "the grandchild lives");
    }

    #[tokio::test]
    async fn a_dropped_run_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let job = job(&format!("echo $$ > {}; sleep 600", file.display()), Duration::from_secs(60));
        let running = tokio::time::timeout(Duration::from_millis(500), run(&job)).await;
        assert!(running.is_err());
        let pid = std::fs::read_to_string(file).unwrap();
        assert!(dies(&pid).await, "the child lives");
    }

    #[tokio::test]
    async fn a_hundred_megabytes_are_capped_with_both_ends_kept() {
        let script = "echo first; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo last";
        let done = run(&job(script, Duration::from_secs(60))).await.unwrap();
        assert!(done.output.len() < 3 * KEPT);
        assert!(done.output.starts_with("first\n") && done.output.ends_with("last\n"));
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let job = Job { line: CommandLine::new(["no-such-program-here"]), ..job("", Duration::from_secs(1)) };
        assert!(matches!(run(&job).await, Err(RunError::NotFound(name)) if name == "no-such-program-here"));
    }
}
