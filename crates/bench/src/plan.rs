//! A plan for everybody, in which nothing is to be done and nobody is settled: everybody is decided about.

use std::path::Path;
use std::sync::Arc;

use anyhow::ensure;
use serde_json::{Value, json};
use usher_engine::clock::Clock;
use usher_engine::preview::preview;
use usher_engine::report::RunRequest;

use crate::process::peak_mib;
use crate::world::{APP, MachineClock, environment, store};

/// Makes the plan; says how long it took, and how much memory this process ever had in use.
pub(crate) async fn measure(data_dir: &Path) -> anyhow::Result<Value> {
    let store = store(data_dir).await?;
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let planned = preview(&store, &clock, &environment(), APP, &RunRequest::default()).await?;
    let peak_mib = peak_mib()?;
    store.close().await;
    ensure!(planned.operations.is_empty(), "something is to be done: {:?}", planned.operations);
    ensure!(
        planned.n_failures == 0,
        "{} failures, such as {:?}",
        planned.n_failures,
        planned.failures.first()
    );
    Ok(json!({ "decided": planned.n_decided, "seconds": planned.seconds, "peak_mib": peak_mib }))
}
