//! Keeps the mirror of a Google Workspace: listed as a whole now and then, told of changes in between.
//!
//! In reading order: [`needs`] (what apps have to know of the directory), `fetch` (every list, page by page, into the
//! store), `merge` (the pages into the mirror, in one transaction), `people` (what one page makes of people), `confirm`
//! (whoever is missing is asked for), [`refresh`] (single people and groups), [`feed`] (whom the administrators' log
//! names), [`push`] (whom Google says that it is about), [`keep`] (when all of that happens).
//!
//! # Invariants
//!
//! 1. A listing that breaks off changes nothing. No transaction is open during a call.
//! 2. Absent is not gone. Whoever is in neither list of people is *unlisted* until Google says, asked by id, that there is
//!    nobody; a member or a group that is missing stays until a second whole listing leaves it out, or Google says so.
//! 3. A page that was asked for before somebody was read alone does not undo what was read.
//! 4. One person or group that cannot be read stays as it was; the others go on.
//!
//! Not here: how Google is called ([`crate::google`]), who is entitled to what (`usher-model`).

mod confirm;
pub mod feed;
mod fetch;
pub mod keep;
mod merge;
pub mod needs;
mod people;
pub mod push;
pub mod refresh;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt as _;
use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;
use usher_store::directory::{self, Directory};
use usher_store::{Store, StoreError, Tx, app};

use crate::clock::{Clock, new_id};
use crate::environment::Environment;
use crate::google::client::{GoogleClient, OpenError};
use crate::google::credential::Credential;
use crate::google::error::GoogleError;
use crate::google::method::ApiMethod;
use needs::Needs;

/// At most so many warnings are kept in words.
const WARNINGS_MAX: usize = 20;

/// The methods that a listing and what comes of it call; their scopes are what it signs in for.
const METHODS: [ApiMethod; 8] = [
    ApiMethod::UsersList,
    ApiMethod::UsersGet,
    ApiMethod::GroupsList,
    ApiMethod::MembersList,
    ApiMethod::MembersHasMember,
    ApiMethod::OrgUnitsList,
    ApiMethod::DomainsList,
    ApiMethod::SchemasList,
];

/// What a listing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// People who were listed, deleted ones not counted.
    pub n_people: u64,
    /// People who were deleted and can be restored.
    pub n_deleted: u64,
    /// Groups.
    pub n_groups: u64,
    /// People who were listed before and are in neither list; some of them were asked for since.
    pub n_unlisted: u64,
    /// How many of those, and of the members who were missing, Google was asked for one by one.
    pub n_asked: u64,
    /// Whether the mirror says anything else than it did.
    pub is_changed: bool,
    /// Requests, by method.
    pub calls: BTreeMap<ApiMethod, u64>,
    /// What an admin should know, in sentences; the first of them.
    pub warnings: Vec<String>,
}

impl Listed {
    /// All requests.
    pub fn n_calls(&self) -> u64 {
        self.calls.values().sum()
    }

    fn warn(&mut self, warning: String) {
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(warning);
        }
    }
}

