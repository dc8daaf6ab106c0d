//! A small HTTP client, with which a test looks at an app past the code under test.
//!
//! One connection per request, no TLS, no redirects, no limits. The clients of the product are tested with it at
//! their side, never built on it.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A client of one base URL.
#[derive(Clone, Debug)]
pub struct Client {
    /// Host and port.
    authority: String,
    /// The path of the base URL, without a slash at its end.
    base_path: String,
    token: Option<String>,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// No whole answer came.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Nobody listens, or nobody can be reached.
    #[error("failed to connect to {authority}")]
    Unreachable {
        /// Host and port.
        authority: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The connection ended before the answer did.
    #[error("the connection ended before the answer did")]
    BrokenOff(#[from] hyper::Error),
}

impl Client {
    /// A client of an `http://` URL; it sends the token, if there is one, as a bearer token.
    pub fn new(base: &str, token: Option<&str>) -> Self {
        let (authority, base_path) = authority_and_path(base);
        Self { authority, base_path, token: token.map(str::to_owned) }
    }

    /// Reads what is there. The target is a path below the base, with its query, encoded already.
    pub async fn get(&self, target: &str) -> Result<Answer, NoAnswer> {
        self.send("GET", target, None).await
    }

    /// Sends a request. The target is a path below the base, with its query, encoded already.
    pub async fn send(&self, method: &str, target: &str, body: Option<&Value>) -> Result<Answer, NoAnswer> {
        let unreachable = |source| NoAnswer::Unreachable { authority: self.authority.clone(), source };
        let stream = TcpStream::connect(&self.authority).await.map_err(unreachable)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = self.request(method, target, body);
        let exchange = async move {
            let (head, body) = sender.send_request(request).await?.into_parts();
            Ok(Answer::new(&head, &body.collect().await?.to_bytes()))
        };
        // The connection ends when the exchange lets go of its sender; what went wrong on it, the exchange says.
        let (_, answer) = tokio::join!(connection, exchange);
        answer
    }

    fn request(&self, method: &str, target: &str, body: Option<&Value>) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.base_path))
            .header(HOST, &self.authority);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/scim+json");
        }
        let body = body.map(ToString::to_string).unwrap_or_default();
        request.body(Full::from(body)).expect("the method and the target of a test's request are well-formed")
    }
}

impl Answer {
    fn new(head: &hyper::http::response::Parts, body: &Bytes) -> Self {
        let text =
            |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            status: head.status.as_u16(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body: body.to_vec(),
        }
    }

    /// The first value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(at, _)| at == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON. Panics where it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "the body of this answer of {} is not JSON ({error}): {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            )
        })
    }
}

/// The host and port of an `http://` URL, and its path without a slash at its end.
pub(crate) fn authority_and_path(base: &str) -> (String, String) {
    let rest = base.strip_prefix("http://").expect("the URL of a test's server begins with http://");
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (authority.to_owned(), path.trim_end_matches('/').to_owned())
}
