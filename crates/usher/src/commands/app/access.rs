//! `usher app access`: for whom an app is on.

use usher_model::access::Switch as Is;
use usher_model::directory::OrgUnitPath;
use usher_store::app::App;
use usher_store::{Store, Tx, access, directory};

use super::run_soon;
use super::show::finish;
use crate::cli::app::{Access, Switch};
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Switches the app for one unit or one group.
pub(super) async fn run(context: &Context, store: &Store, args: &Access) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::app_access").await?;
    let switched = switch(context, &mut tx, args).await;
    finish(context, store, tx, switched, &args.name, |view| format!("The app is now:\n{}\n", view.access()))
        .await
}

async fn switch(context: &Context, tx: &mut Tx, args: &Access) -> Result<(), Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    match (&args.ou, &args.group) {
        (Some(path), _) => unit(tx, &app, path, args.switch).await?,
        (None, Some(address)) => group(tx, &app, address, args.switch).await?,
        (None, None) => return Err(Failure::usage("name a unit with --ou or a group with --group")),
    }
    run_soon(context, tx, &app).await
}

/// Switches the app for one unit.
pub(crate) async fn unit(tx: &mut Tx, app: &App, path: &str, switch: Switch) -> Result<(), Failure> {
    let path = OrgUnitPath::parse(path).map_err(|error| Failure::usage(error.to_string()))?;
    let is = match switch {
        Switch::On => Some(Is::On),
        Switch::Off => Some(Is::Off),
        Switch::Inherit => None,
    };
    // A unit that is gone may still lose its switch.
    if is.is_some() && !directory::org_unit_exists(tx, &app.directory, &path).await? {
        return Err(Failure::new(format!("the directory has no organizational unit {path}")));
    }
    Ok(access::set_unit(tx, &app.id, &path, is).await?)
}

/// Switches the app for one group.
pub(crate) async fn group(tx: &mut Tx, app: &App, address: &str, switch: Switch) -> Result<(), Failure> {
    match switch {
        Switch::On => {
            let group = lookup::group(tx, &app.directory, address).await?;
            Ok(access::add_group(tx, &app.id, &group).await?)
        }
        Switch::Off => {
            let email = lookup::email(address)?;
            let granted = access::access_list(tx, &app.id).await?.groups;
            let known = granted.into_iter().find(|granted| granted.email == email);
            let group = match known {
                Some(granted) => granted.group,
                None => lookup::group(tx, &app.directory, address).await?.id,
            };
            access::remove_group(tx, &app.id, &group).await?;
            Ok(())
        }
        Switch::Inherit => Err(Failure::usage(
            "a group does not inherit: turn it on, or take it back with off (inherit is for organizational units)",
        )),
    }
}
