//! Calls of Google's APIs that brought nothing, each with what was wrong and what an administrator clicks to mend it.

use usher_protocol::directory::error::ApiError;
use usher_protocol::directory::list::ListError;
use usher_protocol::oauth::scope;

use super::method::ApiMethod;
use super::sign_in::error::SignInError;

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoogleError {
    /// Nobody is signed in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// A new token is not taken either.
    #[error(
        "Google takes no access token of {account} for {method}, not even a new one: the service account or its key was \
         deleted or disabled, or the administrator whom it acts as may no longer sign in (401)"
    )]
    Unauthorized {
        /// What was called.
        method: ApiMethod,
        /// The service account.
        account: String,
    },
    /// The token is not for this.
    #[error(
        "the access token does not open {method}: add the scope {} to the service account (Admin console, Security > \
         Access and data control > API controls > Manage domain-wide delegation)", scope(method.scope())
    )]
    Scope {
        /// What was called.
        method: ApiMethod,
    },
    /// Whoever is acted as may not do this.
    #[error(
        "{actor} may not call {method}: give them an administrator's role with {} (Admin console, Account > Admin \
         roles){}", method.privilege(), or_customer(customer.as_deref())
    )]
    Privilege {
        /// What was called.
        method: ApiMethod,
        /// The administrator, or the service account with a role of its own.
        actor: String,
        /// The customer that was named, if one was: another one's is refused in the same words.
        customer: Option<String>,
    },
    /// The API is not switched on in the service account's project.
    #[error(
        "the Admin SDK API is off in the service account's project: enable it (Google Cloud console, APIs & Services > \
         Library > Admin SDK API); Google said: {said}"
    )]
    ApiOff {
        /// What was said, which names the project.
        said: String,
    },
    /// The organisation's data may not be read by APIs.
    #[error(
        "the organisation does not let APIs read its directory: allow it (Admin console, Security > Access and data \
         control > API controls)"
    )]
    DomainOff,
    /// The customer is none that may be asked about.
    #[error(
        "Google knows no customer `{customer}` for {actor} (it said: {said}): name it with --customer (Admin console, \
         Account > Account settings > Profile > Customer ID)"
    )]
    Customer {
        /// What was asked for.
        customer: String,
        /// Who asked.
        actor: String,
        /// What was said.
        said: String,
    },
    /// A page token that is not good any more.
    #[error(
        "the list of {method} broke off: Google does not take its own page token any more; it has to begin anew"
    )]
    PageToken {
        /// What was called.
        method: ApiMethod,
    },
    /// A list that broke off before is read on.
    #[error("the list of {method} broke off, and it has to begin anew")]
    Broken {
        /// What was called.
        method: ApiMethod,
    },
    /// What was asked for does not exist.
    #[error("{method} was asked for something that does not exist: {said}")]
    NotFound {
        /// What was called.
        method: ApiMethod,
        /// What was said, which names what.
        said: String,
    },
    /// Any other refusal.
    #[error("{method}: {error}")]
    Refused {
        /// What was called.
        method: ApiMethod,
        /// What was said.
        error: ApiError,
    },
    /// Google does not recover, or asks for a longer pause than anybody waits.
    #[error(
        "{method} is not answered for now: {error}; it was asked {n_tries} times, and is again with the next run"
    )]
    Busy {
        /// What was called.
        method: ApiMethod,
        /// What was said last.
        error: ApiError,
        /// How often it was asked.
        n_tries: u32,
    },
    /// An answer that is none: HTML, or JSON that was cut off.
    #[error(
        "{method} was answered {status} with something that is not JSON, {n_tries} times: the answer was cut off, or \
         something other than Google's API is at this address"
    )]
    Garbled {
        /// What was called.
        method: ApiMethod,
        /// The status code.
        status: u16,
        /// How often it was asked.
        n_tries: u32,
    },
    /// No answer.
    #[error("Google cannot be reached for {method}: {said}; it was tried {n_tries} times")]
    Unreached {
        /// What was called.
        method: ApiMethod,
        /// What became of the request.
        said: String,
        /// How often it was tried.
        n_tries: u32,
    },
    /// A success with something else in it.
    #[error("{method}: {error}")]
    List {
        /// What was called.
        method: ApiMethod,
        /// What is wrong with it.
        error: ListError,
    },
    /// A success that is not what was asked for.
    #[error("{method} was answered with something else than what was asked for: {detail}")]
    Useless {
        /// What was called.
        method: ApiMethod,
        /// What is wrong with it.
        detail: String,
    },
    /// Page tokens that come again.
    #[error("the list of {method} leads in a circle: Google gave a page token that it had given before")]
    Circle {
        /// What was called.
        method: ApiMethod,
    },
    /// A list that does not end.
    #[error(
        "the list of {method} does not end: {n_empty} empty pages in a row, each with a token of the next"
    )]
    Endless {
        /// What was called.
        method: ApiMethod,
        /// How many.
        n_empty: u32,
    },
    /// More pages than any directory has.
    #[error("the list of {method} has more than {n_pages} pages, which is more than is read")]
    TooLong {
        /// What was called.
        method: ApiMethod,
        /// How many.
        n_pages: u64,
    },
    /// A call about nothing.
    #[error("{method} was not called: the id or address that it is about is empty, or made of dots alone")]
    NoKey {
        /// What was to be called.
        method: ApiMethod,
    },
    /// A resource that cannot be told from others.
    #[error("{method} listed a resource without an id")]
    NoId {
        /// What was called.
        method: ApiMethod,
    },
}

