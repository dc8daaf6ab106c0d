//! Asks the app whether it holds an account, by every way that tells.
//!
//! By the app's own id where we know it; else by `externalId`; else by
//! `userName`. Apps lie about filters: what comes back is held against what was
//! asked for, and where look-ups find nothing of a name that the app refused as
//! a duplicate, the whole app is listed, once a run.

use usher_model::adoption::{Found, MatchedBy, RemoteAccount, find_own};
use usher_model::attribute::fold::fold;
use usher_model::id::{RemoteId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::operation::Doing;
use usher_model::operation::Operation;
use usher_model::template::Lookup as By;
use usher_protocol::failure::FailureClass;
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::failure::Failure;
use usher_protocol::scim::request;
use usher_protocol::scim::resource::{Resource, ResourceId};
use usher_store::account::AccountRecord;
use usher_store::{account, remote};

use crate::calls::{CallError, Closed};
use crate::learn::{Look, Seen};
use crate::listing;
use crate::work::Work;

/// What a read by id says.
#[derive(Debug)]
pub(crate) enum ById {
    /// It is there.
    There(Box<Seen>, Resource),
    /// The app says, as SCIM has it, that it is not.
    Gone,
}

/// Reads one account by the app's id.
pub(crate) async fn by_id(work: &Work<'_>, id: &RemoteId) -> Result<ById, CallError> {
    let response = match work.client.send(&request::get(ResourceKind::User, &resource_id(id)?)).await {
        Ok(response) => response,
        Err(CallError::Refused(failure)) if failure.of_read() == FailureClass::Gone => return Ok(ById::Gone),
        Err(error) => return Err(error),
    };
    let resource = Resource::read(&response).map_err(|error| CallError::Useless(error.to_string()))?;
    let seen = Seen::read(resource.clone(), &work.setting.paths);
    let seen =
        seen.ok_or_else(|| CallError::Useless("the app showed an account without an id".to_owned()))?;
    if seen.remote_id != *id {
        let message = format!("the app was asked for the account {id} and showed {}", seen.remote_id);
        return Err(CallError::Useless(message));
    }
    Ok(ById::There(Box::new(seen), resource))
}

/// The id as it stands in a request.
pub(crate) fn resource_id(id: &RemoteId) -> Result<ResourceId, CallError> {
    ResourceId::parse(id.as_str()).map_err(|error| CallError::Useless(error.to_string()))
}

/// What the app holds that is, or could be, one person's. Where it cannot really be asked, nobody looked.
pub(crate) async fn own(
    work: &Work<'_>,
    user: &UserId,
    user_name: &str,
    take_over: bool,
) -> Result<Found, CallError> {
    let mut candidates: Vec<Seen> = Vec::new();
    let mut is_sure = true;
    for by in work.client.template.quirks.lookups {
        let value = match by {
            By::ExternalId => user.as_str(),
            By::UserName => user_name,
        };
        let lookup = match work.client.find(*by, value).await {
            Ok(lookup) => lookup,
            // A filter that the app does not know; the whole list tells, if no other filter does.
            Err(CallError::Refused(failure)) if is_no(&failure) => {
                is_sure = false;
                continue;
            }
            Err(error) => return Err(error),
        };
        is_sure &= !lookup.found.is_empty() || lookup.is_nobody();
        for seen in lookup.found.into_iter().filter_map(|found| Seen::read(found, &work.setting.paths)) {
            if candidates.iter().all(|known| known.remote_id != seen.remote_id) {
                candidates.push(seen);
            }
        }
        if candidates.iter().any(|seen| seen.external_id.as_deref() == Some(user.as_str())) {
            break;
        }
    }
    if candidates.is_empty() && !is_sure {
        return in_listing(work, user, user_name, take_over).await;
    }
    let candidates = with_holders(work, candidates.iter().map(Seen::to_remote_account).collect()).await?;
    let found = find_own(user, user_name, &candidates, take_over);
    Ok(if found == Found::Nothing && !is_sure { Found::NotLooked } else { found })
}

fn is_no(failure: &Failure) -> bool {
    matches!(failure.of_read(), FailureClass::Permanent | FailureClass::Gone | FailureClass::Conflict)
}

async fn with_holders(
    work: &Work<'_>,
    mut accounts: Vec<RemoteAccount>,
) -> Result<Vec<RemoteAccount>, CallError> {
    let ids: Vec<_> = accounts.iter().map(|account| account.remote_id.clone()).collect();
    let holders = async {
        let mut tx = work.store.read("engine::holders").await?;
        account::holders(&mut tx, work.app(), &ids).await
    };
    let mut holders = holders.await.map_err(unsure)?;
    for account in &mut accounts {
        account.holder = holders.remove(&account.remote_id);
    }
    Ok(accounts)
}

/// What a listing of the whole app shows for one person. The app is listed at most once a run for that.
pub(crate) async fn in_listing(
    work: &Work<'_>,
    user: &UserId,
    user_name: &str,
    take_over: bool,
) -> Result<Found, CallError> {
    let is_listed = work.listed.get_or_try_init(|| listing::list(work)).await?;
    if !is_listed {
        return Ok(Found::NotLooked);
    }
    let matching = async {
        let mut tx = work.store.read("engine::in_listing").await?;
        remote::matching(&mut tx, work.app(), &[(user.clone(), fold(user_name))]).await
    };
    let mut matching = matching.await.map_err(unsure)?;
    Ok(find_own(user, user_name, &matching.remove(user).unwrap_or_default(), take_over))
}

fn unsure(error: impl std::fmt::Display) -> CallError {
    CallError::Closed(Closed::Unsure(error.to_string()))
}

/// Asks what became of a write whose answer never came.
pub(crate) async fn look(work: &Work<'_>, record: &AccountRecord) -> Result<Look, CallError> {
    let Some(intent) = &record.intent else { return Ok(Look::Nothing) };
    let known_id = match &intent.operation {
        Operation::Adopt { account, .. } => Some(&account.remote_id),
        Operation::Create { .. } => None,
        Operation::Update { remote_id, .. }
        | Operation::Suspend { remote_id }
        | Operation::Unsuspend { remote_id, .. }
        | Operation::Delete { remote_id } => Some(remote_id),
    };
    if let Some(id) = known_id {
        return found(work, &intent.operation, id, MatchedBy::ExternalId).await;
    }
    let Operation::Create { attributes, .. } = &intent.operation else { return Ok(Look::Nothing) };
    debug_assert_eq!(intent.operation.doing(), Doing::Creating);
    let user_name = attributes.user_name().unwrap_or_default();
    let own = match own(work, &record.user, user_name, false).await? {
        // Before "not found" counts, the whole list is asked: some filters find nothing, whatever is there.
        Found::Nothing | Found::NotLooked if intent.missed_at.is_some() => {
            in_listing(work, &record.user, user_name, false).await?
        }
        own @ (Found::Own(..) | Found::Nothing | Found::NotLooked | Found::Conflict(_)) => own,
    };
    match own {
        Found::Own(account, by) => found(work, &intent.operation, &account.remote_id, by).await,
        // Somebody else's account has the name: ours was not made, and the next decision says why.
        Found::Nothing | Found::NotLooked | Found::Conflict(_) => Ok(Look::Nothing),
    }
}

/// Reads an account for what a write was about, which may be more than is mapped by now.
async fn found(work: &Work<'_>, lost: &Operation, id: &RemoteId, by: MatchedBy) -> Result<Look, CallError> {
    let ById::There(seen, resource) = by_id(work, id).await? else { return Ok(Look::Nothing) };
    let paths = work.setting.paths.iter().chain(lost.paths());
    let seen = match Seen::read(resource, paths) {
        Some(whole) if !mutant::lives(Mutant::LostReadAsMapped) => Box::new(whole),
        Some(_) | None => seen,
    };
    Ok(Look::Found(seen, by))
}
