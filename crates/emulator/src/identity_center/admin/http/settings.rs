//! How a tenant behaves: read, and changed one switch at a time.

use serde_json::{Map, Value};

use crate::identity_center::admin::AdminError;
use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};
use crate::identity_center::settings::Settings;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/settings",
        what: "how the tenant behaves where AWS's documentation is silent, and its limits",
        examples: &[],
        run: show,
    },
    Endpoint {
        method: "PATCH",
        path: "/admin/tenants/{tenant}/settings",
        what: "changes the settings that are named; the others stay",
        examples: &[r#"{"put_user": "ok", "writes_per_second": null}"#],
        run: change,
    },
];

fn show(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&call.center.settings(call.tenant())?))
}

fn change(call: &Call<'_>) -> Result<Reply, AdminError> {
    let settings = changed(&call.center.settings(call.tenant())?, call.read()?)?;
    call.center.change_settings(call.tenant(), settings.clone())?;
    Ok(Reply::ok(&settings))
}

/// The settings with those of the body in place of their own.
pub(super) fn changed(settings: &Settings, changes: Map<String, Value>) -> Result<Settings, AdminError> {
    let wrong = |error: serde_json::Error| AdminError::BadRequest(format!("the settings are wrong: {error}"));
    let mut all: Map<String, Value> =
        serde_json::to_value(settings).and_then(serde_json::from_value).map_err(wrong)?;
    all.extend(changes);
    serde_json::from_value(Value::Object(all)).map_err(wrong)
}
