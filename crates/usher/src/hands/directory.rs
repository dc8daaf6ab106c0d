//! Edits of the embedded directory: each is a call of the Directory API, carried out by what serves that API to Google's clients,
//! so that what is refused to them is refused here. Google's words for a refusal become sentences of ours.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};
use usher_emulator::workspace::own::{NotCarriedOut, OwnCall};
use usher_emulator::workspace::settings::Settings;
use usher_emulator::workspace::{Options, Workspace};
use usher_engine::clock::{Clock, new_id};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::admin::action::{Action, Face};
use usher_store::directory;
use usher_store::{Store, Tx};
use usher_web::hands::{Author, DirectoryEdit, NotEdited};

use crate::context::Context;
use crate::embedded::{CHANGED_MEANWHILE, Embedded, Note};

/// The injected clock, as the emulator wants it.
#[derive(Debug)]
struct SameClock(Arc<dyn Clock>);

#[async_trait]
impl usher_emulator::clock::Clock for SameClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.0.sleep_until(at).await;
    }

    fn entropy(&self, into: &mut [u8]) {
        self.0.entropy(into);
    }
}

/// Makes an edit.
pub(super) async fn edit(
    context: &Context,
    store: &Store,
    edit: &DirectoryEdit,
    by: Author<'_>,
) -> Result<Option<String>, NotEdited> {
    let mut tx = store.read("usher::edit_directory").await?;
    let subject = subject(&mut tx, edit).await?;
    drop(tx);
    let clock: Arc<dyn usher_emulator::clock::Clock> = Arc::new(SameClock(Arc::clone(&context.clock)));
    let embedded = Embedded::open(store.clone(), Arc::clone(&context.clock), clock.as_ref()).await?;
    let action = Action {
        id: new_id(context.clock.as_ref()),
        at: context.now(),
        who: by.who.to_owned(),
        face: Face::Console,
        address: Some(by.address.to_owned()),
        kind: edit.kind().to_owned(),
        subject,
        before: None,
        after: None,
    };
    let version = if let DirectoryEdit::UpdateUser { user, version, .. } = edit {
        Some((user.clone(), version.clone()))
    } else {
        None
    };
    let embedded = Arc::new(embedded.noting(Note { action, version }));
    let settings = Settings::default().unlimited();
    let options = Options { settings, max_logged: 0, ..Options::at("http://127.0.0.1") };
    let workspace = Workspace::over(clock, options, embedded);
    let password = new_id(context.clock.as_ref());
    let answer = workspace.carry_out(call(edit, &password, by.who)).await;
    let answer = answer.map_err(|why| not_edited(edit, &why))?;
    let id = answer.as_ref().and_then(|answer| answer.get("id")).and_then(Json::as_str);
    Ok(id.map(str::to_owned))
}

/// What the audit log says an edit was done to.
async fn subject(tx: &mut Tx, edit: &DirectoryEdit) -> Result<String, NotEdited> {
    let text = |resource: &Map<String, Json>, name: &str| {
        resource.get(name).and_then(Json::as_str).unwrap_or_default().trim().to_lowercase()
    };
    Ok(match edit {
        DirectoryEdit::CreateUser(resource) => text(resource, "primaryEmail"),
        DirectoryEdit::UpdateUser { user, .. }
        | DirectoryEdit::MoveUser { user, .. }
        | DirectoryEdit::Suspend { user, .. }
        | DirectoryEdit::Archive { user, .. }
        | DirectoryEdit::DeleteUser(user)
        | DirectoryEdit::RestoreUser { user, .. }
        | DirectoryEdit::UserAlias { user, .. } => address_of_user(tx, user).await?,
        DirectoryEdit::CreateGroup(resource) => text(resource, "email"),
        DirectoryEdit::UpdateGroup { group, .. }
        | DirectoryEdit::DeleteGroup(group)
        | DirectoryEdit::AddMember { group, .. }
        | DirectoryEdit::RemoveMember { group, .. } => address_of_group(tx, group).await?,
        DirectoryEdit::CreateUnit { parent, name, .. } => below(parent, name),
        DirectoryEdit::UpdateUnit { unit, .. } | DirectoryEdit::DeleteUnit(unit) => unit.to_string(),
        DirectoryEdit::AddDomain(name) | DirectoryEdit::RemoveDomain(name) => name.trim().to_lowercase(),
        DirectoryEdit::CreateSchema { name, .. }
        | DirectoryEdit::UpdateSchema { name, .. }
        | DirectoryEdit::DeleteSchema(name) => name.clone(),
    })
}

