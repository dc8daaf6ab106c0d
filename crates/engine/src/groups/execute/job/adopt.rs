//! A group that was there before Usher: it becomes one of Usher's, if it still is what was seen of it.

use usher_model::account::Choice;
use usher_model::attribute::changes::Changes;
use usher_model::attribute::fold::fold;
use usher_model::group::adoption::{FoundGroup, GroupConflict, RemoteGroup, find_own_group};
use usher_model::group::name;
use usher_model::group::operation::GroupOperation;
use usher_model::group::reason::GroupFailure;
use usher_model::id::RemoteId;
use usher_model::mutant::{self, Mutant};
use usher_protocol::failure::FailureClass;
use usher_store::StoreError;
use usher_store::group::plan::GroupRow;

use super::{Job, Refused, closed};
use crate::calls::CallError;
use crate::groups::done::RowEnd;
use crate::groups::learn;
use crate::groups::read::{self, ById};
use crate::groups::wire::Seen;

impl Job<'_> {
    /// Adopts a group that a listing showed, if a read shows that it still is what it was.
    pub(super) async fn adopt_listed(&mut self, row: GroupRow, listed: &RemoteGroup, changes: &Changes) {
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
        // Whoever takes it from another group's record does so only while that one is not pinned.
        if listed.holder.is_some() {
            match self.is_still_own(&seen).await {
                Ok(None) => {}
                Ok(Some(conflict)) => {
                    self.is_over = true;
                    return self.fail(row, GroupFailure::Conflict { conflict });
                }
                Err(error) => {
                    self.is_over = true;
                    return self.not_written(row, &closed(&error).into());
                }
            }
        }
        self.adopt(row, &listed.remote_id, changes).await;
        // Its members were read when it was found; who has read them longer ago reads them again.
        if self.record.read_at.is_none() {
            self.record.is_unread = true;
            self.again = true;
            self.is_over = true;
        }
    }

    /// What is in the way of taking this group, as the records are now; none: nothing.
    async fn is_still_own(&self, seen: &Seen) -> Result<Option<GroupConflict>, StoreError> {
        let name = seen.display_name().unwrap_or_default();
        let candidates =
            read::with_holders(self.work, &self.record.group, name, vec![seen.to_remote_group()]).await?;
        let takes_over = self.record.choice == Some(Choice::TakeOver);
        let found = find_own_group(&self.record.group, name, &candidates, takes_over);
        Ok(if let FoundGroup::Conflict(conflict) = found { Some(conflict) } else { None })
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

    pub(super) async fn adopt(&mut self, mut row: GroupRow, remote_id: &RemoteId, changes: &Changes) {
        let mut changes = changes.clone();
        let mut written = self.adopt_with(remote_id, &changes).await;
        if is_conflict(&written)
            && let Some(rest) = without_name(&changes)
        {
            // Somebody else has its name: it is ours all the same, and what it is to be called is seen to after that.
            (changes, self.again) = (rest, true);
            if let GroupOperation::Adopt { changes: planned, .. } = &mut row.operation {
                planned.clone_from(&changes);
            }
            written = self.adopt_with(remote_id, &changes).await;
        }
        if let Ok(seen) = written {
            written = self.claimed(remote_id, &changes, seen).await;
        }
        match written {
            Ok(seen) => {
                // What the app holds beyond what is wanted stays somebody's own: a group has nothing else that we write.
                let sent = learn::with(seen.attributes.clone(), &changes);
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

    /// An app that says yes to whose a group is and does not show it is told once more; one that keeps no such thing is
    /// taken as it is.
    async fn claimed(
        &mut self,
        remote_id: &RemoteId,
        changes: &Changes,
        seen: Seen,
    ) -> Result<Seen, Refused> {
        let claim: Changes =
            changes.iter().filter(|change| change.path == name::external_id()).cloned().collect();
        let is_shown = |to: &serde_json::Value| seen.external_id() == to.as_str();
        if claim.iter().filter_map(|change| change.to.as_ref()).all(is_shown) {
            return Ok(seen);
        }
        self.write_attributes(remote_id, &claim).await
    }

    async fn adopt_with(&mut self, remote_id: &RemoteId, changes: &Changes) -> Result<Seen, Refused> {
        if !changes.is_empty() {
            return self.write_attributes(remote_id, changes).await;
        }
        match read::by_id(self.work, self.ways, remote_id).await {
            Ok(ById::There(seen, _)) => Ok(*seen),
            Ok(ById::Gone) => Err(Refused::Gone),
            Err(error) => Err(error.before_write().into()),
        }
    }
}

fn is_conflict(written: &Result<Seen, Refused>) -> bool {
    let Err(Refused::Error(CallError::Refused(failure))) = written else { return false };
    failure.of_write() == FailureClass::Conflict && !mutant::lives(Mutant::GroupAdoptionBlocked)
}

/// The same changes, but for the name; none: it is about no name.
pub(super) fn without_name(changes: &Changes) -> Option<Changes> {
    let rest: Changes =
        changes.iter().filter(|change| change.path != name::display_name()).cloned().collect();
    (rest.len() < changes.len()).then_some(rest)
}
