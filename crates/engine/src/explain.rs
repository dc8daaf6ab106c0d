//! Why one person has, lacks, or will lose an account at one app.
//!
//! It takes the very decision a run would take now, for this person alone, and
//! tells everything it rests on. Nothing is sent and nothing is stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use usher_model::access::Switch;
use usher_model::attribute::Attributes;
use usher_model::directory::User;
use usher_model::entitlement::Standing;
use usher_model::id::{Email, GroupId};
use usher_model::mapping::cleaning::Cleaned;
use usher_model::operation::Operation;
use usher_model::reason::Reason;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::app::App;
use usher_store::event::{self, Event};
use usher_store::hold::{self, Hold};
use usher_store::{Store, Tx, account, app, directory};

use crate::clock::{Clock, new_run_id};
use crate::environment::Environment;
use crate::groups::explain::{Membership, memberships};
use crate::plan::{self, Pass};
use crate::report::RunError;
use crate::setting::Setting;

pub use crate::groups::explain::EVENTS_READ;

/// Everything that a decision about one person rests on, and the decision.
#[derive(Debug)]
pub struct Explanation {
    /// The app.
    pub app: App,
    /// The person, as the directory has them.
    pub user: User,
    /// Where they stand.
    pub standing: Standing,
    /// Whether their unit is on.
    pub unit: Switch,
    /// The group through which they have access, if any.
    pub access_through: Option<GroupId>,
    /// Whether they are in the provisioning scope.
    pub in_scope: bool,
    /// Whether their domain is provisioned.
    pub in_domain: bool,
    /// What the mapping makes of them, or what is wrong with it.
    pub mapped: Result<Attributes, String>,
    /// What had to be taken out of it, because the app would refuse it.
    pub cleaned: Vec<Cleaned>,
    /// What is known of their account.
    pub account: Option<AccountRecord>,
    /// The app's groups that they are in there, and those that they are to be in.
    pub groups: Vec<Membership>,
    /// What a run would write now.
    pub operation: Option<Operation>,
    /// Why, or why not.
    pub reason: Reason,
    /// The open hold that stops an operation of theirs, as of the last run.
    pub hold: Option<Hold>,
    /// What happened last, newest first, at most [`EVENTS_READ`].
    pub events: Vec<Event>,
}

/// Explains one person at one app. Whoever insists does not wait out the pause after a failure.
pub async fn explain(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    email: &Email,
    insist: bool,
) -> Result<Explanation, RunError> {
    let mut tx = store.read("engine::explain").await?;
    let found = app::by_name(&mut tx, name).await?.ok_or_else(|| RunError::NoSuchApp(name.to_owned()))?;
    let user = directory::user_by_email(&mut tx, &found.directory, email).await?;
    let user = user.ok_or_else(|| RunError::NoSuchUser(email.clone()))?;
    explain_user(tx, clock, environment, found, user, insist).await
}

/// The same about somebody who is known already, whoever has their address by now.
pub async fn explain_user(
    mut tx: Tx,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    found: App,
    user: User,
    insist: bool,
) -> Result<Explanation, RunError> {
    let setting = Setting::load(&mut tx, found, environment.look_again_after).await?;
    let app_id = setting.app.id.clone();
    let users = BTreeSet::from([user.id.clone()]);
    let direct =
        directory::direct_groups_of(&mut tx, &setting.app.directory, std::slice::from_ref(&user.id)).await?;
    let direct = direct.into_values().next().unwrap_or_default();
    let account = account::of(&mut tx, &app_id, std::slice::from_ref(&user.id)).await?.remove(&user.id);
    let events = event::of_user(&mut tx, &app_id, &user.id, EVENTS_READ).await?;
    let hold = hold::of_user(&mut tx, &app_id, &user.id).await?;
    let is_there = |record: &&AccountRecord| match record.state {
        RecordState::Active | RecordState::Suspended => true,
        RecordState::None | RecordState::Gone => false,
    };
    let there = account.as_ref().filter(is_there);
    let theirs = (&user.id, there.and_then(|record| record.remote_id.as_ref()));
    let groups = memberships(&mut tx, &setting, clock.as_ref(), theirs, &direct).await?;
    let run = new_run_id(clock.as_ref());
    let listed_at = setting.app.listed_at;
    let pass = Pass {
        users: Some(&users),
        run: &run,
        lease: None,
        insist,
        listed_at,
        first_seq: 0,
        now: clock.now(),
    };
    let mut person = plan::one(&mut tx, &setting, &pass)
        .await?
        .ok_or_else(|| RunError::NoSuchUser(user.primary_email.clone()))?;
    drop(tx);
    let (standing, want) = (person.standing.clone(), person.want(&setting).clone());
    let cleaned = want.as_ref().map_or_else(|_| Vec::new(), |mapped| mapped.cleaned.clone());
    let mapped = want.map(|mapped| mapped.attributes);
    let considered = plan::consider(&setting, &pass, person);
    Ok(Explanation {
        unit: setting.access.of_unit(&user.org_unit),
        access_through: setting.reach.access_through(&direct).cloned(),
        in_scope: setting.reach.in_scope(&direct),
        in_domain: setting.domains.contains(user.primary_email.domain()),
        standing,
        mapped,
        cleaned,
        account,
        groups,
        operation: considered.row.map(|row| row.operation),
        reason: considered.reason,
        hold,
        events,
        user,
        app: setting.app,
    })
}
