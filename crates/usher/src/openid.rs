//! The way from the console to the provider where admins sign in: by the client that apps and directories are called with,
//! and by its rules.

use std::time::Duration;

use async_trait::async_trait;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, Method, Request, Response};
use secrecy::{ExposeSecret as _, SecretString};
use usher_engine::carrier::{Carrier as _, Http, Message};
use usher_engine::endpoint::{self, Reachable};
use usher_engine::transport::TransportError;
use usher_web::openid::{NotCarried, Registration, RelyingParty, ToProvider};

use crate::config::OpenId;
use crate::context::Context;
use crate::failure::Failure;
use crate::secret_file;

/// The console as the relying party of the provider that is configured; none: there is none.
pub(crate) fn relying_party(context: &Context) -> Result<Option<RelyingParty>, Failure> {
    let OpenId { issuer, client_id, client_secret_file } = &context.config.openid;
    let (Some(client_id), Some(file)) = (client_id, client_secret_file) else { return Ok(None) };
    let client_secret = secret_file::read("the file with the client's secret,", file)?;
    let client_secret = SecretString::from(client_secret.expose_secret().trim());
    if client_secret.expose_secret().is_empty() {
        return Err(Failure::new(format!(
            "{} is empty: put the client's secret there that the OpenID provider gave you",
            file.display()
        )));
    }
    let reachable = context.reachable();
    endpoint::permit_url(issuer, reachable)
        .map_err(|error| Failure::new(format!("openid.issuer cannot be used: {error}")))?;
    let way = Way {
        http: Http::new(reachable)?,
        reachable,
        timeout: context.config.runs.request_timeout().min(LONGEST),
        client_secret: client_secret.clone(),
    };
    let registration = Registration { issuer: issuer.clone(), client_id: client_id.clone(), client_secret };
    let party = RelyingParty::new(registration, Box::new(way));
    party.map(Some).map_err(|error| Failure::new(format!("openid.issuer cannot be used: {error}")))
}

/// The longest that somebody waits for the provider who wants to sign in.
const LONGEST: Duration = Duration::from_secs(15);
/// The most of an answer that is taken: it is one token, or some keys.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The way to the provider.
#[derive(Debug)]
struct Way {
    http: Http,
    reachable: Reachable,
    timeout: Duration,
    /// Taken out of whatever comes back.
    client_secret: SecretString,
}

#[async_trait]
impl ToProvider for Way {
    async fn carry(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, NotCarried> {
        let (head, body) = request.into_parts();
        let not = |why: String| NotCarried(why);
        let method = match head.method {
            Method::GET => usher_protocol::http::Method::Get,
            Method::POST => usher_protocol::http::Method::Post,
            other => return Err(not(format!("no provider is asked with {other}"))),
        };
        let url = head.uri.to_string();
        // A provider names its endpoints itself.
        endpoint::permit_url(&url, self.reachable).map_err(|error| not(error.to_string()))?;
        let text = |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
        let headers: Vec<_> = text(AUTHORIZATION).into_iter().map(|value| ("authorization", value)).collect();
        let body = String::from_utf8(body).map(SecretString::from);
        let body = body.map_err(|_| not("a form that is no text is not sent".to_owned()))?;
        let message = Message {
            accept: text(ACCEPT).unwrap_or("application/json"),
            headers: &headers,
            body: text(CONTENT_TYPE).map(|content_type| (content_type, &body)),
            hidden: &[&self.client_secret],
            ..Message::new(method, &url)
        };
        let answer = self.http.carry(&message, self.timeout).await.map_err(|error| match error {
            TransportError::NotSent(why) => not(why),
            TransportError::NoAnswer(why) => not(format!("it did not answer: {why}")),
        })?;
        if answer.body.len() > MAX_BODY_BYTES {
            return Err(not(format!("its answer is larger than {MAX_BODY_BYTES} bytes")));
        }
        let builder = Response::builder().status(answer.status);
        let builder =
            answer.content_type.iter().fold(builder, |builder, it| builder.header(CONTENT_TYPE, it));
        builder.body(answer.body).map_err(|_| not("its answer is not one of HTTP".to_owned()))
    }
}
