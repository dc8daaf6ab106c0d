//! `PATCH /Users/{id}`: 200 and the whole user.

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::users::object;
use crate::identity_center::scim::view::UserView;
use crate::identity_center::scim::{check, patch};
use crate::identity_center::store::user::User;

pub(crate) fn run(session: &mut Session<'_>, id: &str, body: &[u8]) -> Result<Reply, Refusal> {
    let before = session.user(id)?;
    let operations = patch::operations(&object(body)?)?;
    let draft = patch::user(&before.attributes, operations, session.settings)?;
    let attributes = check::user(&draft, session.settings)?;
    let user = session.keep_user(User { attributes, modified_at: session.now, ..before.as_ref().clone() })?;
    Ok(Reply::json(200, &UserView { user: &user, settings: session.settings }))
}
