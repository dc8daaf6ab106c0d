//! Whoever comes back from the provider: believed or not, let in or not.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use usher_store::admin::openid::{self, UnderWay};

use super::admit::admit;
use super::redirect;
use crate::console::Console;
use crate::failure::Failure;
use crate::openid::{CameBack, Refusal};
use crate::page::sign_in::{refuse, signed_in, waits};
use crate::secret;
use crate::session::{From, cookie, set_cookie};

/// What the provider's answer has in its address. What is not there is empty.
#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(default = "nothing", deserialize_with = "secret::typed")]
    code: SecretString,
    #[serde(default = "nothing", deserialize_with = "secret::typed")]
    state: SecretString,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

fn nothing() -> SecretString {
    SecretString::default()
}

/// Signs in whoever comes back, if they are who they have to be.
pub(crate) async fn callback(
    State(console): State<Console>,
    from: From,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, Failure> {
    let party = console.openid().ok_or(Failure::NotFound)?;
    if let Some(page) = waits(&console, &from, "/").await? {
        return Ok(page);
    }
    let Answer { code, state, iss, error } = answer;
    // It is used up before anything is asked: whatever comes of it, it comes once.
    let Some(under_way) = taken(&console, &headers, &state).await? else {
        return refuse(&console, &from, Refusal::NotUnderWay, "/").await;
    };
    let code = Some(code).filter(|code| !code.expose_secret().is_empty());
    let came_back = CameBack { code, issuer: iss, error };
    let person = match party.who(&redirect(&console)?, &under_way, came_back, console.now()).await {
        Ok(person) => person,
        Err(refusal) => return refuse(&console, &from, refusal, &under_way.next).await,
    };
    let mut tx = console.store().begin("web::openid_callback").await?;
    let admin = match admit(&mut tx, &console, &from, &person, under_way.link.as_deref()).await? {
        Ok(admin) => admin,
        Err(refusal) => {
            tx.rollback().await?;
            return refuse(&console, &from, refusal, &under_way.next).await;
        }
    };
    let with = Some(json!({"with": party.name()}));
    let session = signed_in(&mut tx, &console, &admin, &from, with).await?;
    tx.commit().await?;
    let done = set_cookie(&console, console.openid_cookie(), "", Duration::ZERO);
    let cookies = AppendHeaders([(SET_COOKIE, session), (SET_COOKIE, done)]);
    Ok((cookies, Redirect::to(&under_way.next)).into_response())
}

/// What is under way in this browser with this state.
async fn taken(
    console: &Console,
    headers: &HeaderMap,
    state: &SecretString,
) -> Result<Option<UnderWay>, Failure> {
    let Some(browser) = cookie(headers, console.openid_cookie()) else { return Ok(None) };
    let (state, browser) = (secret::digest(state), secret::digest(&browser));
    let mut tx = console.store().begin("web::openid_taken").await?;
    let taken = openid::take(&mut tx, console.store().keyring(), &state, &browser, console.now()).await?;
    tx.commit().await?;
    Ok(taken)
}
