//! Decides about every group, and writes down what is to be done.
//!
//! One pass over the directory's groups and those on record, in id order, a page at a time. Who is added and taken out is
//! read from the store in chunks as large as one request, so no group's members are ever held as a whole. Nothing is sent
//! from here, and a preview records nothing but the plan itself.
//!
//! Not here: what is decided ([`usher_model::group::decide`]), what is held (`guard`).

use std::collections::{BTreeMap, BTreeSet};

use usher_model::group::adoption::GroupHolder;
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_model::id::{Email, GroupId};
use usher_store::group::event::{self, GroupEvent, GroupEventKind};
use usher_store::group::{self, GroupRecordState};
use usher_store::{Store, StoreError, Tx};

pub(super) use self::candidate::{Adoptable, Candidate, adoptable, find};
pub(super) use self::consider::{Considered, consider};
use super::pass::GroupPass;
use super::roster::Roster;
use crate::setting::Setting;

mod candidate;
mod consider;
mod names;
mod rows;

/// How many groups are decided about at once.
const PAGE: usize = 100;

/// As summaries count groups whose next try is not due.
pub const WAITING: &str = "groups that failed before, waiting to be tried again";

/// Whether a reason of a summary is one of groups that are skipped, and none of people.
pub fn is_of_groups(why: &str) -> bool {
    why.starts_with("groups ")
}

/// What a pass came to.
#[derive(Clone, Debug, Default)]
pub struct PlannedGroups {
    /// The number after the plan's last row.
    pub next_seq: i64,
    /// Groups for which nothing can be done now, and why.
    pub failures: Vec<(Email, GroupFailure)>,
    /// Groups that have to be read before they are written to.
    pub unknown: BTreeSet<GroupId>,
    /// Groups that wait for a name which another one is about to give up.
    pub waiting: BTreeSet<GroupId>,
    /// Groups for which nothing is done, by why.
    pub skipped: BTreeMap<String, u64>,
}

/// Decides about every group the pass is for.
pub async fn pass(
    store: &Store,
    setting: &Setting,
    pass: &GroupPass<'_>,
) -> Result<PlannedGroups, StoreError> {
    let mut planned = PlannedGroups { next_seq: pass.first_seq, ..PlannedGroups::default() };
    let mut taken: BTreeMap<String, GroupHolder> = BTreeMap::new();
    let mut after: Option<GroupId> = None;
    loop {
        let mut tx = store.begin("engine::groups::plan").await?;
        let page =
            group::walk(&mut tx, &setting.app.directory, &setting.app.id, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return tx.rollback().await.map(|()| planned) };
        after = Some(last.id.clone());
        // With each page, because who is in which group is read with it: an import may come between two pages.
        let roster = &Roster::load(&mut tx, setting, pass.now).await?;
        let mut candidates: Vec<_> =
            page.into_iter().filter_map(|walked| Candidate::new(setting, roster, pass, walked)).collect();
        find(&mut tx, setting, pass, &mut candidates).await?;
        for candidate in candidates {
            one(&mut tx, setting, roster, pass, candidate, &mut taken, &mut planned).await?;
        }
        tx.commit().await?;
    }
}

/// Decides about one group, and writes down what is to be done.
async fn one(
    tx: &mut Tx,
    setting: &Setting,
    roster: &Roster,
    pass: &GroupPass<'_>,
    candidate: Candidate,
    taken: &mut BTreeMap<String, GroupHolder>,
    planned: &mut PlannedGroups,
) -> Result<(), StoreError> {
    // A run for one person changes who is in groups, not which there are.
    if pass.user.is_some() && candidate.state() != GroupRecordState::Known {
        return Ok(());
    }
    let id = candidate.id.clone();
    let below = roster.below(&id);
    let wanted = roster.wanted(setting, pass, &id, &below);
    let considered = consider(tx, (setting, roster), pass, candidate, &wanted, taken).await?;
    let Considered {
        candidate,
        before,
        decision,
        name_failure,
        is_waiting,
        waits_out_name,
        name,
        refused,
        ..
    } = considered;
    if is_waiting {
        planned.waiting.insert(id.clone());
    }
    if waits_out_name {
        *planned.skipped.entry(WAITING.to_owned()).or_default() += 1;
    }
    if let Some(failure) = name_failure {
        told(tx, pass, &candidate, failure, planned).await?;
    }
    match (decision, pass.user) {
        (Some(decision), None) => {
            rows::store(tx, pass, &candidate, before, &wanted, (decision, &name, refused), planned).await
        }
        (Some(decision), Some(_)) => {
            rows::store_members(tx, pass, &candidate, &wanted, decision, planned).await
        }
        (None, _) => Ok(()),
    }
}

/// Counts a failure, and tells of it in the log.
async fn told(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    candidate: &Candidate,
    failure: GroupFailure,
    planned: &mut PlannedGroups,
) -> Result<(), StoreError> {
    planned.failures.push((candidate.email.clone(), failure.clone()));
    let seq = planned.next_seq;
    planned.next_seq += 1;
    let Some(lease) = pass.lease else { return Ok(()) };
    let event = GroupEvent {
        run: pass.run.clone(),
        seq,
        kind: GroupEventKind::Failure,
        at: pass.now,
        group: candidate.id.clone(),
        email: Some(candidate.email.clone()),
        detail: Some(failure.to_string()),
        reason: GroupReason::Failed { failure },
        members: Vec::new(),
        n_members: 0,
        is_released: false,
    };
    event::append(tx, lease, &[event]).await
}

/// The reasons that summaries count as skipped, in a few words each.
fn worth_telling(reason: &GroupReason) -> Option<&'static str> {
    Some(match reason {
        GroupReason::LeftAlone { .. } => "groups that are not selected",
        GroupReason::DeletedLater { .. } => "groups that are deleted later",
        GroupReason::KeptForPinned { .. } => "groups that are kept for somebody who is pinned",
        GroupReason::Unlisted => "groups not listed by the directory",
        GroupReason::Drifted { .. } => "groups changed at the app by somebody else",
        GroupReason::Pinned(_) => "groups that are pinned",
        GroupReason::RetryLater { .. } => WAITING,
        GroupReason::MissedOnce { .. } | GroupReason::Unknown => {
            "groups looked for again after a lost answer"
        }
        GroupReason::Selected
        | GroupReason::GoneAtApp
        | GroupReason::Adopted { .. }
        | GroupReason::Differs { .. }
        | GroupReason::Repaired { .. }
        | GroupReason::Joined { .. }
        | GroupReason::Left { .. }
        | GroupReason::Deselected { .. }
        | GroupReason::Undone { .. }
        | GroupReason::Converged
        | GroupReason::Failed { .. }
        | GroupReason::Closed => return None,
    })
}

#[cfg(test)]
mod tests {
    use usher_model::time::Timestamp;

    use super::*;

    #[test]
    fn what_is_skipped_of_groups_can_be_told_from_what_is_skipped_of_people() {
        let since = Timestamp::from_micros(0);
        for reason in [
            GroupReason::LeftAlone { is_there: true },
            GroupReason::DeletedLater { since, at: since },
            GroupReason::KeptForPinned { since },
            GroupReason::Unlisted,
            GroupReason::Drifted { paths: Vec::new() },
            GroupReason::Unknown,
        ] {
            assert!(is_of_groups(worth_telling(&reason).unwrap()), "{reason}");
        }
        assert!(is_of_groups(WAITING));
    }
}
