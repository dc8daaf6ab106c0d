//! What a handler is given: the tenant, the time, chance; and the one way to change something.

use std::sync::Arc;

use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use crate::clock::Clock;
use crate::identity_center::bucket::Bucket;
use crate::identity_center::chance;
use crate::identity_center::record::Record;
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::settings::Settings;
use crate::identity_center::store::group::Group;
use crate::identity_center::store::user::User;
use crate::identity_center::store::{Change, IdentityStore};

/// One request's view of its tenant.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) store: &'a mut IdentityStore,
    pub(crate) settings: &'a Settings,
    pub(crate) memberships: &'a mut Bucket,
    pub(crate) store_prefix: &'a str,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) now: Timestamp,
    /// A page no longer than this, whatever is asked for: a fault.
    pub(crate) longest_page: Option<usize>,
    /// Whether changes are carried out: not under a fault.
    pub(crate) has_effect: bool,
    /// What was changed, for the journal.
    pub(crate) changes: Vec<Change>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        record: &'a Record,
        store: &'a mut IdentityStore,
        memberships: &'a mut Bucket,
        clock: &'a dyn Clock,
        now: Timestamp,
    ) -> Self {
        let Record { settings, store_prefix, .. } = record;
        Self {
            store,
            settings,
            memberships,
            store_prefix,
            clock,
            now,
            longest_page: None,
            has_effect: true,
            changes: Vec::new(),
        }
    }

    /// Carries a change out and remembers it.
    pub(crate) fn commit(&mut self, change: Change) {
        if !self.has_effect {
            return;
        }
        self.store.apply(change.clone());
        self.changes.push(change);
    }

    pub(crate) fn new_id(&self) -> String {
        chance::resource_id(self.clock, self.settings.id_format, self.store_prefix)
    }

    /// The user of this id.
    pub(crate) fn user(&self, id: &str) -> Result<Arc<User>, Refusal> {
        self.store.user(id).cloned().ok_or(Refusal::not_found("User not found."))
    }

    /// The group of this id.
    pub(crate) fn group(&self, id: &str) -> Result<Arc<Group>, Refusal> {
        self.store.group(id).cloned().ok_or(Refusal::not_found("Group not found."))
    }

    /// Keeps a group, unless something of it is another's, and gives it as it is then.
    pub(crate) fn keep_group(&mut self, group: Group) -> Result<Arc<Group>, Refusal> {
        if self.store.clash_of_group(&group).is_some() {
            return Err(Refusal::duplicate());
        }
        let group = Arc::new(group);
        self.commit(Change::Group(Arc::clone(&group)));
        self.group(&group.id)
    }

    /// Makes a user of these attributes, unless something of it is another's.
    pub(crate) fn make_user(&mut self, attributes: Map<String, Value>) -> Result<Arc<User>, Refusal> {
        let user = User {
            key: self.store.next_key(),
            id: self.new_id(),
            created_at: self.now,
            modified_at: self.now,
            attributes,
        };
        self.keep_user(user)
    }

    /// Keeps a user, unless something of it is another's, and gives it as it is then.
    pub(crate) fn keep_user(&mut self, user: User) -> Result<Arc<User>, Refusal> {
        if self.store.clash_of_user(&user).is_some() {
            return Err(Refusal::duplicate());
        }
        let user = Arc::new(user);
        self.commit(Change::User(Arc::clone(&user)));
        self.user(&user.id)
    }
}
