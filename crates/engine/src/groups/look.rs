//! Learns what became of lost writes to groups, and reads the groups whose last membership write failed.
//!
//! # Invariants
//!
//! 1. A lost write is looked at only when no request of it can be in flight any more.
//! 2. A group that was just made and is not found is looked for a second time before that is believed.
//! 3. What turns out to be done is told in the log once, as the row that it was.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::{Changes, changes};
use usher_model::group::operation::{GroupOperation, Leaver};
use usher_model::id::{GroupId, RemoteId, RunId, UserId};
use usher_model::time::Timestamp;
use usher_store::StoreError;
use usher_store::group::event::{self, GroupEvent, GroupEventKind};
use usher_store::group::member::{self, Unseen};
use usher_store::group::plan::{self as rows, GroupRow};
use usher_store::group::{self, GroupRecord, GroupRecordState};
use usher_store::plan::PlanState;

use super::done::{RowDone, RowEnd};
use super::execute::{event_of, forget_members, standing_of};
use super::learn;
use super::read::{self, ById, Expected, Members, Ways};
use crate::calls::CallError;
use crate::record::Recorder;
use crate::stop::Stop;
use crate::work::Work;

mod find;

/// How many groups are looked at in one go.
const BATCH: usize = 25;

/// What looking came to.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// When those who were not found are looked for once more.
    pub(super) again_at: Option<Timestamp>,
    /// Why looking stopped, if it did.
    pub(super) stop: Option<Stop>,
}

/// Waits until no request about a group can be in flight any more.
pub(super) async fn wait(work: &Work<'_>) -> Result<(), StoreError> {
    let until = {
        let mut tx = work.store.read("engine::groups::wait").await?;
        group::latest_intent_until(&mut tx, work.app()).await?
    };
    if let Some(until) = until {
        work.clock.sleep_until(until).await;
    }
    Ok(())
}

/// Looks at every group of which nobody knows what it is like.
pub(super) async fn look(
    work: &Work<'_>,
    ways: &Ways,
    recorder: &mut Recorder<'_>,
) -> Result<Lost, StoreError> {
    let mut lost = Lost::default();
    let mut after: Option<GroupId> = None;
    loop {
        let (batch, rows) = {
            let mut tx = work.store.read("engine::groups::look").await?;
            let batch = group::unsure(&mut tx, work.app(), after.as_ref(), BATCH).await?;
            let mut begun = BTreeMap::new();
            for record in &batch {
                if let Some(intent) = &record.intent {
                    let of = rows::of_group(&mut tx, work.app(), &intent.run, &record.group).await?;
                    begun.insert(record.group.clone(), of);
                }
            }
            (batch, begun)
        };
        let Some(end) = batch.last() else { return Ok(lost) };
        after = Some(end.group.clone());
        let mut rows = rows;
        let looks: FuturesUnordered<_> = batch
            .into_iter()
            .map(|record| {
                let begun = rows.remove(&record.group).unwrap_or_default();
                one(work, ways, record, begun).boxed()
            })
            .collect();
        let mut looks: Vec<Looked> = looks.collect().await;
        looks.sort_by(|one, two| one.record.group.cmp(&two.record.group));
        learn_from(work, recorder, looks, &mut lost).await?;
        if lost.stop.is_some() {
            return Ok(lost);
        }
    }
}

/// What a look at one group came to.
struct Looked {
    record: GroupRecord,
    /// The run whose writes were lost.
    run: Option<RunId>,
    /// What turned out to be done.
    done: Vec<RowDone>,
    /// Rows that were begun and were not done.
    undone: Vec<i64>,
    error: Option<CallError>,
    /// The group is gone because we deleted it.
    is_deleted: bool,
    /// The group became ours: no other has it any more.
    is_won: bool,
}

async fn one(work: &Work<'_>, ways: &Ways, record: GroupRecord, begun: Vec<GroupRow>) -> Looked {
    let begun: Vec<_> = begun
        .into_iter()
        .filter(|row| matches!(row.state, PlanState::Intended | PlanState::Unknown))
        .collect();
    let run = record.intent.as_ref().map(|intent| intent.run.clone());
    let mut looked = Looked {
        record,
        run,
        done: Vec::new(),
        undone: Vec::new(),
        error: None,
        is_deleted: false,
        is_won: false,
    };
    let missed_at = looked.record.intent.as_ref().and_then(|intent| intent.missed_at);
    let again_at = missed_at.map(|at| at + work.setting.policy.look_again_after);
    if again_at.is_some_and(|at| work.clock.now() < at) {
        return looked;
    }
    if let Err(error) = looked.ask(work, ways, begun).await {
        looked.error = Some(error);
    }
    looked
}

