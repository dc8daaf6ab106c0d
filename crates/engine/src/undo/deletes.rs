//! What a run deleted: told, because it is lost. Made again it would be another account, without the rights that the first
//! one had.

use usher_model::id::{AppId, RunId};
use usher_store::event::{self, EventKind};
use usher_store::{StoreError, Tx};

use super::MAX_TOLD;
use crate::report::{Lost, Whom};

/// How many accounts a run deleted, and the first of them.
pub(super) async fn told(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<(u64, Vec<Lost>), StoreError> {
    let kind = EventKind::HardDelete;
    let n = event::counts_of_run(tx, app, run).await?.remove(&kind).unwrap_or(0);
    let deleted = event::of_run(tx, app, run, kind, -1, MAX_TOLD).await?;
    let lost = |event: event::Event| Lost {
        whom: Whom { user: event.user, email: event.email },
        at: event.at,
        reason: event.reason,
    };
    Ok((n, deleted.into_iter().map(lost).collect()))
}
