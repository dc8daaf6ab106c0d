//! Reads all groups of an app with their members, and compares them with what is on record.
//!
//! The list of groups costs as many requests as it has pages, each group's members as many as these have. Where the list
//! shows a group otherwise than the record, or not at all, the group is read by itself before anything is concluded.
//!
//! # Invariants
//!
//! 1. Nothing is written to the app from here.
//! 2. A group is gone or renamed only where a read of it says so.
//! 3. Members of ours who are not there any more stay on record as *missing*, so that the policy may change its mind.

use futures::stream;
use futures::{FutureExt as _, StreamExt as _};
use usher_model::attribute::drift::drifted;
use usher_model::group::adoption::RemoteGroup;
use usher_model::id::{Email, GroupId};
use usher_store::StoreError;
use usher_store::group::member::Unseen;
use usher_store::group::{self, GroupRecord, GroupRecordState, remote};

use super::execute::forget_members;
use super::learn;
use super::read::{self, ById, Expected, Members, Ways};
use super::wire::Seen;
use crate::calls::CallError;
use crate::stop::Stop;
use crate::work::Work;

/// How many groups are compared at once.
const PAGE: usize = 100;
/// How many groups a report names.
const NAMED: usize = 100;

/// What an audit found of groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditedGroups {
    /// Whether the app's list of groups could be believed.
    pub is_believed: bool,
    /// How many groups the list showed.
    pub n_listed: u64,
    /// How many of those on record were read.
    pub n_compared: u64,
    /// How many somebody else renamed or gave another `externalId`.
    pub n_changed: u64,
    /// How many somebody else deleted.
    pub n_deleted: u64,
    /// How many could not be read.
    pub n_unread: u64,
    /// How many members of ours somebody else took out.
    pub n_members_missing: u64,
    /// How many members are there that are not of our doing.
    pub n_members_foreign: u64,
    /// The first groups that differ, and how.
    pub drifts: Vec<(Email, String)>,
    /// How many groups nobody here has on record. They are left alone.
    pub n_unknown: u64,
    /// Their names, the first of them.
    pub unknown: Vec<String>,
}

