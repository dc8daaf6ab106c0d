//! Asking: the metadata server; or the workload's own token, then the security token service, then, where the
//! configuration says so, IAM Credentials.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use usher_protocol::http::Method;
use usher_protocol::oauth::{self, TokenError, keyless};

use super::Ambient;
use super::configuration::{Source, Workload};
use super::error::AmbientError;
use crate::carrier::{Carrier, Message};
use crate::google::form;
use crate::transport::TransportError;

/// The longest token of another provider that is read.
const MAX_TOKEN_BYTES: u64 = 65_536;
/// A metadata server is on the machine itself: it answers at once, or it is not there.
const METADATA_TIMEOUT: Duration = Duration::from_secs(5);

impl Ambient {
    /// A token with which IAM Credentials can be asked.
    pub(crate) async fn token(
        &self,
        carrier: &dyn Carrier,
        timeout: Duration,
    ) -> Result<SecretString, AmbientError> {
        match self {
            Self::Machine(url) => machine(url, carrier).await,
            Self::Workload(workload) => workload.token(carrier, timeout).await,
        }
    }
}

async fn machine(root: &str, carrier: &dyn Carrier) -> Result<SecretString, AmbientError> {
    let url = keyless::machine_token().url(root);
    let headers = [("Metadata-Flavor", "Google")];
    let message = Message { headers: &headers, ..Message::new(Method::Get, &url) };
    let answer = carrier.carry(&message, METADATA_TIMEOUT).await;
    let answer =
        answer.map_err(|error| AmbientError::NoMetadata { url: root.to_owned(), said: said(error) })?;
    match (answer.status, oauth::read_token(&answer)) {
        (_, Ok(token)) => Ok(token.value.into()),
        (404, Err(_)) => Err(AmbientError::NoMachineAccount),
        (status, Err(_)) => Err(AmbientError::MetadataRefused { status }),
    }
}

impl Workload {
    async fn token(&self, carrier: &dyn Carrier, timeout: Duration) -> Result<SecretString, AmbientError> {
        let own = self.own_token(carrier, timeout).await?;
        let token = self.exchanged(&own, carrier, timeout).await?;
        match &self.impersonation_url {
            Some(url) => impersonated(url, &token, carrier, timeout).await,
            None => Ok(token),
        }
    }

    /// The token of the workload's own provider.
    async fn own_token(
        &self,
        carrier: &dyn Carrier,
        timeout: Duration,
    ) -> Result<SecretString, AmbientError> {
        let (place, text) = match &self.source {
            Source::File(path) => (path.clone(), of_file(path).await),
            Source::Url { url, headers } => {
                let place = url.split(['?', '#']).next().unwrap_or_default().to_owned();
                (place, of_url(url, headers, carrier, timeout).await)
            }
        };
        let wrong = |said: &str| AmbientError::Subject { place: place.clone(), said: said.to_owned() };
        let text = text.map_err(|said| wrong(&said))?;
        let token = match &self.field {
            None => Some(text.trim().to_owned()),
            Some(field) => serde_json::from_str::<Value>(&text)
                .ok()
                .and_then(|json| json.get(field).and_then(Value::as_str).map(str::to_owned)),
        };
        let token = token.filter(|token| !token.is_empty()).ok_or_else(|| wrong("it holds no token"))?;
        Ok(token.into())
    }

    async fn exchanged(
        &self,
        own: &SecretString,
        carrier: &dyn Carrier,
        timeout: Duration,
    ) -> Result<SecretString, AmbientError> {
        let form = keyless::workload_form(&self.audience, own.expose_secret(), &self.subject_token_type);
        let body = form::encoded(&form);
        let spelt = form::spelt(own);
        let message = Message {
            body: Some((form::CONTENT_TYPE, &body)),
            hidden: &[own, &spelt],
            ..Message::new(Method::Post, self.token_url.as_str())
        };
        let answer = carrier.carry(&message, timeout).await;
        let answer = answer.map_err(|error| unreached("the security token service", error))?;
        let token = oauth::read_token(&answer).map_err(|error| match error {
            TokenError::InvalidGrant(said) => AmbientError::NotTaken(said),
            TokenError::UnauthorizedClient
            | TokenError::InvalidClient
            | TokenError::InvalidScope(_)
            | TokenError::Refused { .. }
            | TokenError::NoToken => AmbientError::Exchange(error),
        })?;
        Ok(token.value.into())
    }
}

async fn of_file(path: &str) -> Result<String, String> {
    let read = async {
        let file = tokio::fs::File::open(path).await?;
        let mut text = String::new();
        file.take(MAX_TOKEN_BYTES).read_to_string(&mut text).await?;
        Ok::<_, std::io::Error>(text)
    };
    read.await.map_err(|error| error.kind().to_string())
}

async fn of_url(
    url: &str,
    headers: &[(String, SecretString)],
    carrier: &dyn Carrier,
    timeout: Duration,
) -> Result<String, String> {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
    let message = Message { headers: &headers, ..Message::new(Method::Get, url) };
    let answer = carrier.carry(&message, timeout).await.map_err(said)?;
    if !answer.is_success() {
        return Err(format!("it answered {}", answer.status));
    }
    String::from_utf8(answer.body).map_err(|_| "it is not text".to_owned())
}

async fn impersonated(
    url: &str,
    token: &SecretString,
    carrier: &dyn Carrier,
    timeout: Duration,
) -> Result<SecretString, AmbientError> {
    let body = SecretString::from(keyless::access_token_body().to_string());
    let message = Message {
        bearer: Some(token),
        body: Some(("application/json", &body)),
        ..Message::new(Method::Post, url)
    };
    let answer = carrier.carry(&message, timeout).await;
    let answer = answer.map_err(|error| unreached("IAM Credentials", error))?;
    let token = keyless::read_access_token(&answer).map_err(AmbientError::Impersonation)?;
    Ok(token.value.into())
}

fn unreached(what: &'static str, error: TransportError) -> AmbientError {
    AmbientError::Unreached { what, said: said(error) }
}

/// What became of a request, without whose it was.
pub(crate) fn said(error: TransportError) -> String {
    match error {
        TransportError::NotSent(said) | TransportError::NoAnswer(said) => said,
    }
}
