//! The embedded directory as Google's API sees it: [`Directory`] of the emulated Workspace, over the product's own store.
//!
//! What Google's rules ask for is decided by the emulator; here its resources become the rows that imports write and runs
//! read, and the other way round.
//!
//! # Invariants
//!
//! 1. A commit is one transaction, and what is true after an import is true after it: an address belongs to one owner,
//!    deleted people keep their row, have no address and are in no group, and the apps hear of it. What was thought out for
//!    an earlier edition of the directory is not kept: an import that came between is never undone.
//! 2. What an edit does not speak of stays as the directory had it, also where the emulator has no word for it.
//! 3. No answer says why the database failed; the log does, without an address.
//!
//! Not here: HTTP and sign-in (`usher_emulator::workspace`), SQL (`usher_store::directory`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use usher_emulator::workspace::directory::{
    Change, Customer, Directory, Domain, Group, Holder, Membership, NotCommitted, OrgUnit, Place, Schema,
    Unavailable, User, Which, derived_id,
};
use usher_engine::clock::{Clock, new_id};
use usher_model::id::{DirectoryId, Email, GroupId, UserId};
use usher_store::admin::action::Action;
use usher_store::directory::{self, KeptBy, Owner, Roll, stage};
use usher_store::{Store, StoreError, Tx};

use self::organisation::Founded;
use self::units::Units;

mod commit;
mod form;
mod noted;
mod organisation;
mod units;

/// How many rows are looked at at a time where somebody has to be looked for.
const LOOKED_AT: usize = 1_000;

/// The embedded directory, served.
pub(crate) struct Embedded {
    store: Store,
    clock: Arc<dyn Clock>,
    id: DirectoryId,
    /// What is written down of the edits, where an admin makes them.
    note: Option<Note>,
}

/// What an admin's edit is written down as, in its own transaction.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// Who did what to whom. What it was before, and what it is now, is read where it is done.
    pub(crate) action: Action,
    /// Whom the edit is of, and their fingerprint then: of anybody else than that it is not made.
    pub(crate) version: Option<(UserId, String)>,
}

/// What an edit is refused with that is of somebody who has changed since.
pub(crate) const CHANGED_MEANWHILE: &str = "it is of somebody who was changed meanwhile";

