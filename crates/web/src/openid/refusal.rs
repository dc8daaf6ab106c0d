//! Why nobody is signed in with OpenID Connect: one sentence for whoever tried, one word for the audit log.

use axum::http::StatusCode;

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// It was not begun here, in this browser and lately, or it was used already.
    #[error(
        "This sign-in was not begun in this browser within the last ten minutes, or it was used already: begin again."
    )]
    NotUnderWay,
    /// The provider does not answer, or says what no provider does.
    #[error("{provider} cannot be reached just now ({why}): try again later, or sign in with your password.")]
    NotReached { provider: String, why: String },
    /// They, or their administrator, said no.
    #[error(
        "{provider} says that the sign-in was cancelled, or is not allowed for you: nothing has changed here."
    )]
    Denied { provider: String },
    /// The provider says something else than a code.
    #[error("{provider} did not sign you in (it says {error:?}): begin again, or ask whoever set this up.")]
    Said { provider: String, error: String },
    /// What came is not believed. Why is for the log: whoever forges learns nothing from it.
    #[error(
        "What came back could not be verified, so nobody was signed in: begin again, or ask whoever set this up."
    )]
    NotBelieved { why: String },
    /// There is no address in the token.
    #[error(
        "{provider} did not say your e-mail address: whoever set this up has to let it send `email` in the ID token."
    )]
    NoAddress { provider: String },
    /// The address may be anybody's.
    #[error("{provider} has not verified that {email} is your address: verify it there, and begin again.")]
    NotVerified { provider: String, email: String },
    /// A Google account of nobody's organisation.
    #[error(
        "{email} is not an account of an organisation at Google: use the one that your organisation gave you."
    )]
    NotOfAnOrganisation { email: String },
    /// An address that no admin has.
    #[error("{why}")]
    NoAdminsAddress { email: String, why: String },
    /// Nobody has invited them, or they were removed.
    #[error("{email} may not sign in here: ask a super admin to invite you.")]
    NotInvited { email: String },
    /// They were invited, and did not come.
    #[error("The invitation of {email} is too old: ask a super admin for a new link.")]
    InvitationOver { email: String },
    /// Somebody else has signed in with this address before.
    #[error(
        "{email} has signed in here with another account of {provider}: a super admin has to remove them and invite you anew."
    )]
    AnotherAccount { provider: String, email: String },
    /// The same account signs in with another address.
    #[error(
        "This account of {provider} signs in here as {known}: a super admin has to remove that one first."
    )]
    AnotherAddress { provider: String, email: String, known: String },
    /// The link to set up the console does not work.
    #[error("The link to set up the console does not work any more.")]
    NoLink,
    /// Too many are under way.
    #[error("Too many sign-ins are under way: try again in ten minutes, or sign in with your password.")]
    TooMany,
}

impl Refusal {
    pub(crate) fn not_believed(why: impl Into<String>) -> Self {
        Self::NotBelieved { why: why.into() }
    }

    /// What the log calls it.
    pub(crate) fn word(&self) -> &'static str {
        self.kind().0
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.kind().1
    }

    /// Whether it was an attempt that failed, so that it is written down and the next ones from there wait. Not, where the
    /// provider fails or somebody has thought better of it; nor what any page can have a browser send, which would keep
    /// people out: a state is not guessed.
    pub(crate) fn counts(&self) -> bool {
        self.kind().2
    }

    /// What the log calls it, what is answered, and whether it counts as an attempt that failed.
    fn kind(&self) -> (&'static str, StatusCode, bool) {
        match self {
            Self::NotUnderWay => ("not_under_way", StatusCode::UNAUTHORIZED, false),
            Self::NotReached { .. } => ("not_reached", StatusCode::SERVICE_UNAVAILABLE, false),
            Self::Denied { .. } => ("denied", StatusCode::UNAUTHORIZED, false),
            Self::Said { .. } => ("error_of_provider", StatusCode::UNAUTHORIZED, false),
            Self::NotBelieved { .. } => ("not_believed", StatusCode::UNAUTHORIZED, true),
            Self::NoAddress { .. } => ("no_address", StatusCode::FORBIDDEN, true),
            Self::NotVerified { .. } => ("address_not_verified", StatusCode::FORBIDDEN, true),
            Self::NotOfAnOrganisation { .. } => ("not_of_an_organisation", StatusCode::FORBIDDEN, true),
            Self::NoAdminsAddress { .. } => ("no_admins_address", StatusCode::FORBIDDEN, true),
            Self::NotInvited { .. } => ("not_invited", StatusCode::FORBIDDEN, true),
            Self::InvitationOver { .. } => ("invitation_over", StatusCode::FORBIDDEN, true),
            Self::AnotherAccount { .. } => ("another_account", StatusCode::FORBIDDEN, true),
            Self::AnotherAddress { .. } => ("another_address", StatusCode::FORBIDDEN, true),
            Self::NoLink => ("no_link", StatusCode::FORBIDDEN, true),
            Self::TooMany => ("too_many", StatusCode::SERVICE_UNAVAILABLE, false),
        }
    }

    /// What else there is to say in the log: no address of anybody, and no secret.
    pub(crate) fn detail(&self) -> Option<&str> {
        match self {
            Self::NotReached { why, .. } | Self::NotBelieved { why } => Some(why),
            Self::Said { error, .. } => Some(error),
            Self::NotUnderWay
            | Self::Denied { .. }
            | Self::NoAddress { .. }
            | Self::NotVerified { .. }
            | Self::NotOfAnOrganisation { .. }
            | Self::NoAdminsAddress { .. }
            | Self::NotInvited { .. }
            | Self::InvitationOver { .. }
            | Self::AnotherAccount { .. }
            | Self::AnotherAddress { .. }
            | Self::NoLink
            | Self::TooMany => None,
        }
    }

    /// Who it was, as far as the provider says; not all of it is verified.
    pub(crate) fn email(&self) -> Option<&str> {
        match self {
            Self::NotVerified { email, .. }
            | Self::NotOfAnOrganisation { email }
            | Self::NoAdminsAddress { email, .. }
            | Self::NotInvited { email }
            | Self::InvitationOver { email }
            | Self::AnotherAccount { email, .. }
            | Self::AnotherAddress { email, .. } => Some(email),
            Self::NotUnderWay
            | Self::NotReached { .. }
            | Self::Denied { .. }
            | Self::Said { .. }
            | Self::NotBelieved { .. }
            | Self::NoAddress { .. }
            | Self::NoLink
            | Self::TooMany => None,
        }
    }
}

/// What somebody else said, fit for a log: on one line, and not longer than one.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