impl Looked {
    async fn ask(&mut self, work: &Work<'_>, ways: &Ways, begun: Vec<GroupRow>) -> Result<(), CallError> {
        let known = self.record.remote_id.clone().filter(|_| self.record.state == GroupRecordState::Known);
        let remote_id = match (known, created(&begun)) {
            (Some(known), _) => known,
            (None, Some(attributes)) => {
                let Some(id) = self.find_created(work, ways, &attributes).await? else {
                    if self.record.intent.as_ref().is_none_or(|intent| intent.missed_at.is_none()) {
                        self.undo(begun);
                    }
                    return Ok(());
                };
                id
            }
            // An adoption that was done says so; one that was not is decided about anew.
            (None, None) => {
                let Some(id) = self.find_adopted(work, ways, &begun).await? else {
                    self.settle();
                    self.undo(begun);
                    return Ok(());
                };
                id
            }
        };
        let seen = match read::by_id(work, ways, &remote_id).await? {
            ById::There(seen, _) => seen,
            ById::Gone => {
                self.is_deleted =
                    begun.iter().any(|row| matches!(row.operation, GroupOperation::Delete { .. }));
                learn::gone(&mut self.record);
                let is_delete = |row: &GroupRow| matches!(row.operation, GroupOperation::Delete { .. });
                let (deletes, others): (Vec<_>, Vec<_>) = begun.into_iter().partition(is_delete);
                let n_members = read::n_members(work, &self.record.group).await.map_err(read::unsure)?;
                let in_log = |row| RowDone { n_members, ..done(row, Vec::new()) };
                self.done.extend(deletes.into_iter().map(in_log));
                self.undo(others);
                return Ok(());
            }
        };
        if let Some(attributes) = created(&begun) {
            learn::is_ours(&mut self.record, &seen, attributes);
            self.is_won = true;
        } else if self.record.state != GroupRecordState::Known {
            learn::is_ours(&mut self.record, &seen, seen.attributes.clone());
            self.is_won = true;
        }
        for row in &begun {
            if let GroupOperation::Update { changes, .. } | GroupOperation::Adopt { changes, .. } =
                &row.operation
                && has_happened(changes, &seen.attributes)
            {
                learn::changed(&mut self.record, &seen, changes);
            }
        }
        let accounts = accounts(work, &begun).await?;
        let mut expected = expected(&begun, &accounts);
        let group = (&self.record.group.clone(), &remote_id);
        let members = read::members(work, ways, group, &mut expected, Unseen::Forgotten).await?;
        if members == Members::Gone {
            learn::gone(&mut self.record);
            self.undo(begun);
            return Ok(());
        }
        let is_shown = matches!(members, Members::Read(_));
        for row in begun {
            self.judge(row, &seen.attributes, &accounts, &expected, is_shown);
        }
        self.settle();
        self.record.read_at = is_shown.then(|| work.clock.now());
        Ok(())
    }

    /// What it is like is known.
    fn settle(&mut self) {
        self.record.intent = None;
        self.record.is_unread = false;
    }

    fn undo(&mut self, rows: Vec<GroupRow>) {
        self.undone.extend(rows.into_iter().map(|row| row.seq));
    }

    /// Whether one row that was begun was done, and for whom.
    fn judge(
        &mut self,
        row: GroupRow,
        seen: &Attributes,
        accounts: &BTreeMap<UserId, RemoteId>,
        expected: &Expected,
        is_shown: bool,
    ) {
        let leavers = |members: &[UserId]| -> Vec<Leaver> {
            let of = |user: &UserId| {
                Some(Leaver { account: accounts.get(user)?.clone(), user: Some(user.clone()) })
            };
            let found = members.iter().filter_map(of);
            found.filter(|member| is_shown && !expected.present.contains(&member.account)).collect()
        };
        let members = match &row.operation {
            GroupOperation::Create { members, .. } => Some(leavers(members)),
            GroupOperation::AddMembers { members } => {
                Some(leavers(members)).filter(|members| !members.is_empty())
            }
            GroupOperation::PutBack { members } => {
                let is_in = |member: &&Leaver| is_shown && !expected.present.contains(&member.account);
                let back: Vec<_> = members.iter().filter(is_in).cloned().collect();
                Some(back).filter(|back| !back.is_empty())
            }
            GroupOperation::RemoveMembers { members } => {
                let is_out = |member: &&Leaver| is_shown && !expected.still.contains(&member.account);
                let out: Vec<_> = members.iter().filter(is_out).cloned().collect();
                Some(out).filter(|out| !out.is_empty())
            }
            GroupOperation::Update { changes, .. } | GroupOperation::Adopt { changes, .. } => {
                (has_happened(changes, seen) && !changes.is_empty()).then(Vec::new)
            }
            GroupOperation::Delete { .. } => None,
        };
        match members {
            Some(members) => {
                self.record.failing.remove(&row.operation.kind());
                self.done.push(done(row, members));
            }
            None => self.undone.push(row.seq),
        }
    }
}

fn done(row: GroupRow, members: Vec<Leaver>) -> RowDone {
    let n_members = members.len() as u64;
    RowDone { row, end: RowEnd::Done, members, n_members }
}

