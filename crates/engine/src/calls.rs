//! The calls that Usher makes at an app, each with its turn, its gate and its count.
//!
//! A call waits for its pace, asks its [`Gate`] whether it may still be made,
//! and is sent. Only what certainly changed nothing is sent again here: *too
//! many requests* (429), which says when to come back, and a request that could
//! not be sent at all. Everything else is for whoever called to judge.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use usher_model::mutant::{self, Mutant};
use usher_model::template::{Limits, Lookup as By, Paging as TemplatePaging, Template, Update};
use usher_model::time::Timestamp;
use usher_protocol::failure::FailureClass;
use usher_protocol::http::retry_after::RetryAfter;
use usher_protocol::http::{Request, Response};
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::failure::Failure;
use usher_protocol::scim::filter::Filter;
use usher_protocol::scim::lookup::{Lookup, LookupError};
use usher_protocol::scim::pager::{Listing, MAX_PAGES, PageError, Pager, Paging};
use usher_protocol::scim::request::{self, Page};
use usher_protocol::scim::resource::Resource;

use crate::clock::Clock;
use crate::limiter::{Call, Limiter, Permit};
use crate::transport::{Transport, TransportError};

/// How often a request that came too fast is sent again.
const MAX_THROTTLED: u32 = 10;

/// How often in a row a page that was not answered is asked for again.
const MAX_READ_AGAIN: u32 = 3;
/// The first pause before it is; each next one is that much longer.
const READ_AGAIN_PAUSE: Duration = Duration::from_secs(1);
/// How often a request that could not even be sent is sent again.
const MAX_UNREACHED: u32 = 2;
/// The first pause before it is; the next one is twice as long.
const UNREACHED_PAUSE: Duration = Duration::from_secs(1);

/// How often one request was tried, by what kept it from being done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tries {
    n_throttled: u32,
    n_unreached: u32,
}

/// Says, before each request, whether it may still be sent.
#[async_trait]
pub trait Gate: Send + Sync + Debug {
    /// Refuses once the run has lost its app, or the app was turned off.
    async fn check(&self, is_write: bool) -> Result<(), Closed>;
}

/// Why nothing more is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The configuration was changed.
    #[error("the configuration was changed: the next run goes by the new one")]
    Reconfigured,
    /// Another run has taken over.
    #[error("another run has taken over this app")]
    Fenced,
    /// Provisioning was turned off.
    #[error("provisioning was turned off")]
    Disabled,
    /// The store could not say.
    #[error("failed to check whether this run may go on: {0}")]
    Unsure(String),
}

/// A gate that is always open: for calls outside a run, such as checking a token.
#[derive(Debug)]
pub struct Open;

#[async_trait]
impl Gate for Open {
    async fn check(&self, _is_write: bool) -> Result<(), Closed> {
        Ok(())
    }
}

/// A call that brought no success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It was not sent, because the run is over.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// No answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An answer that is no success.
    #[error(transparent)]
    Refused(#[from] Failure),
    /// A success whose content is of no use.
    #[error("{0}")]
    Useless(String),
    /// A read that had to come before a write failed, so the write was never sent.
    #[error(transparent)]
    NotAsked(Box<CallError>),
}

/// How many requests were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Requests that change nothing.
    pub reads: u64,
    /// Requests that change something.
    pub writes: u64,
}

/// What an app says of itself (RFC 7643 §5).
#[derive(Clone, Copy, Debug)]
struct Config {
    paging: Paging,
    has_patch: bool,
}

/// One app, as its calls see it.
#[derive(Debug)]
pub struct AppClient {
    transport: Arc<dyn Transport>,
    limiter: Limiter,
    clock: Arc<dyn Clock>,
    gate: Arc<dyn Gate>,
    timeout: Duration,
    /// The app's template.
    pub template: &'static Template,
    config: OnceCell<Config>,
    refused_patch: AtomicBool,
    n_reads: AtomicU64,
    n_writes: AtomicU64,
}

