//! `usher app map`: where the attributes of an app's accounts come from.

use usher_model::app::NotReady;
use usher_model::mapping::Mapping;
use usher_store::app::App;
use usher_store::{Store, Tx, app};

use super::run_soon;
use super::show::{finish, show};
use super::view::{self, AppView};
use crate::cli::app::Map;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Edits the mapping, or shows it. A mapping that the app could not take is refused as a whole, and so is one that
/// leaves a mandatory attribute unmapped while the app is on.
pub(super) async fn run(context: &Context, store: &Store, args: &Map) -> Result<Exit, Failure> {
    if args.set.is_empty() && !args.reset {
        let mut tx = store.read("usher::app_map").await?;
        return show(context, &mut tx, &args.name, text).await;
    }
    let mut tx = store.begin("usher::app_map").await?;
    let changed = change(context, &mut tx, args).await;
    finish(context, store, tx, changed, &args.name, text).await
}

async fn change(context: &Context, tx: &mut Tx, args: &Map) -> Result<(), Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let template = view::template(&app)?;
    let mut mapping = if args.reset { template.default_mapping() } else { view::mapping(&app)? };
    for line in &args.set {
        mapping.edit(line).map_err(|error| Failure::usage(error.to_string()))?;
    }
    // No assignments at all stand for the template's own mapping.
    set(context, tx, &app, (!args.set.is_empty()).then_some(mapping)).await
}

/// Sets the mapping as a whole; none: the template's own.
pub(crate) async fn set(
    context: &Context,
    tx: &mut Tx,
    app: &App,
    mapping: Option<Mapping>,
) -> Result<(), Failure> {
    let template = view::template(app)?;
    let checked = mapping.clone().unwrap_or_else(|| template.default_mapping());
    checked.compile(template).map_err(|error| Failure::usage(error.to_string()))?;
    if app.is_enabled
        && let Some(path) = checked.unmapped(template).into_iter().next()
    {
        return Err(Failure::usage(NotReady::Unmapped(path).to_string()));
    }
    let is_own = mapping.is_some();
    let assignments: Vec<String> = mapping.map(Vec::from).unwrap_or_default();
    if is_own && assignments.is_empty() {
        return Err(Failure::usage(
            "that would leave every attribute unmapped: map one, or leave the mapping as it is",
        ));
    }
    app::set_mapping(tx, &app.id, &assignments).await?;
    run_soon(context, tx, app).await
}

fn text(view: &AppView) -> String {
    let missing = view.in_the_way().filter(|sentences| sentences.contains("not mapped"));
    let missing = missing.map(|_| "\nA mandatory attribute is unmapped: `usher app show` names it.\n");
    format!("{}\n{}", view.mapping(), missing.unwrap_or_default())
}
