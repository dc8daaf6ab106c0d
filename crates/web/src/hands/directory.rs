//! What is asked of a directory: edits of the embedded one, what somebody has at the apps and would lose there, files that are
//! taken in, and Google Workspaces that are to be read.
//!
//! Resources are in the Directory API's form, which is what the store keeps and the pages show.

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Map, Value as Json};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{AppId, DirectoryId, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::StoreError;
use usher_store::event::EventKind;

use super::Refused;

/// One edit of the embedded directory.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectoryEdit {
    /// Makes a user of this resource.
    CreateUser(Map<String, Json>),
    /// Makes a user another than before: what the resource does not speak of stays, `null` clears.
    UpdateUser {
        /// Who.
        user: UserId,
        /// What is said of them.
        resource: Map<String, Json>,
        /// The fingerprint of the user that the form was made of.
        version: String,
    },
    /// Puts a user into another unit.
    MoveUser {
        /// Who.
        user: UserId,
        /// Which.
        unit: OrgUnitPath,
    },
    /// Suspends a user, or takes that back.
    Suspend {
        /// Who.
        user: UserId,
        /// Whether they are to be suspended.
        on: bool,
    },
    /// Archives a user, or takes that back.
    Archive {
        /// Who.
        user: UserId,
        /// Whether they are to be archived.
        on: bool,
    },
    /// Deletes a user, who can be restored for 20 days.
    DeleteUser(UserId),
    /// Restores a deleted user.
    RestoreUser {
        /// Who.
        user: UserId,
        /// Into which unit.
        unit: OrgUnitPath,
    },
    /// Gives a user one more address, or takes one away.
    UserAlias {
        /// Who.
        user: UserId,
        /// Which.
        alias: String,
        /// Whether it is given.
        on: bool,
    },
    /// Makes a group of this resource.
    CreateGroup(Map<String, Json>),
    /// Makes a group another than before.
    UpdateGroup {
        /// Which.
        group: GroupId,
        /// What is said of it.
        resource: Map<String, Json>,
    },
    /// Deletes a group.
    DeleteGroup(GroupId),
    /// Makes somebody, or another group, a member.
    AddMember {
        /// Of which group.
        group: GroupId,
        /// Whose address.
        email: String,
        /// OWNER, MANAGER or MEMBER.
        role: String,
    },
    /// Takes a member out.
    RemoveMember {
        /// Of which group.
        group: GroupId,
        /// What they are kept by.
        member: String,
    },
    /// Makes an organizational unit.
    CreateUnit {
        /// Below which.
        parent: OrgUnitPath,
        /// Its name.
        name: String,
        /// What it is for.
        description: String,
    },
    /// Renames a unit, moves it, or describes it in another way. Everybody in it goes along.
    UpdateUnit {
        /// Which.
        unit: OrgUnitPath,
        /// Below which it is to be.
        parent: OrgUnitPath,
        /// Its name.
        name: String,
        /// What it is for.
        description: String,
    },
    /// Deletes a unit that is empty.
    DeleteUnit(OrgUnitPath),
    /// Adds a domain; the first one is the primary one.
    AddDomain(String),
    /// Removes a domain that nobody has an address in.
    RemoveDomain(String),
    /// Makes custom attributes: a schema with its fields.
    CreateSchema {
        /// Its name.
        name: String,
        /// What people call it.
        display_name: String,
        /// Its fields.
        fields: Vec<Json>,
    },
    /// Changes a schema: its fields are these from now on.
    UpdateSchema {
        /// Its name.
        name: String,
        /// What people call it.
        display_name: String,
        /// Its fields.
        fields: Vec<Json>,
    },
    /// Deletes a schema. What people hold under it stays in their resources.
    DeleteSchema(String),
}

impl DirectoryEdit {
    /// What the audit log calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreateUser(_) => "user_create",
            Self::UpdateUser { .. } => "user_update",
            Self::MoveUser { .. } => "user_move",
            Self::Suspend { on: true, .. } => "user_suspend",
            Self::Suspend { on: false, .. } => "user_activate",
            Self::Archive { on: true, .. } => "user_archive",
            Self::Archive { on: false, .. } => "user_unarchive",
            Self::DeleteUser(_) => "user_delete",
            Self::RestoreUser { .. } => "user_restore",
            Self::UserAlias { on: true, .. } => "user_alias_add",
            Self::UserAlias { on: false, .. } => "user_alias_remove",
            Self::CreateGroup(_) => "group_create",
            Self::UpdateGroup { .. } => "group_update",
            Self::DeleteGroup(_) => "group_delete",
            Self::AddMember { .. } => "group_member_add",
            Self::RemoveMember { .. } => "group_member_remove",
            Self::CreateUnit { .. } => "unit_create",
            Self::UpdateUnit { .. } => "unit_update",
            Self::DeleteUnit(_) => "unit_delete",
            Self::AddDomain(_) => "domain_add",
            Self::RemoveDomain(_) => "domain_remove",
            Self::CreateSchema { .. } => "schema_create",
            Self::UpdateSchema { .. } => "schema_update",
            Self::DeleteSchema(_) => "schema_delete",
        }
    }
}

