//! One pass over the groups: about which of them, for what run, at which instant.

use std::collections::BTreeSet;

use usher_model::id::{GroupId, RunId, UserId};
use usher_model::time::Timestamp;
use usher_store::app::Lease;

/// About which groups, and how.
#[derive(Debug)]
pub struct GroupPass<'a> {
    /// These alone; none: all.
    pub groups: Option<&'a BTreeSet<GroupId>>,
    /// This person's memberships alone.
    pub user: Option<&'a UserId>,
    /// The plan that is written.
    pub run: &'a RunId,
    /// The run's hold on its app; none: a preview.
    pub lease: Option<&'a Lease>,
    /// Failures' pauses are not waited out.
    pub insist: bool,
    /// A name that another group is about to give up counts as free: what a preview shows is what a run comes to.
    pub foresees: bool,
    /// When the app's groups were last listed as a whole, if what it showed then can be used.
    pub listed_at: Option<Timestamp>,
    /// The number of the plan's first row.
    pub first_seq: i64,
    /// The instant of the decisions.
    pub now: Timestamp,
}
