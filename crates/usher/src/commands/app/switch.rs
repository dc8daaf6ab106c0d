//! `usher app enable` and `usher app disable`: provisioning on and off. Neither touches anybody's account, or a group.

use usher_store::{Store, Tx, access, app};

use super::show::finish;
use super::view::{self, AppView};
use crate::cli::app::Name;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Turns provisioning on, if nothing is in the way.
pub(super) async fn enable(context: &Context, store: &Store, args: &Name) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::app_enable").await?;
    let enabled = turn_on(context, &mut tx, &args.name).await;
    finish(context, store, tx, enabled, &args.name, text_of_on).await
}

/// Turns provisioning on, if nothing is in the way.
pub(crate) async fn turn_on(context: &Context, tx: &mut Tx, name: &str) -> Result<(), Failure> {
    let app = lookup::app(context, tx, name).await?;
    let access = access::access_list(tx, &app.id).await?;
    let readiness = app.readiness(view::template(&app)?, &view::mapping(&app)?, &access);
    let in_the_way: Vec<_> = readiness.in_the_way().iter().map(ToString::to_string).collect();
    if !in_the_way.is_empty() {
        return Err(Failure::new(format!("cannot turn {name} on: {}", in_the_way.join("; "))));
    }
    if !app.is_enabled {
        app::enable(tx, &app.id, context.now()).await?;
    }
    Ok(())
}

fn text_of_on(view: &AppView) -> String {
    let [name, _, _, status, _] = view.row();
    format!(
        "Provisioning is on for {name} (status: {status}). `usher sync {name}` runs it now, `usher serve` keeps it \
         running.\n"
    )
}

/// Turns provisioning off.
pub(super) async fn disable(context: &Context, store: &Store, args: &Name) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::app_disable").await?;
    let disabled = turn_off(context, &mut tx, &args.name).await;
    finish(context, store, tx, disabled, &args.name, text_of_off).await
}

/// Turns provisioning off, if it is on.
pub(crate) async fn turn_off(context: &Context, tx: &mut Tx, name: &str) -> Result<(), Failure> {
    let app = lookup::app(context, tx, name).await?;
    if app.is_enabled {
        app::disable(tx, &app.id, context.now()).await?;
    }
    Ok(())
}

fn text_of_off(view: &AppView) -> String {
    let [name, ..] = view.row();
    format!("Provisioning is off for {name}. Every account and every group stays as it is.\n")
}