impl AppClient {
    /// A client of one app.
    pub fn new(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        gate: Arc<dyn Gate>,
        template: &'static Template,
        timeout: Duration,
    ) -> Self {
        let limiter = Limiter::new(Arc::clone(&clock), template.limits);
        let (n_reads, n_writes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self {
            transport,
            limiter,
            clock,
            gate,
            timeout,
            template,
            config: OnceCell::new(),
            refused_patch: AtomicBool::new(false),
            n_reads,
            n_writes,
        }
    }

    /// The same client at another pace than its template's.
    #[must_use]
    pub fn paced(self, limits: Limits) -> Self {
        Self { limiter: Limiter::new(Arc::clone(&self.clock), limits), ..self }
    }

    /// How many requests may be in flight.
    pub fn concurrency(&self) -> usize {
        self.limiter.concurrency()
    }

    /// How many writes of a kind the app takes in a second, if it says so.
    pub fn writes_per_second(&self) -> Option<u32> {
        self.limiter.writes_per_second()
    }

    /// How long one request may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How many requests were made so far.
    pub fn requests(&self) -> Requests {
        Requests {
            reads: self.n_reads.load(Ordering::Relaxed),
            writes: self.n_writes.load(Ordering::Relaxed),
        }
    }

    /// Sends a request and returns its answer, if that is a success.
    pub async fn send(&self, request: &Request) -> Result<Response, CallError> {
        let mut tries = Tries::default();
        loop {
            let turn = self.turn(request).await;
            if let Some(response) = self.attempt(turn, request, &mut tries, None).await? {
                return Ok(response);
            }
        }
    }

    /// Waits until this request may be sent, which may be long after a refusal (429).
    pub async fn turn(&self, request: &Request) -> Permit {
        self.limiter.turn(Call::of(request)).await
    }

    /// Sends a request whose turn it is, once. None: it came too fast, and is to wait for another turn; or its intent
    /// would not cover the time until its answer is here, because the gate was passed so slowly.
    pub async fn attempt(
        &self,
        _turn: Permit,
        request: &Request,
        tries: &mut Tries,
        intended_until: Option<Timestamp>,
    ) -> Result<Option<Response>, CallError> {
        let (call, is_write) = (Call::of(request), request.method.is_write());
        self.gate.check(is_write).await?;
        let is_over = |until| self.clock.now() + self.timeout > until;
        if intended_until.is_some_and(is_over) && !mutant::lives(Mutant::IntentOutlived) {
            return Ok(None);
        }
        let counter = if is_write { &self.n_writes } else { &self.n_reads };
        counter.fetch_add(1, Ordering::Relaxed);
        let response = match self.transport.send(request, self.timeout).await {
            // Nothing has arrived: the app may be there again in a moment.
            Err(TransportError::NotSent(_)) if tries.n_unreached < MAX_UNREACHED => {
                tries.n_unreached += 1;
                self.clock.sleep_until(self.clock.now() + UNREACHED_PAUSE * tries.n_unreached).await;
                return Ok(None);
            }
            answer => answer?,
        };
        if response.is_success() {
            self.limiter.taken(call);
            return Ok(Some(response));
        }
        let failure = Failure::read(&response);
        match (failure.of_read(), tries.n_throttled < MAX_THROTTLED) {
            (FailureClass::Throttled { after }, true) => {
                tries.n_throttled += 1;
                self.limiter.refused(call, after.map(|after| self.wait(after)));
                Ok(None)
            }
            _ => Err(failure.into()),
        }
    }

    fn wait(&self, after: RetryAfter) -> Duration {
        let now = jiff::Timestamp::from_microsecond(self.clock.now().as_micros()).unwrap_or_default();
        after.wait(now)
    }

    /// A listing of the app's users that has not begun.
    pub async fn users(&self) -> Result<Pager, CallError> {
        self.listing(ResourceKind::User, None).await
    }

    /// A listing of the app's groups that has not begun.
    pub async fn groups(&self) -> Result<Pager, CallError> {
        self.listing(ResourceKind::Group, None).await
    }

    /// A listing of the users who are in a group, for apps that do not show a group's members.
    pub async fn members(&self, group: &str) -> Result<Pager, CallError> {
        self.listing(ResourceKind::User, Some(Filter::eq("groups.value", group))).await
    }

    async fn listing(&self, kind: ResourceKind, filter: Option<Filter>) -> Result<Pager, CallError> {
        let paging = self.paging().await?;
        let page_size = u32::from(self.template.quirks.page_size);
        Ok(Pager::new(Listing { kind, paging, page_size, filter, max_pages: MAX_PAGES }))
    }

    /// The next page of a listing; none when it is over.
    pub async fn page(&self, pager: &mut Pager) -> Result<Option<Vec<Resource>>, CallError> {
        let Some(request) = pager.next() else { return Ok(None) };
        let response = self.read_again(&request).await?;
        pager.accept(&response).map(Some).map_err(|error| {
            if let PageError::Refused(failure) = error {
                failure.into()
            } else {
                CallError::Useless(error.to_string())
            }
        })
    }

    /// Sends a read, and again after a pause if it was not answered: a listing of a thousand pages is not to be had
    /// from an app that now and then loses one, if each page has one chance.
    async fn read_again(&self, request: &Request) -> Result<Response, CallError> {
        let mut n_failed = 0;
        loop {
            match self.send(request).await {
                Err(error) if error.is_passing() && n_failed < MAX_READ_AGAIN => {
                    n_failed += 1;
                    self.clock.sleep_until(self.clock.now() + READ_AGAIN_PAUSE * n_failed).await;
                }
                answer => return answer,
            }
        }
    }

    /// The users that an attribute equal to `value` finds, and whether a server that found none can be believed.
    pub async fn find(&self, lookup: By, value: &str) -> Result<Lookup, CallError> {
        let attribute = match lookup {
            By::ExternalId => "externalId",
            By::UserName => "userName",
        };
        self.find_any(ResourceKind::User, &Filter::eq(attribute, value)).await
    }

    /// The resources that a filter finds, and whether a server that found none can be believed.
    pub async fn find_any(&self, kind: ResourceKind, filter: &Filter) -> Result<Lookup, CallError> {
        let page = self.first_page().await?;
        let response = self.send(&request::find(kind, filter, &page)).await?;
        Lookup::read(&response, filter).map_err(|error| match error {
            LookupError::Refused(failure) => failure.into(),
            LookupError::NotAList(error) => CallError::Useless(error.to_string()),
        })
    }

    /// How the first page of a list is asked for.
    pub async fn first_page(&self) -> Result<Page, CallError> {
        Ok(match self.paging().await? {
            Paging::Index => Page::Index(1),
            Paging::Cursor | Paging::CursorAlone => Page::Cursor(String::new()),
        })
    }

    async fn paging(&self) -> Result<Paging, CallError> {
        match self.template.quirks.paging {
            TemplatePaging::Index => Ok(Paging::Index),
            TemplatePaging::Cursor => Ok(Paging::CursorAlone),
            TemplatePaging::Detect => Ok(self.config().await?.paging),
        }
    }

    /// How a resource of this app is changed: with a PATCH, or with a PUT. Nothing is asked for it: as long as the app has
    /// not said that it knows no PATCH, it is sent one.
    pub fn update(&self) -> Update {
        let knows_none = || self.config.get().is_some_and(|config| !config.has_patch);
        match self.template.quirks.update {
            Update::Detect if self.refused_patch.load(Ordering::Relaxed) || knows_none() => Update::Put,
            Update::Detect | Update::Patch => Update::Patch,
            Update::Put => Update::Put,
        }
    }

    /// Whether the app has refused a PATCH as one that it does not know (501, 405), and may be sent a PUT instead. Then it is
    /// sent no other in this run.
    pub fn knows_no_patch(&self, error: &CallError) -> bool {
        let is_unknown =
            matches!(error, CallError::Refused(failure) if matches!(failure.status(), 405 | 501));
        let is_it =
            is_unknown && self.template.quirks.update == Update::Detect && self.update() == Update::Patch;
        if is_it {
            self.refused_patch.store(true, Ordering::Relaxed);
        }
        is_it
    }

    async fn config(&self) -> Result<Config, CallError> {
        self.config.get_or_try_init(|| self.read_config()).await.copied()
    }

    /// What the app's own configuration says (RFC 7643 §5, RFC 9865 §2.4). One without that endpoint pages by index, and
    /// knows PATCH, as one does that does not say otherwise.
    async fn read_config(&self) -> Result<Config, CallError> {
        let answer = match self.send(&request::service_provider_config()).await {
            Ok(response) => response.body_json(),
            Err(CallError::Refused(failure)) => match failure.of_read() {
                FailureClass::Gone | FailureClass::Permanent => None,
                FailureClass::Transient { .. }
                | FailureClass::Throttled { .. }
                | FailureClass::Unauthorized
                | FailureClass::Forbidden
                | FailureClass::Conflict
                | FailureClass::Unknown { .. } => return Err(failure.into()),
            },
            Err(other) => return Err(other),
        };
        let says = |pointer| answer.as_ref().and_then(|config| config.pointer(pointer));
        let has_cursor = says("/pagination/cursor") == Some(&serde_json::Value::Bool(true));
        let has_patch = says("/patch/supported") != Some(&serde_json::Value::Bool(false));
        Ok(Config { paging: if has_cursor { Paging::Cursor } else { Paging::Index }, has_patch })
    }
}

impl CallError {
    /// The error of a read that had to come before a write.
    #[must_use]
    pub fn before_write(self) -> Self {
        Self::NotAsked(Box::new(self))
    }

