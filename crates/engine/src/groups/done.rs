//! What came of the rows of a group that were carried out.

use usher_model::group::operation::Leaver;
use usher_model::group::reason::GroupFailure;
use usher_model::id::RemoteId;
use usher_store::group::GroupRecord;
use usher_store::group::member::MemberStanding;
use usher_store::group::plan::GroupRow;

use crate::stop::Stop;

/// What came of one group's rows.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) record: GroupRecord,
    pub(crate) rows: Vec<RowDone>,
    /// Who is none any more.
    pub(crate) removed: Vec<RemoteId>,
    /// Members whom Usher had not added and whom a refused write threw out, put back as what they were.
    pub(crate) put_back: Vec<(RemoteId, MemberStanding)>,
    /// Who was refused, or is as they were although the app said yes; and whether they were to be a member.
    pub(crate) refused: Vec<(RemoteId, bool)>,
    /// The group is to be decided about once more in this run.
    pub(crate) again: bool,
    /// It speaks against the app as a whole.
    pub(crate) is_broad: bool,
    /// The whole run has to stop.
    pub(crate) stop: Option<Stop>,
}

impl Done {
    /// What the app said, where it did not do what it was asked.
    pub(crate) fn said(&self) -> Option<String> {
        self.rows.iter().find_map(|row| match &row.end {
            RowEnd::Failed(failure) => Some(failure.to_string()),
            RowEnd::Unknown(why) => Some(why.clone()),
            RowEnd::Done | RowEnd::Dropped => None,
        })
    }
}

/// What came of one row.
#[derive(Debug)]
pub(crate) struct RowDone {
    pub(crate) row: GroupRow,
    pub(crate) end: RowEnd,
    /// Whom it made a member, or none, as far as it was done.
    pub(crate) members: Vec<Leaver>,
    /// How many these are; of a group that was deleted, how many were in it.
    pub(crate) n_members: u64,
}

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowEnd {
    /// It is done.
    Done,
    /// It failed; for some of its members it may be done.
    Failed(GroupFailure),
    /// Nobody knows.
    Unknown(String),
    /// Nothing was sent.
    Dropped,
}
