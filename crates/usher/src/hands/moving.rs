//! What moving an organizational unit, with everybody in it, would do at the apps.
//!
//! The switches of the unit, and of those below it, go along with it. What becomes another is what the rest of them inherit
//! from above. Everybody whom that concerns is counted; the first of them are decided about, as a run would.

use std::collections::BTreeSet;

use usher_model::access::{Access, Switch};
use usher_model::directory::{OrgUnitPath, User};
use usher_model::entitlement::standing;
use usher_model::id::{DirectoryId, GroupId};
use usher_store::app::App;
use usher_store::{Store, Tx, access, directory};
use usher_web::hands::Consequence;

use super::first;
use super::standing::{apps, paused, setting};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::number_of;

/// What moving `unit` to the path `to` would do. Nothing is said of an app whose access stays as it is.
pub(super) async fn consequences(
    context: &Context,
    store: &Store,
    of: &DirectoryId,
    unit: &OrgUnitPath,
    to: &OrgUnitPath,
) -> Result<Vec<Consequence>, Failure> {
    let mut tx = store.read("usher::console_moving").await?;
    let counts = directory::people_by_unit(&mut tx, of).await?;
    let mut all = Vec::new();
    for app in apps(&mut tx, of).await? {
        let switches = access::access_list(&mut tx, &app.id).await?.units;
        let access = Access::new(switches.iter().cloned(), BTreeSet::new());
        let moved =
            Moved { of, unit, below: above(to), switched: switches.into_iter().map(|(at, _)| at).collect() };
        let n = counts.iter().filter(|(at, _)| moved.inherits(at)).map(|(_, n)| n).sum();
        let becomes = access.of_unit(&moved.below);
        if n > 0 && access.of_unit(&above(unit)) != becomes {
            all.push(Consequence {
                what: format!("{}{}", begins_or_ends(&app.name, becomes, n), paused(app.is_enabled)),
                app: app.name.clone(),
                is_loss: becomes == Switch::Off,
            });
            all.extend(moved.first(context, &mut tx, app).await?);
        }
    }
    Ok(all)
}

fn above(path: &OrgUnitPath) -> OrgUnitPath {
    path.parent().unwrap_or_else(OrgUnitPath::root)
}

fn begins_or_ends(app: &str, becomes: Switch, n: u64) -> String {
    let people = number_of(n, "person", "people");
    match becomes {
        Switch::On => format!("{app} is on where the unit goes: access begins for {people}."),
        Switch::Off => {
            format!(
                "{app} is off where the unit goes: access ends for {people}, unless a group gives it to them."
            )
        }
    }
}

/// A unit that would be moved, as one app sees it.
struct Moved<'a> {
    of: &'a DirectoryId,
    unit: &'a OrgUnitPath,
    /// The unit that it would be in.
    below: OrgUnitPath,
    /// The units that have a switch of their own.
    switched: Vec<OrgUnitPath>,
}

impl Moved<'_> {
    /// Whether a unit is moved, and inherits from above the one that moves.
    fn inherits(&self, at: &OrgUnitPath) -> bool {
        let decides = |switched: &OrgUnitPath| is_within(switched, self.unit) && is_within(at, switched);
        is_within(at, self.unit) && !self.switched.iter().any(decides)
    }

    /// What becomes of the first people whose account changes by it.
    async fn first(&self, context: &Context, tx: &mut Tx, app: App) -> Result<Vec<Consequence>, Failure> {
        let setting = match setting(context, tx, app).await {
            Ok(Some(setting)) => setting,
            Ok(None) => return Ok(Vec::new()),
            Err(unknown) => return Ok(vec![unknown]),
        };
        let people = first::in_units(tx, self.of, |unit| self.inherits(unit)).await?;
        let after = |user: &User, direct: &BTreeSet<GroupId>| {
            let moved = User { org_unit: self.below.clone(), ..user.clone() };
            standing(&moved, direct, &setting.entitling())
        };
        first::told(tx, &setting, context.now(), people, after).await
    }
}

/// Whether a path is that of a unit, or of one below it.
fn is_within(path: &OrgUnitPath, unit: &OrgUnitPath) -> bool {
    let (path, unit) = (path.folded(), unit.folded());
    let below = path.as_str().strip_prefix(unit.as_str());
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || unit == OrgUnitPath::root())
}
