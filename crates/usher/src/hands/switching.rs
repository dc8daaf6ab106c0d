//! What switching an app off for a unit or a group would do there to the first of those whom it concerns.
//!
//! How many it concerns is for the console to count. Here the first of them are decided about, as a run would.

use std::collections::BTreeSet;

use usher_engine::setting::Setting;
use usher_model::access::Access;
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::entitlement::{Entitling, standing};
use usher_model::id::{GroupId, UserId};
use usher_model::scope::{GroupGraph, Reach, Scope};
use usher_store::app::App;
use usher_store::directory::KeptBy;
use usher_store::{Store, Tx, access, account, directory};
use usher_web::hands::{AccessOf, Consequence};

use super::standing::{Changed, setting};
use crate::context::Context;
use crate::failure::Failure;

/// How many people of a unit, or of a group, are looked at.
const LOOKED_AT: usize = 100;
/// How many of them are told of at the most.
const TOLD: usize = 10;

/// What becomes of the first people whose account changes by it.
pub(super) async fn consequences(
    context: &Context,
    store: &Store,
    app: &App,
    of: &AccessOf,
) -> Result<Vec<Consequence>, Failure> {
    let mut tx = store.read("usher::console_switching").await?;
    let setting = match setting(context, &mut tx, app.clone()).await {
        Ok(Some(setting)) => setting,
        Ok(None) => return Ok(Vec::new()),
        Err(unknown) => return Ok(vec![unknown]),
    };
    let after = of.switched(&access::access_list(&mut tx, &app.id).await?);
    let graph = directory::group_graph(&mut tx, &app.directory).await?;
    let scoped = access::scope(&mut tx, &app.id).await?;
    let scope = Scope { groups: scoped.into_iter().map(|scoped| (scoped.group, scoped.depth)).collect() };
    let reach = Reach::new(&after, &scope, &graph);
    let people = match of {
        AccessOf::Unit(..) => in_units(&mut tx, &setting, &after).await?,
        AccessOf::NoGroup(group) => in_groups(&mut tx, &setting, &graph, group).await?,
        AccessOf::Group(_) => return Ok(Vec::new()),
    };
    let ids: Vec<UserId> = people.iter().map(|user| user.id.clone()).collect();
    let groups = directory::direct_groups_of(&mut tx, &app.directory, &ids).await?;
    let records = account::of(&mut tx, &app.id, &ids).await?;
    let would_be = Entitling { access: &after, reach: &reach, ..setting.entitling() };
    let mut told = Vec::new();
    for user in people {
        let direct = groups.get(&user.id).cloned().unwrap_or_default();
        let changed = Changed {
            before: standing(&user, &direct, &setting.entitling()),
            after: standing(&user, &direct, &would_be),
            record: records.get(&user.id),
            setting: &setting,
            now: context.now(),
        };
        if let Some((what, is_loss)) = changed.told() {
            let what = format!("{}: {what}", user.primary_email);
            told.push(Consequence { app: app.name.clone(), what, is_loss });
        }
    }
    told.truncate(TOLD);
    Ok(told)
}

/// The first active people in units that the app would not be on for as it is now.
async fn in_units(tx: &mut Tx, setting: &Setting, after: &Access) -> Result<Vec<User>, Failure> {
    let (of, before) = (&setting.app.directory, &setting.access);
    let changes = |unit: &OrgUnitPath| before.of_unit(unit) != after.of_unit(unit);
    let mut people = Vec::new();
    for spelled in directory::units_of_people(tx, of).await? {
        if people.len() >= LOOKED_AT {
            break;
        }
        if changes(&spelled) {
            let page = directory::people_in_unit(tx, of, &spelled, None, LOOKED_AT).await?;
            let users = page.into_iter().map(|person| person.user);
            people.extend(users.filter(|user| user.state == UserState::Active));
        }
    }
    people.truncate(LOOKED_AT);
    Ok(people)
}

/// The first active people in a group, and in those that are in it.
async fn in_groups(
    tx: &mut Tx,
    setting: &Setting,
    graph: &GroupGraph,
    group: &GroupId,
) -> Result<Vec<User>, Failure> {
    let of = &setting.app.directory;
    let mut ids = BTreeSet::new();
    for below in graph.below(group) {
        if ids.len() >= LOOKED_AT {
            break;
        }
        let members = directory::members(tx, of, &below, KeptBy::Id, None, LOOKED_AT).await?;
        let users = members.into_iter().filter(|known| known.state == Some(UserState::Active));
        ids.extend(users.map(|known| UserId::new(known.member.key)));
    }
    let ids: BTreeSet<UserId> = ids.into_iter().take(LOOKED_AT).collect();
    Ok(directory::people(tx, of, &ids).await?.into_values().map(|person| person.user).collect())
}
