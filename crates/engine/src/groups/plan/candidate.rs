//! A group that the app is to have or has had, and what the app's listing shows of it.

use std::collections::BTreeMap;

use usher_model::account::Choice;
use usher_model::attribute::Attributes;
use usher_model::attribute::fold::fold;
use usher_model::group::adoption::{FoundGroup, RemoteGroup, find_own_group};
use usher_model::group::decide::GroupStanding;
use usher_model::group::name;
use usher_model::id::{Email, GroupId, RemoteId};
use usher_store::group::{self, GroupRecord, GroupRecordState, Walked, remote};
use usher_store::{StoreError, Tx};

use super::PAGE;
use crate::groups::pass::GroupPass;
use crate::groups::roster::Roster;
use crate::plan::LISTING_TRUSTED;
use crate::setting::Setting;

/// A group that matters.
pub(in crate::groups) struct Candidate {
    pub(in crate::groups) id: GroupId,
    pub(in crate::groups) email: Email,
    pub(in crate::groups) standing: GroupStanding,
    pub(in crate::groups) want: Result<Attributes, String>,
    pub(in crate::groups) record: Option<GroupRecord>,
    pub(in crate::groups) found: FoundGroup,
    /// Its record was changed already.
    pub(in crate::groups) is_changed: bool,
}

impl Candidate {
    /// None: neither is the app to have it nor has it ever had it, or the pass is not for it.
    pub(in crate::groups) fn new(
        setting: &Setting,
        roster: &Roster,
        pass: &GroupPass<'_>,
        walked: Walked,
    ) -> Option<Self> {
        let Walked { id, group, is_missing, record } = walked;
        if pass.groups.is_some_and(|groups| !groups.contains(&id)) {
            return None;
        }
        let is_selected = group.as_ref().is_some_and(|group| roster.takes(setting, group));
        let standing = match &group {
            None => GroupStanding::Gone,
            Some(_) if is_missing || roster.is_unlisted(&id) => GroupStanding::Unlisted,
            Some(_) if is_selected => GroupStanding::Selected,
            Some(_) => GroupStanding::Deselected,
        };
        if record.is_none() && standing != GroupStanding::Selected {
            return None;
        }
        let email = group.as_ref().map(|group| group.email.clone());
        let email = email.or_else(|| record.as_ref().and_then(|record| record.email.clone()))?;
        let want = group.as_ref().map_or_else(
            || Err("the directory no longer has the group".to_owned()),
            |group| name::attributes(group, setting.template),
        );
        Some(Self { id, email, standing, want, record, found: FoundGroup::NotLooked, is_changed: false })
    }

    /// What it is to be called.
    pub(in crate::groups) fn name(&self) -> Option<String> {
        let name = self.want.as_ref().ok()?.get(&name::display_name())?;
        name.as_str().map(str::to_owned)
    }

    pub(in crate::groups) fn state(&self) -> GroupRecordState {
        self.record.as_ref().map_or(GroupRecordState::None, |record| record.state)
    }

    pub(in crate::groups) fn takes_over(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.choice == Some(Choice::TakeOver))
    }
}

/// What the app's listing shows of the groups that are not there by our doing.
pub(in crate::groups) async fn find(
    tx: &mut Tx,
    setting: &Setting,
    pass: &GroupPass<'_>,
    candidates: &mut [Candidate],
) -> Result<(), StoreError> {
    if pass.listed_at.is_none_or(|at| pass.now.since(at) >= LISTING_TRUSTED) {
        return Ok(());
    }
    let is_new = |candidate: &&Candidate| candidate.state() == GroupRecordState::None;
    let wanted: Vec<_> = candidates
        .iter()
        .filter(is_new)
        .filter_map(|candidate| Some((candidate.id.clone(), fold(&candidate.name()?))))
        .collect();
    let mut matching: BTreeMap<GroupId, Vec<RemoteGroup>> =
        remote::matching(tx, &setting.app.directory, &setting.app.id, &wanted, pass.now).await?;
    for candidate in candidates.iter_mut().filter(|candidate| candidate.state() == GroupRecordState::None) {
        let Some(name) = candidate.name() else { continue };
        let remotes = matching.remove(&candidate.id).unwrap_or_default();
        candidate.found = find_own_group(&candidate.id, &name, &remotes, candidate.takes_over());
    }
    Ok(())
}

/// A group that the app holds already and that is to become ours.
#[derive(Debug)]
pub(in crate::groups) struct Adoptable {
    pub(in crate::groups) record: GroupRecord,
    pub(in crate::groups) remote_id: RemoteId,
}

/// The next page of the groups that the app holds already and that are to become ours, as its listing shows; none: there
/// is no next page.
pub(in crate::groups) async fn adoptable(
    tx: &mut Tx,
    setting: &Setting,
    roster: &Roster,
    pass: &GroupPass<'_>,
    after: &mut Option<GroupId>,
) -> Result<Option<Vec<Adoptable>>, StoreError> {
    let page = group::walk(tx, &setting.app.directory, &setting.app.id, after.as_ref(), PAGE).await?;
    let Some(last) = page.last() else { return Ok(None) };
    *after = Some(last.id.clone());
    let candidates = page.into_iter().filter_map(|walked| Candidate::new(setting, roster, pass, walked));
    let is_new = |candidate: &Candidate| {
        candidate.state() == GroupRecordState::None && candidate.standing == GroupStanding::Selected
    };
    let mut candidates: Vec<_> = candidates.filter(is_new).collect();
    find(tx, setting, pass, &mut candidates).await?;
    let own = candidates.into_iter().filter_map(|candidate| {
        let FoundGroup::Own(remote, _) = candidate.found else { return None };
        let fresh = || GroupRecord::new(candidate.id.clone(), Some(candidate.email.clone()));
        let record = candidate.record.unwrap_or_else(fresh);
        Some(Adoptable { record, remote_id: remote.remote_id })
    });
    Ok(Some(own.collect()))
}
