//! The end of a run: what it came to, what it means for the app, and when the next one is due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;
use usher_model::guard::{Shrink, Tripped};
use usher_model::id::{AppId, RunId, UserId};
use usher_model::operation::Kind;
use usher_model::time::Timestamp;
use usher_store::app::Quarantine;
use usher_store::plan::{self as plans, PlanState};
use usher_store::{Store, StoreError, Tx, access, account, app, directory, run as runs};

use super::{PreviewReport, Report, RunError, RunReport, RunRequest, client};
use crate::calls::Closed;
use crate::clock::{Clock, new_run_id};
use crate::environment::Environment;
use crate::guard::Guarded;
use crate::observe;
use crate::plan::Planned;
use crate::record::Recorder;
use crate::setting::Setting;
use crate::work::{Health, Stop, Work};

/// Runs are never closer together than this for the sake of due dates.
const SOONEST: Duration = Duration::from_mins(1);
/// The first pause of an app that fails broadly; each next one is twice as long.
const FIRST_QUARANTINE: Duration = Duration::from_mins(1);
/// The longest.
const LONGEST_QUARANTINE: Duration = Duration::from_hours(6);

/// Adds what one round came to.
pub(super) fn take(report: &mut Report, recorder: &mut Recorder<'_>, planned: Planned, guarded: Guarded) {
    for (email, failure) in &planned.failures {
        recorder.fail(email.clone(), failure.to_string());
    }
    recorder.n_failures += planned.n_failures - planned.failures.len() as u64;
    for (_, email, failure) in guarded.blocked {
        recorder.fail(email, failure.to_string());
    }
    for (why, n_people) in planned.skipped {
        *report.planned.skipped.entry(why).or_default() += n_people;
    }
    report.planned.next_seq = guarded.next_seq.max(planned.next_seq);
    if !report.is_planned {
        // The first round is about everybody whom the run is for.
        report.guarded.listed = guarded.listed;
        report.guarded.tripped = guarded.tripped;
        report.guarded.released = guarded.released;
        report.is_planned = true;
    }
    report.guarded.held.extend(guarded.held);
}

