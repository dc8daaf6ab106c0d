//! What is pinned at an app, people and groups, and what a command line means by an id or an address.

use usher_model::account::Pin;
use usher_model::id::{AppId, Email, GroupId, RemoteId, UserId};
use usher_store::app::App;
use usher_store::group::member::{self, KeptMember};
use usher_store::{StoreError, Tx, account, group};

use crate::commands::lookup::{self, Subject};
use crate::failure::Failure;

/// How many are read at a time.
const PAGE: usize = 1_000;

/// Somebody, or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Person(UserId),
    Group(GroupId),
    /// An account that is nobody's on our record: an undo may have put it back into a group.
    Account(RemoteId),
}

impl What {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Person(user) => user.as_str(),
            Self::Group(group) => group.as_str(),
            Self::Account(account) => account.as_str(),
        }
    }

    /// Says that this must not be touched at an app, or that it may again.
    pub(super) async fn set_pin(
        &self,
        tx: &mut Tx,
        app: &AppId,
        pin: Option<&Pin>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Person(user) => account::set_pin(tx, app, user, pin).await,
            Self::Group(group) => group::set_pin(tx, app, group, pin).await,
            // What is nobody's is touched by nobody: there is nothing to pin.
            Self::Account(_) => Ok(()),
        }
    }

    /// Lets somebody go whom an undo put back into groups. Returns out of how many they may be taken again.
    pub(super) async fn let_go(&self, tx: &mut Tx, app: &AppId) -> Result<u64, StoreError> {
        match self {
            Self::Person(user) => member::let_go(tx, app, user).await,
            Self::Group(_) => Ok(0),
            Self::Account(account) => member::let_go_account(tx, app, account).await,
        }
    }
}

impl From<Subject> for (What, String) {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Person(user) => (What::Person(user.id), user.primary_email.to_string()),
            Subject::Group(group) => (What::Group(group.id), group.email.to_string()),
        }
    }
}

/// What is pinned.
#[derive(Debug)]
pub(super) struct Pinned {
    pub(super) what: What,
    /// The address, as last known.
    pub(super) email: Option<Email>,
    pub(super) pin: Pin,
}

/// Everybody who is pinned, and then every group.
pub(super) async fn all(tx: &mut Tx, app: &AppId) -> Result<Vec<Pinned>, StoreError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = account::pinned_list(tx, app, after.as_ref(), PAGE).await?;
        let Some((last, ..)) = page.last() else { break };
        after = Some(last.clone());
        let pinned = |(user, email, pin)| Pinned { what: What::Person(user), email, pin };
        all.extend(page.into_iter().map(pinned));
    }
    let mut after = None;
    loop {
        let page = group::pinned_list(tx, app, after.as_ref(), PAGE).await?;
        let Some((last, ..)) = page.last() else { return Ok(all) };
        after = Some(last.clone());
        let pinned = |(group, email, pin)| Pinned { what: What::Group(group), email, pin };
        all.extend(page.into_iter().map(pinned));
    }
}

/// Everybody whom an undo put back into a group and who stays there by that.
pub(super) async fn kept(tx: &mut Tx, app: &AppId) -> Result<Vec<KeptMember>, StoreError> {
    member::kept_list(tx, app, usize::MAX).await
}

fn put_back(kept: &KeptMember) -> What {
    match &kept.user {
        Some(user) => What::Person(user.clone()),
        None => What::Account(kept.account.clone()),
    }
}

/// How somebody is called whom an undo put back: by their address, or by the id that `usher unpin` takes.
pub(super) fn name(kept: &KeptMember) -> String {
    match (&kept.email, &kept.user) {
        (Some(email), _) => email.to_string(),
        (None, Some(user)) => user.to_string(),
        (None, None) => format!("the account {}", kept.account),
    }
}

/// Who or what has this id or address, how that is called, and whether it is pinned. An address leads to whoever of the
/// pinned, and of those whom an undo put back, has it or had it last (deleted people have none, and somebody else may have
/// it by now), and only then to anybody else.
pub(super) async fn meant(tx: &mut Tx, app: &App, who: &str) -> Result<(What, String, bool), Failure> {
    let pinned = all(tx, &app.id).await?;
    if let Some(found) = pinned.iter().find(|pinned| pinned.what.id() == who) {
        let shown = found.email.as_ref().map_or_else(|| who.to_owned(), ToString::to_string);
        return Ok((found.what.clone(), shown, true));
    }
    let kept = kept(tx, &app.id).await?;
    for found in &kept {
        let what = put_back(found);
        if what.id() == who {
            return Ok((what, name(found), false));
        }
    }
    let email = lookup::email(who)?;
    let living = lookup::subject(tx, app, &email).await.map(<(What, String)>::from);
    let is_living = |pinned: &&Pinned| living.as_ref().is_ok_and(|(what, _)| *what == pinned.what);
    let had_it = |pinned: &&Pinned| pinned.email.as_ref() == Some(&email);
    match pinned.iter().find(is_living).or_else(|| pinned.iter().find(had_it)) {
        Some(found) => Ok((found.what.clone(), email.to_string(), true)),
        None => match kept.iter().find(|kept| kept.email.as_ref() == Some(&email)) {
            Some(found) if living.is_err() => Ok((put_back(found), email.to_string(), false)),
            Some(_) | None => living.map(|(what, address)| (what, address, false)),
        },
    }
}
