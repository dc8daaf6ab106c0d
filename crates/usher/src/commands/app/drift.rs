//! `usher app drift`: what happens to changes that somebody else made at the app.

use usher_model::lifecycle::DriftPolicy;
use usher_store::app::App;
use usher_store::{Store, Tx, app};

use super::run_soon;
use super::show::finish;
use super::view::AppView;
use crate::cli::app::{Drift, DriftChoice};
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Chooses the policy.
pub(super) async fn run(context: &Context, store: &Store, args: &Drift) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::app_drift").await?;
    let changed = change(context, &mut tx, args).await;
    finish(context, store, tx, changed, &args.name, |view| format!("{}\n", AppView::drift(view))).await
}

async fn change(context: &Context, tx: &mut Tx, args: &Drift) -> Result<(), Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let policy = match args.policy {
        DriftChoice::Repair => DriftPolicy::Repair,
        DriftChoice::Report => DriftPolicy::Report,
        DriftChoice::Ignore => DriftPolicy::Ignore,
    };
    set(context, tx, &app, policy).await
}

/// Sets the policy.
pub(crate) async fn set(
    context: &Context,
    tx: &mut Tx,
    app: &App,
    policy: DriftPolicy,
) -> Result<(), Failure> {
    let mut settings = app.settings.clone().unwrap_or_default();
    settings.drift = policy;
    app::configure(tx, &app.id, &settings).await?;
    run_soon(context, tx, app).await
}
