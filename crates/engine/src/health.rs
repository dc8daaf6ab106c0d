//! Whether an app fails as a whole, or only for some accounts.

use std::sync::{Mutex, PoisonError};

use usher_model::mutant::{self, Mutant};

use crate::calls::CallError;
use crate::groups::done as groups;
use crate::outcome::{Done, Outcome};
use crate::stop::Stop;

/// So many failures of the app in a row, without one success, are the app's and not the accounts'.
const BROAD: u32 = 20;
/// In a small run, so many are enough if nothing succeeded at all.
const BROAD_AT_LEAST: u32 = 3;

/// How the app bears up during one run.
#[derive(Debug, Default)]
pub struct Health(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    n_succeeded: u64,
    n_broad_in_a_row: u32,
    last: String,
}

impl Health {
    /// Takes a result into account; says so if the run has to stop.
    pub fn judge(&self, outcome: &Outcome) -> Option<Stop> {
        if let Some(stop) = &outcome.stop {
            return Some(stop.clone());
        }
        if mutant::lives(Mutant::OneFailureStopsAll) && matches!(outcome.done, Done::Failed { .. }) {
            return Some(Stop::Broad("one failed".to_owned()));
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !outcome.is_broad {
            counts.n_broad_in_a_row = 0;
            counts.n_succeeded +=
                u64::from(!matches!(outcome.done, Done::Failed { .. } | Done::Unknown { .. }));
            return None;
        }
        counts.n_broad_in_a_row += 1;
        counts.last = outcome.said().unwrap_or_default();
        (counts.n_broad_in_a_row >= BROAD).then(|| Stop::Broad(counts.last.clone()))
    }

    /// Takes what came of a group into account; says so if the run has to stop.
    pub(crate) fn judge_group(&self, done: &groups::Done) -> Option<Stop> {
        if let Some(stop) = &done.stop {
            return Some(stop.clone());
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !done.is_broad {
            counts.n_broad_in_a_row = 0;
            counts.n_succeeded += u64::from(done.rows.iter().any(|row| row.end == groups::RowEnd::Done));
            return None;
        }
        counts.n_broad_in_a_row += 1;
        counts.last = done.said().unwrap_or_default();
        (counts.n_broad_in_a_row >= BROAD).then(|| Stop::Broad(counts.last.clone()))
    }

    /// A look could not be made; says so if the run has to stop.
    pub fn look_failed(&self, error: &CallError) -> Option<Stop> {
        let stop = Stop::of(error);
        if stop.is_some() || !error.is_broad() {
            return stop;
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.n_broad_in_a_row += 1;
        counts.last = error.to_string();
        (counts.n_broad_in_a_row >= BROAD).then(|| Stop::Broad(counts.last.clone()))
    }

    /// A lost write turned out to be done: the app does work, and merely does not answer well.
    pub fn found_done(&self) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.n_broad_in_a_row = 0;
        counts.n_succeeded += 1;
    }

    /// At the end of a run: nothing at all succeeded, and not for the accounts' sake.
    pub fn verdict(&self) -> Option<Stop> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_broad = counts.n_succeeded == 0 && counts.n_broad_in_a_row >= BROAD_AT_LEAST;
        is_broad.then(|| Stop::Broad(counts.last.clone()))
    }
}
