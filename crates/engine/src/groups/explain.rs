//! Why one group is, is not, or will be at one app, and in which groups one person is there.
//!
//! It takes the very decision that a run would take now, and tells everything it rests on. Nothing is sent and nothing is
//! stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use usher_model::directory::Group;
use usher_model::group::decide::{GroupStanding, GroupStep, MemberCounts};
use usher_model::group::operation::GroupKind;
use usher_model::group::reason::{GroupFailing, GroupFailure, GroupReason};
use usher_model::group::selection::Why;
use usher_model::guard::Tripped;
use usher_model::id::{Email, GroupId, RemoteId, RunId, UserId};
use usher_model::{attribute::Attributes, attribute::fold::fold};
use usher_store::app::App;
use usher_store::group::event::{self, GroupEvent};
use usher_store::group::member::{self, MemberStanding, NamedMember};
use usher_store::group::{self as stored, GroupRecord, GroupRecordState};
use usher_store::hold::{self, Hold};
use usher_store::{Store, StoreError, Tx, app};

use super::pass::GroupPass;
use super::plan::{Candidate, Considered, consider, find};
use super::roster::Roster;
use crate::clock::{Clock, new_run_id};
use crate::environment::Environment;
use crate::report::RunError;
use crate::setting::Setting;

/// How many events are read: enough for a year in which something failed every day.
pub const EVENTS_READ: usize = 500;
/// How many groups are looked through at once.
const PAGE: usize = 500;
/// How many members are named of those who are there without us, or not there any more.
pub const NAMED: usize = 10;

/// Everything that a decision about one group rests on, and the decision.
#[derive(Debug)]
pub struct GroupExplanation {
    /// The app.
    pub app: App,
    /// The directory's id of the group.
    pub id: GroupId,
    /// Its address: the directory's, or the last that is known.
    pub email: Option<Email>,
    /// The group as the directory has it; none: it does not.
    pub group: Option<Group>,
    /// Where it stands.
    pub standing: GroupStanding,
    /// Why the app gets it; none: it does not.
    pub selected: Option<Why>,
    /// What the app is to hold of it, or why it takes no such name. Nothing, where the directory does not have it.
    pub wanted: Option<Result<Attributes, String>>,
    /// What is on record of it.
    pub record: Option<GroupRecord>,
    /// How many members it has at the app, and how many had been there, as far as is known.
    pub members: BTreeMap<MemberStanding, u64>,
    /// How many are to be added and to be taken out.
    pub differ: MemberCounts,
    /// The first members who are not of our doing.
    pub foreign: Vec<NamedMember>,
    /// The first of ours whom somebody else took out.
    pub missing: Vec<NamedMember>,
    /// What a run would do now.
    pub decision: Decision,
    /// The open hold that stops members of it from leaving, as of the last run.
    pub hold: Option<Hold>,
    /// What happened last, newest first, at most [`EVENTS_READ`].
    pub events: Vec<GroupEvent>,
}

/// What a run would do with a group now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: groups are nobody's business at the app.
    Off,
    /// Nothing: neither is the app to have it nor has it ever had it.
    NotSelected,
    /// Nothing yet: it waits for a name that another group is about to give up.
    WaitsForName,
    /// This.
    Decided {
        /// What, in this order; nothing: rest.
        steps: Vec<(GroupStep, GroupReason)>,
        /// Why, of the first of them or of resting.
        reason: GroupReason,
        /// It cannot have the name that it is to have; the rest goes on.
        name: Option<Box<GroupFailure>>,
    },
}

/// Explains one group at one app. None: neither the directory has it nor is anything of it on record. Whoever insists does
/// not wait out the pause after a failure.
pub async fn explain(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    id: &GroupId,
    insist: bool,
) -> Result<Option<GroupExplanation>, RunError> {
    let mut tx = store.read("engine::groups::explain").await?;
    let found = app::by_name(&mut tx, name).await?.ok_or_else(|| RunError::NoSuchApp(name.to_owned()))?;
    let setting = Setting::load(&mut tx, found, environment.look_again_after).await?;
    let roster = Roster::load(&mut tx, &setting, clock.now()).await?;
    let run = new_run_id(clock.as_ref());
    let pass = preview(&setting, &run, clock.as_ref(), insist);
    let (of_app, directory) = (setting.app.id.clone(), setting.app.directory.clone());
    let record = stored::of(&mut tx, &of_app, std::slice::from_ref(id)).await?.remove(id);
    let group = usher_store::directory::group_by_id(&mut tx, &directory, id).await?;
    if record.is_none() && group.is_none() {
        return Ok(None);
    }
    let selection = &setting.settings.groups.selection;
    let why = |group: &Group| selection.why(&group.id, &group.email, roster.scope());
    let selected = group.as_ref().and_then(why);
    let wanted = group.as_ref().map(|group| usher_model::group::name::attributes(group, setting.template));
    let considered = if selection.is_on() {
        considered(&mut tx, &setting, &roster, &pass, (id, group.as_ref())).await?
    } else {
        None
    };
    let standing = considered.as_ref().map_or_else(
        || if group.is_some() { GroupStanding::Deselected } else { GroupStanding::Gone },
        |considered| considered.candidate.standing,
    );
    let differ = considered.as_ref().map_or_else(MemberCounts::default, |considered| considered.members);
    let decided = considered.as_ref().and_then(|considered| considered.decision.as_ref());
    let is_deleted = decided
        .is_some_and(|decided| decided.steps.iter().any(|(step, _)| matches!(step, GroupStep::Delete)));
    let named = async |tx: &mut Tx, standing| member::named(tx, &of_app, id, standing, NAMED).await;
    let email = group.as_ref().map(|group| group.email.clone());
    Ok(Some(GroupExplanation {
        email: email.or_else(|| record.as_ref().and_then(|record| record.email.clone())),
        members: member::standings(&mut tx, &of_app, id).await?,
        foreign: named(&mut tx, MemberStanding::Foreign).await?,
        missing: named(&mut tx, MemberStanding::Missing).await?,
        hold: hold_of(&mut tx, &setting, id, (differ, is_deleted)).await?,
        events: event::latest(&mut tx, &of_app, id, EVENTS_READ).await?,
        decision: decision(selection.is_on(), considered),
        id: id.clone(),
        app: setting.app,
        standing,
        selected,
        wanted,
        record,
        group,
        differ,
    }))
}

