//! A replica's way to the app.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use usher_emulator::exchange::{self, Outcome};
use usher_engine::endpoint::Endpoint;
use usher_engine::environment::Transports;
use usher_engine::transport::{Transport, TransportError};
use usher_protocol::http::{Request, Response};

use super::wire::{asked, claimed, kind, looping, paged, read, refused, unreadable};
use super::{App, REQUEST_TIMEOUT};
use crate::sim::LOOK_AGAIN_AFTER;
use crate::sim::mind::Kind;
use crate::sim::op;
use crate::sim::op::part::Fault;
use crate::sim::write::{Sent, Write};

mod groups;

/// The ways of one replica.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Ways {
    pub(in crate::sim) app: Arc<App>,
    pub(in crate::sim) actor: u8,
}

#[derive(Debug)]
struct Way {
    app: Arc<App>,
    actor: u8,
    token: SecretString,
}

impl Transports for Ways {
    fn open(&self, _endpoint: Endpoint, token: SecretString) -> Arc<dyn Transport> {
        Arc::new(Way { app: Arc::clone(&self.app), actor: self.actor, token })
    }
}

#[async_trait]
impl Transport for Way {
    async fn send(&self, request: &Request, _timeout: Duration) -> Result<Response, TransportError> {
        let app = &self.app;
        let sent_at = app.clock.now();
        let write = self.leaves(request);
        let struck = {
            let mut state = app.state();
            let super::State { rules, chance, .. } = &mut *state;
            rules.strike(request, chance)
        };
        if let Some(fault) = struck {
            let mut ledger = app.ledger();
            *ledger.trace.faults.entry(fault.name()).or_default() += 1;
            ledger.trace.note(&|| format!("fault {fault:?}"));
        }
        let mut asked = request.clone();
        paged(&mut asked, struck == Some(Fault::ForgottenCursor));
        let outgoing = self.outgoing(&asked);
        match struck {
            Some(Fault::NotSent) => {
                app.ledger().answered_sent(write.as_ref(), None);
                return Err(TransportError::NotSent("connection refused".to_owned()));
            }
            Some(Fault::Unauthorized) => return Ok(self.arrives(request, write, refused(401))),
            Some(Fault::Forbidden) => return Ok(self.arrives(request, write, refused(403))),
            Some(Fault::BadGateway { done: false }) => return Ok(self.arrives(request, write, refused(502))),
            _ => {}
        }
        let mut flying = Flying { way: self, write: write.clone(), left: Some(outgoing), sent_at };
        yield_once().await;
        // Whoever was left alone for too long waits for nothing any more.
        let is_late = || app.clock.now() >= sent_at + REQUEST_TIMEOUT;
        if is_late() {
            self.is_lost(write.as_ref());
            return Err(TransportError::NoAnswer("it took too long".to_owned()));
        }
        if matches!(struck, Some(Fault::LostRequest | Fault::Slow)) {
            let left = flying.left.take().expect("invariant: it is sent once");
            if struck == Some(Fault::Slow) {
                app.let_fly(left, write.clone(), sent_at);
            }
            flying.write = None;
            self.is_lost(write.as_ref());
            app.clock.sleep_until(sent_at + REQUEST_TIMEOUT).await;
            return Err(TransportError::NoAnswer("it took too long".to_owned()));
        }
        if let (Some(Fault::BadRequestEmptied), Some(Sent::Group(group))) = (struck, &write) {
            app.empty(group);
            flying.left = None;
            flying.write = None;
            return Ok(self.arrives(request, write, unreadable()));
        }
        let left = flying.left.take().expect("invariant: it is sent once");
        let outcome = app.carry_out(left, write.as_ref()).await;
        // A crash from here on finds it carried out.
        yield_once().await;
        flying.write = None;
        if is_late() {
            self.is_lost(write.as_ref());
            return Err(TransportError::NoAnswer("it took too long".to_owned()));
        }
        match (struck, outcome) {
            (Some(Fault::LostAnswer), _) | (_, Outcome::Dropped) => {
                self.is_lost(write.as_ref());
                Err(TransportError::NoAnswer("the connection was closed".to_owned()))
            }
            (Some(Fault::BadGateway { done: true }), _) => Ok(self.arrives(request, write, refused(502))),
            (Some(Fault::LoopingCursor), Outcome::Answered(answer)) => {
                Ok(self.arrives(request, write, looping(request, read(answer))))
            }
            (_, Outcome::Answered(answer)) => Ok(self.arrives(request, write, read(answer))),
        }
    }
}

/// A request under way: if its sender crashes, it may still arrive, and nobody is there to hear the answer.
struct Flying<'a> {
    way: &'a Way,
    write: Option<Sent>,
    left: Option<exchange::Request>,
    sent_at: usher_model::time::Timestamp,
}

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        let app = &self.way.app;
        let write = self.write.take();
        self.way.is_lost(write.as_ref());
        // What was sent long ago has arrived, or never will.
        if app.clock.now() >= self.sent_at + REQUEST_TIMEOUT {
            return;
        }
        if let Some(left) = self.left.take()
            && app.state().chance.coin()
        {
            app.let_fly(left, write, self.sent_at);
        }
    }
}

