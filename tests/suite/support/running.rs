//! A program that is running: what it printed so far, signals, and its end.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::repository::Ran;

/// Longer than anything takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
struct Printed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    open: usize,
    code: Option<i32>,
}

type Shared = Arc<(Mutex<Printed>, Condvar)>;

/// A running program. It is killed when the test ends before it.
pub struct Running {
    pid: Pid,
    printed: Shared,
}

impl Running {
    /// Starts a program.
    pub fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cannot start");
        let printed: Shared = Arc::default();
        lock(&printed).open = 2;
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        follow(stdout, &printed, |printed| &mut printed.stdout);
        follow(stderr, &printed, |printed| &mut printed.stderr);
        let pid = Pid::from_child(&child);
        wait(child, &printed);
        Self { pid, printed }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Waits until standard output contains a text.
    #[track_caller]
    pub fn until_stdout(&self, text: &str) {
        self.until(&format!("`{text}` on standard output"), |printed| contains(&printed.stdout, text));
    }

    /// Waits until standard error contains a text.
    #[track_caller]
    pub fn until_stderr(&self, text: &str) {
        self.until(&format!("`{text}` on standard error"), |printed| contains(&printed.stderr, text));
    }

    /// Waits until something is so, or the program ended.
    #[track_caller]
    pub fn until_fact(&self, what: &str, is_so: impl Fn() -> bool) {
        let asked = std::time::Instant::now();
        while !is_so() {
            let ended = lock(&self.printed).code.is_some();
            assert!(!ended && asked.elapsed() < PATIENCE, "{what}: it did not come to that");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end.
    #[track_caller]
    pub fn finish(self) -> Ran {
        self.until("the end", |printed| printed.code.is_some() && printed.open == 0);
        let printed = lock(&self.printed);
        Ran {
            code: printed.code.unwrap_or(-1),
            stdout: String::from_utf8_lossy(&printed.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&printed.stderr).into_owned(),
        }
    }

    #[track_caller]
    fn until(&self, what: &str, ready: impl Fn(&Printed) -> bool) {
        let ended = |printed: &Printed| printed.code.is_some() && printed.open == 0;
        let waiting = |printed: &mut Printed| !ready(printed) && !ended(printed);
        let waited = self.printed.1.wait_timeout_while(lock(&self.printed), PATIENCE, waiting);
        let (printed, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let (out, err) = (String::from_utf8_lossy(&printed.stdout), String::from_utf8_lossy(&printed.stderr));
        assert!(ready(&printed), "{what} did not come; stdout:\n{out}\nstderr:\n{err}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if lock(&self.printed).code.is_none() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn lock(printed: &Shared) -> MutexGuard<'_, Printed> {
    printed.0.lock().unwrap_or_else(PoisonError::into_inner)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}

fn follow(mut pipe: impl Read + Send + 'static, printed: &Shared, side: fn(&mut Printed) -> &mut Vec<u8>) {
    let printed = Arc::clone(printed);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            side(&mut lock(&printed)).extend_from_slice(&buffer[..count]);
            printed.1.notify_all();
        }
        lock(&printed).open -= 1;
        printed.1.notify_all();
    });
}

fn wait(mut child: Child, printed: &Shared) {
    let printed = Arc::clone(printed);
    std::thread::spawn(move || {
        let status = child.wait().unwrap();
        lock(&printed).code = Some(status.code().unwrap_or(-1));
        printed.1.notify_all();
    });
}
