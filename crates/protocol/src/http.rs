//! Requests and responses as plain values.
//!
//! A [`Request`] knows no host and no token: it is relative to an app's base
//! URL, and whoever sends it adds both. Rendering percent-encodes every path
//! segment and every query value, so an id may be an e-mail address or hold
//! `/`, `?`, `#` or `%` without pointing anywhere else.

use std::fmt::Write as _;

use serde_json::Value;

pub mod retry_after;

use retry_after::RetryAfter;

/// The methods that SCIM and the Directory API use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the request changes something, so that a lost answer leaves the outcome unknown.
    pub const fn is_write(self) -> bool {
        match self {
            Self::Get => false,
            Self::Post | Self::Put | Self::Patch | Self::Delete => true,
        }
    }
}

/// A request, relative to a base URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path segments, unencoded. None of them may be empty, `.` or `..`: URL
    /// parsers resolve those, encoded or not. The constructors of
    /// [`crate::scim::request`] see to it.
    pub path: Vec<String>,
    /// Query parameters in order, unencoded.
    pub query: Vec<(String, String)>,
    /// The body, sent as JSON.
    pub body: Option<Value>,
}

impl Request {
    /// A request without query and body.
    pub fn new<S: Into<String>>(method: Method, path: impl IntoIterator<Item = S>) -> Self {
        Self { method, path: path.into_iter().map(Into::into).collect(), query: Vec::new(), body: None }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The URL below the base, without a leading slash. A parameter with an
    /// empty value keeps its name and `=`: RFC 9865 asks for `cursor=` on the
    /// first request, and dropping it selects another paging mode.
    pub fn relative_url(&self) -> String {
        let mut url = String::new();
        for (position, segment) in self.path.iter().enumerate() {
            if position > 0 {
                url.push('/');
            }
            percent_encode(segment, &mut url);
        }
        for (position, (name, value)) in self.query.iter().enumerate() {
            url.push(if position == 0 { '?' } else { '&' });
            percent_encode(name, &mut url);
            url.push('=');
            percent_encode(value, &mut url);
        }
        url
    }

    /// The whole URL. The base may or may not end in a slash.
    pub fn url(&self, base: &str) -> String {
        format!("{}/{}", base.trim_end_matches('/'), self.relative_url())
    }
}

/// Encodes everything but RFC 3986's unreserved characters. The space becomes
/// `%20`, which, unlike `+`, every server reads as a space in path and query.
fn percent_encode(text: &str, url: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(byte)),
            _ => write!(url, "%{byte:02X}").expect("invariant: writing to a String does not fail"),
        }
    }
}

/// An answer, as far as the protocols read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Retry-After` header, if it could be read.
    pub retry_after: Option<RetryAfter>,
    /// The body. Whoever receives it bounds its length.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with a JSON body, as a server writes it.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: Some("application/scim+json".to_owned()),
            retry_after: None,
            body: body.to_string().into_bytes(),
        }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, content_type: None, retry_after: None, body: Vec::new() }
    }

    /// Whether the status is one of success (2xx).
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON, whatever the content type says: AWS answers SCIM as
    /// `application/json`, others as `text/plain`. `None` where it is not JSON.
    pub fn body_json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the body is empty, white space aside.
    pub fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }
}

#[cfg(test)]
mod tests;
