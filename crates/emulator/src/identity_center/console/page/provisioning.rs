//! *Automatic provisioning*: the endpoint, the access tokens with their age and expiry, and the way to turn it off.

use std::time::Duration;

use askama::Template;
use usher_model::time::Timestamp;

use super::settings::Popup;
use crate::exchange::Response;
use crate::identity_center::admin::{AdminError, TokenInfo};
use crate::identity_center::console::frame::{Frame, Place, at};
use crate::identity_center::console::reply::{go_to, page, page_with};
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::{days, sentence};
use crate::identity_center::token::MAX_TOKENS;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/console/instances/{tenant}/settings/provisioning", run: show },
    Route { method: "POST", path: "/console/instances/{tenant}/settings/provisioning/tokens", run: generate },
    Route {
        method: "POST",
        path: "/console/instances/{tenant}/settings/provisioning/tokens/{token}/delete",
        run: delete,
    },
    Route { method: "POST", path: "/console/instances/{tenant}/settings/provisioning/disable", run: disable },
];

/// From when on AWS's console reminds of a token that expires.
const REMINDED: Duration = Duration::from_hours(24 * 90);

/// The page.
#[derive(Template)]
#[template(path = "console/provisioning.html")]
pub(super) struct ProvisioningPage {
    frame: Frame,
    /// None: provisioning is off.
    endpoint: Option<String>,
    tokens: Vec<TokenLine>,
    done: Option<&'static str>,
    wrong: Option<String>,
    popup: Option<Popup>,
}

/// One access token.
struct TokenLine {
    id: String,
    created: String,
    age: String,
    expires: String,
    left: String,
    state: &'static str,
    tone: &'static str,
}

impl TokenLine {
    fn of(token: &TokenInfo, now: Timestamp) -> Self {
        let left = token.expires_at.since(now);
        let (state, tone) = match (token.is_expired, left <= REMINDED) {
            (true, _) => ("Expired", "bad"),
            (false, true) => ("Expires soon", "warn"),
            (false, false) => ("Active", "good"),
        };
        Self {
            id: token.id.clone(),
            created: token.created_at.date(),
            age: days(now.since(token.created_at)),
            expires: token.expires_at.date(),
            left: if token.is_expired { "none".to_owned() } else { days(left) },
            state,
            tone,
        }
    }
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let done = (visit.query("done") == "deleted")
        .then_some("You deleted an access token. It opens nothing any more.");
    Ok(page(&ProvisioningPage { done, ..ProvisioningPage::of(visit)? }))
}

/// Generates a token, and shows it this once.
fn generate(visit: &Visit<'_>) -> Result<Response, AdminError> {
    match visit.center.generate_token(visit.tenant()) {
        Ok(token) => {
            let shown = ProvisioningPage::of(visit)?;
            let (endpoint, close) = (visit.center.endpoint(visit.tenant()), address(visit));
            let popup = Popup::new("Generate new access token", endpoint, token.value, close);
            Ok(page(&ProvisioningPage { popup: Some(popup), ..shown }))
        }
        Err(error) => refused(visit, error),
    }
}

fn delete(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let typed = visit.form.field("confirmation").trim();
    match visit.center.delete_token(visit.tenant(), visit.id("token"), typed) {
        Ok(()) => Ok(go_to(format!("{}?done=deleted", address(visit)))),
        Err(error) => refused(visit, error),
    }
}

fn disable(visit: &Visit<'_>) -> Result<Response, AdminError> {
    match visit.center.disable_provisioning(visit.tenant(), visit.form.field("confirmation").trim()) {
        Ok(()) => Ok(go_to(format!("{}?done=disabled", at(visit.tenant(), "settings")))),
        Err(error) => refused(visit, error),
    }
}

/// The page with what was wrong.
fn refused(visit: &Visit<'_>, error: AdminError) -> Result<Response, AdminError> {
    let status = match error {
        AdminError::NotConfirmed(_) => 400,
        AdminError::Refused(_) => 409,
        AdminError::NoTenant(_)
        | AdminError::NotFound { .. }
        | AdminError::Metadata(_)
        | AdminError::BadRequest(_)
        | AdminError::State(_) => return Err(error),
    };
    let wrong = Some(sentence(&error.to_string()));
    Ok(page_with(status, &ProvisioningPage { wrong, ..ProvisioningPage::of(visit)? }))
}

fn address(visit: &Visit<'_>) -> String {
    at(visit.tenant(), "settings/provisioning")
}

impl ProvisioningPage {
    fn of(visit: &Visit<'_>) -> Result<Self, AdminError> {
        let tenant = visit.center.tenant(visit.tenant())?;
        let (now, tokens) = (visit.center.clock().now(), visit.center.tokens(&tenant.id)?);
        Ok(Self {
            frame: frame(&tenant.id),
            endpoint: tenant.endpoint,
            tokens: tokens.iter().map(|token| TokenLine::of(token, now)).collect(),
            done: None,
            wrong: None,
            popup: None,
        })
    }

    fn may_generate(&self) -> bool {
        self.tokens.len() < MAX_TOKENS
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let now = Timestamp::parse("2026-11-30T12:00:00Z").expect("an instant");
        let token = |id: &str, age_days: u64| {
            let age = Duration::from_hours(24 * age_days);
            let created_at = now.before(age);
            let expires_at = created_at + Duration::from_hours(24 * 365);
            let info = TokenInfo { id: id.into(), created_at, expires_at, is_expired: expires_at <= now };
            TokenLine::of(&info, now)
        };
        let page = |kind: Sample| Self {
            frame: frame("tenant"),
            endpoint: Some("http://127.0.0.1:8081/tenant/scim/v2".to_owned()),
            tokens: [("over", 400), ("old", 300)]
                .into_iter()
                .take(kind.rows(2))
                .map(|(id, age)| token(id, age))
                .collect(),
            done: None,
            wrong: kind.wrong("type DELETE to confirm"),
            popup: None,
        };
        let popup = Popup::sample("/console/instances/tenant/settings/provisioning".to_owned());
        let mut samples = Sample::all_but(&[Sample::Thousands, Sample::Long, Sample::RightToLeft], page);
        samples.extend(
            [
                Self { endpoint: None, ..page(Sample::Empty) },
                Self { done: Some("You deleted an access token."), ..page(Sample::Empty) },
                Self { popup: Some(popup), tokens: vec![token("fresh", 0)], ..page(Sample::Other) },
            ]
            .map(|page| (Sample::Other, page)),
        );
        samples
    }
}

fn frame(tenant: &str) -> Frame {
    Frame::of(tenant, Place::Settings, "Automatic provisioning").below("Settings", "settings")
}
