//! Which groups an app gets and who is below each, for one run: the arrows between groups and the app's choice.

use std::collections::BTreeSet;

use usher_model::directory::Group;
use usher_model::group::{ForeignMembers, SuspendedMembers};
use usher_model::id::GroupId;
use usher_model::lifecycle::DriftPolicy;
use usher_model::mutant::{self, Mutant};
use usher_model::scope::GroupGraph;
use usher_model::time::Timestamp;
use usher_store::group::member::Wanted;
use usher_store::{StoreError, Tx, access, directory};

use super::pass::GroupPass;
use super::protected::Protected;
use crate::mirror::needs;
use crate::setting::Setting;

/// After every instant: whoever insists waits for nothing.
pub(super) const LAST: Timestamp = Timestamp::from_micros(i64::MAX);

/// What a run knows of groups before it looks at any.
#[derive(Debug)]
pub struct Roster {
    graph: GroupGraph,
    scope: BTreeSet<GroupId>,
    /// The people whose memberships nobody touches.
    protected: Protected,
    /// Groups of a mirror of which, or of a group in which, nobody has listed yet who is in it.
    unlisted: BTreeSet<GroupId>,
}

impl Roster {
    /// Reads it.
    pub async fn load(tx: &mut Tx, setting: &Setting, now: Timestamp) -> Result<Self, StoreError> {
        let app = &setting.app;
        let graph = directory::group_graph(tx, &app.directory).await?;
        let scope = access::scope(tx, &app.id).await?.into_iter().map(|scoped| scoped.group).collect();
        let protected = Protected::load(tx, &setting.app.id, now).await?;
        let unlisted = unlisted(tx, setting, &graph).await?;
        Ok(Self { graph, scope, protected, unlisted })
    }

    /// Whether it is not known who is below a group.
    pub(super) fn is_unlisted(&self, group: &GroupId) -> bool {
        self.unlisted.contains(group)
    }

    /// Whether the app is to have a group.
    pub fn takes(&self, setting: &Setting, group: &Group) -> bool {
        setting.settings.groups.selection.takes(&group.id, &group.email, &self.scope)
    }

    /// The groups of the provisioning scope.
    pub fn scope(&self) -> &BTreeSet<GroupId> {
        &self.scope
    }

    /// The groups that the app is to have and that somebody is in who is in these themselves, in id order.
    pub(super) async fn of_member(
        &self,
        tx: &mut Tx,
        setting: &Setting,
        direct: &BTreeSet<GroupId>,
    ) -> Result<Vec<Group>, StoreError> {
        let theirs: BTreeSet<GroupId> = direct.union(&self.graph.everyone).cloned().collect();
        let above = self.graph.above(&theirs);
        let known = directory::groups(tx, &setting.app.directory, &above).await?;
        let groups = known.into_values().map(|record| record.group);
        Ok(groups.filter(|group| self.takes(setting, group) && !self.is_unlisted(&group.id)).collect())
    }

    /// Whether somebody is in a group at the app whose memberships nobody touches.
    pub(super) async fn has_protected(
        &self,
        tx: &mut Tx,
        setting: &Setting,
        group: &GroupId,
    ) -> Result<bool, StoreError> {
        self.protected.is_in(tx, &setting.app.id, group).await
    }

    /// A group and every group in it.
    pub(super) fn below(&self, group: &GroupId) -> BTreeSet<GroupId> {
        if mutant::lives(Mutant::NestedForgotten) {
            return BTreeSet::from([group.clone()]);
        }
        self.graph.below(group)
    }

    /// Who is to be in a group.
    pub(super) fn wanted<'a>(
        &'a self,
        setting: &'a Setting,
        pass: &'a GroupPass<'a>,
        group: &'a GroupId,
        below: &'a BTreeSet<GroupId>,
    ) -> Wanted<'a> {
        let groups = &setting.settings.groups;
        Wanted {
            app: &setting.app.id,
            directory: &setting.app.directory,
            group,
            below,
            is_everyone: below.iter().any(|group| self.graph.everyone.contains(group)),
            leave_suspended: match groups.suspended {
                SuspendedMembers::Leave => !mutant::lives(Mutant::SuspendedStayAlways),
                SuspendedMembers::Stay => mutant::lives(Mutant::SuspendedLeaveAlways),
            },
            remove_foreign: groups.foreign == ForeignMembers::Remove
                || mutant::lives(Mutant::ForeignMembersRemoved),
            readd_missing: setting.policy.drift == DriftPolicy::Repair,
            pinned: &self.protected.people,
            protected: &self.protected.accounts,
            is_any_unknown: self.protected.is_any_unknown,
            tried_at: if pass.insist { LAST } else { pass.now },
            plan: pass.run,
            only: pass.user,
        }
    }
}

async fn unlisted(
    tx: &mut Tx,
    setting: &Setting,
    graph: &GroupGraph,
) -> Result<BTreeSet<GroupId>, StoreError> {
    let app = &setting.app;
    if directory::mirrored(tx, &app.directory).await?.is_none() {
        return Ok(BTreeSet::new());
    }
    let provisioned = needs::provisioned(tx, &app.directory, app).await?;
    let below: BTreeSet<GroupId> = provisioned.iter().flat_map(|group| graph.below(group)).collect();
    let never = directory::never_listed(tx, &app.directory, &below).await?;
    let never: BTreeSet<GroupId> = never.into_iter().map(|group| group.id).collect();
    if never.is_empty() {
        return Ok(never);
    }
    Ok(provisioned.into_iter().filter(|group| !graph.below(group).is_disjoint(&never)).collect())
}
