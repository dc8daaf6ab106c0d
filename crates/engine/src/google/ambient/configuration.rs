//! The configuration of workload identity federation: a file of type `external_account` (AIP-4117).

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::error::AmbientError;
use super::is_near;
use crate::endpoint::Reachable;
use crate::google::address::Address;

/// How a workload's own token becomes one of Google Cloud.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The provider that the token is for.
    pub(crate) audience: String,
    /// What the token is: `urn:ietf:params:oauth:token-type:jwt`, …
    pub(crate) subject_token_type: String,
    /// The security token service.
    pub(crate) token_url: Address,
    /// Where the token becomes that of a service account; none: it is used as it is.
    pub(crate) impersonation_url: Option<String>,
    pub(crate) source: Source,
    /// The field that holds the token, where what is read is JSON.
    pub(crate) field: Option<String>,
}

/// Where the workload's own token is.
#[derive(Clone)]
pub(crate) enum Source {
    File(String),
    Url { url: String, headers: Vec<(String, SecretString)> },
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File(..)",
            Self::Url { .. } => "Url(..)",
        })
    }
}

impl Workload {
    /// Reads the file.
    pub(crate) fn parse(file: &SecretString, reachable: Reachable) -> Result<Self, AmbientError> {
        let file: Map<String, Value> =
            serde_json::from_str(file.expose_secret()).map_err(|_| AmbientError::NotJson)?;
        match text(&file, "type") {
            Some("external_account") => {}
            Some("service_account") => return Err(AmbientError::Key),
            Some("authorized_user") => return Err(AmbientError::Person),
            Some(_) | None => return Err(AmbientError::OtherType),
        }
        let address = |what, text: &str| Address::parse(what, text, reachable);
        let impersonation_url = text(&file, "service_account_impersonation_url");
        if let Some(url) = impersonation_url {
            address("the configuration's `service_account_impersonation_url`", url)?;
        }
        let (source, field) = source(&file, reachable)?;
        Ok(Self {
            audience: required(&file, "audience")?,
            subject_token_type: required(&file, "subject_token_type")?,
            token_url: address("the configuration's `token_url`", &required(&file, "token_url")?)?,
            impersonation_url: impersonation_url.map(str::to_owned),
            source,
            field,
        })
    }
}

fn source(file: &Map<String, Value>, reachable: Reachable) -> Result<(Source, Option<String>), AmbientError> {
    let missing = AmbientError::Missing("credential_source");
    let Some(Value::Object(source)) = file.get("credential_source") else { return Err(missing) };
    if source.contains_key("executable") {
        return Err(AmbientError::Unsupported("a program"));
    }
    if source.contains_key("environment_id") {
        return Err(AmbientError::Unsupported("AWS"));
    }
    if source.contains_key("certificate") {
        return Err(AmbientError::Unsupported("a certificate"));
    }
    let found = match (text(source, "file"), text(source, "url")) {
        (Some(path), _) => Source::File(path.to_owned()),
        (None, Some(url)) => Source::Url { url: subject_url(url, reachable)?, headers: headers(source) },
        (None, None) => return Err(missing),
    };
    let format = source.get("format").and_then(Value::as_object);
    let is_json = format.is_some_and(|format| text(format, "type") == Some("json"));
    let name = format.and_then(|format| text(format, "subject_token_field_name")).map(str::to_owned);
    if is_json && name.is_none() {
        return Err(AmbientError::Missing("subject_token_field_name"));
    }
    Ok((found, name.filter(|_| is_json)))
}

/// Some providers are on the machine itself (`http`, a link-local address) and take a query.
fn subject_url(text: &str, reachable: Reachable) -> Result<String, AmbientError> {
    let what = "the configuration's `credential_source.url`";
    let mut bare = text.to_owned();
    bare.truncate(text.find(['?', '#']).unwrap_or(text.len()));
    if !Url::parse(text).is_ok_and(|url| url.scheme() == "http" && is_near(&url)) {
        Address::parse(what, &bare, reachable)?;
    }
    Ok(text.to_owned())
}

fn headers(source: &Map<String, Value>) -> Vec<(String, SecretString)> {
    let headers = source.get("headers").and_then(Value::as_object).into_iter().flatten();
    headers.filter_map(|(name, value)| Some((name.clone(), SecretString::from(value.as_str()?)))).collect()
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn required(file: &Map<String, Value>, name: &'static str) -> Result<String, AmbientError> {
    text(file, name).map(str::to_owned).ok_or(AmbientError::Missing(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn whole() -> Value {
        json!({
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "https://sts.googleapis.com/v1/token",
            "credential_source": {"file": "/var/run/token"},
        })
    }

    fn with(name: &str, value: Value) -> Result<Workload, AmbientError> {
        let mut file = whole();
        file[name] = value;
        Workload::parse(&file.to_string().into(), Reachable::default())
    }

    #[test]
    fn a_workloads_token_comes_from_a_file_or_a_url() {
        let file = with("credential_source", json!({"file": "/var/run/token"})).unwrap();
        assert!(matches!(file.source, Source::File(path) if path == "/var/run/token"));
        let url = json!({
            "url": "http://169.254.169.254/metadata/identity/oauth2/token?resource=x",
            "headers": {"Metadata": "True"},
            "format": {"type": "json", "subject_token_field_name": "access_token"},
        });
        let url = with("credential_source", url).unwrap();
        assert_eq!(url.field.as_deref(), Some("access_token"));
    }

    #[test]
    fn each_file_that_does_not_do_gets_its_own_sentence() {
        let wrong = [
            with("type", json!("service_account")),
            with("type", json!("authorized_user")),
            with("type", json!("gdch_service_account")),
            with("audience", json!("")),
            with("token_url", json!("http://sts.example.com/v1/token")),
            with("credential_source", json!({"executable": {"command": "x"}})),
            with("credential_source", json!({"environment_id": "aws1"})),
            with("credential_source", json!({"url": "http://10.0.0.1/token"})),
            with("credential_source", json!({"file": "x", "format": {"type": "json"}})),
            Workload::parse(&SecretString::from("[]"), Reachable::default()),
        ];
        let mut sentences: Vec<_> = wrong.into_iter().map(|wrong| wrong.unwrap_err().to_string()).collect();
        let n = sentences.len();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), n, "{sentences:#?}");
    }
}
