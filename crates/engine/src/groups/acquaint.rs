//! Reads who is in the groups that the app holds already and that are to become ours: what is to be done with their members
//! is only known then.

use futures::stream;
use futures::{FutureExt as _, StreamExt as _};
use usher_model::id::{GroupId, RunId};
use usher_store::StoreError;
use usher_store::group::member::Unseen;
use usher_store::group::{self as stored, GroupRecord};

use super::pass::GroupPass;
use super::plan::{self, Adoptable};
use super::read::{self, Expected, Members, Ways, listed_at};
use super::roster::Roster;
use crate::plan::LISTING_TRUSTED;
use crate::stop::Stop;
use crate::work::Work;

/// Reads them before a preview.
pub(crate) async fn before_preview(work: &Work<'_>) -> Result<Option<Stop>, StoreError> {
    let roster = {
        let mut tx = work.store.read("engine::groups::acquaint").await?;
        Roster::load(&mut tx, work.setting, work.clock.now()).await?
    };
    acquaint(work, &Ways::known(work), &roster).await
}

/// Reads those of which nobody has lately.
pub(super) async fn acquaint(
    work: &Work<'_>,
    ways: &Ways,
    roster: &Roster,
) -> Result<Option<Stop>, StoreError> {
    let now = work.clock.now();
    let mut after: Option<GroupId> = None;
    loop {
        let listed_at = listed_at(work.store, work.setting).await?;
        let run = RunId::new(String::new());
        let pass = GroupPass {
            groups: None,
            user: None,
            run: &run,
            lease: None,
            insist: false,
            foresees: false,
            listed_at,
            first_seq: 0,
            now,
        };
        let page = {
            let mut tx = work.store.read("engine::groups::acquaint").await?;
            plan::adoptable(&mut tx, work.setting, roster, &pass, &mut after).await?
        };
        let Some(page) = page else { return Ok(None) };
        let is_strange = |adoptable: &Adoptable| {
            // A listing that came after the read may show another group of that name.
            let is_before_listing = |read_at| listed_at.is_some_and(|listed_at| read_at < listed_at);
            let read_at = adoptable.record.read_at;
            read_at.is_none_or(|read_at| now.since(read_at) >= LISTING_TRUSTED || is_before_listing(read_at))
        };
        let reads = page.into_iter().filter(is_strange).map(|adoptable| {
            async move {
                let group = (&adoptable.record.group, &adoptable.remote_id);
                let mut expected = Expected::default();
                let read = read::members(work, ways, group, &mut expected, Unseen::Forgotten).await;
                (adoptable.record.clone(), read)
            }
            .boxed()
        });
        let reads: Vec<_> = stream::iter(reads).buffer_unordered(work.client.concurrency()).collect().await;
        let (mut records, mut stop) = (Vec::new(), None);
        for (record, read) in reads {
            match read {
                Ok(Members::Read(_) | Members::NotShown) => {
                    records.push(GroupRecord { read_at: Some(work.clock.now()), ..record });
                }
                Ok(Members::Gone) => {}
                // It is adopted all the same, and read then.
                Err(error) => stop = stop.or(work.health.look_failed(&error)),
            }
        }
        records.sort_by(|one, two| one.group.cmp(&two.group));
        let mut tx = work.store.begin("engine::groups::acquainted").await?;
        stored::record(&mut tx, work.lease, &records).await?;
        tx.commit().await?;
        if stop.is_some() {
            return Ok(stop);
        }
    }
}
