//! An operation's row, there and back.

use usher_model::id::{HoldId, UserId};

use super::{Lane, PlanRow, PlanState};
use crate::StoreError;
use crate::columns::{class_bits, json, opt_json};
use crate::sql::{Column, Row, Value};

/// A macro, because a statement is one literal and several share these columns.
macro_rules! select {
    () => {
        "SELECT seq, user_id, email, operation, reason, classes, is_app_off, takes, frees, turn, state, hold,
                is_released, failure, cleaned, settled
         FROM plan_operation"
    };
}
pub(super) use select;

/// The columns of `select!`.
pub(super) const COLUMNS: &[Column] = &[
    Column::Int("seq"),
    Column::Text("user_id"),
    Column::Text("email"),
    Column::Text("operation"),
    Column::Text("reason"),
    Column::Int("classes"),
    Column::Int("is_app_off"),
    Column::Text("takes"),
    Column::Text("frees"),
    Column::Int("turn"),
    Column::Text("state"),
    Column::Text("hold"),
    Column::Int("is_released"),
    Column::Text("failure"),
    Column::Text("cleaned"),
    Column::Text("settled"),
];

pub(super) fn operation(row: &Row) -> Result<PlanRow, StoreError> {
    Ok(PlanRow {
        seq: row.int("seq")?,
        user: UserId::new(row.text("user_id")?),
        email: row.email("email")?,
        operation: row.json("operation")?,
        reason: row.json("reason")?,
        classes: row.classes("classes")?,
        is_app_off: row.truth("is_app_off")?,
        takes: row.opt_text("takes")?.map(str::to_owned),
        frees: row.opt_text("frees")?.map(str::to_owned),
        turn: turn(row)?,
        state: row.named("state", PlanState::from_name)?,
        hold: row.opt_text("hold")?.map(HoldId::new),
        is_released: row.truth("is_released")?,
        cleaned: row.opt_json("cleaned")?.unwrap_or_default(),
        settled: row.opt_text("settled")?.map(str::to_owned),
    })
}

pub(super) fn turn(row: &Row) -> Result<u32, StoreError> {
    u32::try_from(row.int("turn")?).map_err(|_| row.wrong("turn", "is no rank"))
}

/// In the order of `append`.
pub(super) fn values(row: &PlanRow) -> [Value; 17] {
    let kind = row.operation.kind();
    [
        row.seq.into(),
        row.user.as_str().into(),
        row.email.as_str().into(),
        kind.as_str().into(),
        json(&row.operation),
        json(&row.reason),
        class_bits(&row.classes).into(),
        row.is_app_off.into(),
        row.takes.as_deref().into(),
        row.frees.as_deref().into(),
        row.turn.into(),
        Lane::of(kind).number().into(),
        row.state.as_str().into(),
        row.hold.as_ref().map(HoldId::as_str).into(),
        row.is_released.into(),
        opt_json(Some(&row.cleaned).filter(|cleaned| !cleaned.is_empty())),
        row.settled.as_deref().into(),
    ]
}
