//! Decides about every group, and writes down what is to be done.
//!
//! One pass over the directory's groups and those on record, in id order, a page at a time. Who is added and taken out is
//! read from the store in chunks as large as one request, so no group's members are ever held as a whole. Nothing is sent
//! from here, and a preview records nothing but the plan itself.
//!
//! Not here: what is decided ([`usher_model::group::decide`]), what is held ([`super::guard`]).

use std::collections::{BTreeMap, BTreeSet};

use usher_model::account::Choice;
use usher_model::attribute::Attributes;
use usher_model::attribute::fold::fold;
use usher_model::group::MEMBERS_AT_ONCE;
use usher_model::group::adoption::{FoundGroup, GroupConflict, GroupHolder, RemoteGroup, find_own_group};
use usher_model::group::decide::{
    GroupCase, GroupDecision, GroupPolicy, GroupStanding, GroupStep, MemberCounts, decide,
};
use usher_model::group::name;
use usher_model::group::operation::{GroupKind, GroupOperation};
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_model::id::{AppId, Email, GroupId, RemoteId, RunId, UserId};
use usher_model::time::Timestamp;
use usher_store::app::Lease;
use usher_store::group::event::{self, GroupEvent, GroupEventKind};
use usher_store::group::member::{self, Wanted};
use usher_store::group::plan::{self as rows, GroupRow};
use usher_store::group::{self, GroupRecord, GroupRecordState, Walked, remote};
use usher_store::plan::PlanState;
use usher_store::{Store, StoreError, Tx};

use super::learn;
use super::roster::Roster;
use crate::plan::LISTING_TRUSTED;
use crate::setting::Setting;

/// How many groups are decided about at once.
const PAGE: usize = 100;

/// As summaries count groups whose next try is not due.
pub const WAITING: &str = "groups that failed before, waiting to be tried again";

/// Whether a reason of a summary is one of groups that are skipped, and none of people.
pub fn is_of_groups(why: &str) -> bool {
    why.starts_with("groups ")
}

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
    /// When the app's groups were last listed as a whole, if what it showed then can be used.
    pub listed_at: Option<Timestamp>,
    /// The number of the plan's first row.
    pub first_seq: i64,
    /// The instant of the decisions.
    pub now: Timestamp,
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

/// A group that the app holds already and that is to become ours.
#[derive(Debug)]
pub(super) struct Adoptable {
    pub(super) record: GroupRecord,
    pub(super) remote_id: RemoteId,
}

