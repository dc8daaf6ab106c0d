//! IAM Identity Center before an instance is chosen: none yet, or several. Of one alone the dashboard is shown.

use askama::Template;

use super::home::Instance;
use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place, at};
use crate::identity_center::console::reply::{go_to, page};
use crate::identity_center::console::visit::{Route, Visit};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/console/instances", run: show },
    Route { method: "POST", path: "/console/instances", run: enable },
];

/// The page.
#[derive(Template)]
#[template(path = "console/instances.html")]
pub(super) struct InstancesPage {
    frame: Frame,
    instances: Vec<Instance>,
}

#[expect(clippy::unnecessary_wraps, reason = "a route like any other, and those may fail")]
fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let tenants = visit.center.tenants();
    if let ([only], "") = (tenants.as_slice(), visit.query("all")) {
        return Ok(go_to(at(&only.id, "")));
    }
    Ok(page(&InstancesPage::of(tenants.into_iter().map(Instance::from).collect())))
}

/// Makes an instance, whose people are its own until its identity source is changed.
fn enable(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let tenant = visit.center.create_tenant(visit.center.default_settings().clone())?;
    Ok(go_to(at(&tenant, "")))
}

impl InstancesPage {
    fn of(instances: Vec<Instance>) -> Self {
        Self { frame: Frame::outside("IAM Identity Center"), instances }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        Sample::all_but(&[Sample::Wrong, Sample::Long, Sample::RightToLeft], |kind| {
            Self::of((0..kind.rows(50)).map(|n| Instance::sample(kind, n)).collect())
        })
    }
}
