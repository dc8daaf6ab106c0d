//! Google Workspace: the Directory and the Reports API of the Admin SDK, with where their tokens come from.
//!
//! [`Workspace::answer`] takes a request and says what becomes of it, whoever carries it: a socket ([`crate::server`])
//! or a test. What an administrator does in Google's consoles (service accounts, delegated scopes, roles) and what makes
//! things go wrong are methods of `admin`, and the same over HTTP below `/emulator`: `/admin/…` is Google's.
//!
//! # Invariants
//!
//! 1. Edits take turns; reads do not wait for them. The lock of what is kept beside the resources is never held while
//!    something is waited for.
//! 2. What is answered has been kept: a change is in the journal, if there is one, before its answer leaves.
//! 3. Paths, parameters, scopes and bodies are those of Google's discovery documents, which are read and not copied.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::exchange::{Outcome, Request};
use crate::state_file::Journal;
use crate::workspace::accounts::Accounts;
use crate::workspace::channels::Channels;
use crate::workspace::directory::memory::MemoryDirectory;
use crate::workspace::directory::{Directory, Unavailable};
use crate::workspace::fault::Faults;
use crate::workspace::feed::Feed;
use crate::workspace::history::History;
use crate::workspace::log::Log;
use crate::workspace::quota::Quotas;
use crate::workspace::settings::Settings;

pub mod accounts;
pub mod admin;
mod answer;
mod auth;
mod batch;
mod call;
mod catalog;
mod channels;
pub mod courier;
pub mod directory;
mod discovery;
pub mod fault;
mod feed;
mod fields;
mod history;
mod journal;
mod jwt;
mod keys;
pub mod log;
mod methods;
mod oauth;
pub mod own;
mod page;
mod quota;
mod refusal;
pub mod settings;
mod tree;
mod wire;

pub use crate::state_file::error::StateError;
pub use keys::KeyError;

/// The longest body that a server for it should take: whole directories are taken in.
pub const MAX_BODY_BYTES: usize = 256 * 1_048_576;

/// The scopes that reading a whole directory and its audit log takes.
pub const READ_ONLY_SCOPES: [&str; 8] = [
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
    "https://www.googleapis.com/auth/admin.directory.orgunit.readonly",
    "https://www.googleapis.com/auth/admin.directory.domain.readonly",
    "https://www.googleapis.com/auth/admin.directory.userschema.readonly",
    "https://www.googleapis.com/auth/admin.directory.customer.readonly",
    "https://www.googleapis.com/auth/admin.reports.audit.readonly",
];

/// The scopes that editing a whole directory takes, beside those of reading.
pub const EDITING_SCOPES: [&str; 7] = [
    "https://www.googleapis.com/auth/admin.directory.user",
    "https://www.googleapis.com/auth/admin.directory.group",
    "https://www.googleapis.com/auth/admin.directory.group.member",
    "https://www.googleapis.com/auth/admin.directory.orgunit",
    "https://www.googleapis.com/auth/admin.directory.domain",
    "https://www.googleapis.com/auth/admin.directory.userschema",
    "https://www.googleapis.com/auth/admin.directory.customer",
];

/// How many requests the log keeps, unless another number is asked for.
const MAX_LOGGED: usize = 10_000;

/// What an emulator is made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// What its addresses begin with, without a slash at its end: `http://127.0.0.1:8082`.
    pub base_url: String,
    /// The primary domain of a new organisation.
    pub domain: String,
    /// How many requests the log keeps; counters go on.
    pub max_logged: usize,
    /// How it behaves; a state file has its own.
    pub settings: Settings,
}

impl Options {
    /// The usual, at this address.
    pub fn at(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            domain: "example.com".to_owned(),
            max_logged: MAX_LOGGED,
            settings: Settings::default(),
        }
    }
}

/// The emulator. Clones are handles of the same one.
#[derive(Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) base_url: String,
    pub(crate) directory: Arc<dyn Directory>,
    /// The directory, where it is this emulator's own.
    pub(crate) memory: Option<Arc<MemoryDirectory>>,
    /// Whose turn it is to edit.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    /// Cancelled once the state file cannot be written any more.
    pub(crate) state_lost: CancellationToken,
    /// There may be messages of channels to carry.
    pub(crate) messages: Notify,
}

/// Leave to edit the directory as it is now. Nothing that was read before belongs into the edit.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) edition: u64,
    _nobody_else: tokio::sync::MutexGuard<'a, ()>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) accounts: Accounts,
    pub(crate) settings: Settings,
    pub(crate) quotas: Quotas,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) feed: Feed,
    pub(crate) channels: Channels,
    pub(crate) history: History,
    /// None: everything is in memory alone, or in a directory that keeps itself.
    pub(crate) journal: Option<Journal>,
}

