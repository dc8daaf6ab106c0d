//! A gate at which requests wait until the test lets them through.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

/// A gate, closed until it is opened. Clones are the same gate.
#[derive(Clone)]
pub struct Gate {
    state: Arc<watch::Sender<State>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    arrived: usize,
    is_open: bool,
}

impl Gate {
    /// A closed gate.
    pub fn closed() -> Self {
        Self { state: Arc::new(watch::Sender::default()) }
    }

    /// Completes when at least so many requests have come to the gate, whether or not they are still there.
    pub async fn arrived(&self, n: usize) {
        self.wait_for(|state| state.arrived >= n).await;
    }

    /// Lets through whoever waits and whoever comes.
    pub fn open(&self) {
        self.state.send_modify(|state| state.is_open = true);
    }

    pub(super) async fn pass(&self) {
        self.state.send_modify(|state| state.arrived += 1);
        self.wait_for(|state| state.is_open).await;
    }

    async fn wait_for(&self, is_so: impl FnMut(&State) -> bool) {
        let mut state = self.state.subscribe();
        state.wait_for(is_so).await.expect("invariant: whoever waits holds the gate");
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.state.borrow().is_open { "Gate(open)" } else { "Gate(closed)" })
    }
}

impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }
}

impl Eq for Gate {}
