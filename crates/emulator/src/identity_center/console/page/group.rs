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
    pub(super) fn samples() -> Vec<Self> {
        let now = usher_model::time::Timestamp::parse("2026-11-30T12:00:00Z").expect("an instant");
        let group = |description: Option<&str>| GroupLine {
            id: "1".to_owned(),
            display_name: "مهندسون <b>".repeat(8),
            external_id: description.map(str::to_owned),
            description: description.map(str::to_owned),
            n_members: 3,
            created_at: now,
            modified_at: now,
        };
        let user = |n: usize| UserLine {
            id: n.to_string(),
            user_name: format!("person-{n}@example.com"),
            display_name: None,
            email: None,
            is_active: n.is_multiple_of(2),
            modified_at: now,
        };
        let page = |description, n: usize, total, text| {
            let members = Found { total, items: (0..n).map(user).collect() };
            Self::of("tenant", group(description), members, text, 1)
        };
        vec![page(None, 0, 0, ""), page(None, 0, 0, "nobody"), page(Some("whoever builds"), 50, 200_000, "")]
    }
}
