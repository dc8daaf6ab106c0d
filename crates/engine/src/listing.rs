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
        Ok(()) => {
            let listed_at = Some(work.clock.now());
            set_listed(work, listed_at).await.map(|()| true)
        }
        Err(CallError::Useless(why)) => {
            tracing::warn!(app.id = %work.app(), why, "the app's listing cannot be believed: creates ask first");
            set_listed(work, None).await.map(|()| false)
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

async fn set_listed(work: &Work<'_>, listed_at: Option<Timestamp>) -> Result<(), CallError> {
    let stored = async {
        let mut tx = work.store.begin("engine::set_listed").await?;
        if listed_at.is_none() {
            remote::clear(&mut tx, work.lease).await?;
        }
        app::set_listed(&mut tx, work.lease, listed_at).await?;
        tx.commit().await
    };
    stored.await.map_err(unsure)
}

fn unsure(error: impl std::fmt::Display) -> CallError {
    CallError::Closed(Closed::Unsure(error.to_string()))
}
