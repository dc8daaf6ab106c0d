//! A group of Usher's gets another name, or is deleted.

use usher_model::attribute::changes::Changes;
use usher_model::attribute::fold::fold;
use usher_model::group::adoption::{FoundGroup, GroupConflict};
use usher_model::group::name;
use usher_model::group::operation::GroupOperation;
use usher_model::group::reason::GroupFailure;
use usher_model::id::RemoteId;
use usher_protocol::failure::FailureClass;
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::request;
use usher_store::group::member::{self, Unseen};
use usher_store::group::plan::GroupRow;

use super::adopt::without_name;
use super::{Job, Refused, closed};
use crate::ask::resource_id;
use crate::calls::CallError;
use crate::groups::done::RowEnd;
use crate::groups::learn;
use crate::groups::protected::Protected;
use crate::groups::read::{self, ById, Expected, Members};
use crate::groups::wire::Seen;

/// How a group is that was planned to be deleted.
enum Planned {
    /// As it was known to be.
    AsIs,
    /// More are in it, or somebody whose memberships nobody touches.
    Otherwise,
    /// Somebody has pinned it.
    Pinned,
    /// It says that it is another's.
    Anothers(GroupConflict),
    /// It is gone.
    Gone,
}

impl Job<'_> {
    pub(super) async fn update(&mut self, row: GroupRow, remote_id: &RemoteId, changes: &Changes) {
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
                let says = changes.iter().find(|change| change.path == name::external_id());
                let says = says.and_then(|change| change.to.as_ref()?.as_str());
                if says.is_some() && seen.external_id() != says {
                    let shown = seen.external_id().unwrap_or_default();
                    let message = format!("the app said yes to whose the group is and shows {shown:?}");
                    return self.fail(row, GroupFailure::Disobeyed { message });
                }
                self.updated(row, &seen, changes.clone());
            }
            Err(Refused::Error(CallError::Refused(failure)))
                if failure.of_write() == FailureClass::Conflict =>
            {
                // Whose the group is does not wait for what it is to be called.
                if let Some(rest) = without_name(changes).filter(|rest| !rest.is_empty()) {
                    match self.write_attributes(remote_id, &rest).await {
                        Ok(seen) => self.updated(row.clone(), &seen, rest),
                        Err(refused) => return self.refused(row, &refused),
                    }
                }
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

    /// These changes were made: the row tells of them and of no others.
    fn updated(&mut self, mut row: GroupRow, seen: &Seen, made: Changes) {
        learn::changed(&mut self.record, seen, &made);
        if let GroupOperation::Update { changes, .. } = &mut row.operation {
            *changes = made;
        }
        self.ended(row, RowEnd::Done, Vec::new());
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

    /// Reads a group that is about to be deleted: the decision was made by whose it was known to be, and by who was known
    /// to be in it.
    async fn is_as_planned(&self, remote_id: &RemoteId, n_members: u64) -> Result<Planned, CallError> {
        let (work, group) = (self.work, &self.record.group);
        let ById::There(seen, _) = read::by_id(work, self.ways, remote_id).await? else {
            return Ok(Planned::Gone);
        };
        let says = seen.external_id().filter(|id| !id.is_empty() && *id != group.as_str());
        if let Some(external_id) = says {
            return Ok(Planned::Anothers(GroupConflict::ForeignExternalId {
                remote_id: remote_id.clone(),
                display_name: seen.display_name().unwrap_or_default().to_owned(),
                external_id: external_id.to_owned(),
            }));
        }
        let mut expected = Expected::default();
        let read = read::members(work, self.ways, (group, remote_id), &mut expected, Unseen::Missing).await?;
        match read {
            Members::Gone => return Ok(Planned::Gone),
            Members::NotShown => {}
            Members::Read(over) if over.members > n_members => return Ok(Planned::Otherwise),
            Members::Read(_) => {}
        }
        let has_protected = async {
            let mut tx = work.store.read("engine::groups::is_as_planned").await?;
            let protected = Protected::load(&mut tx, work.app(), work.clock.now()).await?;
            protected.is_in(&mut tx, work.app(), group).await
        };
        let has_protected = has_protected.await.map_err(read::unsure)?;
        if self.is_pinned().await.map_err(read::unsure)? {
            return Ok(Planned::Pinned);
        }
        Ok(if has_protected { Planned::Otherwise } else { Planned::AsIs })
    }

    pub(super) async fn delete(&mut self, row: GroupRow, remote_id: &RemoteId) {
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
        match self.is_as_planned(remote_id, n_members).await {
            Ok(Planned::AsIs) => {}
            Ok(Planned::Gone) => return self.is_gone(row),
            Ok(Planned::Pinned) => {
                self.is_over = true;
                return self.ended(row, RowEnd::Dropped, Vec::new());
            }
            Ok(Planned::Anothers(conflict)) => return self.fail(row, GroupFailure::Conflict { conflict }),
            Ok(Planned::Otherwise) if work.is_approved => return self.fail(row, GroupFailure::NotApproved),
            Ok(Planned::Otherwise) => {
                (self.is_over, self.again) = (true, true);
                return self.ended(row, RowEnd::Dropped, Vec::new());
            }
            Err(error) => {
                self.is_over = true;
                return self.not_written(row, &error.before_write());
            }
        }
        let id = match resource_id(remote_id) {
            Ok(id) => id,
            Err(error) => return self.not_written(row, &error.before_write()),
        };
        match self.send(&request::delete(ResourceKind::Group, &id)).await {
            Ok(_) => {}
            Err(CallError::Refused(failure)) if failure.of_write() == FailureClass::Gone => {}
            // The refusal may have done it all the same.
            Err(error @ CallError::Refused(_)) if !error.may_have_happened() => {
                if !matches!(read::by_id(work, ways, remote_id).await, Ok(ById::Gone)) {
                    return self.not_written(row, &error);
                }
            }
            Err(error) => return self.not_written(row, &error),
        }
        let mut read = read::by_id(work, ways, remote_id).await;
        if matches!(read, Ok(ById::There(..))) {
            // An app may show a group as it was for a while.
            self.wait_until_shown().await;
            read = read::by_id(work, ways, remote_id).await;
        }
        match read {
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
}