/// Records how the run ended and what it means for the app.
pub(super) async fn finish(
    work: &Work<'_>,
    started_at: Timestamp,
    recorder: Recorder<'_>,
    report: Report,
    stop: Option<Stop>,
) -> Result<RunReport, StoreError> {
    let ended_at = work.clock.now();
    let mut warnings = Vec::new();
    if recorder.n_unknown > 0 {
        warnings.push(format!(
            "{} answers were lost on the way; their accounts were looked at again",
            recorder.n_unknown
        ));
    }
    let outcome = RunReport {
        app: work.setting.app.name.clone(),
        run: work.run().clone(),
        operations: recorder.operations,
        n_failures: recorder.n_failures,
        failures: recorder.failures,
        skipped: report.planned.skipped.clone(),
        held: report.guarded.held.clone(),
        requests: work.client.requests(),
        seconds: ended_at.since(started_at).as_secs_f64(),
        stopped: stop.as_ref().map(ToString::to_string),
        warnings,
    };
    if matches!(&stop, Some(Stop::Closed(Closed::Fenced))) {
        return Ok(outcome);
    }
    let mut tx = work.store.begin("engine::finish").await?;
    let next_run_at = judge(&mut tx, work, stop.as_ref(), ended_at).await?;
    if stop.is_none() && report.is_whole {
        accept(&mut tx, work, &report.guarded).await?;
    }
    let next_run_at = with_due_dates(&mut tx, work, next_run_at, ended_at).await?;
    app::set_next_run(&mut tx, work.app(), Some(next_run_at)).await?;
    runs::end(&mut tx, work.app(), work.run(), ended_at, &as_json(&outcome)).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// What the run's end means for the app, and when the next run is due.
async fn judge(
    tx: &mut Tx,
    work: &Work<'_>,
    stop: Option<&Stop>,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    match stop {
        None => app::recovered(tx, work.lease).await?,
        Some(Stop::Unauthorized) => app::refused(tx, work.lease, now).await?,
        Some(Stop::Forbidden(why) | Stop::Broad(why)) => {
            let n =
                work.setting.app.quarantine.as_ref().map_or(0, |quarantine| quarantine.n).saturating_add(1);
            let pause = FIRST_QUARANTINE.saturating_mul(2_u32.saturating_pow(n - 1)).min(LONGEST_QUARANTINE);
            let until = now + pause;
            app::quarantine(tx, work.lease, &Quarantine { why: why.clone(), n, until }).await?;
            return Ok(until);
        }
        Some(Stop::Closed(Closed::Reconfigured)) => return Ok(now),
        Some(Stop::Closed(Closed::Fenced | Closed::Disabled | Closed::Unsure(_))) => {}
    }
    Ok(now + work.cycle)
}

/// Brings the next run forward to the first due date, if that comes before it; a minute from now at the soonest.
async fn with_due_dates(
    tx: &mut Tx,
    work: &Work<'_>,
    next_run_at: Timestamp,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let first = account::due_list(tx, work.app(), 1).await?.into_iter().next();
    Ok(first.map_or(next_run_at, |(_, _, due_at, _)| next_run_at.min(due_at.max(now + SOONEST))))
}

/// The directory and the groups, as the guards saw them, become the new measure: unless a guard tripped for them
/// and no person has released what it held. One that has nothing to hold yet keeps the old measure, too.
async fn accept(tx: &mut Tx, work: &Work<'_>, guarded: &Guarded) -> Result<(), StoreError> {
    let app = &work.setting.app.id;
    let is_held = |key: &String| guarded.held.iter().any(|held| held.tripped.key() == *key);
    let may_be_accepted =
        |key: String| !guarded.tripped.contains(&key) || (guarded.released.contains(&key) && !is_held(&key));
    if may_be_accepted(Tripped::DirectoryShrank(Shrink { from: 0, to: 0 }).key()) {
        app::accept_people(tx, app, guarded.listed).await?;
    }
    for chosen in access::scope(tx, app).await? {
        let Some(members) = work.setting.members.get(&chosen.group) else { continue };
        let (group, email) = (chosen.group.clone(), chosen.email);
        if may_be_accepted(Tripped::GroupEmptied { group, email, had: 0 }.key()) {
            access::accept_members(tx, app, &chosen.group, *members).await?;
        }
    }
    Ok(())
}

/// When the app was last listed, if it was.
pub(super) async fn listed_at(store: &Store, app: &AppId) -> Result<Option<Timestamp>, StoreError> {
    let mut tx = store.read("engine::listed_at").await?;
    Ok(app::by_id(&mut tx, app).await?.and_then(|app| app.listed_at))
}

/// The setting for a preview; an app that was never listed is listed, where it is authorized.
pub(super) async fn read_only(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<(Setting, Option<BTreeSet<UserId>>), RunError> {
    let mut tx = store.read("engine::read_only").await?;
    let found = app::by_name(&mut tx, name).await?.ok_or_else(|| RunError::NoSuchApp(name.to_owned()))?;
    let users = match &request.user {
        None => None,
        Some(email) => {
            let user = directory::user_by_email(&mut tx, &found.directory, email).await?;
            Some(BTreeSet::from([user.ok_or_else(|| RunError::NoSuchUser(email.clone()))?.id]))
        }
    };
    let setting = Setting::load(&mut tx, found, environment.look_again_after).await?;
    let can_list =
        setting.app.listed_at.is_none() && setting.app.has_token && setting.app.refused_at.is_none();
    drop(tx);
    if !can_list {
        return Ok((setting, users));
    }
    let mut tx = store.begin("engine::read_only").await?;
    let lease = app::begin_run(&mut tx, &setting.app.id, new_run_id(clock.as_ref())).await?;
    tx.commit().await?;
    let client = client(store, clock, environment, &setting, &lease).await?;
    let (health, listed) = (Health::default(), OnceCell::new());
    let cycle = environment.cycle;
    let work = Work {
        store,
        clock,
        client,
        lease: &lease,
        setting: &setting,
        cycle,
        health,
        listed,
        dropped: Mutex::default(),
    };
    if let Err(error) = observe::list(&work).await {
        tracing::warn!(app.id = %lease.app, error = %error, "the app could not be listed: the preview cannot tell whom it would adopt");
    }
    Ok((setting, users))
}

/// What a preview came to.
pub(super) async fn preview(
    store: &Store,
    setting: Setting,
    run: RunId,
    started_at: Timestamp,
    clock: &dyn Clock,
    planned: Planned,
    guarded: Guarded,
) -> Result<PreviewReport, RunError> {
    let mut tx = store.read("engine::preview").await?;
    let counts = plans::counts(&mut tx, &setting.app.id, &run).await?;
    let mut operations: BTreeMap<Kind, u64> = BTreeMap::new();
    for ((kind, state), n) in counts {
        if state == PlanState::Planned {
            *operations.entry(kind).or_default() += n;
        }
    }
    let blocked = guarded.blocked.iter().map(|(_, email, failure)| (email.clone(), failure.to_string()));
    let failures: Vec<_> = planned
        .failures
        .iter()
        .map(|(email, failure)| (email.clone(), failure.to_string()))
        .chain(blocked)
        .collect();
    Ok(PreviewReport {
        n_failures: planned.n_failures + guarded.blocked.len() as u64,
        app: setting.app,
        run,
        operations,
        failures,
        skipped: planned.skipped,
        held: guarded.held,
        seconds: clock.now().since(started_at).as_secs_f64(),
    })
}

/// The outcome as it is stored with the run.
fn as_json(report: &RunReport) -> serde_json::Value {
    let operations: BTreeMap<_, _> = report.operations.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    serde_json::json!({
        "operations": operations,
        "failures": report.n_failures,
        "skipped": report.skipped.values().sum::<u64>(),
        "held": report.held.iter().map(|held| held.n_operations).sum::<u64>(),
        "requests": {"source": 0, "reads": report.requests.reads, "writes": report.requests.writes},
        "seconds": report.seconds,
        "stopped": report.stopped,
    })
}
