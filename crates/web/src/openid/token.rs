//! Judges an ID token (OpenID Connect Core 1.0 §3.1.3.7): who it is about, if it is believed.

use std::error::Error as _;

use chrono::DateTime;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdToken, IdTokenClaims, IdTokenFields, IdTokenVerifier, Nonce, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;
use usher_store::admin::openid::Identity;

use super::provider::Metadata;
use super::{GOOGLE, Person, Refusal, RelyingParty};

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

impl RelyingParty {
    /// Who the token is about. A key that is not known is asked for, for providers change theirs.
    pub(super) async fn believe(
        &self,
        metadata: &Metadata,
        tokens: &Tokens,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<Person, Refusal> {
        let Some(token) = tokens.id_token() else {
            return Err(Refusal::not_believed("there is no ID token in the answer"));
        };
        let claims = match self.claims(metadata, token, nonce, now) {
            Err(error) if is_of_unknown_key(&error) => match self.newer_keys(metadata, now).await? {
                Some(newer) => self.claims(&newer, token, nonce, now),
                None => Err(error),
            },
            judged => judged,
        };
        self.person(claims.map_err(|error| Refusal::not_believed(why(&error)))?)
    }

    fn claims<'t>(
        &self,
        metadata: &Metadata,
        token: &'t Token,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<&'t Claims, ClaimsVerificationError> {
        let instant = DateTime::from_timestamp_micros(now.as_micros()).unwrap_or(DateTime::UNIX_EPOCH);
        let (client, keys) = (self.client_id.clone(), metadata.jwks().clone());
        let verifier =
            IdTokenVerifier::<CoreJsonWebKey>::new_public_client(client, self.issuer.clone(), keys)
                .set_allowed_algs(ALGORITHMS)
                .set_time_fn(move || instant);
        token.claims(&verifier, nonce)
    }

    fn person(&self, claims: &Claims) -> Result<Person, Refusal> {
        let provider = || self.name();
        if claims.authorized_party().is_some_and(|party| *party != self.client_id) {
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

/// What somebody else said, fit for a log: on one line, and not longer than one.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
