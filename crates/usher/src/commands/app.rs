//! `usher app …`: makes, configures and switches apps. One file for each command.
//!
//! Commands that change something answer with the app as it is afterwards ([`view`]). An app that is on is due at once
//! after a change.

use usher_store::{Store, Tx, app};

use crate::cli::app::App;
use crate::context::Context;
use crate::failure::{Exit, Failure};

pub(crate) mod access;
pub(crate) mod add;
mod authorize;
pub(crate) mod deprovision;
pub(crate) mod domains;
pub(crate) mod drift;
pub(crate) mod groups;
mod list;
pub(crate) mod map;
mod remove;
pub(crate) mod scope;
mod show;
pub(crate) mod switch;
mod unconfigure;
pub(crate) mod view;

/// Carries one of them out.
pub(crate) async fn run(context: &Context, store: &Store, command: App) -> Result<Exit, Failure> {
    match command {
        App::Add(args) => add::run(context, store, args).await,
        App::List => list::run(context, store).await,
        App::Show(args) => show::run(context, store, &args).await,
        App::Authorize(args) => authorize::run(context, store, args).await,
        App::Access(args) => access::run(context, store, &args).await,
        App::Scope(args) => scope::run(context, store, &args).await,
        App::Groups(args) => groups::run(context, store, &args).await,
        App::Domains(args) => domains::run(context, store, &args).await,
        App::Map(args) => map::run(context, store, &args).await,
        App::Deprovision(args) => deprovision::run(context, store, &args).await,
        App::Drift(args) => drift::run(context, store, &args).await,
        App::Enable(args) => switch::enable(context, store, &args).await,
        App::Disable(args) => switch::disable(context, store, &args).await,
        App::Unconfigure(args) => unconfigure::run(context, store, &args).await,
        App::Remove(args) => remove::run(context, store, &args).await,
    }
}

/// Makes a run of an app due now, if it is on: its configuration changed.
async fn run_soon(context: &Context, tx: &mut Tx, app: &app::App) -> Result<(), Failure> {
    Ok(app::wake(tx, &app.id, context.now()).await?)
}
