//! Reads what Usher was told of the directory, so that the ledger knows it as well.

use std::collections::BTreeSet;

use serde_json::Value;
use usher_model::directory::UserState;
use usher_model::id::UserId;
use usher_store::directory;

use super::World;
use crate::sim::directory::groups::group_id;
use crate::sim::told::{State, Told};

impl World<'_> {
    /// After a whole listing Usher's mirror holds what is true.
    pub(super) fn is_told_all(&self) {
        let mut ledger = self.ledger();
        let kind = |state: &State| std::mem::discriminant(state);
        let differs = self.directory.truth().find_map(|truth| {
            let Some(told) = ledger.mind.told.get(&truth.id) else {
                // Whoever came and went between two listings was never heard of.
                let is_gone = matches!(truth.state, State::Deleted(_));
                return (!is_gone).then(|| format!("nothing is known of {truth:?}"));
            };
            let is_same = match truth.state {
                // What is said of somebody who is gone is what was last said.
                State::Deleted(_) => kind(&told.state) == kind(&truth.state),
                State::Active | State::Suspended(_) | State::Archived(_) => {
                    kind(&told.state) == kind(&truth.state)
                        && Told { state: truth.state, ..told.clone() } == truth
                }
            };
            (!is_same).then(|| format!("known is {told:?}, and true is {truth:?}"))
        });
        if let Some(differs) = differs {
            ledger.breaks(format!("after a whole listing {differs}"));
        }
    }

    /// Reads the mirror once more: everybody, or these.
    pub(super) async fn told_again(&mut self, who: Option<&[String]>, is_regrouped: bool) {
        let ids: BTreeSet<UserId> = match who {
            Some(who) => who.iter().map(UserId::new).collect(),
            None => self.directory.ids().map(UserId::new).collect(),
        };
        let mut tx = self.store.read("sim::told").await.expect("the store can be read");
        let people = directory::people(&mut tx, &self.directory_id, &ids).await.expect("people can be read");
        let users: Vec<UserId> = ids.into_iter().collect();
        let groups = directory::direct_groups_of(&mut tx, &self.directory_id, &users)
            .await
            .expect("groups can be read");
        drop(tx);
        let now = self.now();
        let (mut ledger, mut is_news) = (self.ledger(), is_regrouped);
        for (id, person) in people {
            let text = |pointer: &str| {
                Value::Object(person.resource.clone())
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            let since = |at: Option<_>| at.unwrap_or(now);
            let state = match person.user.state {
                UserState::Active => State::Active,
                UserState::Suspended { since: at } => State::Suspended(since(at)),
                UserState::Archived { since: at } => State::Archived(since(at)),
                UserState::Deleted { since: at } => State::Deleted(since(at)),
                UserState::Unlisted => unreachable!("the embedded directory lists everybody"),
            };
            let direct = groups.get(&id);
            let is_in = |g: &u8| {
                direct.is_some_and(|direct| direct.iter().any(|group| group.as_str() == group_id(*g)))
            };
            let told = Told {
                id: id.as_str().to_owned(),
                address: person.user.primary_email.as_str().to_owned(),
                given: text("/name/givenName").unwrap_or_default(),
                family: text("/name/familyName"),
                full: text("/name/fullName").unwrap_or_default(),
                title: text("/organizations/0/title"),
                unit: person.user.org_unit.as_str().to_owned(),
                state,
                is_guest: person.user.is_guest,
                groups: self.directory.numbers().filter(is_in).collect(),
            };
            let before = ledger.mind.told.insert(told.id.clone(), told.clone());
            is_news |= before != Some(told);
        }
        ledger.told_anew(now);
        if is_news {
            ledger.mind.told_of = ledger.mind.version;
        }
    }
}