/// Who edits, and where they are: it is written down with the edit.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// Their address.
    pub who: &'a str,
    /// Where their request came from.
    pub address: &'a str,
}

/// Why an edit of the directory was not made; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum NotEdited {
    /// What is wrong with it, in a sentence without its full stop.
    #[error("{0}")]
    Because(String),
    /// It is of something that has become another since.
    #[error("somebody else changed this meanwhile")]
    Stale,
    /// There is nobody, or nothing, that it is about.
    #[error("there is no such thing any more")]
    NotFound,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How somebody stands at one app: what `usher explain` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtApp {
    /// The app.
    pub app: AppId,
    /// What people call it.
    pub name: String,
    /// How the account stands, in a few words.
    pub account: String,
    /// In which tone that is to be said.
    pub tone: Tone,
    /// What a run would do now, and why.
    pub decision: String,
    /// Which trigger takes the account, and when.
    pub due: Option<(String, Timestamp)>,
    /// Everything that rests on, by name; several lines each.
    pub facts: Vec<(String, String)>,
    /// What happened last, newest first.
    pub events: Vec<Happened>,
}

/// Something that happened to an account; or the same failure several times, which `why` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// When; the last time.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Why.
    pub why: String,
}

/// In which tone something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Nothing to say.
    Calm,
    /// Somebody should know.
    Warn,
    /// Something is wrong.
    Bad,
}

/// What would become of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// They are suspended.
    Suspended,
    /// They are archived.
    Archived,
    /// They are deleted.
    Deleted,
    /// They stand in another unit.
    In(OrgUnitPath),
    /// They are a member of a group no more.
    NotIn(GroupId),
}

/// What a change would do to somebody's account at one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// The app.
    pub app: String,
    /// What happens there, in a sentence.
    pub what: String,
    /// Whether somebody loses something by it.
    pub is_loss: bool,
}

/// What a file is known by that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UploadId(pub String);

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What its sender calls it.
    pub name: String,
    /// How large it is.
    pub n_bytes: u64,
}

/// A file that is being taken in. Whoever drops it gives it up.
#[async_trait]
pub trait Incoming: Send {
    /// Takes some more of it.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Refused>;

    /// That was all of it. It is kept until it is forgotten, or others came after it.
    async fn finish(self: Box<Self>) -> Result<UploadId, Refused>;
}

/// A Google Workspace that is to be read.
#[derive(Clone, Debug)]
pub struct NewGoogle {
    /// What people will call the directory.
    pub name: String,
    /// The administrator whom the service account acts as.
    pub admin: String,
    /// The key file of the service account.
    pub key: SecretString,
    /// Google's id of the customer; none: the administrator's own.
    pub customer: Option<String>,
    /// Where the API is; none: at Google.
    pub api_root: Option<String>,
}

/// How a Google Workspace stands: what `usher directory check` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The directory, where it is there.
    pub directory: Option<DirectoryId>,
    /// What people call it.
    pub name: String,
    /// The service account.
    pub account: String,
    /// The administrator whom it acts as.
    pub admin: Option<String>,
    /// Whether everything works.
    pub works: bool,
    /// Why it was not stored, where it was to be.
    pub refused: Option<String>,
    /// Why nobody is signed in.
    pub sign_in: Option<String>,
    /// How the scopes are given that are missing.
    pub delegation: Option<String>,
    /// Every scope.
    pub scopes: Vec<CheckedLine>,
    /// Every call.
    pub calls: Vec<CheckedLine>,
    /// What else an admin should know.
    pub warnings: Vec<String>,
}

/// One scope, or one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedLine {
    /// Its name.
    pub name: String,
    /// Whether it works; none: it was not tried.
    pub works: Option<bool>,
    /// What is wrong and what mends it, or why it was not tried.
    pub why: Option<String>,
}
