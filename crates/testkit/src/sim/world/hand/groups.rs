//! Other hands at the app's groups.

use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::people::GroupInfo;

use crate::sim::directory::groups::{group_id, group_of_id};
use crate::sim::ledger::groups::GroupEntry;
use crate::sim::op::part::GroupHand;
use crate::sim::world::World;

/// A group that Control Tower keeps.
const FOREIGN: &str = "AWSControlTowerAdmins";

impl World<'_> {
    /// Somebody does something to a group past Usher.
    pub(in crate::sim::world) fn group_hand(&mut self, g: u8, p: u8, does: GroupHand) {
        let number = self.directory.group_at(g);
        self.ledger().groups.blurred.insert(number);
        let users = self.app.users();
        let account = usize::from(p).checked_rem(users.len()).and_then(|at| users[at]["id"].as_str());
        let account = account.map(str::to_owned);
        match does {
            GroupHand::Makes => {
                let name = self.ledger().mind.groups.name(number).map(str::to_owned);
                return name.into_iter().for_each(|name| self.make_group(&name, account.as_deref()));
            }
            GroupHand::MakesForeign => return self.make_group(FOREIGN, account.as_deref()),
            GroupHand::Renames
            | GroupHand::Unties
            | GroupHand::Claims
            | GroupHand::Deletes
            | GroupHand::Adds
            | GroupHand::Removes => {}
        }
        let Some(group) = self.group_of(number) else { return };
        let id = group.id.clone();
        let n = self.chance.below(1_000);
        let of = id.clone();
        let (edit, member) = match does {
            GroupHand::Renames => {
                (Edit::RenameGroup { group: of, display_name: format!("By Hand {n}") }, None)
            }
            GroupHand::Unties => (Edit::IdentifyGroup { group: of, external_id: None }, None),
            GroupHand::Claims => {
                (Edit::IdentifyGroup { group: of, external_id: Some(format!("foreign-{n}")) }, None)
            }
            GroupHand::Deletes => (Edit::DeleteGroup { group: of }, None),
            GroupHand::Adds => {
                let Some(user) = account else { return };
                (Edit::AddMember { group: of, user: user.clone() }, Some(user))
            }
            GroupHand::Removes => {
                let member = usize::from(p).checked_rem(group.members.len());
                let Some(user) = member.map(|at| group.members[at].id.clone()) else { return };
                (Edit::RemoveMember { group: of, user: user.clone() }, Some(user))
            }
            GroupHand::Makes | GroupHand::MakesForeign => return,
        };
        let is_done = self.app.edit(&edit);
        self.ledger().trace.note(&|| format!("hand {does:?} at group {id}: {is_done}"));
        if is_done {
            self.edited(&group, does, member);
        }
    }

    /// The group at the app that is, or says that it is, this one of the directory's.
    fn group_of(&self, number: u8) -> Option<GroupInfo> {
        let ledger = self.ledger();
        let owner = |id: &str| ledger.groups.at_app.get(id).and_then(|entry| entry.owner);
        let groups = self.app.groups();
        let own = groups.iter().find(|group| owner(&group.id) == Some(number));
        let says = || groups.iter().find(|group| group.external_id.as_deref() == Some(&*group_id(number)));
        let named =
            || groups.iter().find(|group| Some(&*group.display_name) == ledger.mind.groups.name(number));
        own.or_else(says).or_else(named).cloned()
    }

    /// The ledger is told what somebody did to a group, and to whose membership.
    fn edited(&self, group: &GroupInfo, does: GroupHand, member: Option<String>) {
        let now = self.clock.now();
        let mut ledger = self.ledger();
        if does == GroupHand::Deletes {
            ledger.groups.at_app.remove(&group.id);
            return;
        }
        if let Some(account) = &member {
            self.app.show(&mut ledger, account);
        }
        let user = member.as_deref().and_then(|account| ledger.user_of(account));
        let entry = ledger.groups.at_app.entry(group.id.clone()).or_default();
        let number = entry.owner.or_else(|| group.external_id.as_deref().and_then(group_of_id));
        match member {
            None => entry.edited_at = Some(now),
            Some(account) if does == GroupHand::Removes => {
                entry.by_hand.remove(&account);
                entry.out_by_hand.insert(account);
                if let (Some(number), Some(user)) = (number, user) {
                    ledger.mind.groups.kept.remove(&(number, user));
                }
            }
            Some(account) => {
                if !group.members.iter().any(|member| member.id == account) {
                    entry.by_hand.insert(account);
                }
            }
        }
        ledger.groups.blurred.extend(number);
    }

    fn make_group(&self, name: &str, member: Option<&str>) {
        let made = Edit::CreateGroup { display_name: name.to_owned(), description: None };
        if !self.app.edit(&made) {
            return;
        }
        let Some(group) = self.app.group(name) else { return };
        let mut entry = GroupEntry { edited_at: Some(self.clock.now()), ..GroupEntry::default() };
        if let Some(member) = member
            && self.app.edit(&Edit::AddMember { group: group.id.clone(), user: member.to_owned() })
        {
            entry.by_hand.insert(member.to_owned());
        }
        let mut ledger = self.ledger();
        ledger.trace.note(&|| format!("hand makes the group {name}"));
        ledger.groups.at_app.insert(group.id, entry);
    }
}
