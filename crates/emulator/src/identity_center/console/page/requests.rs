//! *Request log*: what was asked of the SCIM endpoint, newest first.

use askama::Template;
use url::form_urlencoded;

use crate::exchange::Response;
use crate::identity_center::admin::{AdminError, Wanted};
use crate::identity_center::console::frame::{Frame, Place, at};
use crate::identity_center::console::reply::{go_to, page};
use crate::identity_center::console::visit::{LINES, Route, Visit};
use crate::identity_center::console::words::{instant, number};
use crate::identity_center::log::{Counters, LoggedRequest};

#[cfg(test)]
use crate::identity_center::console::sample::{Sample, Samples};

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/console/instances/{tenant}/requests", run: show },
    Route { method: "POST", path: "/console/instances/{tenant}/requests/clear", run: clear },
];

/// The page.
#[derive(Template)]
#[template(path = "console/requests.html")]
pub(super) struct RequestsPage {
    frame: Frame,
    text: String,
    failed_only: bool,
    requests: Vec<RequestRow>,
    /// The page with what was before; none: there is nothing before.
    older: Option<String>,
    /// How many there were in all, by what became of them.
    counts: Vec<(&'static str, String)>,
}

/// One request in the table.
pub(super) struct RequestRow {
    address: String,
    n: u64,
    at: String,
    method: String,
    target: String,
    operation: &'static str,
    subject: Option<String>,
    pub(super) status: String,
    pub(super) tone: &'static str,
    fault: Option<&'static str>,
    millis: String,
}

impl RequestRow {
    pub(super) fn of(tenant: &str, request: &LoggedRequest) -> Self {
        let (status, tone) = match request.status {
            None => ("no answer".to_owned(), "bad"),
            Some(status @ 200..300) => (status.to_string(), "good"),
            Some(status @ 429) => (status.to_string(), "warn"),
            Some(status) => (status.to_string(), "bad"),
        };
        // What every address begins with says nothing.
        let target = request.target.split_once("/scim/v2").map_or(request.target.as_str(), |(_, rest)| rest);
        Self {
            address: at(tenant, &format!("requests/{}", request.n)),
            n: request.n,
            at: instant(request.at),
            method: request.method.clone(),
            target: target.to_owned(),
            operation: request.operation.map_or("", |operation| operation.name()),
            subject: request.subject.clone(),
            status,
            tone,
            fault: request.fault,
            millis: number(request.duration_micros / 1_000),
        }
    }
}

fn show(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let (text, failed_only) = (visit.text(), !visit.query("failed").is_empty());
    let wanted = Wanted { text, failed_only, before: visit.query("before").parse().ok() };
    // One more than is shown says whether there are more.
    let mut found = visit.center.latest_requests(visit.tenant(), &wanted, LINES + 1)?;
    let has_more = found.len() > LINES;
    found.truncate(LINES);
    let older = found.last().filter(|_| has_more).map(|last| older(visit.tenant(), &wanted, last.n));
    let counters = visit.center.counters(visit.tenant())?;
    Ok(page(&RequestsPage::of(visit.tenant(), &wanted, &found, older, &counters)))
}

fn older(tenant: &str, wanted: &Wanted<'_>, before: u64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", wanted.text);
    if wanted.failed_only {
        query.append_pair("failed", "on");
    }
    query.append_pair("before", &before.to_string());
    format!("{}?{}", at(tenant, "requests"), query.finish())
}

fn clear(visit: &Visit<'_>) -> Result<Response, AdminError> {
    visit.center.clear_log(visit.tenant())?;
    Ok(go_to(at(visit.tenant(), "requests")))
}

impl RequestsPage {
    fn of(
        tenant: &str,
        wanted: &Wanted<'_>,
        requests: &[LoggedRequest],
        older: Option<String>,
        counters: &Counters,
    ) -> Self {
        let total = &counters.total;
        let counts = vec![
            ("Requests", number(total.requests)),
            ("Succeeded", number(total.succeeded)),
            ("Throttled (429)", number(counters.throttled)),
            ("No answer", number(total.dropped)),
            ("Most in one second", number(total.max_per_second)),
        ];
        Self {
            frame: Frame::of(tenant, Place::Requests, "Request log"),
            text: wanted.text.to_owned(),
            failed_only: wanted.failed_only,
            requests: requests.iter().map(|request| RequestRow::of(tenant, request)).collect(),
            older,
            counts,
        }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Samples<Self> {
        let page = |kind: Sample| {
            let statuses = if kind == Sample::Wrong { [None, Some(500)] } else { [Some(201), Some(429)] };
            let logged = |n: usize| sample(kind, statuses[n % 2]);
            let requests: Vec<_> = (0..kind.rows(LINES)).map(logged).collect();
            let older = kind.has_more().then(|| "/console/instances/tenant/requests".to_owned());
            let mut counters = Counters { throttled: kind.count(), ..Counters::default() };
            counters.total.requests = kind.count();
            let text = kind.name(0, "");
            let wanted = Wanted { text: &text, ..Wanted::default() };
            Self::of("tenant", &wanted, &requests, older, &counters)
        };
        let sought = Wanted { text: "a \"b\"", failed_only: true, before: Some(7) };
        let mut samples = Sample::all(page);
        samples.push((Sample::Other, Self::of("tenant", &sought, &[], None, &Counters::default())));
        samples
    }
}

#[cfg(test)]
pub(super) fn sample(kind: Sample, status: Option<u16>) -> LoggedRequest {
    let name = kind.name(0, "<ada@example.com>");
    LoggedRequest {
        n: 7,
        request_id: "0a1b".to_owned(),
        at: usher_model::time::Timestamp::parse("2026-11-30T12:00:00Z").expect("an instant"),
        method: "POST".to_owned(),
        target: format!("/tenant/scim/v2/Users?{}", "filter=userName%20eq%20%22a%22&".repeat(9)),
        operation: Some(crate::identity_center::Operation::CreateUser),
        subject: Some(name.clone()),
        status,
        exception: status.filter(|status| *status >= 400).map(|_| "ConflictException"),
        fault: status.is_none().then_some("lost-answer"),
        duration_micros: if kind.has_more() { 12_345_678 } else { 4_321 },
        body: (kind != Sample::Empty).then(|| serde_json::json!({"userName": name}).to_string()),
        answer: (kind != Sample::Empty).then(|| "no JSON".to_owned()),
    }
}
