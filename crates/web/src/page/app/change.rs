//! Commits an edit: if the app is still what it was when the form was made, with its line in the audit log.
//!
//! # Invariants
//!
//! 1. Of two admins who edit at once, the second is told; nothing of the first is overwritten.
//! 2. Edit and line stand together or not at all.

use serde_json::{Value, json};
use usher_model::id::AppId;
use usher_store::app::{self, App};
use usher_store::{Tx, access, account};

use super::by;
use crate::console::Console;
use crate::failure::Failure;
use crate::hands::{Edit, Refused};
use crate::notebook::{Deed, note};
use crate::session::Signed;

/// What became of an edit.
#[derive(Debug)]
pub(crate) enum Committed {
    /// It is made.
    Done,
    /// Somebody else changed the app meanwhile: nothing was made.
    Stale,
    /// It is not possible, and why.
    Refused(String),
}

/// What is said to the second of two.
pub(crate) const STALE: &str = "Somebody else changed this app while you had the page open. Nothing of yours was saved, and \
                                nothing of theirs was overwritten: this is what is set now.";

/// Makes an edit. `version`: what the app's configuration was when the form was made, where that matters.
pub(crate) async fn commit(
    console: &Console,
    signed: &Signed,
    id: &AppId,
    version: Option<i64>,
    edit: &Edit,
) -> Result<Committed, Failure> {
    let mut tx = console.store().begin("web::edit").await?;
    let made = make(&mut tx, console, signed, id, version, edit).await;
    match made {
        Ok(Committed::Done) => {
            tx.commit().await?;
            Ok(Committed::Done)
        }
        other => {
            // What is in the way is worth more than that undoing failed as well.
            tx.rollback().await.ok();
            other
        }
    }
}

async fn make(
    tx: &mut Tx,
    console: &Console,
    signed: &Signed,
    id: &AppId,
    version: Option<i64>,
    edit: &Edit,
) -> Result<Committed, Failure> {
    let app = app::by_id(tx, id).await?.ok_or(Failure::NotFound)?;
    if version.is_some_and(|version| version != app.config_version) {
        return Ok(Committed::Stale);
    }
    let before = part(tx, &app, edit).await?;
    match console.hands().edit(tx, &app, edit).await {
        Ok(()) => {}
        Err(Refused::Because(why)) => return Ok(Committed::Refused(crate::frame::sentence(&why))),
        Err(Refused::Store(error)) => return Err(error.into()),
    }
    let after = match app::by_id(tx, id).await? {
        Some(after) => Some(part(tx, &after, edit).await?),
        None => None,
    };
    let deed = Deed { kind: kind(edit), subject: &app.name, before: Some(before), after };
    note(tx, console, by(signed), deed).await?;
    Ok(Committed::Done)
}

fn kind(edit: &Edit) -> &'static str {
    match edit {
        Edit::Access(_) => "app_access",
        Edit::Scope(_) => "app_scope",
        Edit::Mapping(_) => "app_mapping",
        Edit::Deprovisioning { .. } => "app_deprovisioning",
        Edit::Domains(_) => "app_domains",
        Edit::Groups(_) => "app_groups",
        Edit::Drift(_) => "app_drift",
        Edit::TurnOn => "app_turn_on",
        Edit::TurnOff => "app_turn_off",
        Edit::Unconfigure => "app_delete_configuration",
        Edit::Remove => "app_remove",
        Edit::Pin { pin: Some(_), .. } => "account_pin",
        Edit::Pin { pin: None, .. } => "account_unpin",
        Edit::Choose { .. } => "account_choose",
        Edit::SuspendNow { .. } => "account_suspend_now",
    }
}

/// What an edit is about, as it is now.
async fn part(tx: &mut Tx, app: &App, edit: &Edit) -> Result<Value, Failure> {
    let settings = app.settings.clone().unwrap_or_default();
    Ok(match edit {
        Edit::Access(_) => {
            let access = access::access_list(tx, &app.id).await?;
            let units =
                access.units.iter().map(|(unit, switch)| json!({"unit": unit.as_str(), "switch": switch}));
            let groups = access.groups.iter().map(|granted| granted.email.as_str());
            json!({"units": units.collect::<Vec<_>>(), "groups": groups.collect::<Vec<_>>()})
        }
        Edit::Scope(_) => {
            let scope = access::scope(tx, &app.id).await?;
            let groups = scope.iter().map(|scoped| json!({"group": scoped.email, "depth": scoped.depth}));
            groups.collect()
        }
        Edit::Mapping(_) => json!(app.mapping),
        Edit::Deprovisioning { .. } => {
            json!({"triggers": settings.deprovisioning, "hard_delete": settings.hard_delete})
        }
        Edit::Domains(_) => json!(settings.domains),
        Edit::Groups(_) => json!(settings.groups),
        Edit::Drift(_) => json!(settings.drift),
        Edit::TurnOn | Edit::TurnOff => json!({"on": app.is_enabled}),
        Edit::Unconfigure => json!({"configured": app.settings.is_some(), "endpoint": app.endpoint}),
        Edit::Remove => json!({"template": app.template}),
        Edit::Pin { user, .. } | Edit::Choose { user, .. } => {
            let record = account::of(tx, &app.id, std::slice::from_ref(user)).await?.remove(user);
            let (pin, choice) = record.map_or((None, None), |record| (record.pin, record.choice));
            json!({"user": user, "pin": pin, "choice": choice})
        }
        Edit::SuspendNow { user } => {
            let record = account::of(tx, &app.id, std::slice::from_ref(user)).await?.remove(user);
            json!({"user": user, "brought_forward": record.and_then(|record| record.brought_forward)})
        }
    })
}
