//! The app, and the directory around the people.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use usher_engine::clock::{Clock as _, new_id, new_run_id};
use usher_engine::import::{Import, import};
use usher_engine::setting::Setting;
use usher_model::access::Switch;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{AppId, DirectoryId};
use usher_store::app::{Lease, NewApp};
use usher_store::{Store, access, app, directory};

use crate::world::{APP, MachineClock};

/// The embedded directory, made where there is none yet.
pub(crate) async fn directory(store: &Store) -> anyhow::Result<DirectoryId> {
    let mut tx = store.begin("bench::directory").await?;
    let id = DirectoryId::new(new_id(&MachineClock));
    let directory = directory::embedded(&mut tx, &id, MachineClock.now()).await?.id;
    tx.commit().await?;
    Ok(directory)
}

/// Units, domains, groups and who is in them, by the product's own import.
pub(crate) async fn import_rest(store: &Store, data_dir: &Path, rest: &str) -> anyhow::Result<()> {
    let file = data_dir.join("rest.json");
    std::fs::write(&file, rest).with_context(|| format!("failed to write {}", file.display()))?;
    let mut ids = || new_id(&MachineClock);
    let files = [file.clone()];
    import(store, &files, Import::default(), MachineClock.now(), &mut ids, &|_| {}).await?;
    std::fs::remove_file(&file).with_context(|| format!("failed to remove {}", file.display()))
}

/// An app that is on for everybody, with every trigger selected.
pub(crate) async fn configure(store: &Store, template: &str) -> anyhow::Result<(Setting, Lease)> {
    let directory = directory(store).await?;
    let mut tx = store.begin("bench::configure").await?;
    let id = AppId::new(new_id(&MachineClock));
    let new = NewApp {
        id: id.clone(),
        name: APP.to_owned(),
        template: template.to_owned(),
        directory,
        created_at: MachineClock.now(),
    };
    app::insert(&mut tx, &new).await?;
    let at_once = Some(Delay::Within24Hours);
    let deprovisioning = Deprovisioning { app_off: at_once, suspended: at_once, deleted: at_once };
    app::configure(&mut tx, &id, &Settings { deprovisioning, ..Settings::default() }).await?;
    access::set_unit(&mut tx, &id, &OrgUnitPath::root(), Some(Switch::On)).await?;
    let lease = app::begin_run(&mut tx, &id, new_run_id(&MachineClock)).await?;
    let configured = app::by_id(&mut tx, &id).await?.context("the app is gone")?;
    let setting = Setting::load(&mut tx, configured, Duration::ZERO).await?;
    tx.commit().await?;
    Ok((setting, lease))
}
