//! Messages of channels, carried.

use tokio_util::sync::CancellationToken;

use crate::workspace::Workspace;
use crate::workspace::courier::Courier;

impl Workspace {
    /// Carries every message that is due now, in order, and says how many there were.
    pub async fn deliver_due(&self, courier: &dyn Courier) -> usize {
        let mut carried = 0;
        loop {
            let waiting = self.inner.state().channels.take_due(self.inner.clock.now());
            let Some(waiting) = waiting else { return carried };
            let delivery = courier.deliver(&waiting.notification).await;
            carried += 1;
            self.inner.state().channels.settle(waiting, delivery, self.inner.clock.now());
        }
    }

    /// Carries messages as they become due, until told to stop.
    pub async fn deliver(&self, courier: &dyn Courier, stop: CancellationToken) {
        loop {
            tokio::select! {
                _ = self.deliver_due(courier) => {}
                () = stop.cancelled() => return,
            }
            let next = self.inner.state().channels.next_due();
            let due = async {
                match next {
                    Some(at) => self.inner.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.inner.messages.notified() => {}
                () = due => {}
                () = stop.cancelled() => return,
            }
        }
    }
}