/// The next page of the groups that the app holds already and that are to become ours, as its listing shows; none: there
/// is no next page.
pub(super) async fn adoptable(
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

/// A group that matters.
pub(super) struct Candidate {
    pub(super) id: GroupId,
    pub(super) email: Email,
    pub(super) standing: GroupStanding,
    pub(super) want: Result<Attributes, String>,
    record: Option<GroupRecord>,
    found: FoundGroup,
    /// Its record was changed already.
    is_changed: bool,
}

impl Candidate {
    /// None: neither is the app to have it nor has it ever had it, or the pass is not for it.
    pub(super) fn new(
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
    pub(super) fn name(&self) -> Option<String> {
        let name = self.want.as_ref().ok()?.get(&name::display_name())?;
        name.as_str().map(str::to_owned)
    }

    fn state(&self) -> GroupRecordState {
        self.record.as_ref().map_or(GroupRecordState::None, |record| record.state)
    }

    fn takes_over(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.choice == Some(Choice::TakeOver))
    }
}

/// What the app's listing shows of the groups that are not there by our doing.
pub(super) async fn find(
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
        remote::matching(tx, &setting.app.directory, &setting.app.id, &wanted).await?;
    for candidate in candidates.iter_mut().filter(|candidate| candidate.state() == GroupRecordState::None) {
        let Some(name) = candidate.name() else { continue };
        let remotes = matching.remove(&candidate.id).unwrap_or_default();
        candidate.found = find_own_group(&candidate.id, &name, &remotes, candidate.takes_over());
    }
    Ok(())
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
    let Considered { candidate, before, decision, name_failure, is_waiting, .. } = considered;
    if is_waiting {
        planned.waiting.insert(id.clone());
    }
    if let Some(failure) = name_failure {
        told(tx, pass, &candidate, failure, planned).await?;
    }
    match (decision, pass.user) {
        (Some(decision), None) => store(tx, pass, &candidate, before, &wanted, decision, planned).await,
        (Some(decision), Some(_)) => store_members(tx, pass, &candidate, &wanted, decision, planned).await,
        (None, _) => Ok(()),
    }
}

/// What was decided about one group.
pub(super) struct Considered {
    pub(super) candidate: Candidate,
    /// What is on record of it, or as good as nothing.
    pub(super) before: GroupRecord,
    /// How many members differ.
    pub(super) members: MemberCounts,
    /// None: it waits for a name that another group is about to give up.
    pub(super) decision: Option<GroupDecision>,
    /// A group that is known cannot have the name that it is to have: that fails, and the rest of it goes on.
    pub(super) name_failure: Option<GroupFailure>,
    /// It is to be decided about once more when another group has given up a name.
    pub(super) is_waiting: bool,
}

/// Decides about one group. Without a lease nothing is written.
pub(super) async fn consider(
    tx: &mut Tx,
    (setting, roster): (&Setting, &Roster),
    pass: &GroupPass<'_>,
    mut candidate: Candidate,
    wanted: &Wanted<'_>,
    taken: &mut BTreeMap<String, GroupHolder>,
) -> Result<Considered, StoreError> {
    let is_known = candidate.state() == GroupRecordState::Known;
    let (mut name_failure, mut is_waiting, mut has_to_wait) = (None, false, false);
    let conflict = match pass.user {
        None => name_conflict(tx, (setting, roster, pass.now), &candidate, taken).await?,
        // Nor what they are called.
        Some(_) => None,
    };
    match conflict {
        Some(NameConflict::Taken(conflict)) if is_known => {
            candidate.want = keeping_name(&candidate);
            name_failure = refuse_name(pass, &mut candidate, GroupFailure::Conflict { conflict });
        }
        Some(NameConflict::Taken(conflict)) => candidate.found = FoundGroup::Conflict(conflict),
        Some(NameConflict::FreedSoon) => {
            (is_waiting, has_to_wait) = (true, !is_known);
            candidate.want = keeping_name(&candidate);
        }
        Some(NameConflict::Circle) => {
            is_waiting = true;
            candidate.want = stepping_aside(&candidate);
        }
        None => {}
    }
    // Whom the directory has in the group as well is ours from now on, whoever put them there.
    let is_there = is_known || matches!(candidate.found, FoundGroup::Own(..));
    let is_ours = is_there && candidate.standing == GroupStanding::Selected;
    if let Some(lease) = pass.lease.filter(|_| is_ours && !has_to_wait) {
        member::claim(tx, lease, wanted).await?;
        if pass.user.is_none() {
            member::forget_missing(tx, lease, wanted).await?;
        }
    }
    if let Some(lease) = pass.lease.filter(|_| !is_there && !has_to_wait && candidate.record.is_some()) {
        // Who was read in a group that is not there any more, or is not ours to take, is in none that is made now.
        member::clear(tx, lease, &candidate.id).await?;
    }
    let members = count(tx, &candidate, wanted).await?;
    let record = candidate.record.clone();
    let before =
        record.unwrap_or_else(|| GroupRecord::new(candidate.id.clone(), Some(candidate.email.clone())));
    let policy = policy(setting);
    let case = GroupCase {
        standing: candidate.standing,
        want: candidate.want.as_ref().map_err(String::as_str),
        group: &before.to_group(candidate.found.clone()),
        members,
        has_pinned_member: has_pinned_member(tx, &candidate, &policy, wanted).await?,
        policy: &policy,
        insist: pass.insist,
        now: pass.now,
    };
    let decision = (!has_to_wait).then(|| decide(&case));
    Ok(Considered { decision, candidate, before, members, name_failure, is_waiting })
}

/// Whether somebody is in a group whose memberships nobody touches, where the group might be deleted.
async fn has_pinned_member(
    tx: &mut Tx,
    candidate: &Candidate,
    policy: &GroupPolicy,
    wanted: &Wanted<'_>,
) -> Result<bool, StoreError> {
    let may_go = match candidate.standing {
        GroupStanding::Deselected | GroupStanding::Gone => policy.deselected.is_some(),
        GroupStanding::Selected | GroupStanding::Unlisted => false,
    };
    Ok(may_go && member::has_any(tx, wanted.app, &candidate.id, wanted.pinned).await?)
}

/// Stores what was decided for one person: rows of the plan, about their membership alone.
async fn store_members(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    candidate: &Candidate,
    wanted: &Wanted<'_>,
    decision: GroupDecision,
    planned: &mut PlannedGroups,
) -> Result<(), StoreError> {
    if let Some(why) = worth_telling(&decision.reason) {
        *planned.skipped.entry(why.to_owned()).or_default() += 1;
    }
    let mut rows = Rows { run: pass.run, app: wanted.app, candidate, planned };
    for (step, reason) in decision.steps {
        match step {
            GroupStep::RemoveMembers => rows.remove_members(tx, wanted, &reason).await?,
            GroupStep::AddMembers => rows.add_members(tx, wanted, None, &reason).await?,
            GroupStep::Look
            | GroupStep::Forget
            | GroupStep::Create { .. }
            | GroupStep::Adopt { .. }
            | GroupStep::Update(_)
            | GroupStep::Delete => {}
        }
    }
    Ok(())
}

/// What an app's settings say of the lives of groups.
pub(super) fn policy(setting: &Setting) -> GroupPolicy {
    GroupPolicy {
        deselected: setting.settings.groups.deselected,
        drift: setting.policy.drift,
        look_again_after: setting.policy.look_again_after,
    }
}

/// How many members differ, of a group that the app is to have and of which it is known who is in it.
async fn count(tx: &mut Tx, candidate: &Candidate, wanted: &Wanted<'_>) -> Result<MemberCounts, StoreError> {
    let is_unsure = |record: &GroupRecord| record.intent.is_some() || record.is_unread;
    let is_selected = candidate.standing == GroupStanding::Selected;
    if !is_selected || candidate.record.as_ref().is_some_and(is_unsure) {
        return Ok(MemberCounts::default());
    }
    let add = member::n_to_add(tx, wanted).await?;
    Ok(MemberCounts { add, remove: member::n_to_remove(tx, wanted).await? })
}

/// Stores what was decided: rows of the plan, and in a run also what is to be remembered of the group.
async fn store(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    candidate: &Candidate,
    before: GroupRecord,
    wanted: &Wanted<'_>,
    decision: GroupDecision,
    planned: &mut PlannedGroups,
) -> Result<(), StoreError> {
    let mut after = GroupRecord {
        email: Some(candidate.email.clone()),
        left_at: decision.left_at,
        reason: Some(decision.reason.clone()),
        wake_at: decision.wake_at,
        ..before.clone()
    };
    after.failing.retain(|kind, _| is_wished(*kind, &decision.wishes));
    let mut is_forgotten = false;
    let mut rows = Rows { run: pass.run, app: wanted.app, candidate, planned: &mut *planned };
    let mut first_members = Vec::new();
    for (step, reason) in decision.steps {
        match step {
            GroupStep::Look => {
                rows.planned.unknown.insert(candidate.id.clone());
            }
            GroupStep::Forget => is_forgotten = true,
            GroupStep::Create { attributes, ask_first } => {
                first_members = member::to_add(tx, wanted, None, MEMBERS_AT_ONCE).await?;
                let members = first_members.clone();
                rows.add(tx, GroupOperation::Create { attributes, members, ask_first }, reason).await?;
            }
            GroupStep::Adopt { group, changes } => {
                rows.add(tx, GroupOperation::Adopt { group, changes }, reason).await?;
            }
            GroupStep::Update(changes) => {
                let remote_id = known_id(&before);
                rows.add(tx, GroupOperation::Update { remote_id, changes }, reason).await?;
            }
            GroupStep::Delete => {
                let remote_id = known_id(&before);
                rows.add(tx, GroupOperation::Delete { remote_id }, reason).await?;
            }
            GroupStep::RemoveMembers => rows.remove_members(tx, wanted, &reason).await?,
            GroupStep::AddMembers => rows.add_members(tx, wanted, first_members.last(), &reason).await?,
        }
    }
    if let Some(why) = worth_telling(&decision.reason) {
        *planned.skipped.entry(why.to_owned()).or_default() += 1;
    }
    if let Some((kind, failure)) = decision.failure {
        after = learn::failed(after, kind, failure.clone(), pass.now);
        told(tx, pass, candidate, failure, planned).await?;
    }
    let Some(lease) = pass.lease else { return Ok(()) };
    if is_forgotten {
        return group::forget(tx, lease, std::slice::from_ref(&candidate.id)).await;
    }
    let is_new = candidate.record.is_none();
    if after != before || is_new || candidate.is_changed {
        group::record(tx, lease, &[after]).await?;
    }
    Ok(())
}

/// Whether what failed is still wished; whether a group is made or found is the same wish.
fn is_wished(kind: GroupKind, wishes: &BTreeSet<GroupKind>) -> bool {
    let is_made = |kind: &GroupKind| matches!(kind, GroupKind::GroupCreate | GroupKind::GroupAdopt);
    // The name of a known group may have failed before the decision, which is then about the rest of it.
    kind == GroupKind::GroupUpdate || wishes.contains(&kind) || is_made(&kind) && wishes.iter().any(is_made)
}

fn known_id(record: &GroupRecord) -> RemoteId {
    record.remote_id.clone().expect("invariant: a group that is known has a remote id")
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

/// Remembers that a group cannot have the name that it is to have. None: that is on record already, and is waited out.
fn refuse_name(
    pass: &GroupPass<'_>,
    candidate: &mut Candidate,
    failure: GroupFailure,
) -> Option<GroupFailure> {
    let kind = GroupKind::GroupUpdate;
    let record = candidate.record.take()?;
    let waits = record.failing.get(&kind).is_some_and(|failing| pass.now < failing.retry_at);
    if waits && !pass.insist {
        candidate.record = Some(record);
        return None;
    }
    candidate.is_changed = true;
    candidate.record = Some(learn::failed(record, kind, failure.clone(), pass.now));
    Some(failure)
}

/// The rows of one group.
struct Rows<'a> {
    run: &'a RunId,
    app: &'a AppId,
    candidate: &'a Candidate,
    planned: &'a mut PlannedGroups,
}

impl Rows<'_> {
    async fn add(
        &mut self,
        tx: &mut Tx,
        operation: GroupOperation,
        reason: GroupReason,
    ) -> Result<(), StoreError> {
        let row = GroupRow {
            seq: self.planned.next_seq,
            group: self.candidate.id.clone(),
            email: self.candidate.email.clone(),
            operation,
            reason,
            state: PlanState::Planned,
            hold: None,
            is_released: false,
            failure: None,
        };
        self.planned.next_seq += 1;
        rows::append(tx, self.app, self.run, &[row]).await
    }

    async fn add_members(
        &mut self,
        tx: &mut Tx,
        wanted: &Wanted<'_>,
        after: Option<&UserId>,
        reason: &GroupReason,
    ) -> Result<(), StoreError> {
        let mut after = after.cloned();
        loop {
            let members = member::to_add(tx, wanted, after.as_ref(), MEMBERS_AT_ONCE).await?;
            let Some(last) = members.last() else { return Ok(()) };
            after = Some(last.clone());
            self.add(tx, GroupOperation::AddMembers { members }, reason.clone()).await?;
        }
    }

    async fn remove_members(
        &mut self,
        tx: &mut Tx,
        wanted: &Wanted<'_>,
        reason: &GroupReason,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let members = member::to_remove(tx, wanted, after.as_ref(), MEMBERS_AT_ONCE).await?;
            let Some(last) = members.last() else { return Ok(()) };
            after = Some(last.account.clone());
            self.add(tx, GroupOperation::RemoveMembers { members }, reason.clone()).await?;
        }
    }
}

