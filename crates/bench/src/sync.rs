//! A first sync of everybody, as fast as the app takes it, and a second one right after.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, ensure};
use secrecy::SecretString;
use serde_json::{Value, json};
use usher_engine::clock::Clock;
use usher_engine::progress::{Progress, Silent};
use usher_engine::report::{RunReport, RunRequest};
use usher_engine::run::run;
use usher_model::time::Timestamp;
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
    let steps = Steps::default();
    let first = run(&store, &clock, &environment, APP, &request, &steps).await?;
    let (cpu, steps) = (cpu()?.saturating_sub(cpu_before), steps.end());
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
        "steps": steps,
        "again": { "writes": second.requests.writes, "reads": second.requests.reads, "seconds": second.seconds },
    }))
}

/// How long each step of a run takes.
#[derive(Default)]
struct Steps(Mutex<Vec<(String, Timestamp)>>);

impl Steps {
    /// The seconds of each step, by its name.
    fn end(self) -> BTreeMap<String, f64> {
        self.step("end");
        let begun = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ends = begun.iter().skip(1).map(|(_, at)| *at);
        let mut seconds = BTreeMap::new();
        for ((name, at), end) in begun.iter().zip(ends) {
            *seconds.entry(name.clone()).or_default() += end.since(*at).as_secs_f64();
        }
        seconds
    }
}

impl Progress for Steps {
    fn step(&self, step: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((step.to_owned(), MachineClock.now()));
    }

    fn total(&self, _n_operations: u64) {}

    fn done(&self, _n_operations: u64) {}
}

fn is_clean(report: &RunReport) -> bool {
    report.n_failures == 0 && report.held.is_empty() && report.stopped.is_none()
}
