//! Carries out the rows of one group, one write after the other, with the reads that make them safe.
//!
//! Here is what all writes share: their turn, how they end, and who is put back. [`create`], [`adopt`], [`change`] and
//! [`members`] are the kinds of rows, [`send`] how one write leaves, [`verify`] what is read afterwards.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::attribute::Attributes;
use usher_model::group::MEMBERS_AT_ONCE;
use usher_model::group::name;
use usher_model::group::operation::{GroupKind, GroupOperation, Leaver};
use usher_model::group::reason::GroupFailure;
use usher_model::id::RemoteId;
use usher_model::mutant::{self, Mutant};
use usher_protocol::failure::FailureClass;
use usher_store::StoreError;
use usher_store::group::member::{self, MemberStanding};
use usher_store::group::plan::{self as rows, GroupRow};
use usher_store::group::{self, GroupRecord, GroupRecordState};
use usher_store::plan::PlanState;

use crate::calls::{CallError, Closed};
use crate::groups::done::{Done, RowDone, RowEnd};
use crate::groups::learn;
use crate::groups::protected::Protected;
use crate::groups::read::{self, Expected, Members, Ways};
use crate::groups::wire::Change;
use crate::refusal::said;
use crate::stop::Stop;
use crate::work::Work;

mod adopt;
mod change;
mod create;
mod members;
mod send;
mod verify;

/// How many members whom Usher did not add are remembered, to be put back should a refusal throw them out.
const MOST_OTHERS: usize = 10_000;

/// How often the app is asked to take back whom a refused write threw out: it may say yes and do nothing.
const MOST_PUT_BACK: usize = 2;

/// Carries out the rows of one group.
pub(super) async fn carry_out(
    work: &Work<'_>,
    ways: &Ways,
    record: GroupRecord,
    rows: Vec<GroupRow>,
) -> Done {
    let mut job = Job {
        work,
        ways,
        record,
        done: Vec::new(),
        again: false,
        is_over: false,
        is_broad: false,
        stop: None,
        others: BTreeMap::new(),
        thrown_out: BTreeSet::new(),
        put_back: Vec::new(),
        refused_members: Vec::new(),
    };
    if let Err(error) = job.know_others(&rows).await {
        job.is_over = true;
        job.is_broad = error.is_broad();
        job.stop = Stop::of(&error);
    }
    for row in rows {
        job.row(row).await;
    }
    job.put_back_others().await;
    job.verify().await;
    job.end()
}

/// One group while its rows are carried out.
struct Job<'a> {
    work: &'a Work<'a>,
    ways: &'a Ways,
    record: GroupRecord,
    done: Vec<RowDone>,
    /// It is to be decided about once more in this run.
    again: bool,
    /// Nothing more is sent about it.
    is_over: bool,
    is_broad: bool,
    stop: Option<Stop>,
    /// Members whom Usher did not add of its own accord, or would not add again, before anything was sent: a refusal may
    /// throw them out.
    others: BTreeMap<RemoteId, MemberStanding>,
    /// Those of them whom a read did not show after a refusal.
    thrown_out: BTreeSet<RemoteId>,
    /// Those who were put back, as what they were.
    put_back: Vec<(RemoteId, MemberStanding)>,
    /// Who was refused, or is as they were; and whether they were to be a member.
    refused_members: Vec<(RemoteId, bool)>,
}

/// A write that brought no success.
enum Refused {
    /// Somebody else is to say what that means.
    Error(CallError),
    /// The group is gone.
    Gone,
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        Self::Error(error)
    }
}