/// What stands between a group and the name that it is to have.
enum NameConflict {
    /// Another group has it and keeps it.
    Taken(GroupConflict),
    /// Another group has it and is about to be renamed.
    FreedSoon,
    /// Groups want each other's names, and this one steps aside.
    Circle,
}

/// Whether another group on record, or one earlier in this plan, has the name that this one is to have.
async fn name_conflict(
    tx: &mut Tx,
    known: (&Setting, &Roster, Timestamp),
    candidate: &Candidate,
    taken: &mut BTreeMap<String, GroupHolder>,
) -> Result<Option<NameConflict>, StoreError> {
    let (GroupStanding::Selected, Some(name)) = (candidate.standing, candidate.name()) else {
        return Ok(None);
    };
    let setting = known.0;
    let folded = fold(&name);
    let has_it =
        candidate.record.as_ref().and_then(|record| record.display_name.as_deref()) == Some(&*folded);
    let me =
        GroupHolder { group: candidate.id.clone(), email: Some(candidate.email.clone()), is_there: true };
    if has_it {
        taken.insert(folded, me);
        return Ok(None);
    }
    let is_held =
        |holder: GroupHolder| NameConflict::Taken(GroupConflict::Held { display_name: name.clone(), holder });
    if let Some(holder) = taken.get(&folded) {
        return Ok(Some(is_held(holder.clone())));
    }
    let holders = holders(tx, setting, &candidate.id, &folded).await?;
    let Some(holder) = holders.into_iter().next() else {
        taken.insert(folded, me);
        return Ok(None);
    };
    if candidate.takes_over() && !holder.is_there {
        return Ok(None);
    }
    Ok(Some(match chain(tx, known, &candidate.id, holder.clone()).await? {
        End::Stays => is_held(holder),
        End::Free => NameConflict::FreedSoon,
        // One of a circle steps aside: the one with the lowest id.
        End::Circle(lowest) if lowest == candidate.id => NameConflict::Circle,
        End::Circle(_) => NameConflict::FreedSoon,
    }))
}

