//! *Configure external identity provider*: metadata of ours for them, metadata of theirs for us.

use askama::Template;

use super::confirm::ConfirmPage;
use crate::exchange::Response;
use crate::identity_center::admin::{AdminError, SAMPLE_METADATA};
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::{download, page, page_with};
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::metadata::{BadMetadata, Provider};
use crate::identity_center::service_provider::ServiceProvider;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};
use crate::identity_center::console::words::sentence;

pub(in crate::identity_center::console::page) const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/console/instances/{tenant}/settings/change-identity-source/configure",
        run: show,
    },
    Route {
        method: "POST",
        path: "/console/instances/{tenant}/settings/change-identity-source/configure",
        run: next,
    },
    Route {
        method: "GET",
        path: "/console/instances/{tenant}/settings/service-provider-metadata.xml",
        run: our_metadata,
    },
    Route { method: "GET", path: "/console/sample-idp-metadata.xml", run: sample_metadata },
];

/// What was sent instead of metadata.
const NO_FILE: &str = "Choose the file with the SAML metadata of your identity provider. Google's is called \
                       GoogleIDPMetadata.xml.";

/// The page.
#[derive(Template)]
#[template(path = "console/source_configure.html")]
pub(in crate::identity_center::console::page) struct ConfigurePage {
    frame: Frame,
    provider: ServiceProvider,
    wrong: Option<String>,
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    Ok(page(&ConfigurePage::of(visit)?))
}

/// Reads the file, and asks for confirmation.
fn next(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let shown = ConfigurePage::of(visit)?;
    match uploaded(visit) {
        Ok((metadata, provider)) => Ok(page(&ConfirmPage::of(visit, metadata, &provider)?)),
        Err(wrong) => Ok(page_with(400, &ConfigurePage { wrong: Some(sentence(&wrong)), ..shown })),
    }
}

/// The metadata that was chosen, and whose it is.
fn uploaded(visit: &Visit<'_>) -> Result<(String, Provider), String> {
    let bytes = visit.form.file("metadata").ok_or(NO_FILE)?;
    let text = std::str::from_utf8(bytes).map_err(|_| BadMetadata::NotText.to_string())?;
    let provider = Provider::read(text).map_err(|error| error.to_string())?;
    Ok((text.to_owned(), provider))
}

fn our_metadata(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let metadata = visit.center.service_provider(visit.tenant())?.metadata();
    Ok(download("service-provider-metadata.xml", "application/samlmetadata+xml", metadata))
}

#[expect(clippy::unnecessary_wraps, reason = "a route like any other, and those may fail")]
fn sample_metadata(_visit: &Visit<'_>) -> Result<Response, AdminError> {
    let metadata = SAMPLE_METADATA.to_owned();
    Ok(download("sample-idp-metadata.xml", "application/samlmetadata+xml", metadata))
}

impl ConfigurePage {
    fn of(visit: &Visit<'_>) -> Result<Self, AdminError> {
        let provider = visit.center.service_provider(visit.tenant())?;
        Ok(Self { frame: frame(visit.tenant()), provider, wrong: None })
    }

    #[cfg(test)]
    pub(in crate::identity_center::console::page) fn samples() -> Samples<Self> {
        let page = |kind: Sample, wrong: Option<String>| {
            let provider = ServiceProvider {
                acs_url: "http://127.0.0.1:8081/platform/saml/acs/tenant".to_owned(),
                issuer_url: "http://127.0.0.1:8081/platform/saml/d-0123456789".to_owned(),
                portal_url: "http://127.0.0.1:8081/portal/d-0123456789".to_owned(),
            };
            (kind, Self { frame: frame("tenant"), provider, wrong })
        };
        vec![
            page(Sample::One, None),
            page(Sample::Wrong, Some(NO_FILE.to_owned())),
            page(Sample::Wrong, Some(BadMetadata::NotText.to_string())),
        ]
    }
}

fn frame(tenant: &str) -> Frame {
    Frame::of(tenant, Place::Settings, "Configure external identity provider").below("Settings", "settings")
}
