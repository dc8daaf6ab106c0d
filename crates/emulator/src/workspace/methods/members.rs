//! Members of groups.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::workspace::call::{Call, Handled, Reply, is_address};
use crate::workspace::directory::{Change, Group, Holder, Member, MemberKind, Membership, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

mod list;
mod reach;

const ROLES: [&str; 3] = ["OWNER", "MANAGER", "MEMBER"];
const DELIVERIES: [&str; 5] = ["ALL_MAIL", "DAILY", "DIGEST", "DISABLED", "NONE"];

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    match method {
        "list" => list::run(call).await,
        "get" => get(call).await,
        "insert" => insert(call).await,
        "update" | "patch" => update(call).await,
        "delete" => delete(call).await,
        "hasMember" => reach::has_member(call).await,
        _ => super::missing(call),
    }
}

/// A member as the API shows one.
fn view(membership: &Membership, with_delivery: bool) -> Value {
    let Membership { member, email, status } = membership;
    let mut view = Map::new();
    view.insert("kind".to_owned(), json!("admin#directory#member"));
    view.insert("id".to_owned(), json!(member.id));
    view.insert("role".to_owned(), json!(member.role));
    view.insert("type".to_owned(), json!(member.kind.name()));
    view.insert("status".to_owned(), json!(status));
    if let Some(email) = email {
        view.insert("email".to_owned(), json!(email));
    }
    let etag = wire::etag(&json!(view));
    view.insert("etag".to_owned(), json!(etag));
    if with_delivery {
        view.insert("delivery_settings".to_owned(), json!(member.delivery));
    }
    Value::Object(view)
}

/// Whom a key names: their id and what they are. Nobody: an address of the organisation that nobody has.
async fn named(call: &Call<'_>, key: &str) -> Result<Option<(String, MemberKind)>, Refusal> {
    if let Some(holder) = call.holder(key).await? {
        return Ok(Some(match holder {
            Holder::User(id) => (id, MemberKind::User),
            Holder::Group(id) => (id, MemberKind::Group),
        }));
    }
    if key.contains('@') {
        let is_theirs = is_address(key) && !call.is_ours(key).await?;
        return Ok(is_theirs.then(|| (wire::external_id(key), MemberKind::External)));
    }
    let user = call.directory().user(key).await?.filter(|user| user.deleted_at.is_none());
    if user.is_some() {
        return Ok(Some((key.to_owned(), MemberKind::User)));
    }
    if call.directory().group(key).await?.is_some() {
        return Ok(Some((key.to_owned(), MemberKind::Group)));
    }
    let is_customer = call.directory().customer().await?.id == key;
    Ok(is_customer.then(|| (key.to_owned(), MemberKind::Customer)))
}

/// The member that the path names.
async fn there(call: &Call<'_>) -> Result<(std::sync::Arc<Group>, Membership), Refusal> {
    let group = call.group(call.key("groupKey")).await?;
    let key = call.key("memberKey").to_owned();
    let missing = || Refusal::not_found("memberKey");
    let id = named(call, &key).await?.map_or(key, |(id, _)| id);
    let membership = call.directory().member(&group.id, &id).await?.ok_or_else(missing)?;
    Ok((group, membership))
}

async fn get(call: &Call<'_>) -> Handled {
    let (_, membership) = there(call).await?;
    Ok(Reply::Body(view(&membership, true)))
}

async fn insert(call: &mut Call<'_>) -> Handled {
    let group = call.group(call.key("groupKey")).await?;
    let address = text(&call.body, "email").trim().to_lowercase();
    let key = if address.is_empty() { text(&call.body, "id").trim().to_owned() } else { address.clone() };
    if key.is_empty() {
        return Err(Refusal::required("memberKey"));
    }
    if key.contains('@') && !is_address(&key) {
        return Err(Refusal::invalid("memberKey"));
    }
    let (id, kind) = named(call, &key).await?.ok_or_else(|| Refusal::not_found("memberKey"))?;
    if call.directory().member(&group.id, &id).await?.is_some() {
        return Err(Refusal::new(409, "duplicate", "Member already exists."));
    }
    if kind == MemberKind::Group && (id == group.id || reach::reaches(call, &id, &group.id).await?) {
        return Err(Refusal::condition("Cyclic memberships not allowed"));
    }
    let external = (kind == MemberKind::External).then(|| address.clone());
    let mut member =
        Member { id, kind, address: external, role: "MEMBER".to_owned(), delivery: "ALL_MAIL".to_owned() };
    apply(&mut member, &call.body)?;
    let (email, status) = match kind {
        MemberKind::User => match call.directory().user(&member.id).await? {
            Some(user) => (Some(user.email().to_owned()), user.status()),
            None => (None, "ACTIVE"),
        },
        MemberKind::Group => {
            (call.directory().group(&member.id).await?.map(|group| group.email().to_owned()), "ACTIVE")
        }
        MemberKind::External => (member.address.clone(), "ACTIVE"),
        MemberKind::Customer => (None, "ACTIVE"),
    };
    let membership = Membership { member: member.clone(), email, status };
    call.done.events.push(event("ADD_GROUP_MEMBER", &group, &membership));
    call.done.changes.push(Change::Member { group: group.id.clone(), member });
    Ok(Reply::Body(view(&membership, true)))
}

fn apply(member: &mut Member, body: &Map<String, Value>) -> Result<(), Refusal> {
    let role = text(body, "role").to_uppercase();
    if !role.is_empty() {
        if !ROLES.contains(&role.as_str()) {
            return Err(Refusal::invalid("role"));
        }
        member.role = role;
    }
    let delivery = text(body, "delivery_settings").to_uppercase();
    if !delivery.is_empty() {
        if !DELIVERIES.contains(&delivery.as_str()) {
            return Err(Refusal::invalid("delivery_settings"));
        }
        member.delivery = delivery;
    }
    Ok(())
}

async fn update(call: &mut Call<'_>) -> Handled {
    let (group, before) = there(call).await?;
    let mut after = before.clone();
    apply(&mut after.member, &call.body)?;
    if after != before {
        if after.member.role != before.member.role {
            let event = event("UPDATE_GROUP_MEMBER", &group, &after);
            call.done.events.push(event.changed(&before.member.role, &after.member.role));
        }
        call.done.changes.push(Change::Member { group: group.id.clone(), member: after.member.clone() });
    }
    Ok(Reply::Body(view(&after, true)))
}

async fn delete(call: &mut Call<'_>) -> Handled {
    let (group, membership) = there(call).await?;
    call.done.events.push(event("REMOVE_GROUP_MEMBER", &group, &membership));
    let member = membership.member.id.clone();
    call.done.changes.push(Change::MemberGone { group: group.id.clone(), member });
    Ok(Reply::Nothing)
}

fn event(name: &'static str, group: &Group, membership: &Membership) -> Event {
    let who = membership.email.as_deref().unwrap_or(&membership.member.id);
    Event::group(name, group.email()).with("USER_EMAIL", who)
}

/// The ids that were met on a way.
type Met = BTreeSet<String>;
