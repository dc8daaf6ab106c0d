//! Every list of a directory, page by page into the store. Nothing of the mirror is touched.

use std::collections::{BTreeMap, BTreeSet};

use futures::{FutureExt as _, StreamExt as _, stream};
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
/// How many are prepared together.
const GROUPS_TOGETHER: usize = 256;

/// A listing under way.
pub(super) struct Fetch<'a> {
    pub(super) name: &'a str,
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
    /// How many pages each list has.
    pub(super) n_pages: BTreeMap<PageOf, u32>,
    /// Groups whose members could not be listed, in sentences.
    pub(super) warnings: Vec<String>,
}

impl Fetch<'_> {
    /// Fetches everything. What does not depend on something else comes at the same time.
    pub(super) async fn all(&self, needs: &Needs) -> Result<Fetched, MirrorError> {
        let people = async {
            let n_users = self.keep(&PageOf::Users, self.client.users(&needs.fields), |_| ()).await?;
            // After the users, so that whoever is deleted in between is in both lists, and not in neither.
            let n_deleted =
                self.keep(&PageOf::Deleted, self.client.deleted_users(&needs.fields), |_| ()).await?;
            Ok::<_, MirrorError>((n_users, n_deleted))
        };
        let ((rosters, mut n_pages, warnings), people, domains, org_units, schemas) = futures::try_join!(
            self.groups(needs).boxed(),
            people.boxed(),
            self.keep(&PageOf::Domains, self.client.domains(), |_| ()).boxed(),
            self.keep(&PageOf::OrgUnits, self.client.org_units(), |_| ()).boxed(),
            self.keep(&PageOf::Schemas, self.client.schemas(), |_| ()).boxed(),
        )?;
        n_pages.extend([
            (PageOf::Users, people.0),
            (PageOf::Deleted, people.1),
            (PageOf::Domains, domains),
            (PageOf::OrgUnits, org_units),
            (PageOf::Schemas, schemas),
        ]);
        Ok(Fetched { rosters, n_pages, warnings })
    }

    /// The groups, and who is in those that matter. Which groups are in a group is known once its members are listed.
    async fn groups(&self, needs: &Needs) -> Result<Rosters, MirrorError> {
        let mut sizes = BTreeMap::new();
        let mut needs = needs.clone();
        let note = |group: &Group| {
            let id = GroupId::new(group.id.as_deref().unwrap_or_default());
            needs.see(id.clone(), group.email.as_deref().unwrap_or_default());
            sizes.insert(id, group.direct_members_count);
        };
        let n_groups = self.keep(&PageOf::Groups, self.client.groups(), note).await?;
        let mut n_pages = BTreeMap::from([(PageOf::Groups, n_groups)]);
        let (mut rosters, mut children, mut warnings) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut asked_for = BTreeSet::new();
        loop {
            // A group that is not listed is not there to be asked about: it is missing.
            let is_there = |group: &GroupId| sizes.contains_key(group) && !asked_for.contains(group);
            let wanted: Vec<GroupId> = needs.reach(&children).into_iter().filter(is_there).collect();
            if wanted.is_empty() {
                return Ok((rosters, n_pages, warnings));
            }
            asked_for.extend(wanted.iter().cloned());
            for some in wanted.chunks(GROUPS_TOGETHER) {
                let mut asked = Vec::with_capacity(some.len());
                for group in some {
                    asked.push(self.members(group).boxed());
                }
                let answers: Vec<_> = stream::iter(asked).buffer_unordered(GROUPS_AT_ONCE).collect().await;
                for (group, answer) in answers {
                    match answer {
                        Ok((n, nested)) => {
                            n_pages.insert(PageOf::Members(group.as_str().to_owned()), n);
                            rosters.insert(group.clone(), sizes.get(&group).copied().flatten());
                            children.insert(group, nested);
                        }
                        Err(MirrorError::Google(error)) if error.is_of_one() => {
                            warnings.push(format!("who is in the group {group} stays as it was: {error}"));
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }

    /// Who is in a group; says how many pages they fill, and which groups are.
    async fn members(&self, group: &GroupId) -> (GroupId, Result<(u32, BTreeSet<GroupId>), MirrorError>) {
        let mut nested = BTreeSet::new();
        let note = |member: &Member| {
            if member.member_kind() == Some(MemberKind::Group) {
                nested.extend(member.id.as_deref().map(GroupId::new));
            }
        };
        let of = PageOf::Members(group.as_str().to_owned());
        let kept = self.keep(&of, self.client.members(group.as_str()), note).await;
        (group.clone(), kept.map(|n| (n, nested)))
    }

    /// Reads a list to its end, each page into the store. Returns how many there were.
    async fn keep<T: Identified>(
        &self,
        of: &PageOf,
        mut pages: Pages<'_, T>,
        mut note: impl FnMut(&T),
    ) -> Result<u32, MirrorError> {
        let mut n = 0;
        loop {
            let asked_at = self.clock.now();
            let Some(page) = pages.next().await? else { return Ok(n) };
            page.items.iter().for_each(&mut note);
            let page = ListingPage { asked_at, resources: page.items.iter().map(resource).collect() };
            let mut tx = self.store.begin("engine::mirror::fetch").await?;
            let now = self.clock.now();
            let is_ours = listing::put(&mut tx, self.directory, self.listing, of, n, &page, now).await?;
            tx.commit().await?;
            if !is_ours {
                return Err(MirrorError::Superseded(self.name.to_owned()));
            }
            n += 1;
        }
    }
}

/// The groups whose members were listed, with their sizes; how many pages that took; what went wrong with others.
type Rosters = (BTreeMap<GroupId, Option<u64>>, BTreeMap<PageOf, u32>, Vec<String>);

fn resource<T: Identified>(item: &T) -> Map<String, Json> {
    match serde_json::to_value(item) {
        Ok(Json::Object(resource)) => resource,
        Ok(_) | Err(_) => unreachable!("invariant: a resource is written as a JSON object"),
    }
}
