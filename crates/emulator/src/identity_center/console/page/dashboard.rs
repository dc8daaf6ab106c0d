//! *Dashboard*: what there is, and the recommended setup steps.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::IdentitySource;
use crate::identity_center::admin::{AdminError, TenantInfo};
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::number;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] =
    &[Route { method: "GET", path: "/console/instances/{tenant}", run: show }];

/// The page.
#[derive(Template)]
#[template(path = "console/dashboard.html")]
pub(super) struct DashboardPage {
    frame: Frame,
    has_source: bool,
    is_provisioning: bool,
    identity_store_id: String,
    portal_url: String,
    users: String,
    groups: String,
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let tenant = visit.center.tenant(visit.tenant())?;
    let portal_url = visit.center.service_provider(visit.tenant())?.portal_url;
    Ok(page(&DashboardPage::of(&tenant, portal_url)))
}

impl DashboardPage {
    fn of(tenant: &TenantInfo, portal_url: String) -> Self {
        Self {
            frame: Frame { crumbs: Vec::new(), ..Frame::of(&tenant.id, Place::Dashboard, "Dashboard") },
            has_source: matches!(tenant.source, IdentitySource::ExternalProvider { .. }),
            is_provisioning: tenant.is_provisioning,
            identity_store_id: tenant.identity_store_id.clone(),
            portal_url,
            users: number(tenant.users),
            groups: number(tenant.groups),
        }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let page = |kind: Sample| Self {
            frame: Frame { crumbs: Vec::new(), ..Frame::of("tenant", Place::Dashboard, "Dashboard") },
            has_source: kind != Sample::Empty,
            is_provisioning: kind.has_more(),
            identity_store_id: "d-0123456789".to_owned(),
            portal_url: "http://127.0.0.1:8081/portal/d-0123456789".to_owned(),
            users: number(kind.count()),
            groups: number(kind.count()),
        };
        Sample::all_but(&[Sample::Wrong, Sample::Long, Sample::RightToLeft], page)
    }
}
