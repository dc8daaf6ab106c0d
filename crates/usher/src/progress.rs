//! How far a run or an import is, on a terminal. Piped, nothing is shown: logs and scripts have no use for moving bars.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use usher_engine::progress;

use crate::output::Output;

/// How often a bar that is waiting moves.
const TICK: Duration = Duration::from_millis(120);

/// A line on standard error that moves, and is gone at the end.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar if somebody watches, else nothing.
    pub(crate) fn new(output: Output) -> Self {
        if !output.is_watched() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new_spinner().with_style(style("{spinner} {msg}"));
        bar.enable_steady_tick(TICK);
        Self { bar }
    }

    /// So much of a file is read.
    pub(crate) fn read(&self, read_bytes: u64, total_bytes: u64, n_entries: u64) {
        if self.bar.length().is_none() {
            self.bar.set_style(style("{spinner} reading [{bar:30}] {percent}% {msg}"));
        }
        self.bar.set_length(total_bytes);
        self.bar.set_position(read_bytes);
        self.bar.set_message(format!("{n_entries} entries"));
    }
}

impl progress::Progress for Progress {
    fn step(&self, step: &str) {
        self.bar.set_message(step.to_owned());
    }

    fn total(&self, n_operations: u64) {
        let left = self.bar.length().unwrap_or(0);
        self.bar.set_style(style("{spinner} {msg} [{bar:30}] {pos} of {len} operations, {eta} left"));
        self.bar.set_length(left + n_operations);
    }

    fn done(&self, n_operations: u64) {
        self.bar.inc(n_operations);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("invariant: the templates above are well formed")
        .progress_chars("=> ")
}
