//! Requests that a page of another host made: what changes something is refused to them.
//!
//! Browsers say where a request comes from (`Sec-Fetch-Site`, else `Origin`). What says nothing is no browser of these
//! years; it has no cookie that was not given to it, and a form's token is checked besides (`posted`).

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{HOST, HeaderMap, ORIGIN};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::failure::Failure;

/// Refuses what changes something and comes from elsewhere.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !is_safe && is_from_elsewhere(request.headers()) {
        return Failure::Stale.into_response();
    }
    next.run(request).await
}

/// Whether another host's page made the request, or somebody typed its address in.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site != "same-origin";
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return false };
    let host = text(HOST.as_str()).unwrap_or_default();
    origin.split_once("://").is_none_or(|(_, from)| !from.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_host_changes_nothing() {
        let is = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            is_from_elsewhere(&headers)
        };
        assert!(!is(&[("sec-fetch-site", "same-origin")]));
        assert!(is(&[("sec-fetch-site", "cross-site")]) && is(&[("sec-fetch-site", "same-site")]));
        assert!(is(&[("sec-fetch-site", "none")]), "nobody types a form into the address bar");
        assert!(!is(&[("host", "usher:8080"), ("origin", "http://usher:8080")]));
        assert!(is(&[("host", "usher:8080"), ("origin", "http://evil")]));
        assert!(is(&[("host", "usher:8080"), ("origin", "null")]));
        assert!(!is(&[("host", "usher:8080")]), "no browser");
    }
}
