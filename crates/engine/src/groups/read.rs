//! Reads groups at the app: one by its id, one by its name or `externalId`, all of them, and who is in one.
//!
//! # Invariants
//!
//! 1. Who is in a group is stored page by page: memory does not grow with the group.
//! 2. A read that breaks off concludes nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use usher_model::attribute::fold::fold;
use usher_model::group::adoption::{FoundGroup, RemoteGroup, find_own_group};
use usher_model::id::{GroupId, RemoteId};
use usher_model::template::MembersRead;
use usher_model::time::Timestamp;
use usher_protocol::failure::FailureClass;
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::filter::Filter;
use usher_protocol::scim::list::ListResponse;
use usher_protocol::scim::request;
use usher_protocol::scim::resource::Resource;
use usher_store::app::{self, Lease};
use usher_store::group::member::{self, ReadOver, Unseen};
use usher_store::group::remote;
use usher_store::{Store, StoreError, Tx};

use super::wire::Seen;
use crate::ask::resource_id;
use crate::calls::{CallError, Closed};
use crate::setting::Setting;
use crate::work::Work;

/// What a run has learnt of the app's ways with groups.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// The app has shown members of some group, in this run or before: one that shows none, or an empty list, has none.
    /// Of an app that never has, neither says anything.
    shows_members: AtomicBool,
    /// That is on record.
    is_on_record: AtomicBool,
    /// The app refused to take a member out by its path.
    removes_by_list: AtomicBool,
}

impl Ways {
    /// What earlier runs have learnt.
    pub(super) fn known(work: &Work<'_>) -> Self {
        let shows_members = work.setting.app.shows_members;
        Self {
            shows_members: shows_members.into(),
            is_on_record: shows_members.into(),
            removes_by_list: AtomicBool::new(false),
        }
    }

    /// The app has shown members of some group.
    pub(super) fn set_shows_members(&self) {
        self.shows_members.store(true, Ordering::Relaxed);
    }

    pub(super) fn removes_by_list(&self) -> bool {
        self.removes_by_list.load(Ordering::Relaxed)
    }

    pub(super) fn set_removes_by_list(&self, by_list: bool) {
        self.removes_by_list.store(by_list, Ordering::Relaxed);
    }
}

/// Who is awaited in a group, and who is to be gone, while it is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    /// Who has to be there; whoever is seen is taken out.
    pub(super) present: BTreeSet<RemoteId>,
    /// Who must not be there.
    pub(super) absent: BTreeSet<RemoteId>,
    /// Those of them who are.
    pub(super) still: BTreeSet<RemoteId>,
    /// Members of nobody's asking; whoever is seen is taken out.
    pub(super) others: BTreeSet<RemoteId>,
}

