//! The console as a relying party: where it sends people, and who it is that comes back.

use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
};
use openidconnect::url::ParseError;
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
};
use secrecy::{ExposeSecret as _, SecretString};
use usher_model::time::Timestamp;
use usher_store::admin::openid::UnderWay;

use super::provider::{Metadata, Provider};
use super::refusal::{Refusal, shown};
use super::token::{Client, Expected, Person, Unbelieved};
use super::wire::{NotCarried, ToProvider, Wire};

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

/// The console, as the provider's relying party.
#[derive(Debug)]
pub struct RelyingParty {
    provider: Provider,
    client_id: ClientId,
    client_secret: ClientSecret,
}

/// What makes one sign-in different from every other.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    pub(crate) state: SecretString,
    pub(crate) nonce: String,
    pub(crate) verifier: SecretString,
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

impl RelyingParty {
    /// The relying party that a provider knows so. It asks nothing before somebody signs in. An error: the issuer is no URL.
    pub fn new(registration: Registration, carrier: Box<dyn ToProvider>) -> Result<Self, ParseError> {
        let Registration { issuer, client_id, client_secret } = registration;
        Ok(Self {
            provider: Provider::new(IssuerUrl::new(issuer)?, Wire(carrier)),
            client_id: ClientId::new(client_id),
            client_secret: ClientSecret::new(client_secret.expose_secret().to_owned()),
        })
    }

    /// What people call the provider.
    pub(crate) fn name(&self) -> String {
        self.provider.name()
    }

    /// Where to send somebody, so that they come back to `redirect` and are known.
    pub(crate) async fn address(
        &self,
        redirect: &RedirectUrl,
        chance: &Chance,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let metadata = self.provider.metadata(now).await?;
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
        let metadata = self.provider.metadata(now).await?;
        let code = self.code(&metadata, came_back)?;
        let verifier = PkceCodeVerifier::new(under_way.verifier.expose_secret().to_owned());
        let client = self.client(&metadata, redirect);
        let exchange =
            client.exchange_code(code).map_err(|error| self.provider.not_reached(error.to_string()))?;
        let answer = exchange.set_pkce_verifier(verifier).request_async(&self.provider.wire).await;
        let tokens = answer.map_err(|error| self.no_token(error))?;
        let nonce = Nonce::new(under_way.nonce.clone());
        let expected =
            Expected { client_id: &self.client_id, issuer: &self.provider.issuer, nonce: &nonce, now };
        // A key that is not known is asked for, for providers change theirs.
        let judged = match expected.judge(&metadata, &tokens) {
            Err(Unbelieved::UnknownKey) => match self.provider.newer_keys(&metadata, now).await? {
                Some(newer) => expected.judge(&newer, &tokens),
                None => Err(Unbelieved::UnknownKey),
            },
            judged => judged,
        };
        judged.map_err(Refusal::from)
    }

    /// The code of somebody who came back, unless the provider said something else, or another provider said it (RFC 9207).
    fn code(&self, metadata: &Metadata, came_back: CameBack) -> Result<AuthorizationCode, Refusal> {
        let CameBack { code, issuer, error } = came_back;
        let says_issuer = metadata.additional_metadata().says_issuer();
        let is_from_it =
            issuer.as_deref().map_or(!says_issuer, |issuer| issuer == self.provider.issuer.as_str());
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
                shown(said.error().as_ref())
            )),
            RequestTokenError::Request(NotCarried(why)) => self.provider.not_reached(why),
            RequestTokenError::Parse(error, _) => {
                Refusal::not_believed(format!("the answer to the code is no token: {}", error.path()))
            }
            RequestTokenError::Other(why) => {
                Refusal::not_believed(format!("the answer to the code is no token: {}", shown(&why)))
            }
        }
    }
}

/// Why no token came for a code.
type NoToken = RequestTokenError<NotCarried, StandardErrorResponse<CoreErrorResponseType>>;
