//! Carries out the rows of one group, one write after the other, with the reads that make them safe.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::account::Choice;
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::{Changes, changes};
use usher_model::attribute::fold::fold;
use usher_model::group::MEMBERS_AT_ONCE;
use usher_model::group::adoption::{FoundGroup, GroupConflict, RemoteGroup};
use usher_model::group::name;
use usher_model::group::operation::{GroupKind, GroupOperation, Leaver};
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_model::id::{RemoteId, UserId};
use usher_model::lifecycle::DriftPolicy;
use usher_model::template::{MemberRemoval, MembersRead, Update};
use usher_protocol::failure::FailureClass;
use usher_protocol::http::{Request, Response};
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::request;
use usher_protocol::scim::resource::Resource;
use usher_store::account::AccountRecord;
use usher_store::group::member::{self, MemberStanding, Unseen};
use usher_store::group::plan::GroupRow;
use usher_store::group::{self, GroupRecord, GroupRecordState};
use usher_store::{StoreError, Tx};

use super::{Done, RowDone, RowEnd};
use crate::ask::resource_id;
use crate::calls::{CallError, Closed, Tries};
use crate::groups::learn;
use crate::groups::read::{self, ById, Expected, Members, Ways};
use crate::groups::wire::{self, Change, RemoveBy, Seen};
use crate::refusal::said;
use crate::stop::Stop;
use crate::work::Work;

