//! The same resources in two forms: as the store keeps them, which is all that the Directory API shows, and as the
//! emulated Workspace has them, which leaves out what it works out itself.

use serde_json::{Map, Value as Json, json};
use usher_emulator::workspace::directory::{
    Domain, Group, Member, MemberKind, Membership, Schema, User, derived_id, text,
};
use usher_engine::import::{is_deleted, to_group, to_person};
use usher_model::directory::UserState;
use usher_model::time::Timestamp;
use usher_store::directory::stage::{self, Addresses};
use usher_store::directory::{
    self, DomainRecord, GroupRecord, KnownMember, MemberRecord, Person, SchemaRecord,
};

use super::units::Units;

/// By what everyone in the organisation is kept as a member.
pub(super) const EVERYONE: &str = "customer";

/// What the emulator says of a user by itself.
const OF_USERS: [&str; 9] = [
    "kind",
    "etag",
    "id",
    "customerId",
    "orgUnitPath",
    "deletionTime",
    "nonEditableAliases",
    "password",
    "hashFunction",
];
/// What it says of a group by itself.
const OF_GROUPS: [&str; 5] = ["kind", "etag", "id", "nonEditableAliases", "directMembersCount"];
/// What stays of a resource although the emulator does not speak of it.
const STAYS: [&str; 3] = ["kind", "customerId", "nonEditableAliases"];

/// A user as the emulator has one.
pub(super) fn user(person: &Person, units: &Units) -> User {
    let deleted_at = match person.user.state {
        UserState::Deleted { since } => Some(since.unwrap_or_default()),
        UserState::Active
        | UserState::Suspended { .. }
        | UserState::Archived { .. }
        | UserState::Unlisted => None,
    };
    let mut fields = without(&person.resource, &OF_USERS);
    fields.insert("primaryEmail".to_owned(), person.user.primary_email.as_str().into());
    User {
        id: person.user.id.as_str().to_owned(),
        org_unit: units.id(&person.user.org_unit).to_owned(),
        deleted_at,
        fields,
    }
}

/// A person as the store keeps one, or what is wrong with the user.
pub(super) fn person(user: &User, before: Option<&Person>, units: &Units) -> Result<Person, String> {
    let path = units.path(&user.org_unit).ok_or("the user is in a unit that is not there")?;
    let mut resource = without(&user.fields, &OF_USERS);
    if let Some(before) = before {
        let comes_back = is_deleted(before) && user.deleted_at.is_none();
        for name in STAYS {
            // Whoever was deleted has lost every address that is not asked for again.
            if let Some(value) =
                before.resource.get(name).filter(|_| !(comes_back && name == "nonEditableAliases"))
            {
                resource.insert(name.to_owned(), value.clone());
            }
        }
        follow_rename(&mut resource, before.user.primary_email.as_str());
    }
    resource.insert("id".to_owned(), user.id.as_str().into());
    resource.insert("orgUnitPath".to_owned(), path.as_str().into());
    if let Some(at) = user.deleted_at {
        resource.insert("deletionTime".to_owned(), at.to_string().into());
    }
    to_person(resource)
}

/// The same person in another unit.
pub(super) fn moved(person: &Person, unit: &str) -> Result<Person, String> {
    let mut resource = person.resource.clone();
    resource.insert("orgUnitPath".to_owned(), unit.into());
    to_person(resource)
}

/// The same person, deleted.
pub(super) fn deleted(person: &Person, now: Timestamp) -> Result<Person, String> {
    let mut resource = person.resource.clone();
    resource.insert("deletionTime".to_owned(), now.to_string().into());
    to_person(resource)
}

/// The primary address among `emails`, which mappings read, follows a change of `primaryEmail`.
fn follow_rename(resource: &mut Map<String, Json>, before: &str) {
    let new = text(resource, "primaryEmail").to_lowercase();
    let Some(emails) = resource.get_mut("emails").and_then(Json::as_array_mut) else { return };
    for email in emails.iter_mut().filter_map(Json::as_object_mut) {
        let is_primary = email.get("primary") == Some(&Json::Bool(true));
        if is_primary && text(email, "address").eq_ignore_ascii_case(before) {
            email.insert("address".to_owned(), new.as_str().into());
        }
    }
}

/// A group as the emulator has one.
pub(super) fn group(record: &GroupRecord) -> Group {
    let mut fields = without(&record.resource, &OF_GROUPS);
    fields.insert("email".to_owned(), record.group.email.as_str().into());
    fields.entry("name").or_insert_with(|| record.group.name.as_str().into());
    Group { id: record.group.id.as_str().to_owned(), fields }
}

/// A group as the store keeps one, with its addresses.
pub(super) fn group_record(
    group: &Group,
    before: Option<&GroupRecord>,
) -> Result<(GroupRecord, Addresses), String> {
    let mut resource = without(&group.fields, &OF_GROUPS);
    for name in STAYS {
        if let Some(value) = before.and_then(|before| before.resource.get(name)) {
            resource.insert(name.to_owned(), value.clone());
        }
    }
    resource.insert("id".to_owned(), group.id.as_str().into());
    to_group(resource)
}

