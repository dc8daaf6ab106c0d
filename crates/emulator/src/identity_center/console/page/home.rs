//! *Console Home*: where somebody arrives who opens the emulator's address.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::admin::{AdminError, TenantInfo};
use crate::identity_center::console::frame::{Frame, Place, at};
use crate::identity_center::console::reply::{go_to, page};
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::number;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/", run: show },
    Route { method: "GET", path: "/console", run: |_| Ok(go_to("/".to_owned())) },
];

/// The page.
#[derive(Template)]
#[template(path = "console/home.html")]
pub(super) struct HomePage {
    frame: Frame,
    instances: Vec<Instance>,
}

/// An instance in a word or two.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) address: String,
    pub(super) is_provisioning: bool,
    pub(super) users: String,
    pub(super) groups: String,
}

impl From<TenantInfo> for Instance {
    fn from(tenant: TenantInfo) -> Self {
        Self {
            address: at(&tenant.id, ""),
            is_provisioning: tenant.is_provisioning,
            users: number(tenant.users),
            groups: number(tenant.groups),
            id: tenant.id,
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a route like any other, and those may fail")]
fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let instances = visit.center.tenants().into_iter().map(Instance::from).collect();
    Ok(page(&HomePage { frame: Frame::outside("Console Home"), instances }))
}

#[cfg(test)]
impl Instance {
    pub(super) fn sample(kind: Sample, n: usize) -> Self {
        let id = format!("aB3dE5gH7jK-0a1b-4c2d-8e3f-{n:012}");
        Self {
            address: at(&id, ""),
            is_provisioning: n.is_multiple_of(2),
            users: number(kind.count()),
            groups: number(kind.count()),
            id,
        }
    }
}

#[cfg(test)]
impl HomePage {
    pub(super) fn samples() -> Samples<Self> {
        Sample::all_but(&[Sample::Wrong, Sample::Long, Sample::RightToLeft], |kind| Self {
            frame: Frame::outside("Console Home"),
            instances: (0..kind.rows(50)).map(|n| Instance::sample(kind, n)).collect(),
        })
    }
}
