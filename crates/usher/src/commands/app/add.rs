//! `usher app add`: makes an app from a template. It does nothing until it is configured and turned on.

use usher_engine::clock::new_id;
use usher_model::app::Settings;
use usher_model::id::{AppId, DirectoryId};
use usher_store::app::{self, NewApp};
use usher_store::directory::{self, Directory};
use usher_store::{Store, Tx};

use super::show::finish;
use super::view::AppView;
use crate::cli::app::Add;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Makes the app.
pub(super) async fn run(context: &Context, store: &Store, args: Add) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::app_add").await?;
    let added = add(context, &mut tx, &args).await.map(drop);
    finish(context, store, tx, added, &args.name, text).await
}

fn text(view: &AppView) -> String {
    let [name, ..] = view.row();
    format!(
        "Added the app {name}. Next: `usher app authorize {name} --endpoint URL --token-file FILE`, `usher app access {name}`, \
         `usher app deprovision {name}`, then `usher app enable {name}`.\n"
    )
}

/// Makes an app in a transaction.
pub(crate) async fn add(context: &Context, tx: &mut Tx, args: &Add) -> Result<AppId, Failure> {
    let Add { name, template, directory } = args;
    if app::by_name(tx, name).await?.is_some() {
        return Err(Failure::new(format!(
            "there is an app named {name} already: choose another name, or see it with `usher app show {name}`"
        )));
    }
    let directory = chosen(context, tx, directory.as_deref()).await?.id;
    let id = AppId::new(new_id(context.clock.as_ref()));
    let new = NewApp {
        id: id.clone(),
        name: name.clone(),
        template: template.clone(),
        directory,
        created_at: context.now(),
    };
    app::insert(tx, &new).await?;
    app::configure(tx, &id, &Settings::default()).await?;
    Ok(id)
}

/// The directory of this name, or the embedded one, which is made where there is none yet.
async fn chosen(context: &Context, tx: &mut Tx, name: Option<&str>) -> Result<Directory, Failure> {
    let new_id = DirectoryId::new(new_id(context.clock.as_ref()));
    let embedded = directory::embedded(tx, &new_id, context.now()).await?;
    let Some(name) = name else { return Ok(embedded) };
    let found = directory::by_name(tx, name).await?;
    found.ok_or_else(|| {
        Failure::new(format!("there is no directory named `{name}`: `usher directory list` shows them"))
    })
}
