//! *Users*, as they were received: searched, and page by page.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Pages, Place, at};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::instant;
use crate::identity_center::find::{Found, UserLine};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};
#[cfg(test)]
use crate::identity_center::console::visit::LINES;

pub(super) const ROUTES: &[Route] =
    &[Route { method: "GET", path: "/console/instances/{tenant}/users", run: show }];

/// The page.
#[derive(Template)]
#[template(path = "console/users.html")]
pub(super) struct UsersPage {
    frame: Frame,
    text: String,
    users: Vec<UserRow>,
    pages: Pages,
}

/// One user in a table.
pub(super) struct UserRow {
    pub(super) address: String,
    pub(super) user_name: String,
    pub(super) display_name: String,
    pub(super) email: String,
    pub(super) is_active: bool,
    pub(super) modified: String,
}

impl UserRow {
    pub(super) fn of(tenant: &str, user: UserLine) -> Self {
        Self {
            address: at(tenant, &format!("users/{}", user.id)),
            user_name: user.user_name,
            display_name: user.display_name.unwrap_or_default(),
            email: user.email.unwrap_or_default(),
            is_active: user.is_active,
            modified: instant(user.modified_at),
        }
    }
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let Found { total, items } = visit.center.find_users(visit.tenant(), visit.search())?;
    let frame = Frame::of(visit.tenant(), Place::Users, "Users");
    let pages = Pages::of(&frame.at("users"), visit.text(), visit.page(), total);
    let users = items.into_iter().map(|user| UserRow::of(visit.tenant(), user)).collect();
    Ok(page(&UsersPage { frame, text: visit.text().to_owned(), users, pages }))
}

#[cfg(test)]
impl UserRow {
    pub(super) fn sample(kind: Sample, n: usize) -> Self {
        let names = ["Ada Lovelace", "Zoë 🚀 <Marchetti>", ""];
        Self {
            address: at("tenant", &format!("users/{n}")),
            user_name: kind.name(n, &format!("person-{n}@example.com")),
            display_name: kind.name(n, names[n % names.len()]),
            email: format!("person-{n}@example.com"),
            is_active: !n.is_multiple_of(5),
            modified: "2026-11-30 02:50:07 UTC".to_owned(),
        }
    }
}

#[cfg(test)]
impl UsersPage {
    pub(super) fn samples() -> Samples<Self> {
        let page = |kind: Sample, text: &str| {
            let users: Vec<_> = (0..kind.rows(LINES)).map(|n| UserRow::sample(kind, n)).collect();
            let (at, total) = if kind.has_more() { (2, 200_000) } else { (1, users.len()) };
            Self {
                frame: Frame::of("tenant", Place::Users, "Users"),
                text: text.to_owned(),
                users,
                pages: Pages::of("/console/instances/tenant/users", text, at, total),
            }
        };
        let mut samples = Sample::all_but(&[Sample::Wrong], |kind| page(kind, &kind.name(0, "")));
        samples.push((Sample::Other, page(Sample::Empty, "\"nobody\"")));
        samples
    }
}
