//! What an entry makes of a person: pure, so that each rule is one small test.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::id::{Email, UserId};
use usher_model::time::Timestamp;
use usher_protocol::directory::time;
use usher_protocol::directory::user::User as Resource;
use usher_store::directory::stage::Addresses;
use usher_store::directory::{Owner, Person};

use super::source::Entry;

/// Whom an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Id(UserId),
    Address(Email),
}

impl Key {
    pub(super) fn of(entry: &Entry) -> Result<Self, String> {
        if let Some(address) = &entry.address {
            return parse_email(address).map(Self::Address);
        }
        match (entry.change.get("id"), entry.change.get("primaryEmail")) {
            (Some(Json::String(id)), _) if is_id(id) => Ok(Self::Id(UserId::new(id))),
            (Some(id), _) => Err(format!("{id} is not an id: an id is a text, not empty")),
            (None, Some(Json::String(address))) => parse_email(address).map(Self::Address),
            (None, _) => Err("the entry has neither an id nor a primaryEmail".to_owned()),
        }
    }
}

/// Whether an entry says that the person is deleted.
pub(super) fn says_deleted(entry: &Entry) -> bool {
    entry.change.get("deletionTime").is_some_and(|time| !time.is_null())
}

/// The person as they are after the entry, or what is wrong with it.
pub(super) fn merged(
    entry: &Entry,
    before: Option<&Person>,
    id: &UserId,
    now: Timestamp,
) -> Result<Person, String> {
    let mut change = entry.change.clone();
    if let (None, Some(address)) = (before, &entry.address) {
        change.entry("primaryEmail").or_insert_with(|| address.as_str().into());
    }
    let states_emails = change.contains_key("emails");
    let states_deletion = change.contains_key("deletionTime");
    let mut resource = Resource::new(before.map(|before| before.resource.clone()).unwrap_or_default());
    resource.merge(change).map_err(|error| error.to_string())?;
    let mut resource = resource.attributes().clone();
    for cell in &entry.cells {
        cell.lay_over(&mut resource);
    }
    if !states_deletion {
        // Whoever is among the users is not among the deleted ones.
        resource.remove("deletionTime");
    }
    resource.insert("id".to_owned(), id.as_str().into());
    complete_name(&mut resource);
    set_times(&mut resource, now);
    let person = to_person(resource)?;
    Ok(if states_emails { person } else { with_primary_listed(person) })
}

/// The person as they are once they are deleted.
pub(super) fn deleted(person: &Person, now: Timestamp) -> Result<Person, String> {
    let mut resource = person.resource.clone();
    resource.insert("deletionTime".to_owned(), now.to_string().into());
    to_person(resource)
}

/// All their addresses. Deleted people have none.
pub(super) fn addresses(person: &Person) -> Result<Addresses, String> {
    let owner = Owner::User(person.user.id.clone());
    if is_deleted(person) {
        return Ok(Addresses { owner, primary: None, aliases: BTreeSet::new() });
    }
    let primary = Some(person.user.primary_email.clone());
    Ok(Addresses { owner, primary, aliases: aliases(&person.resource)? })
}

pub(super) fn is_deleted(person: &Person) -> bool {
    matches!(person.user.state, UserState::Deleted { .. })
}

/// The further addresses of a user or a group.
pub(super) fn aliases(resource: &Map<String, Json>) -> Result<BTreeSet<Email>, String> {
    let lists = ["aliases", "nonEditableAliases"].into_iter().filter_map(|list| resource.get(list));
    let all = lists.filter_map(Json::as_array).flatten().filter_map(Json::as_str);
    all.map(parse_email).collect()
}

pub(super) fn parse_email(text: &str) -> Result<Email, String> {
    Email::parse(text.trim()).map_err(|error| error.to_string())
}

/// An id is opaque, but it is one.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && !id.contains(char::is_control)
}

fn to_person(mut resource: Map<String, Json>) -> Result<Person, String> {
    let Some(primary_email) = resource.get("primaryEmail").and_then(Json::as_str) else {
        return Err("the user has no primaryEmail, and everybody needs one".to_owned());
    };
    let primary_email = parse_email(primary_email)?;
    resource.insert("primaryEmail".to_owned(), primary_email.as_str().into());
    let resource = Resource::new(resource);
    let org_unit = OrgUnitPath::parse(resource.org_unit_path()).map_err(|error| error.to_string())?;
    if org_unit.as_str().contains(char::is_control) {
        return Err("an organizational unit's path has no control characters".to_owned());
    }
    let user = User {
        id: UserId::new(resource.id().unwrap_or_default()),
        primary_email,
        state: state(&resource),
        org_unit,
        is_guest: resource.is_guest(),
    };
    Ok(Person::new(user, resource.attributes().clone()))
}

/// Deleted comes before archived, and archived before suspended: archived people may carry that too.
fn state(resource: &Resource) -> UserState {
    let instant = |at: jiff::Timestamp| Timestamp::from_micros(at.as_microsecond());
    if let Some(at) = resource.deletion_time() {
        UserState::Deleted { since: Some(instant(at)) }
    } else if resource.archived() {
        UserState::Archived { since: resource.archival_time().map(instant) }
    } else if resource.suspended() {
        UserState::Suspended { since: resource.suspension_time().map(instant) }
    } else {
        UserState::Active
    }
}

/// Whoever is suspended or archived is so since some instant: that of the directory, else this one. Once set it stays,
/// because what is absent from a later import stays.
fn set_times(resource: &mut Map<String, Json>, now: Timestamp) {
    for (flag, time) in [("suspended", "suspensionTime"), ("archived", "archivalTime")] {
        if resource.get(flag) != Some(&Json::Bool(true)) {
            resource.remove(time);
        } else if resource.get(time).and_then(time::read).is_none() {
            resource.insert(time.to_owned(), now.to_string().into());
        }
    }
}

/// A full name is given name and family name, as Google joins them, unless somebody gave another.
fn complete_name(resource: &mut Map<String, Json>) {
    let Some(full_name) = Resource::new(resource.clone()).full_name() else { return };
    if let Some(name) = resource.get_mut("name").and_then(Json::as_object_mut) {
        name.entry("fullName").or_insert_with(|| full_name.into());
    }
}

/// Google lists the primary address among `emails` too, marked as such; it follows a change of `primaryEmail`.
fn with_primary_listed(person: Person) -> Person {
    let Person { user, mut resource, .. } = person.clone();
    let emails = resource.get_mut("emails").and_then(Json::as_array_mut);
    let primary = emails
        .and_then(|emails| emails.iter_mut().find(|email| email.get("primary") == Some(&Json::Bool(true))));
    match primary.and_then(Json::as_object_mut) {
        Some(primary) => {
            primary.insert("address".to_owned(), user.primary_email.as_str().into());
            Person::new(user, resource)
        }
        None => person,
    }
}
