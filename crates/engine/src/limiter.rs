//! How fast an app is called: learnt down from its refusals, and slowly up again.
//!
//! AWS counts requests per operation (25 a second of each that writes, 40 of each
//! that reads: the user guide's `limits`), so each operation has a pace of its
//! own, never above what the app publishes. A refusal (429) halves the pace and
//! stops that operation for as long as the app asks; every second without one
//! lets it grow by a twentieth.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use usher_model::template::Limits;
use usher_model::time::Timestamp;
use usher_protocol::http::{Method, Request};
use usher_protocol::scim::ResourceKind;

use crate::clock::Clock;

/// A kind of request that is paced by itself: one operation of the app's API, such as `PatchUser`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    of: Subject,
    act: Act,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Users,
    Groups,
    /// The server itself: its configuration, its schemas.
    Server,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// A page of a list, or a look-up.
    List,
    Get,
    Create,
    Patch,
    Put,
    Delete,
}

impl Call {
    /// The kind of a request. What names one resource is no list, with or without a query.
    pub fn of(request: &Request) -> Self {
        let first = request.path.first().map_or("", String::as_str);
        let of = [(ResourceKind::User, Subject::Users), (ResourceKind::Group, Subject::Groups)]
            .into_iter()
            .find(|(kind, _)| kind.endpoint() == first)
            .map_or(Subject::Server, |(_, subject)| subject);
        let act = match request.method {
            Method::Get if request.path.len() > 1 => Act::Get,
            Method::Get => Act::List,
            Method::Post => Act::Create,
            Method::Patch => Act::Patch,
            Method::Put => Act::Put,
            Method::Delete => Act::Delete,
        };
        Self { of, act }
    }

    fn is_write(self) -> bool {
        match self.act {
            Act::List | Act::Get => false,
            Act::Create | Act::Patch | Act::Put | Act::Delete => true,
        }
    }
}

/// The slowest pace: one request in so long.
const SLOWEST: Duration = Duration::from_secs(10);
/// The pause after a refusal that names none.
const PAUSE: Duration = Duration::from_secs(1);
/// A pace that no loopback server reaches: what "no limit is known" starts from when it is first halved.
const UNLIMITED_PER_SECOND: f64 = 2_000.0;

/// Paces the requests to one app.
#[derive(Debug)]
pub struct Limiter {
    clock: Arc<dyn Clock>,
    in_flight: Arc<Semaphore>,
    limits: Limits,
    paces: Mutex<BTreeMap<Call, Pace>>,
}

#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Requests a second; none: as fast as they come.
    per_second: Option<f64>,
    /// No request before this instant.
    next_at: Timestamp,
    /// When the pace last grew or was halved.
    changed_at: Timestamp,
    /// How often in a row it was refused.
    n_refused: u32,
}

/// The right to have one request in flight.
#[derive(Debug)]
pub struct Permit {
    _in_flight: OwnedSemaphorePermit,
}

impl Limiter {
    /// A limiter that starts at what the app publishes.
    pub fn new(clock: Arc<dyn Clock>, limits: Limits) -> Self {
        let in_flight = Arc::new(Semaphore::new(usize::from(limits.concurrency.max(1))));
        Self { clock, in_flight, limits, paces: Mutex::default() }
    }

    /// How many requests may be in flight.
    pub fn concurrency(&self) -> usize {
        usize::from(self.limits.concurrency.max(1))
    }

    /// How many writes of a kind the app takes in a second, if it says so.
    pub fn writes_per_second(&self) -> Option<u32> {
        self.limits.writes_per_second
    }

    /// Waits for this request's turn.
    pub async fn turn(&self, call: Call) -> Permit {
        let in_flight = Arc::clone(&self.in_flight);
        let permit =
            in_flight.acquire_owned().await.expect("invariant: the limiter never closes its semaphore");
        let at = self.with_pace(call, Pace::take_slot);
        self.clock.sleep_until(at).await;
        Permit { _in_flight: permit }
    }

    /// The app refused a request for coming too fast.
    pub fn refused(&self, call: Call, after: Option<Duration>) {
        self.with_pace(call, |pace, now| pace.slow_down(now, after));
    }

    /// The app took a request.
    pub fn taken(&self, call: Call) {
        let published = self.published(call);
        self.with_pace(call, |pace, now| pace.speed_up(now, published));
    }

    fn published(&self, call: Call) -> Option<f64> {
        let limit =
            if call.is_write() { self.limits.writes_per_second } else { self.limits.reads_per_second };
        limit.map(f64::from)
    }

    fn with_pace<T>(&self, call: Call, change: impl FnOnce(&mut Pace, Timestamp) -> T) -> T {
        let now = self.clock.now();
        let fresh = Pace { per_second: self.published(call), next_at: now, changed_at: now, n_refused: 0 };
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        change(paces.entry(call).or_insert(fresh), now)
    }
}

impl Pace {
    /// The instant of the next request, which is then taken.
    fn take_slot(&mut self, now: Timestamp) -> Timestamp {
        let at = self.next_at.max(now);
        self.next_at = match self.per_second {
            Some(per_second) => at + Duration::from_secs_f64(1.0 / per_second),
            None => at,
        };
        at
    }

    fn slow_down(&mut self, now: Timestamp, after: Option<Duration>) {
        self.n_refused = self.n_refused.saturating_add(1);
        let pause = after.unwrap_or(PAUSE * 2_u32.saturating_pow(self.n_refused.min(6) - 1));
        self.next_at = self.next_at.max(now + pause);
        // Requests that were in flight together are refused together: that is one refusal.
        if self.n_refused > 1 && now.since(self.changed_at) < PAUSE {
            return;
        }
        let halved = self.per_second.unwrap_or(UNLIMITED_PER_SECOND) / 2.0;
        self.per_second = Some(halved.max(1.0 / SLOWEST.as_secs_f64()));
        self.changed_at = now;
    }

    fn speed_up(&mut self, now: Timestamp, published: Option<f64>) {
        self.n_refused = 0;
        let Some(per_second) = self.per_second else { return };
        if now.since(self.changed_at) < Duration::from_secs(1) {
            return;
        }
        let grown = per_second * 1.05;
        let ceiling = published.unwrap_or(UNLIMITED_PER_SECOND);
        self.per_second = if grown >= ceiling { published } else { Some(grown) };
        self.changed_at = now;
    }
}

#[cfg(test)]
mod tests;
