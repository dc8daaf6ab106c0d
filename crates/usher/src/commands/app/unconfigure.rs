//! `usher app unconfigure`: deletes the configuration, records and timers; accounts, groups, access and log stay.

use usher_store::{Store, app};

use super::show::finish;
use crate::cli::app::Removal;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::confirm;

/// Deletes the configuration.
pub(super) async fn run(context: &Context, store: &Store, args: &Removal) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::app_unconfigure").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    let question = format!(
        "Delete the configuration of {}, with what is known of its accounts and groups? None of them is touched.",
        app.name
    );
    if !args.yes && !confirm(&question)? {
        return Err(Failure::new("nothing was deleted"));
    }
    let mut tx = store.begin("usher::app_unconfigure").await?;
    let deleted = app::unconfigure(&mut tx, &app.id, context.now()).await;
    finish(context, store, tx, deleted.map_err(Failure::from), &app.name, |view| {
        let [name, ..] = view.row();
        format!(
            "Deleted the configuration of {name}. Every account and every group stays as it is; access and log are kept.\n"
        )
    })
    .await
}
