//! `DELETE /Groups/{id}`: 204; members need not be removed first.

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::store::Change;

pub(crate) fn run(session: &mut Session<'_>, id: &str) -> Result<Reply, Refusal> {
    let key = session.group(id)?.key;
    session.commit(Change::GroupGone { key });
    Ok(Reply::empty())
}
