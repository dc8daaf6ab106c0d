//! Other hands at the app.

use serde_json::{Map, Value, json};
use usher_emulator::identity_center::edit::Edit;

use super::World;
use crate::sim::directory::address;
use crate::sim::ledger::Entry;
use crate::sim::mind::Kind;
use crate::sim::op::part::Hand;

mod groups;

impl World<'_> {
    /// Somebody does something to a person's account past Usher.
    pub(super) fn hand(&mut self, p: u8, hand: Hand) {
        let Some(person) = self.directory.person(p) else { return };
        let (id, name) = (person.id.clone(), address(person.address));
        let users = self.app.users();
        let own = users.iter().find(|user| user["externalId"] == id.as_str());
        let own = own.or_else(|| users.iter().find(|user| user["userName"] == name.as_str()));
        let Some(account) = own.cloned() else {
            match hand {
                Hand::Makes => self.make(&name, None),
                Hand::MakesForeign => self.make(&name, Some(format!("foreign-{p}"))),
                Hand::Edits
                | Hand::Scribbles
                | Hand::Off
                | Hand::On
                | Hand::Deletes
                | Hand::Unties
                | Hand::Claims => {}
            }
            return;
        };
        let user = account["id"].as_str().expect("invariant: an account has an id").to_owned();
        let n = self.chance.below(1_000);
        let change = |attributes: Value| {
            let attributes = attributes.as_object().cloned().unwrap_or_default();
            Edit::ChangeUser { user: user.clone(), attributes }
        };
        let edit = match hand {
            Hand::Edits => change(json!({"displayName": format!("By Hand {n}")})),
            Hand::Scribbles => change(json!({"nickName": format!("Nick {n}")})),
            Hand::Off => Edit::DisableUser { user: user.clone() },
            Hand::On => Edit::EnableUser { user: user.clone() },
            Hand::Deletes => Edit::DeleteUser { user: user.clone() },
            Hand::Unties => change(json!({"externalId": null})),
            Hand::Claims => change(json!({"externalId": format!("foreign-{p}")})),
            Hand::Makes | Hand::MakesForeign => return,
        };
        let is_done = self.app.edit(&edit);
        let mut ledger = self.ledger();
        // Whose account is gone is in no group any more, and nobody tells.
        ledger.groups.is_log_blurred |= hand == Hand::Deletes;
        ledger.trace.note(&|| format!("hand {hand:?} at {user}: {is_done}"));
        let was_of =
            account["externalId"].as_str().filter(|id| ledger.mind.told.contains_key(*id)).map(str::to_owned);
        let now = self.clock.now();
        let on = ledger.mind.on(now);
        let meant_since = ledger.meant_since.unwrap_or(ledger.mind.version);
        let owner = ledger.owner(&user, &account).unwrap_or(id);
        let unknown = ledger.mind.unknown.get(&owner).map(|unknown| unknown.kind);
        let mut views = ledger.views.values();
        let is_on_record =
            !ledger.unrecorded.contains(&owner) && !views.any(|view| view.touched.contains(&owner));
        if let Some(entry) = ledger.accounts.get_mut(&user) {
            entry.is_gone |= hand == Hand::Deletes;
            entry.is_on_by_hand |= hand == Hand::On;
            if matches!(hand, Hand::Claims | Hand::Unties) {
                entry.claimed_at = Some(now);
                entry.was_of = entry.was_of.take().or(was_of);
            }
            if hand == Hand::Off {
                entry.off_by_hand.get_or_insert(on);
                entry.is_off_in_doubt = matches!(unknown, Some(Kind::Suspend | Kind::Unsuspend))
                    || !is_on_record && entry.was_suspended_on.is_some();
                // Whoever switches off what is off switches nothing.
                let is_switch = account["active"] != Value::Bool(false);
                entry.off_since = if is_switch { meant_since } else { entry.off_since };
            }
        }
        if is_done && hand != Hand::Scribbles {
            if hand == Hand::Deletes && (ledger.is_cut || !ledger.views.is_empty()) {
                *ledger.mind.lost_deletes.entry(owner.clone()).or_default() += 1;
            } else if hand == Hand::Deletes {
                ledger.gone_by_hand.insert(owner.clone());
            }
            *ledger.mind.hands.entry(owner).or_default() += 1;
        }
    }

    fn make(&self, name: &str, external_id: Option<String>) {
        let mut attributes = json!({
            "userName": name, "displayName": "By Hand", "name": {"givenName": "By", "familyName": "Hand"},
            "emails": [{"value": name, "type": "work", "primary": true}], "active": true,
        });
        if let Some(external_id) = external_id {
            attributes["externalId"] = external_id.into();
        }
        let attributes: Map<String, Value> = attributes.as_object().cloned().unwrap_or_default();
        if self.app.edit(&Edit::CreateUser { attributes }) {
            let made = self.app.users().pop().expect("invariant: it was made just now");
            let id = made["id"].as_str().unwrap_or_default().to_owned();
            self.ledger().accounts.insert(id, Entry::new(None));
        }
    }
}
