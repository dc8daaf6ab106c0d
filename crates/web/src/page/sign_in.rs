//! Sign-in with a password.
//!
//! Whoever has no account, or another password, is told the same, after the same time. After a few failures, for one
//! admin or from one address, the next attempt waits, and says how long.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;
use usher_model::id::Email;
use usher_model::time::Timestamp;
use usher_store::admin::{self, Admin, failures, link, session as sessions};
use usher_store::{StoreError, Tx};

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::html;
use crate::notebook::{By, Deed, note};
use crate::posted::Sent;
use crate::session::{self, From};
use crate::throttle::{self, FORGOTTEN_AFTER, FREE_FOR_ADMIN, FREE_FROM_ADDRESS};
use crate::{password, secret};

/// The page.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage {
    email: String,
    /// Where they wanted to go.
    next: String,
    wrong: Option<String>,
    /// Whether nobody may sign in yet.
    is_new: bool,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Tried {
    email: String,
    #[serde(deserialize_with = "secret::typed")]
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// Asks for address and password.
pub(crate) async fn show(
    State(console): State<Console>,
    Query(Asked { next }): Query<Asked>,
) -> Result<Response, Failure> {
    let mut tx = console.store().read("web::sign_in").await?;
    let is_new = !admin::any(&mut tx).await?;
    Ok(html(&SignInPage { email: String::new(), next: ours(&next), wrong: None, is_new }))
}

/// Signs somebody in.
pub(crate) async fn sign_in(
    State(console): State<Console>,
    from: From,
    Sent(tried): Sent<Tried>,
) -> Result<Response, Failure> {
    let Tried { email, password, next } = tried;
    let (next, now) = (ours(&next), console.now());
    let said = |wrong: String| {
        html(&SignInPage { email: email.clone(), next: next.clone(), wrong: Some(wrong), is_new: false })
    };
    let parsed = Email::parse(email.trim()).ok();
    // Nobody has what is no address; but it may be tried as often as one that is.
    let subjects = Subjects::new(parsed.as_ref().map_or(email.trim(), Email::as_str), &from);
    let mut tx = console.store().read("web::sign_in").await?;
    if let Some(until) = subjects.wait(&mut tx, now).await? {
        return Ok(too_many(until, now, said));
    }
    let admin = match &parsed {
        Some(email) => admin::by_email(&mut tx, email).await?,
        None => None,
    };
    let hash = match &admin {
        Some(admin) => admin::password(&mut tx, &admin.id).await?,
        None => None,
    };
    drop(tx);
    let is_theirs = password::is(password, hash).await?;
    let mut tx = console.store().begin("web::sign_in").await?;
    let Some(admin) = admin.filter(|_| is_theirs) else {
        subjects.count(&mut tx, now).await?;
        tx.commit().await?;
        tracing::warn!(from = %from.address, "an attempt to sign in failed");
        return Ok((StatusCode::UNAUTHORIZED, said(WRONG.to_owned())).into_response());
    };
    let cookie = signed_in(&mut tx, &console, &admin, &from).await?;
    subjects.clear(&mut tx).await?;
    tx.commit().await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&next)).into_response())
}

const WRONG: &str = "That address and password do not belong together here.";

async fn signed_in(
    tx: &mut Tx,
    console: &Console,
    admin: &Admin,
    from: &From,
) -> Result<axum::http::HeaderValue, StoreError> {
    let now = console.now();
    // What has expired goes with the next who signs in.
    sessions::forget(tx, now).await?;
    link::forget(tx, now).await?;
    failures::forget(tx, now.before(FORGOTTEN_AFTER)).await?;
    admin::signed_in(tx, &admin.id, now).await?;
    let by = By { who: admin.email.as_str(), address: &from.address };
    note(tx, console, by, Deed { kind: "sign_in", subject: admin.email.as_str(), before: None, after: None })
        .await?;
    session::begin(tx, console, &admin.id, from).await
}

fn too_many(until: Timestamp, now: Timestamp, said: impl FnOnce(String) -> Response) -> Response {
    let seconds = until.since(now).as_secs().max(1);
    let when = match seconds {
        1 => "1 second".to_owned(),
        seconds if seconds < 120 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    };
    let page = said(format!("Too many attempts have failed: try again in {when}."));
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())], page).into_response()
}

/// Whose failures an attempt is counted with.
struct Subjects {
    admin: String,
    address: String,
}

impl Subjects {
    /// How much of what somebody types as an address is kept.
    const CHARS: usize = 254;

    fn new(email: &str, from: &From) -> Self {
        let email: String = email.chars().take(Self::CHARS).collect();
        Self {
            admin: format!("admin {}", email.to_lowercase()),
            address: format!("address {}", from.address),
        }
    }

    async fn wait(&self, tx: &mut Tx, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let of_admin = throttle::wait(failures::of(tx, &self.admin).await?, FREE_FOR_ADMIN, now);
        let of_address = throttle::wait(failures::of(tx, &self.address).await?, FREE_FROM_ADDRESS, now);
        Ok(of_admin.max(of_address))
    }

    async fn count(&self, tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
        failures::count(tx, &self.admin, now).await?;
        failures::count(tx, &self.address, now).await
    }

    /// One succeeded. What failed from the same address for others still counts.
    async fn clear(&self, tx: &mut Tx) -> Result<(), StoreError> {
        failures::clear(tx, &self.admin).await
    }
}

/// Where to go next: a page of ours, or home.
fn ours(next: &str) -> String {
    let is_ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if is_ours { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
impl SignInPage {
    pub(crate) fn samples() -> Vec<Self> {
        let page = |wrong: Option<&str>, is_new| Self {
            email: "ada@example.com".into(),
            next: "/apps".into(),
            wrong: wrong.map(str::to_owned),
            is_new,
        };
        let waits = "Too many attempts have failed: try again in 15 minutes.";
        vec![page(None, false), page(Some(WRONG), false), page(Some(waits), false), page(None, true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_host_after_sign_in() {
        assert_eq!(ours("/apps?x=1"), "/apps?x=1");
        for next in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "apps"] {
            assert_eq!(ours(next), "/", "{next:?}");
        }
    }
}
