//! What a group's record becomes after a write, a look, or a failure. Pure: records in, records out.

use usher_model::attribute::Attributes;
use usher_model::attribute::changes::Changes;
use usher_model::attribute::drift::returned_despite;
use usher_model::attribute::fold::fold;
use usher_model::group::operation::GroupKind;
use usher_model::group::reason::{GroupFailing, GroupFailure};
use usher_model::time::Timestamp;
use usher_store::group::{GroupRecord, GroupRecordState};

use super::wire::Seen;
use crate::learn::pause_after;

/// The record after a failure of one wish: it is tried again after a growing pause.
pub(super) fn failed(
    mut record: GroupRecord,
    kind: GroupKind,
    failure: GroupFailure,
    now: Timestamp,
) -> GroupRecord {
    let n_attempts = record.failing.get(&kind).map_or(0, |failing| failing.n_attempts).saturating_add(1);
    let retry_at = now + pause_after(n_attempts);
    record.failing.insert(kind, GroupFailing { failure, n_attempts, retry_at });
    record
}

/// The record of a group that is there, as a create or an adoption made it: `sent` is what is ours of it.
pub(super) fn is_ours(record: &mut GroupRecord, seen: &Seen, sent: Attributes) {
    record.state = GroupRecordState::Known;
    record.remote_id = Some(seen.remote_id.clone());
    record.display_name = seen.display_name().map(fold);
    record.sent = sent;
    record.returned = seen.attributes.clone();
    record.drifted = None;
    record.failing.remove(&GroupKind::GroupCreate);
    record.failing.remove(&GroupKind::GroupAdopt);
}

/// The record after changes that the app has shown the outcome of.
pub(super) fn changed(record: &mut GroupRecord, seen: &Seen, changes: &Changes) {
    record.sent = with(record.sent.clone(), changes);
    let is_written = |path: &_| changes.iter().any(|change| change.path == *path);
    let others: Vec<_> = record.sent.paths().filter(|path| !is_written(path)).cloned().collect();
    let (returned, is_drifted) = returned_despite(&record.returned, &others, &seen.attributes);
    record.returned = returned;
    record.drifted = (is_drifted && record.drifted.is_some()).then(|| seen.attributes.clone());
    record.display_name = seen.display_name().map(fold);
}

/// Attributes with changes in them.
pub(super) fn with(mut attributes: Attributes, changes: &Changes) -> Attributes {
    for change in changes {
        match &change.to {
            Some(value) => attributes.insert(change.path.clone(), value.clone()),
            None => drop(attributes.remove(&change.path)),
        }
    }
    attributes
}

/// The record of a group that the app says is gone. Whoever was in it is to be forgotten with it.
pub(super) fn gone(record: &mut GroupRecord) {
    record.state = GroupRecordState::Gone;
    record.intent = None;
    record.is_unread = false;
    record.read_at = None;
    record.display_name = None;
    record.drifted = None;
}