fn or_customer(customer: Option<&str>) -> String {
    let Some(customer) = customer else { return String::new() };
    format!(
        "; or {customer} is not their customer ID, which is in the Admin console under Account > Account settings > \
         Profile"
    )
}

impl GoogleError {
    /// Whether the same call may succeed a while later, with nobody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::SignIn(error) => error.is_passing(),
            Self::PageToken { .. } | Self::Busy { .. } | Self::Garbled { .. } | Self::Unreached { .. } => {
                true
            }
            Self::Unauthorized { .. }
            | Self::Scope { .. }
            | Self::Privilege { .. }
            | Self::ApiOff { .. }
            | Self::DomainOff
            | Self::Customer { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::List { .. }
            | Self::Useless { .. }
            | Self::Circle { .. }
            | Self::Broken { .. }
            | Self::Endless { .. }
            | Self::TooLong { .. }
            | Self::NoKey { .. }
            | Self::NoId { .. } => false,
        }
    }

    /// Whether it says something of the one person or group that was asked about, and nothing of any other.
    pub fn is_of_one(&self) -> bool {
        match self {
            Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Useless { .. }
            | Self::NoKey { .. }
            | Self::Privilege { .. } => true,
            Self::SignIn(_)
            | Self::Unauthorized { .. }
            | Self::Scope { .. }
            | Self::ApiOff { .. }
            | Self::DomainOff
            | Self::Customer { .. }
            | Self::PageToken { .. }
            | Self::Broken { .. }
            | Self::Busy { .. }
            | Self::Garbled { .. }
            | Self::Unreached { .. }
            | Self::List { .. }
            | Self::Circle { .. }
            | Self::Endless { .. }
            | Self::TooLong { .. }
            | Self::NoId { .. } => false,
        }
    }

    /// Whether nothing will be answered until an administrator has mended something.
    pub fn needs_an_administrator(&self) -> bool {
        match self {
            Self::SignIn(error) => !error.is_passing(),
            Self::Unauthorized { .. }
            | Self::Scope { .. }
            | Self::Privilege { .. }
            | Self::ApiOff { .. }
            | Self::DomainOff
            | Self::Customer { .. } => true,
            Self::PageToken { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Busy { .. }
            | Self::Garbled { .. }
            | Self::Unreached { .. }
            | Self::List { .. }
            | Self::Useless { .. }
            | Self::Circle { .. }
            | Self::Broken { .. }
            | Self::Endless { .. }
            | Self::TooLong { .. }
            | Self::NoKey { .. }
            | Self::NoId { .. } => false,
        }
    }
}
