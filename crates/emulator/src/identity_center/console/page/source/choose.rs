//! *Choose identity source*.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::IdentitySource;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::{go_to, page, page_with};
use crate::identity_center::console::visit::{Route, Visit};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(in crate::identity_center::console::page) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/console/instances/{tenant}/settings/change-identity-source", run: show },
    Route { method: "POST", path: "/console/instances/{tenant}/settings/change-identity-source", run: next },
];

/// The page.
#[derive(Template)]
#[template(path = "console/source_choose.html")]
pub(in crate::identity_center::console::page) struct ChoosePage {
    frame: Frame,
    is_external: bool,
    wrong: Option<&'static str>,
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    Ok(page(&ChoosePage::of(visit)?))
}

/// Goes on with what was chosen.
fn next(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let shown = ChoosePage::of(visit)?;
    if visit.form.field("source") == "external" {
        return Ok(go_to(shown.frame.at("settings/change-identity-source/configure")));
    }
    let wrong = Some("Choose External identity provider: the others are not emulated.");
    Ok(page_with(400, &ChoosePage { wrong, ..shown }))
}

impl ChoosePage {
    fn of(visit: &Visit<'_>) -> Result<Self, AdminError> {
        let tenant = visit.center.tenant(visit.tenant())?;
        let is_external = matches!(tenant.source, IdentitySource::ExternalProvider { .. });
        Ok(Self { frame: frame(&tenant.id), is_external, wrong: None })
    }

    #[cfg(test)]
    pub(in crate::identity_center::console::page) fn samples() -> Samples<Self> {
        let page = |kind: Sample| Self {
            frame: frame("tenant"),
            is_external: kind == Sample::One,
            wrong: (kind == Sample::Wrong).then_some("Choose one."),
        };
        Sample::all_but(&[Sample::Thousands, Sample::Long, Sample::RightToLeft], page)
    }
}

fn frame(tenant: &str) -> Frame {
    Frame::of(tenant, Place::Settings, "Choose identity source").below("Settings", "settings")
}
