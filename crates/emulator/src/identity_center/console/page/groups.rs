//! *Groups*, as they were received: searched, and page by page.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Pages, Place, at};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::{instant, number};
use crate::identity_center::find::{Found, GroupLine};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};
#[cfg(test)]
use crate::identity_center::console::visit::LINES;

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
    pub(super) fn sample(kind: Sample, n: usize) -> Self {
        Self {
            address: at("tenant", &format!("groups/{n}")),
            name: kind.name(n, &format!("aws-{n}")),
            external_id: if n.is_multiple_of(3) { String::new() } else { format!("0{n}abcdef") },
            members: number(kind.count()),
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
    pub(super) fn samples() -> Samples<Self> {
        let page = |kind: Sample, text: &str| {
            let groups: Vec<_> = (0..kind.rows(LINES)).map(|n| GroupRow::sample(kind, n)).collect();
            let (at, total) = if kind.has_more() { (3, 100_000) } else { (1, groups.len()) };
            Self {
                frame: Frame::of("tenant", Place::Groups, "Groups"),
                text: text.to_owned(),
                groups,
                pages: Pages::of("/console/instances/tenant/groups", text, at, total),
            }
        };
        let mut samples = Sample::all_but(&[Sample::Wrong], |kind| page(kind, &kind.name(0, "")));
        samples.push((Sample::Other, page(Sample::Empty, "none")));
        samples
    }
}
