//! Access tokens, kept until shortly before they end.
//!
//! # Invariants
//!
//! 1. One exchange at a time: who asks meanwhile waits for it, and is given its token.
//! 2. A token that Google refused is not given out again; one that an account signed for itself is followed by one of the
//!    other form.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use usher_model::time::Timestamp;

use crate::google::sign_in::error::SignInError;
use crate::google::sign_in::{AccessToken, OwnForm, SignIn};

/// So long before its end a token is given out no more: longer than any request takes. One that lives shortly is given
/// out for half its life.
const MARGIN: Duration = Duration::from_mins(5);

/// The access tokens of one directory.
#[derive(Debug)]
pub struct Tokens {
    sign_in: SignIn,
    scopes: Vec<&'static str>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    form: OwnForm,
}

#[derive(Debug)]
struct Kept {
    value: SecretString,
    /// When it is given out no more.
    until: Timestamp,
}

impl Tokens {
    /// Tokens for these scopes, none of them asked for yet.
    pub fn new(sign_in: SignIn, scopes: Vec<&'static str>) -> Self {
        Self { sign_in, scopes, state: Mutex::default() }
    }

    /// What signs in.
    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// A token that stands.
    pub async fn get(&self) -> Result<SecretString, SignInError> {
        let mut state = self.state.lock().await;
        let now = self.sign_in.clock.now();
        if let Some(token) = state.kept.as_ref().filter(|token| now < token.until) {
            return Ok(token.value.clone());
        }
        let AccessToken { value, expires_at } = self.sign_in.token(&self.scopes, state.form).await?;
        let margin = MARGIN.min(expires_at.since(now) / 2);
        Ok(state.kept.insert(Kept { value, until: expires_at.before(margin) }).value.clone())
    }

    /// Forgets a token that was refused, unless another is kept by now.
    pub async fn refused(&self, token: &SecretString) {
        let mut state = self.state.lock().await;
        let is_kept = |kept: &Kept| kept.value.expose_secret() == token.expose_secret();
        if state.kept.as_ref().is_some_and(is_kept) {
            *state = State { kept: None, form: state.form.other() };
        }
    }
}
