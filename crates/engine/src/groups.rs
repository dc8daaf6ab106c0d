//! Groups at an app, in a run: after its people, because an account exists before it is a member.
//!
//! The same steps as for people, in their order: look at what was lost, read, plan, guard, execute; then once more for the
//! groups that turned out to be otherwise than was thought. Whoever reads this file has read what a run does with groups.
//!
//! Not here: what is decided ([`usher_model::group`]), how members are counted and paged (`usher_store::group`).

use std::collections::{BTreeMap, BTreeSet};

use usher_model::guard::Tripped;
use usher_model::id::{GroupId, HoldId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_protocol::failure::FailureClass;
use usher_store::group::member;
use usher_store::group::plan as rows;
use usher_store::plan::PlanState;
use usher_store::{StoreError, hold};

use self::acquaint::acquaint;
use self::audit::AuditedGroups;
use self::guard::GroupGuarding;
use self::pass::GroupPass;
use self::plan::PlannedGroups;
use self::read::{Ways, listed_at};
use self::roster::Roster;
use crate::approval::{self, Approval};
use crate::calls::CallError;
use crate::guard::{Guarded, Held};
use crate::record::Recorder;
use crate::releasing::Releasing;
use crate::stop::Stop;
use crate::work::Work;

pub(crate) use self::protected::Protected;

pub(crate) mod acquaint;
pub mod audit;
pub(crate) mod done;
pub(crate) mod execute;
pub mod explain;
mod guard;
mod learn;
mod look;
pub mod pass;
pub mod plan;
pub(crate) mod preview;
mod protected;
mod read;
pub mod roster;
mod wire;

/// How often a run comes back to groups that are otherwise than was thought: twice for two that swap their names.
const ROUNDS: usize = 4;

/// What is asked of a run about groups.
#[derive(Debug)]
pub(crate) struct GroupRequest<'a> {
    /// This person's memberships alone.
    pub(crate) user: Option<&'a UserId>,
    /// Failures' pauses are not waited out.
    pub(crate) insist: bool,
    /// Every group is read first.
    pub(crate) audit: bool,
    /// Holds that a person releases with this run.
    pub(crate) releasing: &'a Releasing,
    /// What guards said of people: a directory that shrank holds the members of groups as well.
    pub(crate) guarded: &'a Guarded,
    /// Nothing is done but what this plan says.
    pub(crate) approved: Option<&'a Approval>,
}

/// What a run came to about groups, besides what was recorded.
#[derive(Debug, Default)]
pub(crate) struct GroupFindings {
    /// What planning came to, over all rounds.
    pub(crate) planned: PlannedGroups,
    /// What waits for a person.
    pub(crate) held: Vec<Held>,
    /// What an audit found, if it was one.
    pub(crate) audited: Option<AuditedGroups>,
    /// What else an admin should know.
    pub(crate) warnings: Vec<String>,
    /// The groups whose members a person let go with this run, and the hold that told of them.
    let_go: BTreeMap<GroupId, HoldId>,
}

/// Does with the groups of an app what is to be done.
pub(crate) async fn run(
    work: &Work<'_>,
    request: &GroupRequest<'_>,
    recorder: &mut Recorder<'_>,
    findings: &mut GroupFindings,
) -> Result<Option<Stop>, StoreError> {
    if !work.setting.settings.groups.selection.is_on() && !mutant::lives(Mutant::GroupsOffIgnored) {
        close_holds(work).await?;
        return Ok(None);
    }
    let ways = Ways::known(work);
    look::wait(work).await?;
    let lost = look::look(work, &ways, recorder).await?;
    if lost.stop.is_some() {
        return Ok(lost.stop);
    }
    match read_app(work, &ways, request, findings).await? {
        Heard::Groups => {}
        Heard::NoGroups(why) => {
            findings
                .warnings
                .push(format!("the app does not list its groups, so none is provisioned: {why}"));
            return Ok(None);
        }
        Heard::Stop(stop) => return Ok(Some(stop)),
    }
    let roster = {
        let mut tx = work.store.begin("engine::groups::run").await?;
        // That reads every membership, which one person's run is not to wait for.
        if request.user.is_none() {
            member::forget_without_account(&mut tx, work.lease).await?;
        }
        let roster = Roster::load(&mut tx, work.setting, work.clock.now()).await?;
        rows::start(&mut tx, work.app(), work.run()).await?;
        tx.commit().await?;
        roster
    };
    if request.user.is_none()
        && let Some(stop) = acquaint(work, &ways, &roster).await?
    {
        return Ok(Some(stop));
    }
    let mut groups: Option<BTreeSet<GroupId>> = None;
    for _ in 0..ROUNDS {
        let Round { again, stop } = round(work, &ways, request, groups.as_ref(), recorder, findings).await?;
        if stop.is_some() {
            return Ok(stop);
        }
        if again.is_empty() {
            break;
        }
        groups = Some(again);
    }
    if let Some(audited) = findings.audited.as_mut().filter(|audited| audited.is_believed) {
        audit::count_unknown(work, audited).await?;
    }
    Ok(work.health.verdict())
}

