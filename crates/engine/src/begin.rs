//! How a run gets hold of its app.

use std::collections::BTreeSet;
use std::sync::Arc;

use usher_model::app::Status;
use usher_model::id::{DirectoryId, UserId};
use usher_model::template::Template;
use usher_store::app::{App, Lease};
use usher_store::run::{self as runs, RunKind};
use usher_store::{Store, Tx, app, directory};

use crate::calls::AppClient;
use crate::clock::{Clock, new_run_id};
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::gate::RunGate;
use crate::report::{RunError, RunRequest};
use crate::setting::{Setting, SettingError};

/// Finds the app and the person, takes the app's epoch, and reads its setting.
pub(crate) async fn begin(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<Begun, RunError> {
    let mut tx = store.begin("engine::begin").await?;
    let begun = begin_in(&mut tx, clock, environment, name, request).await;
    tx.commit_or_roll_back(begun).await
}

/// What a run begins with: its hold on the app, its setting, and the person it is for, if it is for one.
pub(crate) type Begun = (Lease, Setting, Option<BTreeSet<UserId>>);

async fn begin_in(
    tx: &mut Tx,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<Begun, RunError> {
    let found = app::by_name(tx, name).await?.ok_or_else(|| RunError::NoSuchApp(name.to_owned()))?;
    let found = in_use(found)?;
    let users = people(tx, &found.directory, request).await?;
    let setting = Setting::load(tx, found, environment.look_again_after).await?;
    let lease = app::begin_run(tx, &setting.app.id, new_run_id(clock.as_ref())).await?;
    let kind = match (&users, request.audit) {
        (Some(_), _) => RunKind::OnDemand,
        (None, true) => RunKind::Audit,
        (None, false) => RunKind::Full,
    };
    runs::insert(tx, &lease.app, &lease.run, kind, clock.now()).await?;
    Ok((lease, setting, users))
}

/// The app, if runs of it may begin.
pub(crate) fn in_use(found: App) -> Result<App, RunError> {
    match found.status() {
        Status::NotConfigured => Err(SettingError::NotConfigured(found.name).into()),
        Status::Inactive => Err(RunError::NotActive(found.name)),
        Status::NeedsReauthorization => Err(needs_reauthorization(found)),
        Status::Active | Status::Held | Status::Quarantined => Ok(found),
    }
}

fn needs_reauthorization(app: App) -> RunError {
    match Template::by_key(&app.template) {
        Some(template) => {
            let replace = template.tokens.replace(&app.name);
            RunError::NeedsReauthorization { app: app.name, replace }
        }
        None => SettingError::UnknownTemplate(app.template).into(),
    }
}

/// The one person that a run or a preview is for, if it is for one.
pub(crate) async fn people(
    tx: &mut Tx,
    of: &DirectoryId,
    request: &RunRequest,
) -> Result<Option<BTreeSet<UserId>>, RunError> {
    let Some(email) = &request.user else { return Ok(None) };
    let user = directory::user_by_email(tx, of, email).await?;
    Ok(Some(BTreeSet::from([user.ok_or_else(|| RunError::NoSuchUser(email.clone()))?.id])))
}

/// The calls of the app that a run holds.
pub(crate) async fn client(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    setting: &Setting,
    lease: &Lease,
) -> Result<AppClient, RunError> {
    let app = &setting.app;
    let mut tx = store.read("engine::client").await?;
    let token = app::token(&mut tx, store.keyring(), &app.id).await?;
    drop(tx);
    let (Some(endpoint), Some(token)) = (&app.endpoint, token) else {
        return Err(RunError::NotAuthorized(app.name.clone()));
    };
    let endpoint = Endpoint::parse(endpoint, setting.template, environment.reachable)?;
    let transport = environment.transports.open(endpoint, token);
    let gate = Arc::new(RunGate::new(store.clone(), lease.clone()));
    let client =
        AppClient::new(transport, Arc::clone(clock), gate, setting.template, environment.request_timeout);
    Ok(match environment.limits {
        Some(limits) => client.paced(limits),
        None => client,
    })
}
