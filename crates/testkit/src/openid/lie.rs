//! What a provider, or somebody who plays one, can do wrong.

/// One thing that is not as it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// The token has another nonce.
    Nonce,
    /// The token has no nonce.
    NoNonce,
    /// The token is for another client.
    Audience,
    /// The token is for another client as well.
    FurtherAudience,
    /// The token was made for another client, though it is for this one as well.
    AuthorizedParty,
    /// The token is another provider's.
    Issuer,
    /// The answer to the authorization says that it is another provider's (RFC 9207).
    AnswersIssuer,
    /// The answer to the authorization does not say whose it is, though the provider says that it does.
    NoAnswersIssuer,
    /// The token's signature is another key's.
    Signature,
    /// The token is signed with the client's secret.
    SharedSecret,
    /// The token is not signed.
    NoSignature,
    /// The token expired a second ago.
    Expired,
    /// The person says no.
    Denied,
    /// It takes no basic authentication, and wants the client's secret in the body.
    SecretInBody,
    /// What it says of itself names another issuer.
    DiscoversIssuer,
    /// Every answer but that to the authorization is an error.
    Broken,
    /// It names a token endpoint without TLS on another machine.
    PlainTokenEndpoint,
}