/// Looks at every group of which nobody knows what it is like.
pub(crate) async fn look_at_lost(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
) -> Result<Option<Stop>, StoreError> {
    look::wait(work).await?;
    Ok(look::look(work, &Ways::known(work), recorder).await?.stop)
}

/// Carries out rows that an undo has planned, and looks at what was lost on the way.
pub(crate) async fn carry_out(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
) -> Result<Option<Stop>, StoreError> {
    let executed = execute::execute(work, &Ways::known(work), recorder).await?;
    if executed.stop.is_some() || executed.again.is_empty() {
        return Ok(executed.stop);
    }
    look_at_lost(work, recorder).await
}

/// What an app says where it is asked for its groups.
enum Heard {
    Groups,
    /// It knows of none, and why: nobody's account is to wait for that.
    NoGroups(String),
    Stop(Stop),
}

/// An audit reads every group and compares; any other run lists them the first time, so that none is asked for by itself.
async fn read_app(
    work: &Work<'_>,
    ways: &Ways,
    request: &GroupRequest<'_>,
    findings: &mut GroupFindings,
) -> Result<Heard, StoreError> {
    let is_known = work.setting.app.groups_listed_at.is_some();
    if request.user.is_some() || is_known && !request.audit {
        return Ok(Heard::Groups);
    }
    if request.audit && is_known {
        return Ok(match audit::audit(work, ways).await? {
            Ok(audited) => {
                findings.audited = Some(audited);
                Heard::Groups
            }
            Err(stop) => Heard::Stop(stop),
        });
    }
    match read::list(work).await {
        Ok(is_believed) if request.audit => {
            findings.audited = Some(AuditedGroups { is_believed, ..AuditedGroups::default() });
            Ok(Heard::Groups)
        }
        Ok(_) => Ok(Heard::Groups),
        Err(error) => Ok(match (Stop::of(&error), &error) {
            (Some(stop), _) => Heard::Stop(stop),
            (None, CallError::Refused(failure))
                if matches!(failure.of_read(), FailureClass::Permanent | FailureClass::Gone) =>
            {
                Heard::NoGroups(error.to_string())
            }
            // Without a listing, creates ask first; and members who leave wait for nobody.
            (None, _) => Heard::Groups,
        }),
    }
}

/// Where groups are not provisioned any more, nothing of them waits for a person.
async fn close_holds(work: &Work<'_>) -> Result<(), StoreError> {
    let mut tx = work.store.begin("engine::groups::close_holds").await?;
    let open = hold::open(&mut tx, work.app()).await?;
    let of_groups = open.into_iter().filter(|hold| hold.tripped.is_of_groups()).map(|hold| hold.id);
    let of_groups: Vec<_> = of_groups.collect();
    hold::close(&mut tx, work.app(), &of_groups, work.clock.now()).await?;
    tx.commit().await
}

struct Round {
    again: BTreeSet<GroupId>,
    stop: Option<Stop>,
}

