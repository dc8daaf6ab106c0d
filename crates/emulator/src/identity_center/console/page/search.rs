//! The search box: services and their features, by a part of a name.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place, at};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] = &[Route { method: "GET", path: "/console/search", run: show }];

/// The service under every name that it has had.
const SERVICE: &str = "IAM Identity Center (successor to AWS Single Sign-On) SSO";
/// Its features, and where they are.
const FEATURES: &[(&str, &str)] = &[
    ("Dashboard", ""),
    ("Users", "users"),
    ("Groups", "groups"),
    ("Settings", "settings"),
    ("Change identity source", "settings/change-identity-source"),
    ("Automatic provisioning", "settings/provisioning"),
    ("Request log", "requests"),
    ("Faults", "faults"),
];

/// The page.
#[derive(Template)]
#[template(path = "console/search.html")]
pub(super) struct SearchPage {
    frame: Frame,
    text: String,
    has_service: bool,
    features: Vec<Feature>,
}

/// A page of an instance.
struct Feature {
    name: &'static str,
    address: String,
    instance: String,
}

#[expect(clippy::unnecessary_wraps, reason = "a route like any other, and those may fail")]
fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let tenants = visit.center.tenants().into_iter().map(|tenant| tenant.id);
    Ok(page(&SearchPage::of(visit.text(), tenants)))
}

impl SearchPage {
    fn of(text: &str, tenants: impl Iterator<Item = String>) -> Self {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let has = |name: &str| words.iter().all(|word| name.to_lowercase().contains(word.as_str()));
        let of_tenant = |tenant: String| {
            let named = FEATURES.iter().filter(|(name, _)| !words.is_empty() && has(name));
            named
                .map(|&(name, path)| Feature { name, address: at(&tenant, path), instance: tenant.clone() })
                .collect::<Vec<_>>()
        };
        Self {
            frame: Frame::outside("Search results"),
            text: text.to_owned(),
            has_service: has(SERVICE),
            features: tenants.flat_map(of_tenant).collect(),
        }
    }
}

#[cfg(test)]
impl SearchPage {
    pub(super) fn samples() -> Samples<Self> {
        let tenants = |kind: Sample| (0..kind.rows(500)).map(|n| format!("tenant-{n}"));
        let page = |kind: Sample| Self::of(&kind.name(0, "users"), tenants(kind));
        let mut samples = Sample::all_but(&[Sample::Wrong], page);
        samples.extend(
            ["IAM Identity Center", "s", "<nothing>", ""]
                .map(|text| (Sample::Other, Self::of(text, tenants(Sample::Long)))),
        );
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (bool, Vec<&'static str>) {
        let page = SearchPage::of(text, std::iter::once("t".to_owned()));
        (page.has_service, page.features.iter().map(|feature| feature.name).collect())
    }

    #[test]
    fn the_service_is_found_by_each_of_its_names_and_features_by_theirs() {
        for text in ["IAM Identity Center", "identity", "single sign-on", "SSO", ""] {
            assert!(found(text).0, "{text}");
        }
        assert_eq!(found("provisioning"), (false, vec!["Automatic provisioning"]));
        assert_eq!(found("lambda"), (false, Vec::new()));
    }
}
