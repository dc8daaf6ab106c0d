//! A first sync of everybody, as fast as the app takes it, and a second one right after.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use secrecy::SecretString;
use serde_json::{Value, json};
use usher_engine::clock::Clock;
use usher_engine::progress::Silent;
use usher_engine::report::{RunReport, RunRequest};
use usher_engine::run::run;
use usher_store::app::{self, Grant};

use crate::process::cpu;
use crate::world::{APP, MachineClock, environment_over_http, store};

/// Runs twice; says what each run came to.
pub(crate) async fn measure(data_dir: &Path, endpoint: &str, token_file: &Path) -> anyhow::Result<Value> {
    let store = store(data_dir).await?;
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let token = std::fs::read_to_string(token_file).context("failed to read the token")?;
    let token = SecretString::from(token.trim().to_owned());
    let mut tx = store.begin("bench::authorize").await?;
    let app = app::by_name(&mut tx, APP).await?.context("there is no app: set it up first")?;
    let grant = Grant { endpoint, token: &token, created_at: None, drop_records: true };
    app::authorize(&mut tx, store.keyring(), &app.id, grant, clock.now()).await?;
    app::enable(&mut tx, &app.id, clock.now()).await?;
    tx.commit().await?;

    let environment = environment_over_http()?;
    let request = RunRequest::default();
    let cpu_before = cpu()?;
    let first = run(&store, &clock, &environment, APP, &request, &Silent).await?;
    let cpu = cpu()?.saturating_sub(cpu_before);
    let second = run(&store, &clock, &environment, APP, &request, &Silent).await?;
    store.close().await;
    for report in [&first, &second] {
        ensure!(
            is_clean(report),
            "the run was not clean: {} failures such as {:?}, {} holds, stopped for {:?}",
            report.n_failures,
            report.failures.first(),
            report.held.len(),
            report.stopped
        );
    }
    let n_operations: u64 = first.operations.values().sum();
    Ok(json!({
        "operations": n_operations,
        "writes": first.requests.writes,
        "reads": first.requests.reads,
        "seconds": first.seconds,
        "cpu_seconds": cpu.as_secs_f64(),
        "again": { "writes": second.requests.writes, "reads": second.requests.reads, "seconds": second.seconds },
    }))
}

fn is_clean(report: &RunReport) -> bool {
    report.n_failures == 0 && report.held.is_empty() && report.stopped.is_none()
}
