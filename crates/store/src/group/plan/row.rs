//! An operation's row, there and back.

use usher_model::id::{GroupId, HoldId};

use super::GroupRow;
use crate::StoreError;
use crate::columns::{json, opt_json};
use crate::plan::PlanState;
use crate::sql::{Column, Row, Value};

/// A macro, because a statement is one literal and several share these columns.
macro_rules! select {
    () => {
        "SELECT seq, group_id, email, state, hold, is_released, failure, reason, operation FROM group_operation"
    };
}
pub(super) use select;

/// The columns of `select!`.
pub(super) const COLUMNS: &[Column] = &[
    Column::Int("seq"),
    Column::Text("group_id"),
    Column::Text("email"),
    Column::Text("state"),
    Column::Text("hold"),
    Column::Int("is_released"),
    Column::Text("failure"),
    Column::Text("reason"),
    Column::Text("operation"),
];

pub(super) fn operation(row: &Row) -> Result<GroupRow, StoreError> {
    Ok(GroupRow {
        seq: row.int("seq")?,
        group: GroupId::new(row.text("group_id")?),
        email: row.email("email")?,
        operation: row.json("operation")?,
        reason: row.json("reason")?,
        state: row.named("state", PlanState::from_name)?,
        hold: row.opt_text("hold")?.map(HoldId::new),
        is_released: row.truth("is_released")?,
        failure: row.opt_json("failure")?,
    })
}

/// In the order of `append`.
pub(super) fn values(row: &GroupRow) -> [Value; 11] {
    [
        row.seq.into(),
        row.group.as_str().into(),
        row.email.as_str().into(),
        row.operation.kind().as_str().into(),
        crate::columns::limit(row.operation.n_members()),
        row.state.as_str().into(),
        row.hold.as_ref().map(HoldId::as_str).into(),
        row.is_released.into(),
        opt_json(row.failure.as_ref()),
        json(&row.reason),
        json(&row.operation),
    ]
}