/// An emulator whose state is kept in a file.
#[derive(Debug)]
pub struct Opened {
    /// The emulator.
    pub workspace: Workspace,
    /// The number of the file's last line, if it was cut by the end of an earlier process and left out. Nobody was
    /// answered for it.
    pub cut_line: Option<u64>,
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace").field("base_url", &self.inner.base_url).finish_non_exhaustive()
    }
}

impl State {
    fn new(max_logged: usize, settings: Settings) -> Self {
        Self {
            accounts: Accounts::default(),
            settings,
            quotas: Quotas::default(),
            faults: Faults::default(),
            log: Log::new(max_logged),
            feed: Feed::default(),
            channels: Channels::default(),
            history: History::default(),
            journal: None,
        }
    }
}

impl Workspace {
    /// An organisation with its domain and its root unit, and nobody in it, in memory.
    pub fn new(clock: Arc<dyn Clock>, options: Options) -> Self {
        let memory = Arc::new(MemoryDirectory::of(admin::beginning(&*clock, &options.domain)));
        let state = State::new(options.max_logged, options.settings);
        Self::with(clock, options.base_url, Arc::clone(&memory) as _, Some(memory), state)
    }

    /// An organisation whose resources somebody else keeps.
    pub fn over(clock: Arc<dyn Clock>, options: Options, directory: Arc<dyn Directory>) -> Self {
        let state = State::new(options.max_logged, options.settings);
        Self::with(clock, options.base_url, directory, None, state)
    }

    /// The same with service accounts and the audit log kept in a file. The directory keeps itself, and how the emulator
    /// behaves is as the options say.
    pub fn open_over(
        clock: Arc<dyn Clock>,
        options: Options,
        directory: Arc<dyn Directory>,
        file: &Path,
    ) -> Result<Opened, StateError> {
        let journal::OpenedBeside { journal, accounts, feed, cut_line } = journal::open_beside(file)?;
        let mut state = State::new(options.max_logged, options.settings);
        (state.accounts, state.feed, state.journal) = (accounts, feed, Some(journal));
        Ok(Opened { workspace: Self::with(clock, options.base_url, directory, None, state), cut_line })
    }

    /// An organisation that is kept in a file. Access tokens, channels, faults, the request log and what is left of
    /// quotas are not kept.
    pub fn open(clock: Arc<dyn Clock>, options: Options, file: &Path) -> Result<Opened, StateError> {
        let beginning = admin::beginning(&*clock, &options.domain);
        let journal::Opened { journal, memory, accounts, settings, feed, cut_line } =
            journal::open(file, beginning, &options.settings)?;
        let mut state = State::new(options.max_logged, settings);
        (state.accounts, state.feed, state.journal) = (accounts, feed, Some(journal));
        let memory = Arc::new(memory);
        let workspace = Self::with(clock, options.base_url, Arc::clone(&memory) as _, Some(memory), state);
        Ok(Opened { workspace, cut_line })
    }

    fn with(
        clock: Arc<dyn Clock>,
        base_url: String,
        directory: Arc<dyn Directory>,
        memory: Option<Arc<MemoryDirectory>>,
        state: State,
    ) -> Self {
        let inner = Inner {
            clock,
            base_url,
            directory,
            memory,
            turn: tokio::sync::Mutex::new(()),
            state: Mutex::new(state),
            state_lost: CancellationToken::new(),
            messages: Notify::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Says what becomes of a request.
    pub async fn answer(&self, request: Request) -> Outcome {
        let (path, _) = request.path_and_query();
        if admin::http::is_admin(path) {
            return Outcome::Answered(admin::http::answer(self, &request).await);
        }
        answer::answer(&self.inner, &request).await
    }

    /// Says what becomes of a request of Google's clients. There is nothing below `/emulator` then: what an administrator
    /// of the emulator may do is done with methods alone.
    pub async fn answer_clients(&self, request: Request) -> Outcome {
        answer::answer(&self.inner, &request).await
    }

    /// Returns, with the reason, once the state file cannot be written any more. Until the emulator is opened anew,
    /// whatever would change something is not answered.
    pub async fn state_lost(&self) -> StateError {
        loop {
            self.inner.state_lost.cancelled().await;
            if let Some(failure) = self.inner.state().journal.as_ref().and_then(Journal::failure) {
                return failure.clone();
            }
        }
    }

    /// Puts the state file on the disk, if there is one.
    pub fn sync(&self) -> Result<(), StateError> {
        self.inner.state().journal.as_ref().map_or(Ok(()), Journal::sync)
    }

    /// What its addresses begin with.
    pub fn base_url(&self) -> &str {
        &self.inner.base_url
    }
}

impl Inner {
    /// Waits for the turn to edit.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Unavailable> {
        let nobody_else = self.turn.lock().await;
        Ok(Turn { edition: self.directory.edition().await?, _nobody_else: nobody_else })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
