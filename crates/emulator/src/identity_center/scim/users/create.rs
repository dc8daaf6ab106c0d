//! `POST /Users`: 201 and the user; 409 where the user name, the e-mail address or the external id is taken.

use crate::identity_center::scim::check;
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::users::object;
use crate::identity_center::scim::view::UserView;

pub(crate) fn run(session: &mut Session<'_>, body: &[u8]) -> Result<Reply, Refusal> {
    let attributes = check::user(&object(body)?, session.settings)?;
    if session.store.n_users() >= session.settings.max_users {
        return Err(Refusal::bad_request("The number of users exceeds the quota of the identity store."));
    }
    let user = session.make_user(attributes)?;
    Ok(Reply::json(201, &UserView { user: &user, settings: session.settings }))
}