/// A pass that writes nothing.
fn preview<'a>(setting: &Setting, run: &'a RunId, clock: &dyn Clock, insist: bool) -> GroupPass<'a> {
    GroupPass {
        groups: None,
        user: None,
        run,
        lease: None,
        insist,
        foresees: false,
        listed_at: setting.app.groups_listed_at,
        first_seq: 0,
        now: clock.now(),
    }
}

fn decision(is_on: bool, considered: Option<Considered>) -> Decision {
    match considered {
        None if is_on => Decision::NotSelected,
        None => Decision::Off,
        Some(Considered { decision: None, .. }) => Decision::WaitsForName,
        Some(Considered { decision: Some(decided), name_failure, .. }) => Decision::Decided {
            steps: decided.steps,
            reason: decided.reason,
            name: name_failure.map(Box::new),
        },
    }
}

/// What a run would decide about a group; none: neither is the app to have it nor has it ever had it.
///
/// Of groups that want one name, the first has it: so those of the same name that come before it are decided about, too.
async fn considered(
    tx: &mut Tx,
    setting: &Setting,
    roster: &Roster,
    pass: &GroupPass<'_>,
    (id, group): (&GroupId, Option<&Group>),
) -> Result<Option<Considered>, StoreError> {
    let wants = |candidate: &Candidate| candidate.name().as_deref().map(fold);
    let name = group.and_then(|group| {
        let attributes = usher_model::group::name::attributes(group, setting.template).ok()?;
        attributes.get(&usher_model::group::name::display_name())?.as_str().map(fold)
    });
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut after: Option<GroupId> = None;
    while after.as_ref().is_none_or(|after| after < id) {
        let page = stored::walk(tx, &setting.app.directory, &setting.app.id, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        let up_to_it = page.into_iter().filter(|walked| walked.id <= *id);
        let of_its_name = |candidate: &Candidate| {
            candidate.id == *id
                || candidate.standing == GroupStanding::Selected && name.is_some() && wants(candidate) == name
        };
        let some = up_to_it.filter_map(|walked| Candidate::new(setting, roster, pass, walked));
        candidates.extend(some.filter(of_its_name));
    }
    find(tx, setting, pass, &mut candidates).await?;
    let mut taken = BTreeMap::new();
    for candidate in candidates {
        let (this, below) = (candidate.id.clone(), roster.below(&candidate.id));
        let wanted = roster.wanted(setting, pass, &this, &below);
        let considered = consider(tx, (setting, roster), pass, candidate, &wanted, &mut taken).await?;
        if this == *id {
            return Ok(Some(considered));
        }
    }
    Ok(None)
}

/// The open hold of a group; or, where it is to be deleted or members of it are to leave, of groups that are deleted or of
/// a directory that shrank.
async fn hold_of(
    tx: &mut Tx,
    setting: &Setting,
    id: &GroupId,
    (differ, is_deleted): (MemberCounts, bool),
) -> Result<Option<Hold>, StoreError> {
    let open = hold::open(tx, &setting.app.id).await?;
    let is_its = |hold: &Hold| match &hold.tripped {
        Tripped::TooManyMembers { group, .. } => group == id,
        Tripped::TooManyGroups { .. } => is_deleted,
        Tripped::TooManyMemberships { .. } | Tripped::DirectoryShrank(_) => differ.remove > 0 || is_deleted,
        Tripped::TooMany { .. } | Tripped::GroupEmptied { .. } | Tripped::Discarded => false,
    };
    Ok(open.into_iter().find(is_its))
}

/// One of the app's groups that somebody is in, or is to be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Which.
    pub group: GroupId,
    /// Its address.
    pub email: Option<Email>,
    /// How they are in it at the app; none: they are not, and never were by our doing.
    pub standing: Option<MemberStanding>,
    /// What becomes of that.
    pub next: Next,
    /// What failed when it was tried last, where that is not tried again yet.
    pub waits: Option<GroupFailing>,
}

