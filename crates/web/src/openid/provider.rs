//! What a provider says of itself (OpenID Connect Discovery 1.0), and its keys: asked for when they are needed, and kept
//! for a while.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::url::{Host, Url};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, JsonWebKeySet, ProviderMetadata};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use usher_model::time::Timestamp;

use super::name::name_of;
use super::refusal::{Refusal, shown};
use super::wire::{NotCarried, Wire};

/// How long it is believed what a provider said of itself.
const KEPT_FOR: Duration = Duration::from_hours(1);
/// How long a provider that could not be reached is not asked again: everybody who tries would wait for it.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(10);
/// How often keys may be asked for because a token names one that is not known: strangers can name any.
const KEYS_EVERY: Duration = Duration::from_mins(1);

/// What a provider says of itself, with its keys.
pub(super) type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What newer documents have added.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Further {
    /// Whether it says whose its answers are (RFC 9207 §3).
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for Further {}

impl Further {
    /// Whether an answer that does not say whose it is, is not its own.
    pub(super) fn says_issuer(&self) -> bool {
        self.authorization_response_iss_parameter_supported.unwrap_or(false)
    }
}

/// What is known of the provider.
#[derive(Debug, Default)]
enum Known {
    #[default]
    Nothing,
    /// It could not be reached.
    Silent {
        since: Timestamp,
        refusal: Refusal,
    },
    Said {
        metadata: Arc<Metadata>,
        at: Timestamp,
        keys_at: Timestamp,
    },
}

/// A provider, and what is known of it.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) issuer: IssuerUrl,
    pub(super) wire: Wire,
    known: Mutex<Known>,
}

impl Provider {
    /// One of which nothing is known yet.
    pub(super) fn new(issuer: IssuerUrl, wire: Wire) -> Self {
        Self { issuer, wire, known: Mutex::default() }
    }

    /// What people call it.
    pub(super) fn name(&self) -> String {
        name_of(&self.issuer)
    }

    /// Why nobody is signed in where it does not answer as a provider does.
    pub(super) fn not_reached(&self, why: impl Into<String>) -> Refusal {
        Refusal::NotReached { provider: self.name(), why: why.into() }
    }

    /// What the provider says of itself. Whoever comes while it is asked waits for the same answer.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Refusal> {
        let mut known = self.known.lock().await;
        match &*known {
            Known::Said { metadata, at, .. } if now.since(*at) < KEPT_FOR => return Ok(Arc::clone(metadata)),
            Known::Silent { since, refusal } if now.since(*since) < LEFT_ALONE_FOR => {
                return Err(refusal.clone());
            }
            Known::Nothing | Known::Said { .. } | Known::Silent { .. } => {}
        }
        match self.ask().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known::Said { metadata: Arc::clone(&metadata), at: now, keys_at: now };
                Ok(metadata)
            }
            Err(refusal) => {
                *known = Known::Silent { since: now, refusal: refusal.clone() };
                Err(refusal)
            }
        }
    }

    /// The provider's keys as they are now, where `metadata` may have older ones. None: they were asked for just now.
    pub(super) async fn newer_keys(
        &self,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<Option<Arc<Metadata>>, Refusal> {
        let mut known = self.known.lock().await;
        let Known::Said { metadata: latest, keys_at, .. } = &mut *known else { return Ok(None) };
        if latest.jwks() != metadata.jwks() {
            return Ok(Some(Arc::clone(latest)));
        }
        if now.since(*keys_at) < KEYS_EVERY {
            return Ok(None);
        }
        *keys_at = now;
        let keys = JsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.wire).await;
        let keys = keys.map_err(|error| self.silent(error))?;
        *latest = Arc::new(metadata.clone().set_jwks(keys));
        Ok(Some(Arc::clone(latest)))
    }

    async fn ask(&self) -> Result<Metadata, Refusal> {
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.wire).await;
        let metadata = metadata.map_err(|error| self.silent(error))?;
        let Some(token_endpoint) = metadata.token_endpoint() else {
            return Err(self.not_reached("it names no token endpoint"));
        };
        for url in [metadata.authorization_endpoint().url(), token_endpoint.url(), metadata.jwks_uri().url()]
        {
            if !may_be_used(url, &self.issuer) {
                return Err(self.not_reached("it names an endpoint without https"));
            }
        }
        Ok(metadata)
    }

    fn silent(&self, error: DiscoveryError<NotCarried>) -> Refusal {
        match error {
            DiscoveryError::Request(NotCarried(why)) => self.not_reached(why),
            DiscoveryError::Response(status, _, _) if !status.is_success() => {
                self.not_reached(format!("it answers {}", status.as_u16()))
            }
            DiscoveryError::Response(..) => self.not_reached("its answer is no JSON"),
            DiscoveryError::Parse(error) => {
                self.not_reached(format!("its answer lacks or mistakes {}", shown(&error.path().to_string())))
            }
            DiscoveryError::Validation(why) | DiscoveryError::Other(why) => self.not_reached(shown(&why)),
            error @ DiscoveryError::UrlParse(_) | error => self.not_reached(shown(&error.to_string())),
        }
    }
}

/// Whether an endpoint is encrypted, or as near as its issuer, which the configuration has let pass.
fn may_be_used(url: &Url, issuer: &IssuerUrl) -> bool {
    let is_near = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_near && issuer.url().scheme() == "http"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_encrypted_unless_provider_and_endpoint_are_on_this_machine() {
        let may = |url: &str, issuer: &str| {
            may_be_used(&Url::parse(url).unwrap(), &IssuerUrl::new(issuer.to_owned()).unwrap())
        };
        assert!(may("https://oauth2.example/token", "https://id.example"));
        assert!(may("http://127.0.0.1:9/token", "http://localhost:9"));
        assert!(!may("http://oauth2.example/token", "https://id.example"));
        assert!(!may("http://127.0.0.1:9/token", "https://id.example"));
        assert!(!may("http://oauth2.example/token", "http://127.0.0.1:9"));
    }
}
