//! The end of a run: what it came to, what it means for the app, and when the next one is due.

use std::collections::BTreeMap;
use std::time::Duration;

use usher_model::guard::{Shrink, Tripped};
use usher_model::mutant::{self, Mutant};
use usher_model::time::Timestamp;
use usher_store::app::Quarantine;
use usher_store::{StoreError, Tx, access, account, app, group, run as runs};

use super::findings::Findings;
use crate::audit::Audited;
use crate::calls::Closed;
use crate::groups::{self, audit::AuditedGroups};
use crate::guard::Guarded;
use crate::record::Recorder;
use crate::report::{Memberships, RunReport, Undone};
use crate::stop::Stop;
use crate::work::Work;

/// Runs are never closer together than this for the sake of due dates.
const SOONEST: Duration = Duration::from_mins(1);
/// The first pause of an app that fails broadly; each next one is twice as long.
const FIRST_QUARANTINE: Duration = Duration::from_mins(1);
/// The longest.
const LONGEST_QUARANTINE: Duration = Duration::from_hours(6);

/// Records how the run ended and what it means for the app.
pub(crate) async fn finish(
    work: &Work<'_>,
    started_at: Timestamp,
    recorder: Recorder<'_>,
    findings: Findings,
    stop: Option<Stop>,
) -> Result<RunReport, StoreError> {
    let ended_at = work.clock.now();
    let mut warnings = Vec::new();
    if recorder.n_unknown > 0 {
        warnings.push(match recorder.n_unknown {
            1 => "1 answer was lost on the way; its account was looked at again".to_owned(),
            n => format!("{n} answers were lost on the way; their accounts were looked at again"),
        });
    }
    warnings.extend(findings.groups.warnings.iter().cloned());
    let outcome = RunReport {
        app: work.setting.app.name.clone(),
        run: work.run().clone(),
        operations: recorder.operations,
        group_operations: recorder.group_operations,
        members: Memberships { added: recorder.n_members_added, removed: recorder.n_members_removed },
        n_failures: recorder.n_failures,
        n_group_failures: recorder.n_group_failures,
        failures: recorder.failures,
        skipped: findings
            .planned
            .skipped
            .clone()
            .into_iter()
            .chain(findings.groups.planned.skipped.clone())
            .collect(),
        held: groups::all_held(findings.guarded.held.clone(), findings.groups.held.clone()),
        audit: findings.audited.clone(),
        group_audit: findings.groups.audited.clone(),
        undone: findings.undone.clone(),
        requests: work.client.requests(),
        seconds: ended_at.since(started_at).as_secs_f64(),
        differences: findings.differences.clone(),
        stopped: stop.as_ref().map(|stop| stop.advice(&work.setting.app, &work.setting.template.tokens)),
        warnings,
    };
    let fenced = Stop::Closed(Closed::Fenced);
    if stop.as_ref() == Some(&fenced) {
        return Ok(outcome);
    }
    match end(work, &outcome, &findings, stop.as_ref(), ended_at).await {
        // Another run took the app in the last moment: from then on its end is the one that counts.
        Err(error) if error.is_fenced() && !mutant::lives(Mutant::EndUnfenced) => {
            let stopped = Some(fenced.advice(&work.setting.app, &work.setting.template.tokens));
            Ok(RunReport { stopped, ..outcome })
        }
        ended => ended.map(|()| outcome),
    }
}