/// How a chain of groups that want each other's names ends.
enum End {
    Stays,
    Free,
    Circle(GroupId),
}

/// How many groups of a chain are followed.
const LONGEST_CHAIN: usize = 100;

/// Follows from a holder to the holder of the name that it is to have, and so on.
async fn chain(
    tx: &mut Tx,
    (setting, roster, now): (&Setting, &Roster, Timestamp),
    first: &GroupId,
    holder: GroupHolder,
) -> Result<End, StoreError> {
    let mut lowest = first.clone();
    let mut current = holder.group;
    for _ in 0..LONGEST_CHAIN {
        if current == *first {
            return Ok(End::Circle(lowest));
        }
        lowest = lowest.min(current.clone());
        let directory = &setting.app.directory;
        let Some(group) = usher_store::directory::group_by_id(tx, directory, &current).await? else {
            return Ok(End::Stays);
        };
        let record = group::of(tx, &setting.app.id, std::slice::from_ref(&current)).await?.remove(&current);
        // A group that is left alone, or that has failed to get another name, keeps the one that it has.
        let has_failed = |record: &GroupRecord| {
            let failing = record.failing.get(&GroupKind::GroupUpdate);
            failing.is_some_and(|failing| now < failing.retry_at)
        };
        let is_pinned = |record: &GroupRecord| record.pin.as_ref().is_some_and(|pin| pin.holds(now));
        let is_pinned = record.as_ref().is_some_and(|record| is_pinned(record) || has_failed(record))
            || !roster.takes(setting, &group)
            || roster.is_unlisted(&group.id);
        let wants = name::attributes(&group, setting.template).ok();
        let wants = wants.as_ref().and_then(|wants| wants.get(&name::display_name())?.as_str().map(fold));
        let has = record.and_then(|record| record.display_name);
        let Some(wants) = wants.filter(|wants| !is_pinned && has.as_ref() != Some(wants)) else {
            return Ok(End::Stays);
        };
        match holders(tx, setting, &current, &wants).await?.into_iter().next() {
            None => return Ok(End::Free),
            Some(next) => current = next.group,
        }
    }
    Ok(End::Stays)
}

/// The other groups on record that have a name at the app.
async fn holders(
    tx: &mut Tx,
    setting: &Setting,
    but: &GroupId,
    folded: &str,
) -> Result<Vec<GroupHolder>, StoreError> {
    let names = [folded.to_owned()];
    let found = group::holders_of_names(tx, &setting.app.directory, &setting.app.id, &names).await?;
    let others = found.into_values().flatten().filter(|holder| holder.group != *but);
    Ok(others.collect())
}

/// What a group is to have, but for the name, which stays what it was last sent.
fn keeping_name(candidate: &Candidate) -> Result<Attributes, String> {
    let mut want = candidate.want.clone()?;
    let sent = candidate.record.as_ref().and_then(|record| record.sent.get(&name::display_name()).cloned());
    match sent {
        Some(sent) => want.insert(name::display_name(), sent),
        None => drop(want.remove(&name::display_name())),
    }
    Ok(want)
}

/// What a group is to have while it steps aside: a name that nobody else has.
fn stepping_aside(candidate: &Candidate) -> Result<Attributes, String> {
    let mut want = candidate.want.clone()?;
    want.insert(name::display_name(), candidate.id.as_str().into());
    Ok(want)
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
