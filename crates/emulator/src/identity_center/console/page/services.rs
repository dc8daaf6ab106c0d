//! *All Services*: the one that is emulated.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] = &[Route { method: "GET", path: "/console/services", run: show }];

/// The page.
#[derive(Template)]
#[template(path = "console/services.html")]
pub(super) struct ServicesPage {
    frame: Frame,
}

#[expect(clippy::unnecessary_wraps, reason = "a route like any other, and those may fail")]
fn show(_visit: &Visit<'_>) -> Result<Response, AdminError> {
    Ok(page(&ServicesPage { frame: Frame::outside("All Services") }))
}

#[cfg(test)]
impl ServicesPage {
    pub(super) fn samples() -> Samples<Self> {
        vec![(Sample::One, Self { frame: Frame::outside("All Services") })]
    }
}
