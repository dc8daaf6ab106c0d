//! `usher app show`: everything that is configured of one app. Also how every other command of an app answers.

use serde::Serialize;
use usher_store::{Store, Tx};

use super::view::AppView;
use crate::cli::app::Name;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, facts};

/// An app, and how much of it is told to people. The object is always whole.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Shown {
    view: AppView,
    #[serde(skip)]
    text: fn(&AppView) -> String,
}

impl Answer for Shown {
    fn text(&self) -> String {
        (self.text)(&self.view)
    }
}

/// Shows the app.
pub(super) async fn run(context: &Context, store: &Store, args: &Name) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::app_show").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    show(context, &mut tx, &app.name, |view| facts(view.facts())).await
}

/// Answers with the app as it is now, told to people by `text`.
pub(super) async fn show(
    context: &Context,
    tx: &mut Tx,
    name: &str,
    text: fn(&AppView) -> String,
) -> Result<Exit, Failure> {
    let app = lookup::app(context, tx, name).await?;
    let view = AppView::load(tx, &app, context.now()).await?;
    context.output.answer(&Shown { view, text })?;
    Ok(Exit::Ok)
}

/// Ends a change: commits what went well and answers with the app as it is now, or takes everything back.
pub(super) async fn finish(
    context: &Context,
    store: &Store,
    tx: Tx,
    changed: Result<(), Failure>,
    name: &str,
    text: fn(&AppView) -> String,
) -> Result<Exit, Failure> {
    tx.commit_or_roll_back(changed).await?;
    let mut tx = store.read("usher::app_show").await?;
    show(context, &mut tx, name, text).await
}
