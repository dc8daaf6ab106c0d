//! What may happen in the script, and what an import of it says.

use serde_json::{Value, json};
use usher_model::time::Timestamp;

use crate::demo::company::PRIMARY_DOMAIN;
use crate::demo::organisation::Organisation;

/// Something that happens. People and groups are named as the organisation knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Edit {
    /// Somebody of the cast appears in the directory.
    Joins(&'static str),
    /// The directory deletes them.
    Deleted(&'static str),
    /// The directory takes that back.
    Restored(&'static str),
    Suspended(&'static str),
    /// The directory suspends a unit's staff, all at once.
    UnitSuspended(&'static str),
    /// The directory ends their suspension.
    Returns(&'static str),
    Archived(&'static str),
    /// Their title is another.
    Promoted(&'static str, &'static str),
    /// They are in another unit.
    Moved(&'static str, &'static str),
    /// Their family name is another, and so is their address before the `@`; the old one becomes an alias.
    Renamed(&'static str, &'static str, &'static str),
    /// Two people's addresses are exchanged.
    Swapped(&'static str, &'static str),
    /// These are a group's members from now on.
    GroupIs(&'static str, &'static [&'static str]),
    /// The app is turned off for a unit.
    AccessOff(&'static str),
    /// The app is turned on for a unit again, as the one above it has it.
    AccessOn(&'static str),
    /// Somebody switches an account off at the app.
    OffByHand(&'static str),
    /// Somebody changes an account's displayed name at the app.
    NamedByHand(&'static str, &'static str),
}

/// Where an edit is made.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo) enum Place {
    /// In the directory, by an import of this document.
    Directory(Value),
    /// In the app's configuration: a unit, and whether the app is switched off for it itself.
    Access { unit: &'static str, is_off: bool },
    /// At the app, in the account of the person with this id: a SCIM attribute and its new value.
    App { external_id: String, path: &'static str, value: Value },
}

impl Edit {
    /// What the edit comes to. `now` is when it is made.
    pub(in crate::demo) fn place(self, organisation: &Organisation, now: Timestamp) -> Place {
        let person = |who: &str| organisation.person(who);
        let change = |who: &str, mut change: Value| {
            change["id"] = json!(person(who).id());
            users(json!([change]))
        };
        match self {
            Self::Joins(who) => users(json!([person(who).entry(now)])),
            Self::Deleted(who) => change(who, json!({"deletionTime": now.to_string()})),
            Self::Restored(who) => change(who, json!({"suspended": false})),
            Self::Suspended(who) => change(who, json!({"suspended": true})),
            Self::UnitSuspended(unit) => {
                let staff = organisation.staff_of(unit);
                users(staff.map(|person| json!({"id": person.id(), "suspended": true})).collect())
            }
            Self::Returns(who) => change(who, json!({"suspended": false})),
            Self::Archived(who) => change(who, json!({"archived": true})),
            Self::Promoted(who, title) => {
                let person = person(who);
                change(who, json!({"organizations": person.organizations(title, person.unit)}))
            }
            Self::Moved(who, unit) => {
                let person = person(who);
                let organizations = person.organizations(person.title, unit);
                change(who, json!({"orgUnitPath": unit, "organizations": organizations}))
            }
            Self::Renamed(who, family, local) => change(
                who,
                json!({
                    "primaryEmail": format!("{local}@{PRIMARY_DOMAIN}"),
                    "name": {"familyName": family},
                    "aliases": [person(who).address],
                }),
            ),
            Self::Swapped(one, other) => users(json!([
                {"id": person(one).id(), "primaryEmail": person(other).address},
                {"id": person(other).id(), "primaryEmail": person(one).address},
            ])),
            Self::GroupIs(group, members) => {
                let members: Vec<_> = members.iter().map(|name| organisation.address(name)).collect();
                let document = json!({"members": {organisation.address(group): members}});
                Place::Directory(document)
            }
            Self::AccessOff(unit) => Place::Access { unit, is_off: true },
            Self::AccessOn(unit) => Place::Access { unit, is_off: false },
            Self::OffByHand(who) => {
                Place::App { external_id: person(who).id(), path: "active", value: json!(false) }
            }
            Self::NamedByHand(who, name) => {
                Place::App { external_id: person(who).id(), path: "displayName", value: json!(name) }
            }
        }
    }
}

fn users(users: Value) -> Place {
    let mut document = serde_json::Map::new();
    document.insert("users".to_owned(), users);
    Place::Directory(Value::Object(document))
}
