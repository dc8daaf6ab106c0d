//! Sends somebody to the provider, and writes down what they have to come back with.
//!
//! It is a link and not a form, because a form that is answered with another host's address is stopped by our own policy
//! (`form-action 'self'`). It is followed from our own pages alone; from elsewhere it leads to the page to sign in.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use usher_store::admin::openid::{self, UnderWay};

use super::{WORKS_FOR, redirect};
use crate::console::Console;
use crate::failure::Failure;
use crate::openid::{Chance, Refusal};
use crate::page::sign_in::{ours, refuse, waits};
use crate::session::{From, set_cookie};
use crate::{crossing, secret};

/// The most that are under way at once: whoever begins without end does not fill the database.
const MOST_UNDER_WAY: u64 = 10_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
    /// What the link to set up the console holds; empty: it is an ordinary sign-in.
    #[serde(default = "nothing", deserialize_with = "secret::typed")]
    link: SecretString,
}

fn nothing() -> SecretString {
    SecretString::default()
}

/// Sends somebody to the provider.
pub(crate) async fn begin(
    State(console): State<Console>,
    from: From,
    headers: HeaderMap,
    Query(Asked { next, link }): Query<Asked>,
) -> Result<Response, Failure> {
    let party = console.openid().ok_or(Failure::NotFound)?;
    if crossing::is_from_elsewhere(&headers) {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let (next, now) = (ours(&next), console.now());
    if let Some(page) = waits(&console, &from, &next).await? {
        return Ok(page);
    }
    let chance = Chance {
        state: secret::generate(console.clock()),
        nonce: secret::generate(console.clock()).expose_secret().to_owned(),
        verifier: secret::generate(console.clock()),
    };
    let address = match party.address(&redirect(&console)?, &chance, now).await {
        Ok(address) => address,
        Err(refusal) => return refuse(&console, &from, refusal, &next).await,
    };
    let browser = secret::generate(console.clock());
    let link = Some(link).filter(|link| !link.expose_secret().is_empty());
    let under_way = UnderWay {
        state: secret::digest(&chance.state),
        browser: secret::digest(&browser),
        nonce: chance.nonce,
        verifier: chance.verifier,
        next: next.clone(),
        link: link.as_ref().map(secret::digest),
        expires_at: now + WORKS_FOR,
    };
    let mut tx = console.store().begin("web::openid_begin").await?;
    openid::forget(&mut tx, now).await?;
    if openid::n(&mut tx).await? >= MOST_UNDER_WAY {
        tx.commit().await?;
        return refuse(&console, &from, Refusal::TooMany, &next).await;
    }
    openid::begin(&mut tx, console.store().keyring(), &under_way).await?;
    tx.commit().await?;
    let cookie = set_cookie(&console, console.openid_cookie(), browser.expose_secret(), WORKS_FOR);
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
}
