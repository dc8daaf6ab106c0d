//! `DELETE /Users/{id}`: 204; the user's memberships end with them.

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::store::Change;

pub(crate) fn run(session: &mut Session<'_>, id: &str) -> Result<Reply, Refusal> {
    let key = session.user(id)?.key;
    session.commit(Change::UserGone { key });
    Ok(Reply::empty())
}