fn created(begun: &[GroupRow]) -> Option<Attributes> {
    begun.iter().find_map(|row| match &row.operation {
        GroupOperation::Create { attributes, .. } => Some(attributes.clone()),
        GroupOperation::Adopt { .. }
        | GroupOperation::Update { .. }
        | GroupOperation::AddMembers { .. }
        | GroupOperation::PutBack { .. }
        | GroupOperation::RemoveMembers { .. }
        | GroupOperation::Delete { .. } => None,
    })
}

fn has_happened(wanted: &Changes, seen: &Attributes) -> bool {
    wanted.iter().all(|change| {
        let want: Attributes = change.to.iter().map(|value| (change.path.clone(), value.clone())).collect();
        match change.to {
            Some(_) => changes(&want, &Attributes::new(), seen).is_empty(),
            None => seen.get(&change.path).is_none(),
        }
    })
}

/// The accounts of everybody whom these rows were to make members.
async fn accounts(work: &Work<'_>, begun: &[GroupRow]) -> Result<BTreeMap<UserId, RemoteId>, CallError> {
    let users: BTreeSet<UserId> = begun
        .iter()
        .flat_map(|row| match &row.operation {
            GroupOperation::Create { members, .. } | GroupOperation::AddMembers { members } => {
                members.clone()
            }
            GroupOperation::Adopt { .. }
            | GroupOperation::Update { .. }
            | GroupOperation::PutBack { .. }
            | GroupOperation::RemoveMembers { .. }
            | GroupOperation::Delete { .. } => Vec::new(),
        })
        .collect();
    let users: Vec<_> = users.into_iter().collect();
    let accounts = async {
        let mut tx = work.store.read("engine::groups::look_accounts").await?;
        member::accounts(&mut tx, work.app(), &users).await
    };
    accounts.await.map_err(read::unsure)
}

fn expected(begun: &[GroupRow], accounts: &BTreeMap<UserId, RemoteId>) -> Expected {
    let mut expected = Expected::default();
    for row in begun {
        match &row.operation {
            GroupOperation::RemoveMembers { members } => {
                expected.absent.extend(members.iter().map(|member| member.account.clone()));
            }
            GroupOperation::PutBack { members } => {
                expected.present.extend(members.iter().map(|member| member.account.clone()));
            }
            GroupOperation::Create { .. }
            | GroupOperation::AddMembers { .. }
            | GroupOperation::Adopt { .. }
            | GroupOperation::Update { .. }
            | GroupOperation::Delete { .. } => {}
        }
    }
    expected.present.extend(accounts.values().cloned());
    expected
}

async fn learn_from(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
    looks: Vec<Looked>,
    lost: &mut Lost,
) -> Result<(), StoreError> {
    let now = work.clock.now();
    let mut tx = work.store.begin("engine::groups::learn").await?;
    let (mut records, mut deleted, mut events): (Vec<_>, Vec<_>, Vec<GroupEvent>) =
        (Vec::new(), Vec::new(), Vec::new());
    let (mut states, mut won) = (Vec::new(), Vec::new());
    for looked in looks {
        if let Some(error) = &looked.error {
            lost.stop = lost.stop.take().or(work.health.look_failed(error));
            if let Some(email) = &looked.record.email {
                recorder.fail_group(email.clone(), error.to_string());
            }
            continue;
        }
        let missed_at = looked.record.intent.as_ref().and_then(|intent| intent.missed_at);
        if let Some(missed_at) = missed_at {
            let again_at = missed_at + work.setting.policy.look_again_after;
            lost.again_at = Some(lost.again_at.map_or(again_at, |at| at.max(again_at)));
        }
        let group = looked.record.group.clone();
        for done in &looked.done {
            let kind = GroupEventKind::from(done.row.operation.kind());
            let run = looked.run.clone().unwrap_or_else(|| work.run().clone());
            events.push(GroupEvent { run: run.clone(), ..event_of(work, done, kind, now) });
            recorder.found_group_done(done);
            work.health.found_done();
            if run == *work.run() {
                states.push((done.row.seq, PlanState::Done));
            }
            if done.row.operation.adds_members() {
                let ours: Vec<_> = done.members.iter().map(|member| member.account.clone()).collect();
                member::set(&mut tx, work.lease, &group, &ours, standing_of(&done.row)).await?;
            }
        }
        if looked.run.as_ref() == Some(work.run()) {
            states.extend(looked.undone.iter().map(|seq| (*seq, PlanState::Dropped)));
        }
        if let Some(remote_id) = looked.record.remote_id.as_ref().filter(|_| looked.is_won) {
            won.push((group.clone(), remote_id.clone()));
        }
        if looked.record.state == GroupRecordState::Gone {
            forget_members(&mut tx, work, &group).await?;
        }
        if looked.is_deleted { deleted.push(group) } else { records.push(looked.record) }
    }
    group::record(&mut tx, work.lease, &records).await?;
    for (group, remote_id) in won {
        group::take_from_others(&mut tx, work.lease, &group, &remote_id).await?;
    }
    group::forget(&mut tx, work.lease, &deleted).await?;
    rows::finish(&mut tx, work.lease, &states).await?;
    event::append(&mut tx, work.lease, &events).await?;
    tx.commit().await
}
