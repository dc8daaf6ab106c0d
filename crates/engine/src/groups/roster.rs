//! Which groups an app gets and who is below each, for one run: the arrows between groups and the app's choice.

use std::collections::BTreeSet;

use usher_model::directory::Group;
use usher_model::group::{ForeignMembers, SuspendedMembers};
use usher_model::id::{GroupId, UserId};
use usher_model::lifecycle::DriftPolicy;
use usher_model::scope::GroupGraph;
use usher_model::time::Timestamp;
use usher_store::group::member::Wanted;
use usher_store::{StoreError, Tx, access, account, directory};

use super::plan::GroupPass;
use crate::setting::Setting;

/// How many pins are read at once.
const PINS_AT_ONCE: usize = 1_000;

/// What a run knows of groups before it looks at any.
#[derive(Debug)]
pub struct Roster {
    graph: GroupGraph,
    scope: BTreeSet<GroupId>,
    /// The people whose memberships nobody touches.
    pinned: Vec<UserId>,
}

impl Roster {
    /// Reads it.
    pub async fn load(tx: &mut Tx, setting: &Setting, now: Timestamp) -> Result<Self, StoreError> {
        let app = &setting.app;
        let graph = directory::group_graph(tx, &app.directory).await?;
        let scope = access::scope(tx, &app.id).await?.into_iter().map(|scoped| scoped.group).collect();
        let mut pinned = Vec::new();
        let mut after = None;
        loop {
            let page = account::pinned_list(tx, &app.id, after.as_ref(), PINS_AT_ONCE).await?;
            let Some((last, ..)) = page.last() else { break };
            after = Some(last.clone());
            pinned.extend(page.into_iter().filter(|(.., pin)| pin.holds(now)).map(|(user, ..)| user));
        }
        Ok(Self { graph, scope, pinned })
    }

    /// Whether the app is to have a group.
    pub fn takes(&self, setting: &Setting, group: &Group) -> bool {
        setting.settings.groups.selection.takes(&group.id, &group.email, &self.scope)
    }

    /// A group and every group in it.
    pub(super) fn below(&self, group: &GroupId) -> BTreeSet<GroupId> {
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
            leave_suspended: groups.suspended == SuspendedMembers::Leave,
            remove_foreign: groups.foreign == ForeignMembers::Remove,
            readd_missing: setting.policy.drift == DriftPolicy::Repair,
            pinned: &self.pinned,
            plan: pass.run,
            only: pass.user,
        }
    }
}
