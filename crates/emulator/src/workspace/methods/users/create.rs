//! `directory.users.insert`

use std::sync::Arc;

use serde_json::json;

use super::edit::{self, Mode};
use super::view::Viewer;
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::channels::{Notice, UserEvent};
use crate::workspace::directory::{Change, User, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

/// How long a password may be that is not a hash.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=100;

pub(super) async fn run(call: &mut Call<'_>) -> Handled {
    if call.body.is_empty() {
        return Err(Refusal::required("user"));
    }
    let email = text(&call.body, "primaryEmail").trim().to_owned();
    if email.is_empty() {
        return Err(Refusal::invalid("primary_user_email"));
    }
    check_password(call)?;
    call.check_address(&email, "", "primary_user_email").await?;
    let viewer = Viewer::full(call).await?;
    let root = viewer.tree().root().map(|root| root.id.clone()).unwrap_or_default();
    let id = new_id(call).await?;
    let mut user = User { id, org_unit: root, deleted_at: None, fields: super::defaults(call.now) };
    let schemas = call.directory().schemas().await?;
    let body = call.body.clone();
    edit::Edit { mode: Mode::Insert, tree: viewer.tree(), schemas: &schemas, now: call.now }
        .apply(&mut user, body)?;
    user.fields.insert("primaryEmail".to_owned(), json!(email.to_lowercase()));
    call.done.events.push(Event::user("CREATE_USER", user.email()));
    call.done.notices.push(Notice { event: UserEvent::Add, user: Arc::new(user.clone()) });
    let view = viewer.view(&user);
    call.done.changes.push(Change::User(user));
    Ok(Reply::Body(view))
}

/// A password is asked for, looked at, and forgotten.
fn check_password(call: &Call<'_>) -> Result<(), Refusal> {
    let is_guest = crate::workspace::directory::flag(&call.body, "isGuestUser");
    let password = text(&call.body, "password");
    match text(&call.body, "hashFunction") {
        "" if is_guest && password.is_empty() => Ok(()),
        "" if PASSWORD.contains(&password.chars().count()) => Ok(()),
        "" => Err(Refusal::invalid_message("Invalid Password")),
        "MD5" | "SHA-1" | "crypt" if !password.is_empty() => Ok(()),
        _ => Err(Refusal::invalid_message("Invalid Password")),
    }
}

/// An id that nobody has or had.
async fn new_id(call: &Call<'_>) -> Result<String, Refusal> {
    loop {
        let id = wire::user_id(call.clock());
        if call.directory().user(&id).await?.is_none() {
            return Ok(id);
        }
    }
}
