//! `usher app groups`: which of the directory's groups an app gets, and what becomes of them and of who is in them.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::group::selection::{Chosen, Pattern, Selection};
use usher_model::group::{ForeignMembers, GroupSettings, SuspendedMembers};
use usher_store::app::App;
use usher_store::{Store, Tx, app};

use super::run_soon;
use super::show::{finish, show};
use super::view::AppView;
use crate::cli::app::{Choice, ForeignChoice, Groups, SuspendedChoice};
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::facts;

pub(super) mod view;

/// Chooses groups, or shows what is chosen.
pub(super) async fn run(context: &Context, store: &Store, args: &Groups) -> Result<Exit, Failure> {
    let Groups { name, off, scope, select, suspended, foreign, deselected } = args;
    let is_choice = *off || *scope || !select.is_empty();
    if !is_choice && suspended.is_none() && foreign.is_none() && deselected.is_none() {
        let mut tx = store.read("usher::app_groups").await?;
        return show(context, &mut tx, name, text).await;
    }
    let mut tx = store.begin("usher::app_groups").await?;
    let changed = change(context, &mut tx, args).await;
    finish(context, store, tx, changed, name, text_of_change).await
}

fn text(view: &AppView) -> String {
    facts(view.groups.facts())
}

fn text_of_change(view: &AppView) -> String {
    let [name, ..] = view.row();
    format!("{}\n`usher plan {name}` shows what the next run does with them.\n", text(view))
}

async fn change(context: &Context, tx: &mut Tx, args: &Groups) -> Result<(), Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let mut settings = app.settings.clone().unwrap_or_default();
    let GroupSettings { selection, suspended, foreign, deselected } = &mut settings.groups;
    if let Some(chosen) = chosen(tx, &app, args).await? {
        *selection = chosen;
    }
    match args.suspended {
        Some(SuspendedChoice::Stay) => *suspended = SuspendedMembers::Stay,
        Some(SuspendedChoice::Leave) => *suspended = SuspendedMembers::Leave,
        None => {}
    }
    match args.foreign {
        Some(ForeignChoice::Keep) => *foreign = ForeignMembers::Keep,
        Some(ForeignChoice::Remove) => *foreign = ForeignMembers::Remove,
        None => {}
    }
    *deselected = args.deselected.map_or(*deselected, Choice::delay);
    set(context, tx, &app, settings.groups).await
}

/// Sets which groups, and what becomes of them.
pub(crate) async fn set(
    context: &Context,
    tx: &mut Tx,
    app: &App,
    groups: GroupSettings,
) -> Result<(), Failure> {
    let mut settings = app.settings.clone().unwrap_or_default();
    settings.groups = groups;
    app::configure(tx, &app.id, &settings).await?;
    run_soon(context, tx, app).await
}

/// Which groups, if anything is said of that.
async fn chosen(tx: &mut Tx, app: &App, args: &Groups) -> Result<Option<Selection>, Failure> {
    if args.off {
        return Ok(Some(Selection::Off));
    }
    if args.scope {
        return Ok(Some(Selection::Scope));
    }
    if args.select.is_empty() {
        return Ok(None);
    }
    let (mut groups, mut patterns) = (BTreeMap::new(), BTreeSet::new());
    for word in args.select.iter().map(|word| word.trim()) {
        if word.contains('*') {
            patterns.insert(Pattern::parse(word).map_err(|error| Failure::usage(error.to_string()))?);
        } else {
            let group = lookup::group(tx, &app.directory, word).await?;
            groups.insert(group.id, group.email);
        }
    }
    Ok(Some(Selection::Chosen(Chosen { groups, patterns })))
}
