//! *Confirm change*: what the change does, and the word that carries it out.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::IdentitySource;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place, at};
use crate::identity_center::console::reply::{go_to, page_with};
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::metadata::Provider;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};
use crate::identity_center::console::words::sentence;

pub(in crate::identity_center::console::page) const ROUTES: &[Route] = &[Route {
    method: "POST",
    path: "/console/instances/{tenant}/settings/change-identity-source/confirm",
    run: change,
}];

/// The page. The metadata goes with it: nothing is kept before it is confirmed.
#[derive(Template)]
#[template(path = "console/source_confirm.html")]
pub(in crate::identity_center::console::page) struct ConfirmPage {
    frame: Frame,
    metadata: String,
    issuer: String,
    sign_in_url: String,
    n_certificates: usize,
    is_external_already: bool,
    wrong: Option<String>,
}

/// Changes the identity source.
fn change(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let (metadata, typed) = (visit.form.field("metadata"), visit.form.field("confirmation").trim());
    match visit.center.change_identity_source(visit.tenant(), metadata, typed) {
        Ok(()) => Ok(go_to(format!("{}?done=source", at(visit.tenant(), "settings")))),
        Err(error @ AdminError::NotConfirmed(_)) => {
            let provider = Provider::read(metadata)?;
            let shown = ConfirmPage::of(visit, metadata.to_owned(), &provider)?;
            Ok(page_with(400, &ConfirmPage { wrong: Some(sentence(&error.to_string())), ..shown }))
        }
        Err(error) => Err(error),
    }
}

impl ConfirmPage {
    pub(super) fn of(visit: &Visit<'_>, metadata: String, provider: &Provider) -> Result<Self, AdminError> {
        let tenant = visit.center.tenant(visit.tenant())?;
        Ok(Self {
            frame: frame(&tenant.id),
            metadata,
            issuer: provider.entity_id.clone(),
            sign_in_url: provider.sign_in_url.clone(),
            n_certificates: provider.n_certificates,
            is_external_already: matches!(tenant.source, IdentitySource::ExternalProvider { .. }),
            wrong: None,
        })
    }

    #[cfg(test)]
    pub(in crate::identity_center::console::page) fn samples() -> Samples<Self> {
        Sample::all_but(&[Sample::Thousands, Sample::RightToLeft], |kind| Self {
            frame: frame("tenant"),
            metadata: "<md:EntityDescriptor entityID=\"x\">&amp;".to_owned(),
            issuer: format!("https://accounts.example/{}", kind.name(0, "o/saml2?idpid=C03")),
            sign_in_url: format!("https://accounts.example/{}", kind.name(0, "o/saml2/idp")),
            n_certificates: kind.rows(0),
            is_external_already: kind != Sample::Empty,
            wrong: kind.wrong("Type ACCEPT to confirm"),
        })
    }
}

fn frame(tenant: &str) -> Frame {
    Frame::of(tenant, Place::Settings, "Confirm change").below("Settings", "settings")
}
