//! The people whose memberships nobody touches, and the accounts that are theirs.
//!
//! Somebody may be pinned whose account is not on record: before their app had been provisioned, or because its
//! configuration was deleted. Then it is looked for in what the app listed, as an adoption would; and where it is not
//! there, it may be any account that nobody knows.

use std::collections::BTreeSet;

use usher_model::attribute::fold::fold;
use usher_model::id::{AppId, GroupId, RemoteId, UserId};
use usher_model::time::Timestamp;
use usher_store::group::member;
use usher_store::{StoreError, Tx, account, remote};

/// How many pins are read at once.
const PINS_AT_ONCE: usize = 1_000;

/// Who and what is protected by pins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Protected {
    /// The people who are pinned.
    pub(crate) people: Vec<UserId>,
    /// The accounts that are theirs, or could be.
    pub(crate) accounts: Vec<RemoteId>,
    /// Of somebody among them nobody knows which account is theirs.
    pub(crate) is_any_unknown: bool,
}

impl Protected {
    /// Reads it.
    pub(crate) async fn load(tx: &mut Tx, app: &AppId, now: Timestamp) -> Result<Self, StoreError> {
        let mut protected = Self::default();
        let mut after = None;
        loop {
            let page = account::pinned_list(tx, app, after.as_ref(), PINS_AT_ONCE).await?;
            let Some((last, ..)) = page.last() else { return Ok(protected) };
            after = Some(last.clone());
            let held = page.into_iter().filter(|(.., pin)| pin.holds(now));
            let held: Vec<_> = held.map(|(user, email, _)| (user, email)).collect();
            let people: Vec<_> = held.iter().map(|(user, _)| user.clone()).collect();
            let known = member::accounts(tx, app, &people).await?;
            let is_unknown = |(user, _): &&(UserId, _)| !known.contains_key(user);
            let wanted: Vec<_> = held
                .iter()
                .filter(is_unknown)
                .map(|(user, email)| (user.clone(), fold(email.as_ref().map_or("", |email| email.as_str()))))
                .collect();
            let listed = remote::matching(tx, app, &wanted).await?;
            protected.is_any_unknown |= wanted.iter().any(|(user, _)| !listed.contains_key(user));
            protected.accounts.extend(listed.into_values().flatten().map(|account| account.remote_id));
            protected.accounts.extend(known.into_values());
            protected.people.extend(people);
        }
    }

    /// Whether an account that is theirs, or may be, is in a group.
    pub(crate) async fn is_in(&self, tx: &mut Tx, app: &AppId, group: &GroupId) -> Result<bool, StoreError> {
        Ok(member::has_any(tx, app, group, &self.accounts).await?
            || self.is_any_unknown && member::has_unknown(tx, app, group).await?)
    }

    /// Those of accounts on nobody's record that are theirs, or may be.
    pub(crate) async fn among(
        &self,
        tx: &mut Tx,
        app: &AppId,
        accounts: &[RemoteId],
    ) -> Result<BTreeSet<RemoteId>, StoreError> {
        let mut theirs: BTreeSet<_> =
            accounts.iter().filter(|account| self.accounts.contains(account)).cloned().collect();
        if self.is_any_unknown {
            let listed = remote::listed(tx, app, accounts).await?;
            theirs.extend(accounts.iter().filter(|account| !listed.contains_key(account)).cloned());
        }
        Ok(theirs)
    }
}
