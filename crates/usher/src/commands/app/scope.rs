//! `usher app scope`: the groups that narrow whom an app is on for.
//!
//! Taking the last group out would widen the scope to everyone with access, so it has to be said.

use std::collections::{BTreeMap, BTreeSet};

use usher_engine::setting;
use usher_model::directory::Group;
use usher_model::id::{Email, GroupId};
use usher_model::scope::Depth;
use usher_store::access::Scoped;
use usher_store::app::App;
use usher_store::{Store, Tx, access, directory};

use super::run_soon;
use super::show::{finish, show};
use super::view::AppView;
use crate::cli::app::Scope;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Adds and takes out groups, or shows the scope.
pub(super) async fn run(context: &Context, store: &Store, args: &Scope) -> Result<Exit, Failure> {
    if args.add.is_empty() && args.remove.is_empty() && !args.everyone {
        let mut tx = store.read("usher::app_scope").await?;
        return show(context, &mut tx, &args.name, text).await;
    }
    let mut tx = store.begin("usher::app_scope").await?;
    let changed = change(context, &mut tx, args).await;
    finish(context, store, tx, changed, &args.name, text).await
}

fn text(view: &AppView) -> String {
    format!("In scope:\n{}\n", view.scope())
}

async fn change(context: &Context, tx: &mut Tx, args: &Scope) -> Result<(), Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let chosen = access::scope(tx, &app.id).await?;
    let mut left: BTreeSet<GroupId> = chosen.iter().map(|scoped| scoped.group.clone()).collect();
    let (had, depth) = (left.len(), if args.direct { Depth::Direct } else { Depth::Nested });
    for address in &args.remove {
        let email: Email = lookup::email(address)?;
        let group = match chosen.iter().find(|scoped| scoped.email == email) {
            // By the address it was chosen by: it may have vanished since.
            Some(scoped) => scoped.group.clone(),
            None => lookup::group(tx, &app.directory, address).await?.id,
        };
        if !access::remove_scope(tx, &app.id, &group).await? {
            return Err(Failure::new(format!(
                "the group {email} is not in the provisioning scope of {}",
                app.name
            )));
        }
        left.remove(&group);
    }
    for address in &args.add {
        let group = lookup::group(tx, &app.directory, address).await?;
        choose(tx, &app, &group, depth).await?;
        left.insert(group.id);
    }
    if args.everyone {
        access::clear_scope(tx, &app.id).await?;
    } else if had > 0 && left.is_empty() {
        return Err(Failure::new(format!(
            "that would take the last group out of the provisioning scope, and everyone with access would be \
             provisioned: say --everyone if that is meant (`usher plan {}` shows what follows)",
            app.name
        )));
    }
    run_soon(context, tx, &app).await
}

/// Chooses a group, or another depth for one that is chosen.
async fn choose(tx: &mut Tx, app: &App, group: &Group, depth: Depth) -> Result<(), Failure> {
    access::add_scope(tx, &app.id, group, depth).await?;
    accept(tx, app, group, depth).await
}

/// Sets the scope as a whole; no groups: everyone with access, which whoever calls means.
pub(crate) async fn set(
    context: &Context,
    tx: &mut Tx,
    app: &App,
    wanted: &BTreeMap<GroupId, Depth>,
) -> Result<(), Failure> {
    let chosen = access::scope(tx, &app.id).await?;
    for gone in chosen.iter().filter(|scoped| !wanted.contains_key(&scoped.group)) {
        access::remove_scope(tx, &app.id, &gone.group).await?;
    }
    for (id, depth) in wanted {
        let known = chosen.iter().find(|scoped| scoped.group == *id);
        if known.is_some_and(|scoped| scoped.depth == *depth) {
            continue;
        }
        // A group that vanished stays chosen until somebody takes it out.
        let group = match (directory::group_by_id(tx, &app.directory, id).await?, known) {
            (Some(group), _) => group,
            (None, Some(known)) => Group { id: id.clone(), email: known.email.clone(), name: String::new() },
            (None, None) => {
                return Err(Failure::new(
                    "one of these groups is not in the directory any more: choose again",
                ));
            }
        };
        choose(tx, app, &group, *depth).await?;
    }
    run_soon(context, tx, app).await
}

/// Remembers how many people a group takes in when it is chosen: if it is emptied before the first run, a guard stops
/// that too.
async fn accept(tx: &mut Tx, app: &App, group: &Group, depth: Depth) -> Result<(), Failure> {
    let graph = directory::group_graph(tx, &app.directory).await?;
    let chosen =
        Scoped { group: group.id.clone(), email: group.email.clone(), depth, accepted_members: None };
    let n_members = setting::members(tx, app, &chosen, &graph).await?;
    Ok(access::accept_members(tx, &app.id, &group.id, n_members).await?)
}
