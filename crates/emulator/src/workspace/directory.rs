//! Where the resources of a Workspace are kept: users, groups, memberships, organizational units, domains, schemas.
//!
//! [`Directory`] is all that the HTTP faces know of it. What Google's rules ask for (aliases after a rename, times of
//! suspensions, who may be a member of what) is decided above; a directory keeps what it is told to and finds it again.
//!
//! # Invariants
//!
//! 1. An edit is kept only if the directory is still what it was read as: edits take turns here, and a directory that others
//!    change as well says so with its edition.
//! 2. A commit is kept as a whole or not at all.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use super::wire;

pub mod memory;
pub mod record;

pub use record::{Customer, Domain, Group, Member, MemberKind, OrgUnit, Schema, User};

/// The directory cannot be reached now; the request is answered with 503.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the directory is not available: {0}")]
pub struct Unavailable(pub String);

/// Why an edit is not kept; nothing of it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCommitted {
    /// The directory cannot be reached now, or has become another since the edit was begun; answered with 503, which
    /// clients try again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The directory has a rule of its own against it; the sentence is answered with 412.
    #[error("the directory does not take it: {0}")]
    Refused(String),
}

/// A place in a list: the address in small letters, then the id.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// What the list is ordered by.
    pub key: String,
    /// Who it is.
    pub id: String,
}

/// Which users a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that are not deleted.
    Living,
    /// Those that are.
    Deleted,
}

/// Whose an address is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A user's, by id.
    User(String),
    /// A group's, by id.
    Group(String),
}

/// A member of a group with what is known of who it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// What is kept.
    pub member: Member,
    /// The address that the user or group has now.
    pub email: Option<String>,
    /// `ACTIVE`, `SUSPENDED` or `ARCHIVED`.
    pub status: &'static str,
}

/// One thing that an edit does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// What is said of the whole organisation.
    Customer(Customer),
    /// A user is made, or is another than before.
    User(User),
    /// A user is gone for good.
    UserGone(String),
    /// A group is made, or is another than before; its members stay.
    Group(Group),
    /// A group is gone, and with it its members and its memberships.
    GroupGone(String),
    /// Somebody is a member of a group, or is another kind of member than before.
    Member {
        /// The group's id.
        group: String,
        /// Who, and as what.
        member: Member,
    },
    /// Somebody is no member of a group any more.
    MemberGone {
        /// The group's id.
        group: String,
        /// The member's id.
        member: String,
    },
    /// An organizational unit is made, or is another than before.
    OrgUnit(OrgUnit),
    /// An organizational unit is gone.
    OrgUnitGone(String),
    /// A domain is made, or is another than before.
    Domain(Domain),
    /// A domain is gone, with its aliases.
    DomainGone(String),
    /// A schema is made, or is another than before.
    Schema(Schema),
    /// A schema is gone.
    SchemaGone(String),
}

/// What keeps the resources.
#[async_trait]
pub trait Directory: Send + Sync + fmt::Debug {
    /// What is said of the whole organisation.
    async fn customer(&self) -> Result<Arc<Customer>, Unavailable>;

    /// A user by id, deleted or not.
    async fn user(&self, id: &str) -> Result<Option<Arc<User>>, Unavailable>;

    /// Whose an address is, primary or alias, in small letters. Deleted users hold none.
    async fn holder(&self, address: &str) -> Result<Option<Holder>, Unavailable>;

    /// Users behind a place, in the order of places.
    async fn users(
        &self,
        which: Which,
        after: Option<&Place>,
        most: usize,
    ) -> Result<Vec<Arc<User>>, Unavailable>;

    /// A group by id.
    async fn group(&self, id: &str) -> Result<Option<Arc<Group>>, Unavailable>;

    /// Groups behind a place, in the order of places.
    async fn groups(&self, after: Option<&Place>, most: usize) -> Result<Vec<Arc<Group>>, Unavailable>;

    /// How many direct members a group has.
    async fn count_members(&self, group: &str) -> Result<u64, Unavailable>;

    /// Members of a group whose ids come after one, in the order of ids.
    async fn members(
        &self,
        group: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<Membership>, Unavailable>;

    /// A member of a group by id.
    async fn member(&self, group: &str, member: &str) -> Result<Option<Membership>, Unavailable>;

    /// The ids of the groups that somebody is a direct member of.
    async fn groups_of(&self, member: &str) -> Result<Vec<String>, Unavailable>;

    /// Every organizational unit, the root among them.
    async fn org_units(&self) -> Result<Vec<Arc<OrgUnit>>, Unavailable>;

    /// Every domain, by name.
    async fn domains(&self) -> Result<Vec<Arc<Domain>>, Unavailable>;

    /// Every schema, by name.
    async fn schemas(&self) -> Result<Vec<Arc<Schema>>, Unavailable>;

    /// Another number whenever the directory has become another; an edit asks for it before it reads.
    async fn edition(&self) -> Result<u64, Unavailable>;

    /// Keeps what an edit does that was begun in this edition.
    async fn commit(&self, changes: Vec<Change>, edition: u64) -> Result<(), NotCommitted>;
}

/// An id of 21 digits that follows from a text, whatever the case of its letters: what somebody of elsewhere has as a
/// member, by the address.
pub fn derived_id(text: &str) -> String {
    wire::external_id(text)
}

/// A text of a JSON object, or nothing.
pub fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a JSON object says yes.
pub(crate) fn flag(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// How long a deleted user can be restored: Google's 20 days.
pub(crate) const RESTORABLE: std::time::Duration = std::time::Duration::from_hours(24 * 20);

/// Whether somebody who was deleted then is there to be restored now.
pub(crate) fn is_restorable(deleted_at: Timestamp, now: Timestamp) -> bool {
    now.since(deleted_at) < RESTORABLE
}
