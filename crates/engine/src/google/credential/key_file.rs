//! A service account's key as Google's console lets it be downloaded: a JSON file.
//!
//! Whatever else is handed in gets its own sentence, which says what it is and where a key comes from, and never a word
//! of what the file holds.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::private_key::PrivateKey;
use crate::endpoint::Reachable;
use crate::google::address::{self, Address, AddressError};

/// The longest file that is looked at for a key; Google's have 2,300 bytes.
pub const MAX_KEY_FILE_BYTES: usize = 65_536;

/// A service account with its key.
#[derive(Clone, Debug)]
pub struct ServiceAccountKey {
    /// The account: `name@project.iam.gserviceaccount.com`.
    pub account: String,
    /// 21 digits, by which an administrator delegates scopes to it.
    pub client_id: Option<String>,
    /// Where its assertions are exchanged.
    pub token_uri: Address,
    /// The key.
    pub key: PrivateKey,
}

/// Why a file is no service account's key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// It is larger than any key.
    #[error(
        "the key file is larger than {MAX_KEY_FILE_BYTES} bytes, so it is no service account's key: {NEW_KEY}"
    )]
    TooLarge,
    /// A key without whose it is.
    #[error("the key file holds a bare private key, without whose it is: {NEW_KEY}")]
    BareKey,
    /// Something that is no JSON object.
    #[error("the key file is not a JSON object, or was cut off: {NEW_KEY}")]
    NotJson,
    /// An OAuth client, with which people sign in.
    #[error("the key file holds an OAuth client, not a service account's key: {NEW_KEY}")]
    OAuthClient,
    /// What `gcloud auth application-default login` writes.
    #[error("the key file holds a person's own sign-in, not a service account's key: {NEW_KEY}")]
    AuthorizedUser,
    /// Workload identity federation, which has no key.
    #[error(
        "the key file describes workload identity federation, which has no key: leave it in \
         GOOGLE_APPLICATION_CREDENTIALS and use --keyless SERVICE_ACCOUNT"
    )]
    ExternalAccount,
    /// Another type of credentials.
    #[error("the key file holds {0}, not a service account's key: {NEW_KEY}")]
    OtherType(Described),
    /// A field is missing, empty, or no text.
    #[error("the key file has no `{0}`, so it is not as Google's console wrote it: {NEW_KEY}")]
    Missing(&'static str),
    /// The private key is none.
    #[error("the `private_key` of the key file cannot be read as an RSA key in PEM form: {NEW_KEY}")]
    PrivateKey,
    /// The address at which assertions are exchanged.
    #[error(transparent)]
    TokenUri(#[from] AddressError),
}

const NEW_KEY: &str = "download one in the Google Cloud console (IAM & Admin > Service Accounts > the account > Keys > \
                       Add key > Create new key > JSON)";

/// The type that a file says it is of, if it is fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described(Option<String>);

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, "credentials of type `{name}`"),
            None => f.write_str("no type of credentials"),
        }
    }
}

impl ServiceAccountKey {
    /// Reads a key file.
    pub fn parse(file: &SecretString, reachable: Reachable) -> Result<Self, KeyFileError> {
        let text = file.expose_secret();
        if text.len() > MAX_KEY_FILE_BYTES {
            return Err(KeyFileError::TooLarge);
        }
        if text.trim_start().starts_with("-----BEGIN") {
            return Err(KeyFileError::BareKey);
        }
        let file: Map<String, Value> = serde_json::from_str(text).map_err(|_| KeyFileError::NotJson)?;
        check_type(&file)?;
        Self::of(&file, reachable)
    }

    fn of(file: &Map<String, Value>, reachable: Reachable) -> Result<Self, KeyFileError> {
        let account = required(file, "client_email")?.to_owned();
        let pem = SecretString::from(required(file, "private_key")?);
        let token_uri = text(file, "token_uri").unwrap_or(address::TOKEN);
        let token_uri = Address::parse("the key file's `token_uri`", token_uri, reachable)?;
        let id = text(file, "private_key_id").map(str::to_owned);
        let key = PrivateKey::parse(&pem, id).map_err(|_| KeyFileError::PrivateKey)?;
        Ok(Self { account, client_id: text(file, "client_id").map(str::to_owned), token_uri, key })
    }

    /// The same as a file, with no more in it than is used.
    pub(super) fn to_file(&self) -> Value {
        serde_json::json!({
            "type": "service_account",
            "client_email": self.account,
            "client_id": self.client_id,
            "token_uri": self.token_uri.as_str(),
            "private_key_id": self.key.id(),
            "private_key": self.key.pem().expose_secret(),
        })
    }
}

fn check_type(file: &Map<String, Value>) -> Result<(), KeyFileError> {
    if file.contains_key("installed") || file.contains_key("web") {
        return Err(KeyFileError::OAuthClient);
    }
    match text(file, "type") {
        Some("service_account") => Ok(()),
        Some("authorized_user") => Err(KeyFileError::AuthorizedUser),
        Some("external_account") => Err(KeyFileError::ExternalAccount),
        Some(other) => {
            let is_name =
                other.len() <= 60 && other.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            Err(KeyFileError::OtherType(Described(is_name.then(|| other.to_owned()))))
        }
        None => Err(KeyFileError::Missing("type")),
    }
}

fn text<'a>(file: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    file.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn required<'a>(file: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, KeyFileError> {
    text(file, name).ok_or(KeyFileError::Missing(name))
}

#[cfg(test)]
mod tests;