/// Plans for these groups, or for all, carries the plan out, and looks at what was lost.
async fn round(
    work: &Work<'_>,
    ways: &Ways,
    request: &GroupRequest<'_>,
    groups: Option<&BTreeSet<GroupId>>,
    recorder: &mut Recorder<'_>,
    findings: &mut GroupFindings,
) -> Result<Round, StoreError> {
    let pass = GroupPass {
        groups,
        user: request.user,
        run: work.run(),
        lease: Some(work.lease),
        insist: request.insist && groups.is_none(),
        foresees: false,
        listed_at: listed_at(work.store, work.setting).await?,
        first_seq: findings.planned.next_seq,
        now: work.clock.now(),
    };
    let planned = plan::pass(work.store, work.setting, &pass).await?;
    let shrunk = crate::guard::shrunk(work.setting, request.guarded.listed);
    let n_shrunk = shrunk.as_ref().map_or(0, |shrunk| n_held_for(shrunk, request.guarded));
    let is_shrink_released =
        shrunk.as_ref().is_some_and(|shrunk| request.guarded.released.contains(&shrunk.key()));
    let guarding = GroupGuarding {
        releasing: request.releasing,
        released: &request.guarded.released,
        let_go: &findings.let_go,
        shrunk: shrunk.as_ref(),
        n_shrunk,
        is_shrink_released,
        is_whole: groups.is_none() && request.user.is_none(),
    };
    let guard::Guarded { held, let_go, outdated } =
        guard::guard(work.store, work.setting, work.clock.as_ref(), &pass, &guarding).await?;
    findings.let_go.extend(let_go);
    findings.warnings.extend(outdated.iter().filter(|_| groups.is_none()).map(not_released));
    let waiting = planned.waiting.clone();
    findings.take(recorder, planned, held);
    if let Some(approved) = request.approved.filter(|_| !mutant::lives(Mutant::ApprovedGroupsUnread)) {
        drop_unapproved(work, approved, recorder).await?;
    }
    recorder.expect(n_planned(work).await?);
    let executed = execute::execute(work, ways, recorder).await?;
    let is_unsure = !executed.again.is_empty() || !waiting.is_empty();
    // Under an approved plan nothing is decided anew: but groups that swap their names do so one after the other.
    let again = if work.is_approved { waiting } else { waiting.into_iter().chain(executed.again).collect() };
    if executed.stop.is_some() {
        return Ok(Round { again, stop: executed.stop });
    }
    if is_unsure {
        look::wait(work).await?;
        let lost = look::look(work, ways, recorder).await?;
        if let Some(at) = lost.again_at {
            work.clock.sleep_until(at).await;
            let lost = look::look(work, ways, recorder).await?;
            return Ok(Round { again, stop: lost.stop });
        }
        return Ok(Round { again, stop: lost.stop });
    }
    Ok(Round { again, stop: None })
}

fn not_released(tripped: &Tripped) -> String {
    format!(
        "not released, because others are to leave by now than the hold told of: {tripped}; look at it once more"
    )
}

/// How many operations on people's accounts wait because of this guard.
fn n_held_for(tripped: &Tripped, guarded: &Guarded) -> u64 {
    let of_it = guarded.held.iter().filter(|held| held.tripped.key() == tripped.key());
    of_it.map(|held| held.n_operations).max().unwrap_or(0)
}

/// What waits for a person, of people and of groups: the hold of a directory that shrank is of both.
pub(crate) fn all_held(of_people: Vec<Held>, of_groups: Vec<Held>) -> Vec<Held> {
    let mut all = of_people;
    for held in of_groups {
        match all.iter_mut().find(|known| known.tripped.key() == held.tripped.key()) {
            Some(known) => known.n_operations += held.n_operations,
            None => all.push(held),
        }
    }
    all
}

async fn n_planned(work: &Work<'_>) -> Result<u64, StoreError> {
    let mut tx = work.store.read("engine::groups::n_planned").await?;
    let counts = rows::counts(&mut tx, work.app(), work.run()).await?;
    Ok(counts.iter().filter(|((_, state), _)| *state == PlanState::Planned).map(|(_, (n, _))| n).sum())
}

/// Leaves out what nobody has approved.
async fn drop_unapproved(
    work: &Work<'_>,
    approved: &Approval,
    recorder: &mut Recorder<'_>,
) -> Result<(), StoreError> {
    let unapproved = approval::groups::unapproved(work, approved).await?;
    let mut tx = work.store.begin("engine::groups::drop_unapproved").await?;
    let states: Vec<_> = unapproved.iter().map(|(seq, ..)| (*seq, PlanState::Dropped)).collect();
    rows::finish(&mut tx, work.lease, &states).await?;
    tx.commit().await?;
    for (_, email, failure) in unapproved {
        recorder.fail_group(email, failure.to_string());
    }
    Ok(())
}

impl GroupFindings {
    fn take(&mut self, recorder: &mut Recorder<'_>, planned: PlannedGroups, held: Vec<Held>) {
        for (email, failure) in planned.failures {
            recorder.fail_group(email, failure.to_string());
        }
        for (why, n) in planned.skipped {
            *self.planned.skipped.entry(why).or_default() += n;
        }
        self.planned.next_seq = planned.next_seq;
        // A group that is decided about once more is held once.
        self.held.retain(|known| held.iter().all(|held| held.id != known.id));
        self.held.extend(held);
    }
}

/// Lists the groups of an app, for a preview.
pub(crate) async fn list(work: &Work<'_>) -> Result<bool, CallError> {
    read::list(work).await
}
