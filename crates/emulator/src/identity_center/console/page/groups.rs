//! *Groups*, as they were received: searched, and page by page.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Pages, Place, at};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::{instant, number};
use crate::identity_center::find::{Found, GroupLine};

pub(super) const ROUTES: &[Route] =
    &[Route { method: "GET", path: "/console/instances/{tenant}/groups", run: show }];

/// The page.
#[derive(Template)]
#[template(path = "console/groups.html")]
pub(super) struct GroupsPage {
    frame: Frame,
    text: String,
    groups: Vec<GroupRow>,
    pages: Pages,
}

/// One group in a table.
pub(super) struct GroupRow {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) external_id: String,
    pub(super) members: String,
    pub(super) modified: String,
}

impl GroupRow {
    pub(super) fn of(tenant: &str, group: GroupLine) -> Self {
        Self {
            address: at(tenant, &format!("groups/{}", group.id)),
            name: group.display_name,
            external_id: group.external_id.unwrap_or_default(),
            members: number(group.n_members),
            modified: instant(group.modified_at),
        }
    }

    #[cfg(test)]
    pub(super) fn sample(n: usize) -> Self {
        Self {
            address: at("tenant", &format!("groups/{n}")),
            name: format!("aws-{n} {}", "مجموعة <b>".repeat(n % 4)),
            external_id: if n.is_multiple_of(3) { String::new() } else { format!("0{n}abcdef") },
            members: number(n * n * 17),
            modified: "2026-11-30 02:50:07 UTC".to_owned(),
        }
    }
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let Found { total, items } = visit.center.find_groups(visit.tenant(), visit.search())?;
    let frame = Frame::of(visit.tenant(), Place::Groups, "Groups");
    let pages = Pages::of(&frame.at("groups"), visit.text(), visit.page(), total);
    let groups = items.into_iter().map(|group| GroupRow::of(visit.tenant(), group)).collect();
    Ok(page(&GroupsPage { frame, text: visit.text().to_owned(), groups, pages }))
}

#[cfg(test)]
impl GroupsPage {
    pub(super) fn samples() -> Vec<Self> {
        let page = |text: &str, n, page, total| Self {
            frame: Frame::of("tenant", Place::Groups, "Groups"),
            text: text.to_owned(),
            groups: (0..n).map(GroupRow::sample).collect(),
            pages: Pages::of("/console/instances/tenant/groups", text, page, total),
        };
        vec![page("", 0, 1, 0), page("none", 0, 1, 0), page("", 1, 1, 1), page("", 50, 3, 100_000)]
    }
}
