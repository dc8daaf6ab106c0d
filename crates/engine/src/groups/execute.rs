//! Carries a plan of groups out: one job for each group, its writes one after the other, many groups at once.
//!
//! The executor chooses nothing: each row says what to write. What was written to a group's members is read back before
//! it counts, because an app that answers 204 has shown nothing.
//!
//! # Invariants
//!
//! 1. No request is sent whose group has no intent on record, and none that could be in flight after that intent's end.
//! 2. After a membership write that failed, the group is read before it is written to again.
//! 3. What one group meets is that group's; only the app as a whole stops a run.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use usher_model::group::operation::GroupKind;
use usher_model::group::reason::GroupReason;
use usher_model::id::GroupId;
use usher_model::mutant::{self, Mutant};
use usher_store::StoreError;
use usher_store::group::event::{self, GroupEvent, GroupEventKind};
use usher_store::group::member::{self, MemberStanding};
use usher_store::group::plan::{self as rows, GroupRow};
use usher_store::group::{self, GroupIntent, GroupRecord, GroupRecordState};
use usher_store::plan::PlanState;

use self::job::carry_out;
use super::done::{Done, RowDone, RowEnd};
use super::read::Ways;
use crate::record::Recorder;
use crate::stop::Stop;
use crate::work::Work;

mod job;
mod refusals;

/// What carrying out a plan came to.
#[derive(Debug, Default)]
pub(super) struct Executed {
    /// Groups to be decided about once more.
    pub(super) again: BTreeSet<GroupId>,
    /// Why the run stopped, if it did.
    pub(super) stop: Option<Stop>,
}

/// Carries out every planned row.
pub(super) async fn execute(
    work: &Work<'_>,
    ways: &Ways,
    recorder: &mut Recorder<'_>,
) -> Result<Executed, StoreError> {
    let mut executed = Executed::default();
    let mut after: Option<GroupId> = None;
    let at_once = work.client.concurrency() * 2;
    while executed.stop.is_none() {
        let jobs = intend(work, &mut after, at_once).await?;
        if jobs.is_empty() {
            break;
        }
        let mut waiting = jobs.into_iter();
        let mut under_way = FuturesUnordered::new();
        let mut ended = Vec::new();
        loop {
            while executed.stop.is_none() && under_way.len() < work.client.concurrency() {
                let Some((record, rows)) = waiting.next() else { break };
                under_way.push(carry_out(work, ways, record, rows).boxed());
            }
            let Some(done) = under_way.next().await else { break };
            executed.stop = executed.stop.take().or(work.health.judge_group(&done));
            ended.push(done);
        }
        ended.extend(waiting.map(|(record, rows)| unsent(record, rows)));
        record(work, recorder, ended, &mut executed).await?;
    }
    Ok(executed)
}

/// A group whose turn did not come.
fn unsent(record: GroupRecord, rows: Vec<GroupRow>) -> Done {
    let dropped = |row| RowDone { row, end: RowEnd::Dropped, members: Vec::new(), n_members: 0 };
    Done {
        record: GroupRecord { intent: None, ..record },
        rows: rows.into_iter().map(dropped).collect(),
        removed: Vec::new(),
        put_back: Vec::new(),
        refused: Vec::new(),
        again: false,
        is_broad: false,
        stop: None,
    }
}

/// Takes the rows of the next groups and records that they are about to be written. Groups that were pinned meanwhile, or
/// whose last write has to be known first, are left out.
async fn intend(
    work: &Work<'_>,
    after: &mut Option<GroupId>,
    at_once: usize,
) -> Result<Vec<(GroupRecord, Vec<GroupRow>)>, StoreError> {
    let mut tx = work.store.begin("engine::groups::intend").await?;
    loop {
        let jobs = rows::jobs(&mut tx, work.app(), work.run(), after.as_ref(), at_once).await?;
        let Some((last, _)) = jobs.last() else {
            tx.commit().await?;
            return Ok(Vec::new());
        };
        *after = Some(last.clone());
        let ids: Vec<_> = jobs.iter().map(|(group, _)| group.clone()).collect();
        let mut records = group::of(&mut tx, work.app(), &ids).await?;
        let (mut begun, mut states) = (Vec::new(), Vec::new());
        let until = work.intent_until();
        for (id, rows) in jobs {
            let record = records.remove(&id);
            let record = record
                .unwrap_or_else(|| GroupRecord::new(id.clone(), rows.first().map(|row| row.email.clone())));
            let is_pinned = record.pin.as_ref().is_some_and(|pin| pin.holds(work.clock.now()))
                && !mutant::lives(Mutant::GroupPinsIgnored);
            let is_unsure = record.intent.is_some() || record.is_unread;
            if is_pinned || is_unsure {
                states.extend(rows.iter().map(|row| (row.seq, PlanState::Dropped)));
                continue;
            }
            states.extend(rows.iter().map(|row| (row.seq, PlanState::Intended)));
            let intent = Some(GroupIntent { run: work.run().clone(), until, missed_at: None });
            begun.push((GroupRecord { intent, ..record }, rows));
        }
        let records: Vec<_> = begun.iter().map(|(record, _)| record.clone()).collect();
        group::record(&mut tx, work.lease, &records).await?;
        rows::finish(&mut tx, work.lease, &states).await?;
        if !begun.is_empty() {
            tx.commit().await?;
            return Ok(begun);
        }
    }
}

