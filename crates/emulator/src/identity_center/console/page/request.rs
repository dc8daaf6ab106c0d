//! One request of the log, with what was sent and what was answered. Never a token, nor a password.

use askama::Template;
use serde_json::Value;

use super::requests::RequestRow;
use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::frame::{Frame, Place};
use crate::identity_center::console::reply::page;
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::console::words::instant;
use crate::identity_center::log::LoggedRequest;

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] =
    &[Route { method: "GET", path: "/console/instances/{tenant}/requests/{request}", run: show }];

/// The page.
#[derive(Template)]
#[template(path = "console/request.html")]
pub(super) struct RequestPage {
    frame: Frame,
    row: RequestRow,
    facts: Vec<(&'static str, String)>,
    body: Option<String>,
    answer: Option<String>,
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let n = visit.id("request");
    let n = n.parse().map_err(|_| AdminError::missing("request", n))?;
    Ok(page(&RequestPage::of(visit.tenant(), visit.center.request(visit.tenant(), n)?)))
}

impl RequestPage {
    fn of(tenant: &str, request: LoggedRequest) -> Self {
        let row = RequestRow::of(tenant, &request);
        let operation = request.operation.map_or("none of AWS's", |operation| operation.name());
        let micros = request.duration_micros;
        let facts = [
            ("Request", Some(format!("{} {}", request.method, request.target))),
            ("Operation", Some(operation.to_owned())),
            ("Error", request.exception.map(str::to_owned)),
            ("Fault", request.fault.map(str::to_owned)),
            ("Time", Some(instant(request.at))),
            ("Took", Some(format!("{}.{:03} ms", micros / 1_000, micros % 1_000))),
            ("Request ID", Some(request.request_id)),
        ];
        Self {
            frame: Frame::of(tenant, Place::Requests, format!("Request {}", request.n))
                .below("Request log", "requests"),
            row,
            facts: facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            body: request.body.map(indented),
            answer: request.answer.map(indented),
        }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let page = |kind: Sample, status| Self::of("tenant", super::requests::sample(kind, status));
        let mut samples = Sample::all_but(&[Sample::Thousands], |kind| {
            page(kind, if kind == Sample::Wrong { Some(409) } else { Some(201) })
        });
        samples.push((Sample::Wrong, page(Sample::Wrong, None)));
        samples
    }
}

/// JSON over several lines; what is none, or was cut, as it is.
fn indented(text: String) -> String {
    let json: Result<Value, _> = serde_json::from_str(&text);
    json.and_then(|json| serde_json::to_string_pretty(&json)).unwrap_or(text)
}
