//! Sessions: a cookie whose secret nobody else has, and the guard that stands before every page but a few.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{COOKIE, HOST, HeaderMap, HeaderValue, REFERER, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Extensions, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use usher_model::admin::{Right, Role};
use usher_model::id::{AdminId, Email};
use usher_model::time::Timestamp;
use usher_store::admin::session::{self, Session};
use usher_store::{StoreError, Tx};

use crate::console::Console;
use crate::failure::Failure;
use crate::secret;

/// Who is not seen for so long is signed out.
const IDLE: Duration = Duration::from_hours(12);
/// Nobody stays signed in longer, however busy they are.
const LONGEST: Duration = Duration::from_hours(7 * 24);
/// How often it is written down that a session was used: not with every page.
const NOTED_EVERY: Duration = Duration::from_mins(5);
/// How much of a browser's name is kept, in characters.
const AGENT_CHARS: usize = 200;

/// Who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) admin: AdminId,
    pub(crate) email: Email,
    pub(crate) role: Role,
    pub(crate) secret: SecretString,
    /// The digest of their session.
    pub(crate) digest: String,
    /// Where they are.
    pub(crate) address: String,
}

impl Signed {
    /// What their forms carry.
    pub(crate) fn form_token(&self) -> String {
        secret::form_token(&self.secret)
    }
}

/// Lets a request through whose session has a right, and says to the page who it is.
pub(crate) async fn guard(
    State((console, right)): State<(Console, Right)>,
    mut request: Request,
    next: Next,
) -> Response {
    match signed(&console, request.headers(), request.extensions()).await {
        Ok(Some(signed)) if signed.role.has(right) => {
            request.extensions_mut().insert(signed);
            next.run(request).await
        }
        Ok(Some(_)) => Failure::NotAllowed(whose(right)).into_response(),
        Ok(None) => wanted(&request).into_response(),
        Err(error) => Failure::Store(error).into_response(),
    }
}

fn whose(right: Right) -> &'static str {
    match right {
        Right::Read => "an admin",
        Right::Operate => "an operator or a super admin",
        Right::Configure => "a super admin",
    }
}

/// Where somebody wanted to go: a page of ours, never another host. Whoever sent a form wants back to the page that it is on,
/// and is told that it was not taken.
fn wanted(request: &Request) -> Failure {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match *request.method() {
        Method::GET => Failure::SignedOut { next: path.to_owned(), is_lost: false },
        // Who signs out is out.
        _ if path == SIGN_OUT => Failure::SignedOut { next: "/".to_owned(), is_lost: false },
        _ => Failure::SignedOut { next: came_from(request.headers()), is_lost: true },
    }
}

/// Where sessions are ended.
pub(crate) const SIGN_OUT: &str = "/sign-out";

/// The page of ours that a form is on, as its browser says; home, where it does not.
fn came_from(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let page = || {
        let (_, rest) = text(REFERER)?.split_once("://")?;
        let at = rest.find('/')?;
        let (host, path) = rest.split_at(at);
        let is_ours = host.eq_ignore_ascii_case(text(HOST)?) && !path.starts_with("//");
        is_ours.then(|| path.split('#').next().unwrap_or_default().to_owned())
    };
    page().unwrap_or_else(|| "/".to_owned())
}

