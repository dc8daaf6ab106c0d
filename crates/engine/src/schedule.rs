//! When runs begin: every app in its own cycle, never two runs of one app at once.
//!
//! The due date is a column; a tick asks whose has come. Whatever wants a run
//! (an import, a new configuration, a webhook) only moves that date.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use usher_model::id::AppId;
use usher_store::app::{self, App};
use usher_store::{Store, StoreError};

use crate::audit;
use crate::clock::Clock;
use crate::environment::Environment;
use crate::progress::Silent;
use crate::report::{RunError, RunReport, RunRequest};
use crate::run::run;
use crate::turns::Turns;

/// How often due dates are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How many apps are run at once.
const AT_ONCE: usize = 4;

/// The end of one run, as the schedule sees it.
type Ended = (AppId, String, Result<RunReport, RunError>);

/// Runs what is due until it is told to stop, then waits for the runs under way.
pub async fn serve(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    turns: &Turns,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let mut running: JoinSet<Ended> = JoinSet::new();
    let mut under_way: BTreeMap<AppId, String> = BTreeMap::new();
    while !stop.is_cancelled() {
        begin_due(store, clock, environment, turns, &mut running, &mut under_way).await?;
        let tick = clock.now() + TICK;
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.join_next(), if !running.is_empty() => note(ended, &mut under_way),
            () = clock.sleep_until(tick) => {}
        }
    }
    while let Some(ended) = running.join_next().await {
        note(ended, &mut under_way);
    }
    Ok(())
}

async fn begin_due(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    turns: &Turns,
    running: &mut JoinSet<Ended>,
    under_way: &mut BTreeMap<AppId, String>,
) -> Result<(), StoreError> {
    let due = {
        let mut tx = store.read("engine::due").await?;
        app::due(&mut tx, clock.now()).await?
    };
    for app in due {
        if under_way.len() >= AT_ONCE || under_way.contains_key(&app.id) {
            continue;
        }
        // Somebody runs it by hand: it is due still when they are done.
        let Some(turn) = turns.try_take(&app.id) else { continue };
        under_way.insert(app.id.clone(), app.name.clone());
        let (store, clock, environment) = (store.clone(), Arc::clone(clock), environment.clone());
        running.spawn(async move {
            let ended = run_due(&store, &clock, &environment, &app).await;
            drop(turn);
            if ended.is_err() {
                put_off(&store, clock.as_ref(), &app.id, environment.cycle).await;
            }
            (app.id, app.name, ended)
        });
    }
    Ok(())
}

/// One run of an app whose time has come: once a day, an audit.
async fn run_due(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    app: &App,
) -> Result<RunReport, RunError> {
    let audit = audit::is_due(store, &app.id, clock.now()).await?;
    let request = RunRequest { audit, ..RunRequest::default() };
    run(store, clock, environment, &app.name, &request, &Silent).await
}

/// A run that could not even begin is tried again a cycle later.
async fn put_off(store: &Store, clock: &dyn Clock, app: &AppId, cycle: Duration) {
    let later = Some(clock.now() + cycle);
    let stored = async {
        let mut tx = store.begin("engine::put_off").await?;
        app::set_next_run(&mut tx, app, later).await?;
        tx.commit().await
    };
    if let Err(error) = stored.await {
        tracing::error!(app.id = %app, %error, "failed to put a run off");
    }
}

fn note(ended: Result<Ended, tokio::task::JoinError>, under_way: &mut BTreeMap<AppId, String>) {
    match ended {
        Ok((id, name, Ok(report))) => {
            under_way.remove(&id);
            let operations: u64 = report.operations.values().sum();
            tracing::info!(app.id = %id, app.name = name, run.id = %report.run, operations, failures = report.n_failures, stopped = report.stopped, "run ended");
        }
        Ok((id, name, Err(error))) => {
            under_way.remove(&id);
            tracing::error!(app.id = %id, app.name = name, %error, "run could not begin");
        }
        Err(error) => tracing::error!(%error, "run broke off"),
    }
}
