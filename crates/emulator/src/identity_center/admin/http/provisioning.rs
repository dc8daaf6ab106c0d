//! The identity source, and automatic provisioning on and off.

use serde::Deserialize;

use crate::identity_center::admin::AdminError;
use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};
use crate::identity_center::admin::http::tokens::{Confirmed, EnabledView};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "POST",
        path: "/admin/tenants/{tenant}/identity-source",
        what: "changes the identity source to an external identity provider; type ACCEPT",
        examples: &[r#"{"metadata": "<md:EntityDescriptor …", "confirmation": "ACCEPT"}"#],
        run: change_source,
    },
    Endpoint {
        method: "POST",
        path: "/admin/tenants/{tenant}/provisioning/enable",
        what: "enables automatic provisioning; answers with the SCIM endpoint and an access token, shown this once",
        examples: &[],
        run: enable,
    },
    Endpoint {
        method: "POST",
        path: "/admin/tenants/{tenant}/provisioning/disable",
        what: "disables automatic provisioning, once every token is deleted; users and groups stay; type DISABLE",
        examples: &[r#"{"confirmation": "DISABLE"}"#],
        run: disable,
    },
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSource {
    metadata: String,
    #[serde(default)]
    confirmation: String,
}

fn change_source(call: &Call<'_>) -> Result<Reply, AdminError> {
    let NewSource { metadata, confirmation } = call.read()?;
    call.center.change_identity_source(call.tenant(), &metadata, &confirmation)?;
    Ok(Reply::nothing())
}

fn enable(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::created(&EnabledView::from(&call.center.enable_provisioning(call.tenant())?)))
}

fn disable(call: &Call<'_>) -> Result<Reply, AdminError> {
    let Confirmed { confirmation } = call.read()?;
    call.center.disable_provisioning(call.tenant(), &confirmation)?;
    Ok(Reply::nothing())
}
