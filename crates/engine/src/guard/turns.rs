//! Gives each row that takes a name its turn.

use std::collections::BTreeMap;

use serde_json::Value;
use usher_model::adoption::{Conflict, Found, MatchedBy, find_own};
use usher_model::attribute::changes::{Change, Changes};
use usher_model::attribute::fold::fold;
use usher_model::attribute::path::AttributePath;
use usher_model::id::{AppId, Email, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::operation::Operation;
use usher_model::order::{Move, Turn, order};
use usher_model::reason::{Failure, Reason};
use usher_store::account::{self, AccountRecord};
use usher_store::app::Lease;
use usher_store::event::{self, Event};
use usher_store::plan::{self, Contention, PlanRow, PlanState};
use usher_store::{StoreError, Tx, remote};

use super::Guarding;
use crate::learn;
use crate::setting::Setting;

/// The most rows of one plan that may take a name somebody holds. A company that renames everybody frees
/// names nobody takes; this bounds the memory for the others.
const MAX_CONTENDED: usize = 200_000;

/// Rows that cannot be done, whose they are, and why.
type Blocked = Vec<(UserId, Email, Failure)>;

/// Sets the turns of a plan's rows, makes those step aside who must, and blocks what cannot be done.
pub(super) async fn take(
    tx: &mut Tx,
    setting: &Setting,
    guarding: &Guarding<'_>,
) -> Result<(Blocked, i64), StoreError> {
    let (app, run) = (&setting.app.id, guarding.run);
    let contended = plan::contended(tx, app, run, MAX_CONTENDED).await?;
    if contended.is_empty() {
        return Ok((Vec::new(), guarding.next_seq));
    }
    let moves: Vec<_> = contended
        .iter()
        .map(|row| Move { user: row.user.clone(), holder: row.holder.user.clone(), is_freed: row.is_freed })
        .collect();
    let turns = order(&moves);
    let by_user: BTreeMap<_, _> = contended.iter().map(|row| (&row.user, row)).collect();
    let (mut at, mut blocked, mut aside) = (Vec::new(), Vec::new(), Vec::new());
    for (user, turn) in &turns {
        let row = by_user[user];
        match turn {
            Turn::At(rank) => at.push((row.seq, *rank)),
            Turn::AfterSteppingAside(rank) => {
                at.push((row.seq, *rank));
                aside.push(row.seq);
            }
            Turn::Blocked(_) => blocked.push((row.seq, held_by(row))),
        }
    }
    plan::set_turns(tx, app, run, &at).await?;
    let next_seq = step_aside(tx, setting, guarding, &aside).await?;
    // Rows come back in plan order.
    blocked.sort_by_key(|(seq, _)| *seq);
    let mut rows =
        plan::by_seq(tx, app, run, &blocked.iter().map(|(seq, _)| *seq).collect::<Vec<_>>()).await?;
    see_own(tx, app, &mut rows).await?;
    let blocked = rows.into_iter().zip(blocked).map(|(row, (_, failure))| (row, failure));
    let (as_they_are, blocked): (Vec<_>, Vec<_>) = blocked.partition(|(row, _)| is_own_already(row));
    adopt_as_they_are(tx, guarding, app, as_they_are.into_iter().map(|(row, _)| row)).await?;
    let failures: Vec<_> = blocked.iter().map(|(row, failure)| (row.seq, failure.clone())).collect();
    plan::block(tx, app, run, &failures).await?;
    if let Some(lease) = guarding.lease {
        remember(tx, lease, guarding, &blocked).await?;
    }
    let blocked = blocked.into_iter().map(|(row, failure)| (row.user, row.email, failure)).collect();
    Ok((blocked, next_seq))
}

/// Has whoever would be given an account adopt the one that says it is theirs, where the app was seen to hold one: whoever
/// has their name may be waiting for the one that it has.
async fn see_own(tx: &mut Tx, app: &AppId, rows: &mut [PlanRow]) -> Result<(), StoreError> {
    let creates = |row: &&mut PlanRow| matches!(row.operation, Operation::Create { ask_first: true, .. });
    let mut creates: Vec<&mut PlanRow> = rows.iter_mut().filter(creates).collect();
    let name = |row: &PlanRow| row.takes.clone().unwrap_or_default();
    let users: Vec<_> = creates.iter().map(|row| (row.user.clone(), name(row))).collect();
    let mut listed = remote::matching(tx, app, &users).await?;
    for row in &mut creates {
        let of = listed.remove(&row.user).unwrap_or_default();
        // What the listing shows is read again before it is adopted.
        if let Found::Own(account, by @ MatchedBy::ExternalId) = find_own(&row.user, &name(row), &of, false) {
            row.operation = Operation::Adopt { account, changes: Changes::default() };
            row.reason = Reason::Adopted { by };
        }
    }
    Ok(())
}

/// Whether a row adopts an account that carries the person's own id: theirs under whatever name.
fn is_own_already(row: &PlanRow) -> bool {
    let is_own = matches!(&row.operation, Operation::Adopt { account, .. }
        if account.external_id.as_deref() == Some(row.user.as_str()));
    is_own && !mutant::lives(Mutant::AdoptionBlocked)
}

/// Has these adopted without a change. Whoever holds the name may be waiting for the one that the account has, and
/// both are renamed once both are known.
async fn adopt_as_they_are(
    tx: &mut Tx,
    guarding: &Guarding<'_>,
    app: &AppId,
    rows: impl Iterator<Item = PlanRow>,
) -> Result<(), StoreError> {
    let as_it_is = |row: PlanRow| {
        let Operation::Adopt { account, .. } = row.operation else { return None };
        Some((row.seq, Operation::Adopt { account, changes: Changes::default() }, row.reason))
    };
    plan::keep_names(tx, app, guarding.run, &rows.filter_map(as_it_is).collect::<Vec<_>>()).await
}

/// What is in the way of somebody is theirs to be told, and is tried again after a pause.
async fn remember(
    tx: &mut Tx,
    lease: &Lease,
    guarding: &Guarding<'_>,
    blocked: &[(PlanRow, Failure)],
) -> Result<(), StoreError> {
    let users: Vec<_> = blocked.iter().map(|(row, _)| row.user.clone()).collect();
    let mut known = account::of(tx, &lease.app, &users).await?;
    let (mut records, mut events) = (Vec::new(), Vec::new());
    for (row, failure) in blocked {
        let record = known.remove(&row.user);
        let record = record.unwrap_or_else(|| row.to_record());
        let reason = Some(Reason::Failed { failure: failure.clone() });
        let record = learn::failed(record, failure.clone(), Some(row.operation.kind()), guarding.now);
        records.push(AccountRecord { reason, ..record });
        events.push(Event::failure(guarding.run, row.seq, &row.user, &row.email, failure, guarding.now));
    }
    account::record(tx, lease, &records).await?;
    event::append(tx, lease, &events).await
}

fn held_by(row: &Contention) -> Failure {
    let conflict = Conflict::Held { user_name: row.user_name.clone(), holder: row.holder.clone() };
    Failure::Conflict { conflict }
}

/// Adds, for each of these rows, one that gives the name up at turn 0.
async fn step_aside(
    tx: &mut Tx,
    setting: &Setting,
    guarding: &Guarding<'_>,
    seqs: &[i64],
) -> Result<i64, StoreError> {
    let (app, run) = (&setting.app.id, guarding.run);
    let rows = plan::by_seq(tx, app, run, seqs).await?;
    let mut next_seq = guarding.next_seq;
    let mut aside = Vec::new();
    for row in rows {
        let Some(operation) = aside_of(&row.user, &row.operation) else { continue };
        aside.push(PlanRow {
            seq: next_seq,
            operation,
            reason: Reason::StepsAside,
            classes: Vec::new(),
            takes: None,
            turn: 0,
            state: PlanState::Planned,
            cleaned: Vec::new(),
            settled: None,
            ..row
        });
        next_seq += 1;
    }
    if mutant::lives(Mutant::NobodyStepsAside) {
        return Ok(next_seq);
    }
    plan::append(tx, app, run, &aside).await?;
    Ok(next_seq)
}

/// The update to a temporary name made from the id; it takes every changed attribute along that holds the name.
fn aside_of(user: &UserId, operation: &Operation) -> Option<Operation> {
    let (Operation::Update { remote_id, changes } | Operation::Unsuspend { remote_id, changes }) = operation
    else {
        return None;
    };
    let name = changes.iter().find(|change| change.path.is("userName"))?.to.as_ref()?.as_str()?.to_owned();
    let temporary = temporary_name(user, &name);
    let renamed = changes
        .iter()
        .filter(|change| holds(change, &name))
        .map(|change| Change { path: change.path.clone(), to: Some(Value::from(temporary.clone())) });
    Some(Operation::Update { remote_id: remote_id.clone(), changes: renamed.collect::<Changes>() })
}

fn holds(change: &Change, name: &str) -> bool {
    let is_same = |value: &Value| value.as_str().is_some_and(|text| fold(text) == fold(name));
    change.to.as_ref().is_some_and(is_same) && !is_name_of_a_person(&change.path)
}

fn is_name_of_a_person(path: &AttributePath) -> bool {
    path.is("displayName") || path.attribute().eq_ignore_ascii_case("name")
}

fn temporary_name(user: &UserId, name: &str) -> String {
    match name.rsplit_once('@') {
        Some((_, domain)) => format!("usher-swap-{user}@{domain}"),
        None => format!("usher-swap-{user}"),
    }
}
