//! One group and its members.

use askama::Template;

use super::users::UserRow;
use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Pages, Place};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::instant;
use crate::identity_center::find::{Found, GroupLine, UserLine};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};
#[cfg(test)]
use crate::identity_center::console::visit::LINES;

pub(super) const ROUTES: &[Route] =
    &[Route { method: "GET", path: "/console/instances/{tenant}/groups/{group}", run: show }];

/// The page.
#[derive(Template)]
#[template(path = "console/group.html")]
pub(super) struct GroupPage {
    frame: Frame,
    address: String,
    facts: Vec<(&'static str, String)>,
    text: String,
    members: Vec<UserRow>,
    pages: Pages,
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let (group, members) = visit.center.members(visit.tenant(), visit.id("group"), visit.search())?;
    Ok(page(&GroupPage::of(visit.tenant(), group, members, visit.text(), visit.page())))
}

impl GroupPage {
    fn of(tenant: &str, group: GroupLine, members: Found<UserLine>, text: &str, page: usize) -> Self {
        let GroupLine { id, display_name, external_id, description, n_members: _, created_at, modified_at } =
            group;
        let frame = Frame::of(tenant, Place::Groups, display_name).below("Groups", "groups");
        let address = frame.at(&format!("groups/{id}"));
        let facts = [
            ("Description", description),
            ("External ID", external_id),
            ("Group ID", Some(id)),
            ("Created", Some(instant(created_at))),
            ("Last modified", Some(instant(modified_at))),
        ];
        Self {
            pages: Pages::of(&address, text, page, members.total),
            frame,
            address,
            facts: facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            text: text.to_owned(),
            members: members.items.into_iter().map(|user| UserRow::of(tenant, user)).collect(),
        }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let now = usher_model::time::Timestamp::parse("2026-11-30T12:00:00Z").expect("an instant");
        let group = |kind: Sample| {
            let given = |text: &str| (kind != Sample::Empty).then(|| kind.name(1, text));
            GroupLine {
                id: "1".to_owned(),
                display_name: kind.name(0, "Engineers"),
                external_id: given("0123abcdef"),
                description: given("Whoever builds it."),
                n_members: kind.rows(0),
                created_at: now,
                modified_at: now,
            }
        };
        let user = |kind: Sample, n: usize| UserLine {
            id: n.to_string(),
            user_name: kind.name(n, &format!("person-{n}@example.com")),
            display_name: (n > 0).then(|| kind.name(n, "Ada Lovelace")),
            email: None,
            is_active: n.is_multiple_of(2),
            modified_at: now,
        };
        let page = |kind: Sample, text: &str| {
            let items: Vec<_> = (0..kind.rows(LINES)).map(|n| user(kind, n)).collect();
            let total = if kind.has_more() { 200_000 } else { items.len() };
            Self::of("tenant", group(kind), Found { total, items }, text, 1)
        };
        let mut samples = Sample::all_but(&[Sample::Wrong], |kind| page(kind, &kind.name(0, "")));
        samples.push((Sample::Other, page(Sample::Empty, "nobody")));
        samples
    }
}
