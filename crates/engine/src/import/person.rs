//! What an entry makes of a person: pure, so that each rule is one small test.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::id::{Email, UserId};
use usher_model::time::Timestamp;
use usher_protocol::directory::time;
use usher_protocol::directory::user::{ROOT_ORG_UNIT_PATH, User as Resource};
use usher_store::directory::stage::Addresses;
use usher_store::directory::{Owner, Person};

use super::entry::Entry;

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

/// Whether an entry says that the person was deleted when they were.
pub(super) fn repeats_deletion(entry: &Entry, person: &Person) -> bool {
    let said = entry.change.get("deletionTime").and_then(time::read);
    let said = said.map(|at| Timestamp::from_micros(at.as_microsecond()));
    matches!(person.user.state, UserState::Deleted { since } if said.is_some() && said == since)
}

/// Whether the entry only repeats what is there. What is stored was merged before, so laying the same over it again
/// would change nothing; this is said without doing it, because it is true of nearly everybody in nearly every import.
pub(super) fn says_nothing_new(entry: &Entry, before: &Person) -> bool {
    let repeats = |(key, value): (&String, &Json)| before.resource.get(key) == Some(value);
    is_deleted(before) == says_deleted(entry) && entry.cells.is_empty() && entry.change.iter().all(repeats)
}

/// The person as they are after the entry, or what is wrong with it.
pub(super) fn merged(
    entry: Entry,
    before: Option<&Person>,
    id: &UserId,
    now: Timestamp,
) -> Result<Person, String> {
    let Entry { mut change, address, cells, line: _ } = entry;
    if let (None, Some(address)) = (before, address) {
        change.entry("primaryEmail").or_insert_with(|| address.into());
    }
    let states_emails = change.contains_key("emails");
    let states_deletion = change.contains_key("deletionTime");
    let mut resource = Resource::new(before.map(|before| before.resource.clone()).unwrap_or_default());
    resource.merge(change).map_err(|error| error.to_string())?;
    let full_name = resource.full_name();
    let mut resource = resource.attributes().clone();
    for cell in &cells {
        cell.lay_over(&mut resource);
    }
    if !states_deletion {
        // Whoever is among the users is not among the deleted ones.
        resource.remove("deletionTime");
    }
    resource.insert("id".to_owned(), id.as_str().into());
    complete_name(&mut resource, full_name);
    set_times(&mut resource, now);
    if !states_emails {
        list_primary(&mut resource);
    }
    to_person(resource)
}

/// The person as they are once they are deleted.
pub(super) fn deleted(person: &Person, now: Timestamp) -> Result<Person, String> {
    let mut resource = person.resource.clone();
    resource.insert("deletionTime".to_owned(), now.to_string().into());
    to_person(resource)
}

/// All their addresses. Deleted people have none.
pub fn addresses(person: &Person) -> Result<Addresses, String> {
    let owner = Owner::User(person.user.id.clone());
    if is_deleted(person) {
        return Ok(Addresses { owner, primary: None, aliases: BTreeSet::new() });
    }
    let primary = Some(person.user.primary_email.clone());
    Ok(Addresses { owner, primary, aliases: aliases(&person.resource)? })
}

pub fn is_deleted(person: &Person) -> bool {
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

/// The person that a whole resource of the Directory API describes, or what is wrong with it.
pub fn to_person(mut resource: Map<String, Json>) -> Result<Person, String> {
    let Some(primary_email) = resource.get("primaryEmail").and_then(Json::as_str) else {
        return Err("the user has no primaryEmail, and everybody needs one".to_owned());
    };
    let primary_email = parse_email(primary_email)?;
    resource.insert("primaryEmail".to_owned(), primary_email.as_str().into());
    let text = |key| resource.get(key).and_then(Json::as_str);
    let org_unit = text("orgUnitPath").unwrap_or(ROOT_ORG_UNIT_PATH);
    if org_unit.contains(char::is_control) {
        return Err("an organizational unit's path has no control characters".to_owned());
    }
    let user = User {
        id: UserId::new(text("id").unwrap_or_default()),
        primary_email,
        state: state(&resource),
        org_unit: OrgUnitPath::parse(org_unit).map_err(|error| error.to_string())?,
        is_guest: is_set(&resource, "isGuestUser"),
    };
    Ok(Person::new(user, resource))
}

/// Deleted comes before archived, and archived before suspended: archived people may carry that too.
fn state(resource: &Map<String, Json>) -> UserState {
    let instant = |key| {
        let at = resource.get(key).and_then(time::read)?;
        Some(Timestamp::from_micros(at.as_microsecond()))
    };
    if let since @ Some(_) = instant("deletionTime") {
        UserState::Deleted { since }
    } else if is_set(resource, "archived") {
        UserState::Archived { since: instant("archivalTime") }
    } else if is_set(resource, "suspended") {
        UserState::Suspended { since: instant("suspensionTime") }
    } else {
        UserState::Active
    }
}

fn is_set(resource: &Map<String, Json>, flag: &str) -> bool {
    resource.get(flag) == Some(&Json::Bool(true))
}

/// Whoever is suspended or archived is so since some instant: that of the directory, else this one. Once set it stays,
/// because what is absent from a later import stays.
fn set_times(resource: &mut Map<String, Json>, now: Timestamp) {
    for (flag, time) in [("suspended", "suspensionTime"), ("archived", "archivalTime")] {
        if !is_set(resource, flag) {
            resource.remove(time);
        } else if resource.get(time).and_then(time::read).is_none() {
            resource.insert(time.to_owned(), now.to_string().into());
        }
    }
}

/// A full name is given name and family name, as Google joins them, unless somebody gave another.
fn complete_name(resource: &mut Map<String, Json>, full_name: Option<String>) {
    let name = resource.get_mut("name").and_then(Json::as_object_mut);
    if let (Some(name), Some(full_name)) = (name, full_name) {
        name.entry("fullName").or_insert_with(|| full_name.into());
    }
}

/// Google lists the primary address among `emails` too, marked as such; it follows a change of `primaryEmail`.
fn list_primary(resource: &mut Map<String, Json>) {
    let Some(address) = resource.get("primaryEmail").and_then(Json::as_str).map(str::to_lowercase) else {
        return;
    };
    let emails = resource.get_mut("emails").and_then(Json::as_array_mut);
    let is_primary = |email: &&mut Json| email.get("primary") == Some(&Json::Bool(true));
    let primary = emails.and_then(|emails| emails.iter_mut().find(is_primary));
    if let Some(primary) = primary.and_then(Json::as_object_mut) {
        primary.insert("address".to_owned(), address.into());
    }
}
