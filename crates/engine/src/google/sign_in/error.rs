//! Each way in which Google refuses to let somebody in, with what was wrong and what an administrator clicks to mend it.
//!
//! Google tells most of them apart in the words of `error_description` alone (reference §3). Words that are not known are
//! passed on as they are.

use usher_model::time::Timestamp;
use usher_protocol::oauth::keyless::CloudError;
use usher_protocol::oauth::{TokenError, scope};

use crate::google::ambient::error::AmbientError;
use crate::google::ambient::subject::said;
use crate::google::credential::Credential;
use crate::transport::TransportError;

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Scopes are not delegated to the account, or none is.
    #[error(
        "the service account {account} may not act as {admin} with every scope that is asked for: in the Admin console \
         (Security > Access and data control > API controls > Manage domain-wide delegation) add or edit {client} with \
         these scopes: {scopes}; it may take some minutes until Google goes by it"
    )]
    NotDelegated {
        /// The service account.
        account: String,
        /// Whom it would act as.
        admin: String,
        /// What it is called in the Admin console.
        client: String,
        /// What was asked for, as it is pasted there.
        scopes: String,
    },
    /// The key is not one of the account's.
    #[error(
        "Google does not know the key with which {account} signs: it was deleted or disabled; make a new one \
         (Google Cloud console, IAM & Admin > Service Accounts > the account > Keys) and give it to the directory with \
         `usher directory authorize`"
    )]
    Key {
        /// The service account.
        account: String,
    },
    /// The clock.
    #[error(
        "Google does not take signatures of this machine's time, which is {now}: its clock is wrong; set it, and have \
         it kept right (NTP)"
    )]
    Clock {
        /// What time the machine thinks it is.
        now: String,
    },
    /// The administrator.
    #[error(
        "Google lets nobody sign in as {admin}: the address is not that of a person, or the person is suspended, \
         archived or deleted; look in the Admin console (Directory > Users), or name another administrator"
    )]
    Admin {
        /// The address.
        admin: String,
    },
    /// The service account.
    #[error(
        "Google does not know the service account {account}: it was deleted or disabled (Google Cloud console, IAM & \
         Admin > Service Accounts)"
    )]
    Account {
        /// Its address.
        account: String,
    },
    /// The endpoint is not the one that the assertion names.
    #[error(
        "the token endpoint {uri} says that it is called otherwise: {said}; correct `token_uri` in the key file"
    )]
    Audience {
        /// Where it was asked.
        uri: String,
        /// What it said.
        said: String,
    },
    /// A scope that Google does not have.
    #[error("Google does not know a scope that was asked for: {0}")]
    Scope(String),
    /// The service account may not be signed for.
    #[error(
        "this process may not sign as {account}: grant its own identity the role Service Account Token Creator on that \
         account (Google Cloud console, IAM & Admin > Service Accounts > the account > Permissions > Grant access); \
         Google said: {said}"
    )]
    TokenCreator {
        /// The account to be signed for.
        account: String,
        /// What was said.
        said: String,
    },
    /// IAM Credentials is not switched on.
    #[error(
        "IAM Credentials is off: enable the IAM Service Account Credentials API (Google Cloud console, APIs & \
         Services > Library); Google said: {0}"
    )]
    IamOff(String),
    /// Any other refusal to sign.
    #[error("IAM Credentials does not sign as {account}: {error}")]
    Signing {
        /// The account to be signed for.
        account: String,
        /// What was said.
        error: CloudError,
    },
    /// The key does not sign, although it did when it was read.
    #[error(
        "the key of {account} does not sign: give the directory its key file again with `usher directory authorize`"
    )]
    NoSignature {
        /// The service account.
        account: String,
    },
    /// Any other refusal of the token endpoint.
    #[error("Google gave {account} no access token: {error}")]
    Refused {
        /// The service account.
        account: String,
        /// What was said.
        error: TokenError,
    },
    /// No ambient token.
    #[error(transparent)]
    Ambient(#[from] AmbientError),
    /// No answer.
    #[error("{what} cannot be reached: {said}")]
    Unreached {
        /// Who was asked.
        what: String,
        /// What became of the request.
        said: String,
    },
}

/// What the token endpoint was asked.
pub(super) struct Asked<'a> {
    pub(super) credential: &'a Credential,
    pub(super) scopes: &'a [&'a str],
    pub(super) uri: &'a str,
    pub(super) now: Timestamp,
}

impl SignInError {
    pub(super) fn unreached(what: String, error: TransportError) -> Self {
        Self::Unreached { what, said: said(error) }
    }

    /// What a refusal of IAM Credentials means.
    pub(super) fn of_signing(account: &str, error: CloudError) -> Self {
        let account = account.to_owned();
        let is_off = error.message.contains("has not been used") || error.message.contains("disabled");
        match error.status {
            403 if is_off => Self::IamOff(error.message),
            403 => Self::TokenCreator { account, said: error.message },
            404 => Self::Account { account },
            _ => Self::Signing { account, error },
        }
    }

