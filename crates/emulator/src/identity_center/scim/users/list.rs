//! `GET /Users`: one page, with or without a cursor. Nobody found is an empty list.

use std::sync::Arc;

use crate::identity_center::scim::cursor::Listed;
use crate::identity_center::scim::filter::UserFilter;
use crate::identity_center::scim::list::{Asked, Found, Shape};
use crate::identity_center::scim::query::Query;
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::view::{Cut, Page, UserView};
use crate::identity_center::settings::EmptyOr404;
use crate::identity_center::store::user::User;

pub(crate) fn run(session: &Session<'_>, query: &Query) -> Result<Reply, Refusal> {
    let asked = Asked::new(Listed::Users, query, session.settings, session.now, session.longest_page)?;
    let filter = query.filter.as_deref().map(UserFilter::parse).transpose()?;
    let found = find(session, &asked, filter.as_ref())?;
    let settings = session.settings;
    let users = found.resources.iter().map(|user| UserView { user, settings }).collect();
    Ok(match found.shape {
        Shape::Paged(next) => Reply::json(200, &Page::new(users, next)),
        Shape::Cut => Reply::json(200, &Cut::new(users)),
    })
}

fn find(
    session: &Session<'_>,
    asked: &Asked<'_>,
    filter: Option<&UserFilter>,
) -> Result<Found<User>, Refusal> {
    let store = &session.store;
    let one = |user: Option<&Arc<User>>| {
        let user = user.filter(|user| user.key > asked.after);
        asked.page(user.into_iter(), |user| user.key)
    };
    Ok(match filter {
        None => asked.page(store.users_after(asked.after), |user| user.key),
        Some(UserFilter::UserName(name)) => one(store.user_named(name)),
        Some(UserFilter::ExternalId(id)) => one(store.user_with_external_id(id)),
        Some(UserFilter::Id(id)) => one(store.user(id)),
        Some(UserFilter::IdAndManager { id, manager }) => {
            one(store.user(id).filter(|user| user.manager() == Some(manager)))
        }
        Some(UserFilter::Group(id)) => match (store.group(id), session.settings.unknown_group_filter) {
            (Some(group), _) => asked.page(store.members_after(group.key, asked.after), |user| user.key),
            (None, EmptyOr404::Empty) => one(None),
            (None, EmptyOr404::NotFound) => return Err(Refusal::not_found("Group not found.")),
        },
    })
}
