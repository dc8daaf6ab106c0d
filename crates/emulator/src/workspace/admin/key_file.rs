//! A service account's key as Google's console lets it be downloaded.

use serde_json::{Value, json};

use crate::workspace::accounts::ServiceAccount;
use crate::workspace::keys::PrivateKey;

/// The file; its `token_uri` is the emulator's.
pub(super) fn of(account: &ServiceAccount, key_id: &str, key: &PrivateKey, base_url: &str) -> Value {
    json!({
        "type": "service_account",
        "project_id": account.project,
        "private_key_id": key_id,
        "private_key": key.to_pem(),
        "client_email": account.email,
        "client_id": account.client_id,
        "auth_uri": format!("{base_url}/o/oauth2/auth"),
        "token_uri": format!("{base_url}/token"),
        "auth_provider_x509_cert_url": format!("{base_url}/oauth2/v1/certs"),
        "client_x509_cert_url": format!("{base_url}/robot/v1/metadata/x509/{}", account.email),
        "universe_domain": "googleapis.com",
    })
}
