//! The progress bar of long work.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::{Added, Measured};

/// A bar with rate and remaining time; nothing where standard error is no terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn new(measured: Measured, quiet: bool) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(5)
        };
        let bar = ProgressBar::with_draw_target(Some(measured.bytes), target);
        // A template that we wrote; the plain bar is good enough should it ever be wrong.
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}",
        ) {
            bar.set_style(style);
        }
        Self { bar }
    }

    pub(crate) fn show(&mut self, added: &Added) {
        self.bar.set_position(added.bytes);
        if added.records.is_multiple_of(64) {
            let failed: u64 = added.outcomes.values().sum();
            self.bar.set_message(format!(
                "{} documents, {failed} in the journal",
                added.documents
            ));
        }
    }

    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}
