//! One's own account: where one is signed in, and the password.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use usher_store::admin::{self, session as sessions};

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant};
use crate::notebook::{By, Deed, note};
use crate::openid::{RelyingParty, name_of};
use crate::posted::Posted;
use crate::session::Signed;
use crate::{password, secret};

/// How many sessions are shown.
const SHOWN: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "account.html")]
pub(crate) struct AccountPage {
    frame: Frame,
    sessions: Vec<Shown>,
    has_password: bool,
    /// What people call the provider where they sign in.
    provider: Option<String>,
    /// Where they could sign in as well.
    offered: Option<String>,
    /// What is wrong with a new password.
    wrong: Option<String>,
    /// What was just done.
    done: Option<String>,
}

struct Shown {
    address: String,
    agent: String,
    begun: String,
    seen: String,
    is_this: bool,
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Deserialize)]
pub(crate) struct Change {
    #[serde(deserialize_with = "secret::typed")]
    current: SecretString,
    #[serde(deserialize_with = "secret::typed")]
    password: SecretString,
    #[serde(deserialize_with = "secret::typed")]
    again: SecretString,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, None, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    wrong: Option<String>,
    done: Option<String>,
) -> Result<AccountPage, Failure> {
    let mut tx = console.store().read("web::account").await?;
    let all = sessions::of_admin(&mut tx, &signed.admin, console.now(), SHOWN).await?;
    let admin = admin::by_id(&mut tx, &signed.admin).await?;
    let has_password = admin.as_ref().is_some_and(|admin| admin.has_password);
    let provider = admin.and_then(|admin| admin.openid).map(|identity| name_of(&identity.issuer));
    let offered = console.openid().filter(|_| provider.is_none()).map(RelyingParty::name);
    let sessions = all.into_iter().map(|session| Shown {
        is_this: session.digest == signed.digest,
        address: session.address,
        agent: session.agent,
        begun: instant(session.created_at),
        seen: instant(session.seen_at),
    });
    let frame = Frame::new(signed, Place::Account, "Your account");
    let sessions = sessions.collect();
    Ok(AccountPage { frame, sessions, has_password, provider, offered, wrong, done })
}

/// Ends every other session of theirs.
pub(crate) async fn sign_out_elsewhere(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let mut tx = console.store().begin("web::sign_out_elsewhere").await?;
    let n = sessions::end_all(&mut tx, &signed.admin, Some(&signed.digest)).await?;
    let deed = Deed {
        kind: "sign_out_elsewhere",
        subject: signed.email.as_str(),
        before: None,
        after: Some(json!({"ended": n})),
    };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    Ok(Redirect::to("/account").into_response())
}

/// Changes their password: only with the one that they have, and every other session ends with it.
pub(crate) async fn change_password(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(change): Posted<Change>,
) -> Result<Response, Failure> {
    let Change { current, password, again } = change;
    let known = {
        let mut tx = console.store().read("web::change_password").await?;
        admin::password(&mut tx, &signed.admin).await?
    };
    let wrong = if password::is(current, known).await? {
        password::refused(&password, &again, signed.email.as_str())
    } else {
        Some("The current password is another.".to_owned())
    };
    if wrong.is_some() {
        return Ok(html(&page(&console, &signed, wrong, None).await?));
    }
    let hash = password::hash(password, console.clock()).await?;
    let mut tx = console.store().begin("web::change_password").await?;
    admin::set_password(&mut tx, &signed.admin, &hash).await?;
    sessions::end_all(&mut tx, &signed.admin, Some(&signed.digest)).await?;
    let deed = Deed { kind: "password_change", subject: signed.email.as_str(), before: None, after: None };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    let done = Some("Your password is changed, and every other session has ended.".to_owned());
    Ok(html(&page(&console, &signed, None, done).await?))
}

fn by(signed: &Signed) -> By<'_> {
    By { who: signed.email.as_str(), address: &signed.address }
}

#[cfg(test)]
impl AccountPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::{LONG, Sample};

        let session = |kind: Sample, n: usize| Shown {
            address: "10.0.0.1".into(),
            agent: if kind == Sample::Long { LONG } else { "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" }
                .into(),
            begun: "2026-11-30 02:50 UTC".into(),
            seen: "2026-11-30 03:50 UTC".into(),
            is_this: n == 0,
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Account, "Your account"),
            sessions: (0..kind.rows(SHOWN)).map(|n| session(kind, n)).collect(),
            has_password: true,
            provider: None,
            offered: None,
            wrong: kind.wrong("The current password is another."),
            done: None,
        };
        let other = || page(Sample::Other);
        let google = || Some("Google".to_owned());
        let changed = Some("Your password is changed, and every other session has ended.".to_owned());
        let cannot = [Sample::Empty, Sample::Thousands, Sample::Held, Sample::RightToLeft];
        let mut samples = Sample::all_but(&cannot, page);
        samples.extend(
            [
                Self { sessions: (0..SHOWN).map(|n| session(Sample::Other, n)).collect(), ..other() },
                Self { offered: google(), ..other() },
                Self { provider: google(), ..other() },
                Self { provider: google(), has_password: false, ..other() },
                Self { done: changed, ..other() },
            ]
            .map(|page| (Sample::Other, page)),
        );
        samples
    }
}
