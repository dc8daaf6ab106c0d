//! Holds what a plan may not do to groups unasked: too many members leaving one of them or all of them together, too many
//! of them deleted.
//!
//! A group that is deleted loses all of its members, so that it is held as well. What trips is
//! [`usher_model::guard`]'s; this counts, asks it, and marks the plan's rows. A hold of a group is known by the group, and
//! remembers whom it told of ([`told`]): whoever releases it lets go nobody else. What somebody discarded is known by the
//! group alone: as long as plans want anybody to leave it, all of that is held.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::guard::Tripped;
use usher_model::id::{AppId, GroupId, HoldId};
use usher_model::scope::GroupGraph;
use usher_store::group;
use usher_store::group::plan::{self as rows, Removal};
use usher_store::{Store, StoreError, Tx, directory, hold};

use self::alone::Alone;
use self::many::{Judge, Many};
use super::pass::GroupPass;
use crate::clock::{Clock, new_hold_id};
use crate::guard::Held;
use crate::releasing::Releasing;
use crate::setting::{self, Setting};

mod alone;
mod many;
mod told;

/// How many groups are counted at once.
const PAGE: usize = 200;

/// How a plan of groups is guarded.
#[derive(Debug)]
pub(super) struct GroupGuarding<'a> {
    /// Holds that a person releases with this run.
    pub(super) releasing: &'a Releasing,
    /// What people released with this run, by key.
    pub(super) released: &'a BTreeSet<String>,
    /// The groups whose members a person let go with an earlier round of this run, and the hold that told of them.
    pub(super) let_go: &'a BTreeMap<GroupId, HoldId>,
    /// The directory shrank by too much: every removal waits.
    pub(super) shrunk: Option<&'a Tripped>,
    /// How many operations on people's accounts wait for that already.
    pub(super) n_shrunk: u64,
    /// A person has answered for that with this run.
    pub(super) is_shrink_released: bool,
    /// Whether the plan is about all groups, so that a hold nothing is wanted of any more may close.
    pub(super) is_whole: bool,
}

/// What guards made of a plan of groups.
#[derive(Debug, Default)]
pub(super) struct Guarded {
    /// What waits for a person.
    pub(super) held: Vec<Held>,
    /// The groups whose members a person let go, and the hold that told of them.
    pub(super) let_go: BTreeMap<GroupId, HoldId>,
    /// Holds that a person released and that stay open, because others are to leave by now than they told of.
    pub(super) outdated: Vec<Tripped>,
}

/// Holds what is too much, and says what.
pub(super) async fn guard(
    store: &Store,
    setting: &Setting,
    clock: &dyn Clock,
    pass: &GroupPass<'_>,
    guarding: &GroupGuarding<'_>,
) -> Result<Guarded, StoreError> {
    let app = &setting.app.id;
    let mut held: Vec<Held> = Vec::new();
    let (mut let_go, mut outdated) = (BTreeMap::new(), Vec::new());
    // By the hold's key, because one hold waits for many groups.
    let mut held_for_directory: BTreeMap<String, Held> = BTreeMap::new();
    let mut after: Option<GroupId> = None;
    let mut tx = store.begin("engine::groups::guard").await?;
    if pass.lease.is_some() && guarding.is_whole {
        hold::forget_told_of_decided(&mut tx, app).await?;
    }
    let open = hold::open(&mut tx, app).await?;
    let emptied = setting::emptied_by_now(&mut tx, &setting.app).await?;
    let graph = directory::group_graph(&mut tx, &setting.app.directory).await?;
    let discarded = hold::discarded_of_groups(&mut tx, app).await?;
    let mut keep: BTreeSet<HoldId> = BTreeSet::new();
    let mut wanted_of: BTreeSet<String> = BTreeSet::new();
    let judge = Judge { setting, clock, pass, guarding, open: &open, discarded: &discarded };
    let deletes = judge.deletes(&mut tx).await?;
    let memberships = judge.memberships(&mut tx).await?;
    for (many, key) in
        [(&deletes, Tripped::KEY_OF_DELETED_GROUPS), (&memberships, Tripped::KEY_OF_MEMBERSHIPS)]
    {
        if let Many::Held(waiting) = many {
            keep.insert(waiting.id.clone());
            held.push(waiting.clone());
            outdated.extend(guarding.releasing.holds.contains(&waiting.id).then(|| waiting.tripped.clone()));
        }
        if !matches!(many, Many::None) {
            wanted_of.insert(key.to_owned());
        }
    }
    loop {
        let page = rows::removals(&mut tx, app, pass.run, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.group.clone());
        for removal in page {
            let Removal { group, is_delete, n_members: wanted, .. } = removal.clone();
            let key = Tripped::key_of_group(&group);
            let is_discarded = judge.is_discarded(&key);
            wanted_of.insert(key);
            let of_directory = guarding.shrunk.or_else(|| emptied_below(&emptied, &graph, &group));
            if let Some(tripped) = of_directory {
                let is_released = guarding.released.contains(&tripped.key())
                    || guarding.is_shrink_released && guarding.shrunk.is_some();
                if is_released {
                    rows::release(&mut tx, app, pass.run, &group).await?;
                } else {
                    let held = &mut held_for_directory;
                    hold_for_directory(&mut tx, setting, clock, pass, (&group, wanted), tripped, held)
                        .await?;
                }
                continue;
            }
            let with_many = released_with_many(is_delete, &deletes, &memberships).filter(|_| !is_discarded);
            let of_earlier = judge.let_go_before(&mut tx, &group).await?;
            if let Some(hold) = of_earlier.or(with_many) {
                rows::release(&mut tx, app, pass.run, &group).await?;
                let_go.insert(group, hold.clone());
                continue;
            }
            let of_many = match (is_delete, &deletes, &memberships) {
                (true, Many::Held(waiting), _) | (_, _, Many::Held(waiting)) => Some(waiting),
                (true | false, ..) => None,
            };
            if let Some(waiting) = of_many {
                rows::hold(&mut tx, app, pass.run, &group, &waiting.id).await?;
                continue;
            }
            match judge.alone(&mut tx, &removal).await? {
                Alone::Unasked => {}
                Alone::LetGo(told_by) => drop(let_go.insert(removal.group, told_by)),
                Alone::Held { held: waiting, is_outdated } => {
                    keep.insert(waiting.id.clone());
                    outdated.extend(is_outdated.then(|| waiting.tripped.clone()));
                    held.push(waiting);
                }
            }
        }
    }
    if pass.lease.is_some() && guarding.is_whole {
        close_over(&mut tx, pass, app, (&open, &keep), (&discarded, &wanted_of)).await?;
    }
    let of_shrink =
        held_for_directory.values().find(|held| matches!(held.tripped, Tripped::DirectoryShrank(_)));
    if let Some(held) = of_shrink.filter(|_| pass.lease.is_some()) {
        let n_operations = guarding.n_shrunk + held.n_operations;
        hold::set_n_operations(&mut tx, &held.id, n_operations).await?;
    }
    tx.commit().await?;
    held.extend(held_for_directory.into_values());
    Ok(Guarded { held, let_go, outdated })
}