impl Way {
    /// Tells the ledger that a request leaves.
    fn leaves(&self, request: &Request) -> Option<Sent> {
        let app = &self.app;
        {
            let mut ledger = app.ledger();
            ledger.trace.n_requests += 1;
            let (actor, now) = (self.actor, app.clock.now());
            ledger.trace.note(&|| format!("replica {actor} sends {request:?} at {now}"));
        }
        if groups::is_of_groups(request) {
            return self.group_leaves(request).map(Sent::Group);
        }
        let id = request.path.get(1).cloned();
        let before = id.as_deref().and_then(|id| app.user(id));
        let mut ledger = app.ledger();
        let (actor, now) = (self.actor, app.clock.now());
        if !request.method.is_write() {
            return None;
        }
        let kind = kind(request);
        let user = match (&before, &request.body) {
            (Some(_), Some(body)) if claimed(body).is_some() => claimed(body),
            (Some(account), _) => ledger.owner(id.as_deref().unwrap_or_default(), account),
            (None, Some(body)) if kind == Kind::Create => body["externalId"].as_str().map(str::to_owned),
            // An account that is not there any more is whose it was.
            (None, _) => {
                let entry = id.as_ref().and_then(|id| ledger.accounts.get(id));
                Some(entry.and_then(|entry| entry.owner.clone()).unwrap_or_else(|| "gone".to_owned()))
            }
        };
        let is_claim = request.body.as_ref().is_some_and(|body| claimed(body).is_some());
        let name = request.body.as_ref().filter(|_| kind == Kind::Create);
        let name = name.and_then(|body| body["userName"].as_str()).map(str::to_owned);
        let view = ledger.views.get(&actor);
        let is_released = view.is_some_and(|view| view.request == op::part::Request::Release);
        let begun = view.map_or(0, |view| view.begun);
        let write =
            Write { actor, kind, user, id, name, sent_at: now, begun, is_released, is_claim, is_lie: false };
        if before.is_some() || kind == Kind::Create {
            ledger.sends(&write, before.as_ref());
        }
        if let Some(user) = &write.user {
            ledger.flying.insert((actor, user.clone()), (kind, write.id.clone()));
        }
        Some(Sent::Account(write))
    }

    /// Tells the ledger that an answer arrives.
    fn arrives(&self, request: &Request, write: Option<Sent>, answer: Response) -> Response {
        let mut ledger = self.app.ledger();
        ledger.trace.note(&|| format!("answer {} {}", answer.status, String::from_utf8_lossy(&answer.body)));
        match write {
            Some(Sent::Group(write)) => ledger.group_answered(&write, Some(answer.status)),
            Some(Sent::Account(write)) if answer.status >= 500 => ledger.lost(&write),
            Some(Sent::Account(write)) => {
                if answer.is_success() {
                    ledger.obeyed(&write, self.app.clock.now());
                }
                ledger.answered(&write);
            }
            None if groups::is_of_groups(request) => self.shows_groups(&mut ledger, request, &answer),
            None => self.shows(&mut ledger, request, &answer),
        }
        answer
    }

    /// What a read shows: that an account is there, and whether it is on, or that there is none.
    fn shows(&self, ledger: &mut crate::sim::ledger::Ledger, request: &Request, answer: &Response) {
        let now = self.app.clock.now();
        let body = answer.body_json().unwrap_or(Value::Null);
        let alone = std::slice::from_ref(&body);
        let shown = body["Resources"].as_array().map_or(alone, Vec::as_slice);
        let asked = asked(request);
        if answer.status == 404
            && let Some(id) = request.path.get(1)
        {
            let owner = ledger.accounts.get(id).and_then(|entry| entry.owner.clone());
            if let Some(owner) = owner.or_else(|| ledger.deleted.get(id).cloned()) {
                ledger.looked(&owner, false, now, LOOK_AGAIN_AFTER);
            }
        }
        if let (Some(id), 200 | 404) = (request.path.get(1), answer.status) {
            ledger.read(id, answer.status == 200, now, LOOK_AGAIN_AFTER);
        }
        if answer.status != 200 {
            return;
        }
        for account in shown {
            let id = account["id"].as_str().unwrap_or_default();
            let (owner, is_on) = (ledger.owner(id, account), account["active"] == Value::Bool(true));
            if let Some(view) = ledger.views.get_mut(&self.actor) {
                view.seen_on.insert(id.to_owned(), is_on);
            }
            if request.path.len() == 1 && shown.len() == 1 {
                ledger.named(account["userName"].as_str().unwrap_or_default(), now, LOOK_AGAIN_AFTER);
            }
            // A listing is no look at one of its accounts.
            if let Some(owner) = owner.filter(|_| asked.is_some() || request.path.len() > 1) {
                ledger.looked(&owner, true, now, LOOK_AGAIN_AFTER);
            }
        }
        if let Some(user) = asked.filter(|_| shown.is_empty()) {
            ledger.looked(&user, false, now, LOOK_AGAIN_AFTER);
        }
    }

    fn is_lost(&self, write: Option<&Sent>) {
        let mut ledger = self.app.ledger();
        match write {
            Some(Sent::Account(write)) => {
                ledger.trace.note(&|| format!("{:?} of {:?} is not answered", write.kind, write.user));
                ledger.lost(write);
            }
            Some(Sent::Group(write)) => {
                ledger
                    .trace
                    .note(&|| format!("{:?} of group {:?} is not answered", write.doing, write.group));
                ledger.group_lost(write);
            }
            None => {}
        }
    }

    fn outgoing(&self, request: &Request) -> exchange::Request {
        let url = request.url(&self.app.endpoint);
        let (_, rest) = url.split_once("://").expect("invariant: an endpoint is a URL");
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let outgoing = exchange::Request::new(request.method.as_str(), path)
            .with_header("Host", host)
            .with_header("Authorization", &format!("Bearer {}", self.token.expose_secret()));
        match &request.body {
            Some(body) => {
                outgoing.with_header("Content-Type", "application/scim+json").with_body(body.to_string())
            }
            None => outgoing,
        }
    }
}

/// Lets others go on: another replica, a hand at the app, a crash.
async fn yield_once() {
    let mut has_yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
