//! `GET /Users/{id}`: 200 and the user; 404.

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::view::UserView;

pub(crate) fn run(session: &Session<'_>, id: &str) -> Result<Reply, Refusal> {
    let user = session.user(id)?;
    Ok(Reply::json(200, &UserView { user: &user, settings: session.settings }))
}
