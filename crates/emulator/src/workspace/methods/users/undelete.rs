//! `directory.users.undelete`: within 20 days, by id alone.

use std::sync::Arc;

use serde_json::json;

use crate::workspace::call::{Call, Handled, Reply, is_user_id};
use crate::workspace::channels::{Notice, UserEvent};
use crate::workspace::directory::{Change, User, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;

pub(super) async fn run(call: &mut Call<'_>) -> Handled {
    let key = call.key("userKey").to_owned();
    let deleted = call.deleted_user(&key).await?;
    if deleted.is_none() && !is_user_id(&key) {
        return Err(Refusal::bad_request("Type not supported: userKey"));
    }
    let deleted = deleted
        .ok_or_else(|| Refusal::condition("The user cannot be restored: there is no such deleted user."))?;
    let path = Some(text(&call.body, "orgUnitPath")).filter(|path| !path.is_empty()).unwrap_or("/");
    let tree = call.tree().await?;
    let unit = tree.find(path).ok_or_else(|| Refusal::invalid("INVALID_OU_ID"))?;
    if call.holder(deleted.email()).await?.is_some() {
        return Err(Refusal::duplicate());
    }
    let mut user = User { org_unit: unit.id.clone(), deleted_at: None, ..User::clone(&deleted) };
    let mut aliases = Vec::new();
    for alias in deleted.aliases() {
        if call.holder(alias).await?.is_none() {
            aliases.push(alias);
        }
    }
    if aliases.is_empty() {
        user.fields.remove("aliases");
    } else {
        user.fields.insert("aliases".to_owned(), json!(aliases));
    }
    call.done.events.push(Event::user("UNDELETE_USER", user.email()));
    call.done.notices.push(Notice { event: UserEvent::Undelete, user: Arc::new(user.clone()) });
    call.done.changes.push(Change::User(user));
    Ok(Reply::Nothing)
}
