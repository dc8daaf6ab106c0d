//! What is said on the page that an edit leads to, once it is made: a word in its address.

use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Saved,
    TurnedOn,
    TurnedOff,
    Reauthorized,
    Deleted,
    Removed,
}

/// The query of a page that something may have led to.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Told {
    done: Option<String>,
}

impl Done {
    const ALL: [Self; 6] =
        [Self::Saved, Self::TurnedOn, Self::TurnedOff, Self::Reauthorized, Self::Deleted, Self::Removed];

    fn word(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::TurnedOn => "turned-on",
            Self::TurnedOff => "turned-off",
            Self::Reauthorized => "reauthorized",
            Self::Deleted => "deleted",
            Self::Removed => "removed",
        }
    }

    /// As a page says it.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Saved => "Saved.",
            Self::TurnedOn => "Turned on.",
            Self::TurnedOff => "Turned off.",
            Self::Reauthorized => "Reauthorized.",
            Self::Deleted => "The configuration is deleted.",
            Self::Removed => "The app is removed.",
        }
    }

    /// Leads to a page that says it.
    pub(crate) fn at(self, page: &str) -> Response {
        Redirect::to(&format!("{page}?done={}", self.word())).into_response()
    }
}

impl Told {
    /// What is to be said; none: nothing.
    pub(crate) fn sentence(&self) -> Option<&'static str> {
        let done = Done::ALL.into_iter().find(|done| Some(done.word()) == self.done.as_deref());
        done.map(Done::sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_said_and_nothing_else_that_an_address_has() {
        let told = |done: &str| Told { done: Some(done.to_owned()) }.sentence();
        assert!(Done::ALL.into_iter().all(|done| told(done.word()) == Some(done.sentence())));
        assert_eq!((told("anything"), Told::default().sentence()), (None, None));
    }
}
