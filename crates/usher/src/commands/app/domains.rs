//! `usher app domains`: whose people are provisioned besides those of the primary domain.

use std::collections::BTreeSet;

use usher_store::app::{self, App};
use usher_store::directory::{self, Domain};
use usher_store::{Store, Tx};

use super::run_soon;
use super::show::{finish, show};
use super::view::AppView;
use crate::cli::app::Domains;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Adds and takes out domains, or shows them.
pub(super) async fn run(context: &Context, store: &Store, args: &Domains) -> Result<Exit, Failure> {
    if args.add.is_empty() && args.remove.is_empty() {
        let mut tx = store.read("usher::app_domains").await?;
        return show(context, &mut tx, &args.name, text).await;
    }
    let mut tx = store.begin("usher::app_domains").await?;
    let changed = change(context, &mut tx, args).await;
    finish(context, store, tx, changed, &args.name, text).await
}

fn text(view: &AppView) -> String {
    format!("Provisioned domains:\n{}\n", view.domains())
}

async fn change(context: &Context, tx: &mut Tx, args: &Domains) -> Result<(), Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let known = directory::domains(tx, &app.directory).await?;
    let mut settings = app.settings.clone().unwrap_or_default();
    for name in &args.remove {
        let name = name.to_lowercase();
        if find(&known, &name).is_some_and(|domain| domain.is_primary) {
            return Err(Failure::new(format!("{name} is the primary domain, which is always provisioned")));
        }
        if !settings.domains.remove(&name) {
            return Err(Failure::new(format!("{name} is not a provisioned domain of {}", app.name)));
        }
    }
    for name in &args.add {
        let name = name.to_lowercase();
        let Some(domain) = find(&known, &name) else { return Err(unknown(&known, &name)) };
        if !domain.is_primary {
            settings.domains.insert(name);
        }
    }
    app::configure(tx, &app.id, &settings).await?;
    run_soon(context, tx, &app).await
}

/// Sets the domains besides the primary one, each of them one of the directory's.
pub(crate) async fn set(
    context: &Context,
    tx: &mut Tx,
    app: &App,
    domains: &BTreeSet<String>,
) -> Result<(), Failure> {
    let had = app.settings.clone().unwrap_or_default().domains;
    let args = Domains {
        name: app.name.clone(),
        add: domains.difference(&had).cloned().collect(),
        remove: had.difference(domains).cloned().collect(),
    };
    change(context, tx, &args).await
}

fn find<'a>(known: &'a [Domain], name: &str) -> Option<&'a Domain> {
    known.iter().find(|domain| domain.name.to_lowercase() == name)
}

fn unknown(known: &[Domain], name: &str) -> Failure {
    let names: Vec<_> = known.iter().map(|domain| domain.name.as_str()).collect();
    let has = if names.is_empty() {
        "it has none yet; import them".to_owned()
    } else {
        format!("it has {}", names.join(", "))
    };
    Failure::new(format!("{name} is not a domain of the directory: {has}"))
}
