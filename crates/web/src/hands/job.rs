//! What takes longer than a page may: asked for, under way, finished.

use std::collections::BTreeMap;

use usher_model::group::operation::GroupKind;
use usher_model::guard::Tripped;
use usher_model::id::{AppId, DirectoryId, Email, HoldId, RunId};
use usher_model::operation::Kind;

use super::directory::{Checked, NewGoogle, UploadId};
use super::edit::Edit;

/// What a job is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub String);

/// Something that takes a while.
#[derive(Clone, Debug)]
pub enum Job {
    /// Makes the plan of an app and does nothing of it; with an edit, as if that had been made. It ends in [`Planned`].
    Preview {
        /// The app.
        app: AppId,
        /// What would be edited.
        edit: Option<Edit>,
    },
    /// Reads the whole app and compares, then does what there is to do. It ends in [`Ran`].
    Audit {
        /// The app.
        app: AppId,
    },
    /// Runs one person now, without waiting out pauses after failures, with each step shown. It ends in [`Ran`].
    OnDemand {
        /// The app.
        app: AppId,
        /// Who.
        user: Email,
    },
    /// Releases holds: what of them is still wanted is done. It ends in [`Ran`].
    Release {
        /// The app.
        app: AppId,
        /// Which holds.
        holds: Vec<HoldId>,
        /// Who says so.
        by: String,
    },
    /// Says what taking back a run would do. It ends in [`UndoPlan`].
    PreviewUndo {
        /// The run.
        run: RunId,
    },
    /// Takes back what a run did. It ends in [`Ran`].
    Undo {
        /// The run.
        run: RunId,
        /// Who says so.
        by: String,
    },
    /// Imports files into the embedded directory, or says what that would change. It ends in [`Imported`].
    Import {
        /// The files.
        files: Vec<UploadId>,
        /// Whoever is missing from them becomes deleted.
        replace: bool,
        /// Nothing is changed.
        preview: bool,
    },
    /// Adds a Google Workspace, if it lets its reader in, and lists it. It ends in [`Checked`].
    AddGoogle(NewGoogle),
    /// Gives a Google Workspace another key, if that lets its reader in. It ends in [`Checked`].
    AuthorizeGoogle(NewGoogle),
    /// Says how a Google Workspace stands, scope by scope. It ends in [`Checked`].
    CheckGoogle(DirectoryId),
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq)]
pub enum JobState {
    /// Under way.
    UnderWay(Advance),
    /// Over.
    Finished(Box<Finished>),
    /// Over before its time, and why, in a sentence without its full stop.
    Failed(String),
}

/// How far something is that is under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// What is being done: `planning`.
    pub step: String,
    /// How many operations are done.
    pub n_done: u64,
    /// Of how many; none: nobody knows yet.
    pub n_total: Option<u64>,
}

/// What a job came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Finished {
    /// A plan was made.
    Planned(Planned),
    /// A run came to its end.
    Ran(Ran),
    /// What an undo would do.
    UndoPlan(UndoPlan),
    /// Files were imported, or looked through.
    Imported(Imported),
    /// A Google Workspace was asked how it stands.
    Checked(Checked),
}

/// A plan: what a run would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The app.
    pub app: AppId,
    /// The plan, whose rows are in the store until another one is made.
    pub run: RunId,
    /// The configuration that it was made of: an edit is committed only where that is still so.
    pub version: i64,
    /// What would be edited.
    pub edit: Option<Edit>,
    /// Operations, by kind.
    pub operations: BTreeMap<Kind, u64>,
    /// Operations on groups, by kind.
    pub groups: BTreeMap<GroupKind, u64>,
    /// Memberships that would be made.
    pub members_added: u64,
    /// Memberships that would end.
    pub members_removed: u64,
    /// People and groups for whom nothing can be done.
    pub n_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(String, String)>,
    /// People for whom nothing would be done, by why.
    pub skipped: BTreeMap<String, u64>,
    /// People whose timer would run then, as far as they were decided about: they lose the account later.
    pub n_leaving: u64,
    /// The first of them, and why.
    pub leaving: Vec<(String, String)>,
    /// What would wait for a person.
    pub held: Vec<Held>,
}

/// What a guard holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Why.
    pub tripped: Tripped,
    /// How many operations.
    pub n_operations: u64,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// The run.
    pub run: RunId,
    /// Operations done, by kind.
    pub operations: BTreeMap<Kind, u64>,
    /// Operations on groups done, by kind.
    pub groups: BTreeMap<GroupKind, u64>,
    /// Memberships made.
    pub members_added: u64,
    /// Memberships ended.
    pub members_removed: u64,
    /// People and groups for whom something failed.
    pub n_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(String, String)>,
    /// People for whom nothing was done, by why.
    pub skipped: BTreeMap<String, u64>,
    /// What waits for a person.
    pub held: Vec<Held>,
    /// Requests to the app that read.
    pub n_reads: u64,
    /// Requests to the app that wrote.
    pub n_writes: u64,
    /// Why it ended before its time, if it did.
    pub stopped: Option<String>,
    /// What else an admin should know.
    pub warnings: Vec<String>,
    /// For one person alone: each step.
    pub steps: Vec<Step>,
    /// Of an undo: who is left alone, and why.
    pub left_alone: Vec<LeftAlone>,
}

/// A step of a run for one person, or what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is called: `access`, `decision`, `PATCH`.
    pub name: String,
    /// What was found or said; several lines.
    pub text: String,
}

/// Somebody whom an undo leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAlone {
    /// Who, or which group.
    pub who: String,
    /// Why.
    pub why: String,
}

/// What an undo would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoPlan {
    /// The run.
    pub run: RunId,
    /// People whose accounts would be switched on.
    pub n_taken_back: u64,
    /// The first of them, and why they were suspended.
    pub taken_back: Vec<(String, String)>,
    /// Memberships that would be made again.
    pub n_put_back: u64,
    /// Who is left alone, and why.
    pub left_alone: Vec<LeftAlone>,
    /// Accounts that it deleted: they are not made again.
    pub n_lost: u64,
}

/// What an import changed, or would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Nothing was changed.
    pub is_preview: bool,
    /// What became of the entries, by kind: `users`.
    pub kinds: Vec<ImportedKind>,
    /// What an admin should know of it.
    pub warnings: Vec<String>,
    /// How many there are in all.
    pub n_warnings: u64,
}

/// What became of one kind of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedKind {
    /// What they are.
    pub name: &'static str,
    /// New ones.
    pub added: u64,
    /// Changed ones.
    pub updated: u64,
    /// Ones that are gone.
    pub deleted: u64,
    /// Ones that are back.
    pub restored: u64,
    /// The others.
    pub unchanged: u64,
}
