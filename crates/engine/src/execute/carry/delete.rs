//! Carries out one delete: only of an account that is seen to be off just before.

use usher_model::attribute::Attributes;
use usher_model::id::{RemoteId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::reason::Failure;
use usher_model::time::Timestamp;
use usher_protocol::failure::FailureClass;
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::request;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::event;
use usher_store::plan::PlanRow;

use super::{failed, gone_already, not_written, send};
use crate::ask::{self, ById, resource_id};
use crate::calls::CallError;
use crate::outcome::{Done, Outcome};
use crate::work::Work;

/// Deletes an account that a read just before still shows off.
pub(super) async fn delete(
    work: &Work<'_>,
    mut record: Box<AccountRecord>,
    row: Box<PlanRow>,
    remote_id: &RemoteId,
) -> Outcome {
    match ask::by_id(work, remote_id).await {
        Ok(ById::There(seen, _)) if seen.active == Some(false) || mutant::lives(Mutant::DeletedUnread) => {}
        Ok(ById::There(_, _)) => return found_on(work, record, row).await,
        Ok(ById::Gone) if mutant::lives(Mutant::GoneToldAsDeleted) => return deleted(row),
        // Somebody else was faster: the record is closed, and the log does not say that Usher did it.
        Ok(ById::Gone) => return gone_already(record, row),
        Err(error) => return not_written(work, record, row, &error.before_write()),
    }
    let id = match resource_id(remote_id) {
        Ok(id) => id,
        Err(error) => return not_written(work, record, row, &error),
    };
    match send(work, &mut record, &request::delete(ResourceKind::User, &id)).await {
        Ok(_) => deleted(row),
        Err(CallError::Refused(failure)) if failure.of_write() == FailureClass::Gone => {
            gone_already(record, row)
        }
        Err(error) => not_written(work, record, row, &error),
    }
}

fn deleted(row: Box<PlanRow>) -> Outcome {
    Outcome { row, done: Done::Deleted, before: Attributes::new(), is_broad: false, stop: None }
}

/// Somebody switched it on at the app: it is not deleted, and the next decision suspends it again. Unless the app may
/// still show it as it was before it was suspended: then nothing is known, and it is read again later.
async fn found_on(work: &Work<'_>, record: Box<AccountRecord>, row: Box<PlanRow>) -> Outcome {
    if may_be_the_past(work, &record.user).await {
        let message =
            "the app shows the account as it was before it was suspended: it is read again later".to_owned();
        return failed(work, record, row, Failure::NoAnswer { message });
    }
    let message =
        "the account is on at the app, so it is not deleted: it is suspended again first".to_owned();
    let on = AccountRecord { state: RecordState::Active, seen_on: None, settled: None, ..*record };
    failed(work, Box::new(on), row, Failure::Disobeyed { message })
}

/// Whether an account was written to so lately that what the app shows may be older.
async fn may_be_the_past(work: &Work<'_>, user: &UserId) -> bool {
    let written_at = async {
        let mut tx = work.store.read("engine::written_at").await?;
        event::latest(&mut tx, work.app(), std::slice::from_ref(user)).await
    };
    let since = work.clock.now().before(work.setting.policy.look_again_after);
    let is_late = |at: &Timestamp| *at > since && !mutant::lives(Mutant::PastReadAsSwitchedOn);
    // Whoever cannot be asked about may have been.
    written_at.await.map_or(true, |written_at| written_at.get(user).is_some_and(is_late))
}