/// What becomes of a membership, as the directory is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It stays as it is.
    Stays,
    /// They are added.
    Joins,
    /// They are added once they have an account.
    JoinsWithAccount,
    /// The directory has them in it, and they are not added: their account is off or pinned, or it is left to whoever took
    /// them out.
    NotNow,
    /// It would change, and the group is pinned.
    GroupPinned,
    /// They are taken out.
    Leaves,
}

/// The app's groups that somebody is in there, and those that they are to be in, in id order.
pub(crate) async fn memberships(
    tx: &mut Tx,
    setting: &Setting,
    clock: &dyn Clock,
    (user, account): (&UserId, Option<&RemoteId>),
    direct: &BTreeSet<GroupId>,
) -> Result<Vec<Membership>, StoreError> {
    let is_there = match account {
        Some(account) => member::groups_of(tx, &setting.app.id, account).await?,
        None => Vec::new(),
    };
    let mut memberships: BTreeMap<GroupId, Membership> = BTreeMap::new();
    for (group, email, standing) in is_there {
        let membership = Membership {
            group: group.clone(),
            email,
            standing: Some(standing),
            next: Next::Stays,
            waits: None,
        };
        memberships.insert(group, membership);
    }
    if !setting.settings.groups.selection.is_on() {
        return Ok(memberships.into_values().collect());
    }
    let roster = Roster::load(tx, setting, clock.now()).await?;
    let run = new_run_id(clock);
    let pass = GroupPass { user: Some(user), ..preview(setting, &run, clock, false) };
    let of_directory: BTreeMap<GroupId, Group> = {
        let theirs = roster.of_member(tx, setting, direct).await?;
        theirs.into_iter().map(|group| (group.id.clone(), group)).collect()
    };
    for (id, group) in &of_directory {
        let of_it = memberships.entry(id.clone()).or_insert_with(|| Membership {
            group: id.clone(),
            email: None,
            standing: None,
            next: Next::Stays,
            waits: None,
        });
        of_it.email = Some(group.email.clone());
        let is_in = of_it.standing.is_some_and(|standing| standing != MemberStanding::Missing);
        let below = roster.below(id);
        let wanted = roster.wanted(setting, &pass, id, &below);
        of_it.next = match account {
            Some(_) if is_in && member::n_to_remove(tx, &wanted).await? > 0 => Next::Leaves,
            Some(_) if is_in => Next::Stays,
            Some(_) if member::n_to_add(tx, &wanted).await? > 0 => Next::Joins,
            Some(_) => Next::NotNow,
            None => Next::JoinsWithAccount,
        };
    }
    let others: BTreeSet<GroupId> =
        memberships.keys().filter(|id| !of_directory.contains_key(*id)).cloned().collect();
    let known = usher_store::directory::groups(tx, &setting.app.directory, &others).await?;
    for record in known.values().filter(|record| roster.takes(setting, &record.group)) {
        let id = &record.group.id;
        let below = roster.below(id);
        let wanted = roster.wanted(setting, &pass, id, &below);
        let leaves = !roster.is_unlisted(id) && member::n_to_remove(tx, &wanted).await? > 0;
        if let Some(of_it) = memberships.get_mut(id).filter(|_| leaves) {
            of_it.next = Next::Leaves;
        }
    }
    what_stands_in_the_way(tx, setting, clock, &mut memberships).await?;
    Ok(memberships.into_values().collect())
}

/// Says of each membership that is to change whether its group is pinned, or in the pause after a failure.
async fn what_stands_in_the_way(
    tx: &mut Tx,
    setting: &Setting,
    clock: &dyn Clock,
    memberships: &mut BTreeMap<GroupId, Membership>,
) -> Result<(), StoreError> {
    let ids: Vec<_> = memberships.keys().cloned().collect();
    for (id, record) in stored::of(tx, &setting.app.id, &ids).await? {
        let Some(of_it) = memberships.get_mut(&id) else { continue };
        let changes = matches!(of_it.next, Next::Joins | Next::JoinsWithAccount | Next::Leaves);
        if changes && record.pin.as_ref().is_some_and(|pin| pin.holds(clock.now())) {
            of_it.next = Next::GroupPinned;
        }
        let kinds: &[GroupKind] = match (of_it.next, record.state) {
            (Next::Joins, GroupRecordState::Known) => &[GroupKind::MembersAdd],
            // Nobody is in a group before it is there.
            (Next::Joins, GroupRecordState::None | GroupRecordState::Gone) => {
                &[GroupKind::GroupCreate, GroupKind::GroupAdopt]
            }
            (Next::Leaves, _) => &[GroupKind::MembersRemove],
            (Next::Stays | Next::JoinsWithAccount | Next::NotNow | Next::GroupPinned, _) => &[],
        };
        let failing = kinds.iter().find_map(|kind| record.failing.get(kind));
        of_it.waits = failing.filter(|failing| clock.now() < failing.retry_at).cloned();
    }
    Ok(())
}
