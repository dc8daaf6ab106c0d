//! Members come and go: all of a request at once, and where that is refused, everybody but those who are refused.

use std::collections::BTreeSet;

use usher_model::account::Pin;
use usher_model::group::operation::Leaver;
use usher_model::group::reason::GroupReason;
use usher_model::id::{RemoteId, RunId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::template::{MemberRemoval, MembersRead};
use usher_protocol::failure::FailureClass;
use usher_store::account::AccountRecord;
use usher_store::group::member::{self, Unseen};
use usher_store::group::plan::GroupRow;
use usher_store::{StoreError, Tx};

use self::named::named;
use super::{Job, Refused, closed, failure_of};
use crate::calls::CallError;
use crate::groups::done::RowEnd;
use crate::groups::protected::Protected;
use crate::groups::read::{self, ById, Expected, Members};
use crate::groups::wire::{Change, RemoveBy};
use crate::stop::Stop;

mod named;

/// How many refused requests a chunk of members is divided by, until those who are refused are found.
const MOST_REFUSED: u32 = 20;

impl Job<'_> {
    pub(super) async fn add_members(&mut self, row: GroupRow, users: &[UserId]) {
        match self.accounts(users).await {
            Ok(members) => self.change_members(row, members, true).await,
            Err(error) => self.not_written(row, &closed(&error).into()),
        }
    }

    pub(super) async fn remove_members(&mut self, row: GroupRow, members: Vec<Leaver>) {
        match self.touchable(members, None).await {
            Ok(members) => self.change_members(row, members, false).await,
            Err(error) => self.not_written(row, &closed(&error).into()),
        }
    }

    /// Puts back whom a run took out. The pin of the undo that does it keeps nobody out.
    pub(super) async fn put_back(&mut self, row: GroupRow, members: Vec<Leaver>) {
        let undone = if let GroupReason::Undone { run } = &row.reason { Some(run.clone()) } else { None };
        match self.touchable(members, undone.as_ref()).await {
            Ok(members) => self.change_members(row, members, true).await,
            Err(error) => self.not_written(row, &closed(&error).into()),
        }
    }

    /// Those of these members whom Usher may touch now: whoever was pinned since the row was planned is left out, and so
    /// is an account on nobody's record that is theirs, or may be. A pin of the undo of a run is none here.
    async fn touchable(
        &self,
        members: Vec<Leaver>,
        undone: Option<&RunId>,
    ) -> Result<Vec<Leaver>, StoreError> {
        let (app, now) = (self.work.app(), self.work.clock.now());
        let mut tx = self.work.store.read("engine::groups::touchable").await?;
        let users: Vec<_> = members.iter().filter_map(|member| member.user.clone()).collect();
        let pinned = self.pinned(&mut tx, &users, undone).await?;
        let nobodys = members.iter().filter(|member| member.user.is_none());
        let nobodys: Vec<_> = nobodys.map(|member| member.account.clone()).collect();
        let theirs = if nobodys.is_empty() {
            BTreeSet::new()
        } else {
            Protected::load(&mut tx, app, now).await?.among(&mut tx, app, &nobodys).await?
        };
        let is_free = |member: &Leaver| match &member.user {
            Some(user) => !pinned.contains(user),
            None => !theirs.contains(&member.account),
        };
        Ok(members.into_iter().filter(is_free).collect())
    }

    /// The accounts of people who have one, in their order. Whoever was pinned meanwhile is left out.
    pub(super) async fn accounts(&self, users: &[UserId]) -> Result<Vec<Leaver>, StoreError> {
        let mut tx = self.work.store.read("engine::groups::accounts").await?;
        let mut accounts = member::accounts(&mut tx, self.work.app(), users).await?;
        let pinned = self.pinned(&mut tx, users, None).await?;
        let of = |user: &UserId| Some(Leaver { account: accounts.remove(user)?, user: Some(user.clone()) });
        Ok(users.iter().filter(|user| !pinned.contains(*user)).filter_map(of).collect())
    }

    /// Those of these people whom Usher must not touch now, whatever the undo of this run has pinned.
    async fn pinned(
        &self,
        tx: &mut Tx,
        users: &[UserId],
        undone: Option<&RunId>,
    ) -> Result<BTreeSet<UserId>, StoreError> {
        let now = self.work.clock.now();
        let records = usher_store::account::of(tx, self.work.app(), users).await?;
        let is_in_the_way = |pin: &Pin| pin.holds(now) && !undone.is_some_and(|run| pin.is_undo_of(run));
        let is_pinned = |record: &AccountRecord| record.pin.as_ref().is_some_and(is_in_the_way);
        Ok(records.into_values().filter(is_pinned).map(|record| record.user).collect())
    }

    /// Adds or takes out members, all at once; if that is refused, the group is read, and those who are still to be done
    /// are divided until the ones who are refused are found: one of a hundred never stops the others.
    pub(super) async fn change_members(&mut self, row: GroupRow, members: Vec<Leaver>, is_added: bool) {
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
            // Too many requests, or a server that is not well, say nothing of the members.
            let is_refusal = matches!(&error, CallError::Refused(failure) if read::is_no(failure.of_write()));
            if !is_refusal || Stop::of(&error).is_some() {
                self.is_over = true;
                if done.is_empty() {
                    self.record.is_unread |= matches!(error, CallError::Refused(_));
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
                let failure = named(self.work, &refused, error, is_added).await;
                self.ended(row, RowEnd::Failed(failure), done);
                let accounts = refused.into_iter().map(|(member, _)| (member.account, is_added));
                self.refused_members.extend(accounts);
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
        if mutant::lives(Mutant::GroupWrittenBlindly) {
            return Ok(Some(chunk));
        }
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
                let ById::There(seen, _) = read.map_err(CallError::before_write)? else {
                    return Err(Refused::Gone);
                };
                // Some apps take a list of values for everybody: without seeing who is left, nobody tries that.
                let is_in_group = self.work.client.template.quirks.members == MembersRead::InGroup;
                if is_in_group && !self.ways.shows_members_of(&seen) {
                    return Err(Refused::Error(CallError::Refused(failure)));
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
}
