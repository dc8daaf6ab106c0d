//! Every list of a directory, page by page into the store. Nothing of the mirror is touched.

use std::collections::{BTreeMap, BTreeSet};

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Map, Value as Json};
use usher_model::id::{DirectoryId, GroupId};
use usher_protocol::directory::group::Group;
use usher_protocol::directory::member::{Member, MemberKind};
use usher_store::Store;
use usher_store::directory::listing::{self, ListingPage, PageOf};

use super::MirrorError;
use super::needs::Needs;
use crate::clock::Clock;
use crate::google::client::GoogleClient;
use crate::google::listing::{Identified, Pages};

/// How many groups' members are listed at once; the pace of all calls together is the client's.
const GROUPS_AT_ONCE: usize = 8;

/// A listing under way.
pub(super) struct Fetch<'a> {
    pub(super) store: &'a Store,
    pub(super) clock: &'a dyn Clock,
    pub(super) client: &'a GoogleClient,
    pub(super) directory: &'a DirectoryId,
    pub(super) listing: &'a str,
}

/// What was fetched; the pages themselves are in the store.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The groups whose members were listed, and how many members Google says that they have.
    pub(super) rosters: BTreeMap<GroupId, Option<u64>>,
}

impl Fetch<'_> {
    /// Fetches everything. What does not depend on something else comes at the same time.
    pub(super) async fn all(&self, needs: &Needs) -> Result<Fetched, MirrorError> {
        let people = async {
            self.keep(&PageOf::Users, self.client.users(&needs.fields), |_| ()).await?;
            // After the users, so that whoever is deleted in between is in both lists, and not in neither.
            self.keep(&PageOf::Deleted, self.client.deleted_users(&needs.fields), |_| ()).await
        };
        let (rosters, (), (), (), ()) = futures::try_join!(
            self.groups(needs).boxed(),
            people.boxed(),
            self.keep(&PageOf::Domains, self.client.domains(), |_| ()).boxed(),
            self.keep(&PageOf::OrgUnits, self.client.org_units(), |_| ()).boxed(),
            self.keep(&PageOf::Schemas, self.client.schemas(), |_| ()).boxed(),
        )?;
        Ok(Fetched { rosters })
    }

    /// The groups, and who is in those that matter. Which groups are in a group is known once its members are listed.
    async fn groups(&self, needs: &Needs) -> Result<BTreeMap<GroupId, Option<u64>>, MirrorError> {
        let mut sizes = BTreeMap::new();
        let note = |group: &Group| {
            let id = GroupId::new(group.id.as_deref().unwrap_or_default());
            sizes.insert(id, group.direct_members_count);
        };
        self.keep(&PageOf::Groups, self.client.groups(), note).await?;
        let (mut rosters, mut children) = (BTreeMap::new(), BTreeMap::new());
        loop {
            // A group that is not listed is not there to be asked about: it is missing, and that is counted.
            let wanted = needs.reach(&children).into_iter().filter(|group| !rosters.contains_key(group));
            let wanted: Vec<(GroupId, Option<u64>)> =
                wanted.filter_map(|group| sizes.get(&group).map(|size| (group.clone(), *size))).collect();
            if wanted.is_empty() {
                return Ok(rosters);
            }
            let mut asked = Vec::with_capacity(wanted.len());
            for (group, _) in &wanted {
                asked.push(self.members(group).boxed());
            }
            let listed: Vec<(GroupId, BTreeSet<GroupId>)> =
                stream::iter(asked).buffer_unordered(GROUPS_AT_ONCE).try_collect().await?;
            children.extend(listed);
            rosters.extend(wanted);
        }
    }

    /// Who is in a group; says which groups are.
    async fn members(&self, group: &GroupId) -> Result<(GroupId, BTreeSet<GroupId>), MirrorError> {
        let mut nested = BTreeSet::new();
        let note = |member: &Member| {
            if member.member_kind() == Some(MemberKind::Group) {
                nested.extend(member.id.as_deref().map(GroupId::new));
            }
        };
        let of = PageOf::Members(group.as_str().to_owned());
        self.keep(&of, self.client.members(group.as_str()), note).await?;
        Ok((group.clone(), nested))
    }

    /// Reads a list to its end, each page into the store.
    async fn keep<T: Identified>(
        &self,
        of: &PageOf,
        mut pages: Pages<'_, T>,
        mut note: impl FnMut(&T),
    ) -> Result<(), MirrorError> {
        for n in 0.. {
            let asked_at = self.clock.now();
            let Some(page) = pages.next().await? else { return Ok(()) };
            page.items.iter().for_each(&mut note);
            let page = ListingPage { asked_at, resources: page.items.iter().map(resource).collect() };
            let mut tx = self.store.begin("engine::mirror::fetch").await?;
            listing::put(&mut tx, self.directory, self.listing, of, n, &page).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

fn resource<T: Identified>(item: &T) -> Map<String, Json> {
    match serde_json::to_value(item) {
        Ok(Json::Object(resource)) => resource,
        Ok(_) | Err(_) => unreachable!("invariant: a resource is written as a JSON object"),
    }
}
