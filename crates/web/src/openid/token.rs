//! Judges an ID token (OpenID Connect Core 1.0 §3.1.3.7): who it is about, if it is believed.

use std::error::Error as _;

use chrono::DateTime;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdToken, IdTokenClaims, IdTokenFields, IdTokenVerifier, IssuerUrl, Nonce,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;
use usher_store::admin::openid::Identity;

use super::name::{GOOGLE, name_of};
use super::provider::Metadata;
use super::refusal::{Refusal, shown};

/// The signatures that are believed: by a key pair, never by the client's secret, and never none.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What Google says besides: the domain of the organisation that somebody belongs to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Hosted {
    hd: Option<String>,
}

impl AdditionalClaims for Hosted {}

type Claims = IdTokenClaims<Hosted, CoreGenderClaim>;
type Token = IdToken<Hosted, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// What comes for a code.
pub(super) type Tokens = StandardTokenResponse<
    IdTokenFields<
        Hosted,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// The library's client, of a provider whose endpoints are known.
pub(super) type Client = openidconnect::Client<
    Hosted,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Who somebody is, as their provider says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) identity: Identity,
    /// Verified by the provider.
    pub(crate) email: String,
}

/// What a token has to say to be believed.
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a ClientId,
    pub(super) issuer: &'a IssuerUrl,
    pub(super) nonce: &'a Nonce,
    pub(super) now: Timestamp,
}

/// Why a token is not believed.
pub(super) enum Unbelieved {
    /// By none of the keys that are known: the provider may have others by now.
    UnknownKey,
    Refused(Refusal),
}

impl From<Unbelieved> for Refusal {
    fn from(unbelieved: Unbelieved) -> Self {
        match unbelieved {
            Unbelieved::UnknownKey => {
                Self::not_believed("the token is signed with a key that is not the provider's")
            }
            Unbelieved::Refused(refusal) => refusal,
        }
    }
}

impl Expected<'_> {
    /// Who the token is about that came for a code.
    pub(super) fn judge(&self, metadata: &Metadata, tokens: &Tokens) -> Result<Person, Unbelieved> {
        let Some(token) = tokens.id_token() else {
            return Err(Unbelieved::Refused(Refusal::not_believed("there is no ID token in the answer")));
        };
        let claims = self.claims(metadata, token).map_err(|error| match &error {
            error if is_of_unknown_key(error) => Unbelieved::UnknownKey,
            error => Unbelieved::Refused(Refusal::not_believed(why(error))),
        })?;
        self.person(claims).map_err(Unbelieved::Refused)
    }

    fn claims<'t>(
        &self,
        metadata: &Metadata,
        token: &'t Token,
    ) -> Result<&'t Claims, ClaimsVerificationError> {
        let now = DateTime::from_timestamp_micros(self.now.as_micros()).unwrap_or(DateTime::UNIX_EPOCH);
        let (client, keys) = (self.client_id.clone(), metadata.jwks().clone());
        let verifier =
            IdTokenVerifier::<CoreJsonWebKey>::new_public_client(client, self.issuer.clone(), keys)
                .set_allowed_algs(ALGORITHMS)
                .set_time_fn(move || now);
        token.claims(&verifier, self.nonce)
    }

    fn person(&self, claims: &Claims) -> Result<Person, Refusal> {
        let provider = || name_of(self.issuer);
        if claims.authorized_party().is_some_and(|party| party != self.client_id) {
            return Err(Refusal::not_believed("the token was made for another client"));
        }
        let Some(email) = claims.email() else { return Err(Refusal::NoAddress { provider: provider() }) };
        let email = email.as_str().to_owned();
        if claims.email_verified() != Some(true) {
            return Err(Refusal::NotVerified { provider: provider(), email });
        }
        // Google vouches for addresses of an organisation alone: anybody can make themselves an account with one of elsewhere.
        let belongs = claims.additional_claims().hd.as_ref().is_some_and(|domain| !domain.is_empty());
        if self.issuer.as_str() == GOOGLE && !belongs {
            return Err(Refusal::NotOfAnOrganisation { email });
        }
        let (issuer, subject) = (self.issuer.as_str().to_owned(), claims.subject().as_str().to_owned());
        Ok(Person { identity: Identity { issuer, subject }, email })
    }
}

fn is_of_unknown_key(error: &ClaimsVerificationError) -> bool {
    matches!(error, ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
}

/// What is wrong with a token, for the log.
fn why(error: &ClaimsVerificationError) -> String {
    // Of a signature, only the inner error says what it is.
    let inner = error.source().map(|inner| format!(": {inner}")).unwrap_or_default();
    shown(&format!("{error}{inner}"))
}
