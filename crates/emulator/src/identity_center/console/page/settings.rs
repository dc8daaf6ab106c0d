//! *Settings*: the identity source with its *Actions*, and automatic provisioning, which is enabled here. What a client
//! needs then is in a popup, and never shown again.

use askama::Template;
use secrecy::{ExposeSecret as _, SecretString};

use crate::exchange::Response;
use crate::identity_center::IdentitySource;
use crate::identity_center::admin::{AdminError, Enabled, TenantInfo};
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::{page, page_with};
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::service_provider::ServiceProvider;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};
use crate::identity_center::console::words::sentence;

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/console/instances/{tenant}/settings", run: show },
    Route { method: "POST", path: "/console/instances/{tenant}/settings/enable-provisioning", run: enable },
];

/// The page.
#[derive(Template)]
#[template(path = "console/settings.html")]
pub(super) struct SettingsPage {
    frame: Frame,
    identity_store_id: String,
    portal_url: String,
    /// The external provider's entity id; none: the people are the instance's own.
    provider: Option<String>,
    /// The SCIM endpoint while provisioning is on.
    endpoint: Option<String>,
    done: Option<&'static str>,
    wrong: Option<String>,
    /// What was just generated.
    popup: Option<Popup>,
}

/// The SCIM endpoint and a new token.
pub(super) struct Popup {
    pub(super) heading: &'static str,
    pub(super) endpoint: String,
    token: SecretString,
    /// Where *Close* leads.
    pub(super) close: String,
}

impl Popup {
    pub(super) fn new(heading: &'static str, endpoint: String, token: SecretString, close: String) -> Self {
        Self { heading, endpoint, token, close }
    }

    /// The token's value, for the one page that shows it.
    pub(super) fn token(&self) -> &str {
        self.token.expose_secret()
    }

    #[cfg(test)]
    pub(super) fn sample(close: String) -> Self {
        let endpoint = "http://127.0.0.1:8081/tenant/scim/v2".to_owned();
        Self::new("Access token generated", endpoint, SecretString::from("t".repeat(560)), close)
    }
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let done = match visit.query("done") {
        "source" => Some("You changed your identity source to an external identity provider."),
        "disabled" => Some("You disabled automatic provisioning. Users and groups stay as they are."),
        _ => None,
    };
    Ok(page(&SettingsPage { done, ..SettingsPage::of(visit)? }))
}

/// Enables automatic provisioning, and shows what a client needs.
fn enable(visit: &Visit<'_>) -> Result<Response, AdminError> {
    match visit.center.enable_provisioning(visit.tenant()) {
        Ok(Enabled { tenant: _, endpoint, token }) => {
            let shown = SettingsPage::of(visit)?;
            let close = shown.frame.at("settings");
            let popup = Popup::new("Inbound automatic provisioning", endpoint, token.value, close);
            Ok(page(&SettingsPage { popup: Some(popup), ..shown }))
        }
        Err(AdminError::Refused(why)) => {
            Ok(page_with(409, &SettingsPage { wrong: Some(sentence(&why)), ..SettingsPage::of(visit)? }))
        }
        Err(error) => Err(error),
    }
}

impl SettingsPage {
    fn of(visit: &Visit<'_>) -> Result<Self, AdminError> {
        let TenantInfo { id, identity_store_id, source, endpoint, .. } =
            visit.center.tenant(visit.tenant())?;
        let ServiceProvider { portal_url, .. } = visit.center.service_provider(&id)?;
        let provider = match source {
            IdentitySource::IdentityCenterDirectory => None,
            IdentitySource::ExternalProvider { entity_id } => Some(entity_id),
        };
        Ok(Self {
            frame: Frame::of(&id, Place::Settings, "Settings"),
            identity_store_id,
            portal_url,
            provider,
            endpoint,
            done: None,
            wrong: None,
            popup: None,
        })
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let page = |kind: Sample| {
            let provider = format!("https://accounts.example/{}", kind.name(0, "o/saml2?idpid=C03"));
            Self {
                frame: Frame::of("tenant", Place::Settings, "Settings"),
                identity_store_id: "d-0123456789".to_owned(),
                portal_url: "http://127.0.0.1:8081/portal/d-0123456789".to_owned(),
                provider: (kind != Sample::Empty).then_some(provider),
                endpoint: (kind != Sample::Empty).then(|| "http://127.0.0.1:8081/tenant/scim/v2".to_owned()),
                done: None,
                wrong: kind.wrong("it is enabled already"),
                popup: None,
            }
        };
        let popup = Popup::sample("/console/instances/tenant/settings".to_owned());
        let done = Some("You changed your identity source.");
        let mut samples = Sample::all_but(&[Sample::Thousands, Sample::RightToLeft], page);
        samples.push((Sample::Other, Self { done, endpoint: None, ..page(Sample::Other) }));
        samples.push((Sample::Other, Self { popup: Some(popup), ..page(Sample::Other) }));
        samples
    }
}