/// Closes the holds of groups of which nothing is wanted any more, and forgets what was discarded of them.
async fn close_over(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    app: &AppId,
    (open, keep): (&[hold::Hold], &BTreeSet<HoldId>),
    (discarded, wanted): (&[hold::Hold], &BTreeSet<String>),
) -> Result<(), StoreError> {
    let over = open.iter().filter(|hold| hold.tripped.is_of_groups() && !keep.contains(&hold.id));
    let over: Vec<_> = over.map(|hold| hold.id.clone()).collect();
    hold::close(tx, app, &over, pass.now).await?;
    let unwanted = discarded.iter().filter(|hold| !wanted.contains(&hold.key));
    forget(tx, pass, app, &unwanted.collect::<Vec<_>>()).await
}

/// The hold of many with which a person has let go what is wanted of a group. A delete is let go with the deletes alone
/// while these wait; and with these whatever else waits, because they told of it.
fn released_with_many<'a>(is_delete: bool, deletes: &'a Many, memberships: &'a Many) -> Option<&'a HoldId> {
    match (is_delete, deletes, memberships) {
        (true, Many::Released(hold), _) => Some(hold),
        (true, Many::Held(_), _) => None,
        (true | false, _, Many::Released(hold)) => Some(hold),
        (true | false, ..) => None,
    }
}

/// Forgets what was discarded of groups that nobody is to leave any more. Of a group that is not decided about now, nobody
/// knows that.
async fn forget(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    app: &AppId,
    unwanted: &[&hold::Hold],
) -> Result<(), StoreError> {
    let (of_group, of_many): (Vec<&hold::Hold>, Vec<&hold::Hold>) =
        unwanted.iter().partition(|hold| hold.tripped.group().is_some());
    let groups: Vec<_> = of_group.iter().filter_map(|hold| hold.tripped.group().cloned()).collect();
    let records = group::of(tx, app, &groups).await?;
    let is_decided = |group: &GroupId| {
        records.get(group).is_none_or(|record| {
            let is_unsure = record.intent.is_some() || record.is_unread;
            !is_unsure && !record.pin.as_ref().is_some_and(|pin| pin.holds(pass.now))
        })
    };
    let keys = groups.iter().filter(|group| is_decided(group)).map(Tripped::key_of_group);
    let keys: Vec<_> = keys.chain(of_many.iter().map(|hold| hold.key.clone())).collect();
    hold::forget_discarded_of_groups(tx, app, &keys).await
}

/// The scope group that lost all its members, if it is this group or within it.
fn emptied_below<'a>(emptied: &'a [Tripped], graph: &GroupGraph, group: &GroupId) -> Option<&'a Tripped> {
    if emptied.is_empty() {
        return None;
    }
    let below = graph.below(group);
    emptied
        .iter()
        .find(|tripped| matches!(tripped, Tripped::GroupEmptied { group, .. } if below.contains(group)))
}

/// Holds a group's removals for the sake of a directory that shrank or a scope group that was emptied, under the hold of that.
async fn hold_for_directory(
    tx: &mut Tx,
    setting: &Setting,
    clock: &dyn Clock,
    pass: &GroupPass<'_>,
    (group, wanted): (&GroupId, u64),
    tripped: &Tripped,
    held: &mut BTreeMap<String, Held>,
) -> Result<(), StoreError> {
    let key = tripped.key();
    if !held.contains_key(&key) {
        let mut id = new_hold_id(clock);
        if pass.lease.is_some() {
            id = hold::upsert_open(tx, &setting.app.id, &key, tripped, id, pass.now).await?;
        }
        held.insert(key.clone(), Held { id, tripped: tripped.clone(), n_operations: 0 });
    }
    let Some(held) = held.get_mut(&key) else { return Ok(()) };
    held.n_operations += wanted;
    rows::hold(tx, &setting.app.id, pass.run, group, &held.id).await.map(drop)
}

/// The open hold of a group, in a run; a preview opens none.
async fn held_as(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    setting: &Setting,
    tripped: &Tripped,
    n_members: u64,
    id: HoldId,
) -> Result<HoldId, StoreError> {
    if pass.lease.is_none() {
        return Ok(id);
    }
    let id = hold::upsert_open(tx, &setting.app.id, &tripped.key(), tripped, id, pass.now).await?;
    hold::set_n_operations(tx, &id, n_members).await?;
    Ok(id)
}
