//! Carries out one row: one write, with the reads that make it safe.

use usher_model::account::Choice;
use usher_model::adoption::{Conflict, Found, Holder, RemoteAccount};
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::{Changes, changes};
use usher_model::attribute::fold::fold;
use usher_model::attribute::path::AttributePath;
use usher_model::id::RemoteId;
use usher_model::mutant::{self, Mutant};
use usher_model::operation::{Kind, Operation};
use usher_model::reason::{Failure, Reason};
use usher_model::template::Update;
use usher_protocol::failure::FailureClass;
use usher_protocol::http::{Request, Response};
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::patch::PatchRequest;
use usher_protocol::scim::request;
use usher_protocol::scim::resource::Resource;
use usher_store::StoreError;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::plan::PlanRow;

use super::intent::{intend_now, renew};
use crate::ask::{self, ById, resource_id};
use crate::calls::{CallError, Closed, Tries};
use crate::learn::{self, Seen};
use crate::outcome::{Done, Outcome};
use crate::refusal::said;
use crate::stop::Stop;
use crate::wire::{self, Switching};
use crate::work::Work;

mod delete;

/// Carries out one row. Rows and records are boxed: each future holds them, and moves with all that it holds.
pub(super) async fn carry_out(work: &Work<'_>, record: Box<AccountRecord>, row: Box<PlanRow>) -> Outcome {
    let before = record.returned.clone();
    Outcome { before, ..carry(work, record, row).await }
}

async fn carry(work: &Work<'_>, record: Box<AccountRecord>, row: Box<PlanRow>) -> Outcome {
    match row.operation.clone() {
        Operation::Create { attributes, ask_first } => {
            create(work, record, row, &attributes, ask_first).await
        }
        Operation::Adopt { account, changes } => adopt_listed(work, record, row, &account, &changes).await,
        Operation::Update { remote_id, changes } => {
            change(work, record, row, &remote_id, &changes, Switching::Leave).await
        }
        Operation::Suspend { remote_id } => {
            change(work, record, row, &remote_id, &Changes::default(), Switching::Off).await
        }
        Operation::Unsuspend { remote_id, changes } => {
            change(work, record, row, &remote_id, &changes, Switching::On).await
        }
        Operation::Delete { remote_id } => delete::delete(work, record, row, &remote_id).await,
    }
}

/// Sends the write that is intended, once its intent covers the time that it may take.
async fn send(work: &Work<'_>, record: &mut AccountRecord, request: &Request) -> Result<Response, CallError> {
    let mut tries = Tries::default();
    loop {
        let turn = work.client.turn(request).await;
        renew(work, record).await.map_err(|error| closed(&error))?;
        let until = record.intent.as_ref().map(|intent| intent.until);
        if let Some(response) = work.client.attempt(turn, request, &mut tries, until).await? {
            return Ok(response);
        }
    }
}

fn closed(error: &StoreError) -> Closed {
    if error.is_fenced() { Closed::Fenced } else { Closed::Unsure(error.to_string()) }
}

async fn create(
    work: &Work<'_>,
    mut record: Box<AccountRecord>,
    row: Box<PlanRow>,
    attributes: &Attributes,
    ask_first: bool,
) -> Outcome {
    let user_name = attributes.user_name().unwrap_or_default();
    let take_over = record.choice == Some(Choice::TakeOver);
    if ask_first {
        match ask::own(work, &record.user, user_name, take_over).await {
            Ok(Found::NotLooked) => {}
            Ok(Found::Nothing) => {
                if let Err(error) = nothing_was_there(work, &mut record, attributes).await {
                    return not_written(work, record, row, &closed(&error).into());
                }
            }
            Ok(found) => return settle_found(work, record, row, found, attributes).await,
            Err(error) => return not_written(work, record, row, &error.before_write()),
        }
    }
    let body = wire::new_account(attributes);
    match send(work, &mut record, &request::create(ResourceKind::User, body)).await {
        Ok(response) => created(work, record, row, response).await,
        Err(CallError::Refused(failure)) if failure.of_write() == FailureClass::Conflict => {
            duplicate(work, record, row, attributes).await
        }
        Err(error) => not_written(work, record, row, &error),
    }
}

/// Records that the app was asked and showed nothing: should the answer to the create be lost, an account with our
/// external id is what it made, whatever became of it since.
async fn nothing_was_there(
    work: &Work<'_>,
    record: &mut AccountRecord,
    attributes: &Attributes,
) -> Result<(), StoreError> {
    if mutant::lives(Mutant::AskedForgotten) {
        return Ok(());
    }
    let operation = Operation::Create { attributes: attributes.clone(), ask_first: false };
    intend_now(work, record, operation).await
}