/// How many members whom Usher did not add are remembered, to be put back should a refusal throw them out.
const MOST_OTHERS: usize = 10_000;
/// How many refused requests a chunk of members is divided by, until those who are refused are found.
const MOST_REFUSED: u32 = 20;
/// How many members of a page the app reads at once; fewer changes than a group has pages are asked for one by one.
const MEMBERS_A_PAGE: u64 = 100;

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
        is_lost: false,
        is_broad: false,
        stop: None,
        others: BTreeMap::new(),
        thrown_out: BTreeSet::new(),
        put_back: Vec::new(),
    };
    if let Err(error) = job.know_others(&rows).await {
        job.is_over = true;
        job.stop = Some(Stop::Closed(closed(&error)));
    }
    for row in rows {
        job.row(row).await;
    }
    job.verify().await;
    job.put_back_others().await;
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
    /// The answer to a write was lost: its intent stays.
    is_lost: bool,
    is_broad: bool,
    stop: Option<Stop>,
    /// Members whom Usher did not add of its own accord, before anything was sent: a refusal may throw them out.
    others: BTreeMap<RemoteId, MemberStanding>,
    /// Those of them whom a read did not show after a refusal.
    thrown_out: BTreeSet<RemoteId>,
    /// Those who were put back, as what they were.
    put_back: Vec<(RemoteId, MemberStanding)>,
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
    async fn know_others(&mut self, rows: &[GroupRow]) -> Result<(), StoreError> {
        let is_of_members =
            |row: &GroupRow| matches!(row.operation.kind(), GroupKind::MembersAdd | GroupKind::MembersRemove);
        if rows.iter().any(is_of_members) {
            let mut tx = self.work.store.read("engine::groups::know_others").await?;
            self.others = member::others(&mut tx, self.work.app(), &self.record.group, MOST_OTHERS).await?;
            // Nobody knows of foreign members but by having been shown them.
            if self.others.values().any(|standing| *standing == MemberStanding::Foreign) {
                self.ways.set_shows_members();
            }
        }
        for row in rows {
            if let GroupOperation::RemoveMembers { members } = &row.operation {
                self.others.retain(|other, _| members.iter().all(|member| member.account != *other));
            }
        }
        Ok(())
    }

    /// Puts back whom a refused write of ours threw out of the group along with what it was about.
    async fn put_back_others(&mut self) {
        let Some(remote_id) = self.record.remote_id.clone() else { return };
        let is_over = self.stop.is_some() || self.is_lost || self.record.state != GroupRecordState::Known;
        if is_over || self.thrown_out.is_empty() {
            return;
        }
        let thrown_out: Vec<_> = std::mem::take(&mut self.thrown_out).into_iter().collect();
        for ids in thrown_out.chunks(MEMBERS_AT_ONCE) {
            match self.write(&remote_id, Change::Add(ids)).await {
                Ok(_) => self.put_back.extend(
                    ids.iter().filter_map(|id| self.others.get(id).map(|standing| (id.clone(), *standing))),
                ),
                Err(_) => {
                    tracing::warn!(
                        group = %self.record.group, n = ids.len(),
                        "a refused write threw members out of a group whom Usher had not added, and the app does not take them back"
                    );
                }
            }
        }
    }

    async fn row(&mut self, row: GroupRow) {
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
            GroupOperation::RemoveMembers { members } => self.remove_members(row, members).await,
            GroupOperation::Delete { remote_id } => self.delete(row, &remote_id).await,
        }
    }

    fn ended(&mut self, row: GroupRow, end: RowEnd, members: Vec<Leaver>) {
        if let RowEnd::Failed(failure) = &end {
            let (kind, now) = (row.operation.kind(), self.work.clock.now());
            self.record = learn::failed(self.record.clone(), kind, failure.clone(), now);
        } else if end == RowEnd::Done {
            self.record.failing.remove(&row.operation.kind());
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
                self.is_lost = true;
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

    /// Sends a write, once the group's intent covers the time that it may take.
    async fn send(&mut self, request: &Request) -> Result<Response, CallError> {
        let mut tries = Tries::default();
        loop {
            let turn = self.work.client.turn(request).await;
            self.renew().await.map_err(|error| closed(&error))?;
            if let Some(response) = self.work.client.attempt(turn, request, &mut tries).await? {
                return Ok(response);
            }
        }
    }

    /// Renews an intent that waited so long that a request could outlive it.
    async fn renew(&mut self) -> Result<(), StoreError> {
        let Some(intent) = &mut self.record.intent else { return Ok(()) };
        if self.work.clock.now() + self.work.client.timeout() <= intent.until {
            return Ok(());
        }
        intent.until = self.work.intent_until();
        let mut tx = self.work.store.begin("engine::groups::renew").await?;
        group::record(&mut tx, self.work.lease, std::slice::from_ref(&self.record)).await?;
        tx.commit().await
    }

    async fn create(&mut self, row: GroupRow, attributes: &Attributes, members: &[UserId], ask_first: bool) {
        let (work, ways) = (self.work, self.ways);
        let display_name = text(attributes);
        let takes_over = self.record.choice == Some(Choice::TakeOver);
        let group = self.record.group.clone();
        if ask_first {
            match read::own(work, ways, &group, &display_name, takes_over).await {
                Ok(FoundGroup::Nothing | FoundGroup::NotLooked) => {}
                Ok(found) => return self.settle_found(row, found, attributes).await,
                Err(error) => return self.not_written(row, &error.before_write()),
            }
        }
        let accounts = match self.accounts(members, false).await {
            Ok(accounts) => accounts,
            Err(error) => return self.not_written(row, &closed(&error).into()),
        };
        let ids: Vec<_> = accounts.iter().map(|member| member.account.clone()).collect();
        let body = wire::new_group(attributes, &ids);
        match self.send(&request::create(ResourceKind::Group, body)).await {
            Ok(response) => self.created(row, attributes, accounts, &response).await,
            Err(CallError::Refused(failure)) if failure.of_write() == FailureClass::Conflict => {
                let found = match read::own(work, ways, &group, &display_name, takes_over).await {
                    Ok(FoundGroup::Nothing | FoundGroup::NotLooked) => {
                        read::in_listing(work, &group, &display_name, takes_over).await
                    }
                    other => other,
                };
                match found {
                    Ok(FoundGroup::Nothing | FoundGroup::NotLooked) => {
                        let conflict = GroupConflict::Invisible { display_name };
                        self.is_over = true;
                        self.fail(row, GroupFailure::Conflict { conflict });
                    }
                    Ok(found) => self.settle_found(row, found, attributes).await,
                    Err(error) => self.not_written(row, &error.before_write()),
                }
            }
            // It may be one of the members whom the app does not know: the group is made without any, and they are added.
            Err(CallError::Refused(failure))
                if !ids.is_empty()
                    && matches!(failure.of_write(), FailureClass::Permanent | FailureClass::Gone) =>
            {
                let body = wire::new_group(attributes, &[]);
                match self.send(&request::create(ResourceKind::Group, body)).await {
                    Ok(response) => {
                        self.created(row, attributes, Vec::new(), &response).await;
                        // Its members are added in the next round, in which those who are refused are found.
                        self.again = true;
                    }
                    Err(CallError::Refused(again)) if again.of_write() == failure.of_write() => {
                        self.is_over = true;
                        self.not_written(row, &CallError::Refused(failure));
                    }
                    Err(error) => {
                        self.is_over = true;
                        self.not_written(row, &error);
                    }
                }
            }
            Err(error) => {
                self.is_over = true;
                self.not_written(row, &error);
            }
        }
    }

    /// The app said yes: the group is what the answer shows, or, where it shows nothing, what a look finds.
    async fn created(
        &mut self,
        row: GroupRow,
        attributes: &Attributes,
        accounts: Vec<Leaver>,
        response: &Response,
    ) {
        let seen = match Resource::read(response).ok().and_then(Seen::read) {
            Some(seen) => seen,
            None => {
                let group = self.record.group.clone();
                let found = read::own(self.work, self.ways, &group, &text(attributes), false).await;
                let id = match found {
                    Ok(FoundGroup::Own(group, _)) => group.remote_id,
                    Ok(FoundGroup::Nothing | FoundGroup::NotLooked | FoundGroup::Conflict(_)) => {
                        let why = "the app said yes to the group, and shows no such one".to_owned();
                        return self.not_written(row, &CallError::Useless(why));
                    }
                    Err(error) => return self.not_written(row, &CallError::Useless(error.to_string())),
                };
                match read::by_id(self.work, self.ways, &id).await {
                    Ok(ById::There(seen, _)) => *seen,
                    Ok(ById::Gone) => {
                        let why = "the app said yes to the group, and says that it is gone".to_owned();
                        return self.not_written(row, &CallError::Useless(why));
                    }
                    Err(error) => return self.not_written(row, &CallError::Useless(error.to_string())),
                }
            }
        };
        learn::is_ours(&mut self.record, &seen, attributes.clone());
        // Who was sent along is in it once a read has shown them.
        self.ended(row, RowEnd::Done, accounts);
    }

    /// A group was there before us.
    async fn settle_found(&mut self, row: GroupRow, found: FoundGroup, attributes: &Attributes) {
        match found {
            // Whoever approved a create has not looked at the group that is there.
            FoundGroup::Own(..) if self.work.is_approved => {
                self.is_over = true;
                self.fail(row, GroupFailure::NotApproved);
            }
            FoundGroup::Own(group, by) => {
                let changes = changes(attributes, &Attributes::new(), &group.attributes());
                let operation = GroupOperation::Adopt { group: group.clone(), changes: changes.clone() };
                let row = GroupRow { operation, reason: GroupReason::Adopted { by }, ..row };
                self.adopt(row, &group.remote_id, &changes).await;
            }
            FoundGroup::Conflict(conflict) => {
                self.is_over = true;
                self.fail(row, GroupFailure::Conflict { conflict });
            }
            FoundGroup::Nothing | FoundGroup::NotLooked => self.ended(row, RowEnd::Dropped, Vec::new()),
        }
        // Whoever is in it has to be read before anybody else is added.
        self.is_over = true;
    }

    /// Adopts a group that a listing showed, if a read shows that it still is what it was.
    async fn adopt_listed(&mut self, row: GroupRow, listed: &RemoteGroup, changes: &Changes) {
        let seen = match read::by_id(self.work, self.ways, &listed.remote_id).await {
            Ok(ById::There(seen, _)) => seen,
            Ok(ById::Gone) => return self.decide_anew(row, None).await,
            Err(error) => {
                self.is_over = true;
                return self.not_written(row, &error.before_write());
            }
        };
        let is_same_name = seen.display_name().map(fold) == Some(fold(&listed.display_name));
        if !is_same_name || seen.external_id() != listed.external_id.as_deref() {
            return self.decide_anew(row, Some(&seen)).await;
        }
        self.adopt(row, &listed.remote_id, changes).await;
        // Its members were read when it was found; who has read them longer ago reads them again.
        if self.record.read_at.is_none() {
            self.record.is_unread = true;
            self.again = true;
            self.is_over = true;
        }
    }

    /// The group is not what the listing showed: nothing is sent, and the next round goes by what it is now.
    async fn decide_anew(&mut self, row: GroupRow, seen: Option<&Seen>) {
        self.is_over = true;
        match read::shown_now(self.work, seen).await {
            Ok(()) => {
                self.again = true;
                self.ended(row, RowEnd::Dropped, Vec::new());
            }
            Err(error) => self.not_written(row, &closed(&error).into()),
        }
    }

    async fn adopt(&mut self, row: GroupRow, remote_id: &RemoteId, changes: &Changes) {
        let written = match changes.is_empty() {
            true => match read::by_id(self.work, self.ways, remote_id).await {
                Ok(ById::There(seen, _)) => Ok(*seen),
                Ok(ById::Gone) => Err(Refused::Gone),
                Err(error) => Err(error.before_write().into()),
            },
            false => self.write_attributes(remote_id, changes).await,
        };
        match written {
            Ok(seen) => {
                // What the app holds beyond what is wanted stays somebody's own: a group has nothing else that we write.
                let sent = learn::with(seen.attributes.clone(), changes);
                learn::is_ours(&mut self.record, &seen, sent);
                if self.record.read_at.is_none() {
                    (self.record.is_unread, self.again) = (true, true);
                }
                self.ended(row, RowEnd::Done, Vec::new());
            }
            Err(refused) => {
                self.is_over = true;
                self.refused(row, &refused);
            }
        }
    }

    async fn update(&mut self, row: GroupRow, remote_id: &RemoteId, changes: &Changes) {
        match self.write_attributes(remote_id, changes).await {
            Ok(seen) => {
                let wanted = changes.iter().find(|change| change.path == name::display_name());
                let wanted = wanted.and_then(|change| change.to.as_ref()?.as_str().map(fold));
                if wanted.is_some() && seen.display_name().map(fold) != wanted {
                    let message = format!(
                        "the app said yes to the group's new name and shows {:?}",
                        seen.display_name().unwrap_or_default()
                    );
                    return self.fail(row, GroupFailure::Disobeyed { message });
                }
                learn::changed(&mut self.record, &seen, changes);
                self.ended(row, RowEnd::Done, Vec::new());
            }
            Err(Refused::Error(CallError::Refused(failure)))
                if failure.of_write() == FailureClass::Conflict =>
            {
                let display_name = changes
                    .iter()
                    .find(|change| change.path == name::display_name())
                    .and_then(|change| change.to.as_ref()?.as_str().map(str::to_owned));
                let conflict = self.holder(display_name.unwrap_or_default()).await;
                self.fail(row, GroupFailure::Conflict { conflict });
            }
            Err(refused) => self.refused(row, &refused),
        }
    }

    /// Who has the name that the app refused.
    async fn holder(&self, display_name: String) -> GroupConflict {
        let group = &self.record.group;
        match read::own(self.work, self.ways, group, &display_name, false).await {
            Ok(FoundGroup::Conflict(conflict)) => conflict,
            // It is there, and nobody's.
            Ok(FoundGroup::Own(found, _)) if Some(&found.remote_id) != self.record.remote_id.as_ref() => {
                GroupConflict::ForeignExternalId {
                    remote_id: found.remote_id,
                    display_name: found.display_name,
                    external_id: found.external_id.unwrap_or_else(|| "empty".to_owned()),
                }
            }
            Ok(FoundGroup::Own(..) | FoundGroup::Nothing | FoundGroup::NotLooked) | Err(_) => {
                GroupConflict::Invisible { display_name }
            }
        }
    }

    /// Writes a group's name or `externalId` and returns the group as the app then shows it.
    async fn write_attributes(&mut self, remote_id: &RemoteId, changes: &Changes) -> Result<Seen, Refused> {
        let response = self.write(remote_id, Change::Attributes(changes)).await?;
        let shown = Resource::read(&response).ok().and_then(Seen::read);
        if let Some(seen) = shown.filter(|seen| seen.remote_id == *remote_id && seen.display_name().is_some())
        {
            return Ok(seen);
        }
        match read::by_id(self.work, self.ways, remote_id).await {
            Ok(ById::There(seen, _)) => Ok(*seen),
            Ok(ById::Gone) => Err(Refused::Gone),
            Err(error) => {
                let why = format!("the app said yes and could not be read afterwards: {error}");
                Err(CallError::Useless(why).into())
            }
        }
    }

    /// Sends one change, as a PATCH or as a PUT of the whole.
    async fn write(&mut self, remote_id: &RemoteId, change: Change<'_>) -> Result<Response, Refused> {
        match self.write_once(remote_id, change).await {
            Err(Refused::Error(error)) if self.work.client.knows_no_patch(&error) => {
                self.write_once(remote_id, change).await
            }
            written => written,
        }
    }

    async fn write_once(&mut self, remote_id: &RemoteId, change: Change<'_>) -> Result<Response, Refused> {
        let id = resource_id(remote_id)?;
        let request = match self.work.client.update() {
            Update::Detect | Update::Patch => request::patch(ResourceKind::Group, &id, &wire::patch(change)),
            Update::Put => {
                let read = read::by_id(self.work, self.ways, remote_id).await;
                let ById::There(seen, resource) = read.map_err(CallError::before_write)? else {
                    return Err(Refused::Gone);
                };
                if !self.ways.shows_members_of(&seen) {
                    let why = "the app takes no PATCH and does not show who is in the group: a PUT would throw everybody out";
                    return Err(CallError::Useless(why.to_owned()).before_write().into());
                }
                request::replace(ResourceKind::Group, &id, wire::merged(resource, change))
            }
        };
        self.send(&request).await.map_err(Refused::from)
    }

    /// The accounts of people who have one, in their order. Whoever was pinned meanwhile is left out, but by an undo, whose
    /// own pin it may be.
    async fn accounts(&self, users: &[UserId], is_undo: bool) -> Result<Vec<Leaver>, StoreError> {
        let mut tx = self.work.store.read("engine::groups::accounts").await?;
        let mut accounts = member::accounts(&mut tx, self.work.app(), users).await?;
        let pinned = if is_undo { BTreeSet::new() } else { self.pinned(&mut tx, users).await? };
        let of = |user: &UserId| Some(Leaver { account: accounts.remove(user)?, user: Some(user.clone()) });
        Ok(users.iter().filter(|user| !pinned.contains(*user)).filter_map(of).collect())
    }

    /// Those of these people whom Usher must not touch now.
    async fn pinned(&self, tx: &mut Tx, users: &[UserId]) -> Result<BTreeSet<UserId>, StoreError> {
        let now = self.work.clock.now();
        let records = usher_store::account::of(tx, self.work.app(), users).await?;
        let is_pinned = |record: &AccountRecord| record.pin.as_ref().is_some_and(|pin| pin.holds(now));
        Ok(records.into_values().filter(is_pinned).map(|record| record.user).collect())
    }

    async fn add_members(&mut self, row: GroupRow, users: &[UserId]) {
        let is_undo = matches!(row.reason, GroupReason::Undone { .. });
        match self.accounts(users, is_undo).await {
            Ok(members) => self.change_members(row, members, true).await,
            Err(error) => self.not_written(row, &closed(&error).into()),
        }
    }

    async fn remove_members(&mut self, row: GroupRow, mut members: Vec<Leaver>) {
        let users: Vec<_> = members.iter().filter_map(|member| member.user.clone()).collect();
        let pinned = async {
            let mut tx = self.work.store.read("engine::groups::pinned").await?;
            self.pinned(&mut tx, &users).await
        };
        match pinned.await {
            Ok(pinned) => {
                members.retain(|member| member.user.as_ref().is_none_or(|user| !pinned.contains(user)));
                self.change_members(row, members, false).await;
            }
            Err(error) => self.not_written(row, &closed(&error).into()),
        }
    }

    /// Adds or takes out members, all at once; if that is refused, the group is read, and those who are still to be done
    /// are divided until the ones who are refused are found: one of a hundred never stops the others.
    async fn change_members(&mut self, row: GroupRow, members: Vec<Leaver>, is_added: bool) {
        let Some(remote_id) = self.record.remote_id.clone() else {
            return self.ended(row, RowEnd::Dropped, Vec::new());
        };
        if members.is_empty() {
            return self.ended(row, RowEnd::Dropped, Vec::new());
        }
        let (mut open, mut done) = (vec![members], Vec::new());
        let (mut refused, mut n_refused): (Vec<(Leaver, CallError)>, u32) = (Vec::new(), 0);
        while let Some(chunk) = open.pop() {
            let ids: Vec<_> = chunk.iter().map(|member| member.account.clone()).collect();
            let error = match self.write_members(&remote_id, &ids, is_added).await {
                Ok(()) => {
                    done.extend(chunk);
                    continue;
                }
                Err(Refused::Gone) => return self.is_gone(row),
                Err(Refused::Error(error)) => error,
            };
            let is_refusal = matches!(error, CallError::Refused(_)) && !error.may_have_happened();
            if !is_refusal || Stop::of(&error).is_some() {
                self.is_over = true;
                if done.is_empty() {
                    return self.not_written(row, &error);
                }
                if error.may_have_happened() {
                    // A look tells how much of the row was done, and for whom.
                    return self.not_written(row, &error);
                }
                // What was done before it counts; the rest is decided about once the group was read.
                (self.again, self.is_broad) = (true, error.is_broad());
                self.stop = Stop::of(&error);
                self.record.is_unread = true;
                return self.ended(row, RowEnd::Failed(failure_of(&error)), done);
            }
            n_refused += 1;
            let left = match self.still_open(&remote_id, chunk, is_added, &mut done).await {
                Ok(Some(left)) => left,
                Ok(None) => return self.is_gone(row),
                Err(unread) => {
                    // Who is in it, nobody knows: it is read before it is written to again.
                    self.is_over = true;
                    self.record.is_unread = true;
                    self.stop = Stop::of(&unread);
                    self.is_broad = unread.is_broad();
                    return self.ended(row, RowEnd::Failed(failure_of(&error)), done);
                }
            };
            if left.len() > 1 && n_refused < MOST_REFUSED {
                let (one, two) = left.split_at(left.len() / 2);
                open.extend([two.to_vec(), one.to_vec()]);
            } else {
                refused.extend(left.into_iter().map(|member| (member, error.clone())));
            }
        }
        match refused.first() {
            None => self.ended(row, RowEnd::Done, done),
            Some((_, error)) => {
                let failure = self.of_members(&refused, error, is_added).await;
                let kind = row.operation.kind();
                self.ended(row, RowEnd::Failed(failure), done);
                // Others who join or leave meanwhile do not wait for the one who is refused.
                if let Some(failing) = self.record.failing.get_mut(&kind) {
                    failing.retry_at = self.work.clock.now();
                }
            }
        }
    }

    /// Which of the members that a request was refused for are still to be done, as a read of the group shows. None: the
    /// group is gone.
    async fn still_open(
        &mut self,
        remote_id: &RemoteId,
        chunk: Vec<Leaver>,
        is_added: bool,
        done: &mut Vec<Leaver>,
    ) -> Result<Option<Vec<Leaver>>, CallError> {
        if let ById::Gone = read::by_id(self.work, self.ways, remote_id).await? {
            return Ok(None);
        }
        let ids: BTreeSet<_> = chunk.iter().map(|member| member.account.clone()).collect();
        let mut expected = Expected::default();
        if is_added {
            expected.present = ids;
        } else {
            expected.absent = ids;
        }
        let group = (&self.record.group.clone(), remote_id);
        expected.others = self.others.keys().cloned().collect();
        match read::members(self.work, self.ways, group, &mut expected, Unseen::Forgotten).await? {
            Members::Gone => return Ok(None),
            Members::NotShown => return Ok(Some(chunk)),
            // A refusal may have emptied the group: whoever was forgotten is decided about once more.
            Members::Read(over) => {
                self.again |= over.missing > 0;
                self.thrown_out.extend(std::mem::take(&mut expected.others));
            }
        }
        let is_open = |member: &Leaver| {
            if is_added {
                expected.present.contains(&member.account)
            } else {
                expected.still.contains(&member.account)
            }
        };
        let (left, settled): (Vec<_>, Vec<_>) = chunk.into_iter().partition(is_open);
        done.extend(settled);
        Ok(Some(left))
    }

    async fn write_members(
        &mut self,
        remote_id: &RemoteId,
        ids: &[RemoteId],
        is_added: bool,
    ) -> Result<(), Refused> {
        if is_added {
            return self.write(remote_id, Change::Add(ids)).await.map(drop);
        }
        let takes_lists = self.work.client.template.quirks.member_removal == MemberRemoval::ValueList;
        if takes_lists || self.ways.removes_by_list() {
            return self.write(remote_id, Change::Remove(ids, RemoveBy::ValueList)).await.map(drop);
        }
        match self.write(remote_id, Change::Remove(ids, RemoveBy::Path)).await {
            Err(Refused::Error(CallError::Refused(failure)))
                if matches!(failure.of_write(), FailureClass::Permanent) =>
            {
                // Before it is written to again, it is read: the refusal may have done something.
                let read = read::by_id(self.work, self.ways, remote_id).await;
                if let ById::Gone = read.map_err(CallError::before_write)? {
                    return Err(Refused::Gone);
                }
                match self.write(remote_id, Change::Remove(ids, RemoveBy::ValueList)).await {
                    Ok(_) => self.after_value_list(remote_id, ids).await,
                    Err(Refused::Error(CallError::Refused(_))) => {
                        Err(Refused::Error(CallError::Refused(failure)))
                    }
                    Err(other) => Err(other),
                }
            }
            other => other.map(drop),
        }
    }

    /// Whether the app, which refuses a member's path, took a list of values for what it is: there are some that take it for
    /// everybody. Those are never sent one again in this run, and whom they threw out is put back.
    async fn after_value_list(&mut self, remote_id: &RemoteId, ids: &[RemoteId]) -> Result<(), Refused> {
        let mut expected = Expected { others: self.others.keys().cloned().collect(), ..Expected::default() };
        expected.absent = ids.iter().cloned().collect();
        let group = (&self.record.group.clone(), remote_id);
        let read = read::members(self.work, self.ways, group, &mut expected, Unseen::Forgotten).await;
        match read.map_err(|error| CallError::Useless(error.to_string()))? {
            Members::Gone => Err(Refused::Gone),
            Members::NotShown => Ok(()),
            Members::Read(over) => {
                let is_everybody = over.missing > ids.len() as u64 || !expected.others.is_empty();
                self.again |= is_everybody;
                self.thrown_out.extend(expected.others);
                self.ways.set_removes_by_list(!is_everybody);
                Ok(())
            }
        }
    }

    /// A failure that names the members whom the app refused.
    async fn of_members(
        &self,
        refused: &[(Leaver, CallError)],
        error: &CallError,
        is_added: bool,
    ) -> GroupFailure {
        const NAMED: usize = 5;
        let users: Vec<_> =
            refused.iter().filter_map(|(member, _)| member.user.clone()).take(NAMED).collect();
        let emails = async {
            let mut tx = self.work.store.read("engine::groups::refused").await?;
            usher_store::account::of(&mut tx, self.work.app(), &users).await
        };
        let emails = emails.await.unwrap_or_default();
        let named: Vec<_> = refused
            .iter()
            .take(NAMED)
            .map(|(member, _)| {
                let record = member.user.as_ref().and_then(|user| emails.get(user));
                let email = record.and_then(|record| record.email.as_ref()).map(ToString::to_string);
                email.unwrap_or_else(|| format!("the account {}", member.account))
            })
            .collect();
        let more = match refused.len() - named.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let what = if is_added { "as members" } else { "to leave" };
        let said = format!("the app refuses {}{more} {what}", named.join(", "));
        match failure_of(error) {
            GroupFailure::Refused { status, message } => {
                GroupFailure::Refused { status, message: format!("{message} ({said})") }
            }
            other => GroupFailure::NoAnswer { message: format!("{said}: {other}") },
        }
    }

    async fn delete(&mut self, row: GroupRow, remote_id: &RemoteId) {
        let (work, ways) = (self.work, self.ways);
        let n_members = {
            let counted = async {
                let mut tx = work.store.read("engine::groups::n_members").await?;
                member::count(&mut tx, work.app(), &self.record.group).await
            };
            match counted.await {
                Ok(n_members) => n_members,
                Err(error) => return self.not_written(row, &closed(&error).into()),
            }
        };
        let id = match resource_id(remote_id) {
            Ok(id) => id,
            Err(error) => return self.not_written(row, &error.before_write()),
        };
        match self.send(&request::delete(ResourceKind::Group, &id)).await {
            Ok(_) => {}
            Err(CallError::Refused(failure)) if failure.of_write() == FailureClass::Gone => {}
            Err(error) => return self.not_written(row, &error),
        }
        match read::by_id(work, ways, remote_id).await {
            Ok(ById::Gone) => {
                self.ended(row, RowEnd::Done, Vec::new());
                if let Some(done) = self.done.last_mut() {
                    done.n_members = n_members;
                }
            }
            Ok(ById::There(..)) => {
                let message = "the app said yes to the delete and shows the group still".to_owned();
                self.fail(row, GroupFailure::Disobeyed { message });
            }
            Err(error) => self.not_written(row, &CallError::Useless(error.to_string())),
        }
    }

    /// Sees that what was written to the group's members is so. What is not counts as not done.
    async fn verify(&mut self) {
        let is_of_members = |done: &&RowDone| !done.members.is_empty();
        if !self.done.iter().any(|done| is_of_members(&done)) || self.record.state != GroupRecordState::Known
        {
            return;
        }
        let Some(remote_id) = self.record.remote_id.clone() else { return };
        let mut expected = self.expected();
        let mut read = self.read_back(&remote_id, &mut expected).await;
        if matches!(read, Ok(Members::Read(_))) && !is_met(&expected) {
            // An app may show a group as it was for a while.
            let at = self.work.clock.now() + self.work.setting.policy.look_again_after;
            self.work.clock.sleep_until(at).await;
            expected = self.expected();
            read = self.read_back(&remote_id, &mut expected).await;
        }
        match read {
            Ok(Members::Read(over)) => {
                // Others whom it does not show any more: whoever was thrown out with a refusal is put back at once.
                self.again |= over.missing > self.expected().absent.len() as u64;
                self.believe(&expected);
            }
            Ok(Members::NotShown) => self.trust(),
            Ok(Members::Gone) => {
                learn::gone(&mut self.record);
                self.again = true;
            }
            Err(error) => {
                // The app said yes, and could not be read: it is read before it is written to again.
                self.record.is_unread = true;
                self.again |= Stop::of(&error).is_none();
                self.stop = self.stop.take().or(Stop::of(&error));
                self.is_broad |= error.is_broad();
            }
        }
    }

    fn expected(&self) -> Expected {
        let mut expected = Expected::default();
        for done in &self.done {
            let members = done.members.iter().map(|member| member.account.clone());
            match done.row.operation.kind() {
                GroupKind::MembersRemove => expected.absent.extend(members),
                GroupKind::GroupCreate | GroupKind::MembersAdd => expected.present.extend(members),
                GroupKind::GroupAdopt | GroupKind::GroupUpdate | GroupKind::GroupDelete => {}
            }
        }
        expected
    }

    /// Reads the group whole, or, where that takes fewer requests, asks about each member by itself.
    async fn read_back(&self, remote_id: &RemoteId, expected: &mut Expected) -> Result<Members, CallError> {
        let group = &self.record.group;
        if self.work.client.template.quirks.members == MembersRead::ByFilter {
            let count = async {
                let mut tx = self.work.store.read("engine::groups::read_back").await?;
                member::count(&mut tx, self.work.app(), group).await
            };
            let n_pages = count.await.map_err(read::unsure)? / MEMBERS_A_PAGE;
            if (expected.len() as u64) < n_pages {
                read::probe(self.work, remote_id, expected).await?;
                return Ok(Members::Read(member::ReadOver::default()));
            }
        }
        // What somebody else took out stays known as that, where the policy does not repair it.
        let unseen = match self.work.setting.policy.drift {
            DriftPolicy::Repair => Unseen::Forgotten,
            DriftPolicy::Report | DriftPolicy::Ignore => Unseen::Missing,
        };
        read::members(self.work, self.ways, (group, remote_id), expected, unseen).await
    }

    /// A read has shown the group: what it does not show was not done.
    fn believe(&mut self, expected: &Expected) {
        let now = self.work.clock.now();
        for done in &mut self.done {
            let kind = done.row.operation.kind();
            let n_before = done.members.len();
            match kind {
                GroupKind::GroupCreate | GroupKind::MembersAdd => {
                    done.members.retain(|member| !expected.present.contains(&member.account));
                }
                GroupKind::MembersRemove => {
                    done.members.retain(|member| !expected.still.contains(&member.account));
                }
                GroupKind::GroupAdopt | GroupKind::GroupUpdate | GroupKind::GroupDelete => {}
            }
            let n_undone = n_before - done.members.len();
            done.n_members = done.members.len() as u64;
            if n_undone == 0 {
                continue;
            }
            // Some apps take members only one request at a time after the group is there.
            self.again = true;
            if kind == GroupKind::GroupCreate || done.end != RowEnd::Done {
                continue;
            }
            let what = if kind == GroupKind::MembersRemove { "the removal" } else { "the addition" };
            let message =
                format!("the app said yes to {what} of members, and {n_undone} of them are as they were");
            let failure = GroupFailure::Disobeyed { message };
            self.record = learn::failed(self.record.clone(), kind, failure.clone(), now);
            done.end = RowEnd::Failed(failure);
        }
    }

    /// The app never says who is in a group. What it said yes to is believed, but for the members of a create: there are
    /// apps that throw those away.
    fn trust(&mut self) {
        for done in &mut self.done {
            if done.row.operation.kind() == GroupKind::GroupCreate && !done.members.is_empty() {
                done.members.clear();
                done.n_members = 0;
                self.again = true;
            }
        }
    }

    fn end(mut self) -> Done {
        if !self.is_lost {
            self.record.intent = None;
        }
        let is_removal = |done: &&RowDone| done.row.operation.kind() == GroupKind::MembersRemove;
        let removed = self.done.iter().filter(is_removal).flat_map(|done| &done.members);
        let removed = removed.map(|member| member.account.clone()).collect();
        let Self { record, done, again, is_broad, stop, put_back, .. } = self;
        Done { record, rows: done, removed, put_back, again, is_broad, stop }
    }
}

fn is_met(expected: &Expected) -> bool {
    expected.present.is_empty() && expected.still.is_empty()
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