/// Who is signed in, if anybody is; and that they were here, every now and then.
pub(crate) async fn signed(
    console: &Console,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Option<Signed>, StoreError> {
    let Some(secret) = cookie(headers, console.cookie()) else { return Ok(None) };
    let (digest, now) = (secret::digest(&secret), console.now());
    let mut tx = console.store().read("web::session").await?;
    let Some(found) = session::find(&mut tx, &digest, now).await? else { return Ok(None) };
    drop(tx);
    let Session { created_at, seen_at, .. } = found.session;
    if now.since(seen_at) >= NOTED_EVERY {
        let mut tx = console.store().begin("web::session_seen").await?;
        session::seen(&mut tx, &digest, now, expires_at(created_at, now)).await?;
        tx.commit().await?;
    }
    Ok(Some(Signed {
        admin: found.session.admin,
        email: found.email,
        role: found.role,
        secret,
        digest,
        address: address(extensions),
    }))
}

fn expires_at(created_at: Timestamp, now: Timestamp) -> Timestamp {
    (now + IDLE).min(created_at + LONGEST)
}

/// Begins a session and returns its cookie.
pub(crate) async fn begin(
    tx: &mut Tx,
    console: &Console,
    admin: &AdminId,
    from: &From,
) -> Result<HeaderValue, StoreError> {
    let (secret, now) = (secret::generate(console.clock()), console.now());
    let begun = Session {
        digest: secret::digest(&secret),
        admin: admin.clone(),
        created_at: now,
        seen_at: now,
        expires_at: expires_at(now, now),
        address: from.address.clone(),
        agent: from.agent.clone(),
    };
    session::insert(tx, &begun).await?;
    Ok(set_cookie(console, console.cookie(), secret.expose_secret(), LONGEST))
}

/// The cookie that ends one.
pub(crate) fn no_cookie(console: &Console) -> (axum::http::HeaderName, HeaderValue) {
    (SET_COOKIE, set_cookie(console, console.cookie(), "", Duration::ZERO))
}

/// A cookie that no script reads and that no form of another host carries along.
pub(crate) fn set_cookie(console: &Console, name: &str, value: &str, age: Duration) -> HeaderValue {
    let secure = if console.is_https() { "; Secure" } else { "" };
    let seconds = age.as_secs();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let mut value = HeaderValue::from_str(&text).expect("invariant: a secret is plain ASCII");
    value.set_sensitive(true);
    value
}

/// From where a request comes.
#[derive(Clone, Debug)]
pub(crate) struct From {
    pub(crate) address: String,
    pub(crate) agent: String,
}

impl FromRequestParts<Console> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers, &parts.extensions))
    }
}

impl From {
    fn of(headers: &HeaderMap, extensions: &Extensions) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("unknown");
        Self { address: address(extensions), agent: agent.chars().take(AGENT_CHARS).collect() }
    }
}

fn address(extensions: &Extensions) -> String {
    let known = extensions.get::<ConnectInfo<SocketAddr>>();
    known.map_or_else(|| "unknown".to_owned(), |ConnectInfo(address)| address.ip().to_string())
}

/// The cookie of this name.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let all = headers.get_all(COOKIE).into_iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = all.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=b; usher_session=s3cret".parse().unwrap());
        let found = cookie(&headers, "usher_session").map(|secret| secret.expose_secret().to_owned());
        assert_eq!(found.as_deref(), Some("s3cret"));
        assert!(cookie(&headers, "usher").is_none());
    }

    #[test]
    fn whoever_sent_a_form_goes_back_to_the_page_of_ours_that_it_is_on() {
        let from = |referer: &str, host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REFERER, referer.parse().unwrap());
            headers.insert(HOST, host.parse().unwrap());
            came_from(&headers)
        };
        assert_eq!(from("http://usher:8080/apps/1/access?q=x#groups", "Usher:8080"), "/apps/1/access?q=x");
        for referer in
            ["http://evil/apps", "http://usher:8080//evil", "http://usher:8080", "/apps", "about:blank", ""]
        {
            assert_eq!(from(referer, "usher:8080"), "/", "{referer}");
        }
        assert_eq!(came_from(&HeaderMap::new()), "/");
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_after_a_week_at_last() {
        let begun = Timestamp::from_micros(0);
        assert_eq!(expires_at(begun, begun), begun + IDLE);
        let busy = begun + LONGEST.saturating_sub(Duration::from_hours(1));
        assert_eq!(expires_at(begun, busy), begun + LONGEST);
    }
}
