//! Sign-in with OpenID Connect (Core 1.0): Usher as the relying party of one provider.
//!
//! The authorization code flow with PKCE (RFC 7636), a state and a nonce. What is said here is *who somebody is*; whether
//! they may sign in is said by `page::openid`, from the admins on record.
//!
//! # Invariants
//!
//! 1. Nothing here opens a connection: requests go through [`ToProvider`], which the binary wires, by its own rules for
//!    what is called and how much is read.
//! 2. Time and chance are the console's: a token's expiry is judged by the injected clock.
//! 3. A token is believed for its signature by a key of the provider, never for where it came from.
//! 4. No error holds a code, a token or a secret.

mod provider;
mod refusal;
mod token;

use std::fmt::Debug;
use std::pin::Pin;

use async_trait::async_trait;
use axum::http::{Request, Response};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
};
use openidconnect::url::ParseError;
use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use usher_model::time::Timestamp;
use usher_store::admin::openid::{Identity, UnderWay};

use self::provider::{Known, Metadata};
pub(crate) use self::refusal::Refusal;
use self::token::Client;

/// Google's address as a provider.
pub const GOOGLE: &str = "https://accounts.google.com";

/// What the provider knows this console by.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The provider's own address, as it says it itself (OpenID Connect Discovery 1.0 §4).
    pub issuer: String,
    /// The id that it gave.
    pub client_id: String,
    /// The secret that it gave.
    pub client_secret: SecretString,
}

/// Carries requests to the provider. It follows no redirects, and bounds time and size.
#[async_trait]
pub trait ToProvider: Send + Sync + Debug {
    /// Sends a request and returns the answer, whatever its status.
    async fn carry(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, NotCarried>;
}

/// Why there is no answer, in words without a full stop and without a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotCarried(pub String);

/// The console, as the provider's relying party.
#[derive(Debug)]
pub struct RelyingParty {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    carrier: Wire,
    known: Mutex<Known>,
}

/// The way to the provider, as the library wants it.
#[derive(Debug)]
struct Wire(Box<dyn ToProvider>);

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = NotCarried;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, NotCarried>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.carry(request).await?;
            // What fails there is nobody's failure here.
            if answer.status().is_server_error() {
                return Err(NotCarried(format!("it answers {}", answer.status().as_u16())));
            }
            Ok(answer)
        })
    }
}

/// Why no token came for a code.
type NoToken = RequestTokenError<NotCarried, StandardErrorResponse<CoreErrorResponseType>>;

/// What makes one sign-in different from every other.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    pub(crate) state: SecretString,
    pub(crate) nonce: String,
    pub(crate) verifier: SecretString,
}

/// Who somebody is, as their provider says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) identity: Identity,
    /// Verified by the provider.
    pub(crate) email: String,
}

impl RelyingParty {
    /// The relying party that a provider knows so. It asks nothing before somebody signs in. An error: the issuer is no URL.
    pub fn new(registration: Registration, carrier: Box<dyn ToProvider>) -> Result<Self, ParseError> {
        let Registration { issuer, client_id, client_secret } = registration;
        Ok(Self {
            issuer: IssuerUrl::new(issuer)?,
            client_id: ClientId::new(client_id),
            client_secret: ClientSecret::new(client_secret.expose_secret().to_owned()),
            carrier: Wire(carrier),
            known: Mutex::default(),
        })
    }

    /// What people call the provider.
    pub(crate) fn name(&self) -> String {
        name_of(&self.issuer)
    }

    /// Where to send somebody, so that they come back to `redirect` and are known.
    pub(crate) async fn address(
        &self,
        redirect: &RedirectUrl,
        chance: &Chance,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let metadata = self.metadata(now).await?;
        let Chance { state, nonce, verifier } = chance;
        let (state, nonce) = (CsrfToken::new(state.expose_secret().to_owned()), Nonce::new(nonce.clone()));
        let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
        let client = self.client(&metadata, redirect);
        let asked = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            // Who was refused with one account is asked for another, not sent back with the same.
            .add_prompt(CoreAuthPrompt::SelectAccount)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(asked.url().0.into())
    }