/// The app said yes: the account is what the answer shows, or, where it shows nothing, what a look finds.
async fn created(
    work: &Work<'_>,
    record: Box<AccountRecord>,
    row: Box<PlanRow>,
    response: Response,
) -> Outcome {
    if let Some(seen) = shown(work, &response) {
        return done(work, record, row, &seen, Kind::Create);
    }
    match ask::look(work, &record).await {
        Ok(learn::Look::Found(seen, _)) => done(work, record, row, &seen, Kind::Create),
        Ok(learn::Look::Nothing) => {
            let why = "the app said yes to the create, and shows no such account".to_owned();
            Outcome::unknown(row, &CallError::Useless(why))
        }
        Err(error) => Outcome::unknown(row, &error),
    }
}

/// The app refused a duplicate: of the person's own account, which is then adopted, or of somebody's.
async fn duplicate(
    work: &Work<'_>,
    record: Box<AccountRecord>,
    row: Box<PlanRow>,
    attributes: &Attributes,
) -> Outcome {
    let user_name = attributes.user_name().unwrap_or_default();
    let take_over = record.choice == Some(Choice::TakeOver);
    let found = match ask::own(work, &record.user, user_name, take_over).await {
        Ok(Found::Nothing | Found::NotLooked) => {
            ask::in_listing(work, &record.user, user_name, take_over).await
        }
        other => other,
    };
    match found {
        Ok(Found::Nothing | Found::NotLooked) => {
            let conflict = Conflict::Invisible { user_name: user_name.to_owned() };
            failed(work, record, row, Failure::Conflict { conflict })
        }
        Ok(found) => settle_found(work, record, row, found, attributes).await,
        Err(error) => not_written(work, record, row, &error.before_write()),
    }
}

/// An account was there before us.
async fn settle_found(
    work: &Work<'_>,
    mut record: Box<AccountRecord>,
    mut row: Box<PlanRow>,
    found: Found,
    attributes: &Attributes,
) -> Outcome {
    match found {
        // Whoever approved a create has not looked at the account that is there.
        Found::Own(..) if work.is_approved => failed(work, record, row, Failure::NotApproved),
        Found::Own(account, by) => {
            if let Err(holder) = work.claim(&account.remote_id, &record) {
                return held(work, record, row, &account, holder);
            }
            let reason = Reason::Adopted { by };
            let differing = changes(attributes, &Attributes::new(), &account.attributes);
            // Should the answer be lost, an account that is there must not pass for the create of it.
            let mut ours = account.clone();
            ours.attributes.retain(|path| attributes.get(path).is_some());
            let operation = Operation::Adopt { account: ours, changes: differing.clone() };
            if let Some(intent) = &mut record.intent {
                intent.reason = reason.clone();
            }
            row.reason = reason;
            if let Err(error) = intend_now(work, &mut record, operation).await {
                return not_written(work, record, row, &closed(&error).into());
            }
            adopt(work, record, row, &account, differing, |path| attributes.get(path).is_some()).await
        }
        Found::Conflict(conflict) => failed(work, record, row, Failure::Conflict { conflict }),
        Found::Nothing | Found::NotLooked => Outcome::not_done(record, row),
    }
}

/// Somebody else takes the account with this very run.
fn held(
    work: &Work<'_>,
    record: Box<AccountRecord>,
    row: Box<PlanRow>,
    account: &RemoteAccount,
    holder: Holder,
) -> Outcome {
    let conflict = Conflict::Held { user_name: account.user_name.clone(), holder };
    failed(work, record, row, Failure::Conflict { conflict })
}

/// Adopts an account that a listing showed, if a read shows that it still is what it was: a listing is older
/// than the run, and an account that has become somebody else's meanwhile is not ours to take.
async fn adopt_listed(
    work: &Work<'_>,
    record: Box<AccountRecord>,
    row: Box<PlanRow>,
    listed: &RemoteAccount,
    changes: &Changes,
) -> Outcome {
    if let Err(holder) = work.claim(&listed.remote_id, &record) {
        return held(work, record, row, listed, holder);
    }
    let seen = match ask::by_id(work, &listed.remote_id).await {
        Ok(ById::There(seen, _)) => seen,
        Ok(ById::Gone) => return decide_anew(record, row),
        Err(error) => return not_written(work, record, row, &error.before_write()),
    };
    let is_same_name = seen.user_name.as_deref().map(fold) == Some(fold(&listed.user_name));
    if !is_same_name || seen.external_id != listed.external_id {
        return decide_anew(record, row);
    }
    let is_wanted = |path: &AttributePath| {
        listed.attributes.get(path).is_some() || changes.iter().any(|change| change.path == *path)
    };
    adopt(work, record, row, &seen.to_remote_account(), changes.clone(), is_wanted).await
}

