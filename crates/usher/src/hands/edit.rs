//! Edits of an app, each by the function of its command.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::access::Switch as Is;
use usher_model::mapping::Mapping;
use usher_store::app::App;
use usher_store::{Tx, access, account, app, directory};
use usher_web::hands::{AccessOf, Edit};

use crate::cli::app::Switch;
use crate::commands::app as commands;
use crate::commands::choose::suspend_now;
use crate::context::Context;
use crate::failure::Failure;

/// Makes an edit in a transaction.
pub(super) async fn make(context: &Context, tx: &mut Tx, app: &App, edit: &Edit) -> Result<(), Failure> {
    match edit {
        Edit::Access(of) => switch(context, tx, app, of).await,
        Edit::Scope(groups) => {
            let wanted: BTreeMap<_, _> =
                groups.iter().map(|chosen| (chosen.group.clone(), chosen.depth)).collect();
            commands::scope::set(context, tx, app, &wanted).await
        }
        Edit::Mapping(lines) => {
            let mapping = if lines.is_empty() { None } else { Some(Mapping::try_from(lines.clone())?) };
            commands::map::set(context, tx, app, mapping).await
        }
        Edit::Deprovisioning { triggers, hard_delete } => {
            commands::deprovision::set(context, tx, app, *triggers, *hard_delete).await
        }
        Edit::Domains(domains) => commands::domains::set(context, tx, app, domains).await,
        Edit::Groups(groups) => commands::groups::set(context, tx, app, groups.clone()).await,
        Edit::Drift(policy) => commands::drift::set(context, tx, app, *policy).await,
        Edit::TurnOn => commands::switch::turn_on(context, tx, &app.name).await,
        Edit::TurnOff => commands::switch::turn_off(context, tx, &app.name).await,
        Edit::Unconfigure => Ok(app::unconfigure(tx, &app.id, context.now()).await?),
        Edit::Remove => Ok(app::remove(tx, &app.id).await?),
        Edit::Pin { user, pin } => {
            account::set_pin(tx, &app.id, user, pin.as_ref()).await?;
            Ok(app::wake(tx, &app.id, context.now()).await?)
        }
        Edit::Choose { user, choice } => {
            account::set_choice(tx, &app.id, user, *choice).await?;
            Ok(app::wake(tx, &app.id, context.now()).await?)
        }
        Edit::SuspendNow { user } => {
            if suspend_now::set(context, tx, app, user).await? {
                return Ok(());
            }
            let known = directory::people(tx, &app.directory, &BTreeSet::from([user.clone()])).await?;
            let who = known.get(user);
            let who = who.map_or_else(|| user.to_string(), |known| known.user.primary_email.to_string());
            let name = &app.name;
            Err(Failure::new(format!(
                "{who} is losing no account at {name}, so there is nothing to bring forward"
            )))
        }
    }
}

async fn switch(context: &Context, tx: &mut Tx, app: &App, of: &AccessOf) -> Result<(), Failure> {
    match of {
        AccessOf::Unit(path, is) => {
            let switch = match is {
                Some(Is::On) => Switch::On,
                Some(Is::Off) => Switch::Off,
                None => Switch::Inherit,
            };
            commands::access::unit(tx, app, path.as_str(), switch).await?;
        }
        AccessOf::Group(email) => commands::access::group(tx, app, email.as_str(), Switch::On).await?,
        AccessOf::NoGroup(group) => {
            access::remove_group(tx, &app.id, group).await?;
        }
    }
    Ok(app::wake(tx, &app.id, context.now()).await?)
}