/// Stores the end of a run, if it still holds its app.
async fn end(
    work: &Work<'_>,
    outcome: &RunReport,
    findings: &Findings,
    stop: Option<&Stop>,
    ended_at: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = work.store.begin("engine::finish").await?;
    app::fence(&mut tx, work.lease).await?;
    let next_run_at = judge(&mut tx, work, stop, ended_at).await?;
    if stop.is_none() && findings.is_whole {
        accept(&mut tx, work, &findings.guarded).await?;
    }
    let next_run_at = with_due_dates(&mut tx, work, next_run_at, ended_at).await?;
    // What everybody waits for is not put off by a run for a few.
    let is_whole = findings.is_whole && !matches!(stop, Some(Stop::PlanChanged { .. }));
    let waited_for = work.setting.app.next_run_at.filter(|_| !is_whole);
    let next_run_at = waited_for.map_or(next_run_at, |at| at.min(next_run_at));
    app::set_next_run(&mut tx, work.app(), Some(next_run_at)).await?;
    runs::end(&mut tx, work.app(), work.run(), ended_at, &as_json(outcome)).await?;
    tx.commit().await
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
        Some(stop @ (Stop::Forbidden(_) | Stop::Broad(_))) => {
            let why = stop.advice(&work.setting.app, &work.setting.template.tokens);
            let n =
                work.setting.app.quarantine.as_ref().map_or(0, |quarantine| quarantine.n).saturating_add(1);
            let pause = FIRST_QUARANTINE.saturating_mul(2_u32.saturating_pow(n - 1)).min(LONGEST_QUARANTINE);
            let until = now + pause;
            app::quarantine(tx, work.lease, &Quarantine { why, n, until }).await?;
            let is_told =
                app::is_told(tx, work.lease).await? && !mutant::lives(Mutant::QuarantineForgetsWake);
            return Ok(if is_told { now } else { until });
        }
        Some(Stop::PlanChanged { .. }) => {}
        Some(Stop::Closed(Closed::Reconfigured | Closed::Fenced | Closed::Disabled | Closed::Unsure(_))) => {}
    }
    // What changed while it ran may have come too late for it.
    Ok(if app::is_told(tx, work.lease).await? { now } else { now + work.cycle })
}

/// Brings the next run forward to the first due date, if that comes before it; a minute from now at the soonest.
async fn with_due_dates(
    tx: &mut Tx,
    work: &Work<'_>,
    next_run_at: Timestamp,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let of_people =
        account::due_list(tx, work.app(), 1).await?.into_iter().next().map(|(_, _, due_at, _)| due_at);
    let of_groups = group::due_at(tx, work.app()).await?;
    let first = of_people.into_iter().chain(of_groups).min();
    Ok(first.map_or(next_run_at, |due_at| next_run_at.min(due_at.max(now + SOONEST))))
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

/// The outcome as it is stored with the run.
fn as_json(report: &RunReport) -> serde_json::Value {
    let operations: BTreeMap<_, _> = report.operations.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    let of_groups = report.group_operations.iter().map(|(kind, n)| (kind.as_str(), *n));
    let operations: BTreeMap<_, _> = operations.into_iter().chain(of_groups).collect();
    let mut outcome = serde_json::json!({
        "operations": operations,
        "failures": report.n_failures,
        "skipped": report.skipped.values().sum::<u64>(),
        "held": report.held.iter().map(|held| held.n_operations).sum::<u64>(),
        "requests": {"source": 0, "reads": report.requests.reads, "writes": report.requests.writes},
        "seconds": report.seconds,
        "stopped": report.stopped,
    });
    if let Some(audited) = &report.audit {
        outcome["audit"] = audit_as_json(audited);
    }
    if let Some(audited) = &report.group_audit {
        outcome["group_audit"] = group_audit_as_json(audited);
    }
    if let Some(undone) = &report.undone {
        outcome["undone"] = undone_as_json(undone);
    }
    outcome
}

fn undone_as_json(undone: &Undone) -> serde_json::Value {
    serde_json::json!({"run": undone.run, "left_alone": undone.n_left_alone, "lost": undone.n_lost})
}

fn audit_as_json(audited: &Audited) -> serde_json::Value {
    serde_json::json!({
        "believed": audited.is_believed,
        "listed": audited.n_listed,
        "compared": audited.n_compared,
        "changed": audited.n_changed,
        "switched_off": audited.n_switched_off,
        "switched_on": audited.n_switched_on,
        "deleted": audited.n_deleted,
        "unread": audited.n_unread,
        "just_written": audited.n_fresh,
        "unknown": audited.n_unknown,
    })
}

fn group_audit_as_json(audited: &AuditedGroups) -> serde_json::Value {
    serde_json::json!({
        "believed": audited.is_believed,
        "listed": audited.n_listed,
        "compared": audited.n_compared,
        "changed": audited.n_changed,
        "deleted": audited.n_deleted,
        "unread": audited.n_unread,
        "members_missing": audited.n_members_missing,
        "members_foreign": audited.n_members_foreign,
        "unknown": audited.n_unknown,
    })
}
