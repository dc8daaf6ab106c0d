//! A company whose accounts are all as they should be: people, groups, and an account on record for everybody.
//!
//! # Invariants
//!
//! 1. Everybody has an account, so that everybody needs a decision: on where they are entitled to one, suspended by us
//!    where they are not.
//! 2. Nothing is to be done: each account holds what the mapping says.
//! 3. What a plan reads is as an import would have made it. What it does not read (people's addresses) is left out: a
//!    million people are made in minutes.
//! 4. Nobody is settled: after the accounts were recorded the configuration is set once more, as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Error};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use usher_engine::clock::{Clock as _, new_id, new_run_id};
use usher_engine::import::{Import, import, to_person};
use usher_engine::plan::settled_key;
use usher_engine::setting::Setting;
use usher_model::access::Switch;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_model::entitlement::{Standing, standing};
use usher_model::id::{AppId, DirectoryId, RemoteId, UserId};
use usher_model::reason::Reason;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::app::{Lease, NewApp};
use usher_store::directory::Candidate;
use usher_store::{Store, access, account, app, directory};

use crate::document::{self, Document};
use crate::world::{APP, MachineClock, store};

/// How many people's accounts are recorded at once.
const PAGE: usize = 5_000;

/// Makes it, and says how many people there are.
pub(crate) async fn set_up(people: &Path, data_dir: &Path) -> anyhow::Result<Value> {
    let Document { users, rest } = document::read(people)?;
    let store = store(data_dir).await?;
    let n_people = users.len();
    record_people(&store, users).await?;
    import_rest(&store, data_dir, &rest).await?;
    let (setting, lease) = configure(&store).await?;
    record_accounts(&store, &setting, &lease).await?;
    let mut tx = store.begin("bench::configure_again").await?;
    app::configure(&mut tx, &lease.app, &setting.settings).await?;
    tx.commit().await?;
    store.close().await;
    Ok(json!({ "users": n_people }))
}

/// People straight into the mirror, in the order in which it keeps them.
async fn record_people(store: &Store, users: BTreeMap<String, Box<RawValue>>) -> anyhow::Result<()> {
    let mut tx = store.begin("bench::directory").await?;
    let id = DirectoryId::new(new_id(&MachineClock));
    let directory = directory::embedded(&mut tx, &id, MachineClock.now()).await?.id;
    tx.commit().await?;
    let users: Vec<_> = users.into_values().collect();
    for page in users.chunks(PAGE) {
        let person = |user: &Box<RawValue>| to_person(serde_json::from_str(user.get())?).map_err(Error::msg);
        let people = page.iter().map(person).collect::<anyhow::Result<Vec<_>>>()?;
        let mut tx = store.begin("bench::record_people").await?;
        directory::record_people(&mut tx, &directory, &people).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Units, domains, groups and who is in them, by the product's own import.
async fn import_rest(store: &Store, data_dir: &Path, rest: &str) -> anyhow::Result<()> {
    let file = data_dir.join("rest.json");
    std::fs::write(&file, rest).with_context(|| format!("failed to write {}", file.display()))?;
    let mut ids = || new_id(&MachineClock);
    let files = [file.clone()];
    import(store, &files, Import::default(), MachineClock.now(), &mut ids, &|_| {}).await?;
    std::fs::remove_file(&file).with_context(|| format!("failed to remove {}", file.display()))
}

/// An app that is on for everybody, with every trigger selected.
async fn configure(store: &Store) -> anyhow::Result<(Setting, Lease)> {
    let mut tx = store.begin("bench::configure").await?;
    let directory = directory::list(&mut tx).await?.pop().context("the import made no directory")?;
    let id = AppId::new(new_id(&MachineClock));
    let new = NewApp {
        id: id.clone(),
        name: APP.to_owned(),
        template: "scim".to_owned(),
        directory: directory.id,
        created_at: MachineClock.now(),
    };
    app::insert(&mut tx, &new).await?;
    let at_once = Some(Delay::Within24Hours);
    let deprovisioning = Deprovisioning { app_off: at_once, suspended: at_once, deleted: at_once };
    app::configure(&mut tx, &id, &Settings { deprovisioning, ..Settings::default() }).await?;
    access::set_unit(&mut tx, &id, &OrgUnitPath::root(), Some(Switch::On)).await?;
    let lease = app::begin_run(&mut tx, &id, new_run_id(&MachineClock)).await?;
    app::set_listed(&mut tx, &lease, Some(MachineClock.now())).await?;
    let configured = app::by_id(&mut tx, &id).await?.context("the app is gone")?;
    let setting = Setting::load(&mut tx, configured, Duration::ZERO).await?;
    tx.commit().await?;
    Ok((setting, lease))
}

async fn record_accounts(store: &Store, setting: &Setting, lease: &Lease) -> anyhow::Result<()> {
    let mut after: Option<UserId> = None;
    loop {
        let mut tx = store.begin("bench::record_accounts").await?;
        let (directory, app) = (&setting.app.directory, &setting.app.id);
        let page = directory::candidates(&mut tx, directory, app, after.as_ref(), PAGE).await?;
        let ids: Vec<_> = page.iter().map(|candidate| candidate.user.id.clone()).collect();
        let Some(last) = ids.last() else { return Ok(()) };
        after = Some(last.clone());
        let mut resources = directory::resources(&mut tx, directory, &ids).await?;
        let records: Vec<_> = page
            .into_iter()
            .map(|candidate| {
                let resource = resources.remove(&candidate.user.id).unwrap_or_default();
                let want = setting.mapping.evaluate(&resource, candidate.user.primary_email.as_str());
                let now =
                    AccountRecord::new(candidate.user.id.clone(), Some(candidate.user.primary_email.clone()));
                as_it_should_be(setting, &candidate, want.unwrap_or_default(), now)
            })
            .collect();
        account::record(&mut tx, lease, &records).await?;
        tx.commit().await?;
    }
}

fn as_it_should_be(
    setting: &Setting,
    candidate: &Candidate,
    want: usher_model::attribute::Attributes,
    record: AccountRecord,
) -> AccountRecord {
    let standing = standing(&candidate.user, &BTreeSet::new(), &setting.entitling());
    let is_entitled = matches!(standing, Standing::Entitled);
    AccountRecord {
        user_name: want.user_name().map(usher_model::attribute::fold::fold),
        state: if is_entitled { RecordState::Active } else { RecordState::Suspended },
        suspended_by_us: !is_entitled,
        // As long as those that IAM Identity Center makes.
        remote_id: Some(RemoteId::new(new_id(&MachineClock))),
        sent: want.clone(),
        returned: want,
        reason: Some(if is_entitled { Reason::Converged } else { Reason::OffAlready }),
        settled: Some(settled_key(&candidate.fingerprint, setting.app.config_version, &standing)),
        ..record
    }
}
