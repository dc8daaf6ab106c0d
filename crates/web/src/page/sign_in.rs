//! Sign-in with a password, and the page that leads to the provider as well.
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
use serde_json::{Value, json};
use usher_model::id::Email;
use usher_model::time::Timestamp;
use usher_store::admin::{self, Admin, failures, link, session as sessions};
use usher_store::{StoreError, Tx};

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::html;
use crate::notebook::{By, Deed, note};
use crate::openid::{Refusal, RelyingParty};
use crate::page::openid::Elsewhere;
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
    /// Whether a form was sent that nobody took.
    is_lost: bool,
    /// Whether nobody may sign in yet.
    is_new: bool,
    elsewhere: Option<Elsewhere>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
    lost: Option<String>,
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
    Query(Asked { next, lost }): Query<Asked>,
) -> Result<Response, Failure> {
    let mut tx = console.store().read("web::sign_in").await?;
    let is_new = !admin::any(&mut tx).await?;
    Ok(html(&SignInPage { is_new, is_lost: lost.is_some(), ..SignInPage::new(&console, &next) }))
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
        let page = SignInPage::new(&console, &next);
        html(&SignInPage { email: email.clone(), wrong: Some(wrong), ..page })
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
    let cookie = signed_in(&mut tx, &console, &admin, &from, None).await?;
    subjects.clear(&mut tx).await?;
    tx.commit().await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&next)).into_response())
}

const WRONG: &str = "That address and password do not belong together here.";

/// Begins a session of somebody who has shown who they are, and returns its cookie. `with` is what the audit log says of how.
pub(crate) async fn signed_in(
    tx: &mut Tx,
    console: &Console,
    admin: &Admin,
    from: &From,
    with: Option<Value>,
) -> Result<axum::http::HeaderValue, StoreError> {
    let now = console.now();
    // What has expired goes with the next who signs in.
    sessions::forget(tx, now).await?;
    link::forget(tx, now).await?;
    failures::forget(tx, now.before(FORGOTTEN_AFTER)).await?;
    admin::signed_in(tx, &admin.id, now).await?;
    let by = By { who: admin.email.as_str(), address: &from.address };
    note(tx, console, by, Deed { kind: "sign_in", subject: admin.email.as_str(), before: None, after: with })
        .await?;
    session::begin(tx, console, &admin.id, from).await
}

/// The page that says how long to wait, where too much has failed from there.
pub(crate) async fn waits(console: &Console, from: &From, next: &str) -> Result<Option<Response>, Failure> {
    let now = console.now();
    let mut tx = console.store().read("web::sign_in_waits").await?;
    let until = throttle::wait(failures::of(&mut tx, &of_address(from)).await?, FREE_FROM_ADDRESS, now);
    let said = |wrong| html(&SignInPage { wrong: Some(wrong), ..SignInPage::new(console, next) });
    Ok(until.map(|until| too_many(until, now, said)))
}

/// The page with why nobody is signed in who came by the provider. A failed attempt is counted, and written
/// down.
pub(crate) async fn refuse(
    console: &Console,
    from: &From,
    refusal: Refusal,
    next: &str,
) -> Result<Response, Failure> {
    let (word, address) = (refusal.word(), &from.address);
    let why = refusal.detail().unwrap_or_default();
    tracing::warn!(from = %address, word, why, "nobody was signed in who came by the provider");
    if refusal.counts() {
        let who = refusal.email().unwrap_or("somebody unknown");
        let after = Some(json!({"with": console.openid().map(RelyingParty::name), "why": word}));
        let deed = Deed { kind: "sign_in_refused", subject: who, before: None, after };
        let mut tx = console.store().begin("web::sign_in_refused").await?;
        failures::count(&mut tx, &of_address(from), console.now()).await?;
        note(&mut tx, console, By { who, address }, deed).await?;
        tx.commit().await?;
    }
    let mut tx = console.store().read("web::sign_in_refused").await?;
    let is_new = !admin::any(&mut tx).await?;
    let page = SignInPage { wrong: Some(refusal.to_string()), is_new, ..SignInPage::new(console, next) };
    Ok((refusal.status(), html(&page)).into_response())
}

fn of_address(from: &From) -> String {
    format!("address {}", from.address)
}

impl SignInPage {
    /// The page as somebody finds it who wants to go there.
    fn new(console: &Console, next: &str) -> Self {
        let next = ours(next);
        let elsewhere = Elsewhere::of(console, ("next", &next));
        Self { email: String::new(), next, wrong: None, is_lost: false, is_new: false, elsewhere }
    }
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
        Self { admin: format!("admin {}", email.to_lowercase()), address: of_address(from) }
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

/// The longest way to a page that is kept, in bytes.
const MOST_NEXT: usize = 2_000;

/// Where to go next: a page of ours, or home.
pub(crate) fn ours(next: &str) -> String {
    let is_ours = next.starts_with('/')
        && next.len() <= MOST_NEXT
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if is_ours { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
impl SignInPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample| Self {
            email: if kind == Sample::Empty { String::new() } else { kind.address("ada@example.com") },
            next: "/apps".into(),
            wrong: kind.wrong(WRONG),
            is_lost: false,
            is_new: kind == Sample::Empty,
            elsewhere: None,
        };
        let with = |page| (Sample::Other, Self { elsewhere: Some(Elsewhere::sample()), ..page });
        let wrong = |why: &str| Self { wrong: Some(why.to_owned()), ..page(Sample::Other) };
        let silent = Refusal::NotReached { provider: "Google".into(), why: "it took too long".into() };
        let waits = wrong("Too many attempts have failed: try again in 15 minutes.");
        let mut samples = Sample::all_but(&[Sample::Thousands, Sample::Held], page);
        samples.extend([
            (Sample::Other, waits),
            (Sample::Other, Self { is_lost: true, ..page(Sample::Other) }),
            with(page(Sample::Other)),
            with(wrong(&silent.to_string())),
            with(Self { is_new: true, ..wrong(&Refusal::NoLink.to_string()) }),
        ]);
        samples
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
