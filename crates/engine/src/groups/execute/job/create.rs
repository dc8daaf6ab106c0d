//! A group that the app is to have, and may turn out to have already.

use usher_model::account::Choice;
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::changes;
use usher_model::group::adoption::{FoundGroup, GroupConflict};
use usher_model::group::operation::{GroupOperation, Leaver};
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_model::id::UserId;
use usher_protocol::failure::FailureClass;
use usher_protocol::http::Response;
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::request;
use usher_protocol::scim::resource::Resource;
use usher_store::group::plan::GroupRow;

use super::{Job, closed, text};
use crate::calls::CallError;
use crate::groups::done::RowEnd;
use crate::groups::learn;
use crate::groups::read::{self, ById};
use crate::groups::wire::{self, Seen};

impl Job<'_> {
    pub(super) async fn create(
        &mut self,
        row: GroupRow,
        attributes: &Attributes,
        members: &[UserId],
        ask_first: bool,
    ) {
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
        let accounts = match self.accounts(members).await {
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
                // The refusal may have made it all the same.
                match read::own(work, ways, &group, &display_name, takes_over).await {
                    Ok(FoundGroup::Nothing | FoundGroup::NotLooked) => {}
                    Ok(found) => return self.settle_found(row, found, attributes).await,
                    Err(error) => {
                        self.is_over = true;
                        return self.not_written(row, &error.before_write());
                    }
                }
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
        let shown = Resource::read(response).ok().and_then(Seen::read);
        let seen = match shown {
            Some(seen) => Ok(seen),
            None => self.look_for_created(&text(attributes)).await,
        };
        let seen = match seen {
            Ok(seen) => seen,
            Err(why) => return self.not_written(row, &CallError::Useless(why)),
        };
        learn::is_ours(&mut self.record, &seen, attributes.clone());
        // Who was sent along is in it once a read has shown them.
        self.ended(row, RowEnd::Done, accounts);
    }

    /// The group of that name which the app has just made without showing it; else why it cannot be told.
    async fn look_for_created(&self, display_name: &str) -> Result<Seen, String> {
        let found = read::own(self.work, self.ways, &self.record.group, display_name, false).await;
        let id = match found.map_err(|error| error.to_string())? {
            FoundGroup::Own(group, _) => group.remote_id,
            FoundGroup::Nothing | FoundGroup::NotLooked | FoundGroup::Conflict(_) => {
                return Err("the app said yes to the group, and shows no such one".to_owned());
            }
        };
        match read::by_id(self.work, self.ways, &id).await.map_err(|error| error.to_string())? {
            ById::There(seen, _) => Ok(*seen),
            ById::Gone => Err("the app said yes to the group, and says that it is gone".to_owned()),
        }
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
}
