//! For whom an app is on, and the groups that narrow that further (the provisioning scope).
//!
//! # Invariants
//!
//! 1. Each change counts the app's `config_version` up, so that a run under way stops and everybody is planned anew.
//! 2. A chosen group stays chosen until a person takes it out, whatever the directory says of it; the address that it
//!    was chosen by is kept to name it.
//!
//! Not here: what follows for one person (`usher_model::entitlement`), and whether a unit or a group exists.

mod scope;

use usher_model::access::{Access, Switch};
use usher_model::directory::{Group, OrgUnitPath};
use usher_model::id::{AppId, Email, GroupId};

use crate::StoreError;
use crate::changed::changed;
use crate::columns::count;
use crate::sql::{Row, Tx};

pub use scope::{Scoped, add_scope, clear_scope, remove_scope, scope};

/// A group that an app is on for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    pub group: GroupId,
    /// Its address when it was chosen.
    pub email: Email,
    /// How many members it had when that was last accepted; none: not known yet.
    pub accepted_members: Option<u64>,
}

/// Units and groups that say for whom an app is on, as people set them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessList {
    /// Units with a switch of their own, in the order of their folded paths.
    pub units: Vec<(OrgUnitPath, Switch)>,
    /// Groups, by address.
    pub groups: Vec<Granted>,
}

impl AccessList {
    /// Whether the app is on for anybody, whoever is in the directory.
    pub fn is_on_for_somebody(&self) -> bool {
        !self.groups.is_empty() || self.units.iter().any(|(_, switch)| *switch == Switch::On)
    }
}

const UNITS: &str = "\
-- store::access::units
SELECT path, switch FROM app_unit WHERE app = $1 ORDER BY folded";

const GROUPS: &str = "\
-- store::access::groups
SELECT group_id, email, accepted_members FROM app_group WHERE app = $1 ORDER BY email, group_id";

/// What people set, for display and for guards. Units and groups that were chosen by hand are few.
pub async fn access_list(tx: &mut Tx, app: &AppId) -> Result<AccessList, StoreError> {
    let unit =
        |row: &Row| Ok((row.parsed("path", OrgUnitPath::parse)?, row.named("switch", switch_from_name)?));
    let granted = |row: &Row| {
        Ok::<_, StoreError>(Granted {
            group: GroupId::new(row.text("group_id")?),
            email: row.email("email")?,
            accepted_members: row.opt_count("accepted_members")?,
        })
    };
    let units = tx.rows(UNITS, &[app.as_str().into()]).await?;
    let groups = tx.rows(GROUPS, &[app.as_str().into()]).await?;
    Ok(AccessList {
        units: units.iter().map(unit).collect::<Result<_, StoreError>>()?,
        groups: groups.iter().map(granted).collect::<Result<_, StoreError>>()?,
    })
}

/// For whom the app is on, as decisions see it.
pub async fn access(tx: &mut Tx, app: &AppId) -> Result<Access, StoreError> {
    let AccessList { units, groups } = access_list(tx, app).await?;
    Ok(Access::new(units, groups.into_iter().map(|granted| granted.group).collect()))
}

const SET_UNIT: &str = "\
-- store::access::set_unit
INSERT INTO app_unit (app, folded, path, switch) VALUES ($1, $2, $3, $4)
ON CONFLICT (app, folded) DO UPDATE SET path = excluded.path, switch = excluded.switch";

const INHERIT_UNIT: &str = "\
-- store::access::inherit_unit
DELETE FROM app_unit WHERE app = $1 AND folded = $2";

/// Switches the app on or off for a unit; none: the unit inherits.
pub async fn set_unit(
    tx: &mut Tx,
    app: &AppId,
    unit: &OrgUnitPath,
    switch: Option<Switch>,
) -> Result<(), StoreError> {
    changed(tx, app).await?;
    let (id, folded) = (app.as_str().into(), unit.folded().as_str().into());
    match switch {
        Some(switch) => {
            let values = [id, folded, unit.as_str().into(), switch_name(switch).into()];
            tx.execute_one(SET_UNIT, &values).await
        }
        None => tx.execute(INHERIT_UNIT, &[id, folded]).await.map(drop),
    }
}

const ADD_GROUP: &str = "\
-- store::access::add_group
INSERT INTO app_group (app, group_id, email) VALUES ($1, $2, $3)
ON CONFLICT (app, group_id) DO UPDATE SET email = excluded.email";

/// Switches the app on for a group.
pub async fn add_group(tx: &mut Tx, app: &AppId, group: &Group) -> Result<(), StoreError> {
    changed(tx, app).await?;
    let values = [app.as_str().into(), group.id.as_str().into(), group.email.as_str().into()];
    tx.execute_one(ADD_GROUP, &values).await
}

const REMOVE_GROUP: &str = "\
-- store::access::remove_group
DELETE FROM app_group WHERE app = $1 AND group_id = $2";

/// Ends the access through a group, which need not exist any more. Says whether there was any.
pub async fn remove_group(tx: &mut Tx, app: &AppId, group: &GroupId) -> Result<bool, StoreError> {
    changed(tx, app).await?;
    Ok(tx.execute(REMOVE_GROUP, &[app.as_str().into(), group.as_str().into()]).await? > 0)
}

const ACCEPT_IN_GROUPS: &str = "\
-- store::access::accept_in_groups
UPDATE app_group SET accepted_members = $3 WHERE app = $1 AND group_id = $2";

const ACCEPT_IN_SCOPE: &str = "\
-- store::access::accept_in_scope
UPDATE app_scope SET accepted_members = $3 WHERE app = $1 AND group_id = $2";

/// Makes this number of members the measure against which a chosen group counts as emptied, wherever it was chosen.
/// That is no change of the configuration.
pub async fn accept_members(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    members: u64,
) -> Result<(), StoreError> {
    let values = [app.as_str().into(), group.as_str().into(), count(members)];
    tx.execute(ACCEPT_IN_GROUPS, &values).await?;
    tx.execute(ACCEPT_IN_SCOPE, &values).await.map(drop)
}

fn switch_name(switch: Switch) -> &'static str {
    match switch {
        Switch::On => "on",
        Switch::Off => "off",
    }
}

fn switch_from_name(name: &str) -> Option<Switch> {
    [Switch::On, Switch::Off].into_iter().find(|switch| switch_name(*switch) == name)
}