    /// What a refusal of the token endpoint means.
    pub(super) fn of_exchange(asked: &Asked<'_>, error: TokenError) -> Self {
        let Asked { credential, scopes, .. } = asked;
        let account = credential.account().to_owned();
        match error {
            TokenError::UnauthorizedClient => Self::NotDelegated {
                client: client(credential),
                admin: credential.admin().unwrap_or(&account).to_owned(),
                scopes: scopes.iter().map(|name| scope(name)).collect::<Vec<_>>().join(","),
                account,
            },
            TokenError::InvalidGrant(said) => Self::of_grant(asked, said),
            TokenError::InvalidClient => Self::Account { account },
            TokenError::InvalidScope(said) => Self::Scope(said),
            TokenError::Refused { .. } | TokenError::NoToken => Self::Refused { account, error },
        }
    }

    /// `invalid_grant` is many things; the description tells.
    fn of_grant(asked: &Asked<'_>, said: String) -> Self {
        let Asked { credential, uri, now, .. } = asked;
        let account = credential.account().to_owned();
        let words = said.to_lowercase();
        let has = |part: &str| words.contains(part);
        match credential.admin() {
            _ if has("signature") => Self::Key { account },
            _ if has("timeframe") || has("iat and exp") => Self::Clock { now: now.to_string() },
            _ if has("audience") => Self::Audience { uri: (*uri).to_owned(), said },
            _ if has("account not found") => Self::Account { account },
            Some(admin) if has("user id") || has("disabled") || has("suspended") || has("deleted") => {
                Self::Admin { admin: admin.to_owned() }
            }
            Some(_) | None => Self::Refused { account, error: TokenError::InvalidGrant(said) },
        }
    }

    /// Whether asking again in a moment may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreached { .. } | Self::Refused { error: TokenError::NoToken, .. } => true,
            Self::Refused { error, .. } => error.is_transient(),
            Self::Signing { error, .. } => error.is_transient(),
            Self::Ambient(error) => error.is_passing(),
            Self::NotDelegated { .. }
            | Self::Key { .. }
            | Self::Clock { .. }
            | Self::Admin { .. }
            | Self::Account { .. }
            | Self::Audience { .. }
            | Self::Scope(_)
            | Self::TokenCreator { .. }
            | Self::IamOff(_)
            | Self::NoSignature { .. } => false,
        }
    }
}

/// What the account is called where scopes are delegated.
fn client(credential: &Credential) -> String {
    match credential.client_id() {
        Some(id) => format!("the client ID {id}"),
        None => format!(
            "the client ID of {} (its Unique ID: Google Cloud console, IAM & Admin > Service Accounts > the account)",
            credential.account()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential() -> Credential {
        Credential::keyless("usher@p.iam.gserviceaccount.com", "admin@x.org").unwrap()
    }

    fn refusal(scopes: &[&str], error: TokenError) -> SignInError {
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        SignInError::of_exchange(
            &Asked { credential: &credential(), scopes, uri: "https://t/token", now },
            error,
        )
    }

    fn grant(said: &str) -> SignInError {
        refusal(&[], TokenError::InvalidGrant(said.to_owned()))
    }

    #[test]
    fn an_invalid_grant_is_told_apart_by_what_is_said() {
        assert!(matches!(grant("Invalid JWT Signature."), SignInError::Key { .. }));
        let time = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
                    Check your iat and exp values in the JWT claim.";
        assert!(grant(time).to_string().contains("2026-01-02T03:04:05"));
        assert!(matches!(grant("Invalid email or User ID"), SignInError::Admin { .. }));
        assert!(matches!(grant("Not a valid email or user ID."), SignInError::Admin { .. }));
        assert!(matches!(grant("Invalid grant: account not found"), SignInError::Account { .. }));
        assert!(matches!(grant("Invalid JWT: Failed audience check."), SignInError::Audience { .. }));
        let other = grant("something new").to_string();
        assert!(other.ends_with("does not take the service account's signature: something new"), "{other}");
    }

    #[test]
    fn missing_delegation_says_what_to_paste_where() {
        let scopes = ["admin.directory.user.readonly", "admin.directory.group.readonly"];
        let said = refusal(&scopes, TokenError::UnauthorizedClient).to_string();
        assert!(said.contains("Manage domain-wide delegation"), "{said}");
        assert!(
            said.contains(
                "https://www.googleapis.com/auth/admin.directory.user.readonly,\
                 https://www.googleapis.com/auth/admin.directory.group.readonly"
            ),
            "{said}"
        );
    }

    #[test]
    fn a_refusal_to_sign_tells_the_role_from_the_api() {
        let error = |status, message: &str| CloudError {
            status,
            code: "PERMISSION_DENIED".to_owned(),
            message: message.to_owned(),
        };
        let of = |error| SignInError::of_signing("sa", error);
        let role = of(error(403, "Permission 'iam.serviceAccounts.signJwt' denied on resource"));
        assert!(role.to_string().contains("Service Account Token Creator"));
        let off = of(error(403, "IAM Service Account Credentials API has not been used in project 1 before"));
        assert!(matches!(off, SignInError::IamOff(_)));
        assert!(of(error(503, "")).is_passing());
        assert!(!of(error(401, "")).is_passing());
    }
}
