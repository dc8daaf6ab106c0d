//! What an admin says about single people: pins, choices, what is held.

use usher_model::account::{Choice, Pin};
use usher_model::hold::HoldState;
use usher_model::id::UserId;
use usher_store::group::member;
use usher_store::{account, hold};

use super::World;
use crate::sim::directory::groups::group_id;
use crate::sim::ledger::groups::GroupEntry;

/// More than there are.
const MANY: usize = 1_000;

impl World<'_> {
    pub(super) async fn pin(&mut self, p: u8, days: Option<u16>) {
        let Some(id) = self.directory.person(p).map(|person| person.id.clone()) else { return };
        let until = days.map(|days| self.now() + std::time::Duration::from_hours(24) * u32::from(days));
        let pin = Pin {
            by: "sim".to_owned(),
            why: "because".to_owned(),
            since: self.clock.now(),
            until,
            undone: None,
        };
        let mut tx = self.store.begin("sim::pin").await.expect("the store can be written");
        account::set_pin(&mut tx, &self.id, &UserId::new(&id), Some(&pin)).await.expect("somebody is pinned");
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        ledger.mind.version += 1;
        let version = ledger.mind.version;
        ledger.mind.undone.remove(&id);
        ledger.mind.pins.insert(id, (version, until));
    }

    pub(super) async fn unpin(&mut self, p: u8) {
        let Some(id) = self.directory.person(p).map(|person| person.id.clone()) else { return };
        self.unpin_user(&id).await;
    }

    pub(super) async fn unpin_user(&mut self, id: &str) {
        let mut tx = self.store.begin("sim::unpin").await.expect("the store can be written");
        account::set_pin(&mut tx, &self.id, &UserId::new(id), None).await.expect("somebody is let go");
        // And so is whoever an undo put back into groups.
        member::let_go(&mut tx, &self.id, &UserId::new(id)).await.expect("somebody is let go");
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        ledger.mind.pins.remove(id);
        ledger.mind.undone.remove(id);
        ledger.mind.groups.kept.retain(|(_, user), _| user != id);
    }

    pub(super) async fn choose(&mut self, p: u8, choice: Choice) {
        let Some(id) = self.directory.person(p).map(|person| person.id.clone()) else { return };
        self.choose_for(&id, choice).await;
    }

    pub(super) async fn choose_for(&mut self, id: &str, choice: Choice) {
        self.ledger().trace.note(&|| format!("an admin chooses {choice:?} for {id}"));
        let mut tx = self.store.begin("sim::choose").await.expect("the store can be written");
        account::set_choice(&mut tx, &self.id, &UserId::new(id), Some(choice))
            .await
            .expect("a choice is made");
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        match choice {
            Choice::TakeOver => ledger.mind.taken_over.insert(id.to_owned()),
            Choice::SwitchOn => ledger.mind.switched_on.insert(id.to_owned()),
            Choice::Wait => false,
        };
    }

    /// The suspension of one of those who are losing their accounts is waited for no longer.
    pub(super) async fn bring_forward(&mut self, n: u8) {
        let now = self.now();
        let mut tx = self.store.begin("sim::bring_forward").await.expect("the store can be written");
        let due = account::due_list(&mut tx, &self.id, MANY).await.expect("timers can be read");
        let Some(at) = usize::from(n).checked_rem(due.len()) else { return };
        let user = &due[at].0;
        let is_losing =
            account::bring_forward(&mut tx, &self.id, user, now).await.expect("it is brought forward");
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        ledger.trace.note(&|| format!("an admin brings forward what {user} loses: {is_losing}"));
        if is_losing {
            ledger.mind.brought_forward.insert(user.as_str().to_owned(), now);
        }
    }

    pub(super) async fn discard(&mut self) {
        let now = self.now();
        let mut tx = self.store.begin("sim::discard").await.expect("the store can be written");
        let open = hold::open(&mut tx, &self.id).await.expect("holds can be read");
        let ids: Vec<_> = open.into_iter().map(|hold| hold.id).collect();
        hold::decide(&mut tx, &self.id, &ids, HoldState::Discarded, "sim", now)
            .await
            .expect("holds are discarded");
        tx.commit().await.expect("it is stored");
    }

    /// Whoever is pinned, or was put back into a group, is let go: whoever an undo pinned, too.
    pub(super) async fn let_everybody_go(&mut self) {
        let mut tx = self.store.begin("sim::let_go").await.expect("the store can be written");
        let pinned = account::pinned_list(&mut tx, &self.id, None, MANY).await.expect("pins can be read");
        for (user, ..) in pinned {
            account::set_pin(&mut tx, &self.id, &user, None).await.expect("somebody is let go");
        }
        let kept = member::kept_list(&mut tx, &self.id, MANY).await.expect("memberships can be read");
        let nobodys: Vec<_> = kept.iter().filter(|kept| kept.user.is_none()).cloned().collect();
        for kept in kept {
            let let_go = match &kept.user {
                Some(user) => member::let_go(&mut tx, &self.id, user).await,
                None => member::let_go_account(&mut tx, &self.id, &kept.account).await,
            };
            let_go.expect("somebody is let go");
        }
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        ledger.mind.pins.clear();
        ledger.mind.undone.clear();
        ledger.mind.groups.kept.clear();
        // Whose account is on nobody's record is as foreign as before, once nobody keeps it.
        for kept in nobodys {
            let is_its =
                |entry: &&mut GroupEntry| entry.owner.map(group_id).as_deref() == Some(kept.group.as_str());
            for entry in ledger.groups.at_app.values_mut().filter(is_its) {
                entry.by_hand.insert(kept.account.as_str().to_owned());
            }
        }
    }
}