/// Why a mirror could not be brought up to date. Nothing of it was changed.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// A call brought nothing.
    #[error(transparent)]
    Google(#[from] GoogleError),
    /// There is no way to it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// This process has no way to Google, or none with this credential.
    #[error("{0}")]
    NoWay(String),
    /// What was listed contradicts what every directory is.
    #[error("what Google listed cannot be believed, and nothing was changed: {0}")]
    Unbelievable(String),
    /// Another listing of the directory is under way, of this process or another.
    #[error("{0} is being listed already: wait until that is over")]
    UnderWay(String),
    /// This listing was believed to have ended, and another one began.
    #[error("the listing of {0} took so long between two pages that another one began, which counts")]
    Superseded(String),
    /// A directory that is not read from Google.
    #[error("{0} is kept by Usher itself, and there is nothing to list")]
    NotGoogle(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The way to a directory, for listings and look-ups.
pub async fn open(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    directory: &Directory,
) -> Result<GoogleClient, MirrorError> {
    let scopes = METHODS.iter().map(|method| method.scope());
    open_with(store, clock, environment, directory, scopes.collect()).await
}

async fn open_with(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    directory: &Directory,
    mut scopes: Vec<&'static str>,
) -> Result<GoogleClient, MirrorError> {
    scopes.sort_unstable();
    scopes.dedup();
    let mut tx = store.read("engine::mirror::open").await?;
    let Some(google) = directory::google(&mut tx, &directory.id).await? else {
        return Err(MirrorError::NotGoogle(directory.name.clone()));
    };
    let sealed = directory::google_credential(&mut tx, store.keyring(), &directory.id).await?;
    drop(tx);
    let no_way = |error: &dyn std::fmt::Display| MirrorError::NoWay(error.to_string());
    let credential = Credential::unseal(&sealed, environment.reachable).map_err(|error| no_way(&error))?;
    let sign_in = environment.workspaces.sign_in(clock, credential, google.api_root.as_deref());
    let sign_in = sign_in.map_err(|error| no_way(&error))?;
    Ok(GoogleClient::open(sign_in, scopes, google.customer.as_deref())?)
}

/// Lists the whole directory and brings its mirror up to date; then asks for whoever is missing.
pub async fn list(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
) -> Result<Listed, MirrorError> {
    let before = client.counts();
    let mut listed = list_once(store, clock, client, directory).boxed().await?;
    confirm::confirm(store, clock, client, directory, &mut listed).boxed().await?;
    listed.calls = client.counts();
    for (method, n) in before {
        if let Some(now) = listed.calls.get_mut(&method) {
            *now -= n;
        }
    }
    listed.calls.retain(|_, n| *n > 0);
    Ok(listed)
}

async fn list_once(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
) -> Result<Listed, MirrorError> {
    let (listing, began_at) = (new_id(clock), clock.now());
    let mut tx = store.begin("engine::mirror::begin").await?;
    directory::stage::lock(&mut tx, &directory.id).await?;
    if !directory::listing::begin(&mut tx, &directory.id, &listing, began_at).await? {
        tx.rollback().await?;
        return Err(MirrorError::UnderWay(directory.name.clone()));
    }
    let needs = Needs::of(&mut tx, &directory.id).await?;
    tx.commit().await?;
    let listed = list_as(store, clock, client, directory, &listing, &needs, began_at).boxed().await;
    if listed.is_err() {
        let mut tx = store.begin("engine::mirror::abandon").await?;
        directory::listing::abandon(&mut tx, &directory.id, &listing).await?;
        tx.commit().await?;
    }
    listed
}

async fn list_as(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    listing: &str,
    needs: &Needs,
    began_at: Timestamp,
) -> Result<Listed, MirrorError> {
    let fetch =
        fetch::Fetch { name: &directory.name, store, clock, client, directory: &directory.id, listing };
    let fetched = fetch.all(needs).boxed().await?;
    let mut tx = store.begin("engine::mirror::merge").await?;
    let took = Took { began_at, listing, needs, fetched: &fetched };
    let listed = take_in(&mut tx, clock, directory, &took).boxed().await;
    tx.commit_or_roll_back(listed).await
}

/// A listing that came whole.
struct Took<'a> {
    began_at: Timestamp,
    listing: &'a str,
    needs: &'a Needs,
    fetched: &'a fetch::Fetched,
}

/// Takes a listing into the mirror, unless it is not the one under way any more.
async fn take_in(
    tx: &mut Tx,
    clock: &dyn Clock,
    directory: &Directory,
    took: &Took<'_>,
) -> Result<Listed, MirrorError> {
    let Took { began_at, listing, needs, fetched } = took;
    directory::stage::lock(tx, &directory.id).await?;
    if !directory::listing::is_current(tx, &directory.id, listing).await? {
        return Err(MirrorError::Superseded(directory.name.clone()));
    }
    let now = clock.now();
    let listed = merge::merge(tx, &directory.id, listing, (needs, fetched), (*began_at, now)).await?;
    directory::push::heeded_before(tx, &directory.id, *began_at).await?;
    directory::listing::end(tx, &directory.id, *began_at, now, &needs.fields.to_text()).await?;
    if listed.is_changed || needs.is_news {
        app::touch(tx, &directory.id, now).await?;
    }
    Ok(listed)
}

/// Writes people as single answers showed them, and remembers that these are newer than any page asked for before.
async fn record_heard(
    tx: &mut Tx,
    directory: &DirectoryId,
    heard: people::Heard,
    clock: &dyn Clock,
) -> Result<bool, MirrorError> {
    directory::stage::lock(tx, directory).await?;
    let is_changed = people::record_single(tx, directory, heard).await?;
    if is_changed {
        app::touch(tx, directory, clock.now()).await?;
    }
    Ok(is_changed)
}
