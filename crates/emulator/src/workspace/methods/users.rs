//! Users: the people of the organisation.

use std::sync::Arc;

use crate::workspace::call::{Call, Handled};
use crate::workspace::directory::User;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

mod admin;
mod create;
mod custom;
mod delete;
mod edit;
pub(crate) mod email;
mod get;
pub(crate) mod list;
pub(crate) mod query;
mod undelete;
mod update;
mod view;

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    match method {
        "list" => list::run(call).await,
        "get" => get::run(call).await,
        "insert" => create::run(call).await,
        "update" => update::run(call, edit::Mode::Update).await,
        "patch" => update::run(call, edit::Mode::Patch).await,
        "delete" => delete::run(call).await,
        "undelete" => undelete::run(call).await,
        "makeAdmin" => admin::run(call).await,
        "signOut" => admin::sign_out(call).await,
        "watch" => super::watch::users(call).await,
        _ => super::missing(call),
    }
}

/// A user who is to be changed: not while Google is still at making them.
async fn to_change(call: &Call<'_>) -> Result<Arc<User>, Refusal> {
    let user = call.user(call.key("userKey")).await?;
    let seconds = u64::from(call.settings.user_creation_seconds);
    let made = crate::workspace::directory::text(&user.fields, "creationTime");
    let is_made = usher_model::time::Timestamp::parse(made)
        .map_or(true, |made| call.now.since(made) >= std::time::Duration::from_secs(seconds));
    if seconds == 0 || is_made { Ok(user) } else { Err(Refusal::condition("User creation is not complete.")) }
}

/// What is true of a new user unless it is said.
pub(crate) fn defaults(now: usher_model::time::Timestamp) -> serde_json::Map<String, serde_json::Value> {
    let fields = serde_json::json!({
        "agreedToTerms": true,
        "archived": false,
        "changePasswordAtNextLogin": false,
        "creationTime": wire::instant(now),
        "includeInGlobalAddressList": true,
        "ipWhitelisted": false,
        "isAdmin": false,
        "isDelegatedAdmin": false,
        "isEnforcedIn2Sv": false,
        "isEnrolledIn2Sv": false,
        "isMailboxSetup": true,
        "lastLoginTime": wire::NEVER,
        "suspended": false,
    });
    fields.as_object().cloned().unwrap_or_default()
}
