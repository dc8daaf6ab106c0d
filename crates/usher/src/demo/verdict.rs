//! What Usher says of each person at the end: the very decision that a run would take now, for everybody.
//!
//! `usher explain` tells it of one person; this is the same for two hundred and fifty, deleted people included, also
//! those whose address is somebody else's by now.

use std::collections::BTreeSet;

use anyhow::Context as _;
use usher_engine::clock::{Clock, new_run_id};
use usher_engine::environment::Environment;
use usher_engine::plan::{self, Pass};
use usher_engine::setting::Setting;
use usher_model::directory::User;
use usher_model::id::UserId;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountRecord, RecordState};
use usher_store::app::App;
use usher_store::{Store, Tx, app, directory};

use super::setup::APP;
use crate::failure::Failure;

/// How many people are read at once.
const PAGE: usize = 1_000;

/// What is said of one person.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) user: User,
    /// Their account, as far as Usher knows one.
    pub(super) account: Option<AccountRecord>,
    pub(super) reason: Reason,
}

/// Where an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whereabouts {
    On,
    Off,
    None,
}

impl Verdict {
    pub(super) fn whereabouts(&self) -> Whereabouts {
        match self.account.as_ref().map(|account| account.state) {
            Some(RecordState::Active) => Whereabouts::On,
            Some(RecordState::Suspended) => Whereabouts::Off,
            Some(RecordState::None | RecordState::Gone) | None => Whereabouts::None,
        }
    }

    /// When something happens to their account by itself.
    pub(super) fn comes_at(&self) -> Option<Timestamp> {
        if let Reason::Leaving { due, .. } = &self.reason {
            return Some(due.at);
        }
        if let Reason::DeletedLater { at } = &self.reason { Some(*at) } else { None }
    }
}

/// What is said of everybody, in the order of their ids.
pub(super) async fn verdicts(
    store: &Store,
    clock: &dyn Clock,
    environment: &Environment,
) -> Result<Vec<Verdict>, Failure> {
    let mut tx = store.read("usher::demo_verdicts").await?;
    let found = app::by_name(&mut tx, APP).await?.context("the demo has no app")?;
    let users = users(&mut tx, &found).await?;
    let setting = Setting::load(&mut tx, found, environment.look_again_after).await?;
    let run = new_run_id(clock);
    let mut verdicts = Vec::with_capacity(users.len());
    for user in users {
        let only = BTreeSet::from([user.id.clone()]);
        let pass = Pass {
            users: Some(&only),
            run: &run,
            lease: None,
            insist: false,
            listed_at: setting.app.listed_at,
            first_seq: 0,
            now: clock.now(),
        };
        let person = plan::one(&mut tx, &setting, &pass).await?.context("somebody of the demo vanished")?;
        let ids = std::slice::from_ref(&user.id);
        let account = account::of(&mut tx, &setting.app.id, ids).await?.remove(&user.id);
        let reason = plan::consider(&setting, &pass, person).reason;
        verdicts.push(Verdict { user, account, reason });
    }
    Ok(verdicts)
}

async fn users(tx: &mut Tx, app: &App) -> Result<Vec<User>, Failure> {
    let mut users: Vec<User> = Vec::new();
    loop {
        let after: Option<UserId> = users.last().map(|user| user.id.clone());
        let page = directory::candidates(tx, &app.directory, &app.id, after.as_ref(), PAGE).await?;
        if page.is_empty() {
            return Ok(users);
        }
        users.extend(page.into_iter().map(|candidate| candidate.user));
    }
}
