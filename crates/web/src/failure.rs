//! What can be wrong with a request, and the page that says so.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use usher_store::StoreError;

use crate::frame::html;
use crate::hands::Refused;

/// Why a request is answered with something else than its page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody is signed in: they are asked to.
    #[error("nobody is signed in")]
    SignedOut {
        /// Where they wanted to go.
        next: String,
        /// They sent something, which nobody took.
        is_lost: bool,
    },
    /// Their role does not have the right.
    #[error("your role does not allow this: it takes {0}")]
    NotAllowed(&'static str),
    /// There is no such page, or no such thing.
    #[error("there is no such page")]
    NotFound,
    /// Nothing is shown there: a form is sent to it.
    #[error(
        "there is no page at this address: a form is sent to it, and you followed a link or loaded it again"
    )]
    NoPage {
        /// The page above it.
        above: String,
    },
    /// It does not come from one of our pages, or from one that is too old.
    #[error(
        "this page was open for too long, or the request did not come from it: go back, load it again and try once more"
    )]
    Stale,
    /// What was sent cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The database.
    #[error("the database does not answer")]
    Store(#[from] StoreError),
    /// Ours.
    #[error("something went wrong here; the log says more")]
    Internal(String),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Because(why) => Self::Unreadable(why),
            Refused::Store(error) => error.into(),
        }
    }
}

impl Failure {
    /// Whatever should not have happened.
    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut { .. } => StatusCode::UNAUTHORIZED,
            Self::NotAllowed(_) | Self::Stale => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NoPage { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Where somebody can go on who meets it.
    fn on(&self) -> &str {
        match self {
            Self::NoPage { above } => above,
            Self::SignedOut { .. }
            | Self::NotAllowed(_)
            | Self::NotFound
            | Self::Stale
            | Self::Unreadable(_)
            | Self::Store(_)
            | Self::Internal(_) => "/",
        }
    }

    fn heading(&self) -> &'static str {
        match self {
            Self::SignedOut { .. } => "Sign in first",
            Self::NotAllowed(_) => "Not for your role",
            Self::NotFound => "Not found",
            Self::NoPage { .. } => "Nothing to see here",
            Self::Stale => "Out of date",
            Self::Unreadable(_) => "Not understood",
            Self::Store(_) => "Not available just now",
            Self::Internal(_) => "An error of ours",
        }
    }
}

/// A page that only says what is wrong.
#[derive(Template)]
#[template(path = "failure.html")]
pub(crate) struct FailurePage {
    pub(crate) title: String,
    pub(crate) why: String,
    /// Where they can go on.
    pub(crate) on: String,
}

impl FailurePage {
    #[cfg(test)]
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |failure: &Failure| Self {
            title: failure.heading().into(),
            why: said(failure),
            on: failure.on().to_owned(),
        };
        let of = |kind: Sample| {
            let what = kind.name(0, "nothing");
            (kind, page(&Failure::Unreadable(format!("the form asks for {what:?}, which there is not"))))
        };
        vec![
            of(Sample::Long),
            of(Sample::RightToLeft),
            (Sample::Wrong, page(&Failure::NotFound)),
            (Sample::Wrong, page(&Failure::Stale)),
            (Sample::Wrong, page(&Failure::NotAllowed("a super admin"))),
            (Sample::Wrong, page(&Failure::NoPage { above: "/apps/019a".into() })),
        ]
    }
}

/// As a sentence.
fn said(failure: &Failure) -> String {
    let text = failure.to_string();
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match &self {
            Self::SignedOut { next, is_lost } => {
                let lost = is_lost.then_some(("lost", "yes"));
                let query: Vec<_> = [("next", next.as_str())].into_iter().chain(lost).collect();
                let next = serde_urlencoded::to_string(query).unwrap_or_default();
                return Redirect::to(&format!("/sign-in?{next}")).into_response();
            }
            Self::Store(error) => tracing::error!(%error, "a page could not be made"),
            Self::Internal(error) => tracing::error!(error, "a page could not be made"),
            Self::NotAllowed(_)
            | Self::NotFound
            | Self::NoPage { .. }
            | Self::Stale
            | Self::Unreadable(_) => {}
        }
        let page =
            FailurePage { title: self.heading().to_owned(), why: said(&self), on: self.on().to_owned() };
        (self.status(), html(&page)).into_response()
    }
}
