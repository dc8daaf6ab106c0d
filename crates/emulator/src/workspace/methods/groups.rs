//! Groups.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::users::email;
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::directory::{Change, Domain, Group, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

mod list;

/// The most letters of a name and of a description.
const MAX_NAME: usize = 75;
const MAX_DESCRIPTION: usize = 4_096;

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    match method {
        "list" => list::run(call).await,
        "get" => get(call).await,
        "insert" => insert(call).await,
        "update" | "patch" => update(call).await,
        "delete" => delete(call).await,
        _ => super::missing(call),
    }
}

/// A group as the API shows one.
async fn view(call: &Call<'_>, group: &Group, domains: &[Arc<Domain>]) -> Result<Value, Refusal> {
    let mut view = group.fields.clone();
    let addresses = std::iter::once(group.email()).chain(group.aliases());
    let non_editable = email::non_editable(addresses, domains);
    if !non_editable.is_empty() {
        view.insert("nonEditableAliases".to_owned(), json!(non_editable));
    }
    let members = call.directory().count_members(&group.id).await?;
    view.insert("kind".to_owned(), json!("admin#directory#group"));
    view.insert("id".to_owned(), json!(group.id));
    view.insert("directMembersCount".to_owned(), json!(members.to_string()));
    let etag = wire::etag(&json!(view));
    view.insert("etag".to_owned(), json!(etag));
    Ok(Value::Object(view))
}

async fn shown(call: &Call<'_>, group: &Group) -> Handled {
    let domains = call.directory().domains().await?;
    Ok(Reply::Body(view(call, group, &domains).await?))
}

async fn get(call: &Call<'_>) -> Handled {
    let group = call.group(call.key("groupKey")).await?;
    shown(call, &group).await
}

async fn insert(call: &mut Call<'_>) -> Handled {
    let address = text(&call.body, "email").trim().to_lowercase();
    if address.is_empty() {
        return Err(Refusal::required("email"));
    }
    call.check_address(&address, "", "email").await?;
    let (local, _) = address.split_once('@').unwrap_or((&address, ""));
    let mut fields = Map::new();
    fields.insert("email".to_owned(), json!(address));
    fields.insert("name".to_owned(), json!(local));
    fields.insert("description".to_owned(), json!(""));
    fields.insert("adminCreated".to_owned(), json!(true));
    let mut group = Group { id: wire::group_id(call.clock()), fields };
    apply(&mut group, &call.body)?;
    call.done.events.push(Event::group("CREATE_GROUP", group.email()));
    let reply = shown(call, &group).await?;
    call.done.changes.push(Change::Group(group));
    Ok(reply)
}

/// What a body says beside the address.
fn apply(group: &mut Group, body: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, most) in [("name", MAX_NAME), ("description", MAX_DESCRIPTION)] {
        match body.get(name) {
            Some(Value::String(value)) if value.chars().count() > most => return Err(Refusal::invalid(name)),
            Some(Value::String(value)) => {
                group.fields.insert(name.to_owned(), json!(value));
            }
            Some(Value::Null) => {
                group.fields.insert(name.to_owned(), json!(""));
            }
            Some(_) | None => {}
        }
    }
    match body.get("externalIds") {
        Some(Value::Array(ids)) if !ids.is_empty() => {
            group.fields.insert("externalIds".to_owned(), json!(ids));
        }
        Some(_) => {
            group.fields.remove("externalIds");
        }
        None => {}
    }
    Ok(())
}

async fn update(call: &mut Call<'_>) -> Handled {
    let before = call.group(call.key("groupKey")).await?;
    let mut group = Group::clone(&before);
    let address = text(&call.body, "email").trim().to_lowercase();
    if !address.is_empty() && address != before.email() {
        call.check_address(&address, &group.id, "email").await?;
        let mut aliases: Vec<String> =
            before.aliases().filter(|alias| **alias != address).map(str::to_owned).collect();
        aliases.push(before.email().to_owned());
        group.fields.insert("aliases".to_owned(), json!(aliases));
        group.fields.insert("email".to_owned(), json!(address));
    }
    apply(&mut group, &call.body)?;
    let reply = shown(call, &group).await?;
    if group != *before {
        let changed = [
            ("email", "CHANGE_GROUP_EMAIL"),
            ("name", "CHANGE_GROUP_NAME"),
            ("description", "CHANGE_GROUP_DESCRIPTION"),
        ];
        for (field, name) in changed {
            let (old, new) = (text(&before.fields, field), text(&group.fields, field));
            if old != new {
                call.done.events.push(Event::group(name, before.email()).changed(old, new));
            }
        }
        call.done.changes.push(Change::Group(group));
    }
    Ok(reply)
}

async fn delete(call: &mut Call<'_>) -> Handled {
    let group = call.group(call.key("groupKey")).await?;
    call.done.events.push(Event::group("DELETE_GROUP", group.email()));
    call.done.changes.push(Change::GroupGone(group.id.clone()));
    Ok(Reply::Nothing)
}
