//! Takes an app's endpoint and token, once the app itself has accepted them.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use usher_model::id::AppId;
use usher_model::template::Template;
use usher_model::template::token::Tokens;
use usher_model::time::Timestamp;
use usher_protocol::failure::FailureClass;
use usher_protocol::scim::failure::Failure;
use usher_protocol::scim::list::{ListResponse, NotAList};
use usher_store::app::Grant;
use usher_store::{Store, StoreError, Tx, account, app};

use crate::calls::{AppClient, CallError, Open};
use crate::clock::Clock;
use crate::endpoint::{Endpoint, EndpointError};
use crate::environment::Environment;
use crate::transport::TransportError;

/// What is to be accepted.
#[derive(Debug)]
pub struct Authorization<'a> {
    /// The app's name.
    pub app: &'a str,
    /// Its SCIM endpoint.
    pub endpoint: &'a str,
    /// Its access token.
    pub token: SecretString,
    /// When the app generated it, if somebody said so. A token that is on record keeps its age; any other one counts
    /// as generated now.
    pub token_created_at: Option<Timestamp>,
    /// The endpoint is another tenant: what is known of accounts is dropped.
    pub is_new_tenant: bool,
}

/// Why an authorization was not taken. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// No such app.
    #[error("there is no app named {0}: `usher app list` shows them")]
    NoSuchApp(String),
    /// A template that this version does not have.
    #[error("the app's template `{0}` is unknown to this version of usher")]
    UnknownTemplate(String),
    /// The endpoint is none.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The token is from the future.
    #[error(
        "a token cannot have been generated on {0}, which is still to come: give the day on which it was"
    )]
    NotCreatedYet(Timestamp),
    /// The token has lived its life.
    #[error(
        "a token that was generated on {created_at} expired on {expired_at}: generate a new one in {generated_in}, or give the day on which this one was generated"
    )]
    ExpiredAlready {
        /// The day on which it was generated, as somebody said.
        created_at: String,
        /// The day on which it ended.
        expired_at: String,
        /// Where a new one comes from.
        generated_in: &'static str,
    },
    /// The app refused the token.
    #[error(
        "the app at {endpoint} refused the access token (401): copy it anew from the app, whole and without spaces, or generate a new one in {generated_in}; or the endpoint is another instance's"
    )]
    WrongToken {
        /// The endpoint.
        endpoint: String,
        /// Where a new one comes from.
        generated_in: &'static str,
    },
    /// The token may not do this.
    #[error(
        "the app at {endpoint} does not let the access token list users (403): {}; likely causes: {turned_away}",
        unstopped(said)
    )]
    Forbidden {
        /// The endpoint.
        endpoint: String,
        /// What the app said.
        said: String,
        /// Why it may say so.
        turned_away: &'static str,
    },
    /// Something answers there, but not SCIM.
    #[error(
        "what answers at {endpoint} is not a SCIM endpoint: {}; copy the endpoint anew from the app",
        unstopped(said)
    )]
    WrongEndpoint {
        /// The endpoint.
        endpoint: String,
        /// What came instead.
        said: String,
    },
    /// It leads elsewhere.
    #[error("{0} redirects to another address, which is never followed with a token: give the final address")]
    Redirects(String),
    /// Nothing answers there.
    #[error(
        "{endpoint} does not answer: {}; check the host and port, and that this machine may reach it",
        unstopped(said)
    )]
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// What happened.
        said: String,
    },
    /// Accounts are known at another endpoint.
    #[error(
        "the app {app} has {n_accounts} accounts on record at {known}; another endpoint means another tenant: say --new-tenant to drop the records (no account is touched)"
    )]
    OtherTenant {
        /// The app.
        app: String,
        /// How many.
        n_accounts: u64,
        /// Where.
        known: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody else said, without its full stop, for the sentence goes on.
fn unstopped(said: &str) -> &str {
    said.trim_end().trim_end_matches('.')
}

/// Checks endpoint and token at the app, and stores them.
pub async fn authorize(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    authorization: Authorization<'_>,
) -> Result<(), AuthorizeError> {
    let Authorization { app: name, endpoint, token, token_created_at, is_new_tenant } = authorization;
    if let Some(created_at) = token_created_at.filter(|created_at| *created_at > clock.now()) {
        return Err(AuthorizeError::NotCreatedYet(created_at));
    }
    let mut tx = store.read("engine::authorize").await?;
    let found =
        app::by_name(&mut tx, name).await?.ok_or_else(|| AuthorizeError::NoSuchApp(name.to_owned()))?;
    let n_accounts = account::counts(&mut tx, &found.id, clock.now()).await?.total();
    drop(tx);
    let template = Template::by_key(&found.template)
        .ok_or_else(|| AuthorizeError::UnknownTemplate(found.template.clone()))?;
    refuse_expired(&template.tokens, token_created_at, clock.now())?;
    let endpoint = Endpoint::parse(endpoint, template, environment.reachable)?;
    let moves = found.endpoint.as_deref().is_some_and(|known| known != endpoint.as_str());
    if moves && n_accounts > 0 && !is_new_tenant {
        let known = found.endpoint.unwrap_or_default();
        return Err(AuthorizeError::OtherTenant { app: found.name, n_accounts, known });
    }
    check(clock, environment, template, &endpoint, &token).await?;
    let mut tx = store.begin("engine::authorize").await?;
    let now = clock.now();
    let created_at = match token_created_at {
        Some(created_at) => Some(created_at),
        None if is_on_record(&mut tx, store, &found.id, &token).await? => found.token_created_at,
        None => Some(now),
    };
    let grant = Grant {
        endpoint: endpoint.as_str(),
        token: &token,
        created_at,
        drop_records: is_new_tenant && moves,
    };
    app::authorize(&mut tx, store.keyring(), &found.id, grant, now).await?;
    tx.commit().await?;
    Ok(())
}

const A_DAY: Duration = Duration::from_hours(24);

/// A token that ended cannot be accepted any more, so either it is the wrong one or the day is. Whoever gives a day means
/// any hour of it.
fn refuse_expired(
    tokens: &Tokens,
    created_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), AuthorizeError> {
    let ended = tokens.expires_at(created_at).filter(|at| *at + A_DAY <= now);
    let Some((created_at, expired_at)) = created_at.zip(ended) else { return Ok(()) };
    Err(AuthorizeError::ExpiredAlready {
        created_at: created_at.date(),
        expired_at: expired_at.date(),
        generated_in: tokens.generated_in,
    })
}

/// Whether this very token was given before: giving it once more makes it no younger.
async fn is_on_record(
    tx: &mut Tx,
    store: &Store,
    app: &AppId,
    token: &SecretString,
) -> Result<bool, StoreError> {
    let known = app::token(tx, store.keyring(), app).await?;
    Ok(known.is_some_and(|known| known.expose_secret() == token.expose_secret()))
}

/// Asks the app for one user, as Google does when *Continue* is pressed.
async fn check(
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    template: &'static Template,
    endpoint: &Endpoint,
    token: &SecretString,
) -> Result<(), AuthorizeError> {
    let transport = environment.transports.open(endpoint.clone(), token.clone());
    let client =
        AppClient::new(transport, Arc::clone(clock), Arc::new(Open), template, environment.request_timeout);
    let shown = || endpoint.as_str().to_owned();
    // Whether its lists can be believed is for each run to say: one that counts wrongly is a SCIM app as well.
    let asked = async {
        let first = client.users().await?.next().expect("invariant: a listing begins with a page");
        let body = client.send(&first).await?.body_json().ok_or(NotAList::NotAnObject);
        let page = body.and_then(|body| ListResponse::read(&body));
        page.map_err(|error| CallError::Useless(error.to_string()))
    };
    match asked.await {
        Ok(_) => Ok(()),
        Err(CallError::Refused(failure)) => Err(refused(&failure, shown(), &template.tokens)),
        Err(CallError::Transport(TransportError::NotSent(said) | TransportError::NoAnswer(said))) => {
            Err(AuthorizeError::Unreachable { endpoint: shown(), said })
        }
        Err(error) => Err(AuthorizeError::WrongEndpoint { endpoint: shown(), said: error.to_string() }),
    }
}

fn refused(failure: &Failure, endpoint: String, tokens: &Tokens) -> AuthorizeError {
    let said = failure.to_string();
    let Tokens { generated_in, turned_away, lives: _ } = *tokens;
    match (failure.of_read(), failure.status()) {
        (FailureClass::Unauthorized, _) => AuthorizeError::WrongToken { endpoint, generated_in },
        (FailureClass::Forbidden, _) => AuthorizeError::Forbidden { endpoint, said, turned_away },
        (_, 300..=399) => AuthorizeError::Redirects(endpoint),
        (FailureClass::Transient { .. } | FailureClass::Throttled { .. }, _) => {
            AuthorizeError::Unreachable { endpoint, said }
        }
        _ => AuthorizeError::WrongEndpoint { endpoint, said },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_said_is_quoted_without_its_full_stop_because_the_sentence_goes_on() {
        let endpoint = "https://scim.example.com/v2".to_owned();
        let wrong = AuthorizeError::WrongEndpoint {
            endpoint: endpoint.clone(),
            said: "Endpoint not found.".to_owned(),
        };
        assert!(
            wrong.to_string().ends_with(": Endpoint not found; copy the endpoint anew from the app"),
            "{wrong}"
        );
        let silent =
            AuthorizeError::Unreachable { endpoint, said: "Connection refused (os error 111).".to_owned() };
        let said =
            "Connection refused (os error 111); check the host and port, and that this machine may reach it";
        assert!(silent.to_string().ends_with(said), "{silent}");
    }
}
