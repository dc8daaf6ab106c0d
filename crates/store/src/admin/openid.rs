//! Sign-in with OpenID Connect: who somebody is at their provider, and what is under way between here and there.
//!
//! What is under way works once, for a while, and in the browser alone that began it.

use secrecy::SecretString;
use usher_model::time::Timestamp;

use crate::columns::instant;
use crate::sql::Tx;
use crate::{Keyring, Place, StoreError};

/// Who somebody is at a provider. Never an address: those are renamed and given to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider's own address.
    pub issuer: String,
    /// Its immutable id of them.
    pub subject: String,
}

/// A sign-in that is under way.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// The digest of the state that comes back with them.
    pub state: String,
    /// The digest of the cookie of the browser that began it.
    pub browser: String,
    /// What the provider has to repeat in its token.
    pub nonce: String,
    /// What the code is exchanged with (RFC 7636).
    pub verifier: SecretString,
    /// Where to go afterwards: a page of ours.
    pub next: String,
    /// The digest of the link to set up the console that it was begun with.
    pub link: Option<String>,
    pub expires_at: Timestamp,
}

fn place(state: &str) -> Place<'_> {
    Place { table: "openid_sign_in", row: state, column: "verifier" }
}

const BEGIN: &str = "\
-- store::admin::openid::begin
INSERT INTO openid_sign_in (state, browser, nonce, verifier, next, link, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// Writes down that one is under way.
pub async fn begin(tx: &mut Tx, keyring: &Keyring, under_way: &UnderWay) -> Result<(), StoreError> {
    let UnderWay { state, browser, nonce, verifier, next, link, expires_at } = under_way;
    let values = [
        state.as_str().into(),
        browser.as_str().into(),
        nonce.as_str().into(),
        keyring.seal(place(state), verifier).into(),
        next.as_str().into(),
        link.as_deref().into(),
        instant(*expires_at),
    ];
    tx.execute_one(BEGIN, &values).await
}

const TAKE: &str = "\
-- store::admin::openid::take
DELETE FROM openid_sign_in WHERE state = $1 AND browser = $2 AND expires_at > $3
RETURNING state, browser, nonce, verifier, next, link, expires_at";

/// Takes what is under way with this state in this browser, so that nobody takes it again. None: there is nothing that
/// works now.
pub async fn take(
    tx: &mut Tx,
    keyring: &Keyring,
    state: &str,
    browser: &str,
    now: Timestamp,
) -> Result<Option<UnderWay>, StoreError> {
    let Some(row) = tx.opt_row(TAKE, &[state.into(), browser.into(), instant(now)]).await? else {
        return Ok(None);
    };
    Ok(Some(UnderWay {
        state: row.text("state")?.to_owned(),
        browser: row.text("browser")?.to_owned(),
        nonce: row.text("nonce")?.to_owned(),
        verifier: keyring.open(place(state), row.bytes("verifier")?)?,
        next: row.text("next")?.to_owned(),
        link: row.opt_text("link")?.map(str::to_owned),
        expires_at: row.instant("expires_at")?,
    }))
}

const N: &str = "\
-- store::admin::openid::n
SELECT COUNT(*) AS n FROM openid_sign_in";

/// How many are on record.
pub async fn n(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.row(N, &[]).await?.count("n")
}

const FORGET: &str = "\
-- store::admin::openid::forget
DELETE FROM openid_sign_in WHERE expires_at <= $1";

/// Forgets those that work no more. Returns how many.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, &[instant(now)]).await
}