fn below(parent: &OrgUnitPath, name: &str) -> String {
    format!("{}/{name}", parent.as_str().trim_end_matches('/'))
}

async fn embedded_id(tx: &mut Tx) -> Result<usher_model::id::DirectoryId, NotEdited> {
    let all = directory::list(tx).await?;
    let found = all.into_iter().find(|one| one.kind == directory::DirectoryKind::Embedded);
    Ok(found.ok_or(NotEdited::NotFound)?.id)
}

async fn address_of_user(tx: &mut Tx, user: &UserId) -> Result<String, NotEdited> {
    let id = embedded_id(tx).await?;
    let found = directory::people(tx, &id, &BTreeSet::from([user.clone()])).await?.into_values().next();
    Ok(found.ok_or(NotEdited::NotFound)?.user.primary_email.to_string())
}

async fn address_of_group(tx: &mut Tx, group: &GroupId) -> Result<String, NotEdited> {
    let id = embedded_id(tx).await?;
    let found = directory::group_by_id(tx, &id, group).await?;
    Ok(found.ok_or(NotEdited::NotFound)?.email.to_string())
}

fn object(value: Json) -> Map<String, Json> {
    if let Json::Object(object) = value { object } else { Map::new() }
}

/// The edit as a call. A password is asked for by the API, and forgotten: nobody signs in with it.
fn call<'a>(edit: &'a DirectoryEdit, password: &str, by: &'a str) -> OwnCall<'a> {
    let at = |method, path: Vec<(&'static str, &'a str)>, body: Json| OwnCall {
        method,
        path,
        body: object(body),
        by,
    };
    let user = |user: &'a UserId| vec![("userKey", user.as_str())];
    let group = |group: &'a GroupId| vec![("groupKey", group.as_str())];
    match edit {
        DirectoryEdit::CreateUser(resource) => {
            let mut body = resource.clone();
            body.insert("password".to_owned(), password.into());
            at("directory.users.insert", vec![], Json::Object(body))
        }
        DirectoryEdit::UpdateUser { user: who, resource, .. } => {
            at("directory.users.update", user(who), Json::Object(resource.clone()))
        }
        DirectoryEdit::MoveUser { user: who, unit } => {
            at("directory.users.patch", user(who), json!({"orgUnitPath": unit.as_str()}))
        }
        DirectoryEdit::Suspend { user: who, on } => {
            at("directory.users.patch", user(who), json!({"suspended": on}))
        }
        DirectoryEdit::Archive { user: who, on } => {
            at("directory.users.patch", user(who), json!({"archived": on}))
        }
        DirectoryEdit::DeleteUser(who) => at("directory.users.delete", user(who), Json::Null),
        DirectoryEdit::RestoreUser { user: who, unit } => {
            at("directory.users.undelete", user(who), json!({"orgUnitPath": unit.as_str()}))
        }
        DirectoryEdit::UserAlias { user: who, alias, on: true } => {
            at("directory.users.aliases.insert", user(who), json!({"alias": alias}))
        }
        DirectoryEdit::UserAlias { user: who, alias, on: false } => {
            let path = [user(who), vec![("alias", alias.as_str())]].concat();
            at("directory.users.aliases.delete", path, Json::Null)
        }
        DirectoryEdit::CreateGroup(resource) => {
            at("directory.groups.insert", vec![], Json::Object(resource.clone()))
        }
        DirectoryEdit::UpdateGroup { group: which, resource } => {
            at("directory.groups.update", group(which), Json::Object(resource.clone()))
        }
        DirectoryEdit::DeleteGroup(which) => at("directory.groups.delete", group(which), Json::Null),
        DirectoryEdit::AddMember { group: which, email, role } => {
            at("directory.members.insert", group(which), json!({"email": email.trim(), "role": role}))
        }
        DirectoryEdit::RemoveMember { group: which, member } => {
            let path = [group(which), vec![("memberKey", member.as_str())]].concat();
            at("directory.members.delete", path, Json::Null)
        }
        DirectoryEdit::CreateUnit { parent, name, description } => {
            let body = json!({
                "name": name, "parentOrgUnitPath": parent.as_str(), "description": description,
            });
            at("directory.orgunits.insert", vec![], body)
        }
        DirectoryEdit::UpdateUnit { unit, parent, name, description } => {
            let body = json!({
                "name": name, "parentOrgUnitPath": parent.as_str(), "description": description,
            });
            at("directory.orgunits.update", vec![("orgUnitPath", unit.as_str())], body)
        }
        DirectoryEdit::DeleteUnit(unit) => {
            at("directory.orgunits.delete", vec![("orgUnitPath", unit.as_str())], Json::Null)
        }
        DirectoryEdit::AddDomain(name) => {
            at("directory.domains.insert", vec![], json!({"domainName": name.trim()}))
        }
        DirectoryEdit::RemoveDomain(name) => {
            at("directory.domains.delete", vec![("domainName", name.as_str())], Json::Null)
        }
        DirectoryEdit::CreateSchema { name, display_name, fields } => at(
            "directory.schemas.insert",
            vec![],
            json!({"schemaName": name, "displayName": display_name, "fields": fields}),
        ),
        DirectoryEdit::UpdateSchema { name, display_name, fields } => at(
            "directory.schemas.update",
            vec![("schemaKey", name.as_str())],
            json!({"schemaName": name, "displayName": display_name, "fields": fields}),
        ),
        DirectoryEdit::DeleteSchema(name) => {
            at("directory.schemas.delete", vec![("schemaKey", name.as_str())], Json::Null)
        }
    }
}