/// Why an edit was not kept.
#[derive(Debug, thiserror::Error)]
enum EditError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is wrong with it; no address is named.
    #[error("the edit contradicts the directory: {0}")]
    Contradicts(&'static str),
    /// Somebody else changed the directory meanwhile, an import or another server.
    #[error("the directory has become another since the edit was begun")]
    Stale,
    /// What this directory does not take, though Google's might.
    #[error("the edit is refused: {0}")]
    Refused(&'static str),
    /// A resource that cannot be kept.
    #[error("a resource of the edit cannot be kept")]
    Form(String),
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Embedded {
    /// The embedded directory of a store, which is made if there is none, as an organisation with an id of its own.
    pub(crate) async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        founding: &dyn usher_emulator::clock::Clock,
    ) -> Result<Self, StoreError> {
        let mut tx = store.begin("embedded::open").await?;
        let id = DirectoryId::new(new_id(clock.as_ref()));
        let opened = async {
            let id = directory::embedded(&mut tx, &id, clock.now()).await?.id;
            // Two servers that start together found it once.
            stage::lock(&mut tx, &id).await?;
            if directory::organisation(&mut tx, &id).await?.is_none() {
                let founded =
                    Founded { customer: Customer::founded(founding), root: OrgUnit::root(founding) };
                directory::record_organisation(&mut tx, &id, &founded.written()).await?;
            }
            Ok::<_, StoreError>(id)
        };
        let opened = opened.await;
        let id = tx.commit_or_roll_back(opened).await?;
        Ok(Self { store, clock, id, note: None })
    }

    /// The same, whose edits are written down so.
    pub(crate) fn noting(self, note: Note) -> Self {
        Self { note: Some(note), ..self }
    }

    async fn tx(&self) -> Result<Tx, StoreError> {
        self.store.read("embedded::read").await
    }

    /// What becomes of a read.
    fn told<T>(&self, read: Result<T, StoreError>) -> Result<T, Unavailable> {
        read.map_err(|error| {
            tracing::warn!(directory.id = %self.id, %error, "the embedded directory cannot be read");
            Unavailable("it cannot be read".to_owned())
        })
    }

    async fn organisation(&self, tx: &mut Tx) -> Result<Founded, StoreError> {
        organisation::read(tx, &self.id).await
    }

    async fn units(&self, tx: &mut Tx) -> Result<Units, StoreError> {
        let founded = self.organisation(tx).await?;
        Ok(Units::new(&self.id, founded.root, directory::org_unit_records(tx, &self.id).await?))
    }

    async fn read_users(
        &self,
        which: Which,
        after: Option<&Place>,
        most: usize,
    ) -> Result<Vec<Arc<User>>, StoreError> {
        let mut tx = self.tx().await?;
        let roll = match which {
            Which::Living => Roll::Living,
            Which::Deleted => Roll::Deleted,
        };
        let people = directory::people_by_address(&mut tx, &self.id, roll, behind(after), most).await?;
        let units = self.units(&mut tx).await?;
        Ok(people.iter().map(|person| Arc::new(form::user(person, &units))).collect())
    }

    async fn read_user(&self, id: &str) -> Result<Option<Arc<User>>, StoreError> {
        let mut tx = self.tx().await?;
        let ids = BTreeSet::from([UserId::new(id)]);
        let found = directory::people(&mut tx, &self.id, &ids).await?.into_values().next();
        let Some(person) = found else { return Ok(None) };
        let units = self.units(&mut tx).await?;
        Ok(Some(Arc::new(form::user(&person, &units))))
    }

    async fn read_holder(&self, address: &str) -> Result<Option<Holder>, StoreError> {
        let Ok(address) = Email::parse(address) else { return Ok(None) };
        let mut tx = self.tx().await?;
        let owners = directory::owners(&mut tx, &self.id, &BTreeSet::from([address.clone()])).await?;
        Ok(owners.get(&address).map(|owner| match owner {
            Owner::User(id) => Holder::User(id.as_str().to_owned()),
            Owner::Group(id) => Holder::Group(id.as_str().to_owned()),
        }))
    }

    async fn read_groups(&self, after: Option<&Place>, most: usize) -> Result<Vec<Arc<Group>>, StoreError> {
        let mut tx = self.tx().await?;
        let groups = directory::groups_by_address(&mut tx, &self.id, behind(after), most).await?;
        Ok(groups.iter().map(|record| Arc::new(form::group(record))).collect())
    }

    /// A page in the order of the ids that the API has: those of people and groups are the directory's own, the others
    /// follow from an address, and their order is not that of the addresses.
    async fn read_members(
        &self,
        group: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<Membership>, StoreError> {
        let mut tx = self.tx().await?;
        let customer = self.organisation(&mut tx).await?.customer.id;
        let group = GroupId::new(group);
        let by_id = directory::members(&mut tx, &self.id, &group, KeptBy::Id, after, most).await?;
        let mut page: BTreeMap<String, Membership> = BTreeMap::new();
        for known in by_id {
            page.insert(known.member.key.clone(), form::membership(known, &customer));
        }
        let mut looked_at: Option<String> = None;
        loop {
            let kept_by = KeptBy::Word;
            let some =
                directory::members(&mut tx, &self.id, &group, kept_by, looked_at.as_deref(), LOOKED_AT)
                    .await?;
            let Some(last) = some.last() else { break };
            looked_at = Some(last.member.key.clone());
            for known in some {
                let membership = form::membership(known, &customer);
                if after.is_none_or(|after| membership.member.id.as_str() > after) {
                    page.insert(membership.member.id.clone(), membership);
                }
                if page.len() > most {
                    page.pop_last();
                }
            }
        }
        Ok(page.into_values().collect())
    }

    async fn read_member(&self, group: &str, id: &str) -> Result<Option<Membership>, StoreError> {
        let mut tx = self.tx().await?;
        let customer = self.organisation(&mut tx).await?.customer.id;
        let group = GroupId::new(group);
        let found = member(&mut tx, &self.id, &group, id, &customer).await?;
        Ok(found.map(|known| form::membership(known, &customer)))
    }

    async fn read_groups_of(&self, id: &str) -> Result<Vec<String>, StoreError> {
        let mut tx = self.tx().await?;
        let customer = self.organisation(&mut tx).await?.customer.id;
        let key = if id == customer { form::EVERYONE } else { id };
        let mut groups = directory::groups_of_member(&mut tx, &self.id, key).await?;
        if groups.is_empty()
            && !is_known(&mut tx, &self.id, id, &customer).await?
            && let Some(address) = external(&mut tx, &self.id, id).await?
        {
            groups = directory::groups_of_member(&mut tx, &self.id, &address).await?;
        }
        Ok(groups.iter().map(|group| group.as_str().to_owned()).collect())
    }
}

/// A member of a group, by the id that the API has.
async fn member(
    tx: &mut Tx,
    id: &DirectoryId,
    group: &GroupId,
    member: &str,
    customer: &str,
) -> Result<Option<directory::KnownMember>, StoreError> {
    let key = if member == customer { form::EVERYONE } else { member };
    if let Some(known) = directory::member(tx, id, group, key).await? {
        return Ok(Some(known));
    }
    if is_known(tx, id, member, customer).await? {
        return Ok(None);
    }
    let mut after: Option<String> = None;
    loop {
        let some = directory::members(tx, id, group, KeptBy::Word, after.as_deref(), LOOKED_AT).await?;
        let Some(last) = some.last() else { return Ok(None) };
        after = Some(last.member.key.clone());
        if let Some(known) = some.into_iter().find(|known| derived_id(&known.member.key) == member) {
            return Ok(Some(known));
        }
    }
}

/// The address of somebody from elsewhere, by the id that follows from it.
async fn external(tx: &mut Tx, id: &DirectoryId, member: &str) -> Result<Option<String>, StoreError> {
    let mut after: Option<String> = None;
    loop {
        let some = directory::external_members(tx, id, after.as_deref(), LOOKED_AT).await?;
        let Some(last) = some.last() else { return Ok(None) };
        after = Some(last.clone());
        if let Some(address) = some.into_iter().find(|address| derived_id(address) == member) {
            return Ok(Some(address));
        }
    }
}

/// Whether an id of the API is everybody's, a user's or a group's, and so nobody's from elsewhere.
async fn is_known(tx: &mut Tx, id: &DirectoryId, key: &str, customer: &str) -> Result<bool, StoreError> {
    let users = BTreeSet::from([UserId::new(key)]);
    if key == customer || !directory::people(tx, id, &users).await?.is_empty() {
        return Ok(true);
    }
    Ok(directory::group_by_id(tx, id, &GroupId::new(key)).await?.is_some())
}

fn behind(after: Option<&Place>) -> directory::Place<'_> {
    after.map_or_else(directory::Place::default, |place| directory::Place {
        address: &place.key,
        id: &place.id,
    })
}

#[async_trait]
impl Directory for Embedded {
    async fn customer(&self) -> Result<Arc<Customer>, Unavailable> {
        let read = async { self.organisation(&mut self.tx().await?).await };
        self.told(read.await.map(|founded| Arc::new(founded.customer)))
    }

    async fn user(&self, id: &str) -> Result<Option<Arc<User>>, Unavailable> {
        self.told(self.read_user(id).await)
    }

    async fn holder(&self, address: &str) -> Result<Option<Holder>, Unavailable> {
        self.told(self.read_holder(address).await)
    }

    async fn users(
        &self,
        which: Which,
        after: Option<&Place>,
        most: usize,
    ) -> Result<Vec<Arc<User>>, Unavailable> {
        self.told(self.read_users(which, after, most).await)
    }

    async fn group(&self, id: &str) -> Result<Option<Arc<Group>>, Unavailable> {
        let read = async {
            let ids = BTreeSet::from([GroupId::new(id)]);
            let found = directory::groups(&mut self.tx().await?, &self.id, &ids).await?;
            Ok(found.into_values().next().map(|record| Arc::new(form::group(&record))))
        };
        self.told(read.await)
    }

    async fn groups(&self, after: Option<&Place>, most: usize) -> Result<Vec<Arc<Group>>, Unavailable> {
        self.told(self.read_groups(after, most).await)
    }

    async fn count_members(&self, group: &str) -> Result<u64, Unavailable> {
        let read =
            async { directory::count_members(&mut self.tx().await?, &self.id, &GroupId::new(group)).await };
        self.told(read.await)
    }

    async fn members(
        &self,
        group: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<Membership>, Unavailable> {
        self.told(self.read_members(group, after, most).await)
    }

    async fn member(&self, group: &str, member: &str) -> Result<Option<Membership>, Unavailable> {
        self.told(self.read_member(group, member).await)
    }

    async fn groups_of(&self, member: &str) -> Result<Vec<String>, Unavailable> {
        self.told(self.read_groups_of(member).await)
    }

    async fn org_units(&self) -> Result<Vec<Arc<OrgUnit>>, Unavailable> {
        let read = async { self.units(&mut self.tx().await?).await };
        self.told(read.await.map(|units| units.all().cloned().map(Arc::new).collect()))
    }

    async fn domains(&self) -> Result<Vec<Arc<Domain>>, Unavailable> {
        let read = async { directory::domain_records(&mut self.tx().await?, &self.id).await };
        self.told(
            read.await.map(|records| records.iter().map(|record| Arc::new(form::domain(record))).collect()),
        )
    }

    async fn schemas(&self) -> Result<Vec<Arc<Schema>>, Unavailable> {
        let read = async { directory::schema_records(&mut self.tx().await?, &self.id).await };
        self.told(
            read.await.map(|records| records.iter().map(|record| Arc::new(form::schema(record))).collect()),
        )
    }

    async fn edition(&self) -> Result<u64, Unavailable> {
        let read = async { directory::edition(&mut self.tx().await?, &self.id).await };
        self.told(read.await)
    }

    async fn commit(&self, changes: Vec<Change>, edition: u64) -> Result<(), NotCommitted> {
        let at = commit::At { id: &self.id, now: self.clock.now(), edition, note: self.note.as_ref() };
        let committed = commit::commit(&self.store, at, changes).await;
        committed.map_err(|error| {
            tracing::warn!(directory.id = %self.id, %error, "an edit of the embedded directory is not kept");
            match error {
                // Tried again it would be the same: these are not passing.
                EditError::Refused(sentence) | EditError::Contradicts(sentence) => {
                    NotCommitted::Refused(sentence.to_owned())
                }
                EditError::Form(problem) => {
                    tracing::debug!(directory.id = %self.id, problem, "what is wrong with it");
                    NotCommitted::Refused("a resource of the edit cannot be kept".to_owned())
                }
                EditError::Stale | EditError::Store(_) => {
                    Unavailable("the edit could not be kept".to_owned()).into()
                }
            }
        })
    }
}

#[cfg(test)]
mod tests;