/// What was planned with is not so any more: nothing is sent, and the next decision asks the app first.
fn decide_anew(record: Box<AccountRecord>, row: Box<PlanRow>) -> Outcome {
    Outcome::not_done(Box::new(AccountRecord { settled: None, ..*record }), row)
}

async fn adopt(
    work: &Work<'_>,
    mut record: Box<AccountRecord>,
    mut row: Box<PlanRow>,
    account: &RemoteAccount,
    changes: Changes,
    is_wanted: impl Fn(&AttributePath) -> bool,
) -> Outcome {
    // From here on it is an adoption, whatever the row was planned as. What the app holds beyond what is wanted stays
    // somebody's own.
    let mut ours = account.clone();
    ours.attributes.retain(is_wanted);
    record.sent = ours.attributes.clone();
    record.returned = account.attributes.clone();
    row.operation = Operation::Adopt { account: Box::new(ours), changes: changes.clone() };
    if changes.is_empty() {
        return done(work, record, row, &Seen::of_account(account), Kind::Adopt);
    }
    let remote_id = account.remote_id.clone();
    match write(work, &mut record, &remote_id, &changes, Switching::Leave).await {
        Ok(seen) => done(work, record, row, &seen, Kind::Adopt),
        // The name it should have is still another's, who may be waiting for this one's: it is adopted as it is, and
        // renamed like any account that is known.
        Err(CallError::Refused(failure))
            if failure.of_write() == FailureClass::Conflict
                && is_ours_but_for_the_name(&record, account, &changes)
                && !mutant::lives(Mutant::AdoptedWithNameOnly) =>
        {
            let mut as_it_is = account.clone();
            as_it_is.attributes = record.sent.clone();
            row.operation = Operation::Adopt { account: Box::new(as_it_is), changes: Changes::default() };
            done(work, record, row, &Seen::of_account(account), Kind::Adopt)
        }
        Err(error) => refused(work, record, row, &error),
    }
}

/// Whether an account says already whose it is, so that a refused duplicate can only be about its new name.
fn is_ours_but_for_the_name(record: &AccountRecord, account: &RemoteAccount, changes: &Changes) -> bool {
    let is_renamed = changes.iter().any(|change| change.path.is("userName"));
    is_renamed && account.external_id.as_deref() == Some(record.user.as_str())
}

async fn change(
    work: &Work<'_>,
    mut record: Box<AccountRecord>,
    row: Box<PlanRow>,
    remote_id: &RemoteId,
    changes: &Changes,
    switching: Switching,
) -> Outcome {
    let kind = row.operation.kind();
    match write(work, &mut record, remote_id, changes, switching).await {
        Ok(seen) => done(work, record, row, &seen, kind),
        Err(error) => refused(work, record, row, &error),
    }
}

/// Writes changes to an account and returns it as the app then shows it.
async fn write(
    work: &Work<'_>,
    record: &mut AccountRecord,
    remote_id: &RemoteId,
    changes: &Changes,
    switching: Switching,
) -> Result<Seen, CallError> {
    let quirks = &work.client.template.quirks;
    // As the app was last seen to have it, by whomever it was written.
    let current = record.drifted.as_ref().unwrap_or(&record.returned);
    let patch = wire::patch(changes, switching, current, quirks);
    let response = match send_change(work, record, remote_id, &patch).await {
        Err(error) if work.client.knows_no_patch(&error) => {
            send_change(work, record, remote_id, &patch).await?
        }
        sent => sent?,
    };
    // An answer that leaves out whether the account is on does not say what became of a switch.
    let says = |seen: &Seen| {
        seen.remote_id == *remote_id && (switching == Switching::Leave || seen.active.is_some())
    };
    if let Some(seen) = shown(work, &response).filter(says) {
        return Ok(seen);
    }
    // 204, or an answer that does not show it: only a read says what the app made of it.
    match ask::by_id(work, remote_id).await {
        Ok(ById::There(seen, _)) => Ok(*seen),
        Ok(ById::Gone) => Err(gone(remote_id)),
        Err(error) => {
            Err(CallError::Useless(format!("the app said yes and could not be read afterwards: {error}")))
        }
    }
}

