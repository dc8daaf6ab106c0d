//! `PUT /Users/{id}`: the user is what is sent and nothing else; 201 in AWS's example.

use crate::identity_center::scim::check;
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::users::object;
use crate::identity_center::scim::view::UserView;
use crate::identity_center::settings::PutStatus;
use crate::identity_center::store::user::User;

pub(crate) fn run(session: &mut Session<'_>, id: &str, body: &[u8]) -> Result<Reply, Refusal> {
    let before = session.user(id)?;
    let attributes = check::user(&object(body)?, session.settings)?;
    let user = session.keep_user(User { attributes, modified_at: session.now, ..before.as_ref().clone() })?;
    let status = match session.settings.put_user {
        PutStatus::Created => 201,
        PutStatus::Ok => 200,
    };
    Ok(Reply::json(status, &UserView { user: &user, settings: session.settings }))
}
