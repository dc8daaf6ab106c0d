//! Jobs under way, and the last that ended: in memory, because a job that its process did not survive is not under way.
//!
//! Every job's task is owned by a tracker, which the server waits for when it ends.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::task::TaskTracker;
use usher_engine::progress;
use usher_web::hands::{Advance, Finished, JobId, JobState};

use crate::failure::Failure;

/// How many jobs are remembered. Ids sort by time, so that the oldest are forgotten.
const REMEMBERED: usize = 200;

type States = Arc<Mutex<BTreeMap<JobId, JobState>>>;

/// All jobs of this process.
pub(super) struct Jobs {
    tasks: TaskTracker,
    states: States,
}

/// Tells how far one job is.
pub(super) struct Told {
    id: JobId,
    states: States,
}

impl Jobs {
    pub(super) fn new(tasks: TaskTracker) -> Self {
        Self { tasks, states: States::default() }
    }

    /// Begins a job.
    pub(super) fn begin<F>(&self, id: JobId, work: impl FnOnce(Told) -> F)
    where
        F: Future<Output = Result<Finished, Failure>> + Send + 'static,
    {
        let told = Told { id: id.clone(), states: Arc::clone(&self.states) };
        told.set(JobState::UnderWay(Advance {
            step: "waiting for its turn".to_owned(),
            ..Advance::default()
        }));
        let (work, states) = (work(told), Arc::clone(&self.states));
        self.tasks.spawn(async move {
            let state = match work.await {
                Ok(finished) => JobState::Finished(Box::new(finished)),
                Err(failure) => JobState::Failed(failure.sentence()),
            };
            Told { id, states }.set(state);
        });
    }

    pub(super) fn state(&self, id: &JobId) -> Option<JobState> {
        lock(&self.states).get(id).cloned()
    }
}

impl Told {
    /// Says how far it is.
    pub(super) fn set(&self, state: JobState) {
        let mut states = lock(&self.states);
        states.insert(self.id.clone(), state);
        while states.len() > REMEMBERED {
            states.pop_first();
        }
    }

    /// Says how much of a file is read.
    pub(super) fn read(&self, n_bytes: u64, n_total: u64, n_entries: u64) {
        self.advance(|advance| {
            advance.step = format!("reading: {n_entries} entries");
            (advance.n_done, advance.n_total) = (n_bytes, Some(n_total));
        });
    }

    /// Changes what is said of a job that is under way.
    fn advance(&self, change: impl FnOnce(&mut Advance)) {
        if let Some(JobState::UnderWay(advance)) = lock(&self.states).get_mut(&self.id) {
            change(advance);
        }
    }
}

impl progress::Progress for Told {
    fn step(&self, step: &str) {
        self.advance(|advance| step.clone_into(&mut advance.step));
    }

    fn total(&self, n_operations: u64) {
        self.advance(|advance| advance.n_total = Some(advance.n_total.unwrap_or(0) + n_operations));
    }

    fn done(&self, n_operations: u64) {
        self.advance(|advance| advance.n_done += n_operations);
    }
}

fn lock(states: &States) -> MutexGuard<'_, BTreeMap<JobId, JobState>> {
    states.lock().unwrap_or_else(PoisonError::into_inner)
}
