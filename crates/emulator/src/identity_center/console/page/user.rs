//! One user: what there is of them, the groups that they are in, and the SCIM resource itself.

use askama::Template;
use serde_json::Value;

use super::groups::GroupRow;
use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] =
    &[Route { method: "GET", path: "/console/instances/{tenant}/users/{user}", run: show }];

/// The page.
#[derive(Template)]
#[template(path = "console/user.html")]
pub(super) struct UserPage {
    frame: Frame,
    is_active: bool,
    /// What stands above the resource itself, and what it is.
    facts: Vec<(&'static str, String)>,
    groups: Vec<GroupRow>,
    scim: String,
}

/// What is shown of the resource above it: a name, and where in the resource it is.
const FACTS: [(&str, &str); 8] = [
    ("Username", "/userName"),
    ("Display name", "/displayName"),
    ("First name", "/name/givenName"),
    ("Last name", "/name/familyName"),
    ("Primary email", "/emails/0/value"),
    ("External ID", "/externalId"),
    ("User ID", "/id"),
    ("Last modified", "/meta/lastModified"),
];

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let user = visit.center.user(visit.tenant(), visit.id("user"))?;
    let id = user["id"].as_str().unwrap_or_default();
    let groups = visit.center.groups_of(visit.tenant(), id)?;
    let groups = groups.into_iter().map(|group| GroupRow::of(visit.tenant(), group)).collect();
    Ok(page(&UserPage::of(visit.tenant(), &user, groups)))
}

impl UserPage {
    fn of(tenant: &str, user: &Value, groups: Vec<GroupRow>) -> Self {
        let text = |at: &str| user.pointer(at).and_then(Value::as_str).map(str::to_owned);
        let title = text("/displayName").or_else(|| text("/userName")).unwrap_or_default();
        Self {
            frame: Frame::of(tenant, Place::Users, title).below("Users", "users"),
            is_active: user["active"] == Value::Bool(true),
            facts: FACTS.into_iter().filter_map(|(name, at)| Some((name, text(at)?))).collect(),
            groups,
            scim: serde_json::to_string_pretty(user).expect("invariant: JSON can be written"),
        }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let user = |kind: Sample| {
            if kind == Sample::Empty {
                return serde_json::json!({"id": "1", "userName": "ada@example.com", "active": false});
            }
            serde_json::json!({
                "id": "2", "externalId": "0123abcdef", "userName": kind.name(0, "m@example.com"), "active": true,
                "displayName": kind.name(1, "Mary"), "name": {"givenName": kind.name(0, "M"), "familyName": kind.name(1, "Y")},
                "emails": [{"value": "m@example.com"}], "meta": {"lastModified": "2026-11-30T02:50:07Z"},
            })
        };
        Sample::all_but(&[Sample::Wrong], |kind| {
            let groups = (0..kind.rows(100)).map(|n| GroupRow::sample(kind, n)).collect();
            Self::of("tenant", &user(kind), groups)
        })
    }
}
