//! What is asked of a run or a preview, and what it comes to.

use std::collections::BTreeMap;
use std::fmt;

use usher_model::group::operation::GroupKind;
use usher_model::group::reason::GroupReason;
use usher_model::id::{Email, GroupId, RemoteId, RunId, UserId};
use usher_model::operation::Kind;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_model::undo::LeftAlone;
use usher_store::StoreError;
use usher_store::app::App;

use crate::approval::{Approval, ApprovalError};
use crate::audit::Audited;
use crate::calls::Requests;
use crate::endpoint::EndpointError;
use crate::groups::audit::AuditedGroups;
use crate::guard::Held;
use crate::releasing::Releasing;
use crate::setting::SettingError;
use crate::undo::left_out::LeftOut;

/// What is asked of a run.
#[derive(Clone, Debug, Default)]
pub struct RunRequest {
    /// This person alone.
    pub user: Option<Email>,
    /// Release every hold that is open.
    pub release: bool,
    /// Release these holds, as far as they are open, and no others.
    pub releasing: Option<Releasing>,
    /// Do not wait out the pauses after failures: somebody is asking.
    pub insist: bool,
    /// Read the whole app first, and compare.
    pub audit: bool,
    /// Do what this plan says, or nothing.
    pub approved: Option<Approval>,
}

/// How many memberships were made, and how many ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    /// Made.
    pub added: u64,
    /// Ended.
    pub removed: u64,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The app's name.
    pub app: String,
    /// The run.
    pub run: RunId,
    /// Operations done, by kind.
    pub operations: BTreeMap<Kind, u64>,
    /// Operations on groups done, by kind.
    pub group_operations: BTreeMap<GroupKind, u64>,
    /// Memberships made and ended.
    pub members: Memberships,
    /// People and groups for whom something failed.
    pub n_failures: u64,
    /// How many of these are groups.
    pub n_group_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(Email, String)>,
    /// People for whom nothing was done, by why.
    pub skipped: BTreeMap<String, u64>,
    /// What waits for a person.
    pub held: Vec<Held>,
    /// What an audit found, if it was one.
    pub audit: Option<Audited>,
    /// What it found of groups.
    pub group_audit: Option<AuditedGroups>,
    /// What an undo found, if it was one.
    pub undone: Option<Undone>,
    /// Requests to the app.
    pub requests: Requests,
    /// How long it took.
    pub seconds: f64,
    /// What has changed since the plan was approved that it was to go by: then nothing was done.
    pub differences: Vec<String>,
    /// Why it ended before its time, if it did.
    pub stopped: Option<String>,
    /// What else an admin should know.
    pub warnings: Vec<String>,
}

/// What an undo found, besides what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The run that is undone.
    pub run: RunId,
    /// People whom it suspended and who are left alone.
    pub n_left_alone: u64,
    /// The first of them, and why.
    pub left_alone: Vec<(Whom, LeftAlone)>,
    /// Accounts that it deleted: they are not made again.
    pub n_lost: u64,
    /// The first of them.
    pub lost: Vec<Lost>,
    /// What was found of memberships.
    pub members: UndoneMembers,
}

/// What an undo found of memberships, besides those that it made again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoneMembers {
    /// Memberships that the run ended and that stay as they are.
    pub n_left_out: u64,
    /// The first of them: who, of which group, and why.
    pub left_out: Vec<(FormerMember, Email, LeftOut)>,
    /// Groups that it deleted: they are not made again.
    pub n_lost: u64,
    /// The first of them.
    pub lost: Vec<LostGroup>,
}

/// A group that is deleted, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostGroup {
    /// Its id in the directory.
    pub group: GroupId,
    /// Its address at that time.
    pub email: Option<Email>,
    /// How many members it had at the app.
    pub n_members: u64,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: GroupReason,
}

/// Somebody, by their address where it is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whom {
    /// Their id in the directory.
    pub user: UserId,
    /// Their address at that time.
    pub email: Option<Email>,
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.email {
            Some(email) => email.fmt(f),
            None => self.user.fmt(f),
        }
    }
}

/// Somebody who was in a group at the app.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormerMember {
    /// A person of the directory.
    Person(Whom),
    /// An account that is nobody's on our record.
    Account(RemoteId),
}

impl fmt::Display for FormerMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(whom) => whom.fmt(f),
            Self::Account(account) => write!(f, "the account {account}"),
        }
    }
}

/// An account that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Whose.
    pub whom: Whom,
    /// When that was told.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
}

/// What a run would do.
#[derive(Clone, Debug)]
pub struct PreviewReport {
    /// The app's name and id.
    pub app: App,
    /// The plan, whose rows are stored.
    pub run: RunId,
    /// Operations planned, by kind.
    pub operations: BTreeMap<Kind, u64>,
    /// Operations on groups planned, by kind.
    pub group_operations: BTreeMap<GroupKind, u64>,
    /// Memberships that would be made and ended.
    pub members: Memberships,
    /// People about whom a decision was made; the others were settled by an earlier one.
    pub n_decided: u64,
    /// People and groups for whom nothing can be done.
    pub n_failures: u64,
    /// How many of these are groups.
    pub n_group_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(Email, String)>,
    /// People for whom nothing would be done, by why.
    pub skipped: BTreeMap<String, u64>,
    /// Of those about whom a decision was made, the people whose timer would run then: they lose the account later.
    pub n_leaving: u64,
    /// The first of them, and why.
    pub leaving: Vec<(Email, Reason)>,
    /// What would wait for a person.
    pub held: Vec<Held>,
    /// How long it took.
    pub seconds: f64,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No such app.
    #[error("there is no app named {0}: `usher app list` shows them")]
    NoSuchApp(String),
    /// The app is off.
    #[error(
        "the app {0} is not turned on: `usher app enable {0}` turns it on, `usher plan {0}` shows what would happen"
    )]
    NotActive(String),
    /// The app refused the token, and has no new one.
    #[error("the app {app} refused its access token (401): {replace}")]
    NeedsReauthorization {
        /// The app.
        app: String,
        /// What to do about it.
        replace: String,
    },
    /// The app has no endpoint or token.
    #[error(
        "the app {0} is not authorized: give its endpoint and access token with `usher app authorize {0} --endpoint URL --token-file FILE`"
    )]
    NotAuthorized(String),
    /// Nobody has this address.
    #[error("nobody in the directory has the address {0}")]
    NoSuchUser(Email),
    /// The endpoint is none any more.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The app cannot be planned for.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The approved plan cannot be gone by.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
