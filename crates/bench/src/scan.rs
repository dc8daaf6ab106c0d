//! What a plan reads, read in the same order by the same functions of the store, and nothing done with it.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};
use usher_engine::clock::Clock as _;
use usher_model::id::UserId;
use usher_store::{account, app, directory};

use crate::process::peak_mib;
use crate::world::{APP, MachineClock, store};

/// As many as a plan reads at once.
const PAGE: usize = 500;

/// Reads everybody; says how long it took.
pub(crate) async fn measure(data_dir: &Path) -> anyhow::Result<Value> {
    let store = store(data_dir).await?;
    let begun_at = MachineClock.now();
    let mut tx = store.read("bench::scan").await?;
    let found = app::by_name(&mut tx, APP).await?.context("there is no app: set it up first")?;
    drop(tx);
    let mut after: Option<UserId> = None;
    let (mut n_people, mut n_accounts) = (0, 0);
    loop {
        let mut tx = store.read("bench::scan").await?;
        let page = directory::candidates(&mut tx, &found.directory, &found.id, after.as_ref(), PAGE).await?;
        let ids: Vec<_> = page.into_iter().map(|candidate| candidate.user.id).collect();
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { break };
        directory::direct_groups(&mut tx, &found.directory, first, last).await?;
        n_people += directory::stored_resources(&mut tx, &found.directory, &ids).await?.len();
        n_accounts += account::of(&mut tx, &found.id, &ids).await?.len();
        after = Some(last.clone());
    }
    let seconds = MachineClock.now().since(begun_at).as_secs_f64();
    let peak_mib = peak_mib()?;
    store.close().await;
    Ok(json!({ "users": n_people, "accounts": n_accounts, "seconds": seconds, "peak_mib": peak_mib }))
}