/// Stores what came of groups: their records, who is in them, the plan's rows and the events, in one transaction.
async fn record(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
    ended: Vec<Done>,
    executed: &mut Executed,
) -> Result<(), StoreError> {
    let now = work.clock.now();
    let mut tx = work.store.begin("engine::groups::record").await?;
    let (mut records, mut events, mut forgotten, mut won) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Of a row that is done in part, what is left of it counts.
    let mut states = BTreeMap::new();
    for mut done in ended {
        let group = done.record.group.clone();
        member::remove(&mut tx, work.lease, &group, &done.removed).await?;
        for row in &done.rows {
            if row.row.operation.adds_members() {
                let added: Vec<_> = row.members.iter().map(|member| member.account.clone()).collect();
                member::set(&mut tx, work.lease, &group, &added, standing_of(&row.row)).await?;
            }
            recorder.count_group(row);
            states.insert(row.row.seq, state_of(&row.end));
            events.extend(events_of(work, row, now));
        }
        for (member, standing) in &done.put_back {
            member::set(&mut tx, work.lease, &group, std::slice::from_ref(member), *standing).await?;
        }
        refusals::record(&mut tx, work, &mut done).await?;
        let is_adopted =
            |row: &RowDone| row.row.operation.kind() == GroupKind::GroupAdopt && row.end == RowEnd::Done;
        let is_adopted = done.rows.iter().any(is_adopted) && !mutant::lives(Mutant::TakenGroupShared);
        if let Some(remote_id) = done.record.remote_id.as_ref().filter(|_| is_adopted) {
            won.push((group.clone(), remote_id.clone()));
        }
        if done.again {
            executed.again.insert(group.clone());
        }
        let is_deleted =
            |row: &RowDone| row.row.operation.kind() == GroupKind::GroupDelete && row.end == RowEnd::Done;
        if done.rows.iter().any(is_deleted) && !mutant::lives(Mutant::DeletedGroupRemembered) {
            forgotten.push(group);
        } else {
            if done.record.state == GroupRecordState::Gone {
                forget_members(&mut tx, work, &group).await?;
            }
            records.push(done.record);
        }
    }
    group::record(&mut tx, work.lease, &records).await?;
    for (group, remote_id) in won {
        group::take_from_others(&mut tx, work.lease, &group, &remote_id).await?;
    }
    group::forget(&mut tx, work.lease, &forgotten).await?;
    rows::finish(&mut tx, work.lease, &Vec::from_iter(states)).await?;
    event::append(&mut tx, work.lease, &events).await?;
    tx.commit().await
}

/// How those whom a row makes members are members: whom an undo puts back stays, whatever the directory says.
pub(super) fn standing_of(row: &GroupRow) -> MemberStanding {
    let is_undone = matches!(row.reason, GroupReason::Undone { .. });
    if is_undone && !mutant::lives(Mutant::KeptTakenOut) {
        MemberStanding::Kept
    } else {
        MemberStanding::Ours
    }
}

/// Who was in a group that is gone was in it.
pub(super) async fn forget_members(
    tx: &mut usher_store::Tx,
    work: &Work<'_>,
    group: &GroupId,
) -> Result<(), StoreError> {
    member::clear(tx, work.lease, group).await
}

fn state_of(end: &RowEnd) -> PlanState {
    match end {
        RowEnd::Done => PlanState::Done,
        RowEnd::Failed(_) => PlanState::Failed,
        RowEnd::Unknown(_) => PlanState::Unknown,
        RowEnd::Dropped => PlanState::Dropped,
    }
}

/// The lines of the log that tell of a row: what was done of it, and what failed.
fn events_of(work: &Work<'_>, done: &RowDone, now: usher_model::time::Timestamp) -> Vec<GroupEvent> {
    let kind = GroupEventKind::from(done.row.operation.kind());
    let is_done = done.end == RowEnd::Done || !done.members.is_empty();
    let told = is_done.then(|| event_of(work, done, kind, now));
    let failed = match &done.end {
        RowEnd::Failed(failure) => Some(GroupEvent {
            reason: GroupReason::Failed { failure: failure.clone() },
            detail: Some(failure.to_string()),
            members: Vec::new(),
            n_members: 0,
            ..event_of(work, done, GroupEventKind::Failure, now)
        }),
        RowEnd::Done | RowEnd::Unknown(_) | RowEnd::Dropped => None,
    };
    told.into_iter().chain(failed).collect()
}

pub(super) fn event_of(
    work: &Work<'_>,
    done: &RowDone,
    kind: GroupEventKind,
    at: usher_model::time::Timestamp,
) -> GroupEvent {
    let row = &done.row;
    GroupEvent {
        run: work.run().clone(),
        seq: row.seq,
        kind,
        at,
        group: row.group.clone(),
        email: Some(row.email.clone()),
        reason: row.reason.clone(),
        detail: None,
        n_members: done.n_members,
        members: done.members.clone(),
        is_released: row.is_released,
    }
}