/// Reads every group on record; or says why the run has to stop.
pub(super) async fn audit(work: &Work<'_>, ways: &Ways) -> Result<Result<AuditedGroups, Stop>, StoreError> {
    match read::list(work).await {
        Ok(true) => {}
        Ok(false) => return Ok(Ok(AuditedGroups::default())),
        Err(error) => return Ok(Stop::of(&error).map_or_else(|| Ok(AuditedGroups::default()), Err)),
    }
    let mut audited = AuditedGroups { is_believed: true, ..AuditedGroups::default() };
    let mut after: Option<GroupId> = None;
    loop {
        let (page, shown) = {
            let mut tx = work.store.read("engine::groups::audit").await?;
            if audited.n_listed == 0 {
                audited.n_listed = remote::count(&mut tx, work.app()).await?;
            }
            let directory = &work.setting.app.directory;
            let page = group::walk(&mut tx, directory, work.app(), after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            let is_read = |record: &GroupRecord| {
                record.state == GroupRecordState::Known && record.intent.is_none() && !record.is_unread
            };
            let records: Vec<_> =
                page.into_iter().filter_map(|walked| walked.record).filter(is_read).collect();
            let ids: Vec<_> = records.iter().filter_map(|record| record.remote_id.clone()).collect();
            let shown = remote::listed(&mut tx, work.app(), &ids).await?;
            (records, shown)
        };
        let reads = page.into_iter().map(|record| {
            let listed = record.remote_id.as_ref().and_then(|id| shown.get(id)).map(RemoteGroup::attributes);
            one(work, ways, record, listed).boxed()
        });
        let mut read: Vec<Compared> =
            stream::iter(reads).buffer_unordered(work.client.concurrency()).collect().await;
        read.sort_by(|one, two| one.record.group.cmp(&two.record.group));
        if let Some(stop) = learn_from(work, read, &mut audited).await? {
            return Ok(Err(stop));
        }
    }
    Ok(Ok(audited))
}

/// Says which groups of the listing are on nobody's record, once the run has adopted what it could.
pub(super) async fn count_unknown(work: &Work<'_>, audited: &mut AuditedGroups) -> Result<(), StoreError> {
    let mut tx = work.store.read("engine::groups::count_unknown").await?;
    (audited.n_unknown, audited.unknown) = remote::unheld(&mut tx, work.app(), NAMED).await?;
    Ok(())
}

/// What reading one group said.
struct Compared {
    record: GroupRecord,
    drifts: Vec<String>,
    is_changed: bool,
    is_deleted: bool,
    members: Option<read::Members>,
    error: Option<CallError>,
}

async fn one(
    work: &Work<'_>,
    ways: &Ways,
    record: GroupRecord,
    listed: Option<usher_model::attribute::Attributes>,
) -> Compared {
    let mut compared = Compared {
        record,
        drifts: Vec::new(),
        is_changed: false,
        is_deleted: false,
        members: None,
        error: None,
    };
    if let Err(error) = compared.read(work, ways, listed).await {
        compared.error = Some(error);
    }
    compared
}

impl Compared {
    async fn read(
        &mut self,
        work: &Work<'_>,
        ways: &Ways,
        listed: Option<usher_model::attribute::Attributes>,
    ) -> Result<(), CallError> {
        let Some(remote_id) = self.record.remote_id.clone() else { return Ok(()) };
        let is_as_known = |seen: &usher_model::attribute::Attributes| {
            self.record.drifted.is_none()
                && drifted(&self.record.sent, &self.record.returned, seen).is_empty()
        };
        if !listed.as_ref().is_some_and(is_as_known) {
            match read::by_id(work, ways, &remote_id).await? {
                ById::There(seen, _) => self.compare(&seen),
                ById::Gone => {
                    self.gone();
                    return Ok(());
                }
            }
        }
        let group = (&self.record.group.clone(), &remote_id);
        let members = read::members(work, ways, group, &mut Expected::default(), Unseen::Missing).await?;
        match members {
            Members::Gone => self.gone(),
            Members::NotShown => {}
            Members::Read(over) => {
                self.record.read_at = Some(work.clock.now());
                if over.absent > 0 {
                    self.drifts.push(format!("{} members were taken out at the app", over.absent));
                }
                if over.foreign > 0 {
                    self.drifts.push(format!("{} members are not of Usher's doing", over.foreign));
                }
            }
        }
        self.members = Some(members);
        Ok(())
    }

    fn compare(&mut self, seen: &Seen) {
        let theirs = drifted(&self.record.sent, &self.record.returned, &seen.attributes);
        for path in &theirs {
            let was =
                self.record.returned.get(path).map_or_else(|| "nothing".to_owned(), ToString::to_string);
            let is = seen.attributes.get(path).map_or_else(|| "nothing".to_owned(), ToString::to_string);
            self.drifts.push(format!("{path} was {was} and is {is} now"));
        }
        self.is_changed = !theirs.is_empty();
        self.record.drifted = self.is_changed.then(|| seen.attributes.clone());
        if let Some(name) = seen.display_name() {
            self.record.display_name = Some(usher_model::attribute::fold::fold(name));
        }
    }

    fn gone(&mut self) {
        learn::gone(&mut self.record);
        self.is_deleted = true;
        self.drifts = vec!["deleted at the app".to_owned()];
    }
}

async fn learn_from(
    work: &Work<'_>,
    read: Vec<Compared>,
    audited: &mut AuditedGroups,
) -> Result<Option<Stop>, StoreError> {
    let mut stop = None;
    let mut tx = work.store.begin("engine::groups::audited").await?;
    let mut records = Vec::new();
    for compared in read {
        if let Some(error) = &compared.error {
            audited.n_unread += 1;
            stop = stop.or(work.health.look_failed(error));
            continue;
        }
        audited.n_compared += 1;
        audited.n_changed += u64::from(compared.is_changed);
        audited.n_deleted += u64::from(compared.is_deleted);
        if let Some(Members::Read(over)) = compared.members {
            audited.n_members_missing += over.absent;
            audited.n_members_foreign += over.foreign;
        }
        if let Some(email) = &compared.record.email {
            let left = NAMED.saturating_sub(audited.drifts.len());
            audited.drifts.extend(compared.drifts.into_iter().take(left).map(|drift| (email.clone(), drift)));
        }
        if compared.is_deleted {
            forget_members(&mut tx, work, &compared.record.group).await?;
        }
        records.push(compared.record);
    }
    group::record(&mut tx, work.lease, &records).await?;
    tx.commit().await?;
    Ok(stop)
}
