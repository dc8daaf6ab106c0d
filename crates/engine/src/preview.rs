//! What a run would do now, without doing it.
//!
//! The same pass and the same guards as a run's, over rows that nobody carries out. Nothing of anybody is recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use usher_model::group::operation::GroupKind;
use usher_model::id::{AppId, RunId, UserId};
use usher_model::operation::Kind;
use usher_model::time::Timestamp;
use usher_store::group::plan as group_rows;
use usher_store::plan::{self as plans, PlanState};
use usher_store::{Store, StoreError, Tx, app};

use crate::begin::{client, people};
use crate::clock::{Clock, new_run_id};
use crate::environment::Environment;
use crate::groups::{self, GroupFindings};
use crate::guard::{self, Guarded, Guarding};
use crate::listing;
use crate::plan::{self, Pass, Planned};
use crate::releasing::Releasing;
use crate::report::{Memberships, PreviewReport, RunError, RunRequest};
use crate::setting::Setting;
use crate::work::Work;

/// Says what a run would do now, and does nothing.
///
/// An app that was never listed is listed first, where it can be: only then is it known who would be
/// adopted rather than created.
pub async fn preview(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<PreviewReport, RunError> {
    let started_at = clock.now();
    let (setting, users) = read_only(store, clock, environment, name, request).await?;
    let run = new_run_id(clock.as_ref());
    let planned = plan(store, clock.as_ref(), &setting, &run, users.as_ref(), request.insist).await?;
    report(store, setting, run, started_at, clock.as_ref(), planned).await
}

/// Says what a run would do with a setting that is not stored, and does nothing: what an edit would cause. `setting` was read
/// in the transaction that made the edit and took it back.
pub async fn preview_of(
    store: &Store,
    clock: &Arc<dyn Clock>,
    setting: Setting,
) -> Result<PreviewReport, RunError> {
    let started_at = clock.now();
    let run = new_run_id(clock.as_ref());
    let planned = plan(store, clock.as_ref(), &setting, &run, None, false).await?;
    report(store, setting, run, started_at, clock.as_ref(), planned).await
}

/// What planning came to, of people and of groups.
pub(crate) struct Previewed {
    planned: Planned,
    guarded: Guarded,
    groups: GroupFindings,
}

/// Plans for these people, or for everybody, and leaves nothing behind but rows that nobody carries out.
pub(crate) async fn plan(
    store: &Store,
    clock: &dyn Clock,
    setting: &Setting,
    run: &RunId,
    users: Option<&BTreeSet<UserId>>,
    insist: bool,
) -> Result<Previewed, StoreError> {
    let app = &setting.app.id;
    let mut tx = store.begin("engine::preview").await?;
    plans::start(&mut tx, app, run).await?;
    tx.commit().await?;
    let (now, listed_at) = (clock.now(), listing::listed_at(store, app).await?);
    let pass = Pass { users, run, lease: None, insist, listed_at, first_seq: 0, now };
    let planned = plan::pass(store, setting, &pass).await?;
    let (is_whole, next_seq) = (users.is_none(), planned.next_seq);
    let guarding = Guarding { run, lease: None, releasing: &Releasing::default(), is_whole, next_seq, now };
    let guarded = guard::guard(store, setting, clock, &guarding).await?;
    let user = users.and_then(|users| users.first());
    let groups = groups::preview::preview(store, clock, setting, run, user, insist, &guarded).await?;
    Ok(Previewed { planned, guarded, groups })
}

/// The setting for a preview; an app that was never listed is listed, where it is authorized.
async fn read_only(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<(Setting, Option<BTreeSet<UserId>>), RunError> {
    let mut tx = store.read("engine::read_only").await?;
    let found = app::by_name(&mut tx, name).await?.ok_or_else(|| RunError::NoSuchApp(name.to_owned()))?;
    let users = people(&mut tx, &found.directory, request).await?;
    let setting = Setting::load(&mut tx, found, environment.look_again_after).await?;
    let can_list = setting.app.has_token && setting.app.refused_at.is_none();
    let with_groups = setting.settings.groups.selection.is_on() && setting.app.groups_listed_at.is_none();
    drop(tx);
    if !can_list || setting.app.listed_at.is_some() && !with_groups {
        return Ok((setting, users));
    }
    let mut tx = store.begin("engine::read_only").await?;
    let lease = app::begin_run(&mut tx, &setting.app.id, new_run_id(clock.as_ref())).await?;
    tx.commit().await?;
    let client = client(store, clock, environment, &setting, &lease).await?;
    let work = Work::new(store, clock, environment.cycle, client, &lease, &setting);
    if setting.app.listed_at.is_none()
        && let Err(error) = listing::list(&work).await
    {
        tracing::warn!(app.id = %lease.app, error = %error, "the app could not be listed: the preview cannot tell whom it would adopt");
    }
    if with_groups {
        match groups::list(&work).await {
            Ok(_) => drop(groups::acquaint::before_preview(&work).await?),
            Err(error) => {
                tracing::warn!(app.id = %lease.app, error = %error, "the app's groups could not be listed: the preview cannot tell which it would adopt");
            }
        }
    }
    Ok((setting, users))
}

/// What a preview came to.
async fn report(
    store: &Store,
    setting: Setting,
    run: RunId,
    started_at: Timestamp,
    clock: &dyn Clock,
    Previewed { planned, guarded, groups }: Previewed,
) -> Result<PreviewReport, RunError> {
    let mut tx = store.read("engine::preview").await?;
    let counts = plans::counts(&mut tx, &setting.app.id, &run).await?;
    let mut operations: BTreeMap<Kind, u64> = BTreeMap::new();
    for ((kind, state), n) in counts {
        if state == PlanState::Planned {
            *operations.entry(kind).or_default() += n;
        }
    }
    let (mut group_operations, mut members) = (BTreeMap::new(), Memberships::default());
    for ((kind, state), (n, n_members)) in group_rows::counts(&mut tx, &setting.app.id, &run).await? {
        if state != PlanState::Planned {
            continue;
        }
        *group_operations.entry(kind).or_default() += n;
        match kind {
            GroupKind::GroupCreate | GroupKind::MembersAdd => members.added += n_members,
            GroupKind::GroupAdopt
            | GroupKind::GroupUpdate
            | GroupKind::MembersRemove
            | GroupKind::GroupDelete => {}
        }
    }
    members.removed = n_removed(&mut tx, &setting.app.id, &run).await?;
    let blocked = guarded.blocked.iter().map(|(_, email, failure)| (email.clone(), failure.to_string()));
    let failures: Vec<_> = planned
        .failures
        .iter()
        .map(|(email, failure)| (email.clone(), failure.to_string()))
        .chain(blocked)
        .chain(groups.planned.failures.iter().map(|(email, failure)| (email.clone(), failure.to_string())))
        .collect();
    Ok(PreviewReport {
        n_decided: planned.n_decided,
        n_group_failures: groups.planned.failures.len() as u64,
        n_failures: planned.n_failures + guarded.blocked.len() as u64 + groups.planned.failures.len() as u64,
        app: setting.app,
        run,
        operations,
        group_operations,
        members,
        failures,
        n_leaving: planned.n_leaving,
        leaving: planned.leaving,
        skipped: planned.skipped.into_iter().chain(groups.planned.skipped).collect(),
        held: groups::all_held(guarded.held, groups.held),
        seconds: clock.now().since(started_at).as_secs_f64(),
    })
}

/// How many groups are counted at once.
const GROUPS_AT_ONCE: usize = 500;

/// How many memberships would end: of a group that would be deleted, all of them.
async fn n_removed(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<u64, StoreError> {
    let (mut n_removed, mut after) = (0, None);
    loop {
        let page = group_rows::removals(tx, app, run, after.as_ref(), GROUPS_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(n_removed) };
        after = Some(last.group.clone());
        n_removed += page.iter().map(|removal| removal.n_members).sum::<u64>();
    }
}
