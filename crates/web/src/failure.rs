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
    },
    /// Their role does not have the right.
    #[error("your role does not allow this: it takes {0}")]
    NotAllowed(&'static str),
    /// There is no such page, or no such thing.
    #[error("there is no such page")]
    NotFound,
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
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn heading(&self) -> &'static str {
        match self {
            Self::SignedOut { .. } => "Sign in first",
            Self::NotAllowed(_) => "Not for your role",
            Self::NotFound => "Not found",
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
}

impl FailurePage {
    #[cfg(test)]
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |failure: &Failure| Self { title: failure.heading().into(), why: said(failure) };
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
            Self::SignedOut { next } => {
                let next = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
                return Redirect::to(&format!("/sign-in?{next}")).into_response();
            }
            Self::Store(error) => tracing::error!(%error, "a page could not be made"),
            Self::Internal(error) => tracing::error!(error, "a page could not be made"),
            Self::NotAllowed(_) | Self::NotFound | Self::Stale | Self::Unreadable(_) => {}
        }
        let page = FailurePage { title: self.heading().to_owned(), why: said(&self) };
        (self.status(), html(&page)).into_response()
    }
}
