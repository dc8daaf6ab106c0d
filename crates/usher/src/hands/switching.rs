//! What switching an app off for a unit or a group would do there to the first of those whom it concerns.
//!
//! How many it concerns is for the console to count. Here the first of them are decided about, as a run would.

use std::collections::BTreeSet;

use usher_engine::setting::Setting;
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::entitlement::{Entitling, standing};
use usher_model::id::{GroupId, UserId};
use usher_model::scope::{GroupGraph, Reach, Scope};
use usher_store::app::App;
use usher_store::directory::KeptBy;
use usher_store::{Store, Tx, access, directory};
use usher_web::hands::{AccessOf, Consequence};

use super::first::{self, LOOKED_AT};
use super::standing::setting;
use crate::context::Context;
use crate::failure::Failure;

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
        AccessOf::Unit(..) => {
            let changes = |unit: &OrgUnitPath| setting.access.of_unit(unit) != after.of_unit(unit);
            first::in_units(&mut tx, &app.directory, changes).await?
        }
        AccessOf::NoGroup(group) => in_groups(&mut tx, &setting, &graph, group).await?,
        AccessOf::Group(_) => return Ok(Vec::new()),
    };
    let would_be = Entitling { access: &after, reach: &reach, ..setting.entitling() };
    let stands = |user: &User, direct: &BTreeSet<GroupId>| standing(user, direct, &would_be);
    first::told(&mut tx, &setting, context.now(), people, stands).await
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