impl Job<'_> {
    async fn know_others(&mut self, rows: &[GroupRow]) -> Result<(), CallError> {
        let is_of_members =
            |row: &GroupRow| matches!(row.operation.kind(), GroupKind::MembersAdd | GroupKind::MembersRemove);
        if rows.iter().any(is_of_members) {
            self.others = self.others_on_record().await.map_err(read::unsure)?;
            // Nobody knows of foreign members but by having been shown them.
            if self.others.values().any(|standing| *standing == MemberStanding::Foreign) {
                self.ways.set_shows_members();
            }
            self.know_untouched().await?;
        }
        for row in rows {
            if let GroupOperation::RemoveMembers { members } = &row.operation {
                self.others.retain(|other, _| members.iter().all(|member| member.account != *other));
            }
        }
        Ok(())
    }

    async fn others_on_record(&self) -> Result<BTreeMap<RemoteId, MemberStanding>, StoreError> {
        let mut tx = self.work.store.read("engine::groups::others").await?;
        member::others(&mut tx, self.work.app(), &self.record.group, MOST_OTHERS).await
    }

    /// Those of the untouched who are in the group: should a refused write throw them out, they are put back. That is read
    /// first, because whoever somebody else took out before is not put back.
    async fn know_untouched(&mut self) -> Result<(), CallError> {
        let Some(remote_id) = self.record.remote_id.clone() else { return Ok(()) };
        let untouched = self.untouched().await.map_err(read::unsure)?;
        if untouched.is_empty() {
            return Ok(());
        }
        let mut expected = Expected { present: untouched.clone(), ..Expected::default() };
        // An app that shows nobody, or no such group any more, shows after a refusal who was thrown out as little.
        if let Members::Read(_) = self.read_back(&remote_id, &mut expected).await? {
            let there = untouched.difference(&expected.present);
            self.others.extend(there.map(|account| (account.clone(), MemberStanding::Ours)));
        }
        Ok(())
    }

    /// Members of ours, as is on record, whom nobody adds again: they are pinned, or are to leave and wait for a person.
    async fn untouched(&self) -> Result<BTreeSet<RemoteId>, StoreError> {
        let (app, group) = (self.work.app(), &self.record.group);
        let mut tx = self.work.store.read("engine::groups::untouched").await?;
        let mut untouched = Protected::load(&mut tx, app, self.work.clock.now()).await?.accounts;
        for row in rows::of_group(&mut tx, app, self.work.run(), group).await? {
            if let (PlanState::Held, GroupOperation::RemoveMembers { members }) = (row.state, row.operation) {
                untouched.extend(members.into_iter().map(|member| member.account));
            }
        }
        let of_group = member::standings_of(&mut tx, app, group, &untouched).await?;
        let ours = of_group.into_iter().filter(|(_, standing)| *standing == MemberStanding::Ours);
        Ok(ours.map(|(account, _)| account).collect())
    }

    /// Puts back whom a refused write of ours threw out of the group along with what it was about.
    async fn put_back_others(&mut self) {
        let Some(remote_id) = self.record.remote_id.clone() else { return };
        let is_over = self.stop.is_some() || self.is_lost() || self.record.state != GroupRecordState::Known;
        if is_over || self.thrown_out.is_empty() {
            return;
        }
        let mut thrown_out = std::mem::take(&mut self.thrown_out);
        for _ in 0..MOST_PUT_BACK {
            if let Err(refused) = self.put_back_once(&remote_id, &thrown_out).await {
                return self.is_unknown(&refused);
            }
            let expected = Expected { present: thrown_out, ..Expected::default() };
            let (read, open) = self.seen_in_time(&remote_id, &expected).await;
            match read {
                Ok(Members::Read(_)) => thrown_out = open.present,
                Ok(Members::NotShown) => return,
                Ok(Members::Gone) => return self.is_unknown(&Refused::Gone),
                Err(error) => return self.is_unknown(&error.into()),
            }
            self.put_back.retain(|(member, _)| !thrown_out.contains(member));
            if thrown_out.is_empty() {
                return;
            }
        }
        self.warn_of(thrown_out.len());
    }

    /// Asks the app to take them back. Whom it may have taken back is known as what they were.
    async fn put_back_once(
        &mut self,
        remote_id: &RemoteId,
        thrown_out: &BTreeSet<RemoteId>,
    ) -> Result<(), Refused> {
        let thrown_out: Vec<_> = thrown_out.iter().cloned().collect();
        for ids in thrown_out.chunks(MEMBERS_AT_ONCE) {
            let written = self.write(remote_id, Change::Add(ids)).await;
            let may_be_in = match &written {
                Ok(_) => true,
                Err(Refused::Gone) => false,
                Err(Refused::Error(error)) => error.may_have_happened(),
            };
            if may_be_in {
                let standing = |id: &RemoteId| Some((id.clone(), *self.others.get(id)?));
                self.put_back.extend(ids.iter().filter_map(standing));
            } else {
                self.warn_of(ids.len());
            }
            written?;
        }
        Ok(())
    }

    fn warn_of(&self, n: usize) {
        tracing::warn!(
            group = %self.record.group, n,
            "a refused write threw members out of a group whom Usher had not added, and the app does not take them back"
        );
    }

    /// What became of a write that no row tells of: the group is read before it is written to again.
    fn is_unknown(&mut self, refused: &Refused) {
        match refused {
            Refused::Gone => learn::gone(&mut self.record),
            Refused::Error(error) => {
                self.record.is_unread = true;
                self.is_broad |= error.is_broad();
                self.stop = self.stop.take().or(Stop::of(error));
            }
        }
        self.again |= self.stop.is_none();
    }

    async fn row(&mut self, row: GroupRow) {
        // A run may take hours: who pins a group meanwhile is heard before its next row.
        if !self.is_over {
            match self.is_pinned().await {
                Ok(is_pinned) => self.is_over = is_pinned,
                Err(error) => {
                    self.is_over = true;
                    return self.not_written(row, &closed(&error).into());
                }
            }
        }
        if self.is_over {
            self.ended(row, RowEnd::Dropped, Vec::new());
            return;
        }
        match row.operation.clone() {
            GroupOperation::Create { attributes, members, ask_first } => {
                self.create(row, &attributes, &members, ask_first).await;
            }
            GroupOperation::Adopt { group, changes } => self.adopt_listed(row, &group, &changes).await,
            GroupOperation::Update { remote_id, changes } => self.update(row, &remote_id, &changes).await,
            GroupOperation::AddMembers { members } => self.add_members(row, &members).await,
            GroupOperation::PutBack { members } => self.put_back(row, members).await,
            GroupOperation::RemoveMembers { members } => self.remove_members(row, members).await,
            GroupOperation::Delete { remote_id } => self.delete(row, &remote_id).await,
        }
    }

    /// Whether somebody has pinned the group by now.
    async fn is_pinned(&self) -> Result<bool, StoreError> {
        let (work, group) = (self.work, &self.record.group);
        let mut tx = work.store.read("engine::groups::is_pinned").await?;
        let record = group::of(&mut tx, work.app(), std::slice::from_ref(group)).await?.remove(group);
        let pin = record.and_then(|record| record.pin);
        let holds = pin.is_some_and(|pin| pin.holds(work.clock.now()));
        Ok(holds && !mutant::lives(Mutant::GroupPinsIgnored))
    }

    fn ended(&mut self, row: GroupRow, end: RowEnd, members: Vec<Leaver>) {
        if let RowEnd::Failed(failure) = &end {
            let (kind, now) = (row.operation.kind(), self.work.clock.now());
            self.record = learn::failed(self.record.clone(), kind, failure.clone(), now);
        } else if end == RowEnd::Done {
            // Some members may still be refused, or its name: what does not need them was planned for without them.
            let (kind, names) = (row.operation.kind(), row.operation.names());
            self.record.failing.retain(|failed, failing| {
                *failed != kind
                    || matches!(failing.failure, GroupFailure::Members { .. })
                    || failing.failure.is_of_name() && !names
            });
        }
        let n_members = members.len() as u64;
        self.done.push(RowDone { row, end, members, n_members });
    }

    fn fail(&mut self, row: GroupRow, failure: GroupFailure) {
        self.ended(row, RowEnd::Failed(failure), Vec::new());
    }

    /// A call failed: unknown if it may have happened, the group's failure if not, the run's end if it must.
    fn not_written(&mut self, row: GroupRow, error: &CallError) {
        self.is_broad |= error.is_broad();
        match Stop::of(error) {
            Some(stop @ Stop::Forbidden(_)) => {
                self.stop = Some(stop);
                self.is_over = true;
                self.fail(row, GroupFailure::NoAnswer { message: error.to_string() });
            }
            Some(stop) => {
                self.stop = Some(stop);
                self.is_over = true;
                self.ended(row, RowEnd::Dropped, Vec::new());
            }
            None if error.may_have_happened() => {
                self.is_over = true;
                self.again = true;
                self.ended(row, RowEnd::Unknown(error.to_string()), Vec::new());
            }
            None => self.fail(row, failure_of(error)),
        }
    }

    /// The app says that there is no such group any more: what that means is decided anew.
    fn is_gone(&mut self, row: GroupRow) {
        learn::gone(&mut self.record);
        self.is_over = true;
        self.again = true;
        self.ended(row, RowEnd::Dropped, Vec::new());
    }

    fn refused(&mut self, row: GroupRow, refused: &Refused) {
        match refused {
            Refused::Gone => self.is_gone(row),
            // Of a write that names nobody, only the group itself can be what is not there.
            Refused::Error(CallError::Refused(failure)) if failure.of_write() == FailureClass::Gone => {
                self.is_gone(row);
            }
            Refused::Error(error) => self.not_written(row, error),
        }
    }

    /// Whether the answer to a write was lost: then its intent stays.
    fn is_lost(&self) -> bool {
        self.done.iter().any(|done| matches!(done.end, RowEnd::Unknown(_)))
    }

    fn end(mut self) -> Done {
        if !self.is_lost() {
            self.record.intent = None;
        }
        let is_removal = |done: &&RowDone| done.row.operation.kind() == GroupKind::MembersRemove;
        let removed = self.done.iter().filter(is_removal).flat_map(|done| &done.members);
        let removed = removed.map(|member| member.account.clone()).collect();
        let Self { record, done, again, is_broad, stop, put_back, refused_members: refused, .. } = self;
        Done { record, rows: done, removed, put_back, refused, again, is_broad, stop }
    }
}

fn text(attributes: &Attributes) -> String {
    let name = attributes.get(&name::display_name()).and_then(serde_json::Value::as_str);
    name.unwrap_or_default().to_owned()
}

fn closed(error: &StoreError) -> Closed {
    if error.is_fenced() { Closed::Fenced } else { Closed::Unsure(error.to_string()) }
}

fn failure_of(error: &CallError) -> GroupFailure {
    match error {
        CallError::Refused(failure) => {
            GroupFailure::Refused { status: failure.status(), message: said(failure) }
        }
        CallError::Transport(_) | CallError::Useless(_) | CallError::Closed(_) | CallError::NotAsked(_) => {
            GroupFailure::NoAnswer { message: error.to_string() }
        }
    }
}
