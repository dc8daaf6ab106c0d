//! Every request of the Reports API that Usher sends, as a value.

use jiff::Timestamp;

use crate::http::{Method, Request};

/// The most entries on a page.
pub const ACTIVITIES_PER_PAGE: u32 = 1_000;

/// A page of what administrators did since `since`, the newest first: `activities.list`.
pub fn admin_activities(since: Timestamp, page_token: Option<&str>) -> Request {
    let request = Request::new(
        Method::Get,
        ["admin", "reports", "v1", "activity", "users", "all", "applications", "admin"],
    )
    .with_query("startTime", format!("{since:.3}"))
    .with_query("maxResults", ACTIVITIES_PER_PAGE.to_string())
    .with_query(
        "fields",
        "kind,nextPageToken,items(id(time,uniqueQualifier),events(type,name,parameters(name,value)))",
    );
    match page_token {
        Some(token) => request.with_query("pageToken", token),
        None => request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_to_the_millisecond() {
        let since = "2026-11-29T08:30:00.5Z".parse().unwrap();
        let request = admin_activities(since, Some("p"));
        assert_eq!(request.query[0], ("startTime".to_owned(), "2026-11-29T08:30:00.500Z".to_owned()));
        assert_eq!(request.query.last().unwrap(), &("pageToken".to_owned(), "p".to_owned()));
    }
}
