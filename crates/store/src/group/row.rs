//! A group's row, there and back.

use usher_model::attribute::Attributes;
use usher_model::group::reason::GroupFailings;
use usher_model::id::{Email, GroupId, RemoteId, RunId};

use super::{GroupIntent, GroupRecord, GroupRecordState};
use crate::StoreError;
use crate::account::{choice_from_name, choice_name};
use crate::columns::{json, opt_instant, opt_json};
use crate::sql::{Column, Row, Value};

/// A macro, because a statement is one literal and several share these columns.
macro_rules! columns {
    () => {
        "record.group_id AS group_id, record.email AS email, record.display_name AS display_name,
       record.state AS state, record.remote_id AS remote_id, record.sent AS sent, record.returned AS returned,
       record.drifted AS drifted, record.intent_run AS intent_run, record.intent_until AS intent_until,
       record.missed_at AS missed_at, record.is_unread AS is_unread, record.read_at AS read_at,
       record.left_at AS left_at, record.failing AS failing, record.pin AS pin, record.choice AS choice,
       record.reason AS reason, record.wake_at AS wake_at"
    };
}
pub(super) use columns;

/// The same, of groups on record alone.
macro_rules! select {
    () => {
        concat!("SELECT ", $crate::group::row::columns!(), "\nFROM group_account AS record")
    };
}
pub(super) use select;

/// The columns of `columns!`.
pub(super) const COLUMNS: &[Column; 19] = &[
    Column::Text("group_id"),
    Column::Text("email"),
    Column::Text("display_name"),
    Column::Text("state"),
    Column::Text("remote_id"),
    Column::Text("sent"),
    Column::Text("returned"),
    Column::Text("drifted"),
    Column::Text("intent_run"),
    Column::Int("intent_until"),
    Column::Int("missed_at"),
    Column::Int("is_unread"),
    Column::Int("read_at"),
    Column::Int("left_at"),
    Column::Text("failing"),
    Column::Text("pin"),
    Column::Text("choice"),
    Column::Text("reason"),
    Column::Int("wake_at"),
];

pub(super) fn record(row: &Row) -> Result<GroupRecord, StoreError> {
    let sent: Attributes = row.json("sent")?;
    let returned = row.json("returned")?;
    Ok(GroupRecord {
        group: GroupId::new(row.text("group_id")?),
        email: row.opt_email("email")?,
        display_name: row.opt_text("display_name")?.map(str::to_owned),
        state: row.named("state", GroupRecordState::from_name)?,
        remote_id: row.opt_text("remote_id")?.map(RemoteId::new),
        sent,
        returned,
        drifted: row.opt_json("drifted")?,
        intent: intent(row)?,
        is_unread: row.truth("is_unread")?,
        read_at: row.opt_instant("read_at")?,
        left_at: row.opt_instant("left_at")?,
        failing: row.opt_json("failing")?.unwrap_or_default(),
        pin: row.opt_json("pin")?,
        choice: row.opt_text("choice")?.map(|_| row.named("choice", choice_from_name)).transpose()?,
        reason: row.opt_json("reason")?,
        wake_at: row.opt_instant("wake_at")?,
    })
}

fn intent(row: &Row) -> Result<Option<GroupIntent>, StoreError> {
    let Some(run) = row.opt_text("intent_run")?.map(RunId::new) else { return Ok(None) };
    let (until, missed_at) = (row.instant("intent_until")?, row.opt_instant("missed_at")?);
    Ok(Some(GroupIntent { run, until, missed_at }))
}

/// In the order of `columns!`.
pub(super) fn values(record: &GroupRecord) -> [Value; 19] {
    let intent = record.intent.as_ref();
    [
        record.group.as_str().into(),
        record.email.as_ref().map(Email::as_str).into(),
        record.display_name.as_deref().into(),
        record.state.as_str().into(),
        record.remote_id.as_ref().map(RemoteId::as_str).into(),
        json(&record.sent),
        json(&record.returned),
        opt_json(record.drifted.as_ref()),
        intent.map(|intent| intent.run.as_str()).into(),
        opt_instant(intent.map(|intent| intent.until)),
        opt_instant(intent.and_then(|intent| intent.missed_at)),
        record.is_unread.into(),
        opt_instant(record.read_at),
        opt_instant(record.left_at),
        failing(&record.failing),
        opt_json(record.pin.as_ref()),
        record.choice.map(choice_name).into(),
        opt_json(record.reason.as_ref()),
        opt_instant(record.wake_at),
    ]
}

/// NULL where nothing fails: those that fail are found by that.
fn failing(failing: &GroupFailings) -> Value {
    opt_json(Some(failing).filter(|failing| !failing.is_empty()))
}
