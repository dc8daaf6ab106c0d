//! `usher app deprovision`: when accounts of people who left are suspended, and whether they are deleted.

use usher_model::cause::{Delay, Deprovisioning};
use usher_store::app::App;
use usher_store::{Store, Tx, app};

use super::run_soon;
use super::show::{finish, show};
use super::view::{self, AppView};
use crate::cli::app::{Choice, Deprovision};
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Selects triggers, or shows them.
pub(super) async fn run(context: &Context, store: &Store, args: &Deprovision) -> Result<Exit, Failure> {
    let Deprovision { name, app_off, suspended, deleted, hard_delete } = args;
    if [app_off, suspended, deleted, hard_delete].into_iter().all(Option::is_none) {
        let mut tx = store.read("usher::app_deprovision").await?;
        return show(context, &mut tx, name, text).await;
    }
    let mut tx = store.begin("usher::app_deprovision").await?;
    let changed = change(context, &mut tx, args).await;
    finish(context, store, tx, changed, name, text).await
}

async fn change(context: &Context, tx: &mut Tx, args: &Deprovision) -> Result<(), Failure> {
    let Deprovision { name, app_off, suspended, deleted, hard_delete } = args;
    let app = lookup::app(context, tx, name).await?;
    let mut settings = app.settings.clone().unwrap_or_default();
    let chosen = &mut settings.deprovisioning;
    for (choice, setting) in
        [(app_off, &mut chosen.app_off), (suspended, &mut chosen.suspended), (deleted, &mut chosen.deleted)]
    {
        *setting = choice.map_or(*setting, Choice::delay);
    }
    let hard_delete = hard_delete.map_or(settings.hard_delete, Choice::delay);
    set(context, tx, &app, settings.deprovisioning, hard_delete).await
}

/// Selects triggers, and after how long suspended an account is deleted.
pub(crate) async fn set(
    context: &Context,
    tx: &mut Tx,
    app: &App,
    triggers: Deprovisioning,
    hard_delete: Option<Delay>,
) -> Result<(), Failure> {
    let name = &app.name;
    let mut settings = app.settings.clone().unwrap_or_default();
    (settings.deprovisioning, settings.hard_delete) = (triggers, hard_delete);
    let template = view::template(app)?;
    if settings.hard_delete.is_some() && !template.hard_delete {
        return Err(Failure::new(format!(
            "accounts of {} are never deleted: leave --hard-delete out",
            template.name
        )));
    }
    if app.is_enabled && !settings.deprovisioning.selects_any() {
        return Err(Failure::new(format!(
            "that would leave no trigger selected while {name} is on: keep one, or turn the app off first"
        )));
    }
    app::configure(tx, &app.id, &settings).await?;
    run_soon(context, tx, app).await
}

fn text(view: &AppView) -> String {
    format!("{}\n", view.deprovisioning())
}