/// The address that an edit asks for.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others ask for none")]
fn asked_address(edit: &DirectoryEdit) -> &str {
    match edit {
        DirectoryEdit::CreateUser(resource) | DirectoryEdit::UpdateUser { resource, .. } => {
            resource.get("primaryEmail").and_then(Json::as_str).unwrap_or_default()
        }
        DirectoryEdit::CreateGroup(resource) | DirectoryEdit::UpdateGroup { resource, .. } => {
            resource.get("email").and_then(Json::as_str).unwrap_or_default()
        }
        DirectoryEdit::UserAlias { alias, .. } => alias,
        DirectoryEdit::AddMember { email, .. } => email,
        _ => "",
    }
}

/// How Google refuses what is no address, or none at all.
const NO_ADDRESS: [&str; 4] = [
    "Invalid Input: primary_user_email",
    "Invalid Input: email",
    "Invalid Input: alias",
    "Invalid Input: memberKey",
];

/// What is wrong with a name that Google refuses: it says the same of a missing one and of one that is too long.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing else has the name of a person")]
fn wrong_name(edit: &DirectoryEdit, field: &str, words: &str) -> String {
    let resource = match edit {
        DirectoryEdit::CreateUser(resource) | DirectoryEdit::UpdateUser { resource, .. } => Some(resource),
        _ => None,
    };
    let name = resource.and_then(|resource| resource.get("name")?.get(field)?.as_str());
    match name.map(str::trim) {
        None | Some("") => format!("the {words} is missing"),
        Some(_) => format!("the {words} is longer than 60 letters"),
    }
}

