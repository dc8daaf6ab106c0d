//! The bodies of calls.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::workspace::accounts::Role;
use crate::workspace::admin::AdminError;
use crate::workspace::settings::Settings;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessToken {
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    pub(super) name: String,
    #[serde(default = "project")]
    pub(super) project: String,
}

fn project() -> String {
    "emulated".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// PEM; none: a new one is made.
    #[serde(default)]
    pub(super) private_key: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scopes {
    pub(super) scopes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRole {
    pub(super) role: Option<Role>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signer {
    pub(super) caller: String,
    #[serde(default)]
    pub(super) private_key: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Machine {
    pub(super) service_account: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFederation {
    pub(super) audience: String,
    pub(super) principal: String,
    pub(super) subject_token: String,
}

/// The settings with those of the body in place of their own.
pub(super) fn changed(settings: &Settings, changes: Map<String, Value>) -> Result<Settings, AdminError> {
    let wrong = |error: serde_json::Error| AdminError::BadRequest(format!("the settings are wrong: {error}"));
    let mut all: Map<String, Value> =
        serde_json::to_value(settings).and_then(serde_json::from_value).map_err(wrong)?;
    all.extend(changes);
    serde_json::from_value(Value::Object(all)).map_err(wrong)
}
