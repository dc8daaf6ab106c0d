//! Compares the groups that are at the app, once everything has come to rest, with what ought to be there.

use std::collections::{BTreeMap, BTreeSet};

use usher_emulator::identity_center::people::GroupInfo;
use usher_model::id::{GroupId, UserId};
use usher_store::account::{self, RecordState};
use usher_store::group::{self, GroupRecord, GroupRecordState};

use super::World;
use crate::sim::directory::groups::{group_id, group_of_id};
use crate::sim::ledger::Ledger;
use crate::sim::ledger::groups::GroupEntry;
use crate::sim::op::part::Drifts;
use crate::sim::reference::groups::Membership;

impl World<'_> {
    /// Every group that the app is to have is there, is called what it is called, and has whoever is in it.
    pub(super) async fn compare_groups(&mut self) {
        if !self.ledger().mind.config.groups_at_app.is_on() {
            return;
        }
        let accounts = self.accounts_on_record().await;
        let at_app = self.app.groups();
        let all = self.ledger().mind.groups.all();
        for number in all {
            let problem = if self.ledger().mind.groups.is_selected(number) {
                self.wrong_with(number, &at_app, &accounts)
            } else {
                self.wrong_with_left(number, &at_app)
            };
            if let Some(problem) = problem {
                let why = self.explain_group(number).await;
                let ledger = self.ledger();
                let config = ledger.mind.config.groups_at_app.clone();
                let drifts = ledger.mind.config.drifts;
                drop(ledger);
                let shown: Vec<_> =
                    at_app.iter().map(|group| (&group.id, &group.display_name, &group.external_id)).collect();
                self.ledger().breaks(format!(
                    "the group {}: {problem}\n  {config:?} {drifts:?}\n  {shown:?}\n  {why}",
                    group_id(number)
                ));
                return;
            }
        }
    }

    /// The account that is on record of each person, and whether it is on at the app; whose is gone there is left out.
    async fn accounts_on_record(&self) -> BTreeMap<String, String> {
        let users: Vec<_> = self.ledger().mind.told.keys().map(UserId::new).collect();
        let mut tx = self.store.read("sim::accounts").await.expect("the store can be read");
        let records = account::of(&mut tx, &self.id, &users).await.expect("accounts can be read");
        let known = records
            .into_iter()
            .filter(|(_, record)| matches!(record.state, RecordState::Active | RecordState::Suspended));
        let there: BTreeSet<_> =
            self.app.users().iter().filter_map(|user| user["id"].as_str().map(str::to_owned)).collect();
        known
            .filter_map(|(user, record)| {
                Some((user.as_str().to_owned(), record.remote_id?.as_str().to_owned()))
            })
            .filter(|(_, account)| there.contains(account))
            .collect()
    }

    /// A group that Usher deleted, and was told that it is deleted, is on record as there no more: an audit would find that
    /// out, and until then nobody would make it anew.
    pub(super) async fn compare_deleted_groups(&mut self) {
        let (numbers, deleted) = {
            let ledger = self.ledger();
            (ledger.mind.groups.all(), ledger.groups.deleted.clone())
        };
        if self.ledger().is_stale || deleted.is_empty() {
            return;
        }
        let ids: Vec<_> = numbers.into_iter().map(|number| GroupId::new(group_id(number))).collect();
        let records = {
            let mut tx = self.store.read("sim::deleted_groups").await.expect("the store can be read");
            group::of(&mut tx, &self.id, &ids).await.expect("groups can be read")
        };
        let is_sure = |record: &&GroupRecord| {
            let is_known = record.state == GroupRecordState::Known && record.failing.is_empty();
            is_known && record.intent.is_none() && !record.is_unread
        };
        let is_deleted = |record: &&GroupRecord| {
            record.remote_id.as_ref().is_some_and(|remote_id| deleted.contains(remote_id.as_str()))
        };
        if let Some(record) = records.values().filter(is_sure).find(is_deleted) {
            self.ledger()
                .breaks(format!("the group {} was deleted, and is on record as there", record.group));
        }
    }

    fn entry(&self, group: &GroupInfo) -> GroupEntry {
        self.ledger().groups.at_app.get(&group.id).cloned().unwrap_or_default()
    }

    /// Whose a group at the app is: whose Usher made or adopted it, or whose it says that it is.
    fn whose(&self, group: &GroupInfo) -> Option<u8> {
        let says = group.external_id.as_deref().and_then(group_of_id);
        let entry = self.entry(group);
        entry.owner.or(says).or(entry.said)
    }

    fn wrong_with(
        &self,
        number: u8,
        at_app: &[GroupInfo],
        accounts: &BTreeMap<String, String>,
    ) -> Option<String> {
        let name = self.ledger().mind.groups.name(number)?.to_owned();
        let mut own: Vec<&GroupInfo> =
            at_app.iter().filter(|group| self.whose(group) == Some(number)).collect();
        // One that only said so once may have been let go for another one since.
        own.sort_by_key(|group| group.external_id.as_deref() != Some(&*group_id(number)));
        let has_name = |group: &&GroupInfo| group.display_name.eq_ignore_ascii_case(&name);
        let Some(own) = own.first() else {
            let holder = at_app.iter().find(has_name);
            return match holder {
                Some(_) | None if self.is_anothers_name(number, &name, at_app) => None,
                None => Some("it is not there".to_owned()),
                Some(holder) => {
                    self.is_free(number, holder).then(|| "it is there, and not adopted".to_owned())
                }
            };
        };
        let is_reported = self.ledger().mind.config.drifts != Drifts::Repair;
        let entry = self.entry(own);
        let says_so = own.external_id.as_deref() == Some(&*group_id(number));
        // Of one that said so when Usher saw it, and was made nobody's after that, nobody knows whether it was on record.
        if !says_so && entry.owner.is_none() && entry.is_forgotten && entry.edited_at.is_some() {
            return None;
        }
        // What another hand changed is only reported; whether it was there before Usher's last write nobody knows.
        let is_edited = is_reported && (entry.edited_at.is_some() || entry.is_forgotten);
        let is_taken = !has_name(own) && self.is_taken(number, &name, at_app, &mut BTreeSet::new());
        if !has_name(own) && !is_edited && !is_taken {
            return Some(format!("it is called {:?} and should be {name:?}", own.display_name));
        }
        let is_told = entry.is_unidentified || is_edited;
        if !says_so && !is_told {
            return Some(format!("it says that it is {:?}", own.external_id));
        }
        self.wrong_members(number, own, &entry, accounts)
    }

    /// Whether the name is as much that of another group of the directory, which the app has: the second one fails alone.
    fn is_anothers_name(&self, number: u8, name: &str, at_app: &[GroupInfo]) -> bool {
        at_app.iter().filter_map(|group| self.whose(group)).any(|other| {
            let ledger = self.ledger();
            let is_called = |called: &str| called.eq_ignore_ascii_case(name);
            other != number
                && ledger.mind.groups.is_selected(other)
                && ledger.mind.groups.name(other).is_some_and(is_called)
        })
    }

    /// Whether a group that has the name of another one is there to be adopted.
    fn is_free(&self, number: u8, holder: &GroupInfo) -> bool {
        let is_nobodys = holder.external_id.as_deref().is_none_or(str::is_empty);
        is_nobodys && self.whose(holder).is_none_or(|owner| owner == number)
    }

    /// Whether a name is at the app that of another group that keeps it: those that swap, in whatever circle, do not.
    fn is_taken(&self, number: u8, name: &str, at_app: &[GroupInfo], seen: &mut BTreeSet<u8>) -> bool {
        let holds = |group: &&GroupInfo| {
            group.display_name.eq_ignore_ascii_case(name) && self.whose(group) != Some(number)
        };
        let Some(holder) = at_app.iter().find(holds) else { return false };
        // Whoever only said so when a plan was made, and does not any more, may be anybody's.
        let Some(owner) = self.entry(holder).owner.or(holder.external_id.as_deref().and_then(group_of_id))
        else {
            return true;
        };
        if !seen.insert(owner) {
            return false;
        }
        let ledger = self.ledger();
        let wants = ledger.mind.groups.name(owner).map(str::to_owned);
        let is_selected = ledger.mind.groups.is_selected(owner);
        let is_reported = ledger.mind.config.drifts != Drifts::Repair && is_edited(&ledger, holder);
        drop(ledger);
        match wants.filter(|_| is_selected && !is_reported) {
            Some(wants) if !wants.eq_ignore_ascii_case(name) => self.is_taken(owner, &wants, at_app, seen),
            Some(_) | None => true,
        }
    }

    fn wrong_members(
        &self,
        number: u8,
        own: &GroupInfo,
        entry: &GroupEntry,
        accounts: &BTreeMap<String, String>,
    ) -> Option<String> {
        let ledger = self.ledger();
        let config = &ledger.mind.config;
        let is_in: BTreeSet<&str> = own.members.iter().map(|member| member.id.as_str()).collect();
        let users = self.app.users();
        let on: BTreeSet<&str> = users
            .iter()
            .filter(|user| user["active"] == true)
            .filter_map(|user| user["id"].as_str())
            .collect();
        let leaves = |account: &str| config.groups_at_app.suspended_leave && !on.contains(account);
        let whose: BTreeMap<&str, &str> =
            accounts.iter().map(|(user, account)| (account.as_str(), user.as_str())).collect();
        for (user, account) in accounts {
            let is_member = ledger.mind.groups.membership(number, user) == Some(Membership::Member);
            // Whom another hand took out stays out where that is only reported.
            let is_reported = config.drifts != Drifts::Repair
                && (entry.out_by_hand.contains(account)
                    || entry.thrown_out.contains(account)
                    || entry.is_forgotten);
            if is_member && !leaves(account) && !is_in.contains(account.as_str()) && !is_reported {
                return Some(format!("{user} is not in it ({account})"));
            }
        }
        for account in is_in {
            let is_foreign = !entry.ours.contains(account) || entry.by_hand.contains(account);
            let Some(user) = whose.get(account) else {
                // What the app shows as it was long ago may have been taken for gone.
                if (config.groups_at_app.foreign_go || !is_foreign) && !ledger.is_stale {
                    return Some(format!("{account} is in it, who is nobody"));
                }
                continue;
            };
            let membership = ledger.mind.groups.membership(number, user);
            let may_stay = match membership {
                Some(Membership::Member) => true,
                // What becomes of the account decides.
                Some(Membership::Deleted) => true,
                Some(Membership::No) | None => is_foreign && !config.groups_at_app.foreign_go,
            };
            if !may_stay || leaves(account) && !is_foreign {
                return Some(format!("{user} is in it ({account})"));
            }
        }
        None
    }

    /// A group that the app is not to have, and has.
    fn wrong_with_left(&self, number: u8, at_app: &[GroupInfo]) -> Option<String> {
        let ledger = self.ledger();
        ledger.mind.config.groups_at_app.deselected?;
        // What the app shows as it was long ago may have been taken for gone.
        if ledger.is_stale {
            return None;
        }
        // What says that it is another's is not deleted.
        let says_so = |group: &&GroupInfo| {
            let says = group.external_id.as_deref().filter(|says| !says.is_empty());
            says.is_none_or(|says| says == group_id(number))
        };
        // Neither is what the app said last is not there: of what is gone and not wanted nothing stays on record.
        let is_its = |entry: &GroupEntry| entry.owner == Some(number) && !entry.is_missed;
        let mut own = at_app.iter().filter(says_so);
        let own = own.find(|group| ledger.groups.at_app.get(&group.id).is_some_and(is_its))?;
        Some(format!("it is there still, as {:?}", own.display_name))
    }

    async fn explain_group(&self, number: u8) -> String {
        let mut tx = self.store.read("sim::explain_group").await.expect("the store can be read");
        let group = usher_model::id::GroupId::new(group_id(number));
        let record = usher_store::group::of(&mut tx, &self.id, &[group]).await.expect("groups can be read");
        format!("{:?}", record.into_values().next())
    }
}

/// Whether another hand has changed what a group is called, or may have.
fn is_edited(ledger: &Ledger, group: &GroupInfo) -> bool {
    let entry = ledger.groups.at_app.get(&group.id);
    entry.is_some_and(|entry| entry.edited_at.is_some() || entry.is_forgotten)
}
