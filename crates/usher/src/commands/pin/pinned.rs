//! What is pinned at an app, people and groups, and what a command line means by an id or an address.

use usher_model::account::Pin;
use usher_model::id::{AppId, Email, GroupId, UserId};
use usher_store::app::App;
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
}

impl What {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Person(user) => user.as_str(),
            Self::Group(group) => group.as_str(),
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

/// Who or what has this id or address, how that is called, and whether it is pinned. An address leads to whoever of the
/// pinned has it or had it last (deleted people have none, and somebody else may have it by now), and only then to anybody
/// else.
pub(super) async fn meant(tx: &mut Tx, app: &App, who: &str) -> Result<(What, String, bool), Failure> {
    let pinned = all(tx, &app.id).await?;
    if let Some(found) = pinned.iter().find(|pinned| pinned.what.id() == who) {
        let shown = found.email.as_ref().map_or_else(|| who.to_owned(), ToString::to_string);
        return Ok((found.what.clone(), shown, true));
    }
    let email = lookup::email(who)?;
    let living = lookup::subject(tx, app, &email).await.map(<(What, String)>::from);
    let is_living = |pinned: &&Pinned| living.as_ref().is_ok_and(|(what, _)| *what == pinned.what);
    let had_it = |pinned: &&Pinned| pinned.email.as_ref() == Some(&email);
    match pinned.iter().find(is_living).or_else(|| pinned.iter().find(had_it)) {
        Some(found) => Ok((found.what.clone(), email.to_string(), true)),
        None => living.map(|(what, address)| (what, address, false)),
    }
}
