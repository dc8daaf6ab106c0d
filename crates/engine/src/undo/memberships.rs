//! Puts back whom a run took out of groups, where they are out still by its doing.
//!
//! Whoever is put back is pinned in that group alone (`MemberStanding::Kept`): the next run does not take them out again,
//! until the directory has them in the group or an admin lets them go; and their account goes on living like any other.
//! Groups that the run deleted are told, because they are lost.

use std::collections::BTreeSet;

use usher_model::group::MEMBERS_AT_ONCE;
use usher_model::group::operation::{GroupOperation, Leaver};
use usher_model::group::reason::GroupReason;
use usher_model::id::{AppId, Email, GroupId, RemoteId, RunId};
use usher_model::mutant::{self, Mutant};
use usher_model::pin::Pin;
use usher_model::time::Timestamp;
use usher_store::app::App;
use usher_store::group::event::{self, GroupEvent, GroupEventKind};
use usher_store::group::member;
use usher_store::group::plan::{self as rows, GroupRow};
use usher_store::group::{self, GroupRecordState};
use usher_store::plan::PlanState;
use usher_store::{StoreError, Tx, account};

use super::left_out::LeftOut;
use super::{MAX_TOLD, Undoing};
use crate::groups::{self, Protected};
use crate::report::{FormerMember, LostGroup, UndoneMembers, Whom};
use crate::stop::Stop;

/// How many of a run's removals are looked at at once.
const PAGE: usize = 50;

/// What is to be done about one of a run's removals.
struct Judged {
    group: GroupId,
    email: Email,
    put_back: Vec<Leaver>,
    left_out: Vec<(FormerMember, LeftOut)>,
}

/// What removals are judged by.
#[derive(Clone, Copy)]
struct Judging<'a> {
    app: &'a App,
    protected: &'a Protected,
    now: Timestamp,
}

