//! A replica's run: a future that the simulation polls when it likes, leaves alone for months, or drops.
//!
//! Between two polls anything may happen: an edit, a takeover, a crash. The run gives up its turn where a transaction of
//! the store begins, where a request leaves or an answer arrives, and where it sleeps.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use tokio::task::unconstrained;

/// One run under way, or whatever else takes its time.
pub(super) struct Actor<T> {
    run: Pin<Box<dyn Future<Output = T>>>,
    flag: Arc<Flag>,
    waker: Waker,
    pub(super) n_polls: u64,
}

impl<T> fmt::Debug for Actor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Actor({} polls)", self.n_polls)
    }
}

/// Whether a run has something to go on with.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<T> Actor<T> {
    pub(super) fn new(run: impl Future<Output = T> + 'static) -> Self {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        // Whoever polls decides when it is somebody else's turn, not the runtime's own budget.
        Self { run: Box::pin(unconstrained(run)), flag, waker, n_polls: 0 }
    }

    /// Whether it waits for nothing but its turn.
    pub(super) fn is_ready(&self) -> bool {
        self.flag.0.load(Ordering::SeqCst)
    }

    /// Goes on until it waits for something again.
    pub(super) fn poll(&mut self) -> Poll<T> {
        self.n_polls += 1;
        self.flag.0.store(false, Ordering::SeqCst);
        self.run.as_mut().poll(&mut Context::from_waker(&self.waker))
    }
}
