//! `directory.users.delete`

use std::sync::Arc;

use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::channels::{Notice, UserEvent};
use crate::workspace::directory::{Change, User};
use crate::workspace::feed::Event;

pub(super) async fn run(call: &mut Call<'_>) -> Handled {
    let user = super::to_change(call).await?;
    for group in call.directory().groups_of(&user.id).await? {
        call.done.changes.push(Change::MemberGone { group, member: user.id.clone() });
    }
    let user = User { deleted_at: Some(call.now), ..User::clone(&user) };
    call.done.events.push(Event::user("DELETE_USER", user.email()));
    call.done.notices.push(Notice { event: UserEvent::Delete, user: Arc::new(user.clone()) });
    call.done.changes.push(Change::User(user));
    Ok(Reply::Nothing)
}
