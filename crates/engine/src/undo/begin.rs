//! Finds the run that is to be undone, and gets hold of its app.

use std::sync::Arc;

use usher_store::app::{App, Lease};
use usher_store::event::{self, EventKind};
use usher_store::run::{self as runs, RunKind};
use usher_store::{Store, Tx, account, app};

use super::{UndoError, UndoRequest, memberships};
use crate::begin::in_use;
use crate::clock::{Clock, new_run_id};
use crate::environment::Environment;
use crate::setting::Setting;

/// Finds the run, takes its app's epoch for an undo of it, and reads the app's setting.
pub(super) async fn begin(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    request: &UndoRequest,
) -> Result<(Lease, Setting), UndoError> {
    let mut tx = store.begin("engine::begin_undo").await?;
    let begun = begin_in(&mut tx, clock, environment, request).await;
    tx.commit_or_roll_back(begun).await
}

async fn begin_in(
    tx: &mut Tx,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    request: &UndoRequest,
) -> Result<(Lease, Setting), UndoError> {
    let found = in_use(find(tx, request).await?)?;
    let setting = Setting::load(tx, found, environment.look_again_after).await?;
    let lease = app::begin_run(tx, &setting.app.id, new_run_id(clock.as_ref())).await?;
    runs::insert(tx, &lease.app, &lease.run, RunKind::Undo, clock.now()).await?;
    Ok((lease, setting))
}

/// The app of the run, if the run is over and did something that could be taken back.
pub(super) async fn find(tx: &mut Tx, request: &UndoRequest) -> Result<App, UndoError> {
    let no_such_run = || UndoError::NoSuchRun(request.run.clone());
    let runs::Found { app: id, run, is_latest } =
        runs::by_id(tx, &request.run).await?.ok_or_else(no_such_run)?;
    let found = app::by_id(tx, &id).await?.ok_or_else(no_such_run)?;
    // Whatever took the app since has ended it, whether or not it could say so itself.
    if run.ended_at.is_none() && is_latest && !request.is_alone {
        return Err(UndoError::UnderWay { app: found.name, run: run.id });
    }
    let did = event::counts_of_run(tx, &id, &run.id).await?;
    let can_be_undone = did.contains_key(&EventKind::Suspend) || did.contains_key(&EventKind::HardDelete);
    // What became of a lost write is known only after a look.
    let is_about_groups = memberships::are_there(tx, &run.id).await?
        || usher_store::group::is_intended_by(tx, &id, &run.id).await?;
    if !can_be_undone && !is_about_groups && !account::is_intended_by(tx, &id, &run.id).await? {
        return Err(UndoError::NothingToTakeBack { app: found.name, run: run.id });
    }
    Ok(found)
}
