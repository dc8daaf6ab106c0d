//! What the console cannot do itself, because it takes an app's answer, the engine's plan, or a file's contents.
//!
//! The binary does it, by the very functions that its commands call, so that there is one way to do a thing. What takes
//! longer than a page may is a [`Job`]: it is begun, and a page asks how far it is.
//!
//! # Invariants
//!
//! 1. An [`Edit`] is made in the caller's transaction, together with the line of the audit log; nothing of one that is
//!    refused stands.
//! 2. A token goes in and never comes out again.
//!
//! Not here: what is shown of it (the pages), and who may ask for it (the router).

mod directory;
mod edit;
mod job;

use std::fmt::Debug;

use async_trait::async_trait;
use secrecy::SecretString;
use usher_model::directory::OrgUnitPath;
use usher_model::id::{AppId, DirectoryId, UserId};
use usher_store::app::App;
use usher_store::{StoreError, Tx};

pub use directory::{
    AtApp, Author, Becomes, Checked, CheckedLine, Consequence, DirectoryEdit, Happened, Incoming, NewGoogle,
    NotEdited, Tone, Upload, UploadId,
};
pub(crate) use edit::in_the_way;
pub use edit::{AccessOf, Edit, ScopeGroup, Trigger};
pub use job::{
    Advance, Finished, Held, Imported, ImportedKind, Job, JobId, JobState, LeftAlone, Planned, Ran, Step,
    UndoPlan,
};

/// Does what takes more than the store.
#[async_trait]
pub trait Hands: Send + Sync + Debug {
    /// Makes an app of a template, with the embedded directory or one of this name behind it. It does nothing until it is
    /// configured and turned on.
    async fn add(&self, tx: &mut Tx, new: NewApp<'_>) -> Result<AppId, Refused>;

    /// Checks endpoint and token at the app, and stores them once the app has accepted them.
    async fn authorize(&self, asked: Authorization<'_>) -> Result<(), NotAuthorized>;

    /// Makes an edit of an app.
    async fn edit(&self, tx: &mut Tx, app: &App, edit: &Edit) -> Result<(), Refused>;

    /// Begins something that takes a while. What is asked twice at once is done once after the other.
    async fn begin(&self, job: Job) -> Result<JobId, Refused>;

    /// How far it is; none: nobody knows of it (any more).
    fn job(&self, id: &JobId) -> Option<JobState>;

    /// Makes an edit of the embedded directory, with its line of the audit log, in one transaction. Returns the id of what
    /// was made, where something was.
    async fn edit_directory(&self, edit: &DirectoryEdit, by: Author<'_>)
    -> Result<Option<String>, NotEdited>;

    /// How somebody stands at every app of their directory.
    async fn at_apps(&self, directory: &DirectoryId, user: &UserId) -> Result<Vec<AtApp>, Refused>;

    /// What a change would do to somebody's accounts; apps where it does nothing are left out.
    async fn consequences(
        &self,
        directory: &DirectoryId,
        user: &UserId,
        becomes: &Becomes,
    ) -> Result<Vec<Consequence>, Refused>;

    /// What moving a unit to another path would do at the apps: how many people it concerns, and the first of them.
    async fn consequences_of_move(
        &self,
        directory: &DirectoryId,
        unit: &OrgUnitPath,
        to: &OrgUnitPath,
    ) -> Result<Vec<Consequence>, Refused>;

    /// What switching an app for a unit or a group would do there to the first of those whom it concerns.
    async fn consequences_of_access(&self, app: &App, of: &AccessOf) -> Result<Vec<Consequence>, Refused>;

    /// Begins to take a file in, which people call so.
    async fn receive(&self, name: &str) -> Result<Box<dyn Incoming>, Refused>;

    /// A file that was taken in; none: nobody knows of it (any more).
    fn upload(&self, id: &UploadId) -> Option<Upload>;

    /// Forgets a file that was taken in.
    fn forget(&self, id: &UploadId);
}

/// An app to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewApp<'a> {
    /// What people call it.
    pub name: &'a str,
    /// The key of its template.
    pub template: &'a str,
    /// The directory behind it; none: the embedded one.
    pub directory: Option<&'a str>,
}

/// What is to be checked at an app.
#[derive(Debug)]
pub struct Authorization<'a> {
    /// The app.
    pub app: &'a App,
    /// Its SCIM endpoint.
    pub endpoint: &'a str,
    /// Its access token.
    pub token: SecretString,
    /// The endpoint is another tenant: what is known of accounts is dropped.
    pub is_new_tenant: bool,
}

/// Why something was not done, in a sentence without its full stop.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// What is wrong with it.
    #[error("{0}")]
    Because(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an authorization was not taken. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum NotAuthorized {
    /// The token is wrong, or may not do this.
    #[error("{0}")]
    Token(String),
    /// The endpoint is wrong, or does not answer.
    #[error("{0}")]
    Endpoint(String),
    /// Accounts are known at another endpoint: somebody has to say that it is another tenant.
    #[error("{n_accounts} accounts are on record at {known}, and another endpoint means another tenant")]
    OtherTenant {
        /// How many.
        n_accounts: u64,
        /// Where.
        known: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
