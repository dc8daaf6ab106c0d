//! `GET /Groups/{id}`: 200 and the group, never its members; 404.

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::view::GroupView;

pub(crate) fn run(session: &Session<'_>, id: &str) -> Result<Reply, Refusal> {
    let group = session.group(id)?;
    Ok(Reply::json(200, &GroupView { group: &group, members: None }))
}
