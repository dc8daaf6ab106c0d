//! `directory.users.makeAdmin` and `directory.users.signOut`

use std::sync::Arc;

use serde_json::json;

use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::channels::{Notice, UserEvent};
use crate::workspace::directory::{Change, User, flag};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;

pub(super) async fn run(call: &mut Call<'_>) -> Handled {
    let before = super::to_change(call).await?;
    let status = call.body.get("status").and_then(serde_json::Value::as_bool);
    let is_admin = status.ok_or_else(|| Refusal::required("status"))?;
    if flag(&before.fields, "isAdmin") == is_admin {
        return Ok(Reply::Nothing);
    }
    let mut user = User::clone(&before);
    user.fields.insert("isAdmin".to_owned(), json!(is_admin));
    let name = if is_admin { "GRANT_ADMIN_PRIVILEGE" } else { "REVOKE_ADMIN_PRIVILEGE" };
    call.done.events.push(Event::user(name, user.email()));
    call.done.notices.push(Notice { event: UserEvent::MakeAdmin, user: Arc::new(user.clone()) });
    call.done.changes.push(Change::User(user));
    Ok(Reply::Nothing)
}

/// There are no sessions to end.
pub(super) async fn sign_out(call: &Call<'_>) -> Handled {
    call.user(call.key("userKey")).await?;
    Ok(Reply::Nothing)
}