/// Whether a run took anybody out of a group, or deleted one.
pub(super) async fn are_there(tx: &mut Tx, run: &RunId) -> Result<bool, StoreError> {
    for kind in [GroupEventKind::MembersRemove, GroupEventKind::Delete] {
        if !event::of_run(tx, run, kind, -1, 1).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Undoing<'_> {
    /// Puts back whom the run took out of groups.
    pub(super) async fn take_back_members(&mut self) -> Result<Option<Stop>, StoreError> {
        let work = self.work;
        if let Some(stop) = groups::look_at_lost(work, &mut self.recorder).await? {
            return Ok(Some(stop));
        }
        let mut tx = work.store.begin("engine::undo_members").await?;
        rows::start(&mut tx, work.app(), work.run()).await?;
        let (mut after, mut seq) = (-1, 0);
        let (app, now) = (&work.setting.app, work.clock.now());
        let protected = Protected::load(&mut tx, &app.id, now).await?;
        let of = Judging { app, protected: &protected, now };
        while let Some((last, judged)) = page(&mut tx, of, &self.request.run, after).await? {
            after = last;
            for one in judged {
                for chunk in one.put_back.chunks(MEMBERS_AT_ONCE) {
                    let row = GroupRow {
                        seq,
                        group: one.group.clone(),
                        email: one.email.clone(),
                        operation: GroupOperation::PutBack { members: chunk.to_vec() },
                        reason: GroupReason::Undone { run: self.request.run.clone() },
                        state: PlanState::Planned,
                        hold: None,
                        is_released: true,
                        failure: None,
                    };
                    rows::append(&mut tx, work.app(), work.run(), &[row]).await?;
                    seq += 1;
                }
                for (who, why) in one.left_out {
                    self.undone.members.leave(who, &one.email, why);
                }
            }
        }
        tx.commit().await?;
        groups::carry_out(work, &mut self.recorder).await
    }
}

/// What would be done about the removals of a run, by what is on record.
pub(super) async fn preview(
    tx: &mut Tx,
    app: &App,
    run: &RunId,
    now: Timestamp,
) -> Result<(u64, UndoneMembers), StoreError> {
    let (mut n, mut undone, mut after) = (0, UndoneMembers::default(), -1);
    let protected = Protected::load(tx, &app.id, now).await?;
    let of = Judging { app, protected: &protected, now };
    while let Some((last, judged)) = page(tx, of, run, after).await? {
        after = last;
        for one in judged {
            n += one.put_back.len() as u64;
            for (who, why) in one.left_out {
                undone.leave(who, &one.email, why);
            }
        }
    }
    Ok((n, undone))
}

/// The groups that a run deleted: how many, and the first of them.
pub(super) async fn lost(tx: &mut Tx, run: &RunId) -> Result<(u64, Vec<LostGroup>), StoreError> {
    let (mut n, mut lost, mut after) = (0, Vec::new(), -1);
    loop {
        let page = event::of_run(tx, run, GroupEventKind::Delete, after, PAGE).await?;
        let Some(end) = page.last() else { return Ok((n, lost)) };
        after = end.seq;
        n += page.len() as u64;
        let room = MAX_TOLD - lost.len();
        lost.extend(page.into_iter().take(room).map(|event| LostGroup {
            group: event.group,
            email: event.email,
            n_members: event.n_members,
            at: event.at,
            reason: event.reason,
        }));
    }
}

/// The next removals of a run, judged; none: there are no more.
async fn page(
    tx: &mut Tx,
    of: Judging<'_>,
    run: &RunId,
    after: i64,
) -> Result<Option<(i64, Vec<Judged>)>, StoreError> {
    let removals = event::of_run(tx, run, GroupEventKind::MembersRemove, after, PAGE).await?;
    let Some(last) = removals.last() else { return Ok(None) };
    let last = last.seq;
    let mut judged = Vec::new();
    for removal in removals {
        judged.extend(judge(tx, of, removal).await?);
    }
    Ok(Some((last, judged)))
}

async fn judge(tx: &mut Tx, of: Judging<'_>, removal: GroupEvent) -> Result<Option<Judged>, StoreError> {
    let Judging { app, protected, now } = of;
    let Some(email) = removal.email.clone() else { return Ok(None) };
    let group = removal.group.clone();
    let is_on = app.settings.as_ref().is_some_and(|settings| settings.groups.selection.is_on());
    let app = &app.id;
    let record = group::of(tx, app, std::slice::from_ref(&group)).await?.remove(&group);
    let of_all = match &record {
        _ if !is_on && !mutant::lives(Mutant::UndoneWhileOff) => Some(LeftOut::Off),
        None => Some(LeftOut::NoGroup),
        Some(record) if record.intent.is_some() || record.is_unread => Some(LeftOut::UnknownGroup),
        Some(record) if record.state != GroupRecordState::Known => Some(LeftOut::NoGroup),
        Some(record) => record.pin.clone().filter(|pin| pin.holds(now)).map(LeftOut::Pinned),
    };
    let accounts: Vec<_> = removal.members.iter().map(|member| member.account.clone()).collect();
    let holders = account::holders(tx, app, &accounts).await?;
    // Whose account it was nobody knew; somebody may have it by now.
    let whose = |Leaver { account, user }: &Leaver| {
        user.clone().or_else(|| holders.get(account).map(|holder| holder.user.clone()))
    };
    let users: Vec<_> = removal.members.iter().filter_map(whose).collect();
    let records = account::of(tx, app, &users).await?;
    let nobodys: Vec<_> = removal
        .members
        .iter()
        .filter(|member| whose(member).is_none())
        .map(|it| it.account.clone())
        .collect();
    let protected = protected.among(tx, app, &nobodys).await?;
    let standings = member::standings_of(tx, app, &group, &accounts).await?;
    let since = since(tx, app, &removal).await?;
    let mut judged = Judged { group, email, put_back: Vec::new(), left_out: Vec::new() };
    for member in &removal.members {
        let (account, user) = (&member.account, whose(member));
        let record = user.as_ref().and_then(|user| records.get(user));
        let who = user.as_ref().map_or_else(
            || FormerMember::Account(account.clone()),
            |user| {
                let email = record.and_then(|record| record.email.clone());
                FormerMember::Person(Whom { user: user.clone(), email })
            },
        );
        // The pin of this very undo, which has switched them on again, keeps nobody out.
        let is_in_the_way = |pin: &Pin| pin.holds(now) && !pin.is_undo_of(&removal.run);
        let pin = record.and_then(|record| record.pin.clone()).filter(is_in_the_way);
        let is_theirs = match &user {
            Some(_) => record.is_some_and(|record| record.remote_id.as_ref() == Some(account)),
            None => true,
        };
        let why = if let Some(of_all) = &of_all {
            Some(of_all.clone())
        } else if let Some(pin) = pin {
            Some(LeftOut::Pinned(pin))
        } else if protected.contains(account) {
            Some(LeftOut::MayBePinned)
        } else if !is_theirs {
            Some(LeftOut::NoAccount)
        } else if let Some((_, run)) = since.iter().find(|(changed, _)| changed == account) {
            Some(LeftOut::Since(run.clone()))
        } else if standings.contains_key(account) {
            Some(LeftOut::MemberAgain)
        } else {
            None
        };
        match why {
            Some(why) => judged.left_out.push((who, why)),
            None => judged.put_back.push(Leaver { account: account.clone(), user }),
        }
    }
    Ok(Some(judged))
}

/// Whose membership of the group a later run changed, and which run.
async fn since(
    tx: &mut Tx,
    app: &AppId,
    removal: &GroupEvent,
) -> Result<BTreeSet<(RemoteId, RunId)>, StoreError> {
    let is_of_them = |event: &GroupEvent| {
        event.run != removal.run
            && matches!(
                event.kind,
                GroupEventKind::Create | GroupEventKind::MembersAdd | GroupEventKind::MembersRemove
            )
    };
    let concerned: BTreeSet<_> = removal.members.iter().map(|member| &member.account).collect();
    let (mut changed, mut last) = (BTreeSet::new(), None::<GroupEvent>);
    loop {
        let page = event::since(tx, app, &removal.group, removal.at, last.as_ref(), PAGE).await?;
        let Some(end) = page.last().cloned() else { return Ok(changed) };
        for event in page.into_iter().filter(is_of_them) {
            let members = event.members.into_iter().map(|member| member.account);
            let of_these = members.filter(|account| concerned.contains(account));
            changed.extend(of_these.map(|account| (account, event.run.clone())));
        }
        last = Some(end);
    }
}

impl UndoneMembers {
    fn leave(&mut self, who: FormerMember, group: &Email, why: LeftOut) {
        self.n_left_out += 1;
        if self.left_out.len() < MAX_TOLD {
            self.left_out.push((who, group.clone(), why));
        }
    }
}