    /// Whether a write that ended so may have happened.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Closed(_) | Self::Transport(TransportError::NotSent(_)) | Self::NotAsked(_) => false,
            Self::Transport(TransportError::NoAnswer(_)) | Self::Useless(_) => true,
            Self::Refused(failure) => matches!(failure.of_write(), FailureClass::Unknown { .. }),
        }
    }

    /// Whether the same read may be answered a moment later.
    fn is_passing(&self) -> bool {
        match self {
            Self::Transport(TransportError::NoAnswer(_)) => true,
            Self::Refused(failure) => {
                matches!(failure.of_read(), FailureClass::Transient { .. } | FailureClass::Unknown { .. })
            }
            Self::Transport(TransportError::NotSent(_))
            | Self::Useless(_)
            | Self::Closed(_)
            | Self::NotAsked(_) => false,
        }
    }

    /// Whether it speaks against the app as a whole rather than against one request.
    pub fn is_broad(&self) -> bool {
        match self {
            Self::Closed(_) | Self::Useless(_) => false,
            Self::Transport(_) => true,
            Self::NotAsked(error) => error.is_broad(),
            Self::Refused(failure) => match failure.of_write() {
                FailureClass::Unknown { .. }
                | FailureClass::Transient { .. }
                | FailureClass::Throttled { .. } => true,
                // A redirect, or a page that is not SCIM's: the address is wrong, or the app is being deployed.
                FailureClass::Permanent => matches!(failure.status(), 300..=399 | 404),
                FailureClass::Unauthorized
                | FailureClass::Forbidden
                | FailureClass::Conflict
                | FailureClass::Gone => false,
            },
        }
    }
}
