//! `usher app remove`: removes an app and everything that is known of it. Accounts and groups at the app stay.

use serde::Serialize;
use usher_store::{Store, app};

use crate::cli::app::Removal;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, confirm};

/// What was removed.
#[derive(Debug, Serialize)]
struct Removed {
    app: String,
    removed: bool,
}

/// Removes the app.
pub(super) async fn run(context: &Context, store: &Store, args: &Removal) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::app_remove").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    let question =
        format!("Remove {} and everything Usher knows of it? No account and no group is touched.", app.name);
    if !args.yes && !confirm(&question)? {
        return Err(Failure::new("nothing was removed"));
    }
    let mut tx = store.begin("usher::app_remove").await?;
    let removed = app::remove(&mut tx, &app.id).await;
    tx.commit_or_roll_back(removed).await?;
    context.output.answer(&Removed { app: app.name, removed: true })?;
    Ok(Exit::Ok)
}

impl Answer for Removed {
    fn text(&self) -> String {
        format!("Removed the app {}. Every account and every group at the app stays as it is.\n", self.app)
    }
}
