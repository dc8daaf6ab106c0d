//! Compares the log of groups with what was carried out.

use std::collections::BTreeMap;

use usher_model::id::GroupId;
use usher_store::group::event::{self, GroupEventKind};

use super::World;
use crate::sim::directory::groups::group_id;
use crate::sim::ledger::groups::GroupDone;

/// More events than a group has in a play.
const MOST: usize = 100_000;

impl World<'_> {
    /// Rule 6: what the log tells of a group is what was carried out, nothing twice and nothing left out.
    pub(super) async fn compare_group_events(&mut self) {
        let (numbers, is_blurred) = {
            let ledger = self.ledger();
            (ledger.mind.groups.all(), ledger.is_stale || ledger.groups.is_log_blurred)
        };
        if is_blurred {
            return;
        }
        let mut told: BTreeMap<(u8, GroupDone), u64> = BTreeMap::new();
        let mut tx = self.store.read("sim::group_events").await.expect("the store can be read");
        for number in numbers {
            let group = GroupId::new(group_id(number));
            let events = event::latest(&mut tx, &self.id, &group, MOST).await.expect("the log can be read");
            for event in events {
                let mut tell = |done, n| *told.entry((number, done)).or_default() += n;
                match event.kind {
                    GroupEventKind::Create => {
                        tell(GroupDone::Create, 1);
                        tell(GroupDone::Added, event.n_members);
                    }
                    GroupEventKind::MembersAdd => tell(GroupDone::Added, event.n_members),
                    GroupEventKind::MembersRemove => tell(GroupDone::Removed, event.n_members),
                    GroupEventKind::Delete => tell(GroupDone::Delete, 1),
                    GroupEventKind::Adopt | GroupEventKind::Update | GroupEventKind::Failure => {}
                }
            }
        }
        drop(tx);
        let mut ledger = self.ledger();
        let groups = &ledger.groups;
        let keys: Vec<_> = told.keys().chain(groups.done.keys()).copied().collect();
        let count = |of: &BTreeMap<(u8, GroupDone), u64>, key| of.get(&key).copied().unwrap_or(0);
        let is_wrong = |key: &(u8, GroupDone)| {
            !groups.blurred.contains(&key.0) && count(&told, *key) != count(&groups.done, *key)
        };
        if let Some(key) = keys.into_iter().find(is_wrong) {
            let (said, done) = (count(&told, key), count(&groups.done, key));
            let (number, what) = key;
            let group = group_id(number);
            ledger.breaks(format!(
                "rule 6: of the group {group} {what:?} happened {done} times, and the log tells of {said}"
            ));
        }
    }
}
