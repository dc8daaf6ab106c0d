//! What Google says of people, as the mirror keeps it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use usher_model::directory::{User, UserState};
use usher_model::id::{DirectoryId, Email, UserId};
use usher_model::time::Timestamp;
use usher_protocol::directory::time;
use usher_store::directory::listing;
use usher_store::directory::stage::{self, Addresses};
use usher_store::directory::{self, Owner, Person};
use usher_store::{StoreError, Tx};

use crate::import::person::{addresses, is_deleted};
use crate::import::to_person;

/// People as single answers showed them, each with when they were asked about.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Whoever is there.
    pub(super) there: Vec<(Timestamp, Map<String, Json>)>,
    /// Whom the mirror has and Google, asked by id, has not.
    pub(super) gone: Vec<(Timestamp, UserId)>,
}

/// Where a person's resource is from.
#[derive(Clone, Copy, Debug)]
pub(super) enum From<'a> {
    /// The list of users: whoever is in it is not deleted.
    Users,
    /// The list of those who can be restored; with what was known of the person.
    Deleted(Option<&'a Person>),
    /// An answer about them alone, who may be either.
    Alone,
}

/// The person that a resource describes, whole: what it does not say is not so any more.
pub(super) fn read(
    mut resource: Map<String, Json>,
    from: From<'_>,
    now: Timestamp,
) -> Result<Person, String> {
    match from {
        From::Users => drop(resource.remove("deletionTime")),
        From::Deleted(known) if resource.get("deletionTime").and_then(time::read).is_none() => {
            // Google says when; should it not, they have been deleted for as long as that is known.
            let known = known.and_then(|person| match person.user.state {
                UserState::Deleted { since } => since,
                UserState::Active
                | UserState::Suspended { .. }
                | UserState::Archived { .. }
                | UserState::Unlisted => None,
            });
            resource.insert("deletionTime".to_owned(), known.unwrap_or(now).to_string().into());
        }
        From::Deleted(_) | From::Alone => {}
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
    if people.is_empty() {
        return Ok(false);
    }
    let primary: BTreeSet<Email> = people.iter().map(|person| person.user.primary_email.clone()).collect();
    let owners = directory::owners(tx, directory, &primary).await?;
    // Somebody may have lost their address to another who was listed with it, too: they get it back.
    let has_theirs = |person: &Person| {
        let owner = owners.get(&person.user.primary_email);
        is_deleted(person) || matches!(owner, Some(Owner::User(id)) if *id == person.user.id)
    };
    let stated = |person: &&Person| {
        let was = before.get(&person.user.id).map(addresses_of);
        was.as_ref() != Some(&addresses_of(person)) || !has_theirs(person)
    };
    let moved: Vec<Addresses> = people.iter().filter(stated).map(addresses_of).collect();
    stage::restate(tx, directory, &moved).await?;
    let is_news = |person: &Person| before.get(&person.user.id) != Some(person);
    let changed: Vec<Person> = people.into_iter().filter(is_news).collect();
    directory::record_people(tx, directory, &changed).await?;
    let left: Vec<UserId> =
        changed.iter().filter(|person| is_deleted(person)).map(|person| person.user.id.clone()).collect();
    directory::leave_groups(tx, directory, &left).await?;
    Ok(!changed.is_empty())
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

/// Writes what single answers showed, of everybody of whom nothing newer is known.
pub(super) async fn record_single(
    tx: &mut Tx,
    directory: &DirectoryId,
    heard: Heard,
) -> Result<bool, StoreError> {
    let listed_from = directory::mirrored(tx, directory).await?.and_then(|mirrored| mirrored.listed_from);
    let mut answers: BTreeMap<UserId, (Timestamp, Option<Map<String, Json>>)> = BTreeMap::new();
    for (at, id) in heard.gone {
        answers.insert(id, (at, None));
    }
    for (at, resource) in heard.there {
        let id = UserId::new(resource.get("id").and_then(Json::as_str).unwrap_or_default());
        answers.insert(id, (at, Some(resource)));
    }
    let mut fresh = BTreeMap::new();
    for (id, (at, answer)) in answers {
        // A listing that began later, or another answer, says more.
        let is_old = listed_from.is_some_and(|from| from > at)
            || !listing::heard_since(tx, directory, listing::Heard::Users, [id.as_str()], after(at))
                .await?
                .is_empty();
        if !is_old {
            listing::hear(tx, directory, listing::Heard::Users, [id.as_str()], at).await?;
            fresh.insert(id, (at, answer));
        }
    }
    let before = directory::people(tx, directory, &fresh.keys().cloned().collect()).await?;
    let mut people = Vec::new();
    for (id, (at, answer)) in fresh {
        match answer.map(|resource| read(resource, From::Alone, at)) {
            Some(Ok(person)) => people.push(person),
            Some(Err(problem)) => {
                tracing::warn!(directory.id = %directory, user.id = %id, problem, "a person stays as they were");
            }
            // Whoever is known to be deleted was deleted when Google said.
            None => {
                let known = before.get(&id).filter(|person| !is_deleted(person));
                people.extend(known.map(|person| gone(person.clone(), at)));
            }
        }
    }
    stage::clear(tx, directory).await?;
    let is_changed = record(tx, directory, &before, people).await?;
    settle_addresses(tx, directory).await?;
    stage::clear(tx, directory).await?;
    Ok(is_changed)
}

/// The first instant after this one.
fn after(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_micros() + 1)
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
