//! An account's row, there and back; its intent is a row of its own (`super::intent`).

use usher_model::attribute::Attributes;
use usher_model::cause::Causes;
use usher_model::id::{Email, RemoteId, UserId};

use super::{AccountRecord, RecordState};
use crate::StoreError;
use crate::columns::{json, opt_instant, opt_json, opt_span};
use crate::sql::{Column, Row, Value};

/// A macro, because a statement is one literal and several share these columns.
macro_rules! select {
    () => {
        "SELECT user_id, email, user_name, state, remote_id, sent, returned, drifted, is_suspended_by_us, seen_on,
                causes, failing, pin, choice, reason, settled, wake_at, brought_forward
         FROM account"
    };
}
pub(super) use select;

/// The columns of `select!`.
pub(super) const COLUMNS: &[Column] = &[
    Column::Text("user_id"),
    Column::Text("email"),
    Column::Text("user_name"),
    Column::Text("state"),
    Column::Text("remote_id"),
    Column::Text("sent"),
    Column::Text("returned"),
    Column::Text("drifted"),
    Column::Int("is_suspended_by_us"),
    Column::Int("seen_on"),
    Column::Text("causes"),
    Column::Text("failing"),
    Column::Text("pin"),
    Column::Text("choice"),
    Column::Text("reason"),
    Column::Text("settled"),
    Column::Int("wake_at"),
    Column::Int("brought_forward"),
];

/// The record less its intent.
pub(super) fn account(row: &Row) -> Result<AccountRecord, StoreError> {
    let sent: Attributes = row.json("sent")?;
    // Most apps return what they were sent, and then it is read once.
    let is_same = row.text("sent")? == row.text("returned")?;
    let returned = if is_same { sent.clone() } else { row.json("returned")? };
    Ok(AccountRecord {
        user: UserId::new(row.text("user_id")?),
        email: row.opt_email("email")?,
        user_name: row.opt_text("user_name")?.map(str::to_owned),
        state: row.named("state", RecordState::from_name)?,
        remote_id: row.opt_text("remote_id")?.map(RemoteId::new),
        sent,
        returned,
        drifted: row.opt_json("drifted")?,
        suspended_by_us: row.truth("is_suspended_by_us")?,
        seen_on: row.opt_span("seen_on")?,
        intent: None,
        causes: row.opt_json("causes")?.unwrap_or_default(),
        failing: row.opt_json("failing")?,
        pin: row.opt_json("pin")?,
        choice: row
            .opt_text("choice")?
            .map(|_| row.named("choice", super::admin::choice_from_name))
            .transpose()?,
        brought_forward: row.opt_instant("brought_forward")?,
        reason: row.opt_json("reason")?,
        settled: row.opt_text("settled")?.map(str::to_owned),
        wake_at: row.opt_instant("wake_at")?,
    })
}

/// In the order of the columns of `select!`, less what no run writes.
pub(super) fn values(record: &AccountRecord) -> [Value; 17] {
    let causes = Some(&record.causes).filter(|causes| **causes != Causes::default());
    [
        record.user.as_str().into(),
        record.email.as_ref().map(Email::as_str).into(),
        record.user_name.as_deref().into(),
        record.state.as_str().into(),
        record.remote_id.as_ref().map(RemoteId::as_str).into(),
        json(&record.sent),
        json(&record.returned),
        opt_json(record.drifted.as_ref()),
        record.suspended_by_us.into(),
        opt_span(record.seen_on),
        opt_json(causes),
        opt_json(record.failing.as_ref()),
        opt_json(record.pin.as_ref()),
        record.choice.map(super::admin::choice_name).into(),
        opt_json(record.reason.as_ref()),
        record.settled.as_deref().into(),
        opt_instant(record.wake_at),
    ]
}
