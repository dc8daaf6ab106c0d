//! A company whose accounts are all as they should be: people, groups, and an account on record for everybody.
//!
//! # Invariants
//!
//! 1. Everybody has an account, so that everybody needs a decision: on where they are entitled to one, suspended by us
//!    where they are not.
//! 2. Nothing is to be done: each account holds what the mapping says.
//! 3. People are as an import would have made them, their addresses included.
//! 4. Nobody is settled: after the accounts were recorded the configuration is set once more, as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Error, ensure};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use usher_engine::clock::{Clock as _, new_id};
use usher_engine::import::{addresses, to_person};
use usher_engine::plan::settled_key;
use usher_engine::setting::Setting;
use usher_model::attribute::Attributes;
use usher_model::attribute::fold::fold;
use usher_model::entitlement::{Standing, standing};
use usher_model::id::{RemoteId, UserId};
use usher_model::reason::Reason;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::app::Lease;
use usher_store::directory::{Candidate, stage};
use usher_store::{Store, account, app, directory};

use crate::app::{configure, directory, import_rest};
use crate::document::{self, Document};
use crate::world::{MachineClock, store};

/// How many people's accounts are recorded at once.
const PAGE: usize = 5_000;

/// Makes it, and says how many people there are.
pub(crate) async fn set_up(people: &Path, data_dir: &Path) -> anyhow::Result<Value> {
    let Document { users, rest } = document::read(people)?;
    let store = store(data_dir).await?;
    let n_people = users.len();
    record_people(&store, users).await?;
    import_rest(&store, data_dir, &rest).await?;
    let (setting, lease) = configure(&store, "scim").await?;
    let mut tx = store.begin("bench::set_listed").await?;
    app::set_listed(&mut tx, &lease, Some(MachineClock.now())).await?;
    tx.commit().await?;
    record_accounts(&store, &setting, &lease).await?;
    let mut tx = store.begin("bench::configure_again").await?;
    app::configure(&mut tx, &lease.app, &setting.settings).await?;
    tx.commit().await?;
    store.close().await;
    Ok(json!({ "users": n_people }))
}

/// People straight into the mirror, in the order in which it keeps them.
async fn record_people(store: &Store, users: BTreeMap<String, Box<RawValue>>) -> anyhow::Result<()> {
    let directory = directory(store).await?;
    let users: Vec<_> = users.into_values().collect();
    for page in users.chunks(PAGE) {
        let person = |user: &RawValue| to_person(serde_json::from_str(user.get())?).map_err(Error::msg);
        let people = page.iter().map(|user| person(user)).collect::<anyhow::Result<Vec<_>>>()?;
        let mut tx = store.begin("bench::record_people").await?;
        directory::record_people(&mut tx, &directory, &people).await?;
        let owned: Result<Vec<_>, _> = people.iter().map(addresses).collect();
        stage::restate(&mut tx, &directory, &owned.map_err(Error::msg)?).await?;
        ensure!(stage::settle_addresses(&mut tx, &directory).await?.is_none(), "two people have one address");
        stage::clear(&mut tx, &directory).await?;
        tx.commit().await?;
    }
    Ok(())
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
                let want = want.map(|mapped| mapped.attributes).unwrap_or_default();
                as_it_should_be(setting, &candidate, want, now)
            })
            .collect();
        account::record(&mut tx, lease, &records).await?;
        tx.commit().await?;
    }
}

fn as_it_should_be(
    setting: &Setting,
    candidate: &Candidate,
    want: Attributes,
    record: AccountRecord,
) -> AccountRecord {
    let standing = standing(&candidate.user, &BTreeSet::new(), &setting.entitling());
    let is_entitled = matches!(standing, Standing::Entitled);
    AccountRecord {
        user_name: want.user_name().map(fold),
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