/// Google's refusal, as the console says it.
#[expect(clippy::wildcard_enum_match_arm, reason = "of all others it is the address that is taken")]
fn not_edited(edit: &DirectoryEdit, why: &NotCarriedOut) -> NotEdited {
    let address = asked_address(edit).trim();
    let said = match (why.status, why.message.as_str()) {
        (503, _) => {
            "the directory was being changed by somebody else at this moment, and nothing of yours was saved: try once more"
                .to_owned()
        }
        (_, message) if message.contains(CHANGED_MEANWHILE) => return NotEdited::Stale,
        (_, "Member already exists.") => format!("{address} is a member of this group already"),
        (409, _) => match edit {
            DirectoryEdit::AddDomain(name) => format!("{} is a domain of the organisation already", name.trim()),
            DirectoryEdit::CreateSchema { name, .. } => {
                format!("there are custom attributes named {name} already: choose another name")
            }
            DirectoryEdit::RestoreUser { .. } => {
                "somebody else has their address by now: give that person or group another address first".to_owned()
            }
            _ => format!("the address {address} is somebody else’s, or another group’s: choose another one"),
        },
        (_, "Domain not found.") if !address.is_empty() => {
            let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
            format!("{domain} is none of the organisation’s domains: choose an address in one of them, or add it under Domains")
        }
        (_, message) if NO_ADDRESS.contains(&message) && address.is_empty() => "enter an e-mail address".to_owned(),
        (_, message) if NO_ADDRESS.contains(&message) => {
            format!("“{address}” is no e-mail address: write it like ada@example.com")
        }
        (_, message) if message.ends_with("Name: GivenName") => wrong_name(edit, "givenName", "given name"),
        (_, message) if message.ends_with("Name: FamilyName") => wrong_name(edit, "familyName", "family name"),
        (_, "Invalid Input: INVALID_OU_ID") => {
            "there is no such organizational unit any more: choose another one".to_owned()
        }
        (_, "Invalid Input: INVALID_OU_NAME") => {
            "the name of a unit is not empty, and has no slash in it: choose another one".to_owned()
        }
        (_, "Missing required field: name") => "a unit needs a name".to_owned(),
        (_, "Invalid Ou Id") => "there is a unit of this name at that place already: choose another name".to_owned(),
        (_, "Invalid Parent Orgunit Id") => {
            "a unit is neither below itself nor deeper than Google’s 35 levels: choose another place".to_owned()
        }
        (_, "The organizational unit is not empty.") => {
            "the unit is not empty: move its people, and the units below it, somewhere else first".to_owned()
        }
        (_, "The domain is in use.") => {
            "the domain is the primary one, or somebody has an address in it: it stays".to_owned()
        }
        (_, "Cyclic memberships not allowed") => {
            "a group cannot be in itself, and that one holds this one already, by itself or through others".to_owned()
        }
        (_, "Resource Not Found: memberKey") if matches!(edit, DirectoryEdit::AddMember { .. }) => {
            format!("nobody in the organisation has the address {address}: look it up under Users or Groups")
        }
        (404, _) => return NotEdited::NotFound,
        (412, message) if message.starts_with("The user cannot be restored") => {
            "they were deleted more than 20 days ago, and cannot be restored any more".to_owned()
        }
        (_, "Invalid Input: name") => "the name is longer than 75 letters".to_owned(),
        (_, "Invalid Input: description") => "the description is longer than 4,096 letters".to_owned(),
        (_, "Invalid Input: domainName" | "Missing required field: domainName") => {
            "that is no name of a domain: write it like example.com".to_owned()
        }
        (_, "Invalid Input: fields" | "Missing required field: fields") => {
            "custom attributes need at least one field, each with a name of its own and a type".to_owned()
        }
        (_, "Missing required field: schemaName") => "custom attributes need a name".to_owned(),
        (_, message) => message.to_owned(),
    };
    NotEdited::Because(said)
}
