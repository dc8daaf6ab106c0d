//! What Google says of people, as the mirror keeps it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use usher_model::directory::{User, UserState};
use usher_model::id::{DirectoryId, Email, UserId};
use usher_model::time::Timestamp;
use usher_store::directory::listing;
use usher_store::directory::stage::{self, Addresses};
use usher_store::directory::{self, Owner, Person};
use usher_store::{StoreError, Tx};

use crate::import::person::{addresses, is_deleted};
use crate::import::to_person;

/// People as single answers showed them.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Whoever is there.
    pub(super) there: Vec<Map<String, Json>>,
    /// Whom the mirror has and Google, asked by id, has not.
    pub(super) gone: Vec<UserId>,
    /// When the first of them was asked about.
    pub(super) asked_at: Option<Timestamp>,
}

/// The person that a resource describes, whole: what it does not say is not so any more. `listed_deleted`: it is from the
/// list of those who can be restored, of whom Google says when they were deleted.
pub(super) fn read(
    mut resource: Map<String, Json>,
    listed_deleted: bool,
    now: Timestamp,
) -> Result<Person, String> {
    if listed_deleted {
        resource.entry("deletionTime").or_insert_with(|| now.to_string().into());
    } else {
        // Whoever is among the users is not among the deleted ones.
        resource.remove("deletionTime");
    }
    to_person(resource)
}

/// Writes those of these people who are other than they were; each once. Whether anybody is.
pub(super) async fn record(
    tx: &mut Tx,
    directory: &DirectoryId,
    before: &BTreeMap<UserId, Person>,
    people: Vec<Person>,
) -> Result<bool, StoreError> {
    let is_news = |person: &Person| before.get(&person.user.id) != Some(person);
    let changed: Vec<Person> = people.into_iter().filter(is_news).collect();
    if changed.is_empty() {
        return Ok(false);
    }
    directory::record_people(tx, directory, &changed).await?;
    let moved: Vec<Addresses> = changed
        .iter()
        .map(addresses_of)
        .filter(|now| {
            let Owner::User(id) = &now.owner else { return true };
            before.get(id).map(addresses_of).as_ref() != Some(now)
        })
        .collect();
    stage::restate(tx, directory, &moved).await?;
    let left: Vec<UserId> =
        changed.iter().filter(|person| is_deleted(person)).map(|person| person.user.id.clone()).collect();
    directory::leave_groups(tx, directory, &left).await?;
    Ok(true)
}

/// A person's addresses. An alias that is no address is nobody's.
fn addresses_of(person: &Person) -> Addresses {
    let owner = Owner::User(person.user.id.clone());
    let primary = Some(person.user.primary_email.clone());
    addresses(person).unwrap_or(Addresses { owner, primary, aliases: BTreeSet::new() })
}

/// The same person, of whom nobody knows whether they are there.
pub(super) fn unlisted(person: Person) -> Person {
    Person::new(User { state: UserState::Unlisted, ..person.user }, person.resource)
}

/// The same person, who is not there any more and cannot be restored.
fn gone(person: Person, now: Timestamp) -> Person {
    let mut resource = person.resource;
    resource.insert("deletionTime".to_owned(), now.to_string().into());
    Person::new(User { state: UserState::Deleted { since: Some(now) }, ..person.user }, resource)
}

/// Writes what single answers showed, in a transaction that nobody else's listing can come between.
pub(super) async fn record_single(
    tx: &mut Tx,
    directory: &DirectoryId,
    heard: Heard,
) -> Result<bool, StoreError> {
    let Heard { there, gone: missing, asked_at } = heard;
    let Some(asked_at) = asked_at else { return Ok(false) };
    let mut people = BTreeMap::new();
    for resource in there {
        let id = resource.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
        match read(resource, false, asked_at) {
            Ok(person) => drop(people.insert(UserId::new(id), person)),
            Err(problem) => {
                tracing::warn!(directory.id = %directory, user.id = id, problem, "a person stays as they were")
            }
        }
    }
    let ids: BTreeSet<UserId> = people.keys().chain(&missing).cloned().collect();
    let before = directory::people(tx, directory, &ids).await?;
    for id in missing {
        // Whoever is known to be deleted was deleted when Google said.
        if let Some(person) = before.get(&id).filter(|person| !is_deleted(person)) {
            people.insert(id, gone(person.clone(), asked_at));
        }
    }
    let heard: Vec<&str> = ids.iter().map(UserId::as_str).collect();
    listing::hear(tx, directory, listing::Heard::Users, heard, asked_at).await?;
    let is_changed = record(tx, directory, &before, people.into_values().collect()).await?;
    settle_addresses(tx, directory).await?;
    stage::clear(tx, directory).await?;
    Ok(is_changed)
}

/// Gives everybody the addresses that were stated, and says who lost one that two stated.
pub(super) async fn settle_addresses(
    tx: &mut Tx,
    directory: &DirectoryId,
) -> Result<Vec<(Email, Owner)>, StoreError> {
    let lost = stage::make_way(tx, directory).await?;
    let contested = stage::settle_addresses(tx, directory).await?;
    debug_assert!(contested.is_none(), "way was made: {contested:?}");
    Ok(lost)
}
