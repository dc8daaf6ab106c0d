//! Finds the group that a lost write may have made one's own.

use usher_model::account::Choice;
use usher_model::attribute::Attributes;
use usher_model::group::adoption::{FoundGroup, GroupMatchedBy};
use usher_model::group::name;
use usher_model::group::operation::GroupOperation;
use usher_model::id::RemoteId;
use usher_model::mutant::{self, Mutant};
use usher_store::group::plan::GroupRow;

use super::Looked;
use crate::calls::CallError;
use crate::groups::read::{self, ById, Ways};
use crate::work::Work;

impl Looked {
    /// The group that a lost create may have made; none: it made none, or nobody knows yet.
    pub(super) async fn find_created(
        &mut self,
        work: &Work<'_>,
        ways: &Ways,
        attributes: &Attributes,
    ) -> Result<Option<RemoteId>, CallError> {
        let display_name = attributes.get(&name::display_name()).and_then(serde_json::Value::as_str);
        let display_name = display_name.unwrap_or_default().to_owned();
        let group = self.record.group.clone();
        let is_second = self.record.intent.as_ref().is_some_and(|intent| intent.missed_at.is_some())
            || mutant::lives(Mutant::LostGroupIsMissing);
        let takes_over = self.record.choice == Some(Choice::TakeOver);
        let found = match read::own(work, ways, &group, &display_name, takes_over).await? {
            // Before "not found" counts, the whole list is asked: some filters find nothing, whatever is there.
            FoundGroup::Nothing | FoundGroup::NotLooked if is_second => {
                read::in_listing(work, &group, &display_name, takes_over).await?
            }
            found @ (FoundGroup::NotLooked
            | FoundGroup::Nothing
            | FoundGroup::Own(..)
            | FoundGroup::Conflict(_)) => found,
        };
        match found {
            FoundGroup::Own(group, GroupMatchedBy::ExternalId) => return Ok(Some(group.remote_id)),
            FoundGroup::Nothing | FoundGroup::NotLooked if !is_second => {
                if let Some(intent) = &mut self.record.intent {
                    intent.missed_at = Some(work.clock.now());
                }
            }
            // One of that name that does not say that it is ours may be somebody's own: it is adopted, as such.
            FoundGroup::Own(..) | FoundGroup::Conflict(_) | FoundGroup::Nothing | FoundGroup::NotLooked => {
                self.settle();
            }
        }
        Ok(None)
    }

    /// The group that a lost adoption may have made this one's own; none: it does not say that it is.
    pub(super) async fn find_adopted(
        &self,
        work: &Work<'_>,
        ways: &Ways,
        begun: &[GroupRow],
    ) -> Result<Option<RemoteId>, CallError> {
        let Some(adopted) = adopted(begun) else { return Ok(None) };
        let is_ours = match read::by_id(work, ways, adopted).await? {
            ById::There(seen, _) => seen.external_id() == Some(self.record.group.as_str()),
            ById::Gone => false,
        };
        Ok(is_ours.then(|| adopted.clone()))
    }
}

fn adopted(begun: &[GroupRow]) -> Option<&RemoteId> {
    begun.iter().find_map(|row| match &row.operation {
        GroupOperation::Adopt { group, .. } => Some(&group.remote_id),
        GroupOperation::Create { .. }
        | GroupOperation::Update { .. }
        | GroupOperation::AddMembers { .. }
        | GroupOperation::PutBack { .. }
        | GroupOperation::RemoveMembers { .. }
        | GroupOperation::Delete { .. } => None,
    })
}
