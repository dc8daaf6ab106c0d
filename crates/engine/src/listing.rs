//! Lists an app as a whole, page by page into the store.
//!
//! # Invariant
//!
//! Nothing is concluded from an incomplete listing: one that breaks off leaves no trace, and creates ask first instead.

use usher_model::id::AppId;
use usher_model::time::Timestamp;
use usher_store::{Store, StoreError, app, remote};

use crate::calls::{CallError, Closed};
use crate::learn::Seen;
use crate::work::Work;

/// When the app was last listed, if it was.
pub(crate) async fn listed_at(store: &Store, app: &AppId) -> Result<Option<Timestamp>, StoreError> {
    let mut tx = store.read("engine::listed_at").await?;
    Ok(app::by_id(&mut tx, app).await?.and_then(|app| app.listed_at))
}

/// Lists the whole app, page by page into the store. False: the listing cannot be believed, and left no trace.
pub(crate) async fn list(work: &Work<'_>) -> Result<bool, CallError> {
    match read_listing(work).await {
        Ok(()) => trust(work).await.map(|()| true).map_err(unsure),
        Err(CallError::Useless(why)) => {
            tracing::warn!(app.id = %work.app(), why, "the app's listing cannot be believed: creates ask first");
            distrust(work).await.map(|()| false).map_err(unsure)
        }
        Err(error) => Err(error),
    }
}

async fn read_listing(work: &Work<'_>) -> Result<(), CallError> {
    let mut pager = work.client.users().await?;
    let mut is_first = true;
    while let Some(page) = work.client.page(&mut pager).await? {
        let accounts: Vec<_> = page
            .into_iter()
            .filter_map(|resource| Seen::read(resource, &work.setting.paths))
            .map(|seen| seen.to_remote_account())
            .collect();
        let stored = async {
            let mut tx = work.store.begin("engine::list").await?;
            if is_first {
                // Should this one break off, the one before is not half of it.
                app::set_listed(&mut tx, work.lease, None).await?;
                remote::clear(&mut tx, work.lease).await?;
            }
            remote::insert(&mut tx, work.lease, &accounts).await?;
            tx.commit().await
        };
        stored.await.map_err(unsure)?;
        is_first = false;
    }
    if pager.is_complete() {
        Ok(())
    } else {
        Err(CallError::Useless("the app's listing did not come to its end".into()))
    }
}

/// Forgets what was listed: it left something out.
pub(crate) async fn distrust(work: &Work<'_>) -> Result<(), StoreError> {
    let mut tx = work.store.begin("engine::distrust").await?;
    remote::clear(&mut tx, work.lease).await?;
    app::set_listed(&mut tx, work.lease, None).await?;
    tx.commit().await
}

async fn trust(work: &Work<'_>) -> Result<(), StoreError> {
    let mut tx = work.store.begin("engine::trust").await?;
    app::set_listed(&mut tx, work.lease, Some(work.clock.now())).await?;
    tx.commit().await
}

fn unsure(error: impl std::fmt::Display) -> CallError {
    CallError::Closed(Closed::Unsure(error.to_string()))
}
