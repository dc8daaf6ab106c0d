//! `directory.users.update`, with patch semantics too, and `directory.users.patch`

use std::sync::Arc;

use serde_json::{Value, json};

use super::edit::{self, Mode};
use super::email;
use super::view::Viewer;
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::channels::{Notice, UserEvent};
use crate::workspace::directory::{Change, User, flag, text};
use crate::workspace::feed::Event;
use crate::workspace::tree::Tree;

pub(super) async fn run(call: &mut Call<'_>, mode: Mode) -> Handled {
    let before = super::to_change(call).await?;
    let viewer = Viewer::full(call).await?;
    let schemas = call.directory().schemas().await?;
    let mut user = User::clone(&before);
    let email = text(&call.body, "primaryEmail").trim().to_lowercase();
    if !email.is_empty() && email != before.email() {
        call.check_address(&email, &user.id, "primary_user_email").await?;
        let aliases = email::after_rename(&before, &email);
        user.fields.insert("aliases".to_owned(), json!(aliases));
        user.fields.insert("primaryEmail".to_owned(), json!(email));
    }
    let body = call.body.clone();
    edit::Edit { mode, tree: viewer.tree(), schemas: &schemas, now: call.now }.apply(&mut user, body)?;
    let view = viewer.view(&user);
    if user != *before {
        call.done.events.extend(events(&before, &user, viewer.tree()));
        call.done.notices.push(Notice { event: UserEvent::Update, user: Arc::new(user.clone()) });
        call.done.changes.push(Change::User(user));
    }
    Ok(Reply::Body(view))
}

/// What the audit log says of the change.
fn events(before: &User, after: &User, tree: &Tree) -> Vec<Event> {
    let mut events = Vec::new();
    let email = before.email();
    if after.email() != email {
        events.push(Event::user("RENAME_USER", email).with("NEW_VALUE", after.email()));
    }
    for (part, name) in [("givenName", "CHANGE_FIRST_NAME"), ("familyName", "CHANGE_LAST_NAME")] {
        let (old, new) = (name_part(before, part), name_part(after, part));
        if old != new {
            events.push(Event::user(name, after.email()).changed(old, new));
        }
    }
    let switches =
        [("suspended", "SUSPEND_USER", "UNSUSPEND_USER"), ("archived", "ARCHIVE_USER", "UNARCHIVE_USER")];
    for (field, on, off) in switches {
        match (flag(&before.fields, field), flag(&after.fields, field)) {
            (false, true) => events.push(Event::user(on, after.email())),
            (true, false) => events.push(Event::user(off, after.email())),
            (true, true) | (false, false) => {}
        }
    }
    if before.org_unit != after.org_unit {
        let moved = Event::user("MOVE_USER_TO_ORG_UNIT", after.email());
        let moved = moved.with("ORG_UNIT_NAME", tree.path(&before.org_unit));
        events.push(moved.with("NEW_VALUE", tree.path(&after.org_unit)));
    }
    events
}

fn name_part<'a>(user: &'a User, part: &str) -> &'a str {
    user.fields.get("name").and_then(Value::as_object).map_or("", |name| text(name, part))
}