/// Sends a change as the app takes it: as it is, or, after a read, as the whole with the change in it.
async fn send_change(
    work: &Work<'_>,
    record: &mut AccountRecord,
    remote_id: &RemoteId,
    patch: &PatchRequest,
) -> Result<Response, CallError> {
    let id = resource_id(remote_id)?;
    let request = match work.client.update() {
        Update::Detect | Update::Patch => request::patch(ResourceKind::User, &id, patch),
        Update::Put => {
            let ById::There(_, read) = ask::by_id(work, remote_id).await.map_err(CallError::before_write)?
            else {
                return Err(gone(remote_id));
            };
            let merged = wire::merged(read, patch).map_err(|error| CallError::Useless(error.to_string()))?;
            request::replace(ResourceKind::User, &id, merged)
        }
    };
    send(work, record, &request).await
}

fn gone(remote_id: &RemoteId) -> CallError {
    let error = serde_json::json!({
        "schemas": [usher_protocol::scim::ERROR_SCHEMA], "status": "404", "detail": format!("{remote_id} is gone"),
    });
    CallError::Refused(usher_protocol::scim::failure::Failure::read(&Response::json(404, &error)))
}

fn shown(work: &Work<'_>, response: &Response) -> Option<Seen> {
    let resource = Resource::read(response).ok()?;
    Seen::read(resource, &work.setting.paths)
}

fn done(work: &Work<'_>, record: Box<AccountRecord>, row: Box<PlanRow>, seen: &Seen, kind: Kind) -> Outcome {
    let failing = record.failing.clone();
    match learn::written(*record, &row.operation, seen, work.provisioning_on()) {
        Ok(record) => Outcome::written(Box::new(record), row, kind),
        Err((record, failure)) => failed(work, Box::new(AccountRecord { failing, ..*record }), row, failure),
    }
}

/// A write to an account that is known was not taken.
fn refused(work: &Work<'_>, record: Box<AccountRecord>, row: Box<PlanRow>, error: &CallError) -> Outcome {
    let is_gone = matches!(error, CallError::Refused(failure) if failure.of_write() == FailureClass::Gone);
    if is_gone { gone_already(record, row) } else { not_written(work, record, row, error) }
}

/// The app says that there is no such account any more: what that means is decided anew.
fn gone_already(record: Box<AccountRecord>, row: Box<PlanRow>) -> Outcome {
    let gone = AccountRecord { state: RecordState::Gone, intent: None, settled: None, ..*record };
    Outcome {
        row,
        done: Done::Gone { record: Box::new(gone) },
        before: Attributes::new(),
        is_broad: false,
        stop: None,
    }
}

/// A call failed: unknown if it may have happened, the account's failure if not, the run's end if it must.
fn not_written(work: &Work<'_>, record: Box<AccountRecord>, row: Box<PlanRow>, error: &CallError) -> Outcome {
    match Stop::of(error) {
        // It may be about this account alone: the next run goes past it, so that nobody waits behind it.
        Some(stop @ Stop::Forbidden(_)) => {
            let failure = Failure::NoAnswer { message: error.to_string() };
            return Outcome { stop: Some(stop), ..failed(work, record, row, failure) };
        }
        Some(stop) => return Outcome { stop: Some(stop), ..Outcome::not_done(record, row) },
        None => {}
    }
    if error.may_have_happened() {
        return Outcome::unknown(row, error);
    }
    let failure = match error {
        CallError::Refused(failure) => Failure::Refused { status: failure.status(), message: said(failure) },
        CallError::Transport(_) | CallError::Useless(_) | CallError::Closed(_) | CallError::NotAsked(_) => {
            Failure::NoAnswer { message: error.to_string() }
        }
    };
    Outcome { is_broad: error.is_broad(), ..failed(work, record, row, failure) }
}

fn failed(work: &Work<'_>, record: Box<AccountRecord>, row: Box<PlanRow>, failure: Failure) -> Outcome {
    let kind = Some(row.operation.kind());
    let record = Box::new(learn::failed(*record, failure.clone(), kind, work.clock.now()));
    Outcome {
        row,
        done: Done::Failed { record, failure },
        before: Attributes::new(),
        is_broad: false,
        stop: None,
    }
}