impl Expected {
    fn see(&mut self, members: &[RemoteId]) {
        for member in members {
            self.present.remove(member);
            self.others.remove(member);
            if self.absent.contains(member) {
                self.still.insert(member.clone());
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.present.len() + self.absent.len()
    }
}

/// What a read by id says.
#[derive(Debug)]
pub(super) enum ById {
    There(Box<Seen>, Resource),
    Gone,
}

/// What reading the members of a group says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Members {
    /// They are stored.
    Read(ReadOver),
    /// The app does not say.
    NotShown,
    /// The app says that there is no such group.
    Gone,
}

/// Reads one group by the app's id.
pub(super) async fn by_id(work: &Work<'_>, ways: &Ways, id: &RemoteId) -> Result<ById, CallError> {
    let response = match work.client.send(&request::get(ResourceKind::Group, &resource_id(id)?)).await {
        Ok(response) => response,
        Err(CallError::Refused(failure)) if failure.of_read() == FailureClass::Gone => return Ok(ById::Gone),
        Err(error) => return Err(error),
    };
    let resource = Resource::read(&response).map_err(|error| CallError::Useless(error.to_string()))?;
    let seen = Seen::read(resource.clone())
        .ok_or_else(|| CallError::Useless("the app showed a group without an id".to_owned()))?;
    if seen.remote_id != *id {
        let message = format!("the app was asked for the group {id} and showed {}", seen.remote_id);
        return Err(CallError::Useless(message));
    }
    ways.note(&seen);
    Ok(ById::There(Box::new(seen), resource))
}

impl Ways {
    fn note(&self, seen: &Seen) {
        if seen.members.as_ref().is_some_and(|members| !members.is_empty()) {
            self.shows_members.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a group says who is in it, as far as is known of this app.
    pub(super) fn shows_members_of(&self, seen: &Seen) -> bool {
        let shows_some = seen.members.as_ref().is_some_and(|members| !members.is_empty());
        shows_some || self.shows_members.load(Ordering::Relaxed)
    }

    /// A group's members as it shows them. One without any, at an app that shows members of others, has none.
    fn members_of(&self, seen: Seen) -> Option<BTreeSet<RemoteId>> {
        let is_shown = self.shows_members_of(&seen);
        is_shown.then(|| seen.members.unwrap_or_default())
    }

    /// Keeps for later runs that the app has shown members.
    async fn keep(&self, tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
        let is_new =
            self.shows_members.load(Ordering::Relaxed) && !self.is_on_record.swap(true, Ordering::Relaxed);
        if is_new { app::set_shows_members(tx, lease).await } else { Ok(()) }
    }
}

/// Reads who is in a group, and stores it.
pub(super) async fn members(
    work: &Work<'_>,
    ways: &Ways,
    (group, remote_id): (&GroupId, &RemoteId),
    expected: &mut Expected,
    unseen: Unseen,
) -> Result<Members, CallError> {
    let mark = mark(work);
    match work.client.template.quirks.members {
        MembersRead::InGroup => {
            let ById::There(seen, _) = by_id(work, ways, remote_id).await? else { return Ok(Members::Gone) };
            let Some(members) = ways.members_of(*seen) else { return Ok(Members::NotShown) };
            let members: Vec<_> = members.into_iter().collect();
            expected.see(&members);
            see(work, group, &members, mark).await.map_err(unsure)?;
        }
        MembersRead::ByFilter => {
            let mut pager = work.client.members(remote_id.as_str()).await?;
            let mut is_empty = true;
            while let Some(page) = work.client.page(&mut pager).await? {
                let members: Vec<_> = page.iter().filter_map(Resource::id).map(RemoteId::new).collect();
                is_empty &= members.is_empty();
                expected.see(&members);
                see(work, group, &members, mark).await.map_err(unsure)?;
            }
            if !pager.is_complete() {
                let why = "the list of the group's members did not come to its end";
                return Err(CallError::Useless(why.to_owned()));
            }
            // Nobody is found in a group that is not there, either (AWS).
            if is_empty
                && n_members(work, group).await.map_err(unsure)? > 0
                && matches!(by_id(work, ways, remote_id).await?, ById::Gone)
            {
                return Ok(Members::Gone);
            }
        }
    }
    let over = async {
        let mut tx = work.store.begin("engine::groups::end_read").await?;
        let over = member::end_read(&mut tx, work.lease, group, mark, unseen).await?;
        ways.keep(&mut tx, work.lease).await?;
        tx.commit().await?;
        Ok::<_, StoreError>(over)
    };
    over.await.map(Members::Read).map_err(unsure)
}

/// How many are in a group, as far as is on record.
pub(super) async fn n_members(work: &Work<'_>, group: &GroupId) -> Result<u64, StoreError> {
    let mut tx = work.store.read("engine::groups::n_members").await?;
    member::count(&mut tx, work.app(), group).await
}

/// What the app shows of a group now stands for what its listing showed; none: it is gone, and the whole listing with it.
pub(super) async fn shown_now(work: &Work<'_>, seen: Option<&Seen>) -> Result<(), StoreError> {
    let Some(seen) = seen else { return set_listed(work, false).await };
    let mut tx = work.store.begin("engine::groups::shown_now").await?;
    remote::insert(&mut tx, work.lease, &[seen.to_remote_group()]).await?;
    tx.commit().await
}

/// What tells this read from every other.
fn mark(work: &Work<'_>) -> i64 {
    let mut bytes = [0; 8];
    work.clock.entropy(&mut bytes);
    i64::from_le_bytes(bytes).unsigned_abs().cast_signed() & i64::MAX
}

async fn see(work: &Work<'_>, group: &GroupId, members: &[RemoteId], mark: i64) -> Result<(), StoreError> {
    let mut tx = work.store.begin("engine::groups::see").await?;
    member::see(&mut tx, work.lease, group, members, mark).await?;
    tx.commit().await
}

/// Asks about each of a few members by itself: a group of thousands is not read for one of them.
pub(super) async fn probe(
    work: &Work<'_>,
    remote_id: &RemoteId,
    expected: &mut Expected,
) -> Result<(), CallError> {
    let asked: Vec<_> = expected.present.iter().chain(&expected.absent).cloned().collect();
    for member in asked {
        if is_member(work, remote_id, &member).await? {
            expected.see(std::slice::from_ref(&member));
        }
    }
    Ok(())
}

/// Whether the app says that an account is in a group (AWS: `id eq "…" and members eq "…"`).
async fn is_member(work: &Work<'_>, group: &RemoteId, member: &RemoteId) -> Result<bool, CallError> {
    let filter = Filter::eq("id", group.as_str()).and(Filter::eq("members", member.as_str()));
    let page = work.client.first_page().await?;
    let response = match work.client.send(&request::find(ResourceKind::Group, &filter, &page)).await {
        Ok(response) => response,
        // There is no such account: it is nobody's member.
        Err(CallError::Refused(failure)) if failure.of_read() == FailureClass::Gone => return Ok(false),
        Err(error) => return Err(error),
    };
    let no_list =
        || CallError::Useless("the app answered a look-up with something that is no list".to_owned());
    let body = response.body_json().ok_or_else(no_list)?;
    let page = ListResponse::read(&body).map_err(|error| CallError::Useless(error.to_string()))?;
    let is_it = |resource: &Resource| resource.id() == Some(group.as_str());
    if page.resources.iter().any(|resource| !is_it(resource)) {
        return Err(CallError::Useless("the app answered a look-up of a group with other groups".to_owned()));
    }
    Ok(page.resources.iter().any(is_it))
}

/// What the app holds that is, or could be, one group's own. Where it cannot really be asked, nobody looked.
pub(super) async fn own(
    work: &Work<'_>,
    ways: &Ways,
    group: &GroupId,
    name: &str,
    take_over: bool,
) -> Result<FoundGroup, CallError> {
    let mut candidates: Vec<RemoteGroup> = Vec::new();
    let mut is_sure = true;
    for filter in [Filter::eq("externalId", group.as_str()), Filter::eq("displayName", name)] {
        let lookup = match work.client.find_any(ResourceKind::Group, &filter).await {
            Ok(lookup) => lookup,
            // A filter that the app does not know; the whole list tells, if no other filter does.
            Err(CallError::Refused(failure)) if is_no(failure.of_read()) => {
                is_sure = false;
                continue;
            }
            Err(error) => return Err(error),
        };
        is_sure &= !lookup.found.is_empty() || lookup.is_nobody();
        for seen in lookup.found.into_iter().filter_map(Seen::read) {
            ways.note(&seen);
            if candidates.iter().all(|known| known.remote_id != seen.remote_id) {
                candidates.push(seen.to_remote_group());
            }
        }
        if candidates.iter().any(|known| known.external_id.as_deref() == Some(group.as_str())) {
            break;
        }
    }
    if candidates.is_empty() && !is_sure {
        return in_listing(work, group, name, take_over).await;
    }
    let candidates = with_holders(work, group, name, candidates).await.map_err(unsure)?;
    Ok(find_own_group(group, name, &candidates, take_over))
}

/// Whether an app refuses what was asked, and would again.
pub(super) fn is_no(class: FailureClass) -> bool {
    matches!(class, FailureClass::Permanent | FailureClass::Gone | FailureClass::Conflict)
}

/// Says whose the candidates are on our record: they go through the listing, which is where that is known.
pub(super) async fn with_holders(
    work: &Work<'_>,
    group: &GroupId,
    name: &str,
    candidates: Vec<RemoteGroup>,
) -> Result<Vec<RemoteGroup>, StoreError> {
    let mut tx = work.store.begin("engine::groups::with_holders").await?;
    remote::insert(&mut tx, work.lease, &candidates).await?;
    let wanted = [(group.clone(), fold(name))];
    let directory = &work.setting.app.directory;
    let mut known = remote::matching(&mut tx, directory, work.app(), &wanted, work.clock.now()).await?;
    tx.commit().await?;
    let mut known = known.remove(group).unwrap_or_default();
    // The listing may show more than the app does now.
    known.retain(|known| candidates.iter().any(|seen| seen.remote_id == known.remote_id));
    Ok(known)
}

/// What a listing of all groups shows for one. The app's groups are listed at most once a run for that.
pub(super) async fn in_listing(
    work: &Work<'_>,
    group: &GroupId,
    name: &str,
    take_over: bool,
) -> Result<FoundGroup, CallError> {
    if !*work.groups_listed.get_or_try_init(|| list(work)).await? {
        return Ok(FoundGroup::NotLooked);
    }
    let matching = async {
        let mut tx = work.store.read("engine::groups::in_listing").await?;
        let wanted = [(group.clone(), fold(name))];
        remote::matching(&mut tx, &work.setting.app.directory, work.app(), &wanted, work.clock.now()).await
    };
    let mut matching = matching.await.map_err(unsure)?;
    Ok(find_own_group(group, name, &matching.remove(group).unwrap_or_default(), take_over))
}

/// Lists all groups of the app, page by page into the store. False: the listing cannot be believed, and left no trace.
pub(super) async fn list(work: &Work<'_>) -> Result<bool, CallError> {
    match read_listing(work).await {
        Ok(()) => set_listed(work, true).await.map(|()| true).map_err(unsure),
        Err(CallError::Useless(why)) => {
            tracing::warn!(app.id = %work.app(), why, "the app's list of groups cannot be believed: creates ask first");
            set_listed(work, false).await.map(|()| false).map_err(unsure)
        }
        Err(error) => Err(error),
    }
}

async fn read_listing(work: &Work<'_>) -> Result<(), CallError> {
    let mut pager = work.client.groups().await?;
    let mut is_first = true;
    while let Some(page) = work.client.page(&mut pager).await? {
        let groups: Vec<_> =
            page.into_iter().filter_map(Seen::read).map(|seen| seen.to_remote_group()).collect();
        let stored = async {
            let mut tx = work.store.begin("engine::groups::list").await?;
            if is_first {
                // Should this one break off, the one before is not half of it.
                app::set_groups_listed(&mut tx, work.lease, None).await?;
                remote::clear(&mut tx, work.lease).await?;
            }
            remote::insert(&mut tx, work.lease, &groups).await?;
            tx.commit().await
        };
        stored.await.map_err(unsure)?;
        is_first = false;
    }
    if pager.is_complete() {
        Ok(())
    } else {
        Err(CallError::Useless("the app's list of groups did not come to its end".to_owned()))
    }
}

/// When the app's groups were last listed as a whole, if they were.
pub(super) async fn listed_at(store: &Store, setting: &Setting) -> Result<Option<Timestamp>, StoreError> {
    let mut tx = store.read("engine::groups::listed_at").await?;
    Ok(app::by_id(&mut tx, &setting.app.id).await?.and_then(|app| app.groups_listed_at))
}

async fn set_listed(work: &Work<'_>, is_believed: bool) -> Result<(), StoreError> {
    let mut tx = work.store.begin("engine::groups::set_listed").await?;
    if !is_believed {
        remote::clear(&mut tx, work.lease).await?;
    }
    let at = is_believed.then(|| work.clock.now());
    app::set_groups_listed(&mut tx, work.lease, at).await?;
    tx.commit().await
}

pub(super) fn unsure(error: impl Into<StoreError>) -> CallError {
    let error = error.into();
    CallError::Closed(if error.is_fenced() { Closed::Fenced } else { Closed::Unsure(error.to_string()) })
}
