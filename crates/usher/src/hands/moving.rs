//! What moving an organizational unit, with everybody in it, would do at the apps.
//!
//! The switches of the unit, and of those below it, go along with it. What becomes another is what the rest of them inherit
//! from above. Everybody whom that concerns is counted; the first of them are decided about, as a run would.

use std::collections::BTreeSet;

use usher_model::access::{Access, Switch};
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::entitlement::standing;
use usher_model::id::{DirectoryId, UserId};
use usher_store::app::App;
use usher_store::{Store, Tx, access, account, directory};
use usher_web::hands::Consequence;

use super::standing::{Changed, apps, paused, setting};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::number_of;

/// How many people of the unit are looked at, for each app.
const LOOKED_AT: usize = 100;
/// How many of them are told of at the most.
const TOLD: usize = 10;

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
        let (id, name) = (app.id.clone(), app.name.clone());
        let setting = match setting(context, tx, app).await {
            Ok(Some(setting)) => setting,
            Ok(None) => return Ok(Vec::new()),
            Err(unknown) => return Ok(vec![unknown]),
        };
        let people = self.people(tx).await?;
        let ids: Vec<UserId> = people.iter().map(|user| user.id.clone()).collect();
        let groups = directory::direct_groups_of(tx, self.of, &ids).await?;
        let records = account::of(tx, &id, &ids).await?;
        let mut told = Vec::new();
        for user in people {
            let direct = groups.get(&user.id).cloned().unwrap_or_default();
            let other = User { org_unit: self.below.clone(), ..user.clone() };
            let changed = Changed {
                before: standing(&user, &direct, &setting.entitling()),
                after: standing(&other, &direct, &setting.entitling()),
                record: records.get(&user.id),
                setting: &setting,
                now: context.now(),
            };
            if let Some((what, is_loss)) = changed.told() {
                let what = format!("{}: {what}", user.primary_email);
                told.push(Consequence { app: name.clone(), what, is_loss });
            }
        }
        told.truncate(TOLD);
        Ok(told)
    }

    /// The first people who are active and move, and inherit.
    async fn people(&self, tx: &mut Tx) -> Result<Vec<User>, Failure> {
        let mut people = Vec::new();
        for spelled in directory::units_of_people(tx, self.of).await? {
            if people.len() >= LOOKED_AT {
                break;
            }
            if self.inherits(&spelled) {
                let page = directory::people_in_unit(tx, self.of, &spelled, None, LOOKED_AT).await?;
                let users = page.into_iter().map(|person| person.user);
                people.extend(users.filter(|user| user.state == UserState::Active));
            }
        }
        people.truncate(LOOKED_AT);
        Ok(people)
    }
}

/// Whether a path is that of a unit, or of one below it.
fn is_within(path: &OrgUnitPath, unit: &OrgUnitPath) -> bool {
    let (path, unit) = (path.folded(), unit.folded());
    let below = path.as_str().strip_prefix(unit.as_str());
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || unit == OrgUnitPath::root())
}