    /// Who it is that came back with a code: exchanges it, and judges the token that comes for it.
    pub(crate) async fn who(
        &self,
        redirect: &RedirectUrl,
        under_way: &UnderWay,
        came_back: CameBack,
        now: Timestamp,
    ) -> Result<Person, Refusal> {
        let metadata = self.metadata(now).await?;
        let code = self.code(&metadata, came_back)?;
        let verifier = PkceCodeVerifier::new(under_way.verifier.expose_secret().to_owned());
        let client = self.client(&metadata, redirect);
        let exchange = client.exchange_code(code).map_err(|error| self.nonsense(error.to_string()))?;
        let answer = exchange.set_pkce_verifier(verifier).request_async(&self.carrier).await;
        let tokens = answer.map_err(|error| self.no_token(error))?;
        self.believe(&metadata, &tokens, &Nonce::new(under_way.nonce.clone()), now).await
    }

    /// The code of somebody who came back, unless the provider said something else, or another provider said it (RFC 9207).
    fn code(&self, metadata: &Metadata, came_back: CameBack) -> Result<AuthorizationCode, Refusal> {
        let CameBack { code, issuer, error } = came_back;
        let says_issuer = metadata.additional_metadata().says_issuer();
        let is_from_it = issuer.as_deref().map_or(!says_issuer, |issuer| issuer == self.issuer.as_str());
        if !is_from_it {
            return Err(Refusal::not_believed("the answer is another provider's"));
        }
        match (error, code) {
            (Some(error), _) => Err(self.said(&error)),
            (None, Some(code)) => Ok(AuthorizationCode::new(code.expose_secret().to_owned())),
            (None, None) => Err(Refusal::not_believed("the answer has neither a code nor an error")),
        }
    }

    fn said(&self, error: &str) -> Refusal {
        if error == "access_denied" {
            return Refusal::Denied { provider: self.name() };
        }
        let error = error.chars().filter(char::is_ascii_graphic).take(80).collect();
        Refusal::Said { provider: self.name(), error }
    }

    fn client(&self, metadata: &Metadata, redirect: &RedirectUrl) -> Client {
        let takes_basic = metadata
            .token_endpoint_auth_methods_supported()
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let secret = Some(self.client_secret.clone());
        Client::from_provider_metadata(metadata.clone(), self.client_id.clone(), secret)
            .set_redirect_uri(redirect.clone())
            .set_auth_type(if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody })
    }

    fn no_token(&self, error: NoToken) -> Refusal {
        match error {
            // Its description is left out: it may repeat what was sent.
            RequestTokenError::ServerResponse(said) => Refusal::not_believed(format!(
                "the provider gives no token for the code: {}",
                token::shown(said.error().as_ref())
            )),
            RequestTokenError::Request(NotCarried(why)) => self.not_reached(why),
            RequestTokenError::Parse(error, _) => {
                Refusal::not_believed(format!("the answer to the code is no token: {}", error.path()))
            }
            RequestTokenError::Other(why) => {
                Refusal::not_believed(format!("the answer to the code is no token: {}", token::shown(&why)))
            }
        }
    }

    fn not_reached(&self, why: String) -> Refusal {
        Refusal::NotReached { provider: self.name(), why }
    }

    fn nonsense(&self, why: impl Into<String>) -> Refusal {
        self.not_reached(why.into())
    }
}

/// What somebody brought back from the provider.
#[derive(Debug)]
pub(crate) struct CameBack {
    pub(crate) code: Option<SecretString>,
    /// Whose answer it is (RFC 9207).
    pub(crate) issuer: Option<String>,
    /// What the provider says instead of a code (RFC 6749 §4.1.2.1).
    pub(crate) error: Option<String>,
}

/// What people call a provider: Google, or its host.
pub(crate) fn name_of(issuer: &str) -> String {
    if issuer == GOOGLE {
        return "Google".to_owned();
    }
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_called_by_its_host_and_google_by_its_name() {
        let names = [GOOGLE, "https://id.example.com/realms/staff", "http://127.0.0.1:9000"].map(name_of);
        assert_eq!(names, ["Google", "id.example.com", "127.0.0.1:9000"]);
    }
}
