//! What an admin says of groups: which ones the app gets, pins, choices.

#![expect(clippy::wildcard_enum_match_arm, reason = "what is not about groups is done elsewhere")]

use std::collections::BTreeMap;

use usher_model::account::{Choice, Pin};
use usher_model::group::selection::{Chosen, Pattern, Selection};
use usher_model::group::{ForeignMembers, GroupSettings, SuspendedMembers};
use usher_model::id::{Email, GroupId};
use usher_store::group;

use super::delay;
use crate::sim::directory::groups::{group_address, group_id};
use crate::sim::op::Op;
use crate::sim::op::part::Which;
use crate::sim::reference::groups::{GroupConfig, Selected};
use crate::sim::world::World;

impl World<'_> {
    /// An admin does something about groups.
    pub(super) async fn configure_groups(&mut self, op: &Op) {
        match *op {
            Op::Select { which } => {
                let selected = self.selected(which);
                self.setting(|config| config.groups_at_app.selected = selected).await;
            }
            Op::SuspendedMembers { leave } => {
                self.setting(|config| config.groups_at_app.suspended_leave = leave).await;
            }
            Op::ForeignMembers { go } => {
                self.setting(|config| config.groups_at_app.foreign_go = go).await;
            }
            Op::Deselected { days } => {
                self.setting(|config| config.groups_at_app.deselected = days).await;
            }
            Op::PinGroup { g, days } => self.pin_group(g, days).await,
            Op::UnpinGroup { g } => {
                let number = self.directory.group_at(g);
                self.unpin_group(number).await;
            }
            Op::TakeOverGroup { g } => self.take_over_group(g).await,
            _ => {}
        }
    }

    fn selected(&self, which: Which) -> Selected {
        match which {
            Which::Off => Selected::None,
            Which::Scope => Selected::Scope,
            Which::Chosen { g, h } => {
                Selected::Chosen([g, h].map(|place| self.directory.group_at(place)).into())
            }
            Which::Fitting { place } => Selected::Fitting(place),
        }
    }

    async fn pin_group(&mut self, g: u8, days: Option<u16>) {
        let number = self.directory.group_at(g);
        let until = days.map(|days| self.now() + std::time::Duration::from_hours(24) * u32::from(days));
        let pin =
            Pin { by: "sim".to_owned(), why: "because".to_owned(), since: self.now(), until, undone: None };
        let mut tx = self.store.begin("sim::pin_group").await.expect("the store can be written");
        let group = GroupId::new(group_id(number));
        group::set_pin(&mut tx, &self.id, &group, Some(&pin)).await.expect("a group is pinned");
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        ledger.mind.version += 1;
        let version = ledger.mind.version;
        ledger.mind.groups.pins.insert(number, (version, until));
    }

    pub(in crate::sim::world) async fn unpin_group(&mut self, number: u8) {
        let mut tx = self.store.begin("sim::unpin_group").await.expect("the store can be written");
        let group = GroupId::new(group_id(number));
        group::set_pin(&mut tx, &self.id, &group, None).await.expect("a group is let go");
        tx.commit().await.expect("it is stored");
        self.ledger().mind.groups.pins.remove(&number);
    }

    async fn take_over_group(&mut self, g: u8) {
        let number = self.directory.group_at(g);
        let mut tx = self.store.begin("sim::take_over_group").await.expect("the store can be written");
        let group = GroupId::new(group_id(number));
        group::set_choice(&mut tx, &self.id, &group, Some(Choice::TakeOver)).await.expect("it is chosen");
        tx.commit().await.expect("it is stored");
        self.ledger().mind.groups.taken_over.insert(number);
    }
}

/// The settings that a reference's configuration means.
pub(super) fn settings(config: &GroupConfig) -> GroupSettings {
    let address = |place: u8| Email::parse(&group_address(place)).expect("invariant: an address");
    let pattern = |text: &str| Pattern::parse(text).expect("invariant: a pattern");
    let selection = match &config.selected {
        Selected::None => Selection::Off,
        Selected::Scope => Selection::Scope,
        Selected::Chosen(numbers) => {
            // Only the id counts; the address is what it was once.
            let groups = numbers.iter().map(|number| (GroupId::new(group_id(*number)), address(*number)));
            Selection::Chosen(Chosen { groups: groups.collect(), ..Chosen::default() })
        }
        Selected::Fitting(place) => {
            let pattern = pattern(&place.map_or_else(|| "g*".to_owned(), |place| format!("g{place}@*")));
            Selection::Chosen(Chosen { groups: BTreeMap::new(), patterns: [pattern].into() })
        }
    };
    GroupSettings {
        selection,
        suspended: if config.suspended_leave { SuspendedMembers::Leave } else { SuspendedMembers::Stay },
        foreign: if config.foreign_go { ForeignMembers::Remove } else { ForeignMembers::Keep },
        deselected: config.deselected.map(delay),
    }
}
