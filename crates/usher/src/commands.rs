//! One file for each command. A command computes, answers once, and says how it ended.

use usher_store::{Purpose, Store};

use crate::cli::app::App;
use crate::cli::directory::Directory;
use crate::cli::emulate::Emulate;
use crate::cli::{Command, Config, OnData, Pin, Undo};
use crate::context::Context;
use crate::failure::{Exit, Failure};

pub(crate) mod app;
mod at_app;
mod audit;
pub(crate) mod choose;
mod completions;
mod config;
pub(crate) mod demo;
pub(crate) mod directory;
mod drift;
mod emulate;
pub(crate) mod explain;
pub(crate) mod freshen;
mod import;
pub(crate) mod lookup;
mod operations;
mod pin;
mod plan;
mod ran;
mod serve;
mod status;
pub(crate) mod steps;
mod sync;
pub(crate) mod token_age;
pub(crate) mod undo;
mod untried;

/// Carries a command out.
pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Config(Config::Check) => config::check(context),
        Command::Config(Config::Schema) => config::schema(context),
        Command::Emulate(Emulate::IdentityCenter(args)) => {
            emulate::identity_center::run(context, &args).await
        }
        Command::Emulate(Emulate::Workspace(args)) => emulate::workspace::run(context, &args).await,
        Command::Demo(args) => demo::run(context, &args).await,
        Command::Completions(args) => completions::run(&args),
        Command::OnData(command) => {
            let store = context.store(purpose(&command)).await?;
            let ended = on_data(context, &store, command).await;
            store.close().await;
            ended
        }
    }
}

/// Whether a command only looks: then it need not wait for a server to end.
fn purpose(command: &OnData) -> Purpose {
    match command {
        OnData::Status
        | OnData::Explain(_)
        | OnData::Pin(Pin { email: None, .. })
        | OnData::Undo(Undo { preview: true, .. })
        | OnData::Directory(Directory::List | Directory::Check(_))
        | OnData::App(App::List | App::Show(_)) => Purpose::Reading,
        OnData::Import(_)
        | OnData::Plan(_)
        | OnData::Sync(_)
        | OnData::Audit(_)
        | OnData::Choose(_)
        | OnData::Pin(Pin { email: Some(_), .. })
        | OnData::Unpin(_)
        | OnData::Undo(Undo { preview: false, .. })
        | OnData::Serve
        | OnData::Directory(Directory::Add(_) | Directory::Authorize(_))
        | OnData::App(
            App::Add(_)
            | App::Authorize(_)
            | App::Access(_)
            | App::Scope(_)
            | App::Groups(_)
            | App::Domains(_)
            | App::Map(_)
            | App::Deprovision(_)
            | App::Drift(_)
            | App::Enable(_)
            | App::Disable(_)
            | App::Unconfigure(_)
            | App::Remove(_),
        ) => Purpose::Writing,
    }
}

async fn on_data(context: &Context, store: &Store, command: OnData) -> Result<Exit, Failure> {
    match command {
        OnData::Import(args) => import::run(context, store, args).await,
        OnData::App(command) => app::run(context, store, command).await,
        OnData::Directory(Directory::List) => directory::list(context, store).await,
        OnData::Directory(Directory::Add(args)) => directory::add::run(context, store, &args).await,
        OnData::Directory(Directory::Authorize(args)) => {
            directory::add::authorize(context, store, &args).await
        }
        OnData::Directory(Directory::Check(args)) => directory::check::run(context, store, &args).await,
        OnData::Plan(args) => plan::run(context, store, &args).await,
        OnData::Sync(args) => sync::run(context, store, &args).await,
        OnData::Audit(args) => audit::run(context, store, &args).await,
        OnData::Choose(args) => choose::run(context, store, &args).await,
        OnData::Pin(args) => pin::run(context, store, &args).await,
        OnData::Unpin(args) => pin::unpin(context, store, &args).await,
        OnData::Undo(args) => undo::run(context, store, &args).await,
        OnData::Explain(args) => explain::run(context, store, &args).await,
        OnData::Status => status::run(context, store).await,
        OnData::Serve => serve::run(context, store).await,
    }
}
