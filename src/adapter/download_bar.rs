//! The progress of a download, on standard error: a bar on a terminal, else a line each tenth.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::weights::Told;
use super::weights::fetch::shown;

/// Shows what is told of a download.
pub struct DownloadBar {
    bar: Option<ProgressBar>,
    /// Tenths that were told as lines.
    tenths: AtomicU64,
}

impl Default for DownloadBar {
    fn default() -> Self {
        Self::new()
    }
}

impl DownloadBar {
    /// A bar that is not there before something is told.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::hidden();
            let style = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, tenths: AtomicU64::new(0) }
    }

    /// Shows one thing.
    pub fn tell(&self, told: &Told) {
        match (told, &self.bar) {
            (Told::Note(text), Some(bar)) => bar.suspend(|| say(text)),
            (Told::Note(text), None) => say(text),
            (Told::Progress { done, of }, Some(bar)) => {
                if bar.length() != Some(*of) {
                    bar.set_length(*of);
                    bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                }
                bar.set_position(*done);
            }
            (Told::Progress { done, of }, None) => {
                let tenth = done * 10 / (*of).max(1);
                if self.tenths.fetch_max(tenth, Ordering::Relaxed) < tenth {
                    say(&format!("{} of {}", shown(*done), shown(*of)));
                }
            }
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn say(text: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(anstream::stderr(), "{text}");
}
