//! What is shown where there is nothing else to show: one sentence.

use askama::Template;

use crate::exchange::Response;
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::page_with;
use crate::identity_center::console::words;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

/// The page.
#[derive(Template)]
#[template(path = "console/failure.html")]
pub(super) struct FailurePage {
    frame: Frame,
    sentence: String,
}

/// Shows it.
pub(in crate::identity_center::console) fn page(status: u16, sentence: &str) -> Response {
    page_with(status, &FailurePage::new(status, sentence))
}

impl FailurePage {
    fn new(status: u16, sentence: &str) -> Self {
        let title = match status {
            403 => "This is not for you",
            404 => "There is nothing here",
            500 => "This went wrong",
            _ => "This cannot be done",
        };
        Self { frame: Frame::outside(title), sentence: words::sentence(sentence) }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let said =
            |kind: Sample| (kind, Self::new(409, &format!("there is no user {}", kind.name(0, "ada"))));
        let mut samples: Samples<Self> = [Sample::Wrong, Sample::Long, Sample::RightToLeft].map(said).into();
        samples.push((Sample::Wrong, Self::new(404, "there is no such page")));
        samples
    }
}
