//! Work on all processors: rows of a result, each written by one thread. The threads are candle's own, so that there is one
//! for each core and never more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use candle_core::utils::barrier_pool;

/// Whether the calling thread works alone for now.
static ALONE: AtomicBool = AtomicBool::new(false);

/// Lets the calling thread work alone, or with all others again.
pub(super) fn set_alone(alone: bool) {
    ALONE.store(alone, Ordering::Relaxed);
}

/// Calls `work` for each row of `out`, with its number, on all threads.
pub(super) fn rows(out: &mut [f32], row: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    if row == 0 || out.is_empty() {
        return;
    }
    if out.len() <= row || ALONE.load(Ordering::Relaxed) {
        for (number, row) in out.chunks_mut(row).enumerate() {
            work(number, row);
        }
        return;
    }
    let mut parts: Vec<&mut [f32]> = out.chunks_mut(row).collect();
    each(&mut parts, |number, part| work(number, part));
}

/// Calls `work` for each of some things, with its number, on all threads.
pub(super) fn each<T: Send>(things: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
    if things.len() <= 1 || ALONE.load(Ordering::Relaxed) {
        for (number, thing) in things.iter_mut().enumerate() {
            work(number, thing);
        }
        return;
    }
    // Uncontended: each is taken once. The lock is what makes sharing them safe.
    let things: Vec<Mutex<&mut T>> = things.iter_mut().map(Mutex::new).collect();
    barrier_pool().execute_chunked(things.len(), |range| {
        for number in range {
            if let Some(thing) = things.get(number) {
                work(number, &mut thing.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
    });
}

/// How many threads work.
pub(super) fn threads() -> usize {
    barrier_pool().n_workers() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_written_once() {
        let mut out = vec![0.0; 1003];
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        rows(&mut out, 10, |number, row| row.iter_mut().for_each(|cell| *cell += 1.0 + number as f32));
        assert_eq!((out[0], out[9], out[10], out[1002]), (1.0, 1.0, 2.0, 101.0));
    }
}
