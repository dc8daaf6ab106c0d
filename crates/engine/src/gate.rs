//! A run's gate: open while the run holds its app's epoch and the app is on.

use async_trait::async_trait;
use usher_store::Store;
use usher_store::app::{self, Lease};

use crate::calls::{Closed, Gate};

/// Asks the store before each request, so that a run that lost its app sends nothing more.
#[derive(Debug)]
pub struct RunGate {
    store: Store,
    lease: Lease,
}

impl RunGate {
    /// The gate of the run with this lease.
    pub fn new(store: Store, lease: Lease) -> Self {
        Self { store, lease }
    }
}

#[async_trait]
impl Gate for RunGate {
    async fn check(&self, is_write: bool) -> Result<(), Closed> {
        let pulse = async {
            let mut tx = self.store.read("engine::gate").await?;
            app::pulse(&mut tx, &self.lease).await
        };
        let pulse = pulse.await.map_err(|error| Closed::Unsure(error.to_string()))?;
        if !pulse.is_ours {
            return Err(Closed::Fenced);
        }
        if is_write && !pulse.is_enabled {
            return Err(Closed::Disabled);
        }
        if is_write && pulse.config_version != self.lease.config_version {
            return Err(Closed::Reconfigured);
        }
        Ok(())
    }
}
