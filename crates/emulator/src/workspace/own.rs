//! Methods of the Directory API, called in this process by whoever keeps the directory: as an administrator's, without a token,
//! without quotas and faults, and not in the log of requests.
//!
//! What a method asks for and refuses is what clients are asked for and refused: it is the same handler.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::auth::Caller;
use super::call::{Call, Done, Reply};
use super::catalog::catalog;
use super::directory::Unavailable;
use super::refusal::Refusal;
use super::{Workspace, answer, methods};
use crate::exchange::Request;

/// A call.
#[derive(Clone, Debug)]
pub struct OwnCall<'a> {
    /// The method's name: `directory.users.patch`.
    pub method: &'static str,
    /// What its path says: `userKey`. The customer is this one.
    pub path: Vec<(&'static str, &'a str)>,
    /// Its body.
    pub body: Map<String, Value>,
    /// Who is said to call, in the audit log.
    pub by: &'a str,
}

/// Why a call was not carried out; nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotCarriedOut {
    /// The status that a client is answered with.
    pub status: u16,
    /// Google's word for it: `duplicate`.
    pub reason: &'static str,
    /// Google's sentence.
    pub message: String,
}

impl From<Refusal> for NotCarriedOut {
    fn from(Refusal { status, reason, message, .. }: Refusal) -> Self {
        Self { status, reason, message }
    }
}

impl From<answer::NotKept> for NotCarriedOut {
    fn from(why: answer::NotKept) -> Self {
        match why {
            answer::NotKept::Refused(refusal) => refusal.into(),
            answer::NotKept::Lost => Refusal::from(Unavailable("its state file is lost".to_owned())).into(),
        }
    }
}

impl Workspace {
    /// Carries a call out, and returns its answer; none where it has none.
    pub async fn carry_out(&self, own: OwnCall<'_>) -> Result<Option<Value>, NotCarriedOut> {
        let inner = &self.inner;
        let OwnCall { method, path, body, by } = own;
        let endpoint = catalog().named(method).ok_or_else(|| Refusal::not_implemented(method))?;
        let settings = inner.state().settings.clone();
        let body = endpoint.body(Value::Object(body), true)?;
        let customer = inner.directory.customer().await.map_err(Refusal::from)?;
        let mut path: BTreeMap<String, String> =
            path.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for name in ["customer", "customerId"] {
            path.insert(name.to_owned(), customer.id.clone());
        }
        let turn = inner.turn().await.map_err(Refusal::from)?;
        let mut call = Call {
            inner,
            endpoint,
            path,
            query: BTreeMap::new(),
            body,
            caller: Caller::own(by),
            settings,
            now: inner.clock.now(),
            fault: None,
            done: Done::default(),
        };
        let reply = methods::run(&mut call).await?;
        let Call { caller, now, done, .. } = call;
        answer::keep(inner, &turn, done, &caller, now, &Request::default()).await?;
        Ok(match reply {
            Reply::Body(body) => Some(body),
            Reply::Nothing => None,
        })
    }
}