/// A resource without what the emulator says by itself, its aliases in small letters.
fn without(resource: &Map<String, Json>, names: &[&str]) -> Map<String, Json> {
    let mut fields = resource.clone();
    fields.retain(|name, _| !names.contains(&name.as_str()));
    for alias in fields.get_mut("aliases").and_then(Json::as_array_mut).into_iter().flatten() {
        if let Some(text) = alias.as_str() {
            *alias = text.trim().to_lowercase().into();
        }
    }
    fields
}

/// A member as the emulator has one.
pub(super) fn membership(known: KnownMember, customer: &str) -> Membership {
    let KnownMember { member: MemberRecord { key, kind, role, delivery }, email, state } = known;
    let (id, kind, address) = match kind {
        stage::MemberKind::User => (key, MemberKind::User, None),
        stage::MemberKind::Group => (key, MemberKind::Group, None),
        stage::MemberKind::External => (derived_id(&key), MemberKind::External, Some(key)),
        stage::MemberKind::Customer => (customer.to_owned(), MemberKind::Customer, None),
    };
    let status = match state {
        Some(UserState::Suspended { .. }) => "SUSPENDED",
        Some(UserState::Archived { .. }) => "ARCHIVED",
        Some(UserState::Active | UserState::Deleted { .. } | UserState::Unlisted) | None => "ACTIVE",
    };
    let email = email.or_else(|| address.clone());
    Membership { member: Member { id, kind, address, role, delivery }, email, status }
}

/// A member as the store keeps one.
pub(super) fn member_record(member: Member) -> MemberRecord {
    let Member { id, kind, address, role, delivery } = member;
    let (key, kind) = match kind {
        MemberKind::User => (id, stage::MemberKind::User),
        MemberKind::Group => (id, stage::MemberKind::Group),
        MemberKind::External => (address.unwrap_or(id), stage::MemberKind::External),
        MemberKind::Customer => (EVERYONE.to_owned(), stage::MemberKind::Customer),
    };
    MemberRecord { key, kind, role, delivery }
}

/// A domain as the emulator has one.
pub(super) fn domain(record: &DomainRecord) -> Domain {
    let aliases = record.resource.get("domainAliases").and_then(Json::as_array).into_iter().flatten();
    let alias = |alias: &Json| {
        let alias = alias.as_object()?;
        let name = Some(text(alias, "domainAliasName")).filter(|name| !name.is_empty())?;
        Some((name.to_lowercase(), made_at(alias)))
    };
    Domain {
        name: record.domain.name.clone(),
        is_primary: record.domain.is_primary,
        is_verified: record.resource.get("verified").and_then(Json::as_bool).unwrap_or(true),
        created_at: made_at(&record.resource),
        aliases: aliases.filter_map(alias).collect(),
    }
}

/// A domain as the store keeps one.
pub(super) fn domain_record(domain: &Domain) -> DomainRecord {
    let Domain { name, is_primary, is_verified, created_at, aliases } = domain;
    let mut resource = Map::new();
    resource.insert("domainName".to_owned(), name.as_str().into());
    resource.insert("isPrimary".to_owned(), (*is_primary).into());
    resource.insert("verified".to_owned(), (*is_verified).into());
    resource.insert("creationTime".to_owned(), millis(*created_at).into());
    if !aliases.is_empty() {
        let alias = |(alias, at): &(String, Timestamp)| {
            json!({
                "domainAliasName": alias, "parentDomainName": name, "verified": true, "creationTime": millis(*at),
            })
        };
        resource.insert("domainAliases".to_owned(), aliases.iter().map(alias).collect());
    }
    DomainRecord { domain: directory::Domain { name: name.clone(), is_primary: *is_primary }, resource }
}

/// Google writes when domains were made as milliseconds, in a text.
fn made_at(resource: &Map<String, Json>) -> Timestamp {
    let millis = text(resource, "creationTime").parse().unwrap_or(0_i64);
    Timestamp::from_micros(millis.saturating_mul(1_000))
}

fn millis(at: Timestamp) -> String {
    at.as_micros().div_euclid(1_000).to_string()
}

/// A schema as the emulator has one. One that was imported without an id has one that follows from its name.
pub(super) fn schema(record: &SchemaRecord) -> Schema {
    let id = Some(text(&record.resource, "schemaId")).filter(|id| !id.is_empty()).map(str::to_owned);
    Schema {
        id: id.unwrap_or_else(|| derived_id(&record.name)),
        name: record.name.clone(),
        fields: without(&record.resource, &["kind", "etag", "schemaId", "schemaName"]),
    }
}

/// A schema as the store keeps one.
pub(super) fn schema_record(schema: Schema) -> SchemaRecord {
    let Schema { id, name, fields: mut resource } = schema;
    resource.insert("schemaId".to_owned(), id.into());
    resource.insert("schemaName".to_owned(), name.as_str().into());
    SchemaRecord { name, resource }
}
