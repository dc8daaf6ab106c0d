//! `GET /Groups`: one page, every group with an empty list of members, whoever its members are.

use std::sync::Arc;

use crate::identity_center::scim::cursor::Listed;
use crate::identity_center::scim::filter::GroupFilter;
use crate::identity_center::scim::list::{Asked, Found, Shape};
use crate::identity_center::scim::query::Query;
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::view::{Cut, GroupView, Page};
use crate::identity_center::store::group::Group;

pub(crate) fn run(session: &Session<'_>, query: &Query) -> Result<Reply, Refusal> {
    let asked = Asked::new(Listed::Groups, query, session.settings, session.now, session.longest_page)?;
    let filter = query.filter.as_deref().map(GroupFilter::parse).transpose()?;
    let found = find(session, &asked, filter.as_ref())?;
    let groups = found.resources.iter().map(|group| GroupView { group, members: Some([]) }).collect();
    Ok(match found.shape {
        Shape::Paged(next) => Reply::json(200, &Page::new(groups, next)),
        Shape::Cut => Reply::json(200, &Cut::new(groups)),
    })
}

/// A member that does not exist is a 404, a group that does not exist an empty list.
fn find(
    session: &Session<'_>,
    asked: &Asked<'_>,
    filter: Option<&GroupFilter>,
) -> Result<Found<Group>, Refusal> {
    let store = &session.store;
    let one = |group: Option<&Arc<Group>>| {
        let group = group.filter(|group| group.key > asked.after);
        asked.page(group.into_iter(), |group| group.key)
    };
    Ok(match filter {
        None => asked.page(store.groups_after(asked.after), |group| group.key),
        Some(GroupFilter::DisplayName(name)) => one(store.group_named(name)),
        Some(GroupFilter::ExternalId(id)) => one(store.group_with_external_id(id)),
        Some(GroupFilter::Id(id)) => one(store.group(id)),
        Some(GroupFilter::Member(id)) => {
            let user = session.user(id)?.key;
            asked.page(store.groups_of_after(user, asked.after), |group| group.key)
        }
        Some(GroupFilter::IdAndMember { id, member }) => {
            let user = session.user(member)?.key;
            one(store.group(id).filter(|group| store.is_member(group.key, user)))
        }
    })
}
