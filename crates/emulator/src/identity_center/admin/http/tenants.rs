//! Tenants: made, listed, shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::identity_center::IdentitySource;
use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};
use crate::identity_center::admin::http::settings::changed;
use crate::identity_center::admin::http::tokens::EnabledView;
use crate::identity_center::admin::{AdminError, TenantInfo};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint { method: "GET", path: "/admin/tenants", what: "every tenant", examples: &[], run: list },
    Endpoint {
        method: "POST",
        path: "/admin/tenants",
        what: "makes a tenant; with `ready`, one that is provisioned into already; `settings`: how it behaves",
        examples: &[r#"{"ready": true, "settings": {"put_user": "ok"}}"#],
        run: create,
    },
    Endpoint { method: "GET", path: "/admin/tenants/{tenant}", what: "one tenant", examples: &[], run: show },
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTenant {
    #[serde(default)]
    ready: bool,
    #[serde(default)]
    settings: Map<String, Value>,
}

#[derive(Serialize)]
struct TenantView {
    id: String,
    created_at: String,
    source: IdentitySource,
    is_provisioning: bool,
    endpoint: Option<String>,
    users: usize,
    groups: usize,
}

impl From<TenantInfo> for TenantView {
    fn from(tenant: TenantInfo) -> Self {
        let TenantInfo {
            id,
            created_at,
            source,
            is_provisioning,
            endpoint,
            users,
            groups,
            identity_store_id: _,
        } = tenant;
        Self { id, created_at: created_at.to_string(), source, is_provisioning, endpoint, users, groups }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an endpoint like any other, and those may fail")]
fn list(call: &Call<'_>) -> Result<Reply, AdminError> {
    let tenants: Vec<TenantView> = call.center.tenants().into_iter().map(TenantView::from).collect();
    Ok(Reply::ok(&json!({ "tenants": tenants })))
}

fn create(call: &Call<'_>) -> Result<Reply, AdminError> {
    let NewTenant { ready, settings } = call.read()?;
    let settings = changed(call.center.default_settings(), settings)?;
    if ready {
        return Ok(Reply::created(&EnabledView::from(&call.center.ready_tenant(settings)?)));
    }
    let id = call.center.create_tenant(settings)?;
    Ok(Reply::created(&TenantView::from(call.center.tenant(&id)?)))
}

fn show(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&TenantView::from(call.center.tenant(call.tenant())?)))
}
